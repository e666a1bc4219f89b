//! Strokes become paint: a tile of the finished picture at a time, at any size.

use super::manner::Manner;
use super::noise::{hash, noise, smooth, unit};
use super::pyramid::Rgb;
use super::strokes::Stroke;
use crate::base::{PixelRect, Point};

/// Paint on a part of the ground.
pub(super) struct Wet {
    /// In pixels of the finished picture; may reach beyond it by some.
    left: i64,
    top: i64,
    width: usize,
    height: usize,
    colours: Vec<Rgb>,
    /// How thick the paint lies, in pixels.
    heights: Vec<f32>,
    /// For the stroke in hand: where each pixel lies on it.
    on_stroke: Vec<OnStroke>,
    n_strokes: u32,
}

/// Where a pixel lies on a stroke.
#[derive(Clone, Copy, Default)]
struct OnStroke {
    /// The stroke that this was noted for.
    stroke: u32,
    /// From the nearest place on its path, squared.
    distance: f32,
    /// From its beginning; less than 0 before it.
    along: f32,
    /// From its path: to the right is positive.
    across: f32,
}

impl Wet {
    /// The ground, of a colour for each place.
    pub(super) fn new(
        [left, top]: [i64; 2],
        [width, height]: [usize; 2],
        ground: impl Fn(i64, i64) -> Rgb,
    ) -> Self {
        let places = (0..height).flat_map(|y| (0..width).map(move |x| (x as i64, y as i64)));
        let colours = places.map(|(x, y)| ground(left + x, top + y)).collect();
        let n = width * height;
        let (heights, on_stroke) = (vec![0.0; n], vec![OnStroke::default(); n]);
        Self { left, top, width, height, colours, heights, on_stroke, n_strokes: 0 }
    }

    /// Lays a stroke, whose places are those of the picture; `scale` are pixels of the finished one for one of these.
    pub(super) fn lay(&mut self, stroke: &Stroke, scale: f32, manner: &Manner) {
        let brush = Brush::new(stroke, scale, manner);
        self.n_strokes += 1;
        let Some(touched) = self.measure(&brush) else { return };
        for y in touched.top..touched.bottom {
            for x in touched.left..touched.right {
                let idx = y as usize * self.width + x as usize;
                let place = self.on_stroke[idx];
                if place.stroke != self.n_strokes {
                    continue;
                }
                let Paint { cover, body, colour, height } = brush.paint_at(place);
                if cover <= 0.0 {
                    continue;
                }
                let old = &mut self.colours[idx];
                *old = std::array::from_fn(|it| old[it] + (colour[it] - old[it]) * cover);
                // New paint lies on what was there, and levels it.
                let below = &mut self.heights[idx];
                *below += (height + 0.4 * *below - *below) * body;
            }
        }
    }

    /// Notes where pixels lie on the stroke. Returns the part that may be touched, in places of this one.
    fn measure(&mut self, brush: &Brush<'_>) -> Option<PixelRect> {
        let mut touched: Option<PixelRect> = None;
        let mut along = 0.0;
        let n_parts = brush.points.len() - 1;
        for (idx, pair) in brush.points.windows(2).enumerate() {
            let (from, to) = (pair[0], pair[1]);
            let len = from.distance(to).max(1e-3);
            let direction = Point::new((to.x - from.x) / len, (to.y - from.y) / len);
            let part = self.part([
                from.x.min(to.x) - brush.radius,
                from.y.min(to.y) - brush.radius,
                from.x.max(to.x) + brush.radius,
                from.y.max(to.y) + brush.radius,
            ]);
            for y in part.top..part.bottom {
                for x in part.left..part.right {
                    let pos_x = (self.left + i64::from(x)) as f32 + 0.5 - from.x;
                    let pos_y = (self.top + i64::from(y)) as f32 + 0.5 - from.y;
                    // Both ends go on straight by the brush's half.
                    let first = if idx == 0 { -brush.radius } else { 0.0 };
                    let last = if idx + 1 == n_parts { len + brush.radius } else { len };
                    let forth = (pos_x * direction.x + pos_y * direction.y).clamp(first, last);
                    let (away_x, away_y) =
                        (pos_x - forth * direction.x, pos_y - forth * direction.y);
                    let distance = away_x * away_x + away_y * away_y;
                    if brush.radius * brush.radius <= distance {
                        continue;
                    }
                    let here = &mut self.on_stroke[y as usize * self.width + x as usize];
                    if here.stroke != self.n_strokes || distance < here.distance {
                        let side = (direction.x * away_y - direction.y * away_x).signum();
                        *here = OnStroke {
                            stroke: self.n_strokes,
                            distance,
                            along: along + forth,
                            across: side * distance.sqrt(),
                        };
                    }
                }
            }
            if !part.is_empty() {
                touched = Some(touched.map_or(part, |it| it.union(part)));
            }
            along += len;
        }
        touched
    }

    /// The places of this one inside of left, top, right, bottom in the finished picture.
    fn part(&self, [left, top, right, bottom]: [f32; 4]) -> PixelRect {
        let within =
            |at: f32, from: i64, len: usize| (at as i64 - from).clamp(0, len as i64) as u32;
        PixelRect::new(
            within(left.floor(), self.left, self.width),
            within(top.floor(), self.top, self.height),
            within(right.ceil(), self.left, self.width),
            within(bottom.ceil(), self.top, self.height),
        )
    }

    /// What is seen of it at a place with all neighbours: light comes from the upper left.
    pub(super) fn lit(&self, x: usize, y: usize, relief: f32) -> Rgb {
        const LIGHT: [f32; 3] = [-0.45, -0.55, 0.70];
        let height = |x: usize, y: usize| self.heights[y * self.width + x];
        let slope_x = 0.5 * (height(x + 1, y) - height(x - 1, y)) * relief;
        let slope_y = 0.5 * (height(x, y + 1) - height(x, y - 1)) * relief;
        let len = (slope_x * slope_x + slope_y * slope_y + 1.0).sqrt();
        let facing = (LIGHT[2] - LIGHT[0] * slope_x - LIGHT[1] * slope_y) / len;
        let colour = self.colours[y * self.width + x];
        // White cannot shine, so that its shadows are to be faint, too.
        let mean = (colour[0] + colour[1] + colour[2]) / 3.0;
        let light = 1.0 + ((facing / LIGHT[2]).clamp(0.55, 1.35) - 1.0) * (1.0 - 0.6 * mean * mean);
        let shine = 0.12 * relief * (facing - 0.88).max(0.0) * 8.0;
        colour.map(|it| (it * light + shine * (1.0 - it)).clamp(0.0, 1.0))
    }
}

/// A bristle is at least so wide; broader brushes have broader ones.
const BRISTLE_PIXELS: f32 = 3.0;

/// What a stroke leaves on a pixel.
struct Paint {
    /// How much of it is covered.
    cover: f32,
    /// How much of the paint's thickness is there: it rises from the edge.
    body: f32,
    colour: Rgb,
    /// In pixels.
    height: f32,
}

/// A stroke, ready to be laid at the finished size.
struct Brush<'a> {
    points: Vec<Point>,
    radius: f32,
    length: f32,
    colour: Rgb,
    seed: u64,
    n_bristles: f32,
    manner: &'a Manner,
}

impl<'a> Brush<'a> {
    fn new(stroke: &Stroke, scale: f32, manner: &'a Manner) -> Self {
        let points: Vec<Point> = rounded(&stroke.points)
            .into_iter()
            .map(|it| Point::new(it.x * scale, it.y * scale))
            .collect();
        let radius = 0.5 * stroke.width * scale;
        let length = points.windows(2).map(|it| it[0].distance(it[1])).sum();
        let n_bristles = (2.0 * radius / BRISTLE_PIXELS).clamp(4.0, 48.0);
        Self {
            points,
            radius,
            length,
            colour: stroke.colour,
            seed: stroke.seed,
            n_bristles,
            manner,
        }
    }

    fn paint_at(&self, place: OnStroke) -> Paint {
        let across = place.across / self.radius;
        let along = place.along / (2.0 * self.radius);
        let share = place.along / self.length.max(1e-3);
        let bristle = noise(self.seed, 0.5 * self.n_bristles * (across + 1.0), 0.35 * along);
        let fine = noise(self.seed ^ 0x55, self.n_bristles * (across + 1.0), 0.8 * along);

        // Its edge is as ragged as bristles are, and each of them sets down and lifts where it likes.
        let edge = 1.0
            - across.abs()
            - 0.10 * (1.0 + noise(self.seed ^ 0xaa, 1.3 * along, across.signum()));
        let bow = 0.9 * (1.0 - across * across).max(0.0).sqrt();
        let start = 2.0 * along
            + bow * (0.75 + 0.25 * noise(self.seed ^ 0x11, 0.7 * self.n_bristles * across, 0.5));
        let lift = 0.5 * bow * (1.0 + noise(self.seed ^ 0x22, 0.7 * self.n_bristles * across, 0.5));
        let end = (self.length - place.along) / self.radius + lift;
        let soft = (1.2 / self.radius).min(0.5);
        let to_edge = edge.min(start).min(end) / soft;
        let inside = smooth(0.5 + to_edge);
        let inner = smooth(0.35 * to_edge);
        // Paint runs out: at the end, and at the edges, only some bristles still leave any.
        let load =
            1.0 - self.manner.dryness * (share * share + 0.35 * across * across * across * across);
        let left = smooth(0.5 + 3.0 * (load - 0.42 + 0.42 * (0.7 * bristle + 0.3 * fine)));
        let cover = inside * left * (1.0 - self.manner.thinness);
        let body = inner * left * (1.0 - self.manner.thinness);

        let streak = self.manner.streaks * (0.7 * bristle + 0.3 * fine);
        let colour = self.colour.map(|it| it + streak);
        // Bristles leave furrows, and the brush pushes paint to its sides and its end.
        let rim = smooth((across.abs() - 0.55) / 0.35) * (1.0 - smooth((across.abs() - 0.9) / 0.1));
        let ridge = smooth((share - 0.75) / 0.25);
        let furrows = 0.6 + 0.13 * bristle + 0.26 * fine + 0.35 * rim + 0.25 * ridge;
        let bristle_width = 2.0 * self.radius / self.n_bristles;
        Paint { cover, body, colour, height: self.manner.thickness * bristle_width * furrows }
    }
}

/// The same path with corners cut, twice (Chaikin, "An algorithm for high-speed curve generation", 1974).
fn rounded(points: &[Point]) -> Vec<Point> {
    let cut = |points: &[Point]| {
        let (Some(&first), Some(&last)) = (points.first(), points.last()) else {
            return Vec::new();
        };
        let inner =
            points.windows(2).flat_map(|it| [it[0].toward(it[1], 0.25), it[0].toward(it[1], 0.75)]);
        std::iter::once(first).chain(inner).chain(std::iter::once(last)).collect::<Vec<Point>>()
    };
    if points.len() < 3 { points.to_vec() } else { cut(&cut(points)) }
}

/// The weave of a canvas, from −1 to 1, at a place of the finished picture.
pub(super) fn weave(seed: u64, x: i64, y: i64) -> f32 {
    const THREAD: f32 = 5.0;
    let (col, row) = ((x as f32 / THREAD).floor() as i64, (y as f32 / THREAD).floor() as i64);
    let is_over = (col + row) & 1 == 0;
    let along = if is_over { x as f32 } else { y as f32 } / THREAD;
    let bump = (std::f32::consts::PI * (along - along.floor())).sin();
    (bump - 0.6) * (0.7 + 0.6 * unit(hash(seed, col, row)))
}
