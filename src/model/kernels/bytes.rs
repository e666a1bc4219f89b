//! Multiplication of bytes: weights in 8 bits, inputs in two digits of 8 and 7 bits, sums in whole numbers, so
//! the result is the same on every machine and in every company. With one digit the odds would be 0.0025 nats
//! off, with two they are as good as with floats.
//!
//! Processors with AVX-512 VNNI multiply and add 64 bytes in one instruction, four times as many values as
//! with floats; others run the plain loops, which are also what the fast ones are tested against.

use candle_core::{Result, Tensor};
use rayon::prelude::*;

/// So many outputs are computed side by side: a vector of sums.
const TILE: usize = 16;

/// So many inputs are multiplied in one go.
const GROUP: usize = 4;

/// So many tiles, and at most so many rows of the input, are computed together: their sums fit the registers.
const TILES: usize = 4;
const MOST_ROWS: usize = 3;

/// The digits of an input, the higher one first.
const DIGITS: usize = 2;

/// What the higher digit is worth.
const BASE: i32 = 128;

/// Below so many rows, waking other threads takes less time than they save.
const ROWS_FOR_THREADS: usize = 5;

/// Weights are stored with this added, as the instruction wants them unsigned.
const ZERO: u8 = 128;

/// The largest level of a weight, and that of an input.
const MOST: f32 = 127.0;
const MOST_OF_INPUT: f32 = MOST * BASE as f32;

/// The weights of some tiles for one group of inputs.
type Strip = [[u8; TILE * GROUP]; TILES];

/// The sums of some tiles for one row.
type Sums = [[i32; TILE]; TILES];

/// The weights of a linear map without bias; 8 bits each, and a factor per output.
#[derive(Clone, Debug)]
pub struct Bytes {
    pub(super) n_in: usize,
    pub(super) n_out: usize,
    n_groups: usize,
    /// For some tiles after the others, one group of inputs after the other.
    weights: Vec<Strip>,
    /// Per output, filled up to whole strips.
    scales: Vec<f32>,
}

/// Inputs in bytes.
struct Rows {
    /// [rows, digits, groups]
    digits: Vec<[i8; GROUP]>,
    /// Per row what a level is worth.
    scales: Vec<f32>,
    /// Per row and digit what [`ZERO`] has added to each sum.
    excess: Vec<[i32; DIGITS]>,
}

impl Bytes {
    /// `weight` is [out, in].
    pub(super) fn new(weight: &Tensor) -> Result<Self> {
        let weight: Vec<Vec<f32>> = weight.to_vec2()?;
        let (n_in, n_out) = (weight.first().map_or(0, Vec::len), weight.len());
        let (n_groups, per_strip) = (n_in.div_ceil(GROUP), TILE * TILES);
        let n_strips = n_out.div_ceil(per_strip);
        let mut weights = vec![[[ZERO; TILE * GROUP]; TILES]; n_strips * n_groups];
        let mut scales = vec![0.0; n_strips * per_strip];
        for (output, row) in weight.iter().enumerate() {
            let scale = most(row) / MOST;
            scales[output] = scale;
            let (strip, lane) = (output / per_strip, output % per_strip);
            for (input, weight) in row.iter().enumerate() {
                let tile = &mut weights[strip * n_groups + input / GROUP][lane / TILE];
                let level = (weight / scale).round() as i8;
                tile[lane % TILE * GROUP + input % GROUP] =
                    level.cast_unsigned().wrapping_add(ZERO);
            }
        }
        Ok(Self { n_in, n_out, n_groups, weights, scales })
    }

    /// [rows, in] → [rows, out]
    pub(super) fn forward(&self, x: &[f32]) -> Vec<f32> {
        let n_rows = x.len() / self.n_in;
        let mut y = vec![0.0; n_rows * self.n_out];
        if n_rows < ROWS_FOR_THREADS {
            self.some_rows(x, &mut y);
        } else {
            let share = n_rows.div_ceil(rayon::current_num_threads()).next_multiple_of(MOST_ROWS);
            let y = y.par_chunks_mut(share * self.n_out);
            x.par_chunks(share * self.n_in).zip(y).for_each(|(x, y)| self.some_rows(x, y));
        }
        y
    }

    /// [rows, in] → [rows, out], by this thread alone.
    fn some_rows(&self, x: &[f32], y: &mut [f32]) {
        let rows = self.levels(x);
        let n_rows = rows.scales.len();
        for (strip, weights) in self.weights.chunks_exact(self.n_groups).enumerate() {
            for first in (0..n_rows).step_by(MOST_ROWS) {
                match n_rows - first {
                    1 => self.tile::<DIGITS>(strip, weights, &rows, first, y),
                    2 => self.tile::<{ 2 * DIGITS }>(strip, weights, &rows, first, y),
                    _ => self.tile::<{ MOST_ROWS * DIGITS }>(strip, weights, &rows, first, y),
                }
            }
        }
    }

    /// Each row by its own largest value.
    fn levels(&self, x: &[f32]) -> Rows {
        let n_rows = x.len() / self.n_in;
        let mut digits = vec![[0; GROUP]; n_rows * DIGITS * self.n_groups];
        let (mut scales, mut excess) = (Vec::with_capacity(n_rows), Vec::with_capacity(n_rows));
        let each = digits.chunks_exact_mut(DIGITS * self.n_groups);
        for (x, digits) in x.chunks_exact(self.n_in).zip(each) {
            let scale = most(x) / MOST_OF_INPUT;
            let per_level = scale.recip();
            let (high, low) = digits.split_at_mut(self.n_groups);
            let (high, low) = (high.as_flattened_mut(), low.as_flattened_mut());
            let mut sums = [0; DIGITS];
            for ((high, low), x) in high.iter_mut().zip(low).zip(x) {
                let level = (x * per_level).round_ties_even() as i32;
                // The lower digit lies about 0.
                let above = (level + BASE / 2) >> BASE.trailing_zeros();
                (*high, *low) = (above as i8, (level - above * BASE) as i8);
                sums[0] += i32::from(*high);
                sums[1] += i32::from(*low);
            }
            scales.push(scale);
            excess.push(sums.map(|it| it * i32::from(ZERO)));
        }
        Rows { digits, scales, excess }
    }

    /// Some tiles of the outputs of rows from `first` on, `N` digits of them.
    fn tile<const N: usize>(
        &self,
        strip: usize,
        weights: &[Strip],
        rows: &Rows,
        first: usize,
        y: &mut [f32],
    ) {
        let x = std::array::from_fn(|digit| {
            &rows.digits[(first * DIGITS + digit) * self.n_groups..][..self.n_groups]
        });
        let sums: [Sums; N] = multiply(weights, x);
        let start = strip * TILE * TILES;
        let end = self.n_out.min(start + TILE * TILES);
        let scales = &self.scales[start..end];
        for (row, sums) in (first..).zip(sums.as_chunks::<DIGITS>().0) {
            let (scale, [high_excess, low_excess]) = (rows.scales[row], rows.excess[row]);
            let [high, low] = sums;
            let sums = high.as_flattened().iter().zip(low.as_flattened());
            let y = &mut y[row * self.n_out..][start..end];
            for ((y, (high, low)), weight_scale) in y.iter_mut().zip(sums).zip(scales) {
                let (high, low) = ((high - high_excess) as f32, (low - low_excess) as f32);
                *y = high.mul_add(BASE as f32, low) * (scale * weight_scale);
            }
        }
    }
}

/// The largest magnitude; never 0.
fn most(values: &[f32]) -> f32 {
    super::sums::fold(values, f32::MIN_POSITIVE * MOST_OF_INPUT, |a, b| {
        if a.abs() < b.abs() { b.abs() } else { a.abs() }
    })
}

/// The sums of products of each row with all outputs of a strip.
fn multiply<const N: usize>(weights: &[Strip], x: [&[[i8; GROUP]]; N]) -> [Sums; N] {
    #[cfg(target_arch = "x86_64")]
    if vnni::is_there() {
        #[expect(
            unsafe_code,
            reason = "the one way to call functions with instructions of their own"
        )]
        // SAFETY: it was just made sure that this processor has the instructions.
        return unsafe { vnni::multiply(weights, x) };
    }
    multiply_anywhere(weights, x)
}

/// [`multiply`] on any machine.
fn multiply_anywhere<const N: usize>(weights: &[Strip], x: [&[[i8; GROUP]]; N]) -> [Sums; N] {
    let mut sums = [[[0; TILE]; TILES]; N];
    for (group, strip) in weights.iter().enumerate() {
        for (sums, x) in sums.iter_mut().zip(x) {
            for (sum, weights) in
                sums.as_flattened_mut().iter_mut().zip(strip.as_flattened().as_chunks::<GROUP>().0)
            {
                for (weight, x) in weights.iter().zip(x[group]) {
                    *sum += i32::from(*weight) * i32::from(x);
                }
            }
        }
    }
    sums
}

/// With AVX-512 VNNI.
#[cfg(target_arch = "x86_64")]
mod vnni {
    use std::arch::x86_64::{
        __m512i, _mm512_dpbusd_epi32, _mm512_set1_epi32, _mm512_setzero_si512,
    };

    use super::{GROUP, Strip, Sums, TILES};

    pub(super) fn is_there() -> bool {
        is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512vnni")
    }

    #[target_feature(enable = "avx512f,avx512vnni")]
    pub(super) fn multiply<const N: usize>(weights: &[Strip], x: [&[[i8; GROUP]]; N]) -> [Sums; N] {
        let mut sums = [[_mm512_setzero_si512(); TILES]; N];
        let x = x.map(|it| &it[..weights.len()]);
        for (group, strip) in weights.iter().enumerate() {
            let strip: [__m512i; TILES] = bytemuck::cast(*strip);
            for (sums, x) in sums.iter_mut().zip(x) {
                let x = _mm512_set1_epi32(i32::from_ne_bytes(x[group].map(i8::cast_unsigned)));
                for (sum, weights) in sums.iter_mut().zip(strip) {
                    *sum = _mm512_dpbusd_epi32(*sum, weights, x);
                }
            }
        }
        bytemuck::cast(sums)
    }
}

#[cfg(test)]
mod tests {
    use candle_core::Device;

    use super::*;

    #[test]
    fn every_machine_has_the_same_sums() {
        let noise = |idx: usize| (idx.wrapping_mul(2_654_435_761) >> 7) as u8;
        let n_groups = 37;
        let weights: Vec<Strip> = (0..n_groups)
            .map(|group| {
                std::array::from_fn(|tile| {
                    std::array::from_fn(|lane| noise(group * 977 + tile * 71 + lane))
                })
            })
            .collect();
        let x: [Vec<[i8; GROUP]>; 3] = std::array::from_fn(|row| {
            let group =
                |group| std::array::from_fn(|it| noise(row * 131 + group * 7 + it).cast_signed());
            (0..n_groups).map(group).collect()
        });
        let x = [&x[0][..], &x[1], &x[2]];
        assert_eq!(multiply(&weights, x), multiply_anywhere(&weights, x));
    }

    #[test]
    fn products_are_those_of_floats_but_for_rounding() {
        for (n_in, n_out) in [(50, 70), (256, 64), (3, 1)] {
            let weight = Tensor::randn(0.0_f32, 1.0, (n_out, n_in), &Device::Cpu).unwrap();
            let x = Tensor::randn(0.0_f32, 1.0, (11, n_in), &Device::Cpu).unwrap();
            let expected = x.matmul(&weight.t().unwrap()).unwrap().flatten_all().unwrap();
            let x: Vec<f32> = x.flatten_all().unwrap().to_vec1().unwrap();
            let y = Bytes::new(&weight).unwrap().forward(&x);
            let tolerance = 0.04 * (n_in as f32).sqrt();
            for (y, expected) in y.iter().zip(expected.to_vec1::<f32>().unwrap()) {
                assert!((y - expected).abs() < tolerance, "{y} for {expected}");
            }
        }
    }

    #[test]
    fn nothing_comes_of_nothing() {
        let weight = Tensor::zeros((5, 8), candle_core::DType::F32, &Device::Cpu).unwrap();
        let bytes = Bytes::new(&weight).unwrap();
        assert_eq!(bytes.forward(&[1.0; 8]), [0.0; 5]);
        assert_eq!(bytes.forward(&[0.0; 16]), [0.0; 10]);
    }
}
