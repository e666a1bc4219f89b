//! The picture, and all that can be done to it: paint, selections, edits, undo and redo.
//! Has never heard of widgets, GPUs, tensors, threads or files. Nothing here can fail.

pub mod blend;
mod brush;
mod composite;
mod dab;
mod edit;
mod feather;
mod history;
mod layer;
mod layer_finish;
mod layering;
mod model_view;
mod picture;
mod recording;
mod reframe;
mod resize;
pub mod selection;
mod stroke;
mod touch;

pub use self::brush::BrushStyle;
pub use self::composite::Composite;
pub use self::edit::Edit;
pub use self::feather::feathered;
pub use self::history::{Entry, History};
pub use self::layer::{Layer, LayerKind, Place, Stack, Surface};
pub use self::layer_finish::LayerFinish;
pub use self::layering::{LayerChange, MaskChange};
pub use self::model_view::ModelView;
pub use self::picture::{Author, CellState, PaintSettings, Picture, Region};
pub use self::recording::{Look, MAX_MOMENTS, Moment, Recording, Still};
pub use self::reframe::Sides;
pub use self::stroke::{Stroke, StrokeDone, StrokeInProgress};
pub use self::touch::touched_cells;
