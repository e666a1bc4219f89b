//! The levels and scales that come closest to given weights.

use super::layout::{BLOCK, MIN_UNIT, STRIP, block_len, put, scales_at, zero};
use crate::model::kernels::sums::fold;

/// The largest scale and minimum, in units.
const MAX_UNITS: f32 = 255.0;

/// How often levels and scale of 4 bits are fitted to each other.
const ROUNDS: usize = 3;

/// A block as floats: a weight is `level · scale - min`.
#[derive(Clone, Copy)]
struct Fit {
    scale: f32,
    min: f32,
}

/// Writes the weights of one output into the blocks of a strip, which were all 0.
/// Returns what a unit of its scales is worth.
pub(super) fn pack(bits: usize, output: usize, weights: &[f32], blocks: &mut [u8]) -> f32 {
    let fits: Vec<Fit> = weights.chunks(BLOCK).map(|it| Fit::new(bits, &whole(it))).collect();
    let max = fits.iter().map(|it| it.scale.max(it.min / MIN_UNIT)).fold(0.0, f32::max);
    let unit = max / MAX_UNITS;
    if unit < f32::MIN_POSITIVE {
        return 0.0; // All weights are zero, whatever their levels.
    }
    let highest = ((1 << bits) - 1) as f32;
    let scales_at = scales_at(bits);
    let blocks = blocks.chunks_exact_mut(block_len(bits));
    for ((weights, fit), block) in weights.chunks(BLOCK).zip(fits).zip(blocks) {
        // Rounded up, so that the largest weight has a level.
        let scale = (fit.scale / unit).ceil().clamp(1.0, MAX_UNITS);
        block[scales_at + output] = scale as u8;
        let mut offset = zero(bits) as f32;
        if bits == 4 {
            let min = (fit.min / (MIN_UNIT * unit)).round_ties_even().min(MAX_UNITS);
            block[scales_at + STRIP + output] = min as u8;
            offset = min * MIN_UNIT / scale;
        }
        let per_level = (scale * unit).recip();
        let levels = whole(weights).map(|weight| {
            weight.mul_add(per_level, offset).round_ties_even().clamp(0.0, highest) as u8
        });
        for (input, level) in levels.into_iter().enumerate() {
            put(bits, block, output, input, level);
        }
    }
    unit
}

/// Filled up with zeros.
fn whole(weights: &[f32]) -> [f32; BLOCK] {
    let mut block = [0.0; BLOCK];
    block[..weights.len()].copy_from_slice(weights);
    block
}

impl Fit {
    fn new(bits: usize, weights: &[f32; BLOCK]) -> Self {
        let lowest = fold(weights, 0.0, |a, b| if b < a { b } else { a });
        let highest = fold(weights, 0.0, |a, b| if a < b { b } else { a });
        if bits != 4 {
            let scale = highest.max(-lowest) / (zero(bits) - 1) as f32;
            return Self { scale, min: 0.0 };
        }
        let mut fit = Self { scale: (highest - lowest) / 15.0, min: -lowest };
        let (mut best, mut smallest) = (fit, f32::INFINITY);
        for _ in 0..ROUNDS {
            if fit.scale <= 0.0 {
                break;
            }
            let (better, error) = fit.improved(weights);
            if error < smallest {
                (best, smallest) = (fit, error);
            }
            fit = better;
        }
        best
    }

    /// With the levels that suit this one, what has the smallest squares of errors; and those of
    /// this one.
    fn improved(self, weights: &[f32; BLOCK]) -> (Self, f32) {
        let Self { scale, min } = self;
        let per_level = scale.recip();
        let levels = weights.map(|it| ((it + min) * per_level).round_ties_even().clamp(0.0, 15.0));
        let [mut errors, mut squares, mut products] = [[0.0; BLOCK]; 3];
        for idx in 0..BLOCK {
            let error = weights[idx] - levels[idx].mul_add(scale, -min);
            errors[idx] = error * error;
            squares[idx] = levels[idx] * levels[idx];
            products[idx] = levels[idx] * weights[idx];
        }
        let sum = |values: &[f32; BLOCK]| fold(values, 0.0, |a, b| a + b);
        let (l, w, ll, lw) = (sum(&levels), sum(weights), sum(&squares), sum(&products));
        let n = BLOCK as f32;
        let determinant = n * ll - l * l;
        let better = Self {
            scale: (n * lw - l * w) / determinant,
            min: ((l * lw - ll * w) / determinant).max(0.0),
        };
        // Where all levels are the same, there is nothing to improve.
        let has_better = 0.0 < determinant && 0.0 < better.scale;
        (if has_better { better } else { Self { scale: 0.0, min } }, sum(&errors))
    }
}
