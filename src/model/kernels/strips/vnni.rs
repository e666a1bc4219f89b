//! With AVX-512 VNNI: digits of 8 bits, 64 products in one instruction.

use std::arch::x86_64::{
    __m512i, _mm512_add_epi32, _mm512_dpbusd_epi32, _mm512_set1_epi32, _mm512_setzero_si512,
    _mm512_slli_epi32,
};

use super::{GROUP, Group, Row, Strip, Sums, TILES, products_by};

pub(super) fn is_there() -> bool {
    is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512vnni")
}

#[target_feature(enable = "avx512f,avx512vnni")]
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

#[target_feature(enable = "avx512f,avx512vnni")]
#[inline]
fn multiply<const ROWS: usize>(
    strip: Strip<'_>,
    rows: [&Row; ROWS],
    start: usize,
    whole: &mut [Sums; ROWS],
) {
    let n_groups = strip[0].len();
    let mut sums = [[[_mm512_setzero_si512(); TILES]; 2]; ROWS];
    let strip = strip.map(|it| &it[..n_groups]);
    let x = rows.map(|row| row.digits.each_ref().map(|it| &it[start..][..n_groups]));
    for group in 0..n_groups {
        let weights: [__m512i; TILES] = strip.map(|tile| bytemuck::cast(tile[group]));
        for (sums, x) in sums.as_flattened_mut().iter_mut().zip(x.as_flattened()) {
            let x: [i8; GROUP] = x[group];
            let x = _mm512_set1_epi32(i32::from_ne_bytes(x.map(i8::cast_unsigned)));
            for (sum, weights) in sums.iter_mut().zip(weights) {
                *sum = _mm512_dpbusd_epi32(*sum, weights, x);
            }
        }
    }
    for (whole, [high, low]) in whole.iter_mut().zip(sums) {
        let tiles: [__m512i; TILES] = std::array::from_fn(|tile| {
            _mm512_add_epi32(_mm512_slli_epi32::<7>(high[tile]), low[tile])
        });
        *whole = bytemuck::cast(tiles);
    }
}
