//! The arithmetic that takes the time: multiplication with weights, attention, convolution.
//! Knows nothing of any network, nor of where weights come from.

mod attention;
mod bytes;
mod conv;
mod linear;
mod packed;
mod shared;
mod silu;
mod sums;

pub use self::attention::{Attention, Memory};
pub use self::conv::{Area, Before, Conv, Part};
pub use self::linear::{Linear, Precision, with_gain};
pub use self::shared::Shared;
pub use self::silu::silu;
