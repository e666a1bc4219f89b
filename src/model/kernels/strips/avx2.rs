//! With AVX2: words of 16 bits, 16 products in one instruction.

use std::arch::x86_64::{
    __m128i, __m256i, _MM_HINT_T0, _mm_prefetch, _mm256_add_epi32, _mm256_cvtepu8_epi16,
    _mm256_hadd_epi32, _mm256_madd_epi16, _mm256_permute4x64_epi64, _mm256_set1_epi64x,
    _mm256_setzero_si256,
};
use std::array::from_fn;

use super::{GROUP, Group, Row, Strip, Sums, TILE, products_by};

/// Outputs whose weights for a group fill a vector.
const OUTPUTS: usize = 16 / GROUP;

/// Vectors for a tile.
const PARTS: usize = TILE / OUTPUTS;

/// How many groups ahead weights are fetched: by itself the processor does not fetch past the end
/// of a page, and a tile of 256 inputs is as long as one. Where weights come from the cores' common
/// cache, products take a quarter less time.
const AHEAD: usize = 16;

pub(super) fn is_there() -> bool {
    is_x86_feature_detected!("avx2")
}

#[target_feature(enable = "avx2")]
pub(super) fn products<const ROWS: usize>(
    weights: &[Group],
    stride: usize,
    rows: [&Row; ROWS],
    out: [&mut [f32]; ROWS],
) {
    // A closure has the instructions of the function around it.
    let multiply = |strip: Strip<'_>, rows: [&Row; ROWS], start: usize, sums: &mut [Sums; ROWS]| {
        multiply(strip, rows, start, sums);
    };
    products_by(multiply, weights, stride, rows, out);
}

#[target_feature(enable = "avx2")]
#[inline]
fn multiply<const ROWS: usize>(
    strip: Strip<'_>,
    rows: [&Row; ROWS],
    start: usize,
    sums: &mut [Sums; ROWS],
) {
    for (tile, weights) in strip.into_iter().enumerate() {
        let x = rows.map(|it| &it.levels[start..][..weights.len()]);
        for (sums, of_tile) in sums.iter_mut().zip(&multiply_tile(weights, x)) {
            sums[tile * TILE..][..TILE].copy_from_slice(of_tile);
        }
    }
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
        // Only a hint: it may point past the end of the weights, too.
        _mm_prefetch::<_MM_HINT_T0>(std::ptr::from_ref(weights).wrapping_add(AHEAD).cast());
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
    sums.map(|parts| bytemuck::cast([in_pairs(parts[0], parts[1]), in_pairs(parts[2], parts[3])]))
}

/// Adds neighbours; `b` follows `a`.
#[target_feature(enable = "avx2")]
#[inline]
fn in_pairs(a: __m256i, b: __m256i) -> __m256i {
    // Each half of the vector has a quarter of `a` and one of `b`.
    _mm256_permute4x64_epi64::<0b11_01_10_00>(_mm256_hadd_epi32(a, b))
}
