//! A transformer block of the painter: attention to a memory, then a gated layer.
//! Does not know what its rows stand for, nor how keys come into the memory.

use candle_core::{DType, Device, Result, Tensor};
use candle_nn::ops;

use super::config::PainterConfig;
use super::weights::Weights;
use crate::base::Precision;
use crate::model;
use crate::model::kernels::{Attention, Gated, Linear, Memory, with_gain};

/// Where weights are not kept as trained, all of an output's share a scale: 0.0002 nats from the exact odds, and
/// a quarter of the memory to read.
pub(super) fn linear(weight: &Tensor, precision: Precision) -> Result<Linear> {
    match precision {
        Precision::F32 => Linear::new(weight, precision),
        _ => Linear::with_scale_per_output(weight),
    }
}

/// A causal block, which makes its own keys, or a cross block, which looks at those of the content.
#[derive(Debug)]
pub(super) struct Block {
    pub(super) qkv: Linear, // [3 · dim, dim], in a cross block q only: [dim, dim]
    o: Linear,              // [dim, dim]
    up: Linear,             // [2 · ffn, dim], values then gates
    down: Linear,           // [dim, ffn]
    /// Sharpness of each head.
    scales: Vec<f32>,
}

impl Block {
    pub(super) fn load(
        weights: &Weights<'_>,
        name: &str,
        config: &PainterConfig,
        n_projections: usize,
        precision: Precision,
    ) -> model::Result<Self> {
        let PainterConfig { dim, ffn, heads, .. } = *config;
        let load = |part: &str, shape: &[usize]| weights.load(&format!("{name}.{part}"), shape);
        let mut qkv = load("q.weight", &[dim, dim])?;
        if n_projections == 3 {
            qkv = Tensor::cat(&[qkv, load("kv.weight", &[2 * dim, dim])?], 0)?; // [3 · dim, dim]
        }
        let up = with_gain(&load("up.weight", &[2 * ffn, dim])?, &load("n2", &[dim])?)?;
        let sharpness: Vec<f32> = load("qs", &[heads, 1, 1])?.flatten_all()?.to_vec1()?;
        let scale = 2.0 / (config.head_dim() as f32).sqrt();
        Ok(Self {
            qkv: linear(&with_gain(&qkv, &load("n1", &[dim])?)?, precision)?,
            o: linear(&load("o.weight", &[dim, dim])?, precision)?,
            up: linear(&up, precision)?,
            down: linear(&load("down.weight", &[dim, ffn])?, precision)?,
            scales: sharpness.into_iter().map(|it| it * scale).collect(),
        })
    }

    /// All of a block but the projections in front.
    pub(super) fn rest(
        &self,
        x: &Tensor, // [texts, n, dim]
        q: &Tensor, // [texts, n, dim]
        seen: &[usize],
        memory: &Memory,
        unit: &Units,
    ) -> Result<Tensor> {
        let y = Attention { seen, own: &[], scales: &self.scales, memory }.forward(q)?;
        let x = (x + self.o.forward(&y)?)?;
        let y = unit.norm(&x)?;
        let y = Gated.forward(&self.up.forward(&y)?)?; // [texts, n, ffn]
        x + self.down.forward(&y)?
    }
}

/// Gains of 1: the learned ones are folded into the weights behind them.
#[derive(Debug)]
pub(super) struct Units {
    eps: f32,
    dim: Tensor,      // [dim]
    head_dim: Tensor, // [head_dim]
}

impl Units {
    pub(super) fn new(config: &PainterConfig) -> Result<Self> {
        let ones = |n: usize| Tensor::ones(n, DType::F32, &Device::Cpu);
        Ok(Self { eps: config.rms_eps, dim: ones(config.dim)?, head_dim: ones(config.head_dim())? })
    }

    /// RMS norm of whole rows [.., dim].
    pub(super) fn norm(&self, x: &Tensor) -> Result<Tensor> {
        ops::rms_norm(x, &self.dim, self.eps)
    }

    /// RMS norm of single heads [.., head_dim].
    pub(super) fn norm_heads(&self, x: &Tensor) -> Result<Tensor> {
        ops::rms_norm(x, &self.head_dim, self.eps)
    }
}
