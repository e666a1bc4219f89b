//! Colours: what a file says of them, and the way from there to sRGB. Profiles are not trusted: one that cannot be
//! understood, or that makes no sense, is an error, and then the values are taken for sRGB.

use std::sync::Arc;

use moxcms::{
    Chromaticity, CicpColorPrimaries, CicpProfile, ColorPrimaries, ColorProfile, DataColorSpace,
    Layout, MatrixCoefficients, TransferCharacteristics, Transform8BitExecutor,
    Transform16BitExecutor, TransformOptions, XyY, curve_from_gamma,
};

use super::hdr::{Curve, ToneMap, decoded, encoded};

/// Profiles that are larger are not looked at.
pub(super) const MAX_PROFILE_BYTES: usize = 8 << 20;

/// A profile that changes no value by more than this is sRGB under another name.
const SAME: u8 = 2;

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
            let way = Way::Hdr(map);
            return if is_colour {
                Ok(Self { format, is_from_grey: false, way })
            } else {
                Err(ProfileFlaw::OtherKind)
            };
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

    /// The pixels of a row. Where the way refuses them, which it does not, they are left out.
    pub(super) fn convert(&self, row: &[u8]) -> Vec<u8> {
        let n_pixels =
            row.len() / self.format.channels.count() / if self.format.is_deep { 2 } else { 1 };
        let mut out = vec![0; n_pixels * 4];
        let done = match &self.way {
            Way::Keep if self.format.is_deep => {
                out = self.deep(row).into_iter().map(narrowed).collect();
                Ok(())
            }
            Way::Keep => {
                out = self.spread(row.iter().copied(), u8::MAX);
                Ok(())
            }
            Way::Eight(way, black) => {
                let done = way.transform(&self.spread(row.iter().copied(), u8::MAX), &mut out);
                if let Some(table) = black {
                    for [red, green, blue, _] in out.as_chunks_mut::<4>().0 {
                        [*red, *green, *blue] =
                            [*red, *green, *blue].map(|it| table[usize::from(it)]);
                    }
                }
                done
            }
            Way::Deep(way) => {
                let mut deep = vec![0; n_pixels * 4];
                let done = way.transform(&self.deep(row), &mut deep);
                out = deep.into_iter().map(narrowed).collect();
                done
            }
            Way::Hdr(map) => {
                out.clear();
                map.convert(&self.deep(row), &mut out);
                Ok(())
            }
        };
        if let Err(err) = done {
            log::warn!("The colours of a row could not be converted: {err}");
        }
        out
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
fn narrowed(value: u16) -> u8 {
    ((u32::from(value) + 128) / 257) as u8
}

/// `None` where `tag` says that values are sRGB.
fn profile(tag: &ColourTag) -> Result<Option<ColorProfile>, ProfileFlaw> {
    Ok(Some(match tag {
        ColourTag::Srgb => return Ok(None),
        ColourTag::UnreadableIcc => return Err(ProfileFlaw::Unreadable),
        ColourTag::Icc(icc) if MAX_PROFILE_BYTES < icc.len() => {
            return Err(ProfileFlaw::Unreadable);
        }
        ColourTag::Icc(icc) => {
            ColorProfile::new_from_slice(icc).map_err(|_| ProfileFlaw::Unreadable)?
        }
        &ColourTag::Cicp { primaries, transfer } => {
            let unknown = |_| ProfileFlaw::Unreadable;
            let cicp = CicpProfile {
                color_primaries: CicpColorPrimaries::try_from(primaries).map_err(unknown)?,
                transfer_characteristics: TransferCharacteristics::try_from(transfer)
                    .map_err(unknown)?,
                matrix_coefficients: MatrixCoefficients::Identity,
                full_range: true,
            };
            let profile = ColorProfile::new_from_cicp(cicp);
            if profile.red_trc.is_none() {
                return Err(ProfileFlaw::Unreadable);
            }
            profile
        }
        ColourTag::Measured { gamma, places } => return Ok(measured(*gamma, *places)),
    }))
}

/// `None` where it is sRGB, as programs write it who mean that.
fn measured(gamma: Option<f32>, places: Option<[[f32; 2]; 4]>) -> Option<ColorProfile> {
    const SRGB: [[f32; 2]; 4] = [[0.3127, 0.329], [0.64, 0.33], [0.3, 0.6], [0.15, 0.06]];
    let is_near = |a: f32, b: f32, by: f32| (a - b).abs() <= by;
    let is_srgb = |it: [[f32; 2]; 4]| {
        it.iter().flatten().zip(SRGB.iter().flatten()).all(|(&a, &b)| is_near(a, b, 0.002))
    };
    let places = places.filter(|&it| !is_srgb(it));
    let gamma = gamma.filter(|&it| places.is_some() || !is_near(it, 1.0 / 2.2, 0.005));
    if places.is_none() && gamma.is_none() {
        return None;
    }
    let mut profile = ColorProfile::new_srgb();
    profile.cicp = None;
    if let Some([white, red, green, blue]) = places {
        let at = |[x, y]: [f32; 2]| Chromaticity::new(x, y);
        let primaries = ColorPrimaries { red: at(red), green: at(green), blue: at(blue) };
        let white = XyY { x: f64::from(white[0]), y: f64::from(white[1]), yb: 1.0 };
        profile.update_rgb_colorimetry(white, primaries);
    }
    if let Some(gamma) = gamma {
        let curve = curve_from_gamma(1.0 / gamma);
        profile.red_trc = Some(curve.clone());
        profile.green_trc = Some(curve.clone());
        profile.blue_trc = Some(curve);
    }
    Some(profile)
}

/// Where a profile knows more light than white.
fn tone_map(profile: &ColorProfile) -> Option<ToneMap> {
    let curve = match profile.cicp?.transfer_characteristics {
        TransferCharacteristics::Smpte2084 => Curve::Pq,
        TransferCharacteristics::Hlg => Curve::Hlg,
        _ => return None,
    };
    let matrix = profile.transform_matrix(&ColorProfile::new_srgb());
    Some(ToneMap::new(curve, matrix.v.map(|row| row.map(|it| it as f32))))
}

/// What all inks together come to; `None` where there are no inks.
fn print_black(way: &Transform8BitExecutor, channels: Channels) -> Option<[u8; 3]> {
    let mut black = [0; 4];
    let is_print = channels == Channels::Cmyk && way.transform(&[255; 4], &mut black).is_ok();
    is_print.then(|| [black[0], black[1], black[2]])
}

/// What each value becomes so that `black` becomes black and white stays white: black point compensation, as all programs do
/// it that show what was made for print. `None` where nothing would change.
fn compensated(black: [u8; 3]) -> Option<Box<[u8; 256]>> {
    let [red, green, blue] = black.map(|it| decoded(it));
    let luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    // What is not dark at all is no black.
    let luminance = luminance.min(0.18);
    let mut table = Box::new([0; 256]);
    for (value, new) in (0..=255).zip(table.iter_mut()) {
        *new = encoded(((decoded(value) - luminance) / (1.0 - luminance)).max(0.0));
    }
    let is_changed = (0..=255).zip(table.iter()).any(|(value, &new)| value != new);
    is_changed.then_some(table)
}

enum Probed {
    Same,
    Other,
}

/// Tries a way with a few hundred colours.
fn probed(
    way: &Transform8BitExecutor,
    from: Layout,
    channels: Channels,
) -> Result<Probed, ProfileFlaw> {
    let greys = (0..=255).map(|it| [it; 3]);
    let steps = || (0..=255).step_by(51);
    let colours = steps()
        .flat_map(|red| steps().flat_map(move |green| steps().map(move |blue| [red, green, blue])));
    let colours: Vec<[u8; 3]> = greys.chain(colours).collect();
    let values = |&[red, green, blue]: &[u8; 3]| match (from, channels) {
        (Layout::GrayAlpha, _) => vec![red, 255],
        // Without black ink.
        (_, Channels::Cmyk) => vec![255 - red, 255 - green, 255 - blue, 0],
        _ => vec![red, green, blue, 255],
    };
    let before: Vec<u8> = colours.iter().flat_map(values).collect();
    let mut after = vec![0; colours.len() * 4];
    way.transform(&before, &mut after).map_err(|_| ProfileFlaw::Unreadable)?;
    let (after, _) = after.as_chunks::<4>();
    let is_dark = after[0][..3].iter().all(|&it| it < 128);
    let is_bright = after[255][..3].iter().all(|&it| 160 < it);
    if !is_dark || !is_bright {
        return Err(ProfileFlaw::Absurd);
    }
    let n_compared = if from == Layout::GrayAlpha { 256 } else { colours.len() };
    let mut pairs = colours.iter().zip(after).take(n_compared);
    let is_same =
        |(a, b): (&[u8; 3], &[u8; 4])| a.iter().zip(b).all(|(a, b)| a.abs_diff(*b) <= SAME);
    let is_srgb = channels != Channels::Cmyk && pairs.all(is_same);
    Ok(if is_srgb { Probed::Same } else { Probed::Other })
}

#[cfg(test)]
#[path = "colour_tests.rs"]
mod tests;
