//! The codec's encoder: places of pixels → the unbounded channels that become codes.
//! Local all the way: no attention, and norms of single places only.

use candle_core::{DType, Device, Result, Tensor};
use candle_nn::ops;

use super::config::CodecConfig;
use super::conv::{Area, Before, Conv3, Part, Residual};
use super::decoder::{NORM_EPS, PLACE_CHANNELS, residuals};
use super::resize::{Down, Pointwise};
use super::weights::Weights;
use crate::model;

#[derive(Debug)]
pub(super) struct Encoder {
    first: Conv3,
    fine: Vec<Residual>,
    down_to_middle: Down,
    middle: Vec<Residual>,
    down_to_coarse: Down,
    coarse: Vec<Residual>,
    last: Pointwise,
    unit: Tensor, // [coarse width]
}

impl Encoder {
    pub(super) fn load(weights: &Weights<'_>, config: &CodecConfig) -> model::Result<Self> {
        let [fine, middle, coarse] = config.widths;
        let [n_fine, n_middle, n_coarse] = config.encoder_blocks;
        // Layers are numbered: 0 shuffles pixels, 1 is the first convolution, a norm comes last but one.
        let to_middle = 2 + n_fine;
        let to_coarse = to_middle + 1 + n_middle;
        let last = to_coarse + 2 + n_coarse;
        // Our channels are (row, col, colour), the network's (colour, row, col).
        let first = weights.load("enc.1.weight", &[fine, PLACE_CHANNELS, 3, 3])?;
        let first = first.reshape((fine, 3, (), 9))?.transpose(1, 2)?;
        let first = first.reshape((fine, PLACE_CHANNELS, 3, 3))?;
        Ok(Self {
            first: Conv3::new(&first, &weights.load("enc.1.bias", &[fine])?)?,
            fine: residuals(weights, "enc", 2, n_fine, fine)?,
            down_to_middle: Down::load(weights, &format!("enc.{to_middle}.c"), fine, middle)?,
            middle: residuals(weights, "enc", to_middle + 1, n_middle, middle)?,
            down_to_coarse: Down::load(weights, &format!("enc.{to_coarse}.c"), middle, coarse)?,
            coarse: residuals(weights, "enc", to_coarse + 1, n_coarse, coarse)?,
            last: Pointwise::load(weights, &format!("enc.{last}"), coarse, config.levels.len())?,
            unit: Tensor::ones(coarse, DType::F32, &Device::Cpu)?,
        })
    }

    /// How many cells around a cell take part in its code.
    pub(super) fn margin(&self) -> usize {
        // In places: of the coarse map, then of the middle one, then of the fine one.
        let coarse = 2 * self.coarse.len();
        let middle = 2 * coarse + 2 * self.middle.len();
        let fine = 2 * middle + 2 * self.fine.len() + 1;
        fine.div_ceil(4)
    }

    /// Places [rows, cols, channels] → channels per cell [rows / 4 · cols / 4, digits].
    pub(super) fn forward(&self, x: Tensor) -> Result<Tensor> {
        let all = whole(x)?;
        let x = self.first.forward(&all, all.area, Before::Nothing)?;
        let x = self.down_to_middle.forward(&all_of(&self.fine, x)?.x)?;
        let x = self.down_to_coarse.forward(&all_of(&self.middle, whole(x)?)?.x)?;
        let x = all_of(&self.coarse, whole(x)?)?.x.flatten(0, 1)?; // [cells, coarse width]
        self.last.forward(&ops::rms_norm(&x, &self.unit, NORM_EPS)?)
    }
}

fn whole(x: Tensor) -> Result<Part> {
    let (bottom, right, _) = x.dims3()?;
    let map = Area { top: 0, left: 0, bottom, right };
    Ok(Part { x, area: map, map })
}

fn all_of(blocks: &[Residual], part: Part) -> Result<Part> {
    blocks.iter().try_fold(part, |part, block| block.forward(&part, part.area))
}
