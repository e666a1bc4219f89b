//! How much memory a model will take: from its shapes, before any of it is here.

/// What a network keeps in memory while it paints.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Needs {
    pub n_weights: u64,
    /// As kept, their part of the scales included: 32 for 32-bit weights, about 8.5 for 8-bit ones.
    pub bits_per_weight: f64,
    /// Numbers in the KV cache of one context (layers × 2 × texts × slots × width).
    pub n_cached: u64,
    pub bytes_per_cached: u64,
    /// Bytes for everything else: the largest tensor in 32 bits while it is loaded, the codec's maps.
    pub n_working_bytes: u64,
}

impl Needs {
    /// Guidance reads two texts side by side.
    pub const TEXTS: u64 = 2;

    /// Bytes while a picture of the usual size is decoded, and while the largest matrix is packed.
    pub const WORKING_BYTES: u64 = 500_000_000;

    /// All of them, with as many contexts as are kept.
    #[must_use]
    pub fn n_bytes(&self) -> u64 {
        let weights = (self.n_weights as f64 * self.bits_per_weight / 8.0).ceil() as u64;
        let contexts = context_budget(self.n_cached.saturating_mul(self.bytes_per_cached));
        weights.saturating_add(contexts).saturating_add(self.n_working_bytes)
    }
}

/// Contexts that are kept at most: enough for the regions of a picture and a few changes of mind.
pub const MAX_CONTEXTS: usize = 8;

/// What contexts may take together where two already fit.
const USUAL_CONTEXT_BYTES: u64 = 1 << 30;

/// Bytes that all contexts of a model may take together, where one takes `one_context` of them:
/// at least two, so that a region can be painted under its own prompt without the picture's being
/// read anew for every cell; more of them up to 1 GiB; never more than [`MAX_CONTEXTS`].
#[must_use]
pub fn context_budget(one_context: u64) -> u64 {
    let times = |n: u64| one_context.saturating_mul(n);
    USUAL_CONTEXT_BYTES.clamp(times(2), times(MAX_CONTEXTS as u64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_cache_and_room_are_added_up() {
        let needs = Needs {
            n_weights: 1_000_000,
            bits_per_weight: 8.5,
            n_cached: 24 * 2 * 2 * 600 * 2048,
            bytes_per_cached: 4,
            n_working_bytes: 1000,
        };
        assert_eq!(needs.n_bytes(), 1_062_500 + (1 << 30) + 1000);
        let absurd = Needs { n_weights: u64::MAX, n_cached: u64::MAX, ..needs };
        assert_eq!(absurd.n_bytes(), u64::MAX);
    }

    #[test]
    fn two_contexts_always_fit_and_small_ones_stay_few() {
        const GIB: u64 = 1 << 30;
        assert_eq!(context_budget(0), 0);
        assert_eq!(context_budget(10 << 20), 80 << 20);
        assert_eq!(context_budget(GIB / 3), GIB);
        assert_eq!(context_budget(GIB), 2 * GIB);
        assert_eq!(context_budget(u64::MAX), u64::MAX);
    }
}
