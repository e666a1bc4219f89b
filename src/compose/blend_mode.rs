//! Blend modes: how a layer's colour meets what lies below it. Those of OpenRaster, by the formulas of the W3C's
//! *Compositing and Blending Level 1* (<https://www.w3.org/TR/compositing-1/>).

use serde::{Deserialize, Serialize};

/// Red, green, blue, premultiplied by the last, alpha; from 0 to 1.
pub(super) type Premultiplied = [f32; 4];

/// As OpenRaster names them, without its prefix.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BlendMode {
    /// `src-over`.
    #[default]
    Normal,
    Multiply,
    Screen,
    Overlay,
    Darken,
    Lighten,
    ColorDodge,
    ColorBurn,
    HardLight,
    SoftLight,
    Difference,
    Color,
    Luminosity,
    Hue,
    Saturation,
    Plus,
    DestinationIn,
    DestinationOut,
    SourceAtop,
    DestinationAtop,
}

impl BlendMode {
    /// In the order of menus.
    pub const ALL: [Self; 20] = [
        Self::Normal,
        Self::Multiply,
        Self::Screen,
        Self::Overlay,
        Self::Darken,
        Self::Lighten,
        Self::ColorDodge,
        Self::ColorBurn,
        Self::HardLight,
        Self::SoftLight,
        Self::Difference,
        Self::Color,
        Self::Luminosity,
        Self::Hue,
        Self::Saturation,
        Self::Plus,
        Self::DestinationIn,
        Self::DestinationOut,
        Self::SourceAtop,
        Self::DestinationAtop,
    ];

    /// For people, and as OpenRaster writes it.
    const fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Normal => ("Normal", "svg:src-over"),
            Self::Multiply => ("Multiply", "svg:multiply"),
            Self::Screen => ("Screen", "svg:screen"),
            Self::Overlay => ("Overlay", "svg:overlay"),
            Self::Darken => ("Darken", "svg:darken"),
            Self::Lighten => ("Lighten", "svg:lighten"),
            Self::ColorDodge => ("Color dodge", "svg:color-dodge"),
            Self::ColorBurn => ("Color burn", "svg:color-burn"),
            Self::HardLight => ("Hard light", "svg:hard-light"),
            Self::SoftLight => ("Soft light", "svg:soft-light"),
            Self::Difference => ("Difference", "svg:difference"),
            Self::Color => ("Color", "svg:color"),
            Self::Luminosity => ("Luminosity", "svg:luminosity"),
            Self::Hue => ("Hue", "svg:hue"),
            Self::Saturation => ("Saturation", "svg:saturation"),
            Self::Plus => ("Add", "svg:plus"),
            Self::DestinationIn => ("Keep below", "svg:dst-in"),
            Self::DestinationOut => ("Erase below", "svg:dst-out"),
            Self::SourceAtop => ("Inherit alpha", "svg:src-atop"),
            Self::DestinationAtop => ("Behind, cut to this", "svg:dst-atop"),
        }
    }

    #[must_use]
    pub const fn label(self) -> &'static str {
        self.names().0
    }

    /// The `composite-op` of an OpenRaster file.
    #[must_use]
    pub const fn composite_op(self) -> &'static str {
        self.names().1
    }

    #[must_use]
    pub fn from_composite_op(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.composite_op() == name)
    }

    /// Whether it also changes what lies below where the layer has no paint.
    #[must_use]
    pub const fn reaches_beyond_paint(self) -> bool {
        matches!(self, Self::DestinationIn | Self::DestinationAtop)
    }

    /// Whether what is laid on nothing stays as it is.
    pub(super) const fn keeps_source_on_nothing(self) -> bool {
        !matches!(self, Self::DestinationIn | Self::DestinationOut | Self::SourceAtop)
    }

    /// `source`, of straight alpha, laid on `below`.
    pub(super) fn laid_on(self, below: Premultiplied, source: [f32; 4]) -> Premultiplied {
        let [r, g, b, source_alpha] = source;
        let colour = [r, g, b];
        let alpha = below[3];
        match self {
            Self::Normal => mixed(below, colour, source_alpha, 1.0 - source_alpha, source_alpha),
            Self::DestinationIn => below.map(|it| it * source_alpha),
            Self::DestinationOut => below.map(|it| it * (1.0 - source_alpha)),
            Self::SourceAtop => {
                mixed(below, colour, source_alpha * alpha, 1.0 - source_alpha, source_alpha * alpha)
            }
            Self::DestinationAtop => {
                let weight = source_alpha * (1.0 - alpha);
                mixed(below, colour, weight, source_alpha, weight)
            }
            Self::Multiply
            | Self::Screen
            | Self::Overlay
            | Self::Darken
            | Self::Lighten
            | Self::ColorDodge
            | Self::ColorBurn
            | Self::HardLight
            | Self::SoftLight
            | Self::Difference
            | Self::Color
            | Self::Luminosity
            | Self::Hue
            | Self::Saturation
            | Self::Plus => {
                let straight = straight(below);
                let blended = self.blended(straight, colour);
                let both = |idx: usize| {
                    source_alpha * ((1.0 - alpha) * colour[idx] + alpha * blended[idx])
                        + (1.0 - source_alpha) * below[idx]
                };
                let alpha = source_alpha + alpha * (1.0 - source_alpha);
                [both(0), both(1), both(2), alpha]
            }
        }
    }

    /// Where both are opaque.
    fn blended(self, below: [f32; 3], source: [f32; 3]) -> [f32; 3] {
        let each =
            |rule: fn(f32, f32) -> f32| [0, 1, 2].map(|idx: usize| rule(below[idx], source[idx]));
        match self {
            Self::Multiply => each(|b, s| b * s),
            Self::Screen => each(screen),
            Self::Overlay => each(|b, s| hard_light(s, b)),
            Self::Darken => each(f32::min),
            Self::Lighten => each(f32::max),
            Self::ColorDodge => each(color_dodge),
            Self::ColorBurn => each(color_burn),
            Self::HardLight => each(hard_light),
            Self::SoftLight => each(soft_light),
            Self::Difference => each(|b, s| (b - s).abs()),
            // As Krita and others read OpenRaster's `plus`; Porter and Duff's would let alphas add up, too.
            Self::Plus => each(|b, s| (b + s).min(1.0)),
            Self::Color => with_luminosity(source, luminosity(below)),
            Self::Luminosity => with_luminosity(below, luminosity(source)),
            Self::Hue => {
                with_luminosity(with_saturation(source, saturation(below)), luminosity(below))
            }
            Self::Saturation => {
                with_luminosity(with_saturation(below, saturation(source)), luminosity(below))
            }
            Self::Normal
            | Self::DestinationIn
            | Self::DestinationOut
            | Self::SourceAtop
            | Self::DestinationAtop => source,
        }
    }
}

/// `below` by one weight and `colour` by another, whose alpha is `alpha`.
fn mixed(
    below: Premultiplied,
    colour: [f32; 3],
    weight: f32,
    weight_below: f32,
    alpha: f32,
) -> Premultiplied {
    let [r, g, b, a] = below;
    [
        r * weight_below + colour[0] * weight,
        g * weight_below + colour[1] * weight,
        b * weight_below + colour[2] * weight,
        a * weight_below + alpha,
    ]
}

/// Without its alpha; black where there is none.
pub(super) fn straight([r, g, b, alpha]: Premultiplied) -> [f32; 3] {
    if alpha <= 0.0 { [0.0; 3] } else { [r / alpha, g / alpha, b / alpha] }
}

fn screen(below: f32, source: f32) -> f32 {
    below + source - below * source
}

fn hard_light(below: f32, source: f32) -> f32 {
    if source <= 0.5 { below * 2.0 * source } else { screen(below, 2.0 * source - 1.0) }
}

fn color_dodge(below: f32, source: f32) -> f32 {
    if below <= 0.0 {
        0.0
    } else if 1.0 <= source {
        1.0
    } else {
        (below / (1.0 - source)).min(1.0)
    }
}

fn color_burn(below: f32, source: f32) -> f32 {
    if 1.0 <= below {
        1.0
    } else if source <= 0.0 {
        0.0
    } else {
        1.0 - ((1.0 - below) / source).min(1.0)
    }
}

fn soft_light(below: f32, source: f32) -> f32 {
    if source <= 0.5 {
        below - (1.0 - 2.0 * source) * below * (1.0 - below)
    } else {
        let lifted = if below <= 0.25 {
            ((16.0 * below - 12.0) * below + 4.0) * below
        } else {
            below.sqrt()
        };
        below + (2.0 * source - 1.0) * (lifted - below)
    }
}

fn luminosity([r, g, b]: [f32; 3]) -> f32 {
    0.3 * r + 0.59 * g + 0.11 * b
}

fn saturation(colour: [f32; 3]) -> f32 {
    max(colour) - min(colour)
}

fn min([r, g, b]: [f32; 3]) -> f32 {
    r.min(g).min(b)
}

fn max([r, g, b]: [f32; 3]) -> f32 {
    r.max(g).max(b)
}

/// The same hue and saturation as light as wanted, as far as that can be shown.
fn with_luminosity(colour: [f32; 3], wanted: f32) -> [f32; 3] {
    let step = wanted - luminosity(colour);
    let colour = colour.map(|it| it + step);
    let (middle, low, high) = (luminosity(colour), min(colour), max(colour));
    if low < 0.0 {
        colour.map(|it| middle + (it - middle) * middle / (middle - low))
    } else if 1.0 < high {
        colour.map(|it| middle + (it - middle) * (1.0 - middle) / (high - middle))
    } else {
        colour
    }
}

/// The same hue, as saturated as wanted.
fn with_saturation(colour: [f32; 3], wanted: f32) -> [f32; 3] {
    let (low, range) = (min(colour), saturation(colour));
    if range <= 0.0 { [0.0; 3] } else { colour.map(|it| (it - low) * wanted / range) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Opaque grey on opaque grey.
    #[track_caller]
    fn check(mode: BlendMode, below: f32, source: f32, expected: f32) {
        let [r, g, b, alpha] =
            mode.laid_on([below, below, below, 1.0], [source, source, source, 1.0]);
        assert!((r - expected).abs() < 1e-6 && r == g && g == b, "{mode:?}: {r}");
        assert!((alpha - 1.0).abs() < 1e-6);
    }

    #[test]
    fn opaque_greys_meet_as_the_formulas_say() {
        check(BlendMode::Normal, 0.2, 0.6, 0.6);
        check(BlendMode::Multiply, 0.5, 0.6, 0.3);
        check(BlendMode::Screen, 0.5, 0.6, 0.8);
        check(BlendMode::Overlay, 0.25, 0.6, 0.3);
        check(BlendMode::Darken, 0.2, 0.6, 0.2);
        check(BlendMode::Lighten, 0.2, 0.6, 0.6);
        check(BlendMode::ColorDodge, 0.2, 0.6, 0.5);
        check(BlendMode::ColorBurn, 0.7, 0.6, 0.5);
        check(BlendMode::HardLight, 0.5, 0.25, 0.25);
        check(BlendMode::SoftLight, 0.5, 0.25, 0.375);
        check(BlendMode::Difference, 0.7, 0.6, 0.1);
        check(BlendMode::Luminosity, 0.7, 0.6, 0.6);
        check(BlendMode::Color, 0.7, 0.6, 0.7);
        check(BlendMode::Plus, 0.7, 0.6, 1.0);
        check(BlendMode::SourceAtop, 0.7, 0.6, 0.6);
        check(BlendMode::DestinationAtop, 0.7, 0.6, 0.7);
    }

    #[test]
    fn hue_and_saturation_come_from_where_they_should() {
        let (red, grey) = ([0.8, 0.2, 0.2, 1.0], [0.5, 0.5, 0.5, 1.0]);
        let [r, g, b, _] = BlendMode::Saturation.laid_on(red, grey);
        assert!((r - g).abs() < 1e-6 && (g - b).abs() < 1e-6, "grey takes all saturation");
        let [r, g, b, _] = BlendMode::Hue.laid_on(red, [0.1, 0.1, 0.9, 1.0]);
        assert!(r < b && (r - g).abs() < 1e-6);
    }

    #[test]
    fn nothing_laid_on_changes_nothing_but_where_it_cuts() {
        let below = [0.2, 0.1, 0.3, 0.5];
        for mode in BlendMode::ALL {
            let now = mode.laid_on(below, [0.9, 0.8, 0.7, 0.0]);
            let is_same = now.iter().zip(below).all(|(a, b)| (a - b).abs() < 1e-6);
            assert_eq!(is_same, !mode.reaches_beyond_paint(), "{mode:?}");
        }
    }

    #[test]
    fn on_nothing_a_colour_stays_as_it_is() {
        for mode in BlendMode::ALL {
            let [r, g, b, alpha] = mode.laid_on([0.0; 4], [0.9, 0.8, 0.7, 0.5]);
            if 0.0 < alpha {
                assert!(
                    (r - 0.45).abs() < 1e-6 && (g - 0.4).abs() < 1e-6 && (b - 0.35).abs() < 1e-6
                );
            }
        }
    }

    #[test]
    fn every_mode_is_found_by_its_name() {
        for mode in BlendMode::ALL {
            assert_eq!(BlendMode::from_composite_op(mode.composite_op()), Some(mode));
        }
        assert_eq!(BlendMode::from_composite_op("svg:exclusion"), None);
    }
}
