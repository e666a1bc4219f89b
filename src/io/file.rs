//! Files as a whole: opened with care, and replaced in one move. All that is remembered between runs is written here.
//! Knows nothing of what is in them.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::error::{Fault, Result};
use super::place::Place;

/// Larger files are not looked into.
const MAX_BYTES: u64 = 512 << 20;

/// Opens a file that somebody else may have made.
pub(super) fn open(path: &Path) -> std::result::Result<File, Fault> {
    open_up_to(MAX_BYTES, path)
}

/// The same of a file that may have so many bytes.
pub(super) fn open_up_to(max_bytes: u64, path: &Path) -> std::result::Result<File, Fault> {
    // Asked before it is opened: to open a pipe would wait for someone to write into it.
    let metadata = fs::metadata(path)?;
    if !metadata.is_file() {
        return Err(Fault::NotAFile);
    }
    match metadata.len() {
        0 => Err(Fault::Empty),
        len if max_bytes < len => Err(Fault::TooManyBytes { max_bytes }),
        _ => Ok(File::open(path)?),
    }
}

/// Writes a file beside `path`, and then puts it in its place. Until that very end, and if anything
/// fails, what was there before stays.
///
/// # Errors
/// Where the folder is missing or closed, the disk is full, or `write` fails.
pub fn write_whole(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<&File>) -> io::Result<()>,
) -> Result<()> {
    replace(path, Keep::Nothing, write).map_err(|fault| fault.at(path))
}

/// What becomes of the file that is replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keep {
    Nothing,
    Old,
}

fn replace(
    path: &Path,
    keep: Keep,
    write: impl FnOnce(&mut BufWriter<&File>) -> io::Result<()>,
) -> std::result::Result<(), Fault> {
    let place = Place::at(path)?;
    place.tidy();
    let new = place.begin()?;
    let fill = || {
        let mut buffer = BufWriter::new(new.as_file());
        write(&mut buffer)?;
        buffer.flush()
    };
    fill().map_err(Fault::Write)?;
    settle(new, &place, keep)
}

/// Puts a file that was begun beside a place, and is written by now, in that place.
pub(super) fn settle(
    new: NamedTempFile,
    place: &Place,
    keep: Keep,
) -> std::result::Result<(), Fault> {
    let secure = || {
        if let Some(permissions) = place.permissions.clone() {
            new.as_file().set_permissions(permissions)?;
        }
        new.as_file().sync_all()
    };
    secure().map_err(Fault::Write)?;
    if keep == Keep::Old && place.permissions.is_some() {
        keep_old(&place.path);
    }
    new.persist(&place.path).map_err(|err| Fault::Write(err.error))?;
    sync(place.folder());
    Ok(())
}

/// `NAME` as it is is `NAME~` from now on, too. That one is a courtesy: where it cannot be had the new file is written all
/// the same.
fn keep_old(path: &Path) {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push("~");
    let old = path.with_file_name(name);
    let keep = || {
        match fs::remove_file(&old) {
            Err(err) if err.kind() != io::ErrorKind::NotFound => return Err(err),
            Ok(()) | Err(_) => (),
        }
        // Where the disk knows no links it is copied.
        fs::hard_link(path, &old).or_else(|_| fs::copy(path, &old).map(drop))
    };
    if let Err(err) = keep() {
        log::warn!("{} could not be kept: {err}", old.display());
    }
}

/// As [`write_whole`]; what was there before is kept beside it, as `NAME~`.
///
/// # Errors
/// As [`write_whole`].
pub(super) fn write_whole_keeping_old(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<&File>) -> io::Result<()>,
) -> Result<()> {
    replace(path, Keep::Old, write).map_err(|fault| fault.at(path))
}

/// As [`write_whole`], with the folder made where there is none: for files of the program's own.
///
/// # Errors
/// Where the folder cannot be made, or as with [`write_whole`].
pub fn write_whole_with_folder(path: &Path, bytes: &[u8]) -> Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(|err| Fault::Write(err).at(path))?;
    }
    write_whole(path, |file| file.write_all(bytes))
}

/// Renames a file that makes no sense, so that another may take its place: `a.json` becomes `a.json.broken`, or
/// `a.json.2.broken` where an earlier one is kept. Returns the new path.
///
/// # Errors
/// Where the file cannot be renamed.
pub fn set_aside(path: &Path) -> Result<PathBuf> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let set_aside = || -> io::Result<PathBuf> {
        let mut aside = path.with_file_name(format!("{name}.broken"));
        let mut number = 2;
        // To create a file takes the name, whatever other programs do; to rename then replaces that file.
        while let Err(err) = File::create_new(&aside) {
            if err.kind() != io::ErrorKind::AlreadyExists {
                return Err(err);
            }
            aside = path.with_file_name(format!("{name}.{number}.broken"));
            number += 1;
        }
        fs::rename(path, &aside).inspect_err(|_| drop(fs::remove_file(&aside)))?;
        Ok(aside)
    };
    set_aside().map_err(|err| Fault::SetAside(err).at(path))
}

/// Asks the disk to remember the new name too. The file is whole either way, so it may refuse.
fn sync(folder: &Path) {
    if cfg!(unix)
        && let Err(err) = File::open(folder).and_then(|it| it.sync_all())
    {
        log::debug!("The folder could not be synced: {err}");
    }
}

/// What a folder holds, sorted: for the tests that nothing is left behind.
#[cfg(test)]
pub(crate) fn names_in(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        entries.map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_old_file_survives_a_failed_write() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        fs::write(&path, "old").unwrap();
        let failed = write_whole(&path, |file| {
            file.write_all(b"new")?;
            Err(io::ErrorKind::StorageFull.into())
        });
        let message = failed.unwrap_err().to_string();
        let expected =
            format!("The file could not be saved: no storage space\nFile: {}", path.display());
        assert_eq!(message, expected);
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        assert_eq!(names_in(folder.path()), ["a.txt"]);
    }

    #[test]
    fn a_file_is_replaced_and_nothing_is_left_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        for text in ["old", "new"] {
            write_whole(&path, |file| file.write_all(text.as_bytes())).unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
        }
        assert_eq!(names_in(folder.path()), ["a.txt"]);
    }

    #[test]
    fn a_folder_of_our_own_is_made() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/er/a.json");
        write_whole_with_folder(&path, b"{}").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "{}");
        // Where a folder cannot be made, the file is named that could not be saved.
        let below_a_file = path.join("b.json");
        let message = write_whole_with_folder(&below_a_file, b"").unwrap_err().to_string();
        assert!(message.ends_with(&format!("\nFile: {}", below_a_file.display())), "{message}");
    }

    #[test]
    fn what_is_set_aside_never_takes_the_place_of_something_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.json");
        for (text, expected) in
            [("1", "a.json.broken"), ("2", "a.json.2.broken"), ("3", "a.json.3.broken")]
        {
            fs::write(&path, text).unwrap();
            let aside = set_aside(&path).unwrap();
            assert_eq!(aside, folder.path().join(expected));
            assert_eq!(fs::read_to_string(aside).unwrap(), text);
        }
        // There is nothing to set aside any more.
        assert!(set_aside(&path).unwrap_err().to_string().contains("a.json"));
        assert_eq!(names_in(folder.path()).len(), 3);
    }

    #[test]
    fn a_missing_folder_is_named() {
        let path = Path::new("/no/such/folder/a.png");
        let message = write_whole(path, |_| Ok(())).unwrap_err().to_string();
        let expected =
            "The file could not be saved: there is no such folder\nFile: /no/such/folder/a.png";
        assert_eq!(message, expected);
    }

    #[cfg(unix)]
    #[test]
    fn others_may_read_a_new_file_and_an_old_one_keeps_its_permissions_and_links() {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;

        let folder = tempfile::tempdir().unwrap();
        let (path, link) = (folder.path().join("a.txt"), folder.path().join("link.txt"));
        File::create(folder.path().join("usual")).unwrap();
        write_whole(&path, |_| Ok(())).unwrap();
        assert_eq!(mode(&path), mode(&folder.path().join("usual")));

        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        std::os::unix::fs::symlink(&path, &link).unwrap();
        write_whole(&link, |file| file.write_all(b"new")).unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        assert_eq!(mode(&path), 0o640);

        fs::remove_file(&path).unwrap();
        write_whole(&link, |file| file.write_all(b"anew")).unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read_to_string(&path).unwrap(), "anew");
    }

    #[cfg(unix)]
    #[test]
    fn folders_devices_and_locked_files_are_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("locked");
        let mut permissions = File::create(&path).unwrap().metadata().unwrap().permissions();
        permissions.set_readonly(true);
        fs::set_permissions(&path, permissions).unwrap();
        for path in [folder.path(), Path::new("/dev/null"), &path] {
            assert!(write_whole(path, |_| Ok(())).is_err(), "{}", path.display());
        }
        assert!(matches!(open(Path::new("/dev/null")), Err(Fault::NotAFile)));
    }
}
