//! Pictures that somebody else may have made: PNG, JPEG and WebP, upright as their cameras say, in sRGB as their colour
//! profiles say. What is transparent stays so.

use std::io::{self, BufRead, BufReader, Read as _, Seek};
use std::path::Path;

use image::codecs::webp::WebPDecoder;
use image::error::{ImageError, UnsupportedErrorKind};
use image::imageops::{FilterType, resize};
use image::metadata::Orientation;
use image::{ImageDecoder as _, RgbaImage};

use super::chunks::is_png;
use super::colour::{Channels, ColourTag, RowFormat};
use super::error::{Fault, Result};
use super::metadata::{Metadata, read_metadata};
use super::notice::Notice;
use super::rows::{MAX_MEMORY_BYTES, Rows, check_size};
use super::{file, jpeg, png_pixels};
use crate::base::{PixelRect, Pixmap, Rgba};

/// Width and height of the largest picture that is opened as it is; larger ones are scaled down to it.
pub const MAX_SIDE_PIXELS: u32 = 8192;

/// A picture that is opened.
#[derive(Clone, Debug)]
pub struct Opened {
    /// Straight alpha, as it was stored.
    pub pixels: Pixmap,
    /// How it came about, where this program has exported it.
    pub metadata: Option<Metadata>,
    /// What is not as it is in the file.
    pub notices: Vec<Notice>,
}

/// Opens a picture: one of ours, or anybody's. A record of ours that cannot be understood is left aside.
///
/// # Errors
/// As [`read_picture`].
pub fn open_picture(path: &Path) -> Result<Opened> {
    let (pixels, notices) = read(path)?;
    let metadata = match read_metadata(path) {
        Ok(it) => it,
        Err(err) => {
            log::debug!("No request in it: {err}");
            None
        }
    };
    Ok(Opened { pixels, metadata, notices })
}

/// The middle of `picture`, scaled so that it covers `width` × `height` pixels, each above 0. What is transparent stays so.
#[must_use]
pub fn covering(picture: &Pixmap, width: u32, height: u32) -> Pixmap {
    let (has_width, has_height) = (picture.width(), picture.height());
    // In proportion to what is wanted, as large as it goes.
    let (by_width, by_height) =
        (u64::from(has_width) * u64::from(height), u64::from(has_height) * u64::from(width));
    let [used_width, used_height] = if by_height < by_width {
        [(by_height / u64::from(height)) as u32, has_height]
    } else {
        [has_width, (by_width / u64::from(width)) as u32]
    };
    let [used_width, used_height] = [used_width.max(1), used_height.max(1)];
    if [used_width, used_height, has_width, has_height] == [width, height, width, height] {
        return picture.clone();
    }
    let (left, top) = ((has_width - used_width) / 2, (has_height - used_height) / 2);
    let used = PixelRect::new(left, top, left + used_width, top + used_height);
    // The colour of what is transparent counts nothing.
    let weighted =
        picture.rgba(used).as_chunks::<4>().0.iter().flat_map(|it| weighted(*it)).collect();
    let mut scaled = Pixmap::new(width, height);
    if let Some(used) = RgbaImage::from_raw(used_width, used_height, weighted) {
        let pixels = resize(&used, width, height, FilterType::CatmullRom);
        scaled.update(scaled.area(), |x, y, _| straight(pixels.get_pixel(x, y).0));
    }
    scaled
}

fn weighted([red, green, blue, alpha]: Rgba) -> Rgba {
    let weight = |it: u8| ((u16::from(it) * u16::from(alpha) + 127) / 255) as u8;
    [weight(red), weight(green), weight(blue), alpha]
}

fn straight([red, green, blue, alpha]: Rgba) -> Rgba {
    let full = |it: u8| {
        (u16::from(it) * 255 + u16::from(alpha) / 2)
            .checked_div(u16::from(alpha))
            .unwrap_or(0)
            .min(255) as u8
    };
    [full(red), full(green), full(blue), alpha]
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
        _ => Err(Fault::OtherFormat { expected: "PNG, JPEG or WebP" }),
    }
}

fn webp(file: impl BufRead + Seek) -> std::result::Result<(Pixmap, Vec<Notice>), Fault> {
    let mut decoder = WebPDecoder::new(file).map_err(fault)?;
    let (width, height) = decoder.dimensions();
    // What comes out, and what the decoder works on.
    check_size([width, height], 8, 0)?;
    // What is said beside the pixels may be broken where they are whole.
    let turn = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let tag = match decoder.icc_profile() {
        Ok(profile) => profile.map_or(ColourTag::Srgb, ColourTag::Icc),
        Err(_) => ColourTag::UnreadableIcc,
    };
    let channels = if decoder.color_type().has_alpha() { Channels::Rgba } else { Channels::Rgb };
    let mut pixels = vec![0; decoder.total_bytes() as usize];
    decoder.read_image(&mut pixels).map_err(fault)?;
    let mut rows = Rows::new([width, height], RowFormat { channels, is_deep: false }, &tag);
    rows.push_all(&pixels, width as usize * channels.count());
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
