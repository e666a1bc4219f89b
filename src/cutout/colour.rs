//! Colours as the eye tells them apart.

use super::vectors::Colour;

/// Lightness, and how green to red and blue to yellow it is (Ottosson, "A perceptual color space for image processing",
/// 2020). Lightness is from 0 to 1, the others about from −0.4 to 0.4.
pub(super) type Lab = Colour;

/// From sRGB to Oklab.
pub(super) fn lab(colour: Colour) -> Lab {
    let [r, g, b] = colour.map(linear);
    let long = (0.412_221_46 * r + 0.536_332_55 * g + 0.051_445_995 * b).cbrt();
    let medium = (0.211_903_5 * r + 0.680_699_5 * g + 0.107_396_96 * b).cbrt();
    let short = (0.088_302_46 * r + 0.281_718_85 * g + 0.629_978_7 * b).cbrt();
    [
        0.210_454_26 * long + 0.793_617_8 * medium - 0.004_072_047 * short,
        1.977_998_5 * long - 2.428_592_2 * medium + 0.450_593_7 * short,
        0.025_904_037 * long + 0.782_771_77 * medium - 0.808_675_77 * short,
    ]
}

/// How much light an sRGB value stands for.
fn linear(value: f32) -> f32 {
    if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grey_has_no_hue_and_white_is_lightest() {
        for grey in [0.0, 0.2, 0.7, 1.0] {
            let [_, a, b] = lab([grey; 3]);
            assert!(a.abs() < 1e-3 && b.abs() < 1e-3, "{grey}: {a} {b}");
        }
        assert!((lab([1.0; 3])[0] - 1.0).abs() < 1e-3);
        assert!(0.2 < lab([1.0, 0.0, 0.0])[1] && lab([0.0, 0.0, 1.0])[2] < -0.2);
    }
}
