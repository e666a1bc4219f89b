//! A journal while its document is open.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use super::frames::{write_state, write_tile};
use super::{JOURNAL, LOCK, SavedState, State};
use crate::base::{PixelTileChange, Pixmap, TileIdx};
use crate::io::project::{Record, named_parts};

/// A journal is written anew when it is this much larger than the document was then.
const MAX_GROWTH: u64 = 2;

/// Journals smaller than this are left as they are.
const MIN_BYTES: u64 = 16 << 20;

/// See the module. Dropped it stays on disk, as after a crash.
#[derive(Debug)]
pub struct Journal {
    folder: PathBuf,
    /// Held until the process ends, whatever ends it.
    _lock: File,
    file: File,
    /// Up to where the file holds whole states.
    len: u64,
    /// How long it was when it was written anew.
    len_at_first: u64,
    /// The pixels that it holds.
    noted: BTreeMap<String, Pixmap>,
    last: Vec<u8>,
}

impl Journal {
    /// A new one in a folder of its own below `root`.
    ///
    /// # Errors
    /// Where folder or files cannot be made.
    pub fn begin(root: &Path) -> io::Result<Self> {
        fs::create_dir_all(root)?;
        let folder = tempfile::Builder::new().prefix("document-").tempdir_in(root)?;
        let lock = File::create_new(folder.path().join(LOCK))?;
        lock.try_lock()?;
        let file = File::create_new(folder.path().join(JOURNAL))?;
        Ok(Self {
            folder: folder.keep(),
            _lock: lock,
            file,
            len: 0,
            len_at_first: 0,
            noted: BTreeMap::new(),
            last: Vec::new(),
        })
    }

    /// Notes a state, as far as it is another one than that before; it is on the disk when this returns.
    ///
    /// # Errors
    /// Where the disk does not take it: the states before are there.
    pub fn note(&mut self, state: &State) -> io::Result<()> {
        let parts = named_parts(&state.project.picture);
        let saved = SavedState {
            record: Record::of(&state.project),
            parts: parts.iter().map(|it| (it.place.clone(), it.name.clone())).collect(),
            name: state.name.clone(),
            file: state.file.clone(),
            is_modified: state.is_modified,
        };
        let json = serde_json::to_vec(&saved)?;
        let pixels: BTreeMap<String, Pixmap> =
            parts.into_iter().map(|it| (it.name, it.pixels)).collect();
        let changed = changed_tiles(&self.noted, &pixels);
        if json == self.last && changed.is_empty() {
            return Ok(());
        }
        if MIN_BYTES.max(MAX_GROWTH * self.len_at_first) < self.len {
            return self.write_anew(pixels, json);
        }
        match append(&mut self.file, &pixels, &changed, &json) {
            Ok(len) => {
                (self.len, self.noted, self.last) = (len, pixels, json);
                self.len_at_first = if self.len_at_first == 0 { len } else { self.len_at_first };
                Ok(())
            }
            Err(err) => {
                // What comes later must not stand behind half a state.
                self.file.set_len(self.len)?;
                self.file.seek(SeekFrom::Start(self.len))?;
                Err(err)
            }
        }
    }

    /// With the present state alone, in place of all that came before.
    fn write_anew(&mut self, pixels: BTreeMap<String, Pixmap>, json: Vec<u8>) -> io::Result<()> {
        let path = self.folder.join("journal.new");
        let new = OpenOptions::new().create(true).write(true).truncate(true).open(&path);
        let written = new.and_then(|mut file| {
            let all = changed_tiles(&BTreeMap::new(), &pixels);
            let len = append(&mut file, &pixels, &all, &json)?;
            fs::rename(&path, self.folder.join(JOURNAL))?;
            Ok((file, len))
        });
        let (file, len) = written.inspect_err(|_| drop(fs::remove_file(&path)))?;
        (self.file, self.len, self.len_at_first) = (file, len, len);
        (self.noted, self.last) = (pixels, json);
        Ok(())
    }

    /// The document is closed, or kept elsewhere: nothing of it is left here.
    ///
    /// # Errors
    /// Where files cannot be removed.
    pub fn discard(self) -> io::Result<()> {
        fs::remove_dir_all(&self.folder)
    }
}

/// The tiles of each part that are others than those in `noted`.
fn changed_tiles(
    noted: &BTreeMap<String, Pixmap>,
    pixels: &BTreeMap<String, Pixmap>,
) -> Vec<(String, TileIdx)> {
    let mut changed = Vec::new();
    for (name, now) in pixels {
        let indices = |tiles: Vec<PixelTileChange>| tiles.into_iter().map(|(idx, _)| idx).collect();
        let tiles: Vec<TileIdx> = match noted.get(name) {
            Some(old) if old.area() == now.area() => indices(now.tiles_unlike(old)),
            // Every tile, blank ones too, is written over one of the other size. Those beyond do not count, as a state tells
            // its size.
            Some(_) => now.tiles_in(now.area()).collect(),
            None => indices(now.tiles_unlike(&Pixmap::new(now.width(), now.height()))),
        };
        changed.extend(tiles.into_iter().map(|idx| (name.clone(), idx)));
    }
    changed
}

/// Appends tiles, and a state. Returns how long the file then is.
fn append(
    file: &mut File,
    pixels: &BTreeMap<String, Pixmap>,
    changed: &[(String, TileIdx)],
    json: &[u8],
) -> io::Result<u64> {
    let mut buffer = BufWriter::new(&mut *file);
    for (name, idx) in changed {
        write_tile(&mut buffer, name, *idx, pixels[name].tile(*idx).map(|it| &**it))?;
    }
    write_state(&mut buffer, json)?;
    buffer.flush()?;
    drop(buffer);
    file.sync_data()?;
    file.stream_position()
}
