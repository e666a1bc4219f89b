//! Arithmetic of paint: one pixel over another, paint taken away, two pixels mixed.
//! Knows single pixels only: straight alpha, eight bits, rounded to the nearest.

use crate::base::Rgba;

/// The part of `a` that `b` lets through; 255 is all of it.
#[must_use]
pub const fn scaled(a: u8, b: u8) -> u8 {
    ((a as u32 * b as u32 + 127) / 255) as u8
}

/// `above` laid over `below`. Alpha 0 changes nothing, bit for bit; alpha 255 hides all.
#[must_use]
pub fn over(below: Rgba, above: Rgba) -> Rgba {
    let weight_above = u32::from(above[3]) * 255;
    let weight_below = u32::from(below[3]) * (255 - u32::from(above[3]));
    match above[3] {
        0 => below,
        255 => above,
        _ => weighted(below, weight_below, above, weight_above),
    }
}

/// `below` with `amount` of its paint taken away; 255 takes all.
#[must_use]
pub const fn erased(below: Rgba, amount: u8) -> Rgba {
    let [red, green, blue, alpha] = below;
    match (amount, scaled(alpha, 255 - amount)) {
        (0, _) => below,
        (_, 0) => [0; 4],
        (_, alpha) => [red, green, blue, alpha],
    }
}

/// `old` at `weight` 0, `new` at 255, both exactly; between them a mixture in which transparent
/// paint does not tint.
#[must_use]
pub fn mixed(old: Rgba, new: Rgba, weight: u8) -> Rgba {
    let weight_new = u32::from(new[3]) * u32::from(weight);
    let weight_old = u32::from(old[3]) * (255 - u32::from(weight));
    match weight {
        0 => old,
        255 => new,
        _ => weighted(old, weight_old, new, weight_new),
    }
}

/// `pixel` on opaque paper.
#[must_use]
pub fn on_paper([red, green, blue]: [u8; 3], pixel: Rgba) -> [u8; 3] {
    let [red, green, blue, _] = over([red, green, blue, 255], pixel);
    [red, green, blue]
}

/// The mean of two colours. The weights are alphas times 255; their sum is at most 255².
fn weighted(a: Rgba, weight_a: u32, b: Rgba, weight_b: u32) -> Rgba {
    let sum = weight_a + weight_b;
    if sum == 0 {
        return [0; 4];
    }
    let mean = |idx: usize| {
        ((u32::from(a[idx]) * weight_a + u32::from(b[idx]) * weight_b + sum / 2) / sum) as u8
    };
    [mean(0), mean(1), mean(2), ((sum + 127) / 255) as u8]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paint_without_alpha_changes_nothing() {
        for below in [[0; 4], [1, 2, 3, 0], [9, 8, 7, 101], [255; 4]] {
            assert_eq!(over(below, [200, 100, 50, 0]), below);
            assert_eq!(erased(below, 0), below);
            assert_eq!(mixed(below, [200, 100, 50, 77], 0), below);
        }
    }

    #[test]
    fn opaque_paint_hides_what_lies_below() {
        for below in [[0; 4], [9, 8, 7, 101], [255; 4]] {
            assert_eq!(over(below, [200, 100, 50, 255]), [200, 100, 50, 255]);
            assert_eq!(mixed(below, [200, 100, 50, 77], 255), [200, 100, 50, 77]);
            assert_eq!(erased(below, 255), [0; 4]);
        }
    }

    #[test]
    fn paint_over_nothing_keeps_its_colour() {
        for alpha in 1..=255 {
            assert_eq!(over([0; 4], [200, 100, 50, alpha]), [200, 100, 50, alpha]);
        }
    }

    #[test]
    fn blending_is_within_half_a_step_of_the_formula() {
        for alpha_above in 1..=255_u8 {
            for alpha_below in [0, 1, 60, 128, 200, 255_u8] {
                let (a, b) = (f64::from(alpha_above) / 255.0, f64::from(alpha_below) / 255.0);
                let alpha = a + b * (1.0 - a);
                let colour = (200.0 * a + 31.0 * b * (1.0 - a)) / alpha;
                let [red, _, _, got] = over([31, 0, 0, alpha_below], [200, 0, 0, alpha_above]);
                assert!((f64::from(red) - colour).abs() <= 0.5 + 1e-9);
                assert!((f64::from(got) - alpha * 255.0).abs() <= 0.5 + 1e-9);
            }
        }
    }

    #[test]
    fn half_a_mixture_with_nothing_is_half_as_dense_and_of_the_same_colour() {
        assert_eq!(mixed([200, 100, 50, 200], [0; 4], 128), [200, 100, 50, 100]);
    }
}
