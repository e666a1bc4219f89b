//! With AVX-512 VNNI: 64 bytes are multiplied and added in one instruction.

use std::arch::x86_64::{
    __m512, __m512i, _mm512_add_epi32, _mm512_and_si512, _mm512_cvtepi32_ps, _mm512_cvtepu8_epi32,
    _mm512_dpbusd_epi32, _mm512_fmadd_ps, _mm512_mul_ps, _mm512_or_si512, _mm512_set1_epi8,
    _mm512_set1_epi32, _mm512_set1_ps, _mm512_setzero_ps, _mm512_setzero_si512, _mm512_slli_epi16,
    _mm512_slli_epi32, _mm512_srli_epi16,
};
use std::array::from_fn;

use super::super::inputs::Inputs;
use super::super::layout::{
    GROUP, GROUPS, MIN_UNIT, STRIP, TILE, TILES, block_len, high_part, low_part, scales_at, zero,
};

/// As [`super::multiply`]. Returns whether this processor has the instructions; else nothing was
/// done.
pub(in super::super) fn multiply<const BITS: usize, const DIGITS: usize, const N: usize>(
    blocks: &[u8],
    x: &Inputs,
    first: usize,
    y: &mut [[f32; STRIP]; N],
) -> bool {
    let is_there = is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512bw")
        && is_x86_feature_detected!("avx512vnni");
    if is_there {
        #[expect(
            unsafe_code,
            reason = "the one way to call functions with instructions of their own"
        )]
        // SAFETY: it was just made sure that this processor has the instructions.
        unsafe {
            strip::<BITS, DIGITS, N>(blocks, x, first, y);
        }
    }
    is_there
}

#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
fn strip<const BITS: usize, const DIGITS: usize, const N: usize>(
    blocks: &[u8],
    x: &Inputs,
    first: usize,
    y: &mut [[f32; STRIP]; N],
) {
    let n = x.n_blocks;
    let levels: [&[[[[i8; GROUP]; GROUPS]; DIGITS]]; N] =
        from_fn(|row| x.levels.as_chunks().0.as_chunks().0[(first + row) * n..].split_at(n).0);
    let scales: [&[f32]; N] = from_fn(|row| &x.scales[(first + row) * n..][..n]);
    let level_sums: [&[i32]; N] = from_fn(|row| &x.sums[(first + row) * n..][..n]);
    let mut sums = [[_mm512_setzero_ps(); TILES]; N];
    for (idx, block) in blocks.chunks_exact(block_len(BITS)).enumerate() {
        let mut products = [[[_mm512_setzero_si512(); TILES]; DIGITS]; N];
        for row in 0..N {
            let of_zero = -zero(BITS) * level_sums[row][idx];
            products[row][DIGITS - 1] = [_mm512_set1_epi32(of_zero); TILES];
        }
        let x: [_; N] = from_fn(|row| &levels[row][idx]);
        for four in 0..GROUPS / 4 {
            add_group::<BITS, DIGITS, N, 0>(block, four, &x, &mut products);
            add_group::<BITS, DIGITS, N, 1>(block, four, &x, &mut products);
            add_group::<BITS, DIGITS, N, 2>(block, four, &x, &mut products);
            add_group::<BITS, DIGITS, N, 3>(block, four, &x, &mut products);
        }
        for tile in 0..TILES {
            let unit = bytes_at(block, scales_at(BITS) + tile * TILE);
            for row in 0..N {
                let scale = scales[row][idx];
                let mut product = products[row][DIGITS - 1][tile];
                if DIGITS == 2 {
                    let high = _mm512_slli_epi32::<7>(products[row][0][tile]);
                    product = _mm512_add_epi32(high, product);
                }
                let sum = &mut sums[row][tile];
                let unit = _mm512_mul_ps(unit, _mm512_set1_ps(scale));
                *sum = _mm512_fmadd_ps(_mm512_cvtepi32_ps(product), unit, *sum);
                if BITS == 4 {
                    let min = bytes_at(block, scales_at(BITS) + STRIP + tile * TILE);
                    let x = level_sums[row][idx] as f32 * scale * -MIN_UNIT;
                    *sum = _mm512_fmadd_ps(min, _mm512_set1_ps(x), *sum);
                }
            }
        }
    }
    for (y, sums) in y.iter_mut().zip(sums) {
        *y = bytemuck::cast(sums);
    }
}

/// The products of a group of inputs, the `IDX`th of four. A constant: the compiler would not
/// always unroll a loop over it.
#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
#[inline]
fn add_group<const BITS: usize, const DIGITS: usize, const N: usize, const IDX: usize>(
    block: &[u8],
    four: usize,
    x: &[&[[[i8; GROUP]; GROUPS]; DIGITS]; N],
    products: &mut [[[__m512i; TILES]; DIGITS]; N],
) {
    let weights: [_; TILES] = from_fn(|tile| levels::<BITS, IDX>(block, four, tile));
    for row in 0..N {
        for digit in 0..DIGITS {
            let x = x[row][digit][four * 4 + IDX].map(i8::cast_unsigned);
            let x = _mm512_set1_epi32(i32::from_ne_bytes(x));
            for tile in 0..TILES {
                let sum = &mut products[row][digit][tile];
                *sum = _mm512_dpbusd_epi32(*sum, weights[tile], x);
            }
        }
    }
}

/// The levels of a tile for a group of inputs, the `IDX`th of four.
#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
#[inline]
fn levels<const BITS: usize, const IDX: usize>(block: &[u8], four: usize, tile: usize) -> __m512i {
    if BITS == 8 {
        return vector_at(block, four * 4 + IDX, tile);
    }
    let mut low = vector_at(block, low_part(BITS, four * 4 + IDX), tile);
    if IDX % 2 == 1 {
        low = _mm512_srli_epi16::<4>(low);
    }
    low = _mm512_and_si512(low, _mm512_set1_epi8(15));
    if BITS == 4 {
        return low;
    }
    let high = vector_at(block, high_part(four * 4), tile);
    let high = match IDX {
        0 => _mm512_slli_epi16::<4>(high),
        1 => _mm512_slli_epi16::<2>(high),
        2 => high,
        _ => _mm512_srli_epi16::<2>(high),
    };
    _mm512_or_si512(low, _mm512_and_si512(high, _mm512_set1_epi8(0x30)))
}

#[inline]
fn vector_at(block: &[u8], part: usize, tile: usize) -> __m512i {
    bytemuck::cast(block.as_chunks::<{ TILE * GROUP }>().0[part * TILES + tile])
}

/// 16 bytes as floats.
#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
#[inline]
fn bytes_at(block: &[u8], start: usize) -> __m512 {
    let bytes = block.as_chunks::<TILE>().0[start / TILE];
    _mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(bytemuck::cast(bytes)))
}
