//! Places for files: where a file is really written, whether one can be written there, what killed writes have left.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use tempfile::NamedTempFile;

use super::error::{Fault, Result};

/// What the name of a file begins with that is being written.
const PREFIX: &str = ".alla-prima-";

/// Letters and digits behind it.
const N_RANDOM: usize = 6;

/// What was being written so long ago is not being written any more.
const ABANDONED: Duration = Duration::from_secs(24 * 60 * 60);

/// Links that lead to links, at most.
const MAX_LINKS: usize = 40;

/// Whether a file can be written there, as far as that can be told without writing it. Nothing is left behind.
///
/// # Errors
/// Says why not.
pub fn check_writable(path: &Path) -> Result<()> {
    Place::at(path).and_then(|it| it.begin()).map(drop).map_err(|fault| fault.at(path))
}

/// Where a file is to be written.
pub(super) struct Place {
    /// Behind symbolic links, so that a link stays a link, whether there is a file at its end or not.
    pub(super) path: PathBuf,
    /// Of the file that is replaced; `None` where there is none yet.
    pub(super) permissions: Option<fs::Permissions>,
}

impl Place {
    pub(super) fn at(path: &Path) -> std::result::Result<Self, Fault> {
        let path = behind_links(path).map_err(Fault::Write)?;
        let permissions = match fs::metadata(&path) {
            Ok(it) if !it.is_file() => return Err(Fault::NotReplaceable),
            Ok(it) if it.permissions().readonly() => {
                return Err(Fault::Write(io::ErrorKind::PermissionDenied.into()));
            }
            Ok(it) => Some(it.permissions()),
            Err(err) if err.kind() == io::ErrorKind::NotFound => None,
            Err(err) if err.kind() == io::ErrorKind::InvalidFilename => {
                return Err(Fault::UnfitName);
            }
            Err(err) => return Err(Fault::Write(err.kind().into())),
        };
        let it = Self { path, permissions };
        if it.folder().is_dir() { Ok(it) } else { Err(Fault::NoFolder) }
    }

    pub(super) fn folder(&self) -> &Path {
        match self.path.parent() {
            Some(folder) if folder != Path::new("") => folder,
            _ => Path::new("."),
        }
    }

    /// An empty file beside the place, which is gone when it is dropped.
    pub(super) fn begin(&self) -> std::result::Result<NamedTempFile, Fault> {
        let mut builder = tempfile::Builder::new();
        builder.prefix(PREFIX).rand_bytes(N_RANDOM);
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666)); // less the umask
        // The kind alone: the full text would name the file beside, which the user has never heard of.
        builder.tempfile_in(self.folder()).map_err(|err| match err.kind() {
            // The folder is there, but no real one.
            io::ErrorKind::NotFound => Fault::ClosedFolder,
            kind => Fault::Write(kind.into()),
        })
    }

    /// Removes what killed writes have left beside the place long ago.
    pub(super) fn tidy(&self) {
        let Ok(entries) = fs::read_dir(self.folder()) else { return };
        let left = entries.flatten().filter(|it| is_leftover(&it.file_name().to_string_lossy()));
        for entry in left.filter(is_abandoned) {
            let path = entry.path().display().to_string();
            match fs::remove_file(entry.path()) {
                Ok(()) => log::info!("Removed what a write that was broken off has left: {path}"),
                Err(err) => log::debug!("What a write has left cannot be removed: {err}: {path}"),
            }
        }
    }
}

fn is_leftover(name: &str) -> bool {
    name.strip_prefix(PREFIX)
        .is_some_and(|it| it.len() == N_RANDOM && it.bytes().all(|it| it.is_ascii_alphanumeric()))
}

/// A regular file that nothing has been written into for long.
fn is_abandoned(entry: &fs::DirEntry) -> bool {
    let age = || {
        let metadata = entry.metadata().ok().filter(fs::Metadata::is_file)?;
        SystemTime::now().duration_since(metadata.modified().ok()?).ok()
    };
    age().is_some_and(|it| ABANDONED < it)
}

/// Where a link leads, be there a file or not; the path itself where it is no link.
fn behind_links(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_owned();
    for _ in 0..MAX_LINKS {
        match fs::symlink_metadata(&path) {
            Ok(it) if it.is_symlink() => {
                let target = fs::read_link(&path)?;
                // What a link names is meant from where the link is.
                path = path.parent().unwrap_or(Path::new("")).join(target);
            }
            Ok(_) | Err(_) => return Ok(path),
        }
    }
    Err(io::Error::other("the link leads to itself"))
}

#[cfg(test)]
mod tests {
    use std::fs::File;

    use super::*;
    use crate::io::names_in;

    #[test]
    fn a_place_is_tried_and_nothing_is_left_there() {
        let folder = tempfile::tempdir().unwrap();
        let here = folder.path();
        fs::write(here.join("old.png"), "old").unwrap();
        for name in ["new.png", "old.png"] {
            check_writable(&here.join(name)).unwrap();
        }
        assert_eq!(names_in(here), ["old.png"]);
        assert_eq!(fs::read_to_string(here.join("old.png")).unwrap(), "old");
    }

    #[test]
    fn places_where_nothing_can_be_written_say_why() {
        let folder = tempfile::tempdir().unwrap();
        let here = folder.path();
        let locked = here.join("locked.png");
        let mut permissions = File::create(&locked).unwrap().metadata().unwrap().permissions();
        permissions.set_readonly(true);
        fs::set_permissions(&locked, permissions).unwrap();
        let long = here.join(format!("{}.png", "a".repeat(252)));
        for (path, why) in [
            (here.join("no/such/a.png"), "no such folder"),
            (here.to_owned(), "not a file"),
            (locked, "permission denied"),
            (long, "its name is too long"),
        ] {
            let message = check_writable(&path).unwrap_err().to_string();
            assert!(message.starts_with("The file could not be saved: "), "{message}");
            assert!(message.contains(why), "{message}");
            assert!(message.ends_with(&format!("File: {}", path.display())), "{message}");
        }
        if cfg!(target_os = "linux") {
            let message = check_writable(Path::new("/proc/a.png")).unwrap_err().to_string();
            assert!(message.contains("takes no files"), "{message}");
        }
        assert_eq!(names_in(here), ["locked.png"]);
    }

    #[cfg(unix)]
    #[test]
    fn links_lead_to_where_a_file_is_to_be_and_may_go_round() {
        use std::os::unix::fs::symlink;

        let folder = tempfile::tempdir().unwrap();
        let here = folder.path();
        fs::create_dir(here.join("deep")).unwrap();
        symlink("deep/second", here.join("first")).unwrap();
        symlink("a.png", here.join("deep/second")).unwrap();
        assert_eq!(Place::at(&here.join("first")).ok().unwrap().path, here.join("deep/a.png"));
        symlink("round", here.join("round")).unwrap();
        let message = check_writable(&here.join("round")).unwrap_err().to_string();
        assert!(message.contains("leads to itself"), "{message}");
        symlink("no/such/a.png", here.join("nowhere")).unwrap();
        let message = check_writable(&here.join("nowhere")).unwrap_err().to_string();
        assert!(message.contains("no such folder"), "{message}");
    }

    #[test]
    fn only_what_was_being_written_long_ago_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let here = folder.path();
        let long_ago = SystemTime::now() - ABANDONED * 2;
        let names = [".alla-prima-abc123", ".alla-prima-notes.txt", ".alla-prima-abc1234", "a.png"];
        for name in names {
            File::create(here.join(name)).unwrap().set_modified(long_ago).unwrap();
        }
        File::create(here.join(".alla-prima-Fresh1")).unwrap();
        fs::create_dir(here.join(".alla-prima-folder")).unwrap();
        Place::at(&here.join("a.png")).ok().unwrap().tidy();
        let expected = [
            ".alla-prima-Fresh1",
            ".alla-prima-abc1234",
            ".alla-prima-folder",
            ".alla-prima-notes.txt",
            "a.png",
        ];
        assert_eq!(names_in(here), expected);
    }
}
