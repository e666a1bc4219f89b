//! Reads weights by name from the bytes of a safetensors file; trusts neither names nor sizes.

use candle_core::safetensors::{Load as _, SliceSafetensors};
use candle_core::{DType, Device, Tensor};

use crate::model::kernels::Conv;
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

    /// The weight `name` as 32-bit numbers: a file may hold it in bytes, of which 128 stands for
    /// zero, with a factor `name.scale` for each row of its first dimension. Nothing is copied
    /// before its shape is found to be right, so a wrong number in the configuration costs no
    /// memory.
    pub(super) fn load(&self, name: &str, shape: &[usize]) -> Result<Tensor> {
        let damaged = |why: String| Error::Damaged(format!("weight {name} {why}"));
        let view = self.file.get(name).map_err(|_err| damaged("is missing".to_owned()))?;
        if view.shape() != shape {
            return Err(damaged(format!("is of shape {:?}, not {shape:?}", view.shape())));
        }
        let read = || -> candle_core::Result<(Tensor, bool)> {
            let mut weight = view.load(&Device::Cpu)?.to_dtype(DType::F32)?;
            if let Ok(scale) = self.file.get(&format!("{name}.scale")) {
                let scale = scale.load(&Device::Cpu)?.to_dtype(DType::F32)?;
                let rows = weight.flatten_from(1)?.affine(1.0, -128.0)?;
                weight = rows.broadcast_mul(&scale.reshape((rows.dim(0)?, 1))?)?.reshape(shape)?;
            }
            let sum = weight.abs()?.sum_all()?.to_scalar::<f32>()?;
            Ok((weight, sum.is_finite())) // A sum is finite only where all its parts are.
        };
        let (weight, is_finite) =
            read().map_err(|err| damaged(format!("cannot be read: {err}")))?;
        if is_finite {
            Ok(weight)
        } else {
            Err(damaged("holds values that are no numbers".to_owned()))
        }
    }

    /// A convolution with its bias.
    pub(super) fn conv(
        &self,
        name: &str,
        n_in: usize,
        n_out: usize,
        kernel: usize,
    ) -> Result<Conv> {
        let weight = self.load(&format!("{name}.weight"), &[n_out, n_in, kernel, kernel])?;
        let bias = self.load(&format!("{name}.bias"), &[n_out])?;
        Ok(Conv::new(&weight, &bias)?)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    fn file(scale: &[f32]) -> Vec<u8> {
        let bytes = Tensor::new(&[[128_u8, 255], [0, 129]], &Device::Cpu).unwrap();
        let scale = Tensor::new(scale, &Device::Cpu).unwrap();
        let all = HashMap::from([("w".to_owned(), bytes), ("w.scale".to_owned(), scale)]);
        safetensors::serialize(&all, None).unwrap()
    }

    #[test]
    fn bytes_have_a_scale_for_each_row() {
        let file = file(&[0.5, 2.0]);
        let weight = Weights::parse(&file).unwrap().load("w", &[2, 2]).unwrap();
        assert_eq!(weight.to_vec2::<f32>().unwrap(), [[0.0, 63.5], [-256.0, 2.0]]);
    }

    #[test]
    fn scales_that_do_not_fit_are_damage() {
        for scale in [&[0.5_f32, 2.0, 3.0][..], &[], &[f32::NAN, 1.0]] {
            let file = file(scale);
            let err = Weights::parse(&file).unwrap().load("w", &[2, 2]).unwrap_err().to_string();
            assert!(err.contains("weight w"), "{err}");
        }
    }
}
