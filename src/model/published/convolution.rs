//! The layers that VQ's networks are made of, on maps [height, width, channels]. Where weights lie
//! on a device, maps go there with the first convolution, and stay there from layer to layer.

use candle_core::{Result, Tensor};
use candle_nn::ops::softmax_last_dim;

use super::weights::Weights;
use crate::model::kernels::{Conv2d, GroupNorm};
use crate::model::{self, Error};

/// Groups of channels of a norm.
const GROUPS: usize = 32;
const EPS: f32 = 1e-6;

/// Queries of attention that are computed together: all at once would take the square of a large
/// picture.
const QUERIES: usize = 1024;

/// A convolution that takes `n_in` channels; with a stride of 2 it halves width and height.
pub(super) fn conv(
    weights: &dyn Weights,
    name: &str,
    n_in: usize,
    stride: usize,
) -> model::Result<Conv2d> {
    let weight = format!("{name}.weight");
    let (n_out, kernel) = match weights.shape(&weight) {
        Some(&[n_out, _, kernel @ (1 | 3), _]) => (n_out, kernel),
        _ => return Err(Error::Damaged(format!("tensor {weight} is missing, or no kernel"))),
    };
    let weight = weights.load(&weight, &[n_out, n_in, kernel, kernel])?;
    let bias = weights.load(&format!("{name}.bias"), &[n_out])?;
    Ok(Conv2d::new(&weight, &bias, stride, weights.device())?)
}

/// Of `n` channels.
pub(super) fn norm(weights: &dyn Weights, name: &str, n: usize) -> model::Result<GroupNorm> {
    let gain = weights.load(&format!("{name}.weight"), &[n])?;
    let bias = weights.load(&format!("{name}.bias"), &[n])?;
    if n.is_multiple_of(GROUPS) {
        Ok(GroupNorm::new(GROUPS, &gain, &bias, EPS, weights.device())?)
    } else {
        Err(Error::Damaged(format!("{name} normalises {n} channels in {GROUPS} groups")))
    }
}

/// `x + conv2(silu(norm2(conv1(silu(norm1 x)))))`
#[derive(Debug)]
pub(super) struct ResBlock {
    norms: [GroupNorm; 2],
    convs: [Conv2d; 2],
    /// Where the number of channels changes.
    shortcut: Option<Conv2d>,
}

impl ResBlock {
    pub(super) fn load(weights: &dyn Weights, name: &str, n_in: usize) -> model::Result<Self> {
        let conv1 = conv(weights, &format!("{name}.conv1"), n_in, 1)?;
        let n_out = conv1.n_out();
        let shortcut = (n_in != n_out)
            .then(|| conv(weights, &format!("{name}.nin_shortcut"), n_in, 1))
            .transpose()?;
        Ok(Self {
            norms: [
                norm(weights, &format!("{name}.norm1"), n_in)?,
                norm(weights, &format!("{name}.norm2"), n_out)?,
            ],
            convs: [conv1, conv(weights, &format!("{name}.conv2"), n_out, 1)?],
            shortcut,
        })
    }

    pub(super) const fn n_out(&self) -> usize {
        self.convs[1].n_out()
    }

    pub(super) fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let [norm1, norm2] = &self.norms;
        let [conv1, conv2] = &self.convs;
        let y = norm2.forward_silu(&conv1.forward(&norm1.forward_silu(x)?)?)?;
        match &self.shortcut {
            Some(shortcut) => conv2.forward_onto(&shortcut.forward(x)?, &y),
            None => conv2.forward_onto(x, &y),
        }
    }
}

/// Every position attends to all others, with one head.
#[derive(Debug)]
pub(super) struct Attention {
    norm: GroupNorm,
    qkv: [Conv2d; 3],
    out: Conv2d,
}

impl Attention {
    pub(super) fn load(weights: &dyn Weights, name: &str, n: usize) -> model::Result<Self> {
        let conv = |part: &str| conv(weights, &format!("{name}.{part}"), n, 1);
        Ok(Self {
            norm: norm(weights, &format!("{name}.norm"), n)?,
            qkv: [conv("q")?, conv("k")?, conv("v")?],
            out: conv("proj_out")?,
        })
    }

    pub(super) fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let (height, width, n) = x.dims3()?;
        let n_positions = height * width;
        let normed = self.norm.forward(x)?;
        let part = |conv: &Conv2d| conv.forward(&normed)?.reshape((n_positions, n));
        let [q, k, v] = &self.qkv;
        let q = (part(q)? * (n as f64).powf(-0.5))?; // [positions, channels]
        let (k, v) = (part(k)?.t()?, part(v)?);
        let mut rows = Vec::new();
        for start in (0..n_positions).step_by(QUERIES) {
            let q = q.narrow(0, start, QUERIES.min(n_positions - start))?;
            rows.push(softmax_last_dim(&q.matmul(&k)?)?.matmul(&v)?);
        }
        let y = Tensor::cat(&rows, 0)?.reshape((height, width, n))?;
        self.out.forward_onto(x, &y)
    }
}

/// What stands between two levels.
#[derive(Debug)]
pub(super) enum Resize {
    Halve(Conv2d),
    Double(Conv2d),
}

impl Resize {
    pub(super) fn forward(&self, x: &Tensor) -> Result<Tensor> {
        match self {
            Self::Halve(conv) => conv.forward(x),
            Self::Double(conv) => conv.forward_doubled(x),
        }
    }
}
