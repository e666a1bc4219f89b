//! A transformer block of the painter: attention to a cache, then a gated layer.
//! Does not know what its rows stand for, nor how keys come into the cache.
//!
//! Rows are plain slices, a few at a time, so that what is computed stays in the processor's cache:
//! tensors took as long to make as the arithmetic in between.

use candle_core::{Result, Tensor};

use super::config::PainterConfig;
use super::weights::Weights;
use crate::base::Precision;
use crate::model;
use crate::model::kernels::{Attention, KvCache, Linear, add, gated, rms_norm, with_gain};
use crate::model::rotary::Rope;

/// Where weights are not kept as trained, all of an output's have one scale: logits are 0.0002 nats
/// from the exact ones, and there is a quarter of the memory to read.
pub(super) fn linear(weight: &Tensor, precision: Precision) -> Result<Linear> {
    match precision {
        Precision::F32 => Linear::new(weight, precision),
        _ => Linear::with_scale_per_output(weight),
    }
}

/// The widths of a row, and what keeps its norm from 0.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape {
    pub(super) dim: usize,
    head_dim: usize,
    ffn: usize,
    eps: f32,
}

impl Shape {
    pub(super) fn new(config: &PainterConfig) -> Self {
        let PainterConfig { dim, ffn, rms_eps: eps, .. } = *config;
        Self { dim, head_dim: config.head_dim(), ffn, eps }
    }

    /// Rows [rows, dim], normed. Gains are folded into the weights behind them.
    pub(super) fn normed(self, x: &[f32]) -> Vec<f32> {
        let mut y = x.to_vec();
        rms_norm(&mut y, self.dim, self.eps);
        y
    }

    /// Norms the heads of a row's queries or keys, and turns them to where it stands.
    pub(super) fn rope(self, heads: &mut [f32], rope: &Rope) {
        rms_norm(heads, self.head_dim, self.eps);
        rope.apply(heads);
    }
}

/// A causal block, which makes its own keys, or a cross block, which looks at those of the content.
#[derive(Debug)]
pub(super) struct Block {
    shape: Shape,
    /// 3 in a causal block: queries, keys and values; 1 in a cross block.
    n_projections: usize,
    qkv: Linear,  // [projections · dim, dim]
    o: Linear,    // [dim, dim]
    up: Linear,   // [2 · ffn, dim], values then gates
    down: Linear, // [dim, ffn]
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
            shape: Shape::new(config),
            n_projections,
            qkv: linear(&with_gain(&qkv, &load("n1", &[dim])?)?, precision)?,
            o: linear(&load("o.weight", &[dim, dim])?, precision)?,
            up: linear(&up, precision)?,
            down: linear(&load("down.weight", &[dim, ffn])?, precision)?,
            scales: sharpness.into_iter().map(|it| it * scale).collect(),
        })
    }

    /// The width of what [`Self::project`] makes of a row.
    pub(super) const fn projected(&self) -> usize {
        self.n_projections * self.shape.dim
    }

    /// Queries, and in a causal block keys and values, [rows, projections · dim], of rows
    /// [rows, dim].
    pub(super) fn project(&self, x: &[f32], ropes: &[&Rope], y: &mut [f32]) -> Result<()> {
        self.qkv.multiply(&self.shape.normed(x), y)?;
        let n_rotated = self.projected().min(2 * self.shape.dim);
        for (row, rope) in y.chunks_exact_mut(self.projected()).zip(ropes) {
            self.shape.rope(&mut row[..n_rotated], rope);
        }
        Ok(())
    }

    /// All of a block behind the projections: adds to rows [rows, dim]. Row `i` sees the first
    /// `seen[i]` entries.
    pub(super) fn go_on(
        &self,
        x: &mut [f32],
        projected: &[f32], // [rows, projections · dim]
        seen: &[usize],
        cache: &KvCache,
    ) -> Result<()> {
        let Shape { dim, ffn, .. } = self.shape;
        let mut q = Vec::with_capacity(x.len());
        projected.chunks_exact(self.projected()).for_each(|row| q.extend_from_slice(&row[..dim]));
        let found = Attention { seen, own: &[], scales: &self.scales, cache }.attend(q)?;
        let mut y = vec![0.0; x.len()];
        self.o.multiply(&found, &mut y)?;
        add(x, &y);
        let mut wide = vec![0.0; seen.len() * 2 * ffn];
        self.up.multiply(&self.shape.normed(x), &mut wide)?;
        self.down.multiply(&gated(&wide, 2 * ffn), &mut y)?;
        add(x, &y);
        Ok(())
    }
}
