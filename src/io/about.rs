//! What a picture's file says of the picture, without its pixels.

use std::io::{BufReader, Cursor, Read as _};
use std::path::Path;

use image::codecs::jpeg::JpegDecoder;
use image::codecs::tiff::TiffDecoder;
use image::codecs::webp::WebPDecoder;
use image::{ImageDecoder, ImageResult};

use super::chunks::{Chunks, is_png};
use super::error::{Fault, Result};
use super::metadata::{Metadata, metadata_of, read_record};
use super::others::{self, Recipe};
use super::picture::{READ, is_tiff};
use super::{exif, file, xmp};

/// Who has made a picture, as far as its file tells.
#[derive(Clone, Debug, PartialEq)]
pub enum Origin {
    /// This program.
    Ours(Box<Metadata>),
    /// Another one that generates pictures.
    Theirs(Recipe),
    Untold,
}

/// Reads how a picture came about. Its pixels may be damaged.
///
/// # Errors
/// Where the file cannot be read, is of another kind, or its record cannot be understood.
pub fn read_origin(path: &Path) -> Result<Origin> {
    origin_of(path).map_err(|fault| fault.at(path))
}

fn origin_of(path: &Path) -> std::result::Result<Origin, Fault> {
    let mut start = Vec::new();
    file::open(path)?.take(12).read_to_end(&mut start)?;
    if is_png(&start) {
        let texts = Chunks::read(BufReader::new(file::open(path)?))?.texts()?;
        return Ok(match metadata_of(&texts)? {
            Some(it) => Origin::Ours(Box::new(it)),
            None => others::in_texts(&texts).map_or(Origin::Untold, Origin::Theirs),
        });
    }
    let mut bytes = Vec::new();
    file::open(path)?.read_to_end(&mut bytes)?;
    let (exif, xmp) = beside_pixels(&bytes, &start)?;
    if let Some(record) = xmp.and_then(|it| xmp::record_in(&it)) {
        return Ok(Origin::Ours(Box::new(read_record(&record)?)));
    }
    let recipe = exif.and_then(|it| others::in_exif(&exif::texts(&it)));
    Ok(recipe.map_or(Origin::Untold, Origin::Theirs))
}

/// The Exif record and the XMP packet of a JPEG, WebP or TIFF file.
fn beside_pixels(bytes: &[u8], start: &[u8]) -> std::result::Result<Beside, Fault> {
    fn both(mut decoder: impl ImageDecoder) -> ImageResult<Beside> {
        Ok((decoder.exif_metadata()?, decoder.xmp_metadata()?))
    }
    let found = match start {
        [0xFF, 0xD8, 0xFF, ..] => JpegDecoder::new(Cursor::new(bytes)).and_then(both),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P'] => {
            WebPDecoder::new(Cursor::new(bytes)).and_then(both)
        }
        it if is_tiff(it) => TiffDecoder::new(Cursor::new(bytes)).and_then(both),
        _ => return Err(Fault::OtherFormat { expected: READ }),
    };
    found.map_err(super::picture::fault)
}

/// As they lie in the file.
type Beside = (Option<Vec<u8>>, Option<Vec<u8>>);

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::io::Program;

    #[test]
    fn a_comment_in_a_photograph_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.jpg");
        let mut jpeg = Cursor::new(Vec::new());
        image::RgbImage::new(9, 9).write_to(&mut jpeg, image::ImageFormat::Jpeg).unwrap();
        let jpeg = jpeg.into_inner();
        fs::write(&path, &jpeg).unwrap();
        assert_eq!(read_origin(&path).unwrap(), Origin::Untold);

        let record = exif::record(72, "a lake\nSteps: 20, Seed: 42, Model: dream");
        let exif = [b"Exif\0\0", &record[..]].concat();
        let len = (exif.len() as u16 + 2).to_be_bytes();
        fs::write(&path, [&jpeg[..2], b"\xFF\xE1", &len, &exif, &jpeg[2..]].concat()).unwrap();
        let Origin::Theirs(recipe) = read_origin(&path).unwrap() else { panic!("nothing is told") };
        assert_eq!((recipe.program, recipe.prompt.as_str()), (Program::Automatic1111, "a lake"));
        assert_eq!(recipe.seed, Some(42));
    }

    #[test]
    fn what_is_no_picture_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.png");
        fs::write(&path, "some words").unwrap();
        let message = read_origin(&path).unwrap_err().to_string();
        assert!(message.contains("it is not a PNG, JPEG, WebP or TIFF picture"), "{message}");
    }
}
