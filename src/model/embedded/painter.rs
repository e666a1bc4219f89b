//! The painter: reads words and settled cells, answers what comes into question for any other cell.
//! Causal blocks read, cross blocks answer; after ARPG (<https://arxiv.org/abs/2503.10568>), see
//! `assets/model/README.md`.
//!
//! Weights are shared and never change; all that changes while painting lives in `Context`.

use candle_core::{DType, Device, Result, Tensor};
use candle_nn::rotary_emb;

use super::block::{Block, Units, linear};
use super::config::{Config, PainterConfig};
use super::weights::Weights;
use crate::base::{Cell, Code, Grid, Precision};
use crate::model;
use crate::model::kernels::{Linear, Memory, with_gain};

/// The network.
#[derive(Debug)]
pub(super) struct Painter {
    pub(super) grid: Grid,
    pub(super) config: PainterConfig,
    pub(super) n_codes: usize,
    /// Of the weights, and of what is kept of cells that were read.
    pub(super) precision: Precision,
    words: Tensor,   // [words, dim]
    slots: Tensor,   // [text slots, dim]
    content: Tensor, // [codes, dim]
    places: Tensor,  // [cells, dim], what content knows of its cell
    asking: Tensor,  // [cells, dim], the query for each cell
    rotary: Rotary,
    pub(super) self_blocks: Vec<Block>,
    keys: Linear, // [2 · dim, dim]
    cross_blocks: Vec<Block>,
    table: Linear,  // [codes, dim]
    bias: Vec<f32>, // [codes]
    unit: Units,
}

impl Painter {
    pub(super) fn load(
        weights: &Weights<'_>,
        config: &Config,
        values: &Tensor, // [codes, digits]
        precision: Precision,
    ) -> model::Result<Self> {
        let Config { codec, grid: [rows, cols], cell_pixels, painter: config, .. } = config;
        let (dim, n_codes) = (config.dim, codec.codes);
        let (n_rows, n_cols) = (usize::from(*rows), usize::from(*cols));
        let grid = Grid { rows: *rows, cols: *cols, cell_pixels: *cell_pixels };

        // table = emb + levels(code) · cw
        let cw = weights.load("cw", &[codec.levels.len(), dim])?;
        let content = (weights.load("emb", &[n_codes, dim])? + values.matmul(&cw)?)?; // [codes, dim]
        let places = |row: &str, col: &str| -> model::Result<Tensor> {
            let row = weights.load(row, &[n_rows, dim])?.reshape((n_rows, 1, dim))?;
            let col = weights.load(col, &[n_cols, dim])?;
            Ok(row.broadcast_add(&col)?.reshape((n_rows * n_cols, dim))?) // [cells, dim]
        };
        let asking = places("qrow", "qcol")?.broadcast_add(&weights.load("mask", &[dim])?)?;
        let keys = weights.load("xkv.weight", &[2 * dim, dim])?;
        let table = with_gain(&content, &weights.load("nf", &[dim])?)?;
        let blocks = |name: &str, n: usize, n_projections: usize| -> model::Result<Vec<Block>> {
            (0..n)
                .map(|idx| {
                    let name = format!("{name}.{idx}");
                    Block::load(weights, &name, config, n_projections, precision)
                })
                .collect()
        };
        Ok(Self {
            grid,
            n_codes,
            precision,
            words: weights.load("txt", &[config.words, dim])?,
            slots: weights.load("tpos", &[config.text_slots, dim])?,
            places: places("row", "col")?,
            asking,
            rotary: Rotary::new(grid, config)?,
            self_blocks: blocks("self_l", config.self_layers, 3)?,
            keys: linear(&with_gain(&keys, &weights.load("nk", &[dim])?)?, precision)?,
            cross_blocks: blocks("cross_l", config.cross_layers, 1)?,
            table: linear(&table, precision)?,
            content,
            bias: weights.load("bias", &[n_codes])?.to_vec1()?,
            unit: Units::new(config)?,
            config: config.clone(),
        })
    }

    /// The words of a text.
    pub(super) fn text(&self, ids: &[u32]) -> Result<Tensor> {
        let ids = Tensor::new(ids, &Device::Cpu)?;
        (self.words.index_select(&ids, 0)? + &self.slots)?.unsqueeze(0) // [1, slots, dim]
    }

    /// Settled cells.
    pub(super) fn content(&self, placed: &[(Cell, Code)]) -> Result<Tensor> {
        let codes: Vec<u32> = placed.iter().map(|&(_, code)| code).collect();
        let codes = self.content.index_select(&Tensor::new(codes, &Device::Cpu)?, 0)?;
        let cells = self.idxs(placed.iter().map(|&(cell, _)| cell))?;
        (codes + self.places.index_select(&cells, 0)?)?.unsqueeze(0) // [1, new, dim]
    }

    /// Passes text or content through the causal blocks; each entry sees itself and all before it.
    /// `start` is the place of the first of them in the memories.
    pub(super) fn read(
        &self,
        x: Tensor, // [1, new, dim]
        turns: &Turns,
        start: usize,
        memories: &mut [Memory],
        keys: &mut Memory,
    ) -> Result<()> {
        let (_, n_new, dim) = x.dims3()?;
        let seen: Vec<usize> = (start + 1..=start + n_new).collect();
        let mut x = x;
        for (block, memory) in self.self_blocks.iter().zip(memories) {
            let y = block.qkv.forward(&self.unit.norm(&x)?)?; // [1, new, 3 · dim]
            let qk = self.heads(&y.narrow(2, 0, 2 * dim)?, turns)?; // [1, new, 2 · dim]
            memory.write(start, &qk.narrow(2, dim, dim)?, &y.narrow(2, 2 * dim, dim)?)?;
            x = block.rest(&x, &qk.narrow(2, 0, dim)?.contiguous()?, &seen, memory, &self.unit)?;
        }
        let kv = self.keys.forward(&self.unit.norm(&x)?)?; // [1, new, 2 · dim]
        let k = self.heads(&kv.narrow(2, 0, dim)?, turns)?;
        keys.write(start, &k, &kv.narrow(2, dim, dim)?)
    }

    /// The log-odds of every code for each asked cell [asks, codes]; `seen` counts text slots too.
    pub(super) fn answer(&self, cells: &[Cell], seen: &[usize], keys: &Memory) -> Result<Vec<f32>> {
        let turns = self.turns(cells.iter().copied())?;
        let x = self.asking.index_select(&self.idxs(cells.iter().copied())?, 0)?; // [asks, dim]
        let mut x = x.unsqueeze(0)?; // [1, asks, dim]
        for block in &self.cross_blocks {
            let q = self.heads(&block.qkv.forward(&self.unit.norm(&x)?)?, &turns)?;
            x = block.rest(&x, &q, seen, keys, &self.unit)?;
        }
        let mut logits = self.table.forward(&self.unit.norm(&x)?)?.flatten_all()?.to_vec1()?;
        for logits in logits.chunks_exact_mut(self.n_codes) {
            logits.iter_mut().zip(&self.bias).for_each(|(logit, bias)| *logit += bias);
        }
        Ok(logits)
    }

    /// How the heads of entries in `cells` are turned.
    pub(super) fn turns(&self, cells: impl Iterator<Item = Cell>) -> Result<Turns> {
        let cells = self.idxs(cells)?;
        Ok(Turns {
            cos: self.rotary.cos.index_select(&cells, 0)?,
            sin: self.rotary.sin.index_select(&cells, 0)?,
        })
    }

    /// Text is not turned.
    pub(super) fn no_turns(&self) -> Result<Turns> {
        let shape = (self.config.text_slots, self.config.head_dim() / 2);
        Ok(Turns {
            cos: Tensor::ones(shape, DType::F32, &Device::Cpu)?,
            sin: Tensor::zeros(shape, DType::F32, &Device::Cpu)?,
        })
    }

    /// RMS norm of each head, then its turn.
    fn heads(&self, x: &Tensor, turns: &Turns) -> Result<Tensor> {
        let (n_texts, n, width) = x.dims3()?;
        let x = x.reshape((n_texts, n, (), self.config.head_dim()))?.contiguous()?;
        let x = self.unit.norm_heads(&x)?;
        rotary_emb::rope_thd(&x, &turns.cos, &turns.sin)?.reshape((n_texts, n, width))
    }

    fn idxs(&self, cells: impl Iterator<Item = Cell>) -> Result<Tensor> {
        let idxs: Vec<u32> = cells.map(|cell| self.grid.idx(cell) as u32).collect();
        Tensor::new(idxs, &Device::Cpu)
    }
}

/// Rotary positions in 2 dimensions: a quarter of a head turns by row, a quarter by column.
#[derive(Debug)]
struct Rotary {
    cos: Tensor, // [cells, head_dim / 2]
    sin: Tensor, // [cells, head_dim / 2]
}

/// How the heads of some entries are turned.
pub(super) struct Turns {
    cos: Tensor, // [entries, head_dim / 2]
    sin: Tensor, // [entries, head_dim / 2]
}

impl Rotary {
    fn new(grid: Grid, config: &PainterConfig) -> Result<Self> {
        let n = config.head_dim() / 4;
        let speeds = (0..n).map(|idx| config.rope_base.powf(-(idx as f32) / n as f32));
        let speeds: Vec<f32> = speeds.collect();
        let mut angles = Vec::with_capacity(grid.n_cells() * 2 * n);
        for cell in grid.cells() {
            angles.extend(speeds.iter().map(|it| it * f32::from(cell.row)));
            angles.extend(speeds.iter().map(|it| it * f32::from(cell.col)));
        }
        let angles = Tensor::from_vec(angles, (grid.n_cells(), 2 * n), &Device::Cpu)?;
        Ok(Self { cos: angles.cos()?, sin: angles.sin()? })
    }
}
