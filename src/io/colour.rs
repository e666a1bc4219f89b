//! Colours: what a file says of them, and the way from there to sRGB. Profiles are not trusted: one that cannot be
//! understood, or that makes no sense, is an error, and then the values are taken for sRGB.

use std::sync::Arc;

use moxcms::{
    ColorProfile, DataColorSpace, Layout, Transform8BitExecutor, Transform16BitExecutor,
    TransformExecutor, TransformOptions,
};

use super::hdr::ToneMap;
use super::profile::{Probed, compensated, print_black, probed, profile, tone_map};

/// Profiles that are larger are not looked at.
pub(super) const MAX_PROFILE_BYTES: usize = 8 << 20;

/// What a file says of its colours.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum ColourTag {
    /// That they are sRGB, or nothing.
    #[default]
    Srgb,
    /// A profile of the International Color Consortium.
    Icc(Vec<u8>),
    /// A profile that is too large to be looked at, or cannot be unpacked.
    UnreadableIcc,
    /// Numbers of ITU-T H.273.
    Cicp { primaries: u8, transfer: u8 },
    /// The exponent with which values are kept, where it is told, and where white, red, green and blue lie.
    Measured { gamma: Option<f32>, places: Option<[[f32; 2]; 4]> },
}

/// Why a profile was not used. The texts follow a colon.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProfileFlaw {
    #[error("its colour profile is damaged or too large")]
    Unreadable,
    #[error("its colour profile is for another kind of picture")]
    OtherKind,
    #[error("its colour profile makes no sense: white does not come out bright, or black dark")]
    Absurd,
}

/// What the values of a pixel are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Channels {
    Grey,
    GreyAlpha,
    Rgb,
    Rgba,
    /// Amounts of ink.
    Cmyk,
}

impl Channels {
    pub(super) const fn count(self) -> usize {
        match self {
            Self::Grey => 1,
            Self::GreyAlpha => 2,
            Self::Rgb => 3,
            Self::Rgba | Self::Cmyk => 4,
        }
    }

    const fn is_grey(self) -> bool {
        matches!(self, Self::Grey | Self::GreyAlpha)
    }
}

/// What the rows of a picture are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RowFormat {
    pub(super) channels: Channels,
    /// 16 bits for each value, the higher ones first; else 8.
    pub(super) is_deep: bool,
}

/// Takes rows of a picture to RGBA8 in sRGB.
pub(super) struct ToSrgb {
    format: RowFormat,
    /// Whether the way begins at grey and alpha, not at RGBA.
    is_from_grey: bool,
    way: Way,
}

enum Way {
    /// The values are what they should be.
    Keep,
    /// And where what is darkest in print becomes black, what each value becomes.
    Eight(Arc<Transform8BitExecutor>, Option<Box<[u8; 256]>>),
    Deep(Arc<Transform16BitExecutor>),
    Hdr(ToneMap),
}

impl ToSrgb {
    /// For values that are sRGB.
    pub(super) const fn keep(format: RowFormat) -> Self {
        Self { format, is_from_grey: false, way: Way::Keep }
    }

    /// For values that are what `tag` says.
    ///
    /// # Errors
    /// Where that cannot be understood, or makes no sense.
    pub(super) fn new(tag: &ColourTag, format: RowFormat) -> Result<Self, ProfileFlaw> {
        let Some(profile) = profile(tag)? else { return Ok(Self::keep(format)) };
        if let Some(map) = tone_map(&profile) {
            let is_colour =
                profile.color_space == DataColorSpace::Rgb && format.channels != Channels::Cmyk;
            let it = Self { format, is_from_grey: false, way: Way::Hdr(map) };
            return if is_colour { Ok(it) } else { Err(ProfileFlaw::OtherKind) };
        }
        let (from, is_from_grey) = match (profile.color_space, format.channels) {
            (DataColorSpace::Gray, it) if it.is_grey() => (Layout::GrayAlpha, true),
            (DataColorSpace::Cmyk, Channels::Cmyk) => (Layout::Rgba, false),
            (DataColorSpace::Rgb, it) if it != Channels::Cmyk => (Layout::Rgba, false),
            _ => return Err(ProfileFlaw::OtherKind),
        };
        let (to, options) = (ColorProfile::new_srgb(), TransformOptions::default());
        let unreadable = |_| ProfileFlaw::Unreadable;
        let eight =
            profile.create_transform_8bit(from, &to, Layout::Rgba, options).map_err(unreadable)?;
        let way = match probed(&*eight, from, format.channels)? {
            Probed::Same => Way::Keep,
            Probed::Other if format.is_deep => Way::Deep(
                profile
                    .create_transform_16bit(from, &to, Layout::Rgba, options)
                    .map_err(unreadable)?,
            ),
            Probed::Other => {
                let darkest = print_black(&*eight, format.channels);
                Way::Eight(eight, darkest.and_then(compensated))
            }
        };
        let is_from_grey = is_from_grey && !matches!(way, Way::Keep);
        Ok(Self { format, is_from_grey, way })
    }

    /// Whether all rows are to be shown to [`Self::measure`] before the first is converted.
    pub(super) const fn wants_to_measure(&self) -> bool {
        matches!(self.way, Way::Hdr(_))
    }

    pub(super) fn measure(&mut self, row: &[u8]) {
        let rgba = self.deep(row);
        if let Way::Hdr(map) = &mut self.way {
            map.measure(&rgba);
        }
    }

    /// The pixels of a row.
    pub(super) fn convert(&self, row: &[u8]) -> Vec<u8> {
        let eight = || self.spread(row.iter().copied(), u8::MAX);
        match &self.way {
            Way::Keep if self.format.is_deep => narrowed(&self.deep(row)),
            Way::Keep => eight(),
            Way::Eight(way, black) => {
                let mut rgba = self.led(&**way, &eight());
                if let Some(table) = black {
                    for [red, green, blue, _] in rgba.as_chunks_mut::<4>().0 {
                        for value in [red, green, blue] {
                            *value = table[usize::from(*value)];
                        }
                    }
                }
                rgba
            }
            Way::Deep(way) => narrowed(&self.led(&**way, &self.deep(row))),
            Way::Hdr(map) => map.convert(&self.deep(row)),
        }
    }

    /// RGBA from the values that a way begins with. It refuses none that are whole pixels.
    fn led<T: Copy + Default>(&self, way: &dyn TransformExecutor<T>, values: &[T]) -> Vec<T> {
        let n_channels = if self.is_from_grey { 2 } else { 4 };
        let mut rgba = vec![T::default(); values.len() / n_channels * 4];
        if let Err(err) = way.transform(values, &mut rgba) {
            log::warn!("The colours of a row could not be converted: {err}");
        }
        rgba
    }

    /// A row in 16 bits for each value.
    fn deep(&self, row: &[u8]) -> Vec<u16> {
        if self.format.is_deep {
            let values = row.as_chunks::<2>().0.iter().map(|&it| u16::from_be_bytes(it));
            self.spread(values, u16::MAX)
        } else {
            self.spread(row.iter().map(|&it| u16::from(it) * 257), u16::MAX)
        }
    }

    /// Pixels of all values that the way begins with; `opaque` where alpha is missing.
    fn spread<T: Copy>(&self, values: impl ExactSizeIterator<Item = T>, opaque: T) -> Vec<T> {
        let values: Vec<T> = values.collect();
        let pixels = values.chunks_exact(self.format.channels.count());
        let mut out = Vec::with_capacity(pixels.len() * 4);
        for pixel in pixels {
            match (self.is_from_grey, pixel) {
                (true, &[grey]) => out.extend([grey, opaque]),
                (false, &[grey]) => out.extend([grey, grey, grey, opaque]),
                (false, &[grey, alpha]) => out.extend([grey, grey, grey, alpha]),
                (_, &[red, green, blue]) => out.extend([red, green, blue, opaque]),
                (_, pixel) => out.extend_from_slice(pixel),
            }
        }
        out
    }
}

/// To the nearest of 8 bits.
fn narrowed(values: &[u16]) -> Vec<u8> {
    values.iter().map(|&it| ((u32::from(it) + 128) / 257) as u8).collect()
}

#[cfg(test)]
#[path = "colour_tests.rs"]
mod tests;
