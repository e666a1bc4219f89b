//! Maps between feature maps of different width and fineness: place by place, four to one, one to
//! four.

use candle_core::{Result, Tensor};

use super::weights::Weights;
use crate::model;
use crate::model::kernels::Part;

/// A linear map of each place by itself.
#[derive(Clone, Debug)]
pub(super) struct Pointwise {
    weight: Tensor, // [in, out]
    bias: Tensor,   // [out]
}

impl Pointwise {
    pub(super) fn load(
        weights: &Weights<'_>,
        name: &str,
        n_in: usize,
        n_out: usize,
    ) -> model::Result<Self> {
        let weight = weights.load(&format!("{name}.weight"), &[n_out, n_in, 1, 1])?;
        let weight = weight.reshape((n_out, n_in))?.t()?.contiguous()?;
        Ok(Self { weight, bias: weights.load(&format!("{name}.bias"), &[n_out])? })
    }

    /// [places, in] → [places, out]
    pub(super) fn forward(&self, x: &Tensor) -> Result<Tensor> {
        x.matmul(&self.weight)?.broadcast_add(&self.bias)
    }
}

/// Four places become one.
#[derive(Clone, Debug)]
pub(super) struct Down {
    weight: Tensor, // [2 · 2 · in, out]
    bias: Tensor,   // [out]
}

impl Down {
    pub(super) fn load(
        weights: &Weights<'_>,
        name: &str,
        n_in: usize,
        n_out: usize,
    ) -> model::Result<Self> {
        let weight = weights.load(&format!("{name}.weight"), &[n_out, n_in, 2, 2])?;
        let weight = weight.permute((2, 3, 1, 0))?.reshape((4 * n_in, n_out))?;
        Ok(Self { weight, bias: weights.load(&format!("{name}.bias"), &[n_out])? })
    }

    /// [rows, cols, in] → [rows / 2, cols / 2, out]
    pub(super) fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let (rows, cols, n_in) = x.dims3()?;
        let x = x.reshape((rows / 2, 2, cols / 2, 2 * n_in))?.transpose(1, 2)?;
        let x = x.reshape((rows / 2 * (cols / 2), 4 * n_in))?;
        let y = x.matmul(&self.weight)?.broadcast_add(&self.bias)?;
        y.reshape((rows / 2, cols / 2, ()))
    }
}

/// One place becomes four.
#[derive(Clone, Debug)]
pub(super) struct Up {
    weight: Tensor, // [in, 2 · 2 · out]
    bias: Tensor,   // [2 · 2 · out]
}

impl Up {
    pub(super) fn load(
        weights: &Weights<'_>,
        name: &str,
        n_in: usize,
        n_out: usize,
    ) -> model::Result<Self> {
        let weight = weights.load(&format!("{name}.weight"), &[4 * n_out, n_in, 1, 1])?;
        let bias = weights.load(&format!("{name}.bias"), &[4 * n_out])?;
        // The network's channels are (out, row, col), ours (row, col, out).
        let weight = weight.reshape((n_out, 4, n_in))?.permute((2, 1, 0))?;
        Ok(Self {
            weight: weight.reshape((n_in, 4 * n_out))?,
            bias: bias.reshape((n_out, 4))?.t()?.flatten_all()?,
        })
    }

    /// [rows, cols, in] → [2 · rows, 2 · cols, out]
    pub(super) fn forward(&self, part: &Part) -> Result<Part> {
        let (rows, cols, _) = part.x.dims3()?;
        let y = part.x.flatten(0, 1)?.matmul(&self.weight)?.broadcast_add(&self.bias)?;
        let y = y.reshape((rows, cols, 2, ()))?.transpose(1, 2)?; // [rows, 2, cols, 2 · out]
        Ok(Part {
            x: y.reshape((2 * rows, 2 * cols, ()))?,
            area: part.area.times(2),
            map: part.map.times(2),
        })
    }
}
