//! PNG files: written with text beside the pixels; the text read back without the pixels.
//! Knows nothing of what the text means.

use std::fs::File;
use std::io::{self, BufRead, BufWriter, Seek};
use std::path::Path;

use png::{BitDepth, ColorType, Decoder, DecodingError, Encoder, Limits, SrgbRenderingIntent};

use super::error::{Fault, Result};
use super::file::write_whole;

/// A keyword and its text.
pub type Text = (&'static str, String);

/// One text of this size is read, a larger one is not.
const MAX_TEXT_BYTES: usize = 8 << 20;

/// All that the texts of one file may take together.
const MAX_MEMORY_BYTES: usize = 32 << 20;

/// Whether a file of this name may hold a PNG picture.
///
/// # Errors
/// Where its name promises something else, or nothing.
pub fn check_name(path: &Path) -> Result<()> {
    match path.extension() {
        Some(it) if it.eq_ignore_ascii_case("png") => Ok(()),
        _ => Err(Fault::OtherName.at(path)),
    }
}

/// Writes RGBA8 values, row by row, in sRGB with straight alpha.
///
/// # Errors
/// Where the file cannot be written or is not named as a PNG picture, or the number of values does not fit
/// the size.
pub fn write_png(path: &Path, width: u32, height: u32, rgba: &[u8], texts: &[Text]) -> Result<()> {
    check_name(path)?;
    write_whole(path, |file| Ok(encode(file, width, height, rgba, texts)?))
}

fn encode(
    file: &mut BufWriter<&File>,
    width: u32,
    height: u32,
    rgba: &[u8],
    texts: &[Text],
) -> std::result::Result<(), png::EncodingError> {
    let mut encoder = Encoder::new(file, width, height);
    encoder.set_color(ColorType::Rgba);
    encoder.set_depth(BitDepth::Eight);
    encoder.set_source_srgb(SrgbRenderingIntent::Perceptual);
    for (keyword, text) in texts {
        encoder.add_itxt_chunk((*keyword).to_owned(), text.clone())?;
    }
    let mut writer = encoder.write_header()?;
    writer.write_image_data(rgba)?;
    writer.finish()
}

/// The text under `keyword` that comes before the pixels, whichever of PNG's three ways of keeping
/// text it is in.
pub(super) fn read_text(
    reader: impl BufRead + Seek,
    keyword: &str,
) -> std::result::Result<Option<String>, Fault> {
    let limits = Limits { bytes: MAX_MEMORY_BYTES };
    let reader = Decoder::new_with_limits(reader, limits).read_info().map_err(fault)?;
    let info = reader.info();

    let mut text = None;
    if let Some(chunk) = info.utf8_text.iter().find(|it| it.keyword == keyword) {
        let mut chunk = chunk.clone();
        chunk.decompress_text_with_limit(MAX_TEXT_BYTES).map_err(fault)?;
        text = Some(chunk.get_text().map_err(fault)?);
    } else if let Some(chunk) = info.compressed_latin1_text.iter().find(|it| it.keyword == keyword)
    {
        let mut chunk = chunk.clone();
        chunk.decompress_text_with_limit(MAX_TEXT_BYTES).map_err(fault)?;
        text = Some(chunk.get_text().map_err(fault)?);
    } else if let Some(chunk) =
        info.uncompressed_latin1_text.iter().find(|it| it.keyword == keyword)
    {
        text = Some(chunk.text.clone());
    }

    match text {
        Some(text) if MAX_TEXT_BYTES < text.len() => Err(fault(DecodingError::LimitsExceeded)),
        text => Ok(text),
    }
}

fn fault(err: DecodingError) -> Fault {
    match err {
        DecodingError::IoError(err) if err.kind() == io::ErrorKind::UnexpectedEof => {
            Fault::Damaged("it ends too early".to_owned())
        }
        DecodingError::IoError(err) => Fault::Read(err),
        err => Fault::Damaged(err.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Cursor;

    use super::*;

    /// The text of a one-pixel picture with the given texts, one in each way.
    fn read_back(keyword: &str, texts: &[(&str, &str)]) -> Option<String> {
        let mut bytes = Vec::new();
        let mut encoder = Encoder::new(&mut bytes, 1, 1);
        for (idx, (keyword, text)) in texts.iter().enumerate() {
            let (keyword, text) = ((*keyword).to_owned(), (*text).to_owned());
            match idx {
                0 => encoder.add_text_chunk(keyword, text),
                1 => encoder.add_ztxt_chunk(keyword, text),
                _ => encoder.add_itxt_chunk(keyword, text),
            }
            .unwrap();
        }
        encoder.write_header().unwrap().write_image_data(&[0]).unwrap();
        read_text(Cursor::new(bytes), keyword).unwrap()
    }

    #[test]
    fn text_is_found_in_each_of_the_three_ways() {
        let texts = [("a", "plain"), ("b", "compressed"), ("c", "unicode: 湖")];
        for (keyword, text) in texts {
            assert_eq!(read_back(keyword, &texts).as_deref(), Some(text));
        }
        assert_eq!(read_back("d", &texts), None);
    }

    #[test]
    fn a_text_that_swells_beyond_all_bounds_is_refused() {
        let mut bytes = Vec::new();
        let mut encoder = Encoder::new(&mut bytes, 1, 1);
        encoder.add_ztxt_chunk("a".to_owned(), "0".repeat(MAX_TEXT_BYTES + 1)).unwrap();
        encoder.write_header().unwrap().write_image_data(&[0]).unwrap();
        assert!(bytes.len() < 100_000);
        assert!(read_text(Cursor::new(bytes), "a").is_err());
    }

    #[test]
    fn values_of_another_number_leave_the_old_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.png");
        fs::write(&path, "old").unwrap();
        for n_values in [0, 15, 17] {
            assert!(write_png(&path, 2, 2, &vec![0; n_values], &[]).is_err());
        }
        assert!(write_png(&path, 0, 2, &[], &[]).is_err());
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
