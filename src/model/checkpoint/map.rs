//! A file's bytes, mapped into memory: read when they are looked at, and given back by the system
//! when it needs room.

use std::fs::{self, File};
use std::io;
use std::ops::Deref;
use std::path::Path;

use memmap2::Mmap;

/// A whole file, to be read.
#[derive(Debug)]
pub(super) struct Map(Mmap);

impl Map {
    /// # Errors
    /// Where the file is missing, closed, empty, or no file.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        // Asked before it is opened: to open a pipe would wait for someone to write into it.
        let facts = fs::metadata(path)?;
        let flaw = match facts.len() {
            _ if !facts.is_file() => Some("it is not a file but a folder or a device"),
            0 => Some("it is empty"),
            _ => None,
        };
        if let Some(flaw) = flaw {
            return Err(io::Error::new(io::ErrorKind::InvalidData, flaw));
        }
        let file = File::open(path)?;
        #[expect(
            unsafe_code,
            reason = "files of many gigabytes can be read at once in no other way"
        )]
        // SAFETY: the map is read only and never outlives `Self`. What another program writes into
        // the file meanwhile may show as other values, and every value is one that we can take:
        // bytes become numbers, and what they say of sizes and offsets is copied before it is
        // checked. Shortening a model's file while it is open ends the program, as with every
        // program that maps its files.
        let map = unsafe { Mmap::map(&file)? };
        Ok(Self(map))
    }
}

impl Deref for Map {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}
