//! Why something was not painted without a window. The texts are shown to the user.

use std::path::PathBuf;

use super::Job;
use crate::base::{Cell, Grid, PixelRect};
use crate::export::ExportOptions;
use crate::film;
use crate::finish::MAX_SIDE_PIXELS;
use crate::io;

/// What is wrong with one entry of a script.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum EntryError {
    #[error("it needs exactly one of \"prompt\", \"stroke\", \"repaint\", \"extend\"")]
    NotOneEdit,
    #[error("the prompt is empty")]
    EmptyPrompt,
    #[error("a rectangle is [left, top, right, bottom] with left < right and top < bottom")]
    EmptyRectangle,
    #[error("the stroke lies off the canvas, which has {} × {} pixels", .0.width(), .0.height())]
    StrokeOffCanvas(PixelRect),
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

/// Why a picture was not painted, or a script not read. Each text is whole: what caused an error is told in it, so it is no
/// source.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("The edit script could not be read: {why}\nFile: {}", .path.display())]
    Unreadable { why: std::io::Error, path: PathBuf },
    #[error("The edit script could not be read: it is a folder\nFile: {}", .path.display())]
    Folder { path: PathBuf },
    #[error("The edit script is not understood: {why}\nFile: {}", .path.display())]
    NotUnderstood { why: String, path: PathBuf },
    #[error("{error}\nFile: {}", .path.display())]
    InScript { error: Box<Self>, path: PathBuf },
    #[error("Edit {} of the script: {error}", .idx + 1)]
    InEntry { idx: usize, error: Box<Self> },
    #[error(transparent)]
    Entry(#[from] EntryError),
    #[error(transparent)]
    File(#[from] io::Error),
    #[error(transparent)]
    Film(#[from] film::Error),
    #[error(
        "Nothing of the picture is foreground there: give another rectangle, or strokes over what is to be kept"
    )]
    NothingToCutOut,
    #[error("It would take the place of what it is made of: give another name\nFile: {}", .0.display())]
    IsSource(PathBuf),
    #[error("Nothing in the picture shows \"{0}\"")]
    NotShown(String),
    #[error("The engine could not be started: {0}")]
    Engine(std::io::Error),
    /// What the window would tell the artist.
    #[error("{0}")]
    Failed(String),
    #[error(
        "--order names a cell off the canvas: row {}, column {}; rows are 0 to {}, columns 0 to {}",
        .cell.row, .cell.col, .grid.rows.saturating_sub(1), .grid.cols.saturating_sub(1)
    )]
    OrderOffCanvas { cell: Cell, grid: Grid },
    #[error(
        "{width} × {height} pixels cannot become {scale} times as large: a finished picture has at most {MAX_SIDE_PIXELS} pixels a side, so at most \
         {:.1} times", .max_scale
    )]
    FinishTooLarge { width: u32, height: u32, scale: f32, max_scale: f32 },
    #[error("{error}\nWhat was painted until then: {}", .path.display())]
    Unfinished { error: Box<Self>, path: PathBuf },
    #[error("{error}\nWhat was painted until then is lost: {why}")]
    Lost { error: Box<Self>, why: io::Error },
    #[error("{why}\nThe picture is kept in another place: {}", .path.display())]
    KeptElsewhere { why: io::Error, path: PathBuf },
}

impl Error {
    pub(super) fn finish_too_large([width, height]: [u32; 2], options: &ExportOptions) -> Self {
        let side = width.max(height).max(1) as f32;
        let max_scale = (MAX_SIDE_PIXELS as f32 / side * 10.0).floor() / 10.0;
        let scale = options.scales.iter().copied().fold(1.0, f32::max);
        Self::FinishTooLarge { width, height, scale, max_scale }
    }

    pub(super) fn in_entry(self, idx: usize) -> Self {
        Self::InEntry { idx, error: Box::new(self) }
    }

    /// Names the file of the job's script, where there is one.
    pub(super) fn in_script(self, job: &Job) -> Self {
        match &job.script_path {
            Some(path) => Self::InScript { error: Box::new(self), path: path.clone() },
            None => self,
        }
    }
}

pub(super) type Result<T> = std::result::Result<T, Error>;
