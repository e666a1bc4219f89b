//! The amounts of ink in a JPEG file for print. The decoder shows such a file in red, green and blue only, each the product
//! of a colour and black: it is decoded twice, once with black and once with the colours put at one value.

use super::error::Fault;
use super::jpeg::decode_pixels;
use super::jpeg_file::JpegFile;

/// What a component comes to whose coefficients count nothing.
const MIDDLE: u32 = 128;

/// Cyan, magenta, yellow and black of each pixel, from 0 to 255 for all ink.
///
/// # Errors
/// Where the file cannot be decoded so.
pub(super) fn decode(file: &JpegFile<'_>) -> Result<Vec<u8>, Fault> {
    let bytes = file.with_end();
    let colours = decode_pixels(&without(&bytes, file.frame, |component| component == 3)?)?;
    let black = decode_pixels(&without(&bytes, file.frame, |component| component != 3)?)?;
    // Files for print keep what is left of the paper.
    let ink =
        |product: u8, by: u32| 255 - ((u32::from(product) * 255 + by / 2) / by).min(255) as u8;
    let by = if file.is_ycck { 255 - MIDDLE } else { MIDDLE };
    let pairs = colours.chunks_exact(3).zip(black.chunks_exact(3));
    let pixel = |(colours, black): (&[u8], &[u8])| {
        let [cyan, magenta, yellow] = [0, 1, 2].map(|it| ink(colours[it], MIDDLE));
        [cyan, magenta, yellow, ink(black[0], by)]
    };
    Ok(pairs.flat_map(pixel).collect())
}

/// The file with all coefficients of some components put at nothing: their table of factors becomes one of zeros.
fn without(bytes: &[u8], frame: usize, is_out: impl Fn(usize) -> bool) -> Result<Vec<u8>, Fault> {
    let unsound = || Fault::Damaged("its data make no sense");
    // Marker, length, depth, height, width, number of components; then three bytes for each.
    let first = frame + 10;
    let table_at = |idx: usize| first + idx * 3 + 2;
    let tables: Vec<u8> = (0..4).map_while(|it| bytes.get(table_at(it)).copied()).collect();
    let free =
        (0..4).find(|it| tables.iter().zip(0..).all(|(used, idx)| is_out(idx) || used != it));
    let (4, Some(free)) = (tables.len(), free) else { return Err(unsound()) };
    let mut table = vec![0xFF, 0xDB, 0, 67, free];
    table.resize(5 + 64, 0);
    let mut it = bytes.to_vec();
    (0..4).filter(|&it| is_out(it)).for_each(|idx| it[table_at(idx)] = free);
    it.splice(frame..frame, table);
    Ok(it)
}
