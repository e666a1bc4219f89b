//! What this program remembers of models: which licences were accepted, which files it was shown, which it
//! downloaded. One small file, which a window and a command line may change at the same time.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::error::{Result, at};
use crate::io;

/// All that is remembered.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Notes {
    /// Names of licences.
    pub(super) accepted: BTreeSet<String>,
    pub(super) added: Vec<Added>,
    pub(super) fetched: Vec<Fetched>,
}

/// A file or folder that this program was shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Added {
    pub(super) name: String,
    pub(super) path: PathBuf,
    /// Where it was named with it.
    #[serde(default)]
    pub(super) text_encoder: Option<PathBuf>,
}

/// A file that this program has downloaded, or begun to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Fetched {
    pub(super) repo: String,
    pub(super) file: String,
    pub(super) commit: String,
    /// The name of its blob in the cache.
    pub(super) etag: String,
    pub(super) bytes: u64,
    /// As published, or as it came where nothing is published.
    pub(super) sha256: Option<String>,
}

impl Notes {
    pub(super) fn fetched(&self, repo: &str, file: &str) -> Option<&Fetched> {
        self.fetched.iter().find(|it| it.repo == repo && it.file == file)
    }

    /// In the place of what was noted of the same file.
    pub(super) fn note(&mut self, fetched: Fetched) {
        self.forget(&fetched.repo, &fetched.file);
        self.fetched.push(fetched);
    }

    pub(super) fn forget(&mut self, repo: &str, file: &str) {
        self.fetched.retain(|it| it.repo != repo || it.file != file);
    }
}

/// What is remembered; one that cannot be read is as good as none.
pub(super) fn read(path: &Path) -> Notes {
    let Ok(text) = fs::read(path) else { return Notes::default() };
    serde_json::from_slice(&text).unwrap_or_else(|err| {
        log::warn!("What was noted of models could not be read: {err}\n{}", path.display());
        Notes::default()
    })
}

/// Changes what is remembered; others who want to wait for their turn.
pub(super) fn change(path: &Path, change: impl FnOnce(&mut Notes)) -> Result<()> {
    let _lock = lock(&path.with_extension("lock"))?;
    let mut notes = read(path);
    change(&mut notes);
    let text = serde_json::to_vec_pretty(&notes).map_err(|err| at("written", path)(err.into()))?;
    Ok(io::write_whole_with_folder(path, &text)?)
}

/// Waits for a lock, and holds it as long as the returned file is open.
fn lock(path: &Path) -> Result<File> {
    let lock = || -> std::io::Result<File> {
        fs::create_dir_all(path.parent().unwrap_or(Path::new(".")))?;
        let file = File::create(path)?;
        file.lock()?;
        Ok(file)
    };
    lock().map_err(at("written", path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_from_several_sides_are_all_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/models.json");
        std::thread::scope(|scope| {
            for number in 0..8 {
                let path = &path;
                scope.spawn(move || {
                    change(path, |it| it.accepted.extend([number.to_string()])).unwrap();
                });
            }
        });
        assert_eq!(read(&path).accepted.len(), 8);
    }

    #[test]
    fn a_damaged_register_is_as_good_as_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("models.json");
        fs::write(&path, "{").unwrap();
        assert_eq!(read(&path), Notes::default());
        change(&path, |it| it.accepted.extend(["MIT".to_owned()])).unwrap();
        assert!(read(&path).accepted.contains("MIT"));
    }
}
