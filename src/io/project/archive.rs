//! The archive that a project is: files by name, with limits on what is read.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Cursor, Read as _, Write as _};

use png::Compression;
use zip::read::ZipArchive;
use zip::write::{SimpleFileOptions, ZipWriter};
use zip::{CompressionMethod, result::ZipError};

use super::super::error::Fault;
use super::super::png::{Encoding, encode};
use super::super::png_pixels;
use crate::base::{PixelRect, Pixmap};

/// One file of an archive, unpacked.
const MAX_ENTRY_BYTES: u64 = 512 << 20;

const MAX_ENTRIES: usize = 16_384;

/// An archive that is being read.
pub(super) struct Archive {
    zip: ZipArchive<BufReader<File>>,
}

impl Archive {
    /// # Errors
    /// Where it is none.
    pub(super) fn open(file: File) -> Result<Self, Fault> {
        let zip = ZipArchive::new(BufReader::new(file)).map_err(fault)?;
        if MAX_ENTRIES < zip.len() {
            return Err(Fault::DamagedProject("it holds too many files".to_owned()));
        }
        Ok(Self { zip })
    }

    /// Whether there is such a file, and its checksum.
    pub(super) fn sum(&mut self, name: &str) -> Option<u32> {
        self.zip.by_name(name).ok().map(|it| it.crc32())
    }

    /// The bytes of a file.
    ///
    /// # Errors
    /// Where it is missing, damaged or too large.
    pub(super) fn bytes(&mut self, name: &str) -> Result<Vec<u8>, Fault> {
        self.bytes_up_to(MAX_ENTRY_BYTES, name)
    }

    /// The same of a file that may have so many bytes, unpacked.
    ///
    /// # Errors
    /// As [`Self::bytes`].
    pub(super) fn bytes_up_to(&mut self, max_bytes: u64, name: &str) -> Result<Vec<u8>, Fault> {
        let file = self.zip.by_name(name).map_err(fault)?;
        if max_bytes < file.size() {
            return Err(Fault::TooMuchMemory { max_bytes });
        }
        let mut bytes = Vec::new();
        file.take(max_bytes).read_to_end(&mut bytes).map_err(Fault::Read)?;
        Ok(bytes)
    }

    /// The pixels of a PNG file.
    ///
    /// # Errors
    /// As [`Self::bytes`], and where it is none.
    pub(super) fn pixels(&mut self, name: &str) -> Result<Pixmap, Fault> {
        let bytes = self.bytes(name)?;
        // As it is: half of a layer in the place of all of it would be worse than none.
        Ok(png_pixels::decode_up_to(u32::MAX, || Ok(Cursor::new(&bytes[..])))?.0)
    }
}

/// An archive that is being written.
pub(super) struct NewArchive<'a, 'f> {
    zip: ZipWriter<&'a mut BufWriter<&'f File>>,
    /// Name and checksum of each file so far.
    pub(super) sums: Vec<(String, u32)>,
}

impl<'a, 'f> NewArchive<'a, 'f> {
    pub(super) fn new(file: &'a mut BufWriter<&'f File>) -> Self {
        Self { zip: ZipWriter::new(file), sums: Vec::new() }
    }

    /// # Errors
    /// Where the disk does not take it.
    pub(super) fn put(&mut self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let is_large = u32::try_from(bytes.len()).is_err();
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Stored)
            .large_file(is_large);
        self.zip.start_file(name, options)?;
        self.zip.write_all(bytes)?;
        self.sums.push((name.to_owned(), crc32fast::hash(bytes)));
        Ok(())
    }

    /// # Errors
    /// Where the disk does not take it.
    pub(super) fn finish(self) -> io::Result<()> {
        self.zip.finish()?.flush()
    }
}

/// `area` of `pixels` as a PNG file in sRGB.
///
/// # Errors
/// Where it is larger than any PNG file.
pub(super) fn png_of(pixels: &Pixmap, area: PixelRect) -> io::Result<Vec<u8>> {
    png_of_rgba(area.width(), area.height(), &pixels.rgba(area))
}

/// The same of RGBA8 values, row by row.
///
/// # Errors
/// As [`png_of`].
pub(super) fn png_of_rgba(width: u32, height: u32, rgba: &[u8]) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let encoding = Encoding { compression: Compression::Fast, dpi: None };
    encode(&mut bytes, [width, height], rgba, &[], &encoding)?;
    Ok(bytes)
}

pub(super) fn fault(err: ZipError) -> Fault {
    match err {
        ZipError::Io(err) if err.kind() != io::ErrorKind::UnexpectedEof => Fault::Read(err),
        err => Fault::DamagedProject(err.to_string()),
    }
}
