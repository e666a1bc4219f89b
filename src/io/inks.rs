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

#[cfg(test)]
mod tests {
    use super::*;

    /// A file for print of 8 × 8 pixels of one colour: what is left of the paper in each component, from 1 to 64 or from
    /// 192 on.
    fn flat(paper: [u8; 4]) -> Vec<u8> {
        // With factors of 4, the first coefficient of a block is twice its mean.
        let mut jpeg = b"\xFF\xD8\xFF\xEE\0\x0EAdobe\0\x64\0\0\0\0\0\xFF\xDB\0\x43\0".to_vec();
        jpeg.extend([4; 64]);
        jpeg.extend(b"\xFF\xC0\0\x14\x08\0\x08\0\x08\x04");
        jpeg.extend([1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0, 4, 0x11, 0]);
        // One code for all means, and one for the end of a block: a zero each.
        for (table, symbol) in [(0, 8), (0x10, 0)] {
            jpeg.extend([0xFF, 0xC4, 0, 20, table, 1]);
            jpeg.extend([0; 15]);
            jpeg.push(symbol);
        }
        jpeg.extend(b"\xFF\xDA\0\x0E\x04\x01\0\x02\0\x03\0\x04\0\0\x3F\0");
        // Each of them: a zero, eight bits for the mean (those of a negative one less by one), a zero.
        let bits = paper.iter().flat_map(|&it| {
            let mean = (i32::from(it) - 128) * 2;
            let coded = if mean < 0 { mean + 255 } else { mean };
            std::iter::once(0).chain((0..8).rev().map(move |bit| coded >> bit & 1)).chain([0])
        });
        let bits: Vec<i32> = bits.collect();
        for byte in bits.chunks(8) {
            let value = byte.iter().fold(0, |value, bit| value << 1 | bit) as u8;
            jpeg.push(value);
            if value == 0xFF {
                jpeg.push(0);
            }
        }
        jpeg.extend([0xFF, 0xD9]);
        jpeg
    }

    #[test]
    fn each_ink_is_found_by_itself() {
        for paper in [[255; 4], [1; 4], [250, 40, 60, 200], [40, 60, 255, 10]] {
            let jpeg = flat(paper);
            let inks = decode(&JpegFile::parse(&jpeg).unwrap()).unwrap();
            assert_eq!(inks.len(), 8 * 8 * 4);
            for (ink, paper) in inks[..4].iter().zip(paper) {
                assert!(ink.abs_diff(255 - paper) <= 1, "{:?} of {paper:?}", &inks[..4]);
            }
        }
    }
}
