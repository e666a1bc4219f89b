//! The blocks that all networks here are made of: attention and SwiGLU, each behind an RMS norm, each added to
//! what came in (Touvron et al., <https://arxiv.org/abs/2302.13971>).

use candle_core::{D, Device, Result, Tensor};
use candle_nn::ops::rms_norm;

use super::attention::{Aside, Heads, KvCache};
use super::projection::Projection;
use super::rotary::Turn;
use crate::base::Precision;

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
    norm: RmsNorm,
    gate_up: Projection, // [2 · hidden, dim]
    down: Projection,    // [dim, hidden]
}

impl SwiGlu {
    /// `gate` and `up` are [hidden, dim], `down` is [dim, hidden].
    pub(super) fn new(
        norm: RmsNorm,
        [gate, up, down]: [&Tensor; 3],
        precision: Precision,
    ) -> Result<Self> {
        let gate_up = Projection::new(&Tensor::cat(&[gate, up], 0)?, precision)?;
        Ok(Self { norm, gate_up, down: Projection::new(down, precision)? })
    }

    /// Adds to `x`, [texts, rows, dim].
    pub(super) fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let y = self.gate_up.forward(&self.norm.forward(x)?)?; // [texts, rows, 2 · hidden]
        let halves = y.chunk(2, D::Minus1)?;
        let [gate, up] = halves.as_slice() else { candle_core::bail!("an uneven gate") };
        x + self.down.forward(&(gate.contiguous()?.silu()? * up)?)?
    }
}

/// Reads entries in their order; each sees itself and all before it.
#[derive(Debug)]
pub(super) struct Block {
    pub(super) heads: Heads,
    norm: RmsNorm,
    qkv: Projection, // [(heads + 2 · kv heads) · head_dim, dim]
    out: Projection, // [dim, heads · head_dim]
    swiglu: SwiGlu,
}

impl Block {
    /// `qkv` is [(heads + 2 · kv heads) · head_dim, dim], queries first; `out` is [dim, heads · head_dim].
    pub(super) fn new(
        heads: Heads,
        norm: RmsNorm,
        [qkv, out]: [&Tensor; 2],
        swiglu: SwiGlu,
        precision: Precision,
    ) -> Result<Self> {
        let (qkv, out) = (Projection::new(qkv, precision)?, Projection::new(out, precision)?);
        Ok(Self { heads, norm, qkv, out, swiglu })
    }

    /// `x` is [texts, rows, dim]; there is one cache for each text, and one turn for each row of each text.
    pub(super) fn forward<'a>(
        &self,
        x: &Tensor,
        turns: &[Vec<Turn>],
        asides: &[Aside],
        caches: impl Iterator<Item = &'a mut KvCache>,
    ) -> Result<Tensor> {
        let (n_texts, n_rows, _) = x.dims3()?;
        let qkv = self.qkv.forward(&self.norm.forward(x)?)?; // [texts, rows, q + k + v]
        let qkv: Vec<Vec<f32>> = qkv.flatten_from(1)?.to_vec2()?;
        let texts = qkv.iter().zip(turns).zip(caches);
        let y = texts.flat_map(|((qkv, turns), cache)| cache.read(qkv, turns, asides));
        let shape = (n_texts, n_rows, self.heads.q_dim());
        let y = Tensor::from_vec(y.collect(), shape, &Device::Cpu)?;
        self.swiglu.forward(&(x + self.out.forward(&y)?)?)
    }
}
