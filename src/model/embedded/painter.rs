//! The painter: reads a prompt and settled cells, answers what comes into question for any other
//! cell. Causal blocks read, cross blocks answer; after ARPG (<https://arxiv.org/abs/2503.10568>),
//! see `assets/model/README.md`.
//!
//! Weights are shared and never change; all that changes while painting lives in `Context`.

use candle_core::{Result, Tensor};
use rayon::prelude::*;

use super::block::{Block, Shape, linear};
use super::config::{Config, PainterConfig};
use super::weights::Weights;
use crate::base::{Cell, Code, Grid, Precision};
use crate::model;
use crate::model::kernels::{KvCache, Linear, add, with_gain};
use crate::model::rotary::{Pairs, Rope};

/// Rows that are computed together: they fit the processor's cache, and are worth waking a thread
/// for.
const ROWS: usize = 16;

/// The network.
#[derive(Debug)]
pub(super) struct Painter {
    pub(super) grid: Grid,
    pub(super) config: PainterConfig,
    pub(super) n_codes: usize,
    /// Of the weights, and of what is kept of cells that were read.
    pub(super) precision: Precision,
    words: Vec<f32>,     // [words, dim]
    slots: Vec<f32>,     // [text slots, dim]
    content: Vec<f32>,   // [codes, dim]
    positions: Vec<f32>, // [cells, dim], what content knows of its cell
    asking: Vec<f32>,    // [cells, dim], the query for each cell
    /// For each cell.
    ropes: Vec<Rope>,
    /// Of text.
    no_rope: Rope,
    shape: Shape,
    pub(super) self_blocks: Vec<Block>,
    keys: Linear, // [2 · dim, dim]
    cross_blocks: Vec<Block>,
    table: Linear,  // [codes, dim]
    bias: Vec<f32>, // [codes]
}

impl Painter {
    pub(super) fn load(
        weights: &Weights<'_>,
        config: &Config,
        values: &Tensor, // [codes, latent_dim]
        precision: Precision,
    ) -> model::Result<Self> {
        let Config { codec, grid: [rows, cols], cell_pixels, painter: config, .. } = config;
        let (dim, n_codes) = (config.dim, codec.codes);
        let (n_rows, n_cols) = (usize::from(*rows), usize::from(*cols));
        let grid = Grid { rows: *rows, cols: *cols, cell_pixels: *cell_pixels };

        // content = emb + latents(code) · cw: [codes, dim]
        let cw = weights.load("cw", &[codec.levels.len(), dim])?;
        let content = (weights.load("emb", &[n_codes, dim])? + values.matmul(&cw)?)?;
        let positions = |row: &str, col: &str| -> model::Result<Tensor> {
            let row = weights.load(row, &[n_rows, dim])?.reshape((n_rows, 1, dim))?;
            let col = weights.load(col, &[n_cols, dim])?;
            Ok(row.broadcast_add(&col)?.reshape((n_rows * n_cols, dim))?) // [cells, dim]
        };
        let asking = positions("qrow", "qcol")?.broadcast_add(&weights.load("mask", &[dim])?)?;
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
        let rope = |cell| Rope::in_cell(Pairs::Halves, config.head_dim(), config.rope_base, cell);
        Ok(Self {
            grid,
            n_codes,
            precision,
            words: values_of(&weights.load("txt", &[config.words, dim])?)?,
            slots: values_of(&weights.load("tpos", &[config.text_slots, dim])?)?,
            positions: values_of(&positions("row", "col")?)?,
            asking: values_of(&asking)?,
            ropes: grid.cells().map(rope).collect(),
            no_rope: Rope::none(config.head_dim()),
            shape: Shape::new(config),
            self_blocks: blocks("self_l", config.self_layers, 3)?,
            keys: linear(&with_gain(&keys, &weights.load("nk", &[dim])?)?, precision)?,
            cross_blocks: blocks("cross_l", config.cross_layers, 1)?,
            table: linear(&table, precision)?,
            content: values_of(&content)?,
            bias: weights.load("bias", &[n_codes])?.to_vec1()?,
            config: config.clone(),
        })
    }

    /// The words of a text, read first.
    pub(super) fn read_text(
        &self,
        ids: &[u32],
        caches: &mut [KvCache],
        keys: &mut KvCache,
    ) -> Result<()> {
        let mut x = self.slots.clone(); // [slots, dim]
        for (x, &id) in x.chunks_exact_mut(self.shape.dim).zip(ids) {
            add_row(x, &self.words, id as usize);
        }
        self.read(x, &vec![&self.no_rope; ids.len()], 0, caches, keys)
    }

    /// Settled cells; `start` is the position of the first of them in the caches.
    pub(super) fn read_cells(
        &self,
        placed: &[(Cell, Code)],
        start: usize,
        caches: &mut [KvCache],
        keys: &mut KvCache,
    ) -> Result<()> {
        let mut x = vec![0.0; placed.len() * self.shape.dim]; // [new, dim]
        for (x, &(cell, code)) in x.chunks_exact_mut(self.shape.dim).zip(placed) {
            add_row(x, &self.content, code as usize);
            add_row(x, &self.positions, self.grid.idx(cell));
        }
        let ropes: Vec<&Rope> = placed.iter().map(|&(cell, _)| self.rope(cell)).collect();
        self.read(x, &ropes, start, caches, keys)
    }

    /// Passes text or content through the causal blocks; each entry sees itself and all before it.
    fn read(
        &self,
        mut x: Vec<f32>, // [new, dim]
        ropes: &[&Rope],
        start: usize,
        caches: &mut [KvCache],
        keys: &mut KvCache,
    ) -> Result<()> {
        let dim = self.shape.dim;
        let seen: Vec<usize> = (start + 1..=start + ropes.len()).collect();
        for (block, cache) in self.self_blocks.iter().zip(caches) {
            let width = block.projected();
            let mut qkv = vec![0.0; ropes.len() * width]; // [new, 3 · dim]
            qkv.par_chunks_mut(ROWS * width)
                .zip(x.par_chunks(ROWS * dim))
                .zip(ropes.par_chunks(ROWS))
                .try_for_each(|((qkv, x), ropes)| block.project(x, ropes, qkv))?;
            for (row, position) in qkv.chunks_exact(width).zip(start..) {
                cache.write(position, &row[dim..2 * dim], &row[2 * dim..])?;
            }
            x.par_chunks_mut(ROWS * dim)
                .zip(qkv.par_chunks(ROWS * width))
                .zip(seen.par_chunks(ROWS))
                .try_for_each(|((x, qkv), seen)| block.go_on(x, qkv, seen, cache))?;
        }
        let mut kv = vec![0.0; ropes.len() * 2 * dim]; // [new, 2 · dim]
        kv.par_chunks_mut(ROWS * 2 * dim)
            .zip(x.par_chunks(ROWS * dim))
            .try_for_each(|(kv, x)| self.keys.multiply(&self.shape.normed(x), kv))?;
        for ((row, rope), position) in kv.chunks_exact_mut(2 * dim).zip(ropes).zip(start..) {
            let (k, v) = row.split_at_mut(dim);
            self.shape.rope(k, rope);
            keys.write(position, k, v)?;
        }
        Ok(())
    }

    /// The logits of every code for each asked cell [asks, codes]; `seen` counts text slots too.
    pub(super) fn answer(
        &self,
        cells: &[Cell],
        seen: &[usize],
        keys: &KvCache,
        logits: &mut [f32],
    ) -> Result<()> {
        logits
            .par_chunks_mut(ROWS * self.n_codes)
            .zip(cells.par_chunks(ROWS))
            .zip(seen.par_chunks(ROWS))
            .try_for_each(|((logits, cells), seen)| self.answer_some(cells, seen, keys, logits))
    }

    /// Some of them.
    fn answer_some(
        &self,
        cells: &[Cell],
        seen: &[usize],
        keys: &KvCache,
        logits: &mut [f32],
    ) -> Result<()> {
        let mut x = vec![0.0; cells.len() * self.shape.dim]; // [asks, dim]
        for (x, &cell) in x.chunks_exact_mut(self.shape.dim).zip(cells) {
            add_row(x, &self.asking, self.grid.idx(cell));
        }
        let ropes: Vec<&Rope> = cells.iter().map(|&cell| self.rope(cell)).collect();
        let mut q = vec![0.0; x.len()]; // [asks, dim]
        for block in &self.cross_blocks {
            block.project(&x, &ropes, &mut q)?;
            block.go_on(&mut x, &q, seen, keys)?;
        }
        self.table.multiply(&self.shape.normed(&x), logits)?;
        for logits in logits.chunks_exact_mut(self.n_codes) {
            add(logits, &self.bias);
        }
        Ok(())
    }

    fn rope(&self, cell: Cell) -> &Rope {
        &self.ropes[self.grid.idx(cell)]
    }
}

fn values_of(table: &Tensor) -> Result<Vec<f32>> {
    table.flatten_all()?.to_vec1()
}

/// Adds row `idx` of a table [rows, dim].
fn add_row(x: &mut [f32], table: &[f32], idx: usize) {
    let n = x.len();
    add(x, &table[idx * n..][..n]);
}
