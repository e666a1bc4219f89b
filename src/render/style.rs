//! The style of each cell on the canvas, and the colours. Plain data, filled in by the window.

use bytemuck::{Pod, Zeroable};

use crate::base::Rgba;

/// How long a settled cell stays wet.
pub const FADE_SECS: f32 = 0.35;

/// What an edit will do to a cell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tint {
    #[default]
    None,

    /// It will be painted anew.
    Repaint,

    /// It will be painted anew because it follows one that is.
    Follow,
}

/// How one cell is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct CellStyle {
    /// On the clock of `CanvasPaint::now_secs`; `None` where it has long been dry, or is empty.
    pub settled_at_secs: Option<f32>,
    pub tint: Tint,
    /// Shows the mark of a cell that the artist has set.
    pub is_by_artist: bool,
    /// A colour laid over the cell: its entropy, or the region that it is in. Alpha 0 for none.
    pub wash: Rgba,
}

impl CellStyle {
    /// Whether the cell is still wet.
    #[must_use]
    pub fn is_wet(&self, now_secs: f32) -> bool {
        self.settled_at_secs.is_some_and(|it| now_secs - it < FADE_SECS)
    }
}

/// Mirrors a texel of `cells` in the shaders.
#[repr(C)]
#[derive(Clone, Copy, Pod, Zeroable)]
pub(super) struct CellTexel {
    settled_at_secs: f32,
    tint: u32,
    is_by_artist: u32,
    wash: Rgba,
}

impl From<CellStyle> for CellTexel {
    fn from(style: CellStyle) -> Self {
        Self {
            // Finite, for shaders need not know infinities.
            settled_at_secs: style.settled_at_secs.unwrap_or(-1e9),
            tint: style.tint as u32,
            is_by_artist: u32::from(style.is_by_artist),
            wash: style.wash,
        }
    }
}

/// The colours of the canvas, straight alpha; they come from the theme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Palette {
    /// The two squares of the checkerboard under transparent pixels.
    pub light_square: Rgba,
    pub dark_square: Rgba,
    /// Tints, the cell in hand, the glow of a wet cell.
    pub accent: Rgba,
    /// The mark of a cell that the artist has set.
    pub artist: Rgba,
    /// The cell grid at high zoom.
    pub grid_line: Rgba,
    /// The hairline around the canvas.
    pub border: Rgba,
    /// The soft shadow that the canvas throws.
    pub shadow: Rgba,
}
