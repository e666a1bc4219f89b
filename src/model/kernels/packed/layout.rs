//! Where the bits of a packed weight lie: what is multiplied together lies together.
//!
//! A strip holds the weights of 64 outputs: first, per output, what a unit of its scales is worth
//! (32-bit floats, little endian), then one block after the other, of 32 inputs each. A block holds
//! levels, then per output its scale in units. A weight is
//!
//! * of 8 bits: (level − 128) · scale; levels by group of 4 inputs, output, input
//! * of 4 bits: level · scale − 8 · minimum; two groups to a byte, the first one in the lower bits;
//!   the minima, in units, come last
//! * of 6 bits: (level − 32) · scale; for each four groups their higher 2 bits, four groups to a
//!   byte, then the lower 4 bits as above. Everything lies in the order in which it is read: memory
//!   is fetched ahead of that

/// Outputs that are computed side by side, a vector of sums.
pub(super) const TILE: usize = 16;

/// Tiles in a strip.
pub(super) const TILES: usize = 4;
pub(super) const STRIP: usize = TILE * TILES;

/// Inputs that have a scale in common.
pub(super) const BLOCK: usize = 32;

/// Inputs that are multiplied in one go.
pub(super) const GROUP: usize = 4;
pub(super) const GROUPS: usize = BLOCK / GROUP;

/// Bytes in front of the blocks of a strip.
pub(super) const HEAD: usize = 4 * STRIP;

/// What a unit of minima is worth, in units of scales.
pub(super) const MIN_UNIT: f32 = 8.0;

pub(super) const fn strip_len(bits: usize, n_in: usize) -> usize {
    HEAD + n_in.div_ceil(BLOCK) * block_len(bits)
}

pub(super) const fn block_len(bits: usize) -> usize {
    let n_scales = if bits == 4 { 2 } else { 1 };
    scales_at(bits) + n_scales * STRIP
}

/// Where the scales of a block begin; its minima come [`STRIP`] later.
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
    let at = |part: usize| (part * STRIP + output) * GROUP + input % GROUP;
    if bits == 8 {
        block[at(group)] = level;
        return;
    }
    block[at(low_part(bits, group))] |= (level & 15) << (4 * (group % 2));
    if bits == 6 {
        block[at(high_part(group))] |= (level >> 4) << (2 * (group % 4));
    }
}

/// The level that [`put`] wrote.
pub(super) fn level(bits: usize, block: &[u8], output: usize, input: usize) -> u8 {
    let group = input / GROUP;
    let byte = |part: usize| block[(part * STRIP + output) * GROUP + input % GROUP];
    if bits == 8 {
        return byte(group);
    }
    let low = byte(low_part(bits, group)) >> (4 * (group % 2)) & 15;
    if bits == 4 {
        return low;
    }
    low | (byte(high_part(group)) >> (2 * (group % 4)) & 3) << 4
}

/// Which part of a block has the lower 4 bits of a group, and those of the one beside it.
pub(super) const fn low_part(bits: usize, group: usize) -> usize {
    if bits == 4 { group / 2 } else { group / 4 * 3 + 1 + group % 4 / 2 }
}

/// Which part of a block of 6 bits has the higher ones of a group, and those of the three beside
/// it.
pub(super) const fn high_part(group: usize) -> usize {
    group / 4 * 3
}
