//! What comes of what was asked for: refused at once, or done later.

use std::path::PathBuf;

use crate::base::{DocumentId, Grid};
use crate::engine::Failure;
use crate::film;
use crate::finish::MAX_SIDE_PIXELS;
use crate::io;

/// Why something cannot be done now. The texts are shown to the user.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("There is no model yet: wait until it is loaded, or choose one under Models")]
    NoModelYet,
    #[error("Say in a few words what to paint, then press Paint")]
    NoPrompt,
    #[error("Nothing is selected: select what to repaint first")]
    NothingSelected,
    #[error("Such cells are not on the canvas")]
    OffCanvas,
    #[error("These cells are yours: the model does not paint over your strokes")]
    OnlyArtists,
    #[error("A second look is for a finished picture")]
    NotFinished,
    #[error("This model paints row by row: it cannot judge a cell by what surrounds it")]
    CannotJudge,
    #[error("{model} paints {rows} × {cols} cells and no other size")]
    OneSize { model: String, rows: u16, cols: u16 },
    #[error("A canvas is at least a pixel and at most {0} × {0} cells large", Grid::MAX_SIDE)]
    NoSuchCanvas,
    #[error("Choose a layer to draw on: nothing is drawn on groups, nor on what the model paints")]
    NoPaintLayer,
    #[error("{0} is locked: unlock it, or choose another layer")]
    LayerLocked(String),
    #[error("{0} is hidden: show it, or choose another layer")]
    LayerHidden(String),
    #[error("What the model paints stays: hide it, if it is not to be seen")]
    LayerStays,
    #[error("There is nothing below to merge with: a group, or the lowest layer")]
    NothingToMerge,
    #[error("The selection is too small to shrink")]
    TooSmallToShrink,
    #[error("This model does not tell what a picture shows")]
    NoLabels,
    #[error("The picture is still being read: try again in a moment")]
    NotReadYet,
    #[error("The wand selects what is painted; here is nothing yet")]
    NothingThere,
    #[error("{model} paints {width} × {height} pixels: this picture has another size")]
    OtherSize { model: String, width: u32, height: u32 },
    #[error("A picture is still being finished: stop that, or wait for it")]
    StillFinishing,
    #[error("The layer's surface is still being painted: try again in a moment")]
    SurfaceNotReady,
    #[error("A finished picture has at most {MAX_SIDE_PIXELS} pixels a side")]
    FinishTooLarge,
}

/// Why a picture could not be opened. The texts are shown to the user.
#[derive(Debug, thiserror::Error)]
pub enum OpenFault {
    #[error(transparent)]
    File(io::Error),
    #[error("The model has changed meanwhile: open the picture once more")]
    OtherModel,
}

/// Something that has happened.
#[derive(Debug)]
pub enum StudioEvent {
    ModelReady,
    ModelFailed(Failure),
    /// A picture is of no size for the model that has come: a blank document of its own is beside it.
    PictureDoesNotFit {
        model: String,
        grid: Grid,
    },
    EngineFailed(String),
    /// Nothing has come from it for long, though something is to be painted.
    ModelSilent,

    /// A painting has begun under this prompt.
    Started {
        document: DocumentId,
        prompt: String,
    },
    Finished(DocumentId),
    Stopped(DocumentId),
    Failed(DocumentId, Failure),
    /// The model could not read what was painted, or judge it.
    QuestionFailed(DocumentId, Failure),
    /// A second look changed nothing.
    EveryCellFits(DocumentId),

    /// All files that came of it.
    Exported(DocumentId, Vec<PathBuf>),
    ExportFailed(DocumentId, io::Error),
    FilmFailed(DocumentId, film::Error),
    Saved(DocumentId, PathBuf),
    /// What is painted cannot be kept beside the files as it is painted.
    JournalFailed(String),
    SaveFailed(DocumentId, io::Error),
    /// A picture was opened. Where this model paints another one for its prompt, who painted it, and this model.
    Opened {
        document: DocumentId,
        painted_by: Option<[String; 2]>,
    },
    OpenedProject(DocumentId),
    OpenFailed(OpenFault),

    Refused(Refusal),
    Told(String),
}

impl StudioEvent {
    /// What the artist is told; `None` where it is seen anyway.
    #[must_use]
    pub fn notice(&self) -> Option<String> {
        match self {
            Self::ModelReady
            | Self::Started { .. }
            | Self::Finished(_)
            | Self::Stopped(_)
            | Self::OpenedProject(_) => None,
            Self::ModelFailed(failure)
            | Self::Failed(_, failure)
            | Self::QuestionFailed(_, failure) => Some(failure.to_string()),
            Self::PictureDoesNotFit { model, grid } => {
                let (width, height) = (grid.width(), grid.height());
                Some(format!(
                    "{model} does not paint {width} × {height} pixels: the picture stays as it is, beside a blank one"
                ))
            }
            Self::EngineFailed(why) => Some(format!(
                "There is no engine to paint with: {why}\nWhat is painted is kept; choose a model anew"
            )),
            Self::ModelSilent => Some(
                "The model has not answered for half a minute. What is painted is kept; should it not come back, \
                 choose a model anew"
                    .to_owned(),
            ),
            Self::EveryCellFits(_) => {
                Some("A second look changed nothing: every cell fits".to_owned())
            }
            Self::Exported(_, paths) => {
                let paths: Vec<_> = paths.iter().map(|it| it.display().to_string()).collect();
                Some(format!("Exported\n{}", paths.join("\n")))
            }
            Self::JournalFailed(why) => Some(format!(
                "A crash would lose what is not saved: it cannot be noted on the disk: {why}\nSave your work"
            )),
            Self::Saved(_, path) => Some(format!("Saved\n{}", path.display())),
            Self::ExportFailed(_, err) | Self::SaveFailed(_, err) => Some(err.to_string()),
            Self::FilmFailed(_, err) => Some(err.to_string()),
            Self::Opened { painted_by: Some([painter, model]), .. } => {
                Some(format!("{painter} painted it: {model} paints other pictures under its words"))
            }
            Self::Opened { painted_by: None, .. } => {
                Some("Select a part, and say what is to be there".to_owned())
            }
            Self::OpenFailed(fault) => Some(fault.to_string()),
            Self::Refused(refusal) => Some(refusal.to_string()),
            Self::Told(text) => Some(text.clone()),
        }
    }

    /// Why something that was asked for has not come about, if that is what this tells.
    #[must_use]
    pub fn failure(&self) -> Option<String> {
        match self {
            Self::ModelFailed(_)
            | Self::EngineFailed(_)
            | Self::Failed(..)
            | Self::QuestionFailed(..)
            | Self::ExportFailed(..)
            | Self::FilmFailed(..)
            | Self::SaveFailed(..)
            | Self::OpenFailed(_)
            | Self::Refused(_) => self.notice(),
            Self::ModelReady
            | Self::PictureDoesNotFit { .. }
            | Self::Started { .. }
            | Self::Finished(_)
            | Self::Stopped(_)
            | Self::ModelSilent
            | Self::EveryCellFits(_)
            | Self::Exported(..)
            | Self::Saved(..)
            | Self::JournalFailed(_)
            | Self::Opened { .. }
            | Self::OpenedProject(_)
            | Self::Told(_) => None,
        }
    }
}
