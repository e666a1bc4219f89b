//! With AVX2: words of 16 bits, 16 products in one instruction.

use std::arch::x86_64::{
    __m128i, __m256i, _mm256_add_epi32, _mm256_cvtepu8_epi16, _mm256_madd_epi16,
    _mm256_set1_epi64x, _mm256_setzero_si256,
};
use std::array::from_fn;

use super::{GROUP, Group, STRIP, Strip, Sums, TILE};

/// A vector holds the weights of so many outputs for a group.
const OUTPUTS: usize = 16 / GROUP;

/// Vectors for a tile.
const PARTS: usize = TILE / OUTPUTS;

pub(super) fn is_there() -> bool {
    is_x86_feature_detected!("avx2")
}

#[target_feature(enable = "avx2")]
pub(super) fn multiply<const ROWS: usize>(
    strip: Strip<'_>,
    x: [&[[i16; GROUP]]; ROWS],
) -> [Sums; ROWS] {
    let mut whole = [[0; STRIP]; ROWS];
    for (tile, weights) in strip.into_iter().enumerate() {
        let sums = multiply_tile(weights, x.map(|it| &it[..weights.len()]));
        for (whole, sums) in whole.iter_mut().zip(sums) {
            whole[tile * TILE..][..TILE].copy_from_slice(&sums);
        }
    }
    whole
}

/// One tile of the outputs.
#[target_feature(enable = "avx2")]
#[inline]
fn multiply_tile<const ROWS: usize>(
    weights: &[Group],
    x: [&[[i16; GROUP]]; ROWS],
) -> [[i32; TILE]; ROWS] {
    // Two sums per output, of every other input.
    let mut sums = [[_mm256_setzero_si256(); PARTS]; ROWS];
    for (group, weights) in weights.iter().enumerate() {
        let weights: [__m128i; PARTS] = bytemuck::cast(*weights);
        let x: [__m256i; ROWS] = from_fn(|row| _mm256_set1_epi64x(bytemuck::cast(x[row][group])));
        for part in 0..PARTS {
            let weights = _mm256_cvtepu8_epi16(weights[part]);
            for row in 0..ROWS {
                let products = _mm256_madd_epi16(weights, x[row]);
                sums[row][part] = _mm256_add_epi32(sums[row][part], products);
            }
        }
    }
    sums.map(|parts| {
        let pairs: [[i32; 2]; TILE] = bytemuck::cast(parts);
        pairs.map(|[even, odd]| even.wrapping_add(odd))
    })
}
