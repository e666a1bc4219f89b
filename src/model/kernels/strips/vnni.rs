//! With AVX-512 VNNI: digits of 8 bits, 64 products in one instruction.

use std::arch::x86_64::{
    __m512i, _mm512_add_epi32, _mm512_dpbusd_epi32, _mm512_set1_epi32, _mm512_setzero_si512,
    _mm512_slli_epi32,
};

use super::{GROUP, Strip, Sums, TILES};

pub(super) fn is_there() -> bool {
    is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512vnni")
}

#[target_feature(enable = "avx512f,avx512vnni")]
pub(super) fn multiply<const ROWS: usize>(
    strip: Strip<'_>,
    x: [[&[[i8; GROUP]]; 2]; ROWS],
    whole: &mut [Sums; ROWS],
) {
    let n_groups = strip[0].len();
    let mut sums = [[[_mm512_setzero_si512(); TILES]; 2]; ROWS];
    let (strip, x) = (strip.map(|it| &it[..n_groups]), x.map(|row| row.map(|it| &it[..n_groups])));
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
