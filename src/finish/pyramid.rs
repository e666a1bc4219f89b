//! A picture at its own size, at half of it, at a quarter, and so on: what a brush of each width sees of it.

use crate::base::{PixelRect, Pixmap, Point};

/// Red, green, blue, from 0 to 1.
pub(super) type Rgb = [f32; 3];

/// Values on a raster that is smaller than the picture by a whole power of two.
#[derive(Clone, Debug)]
pub(super) struct Grid<T> {
    pub(super) width: usize,
    pub(super) height: usize,
    /// Pixels of the picture that a value stands for, along each side.
    pub(super) step: f32,
    pub(super) values: Vec<T>,
}

impl<T: Copy> Grid<T> {
    /// At whole places; the outermost values go on outside.
    pub(super) fn at(&self, x: isize, y: isize) -> T {
        let x = x.clamp(0, self.width as isize - 1) as usize;
        let y = y.clamp(0, self.height as isize - 1) as usize;
        self.values[y * self.width + x]
    }

    pub(super) fn map<U>(&self, rule: impl Fn(isize, isize) -> U) -> Grid<U> {
        let (width, height) = (self.width as isize, self.height as isize);
        let values = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        let values = values.map(|(x, y)| rule(x, y)).collect();
        Grid { width: self.width, height: self.height, step: self.step, values }
    }
}

impl<const N: usize> Grid<[f32; N]> {
    /// At a place in the picture, between the four values around it.
    pub(super) fn sample(&self, pos: Point) -> [f32; N] {
        let (x, y) = (pos.x / self.step - 0.5, pos.y / self.step - 0.5);
        let (left, top) = (x.floor(), y.floor());
        let (share_x, share_y) = (x - left, y - top);
        let (left, top) = (left as isize, top as isize);
        let (a, b) = (self.at(left, top), self.at(left + 1, top));
        let (c, d) = (self.at(left, top + 1), self.at(left + 1, top + 1));
        std::array::from_fn(|it| {
            let upper = a[it] + (b[it] - a[it]) * share_x;
            let lower = c[it] + (d[it] - c[it]) * share_x;
            upper + (lower - upper) * share_y
        })
    }

    /// Half as large each way; a value is the binomial mean of four by four.
    pub(super) fn halved(&self) -> Self {
        const WEIGHTS: [f32; 4] = [0.125, 0.375, 0.375, 0.125];
        let (width, height) = (self.width.div_ceil(2), self.height.div_ceil(2));
        let mean = |of: &dyn Fn(isize) -> [f32; N]| {
            let mut sum = [0.0; N];
            for (weight, place) in WEIGHTS.into_iter().zip(-1..) {
                let value = of(place);
                sum.iter_mut().zip(value).for_each(|(sum, it)| *sum += weight * it);
            }
            sum
        };
        let mut across = Vec::with_capacity(width * self.height);
        for y in 0..self.height as isize {
            across.extend((0..width as isize).map(|x| mean(&|it| self.at(2 * x + it, y))));
        }
        let across = Self { width, height: self.height, step: self.step, values: across };
        let mut values = Vec::with_capacity(width * height);
        for y in 0..height as isize {
            values.extend((0..width as isize).map(|x| mean(&|it| across.at(x, 2 * y + it))));
        }
        Self { width, height, step: 2.0 * self.step, values }
    }
}

/// A picture at all its sizes, the largest first.
#[derive(Debug)]
pub(super) struct Pyramid {
    /// Red, green, blue, premultiplied by the last, alpha: what is transparent tints nothing.
    pub(super) levels: Vec<Grid<[f32; 4]>>,
}

/// Where there is less, a brush looks further around for a colour.
const MIN_ALPHA: f32 = 0.02;

const WHITE: Rgb = [1.0; 3];

impl Pyramid {
    /// Of a part of a picture. `n_levels` are at least one.
    pub(super) fn new(picture: &Pixmap, area: PixelRect, n_levels: usize) -> Self {
        let values = picture.values(area).into_iter().map(|[r, g, b, alpha]| {
            let [r, g, b, alpha] = [r, g, b, alpha].map(|it| f32::from(it) / 255.0);
            [r * alpha, g * alpha, b * alpha, alpha]
        });
        let first = Grid {
            width: area.width() as usize,
            height: area.height() as usize,
            step: 1.0,
            values: values.collect(),
        };
        let mut levels = vec![first];
        while levels.len() < n_levels {
            let next = levels[levels.len() - 1].halved();
            levels.push(next);
        }
        Self { levels }
    }

    /// What a brush sees there that sees so much of the picture; where that is nothing, what a broader one sees, or white.
    pub(super) fn colour(&self, level: usize, pos: Point) -> Rgb {
        let seen = self.levels[level.min(self.levels.len() - 1)..].iter();
        seen.map(|it| it.sample(pos)).find_map(straight).unwrap_or(WHITE)
    }

    /// One of its sizes, with straight colours.
    pub(super) fn colours(&self, level: usize) -> Grid<Rgb> {
        let level = &self.levels[level];
        level.map(|x, y| straight(level.at(x, y)).unwrap_or(WHITE))
    }

    /// How opaque the picture is at a place, from 0 to 1.
    pub(super) fn alpha(&self, level: usize, pos: Point) -> f32 {
        self.levels[level].sample(pos)[3]
    }
}

/// `None` where there is hardly anything.
fn straight([r, g, b, alpha]: [f32; 4]) -> Option<Rgb> {
    (MIN_ALPHA < alpha).then(|| [r / alpha, g / alpha, b / alpha])
}

/// How far two colours are apart; 1 is from black to white.
pub(super) fn apart(a: Rgb, b: Rgb) -> f32 {
    let sum: f32 = a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum();
    (sum / 3.0).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_transparent_tints_nothing() {
        let mut picture = Pixmap::new(64, 64);
        picture.update(PixelRect::new(0, 0, 32, 64), |_, _, _| [200, 0, 0, 128]);
        let pyramid = Pyramid::new(&picture, picture.area(), 5);
        for level in 0..5 {
            for x in [3.0, 30.0, 33.0] {
                let [red, green, _] = pyramid.colour(level, Point::new(x, 20.0));
                assert!((red - 200.0 / 255.0).abs() < 1e-3 && green < 1e-3, "{level} {x}: {red}");
            }
        }
        assert_eq!(pyramid.colour(0, Point::new(36.0, 20.0))[1], 0.0, "a broader brush sees red");
    }

    #[test]
    fn every_level_has_the_same_mean_and_is_half_as_large() {
        let mut picture = Pixmap::new(40, 24);
        picture.update(picture.area(), |x, y, _| [(x * 6) as u8, (y * 10) as u8, 50, 255]);
        let pyramid = Pyramid::new(&picture, picture.area(), 4);
        let sizes: Vec<_> =
            pyramid.levels.iter().map(|it| (it.width, it.height, it.step)).collect();
        assert_eq!(sizes, [(40, 24, 1.0), (20, 12, 2.0), (10, 6, 4.0), (5, 3, 8.0)]);
        for level in 0..4 {
            // A slope stays one, but at its ends.
            let [red, green, blue] = pyramid.colour(level, Point::new(20.0, 12.0));
            assert!((red - 19.5 * 6.0 / 255.0).abs() < 0.01, "{red}");
            assert!(
                (green - 11.5 * 10.0 / 255.0).abs() < 0.02 && (blue - 50.0 / 255.0).abs() < 1e-3
            );
        }
    }
}
