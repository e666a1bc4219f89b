//! Where a network finds its weights, and where they go.

use candle_core::{DType, Device, Tensor};

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

    /// How many layers there are, each known by the tensor that `name` calls by its number.
    fn count(&self, name: &dyn Fn(usize) -> String) -> usize {
        (0..).take_while(|&idx| self.has(&name(idx))).count()
    }

    /// The tensor `name` as 32-bit numbers.
    ///
    /// # Errors
    /// Where it is missing, of another shape, or holds values that are no numbers.
    fn load(&self, name: &str, shape: &[usize]) -> Result<Tensor>;

    /// Where what is made of them computes; `None` for the kernels of the processor.
    fn device(&self) -> Option<&Device> {
        None
    }

    /// The linear map whose weight is that of `parts`, one below the other: each a name and a
    /// number of outputs.
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
        let weight = Tensor::cat(&matrices, 0)?;
        Ok(match self.device() {
            None => Linear::new(&weight, precision)?,
            Some(device) => Linear::on_device(&weight, precision, device)?,
        })
    }

    /// A table of this name that is made of other weights, in 16 bits: rows are looked up in it.
    ///
    /// # Errors
    /// Those of `make`.
    fn table(&self, _name: &str, make: &dyn Fn() -> Result<Tensor>) -> Result<Tensor> {
        Ok(make()?.to_dtype(DType::F16)?)
    }

    /// Says that all of them have been asked for.
    fn finish(&self) {}
}

/// Weights whose linear maps and convolutions compute on a device: in 16 bits, or as trained where
/// they are to be exact and in the codec.
pub struct OnDevice<'a> {
    pub weights: &'a dyn Weights,
    pub device: &'a Device,
}

impl Weights for OnDevice<'_> {
    fn shape(&self, name: &str) -> Option<&[usize]> {
        self.weights.shape(name)
    }

    fn load(&self, name: &str, shape: &[usize]) -> Result<Tensor> {
        self.weights.load(name, shape)
    }

    fn device(&self) -> Option<&Device> {
        Some(self.device)
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
