//! The blocks that all networks here are made of: attention and SwiGLU, each behind an RMS norm,
//! each added to what came in (Touvron et al., <https://arxiv.org/abs/2302.13971>).
//!
//! Rows are plain slices: in a small network tensors took as long to make as the arithmetic in
//! between.

use candle_core::Result;
use rayon::prelude::*;

use super::attention::{Aside, Heads, LayerCache};
use super::weights::Weights;
use crate::model;
use crate::model::kernels::{Linear, add, gated, rms_norm};
use crate::model::rotary::Rope;

/// Divides by the root of the mean square, then multiplies by the learned gain.
#[derive(Debug)]
pub(super) struct RmsNorm {
    gain: Vec<f32>, // [dim]
    eps: f32,
}

impl RmsNorm {
    /// With the gains `name`.
    pub(super) fn load(
        weights: &dyn Weights,
        name: &str,
        dim: usize,
        eps: f32,
    ) -> model::Result<Self> {
        Ok(Self { gain: weights.load(name, &[dim])?.to_vec1()?, eps })
    }

    /// Width of a row.
    pub(super) const fn dim(&self) -> usize {
        self.gain.len()
    }

    /// Of rows [rows, dim].
    pub(super) fn of(&self, x: &[f32]) -> Vec<f32> {
        let mut y = x.to_vec();
        rms_norm(&mut y, self.dim(), self.eps);
        for row in y.chunks_exact_mut(self.dim()) {
            row.iter_mut().zip(&self.gain).for_each(|(y, gain)| *y *= gain);
        }
        y
    }
}

/// `down(silu(gate x) · up x)` (Shazeer, <https://arxiv.org/abs/2002.05202>).
#[derive(Debug)]
pub(super) struct SwiGlu {
    pub(super) norm: RmsNorm,
    pub(super) up_gate: Linear, // [2 · hidden, dim]
    pub(super) down: Linear,    // [dim, hidden]
}

impl SwiGlu {
    /// Adds to rows [rows, dim].
    pub(super) fn add_to(&self, x: &mut [f32]) -> Result<()> {
        if x.is_empty() {
            return Ok(());
        }
        let wide = self.up_gate.rows(&self.norm.of(x))?; // [rows, 2 · hidden]
        let n_rows = x.len() / self.norm.dim();
        add(x, &self.down.rows(&gated(&wide, wide.len() / n_rows))?);
        Ok(())
    }
}

/// Reads entries in their order; each sees itself and all before it.
#[derive(Debug)]
pub(super) struct Block {
    pub(super) heads: Heads,
    pub(super) norm: RmsNorm,
    pub(super) qkv: Linear, // [(heads + 2 · kv heads) · head_dim, dim]
    pub(super) out: Linear, // [dim, heads · head_dim]
    pub(super) swiglu: SwiGlu,
}

impl Block {
    /// Adds to rows [texts, rows, dim]; there is one cache for each text, and one rope for each row
    /// of each text.
    pub(super) fn add_to<'a>(
        &self,
        x: &mut [f32],
        ropes: &[Vec<Rope>],
        asides: &[Aside],
        caches: impl IndexedParallelIterator<Item = &'a mut LayerCache>,
    ) -> Result<()> {
        if x.is_empty() {
            return Ok(());
        }
        let mut qkv = self.qkv.rows(&self.norm.of(x))?; // [texts, rows, q + k + v]
        let of_text = qkv.len() / ropes.len();
        let texts = qkv.par_chunks_exact_mut(of_text).zip(ropes).zip(caches);
        let found = texts.map(|((qkv, ropes), cache)| cache.read(qkv, ropes, asides));
        let found = found.collect::<Result<Vec<_>>>()?.concat(); // [texts, rows, heads · head_dim]
        add(x, &self.out.rows(&found)?);
        self.swiglu.add_to(x)
    }
}
