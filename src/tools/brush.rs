//! The brush and the eraser, from press to release.
//! Yields the points of a stroke; the paint is somebody else's.

use crate::base::Point;

use super::state::{Gesture, Pointer};

/// Points nearer than this to the last one are left out: they are the hand's tremor, and would
/// make the curve turn on the spot.
pub(super) const TREMOR_PX: f32 = 0.5;

/// The brush, and where it is in its gesture.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum BrushTool {
    #[default]
    Ready,
    Drawing {
        last: Point,
    },
}

impl BrushTool {
    /// The state after `pointer`, and what comes of it, if anything.
    #[must_use]
    pub fn after(self, pointer: Pointer) -> (Self, Option<Gesture>) {
        match (self, pointer) {
            (Self::Ready, Pointer::Down(pos)) => {
                (Self::Drawing { last: pos }, Some(Gesture::StrokeBegun(pos)))
            }
            (Self::Drawing { last }, Pointer::Move(pos)) if TREMOR_PX <= last.distance(pos) => {
                (Self::Drawing { last: pos }, Some(Gesture::StrokeExtended(pos)))
            }
            (Self::Drawing { .. }, Pointer::Up(_)) => (Self::Ready, Some(Gesture::StrokeEnded)),
            (Self::Drawing { .. }, Pointer::Cancel) => {
                (Self::Ready, Some(Gesture::StrokeCancelled))
            }
            (unmoved, _) => (unmoved, None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(pointers: &[Pointer], expected: &[Gesture]) {
        let mut tool = BrushTool::Ready;
        let mut gestures = Vec::new();
        for &pointer in pointers {
            let (next, gesture) = tool.after(pointer);
            tool = next;
            gestures.extend(gesture);
        }
        assert_eq!(gestures, expected);
    }

    #[test]
    fn a_stroke_goes_from_press_to_release() {
        let [a, b, c] = [1.0, 2.0, 3.0].map(|x| Point::new(x, 0.0));
        check(
            &[Pointer::Move(c), Pointer::Down(a), Pointer::Move(b), Pointer::Up(b)],
            &[Gesture::StrokeBegun(a), Gesture::StrokeExtended(b), Gesture::StrokeEnded],
        );
    }

    #[test]
    fn a_trembling_hand_adds_no_points_but_a_slow_one_does() {
        let [a, b, c] = [1.0, 1.3, 1.6].map(|x| Point::new(x, 0.0));
        check(
            &[Pointer::Down(a), Pointer::Move(b), Pointer::Move(c)],
            &[Gesture::StrokeBegun(a), Gesture::StrokeExtended(c)],
        );
    }

    #[test]
    fn a_second_press_does_not_begin_a_second_stroke() {
        let a = Point::new(1.0, 1.0);
        check(
            &[Pointer::Down(a), Pointer::Down(a), Pointer::Cancel, Pointer::Up(a)],
            &[Gesture::StrokeBegun(a), Gesture::StrokeCancelled],
        );
    }
}
