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

/// Enough bits for any block, if all of them are zero.
const BYTES_PER_BLOCK: usize = 32;

/// No more is put behind a file that is cut off, to see where it is.
const MAX_TAIL_BYTES: usize = 64 << 20;

/// Decodes a file.
///
/// # Errors
/// Where it is damaged, too large, of a kind that is not supported, or nothing of the picture is there.
pub(super) fn decode(bytes: &[u8]) -> Result<(Pixmap, Vec<Notice>), Fault> {
    let file = JpegFile::parse(bytes)?;
    let size = [u32::from(file.width), u32::from(file.height)];
    check_size(size, file.bytes_per_pixel())?;
    let whole = file.with_end(0);
    let mut decoder = decoder(&whole)?;
    let turn = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let tag = decoder.icc_profile().ok().flatten().map_or(ColourTag::Srgb, ColourTag::Icc);

    let (channels, pixels) = if file.n_components == 4 && tag != ColourTag::Srgb {
        (Channels::Cmyk, inks::decode(&file)?)
    } else {
        (channels(&decoder), pixels(decoder)?)
    };
    let row_bytes = usize::from(file.width) * channels.count();
    let missing = missing(&file, &pixels, row_bytes)?;
    let mut rows = Rows::new(size, RowFormat { channels, is_deep: false }, &tag);
    rows.push_all(&pixels, row_bytes);
    rows.notices.extend(missing);
    rows.finish(turn)
}

fn decoder(bytes: &[u8]) -> Result<JpegDecoder<Cursor<&[u8]>>, Fault> {
    JpegDecoder::new(Cursor::new(bytes)).map_err(super::picture::fault)
}

fn channels(decoder: &JpegDecoder<Cursor<&[u8]>>) -> Channels {
    if decoder.color_type().has_color() { Channels::Rgb } else { Channels::Grey }
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

/// What is missing of a picture. Data that run out leave rows of one grey at its lower end; whether such rows belong to the
/// picture shows in what becomes of them when other data follow.
fn missing(file: &JpegFile<'_>, pixels: &[u8], row_bytes: usize) -> Result<Option<Notice>, Fault> {
    let is_empty = |row: &[u8]| row.iter().all(|&it| it == NOTHING);
    let rows = pixels.chunks_exact(row_bytes.max(1));
    let n_empty = rows.clone().rev().take_while(|it| is_empty(it)).count();
    let n_missing = match file.coding {
        Coding::InPasses if file.has_end => 0,
        Coding::InPasses => n_empty,
        Coding::AtOnce if n_empty == 0 => 0,
        Coding::AtOnce => {
            let n_blocks = pixels.len().div_ceil(64);
            let tail = (n_blocks * BYTES_PER_BLOCK).min(MAX_TAIL_BYTES);
            let other = decode_pixels(&file.with_end(tail))?;
            let pairs = rows.clone().zip(other.chunks_exact(row_bytes.max(1)));
            pairs.rev().take(n_empty).filter(|(a, b)| a != b).count()
        }
    };
    let n_rows = rows.len();
    match n_missing {
        0 if !file.has_end && file.coding == Coding::InPasses => Ok(Some(Notice::LessSharp)),
        0 => Ok(None),
        it if n_rows <= it => Err(Fault::Damaged("it ends too early")),
        it => Ok(Some(Notice::PartMissing { percent: (it * 100).div_ceil(n_rows) as u32 })),
    }
}
