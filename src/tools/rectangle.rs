//! The rectangle selection, from corner to corner.
//! Yields two corners; what they enclose is the shape's affair.

use crate::base::Point;

use super::state::{Pointer, Shape};

/// The rectangle selection, and where it is in its gesture.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum RectangleTool {
    #[default]
    Ready,
    Dragging {
        from: Point,
        to: Point,
    },
}

impl RectangleTool {
    /// The state after `pointer`, and the shape that it completed, if any.
    #[must_use]
    pub fn after(self, pointer: Pointer) -> (Self, Option<Shape>) {
        match (self, pointer) {
            (Self::Ready, Pointer::Down(pos)) => (Self::Dragging { from: pos, to: pos }, None),
            (Self::Dragging { from, .. }, Pointer::Move(to)) => (Self::Dragging { from, to }, None),
            (Self::Dragging { from, .. }, Pointer::Up(to)) => {
                (Self::Ready, Some(Shape::Rectangle(from, to)))
            }
            (Self::Dragging { .. }, Pointer::Cancel) => (Self::Ready, None),
            (unmoved, _) => (unmoved, None),
        }
    }

    /// The corners so far, clockwise or counter-clockwise.
    #[must_use]
    pub fn outline(&self) -> Vec<Point> {
        match *self {
            Self::Ready => Vec::new(),
            Self::Dragging { from, to } => {
                vec![from, Point::new(to.x, from.y), to, Point::new(from.x, to.y)]
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: Point = Point::new(1.0, 2.0);
    const B: Point = Point::new(5.0, 9.0);

    #[test]
    fn a_rectangle_follows_the_pointer() {
        let (tool, _) = RectangleTool::Ready.after(Pointer::Down(A));
        let (tool, shape) = tool.after(Pointer::Move(B));
        assert_eq!(shape, None);
        assert_eq!(tool.outline(), [A, Point::new(5.0, 2.0), B, Point::new(1.0, 9.0)]);
        assert_eq!(
            tool.after(Pointer::Up(B)),
            (RectangleTool::Ready, Some(Shape::Rectangle(A, B)))
        );
    }

    #[test]
    fn a_cancelled_rectangle_selects_nothing() {
        let (tool, _) = RectangleTool::Ready.after(Pointer::Down(A));
        assert_eq!(tool.after(Pointer::Cancel), (RectangleTool::Ready, None));
    }
}
