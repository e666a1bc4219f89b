//! What survives a crash: of each open document the states that it went through, as they differ from each other.
//!
//! A journal is a folder of its own with two files: `journal`, to which frames are appended, and `lock`, which the process
//! that writes it holds. A frame is its kind, a length, that many bytes, and their checksum. Tiles come first; a state that
//! names them makes them count. What stands behind the last whole state is as if it had never been written.

mod frames;
mod recover;
mod write;

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

pub use self::recover::{Recovered, recover};
pub use self::write::Journal;

use super::project::{Project, Record};

/// A document at one moment.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    pub project: Project,
    /// For people.
    pub name: String,
    /// The project file that it was opened from or saved as.
    pub file: Option<PathBuf>,
    /// Whether there is something in it that no file holds.
    pub is_modified: bool,
}

/// A state without its pixels, as it is written.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct SavedState {
    record: Record,
    /// The pixels that belong to it: what the record calls them, and what the journal does. Layers change their places,
    /// and keep their names here.
    parts: Vec<(String, String)>,
    name: String,
    file: Option<PathBuf>,
    is_modified: bool,
}

const LOCK: &str = "lock";
const JOURNAL: &str = "journal";
