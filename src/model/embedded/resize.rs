//! Maps between feature maps of different width and fineness: position by position, four to one,
//! one to four.

use candle_core::{Result, Tensor};

use super::weights::Weights;
use crate::model;
use crate::model::kernels::{Area, Conv, Part, PreActivation};

/// A linear map of each position by itself.
#[derive(Clone, Debug)]
pub(super) struct Pointwise(Conv);

impl Pointwise {
    pub(super) fn load(
        weights: &Weights<'_>,
        name: &str,
        n_in: usize,
        n_out: usize,
    ) -> model::Result<Self> {
        Ok(Self(weights.conv(name, n_in, n_out, 1)?))
    }

    /// [rows, cols, in] → [rows, cols, out]
    pub(super) fn forward(&self, x: Tensor) -> Result<Tensor> {
        let (bottom, right, _) = x.dims3()?;
        let area = Area { top: 0, left: 0, bottom, right };
        Ok(self.0.forward(&Part { x, area, map: area }, area, PreActivation::None)?.x)
    }
}

/// Four positions become one.
#[derive(Clone, Debug)]
pub(super) struct Down(Pointwise); // 2 · 2 · in → out

impl Down {
    pub(super) fn load(
        weights: &Weights<'_>,
        name: &str,
        n_in: usize,
        n_out: usize,
    ) -> model::Result<Self> {
        let weight = weights.load(&format!("{name}.weight"), &[n_out, n_in, 2, 2])?;
        let weight = weight.permute((0, 2, 3, 1))?.reshape((n_out, 4 * n_in, 1, 1))?;
        let bias = weights.load(&format!("{name}.bias"), &[n_out])?;
        Ok(Self(Pointwise(Conv::new(&weight, &bias)?)))
    }

    /// [rows, cols, in] → [rows / 2, cols / 2, out]
    pub(super) fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let (rows, cols, n_in) = x.dims3()?;
        let x = x.reshape((rows / 2, 2, cols / 2, 2 * n_in))?.transpose(1, 2)?;
        self.0.forward(x.reshape((rows / 2, cols / 2, 4 * n_in))?)
    }
}

/// One position becomes four.
#[derive(Clone, Debug)]
pub(super) struct Up(Pointwise); // in → 2 · 2 · out

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
        let weight = weight.reshape((n_out, 4, n_in))?.transpose(0, 1)?;
        let weight = weight.reshape((4 * n_out, n_in, 1, 1))?;
        let bias = bias.reshape((n_out, 4))?.t()?.flatten_all()?;
        Ok(Self(Pointwise(Conv::new(&weight, &bias)?)))
    }

    /// [rows, cols, in] → [2 · rows, 2 · cols, out]
    pub(super) fn forward(&self, part: &Part) -> Result<Part> {
        let (rows, cols, _) = part.x.dims3()?;
        let y = self.0.forward(part.x.clone())?;
        let y = y.reshape((rows, cols, 2, ()))?.transpose(1, 2)?; // [rows, 2, cols, 2 · out]
        Ok(Part {
            x: y.reshape((2 * rows, 2 * cols, ()))?,
            area: part.area.times(2),
            map: part.map.times(2),
        })
    }
}
