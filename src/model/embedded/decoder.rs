//! The codec's decoder: channels of codes → pixels and labels, a window at a time.
//! Each stage works on no more than the window needs of it, or than its margin allows.

use candle_core::{DType, Device, Result, Tensor};
use candle_nn::ops;

use super::config::CodecConfig;
use super::conv::{Area, Before, Conv3, Part, Residual};
use super::resize::{Pointwise, Up};
use super::weights::Weights;
use crate::model;

/// What norms add to the mean square before they divide by its root.
pub(super) const NORM_EPS: f32 = 1e-5;

/// A place of the finest map is a square of so many pixels.
pub(super) const PLACE_PIXELS: usize = 4;
pub(super) const PLACE_CHANNELS: usize = 3 * PLACE_PIXELS * PLACE_PIXELS;

/// Places of the finest map per cell, in each direction.
pub(super) const CELL_PLACES: usize = 4;

/// How far around the window each stage works at most, in places of its own map.
#[derive(Clone, Copy, Debug)]
pub(super) struct Margins {
    pub(super) coarse: usize,
    pub(super) middle: usize,
    pub(super) fine: usize,
}

/// A decoded window.
pub(super) struct Painted {
    /// Places of the finest map, channels (row, col, colour).
    pub(super) pixels: Tensor, // [rows, cols, channels]
    pub(super) labels: Tensor, // [cells, labels]
}

#[derive(Debug)]
pub(super) struct Decoder {
    first: Conv3,
    coarse: Vec<Residual>,
    labels: Pointwise,
    up_to_middle: Up,
    middle: Vec<Residual>,
    up_to_fine: Up,
    fine: Vec<Residual>,
    last: Conv3,
    unit: Tensor, // [coarse width]
}

impl Decoder {
    pub(super) fn load(weights: &Weights<'_>, config: &CodecConfig) -> model::Result<Self> {
        let [fine, middle, coarse] = config.widths;
        let [n_coarse, n_middle, n_fine] = config.decoder_blocks;
        // Layers are numbered: 0 makes the map finer; an activation stands in front of the last one.
        let to_fine = 1 + n_middle;
        let last = format!("dec.{}", to_fine + 2 + n_fine);
        // Our channels are (row, col, colour), the network's (colour, row, col).
        let weight = weights.load(&format!("{last}.weight"), &[PLACE_CHANNELS, fine, 3, 3])?;
        let weight = weight.reshape((3, (), fine * 9))?.transpose(0, 1)?;
        let weight = weight.reshape((PLACE_CHANNELS, fine, 3, 3))?;
        let bias = weights.load(&format!("{last}.bias"), &[PLACE_CHANNELS])?;
        let bias = bias.reshape((3, ()))?.t()?.flatten_all()?;
        Ok(Self {
            first: Conv3::load(weights, "trunk.0", config.levels.len(), coarse)?,
            coarse: residuals(weights, "trunk", 1, n_coarse, coarse)?,
            labels: Pointwise::load(weights, "sem", coarse, config.labels)?,
            up_to_middle: Up::load(weights, "dec.0.c", coarse, middle)?,
            middle: residuals(weights, "dec", 1, n_middle, middle)?,
            up_to_fine: Up::load(weights, &format!("dec.{to_fine}.c"), middle, fine)?,
            fine: residuals(weights, "dec", to_fine + 1, n_fine, fine)?,
            last: Conv3::new(&weight, &bias)?,
            unit: Tensor::ones(coarse, DType::F32, &Device::Cpu)?,
        })
    }

    /// `cells` holds the channels of the whole grid [rows, cols, digits].
    pub(super) fn forward(&self, cells: Tensor, window: Area, margins: Margins) -> Result<Painted> {
        let (bottom, right, _) = cells.dims3()?;
        let grid = Area { top: 0, left: 0, bottom, right };
        // What each stage has to hold around the window at its end, and held at its start.
        let fine_start = (1 + 2 * self.fine.len()).min(margins.fine);
        let middle_end = fine_start.div_ceil(2);
        let middle_start = (middle_end + 2 * self.middle.len()).min(margins.middle);
        let coarse_end = middle_start.div_ceil(2);
        let coarse_start = (coarse_end + 2 * self.coarse.len()).min(margins.coarse);

        let around = window.grown(coarse_start, grid);
        let x = self.first.forward(
            &Part { x: cells, area: grid, map: grid },
            around,
            Before::Nothing,
        )?;
        let stage = Stage { window, end: coarse_end, most: margins.coarse };
        let x = stage.run(&self.coarse, x)?;
        let x = Part { x: ops::rms_norm(&x.x, &self.unit, NORM_EPS)?, ..x };
        let labels = self.labels.forward(&x.crop(window)?.flatten(0, 1)?)?; // [cells, labels]

        let window = window.times(2);
        let stage = Stage { window, end: middle_end, most: margins.middle };
        let x = stage.run(&self.middle, self.up_to_middle.forward(&x)?)?;

        let window = window.times(2);
        let stage = Stage { window, end: 1, most: margins.fine };
        let x = stage.run(&self.fine, self.up_to_fine.forward(&x)?)?;
        let pixels = self.last.forward(&x, window, Before::Silu)?.x;
        Ok(Painted { pixels, labels })
    }
}

/// The residual blocks of one fineness.
struct Stage {
    window: Area,
    /// How far around the window the last block's result has to reach.
    end: usize,
    /// How far any block's result may reach.
    most: usize,
}

impl Stage {
    fn run(&self, blocks: &[Residual], mut part: Part) -> Result<Part> {
        for (idx, block) in blocks.iter().enumerate() {
            let n_left = blocks.len() - 1 - idx;
            let margin = (self.end + 2 * n_left).min(self.most);
            let want = self.window.grown(margin, part.area);
            part = block.forward(&part, want)?;
        }
        Ok(part)
    }
}

/// `n` blocks of layer list `list`, from layer `first` on.
pub(super) fn residuals(
    weights: &Weights<'_>,
    list: &str,
    first: usize,
    n: usize,
    width: usize,
) -> model::Result<Vec<Residual>> {
    (first..first + n).map(|idx| Residual::load(weights, &format!("{list}.{idx}"), width)).collect()
}
