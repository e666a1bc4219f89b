//! The hub's cache on disk, as other programs expect it: blobs under their checksums, snapshots of repositories
//! that link to them, refs that name the newest (<https://huggingface.co/docs/hub/local-cache>).

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::error::{Error, Result, at};
use crate::io::write_whole_with_folder;

/// What belongs to weights in one folder, beside them.
const COMPANIONS: [&str; 2] = ["config.json", "tokenizer.json"];

/// A repository of a model in the cache; it need not be there.
#[derive(Debug)]
pub(super) struct RepoCache {
    root: PathBuf,
    folder: PathBuf,
}

impl RepoCache {
    /// Of "org/name"; some old repositories have no organisation.
    pub(super) fn new(cache: &Path, repo: &str) -> Self {
        let folder = cache.join(format!("models--{}", repo.replace('/', "--")));
        Self { root: cache.to_owned(), folder }
    }

    /// The files of a commit, which are links to blobs.
    fn snapshot(&self, commit: &str) -> PathBuf {
        self.folder.join("snapshots").join(commit)
    }

    /// Names the newest commit of the branch `main`.
    fn newest(&self) -> PathBuf {
        self.folder.join("refs").join("main")
    }

    /// Where the blob lies, or will lie, that the hub calls by this tag.
    pub(super) fn blob(&self, etag: &str) -> PathBuf {
        self.folder.join("blobs").join(etag)
    }

    /// Where it lies until all of it is here. Other programs know this name, and go on with it.
    pub(super) fn incomplete(&self, etag: &str) -> PathBuf {
        self.folder.join("blobs").join(format!("{etag}.incomplete"))
    }

    /// Held as long as the returned file is open. Programs that share the cache honour it.
    pub(super) fn lock(&self, etag: &str) -> Result<File> {
        let locks = self.root.join(".locks").join(self.folder.file_name().unwrap_or_default());
        fs::create_dir_all(&locks).map_err(at("written", &locks))?;
        let path = locks.join(format!("{etag}.lock"));
        let file = File::create(&path).map_err(at("written", &path))?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(fs::TryLockError::WouldBlock) => Err(Error::Busy(self.blob(etag))),
            Err(fs::TryLockError::Error(err)) => Err(at("written", &path)(err)),
        }
    }

    /// The snapshots, that of the branch `main` first.
    fn snapshots(&self) -> Vec<PathBuf> {
        let newest = fs::read_to_string(self.newest()).ok();
        let newest = newest.map(|it| self.snapshot(it.trim()));
        let mut others: Vec<PathBuf> = fs::read_dir(self.folder.join("snapshots"))
            .into_iter()
            .flatten()
            .filter_map(|it| Some(it.ok()?.path()))
            .filter(|it| Some(it) != newest.as_ref())
            .collect();
        others.sort();
        newest.into_iter().chain(others).collect()
    }

    /// A file, where it is whole.
    pub(super) fn file(&self, name: &str) -> Option<PathBuf> {
        self.snapshots().into_iter().map(|it| it.join(name)).find(|it| it.is_file())
    }

    /// A snapshot that holds whole weights, and the names of what belongs to them.
    pub(super) fn weights(&self) -> Option<(PathBuf, Vec<String>)> {
        self.snapshots().into_iter().find_map(|folder| {
            let names = weights_among(&names_in(&folder))?;
            Some((folder, names))
        })
    }

    /// Makes a whole blob a file of the snapshot.
    pub(super) fn link(&self, commit: &str, name: &str, etag: &str) -> Result<()> {
        let pointer = self.snapshot(commit).join(name);
        if pointer.is_file() {
            return Ok(());
        }
        let link = || -> io::Result<()> {
            fs::create_dir_all(pointer.parent().unwrap_or(&self.folder))?;
            // A link that leads nowhere is in the way.
            remove_if_there(&pointer)?;
            let up = "../".repeat(name.matches('/').count() + 2);
            let target = PathBuf::from(format!("{up}blobs/{etag}"));
            place(&self.blob(etag), &target, &pointer)
        };
        link().map_err(at("written", &pointer))
    }

    /// From now on the branch `main` means this commit.
    pub(super) fn name_newest(&self, commit: &str) -> Result<()> {
        Ok(write_whole_with_folder(&self.newest(), commit.as_bytes())?)
    }

    /// Deletes a file and what has come of it so far; returns the bytes that this freed. A blob that other
    /// snapshots link to stays.
    pub(super) fn remove(&self, commit: &str, name: &str, etag: &str) -> Result<u64> {
        let (blob, incomplete) = (self.blob(etag), self.incomplete(etag));
        let remove = || -> io::Result<u64> {
            remove_if_there(&self.snapshot(commit).join(name))?;
            let mut freed = remove_if_there(&incomplete)?;
            if !self.is_linked(&blob) {
                freed += remove_if_there(&blob)?;
            }
            Ok(freed)
        };
        let freed = remove().map_err(at("removed", &blob))?;
        self.sweep(commit);
        Ok(freed)
    }

    fn is_linked(&self, blob: &Path) -> bool {
        let Ok(blob) = fs::canonicalize(blob) else { return false };
        let files = self.snapshots().into_iter().flat_map(|it| {
            let names = names_in(&it);
            names.into_iter().map(move |name| it.join(name))
        });
        files.filter_map(|it| fs::canonicalize(it).ok()).any(|it| it == blob)
    }

    /// Takes away the folders that have become empty; those that have not refuse.
    fn sweep(&self, commit: &str) {
        let is_gone = fs::remove_dir(self.snapshot(commit)).is_ok();
        if is_gone && fs::remove_dir(self.folder.join("snapshots")).is_ok() {
            let _ = fs::remove_file(self.folder.join("refs").join("main"));
            let _ = fs::remove_dir(self.folder.join("refs"));
            let _ = fs::remove_dir(self.folder.join("blobs"));
            let _ = fs::remove_dir(&self.folder);
        }
    }
}

#[cfg(unix)]
fn place(_blob: &Path, target: &Path, pointer: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(target, pointer)
}

/// Where links need rights that few have, the file itself goes into the snapshot, as the hub's own library does it.
#[cfg(not(unix))]
fn place(blob: &Path, _target: &Path, pointer: &Path) -> io::Result<()> {
    fs::rename(blob, pointer)
}

fn names_in(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().filter_map(io::Result::ok);
    let whole = entries.filter(|it| it.path().is_file());
    whole.filter_map(|it| it.file_name().into_string().ok()).collect()
}

/// Returns how many bytes that freed.
fn remove_if_there(path: &Path) -> io::Result<u64> {
    let bytes = fs::symlink_metadata(path).map_or(0, |it| if it.is_file() { it.len() } else { 0 });
    match fs::remove_file(path) {
        Err(err) if err.kind() != io::ErrorKind::NotFound => Err(err),
        _ => Ok(bytes),
    }
}

/// The weights among the files of a repository, safetensors rather than pickles, and what belongs to them.
/// `None` where there are none, or not all of them.
pub(super) fn weights_among(names: &[String]) -> Option<Vec<String>> {
    let kinds = [("model", ".safetensors"), ("pytorch_model", ".bin")];
    kinds.into_iter().find_map(|(stem, suffix)| {
        let whole = format!("{stem}{suffix}");
        let mut wanted: BTreeSet<&str> = BTreeSet::new();
        if names.contains(&whole) {
            wanted.insert(names.iter().find(|it| **it == whole)?);
        } else {
            let mut n_shards = None;
            for name in names {
                if let Some(of) = shards_of(name, stem, suffix) {
                    wanted.insert(name);
                    n_shards = Some(of);
                }
            }
            if n_shards != Some(wanted.len()) {
                return None;
            }
            let index = format!("{whole}.index.json");
            wanted.insert(names.iter().find(|it| **it == index)?);
        }
        for companion in COMPANIONS {
            wanted.insert(names.iter().find(|it| *it == companion)?);
        }
        Some(wanted.into_iter().map(str::to_owned).collect())
    })
}

/// Of how many shards this is one: 2 for "model-00001-of-00002.safetensors".
fn shards_of(name: &str, stem: &str, suffix: &str) -> Option<usize> {
    let numbers = name.strip_prefix(stem)?.strip_suffix(suffix)?.strip_prefix('-')?;
    let (number, of) = numbers.split_once("-of-")?;
    let number: usize = number.parse().ok()?;
    of.parse().ok().filter(|of| (1..=*of).contains(&number))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn among(names: &str) -> Option<String> {
        let names: Vec<String> = names.split(' ').map(str::to_owned).collect();
        weights_among(&names).map(|it| it.join(" "))
    }

    #[test]
    fn paths_are_those_that_the_hub_documents() {
        let repo = RepoCache::new(Path::new("/hub"), "google/flan-t5-xl");
        let folder = Path::new("/hub/models--google--flan-t5-xl");
        assert_eq!(repo.blob("403450e2"), folder.join("blobs/403450e2"));
        assert_eq!(repo.incomplete("403450e2"), folder.join("blobs/403450e2.incomplete"));
        assert_eq!(repo.snapshot("7d6315df"), folder.join("snapshots/7d6315df"));
        assert_eq!(repo.newest(), folder.join("refs/main"));
        assert_eq!(
            RepoCache::new(Path::new("/hub"), "t5-small").folder,
            Path::new("/hub/models--t5-small")
        );
    }

    #[test]
    fn the_newest_snapshot_is_asked_first() {
        let cache = tempfile::tempdir().unwrap();
        let repo = RepoCache::new(cache.path(), "google/flan-t5-xl");
        for commit in ["1111", "2222", "3333"] {
            fs::create_dir_all(repo.snapshot(commit)).unwrap();
            fs::write(repo.snapshot(commit).join("config.json"), commit).unwrap();
        }
        assert_eq!(repo.file("config.json"), Some(repo.snapshot("1111").join("config.json")));
        for commit in ["3333", "2222"] {
            repo.name_newest(commit).unwrap();
            assert_eq!(repo.file("config.json"), Some(repo.snapshot(commit).join("config.json")));
        }
        // As other programs write it.
        fs::write(repo.newest(), "3333\n").unwrap();
        assert_eq!(repo.file("config.json"), Some(repo.snapshot("3333").join("config.json")));
        assert_eq!(repo.file("model.safetensors"), None);
    }

    #[test]
    fn weights_are_whole_or_not_there() {
        let rest = "README.md config.json tokenizer.json";
        for (names, wanted) in [
            (
                "model.safetensors pytorch_model.bin",
                Some("config.json model.safetensors tokenizer.json"),
            ),
            ("pytorch_model.bin", Some("config.json pytorch_model.bin tokenizer.json")),
            (
                "model-00001-of-00002.safetensors model-00002-of-00002.safetensors \
                 model.safetensors.index.json",
                Some(
                    "config.json model-00001-of-00002.safetensors model-00002-of-00002.safetensors \
                     model.safetensors.index.json tokenizer.json",
                ),
            ),
            ("model-00001-of-00002.safetensors model.safetensors.index.json", None),
            ("model-00001-of-00001.safetensors", None),
            ("model-00003-of-00002.safetensors model.safetensors.index.json", None),
            ("../model.safetensors x/model.safetensors", None),
        ] {
            assert_eq!(among(&format!("{names} {rest}")).as_deref(), wanted, "{names}");
        }
        assert_eq!(among("model.safetensors config.json"), None, "the vocabulary is missing");
    }
}
