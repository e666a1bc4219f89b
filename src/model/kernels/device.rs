//! The same on a device of candle's, by its own operations: linear maps, convolutions and norms
//! whose weights lie there. The order of additions in a product may depend on its shape there, so
//! rows are multiplied in blocks of one fixed number of them: each is computed alike, whatever
//! other rows are there.

use candle_core::{DType, Device, Result, Tensor, bail};

use crate::base::Precision;

/// Rows of a block.
const ROWS: usize = 16;

/// The weights of a linear map.
#[derive(Clone, Debug)]
pub struct Matrix {
    weight: Tensor, // [out, in]
}

impl Matrix {
    /// `weight` is [out, in].
    pub(super) fn new(weight: &Tensor, precision: Precision, device: &Device) -> Result<Self> {
        if weight.elem_count() == 0 {
            bail!("a linear map without weights");
        }
        weight.dims2()?;
        let dtype = if precision == Precision::F32 { DType::F32 } else { DType::F16 };
        Ok(Self { weight: weight.to_dtype(dtype)?.to_device(device)? })
    }

    /// Whether its weights are as trained.
    pub(super) fn is_exact(&self) -> bool {
        self.weight.dtype() == DType::F32
    }

    pub(super) fn shape(&self) -> Result<(usize, usize)> {
        self.weight.dims2()
    }

    /// [rows, in] → [rows, out]
    pub(super) fn forward(&self, x: &[f32]) -> Result<Vec<f32>> {
        let (n_out, n_in) = self.shape()?;
        if x.is_empty() {
            return Ok(Vec::new());
        }
        // Within 2, so that no sum leaves the range of 16 bits.
        let scales: Vec<f32> = x.chunks_exact(n_in).map(magnitude).collect();
        let rows = x.chunks_exact(n_in).zip(&scales);
        let x: Vec<f32> = rows.flat_map(|(x, scale)| x.iter().map(move |it| it / scale)).collect();
        let blocks = x.chunks(ROWS * n_in).map(|it| self.block(it)).collect::<Result<Vec<_>>>()?;
        let mut y: Vec<f32> = Tensor::cat(&blocks, 0)?.flatten_all()?.to_vec1()?;
        for (y, scale) in y.chunks_exact_mut(n_out).zip(scales) {
            y.iter_mut().for_each(|it| *it *= scale);
        }
        Ok(y)
    }

    /// The same for at most [`ROWS`] rows; the result stays on the device.
    fn block(&self, x: &[f32]) -> Result<Tensor> {
        let (_, n_in) = self.shape()?;
        let n_rows = x.len() / n_in;
        let x = Tensor::from_slice(x, (n_rows, n_in), self.weight.device())?;
        let x = x.to_dtype(self.weight.dtype())?.pad_with_zeros(0, 0, ROWS - n_rows)?;
        x.matmul(&self.weight.t()?)?.narrow(0, 0, n_rows)?.to_dtype(DType::F32)
    }
}

/// The power of two that the largest of some values reaches: to divide by it loses nothing.
fn magnitude(values: &[f32]) -> f32 {
    const EXPONENT: u32 = 0x7f80_0000;
    let largest = values.iter().fold(f32::MIN_POSITIVE, |max, it| max.max(it.abs()));
    f32::from_bits(largest.to_bits() & EXPONENT)
}

/// A convolution with its bias: for each position that is seen, the map is moved and multiplied.
#[derive(Clone, Debug)]
pub(super) struct Convolution {
    weights: Tensor, // [kernel², in, out]
    bias: Tensor,    // [out]
    stride: usize,
}

impl Convolution {
    /// `weight` is [out, in, kernel, kernel].
    pub(super) fn new(
        weight: &Tensor,
        bias: &Tensor,
        stride: usize,
        device: &Device,
    ) -> Result<Self> {
        let weights = weight.permute((2, 3, 1, 0))?.flatten_to(1)?;
        Ok(Self { weights: weights.to_device(device)?, bias: bias.to_device(device)?, stride })
    }

    /// `x` is [height, width, in]; each of its positions stands `repeat` times in each direction.
    /// The result, with `base` added, is on the device.
    pub(super) fn forward(
        &self,
        x: &Tensor,
        repeat: usize,
        base: Option<&Tensor>,
    ) -> Result<Tensor> {
        let device = self.bias.device();
        let (height, width, depth) = x.dims3()?;
        let x = x.to_device(device)?.reshape((height, 1, width, 1, depth))?;
        let x = x.broadcast_as((height, repeat, width, repeat, depth))?;
        let (height, width) = (height * repeat, width * repeat);
        let x = x.reshape((height, width, depth))?;

        let (n_seen, _, n_out) = self.weights.dims3()?;
        let (kernel, stride) = (n_seen.isqrt(), self.stride);
        let before = if stride == 1 { kernel / 2 } else { 0 };
        let after = kernel - 1 - before;
        let x = x.pad_with_zeros(0, before, after)?.pad_with_zeros(1, before, after)?;

        let (rows, cols) = (height / stride, width / stride);
        let n_positions = rows * cols;
        let mut y = self.bias.broadcast_as((n_positions, n_out))?;
        if let Some(base) = base {
            y = (y + base.to_device(device)?.reshape((n_positions, n_out))?)?;
        }
        for idx in 0..n_seen {
            let seen = x.narrow(0, idx / kernel, rows * stride)?;
            let seen = seen.narrow(1, idx % kernel, cols * stride)?;
            let seen = seen.reshape((rows, stride, cols, stride, depth))?;
            let seen = seen.narrow(1, 0, 1)?.narrow(3, 0, 1)?.reshape((n_positions, depth))?;
            y = (y + seen.matmul(&self.weights.get(idx)?)?)?;
        }
        y.reshape((rows, cols, n_out))
    }
}

/// A group norm.
#[derive(Clone, Debug)]
pub(super) struct Norm {
    n_groups: usize,
    eps: f64,
    gain: Tensor, // [channels]
    bias: Tensor, // [channels]
}

impl Norm {
    pub(super) fn new(
        n_groups: usize,
        gain: &Tensor,
        bias: &Tensor,
        eps: f32,
        device: &Device,
    ) -> Result<Self> {
        let (gain, bias) = (gain.to_device(device)?, bias.to_device(device)?);
        Ok(Self { n_groups, eps: f64::from(eps), gain, bias })
    }

    /// `x` is [height, width, channels]; so is the result, on the device.
    pub(super) fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let (height, width, depth) = x.dims3()?;
        let x = x.to_device(self.gain.device())?;
        let x = x.reshape((height, width, self.n_groups, depth / self.n_groups))?;
        let x = x.broadcast_sub(&mean_of_groups(&x)?)?;
        let deviation = (mean_of_groups(&x.sqr()?)? + self.eps)?.sqrt()?;
        let x = x.broadcast_div(&deviation)?.reshape((height, width, depth))?;
        x.broadcast_mul(&self.gain)?.broadcast_add(&self.bias)
    }
}

/// Of [height, width, groups, channels of each]. One direction after the other: a long sum would
/// lose digits.
fn mean_of_groups(x: &Tensor) -> Result<Tensor> {
    x.mean_keepdim(3)?.mean_keepdim(1)?.mean_keepdim(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_and_small_rows_stay_within_16_bits() {
        let weight = Tensor::randn(0.0_f32, 1.0, (40, 60), &Device::Cpu).unwrap();
        let x = Tensor::randn(0.0_f32, 1.0, (4, 60), &Device::Cpu).unwrap();
        let expected = x.matmul(&weight.t().unwrap()).unwrap();
        let expected: Vec<f32> = expected.flatten_all().unwrap().to_vec1().unwrap();
        let x: Vec<f32> = x.flatten_all().unwrap().to_vec1().unwrap();
        let matrix = Matrix::new(&weight, Precision::Q8, &Device::Cpu).unwrap();
        for scale in [1e-30, 1e-6, 1.0, 1e6, 1e30] {
            let y = matrix.forward(&x.iter().map(|it| it * scale).collect::<Vec<_>>()).unwrap();
            for (y, expected) in y.iter().zip(&expected) {
                assert!((y / scale - expected).abs() < 0.05, "{scale}: {y} for {expected}");
            }
        }
        assert_eq!(matrix.forward(&[0.0; 60]).unwrap(), [0.0; 40]);
        assert!(matrix.forward(&[]).unwrap().is_empty());
    }

    #[test]
    fn magnitudes_are_powers_of_two() {
        assert_eq!(magnitude(&[-3.0, 1.0]), 2.0);
        assert_eq!(magnitude(&[4.0, 0.1]), 4.0);
        assert!(0.0 < magnitude(&[0.0]) && magnitude(&[f32::MAX]) < f32::MAX);
    }
}
