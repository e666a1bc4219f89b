//! ARPG: causal blocks read what is settled, in any order; cross blocks answer for any cell, by
//! queries that know nothing but where they ask (Li et al., <https://arxiv.org/abs/2503.10568>;
//! names as in `models/arpg.py` of <https://github.com/hp-l33/ARPG>).

use std::sync::Arc;

use candle_core::Result;
use rayon::prelude::*;

use super::attention::{Heads, LayerCache};
use super::block::{Block, RmsNorm, SwiGlu};
use super::decoder::{Decoder, DecoderCache, Prompt};
use super::llamagen::{Condition, heads_of, norm, shape};
use super::weights::Weights;
use crate::base::{Cell, Code, Grid, Needs, Precision};
use crate::model::check::check;
use crate::model::kernels::{Linear, add};
use crate::model::rotary::{BASE, Pairs, Rope};
use crate::model::{self, Ask, Error, Logits};

/// The class and what follows it.
const N_CONDITION: usize = 1;

/// How many classes ImageNet has.
const IMAGENET: usize = 1000;

/// From a class, in any order.
#[derive(Debug)]
pub struct Arpg {
    pub(super) grid: Grid,
    pub(super) dim: usize,
    pub(super) n_codes: usize,
    n_classes: usize,
    heads: Heads,
    /// Codes, the query, the classes, what stands for none, and one row that only training needs.
    table: Vec<f32>, // [rows, dim]
    self_blocks: Decoder,
    keys: Linear,   // [dim, dim]
    values: Linear, // [dim, dim]
    cross_blocks: Vec<CrossBlock>,
    norm: RmsNorm,
    head: Linear, // [codes, dim]
}

/// Looks at what was read, in a way of its own.
#[derive(Debug)]
struct CrossBlock {
    norm: RmsNorm,
    q: Linear,    // [dim, dim]
    proj: Linear, // [dim, dim]
    swiglu: SwiGlu,
}

/// Names of blocks: those that read, and those that answer.
pub(super) const SELF: &str = "layers.self_dec";
const CROSS: &str = "layers.cross_dec";

impl Arpg {
    /// `grid` is how many cells it was trained for: its tensors do not tell.
    ///
    /// # Errors
    /// Where a tensor is missing, or does not fit the others.
    pub fn load(weights: &dyn Weights, grid: Grid, precision: Precision) -> model::Result<Self> {
        let [n_rows, dim] = shape(weights, "embeddings.weight")?;
        let [n_codes, _] = shape(weights, "head.weight")?;
        let heads = heads_of(dim)?;
        let project = |name: &str, n_out: usize| {
            weights.linear(&[(format!("{name}.weight"), n_out)], dim, precision)
        };
        let n_blocks = |name: &str| weights.count(&|idx| format!("{name}.{idx}.attn.to_q.weight"));
        let self_blocks = (0..n_blocks(SELF)).map(|idx| {
            let name = format!("{SELF}.{idx}");
            let qkv = ["to_q", "to_k", "to_v"].map(|it| (format!("{name}.attn.{it}.weight"), dim));
            Ok(Block {
                heads,
                norm: norm(weights, &format!("{name}.attn_norm"), dim)?,
                qkv: weights.linear(&qkv, dim, precision)?,
                out: project(&format!("{name}.attn.proj"), dim)?,
                swiglu: swiglu(weights, &name, dim, precision)?,
            })
        });
        let self_blocks = self_blocks.collect::<model::Result<Vec<Block>>>()?;
        let cross_blocks = (0..n_blocks(CROSS)).map(|idx| {
            let name = format!("{CROSS}.{idx}");
            Ok(CrossBlock {
                norm: norm(weights, &format!("{name}.attn_norm"), dim)?,
                q: project(&format!("{name}.attn.to_q"), dim)?,
                proj: project(&format!("{name}.attn.proj"), dim)?,
                swiglu: swiglu(weights, &name, dim, precision)?,
            })
        });
        Ok(Self {
            grid,
            dim,
            n_codes,
            n_classes: n_classes(n_rows, n_codes)?,
            heads,
            table: weights.load("embeddings.weight", &[n_rows, dim])?.flatten_all()?.to_vec1()?,
            self_blocks: Decoder::new(self_blocks, norm(weights, "layers.norm", dim)?),
            keys: project("layers.to_k", dim)?,
            values: project("layers.to_v", dim)?,
            cross_blocks: cross_blocks.collect::<model::Result<Vec<CrossBlock>>>()?,
            norm: norm(weights, "norm", dim)?,
            head: project("head", n_codes)?,
        })
    }

    /// How many classes there are.
    #[must_use]
    pub const fn n_classes(&self) -> usize {
        self.n_classes
    }

    /// What a guided context takes in memory.
    pub(super) fn context_bytes(&self) -> u64 {
        let room = N_CONDITION + self.grid.n_cells();
        let keys = LayerCache::bytes_for(self.heads, room, &self.keys);
        Needs::TEXTS * (self.self_blocks.bytes_for(room) + keys)
    }

    /// Reads classes side by side.
    ///
    /// # Errors
    /// Where there is no such class.
    pub fn begin(
        self: &Arc<Self>,
        conditions: &[Condition],
    ) -> model::Result<Box<dyn model::Context>> {
        let network = Arc::clone(self);
        let mut context = Context { network, caches: Vec::new(), keys: Vec::new(), len: 0 };
        let n_cells = self.grid.n_cells();
        for condition in conditions {
            let x = self.row(self.row_of(condition)?).to_vec(); // [1, dim]
            let ropes = vec![Rope::vanishing(self.heads.dim)];
            let (cache, rows) =
                self.self_blocks.begin(Prompt { x, ropes: ropes.clone() }, n_cells)?;
            let mut keys = LayerCache::new(self.heads, N_CONDITION + n_cells, &self.keys);
            self.remember(&rows, &ropes, &mut keys)?;
            context.caches.push(cache);
            context.keys.push(keys);
        }
        Ok(Box::new(context))
    }

    /// Of a condition in the table.
    fn row_of(&self, condition: &Condition) -> model::Result<usize> {
        let class = match condition {
            Condition::Class(class) => *class as usize,
            Condition::Nothing => self.n_classes,
            Condition::Features(_) => self.n_classes + 1,
        };
        if class <= self.n_classes {
            Ok(self.n_codes + 1 + class)
        } else {
            Err(Error::NoSuchClass(format!("{condition:?}")))
        }
    }

    /// Of the table, [dim].
    fn row(&self, idx: usize) -> &[f32] {
        &self.table[idx * self.dim..][..self.dim]
    }

    /// Makes keys and values of what came of entries, [entries, dim].
    fn remember(&self, rows: &[f32], ropes: &[Rope], keys: &mut LayerCache) -> Result<()> {
        let mut k = self.keys.rows(rows)?;
        k.chunks_exact_mut(self.dim).zip(ropes).for_each(|(k, rope)| rope.apply(k));
        keys.append(&k, &self.values.rows(rows)?)
    }

    /// The logits of every code for each asked cell, [texts, asks, codes].
    fn answer(&self, ask: &[Ask], keys: &[LayerCache]) -> Result<Vec<f32>> {
        let ropes: Vec<Rope> = ask.iter().map(|it| self.rope(it.cell)).collect();
        let seen: Vec<usize> = ask.iter().map(|it| N_CONDITION + it.after).collect();
        let mut x = self.row(self.n_codes).repeat(keys.len() * ask.len()); // [texts, asks, dim]
        for block in &self.cross_blocks {
            let q = block.q.rows(&block.norm.of(&x))?; // [texts, asks, dim]
            let texts = q.par_chunks_exact(ask.len() * self.dim).zip(keys);
            let found = texts.map(|(q, keys)| {
                let mut q = q.to_vec();
                q.chunks_exact_mut(self.dim).zip(&ropes).for_each(|(q, rope)| rope.apply(q));
                keys.ask(q, &seen)
            });
            let found = found.collect::<Result<Vec<_>>>()?.concat(); // [texts, asks, dim]
            add(&mut x, &block.proj.rows(&found)?);
            block.swiglu.add_to(&mut x)?;
        }
        self.head.rows(&self.norm.of(&x))
    }

    fn rope(&self, cell: Cell) -> Rope {
        Rope::in_cell(Pairs::Adjacent, self.heads.dim, BASE, cell)
    }
}

fn swiglu(
    weights: &dyn Weights,
    name: &str,
    dim: usize,
    precision: Precision,
) -> model::Result<SwiGlu> {
    let [hidden, _] = shape(weights, &format!("{name}.ffn.w1.weight"))?;
    let weight = |part: &str, n_out: usize| (format!("{name}.ffn.{part}.weight"), n_out);
    Ok(SwiGlu {
        norm: norm(weights, &format!("{name}.ffn_norm"), dim)?,
        up_gate: weights.linear(&[weight("w3", hidden), weight("w1", hidden)], dim, precision)?,
        down: weights.linear(&[weight("w2", dim)], hidden, precision)?,
    })
}

/// Behind the codes and the query stand the classes, a row for none, and in newer files one more.
fn n_classes(n_rows: usize, n_codes: usize) -> model::Result<usize> {
    match n_rows.saturating_sub(n_codes) {
        n if n == IMAGENET + 2 => Ok(IMAGENET),
        n if 3 < n => Ok(n - 3),
        _ => Err(Error::Damaged(format!("{n_rows} rows do not hold {n_codes} codes and classes"))),
    }
}

/// What was read of one picture.
struct Context {
    network: Arc<Arpg>,
    /// Per text. Invariant: both hold the class and `len` cells.
    caches: Vec<DecoderCache>,
    keys: Vec<LayerCache>,
    len: usize,
}

impl Context {
    /// The same cells for all texts.
    fn read_cells(&mut self, placed: &[(Cell, Code)]) -> Result<()> {
        let network = &self.network;
        let codes = placed.iter().map(|&(_, code)| network.row(code as usize));
        let x = codes.collect::<Vec<_>>().concat().repeat(self.keys.len()); // [texts, new, dim]
        let ropes: Vec<Rope> = placed.iter().map(|it| network.rope(it.0)).collect();
        let of_texts = vec![ropes.clone(); self.keys.len()];
        let rows = network.self_blocks.forward(x, &of_texts, &[], &mut self.caches)?;
        let mut texts = rows.chunks_exact(placed.len() * network.dim).zip(&mut self.keys);
        texts.try_for_each(|(rows, keys)| network.remember(rows, &ropes, keys))?;
        self.len += placed.len();
        Ok(())
    }
}

impl model::Context for Context {
    fn len(&self) -> usize {
        self.len
    }

    fn bytes(&self) -> u64 {
        let keys = self.keys.iter().map(LayerCache::bytes).sum::<u64>();
        self.caches.iter().map(DecoderCache::bytes).sum::<u64>() + keys
    }

    fn rewind(&mut self, len: usize) {
        self.len = self.len.min(len);
        let len = N_CONDITION + self.len;
        self.caches.iter_mut().for_each(|it| it.truncate(len));
        self.keys.iter_mut().for_each(|it| it.truncate(len));
    }

    fn read(&mut self, placed: &[(Cell, Code)], ask: &[Ask]) -> model::Result<Logits> {
        let n_codes = self.network.n_codes;
        check(self.network.grid, n_codes, self.len, placed, ask)?;
        if !placed.is_empty() {
            self.read_cells(placed)?;
        }
        let values =
            if ask.is_empty() { Vec::new() } else { self.network.answer(ask, &self.keys)? };
        Ok(Logits::new(self.keys.len(), ask.len(), n_codes, values))
    }
}
