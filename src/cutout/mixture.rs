//! How likely a colour is among many, as a mixture of Gaussians.

use super::colour::Lab;
use super::vectors::{Matrix, covariance, difference, dot, inverted, sum, times};

/// No colour is told more finely than this, in Lab: flat paint must not make a model that knows no other colour.
const LEAST_DEVIATION: f32 = 0.012;

/// How often colours are given to the likeliest Gaussian, and Gaussians fitted to their colours.
const ROUNDS: usize = 4;

/// One Gaussian and its share of all colours.
#[derive(Clone, Copy)]
struct Gaussian {
    mean: Lab,
    covariance: Matrix,
    inverse: Matrix,
    /// Logarithm of its share and of its height.
    log_height: f32,
}

impl Gaussian {
    /// Fitted to some of `n_all` colours. `None` where there are none.
    fn fit(colours: impl Iterator<Item = Lab> + Clone, n_all: usize) -> Option<Self> {
        let n = colours.clone().count();
        if n == 0 {
            return None;
        }
        let mean = colours.clone().fold([0.0; 3], sum).map(|it| it / n as f32);
        let covariance = covariance(colours, mean, n, LEAST_DEVIATION * LEAST_DEVIATION);
        let (inverse, determinant) = inverted(covariance);
        let log_height = (n as f32 / n_all as f32).ln() - 0.5 * determinant.ln();
        Some(Self { mean, covariance, inverse, log_height })
    }

    /// Logarithm of how dense its colours are here, but for a constant.
    fn log_density(&self, colour: Lab) -> f32 {
        let off = difference(colour, self.mean);
        self.log_height - 0.5 * dot(off, times(&self.inverse, off))
    }

    /// The direction in which its colours differ most, and their variance along it.
    fn principal(&self) -> (Lab, f32) {
        let mut axis = [0.9, 0.3, 0.3];
        for _ in 0..16 {
            axis = times(&self.covariance, axis);
            let length = dot(axis, axis).sqrt();
            axis = axis.map(|it| it / length);
        }
        (axis, dot(axis, times(&self.covariance, axis)))
    }
}

/// Gaussians, of which each colour belongs to the likeliest.
pub(super) struct Mixture {
    parts: Vec<Gaussian>,
}

impl Mixture {
    /// Fitted to some colours: the cluster that differs most is split across its longest axis until there are `n_parts`
    /// (Orchard and Bouman, "Color quantization of images", 1991). `None` where there are no colours.
    pub(super) fn fit(colours: &[Lab], n_parts: usize) -> Option<Self> {
        let n = colours.len();
        let mut clusters = vec![(Gaussian::fit(colours.iter().copied(), n)?, colours.to_vec())];
        while clusters.len() < n_parts {
            let spread = |(it, of): &(Gaussian, Vec<Lab>)| it.principal().1 * of.len() as f32;
            let widest = (0..clusters.len())
                .max_by(|&a, &b| spread(&clusters[a]).total_cmp(&spread(&clusters[b])))?;
            let (gaussian, members) = &clusters[widest];
            let axis = gaussian.principal().0;
            let middle = dot(axis, gaussian.mean);
            let (low, high): (Vec<_>, Vec<_>) =
                members.iter().partition(|&&it| dot(axis, it) <= middle);
            let halves = [low, high].map(|it| Some((Gaussian::fit(it.iter().copied(), n)?, it)));
            let [Some(low), Some(high)] = halves else { break };
            clusters[widest] = low;
            clusters.push(high);
        }
        let mut it = Self { parts: clusters.into_iter().map(|it| it.0).collect() };
        for _ in 0..ROUNDS {
            it = it.fitted_again(colours);
        }
        Some(it)
    }

    fn fitted_again(&self, colours: &[Lab]) -> Self {
        let mut members = vec![Vec::new(); self.parts.len()];
        for &colour in colours {
            members[self.likeliest(colour).0].push(colour);
        }
        let n = colours.len();
        let parts = members.iter().filter_map(|it| Gaussian::fit(it.iter().copied(), n));
        Self { parts: parts.collect() }
    }

    /// Which of the Gaussians is the likeliest for a colour, and the logarithm of its density.
    fn likeliest(&self, colour: Lab) -> (usize, f32) {
        let densities = self.parts.iter().map(|it| it.log_density(colour)).enumerate();
        densities.fold((0, f32::MIN), |best, it| if best.1 < it.1 { it } else { best })
    }

    /// Logarithm of how dense colours are here, but for a constant that all mixtures have in common.
    pub(super) fn log_density(&self, colour: Lab) -> f32 {
        self.likeliest(colour).1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_heaps_of_colours_are_told_apart() {
        let heap = |middle: f32| (0..50).map(move |it| [middle + 0.001 * it as f32, 0.1, 0.0]);
        let colours: Vec<_> = heap(0.2).chain(heap(0.7)).collect();
        let mixture = Mixture::fit(&colours, 2).unwrap();
        let at = |it: f32| mixture.log_density([it, 0.1, 0.0]);
        assert!(at(0.45) < at(0.22) - 5.0 && at(0.45) < at(0.72) - 5.0);
        assert!(Mixture::fit(&[], 2).is_none() && Mixture::fit(&[[0.5; 3]], 5).is_some());
    }
}
