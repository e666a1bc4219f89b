//! The codec's decoder: latents of codes → pixels and labels, a window at a time.
//! Each map is worked on no further than the window needs it, or than its margin allows.

use candle_core::{DType, Device, Result, Tensor};
use candle_nn::ops;

use super::config::{CodecConfig, Level};
use super::residual::Residual;
use super::resize::{Pointwise, Up};
use super::weights::Weights;
use crate::model;
use crate::model::kernels::{Area, Conv, Part, PreActivation};

/// What norms add to the mean square before they divide by its root.
pub(super) const NORM_EPS: f32 = 1e-5;

/// How far the last convolution sees.
const LAST_REACH: usize = 1;

/// A decoded window.
pub(super) struct Painted {
    /// The finest map; its channels are the pixels of a patch (row, col, colour).
    pub(super) pixels: Tensor, // [rows, cols, channels]
    pub(super) labels: Tensor, // [cells, labels]
}

#[derive(Debug)]
pub(super) struct Decoder {
    first: Conv,
    trunk: Vec<Residual>,
    labels: Pointwise,
    /// One after the other, each on a map twice as fine.
    finer: Vec<(Up, Vec<Residual>)>,
    last: Conv,
    unit: Tensor, // [width of the trunk]
}

impl Decoder {
    pub(super) fn load(weights: &Weights<'_>, config: &CodecConfig) -> model::Result<Self> {
        let levels = config.levels_of_decoder();
        let coarsest = levels[0];
        let mut finer = Vec::with_capacity(levels.len() - 1);
        // Layers are numbered; each level begins with the one that makes the map finer.
        let mut layer = 0;
        for pair in levels.windows(2) {
            let [before, level] = [pair[0], pair[1]];
            let up = Up::load(weights, &format!("dec.{layer}.c"), before.width, level.width)?;
            finer.push((up, blocks(weights, "dec", layer + 1, level)?));
            layer += 1 + level.n_blocks;
        }
        // An activation stands in front of the last one.
        let width = levels[levels.len() - 1].width;
        Ok(Self {
            first: weights.conv("trunk.0", config.levels.len(), coarsest.width, 3)?,
            trunk: blocks(weights, "trunk", 1, coarsest)?,
            labels: Pointwise::load(weights, "sem", coarsest.width, config.labels)?,
            finer,
            last: load_last(weights, &format!("dec.{}", layer + 1), width, config.shuffle)?,
            unit: Tensor::ones(coarsest.width, DType::F32, &Device::Cpu)?,
        })
    }

    /// `cells` holds the latents of the whole grid [rows, cols, latent_dim]. `max_margins` says how
    /// far around the window each map is worked on at most, in its own positions, the coarsest
    /// first.
    pub(super) fn forward(
        &self,
        cells: Tensor,
        window: Area,
        max_margins: &[usize],
    ) -> Result<Painted> {
        let max_margin = |level: usize| max_margins.get(level).copied().unwrap_or(usize::MAX);
        // What each map has to hold around the window in the end, from the finest to the coarsest.
        let mut ends = vec![LAST_REACH];
        for (level, (_, blocks)) in self.finer.iter().enumerate().rev() {
            let start = (ends[0] + reach(blocks)).min(max_margin(level + 1));
            ends.insert(0, start.div_ceil(2));
        }

        let mut x = self.trunk(cells, window, ends[0], max_margin(0))?;
        let labels = self.labels_of(&x, window)?;

        let mut window = window;
        for (level, (up, blocks)) in self.finer.iter().enumerate() {
            window = window.times(2);
            x = run(blocks, up.forward(&x)?, window, ends[level + 1], max_margin(level + 1))?;
        }
        let pixels = self.last.forward(&x, window, PreActivation::Silu)?.x;
        Ok(Painted { pixels, labels })
    }

    /// The logits of each label [cells, labels] for `cells` [rows, cols, latent_dim], which are all
    /// that there is.
    pub(super) fn label(&self, cells: Tensor) -> Result<Tensor> {
        let (bottom, right, _) = cells.dims3()?;
        let all = Area { top: 0, left: 0, bottom, right };
        self.labels_of(&self.trunk(cells, all, 0, usize::MAX)?, all)
    }

    /// The map of the coarsest level, which reaches `end` positions beyond the window.
    fn trunk(&self, cells: Tensor, window: Area, end: usize, max_margin: usize) -> Result<Part> {
        let (bottom, right, _) = cells.dims3()?;
        let grid = Area { top: 0, left: 0, bottom, right };
        let start = (end + reach(&self.trunk)).min(max_margin);
        let cells = Part { x: cells, area: grid, map: grid };
        let x = self.first.forward(&cells, window.grown(start, grid), PreActivation::None)?;
        let x = run(&self.trunk, x, window, end, max_margin)?;
        Ok(Part { x: ops::rms_norm(&x.x, &self.unit, NORM_EPS)?, ..x })
    }

    fn labels_of(&self, trunk: &Part, window: Area) -> Result<Tensor> {
        self.labels.forward(trunk.crop(window)?)?.flatten(0, 1) // [cells, labels]
    }
}

/// Each position writes a patch of `patch` × `patch` pixels. Our channels are (row, col, colour),
/// the network's (colour, row, col).
fn load_last(weights: &Weights<'_>, name: &str, width: usize, patch: usize) -> model::Result<Conv> {
    let n_out = 3 * patch * patch;
    let weight = weights.load(&format!("{name}.weight"), &[n_out, width, 3, 3])?;
    let weight = weight.reshape((3, (), width * 9))?.transpose(0, 1)?;
    let weight = weight.reshape((n_out, width, 3, 3))?;
    let bias = weights.load(&format!("{name}.bias"), &[n_out])?;
    Ok(Conv::new(&weight, &bias.reshape((3, ()))?.t()?.flatten_all()?)?)
}

/// The residual blocks of one map; the last one's result reaches `end` positions beyond the
/// window, none more than `max_margin`.
fn run(
    blocks: &[Residual],
    mut part: Part,
    window: Area,
    end: usize,
    max_margin: usize,
) -> Result<Part> {
    for (idx, block) in blocks.iter().enumerate() {
        let margin = (end + reach(&blocks[idx + 1..])).min(max_margin);
        part = block.forward(&part, window.grown(margin, part.area))?;
    }
    Ok(part)
}

/// How far `blocks` see together.
pub(super) fn reach(blocks: &[Residual]) -> usize {
    blocks.iter().map(Residual::reach).sum()
}

/// The blocks of one map: those of layer list `list` from layer `first` on.
pub(super) fn blocks(
    weights: &Weights<'_>,
    list: &str,
    first: usize,
    level: Level,
) -> model::Result<Vec<Residual>> {
    let Level { width, n_blocks, kernel } = level;
    (first..first + n_blocks)
        .map(|idx| Residual::load(weights, &format!("{list}.{idx}"), width, kernel))
        .collect()
}
