//! Which strokes a picture is painted with: in layers, from a broad brush to a fine one, each stroke along the forms
//! until the colour is another one (Hertzmann, "Painterly rendering with curved brush strokes of multiple sizes", 1998).
//!
//! Whether there is a stroke, and where it runs, depends on the picture near it and on nothing else: not on strokes
//! painted before, so that what is edited changes strokes near it alone, and strokes can be planned side by side.

use rayon::prelude::*;

use super::flow::Flow;
use super::manner::Manner;
use super::noise::{hash, unit};
use super::pyramid::{Pyramid, Rgb, apart};
use crate::base::Point;

/// Points of a stroke at most, to each side of where it begins.
const MAX_STEPS: usize = 12;

/// Of its width: how far apart the points of a stroke are.
const STEP: f32 = 0.6;

/// One stroke, in pixels of the picture that it paints.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Stroke {
    /// From its beginning to its end; at least two.
    pub(super) points: Vec<Point>,
    pub(super) width: f32,
    pub(super) colour: Rgb,
    /// Of its bristles.
    pub(super) seed: u64,
}

impl Stroke {
    /// Left, top, right, bottom of all that it may touch.
    pub(super) fn bounds(&self) -> [f32; 4] {
        let reach = 0.5 * self.width + 1.0;
        self.points.iter().fold([f32::MAX, f32::MAX, f32::MIN, f32::MIN], |[l, t, r, b], it| {
            [l.min(it.x - reach), t.min(it.y - reach), r.max(it.x + reach), b.max(it.y + reach)]
        })
    }
}

/// All strokes, in the order in which they are painted.
pub(super) fn plan(pyramid: &Pyramid, manner: &Manner, seed: u64) -> Vec<Stroke> {
    let coarsest = pyramid.levels.len() - 1;
    let layers = (0..manner.n_layers.min(coarsest)).map(|layer| {
        let level = coarsest - layer;
        Layer {
            level,
            width: manner.width * pyramid.levels[level].step,
            is_first: layer == 0,
            pyramid,
            flow: Flow::new(
                &pyramid.colours(level.saturating_sub(1)),
                hash(seed, 11, 0),
                pyramid.levels[coarsest].step * 12.0,
            ),
            manner,
            seed: hash(seed, layer as i64, 1),
        }
    });
    layers.flat_map(|it| it.strokes()).collect()
}

/// The strokes of one brush.
struct Layer<'a> {
    /// What the brush sees of the picture.
    level: usize,
    width: f32,
    /// It covers everything; later ones paint what is missing.
    is_first: bool,
    pyramid: &'a Pyramid,
    flow: Flow,
    manner: &'a Manner,
    seed: u64,
}

impl Layer<'_> {
    fn strokes(&self) -> Vec<Stroke> {
        let picture = &self.pyramid.levels[0];
        let spacing = self.width * self.manner.spacing;
        let cols = (picture.width as f32 / spacing).ceil() as i64;
        let rows = (picture.height as f32 / spacing).ceil() as i64;
        let places = (0..rows * cols).into_par_iter().map(|it| (it % cols, it / cols));
        let mut strokes: Vec<(u64, Stroke)> = places
            .filter_map(|(x, y)| {
                let chance = hash(self.seed, x, y);
                let stroke =
                    self.stroke_at(x as f32 * spacing, y as f32 * spacing, spacing, chance)?;
                Some((chance, stroke))
            })
            .collect();
        // Not row by row, as a roof is tiled. Of the same chance for the same place, whatever is painted elsewhere.
        strokes.sort_unstable_by_key(|it| it.0);
        strokes.into_iter().map(|it| it.1).collect()
    }

    /// The stroke of one square of the layer's grid, if it has one.
    fn stroke_at(&self, left: f32, top: f32, side: f32, chance: u64) -> Option<Stroke> {
        let jitter = |n: i64| unit(hash(chance, n, 0));
        let start = if self.is_first {
            Point::new(left + side * jitter(1), top + side * jitter(2))
        } else {
            self.worst_in(left, top, side, chance)?
        };
        if self.pyramid.alpha(self.level, start) <= 0.0 {
            return None;
        }
        let points = self.path(start, chance);
        let middle = points[points.len() / 2];
        let seen = self.pyramid.colour(self.level, middle);
        let light = self.manner.colour_jitter * (2.0 * jitter(3) - 1.0);
        let tint = std::array::from_fn(|it| {
            let own = 0.5 * self.manner.colour_jitter * (2.0 * jitter(4 + it as i64) - 1.0);
            (seen[it] + light + own).clamp(0.0, 1.0)
        });
        Some(Stroke {
            points,
            width: self.width * (0.8 + 0.4 * jitter(8)),
            colour: tint,
            seed: chance,
        })
    }

    /// Where the broader brush before has missed most, if that is worth a stroke.
    fn worst_in(&self, left: f32, top: f32, side: f32, chance: u64) -> Option<Point> {
        const TRIES: i64 = 3;
        let places = (0..TRIES * TRIES).map(|it| {
            let jitter = |n: i64| unit(hash(chance, 20 + n, it));
            let (col, row) = ((it % TRIES) as f32, (it / TRIES) as f32);
            let x = left + side * (col + jitter(0)) / TRIES as f32;
            let y = top + side * (row + jitter(1)) / TRIES as f32;
            let pos = Point::new(x, y);
            let [now, before] = [0, 1].map(|it| self.pyramid.colour(self.level + it, pos));
            (apart(now, before), pos)
        });
        let (missed, pos) = places.max_by(|a, b| a.0.total_cmp(&b.0))?;
        (self.manner.tolerance < missed).then_some(pos)
    }

    /// Along the forms, both ways, until the colour is another one.
    fn path(&self, start: Point, chance: u64) -> Vec<Point> {
        let colour = self.pyramid.colour(self.level, start);
        let along = self.flow.direction(start);
        let sign = if chance & 1 == 0 { 1.0 } else { -1.0 };
        let along = Point::new(along.x * sign, along.y * sign);
        let length = self.manner.length * (0.6 + 0.8 * unit(hash(chance, 9, 0)));
        let n_steps = ((length / STEP / 2.0) as usize).clamp(1, MAX_STEPS);
        let mut points = self.arm(start, Point::new(-along.x, -along.y), colour, n_steps);
        points.reverse();
        points.push(start);
        points.extend(self.arm(start, along, colour, n_steps));
        if points.len() < 2 {
            // A dab.
            let half = 0.35 * self.width;
            points = [-half, half]
                .map(|it| Point::new(start.x + along.x * it, start.y + along.y * it))
                .to_vec();
        }
        points
    }

    fn arm(&self, start: Point, mut along: Point, colour: Rgb, n_steps: usize) -> Vec<Point> {
        let step = STEP * self.width;
        let (mut pos, mut points) = (start, Vec::with_capacity(n_steps));
        for _ in 0..n_steps {
            let mut next = self.flow.direction(pos);
            let turn = next.x * along.x + next.y * along.y;
            if turn < 0.0 {
                next = Point::new(-next.x, -next.y);
            }
            // A brush does not turn at once.
            let bend = self.manner.stiffness;
            let (x, y) =
                (bend * along.x + (1.0 - bend) * next.x, bend * along.y + (1.0 - bend) * next.y);
            let len = x.hypot(y).max(1e-3);
            along = Point::new(x / len, y / len);
            pos = Point::new(pos.x + along.x * step, pos.y + along.y * step);
            if self.manner.tolerance.max(0.03) * 1.5
                < apart(self.pyramid.colour(self.level, pos), colour)
            {
                break;
            }
            points.push(pos);
        }
        points
    }
}
