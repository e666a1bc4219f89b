//! What a process that is gone has left of its documents.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::super::thumbnail::thumbnail;
use super::frames::{self, Frame};
use super::{JOURNAL, LOCK, SavedState, State};
use crate::base::{PixelTile, Pixmap, TileIdx};

const THUMBNAIL_PIXELS: u32 = 128;

/// A document that can be had back.
#[derive(Debug)]
pub struct Recovered {
    folder: PathBuf,
    /// Held, so that another window that is opened meanwhile does not offer it, too.
    _lock: File,
    pub state: State,
    /// What it looks like, at most 128 pixels to a side.
    pub thumbnail: Pixmap,
    /// When something was noted last.
    pub when: SystemTime,
}

impl Recovered {
    /// It is had back, or not wanted: nothing is left of it.
    ///
    /// # Errors
    /// Where files cannot be removed.
    pub fn discard(self) -> io::Result<()> {
        fs::remove_dir_all(&self.folder)
    }
}

/// What can be had back below `root`, the latest first. Journals of processes that are still there are left alone; those
/// in which nothing is that a file does not hold are removed.
#[must_use]
pub fn recover(root: &Path) -> Vec<Recovered> {
    let Ok(folders) = fs::read_dir(root) else { return Vec::new() };
    let mut found: Vec<Recovered> = folders
        .filter_map(|it| it.ok().map(|it| it.path()))
        .filter(|it| it.join(LOCK).is_file())
        .filter_map(open)
        .collect();
    found.sort_by_key(|it| std::cmp::Reverse(it.when));
    found
}

fn open(folder: PathBuf) -> Option<Recovered> {
    let lock = File::open(folder.join(LOCK)).ok()?;
    lock.try_lock().ok()?;
    let path = folder.join(JOURNAL);
    let when = fs::metadata(&path).and_then(|it| it.modified()).unwrap_or(SystemTime::UNIX_EPOCH);
    // It may be about to begin.
    let is_empty = fs::metadata(&path).ok()?.len() == 0;
    let state = File::open(&path).ok().and_then(|it| read(BufReader::new(it)));
    match state {
        None if !is_empty => {
            log::warn!("A journal cannot be read; it is left where it is: {}", path.display());
            None
        }
        Some(state) if state.is_modified => {
            let picture = &state.project.picture;
            let (width, height) = (picture.canvas.width(), picture.canvas.height());
            let seen = picture.composite(picture.canvas);
            let thumbnail = thumbnail(width, height, seen, THUMBNAIL_PIXELS);
            Some(Recovered { folder, _lock: lock, state, thumbnail, when })
        }
        Some(_) | None => {
            // Nothing was done in it yet, or a file holds all of it.
            if let Err(err) = fs::remove_dir_all(&folder) {
                log::warn!("{} could not be removed: {err}", folder.display());
            }
            None
        }
    }
}

type Tiles = BTreeMap<(String, TileIdx), Option<PixelTile>>;

/// The last whole state.
fn read(mut file: BufReader<File>) -> Option<State> {
    let (mut tiles, mut since) = (Tiles::new(), Tiles::new());
    let mut last = None;
    while let Some(frame) = frames::read(&mut file) {
        match frame {
            Frame::Tile { part, idx, tile } => drop(since.insert((part, idx), tile)),
            Frame::State(json) => {
                let Ok(state) = serde_json::from_slice::<SavedState>(&json) else { break };
                tiles.append(&mut since);
                // What is no part of it begins anew should it come back.
                tiles.retain(|(part, _), _| state.parts.iter().any(|it| it.1 == *part));
                last = Some(state);
            }
        }
    }
    let SavedState { record, parts, name, file, is_modified } = last?;
    let grid = record.grid();
    let mut pixels: BTreeMap<String, Pixmap> = BTreeMap::new();
    for ((part, idx), tile) in tiles {
        let part = pixels.entry(part).or_insert_with(|| Pixmap::new(grid.width(), grid.height()));
        if !idx.pixels().intersection(grid.area()).is_empty() {
            part.put_tile(idx, tile.map(std::sync::Arc::new));
        }
    }
    let found = |place: &str| {
        let name = parts.iter().find(|it| it.0 == place).map(|it| &it.1)?;
        pixels.get(name).cloned()
    };
    let project =
        record.into_project(found).inspect_err(|err| log::warn!("A journal: {err}")).ok()?;
    Some(State { project, name, file, is_modified })
}
