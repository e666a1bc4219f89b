//! What this program remembers of models: which licences were accepted, which files it was shown, which it
//! downloaded. One small file, which a window and a command line may change at the same time.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::error::{Error, Result, at};
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

/// What is remembered; nothing where there is no such file yet.
///
/// # Errors
/// Where the file cannot be read, or makes no sense.
pub(super) fn read(path: &Path) -> Result<Notes> {
    match fs::read(path) {
        Ok(text) => serde_json::from_slice(&text)
            .map_err(|source| Error::DamagedRegister { path: path.to_owned(), source }),
        Err(err) if err.kind() == std::io::ErrorKind::NotFound => Ok(Notes::default()),
        Err(err) => Err(at("read", path)(err)),
    }
}

/// Changes what is remembered; others who want to wait for their turn. A file that makes no sense is set aside, never
/// overwritten.
///
/// # Errors
/// Where the file cannot be read, set aside or written; then it stays as it is.
pub(super) fn change(path: &Path, change: impl FnOnce(&mut Notes)) -> Result<()> {
    let _lock = lock(&path.with_extension("lock"))?;
    let mut notes = match read(path) {
        Err(err @ Error::DamagedRegister { .. }) => {
            let aside = io::set_aside(path)?;
            log::warn!("{err}\nIt is set aside as {}", aside.display());
            Notes::default()
        }
        read => read?,
    };
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
        assert_eq!(read(&path).unwrap().accepted.len(), 8);
    }

    #[test]
    fn a_damaged_register_is_told_and_set_aside_never_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("models.json");
        for damaged in ["{\"accepted\": [\"MIT\"], \"fetched\": [", "", "[1]"] {
            fs::write(&path, damaged).unwrap();
            let message = read(&path).unwrap_err().to_string();
            assert!(message.ends_with(&format!("File: {}", path.display())), "{message}");
            assert_eq!(fs::read_to_string(&path).unwrap(), damaged, "reading has changed it");
            change(&path, |it| it.accepted.extend(["MIT".to_owned()])).unwrap();
            assert!(read(&path).unwrap().accepted.contains("MIT"));
            assert!(texts_aside(folder.path()).contains(&damaged.to_owned()));
        }
        assert_eq!(texts_aside(folder.path()).len(), 3);
    }

    /// What lies in the files that were set aside.
    fn texts_aside(folder: &Path) -> Vec<String> {
        let paths = fs::read_dir(folder).unwrap().map(|it| it.unwrap().path());
        let aside = paths.filter(|it| it.extension().is_some_and(|it| it == "broken"));
        aside.map(|it| fs::read_to_string(it).unwrap()).collect()
    }

    #[test]
    fn a_register_that_cannot_be_read_stays_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("models.json");
        fs::create_dir(&path).unwrap();
        assert!(matches!(read(&path), Err(Error::Disk { what: "read", .. })));
        assert!(change(&path, |_| ()).is_err());
        assert!(path.is_dir());
    }

    #[test]
    fn a_register_of_another_version_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("models.json");
        fs::write(
            &path,
            r#"{"accepted": ["MIT"], "colours": [7], "added": [{"name": "a", "path": "/a"}]}"#,
        )
        .unwrap();
        let notes = read(&path).unwrap();
        assert!(notes.accepted.contains("MIT") && notes.fetched.is_empty());
        assert_eq!(notes.added[0].text_encoder, None);
    }
}
