//! Frames: how tiles and states lie in a file, one behind the other.

use std::io::{self, BufRead, Read as _, Write};

use crate::base::{PixelTile, TILE_PIXELS, TileIdx};

/// Larger frames come from nowhere.
const MAX_BYTES: u32 = 256 << 20;

const MAX_NAME: usize = 64;

const TILE: u8 = b'T';
const STATE: u8 = b'S';

#[derive(Debug)]
pub(super) enum Frame {
    /// Of the pixels of this name; `None` where there is no paint any more.
    Tile { part: String, idx: TileIdx, tile: Option<PixelTile> },
    /// JSON.
    State(Vec<u8>),
}

/// # Errors
/// Where the disk does not take it.
pub(super) fn write_tile(
    file: &mut impl Write,
    part: &str,
    idx: TileIdx,
    tile: Option<&PixelTile>,
) -> io::Result<()> {
    let mut bytes = Vec::with_capacity(32 + tile.map_or(0, |it| it.pixels().len() * 4));
    bytes.push(part.len().min(MAX_NAME) as u8);
    bytes.extend_from_slice(part.as_bytes());
    bytes.extend_from_slice(&idx.row.to_le_bytes());
    bytes.extend_from_slice(&idx.col.to_le_bytes());
    if let Some(tile) = tile {
        bytes.extend_from_slice(tile.pixels().as_flattened());
    }
    write(file, TILE, &bytes)
}

/// # Errors
/// Where the disk does not take it.
pub(super) fn write_state(file: &mut impl Write, json: &[u8]) -> io::Result<()> {
    write(file, STATE, json)
}

fn write(file: &mut impl Write, kind: u8, bytes: &[u8]) -> io::Result<()> {
    file.write_all(&[kind])?;
    file.write_all(&(bytes.len() as u32).to_le_bytes())?;
    file.write_all(bytes)?;
    file.write_all(&crc32fast::hash(bytes).to_le_bytes())
}

/// The next frame; `None` at the end, and where what follows is none: it was cut short, or damaged.
pub(super) fn read(file: &mut impl BufRead) -> Option<Frame> {
    let [kind] = array::<1>(file)?;
    let len = u32::from_le_bytes(array(file)?);
    if MAX_BYTES < len {
        return None;
    }
    let mut bytes = Vec::new();
    file.by_ref().take(len.into()).read_to_end(&mut bytes).ok()?;
    let sum = u32::from_le_bytes(array(file)?);
    if bytes.len() != len as usize || crc32fast::hash(&bytes) != sum {
        return None;
    }
    match kind {
        STATE => Some(Frame::State(bytes)),
        TILE => tile(&bytes),
        _ => None,
    }
}

/// Along a side; more than any canvas has.
const MAX_TILES: u32 = 1 << 16;

fn tile(bytes: &[u8]) -> Option<Frame> {
    let (&len, bytes) = bytes.split_first()?;
    let (part, bytes) = bytes.split_at_checked(len.into())?;
    let (row, bytes) = bytes.split_first_chunk()?;
    let (col, pixels) = bytes.split_first_chunk()?;
    let idx = TileIdx { row: u32::from_le_bytes(*row), col: u32::from_le_bytes(*col) };
    if MAX_TILES < idx.row.max(idx.col) {
        return None;
    }
    let tile = match pixels.len() {
        0 => None,
        n if n == (TILE_PIXELS * TILE_PIXELS * 4) as usize => {
            Some(PixelTile::from_pixels(pixels.as_chunks().0.to_vec())?)
        }
        _ => return None,
    };
    Some(Frame::Tile { part: String::from_utf8(part.to_vec()).ok()?, idx, tile })
}

fn array<const N: usize>(file: &mut impl BufRead) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    file.read_exact(&mut bytes).ok()?;
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_read_until_one_is_damaged() {
        let pixels = vec![[1, 2, 3, 4]; (TILE_PIXELS * TILE_PIXELS) as usize];
        let tile = PixelTile::from_pixels(pixels).unwrap();
        let idx = TileIdx { row: 2, col: 7 };
        let mut bytes = Vec::new();
        write_tile(&mut bytes, "model", idx, Some(&tile)).unwrap();
        write_tile(&mut bytes, "model", idx, None).unwrap();
        write_state(&mut bytes, b"{}").unwrap();
        let count = |bytes: &[u8]| {
            let mut rest = bytes;
            std::iter::from_fn(|| read(&mut rest)).count()
        };
        assert_eq!(count(&bytes), 3);
        for cut in [0, 1, 4, 100, bytes.len() - 20, bytes.len() - 1] {
            assert!(count(&bytes[..cut]) < 3, "{cut}");
        }
        let mut rest = &bytes[..];
        let Some(Frame::Tile { part, idx: found, tile: Some(read_tile) }) = read(&mut rest) else {
            panic!("no tile");
        };
        assert!((part.as_str(), found, read_tile) == ("model", idx, tile));
        for at in (0..bytes.len()).step_by(97) {
            let mut damaged = bytes.clone();
            damaged[at] ^= 0x40;
            assert!(count(&damaged) < 3, "{at}");
        }
    }
}
