//! Where a network finds its weights.

use candle_core::{DType, Tensor};

use crate::base::Precision;
use crate::model::Result;
use crate::model::checkpoint::Checkpoint;
use crate::model::kernels::Linear;

/// Named tensors.
pub trait Weights {
    fn has(&self, name: &str) -> bool {
        self.shape(name).is_some()
    }

    fn shape(&self, name: &str) -> Option<&[usize]>;

    /// The tensor `name` as 32-bit numbers.
    ///
    /// # Errors
    /// Where it is missing, of another shape, or holds values that are no numbers.
    fn load(&self, name: &str, shape: &[usize]) -> Result<Tensor>;

    /// The linear map whose weight is that of `parts`, one below the other: each a name and a number of outputs.
    ///
    /// # Errors
    /// As [`Self::load`].
    fn linear(
        &self,
        parts: &[(String, usize)],
        n_in: usize,
        precision: Precision,
    ) -> Result<Linear> {
        let load = |(name, n_out): &(String, usize)| self.load(name, &[*n_out, n_in]);
        let matrices = parts.iter().map(load).collect::<Result<Vec<Tensor>>>()?;
        Ok(Linear::new(&Tensor::cat(&matrices, 0)?, precision)?)
    }

    /// A table of this name that is made of other weights, in 16 bits: rows are looked up in it.
    ///
    /// # Errors
    /// Those of `make`.
    fn table(&self, _name: &str, make: &dyn Fn() -> Result<Tensor>) -> Result<Tensor> {
        Ok(make()?.to_dtype(DType::F16)?)
    }
}

impl Weights for Checkpoint {
    fn shape(&self, name: &str) -> Option<&[usize]> {
        self.shape(name)
    }

    fn load(&self, name: &str, shape: &[usize]) -> Result<Tensor> {
        self.load(name, shape)
    }
}
