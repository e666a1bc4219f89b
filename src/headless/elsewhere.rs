//! Where a picture goes that cannot go where it was to.

use std::path::{Path, PathBuf};

use crate::io;
use crate::settings;

/// Names that are tried in one folder.
const MAX_NAMES: u32 = 1000;

/// Keeps a picture in a folder of the program's own, else in that for temporary files, under a name like that of `out` which
/// nothing has yet. Returns where; `None` where it cannot be kept anywhere.
pub(super) fn keep(out: &Path, save: impl Fn(&Path) -> io::Result<()>) -> Option<PathBuf> {
    let own = settings::folder().map(|it| it.join("pictures"));
    let folders = own.into_iter().chain([std::env::temp_dir()]);
    folders.into_iter().find_map(|it| keep_in(&it, out, &save))
}

fn keep_in(folder: &Path, out: &Path, save: impl Fn(&Path) -> io::Result<()>) -> Option<PathBuf> {
    std::fs::create_dir_all(folder).ok()?;
    let path = names(out).map(|it| folder.join(it)).find(|it| !it.exists())?;
    match save(&path) {
        Ok(()) => Some(path),
        Err(err) => {
            log::warn!("{err}");
            None
        }
    }
}

/// "lake.png", "lake-2.png" and so on.
fn names(out: &Path) -> impl Iterator<Item = String> {
    // The name itself may be why it cannot be saved.
    const MAX_LETTERS: usize = 40;
    let stem: String =
        out.file_stem().unwrap_or_default().to_string_lossy().chars().take(MAX_LETTERS).collect();
    let kind = if io::is_project(out) { "ora" } else { "png" };
    (1..=MAX_NAMES).map(move |number| match number {
        1 => format!("{stem}.{kind}"),
        _ => format!("{stem}-{number}.{kind}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_kept_beside_those_that_are_there() {
        let folder = tempfile::tempdir().unwrap();
        let (out, deep) = (Path::new("/gone/lake.png"), folder.path().join("deep"));
        let save = |path: &Path| io::write_whole(path, |_| Ok(()));
        for name in ["lake.png", "lake-2.png"] {
            assert_eq!(keep_in(&deep, out, save), Some(deep.join(name)));
        }
        let below_a_file = deep.join("lake.png/deeper");
        assert_eq!(keep_in(&below_a_file, out, save), None);
        let full =
            |path: &Path| io::write_whole(path, |_| Err(std::io::ErrorKind::StorageFull.into()));
        assert_eq!(keep_in(&deep, out, full), None);
    }

    #[test]
    fn names_are_like_the_one_that_was_asked_for_and_short() {
        let mut found = names(Path::new("deep/lake.png"));
        assert_eq!(found.next().as_deref(), Some("lake.png"));
        assert_eq!(found.next().as_deref(), Some("lake-2.png"));
        assert_eq!(names(Path::new("lake.ora")).next().as_deref(), Some("lake.ora"));
        let long = names(Path::new(&"é".repeat(300))).next().unwrap();
        assert_eq!(long, format!("{}.png", "é".repeat(40)));
    }
}
