//! The products of a strip of packed weights with a few rows of inputs.
//!
//! Processors with AVX-512 VNNI or AVX2 multiply many bytes in one instruction. Others run the
//! plain loops, which are also what the fast ones are tested against: all round alike.

#[cfg(target_arch = "x86_64")]
pub(super) mod avx2;
#[cfg(target_arch = "x86_64")]
pub(super) mod vnni;

use super::inputs::{BASE, Inputs};
use super::layout::{BLOCK, GROUPS, MIN_UNIT, STRIP, block_len, level, scales_at, zero};

/// One strip's outputs `y` of rows of `x` from `first` on, `N` of them, in units of their scales.
/// The blocks are those of the strip.
pub(super) fn multiply<const BITS: usize, const DIGITS: usize, const N: usize>(
    blocks: &[u8],
    x: &Inputs,
    first: usize,
    y: &mut [[f32; STRIP]; N],
) {
    #[cfg(target_arch = "x86_64")]
    if vnni::multiply::<BITS, DIGITS, N>(blocks, x, first, y)
        || avx2::multiply::<BITS, DIGITS, N>(blocks, x, first, y)
    {
        return;
    }
    multiply_anywhere::<BITS, DIGITS, N>(blocks, x, first, y);
}

/// [`multiply`] on any machine.
pub(super) fn multiply_anywhere<const BITS: usize, const DIGITS: usize, const N: usize>(
    blocks: &[u8],
    x: &Inputs,
    first: usize,
    y: &mut [[f32; STRIP]; N],
) {
    for (row, y) in (first..).zip(y) {
        *y = [0.0; STRIP];
        for (idx, block) in blocks.chunks_exact(block_len(BITS)).enumerate() {
            let at = row * x.n_blocks + idx;
            let levels = &x.levels[at * DIGITS * GROUPS..][..DIGITS * GROUPS].as_flattened();
            let (scale, level_sum) = (x.scales[at], x.sums[at]);
            let mut sums = [-zero(BITS) * level_sum; STRIP];
            for input in 0..BLOCK {
                let mut x = i32::from(levels[input]);
                if DIGITS == 2 {
                    x = x * BASE + i32::from(levels[BLOCK + input]);
                }
                for (output, sum) in sums.iter_mut().enumerate() {
                    *sum += i32::from(level(BITS, block, output, input)) * x;
                }
            }
            let scales = &block[scales_at(BITS)..];
            for (output, y) in y.iter_mut().enumerate() {
                let unit = f32::from(scales[output]) * scale;
                *y = (sums[output] as f32).mul_add(unit, *y);
                if BITS == 4 {
                    let min = f32::from(scales[STRIP + output]);
                    *y = min.mul_add(level_sum as f32 * scale * -MIN_UNIT, *y);
                }
            }
        }
    }
}
