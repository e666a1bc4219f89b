//! The lasso, drawn by hand and closed on release.
//! Yields an outline; what it encloses is the shape's affair.

use crate::base::Point;

use super::brush::TREMOR_PX;
use super::state::{Pointer, Shape};

/// The lasso, and where it is in its gesture.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum LassoTool {
    #[default]
    Ready,
    /// Invariant: at least one point.
    Drawing(Vec<Point>),
}

impl LassoTool {
    /// The state after `pointer`, and the shape that it completed, if any.
    #[must_use]
    pub fn after(self, pointer: Pointer) -> (Self, Option<Shape>) {
        match (self, pointer) {
            (Self::Ready, Pointer::Down(pos)) => (Self::Drawing(vec![pos]), None),
            (Self::Drawing(points), Pointer::Move(pos)) => {
                (Self::Drawing(extended(points, pos)), None)
            }
            (Self::Drawing(points), Pointer::Up(pos)) => {
                (Self::Ready, Some(Shape::Lasso(extended(points, pos))))
            }
            (Self::Drawing(_), Pointer::Cancel) => (Self::Ready, None),
            (unmoved, _) => (unmoved, None),
        }
    }

    /// The points so far.
    #[must_use]
    pub fn outline(&self) -> Vec<Point> {
        match self {
            Self::Ready => Vec::new(),
            Self::Drawing(points) => points.clone(),
        }
    }
}

fn extended(mut points: Vec<Point>, pos: Point) -> Vec<Point> {
    if points.last().is_none_or(|last| TREMOR_PX <= last.distance(pos)) {
        points.push(pos);
    }
    points
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lasso_keeps_the_points_that_it_went_through() {
        let [a, b, near_b, c] =
            [(1.0, 1.0), (9.0, 1.0), (9.1, 1.1), (5.0, 9.0)].map(|(x, y)| Point::new(x, y));
        let (tool, _) = LassoTool::Ready.after(Pointer::Down(a));
        let (tool, _) = tool.after(Pointer::Move(b));
        let (tool, shape) = tool.after(Pointer::Move(near_b));
        assert_eq!((tool.outline(), shape), (vec![a, b], None));
        assert_eq!(
            tool.after(Pointer::Up(c)),
            (LassoTool::Ready, Some(Shape::Lasso(vec![a, b, c])))
        );
    }

    #[test]
    fn a_cancelled_lasso_selects_nothing() {
        let (tool, _) = LassoTool::Ready.after(Pointer::Down(Point::default()));
        assert_eq!(tool.after(Pointer::Cancel), (LassoTool::Ready, None));
    }
}
