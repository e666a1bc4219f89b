//! A journal while its document is open.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use super::frames::{write_state, write_tile};
use super::{JOURNAL, LOCK, SavedState, State};
use crate::base::Pixmap;
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
        let is_same = |(name, it): (&String, &Pixmap)| {
            self.noted
                .get(name)
                .is_some_and(|old| old.area() == it.area() && it.tiles_unlike(old).is_empty())
        };
        if json == self.last && pixels.iter().all(is_same) {
            return Ok(());
        }
        if MIN_BYTES.max(MAX_GROWTH * self.len_at_first) < self.len {
            return self.write_anew(pixels, json);
        }
        match append(&mut self.file, &self.noted, &pixels, &json) {
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
            let len = append(&mut file, &BTreeMap::new(), &pixels, &json)?;
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

/// Appends what differs from `noted`, and a state. Returns how long the file then is.
fn append(
    file: &mut File,
    noted: &BTreeMap<String, Pixmap>,
    pixels: &BTreeMap<String, Pixmap>,
    json: &[u8],
) -> io::Result<u64> {
    let mut buffer = BufWriter::new(&mut *file);
    for (name, now) in pixels {
        let blank = Pixmap::new(now.width(), now.height());
        let same_size = noted.get(name).filter(|it| it.area() == now.area());
        let old = same_size.unwrap_or(&blank);
        // Of another size, tiles beyond those of now may be noted: they do not count, as a state tells its size.
        for idx in now.tiles_in(now.area()) {
            let (new_tile, old_tile) = (now.tile(idx), old.tile(idx));
            let is_same = match (new_tile, old_tile) {
                (None, None) => same_size.is_some() || !noted.contains_key(name),
                (Some(a), Some(b)) => std::sync::Arc::ptr_eq(a, b) || a == b,
                (Some(_), None) | (None, Some(_)) => false,
            };
            if !is_same {
                write_tile(&mut buffer, name, idx, new_tile.map(|it| &**it))?;
            }
        }
    }
    write_state(&mut buffer, json)?;
    buffer.flush()?;
    drop(buffer);
    file.sync_data()?;
    file.stream_position()
}
