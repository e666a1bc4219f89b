//! The codec's residual block: two convolutions, each behind an activation.

use candle_core::Result;

use super::weights::Weights;
use crate::model;
use crate::model::kernels::{Area, Conv, Part, PreActivation};

/// `x + b(silu(a(silu(x))))`.
#[derive(Clone, Debug)]
pub(super) struct Residual {
    a: Conv,
    b: Conv,
}

impl Residual {
    /// `kernel` is how wide its second convolution is.
    pub(super) fn load(
        weights: &Weights<'_>,
        name: &str,
        width: usize,
        kernel: usize,
    ) -> model::Result<Self> {
        let conv = |part: &str, kernel: usize| {
            weights.conv(&format!("{name}.{part}"), width, width, kernel)
        };
        Ok(Self { a: conv("a", 3)?, b: conv("b", kernel)? })
    }

    /// How far it sees.
    pub(super) const fn reach(&self) -> usize {
        self.a.reach() + self.b.reach()
    }

    /// The positions in `want`, which `part` must hold.
    pub(super) fn forward(&self, part: &Part, want: Area) -> Result<Part> {
        let inner =
            self.a.forward(part, want.grown(self.b.reach(), part.area), PreActivation::Silu)?;
        self.b.add_to(Some(part), &inner, want, PreActivation::Silu)
    }
}
