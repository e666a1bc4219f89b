//! Finite scalar quantisation: a code is a vector of latents, each at one of a few levels
//! (<https://arxiv.org/abs/2309.15505>). No codebook, nothing learned.

use candle_core::{Device, Result, Tensor};

use crate::base::Code;

#[derive(Clone, Debug)]
pub(super) struct Fsq {
    /// How many values each latent can take, the fastest one first.
    levels: Vec<usize>,
}

/// How far the outermost levels stay from the bounds that tanh only reaches at infinity.
const BOUND_MARGIN: f32 = 1e-3;

impl Fsq {
    /// Each level must be at least 2.
    pub(super) fn new(levels: Vec<usize>) -> Self {
        Self { levels }
    }

    pub(super) fn n_codes(&self) -> usize {
        self.levels.iter().product()
    }

    pub(super) fn latent_dim(&self) -> usize {
        self.levels.len()
    }

    /// The latents of a code, each within -1 and 1.
    pub(super) fn values(&self, code: Code) -> impl Iterator<Item = f32> {
        let mut rest = code as usize;
        self.levels.iter().map(move |&level| {
            let (idx, middle) = (rest % level, (level / 2) as f32);
            rest /= level;
            (idx as f32 - middle) / middle
        })
    }

    /// The latents of all codes, [codes, latent_dim].
    pub(super) fn table(&self) -> Result<Tensor> {
        let values: Vec<f32> = (0..self.n_codes() as Code).flat_map(|it| self.values(it)).collect();
        Tensor::from_vec(values, (self.n_codes(), self.latent_dim()), &Device::Cpu)
    }

    /// The code nearest to unbounded latents.
    pub(super) fn code(&self, latents: &[f32]) -> Code {
        let mut base = 1;
        let mut code = 0;
        for (&level, z) in self.levels.iter().zip(latents) {
            let half = (level - 1) as f32 * (1.0 + BOUND_MARGIN) / 2.0;
            let offset = if level.is_multiple_of(2) { 0.5 } else { 0.0 };
            let bounded = (z + (offset / half).atanh()).tanh() * half - offset;
            let idx = bounded.round_ties_even() + (level / 2) as f32;
            code += base * (idx.max(0.0) as usize).min(level - 1);
            base *= level;
        }
        code as Code
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_nearest_to_its_own_values() {
        let fsq = Fsq::new(vec![8, 5, 5, 5]);
        assert_eq!(fsq.n_codes(), 1000);
        for code in 0..1000 {
            let bounded = fsq.values(code).zip(&fsq.levels).map(|(value, &level)| {
                let half = (level - 1) as f32 * (1.0 + BOUND_MARGIN) / 2.0;
                let offset = if level % 2 == 0 { 0.5 } else { 0.0 };
                let middle = (level / 2) as f32;
                ((value * middle + offset) / half).atanh() - (offset / half).atanh()
            });
            let latents: Vec<f32> = bounded.collect();
            assert_eq!(fsq.code(&latents), code);
        }
    }

    #[test]
    fn no_latent_leads_out_of_the_codebook() {
        let fsq = Fsq::new(vec![8, 5, 5, 5]);
        for z in [f32::MIN, f32::MAX, f32::INFINITY, f32::NEG_INFINITY, f32::NAN] {
            assert!(fsq.code(&[z; 4]) < 1000);
        }
    }
}
