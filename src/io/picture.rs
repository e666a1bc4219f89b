//! Pictures that somebody else may have made: PNG, JPEG, WebP and TIFF, upright as their cameras say, in sRGB as their colour
//! profiles say. What is transparent stays so.

use std::io::{self, BufRead, BufReader, Read as _, Seek};
use std::path::Path;

use image::codecs::tiff::TiffDecoder;
use image::codecs::webp::WebPDecoder;
use image::error::{ImageError, UnsupportedErrorKind};
use image::metadata::Orientation;
use image::{ColorType, ImageDecoder, Limits};

use super::about::{Origin, read_origin};
use super::chunks::is_png;
use super::colour::{Channels, ColourTag, RowFormat};
use super::error::{Fault, Result};
use super::notice::Notice;
use super::rows::{MAX_MEMORY_BYTES, Rows, check_size};
use super::{file, jpeg, png_pixels};
use crate::base::Pixmap;

/// Width and height of the largest picture that is opened as it is; larger ones are scaled down to it.
pub const MAX_SIDE_PIXELS: u32 = 8192;

/// What is read.
pub(super) const READ: &str = "PNG, JPEG, WebP or TIFF";

/// A picture that is opened.
#[derive(Clone, Debug)]
pub struct Opened {
    /// Straight alpha, as it was stored.
    pub pixels: Pixmap,
    /// How it came about, as far as its file tells.
    pub origin: Origin,
    /// What is not as it is in the file.
    pub notices: Vec<Notice>,
}

/// Opens a picture: one of ours, or anybody's. A record of how it came about that cannot be understood is left aside.
///
/// # Errors
/// As [`read_picture`].
pub fn open_picture(path: &Path) -> Result<Opened> {
    let (pixels, notices) = read(path)?;
    let origin = read_origin(path).unwrap_or_else(|err| {
        log::debug!("Nothing is told of how it came about: {err}");
        Origin::Untold
    });
    Ok(Opened { pixels, origin, notices })
}

/// Reads a picture's pixels.
///
/// # Errors
/// Where the file cannot be read, is of another kind, damaged, or takes too much memory.
pub fn read_picture(path: &Path) -> Result<Pixmap> {
    Ok(read(path)?.0)
}

fn read(path: &Path) -> Result<(Pixmap, Vec<Notice>)> {
    let read = || decode(|| Ok(BufReader::new(file::open(path)?)));
    read().map_err(|fault| fault.at(path))
}

/// Of what kind a file is, its first bytes tell, not its name.
fn decode<R: BufRead + Seek>(
    open: impl Fn() -> std::result::Result<R, Fault>,
) -> std::result::Result<(Pixmap, Vec<Notice>), Fault> {
    let mut start = Vec::new();
    open()?.take(12).read_to_end(&mut start)?;
    match &start[..] {
        it if is_png(it) => png_pixels::decode(open),
        [0xFF, 0xD8, 0xFF, ..] => {
            let mut bytes = Vec::new();
            open()?.read_to_end(&mut bytes)?;
            jpeg::decode(&bytes)
        }
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P'] => webp(open()?),
        it if is_tiff(it) => tiff(open()?),
        _ => Err(Fault::OtherFormat { expected: READ }),
    }
}

/// Whether a file begins as a TIFF file does, in either byte order.
pub(super) fn is_tiff(start: &[u8]) -> bool {
    start.starts_with(b"II\x2A\0") || start.starts_with(b"MM\0\x2A")
}

fn webp(file: impl BufRead + Seek) -> std::result::Result<(Pixmap, Vec<Notice>), Fault> {
    let decoder = WebPDecoder::new(file).map_err(fault)?;
    // What comes out, and what the decoder works on.
    check_size(decoder.dimensions().into(), 8, 0)?;
    whole(decoder)
}

fn tiff(file: impl BufRead + Seek) -> std::result::Result<(Pixmap, Vec<Notice>), Fault> {
    let mut decoder = TiffDecoder::new(file).map_err(fault)?;
    check_size(decoder.dimensions().into(), 16, 0)?;
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(MAX_MEMORY_BYTES);
    decoder.set_limits(limits).map_err(fault)?;
    whole(decoder)
}

/// A picture that is decoded all at once.
fn whole(mut decoder: impl ImageDecoder) -> std::result::Result<(Pixmap, Vec<Notice>), Fault> {
    let (width, height) = decoder.dimensions();
    // What is said beside the pixels may be broken where they are whole.
    let turn = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let tag = match decoder.icc_profile() {
        Ok(profile) => profile.map_or(ColourTag::Srgb, ColourTag::Icc),
        Err(_) => ColourTag::UnreadableIcc,
    };
    let (channels, is_deep) = match decoder.color_type() {
        ColorType::L8 => (Channels::Grey, false),
        ColorType::La8 => (Channels::GreyAlpha, false),
        ColorType::Rgb8 => (Channels::Rgb, false),
        ColorType::Rgba8 => (Channels::Rgba, false),
        ColorType::L16 => (Channels::Grey, true),
        ColorType::La16 => (Channels::GreyAlpha, true),
        ColorType::Rgb16 => (Channels::Rgb, true),
        ColorType::Rgba16 => (Channels::Rgba, true),
        _ => return Err(Fault::Unsupported("a picture with such colours")),
    };
    let mut pixels = vec![0; decoder.total_bytes() as usize];
    decoder.read_image(&mut pixels).map_err(fault)?;
    if is_deep {
        // Rows come as PNG has them.
        for it in pixels.as_chunks_mut::<2>().0 {
            *it = u16::from_ne_bytes(*it).to_be_bytes();
        }
    }
    let mut rows = Rows::new([width, height], RowFormat { channels, is_deep }, &tag);
    let bytes_per_value = if is_deep { 2 } else { 1 };
    rows.push_all(&pixels, width as usize * channels.count() * bytes_per_value);
    drop(pixels);
    rows.finish(turn)
}

/// What is wrong with a picture, as far as it concerns whoever wants to open it.
pub(super) fn fault(err: ImageError) -> Fault {
    match err {
        ImageError::IoError(err) if err.kind() == io::ErrorKind::UnexpectedEof => {
            Fault::Damaged("it ends too early")
        }
        ImageError::IoError(err) => Fault::Read(err),
        ImageError::Limits(_) => Fault::TooMuchMemory { max_bytes: MAX_MEMORY_BYTES },
        ImageError::Unsupported(err) => {
            log::info!("A picture is not supported: {err}");
            match err.kind() {
                UnsupportedErrorKind::Color(_) => Fault::Unsupported("a picture with such colours"),
                _ => Fault::Unsupported("a picture of this kind"),
            }
        }
        ImageError::Decoding(_) | ImageError::Encoding(_) | ImageError::Parameter(_) => {
            log::info!("A picture cannot be decoded: {err}");
            Fault::Damaged("its data make no sense")
        }
    }
}

#[cfg(test)]
#[path = "picture_tests.rs"]
mod tests;
