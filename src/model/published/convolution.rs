//! The layers that VQ's networks are made of, on pictures [1, channels, height, width].

use candle_core::{D, Result, Tensor};
use candle_nn::ops::softmax_last_dim;

use super::weights::Weights;
use crate::model::{self, Error};

/// Channels are normalised in so many groups.
const GROUPS: usize = 32;
const EPS: f64 = 1e-6;

/// So many queries of attention are computed together: all at once would take the square of a large picture.
const QUERIES: usize = 1024;

/// A convolution with square kernels; the border is padded so that the size stays.
#[derive(Debug)]
pub(super) struct Conv {
    weight: Tensor, // [out, in, kernel, kernel]
    bias: Tensor,   // [1, out, 1, 1]
    padding: usize,
}

impl Conv {
    /// Takes as many channels as the tensor says, which must be `n_in`.
    pub(super) fn load(weights: &dyn Weights, name: &str, n_in: usize) -> model::Result<Self> {
        let weight = format!("{name}.weight");
        let (n_out, kernel) = match weights.shape(&weight) {
            Some(&[n_out, _, kernel @ (1 | 3), _]) => (n_out, kernel),
            _ => return Err(Error::Damaged(format!("tensor {weight} is missing, or no kernel"))),
        };
        let bias = weights.load(&format!("{name}.bias"), &[n_out])?;
        Ok(Self {
            weight: weights.load(&weight, &[n_out, n_in, kernel, kernel])?,
            bias: bias.reshape((1, n_out, 1, 1))?,
            padding: kernel / 2,
        })
    }

    pub(super) fn n_out(&self) -> usize {
        self.weight.dims()[0]
    }

    pub(super) fn forward(&self, x: &Tensor) -> Result<Tensor> {
        x.conv2d(&self.weight, self.padding, 1, 1, 1)?.broadcast_add(&self.bias)
    }

    /// Halves width and height; the border is padded on the right and below only.
    fn halve(&self, x: &Tensor) -> Result<Tensor> {
        let x = x.pad_with_zeros(D::Minus1, 0, 1)?.pad_with_zeros(D::Minus2, 0, 1)?;
        x.conv2d(&self.weight, 0, 2, 1, 1)?.broadcast_add(&self.bias)
    }

    /// Doubles width and height.
    fn double(&self, x: &Tensor) -> Result<Tensor> {
        let (_, _, height, width) = x.dims4()?;
        self.forward(&x.upsample_nearest2d(2 * height, 2 * width)?)
    }
}

/// Group norm over the whole picture.
#[derive(Debug)]
pub(super) struct Norm(candle_nn::GroupNorm);

impl Norm {
    pub(super) fn load(weights: &dyn Weights, name: &str, n: usize) -> model::Result<Self> {
        let gain = weights.load(&format!("{name}.weight"), &[n])?;
        let bias = weights.load(&format!("{name}.bias"), &[n])?;
        Ok(Self(candle_nn::GroupNorm::new(gain, bias, n, GROUPS, EPS)?))
    }

    pub(super) fn forward(&self, x: &Tensor) -> Result<Tensor> {
        x.apply(&self.0)
    }
}

/// `x + conv2(silu(norm2(conv1(silu(norm1 x)))))`
#[derive(Debug)]
pub(super) struct ResBlock {
    norms: [Norm; 2],
    convs: [Conv; 2],
    /// Where the number of channels changes.
    shortcut: Option<Conv>,
}

impl ResBlock {
    pub(super) fn load(weights: &dyn Weights, name: &str, n_in: usize) -> model::Result<Self> {
        let conv1 = Conv::load(weights, &format!("{name}.conv1"), n_in)?;
        let n_out = conv1.n_out();
        let shortcut = (n_in != n_out)
            .then(|| Conv::load(weights, &format!("{name}.nin_shortcut"), n_in))
            .transpose()?;
        Ok(Self {
            norms: [
                Norm::load(weights, &format!("{name}.norm1"), n_in)?,
                Norm::load(weights, &format!("{name}.norm2"), n_out)?,
            ],
            convs: [conv1, Conv::load(weights, &format!("{name}.conv2"), n_out)?],
            shortcut,
        })
    }

    pub(super) fn n_out(&self) -> usize {
        self.convs[1].n_out()
    }

    pub(super) fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let mut y = x.clone();
        for (norm, conv) in self.norms.iter().zip(&self.convs) {
            y = conv.forward(&norm.forward(&y)?.silu()?)?;
        }
        match &self.shortcut {
            Some(shortcut) => shortcut.forward(x)? + y,
            None => x + y,
        }
    }
}

/// Every place looks at all others, with one head.
#[derive(Debug)]
pub(super) struct Attention {
    norm: Norm,
    qkv: [Conv; 3],
    out: Conv,
}

impl Attention {
    pub(super) fn load(weights: &dyn Weights, name: &str, n: usize) -> model::Result<Self> {
        let conv = |part: &str| Conv::load(weights, &format!("{name}.{part}"), n);
        Ok(Self {
            norm: Norm::load(weights, &format!("{name}.norm"), n)?,
            qkv: [conv("q")?, conv("k")?, conv("v")?],
            out: conv("proj_out")?,
        })
    }

    pub(super) fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let (_, n, height, width) = x.dims4()?;
        let normed = self.norm.forward(x)?;
        let part = |idx: usize| self.qkv[idx].forward(&normed)?.reshape((n, height * width));
        let q = (part(0)?.t()? * (n as f64).powf(-0.5))?; // [places, channels]
        let (k, v) = (part(1)?, part(2)?.t()?.contiguous()?);
        let mut rows = Vec::new();
        for start in (0..height * width).step_by(QUERIES) {
            let q = q.narrow(0, start, QUERIES.min(height * width - start))?.contiguous()?;
            rows.push(softmax_last_dim(&q.matmul(&k)?)?.matmul(&v)?);
        }
        let y = Tensor::cat(&rows, 0)?.t()?.contiguous()?.reshape((1, n, height, width))?;
        x + self.out.forward(&y)?
    }
}

/// What stands between two levels.
#[derive(Debug)]
pub(super) enum Resize {
    Halve(Conv),
    Double(Conv),
}

impl Resize {
    pub(super) fn forward(&self, x: &Tensor) -> Result<Tensor> {
        match self {
            Self::Halve(conv) => conv.halve(x),
            Self::Double(conv) => conv.double(x),
        }
    }
}
