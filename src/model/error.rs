//! Why a network could not be loaded, or could not go on.

use std::io;
use std::path::{Path, PathBuf};

use crate::base::CellRect;

/// The texts are shown to the user: what happened first, then why, the path last.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("The model is damaged or of another kind: {0}")]
    Damaged(String),

    #[error("The model could not be read: {reason}\n{}", .path.display())]
    Unreadable { reason: io::Error, path: PathBuf },

    #[error("The model needs {needed_gib:.1} GiB of memory, {free_gib:.1} GiB are free")]
    OutOfMemory { needed_gib: f64, free_gib: f64 },

    #[error("The model has no cell at row {row}, column {col}")]
    NoSuchCell { row: u16, col: u16 },

    #[error("The model paints row by row: row {row}, column {col} is not the next cell")]
    NotNext { row: u16, col: u16 },

    #[error("The model has read {read} cells and cannot answer after more")]
    NotRead { read: usize },

    #[error("The model sees {n_cells} cells and cannot read more")]
    TooMany { n_cells: usize },

    #[error(
        "The model cannot encode rows {}..{}, columns {}..{} from these pixels: they are not those \
         of whole cells",
        .0.top, .0.bottom, .0.left, .0.right
    )]
    NotWholeCells(CellRect),

    #[error(
        "The model cannot decode rows {}..{}, columns {}..{} of a picture that has no such cells",
        .0.top, .0.bottom, .0.left, .0.right
    )]
    NoSuchWindow(CellRect),

    #[error("The model has no class {0}")]
    NoSuchClass(String),

    #[error("The model is incomplete: {0}")]
    Missing(String),

    #[error("The model has no code {0}")]
    NoSuchCode(u32),

    #[error("The model cannot be painted with: {0}")]
    NotSupported(String),

    #[error(
        "{gpu} cannot be used: {reason}\n\
         To paint without it, choose the processor: --device cpu, or Models… in the window"
    )]
    Gpu { gpu: &'static str, reason: String },

    #[error("The model has answered with something that is not a number")]
    NotANumber,

    #[error("The model has answered with something else than it was asked for")]
    WrongShape,

    #[error("The model stopped: {0}")]
    Tensor(#[from] candle_core::Error),
}

impl Error {
    /// [`Self::Damaged`], naming the file.
    #[must_use]
    pub fn damaged(reason: &str, path: &Path) -> Self {
        Self::Damaged(format!("{reason}\n{}", path.display()))
    }

    /// [`Self::Unreadable`].
    #[must_use]
    pub fn unreadable(reason: io::Error, path: &Path) -> Self {
        Self::Unreadable { reason, path: path.to_owned() }
    }
}

pub type Result<T> = std::result::Result<T, Error>;
