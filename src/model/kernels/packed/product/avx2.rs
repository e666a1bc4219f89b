//! With AVX2: a byte of a weight times an input of one digit fits 16 bits with its neighbour's
//! product added, and everything else is widened to 16 bits first.

use std::arch::x86_64::{
    __m256, __m256i, _MM_HINT_T0, _mm_prefetch, _mm_set_epi64x, _mm256_add_epi16, _mm256_add_epi32,
    _mm256_and_si256, _mm256_cvtepi32_ps, _mm256_cvtepu8_epi32, _mm256_fmadd_ps, _mm256_madd_epi16,
    _mm256_maddubs_epi16, _mm256_mul_ps, _mm256_or_si256, _mm256_set1_epi8, _mm256_set1_epi16,
    _mm256_set1_epi32, _mm256_set1_ps, _mm256_setzero_si256, _mm256_slli_epi16, _mm256_srai_epi16,
    _mm256_srli_epi16,
};

use super::super::inputs::{BASE, Inputs};
use super::super::layout::{
    GROUP, GROUPS, MIN_UNIT, STRIP, block_len, high_part, low_part, scales_at, zero,
};

/// Outputs in a vector of sums.
const LANES: usize = 8;
const VECTORS: usize = STRIP / LANES;

/// How many blocks ahead weights are fetched from memory. The processor fetches ahead by itself
/// only what is read from front to back, and several rows read a block in several rounds: without
/// this they wait for memory a third of the time.
const BLOCKS_AHEAD: usize = 2;

/// Bytes that memory gives at once.
const LINE: usize = 64;

/// As [`super::multiply`]. Returns whether this processor has the instructions; else nothing was
/// done.
pub(in super::super) fn multiply<const BITS: usize, const DIGITS: usize, const N: usize>(
    blocks: &[u8],
    x: &Inputs,
    first: usize,
    y: &mut [[f32; STRIP]; N],
) -> bool {
    let is_there = is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma");
    if is_there {
        #[expect(
            unsafe_code,
            reason = "the one way to call functions with instructions of their own"
        )]
        // SAFETY: it was just made sure that this processor has the instructions.
        unsafe {
            // As many sums as the registers can hold.
            match N {
                1 => strip::<BITS, DIGITS, N, 8>(blocks, x, first, y),
                2 | 3 => strip::<BITS, DIGITS, N, 4>(blocks, x, first, y),
                _ => strip::<BITS, DIGITS, N, 2>(blocks, x, first, y),
            }
        }
    }
    is_there
}

/// Inputs of a block, a group of 4 to each number.
#[derive(Clone, Copy, Default)]
struct Row {
    /// Where weights stay bytes: all 4 of a group. Else the first and third as 16 bits each, then
    /// the others.
    groups: [[i32; GROUPS]; 2],
    scale: f32,
    level_sum: i32,
}

/// Whether two products of bytes fit 16 bits, twice over.
const fn stays_bytes(bits: usize, digits: usize) -> bool {
    bits < 8 && digits == 1
}

/// `WIDTH` vectors of outputs at a time.
#[target_feature(enable = "avx2,fma")]
fn strip<const BITS: usize, const DIGITS: usize, const N: usize, const WIDTH: usize>(
    blocks: &[u8],
    x: &Inputs,
    first: usize,
    y: &mut [[f32; STRIP]; N],
) {
    *y = [[0.0; STRIP]; N];
    for (idx, block) in blocks.chunks_exact(block_len(BITS)).enumerate() {
        let mut rows = [Row::default(); N];
        for (row, read) in (first..).zip(&mut rows) {
            *read = Row::new::<BITS, DIGITS>(x, row * x.n_blocks + idx);
        }
        for start in (0..VECTORS).step_by(WIDTH) {
            let mut products = [[_mm256_setzero_si256(); N]; WIDTH];
            for sums in &mut products {
                for (sum, row) in sums.iter_mut().zip(&rows) {
                    *sum = _mm256_set1_epi32(-zero(BITS) * row.level_sum);
                }
            }
            for four in 0..GROUPS / 4 {
                if N > 1 {
                    let round = start / WIDTH * (GROUPS / 4) + four;
                    fetch_ahead(block, round, VECTORS / WIDTH * (GROUPS / 4));
                }
                add_pair::<BITS, DIGITS, N, WIDTH, 0>(block, four, start, &rows, &mut products);
                add_pair::<BITS, DIGITS, N, WIDTH, 1>(block, four, start, &rows, &mut products);
            }
            add_scaled::<BITS, N, WIDTH>(block, start, &rows, &products, y);
        }
    }
}

/// Asks memory for the block [`BLOCKS_AHEAD`] of this one, a part of it in each of `n_rounds`.
#[target_feature(enable = "avx2,fma")]
#[inline]
fn fetch_ahead(block: &[u8], round: usize, n_rounds: usize) {
    let n_lines = block.len() / LINE;
    for line in round * n_lines / n_rounds..(round + 1) * n_lines / n_rounds {
        let ahead = block.as_ptr().wrapping_add(BLOCKS_AHEAD * block.len() + line * LINE);
        // Only a hint: it may point past the end of the weights, too.
        _mm_prefetch::<_MM_HINT_T0>(ahead.cast());
    }
}

impl Row {
    /// The block `at` of all rows.
    #[target_feature(enable = "avx2,fma")]
    #[inline]
    fn new<const BITS: usize, const DIGITS: usize>(x: &Inputs, at: usize) -> Self {
        let digits: &[[[i8; GROUP]; GROUPS]] =
            x.levels[at * DIGITS * GROUPS..][..DIGITS * GROUPS].as_chunks().0;
        let low: __m256i = bytemuck::cast(digits[DIGITS - 1]);
        let groups = if stays_bytes(BITS, DIGITS) {
            [bytemuck::cast(digits[0]), [0; GROUPS]]
        } else {
            let mut even = _mm256_srai_epi16::<8>(_mm256_slli_epi16::<8>(low));
            let mut odd = _mm256_srai_epi16::<8>(low);
            if DIGITS == 2 {
                // What the high digit is worth is half of where it stands.
                const { assert!(BASE == 1 << 7) };
                let high: __m256i = bytemuck::cast(digits[0]);
                let upper = _mm256_and_si256(high, _mm256_set1_epi16(!0xff));
                even = _mm256_add_epi16(even, _mm256_srai_epi16::<1>(_mm256_slli_epi16::<8>(high)));
                odd = _mm256_add_epi16(odd, _mm256_srai_epi16::<1>(upper));
            }
            [bytemuck::cast(even), bytemuck::cast(odd)]
        };
        Self { groups, scale: x.scales[at], level_sum: x.sums[at] }
    }
}

/// The products of two groups of inputs: a pair of four. A constant, because shifts are.
#[target_feature(enable = "avx2,fma")]
#[inline]
fn add_pair<
    const BITS: usize,
    const DIGITS: usize,
    const N: usize,
    const WIDTH: usize,
    const PAIR: usize,
>(
    block: &[u8],
    four: usize,
    start: usize,
    rows: &[Row; N],
    products: &mut [[__m256i; N]; WIDTH],
) {
    let group = 4 * four + 2 * PAIR;
    for (vector, sums) in products.iter_mut().enumerate() {
        let weights = levels::<BITS, PAIR>(block, four, start + vector);
        for (row, sum) in rows.iter().zip(sums) {
            let x = &row.groups;
            let product = if stays_bytes(BITS, DIGITS) {
                let first = _mm256_maddubs_epi16(weights[0], _mm256_set1_epi32(x[0][group]));
                let second = _mm256_maddubs_epi16(weights[1], _mm256_set1_epi32(x[0][group + 1]));
                _mm256_madd_epi16(_mm256_add_epi16(first, second), _mm256_set1_epi16(1))
            } else {
                let first = widened(weights[0], x[0][group], x[1][group]);
                let second = widened(weights[1], x[0][group + 1], x[1][group + 1]);
                _mm256_add_epi32(first, second)
            };
            *sum = _mm256_add_epi32(*sum, product);
        }
    }
}

/// The products of a group, in 16 bits each way.
#[target_feature(enable = "avx2,fma")]
#[inline]
fn widened(weights: __m256i, x_even: i32, x_odd: i32) -> __m256i {
    let even = _mm256_and_si256(weights, _mm256_set1_epi16(0xff));
    let odd = _mm256_srli_epi16::<8>(weights);
    _mm256_add_epi32(
        _mm256_madd_epi16(even, _mm256_set1_epi32(x_even)),
        _mm256_madd_epi16(odd, _mm256_set1_epi32(x_odd)),
    )
}

/// The levels of a vector of outputs for a pair of groups of inputs.
#[target_feature(enable = "avx2,fma")]
#[inline]
fn levels<const BITS: usize, const PAIR: usize>(
    block: &[u8],
    four: usize,
    vector: usize,
) -> [__m256i; 2] {
    let group = 4 * four + 2 * PAIR;
    if BITS == 8 {
        return [vector_at(block, group, vector), vector_at(block, group + 1, vector)];
    }
    let both = vector_at(block, low_part(BITS, group), vector);
    let bits = |it: __m256i, mask: i8| _mm256_and_si256(it, _mm256_set1_epi8(mask));
    let low = [bits(both, 15), bits(_mm256_srli_epi16::<4>(both), 15)];
    if BITS == 4 {
        return low;
    }
    let high = vector_at(block, high_part(4 * four), vector);
    let high = match PAIR {
        0 => [_mm256_slli_epi16::<4>(high), _mm256_slli_epi16::<2>(high)],
        _ => [high, _mm256_srli_epi16::<2>(high)],
    };
    [_mm256_or_si256(low[0], bits(high[0], 0x30)), _mm256_or_si256(low[1], bits(high[1], 0x30))]
}

/// Adds whole products to `y` in what they are worth.
#[target_feature(enable = "avx2,fma")]
#[inline]
fn add_scaled<const BITS: usize, const N: usize, const WIDTH: usize>(
    block: &[u8],
    start: usize,
    rows: &[Row; N],
    products: &[[__m256i; N]; WIDTH],
    y: &mut [[f32; STRIP]; N],
) {
    for (vector, products) in (start..).zip(products) {
        let output = vector * LANES;
        let unit = bytes_at(block, scales_at(BITS) + output);
        for ((row, product), y) in rows.iter().zip(products).zip(&mut *y) {
            let y: &mut [f32; LANES] = &mut y.as_chunks_mut().0[vector];
            let unit = _mm256_mul_ps(unit, _mm256_set1_ps(row.scale));
            let product = _mm256_cvtepi32_ps(*product);
            let mut sum = _mm256_fmadd_ps(product, unit, bytemuck::cast(*y));
            if BITS == 4 {
                let min = bytes_at(block, scales_at(BITS) + STRIP + output);
                let x = row.level_sum as f32 * row.scale * -MIN_UNIT;
                sum = _mm256_fmadd_ps(min, _mm256_set1_ps(x), sum);
            }
            *y = bytemuck::cast(sum);
        }
    }
}

#[inline]
fn vector_at(block: &[u8], part: usize, vector: usize) -> __m256i {
    bytemuck::cast(block.as_chunks::<{ LANES * GROUP }>().0[part * VECTORS + vector])
}

/// 8 bytes as floats.
#[target_feature(enable = "avx2,fma")]
#[inline]
fn bytes_at(block: &[u8], start: usize) -> __m256 {
    let bytes = i64::from_le_bytes(block.as_chunks::<LANES>().0[start / LANES]);
    _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_set_epi64x(0, bytes)))
}
