//! Multiplication with a weight matrix, in full precision or with 8-bit weights.

use candle_core::quantized::{GgmlDType, QMatMul, QTensor};
use candle_core::{D, Module as _, Result, Tensor};

/// How exactly the painter computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precision {
    /// As trained; for comparison with the reference.
    F32,
    /// Weights in blocks of 32 with a common scale. A quarter of the memory to read, which is what
    /// a step takes its time for, and 0.0003 nats worse.
    Q8,
}

/// The weights of a linear map without bias.
#[derive(Clone, Debug)]
pub(super) enum Linear {
    F32(Tensor), // [in, out]
    Q8(QMatMul), // [out, in]
}

impl Linear {
    /// `weight` is [out, in].
    pub(super) fn new(weight: &Tensor, precision: Precision) -> Result<Self> {
        Ok(match precision {
            Precision::F32 => Self::F32(weight.t()?.contiguous()?),
            Precision::Q8 => {
                Self::Q8(QMatMul::from_qtensor(QTensor::quantize(weight, GgmlDType::Q8_0)?)?)
            }
        })
    }

    /// `x` is [.., in] and contiguous; the result is [.., out].
    pub(super) fn forward(&self, x: &Tensor) -> Result<Tensor> {
        match self {
            Self::F32(weight) => {
                let (n_in, n_out) = weight.dims2()?;
                let mut shape = x.dims().to_vec();
                shape.pop();
                shape.push(n_out);
                x.reshape(((), n_in))?.matmul(weight)?.reshape(shape)
            }
            Self::Q8(weight) => weight.forward(x),
        }
    }
}

/// A gain in front of a linear map, folded into its weights [out, in].
pub(super) fn with_gain(weight: &Tensor, gain: &Tensor) -> Result<Tensor> {
    weight.broadcast_mul(gain)
}

/// Rows of zeros below a matrix.
pub(super) fn with_rows(weight: &Tensor, n_rows: usize) -> Result<Tensor> {
    weight.pad_with_zeros(0, 0, n_rows - weight.dim(0)?)
}

/// Columns of zeros right of a matrix.
pub(super) fn with_cols(weight: &Tensor, n_cols: usize) -> Result<Tensor> {
    weight.pad_with_zeros(D::Minus1, 0, n_cols - weight.dim(1)?)
}
