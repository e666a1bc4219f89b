//! The arithmetic that takes the time: multiplication with weights, attention, convolution.
//! Knows nothing of any network, nor of where weights come from.

mod attention;
mod bytes;
mod conv;
mod conv2d;
mod device;
mod gated;
mod group_norm;
mod linear;
mod norm;
mod packed;
mod shared;
mod silu;
mod strips;
mod sums;
mod winograd;

pub use self::attention::{Attention, KvCache};
pub use self::conv::{Area, Conv, Part, PreActivation};
pub use self::conv2d::Conv2d;
pub use self::gated::gated;
pub use self::group_norm::GroupNorm;
pub use self::linear::{Linear, with_gain};
pub use self::norm::rms_norm;
pub use self::packed::PACKING;
pub use self::shared::Shared;
pub use self::silu::{exp, silu};
pub use self::sums::{add, fold, fold_of};

/// Runs `work` on one of the kernels' threads. Called from another thread, each kernel hands
/// over to them and waits; a pass through a network is better handed over once.
pub fn in_pool<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    rayon::scope(|_| work())
}
