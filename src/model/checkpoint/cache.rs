//! Weights in the form in which this machine computes with them (quantised, laid out for its
//! processor), kept on disk so that the second start is fast: named runs of bytes, each with a
//! note, mapped into memory when they are asked for. What is damaged is as good as not there. Knows
//! nothing of what the bytes mean.
//!
//! A file begins with eight letters that name the format, then offset, length and checksum of its
//! directory; runs of bytes follow, and the directory, in JSON, comes last. All numbers have the
//! lowest byte first.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufWriter, Seek as _, SeekFrom, Write as _};
use std::ops::{Deref, Range};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use tempfile::NamedTempFile;

use super::map::Map;
use crate::base::hex;

/// Changes with the format.
const MAGIC: [u8; 8] = *b"apcache1";

/// The header's magic, offset, length and checksum.
const N_HEADER: usize = 8 + 8 + 8 + 4;

/// Runs of bytes begin at multiples of this, so that they can be read as vectors of any processor.
const ALIGNMENT: u64 = 64;

const ENDING: &str = "weights";

/// What is being written has this name, and what was not written to its end is removed at this age.
const PARTIAL: &str = ".partial-";
const PARTIAL_AGE: Duration = Duration::from_secs(24 * 60 * 60);

/// A folder of weights made of others.
#[derive(Clone, Debug)]
pub struct Cache {
    folder: PathBuf,
    max_bytes: u64,
}

/// What weights were made of, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key(String);

impl Key {
    /// `form` says everything that makes a difference but the files: precision, layout and its
    /// version, the processor where the layout depends on it.
    ///
    /// # Errors
    /// Where one of the files is not there.
    pub fn new<'a>(files: impl IntoIterator<Item = &'a Path>, form: &str) -> io::Result<Self> {
        let mut digest = Sha256::new();
        let mut add = |bytes: &[u8]| {
            digest.update((bytes.len() as u64).to_le_bytes());
            digest.update(bytes);
        };
        add(&MAGIC);
        add(form.as_bytes());
        for path in files {
            let facts = fs::metadata(path)?;
            let age = facts.modified()?.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
            add(fs::canonicalize(path)?.as_os_str().as_encoded_bytes());
            add(&facts.len().to_le_bytes());
            add(&age.as_nanos().to_le_bytes());
        }
        let digest = digest.finalize();
        Ok(Self(hex(&digest)))
    }
}

/// The weights under one key.
#[derive(Clone, Debug)]
pub struct Kept {
    map: Arc<Map>,
    blobs: BTreeMap<String, Entry>,
}

/// A run of bytes; it stays mapped as long as a copy of this is there. Begins at a multiple of 64
/// bytes.
#[derive(Clone, Debug)]
pub struct Blob {
    map: Arc<Map>,
    range: Range<usize>,
}

/// What the directory says of a run of bytes.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Entry {
    note: serde_json::Value,
    start: u64,
    n_bytes: u64,
    checksum: u32,
}

impl Entry {
    fn range(&self, file: &[u8]) -> Option<Range<usize>> {
        range(self.start, self.n_bytes, file).filter(|_| self.start.is_multiple_of(ALIGNMENT))
    }

    fn is_sound(&self, file: &[u8]) -> bool {
        self.range(file).is_some_and(|it| crc32fast::hash(&file[it]) == self.checksum)
    }
}

fn range(start: u64, n_bytes: u64, file: &[u8]) -> Option<Range<usize>> {
    let range = usize::try_from(start).ok()?..usize::try_from(start.checked_add(n_bytes)?).ok()?;
    (range.end <= file.len()).then_some(range)
}

impl Deref for Blob {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.map[self.range.clone()]
    }
}

impl AsRef<[u8]> for Blob {
    fn as_ref(&self) -> &[u8] {
        self
    }
}

impl Kept {
    /// A run of bytes, and what was noted of it.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<(Blob, &serde_json::Value)> {
        let entry = self.blobs.get(name)?;
        let range = entry.range(&self.map)?;
        Some((Blob { map: Arc::clone(&self.map), range }, &entry.note))
    }

    /// `None` where anything is damaged; so all of it is read once.
    fn read(map: Map) -> Option<Self> {
        let header: &[u8; N_HEADER] = map.first_chunk()?;
        let (magic, header) = header.split_first_chunk::<8>()?;
        let (start, header) = header.split_first_chunk()?;
        let (n_bytes, header) = header.split_first_chunk()?;
        let checksum = u32::from_le_bytes(*header.first_chunk()?);
        let directory = range(u64::from_le_bytes(*start), u64::from_le_bytes(*n_bytes), &map)?;
        let directory = &map[directory];
        if *magic != MAGIC || crc32fast::hash(directory) != checksum {
            return None;
        }
        let blobs: BTreeMap<String, Entry> = serde_json::from_slice(directory).ok()?;
        let entries: Vec<&Entry> = blobs.values().collect();
        let is_sound = entries.par_iter().all(|it| it.is_sound(&map));
        is_sound.then(|| Self { map: Arc::new(map), blobs })
    }
}

impl Cache {
    /// Keeps at most `max_bytes`, if need be without those that were not asked for the longest.
    #[must_use]
    pub const fn in_folder(folder: PathBuf, max_bytes: u64) -> Self {
        Self { folder, max_bytes }
    }

    /// In the folder that the system has for such things; `None` where there is no home.
    #[must_use]
    pub fn usual(max_bytes: u64) -> Option<Self> {
        let dirs = directories::ProjectDirs::from("", "", "alla-prima")?;
        Some(Self::in_folder(dirs.cache_dir().join("weights"), max_bytes))
    }

    fn path(&self, key: &Key) -> PathBuf {
        self.folder.join(&key.0).with_extension(ENDING)
    }

    /// What was stored under the key. What is damaged is removed.
    #[must_use]
    pub fn load(&self, key: &Key) -> Option<Kept> {
        let path = self.path(key);
        if !path.is_file() {
            return None;
        }
        let kept = Map::open(&path).ok().and_then(Kept::read);
        let noted = if kept.is_some() {
            // The time at which it was last asked for.
            File::options()
                .append(true)
                .open(&path)
                .and_then(|it| it.set_modified(SystemTime::now()))
        } else {
            log::warn!("Kept weights are damaged, and made anew\n{}", path.display());
            fs::remove_file(&path)
        };
        if let Err(err) = noted {
            log::debug!("The cache could not be kept in order: {err}\n{}", path.display());
        }
        kept
    }

    /// Begins to store weights under a key; they can be loaded once [`Writer::finish`] was called.
    ///
    /// # Errors
    /// Where the folder cannot be made or written to.
    pub fn store(&self, key: &Key) -> io::Result<Writer<'_>> {
        fs::create_dir_all(&self.folder)?;
        let file = tempfile::Builder::new().prefix(PARTIAL).tempfile_in(&self.folder)?;
        let mut file = BufWriter::new(file);
        file.seek(SeekFrom::Start(ALIGNMENT))?;
        let (path, blobs) = (self.path(key), BTreeMap::new());
        Ok(Writer { cache: self, path, file, end: ALIGNMENT, blobs })
    }

    /// Removes what was begun long ago, and what was not asked for the longest until the rest fits.
    fn tidy(&self, newest: &Path) -> io::Result<()> {
        let mut kept = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            let (path, facts) = (entry.path(), entry.metadata()?);
            let last_use = facts.modified()?;
            let is_partial = entry.file_name().to_string_lossy().starts_with(PARTIAL);
            if is_partial && last_use.elapsed().is_ok_and(|it| PARTIAL_AGE < it) {
                fs::remove_file(path)?;
            } else if path.extension().is_some_and(|it| it == ENDING) {
                kept.push((path != newest, last_use, facts.len(), path));
            }
        }
        kept.sort();
        let mut n_bytes: u64 = kept.iter().map(|(_, _, n_bytes, _)| n_bytes).sum();
        for (is_older, _, n_freed, path) in kept {
            if n_bytes <= self.max_bytes {
                break;
            }
            if is_older {
                fs::remove_file(path)?;
                n_bytes -= n_freed;
            }
        }
        Ok(())
    }
}

/// Weights on their way into the cache. Dropped, it leaves nothing behind.
#[derive(Debug)]
pub struct Writer<'a> {
    cache: &'a Cache,
    path: PathBuf,
    file: BufWriter<NamedTempFile>,
    /// Where the next byte goes.
    end: u64,
    blobs: BTreeMap<String, Entry>,
}

impl Writer<'_> {
    /// A run of bytes, and a small note that comes back with it.
    ///
    /// # Errors
    /// Where the disk is full.
    pub fn add(&mut self, name: &str, bytes: &[u8], note: serde_json::Value) -> io::Result<()> {
        let start = self.end.next_multiple_of(ALIGNMENT);
        self.file.write_all(&[0; ALIGNMENT as usize][..(start - self.end) as usize])?;
        self.file.write_all(bytes)?;
        let n_bytes = bytes.len() as u64;
        self.end = start + n_bytes;
        let entry = Entry { note, start, n_bytes, checksum: crc32fast::hash(bytes) };
        self.blobs.insert(name.to_owned(), entry);
        Ok(())
    }

    /// Writes directory and header, and gives the file its name.
    ///
    /// # Errors
    /// Where the disk is full.
    pub fn finish(mut self) -> io::Result<()> {
        let directory = serde_json::to_vec(&self.blobs)?;
        self.file.write_all(&directory)?;
        self.file.seek(SeekFrom::Start(0))?;
        self.file.write_all(&MAGIC)?;
        self.file.write_all(&self.end.to_le_bytes())?;
        self.file.write_all(&(directory.len() as u64).to_le_bytes())?;
        self.file.write_all(&crc32fast::hash(&directory).to_le_bytes())?;
        let file = self.file.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.as_file().sync_all()?;
        file.persist(&self.path).map_err(|err| err.error)?;
        if let Err(err) = self.cache.tidy(&self.path) {
            log::debug!("The cache could not be kept in order: {err}");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const PLENTY: u64 = 1 << 30;

    fn key(name: &str) -> Key {
        Key::new([], name).unwrap()
    }

    fn store(cache: &Cache, key: &Key, n_bytes: usize) {
        let mut writer = cache.store(key).unwrap();
        writer.add("norm", b"abc", json!(null)).unwrap();
        writer.add("wqkv", &vec![7; n_bytes], json!({"n_in": 3})).unwrap();
        writer.finish().unwrap();
    }

    fn names_in(folder: &Path) -> Vec<String> {
        let names = fs::read_dir(folder).unwrap();
        names.map(|it| it.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[test]
    fn what_was_stored_comes_back_aligned_and_with_its_note() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::in_folder(folder.path().join("made/when/needed"), PLENTY);
        assert!(cache.load(&key("a")).is_none());
        store(&cache, &key("a"), 1000);
        assert!(cache.load(&key("b")).is_none());

        let kept = cache.load(&key("a")).unwrap();
        let (wqkv, note) = kept.get("wqkv").unwrap();
        assert_eq!((&*wqkv, note), (&[7; 1000][..], &json!({"n_in": 3})));
        assert!(wqkv.as_ptr().addr().is_multiple_of(ALIGNMENT as usize));
        assert!(kept.get("wo").is_none());
        let norm = kept.get("norm").unwrap().0;
        drop((kept, wqkv));
        store(&cache, &key("a"), 2000);
        assert_eq!(*norm, *b"abc", "what is in use has changed");
        assert_eq!(cache.load(&key("a")).unwrap().get("wqkv").unwrap().0.len(), 2000);
    }

    #[test]
    fn what_is_damaged_anywhere_is_not_there() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::in_folder(folder.path().to_owned(), PLENTY);
        store(&cache, &key("a"), 100);
        let path = cache.path(&key("a"));
        let whole = fs::read(&path).unwrap();
        let is_between = |at: usize| (N_HEADER..64).contains(&at) || (67..128).contains(&at);
        for at in (0..whole.len()).filter(|&at| !is_between(at)) {
            let mut damaged = whole.clone();
            damaged[at] ^= 1 << (at % 8);
            fs::write(&path, damaged).unwrap();
            assert!(cache.load(&key("a")).is_none(), "byte {at}");
            assert!(!path.exists(), "byte {at}");
        }
        for n_bytes in 0..whole.len() {
            fs::write(&path, &whole[..n_bytes]).unwrap();
            assert!(cache.load(&key("a")).is_none(), "{n_bytes} bytes");
        }
        fs::write(&path, &whole).unwrap();
        assert!(cache.load(&key("a")).is_some());
    }

    #[test]
    fn those_that_were_not_asked_for_the_longest_make_room() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::in_folder(folder.path().to_owned(), 3000);
        let age = |name, secs| {
            let file = File::options().append(true).open(cache.path(&key(name))).unwrap();
            file.set_modified(SystemTime::now() - Duration::from_secs(secs)).unwrap();
        };
        for (name, secs) in [("a", 30), ("b", 20)] {
            store(&cache, &key(name), 1000);
            age(name, secs);
        }
        assert!(cache.load(&key("a")).is_some());
        store(&cache, &key("c"), 1000);
        let are_there = ["a", "b", "c"].map(|name| cache.load(&key(name)).is_some());
        assert_eq!(are_there, [true, false, true]);
        // One that is too large alone is still kept: it was just made, and is in use.
        store(&cache, &key("d"), 5000);
        let are_there = ["a", "c", "d"].map(|name| cache.load(&key(name)).is_some());
        assert_eq!(are_there, [false, false, true]);
    }

    #[test]
    fn what_was_never_finished_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::in_folder(folder.path().to_owned(), PLENTY);
        cache.store(&key("a")).unwrap().add("norm", b"abc", json!(1)).unwrap();
        assert!(names_in(folder.path()).is_empty());
        // Left by a program that was ended.
        for (name, age) in [("old", 2 * PARTIAL_AGE), ("new", PARTIAL_AGE / 2)] {
            let file = File::create(folder.path().join(format!("{PARTIAL}{name}"))).unwrap();
            file.set_modified(SystemTime::now() - age).unwrap();
        }
        store(&cache, &key("b"), 10);
        let mut names = names_in(folder.path());
        names.sort();
        assert_eq!(names, [".partial-new".to_owned(), format!("{}.weights", key("b").0)]);
    }

    #[test]
    fn another_file_or_form_is_another_key() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model.safetensors");
        fs::write(&path, "weights").unwrap();
        let of = |form| Key::new([path.as_path()], form).unwrap();
        let first = of("Q8");
        assert_eq!(first, of("Q8"));
        assert_ne!(first, of("Q4K"));
        let file = File::options().append(true).open(&path).unwrap();
        file.set_modified(SystemTime::now() - Duration::from_secs(9)).unwrap();
        let older = of("Q8");
        assert_ne!(first, older);
        file.set_len(3).unwrap();
        assert_ne!(older, of("Q8"));
        assert!(Key::new([folder.path().join("none").as_path()], "Q8").is_err());
    }
}
