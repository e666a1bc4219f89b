//! PNG files, written with text beside the pixels.
//! Knows nothing of what the text means.

use std::io::Write;
use std::path::Path;

use png::{
    BitDepth, ColorType, Compression, Encoder, EncodingError, PixelDimensions, SrgbRenderingIntent,
    Unit,
};

use super::artwork::Format;
use super::error::{Fault, Result};
use super::file::write_whole;
use super::project::is_project;

/// A keyword and its text.
pub type Text = (&'static str, String);

/// Whether a file of this name may hold a picture or a project.
///
/// # Errors
/// Where its name promises something else, or nothing.
pub fn check_out(path: &Path) -> Result<()> {
    let is_known = is_project(path) || Format::of(path).is_some();
    if is_known { Ok(()) } else { Err(Fault::OtherName.at(path)) }
}

/// Whether a file of this name may hold a PNG picture.
///
/// # Errors
/// Where its name promises something else, or nothing.
fn check_name(path: &Path) -> Result<()> {
    if Format::of(path) == Some(Format::Png) { Ok(()) } else { Err(Fault::OtherName.at(path)) }
}

/// Writes RGBA8 values, row by row, in sRGB with straight alpha.
///
/// # Errors
/// Where the file cannot be written or is not named as a PNG picture, or the number of values does not fit
/// the size.
pub fn write_png(path: &Path, width: u32, height: u32, rgba: &[u8], texts: &[Text]) -> Result<()> {
    check_name(path)?;
    write_whole(path, |file| Ok(encode(file, [width, height], rgba, texts, &Encoding::default())?))
}

/// How a file is packed, and how large it is on paper.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Encoding {
    pub(super) compression: Compression,
    /// Pixels per inch.
    pub(super) dpi: Option<u16>,
}

/// The same, to wherever bytes can go.
///
/// # Errors
/// As [`write_png`].
pub(super) fn encode(
    file: impl Write,
    size: [u32; 2],
    rgba: &[u8],
    texts: &[Text],
    encoding: &Encoding,
) -> std::result::Result<(), EncodingError> {
    let encoder = encoder(file, size, BitDepth::Eight, texts, encoding)?;
    let mut writer = encoder.write_header()?;
    writer.write_image_data(rgba)?;
    writer.finish()
}

/// The same of values of sixteen bits.
///
/// # Errors
/// As [`write_png`].
pub(super) fn encode_deep(
    file: impl Write,
    size: [u32; 2],
    rgba: &[u16],
    texts: &[Text],
    encoding: &Encoding,
) -> std::result::Result<(), EncodingError> {
    let encoder = encoder(file, size, BitDepth::Sixteen, texts, encoding)?;
    let mut writer = encoder.write_header()?;
    let bytes: Vec<u8> = rgba.iter().flat_map(|it| it.to_be_bytes()).collect();
    writer.write_image_data(&bytes)?;
    writer.finish()
}

fn encoder<'a, W: Write>(
    file: W,
    [width, height]: [u32; 2],
    depth: BitDepth,
    texts: &[Text],
    encoding: &Encoding,
) -> std::result::Result<Encoder<'a, W>, EncodingError> {
    let mut encoder = Encoder::new(file, width, height);
    encoder.set_compression(encoding.compression);
    encoder.set_color(ColorType::Rgba);
    encoder.set_depth(depth);
    encoder.set_source_srgb(SrgbRenderingIntent::Perceptual);
    encoder.set_pixel_dims(encoding.dpi.map(|dpi| {
        let per_metre = (f32::from(dpi) / 0.0254).round() as u32;
        PixelDimensions { xppu: per_metre, yppu: per_metre, unit: Unit::Meter }
    }));
    for (keyword, text) in texts {
        let (keyword, text) = ((*keyword).to_owned(), text.clone());
        if text.chars().all(is_plain) {
            encoder.add_text_chunk(keyword, text)?;
        } else {
            encoder.add_itxt_chunk(keyword, text)?;
        }
    }
    Ok(encoder)
}

/// Whether a letter can stand in a text of the older kind, which more programs find.
const fn is_plain(it: char) -> bool {
    matches!(it, '\n' | ' '..='~' | '\u{a1}'..='\u{ff}')
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Cursor;

    use super::super::chunks::Chunks;
    use super::*;

    #[test]
    fn text_is_plain_where_it_can_be() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.png");
        let texts = ["a café", "湖", "C\u{80}", ""].map(|it| ("parameters", it.to_owned()));
        for text in texts {
            write_png(&path, 1, 1, &[1, 2, 3, 4], std::slice::from_ref(&text)).unwrap();
            let bytes = fs::read(&path).unwrap();
            let is_plain = text.1 == "a café" || text.1.is_empty();
            assert_eq!(bytes.windows(4).any(|it| it == b"tEXt"), is_plain, "{text:?}");
            assert_eq!(bytes.windows(4).any(|it| it == b"iTXt"), !is_plain, "{text:?}");
            let read = Chunks::read(Cursor::new(bytes)).unwrap().texts().unwrap();
            assert_eq!(read.get("parameters"), Some(text.1.as_str()));
        }
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
