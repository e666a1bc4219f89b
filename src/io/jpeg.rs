//! The pixels of a JPEG file that somebody else may have made (ITU-T T.81). Where its data run out, what there is of the
//! picture is shown, and it is said what is missing.

use std::io::Cursor;

use image::ImageDecoder as _;
use image::codecs::jpeg::JpegDecoder;
use image::metadata::Orientation;

use super::colour::{Channels, ColourTag, RowFormat};
use super::error::Fault;
use super::inks;
use super::jpeg_file::{Coding, JpegFile};
use super::notice::Notice;
use super::rows::{Rows, check_size};
use crate::base::Pixmap;

/// What the decoder shows where there are no data.
const NOTHING: u8 = 128;

/// Decodes a file.
///
/// # Errors
/// Where it is damaged, too large, of a kind that is not supported, or nothing of the picture is there.
pub(super) fn decode(bytes: &[u8]) -> Result<(Pixmap, Vec<Notice>), Fault> {
    let file = JpegFile::parse(bytes)?;
    let size = [u32::from(file.width), u32::from(file.height)];
    // The decoder has a copy of the file, made of a copy that has its end put right.
    check_size(size, file.bytes_per_pixel(), bytes.len() as u64 * 3)?;
    let (tag, turn, channels) = beside(&file.with_end())?;
    let shown = shown(&file)?;
    let missing = missing(&file, &shown)?;
    let (channels, pixels) = if file.n_components == 4 && tag != ColourTag::Srgb {
        drop(shown);
        (Channels::Cmyk, inks::decode(&file)?)
    } else {
        (channels, shown)
    };
    let mut rows = Rows::new(size, RowFormat { channels, is_deep: false }, &tag);
    rows.push_all(&pixels, usize::from(file.width) * channels.count());
    rows.notices.extend(missing);
    drop(pixels);
    rows.finish(turn)
}

/// What the file says beside its pixels: of its colours, how it was held, whether it is grey.
fn beside(bytes: &[u8]) -> Result<(ColourTag, Orientation, Channels), Fault> {
    let mut decoder = decoder(bytes)?;
    // What is said beside the pixels may be broken where they are whole.
    let turn = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let tag = decoder.icc_profile().ok().flatten().map_or(ColourTag::Srgb, ColourTag::Icc);
    let channels = if decoder.color_type().has_color() { Channels::Rgb } else { Channels::Grey };
    Ok((tag, turn, channels))
}

fn decoder(bytes: &[u8]) -> Result<JpegDecoder<Cursor<&[u8]>>, Fault> {
    JpegDecoder::new(Cursor::new(bytes)).map_err(super::picture::fault)
}

fn pixels(decoder: JpegDecoder<Cursor<&[u8]>>) -> Result<Vec<u8>, Fault> {
    let mut pixels = vec![0; decoder.total_bytes() as usize];
    decoder.read_image(&mut pixels).map_err(super::picture::fault)?;
    Ok(pixels)
}

/// All pixels of a file as the decoder gives them.
pub(super) fn decode_pixels(bytes: &[u8]) -> Result<Vec<u8>, Fault> {
    pixels(decoder(bytes)?)
}

/// The pixels, with rows of one grey where there are no data for them. The decoder leaves such rows where a file ends, but
/// makes data up where an end mark comes too soon: it is shown the file without one.
fn shown(file: &JpegFile<'_>) -> Result<Vec<u8>, Fault> {
    match file.coding {
        Coding::InPasses if file.has_end => decode_pixels(&file.with_end()),
        Coding::InPasses => decode_pixels(file.data()).or_else(|_| decode_pixels(&file.with_end())),
        Coding::AtOnce => decode_pixels(&file.without_end()),
    }
}

/// What is missing of a picture. Whether grey rows at its lower end belong to it shows in what becomes of them where data are
/// made up.
fn missing(file: &JpegFile<'_>, pixels: &[u8]) -> Result<Option<Notice>, Fault> {
    let n_rows = usize::from(file.height);
    let row_bytes = (pixels.len() / n_rows.max(1)).max(1);
    let rows = pixels.chunks_exact(row_bytes).rev();
    let n_empty = rows.clone().take_while(|it| it.iter().all(|&it| it == NOTHING)).count();
    let n_missing = match file.coding {
        Coding::InPasses if file.has_end => 0,
        Coding::InPasses => n_empty,
        Coding::AtOnce if n_empty == 0 => 0,
        Coding::AtOnce => {
            let other = decode_pixels(&file.with_end())?;
            let pairs = rows.zip(other.chunks_exact(row_bytes).rev());
            pairs.take(n_empty).filter(|(a, b)| a != b).count()
        }
    };
    match n_missing {
        0 if !file.has_end && file.coding == Coding::InPasses => Ok(Some(Notice::LessSharp)),
        0 => Ok(None),
        it if n_rows <= it => Err(Fault::Damaged("it ends too early")),
        it => Ok(Some(Notice::PartMissing { percent: (it * 100).div_ceil(n_rows) as u32 })),
    }
}
