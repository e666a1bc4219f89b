//! What a brush is like: size, edge, colour, strength.
//! Does not know where it is going; that is a stroke's affair.

use serde::{Deserialize, Serialize};

use crate::base::Rgba;

use super::blend;

/// A round brush.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct BrushStyle {
    /// Diameter in canvas pixels; below 1 it counts as 1.
    pub size: f32,
    /// The fraction of the radius that has full strength, from 0 (soft) to 1 (sharp).
    pub hardness: f32,
    pub colour: [u8; 3],
    /// Of the stroke as a whole, from 0 to 1: a stroke that crosses itself does not darken.
    pub opacity: f32,
    /// Takes paint away instead of laying it on.
    pub erase: bool,
}

impl Default for BrushStyle {
    fn default() -> Self {
        Self { size: 24.0, hardness: 0.7, colour: [0; 3], opacity: 1.0, erase: false }
    }
}

impl BrushStyle {
    /// What becomes of `old` where the stroke covers it by `coverage`.
    pub(super) fn laid_on(&self, old: Rgba, coverage: u8) -> Rgba {
        let strength = (self.opacity.clamp(0.0, 1.0) * f32::from(coverage) + 0.5) as u8;
        let [red, green, blue] = self.colour;
        if self.erase {
            blend::erased(old, strength)
        } else {
            blend::over(old, [red, green, blue, strength])
        }
    }

    /// The same where there is to be as much paint as before: an eraser does nothing.
    pub(super) fn tinted(&self, old: Rgba, coverage: u8) -> Rgba {
        let [red, green, blue, alpha] = old;
        if self.erase || alpha == 0 {
            return old;
        }
        let [red, green, blue, _] = self.laid_on([red, green, blue, 255], coverage);
        [red, green, blue, alpha]
    }
}
