//! The pixels of a PNG file that somebody else may have made, row by row.

use std::io::{BufRead, BufReader, Seek};

use image::metadata::Orientation;
use png::{BitDepth, ColorType, Decoder, Limits, Reader, Transformations};

use super::chunks::{Chunks, fault};
use super::colour::{Channels, RowFormat};
use super::error::Fault;
use super::notice::Notice;
use super::picture::MAX_SIDE_PIXELS;
use super::rows::{MAX_MEMORY_BYTES, Rows, check_size};
use crate::base::Pixmap;

/// Decodes what `open` opens, which may be more than once.
///
/// # Errors
/// Where the file cannot be read, is damaged or too large.
pub(super) fn decode<R: BufRead + Seek>(
    open: impl Fn() -> Result<R, Fault>,
) -> Result<(Pixmap, Vec<Notice>), Fault> {
    decode_up_to(MAX_SIDE_PIXELS, open)
}

/// The same, scaled down only where it is longer than `max_side`.
///
/// # Errors
/// As [`decode`].
pub(super) fn decode_up_to<R: BufRead + Seek>(
    max_side: u32,
    open: impl Fn() -> Result<R, Fault>,
) -> Result<(Pixmap, Vec<Notice>), Fault> {
    let chunks = Chunks::read(open()?)?;
    let reader = reader(open()?)?;
    let info = reader.info();
    let size = [info.width, info.height];
    // Rows can be had one after the other, unless they come in several passes.
    let bytes_per_pixel = if info.interlaced { 8 } else { 4 };
    check_size(size, bytes_per_pixel, 0)?;
    let mut rows = Rows::up_to(max_side, size, format(&reader), &chunks.colours());
    if rows.wants_to_measure() {
        each_row(self::reader(open()?)?, &mut |row| rows.measure(row))?;
    }
    each_row(reader, &mut |row| rows.push(row))?;
    let turn = chunks.exif().and_then(|it| Orientation::from_exif_chunk(&it));
    rows.finish(turn.unwrap_or(Orientation::NoTransforms))
}

fn reader<R: BufRead + Seek>(file: R) -> Result<Reader<BufReader<R>>, Fault> {
    let limits = Limits { bytes: MAX_MEMORY_BYTES as usize };
    let mut decoder = Decoder::new_with_limits(BufReader::new(file), limits);
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);
    decoder.set_transformations(Transformations::EXPAND);
    decoder.read_info().map_err(fault)
}

fn format<R: BufRead + Seek>(reader: &Reader<R>) -> RowFormat {
    let (colours, depth) = reader.output_color_type();
    let channels = match colours {
        ColorType::Grayscale => Channels::Grey,
        ColorType::GrayscaleAlpha => Channels::GreyAlpha,
        // Palettes are looked up by the decoder.
        ColorType::Rgb | ColorType::Indexed => Channels::Rgb,
        ColorType::Rgba => Channels::Rgba,
    };
    RowFormat { channels, is_deep: depth == BitDepth::Sixteen }
}

fn each_row<R: BufRead + Seek>(
    mut reader: Reader<R>,
    take: &mut dyn FnMut(&[u8]),
) -> Result<(), Fault> {
    let (height, is_interlaced) = (reader.info().height, reader.info().interlaced);
    if !is_interlaced {
        for _ in 0..height {
            let row = reader.next_row().map_err(fault)?;
            take(row.ok_or(Fault::Damaged("pixels are missing"))?.data());
        }
        return Ok(());
    }
    let too_large = || Fault::TooMuchMemory { max_bytes: MAX_MEMORY_BYTES };
    let n_bytes = reader.output_buffer_size().filter(|&it| it as u64 <= MAX_MEMORY_BYTES);
    let mut pixels = vec![0; n_bytes.ok_or_else(too_large)?];
    reader.next_frame(&mut pixels).map_err(fault)?;
    let row_bytes = pixels.len() / height.max(1) as usize;
    pixels.chunks_exact(row_bytes.max(1)).for_each(take);
    Ok(())
}
