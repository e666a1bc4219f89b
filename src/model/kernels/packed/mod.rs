//! Multiplication with weights of 8, 6 or 4 bits: a step of a big network takes its time for
//! reading them. Each 32 weights of an output have a scale of 8 bits, in units of the output's own.
//! After the k-quants of llama.cpp (<https://github.com/ggml-org/llama.cpp/pull/1684>), laid out
//! for the order in which we read.
//!
//! Every row of the input is computed by itself: results are equal to the last bit in any company.

mod fit;
mod inputs;
mod layout;
mod product;

use candle_core::{Result, Tensor, bail};
use rayon::prelude::*;

use self::inputs::Inputs;
use self::layout::{HEAD, STRIP, strip_len};
use super::shared::{Pages, Shared};

/// Changes with the meaning of packed bytes: those of another number are of no use.
pub const PACKING: u32 = 1;

/// Below this many bytes of weights times rows, waking other threads takes longer than they save.
const BYTES_FOR_THREADS: usize = 1 << 17;

/// The most rows that are computed together, by the number of digits: their sums fit the registers.
const MAX_ROWS: [usize; 2] = [5, 3];

/// The weights of a linear map without bias.
#[derive(Clone, Debug)]
pub struct QBlocks {
    /// Per weight: 8, 6 or 4.
    bits: usize,
    pub(super) n_in: usize,
    pub(super) n_out: usize,
    /// Invariant: one strip for each 64 outputs, see [`layout`].
    strips: Shared,
}

impl QBlocks {
    /// `weight` is [out, in].
    pub(super) fn new(weight: &Tensor, bits: usize) -> Result<Self> {
        let (n_out, n_in) = weight.dims2()?;
        if n_in == 0 || n_out == 0 {
            bail!("a linear map without weights");
        }
        let weight: Vec<f32> = weight.flatten_all()?.to_vec1()?;
        let mut bytes = Pages::new(Self::len_of(bits, n_out, n_in))?;
        let strips = bytes.par_chunks_exact_mut(strip_len(bits, n_in));
        strips.zip(weight.par_chunks(STRIP * n_in)).for_each(|(strip, weight)| {
            let (units, blocks) = strip.split_at_mut(HEAD);
            let units = units.as_chunks_mut().0.iter_mut().enumerate();
            for ((output, unit), weight) in units.zip(weight.chunks_exact(n_in)) {
                *unit = fit::pack(bits, output, weight, blocks).to_le_bytes();
            }
        });
        Ok(Self { bits, n_in, n_out, strips: Shared::from(bytes) })
    }

    /// From the bytes of another one.
    pub(super) fn from_bytes(
        bytes: Shared,
        bits: usize,
        n_out: usize,
        n_in: usize,
    ) -> Result<Self> {
        let expected = Self::len_of(bits, n_out, n_in);
        if bytes.len() != expected || n_in == 0 || n_out == 0 {
            bail!("{} bytes of weights where {expected} should be", bytes.len());
        }
        let mut units = bytes.chunks_exact(strip_len(bits, n_in)).flat_map(|strip| {
            strip[..HEAD].as_chunks().0.iter().map(|unit| f32::from_le_bytes(*unit))
        });
        if !units.all(f32::is_finite) {
            bail!("scales that are no numbers");
        }
        Ok(Self { bits, n_in, n_out, strips: bytes })
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.strips
    }

    /// The number of bytes that a matrix [out, in] takes.
    pub(super) const fn len_of(bits: usize, n_out: usize, n_in: usize) -> usize {
        n_out.div_ceil(STRIP) * strip_len(bits, n_in)
    }

    /// [rows, in] → [rows, out]
    pub(super) fn multiply(&self, x: &[f32], y: &mut [f32]) {
        // One digit suffices where weights are coarser than it.
        match self.bits {
            8 => self.multiply_in::<8, 2>(x, y),
            6 => self.multiply_in::<6, 1>(x, y),
            _ => self.multiply_in::<4, 1>(x, y),
        }
    }

    fn multiply_in<const BITS: usize, const DIGITS: usize>(&self, x: &[f32], y: &mut [f32]) {
        let n_rows = x.len() / self.n_in;
        if n_rows == 0 {
            return;
        }
        let x = Inputs::new::<DIGITS>(x, self.n_in);
        let one =
            |(strip, y): (&[u8], &mut [[f32; STRIP]])| one_strip::<BITS, DIGITS>(strip, &x, y);
        let mut by_strip = vec![[0.0; STRIP]; self.n_out.div_ceil(STRIP) * n_rows];
        let strip_len = strip_len(BITS, self.n_in);
        if self.strips.len() * n_rows < BYTES_FOR_THREADS {
            let y = by_strip.chunks_exact_mut(n_rows);
            self.strips.chunks_exact(strip_len).zip(y).for_each(one);
        } else {
            let y = by_strip.par_chunks_exact_mut(n_rows);
            self.strips.par_chunks_exact(strip_len).zip(y).for_each(one);
        }
        for (row, y) in y.chunks_exact_mut(self.n_out).enumerate() {
            let strips = by_strip.iter().skip(row).step_by(n_rows);
            y.chunks_mut(STRIP)
                .zip(strips)
                .for_each(|(y, strip)| y.copy_from_slice(&strip[..y.len()]));
        }
    }
}

/// One strip's outputs of all rows of `x`.
fn one_strip<const BITS: usize, const DIGITS: usize>(
    strip: &[u8],
    x: &Inputs,
    y: &mut [[f32; STRIP]],
) {
    let (units, blocks) = strip.split_at(HEAD);
    let mut first = 0;
    for y in y.chunks_mut(MAX_ROWS[DIGITS - 1]) {
        match y.len() {
            1 => some_rows::<BITS, DIGITS, 1>(blocks, x, first, y),
            2 => some_rows::<BITS, DIGITS, 2>(blocks, x, first, y),
            3 => some_rows::<BITS, DIGITS, 3>(blocks, x, first, y),
            4 => some_rows::<BITS, DIGITS, 4>(blocks, x, first, y),
            _ => some_rows::<BITS, DIGITS, 5>(blocks, x, first, y),
        }
        for (y, unit) in y.iter_mut().flat_map(|y| y.iter_mut().zip(units.as_chunks().0)) {
            *y *= f32::from_le_bytes(*unit);
        }
        first += y.len();
    }
}

/// `y` are `N` rows.
fn some_rows<const BITS: usize, const DIGITS: usize, const N: usize>(
    blocks: &[u8],
    x: &Inputs,
    first: usize,
    y: &mut [[f32; STRIP]],
) {
    for y in y.as_chunks_mut().0 {
        product::multiply::<BITS, DIGITS, N>(blocks, x, first, y);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use candle_core::Device;

    use super::layout::scales_at;
    use super::*;

    #[test]
    fn every_machine_has_the_same_products() {
        check_twins::<8, 2, 1>();
        check_twins::<8, 2, 2>();
        check_twins::<8, 2, 3>();
        check_twins::<8, 1, 4>();
        check_twins::<6, 1, 1>();
        check_twins::<6, 1, 2>();
        check_twins::<6, 1, 5>();
        check_twins::<6, 2, 3>();
        check_twins::<4, 1, 1>();
        check_twins::<4, 1, 3>();
        check_twins::<4, 1, 5>();
        check_twins::<4, 2, 2>();
    }

    fn check_twins<const BITS: usize, const DIGITS: usize, const N: usize>() {
        let weight = Tensor::randn(0.0_f32, 1.0, (70, 100), &Device::Cpu).unwrap();
        let packed = QBlocks::new(&weight, BITS).unwrap();
        // The first strip has the largest levels, too.
        let mut strips = packed.bytes().to_vec();
        let strip_len = strip_len(BITS, 100);
        strips[HEAD..][..scales_at(BITS)].fill(0xff);
        let x = Tensor::randn(0.0_f32, 1.0, (N + 2) * 100, &Device::Cpu).unwrap();
        let mut x = x.to_vec1::<f32>().unwrap();
        x[100..][..32].fill(3.0);
        x[200..][..32].fill(-3.0);
        let x = Inputs::new::<DIGITS>(&x, 100);
        for blocks in strips.chunks_exact(strip_len).map(|it| &it[HEAD..]) {
            let (mut fast, mut plain) = ([[0.0; STRIP]; N], [[1.0; STRIP]; N]);
            product::multiply_anywhere::<BITS, DIGITS, N>(blocks, &x, 1, &mut plain);
            product::multiply::<BITS, DIGITS, N>(blocks, &x, 1, &mut fast);
            assert_eq!(fast, plain, "{BITS} bits, {DIGITS} digits, {N} rows");
            #[cfg(target_arch = "x86_64")]
            if product::avx2::multiply::<BITS, DIGITS, N>(blocks, &x, 1, &mut fast) {
                assert_eq!(fast, plain, "AVX2, {BITS} bits, {DIGITS} digits, {N} rows");
            }
        }
    }

    fn products(weights: &QBlocks, x: &[f32]) -> Vec<f32> {
        let mut y = vec![0.0; x.len() / weights.n_in * weights.n_out];
        weights.multiply(x, &mut y);
        y
    }

    #[test]
    fn products_are_those_of_floats_but_for_rounding() {
        for (bits, tolerance) in [(8, 0.01), (6, 0.04), (4, 0.13)] {
            for (n_in, n_out) in [(50, 70), (256, 64), (33, 90)] {
                let weight = Tensor::randn(0.0_f32, 1.0, (n_out, n_in), &Device::Cpu).unwrap();
                let x = Tensor::randn(0.0_f32, 1.0, (11, n_in), &Device::Cpu).unwrap();
                let expected = x.matmul(&weight.t().unwrap()).unwrap().flatten_all().unwrap();
                let x: Vec<f32> = x.flatten_all().unwrap().to_vec1().unwrap();
                let y = products(&QBlocks::new(&weight, bits).unwrap(), &x);
                let expected: Vec<f32> = expected.to_vec1().unwrap();
                let off = y.iter().zip(&expected).map(|(a, b)| (a - b).powi(2)).sum::<f32>();
                let off = (off / (11 * n_in * n_out) as f32).sqrt();
                assert!(off < tolerance, "{bits} bits, {n_out} × {n_in}: {off}");
            }
        }
    }

    #[test]
    fn all_values_alike_are_kept() {
        for bits in [8, 6, 4] {
            for value in [0.0_f32, 1.0, -1.0] {
                let weight = Tensor::full(value, (5, 40), &Device::Cpu).unwrap();
                let packed = QBlocks::new(&weight, bits).unwrap();
                for y in products(&packed, &[0.5; 40]) {
                    assert!((y - 20.0 * value).abs() < 0.2, "{bits} bits of {value}: {y}");
                }
                assert_eq!(products(&packed, &[0.0; 80]), [0.0; 10]);
            }
        }
    }

    #[test]
    fn bytes_make_the_same_weights() {
        let weight = Tensor::randn(0.0_f32, 1.0, (70, 50), &Device::Cpu).unwrap();
        for bits in [8, 6, 4] {
            let packed = QBlocks::new(&weight, bits).unwrap();
            let bytes = packed.bytes().to_vec();
            let read = |bytes: Vec<u8>| {
                let range = 0..bytes.len();
                let bytes = Shared::new(Arc::new(bytes), range).unwrap();
                QBlocks::from_bytes(bytes, bits, 70, 50)
            };
            assert_eq!(
                products(&read(bytes.clone()).unwrap(), &[1.0; 50]),
                products(&packed, &[1.0; 50])
            );
            assert!(read(bytes[1..].to_vec()).is_err());
            assert!(QBlocks::new(&weight.narrow(1, 0, 0).unwrap(), bits).is_err());
            let mut damaged = bytes;
            damaged[..4].fill(0xff); // NaN
            assert!(read(damaged).is_err());
        }
    }
}
