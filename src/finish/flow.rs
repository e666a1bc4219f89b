//! Where strokes run: along the forms of a picture.

use super::noise::noise;
use super::pyramid::{Grid, Rgb};
use crate::base::Point;

/// How strongly strokes keep to a way of their own where the picture has none: the length of a gradient, squared.
const OWN_WAY: f32 = 2e-5;

/// Directions in a picture, at one of its sizes.
#[derive(Debug)]
pub(super) struct Flow {
    /// The structure tensor: the products xx, xy, yy of gradients, smoothed over some values (Förstner and Gülch, "A fast
    /// operator for detection and precise location of distinct points", 1987).
    tensor: Grid<[f32; 3]>,
    seed: u64,
    /// Over which strokes of their own way turn, in pixels of the picture.
    wave: f32,
}

impl Flow {
    pub(super) fn new(level: &Grid<Rgb>, seed: u64, wave: f32) -> Self {
        let products = level.map(|x, y| {
            let [x_gradient, y_gradient] = gradient(level, x, y);
            let product = |a: Rgb, b: Rgb| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>() / 3.0;
            [
                product(x_gradient, x_gradient),
                product(x_gradient, y_gradient),
                product(y_gradient, y_gradient),
            ]
        });
        // Some binomial smoothing; one value looks about four far.
        let tensor = (0..4).fold(products, |it, _| smoothed(&it));
        Self { tensor, seed, wave }
    }

    /// The direction along the forms at a place: a vector of length 1, or its opposite.
    pub(super) fn direction(&self, pos: Point) -> Point {
        let [mut xx, mut xy, mut yy] = self.tensor.sample(pos);
        let turn =
            std::f32::consts::FRAC_PI_2 * noise(self.seed, pos.x / self.wave, pos.y / self.wave);
        let (sin, cos) = turn.sin_cos();
        // As if there were a faint gradient across the stroke's own way.
        xx += OWN_WAY * sin * sin;
        xy -= OWN_WAY * sin * cos;
        yy += OWN_WAY * cos * cos;
        // The eigenvector of the smaller eigenvalue.
        let angle = 0.5 * (2.0 * xy).atan2(xx - yy) + std::f32::consts::FRAC_PI_2;
        Point::new(angle.cos(), angle.sin())
    }
}

/// By Scharr's filter, per value.
fn gradient(level: &Grid<Rgb>, x: isize, y: isize) -> [Rgb; 2] {
    const SIDE: f32 = 3.0 / 32.0;
    const MIDDLE: f32 = 10.0 / 32.0;
    let at = |dx: isize, dy: isize| level.at(x + dx, y + dy);
    let across = [(-1, SIDE), (0, MIDDLE), (1, SIDE)];
    let mut gradients = [[0.0; 3]; 2];
    for (place, weight) in across {
        let (left, right) = (at(-1, place), at(1, place));
        let (above, below) = (at(place, -1), at(place, 1));
        for channel in 0..3 {
            gradients[0][channel] += weight * (right[channel] - left[channel]);
            gradients[1][channel] += weight * (below[channel] - above[channel]);
        }
    }
    gradients
}

fn smoothed(grid: &Grid<[f32; 3]>) -> Grid<[f32; 3]> {
    let mean = |a: [f32; 3], b: [f32; 3], c: [f32; 3]| {
        std::array::from_fn(|it| 0.25 * a[it] + 0.5 * b[it] + 0.25 * c[it])
    };
    let across = grid.map(|x, y| mean(grid.at(x - 1, y), grid.at(x, y), grid.at(x + 1, y)));
    across.map(|x, y| mean(across.at(x, y - 1), across.at(x, y), across.at(x, y + 1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strokes_run_along_an_edge() {
        for degrees in [0.0_f32, 30.0, 90.0, 145.0] {
            let (sin, cos) = degrees.to_radians().sin_cos();
            let values = (0..32 * 32).map(|it| {
                let (x, y) = ((it % 32) as f32 - 16.0, (it / 32) as f32 - 16.0);
                [(0.5 + 0.2 * (y * cos - x * sin)).clamp(0.0, 1.0); 3]
            });
            let level = Grid { width: 32, height: 32, step: 2.0, values: values.collect() };
            let found = Flow::new(&level, 1, 100.0).direction(Point::new(32.0, 32.0));
            let along = (found.x * cos + found.y * sin).abs();
            assert!(0.99 < along, "{degrees}: {found:?}");
        }
    }

    #[test]
    fn where_there_are_no_forms_strokes_go_their_own_way_and_turn_slowly() {
        let level = Grid { width: 64, height: 64, step: 1.0, values: vec![[0.5; 3]; 64 * 64] };
        let flow = Flow::new(&level, 7, 40.0);
        let near = |x: f32| {
            let (a, b) =
                (flow.direction(Point::new(x, 9.0)), flow.direction(Point::new(x + 1.0, 9.0)));
            (a.x * b.x + a.y * b.y).abs()
        };
        assert!((0..60).all(|it| 0.97 < near(it as f32)));
        let [a, b] = [Point::new(5.0, 5.0), Point::new(60.0, 50.0)].map(|it| flow.direction(it));
        assert!((a.x * b.x + a.y * b.y).abs() < 0.999);
    }
}
