//! The tool in hand, and where it is in its gesture.
//! Hands each pointer event to the tool that the gesture began with; the rest is that tool's.

use serde::{Deserialize, Serialize};

use crate::base::{Grid, Mask, Point};
use crate::document::selection;

use super::brush::BrushTool;
use super::lasso::LassoTool;
use super::rectangle::RectangleTool;

/// What the artist can take in hand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tool {
    #[default]
    Brush,
    Eraser,
    Rectangle,
    Lasso,
    /// Selects cells that mean the same.
    Wand,
}

/// What the pointer does, in canvas space.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Pointer {
    Down(Point),
    Move(Point),
    Up(Point),
    /// The gesture is given up, by Escape for instance.
    Cancel,
}

/// What the artist has drawn around something.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// Between two corners.
    Rectangle(Point, Point),
    /// A closed outline.
    Lasso(Vec<Point>),
}

impl Shape {
    /// The pixels inside; none for a mere click.
    #[must_use]
    pub fn mask(&self, grid: Grid) -> Mask {
        match self {
            Self::Rectangle(a, b) => selection::rectangle(grid, *a, *b),
            Self::Lasso(outline) => selection::lasso(grid, outline),
        }
    }
}

/// What comes of a pointer event.
///
/// A stroke begins once, and then ends or is cancelled once.
#[derive(Clone, Debug, PartialEq)]
pub enum Gesture {
    /// The stroke's first point.
    StrokeBegun(Point),
    StrokeExtended(Point),
    StrokeEnded,
    StrokeCancelled,
    Selected(Shape),
    WandAt(Point),
}

/// Where the tool in hand is in its gesture.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum ToolState {
    #[default]
    Ready,
    Brush(BrushTool),
    Rectangle(RectangleTool),
    Lasso(LassoTool),
}

impl ToolState {
    /// Takes in a pointer event. A gesture is brought to its end with the tool that it began with,
    /// whatever `tool` is by then.
    pub fn handle(&mut self, tool: Tool, pointer: Pointer) -> Option<Gesture> {
        let (state, gesture) = match std::mem::take(self) {
            Self::Ready => match (tool, pointer) {
                (Tool::Wand, Pointer::Down(pos)) => (Self::Ready, Some(Gesture::WandAt(pos))),
                _ => Self::ready(tool).after(pointer),
            },
            busy => busy.after(pointer),
        };
        *self = if state.is_ready() { Self::Ready } else { state };
        gesture
    }

    /// Whether no gesture is under way.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        match self {
            Self::Ready => true,
            Self::Brush(it) => *it == BrushTool::Ready,
            Self::Rectangle(it) => *it == RectangleTool::Ready,
            Self::Lasso(it) => *it == LassoTool::Ready,
        }
    }

    /// The corners of the shape in progress; empty where there is none.
    #[must_use]
    pub fn outline(&self) -> Vec<Point> {
        match self {
            Self::Ready | Self::Brush(_) => Vec::new(),
            Self::Rectangle(it) => it.outline(),
            Self::Lasso(it) => it.outline(),
        }
    }

    fn ready(tool: Tool) -> Self {
        match tool {
            Tool::Brush | Tool::Eraser => Self::Brush(BrushTool::Ready),
            Tool::Rectangle => Self::Rectangle(RectangleTool::Ready),
            Tool::Lasso => Self::Lasso(LassoTool::Ready),
            Tool::Wand => Self::Ready,
        }
    }

    fn after(self, pointer: Pointer) -> (Self, Option<Gesture>) {
        match self {
            Self::Ready => (self, None),
            Self::Brush(it) => {
                let (it, gesture) = it.after(pointer);
                (Self::Brush(it), gesture)
            }
            Self::Rectangle(it) => {
                let (it, shape) = it.after(pointer);
                (Self::Rectangle(it), shape.map(Gesture::Selected))
            }
            Self::Lasso(it) => {
                let (it, shape) = it.after(pointer);
                (Self::Lasso(it), shape.map(Gesture::Selected))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: Point = Point::new(2.0, 3.0);
    const B: Point = Point::new(20.0, 30.0);

    /// Does one thing after the other, and collects what comes of it.
    fn gestures(state: &mut ToolState, tool: Tool, pointers: &[Pointer]) -> Vec<Gesture> {
        pointers.iter().filter_map(|&it| state.handle(tool, it)).collect()
    }

    #[test]
    fn every_tool_is_ready_again_after_its_gesture() {
        for tool in [Tool::Brush, Tool::Eraser, Tool::Rectangle, Tool::Lasso, Tool::Wand] {
            for end in [Pointer::Up(B), Pointer::Cancel] {
                let mut state = ToolState::default();
                gestures(&mut state, tool, &[Pointer::Down(A), Pointer::Move(B), end]);
                assert_eq!(state, ToolState::Ready, "{tool:?} {end:?}");
            }
        }
    }

    #[test]
    fn a_gesture_ends_with_the_tool_that_it_began_with() {
        let mut state = ToolState::default();
        state.handle(Tool::Rectangle, Pointer::Down(A));
        let ended = gestures(&mut state, Tool::Brush, &[Pointer::Move(B), Pointer::Up(B)]);
        assert_eq!(ended, [Gesture::Selected(Shape::Rectangle(A, B))]);
    }

    #[test]
    fn the_wand_needs_no_more_than_a_press() {
        let mut state = ToolState::default();
        let gestures = gestures(&mut state, Tool::Wand, &[Pointer::Down(A), Pointer::Up(A)]);
        assert_eq!(gestures, [Gesture::WandAt(A)]);
    }

    #[test]
    fn a_pointer_that_is_not_down_does_nothing() {
        for tool in [Tool::Brush, Tool::Rectangle, Tool::Lasso, Tool::Wand] {
            let mut state = ToolState::default();
            let hover = [Pointer::Move(A), Pointer::Up(B), Pointer::Cancel];
            assert_eq!(gestures(&mut state, tool, &hover), []);
        }
    }

    #[test]
    fn a_mere_click_selects_nothing() {
        let grid = Grid { rows: 2, cols: 2, cell_pixels: 16 };
        for tool in [Tool::Rectangle, Tool::Lasso] {
            let mut state = ToolState::default();
            let click = [Pointer::Down(A), Pointer::Up(A)];
            let [Gesture::Selected(shape)] = &gestures(&mut state, tool, &click)[..] else {
                panic!("a click is a selection too: it removes the old one");
            };
            assert!(shape.mask(grid).is_empty());
        }
    }
}
