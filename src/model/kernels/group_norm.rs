//! Group norm of a whole feature map, alone or with the activation behind it
//! (<https://arxiv.org/abs/1803.08494>).

use candle_core::{Device, Result, Storage, Tensor, bail};
use rayon::prelude::*;

use super::device;
use super::silu::silu;

/// Positions that one thread sums up; the order of additions does not depend on the number of
/// threads.
const BAND_POSITIONS: usize = 512;

#[derive(Clone, Debug)]
pub struct GroupNorm {
    n_groups: usize,
    eps: f32,
    gain: Vec<f32>, // [channels]
    bias: Vec<f32>, // [channels]
    on_device: Option<device::Norm>,
}

impl GroupNorm {
    /// With a device, maps go there and stay there.
    ///
    /// # Errors
    /// Where gain and bias are not of the same length, in whole groups.
    pub fn new(
        n_groups: usize,
        gain: &Tensor,
        bias: &Tensor,
        eps: f32,
        device: Option<&Device>,
    ) -> Result<Self> {
        let on_device = device.map(|it| device::Norm::new(n_groups, gain, bias, eps, it));
        let on_device = on_device.transpose()?;
        let (gain, bias): (Vec<f32>, Vec<f32>) = (gain.to_vec1()?, bias.to_vec1()?);
        if gain.len() != bias.len() || gain.is_empty() || gain.len() % n_groups.max(1) != 0 {
            bail!("{} channels cannot be normalised in {n_groups} groups", gain.len());
        }
        Ok(Self { n_groups, eps, gain, bias, on_device })
    }

    /// `x` is [height, width, channels].
    ///
    /// # Errors
    /// Where `x` has another number of channels.
    pub fn forward(&self, x: &Tensor) -> Result<Tensor> {
        match &self.on_device {
            Some(norm) => norm.forward(x),
            None => self.run(x, |it| it),
        }
    }

    /// `silu` of the same.
    ///
    /// # Errors
    /// As there.
    pub fn forward_silu(&self, x: &Tensor) -> Result<Tensor> {
        match &self.on_device {
            Some(norm) => norm.forward(x)?.silu(),
            None => self.run(x, silu),
        }
    }

    fn run(&self, x: &Tensor, activation: impl Fn(f32) -> f32 + Sync) -> Result<Tensor> {
        let (height, width, depth) = x.dims3()?;
        if depth != self.gain.len() {
            bail!("a norm of {} channels cannot take {depth}", self.gain.len());
        }
        let x = x.contiguous()?;
        let (storage, layout) = x.storage_and_layout();
        let Storage::Cpu(values) = &*storage else {
            bail!("a norm runs on the processor only");
        };
        let x = &values.as_slice::<f32>()?[layout.start_offset()..][..height * width * depth];
        let means = self.means(x, &vec![0.0; depth], |it| it);
        let variances = self.means(x, &means, |it| it * it);
        let factors: Vec<f32> = variances
            .iter()
            .zip(&self.gain)
            .map(|(variance, gain)| gain / (variance + self.eps).sqrt())
            .collect();
        let offsets: Vec<f32> = means
            .iter()
            .zip(&factors)
            .zip(&self.bias)
            .map(|((mean, factor), bias)| bias - mean * factor)
            .collect();
        let mut y = vec![0.0; x.len()];
        let bands =
            y.par_chunks_mut(BAND_POSITIONS * depth).zip(x.par_chunks(BAND_POSITIONS * depth));
        bands.for_each(|(y, x)| {
            for (y, x) in y.chunks_exact_mut(depth).zip(x.chunks_exact(depth)) {
                let affine = factors.iter().zip(&offsets);
                for ((y, x), (factor, offset)) in y.iter_mut().zip(x).zip(affine) {
                    *y = activation(x.mul_add(*factor, *offset));
                }
            }
        });
        Tensor::from_vec(y, (height, width, depth), &Device::Cpu)
    }

    /// Per channel the mean of `rule(x - from)` over its group.
    fn means(&self, x: &[f32], from: &[f32], rule: impl Fn(f32) -> f32 + Sync) -> Vec<f32> {
        let depth = self.gain.len();
        let of_band = |x: &[f32]| {
            let mut sums = vec![0.0_f32; depth];
            for x in x.chunks_exact(depth) {
                for ((sum, x), from) in sums.iter_mut().zip(x).zip(from) {
                    *sum += rule(x - from);
                }
            }
            sums
        };
        let of_bands: Vec<Vec<f32>> = x.par_chunks(BAND_POSITIONS * depth).map(of_band).collect();
        let per_group = depth / self.n_groups;
        let n = (x.len() / self.n_groups) as f64;
        let of_group = |group: usize| {
            let channels = group * per_group..(group + 1) * per_group;
            let sums = of_bands.iter().flat_map(|it| &it[channels.clone()]);
            (sums.map(|&it| f64::from(it)).sum::<f64>() / n) as f32
        };
        let means: Vec<f32> = (0..self.n_groups).map(of_group).collect();
        (0..depth).map(|channel| means[channel / per_group]).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_normalised_as_by_the_plain_norm() {
        let device = &Device::Cpu;
        let x = Tensor::randn(3.0_f32, 2.0, (37, 31, 48), device).unwrap();
        let gain = Tensor::randn(0.0_f32, 1.0, 48, device).unwrap();
        let bias = Tensor::randn(0.0_f32, 1.0, 48, device).unwrap();
        let plain = candle_nn::GroupNorm::new(gain.clone(), bias.clone(), 48, 16, 1e-6).unwrap();
        let plain = x.permute((2, 0, 1)).unwrap().unsqueeze(0).unwrap().apply(&plain).unwrap();
        let plain = plain.squeeze(0).unwrap().permute((1, 2, 0)).unwrap();
        for on_device in [None, Some(device)] {
            let norm = GroupNorm::new(16, &gain, &bias, 1e-6, on_device).unwrap();
            assert_near(&norm.forward(&x).unwrap(), &plain);
            assert_near(&norm.forward_silu(&x).unwrap(), &plain.silu().unwrap());
            assert!(norm.forward(&x.narrow(2, 0, 32).unwrap()).is_err());
            assert!(GroupNorm::new(10, &gain, &bias, 1e-6, on_device).is_err());
        }
    }

    #[track_caller]
    fn assert_near(y: &Tensor, expected: &Tensor) {
        let error = (y - expected).unwrap().abs().unwrap().max_all().unwrap();
        let error = error.to_scalar::<f32>().unwrap();
        assert!(error < 1e-4, "{error}");
    }
}
