//! The gate of a gated layer (Shazeer, <https://arxiv.org/abs/2002.05202>).

use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor, bail};

use super::silu::silu;

/// `silu(second half) · first half` of each row: [.., 2 · n] → [.., n].
pub struct Gated;

impl Gated {
    /// `x` is contiguous.
    ///
    /// # Errors
    /// Where rows cannot be halved.
    pub fn forward(self, x: &Tensor) -> Result<Tensor> {
        x.apply_op1_no_bwd(&self)
    }
}

impl CustomOp1 for Gated {
    fn name(&self) -> &'static str {
        "gated"
    }

    fn cpu_fwd(&self, x: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let Some((start, end)) = layout.contiguous_offsets() else {
            bail!("gates need contiguous values");
        };
        let mut dims = layout.dims().to_vec();
        let width = dims.pop().filter(|it| 0 < *it && it.is_multiple_of(2));
        let Some(width) = width else {
            bail!("rows of {:?} cannot be halved", layout.dims());
        };
        dims.push(width / 2);
        let y = gated(&x.as_slice::<f32>()?[start..end], width);
        Ok((CpuStorage::F32(y), Shape::from(dims)))
    }
}

/// The same of rows of `width` values.
pub fn gated(x: &[f32], width: usize) -> Vec<f32> {
    let n = width / 2;
    let mut y = vec![0.0; x.len() / 2];
    for (y, row) in y.chunks_exact_mut(n).zip(x.chunks_exact(width)) {
        let (values, gates) = row.split_at(n);
        let pairs = y.iter_mut().zip(values.iter().zip(gates));
        pairs.for_each(|(y, (x, &gate))| *y = silu(gate) * x);
    }
    y
}
