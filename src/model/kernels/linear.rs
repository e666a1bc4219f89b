//! Multiplication with a weight matrix, in full precision or with weights of 8, 6 or 4 bits, here
//! or on a device. Every row of the input is multiplied in the same order of operations, whatever
//! other rows are there: guessing ahead gives the same logits as going one by one, to the last bit.
//!
//! candle's own quantised product waits for its threads in a busy loop: on a machine whose cores
//! are wanted elsewhere, too, a step took 90 ms with it and takes 2 with this. candle's other one
//! asks the system for its processors on every call.

use candle_core::{CpuStorage, CustomOp1, Device, Layout, Result, Shape, Tensor, bail};
use rayon::prelude::*;
use wide::f32x16;

use super::bytes::Q8PerRow;
use super::device;
use super::packed::QBlocks;
use super::shared::Shared;
use crate::base::Precision;

/// Bits per weight where they are packed in blocks.
const fn bits_of(precision: Precision) -> Option<usize> {
    match precision {
        Precision::F32 => None,
        Precision::Q8 => Some(8),
        Precision::Q6K => Some(6),
        Precision::Q4K => Some(4),
    }
}

/// The weights of a linear map without bias.
#[derive(Clone, Debug)]
pub enum Linear {
    F32(Matrix),
    Q8PerRow(Q8PerRow),
    QBlocks(QBlocks),
    OnDevice(device::Matrix),
}

/// Outputs that are computed side by side.
const TILE: usize = 16;

/// Tiles, and at most rows of the input, that are computed together: their sums fit the registers.
const TILES: usize = if cfg!(target_feature = "avx512f") { 2 } else { 1 };
const ROWS: usize = if cfg!(target_feature = "avx512f") { 4 } else { 6 };

/// Weights in the order in which they are read.
#[derive(Clone, Debug)]
pub struct Matrix {
    n_in: usize,
    n_out: usize,
    /// For some tiles of outputs after the others, their weights for one input after the other.
    weights: Vec<[f32x16; TILES]>,
}

impl Linear {
    /// `weight` is [out, in].
    ///
    /// # Errors
    /// Where `weight` is no matrix of 32-bit numbers.
    pub fn new(weight: &Tensor, precision: Precision) -> Result<Self> {
        Ok(match bits_of(precision) {
            Some(bits) => Self::QBlocks(QBlocks::new(weight, bits)?),
            None => Self::F32(Matrix::new(weight)?),
        })
    }

    /// With weights of 8 bits and one scale per output: enough for networks whose weights are all
    /// of one size, and faster where a matrix fits the processor's cache.
    ///
    /// # Errors
    /// As there.
    pub fn with_scale_per_output(weight: &Tensor) -> Result<Self> {
        Ok(Self::Q8PerRow(Q8PerRow::new(weight)?))
    }

    /// With weights on `device`, as trained ([`Precision::F32`]) or in 16 bits. Rows go there, and
    /// what comes of them comes back.
    ///
    /// # Errors
    /// As there, and where the device has no room.
    pub fn on_device(weight: &Tensor, precision: Precision, device: &Device) -> Result<Self> {
        Ok(Self::OnDevice(device::Matrix::new(weight, precision, device)?))
    }

    /// From what [`Self::bytes`] gave for a map of this precision from `n_in` to `n_out` values;
    /// the bytes are not copied.
    ///
    /// # Errors
    /// Where there are more or fewer of them, their scales are no numbers, or this precision has
    /// none.
    pub fn from_bytes(
        bytes: Shared,
        precision: Precision,
        n_out: usize,
        n_in: usize,
    ) -> Result<Self> {
        let Some(bits) = bits_of(precision) else {
            bail!("weights of precision {precision:?} are not kept as bytes");
        };
        Ok(Self::QBlocks(QBlocks::from_bytes(bytes, bits, n_out, n_in)?))
    }

    /// The packed weights, to be kept in a file; `None` for precisions that are not packed in
    /// blocks.
    #[must_use]
    pub fn bytes(&self) -> Option<&[u8]> {
        match self {
            Self::QBlocks(weights) => Some(weights.bytes()),
            Self::F32(_) | Self::Q8PerRow(_) | Self::OnDevice(_) => None,
        }
    }

    /// How exactly keys and values are worth keeping that such maps compute.
    #[must_use]
    pub fn precision_of_cache(&self) -> Precision {
        match self {
            Self::F32(_) => Precision::F32,
            Self::OnDevice(weights) if weights.is_exact() => Precision::F32,
            Self::Q8PerRow(_) | Self::QBlocks(_) | Self::OnDevice(_) => Precision::Q8,
        }
    }

    /// [rows, in] → [rows, out], by this thread alone where weights are floats or have a scale per
    /// output.
    ///
    /// # Errors
    /// Where a device fails.
    pub fn multiply(&self, x: &[f32], y: &mut [f32]) -> Result<()> {
        match self {
            Self::F32(weights) => weights.some_rows(x, y),
            Self::Q8PerRow(weights) => weights.multiply(x, y),
            Self::QBlocks(weights) => weights.multiply(x, y),
            Self::OnDevice(weights) => y.copy_from_slice(&weights.forward(x)?),
        }
        Ok(())
    }

    /// [rows, in] → [rows, out], on all threads where there is enough to do, but for weights with a
    /// scale per output.
    ///
    /// # Errors
    /// Where `x` is of another width, or a device fails.
    pub fn rows(&self, x: &[f32]) -> Result<Vec<f32>> {
        let [n_out, n_in] = self.shape()?;
        if n_in == 0 || !x.len().is_multiple_of(n_in) {
            bail!("a linear map of {n_in} values cannot take {}", x.len());
        }
        match self {
            Self::F32(weights) => return Ok(weights.forward(x)),
            Self::OnDevice(weights) => return weights.forward(x),
            Self::Q8PerRow(_) | Self::QBlocks(_) => {}
        }
        let mut y = vec![0.0; x.len() / n_in * n_out];
        self.multiply(x, &mut y)?;
        Ok(y)
    }

    /// Outputs and inputs.
    fn shape(&self) -> Result<[usize; 2]> {
        Ok(match self {
            Self::F32(weights) => [weights.n_out, weights.n_in],
            Self::Q8PerRow(weights) => [weights.n_out, weights.n_in],
            Self::QBlocks(weights) => [weights.n_out, weights.n_in],
            Self::OnDevice(weights) => weights.shape()?.into(),
        })
    }

    /// `x` is [.., in] and contiguous; the result is [.., out].
    ///
    /// # Errors
    /// Where `x` is of another width, or a device fails.
    pub fn forward(&self, x: &Tensor) -> Result<Tensor> {
        x.apply_op1_no_bwd(self)
    }
}

impl CustomOp1 for Linear {
    fn name(&self) -> &'static str {
        "linear"
    }

    fn cpu_fwd(&self, x: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let Some((start, end)) = layout.contiguous_offsets() else {
            bail!("a linear map needs contiguous values");
        };
        let x = &x.as_slice::<f32>()?[start..end];
        let [n_out, n_in] = self.shape()?;
        let mut dims = layout.dims().to_vec();
        if dims.pop() != Some(n_in) {
            bail!("a linear map of {n_in} values cannot take {:?}", layout.dims());
        }
        dims.push(n_out);
        let y = self.rows(x)?;
        Ok((CpuStorage::F32(y), Shape::from(dims)))
    }
}

impl Matrix {
    /// `weight` is [out, in].
    pub(super) fn new(weight: &Tensor) -> Result<Self> {
        let (_, n_in) = weight.dims2()?;
        Ok(Self::from_values(&weight.flatten_all()?.to_vec1()?, n_in))
    }

    /// `weight` is [out, in], the last one fastest.
    pub(super) fn from_values(weight: &[f32], n_in: usize) -> Self {
        let n_out = weight.len() / n_in.max(1);
        let per_strip = TILE * TILES;
        let mut weights = vec![[[0.0; TILE]; TILES]; n_out.div_ceil(per_strip) * n_in];
        for (output, row) in weight.chunks_exact(n_in.max(1)).enumerate() {
            let (strip, lane) = (output / per_strip, output % per_strip);
            for (input, &weight) in row.iter().enumerate() {
                weights[strip * n_in + input][lane / TILE][lane % TILE] = weight;
            }
        }
        let weights = weights.into_iter().map(|tiles| tiles.map(f32x16::new)).collect();
        Self { n_in, n_out, weights }
    }

    /// [rows, in] → [rows, out]
    fn forward(&self, x: &[f32]) -> Vec<f32> {
        let n_rows = x.len() / self.n_in;
        let mut y = vec![0.0; n_rows * self.n_out];
        if n_rows <= ROWS {
            self.some_rows(x, &mut y);
        } else {
            let chunk = n_rows.div_ceil(rayon::current_num_threads()).next_multiple_of(ROWS);
            let x = x.par_chunks(chunk * self.n_in);
            let y = y.par_chunks_mut(chunk * self.n_out);
            x.zip(y).for_each(|(x, y)| self.some_rows(x, y));
        }
        y
    }

    /// [rows, in] → [rows, out], by this thread alone.
    pub(super) fn some_rows(&self, x: &[f32], y: &mut [f32]) {
        for (strip, weights) in self.weights.chunks_exact(self.n_in).enumerate() {
            let rows = x.chunks(ROWS * self.n_in).zip(y.chunks_mut(ROWS * self.n_out));
            for (x, y) in rows {
                match x.len() / self.n_in {
                    1 => self.strip::<1>(strip, weights, x, y),
                    2 => self.strip::<2>(strip, weights, x, y),
                    3 => self.strip::<3>(strip, weights, x, y),
                    4 => self.strip::<4>(strip, weights, x, y),
                    5 => self.strip::<5>(strip, weights, x, y),
                    _ => self.strip::<ROWS>(strip, weights, x, y),
                }
            }
        }
    }

    /// Some tiles of the outputs of `N` rows.
    fn strip<const N: usize>(
        &self,
        strip: usize,
        weights: &[[f32x16; TILES]],
        x: &[f32],
        y: &mut [f32],
    ) {
        let x: [&[f32]; N] = std::array::from_fn(|row| &x[row * self.n_in..][..weights.len()]);
        let mut sums = [[f32x16::ZERO; TILES]; N];
        for (input, weights) in weights.iter().enumerate() {
            for (sums, x) in sums.iter_mut().zip(x) {
                let x = f32x16::splat(x[input]);
                for (sum, &weights) in sums.iter_mut().zip(weights) {
                    *sum = weights.mul_add(x, *sum);
                }
            }
        }
        for (y, sums) in y.chunks_exact_mut(self.n_out).zip(sums) {
            let tiles = y[strip * TILES * TILE..].chunks_mut(TILE).zip(sums);
            tiles.for_each(|(y, sum)| match y.first_chunk_mut() {
                Some(y) => *y = sum.to_array(),
                None => y.copy_from_slice(&sum.to_array()[..y.len()]),
            });
        }
    }
}

/// A gain in front of a linear map, folded into its weights [out, in].
pub fn with_gain(weight: &Tensor, gain: &Tensor) -> Result<Tensor> {
    weight.broadcast_mul(gain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_multiplied_alike_in_any_company() {
        let weight = Tensor::randn(0.0_f32, 1.0, (70, 50), &Device::Cpu).unwrap();
        let x = Tensor::randn(0.0_f32, 1.0, (1, 37, 50), &Device::Cpu).unwrap();
        let expected = x.squeeze(0).unwrap().matmul(&weight.t().unwrap()).unwrap();
        let packed = |precision| Linear::new(&weight, precision).unwrap();
        let on_device = |precision| Linear::on_device(&weight, precision, &Device::Cpu).unwrap();
        for (linear, tolerance) in [
            (packed(Precision::F32), 1e-4),
            (packed(Precision::Q8), 0.5),
            (packed(Precision::Q6K), 2.0),
            (packed(Precision::Q4K), 6.0),
            (Linear::with_scale_per_output(&weight).unwrap(), 0.5),
            (on_device(Precision::F32), 1e-4),
            (on_device(Precision::Q8), 0.05),
        ] {
            let y = linear.forward(&x).unwrap().squeeze(0).unwrap();
            let error = (&y - &expected).unwrap().abs().unwrap().max_all().unwrap();
            assert!(error.to_scalar::<f32>().unwrap() < tolerance);
            for row in 0..37 {
                let alone = linear.forward(&x.narrow(1, row, 1).unwrap().contiguous().unwrap());
                let alone = alone.unwrap().flatten_all().unwrap().to_vec1::<f32>().unwrap();
                assert_eq!(alone, y.get(row).unwrap().to_vec1::<f32>().unwrap());
            }
        }
    }
}
