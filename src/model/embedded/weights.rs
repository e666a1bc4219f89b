//! Reads weights by name from the bytes of a safetensors file; trusts neither names nor sizes.

use candle_core::safetensors::{Load as _, SliceSafetensors};
use candle_core::{DType, Device, Tensor};

use crate::model::{Error, Result};

/// The weights of one file.
pub(super) struct Weights<'a> {
    file: SliceSafetensors<'a>,
}

impl<'a> Weights<'a> {
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self> {
        let file = SliceSafetensors::new(bytes)
            .map_err(|err| Error::Damaged(format!("its weights cannot be read: {err}")))?;
        Ok(Self { file })
    }

    /// The weight `name` as 32-bit numbers. Nothing is copied before its shape is found to be right,
    /// so a wrong number in the configuration costs no memory.
    pub(super) fn load(&self, name: &str, shape: &[usize]) -> Result<Tensor> {
        let damaged = |why: String| Error::Damaged(format!("weight {name} {why}"));
        let view = self.file.get(name).map_err(|_err| damaged("is missing".to_owned()))?;
        if view.shape() != shape {
            return Err(damaged(format!("is of shape {:?}, not {shape:?}", view.shape())));
        }
        let read = || -> candle_core::Result<(Tensor, bool)> {
            let weight = view.load(&Device::Cpu)?.to_dtype(DType::F32)?;
            let sum = weight.abs()?.sum_all()?.to_scalar::<f32>()?;
            Ok((weight, sum.is_finite())) // A sum is finite only where all its parts are.
        };
        match read() {
            Ok((weight, true)) => Ok(weight),
            Ok((_, false)) => Err(damaged("holds values that are no numbers".to_owned())),
            Err(err) => Err(damaged(format!("cannot be read: {err}"))),
        }
    }
}
