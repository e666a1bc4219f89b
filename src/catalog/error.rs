//! Why a model could not be found, fetched, verified or removed.

use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long the name of a model may be.
pub(super) const MAX_NAME_CHARS: usize = 100;

/// The texts are shown to the user: what happened first, then why, an address or path last.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("There is no model \"{name}\"; there are: {}", .known.join(", "))]
    Unknown { name: String, known: Vec<String> },

    #[error(
        "{0} is not here yet: get it with \"alla-prima models get {0}\", or in the Models window"
    )]
    Absent(String),

    #[error("{0} is part of the program")]
    BuiltIn(String),

    #[error("There is a model called {0} already: give another name")]
    NameTaken(String),

    #[error(
        "A model's name has 1 to {MAX_NAME_CHARS} letters, all of which can be seen: give another name"
    )]
    UnfitName,

    #[error("This is no model: {why}\nFile: {}", .path.display())]
    NoModel { path: PathBuf, why: &'static str },

    #[error("The licence of {0} has not been accepted yet")]
    NotAccepted(String),

    #[error("Nothing is downloaded: HF_HUB_OFFLINE is set")]
    Offline,

    #[error("The hub could not be reached: {why}\nAddress: {url}")]
    Unreachable { url: String, why: String },

    #[error(
        "The hub wants to know who asks (answer {status}): set HF_TOKEN to a token that may read this model\nAddress: {url}"
    )]
    Forbidden { url: String, status: u16 },

    #[error("The hub does not have this file (answer 404)\nAddress: {url}")]
    NotFound { url: String },

    #[error("The hub is asked too often, and wants to be left alone for {} s: try again later\nAddress: {url}", .wait.as_secs())]
    TooOften { url: String, wait: Duration },

    #[error("The hub answered with {status}\nAddress: {url}")]
    Status { url: String, status: u16 },

    #[error("The hub's answer was not understood: {why}\nAddress: {url}")]
    Answer { url: String, why: String },

    #[error(
        "The download broke off at {got} of {all} bytes: {why}\nIt goes on from there when it is begun again\nAddress: {url}"
    )]
    BrokenOff { url: String, got: u64, all: u64, why: String },

    #[error("The download is not what was published: more than {all} bytes came\nAddress: {url}")]
    TooLong { url: String, all: u64 },

    #[error(
        "The download is not what was published: its checksum is {found}, not {expected}\nAddress: {url}"
    )]
    OtherContent { url: String, expected: String, found: String },

    #[error("Another program is downloading this file\nFile: {}", .0.display())]
    Busy(PathBuf),

    /// The artist asked for it; what has come so far is kept.
    #[error("The download is paused")]
    Paused,

    #[error("The models could not be {what}: {source}\nFile: {}", .path.display())]
    Disk { what: &'static str, path: PathBuf, source: std::io::Error },

    #[error(
        "What was noted of models is damaged: which licences were accepted, and which files were added or downloaded, is not known\n{source}\nBefore anything else is noted, the file is set aside under a name that ends in .broken\nFile: {}", .path.display()
    )]
    DamagedRegister { path: PathBuf, source: serde_json::Error },

    #[error(transparent)]
    File(#[from] crate::io::Error),

    #[error("The system has no thread to spare for this: {0}\nTry again when less is running")]
    NoThread(std::io::Error),

    #[error("Without a home directory, models have no place to be kept in: set HOME")]
    NoHome,
}

pub type Result<T> = std::result::Result<T, Error>;

/// Names the file that could not be read or written.
pub(super) fn at<'a>(
    what: &'static str,
    path: &'a Path,
) -> impl FnOnce(std::io::Error) -> Error + 'a {
    move |source| Error::Disk { what, path: path.to_owned(), source }
}
