//! Where the bits of a packed weight lie: what is multiplied together lies together.
//!
//! A strip holds the weights of 64 outputs: first, per output, what a unit of its scales is worth (32-bit
//! floats, little endian), then one block after the other, of 32 inputs each. A block holds levels, then per
//! output its scale in units. A weight is
//!
//! * of 8 bits: (level − 128) · scale; levels by group of 4 inputs, output, input
//! * of 6 bits: (level − 32) · scale; the lower 4 bits as below, then the higher 2, four groups to a byte
//! * of 4 bits: level · scale − 8 · least; two groups to a byte, the first one in the lower bits; the least
//!   values, in units, come last

/// So many outputs are computed side by side, a vector of sums; so many such tiles make a strip.
pub(super) const TILE: usize = 16;
pub(super) const TILES: usize = 4;
pub(super) const STRIP: usize = TILE * TILES;

/// So many inputs have a scale in common, and so many are multiplied in one go.
pub(super) const BLOCK: usize = 32;
pub(super) const GROUP: usize = 4;
pub(super) const GROUPS: usize = BLOCK / GROUP;

/// Bytes in front of the blocks of a strip.
pub(super) const HEAD: usize = 4 * STRIP;

/// What a unit of least values is worth, in units of scales.
pub(super) const LEAST_UNIT: f32 = 8.0;

pub(super) const fn strip_len(bits: usize, n_in: usize) -> usize {
    HEAD + n_in.div_ceil(BLOCK) * block_len(bits)
}

pub(super) const fn block_len(bits: usize) -> usize {
    let n_scales = if bits == 4 { 2 } else { 1 };
    scales_at(bits) + n_scales * STRIP
}

/// Where the scales of a block begin; its least values come [`STRIP`] later.
pub(super) const fn scales_at(bits: usize) -> usize {
    STRIP * BLOCK * bits / 8
}

/// The level that stands for zero.
pub(super) const fn zero(bits: usize) -> i32 {
    match bits {
        8 => 128,
        6 => 32,
        _ => 0,
    }
}

/// Writes a level into a block that was all 0.
pub(super) fn put(bits: usize, block: &mut [u8], output: usize, input: usize, level: u8) {
    let group = input / GROUP;
    if bits == 8 {
        block[place(group, output, input)] = level;
        return;
    }
    block[place(group / 2, output, input)] |= (level & 15) << (4 * (group % 2));
    if bits == 6 {
        block[place(GROUPS / 2 + group / 4, output, input)] |= (level >> 4) << (2 * (group % 4));
    }
}

/// The level that [`put`] wrote.
pub(super) fn level(bits: usize, block: &[u8], output: usize, input: usize) -> u8 {
    let group = input / GROUP;
    if bits == 8 {
        return block[place(group, output, input)];
    }
    let low = block[place(group / 2, output, input)] >> (4 * (group % 2)) & 15;
    if bits == 4 {
        return low;
    }
    let high = block[place(GROUPS / 2 + group / 4, output, input)] >> (2 * (group % 4)) & 3;
    low | high << 4
}

const fn place(part: usize, output: usize, input: usize) -> usize {
    (part * STRIP + output) * GROUP + input % GROUP
}
