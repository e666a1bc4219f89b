//! The canvas on the GPU: the compositor; wet edge, tints, selection and grid, drawn inside egui's pass.
//! Knows where the canvas lies on the screen; has never heard of widgets, documents or engines.

mod atlas;
mod cached_texture;
mod canvas;
mod compositor;
mod frame;
mod gpu;
mod resources;
mod style;
mod view;

pub use self::canvas::CanvasPaint;
pub use self::compositor::Compositor;
pub use self::resources::CanvasResources;
pub use self::style::{CellStyle, FADE_SECS, Palette, Tint};
pub use self::view::{Affine, MAX_ZOOM, MIN_ZOOM, View, Viewport};
