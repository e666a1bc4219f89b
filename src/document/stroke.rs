//! Strokes: a brush that follows a hand.
//! A stroke is drawn point by point, and at each point looks as if it ended there.

use crate::base::{Mask, PixelRect, Pixmap, Point};

use super::blend::scaled;
use super::brush::BrushStyle;
use super::dab::{Profile, Sweep};

/// How far the straight pieces of a curve may stray from it, in pixels: too little to be seen.
const TOLERANCE_PX: f32 = 0.1;

/// Enough for the widest bend that a hand makes between two points.
const MAX_PIECES: f32 = 64.0;

/// A brush and its way.
#[derive(Clone, Debug, PartialEq)]
pub struct Stroke {
    pub style: BrushStyle,
    pub points: Vec<Point>,
}

impl Stroke {
    /// Draws the whole stroke, within `clip` if there is one, and returns what may have changed.
    pub fn draw(&self, layer: &mut Pixmap, clip: Option<&Mask>) -> PixelRect {
        let mut stroke = StrokeInProgress::begin(layer, self.style, clip.cloned());
        for &point in &self.points {
            stroke.extend(layer, point);
        }
        stroke.finish().area
    }
}

/// What a finished stroke leaves behind, besides its paint.
#[derive(Clone, Debug)]
pub struct StrokeDone {
    pub stroke: Stroke,
    /// The layer without the stroke.
    pub before: Pixmap,
    /// All pixels that may have changed.
    pub area: PixelRect,
}

/// A stroke under the artist's hand.
///
/// The curve runs smoothly through the middles between points; from the last middle to the last
/// point runs a straight tail, which the next point replaces. Paint is always laid on the layer as
/// it was before the stroke, so that opacity does not add up where the stroke crosses itself.
#[derive(Clone, Debug)]
pub struct StrokeInProgress {
    style: BrushStyle,
    clip: Option<Mask>,
    /// Whether colours change alone, not how much paint there is.
    keeps_alpha: bool,
    before: Pixmap,
    points: Vec<Point>,
    /// What the curve covers, without the tail. Invariant: one value per pixel, row by row.
    coverage: Vec<u8>,
    tail: Option<Sweep>,
    area: PixelRect,
}

impl StrokeInProgress {
    /// Is about to draw on `layer`, and on no other, within `clip` if there is one.
    #[must_use]
    pub fn begin(layer: &Pixmap, style: BrushStyle, clip: Option<Mask>) -> Self {
        Self {
            style,
            clip,
            keeps_alpha: false,
            before: layer.clone(),
            points: Vec::new(),
            coverage: vec![0; layer.width() as usize * layer.height() as usize],
            tail: None,
            area: PixelRect::default(),
        }
    }

    /// The same, but leaves alone how much paint there is.
    #[must_use]
    pub fn keeping_alpha(self, keeps_alpha: bool) -> Self {
        Self { keeps_alpha, ..self }
    }

    /// Goes on to `point`, and returns the pixels that may have changed.
    pub fn extend(&mut self, layer: &mut Pixmap, point: Point) -> PixelRect {
        let old_tail = self.tail.map_or(PixelRect::default(), |it| self.area_of(&it));
        let from = match *self.points.as_slice() {
            [] => point,
            [start] => start.toward(point, 0.5),
            [.., previous, last] => {
                let (from, to) = (previous.toward(last, 0.5), last.toward(point, 0.5));
                self.cover_curve(from, last, to);
                to
            }
        };
        if let [start] = *self.points.as_slice() {
            self.cover(self.sweep(start, from));
        }
        self.points.push(point);

        let tail = self.sweep(from, point);
        self.tail = Some(tail);
        // The new piece of curve lies between the two tails, in the rectangle around both.
        let changed = old_tail.union(self.area_of(&tail));
        self.area = self.area.union(changed);
        self.lay_on(layer, changed);
        changed
    }

    /// The whole stroke is there to stay: it already looks as it should.
    #[must_use]
    pub fn finish(self) -> StrokeDone {
        let stroke = Stroke { style: self.style, points: self.points };
        StrokeDone { stroke, before: self.before, area: self.area }
    }

    /// The layer without the stroke.
    #[must_use]
    pub fn before(&self) -> &Pixmap {
        &self.before
    }

    #[must_use]
    pub const fn n_points(&self) -> usize {
        self.points.len()
    }

    /// All pixels that may have changed so far.
    #[must_use]
    pub const fn area(&self) -> PixelRect {
        self.area
    }

    /// Takes the stroke back, and returns the pixels that may have changed.
    pub fn cancel(self, layer: &mut Pixmap) -> PixelRect {
        *layer = self.before;
        self.area
    }

    fn sweep(&self, from: Point, to: Point) -> Sweep {
        Sweep { profile: Profile::of(&self.style), from, to }
    }

    fn area_of(&self, sweep: &Sweep) -> PixelRect {
        sweep.area(self.before.area())
    }

    /// A quadratic curve, in pieces short enough to look bent.
    fn cover_curve(&mut self, from: Point, control: Point, to: Point) {
        let bend = Point::new(from.x + to.x, from.y + to.y)
            .distance(Point::new(2.0 * control.x, 2.0 * control.y));
        let n_pieces = (bend / (4.0 * TOLERANCE_PX)).sqrt().ceil().clamp(1.0, MAX_PIECES);
        let mut start = from;
        for piece in 1..=n_pieces as u32 {
            let ratio = piece as f32 / n_pieces;
            let end = from.toward(control, ratio).toward(control.toward(to, ratio), ratio);
            self.cover(self.sweep(start, end));
            start = end;
        }
    }

    fn cover(&mut self, sweep: Sweep) {
        let area = self.area_of(&sweep);
        for y in area.top..area.bottom {
            for x in area.left..area.right {
                let value = &mut self.coverage[(y * self.before.width() + x) as usize];
                if *value < 255 {
                    *value = sweep.at(x, y).max(*value);
                }
            }
        }
    }

    fn lay_on(&self, layer: &mut Pixmap, area: PixelRect) {
        layer.update(area, |x, y, _| {
            let curve = self.coverage[(y * self.before.width() + x) as usize];
            let coverage = match self.tail {
                Some(tail) if curve < 255 => tail.at(x, y).max(curve),
                _ => curve,
            };
            let clip = self.clip.as_ref().map_or(255, |it| it.at(x, y));
            let old = self.before.at(x, y);
            if self.keeps_alpha {
                self.style.tinted(old, scaled(coverage, clip))
            } else {
                self.style.laid_on(old, scaled(coverage, clip))
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ZIGZAG: [(f32, f32); 7] = [
        (20.0, 20.0),
        (90.0, 33.0),
        (25.0, 60.0),
        (110.0, 70.0),
        (40.0, 90.0),
        (40.0, 90.0),
        (-9.0, 5.0),
    ];

    fn stroke(points: &[(f32, f32)], style: BrushStyle) -> Stroke {
        Stroke { style, points: points.iter().map(|&(x, y)| Point::new(x, y)).collect() }
    }

    fn sheet() -> Pixmap {
        let mut sheet = Pixmap::new(128, 100);
        sheet.update(PixelRect::new(30, 10, 80, 90), |x, _, _| [x as u8, 90, 10, 200]);
        sheet
    }

    #[test]
    fn at_each_point_a_stroke_looks_as_if_it_ended_there() {
        for erase in [false, true] {
            let style = BrushStyle { opacity: 0.6, erase, ..BrushStyle::default() };
            let mut live = sheet();
            let mut in_progress = StrokeInProgress::begin(&live, style, None);
            for n_points in 1..=ZIGZAG.len() {
                let so_far = stroke(&ZIGZAG[..n_points], style);
                in_progress.extend(&mut live, so_far.points[n_points - 1]);

                let mut at_once = sheet();
                so_far.draw(&mut at_once, None);
                assert_eq!(live.rgba(live.area()), at_once.rgba(live.area()));
            }
        }
    }

    #[test]
    fn nothing_changes_outside_of_the_area_that_is_told() {
        let mut live = sheet();
        let mut in_progress = StrokeInProgress::begin(&live, BrushStyle::default(), None);
        for (x, y) in ZIGZAG {
            let mut expected = live.clone();
            let changed = in_progress.extend(&mut live, Point::new(x, y));
            expected.update(changed, |x, y, _| live.at(x, y));
            assert_eq!(expected.rgba(live.area()), live.rgba(live.area()));
        }
    }

    #[test]
    fn a_stroke_over_itself_does_not_darken() {
        let style = BrushStyle { opacity: 0.5, size: 10.0, ..BrushStyle::default() };
        let there_and_back = [(10.0, 50.0), (100.0, 50.0), (10.0, 50.0), (100.0, 50.0)];
        let mut sheet = Pixmap::new(128, 100);
        stroke(&there_and_back, style).draw(&mut sheet, None);
        assert_eq!(sheet.at(50, 50), [0, 0, 0, 128]);
    }

    #[test]
    fn a_single_point_leaves_a_dot() {
        let mut sheet = Pixmap::new(128, 100);
        let area = stroke(&[(50.0, 50.0)], BrushStyle::default()).draw(&mut sheet, None);
        assert_eq!(sheet.at(50, 50), [0, 0, 0, 255]);
        assert_eq!(area, PixelRect::new(37, 37, 63, 63));
    }

    #[test]
    fn a_selection_holds_the_paint_in() {
        let clip = Mask::from_fn(128, 100, |x, _| if x < 50 { 255 } else { 0 });
        let mut clipped = sheet();
        stroke(&ZIGZAG, BrushStyle::default()).draw(&mut clipped, Some(&clip));
        let right = PixelRect::new(50, 0, 128, 100);
        assert_eq!(clipped.rgba(right), sheet().rgba(right));
        assert_ne!(clipped.rgba(clipped.area()), sheet().rgba(clipped.area()));
    }

    #[test]
    fn a_cancelled_stroke_leaves_no_trace() {
        let mut live = sheet();
        let mut in_progress = StrokeInProgress::begin(&live, BrushStyle::default(), None);
        in_progress.extend(&mut live, Point::new(50.0, 50.0));
        in_progress.cancel(&mut live);
        assert_eq!(live, sheet());
    }

    #[test]
    fn a_curve_passes_smoothly_through_the_middles() {
        let mut sheet = Pixmap::new(128, 100);
        let style = BrushStyle { size: 2.0, ..BrushStyle::default() };
        stroke(&[(10.5, 10.5), (90.5, 10.5), (90.5, 90.5)], style).draw(&mut sheet, None);
        assert_eq!(sheet.at(50, 10)[3], 255);
        assert_eq!(sheet.at(90, 50)[3], 255);
        assert_eq!(sheet.at(80, 20)[3], 255); // the bend
        assert_eq!(sheet.at(90, 10)[3], 0); // the corner that it cuts
    }
}
