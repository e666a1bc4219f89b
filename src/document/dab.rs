//! The mark of a round brush that is moved along a straight line.
//! Knows how much each pixel is covered; knows nothing of colours and layers.

use crate::base::{PixelRect, Point};

use super::brush::BrushStyle;

/// The cross-section of a brush.
#[derive(Clone, Copy, Debug)]
pub(super) struct Profile {
    /// Where coverage ends, in pixels from the middle.
    reach_px: f32,
    /// How far inside of that it is full.
    falloff_px: f32,
}

impl Profile {
    pub(super) fn of(style: &BrushStyle) -> Self {
        let radius = style.size.max(1.0) / 2.0;
        Self {
            // Half a pixel more, and a falloff of one pixel at least: what makes edges smooth.
            reach_px: radius + 0.5,
            falloff_px: (radius * (1.0 - style.hardness.clamp(0.0, 1.0))).max(1.0),
        }
    }

    fn coverage(self, distance_px: f32) -> u8 {
        let depth = ((self.reach_px - distance_px) / self.falloff_px).clamp(0.0, 1.0);
        let smooth = depth * depth * (3.0 - 2.0 * depth);
        (smooth * 255.0 + 0.5) as u8
    }
}

/// A brush moved from one point to another: a dab at every place between, with no gaps and no
/// ripples, since a pixel's coverage depends on its distance from the line alone.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sweep {
    pub(super) profile: Profile,
    pub(super) from: Point,
    pub(super) to: Point,
}

impl Sweep {
    /// How much the pixel is covered, measured at its middle.
    pub(super) fn at(&self, x: u32, y: u32) -> u8 {
        let pos = Point::new(x as f32 + 0.5, y as f32 + 0.5);
        let nearest = self.nearest(pos);
        // Not `distance`: its care for huge numbers would cost more than all the rest here.
        let (dx, dy) = (pos.x - nearest.x, pos.y - nearest.y);
        self.profile.coverage((dx * dx + dy * dy).sqrt())
    }

    /// The point of the line that is nearest to `pos`.
    fn nearest(&self, pos: Point) -> Point {
        let (x, y) = (self.to.x - self.from.x, self.to.y - self.from.y);
        let length_squared = x * x + y * y;
        if length_squared == 0.0 {
            return self.from;
        }
        let along = (pos.x - self.from.x) * x + (pos.y - self.from.y) * y;
        self.from.toward(self.to, (along / length_squared).clamp(0.0, 1.0))
    }

    /// All pixels that may be covered, on a canvas that reaches as far as `canvas`.
    pub(super) fn area(&self, canvas: PixelRect) -> PixelRect {
        let Self { profile: Profile { reach_px, .. }, from, to } = *self;
        // A conversion from a negative number gives 0.
        let area = PixelRect {
            left: (from.x.min(to.x) - reach_px).floor() as u32,
            top: (from.y.min(to.y) - reach_px).floor() as u32,
            right: (from.x.max(to.x) + reach_px).ceil() as u32,
            bottom: (from.y.max(to.y) + reach_px).ceil() as u32,
        };
        area.intersection(canvas)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CANVAS: PixelRect = PixelRect::new(0, 0, 64, 64);

    fn sweep(size: f32, hardness: f32, from: (f32, f32), to: (f32, f32)) -> Sweep {
        let style = BrushStyle { size, hardness, ..BrushStyle::default() };
        let [from, to] = [from, to].map(|(x, y)| Point::new(x, y));
        Sweep { profile: Profile::of(&style), from, to }
    }

    #[test]
    fn nothing_is_covered_outside_of_the_area() {
        let it = sweep(10.0, 0.0, (20.0, 20.0), (30.3, 27.7));
        let area = it.area(CANVAS);
        for y in 0..64 {
            for x in 0..64 {
                let inside =
                    (area.left..area.right).contains(&x) && (area.top..area.bottom).contains(&y);
                assert!(inside || it.at(x, y) == 0, "{x} {y}");
            }
        }
    }

    #[test]
    fn a_sharp_dab_is_as_large_as_it_says() {
        let it = sweep(20.0, 1.0, (32.0, 32.0), (32.0, 32.0));
        let sum: f64 = (0..64 * 64).map(|idx| f64::from(it.at(idx % 64, idx / 64))).sum();
        let expected = std::f64::consts::PI * 100.0;
        assert!((sum / 255.0 - expected).abs() < 0.01 * expected, "{}", sum / 255.0);
    }

    #[test]
    fn a_softer_brush_covers_less_at_its_edge_and_as_much_in_its_middle() {
        let [soft, sharp] = [0.0, 1.0].map(|it| sweep(20.0, it, (32.0, 32.0), (32.0, 32.0)));
        assert_eq!((soft.at(32, 32), sharp.at(32, 32)), (255, 255));
        assert!(soft.at(39, 32) < sharp.at(39, 32));
    }

    #[test]
    fn the_smallest_brush_still_leaves_a_line() {
        let it = sweep(0.1, 1.0, (5.5, 5.5), (15.5, 5.5));
        assert!((5..=15).all(|x| it.at(x, 5) == 255));
    }
}
