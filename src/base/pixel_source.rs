//! A picture as the network is to read it.

use std::fmt::Debug;

use super::space::{Grid, PixelRect};

/// A picture's pixels at one moment, for whoever reads them on another thread.
pub trait PixelSource: Debug + Send + Sync {
    fn grid(&self) -> Grid;

    /// RGB8 values of `area`, which lies on the canvas, row by row.
    fn rgb(&self, area: PixelRect) -> Vec<u8>;
}
