//! Inputs in whole numbers: one or two digits of 8 bits, with a scale for each block.

use rayon::prelude::*;

use super::layout::{BLOCK, GROUP, GROUPS};
use crate::model::kernels::strips::level_of;
use crate::model::kernels::sums::fold;

/// What the higher one of two digits is worth.
pub(super) const BASE: i32 = 128;

/// The largest level, by the number of digits.
const MAX_LEVEL: [f32; 2] = [127.0, 127.0 * BASE as f32];

/// From this many rows on, waking other threads takes less time than they save.
const ROWS_FOR_THREADS: usize = 16;

pub(super) struct Inputs {
    pub(super) n_blocks: usize,
    /// [rows, blocks, digits, groups], the higher digit first.
    pub(super) levels: Vec<[i8; GROUP]>,
    /// What a level is worth: [rows, blocks]
    pub(super) scales: Vec<f32>,
    /// The sum of a block's levels: [rows, blocks]
    pub(super) sums: Vec<i32>,
}

impl Inputs {
    /// `x` is [rows, in].
    pub(super) fn new<const DIGITS: usize>(x: &[f32], n_in: usize) -> Self {
        let (n_rows, n_blocks) = (x.len() / n_in, n_in.div_ceil(BLOCK));
        let n = n_rows * n_blocks;
        let mut levels = vec![[0; GROUP]; n * DIGITS * GROUPS];
        let (mut scales, mut sums) = (vec![0.0; n], vec![0; n]);
        let one_row = |(((x, levels), scales), sums): Row<'_>| {
            let levels = levels.chunks_exact_mut(DIGITS * GROUPS);
            for (((x, levels), scale), sum) in x.chunks(BLOCK).zip(levels).zip(scales).zip(sums) {
                (*scale, *sum) = digits::<DIGITS>(x, levels.as_flattened_mut());
            }
        };
        let rows = x
            .par_chunks_exact(n_in)
            .zip(levels.par_chunks_exact_mut(n_blocks * DIGITS * GROUPS))
            .zip(scales.par_chunks_exact_mut(n_blocks))
            .zip(sums.par_chunks_exact_mut(n_blocks));
        rows.with_min_len(ROWS_FOR_THREADS / 2).for_each(one_row);
        Self { n_blocks, levels, scales, sums }
    }
}

/// Values, levels, scales and sums.
type Row<'a> = (((&'a [f32], &'a mut [[i8; GROUP]]), &'a mut [f32]), &'a mut [i32]);

/// Writes the digits of a block, and returns its scale and the sum of its levels.
fn digits<const DIGITS: usize>(x: &[f32], digits: &mut [i8]) -> (f32, i32) {
    let mut block = [0.0; BLOCK];
    block[..x.len()].copy_from_slice(x);
    let rule = |a: f32, b: f32| if a.abs() < b.abs() { b.abs() } else { a.abs() };
    let max = fold(&block, f32::MIN_POSITIVE * MAX_LEVEL[1], rule); // Never 0.
    let scale = max / MAX_LEVEL[DIGITS - 1];
    let per_level = scale.recip();
    let mut levels = [0; BLOCK];
    for (level, x) in levels.iter_mut().zip(block) {
        *level = i32::from(level_of(x, per_level));
    }
    let (high, low) = digits.split_at_mut((DIGITS - 1) * BLOCK);
    if DIGITS == 1 {
        low.iter_mut().zip(levels).for_each(|(low, level)| *low = level as i8);
    } else {
        for ((high, low), level) in high.iter_mut().zip(low).zip(levels) {
            // The lower digit lies about 0.
            let above = (level + BASE / 2) >> BASE.trailing_zeros();
            (*high, *low) = (above as i8, (level - above * BASE) as i8);
        }
    }
    (scale, levels.iter().sum())
}
