//! Pointer events in, gestures out; each tool a small state machine.
//! Knows shapes and points; does not know the picture, nor what becomes of a gesture.

mod brush;
mod lasso;
mod rectangle;
mod state;

pub use self::brush::BrushTool;
pub use self::lasso::LassoTool;
pub use self::rectangle::RectangleTool;
pub use self::state::{Gesture, Pointer, Shape, Tool, ToolState};
