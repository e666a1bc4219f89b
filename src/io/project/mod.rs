//! Projects: whole pictures with layers, codes and settings, in OpenRaster files that other programs open, too
//! (<https://www.openraster.org/>). What is ours alone lies beside, in a folder of its own.

mod archive;
mod film;
mod parts;
mod read;
mod record;
mod stack_xml;
mod write;

use std::path::Path;

use crate::base::Cell;
use crate::document::{Layer, PaintSettings, Picture, Recording};

pub(super) use self::parts::named_parts;
pub use self::read::read_project;
pub use self::record::Record;
pub use self::write::write_project;

/// Whether a file of this name is a project rather than a picture.
#[must_use]
pub fn is_project(path: &Path) -> bool {
    path.extension().is_some_and(|it| it.eq_ignore_ascii_case("ora"))
}

/// All that is kept of a document.
#[derive(Clone, Debug, PartialEq)]
pub struct Project {
    pub picture: Picture,
    /// What the controls say.
    pub pending: PaintSettings,
    /// What was still being painted.
    pub painting: Option<SavedPainting>,
    /// Cells under strokes to which the model has not yet fitted the rest.
    pub unanswered: Vec<Cell>,
    /// How it came about. No part of a [`Record`]: a crash loses what is newer than the file.
    pub recording: Recording,
}

/// A painting that goes on when its project is opened.
#[derive(Clone, Debug, PartialEq)]
pub struct SavedPainting {
    pub label: String,
    /// The cells that are still to be settled.
    pub open: Vec<Cell>,
    /// What it is about: an order around the edit begins there.
    pub focus: Vec<Cell>,
}

/// A file that was opened.
#[derive(Debug)]
pub enum OpenedProject {
    Own(Box<Project>),
    /// Another program's: layers as large as its canvas, the lowest first.
    Foreign {
        width: u32,
        height: u32,
        layers: Vec<Layer>,
        notices: Vec<ProjectNotice>,
    },
}

/// What had to be done for a file to be opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProjectNotice {
    /// Another program has changed it since this one saved it.
    Changed,
    UnknownMode {
        layer: String,
        mode: String,
    },
    Unreadable {
        layer: String,
    },
}

impl std::fmt::Display for ProjectNotice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Changed => f.write_str(
                "Another program has changed this file: its layers are as that one saved them, the model reads them anew",
            ),
            Self::UnknownMode { layer, mode } => {
                write!(f, "{layer} is blended normally: its mode {mode} is not known here")
            }
            Self::Unreadable { layer } => write!(f, "{layer} is empty: its pixels could not be read"),
        }
    }
}
