//! Why something was not painted without a window. The texts are shown to the user.

use std::path::PathBuf;

use crate::base::{Grid, PixelRect};
use crate::io;

/// What is wrong with one entry of a script.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum EntryError {
    #[error("it needs exactly one of \"prompt\", \"stroke\", \"repaint\", \"extend\"")]
    NotOneEdit,
    #[error("the prompt is empty")]
    EmptyPrompt,
    #[error("it paints under the words for the whole picture: give a PROMPT")]
    NoPrompt,
    #[error("a stroke needs at least one point, in canvas pixels")]
    Points,
    #[error("a stroke's radius is 0.5 to 1024 pixels, not {0}")]
    Radius(f32),
    #[error("A colour is written [red, green, blue] or \"#rrggbb\", not \"{0}\"")]
    Colour(String),
    #[error("it extends the canvas by nothing")]
    ExtendsByNothing,
    #[error("The canvas can be at most {0} × {0} pixels large")]
    TooLarge(u32),
    #[error("a repaint needs exactly one of \"rect\", \"cells\", \"label\"")]
    NotOnePlace,
    #[error("a repaint grows by 0 to {0} cells")]
    Grow(u16),
    #[error("the model does not tell what a picture shows")]
    NoLabels,
    #[error("a label is one of {}; not \"{label}\"", .known.join(", "))]
    UnknownLabel { label: String, known: Vec<String> },
    #[error("what a picture shows is known when it is finished: \"at\" has to be {0} or more")]
    TooEarly(usize),
    #[error("The picture shows no {0}")]
    NothingShown(String),
    #[error(
        "The repaint lies off the canvas, which has {} × {} pixels in {} × {} cells",
        .canvas.width(), .canvas.height(), .grid.rows, .grid.cols
    )]
    OffCanvas { canvas: PixelRect, grid: Grid },
}

/// Why a picture was not painted, or a script not read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("The edit script could not be read: {source}\n{}", .path.display())]
    Unreadable { source: std::io::Error, path: PathBuf },
    #[error("The edit script is not understood: {source}\n{}", .path.display())]
    NotUnderstood { source: serde_json::Error, path: PathBuf },
    #[error("{source}\n{}", .path.display())]
    InScript { source: Box<Self>, path: PathBuf },
    #[error("Edit {} of the script: {source}", .idx + 1)]
    InEntry { idx: usize, source: Box<Self> },
    #[error(transparent)]
    Entry(#[from] EntryError),
    #[error(transparent)]
    File(#[from] io::Error),
    #[error("The engine could not be started: {0}")]
    Engine(std::io::Error),
    /// What the window would tell the artist.
    #[error("{0}")]
    Failed(String),
    #[error("{source}\nWhat was painted until then: {}", .path.display())]
    Unfinished { source: Box<Self>, path: PathBuf },
    #[error("{source}\nWhat was painted until then is lost: {why}")]
    Lost { source: Box<Self>, why: io::Error },
}

impl Error {
    pub(super) fn in_entry(self, idx: usize) -> Self {
        Self::InEntry { idx, source: Box::new(self) }
    }
}

pub(super) type Result<T> = std::result::Result<T, Error>;
