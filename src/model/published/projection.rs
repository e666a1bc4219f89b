//! Multiplication with a weight matrix, each row of the input by itself: what comes of a row does not depend
//! on its company, so guessing ahead gives the same odds as going one by one.

use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor, bail};
use rayon::prelude::*;

use super::lanes::dot;
use crate::base::Precision;

/// So many outputs are computed by one thread at a time.
const OUTPUTS: usize = 64;

/// A linear map without bias.
#[derive(Debug)]
pub(super) struct Projection {
    n_in: usize,
    n_out: usize,
    weight: Vec<f32>, // [out, in]
}

impl Projection {
    /// `weight` is [out, in].
    pub(super) fn new(weight: &Tensor, _precision: Precision) -> Result<Self> {
        let (n_out, n_in) = weight.dims2()?;
        Ok(Self { n_in, n_out, weight: weight.flatten_all()?.to_vec1()? })
    }

    /// `x` is [.., in] and contiguous; the result is [.., out].
    pub(super) fn forward(&self, x: &Tensor) -> Result<Tensor> {
        x.apply_op1_no_bwd(self)
    }
}

impl CustomOp1 for Projection {
    fn name(&self) -> &'static str {
        "projection"
    }

    fn cpu_fwd(&self, x: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let Some((start, end)) = layout.contiguous_offsets() else {
            bail!("a projection needs contiguous values");
        };
        let mut dims = layout.dims().to_vec();
        if dims.pop() != Some(self.n_in) {
            bail!("a projection of {} values cannot take {:?}", self.n_in, layout.dims());
        }
        dims.push(self.n_out);
        let x = &x.as_slice::<f32>()?[start..end];
        let n_rows = x.len() / self.n_in;
        let mut columns = vec![0.0; n_rows * self.n_out]; // [out, rows]
        let weights = self.weight.par_chunks(OUTPUTS * self.n_in);
        weights.zip(columns.par_chunks_mut(OUTPUTS * n_rows)).for_each(|(weights, columns)| {
            for (weights, y) in weights.chunks(self.n_in).zip(columns.chunks_mut(n_rows)) {
                let rows = x.chunks(self.n_in).zip(y);
                rows.for_each(|(x, y)| *y = dot(x, weights));
            }
        });
        let rows = (0..n_rows).flat_map(|row| columns.iter().skip(row).step_by(n_rows));
        Ok((CpuStorage::F32(rows.copied().collect()), Shape::from(dims)))
    }
}
