//! A decoder of the Llama kind with random weights: the sequence of kernels that a step of LlamaGen or Janus is.

use alla_prima::base::Precision;
use alla_prima::model::kernels::{Attention, Linear, Memory};
use candle_core::{DType, Device, Result, Tensor};
use candle_nn::{ops, rotary_emb};

/// With and without the words.
const TEXTS: usize = 2;

const EPS: f32 = 1e-5;

#[derive(Clone, Copy)]
pub(crate) struct Shape {
    dim: usize,
    layers: usize,
    heads: usize,
    ffn: usize,
    codes: usize,
    /// Entries in front of the cells.
    words: usize,
    /// Whether codes come in and go out through two layers with an activation, as in Janus.
    has_aligner: bool,
}

pub(crate) const LLAMAGEN_B: Shape = Shape {
    dim: 768,
    layers: 12,
    heads: 12,
    ffn: 2048,
    codes: 16384,
    words: 1,
    has_aligner: false,
};

pub(crate) const JANUS_1B: Shape = Shape {
    dim: 2048,
    layers: 24,
    heads: 16,
    ffn: 5632,
    codes: 16384,
    words: 16,
    has_aligner: true,
};

pub(crate) struct Decoder {
    shape: Shape,
    gain: Tensor, // [dim]
    cos: Tensor,  // [places, head_dim / 2]
    sin: Tensor,  // [places, head_dim / 2]
    aligner: Option<Linear>,
    layers: Vec<Layer>,
    hidden: Option<Linear>,
    head: Linear,
}

struct Layer {
    qkv: Linear,  // [3 · dim, dim]
    o: Linear,    // [dim, dim]
    gate: Linear, // [ffn, dim]
    up: Linear,   // [ffn, dim]
    down: Linear, // [dim, ffn]
}

impl Decoder {
    pub(crate) fn new(shape: &Shape, precision: Precision) -> Result<Self> {
        let Shape { dim, layers, ffn, heads, codes, has_aligner, .. } = *shape;
        let device = &Device::Cpu;
        // All layers have the same weights, each in memory of its own: it takes no less time to read them.
        let random = |n_out: usize, n_in: usize| {
            Tensor::rand(-1.0_f32, 1.0, (n_out, n_in), device)? * (3.0 / n_in as f64).sqrt()
        };
        let [qkv, o] = [random(3 * dim, dim)?, random(dim, dim)?];
        let [up, down] = [random(ffn, dim)?, random(dim, ffn)?];
        let linear = |weight: &Tensor| Linear::new(weight, precision);
        let layer = |_| {
            Ok(Layer {
                qkv: linear(&qkv)?,
                o: linear(&o)?,
                gate: linear(&up)?,
                up: linear(&up)?,
                down: linear(&down)?,
            })
        };
        let places = (1024, dim / heads / 2);
        Ok(Self {
            shape: *shape,
            gain: Tensor::ones(dim, DType::F32, device)?,
            cos: Tensor::rand(-1.0_f32, 1.0, places, device)?,
            sin: Tensor::rand(-1.0_f32, 1.0, places, device)?,
            aligner: has_aligner.then(|| linear(&o)).transpose()?,
            layers: (0..layers).map(layer).collect::<Result<_>>()?,
            hidden: has_aligner.then(|| linear(&o)).transpose()?,
            head: linear(&random(codes, dim)?)?,
        })
    }

    /// Room for so many cells; the words are taken as read.
    pub(crate) fn begin(&self, cells: usize) -> Vec<Memory> {
        let Shape { dim, words, .. } = self.shape;
        self.layers.iter().map(|_| Memory::new(TEXTS, words + cells, dim)).collect()
    }

    /// Reads the `idx`th cell, and answers for the next one: [texts, 1, codes]
    pub(crate) fn step(&self, idx: usize, memories: &mut [Memory]) -> Result<Tensor> {
        let Shape { dim, heads, words, .. } = self.shape;
        let (place, head_dim) = (words + idx, dim / heads);
        let turn = (self.cos.narrow(0, place, 1)?, self.sin.narrow(0, place, 1)?);
        let scales = vec![(head_dim as f32).powf(-0.5); heads];
        let norm = |x: &Tensor| ops::rms_norm(x, &self.gain, EPS);
        let turned = |x: &Tensor| {
            let x = x.contiguous()?.reshape((TEXTS, heads, 1, head_dim))?;
            rotary_emb::rope_i(&x, &turn.0, &turn.1)?.reshape((TEXTS, 1, dim))
        };

        let mut x = Tensor::rand(-1.0_f32, 1.0, (TEXTS, 1, dim), &Device::Cpu)?;
        if let Some(aligner) = &self.aligner {
            x = aligner.forward(&x.gelu_erf()?)?;
        }
        for (layer, memory) in self.layers.iter().zip(memories) {
            let qkv = layer.qkv.forward(&norm(&x)?)?;
            let [q, k, v] = [0, 1, 2].map(|part| qkv.narrow(2, part * dim, dim));
            let (q, k) = (turned(&q?)?, turned(&k?)?);
            memory.write(place, &k, &v?)?;
            let y =
                Attention { seen: &[place + 1], own: &[], scales: &scales, memory }.forward(&q)?;
            x = (x + layer.o.forward(&y)?)?;
            let y = norm(&x)?;
            let y = (layer.gate.forward(&y)?.silu()? * layer.up.forward(&y)?)?;
            x = (x + layer.down.forward(&y)?)?;
        }
        let mut x = norm(&x)?;
        if let Some(hidden) = &self.hidden {
            x = hidden.forward(&x)?.gelu_erf()?;
        }
        self.head.forward(&x)
    }
}
