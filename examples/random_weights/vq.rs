//! VQ-16 with random weights: the sequence of kernels that its encoder and decoder are.

use std::time::{Duration, Instant};

use alla_prima::model::kernels::{Conv2d, GroupNorm};
use candle_core::{DType, Device, Result, Tensor, bail};
use candle_nn::ops::softmax_last_dim;

/// Channels by resolution, the finest first.
const WIDTHS: [usize; 5] = [128, 128, 256, 256, 512];
const BLOCKS_OF_ENCODER: usize = 2;
const BLOCKS_OF_DECODER: usize = 3;
const LATENT: usize = 256;
const DIGITS: usize = 8;
const GROUPS: usize = 32;
const EPS: f32 = 1e-6;
const CELL_PIXELS: usize = 16;

pub(crate) struct Vq {
    encoder: Vec<Layer>,
    decoder: Vec<Layer>,
}

enum Layer {
    Conv(Conv2d),
    Doubled(Conv2d),
    NormSilu(GroupNorm),
    Residual { norms: [GroupNorm; 2], convs: [Conv2d; 2], shortcut: Option<Conv2d> },
    Attention { norm: GroupNorm, qkv: [Conv2d; 3], out: Conv2d },
}

impl Vq {
    pub(crate) fn new() -> Result<Self> {
        Ok(Self { encoder: encoder()?, decoder: decoder()? })
    }

    /// Encodes or decodes a picture of so many pixels in each direction.
    pub(crate) fn time(&self, way: &str, pixels: usize) -> Result<Duration> {
        let cells = pixels / CELL_PIXELS;
        let (layers, shape) = match way {
            "encode" => (&self.encoder, (pixels, pixels, 3)),
            "decode" => (&self.decoder, (cells, cells, DIGITS)),
            _ => bail!("it cannot {way}"),
        };
        let mut x = Tensor::randn(0.0_f32, 1.0, shape, &Device::Cpu)?;
        let begun = Instant::now();
        for layer in layers {
            x = layer.forward(&x)?;
        }
        Ok(begun.elapsed())
    }
}

fn encoder() -> Result<Vec<Layer>> {
    let mut n = WIDTHS[0];
    let mut layers = vec![Layer::Conv(conv(3, n, 3, 1)?)];
    for (level, width) in WIDTHS.into_iter().enumerate() {
        for _ in 0..BLOCKS_OF_ENCODER {
            layers.push(residual(n, width)?);
            n = width;
            if level + 1 == WIDTHS.len() {
                layers.push(attention(n)?);
            }
        }
        if level + 1 < WIDTHS.len() {
            layers.push(Layer::Conv(conv(n, n, 3, 2)?));
        }
    }
    layers.extend([residual(n, n)?, attention(n)?, residual(n, n)?]);
    layers.extend([Layer::NormSilu(norm(n)?), Layer::Conv(conv(n, LATENT, 3, 1)?)]);
    layers.push(Layer::Conv(conv(LATENT, DIGITS, 1, 1)?));
    Ok(layers)
}

fn decoder() -> Result<Vec<Layer>> {
    let mut n = WIDTHS[WIDTHS.len() - 1];
    let mut layers = vec![Layer::Conv(conv(DIGITS, LATENT, 1, 1)?)];
    layers.push(Layer::Conv(conv(LATENT, n, 3, 1)?));
    layers.extend([residual(n, n)?, attention(n)?, residual(n, n)?]);
    for (level, width) in WIDTHS.into_iter().enumerate().rev() {
        for _ in 0..BLOCKS_OF_DECODER {
            layers.push(residual(n, width)?);
            n = width;
            if level + 1 == WIDTHS.len() {
                layers.push(attention(n)?);
            }
        }
        if level != 0 {
            layers.push(Layer::Doubled(conv(n, n, 3, 1)?));
        }
    }
    layers.extend([Layer::NormSilu(norm(n)?), Layer::Conv(conv(n, 3, 3, 1)?)]);
    Ok(layers)
}

fn conv(n_in: usize, n_out: usize, kernel: usize, stride: usize) -> Result<Conv2d> {
    let shape = (n_out, n_in, kernel, kernel);
    let size = (3.0 / (n_in * kernel * kernel) as f64).sqrt();
    let weight = (Tensor::rand(-1.0_f32, 1.0, shape, &Device::Cpu)? * size)?;
    Conv2d::new(&weight, &Tensor::zeros(n_out, DType::F32, &Device::Cpu)?, stride)
}

fn norm(n: usize) -> Result<GroupNorm> {
    let (gain, bias) =
        (Tensor::ones(n, DType::F32, &Device::Cpu)?, Tensor::zeros(n, DType::F32, &Device::Cpu)?);
    GroupNorm::new(GROUPS, &gain, &bias, EPS)
}

fn residual(n_in: usize, n_out: usize) -> Result<Layer> {
    let shortcut = (n_in != n_out).then(|| conv(n_in, n_out, 1, 1)).transpose()?;
    let convs = [conv(n_in, n_out, 3, 1)?, conv(n_out, n_out, 3, 1)?];
    Ok(Layer::Residual { norms: [norm(n_in)?, norm(n_out)?], convs, shortcut })
}

fn attention(n: usize) -> Result<Layer> {
    let conv = || conv(n, n, 1, 1);
    Ok(Layer::Attention { norm: norm(n)?, qkv: [conv()?, conv()?, conv()?], out: conv()? })
}

impl Layer {
    /// [height, width, in] → [height, width, out]
    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        match self {
            Self::Conv(conv) => conv.forward(x),
            Self::Doubled(conv) => conv.forward_doubled(x),
            Self::NormSilu(norm) => norm.forward_silu(x),
            Self::Residual { norms: [norm_1, norm_2], convs: [conv_1, conv_2], shortcut } => {
                let y = conv_1.forward(&norm_1.forward_silu(x)?)?;
                let y = norm_2.forward_silu(&y)?;
                match shortcut {
                    Some(shortcut) => conv_2.forward_onto(&shortcut.forward(x)?, &y),
                    None => conv_2.forward_onto(x, &y),
                }
            }
            Self::Attention { norm, qkv: [q, k, v], out } => {
                let (height, width, n) = x.dims3()?;
                let y = norm.forward(x)?;
                let part = |conv: &Conv2d| conv.forward(&y)?.reshape((height * width, n));
                let q = (part(q)? * (n as f64).powf(-0.5))?;
                let odds = softmax_last_dim(&q.matmul(&part(k)?.t()?)?)?; // [places, places]
                let y = odds.matmul(&part(v)?)?.reshape((height, width, n))?;
                out.forward_onto(x, &y)
            }
        }
    }
}
