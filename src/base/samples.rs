//! Pixels of finished pictures, in eight or sixteen bits a value.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// How many bits a value has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Depth {
    #[default]
    #[serde(rename = "8")]
    Eight,
    #[serde(rename = "16")]
    Sixteen,
}

/// RGBA values in sRGB with straight alpha, row by row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Samples {
    Eight(Vec<u8>),
    Sixteen(Vec<u16>),
}

/// A value of a pixel.
pub trait Sample: Copy + Default + Send + Sync {
    /// From 0 to 1 to whatever stands for it.
    fn from_share(share: f32) -> Self;

    /// All of a picture.
    fn samples(values: Vec<Self>) -> Samples;
}

impl Sample for u8 {
    fn from_share(share: f32) -> Self {
        (share * 255.0 + 0.5) as Self
    }

    fn samples(values: Vec<Self>) -> Samples {
        Samples::Eight(values)
    }
}

impl Sample for u16 {
    fn from_share(share: f32) -> Self {
        (share * 65535.0 + 0.5) as Self
    }

    fn samples(values: Vec<Self>) -> Samples {
        Samples::Sixteen(values)
    }
}

impl Samples {
    #[must_use]
    pub const fn depth(&self) -> Depth {
        match self {
            Self::Eight(_) => Depth::Eight,
            Self::Sixteen(_) => Depth::Sixteen,
        }
    }

    /// Rounded to eight bits.
    #[must_use]
    pub fn eight(&self) -> Cow<'_, [u8]> {
        match self {
            Self::Eight(it) => Cow::Borrowed(it),
            // 65535 is 257 times 255.
            Self::Sixteen(it) => {
                it.iter().map(|&it| ((u32::from(it) + 128) / 257) as u8).collect::<Vec<_>>().into()
            }
        }
    }

    /// The same values in sixteen bits.
    #[must_use]
    pub fn sixteen(&self) -> Cow<'_, [u16]> {
        match self {
            Self::Eight(it) => it.iter().map(|&it| u16::from(it) * 257).collect::<Vec<_>>().into(),
            Self::Sixteen(it) => Cow::Borrowed(it),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eight_bits_survive_sixteen() {
        let all: Vec<u8> = (0..=255).collect();
        let deep = Samples::Sixteen(Samples::Eight(all.clone()).sixteen().into_owned());
        assert_eq!((deep.eight().into_owned(), deep.depth()), (all, Depth::Sixteen));
        assert_eq!([u16::from_share(1.0), u16::from_share(0.0)], [65535, 0]);
        assert_eq!([u8::from_share(1.0), u8::from_share(0.5)], [255, 128]);
    }
}
