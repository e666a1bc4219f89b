//! The codec's encoder: patches of pixels → the unbounded latents that become codes.
//! Local all the way: no attention, and norms of single positions only.

use candle_core::{DType, Device, Result, Tensor};
use candle_nn::ops;

use super::config::{CodecConfig, Level};
use super::decoder::{NORM_EPS, blocks, reach};
use super::residual::Residual;
use super::resize::{Down, Pointwise};
use super::weights::Weights;
use crate::model;
use crate::model::kernels::{Area, Conv, Part, PreActivation};

#[derive(Debug)]
pub(super) struct Encoder {
    first: Conv,
    finest: Vec<Residual>,
    /// One after the other, each on a map half as fine.
    coarser: Vec<(Down, Vec<Residual>)>,
    last: Pointwise,
    unit: Tensor, // [width of the coarsest map]
}

impl Encoder {
    pub(super) fn load(weights: &Weights<'_>, config: &CodecConfig) -> model::Result<Self> {
        let levels = config.widths.iter().zip(&config.encoder_blocks);
        let levels: Vec<Level> =
            levels.map(|(&width, &n_blocks)| Level { width, n_blocks, kernel: 3 }).collect();
        let (finest, coarsest) = (levels[0], levels[levels.len() - 1]);
        let mut coarser = Vec::with_capacity(levels.len() - 1);
        // Layers are numbered: 0 shuffles pixels, 1 is the first convolution.
        let mut layer = 2 + finest.n_blocks;
        for pair in levels.windows(2) {
            let [before, level] = [pair[0], pair[1]];
            let down = Down::load(weights, &format!("enc.{layer}.c"), before.width, level.width)?;
            coarser.push((down, blocks(weights, "enc", layer + 1, level)?));
            layer += 1 + level.n_blocks;
        }
        // A norm comes last but one.
        let last = format!("enc.{}", layer + 1);
        Ok(Self {
            first: load_first(weights, finest.width, config.unshuffle)?,
            finest: blocks(weights, "enc", 2, finest)?,
            coarser,
            last: Pointwise::load(weights, &last, coarsest.width, config.levels.len())?,
            unit: Tensor::ones(coarsest.width, DType::F32, &Device::Cpu)?,
        })
    }

    /// How many cells around a cell take part in its code.
    pub(super) fn margin(&self) -> usize {
        // In positions of each map, from the coarsest to the finest.
        let coarser = self.coarser.iter().rev();
        let margin = coarser.fold(0, |margin, (_, blocks)| 2 * (margin + reach(blocks)));
        (margin + reach(&self.finest) + 1).div_ceil(1 << self.coarser.len())
    }

    /// Patches [rows, cols, channels] → latents [cells, latent_dim].
    pub(super) fn forward(&self, x: Tensor) -> Result<Tensor> {
        let all = whole(x)?;
        let mut x = all_of(&self.finest, self.first.forward(&all, all.area, PreActivation::None)?)?;
        for (down, blocks) in &self.coarser {
            x = all_of(blocks, whole(down.forward(&x.x)?)?)?;
        }
        self.last.forward(ops::rms_norm(&x.x, &self.unit, NORM_EPS)?)?.flatten(0, 1)
    }
}

/// Each position reads a patch of `patch` × `patch` pixels. Our channels are (row, col, colour),
/// the network's (colour, row, col).
fn load_first(weights: &Weights<'_>, width: usize, patch: usize) -> model::Result<Conv> {
    let n_in = 3 * patch * patch;
    let weight = weights.load("enc.1.weight", &[width, n_in, 3, 3])?;
    let weight = weight.reshape((width, 3, (), 9))?.transpose(1, 2)?;
    let weight = weight.reshape((width, n_in, 3, 3))?;
    Ok(Conv::new(&weight, &weights.load("enc.1.bias", &[width])?)?)
}

fn whole(x: Tensor) -> Result<Part> {
    let (bottom, right, _) = x.dims3()?;
    let map = Area { top: 0, left: 0, bottom, right };
    Ok(Part { x, area: map, map })
}

fn all_of(blocks: &[Residual], part: Part) -> Result<Part> {
    blocks.iter().try_fold(part, |part, block| block.forward(&part, part.area))
}
