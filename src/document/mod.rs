//! The picture, and all that can be done to it: paint, selections, edits, undo and redo.
//! Has never heard of widgets, GPUs, tensors, threads or files. Nothing here can fail.

pub mod blend;
mod brush;
mod dab;
mod edit;
mod extend;
mod feather;
mod history;
mod picture;
pub mod selection;
mod stroke;
mod touch;

pub use self::brush::BrushStyle;
pub use self::edit::Edit;
pub use self::extend::Sides;
pub use self::feather::feathered;
pub use self::history::{Entry, History};
pub use self::picture::{Author, CellState, PaintSettings, Picture, Region};
pub use self::stroke::{Stroke, StrokeDone, StrokeInProgress};
pub use self::touch::touched_cells;
