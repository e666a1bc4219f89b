//! The blocks that all networks here are made of: attention and SwiGLU, each behind an RMS norm, each added to
//! what came in (Touvron et al., <https://arxiv.org/abs/2302.13971>).

use candle_core::{Result, Tensor};
use candle_nn::ops::rms_norm;

use super::attention::{Aside, Heads, KvCache};
use crate::model::kernels::{Gated, Linear};
use crate::model::rotary::Turn;

/// Divides by the root of the mean square.
#[derive(Debug)]
pub(super) struct RmsNorm {
    pub(super) gain: Tensor, // [dim]
    pub(super) eps: f32,
}

impl RmsNorm {
    pub(super) fn forward(&self, x: &Tensor) -> Result<Tensor> {
        rms_norm(x, &self.gain, self.eps)
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
    /// Adds to `x`, [texts, rows, dim].
    pub(super) fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let y = self.up_gate.forward(&self.norm.forward(x)?)?; // [texts, rows, 2 · hidden]
        x + self.down.forward(&Gated.forward(&y)?)?
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
    /// `x` is [texts, rows, dim]; there is one cache for each text, and one turn for each row of each text.
    pub(super) fn forward<'a>(
        &self,
        x: &Tensor,
        turns: &[Vec<Turn>],
        asides: &[Aside],
        caches: impl Iterator<Item = &'a mut KvCache>,
    ) -> Result<Tensor> {
        let qkv = self.qkv.forward(&self.norm.forward(x)?)?; // [texts, rows, q + k + v]
        let qkv: Vec<Vec<f32>> = qkv.flatten_from(1)?.to_vec2()?;
        let texts = qkv.iter().zip(turns).zip(caches);
        let y = texts.map(|((qkv, turns), cache)| cache.read(qkv, turns, asides));
        let y = Tensor::cat(&y.collect::<Result<Vec<_>>>()?, 0)?; // [texts, rows, heads · head_dim]
        self.swiglu.forward(&(x + self.out.forward(&y)?)?)
    }
}
