//! Colour profiles: built from what a file says, tried before they are used.

use moxcms::{
    Chromaticity, CicpColorPrimaries, CicpProfile, ColorPrimaries, ColorProfile, Layout,
    MatrixCoefficients, TransferCharacteristics, Transform8BitExecutor, XyY, curve_from_gamma,
};

use super::colour::{Channels, ColourTag, MAX_PROFILE_BYTES, ProfileFlaw};
use super::hdr::{Curve, ToneMap, decoded, encoded};

/// A profile that changes no value by more than this is sRGB under another name.
const SAME: u8 = 2;

/// `None` where `tag` says that values are sRGB.
pub(super) fn profile(tag: &ColourTag) -> Result<Option<ColorProfile>, ProfileFlaw> {
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
pub(super) fn tone_map(profile: &ColorProfile) -> Option<ToneMap> {
    let curve = match profile.cicp?.transfer_characteristics {
        TransferCharacteristics::Smpte2084 => Curve::Pq,
        TransferCharacteristics::Hlg => Curve::Hlg,
        _ => return None,
    };
    let matrix = profile.transform_matrix(&ColorProfile::new_srgb());
    Some(ToneMap::new(curve, matrix.v.map(|row| row.map(|it| it as f32))))
}

/// What all inks together come to; `None` where there are no inks.
pub(super) fn print_black(way: &Transform8BitExecutor, channels: Channels) -> Option<[u8; 3]> {
    let mut black = [0; 4];
    let is_print = channels == Channels::Cmyk && way.transform(&[255; 4], &mut black).is_ok();
    is_print.then(|| [black[0], black[1], black[2]])
}

/// What each value becomes so that `black` becomes black and white stays white: black point compensation, as all programs do
/// it that show what was made for print. `None` where nothing would change.
pub(super) fn compensated(black: [u8; 3]) -> Option<Box<[u8; 256]>> {
    let [red, green, blue] = black.map(decoded);
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

/// Whether a way changes anything.
pub(super) enum Probed {
    Same,
    Other,
}

/// Tries a way with a few hundred colours.
pub(super) fn probed(
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
