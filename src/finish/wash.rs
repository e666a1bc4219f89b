//! Thin paint on paper: watercolour, and ink over it. Each pixel by itself: what a brush leaves of pigment, and how much of it
//! the paper takes (Bousseau and others, "Interactive watercolor rendering with temporal coherence and abstraction", 2006;
//! lines by Winnemöller, Kyprianidis and Olsen, "XDoG: an extended difference-of-Gaussians compendium", 2012).

use super::noise::{hash, noise, smooth};
use super::pyramid::{Pyramid, Rgb};
use crate::base::Point;

/// How paint lies on paper.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Wash {
    /// How far borders wander, in pixels of a picture of 1152.
    pub(super) wobble: f32,
    /// How much pigment settles in the hollows of the paper.
    pub(super) granulation: f32,
    /// How much of it gathers at the borders of a wash.
    pub(super) edges: f32,
    /// How unevenly a wash dries.
    pub(super) turbulence: f32,
    /// How far colours run into each other where it is wet, from 0 to 1.
    pub(super) bleeding: f32,
    /// How much paper shines through, from 0 to 1.
    pub(super) paleness: f32,
    /// How much of the colour is left, from 0 to 1.
    pub(super) saturation: f32,
    /// How dark lines are drawn along forms, from 0 to 1.
    pub(super) lines: f32,
}

pub(super) const WATERCOLOUR: Wash = Wash {
    wobble: 3.0,
    granulation: 0.28,
    edges: 4.0,
    turbulence: 0.35,
    bleeding: 0.8,
    paleness: 0.18,
    saturation: 1.0,
    lines: 0.0,
};

pub(super) const INK: Wash = Wash {
    wobble: 2.0,
    granulation: 0.22,
    edges: 2.0,
    turbulence: 0.3,
    bleeding: 0.6,
    paleness: 0.52,
    saturation: 0.8,
    lines: 0.92,
};

/// Warm white.
const PAPER: Rgb = [0.985, 0.972, 0.945];

const INK_COLOUR: Rgb = [0.10, 0.09, 0.12];

/// A sheet that is painted on.
pub(super) struct Sheet<'a> {
    pub(super) pyramid: &'a Pyramid,
    pub(super) wash: &'static Wash,
    pub(super) scale: f32,
    pub(super) seed: u64,
}

impl Sheet<'_> {
    /// The colour of a pixel of the finished picture.
    pub(super) fn at(&self, x: i64, y: i64) -> Rgb {
        let wash = self.wash;
        let (x, y) = (x as f32 + 0.5, y as f32 + 0.5);
        let grain = self.grain(x, y);
        let pos = Point::new(x / self.scale, y / self.scale);
        let unit = self.unit();
        // The brush does not keep to the borders, and the grain leads the water astray.
        let wander = |channel: u64| {
            let coarse = noise(self.chance(channel), pos.x / (17.0 * unit), pos.y / (17.0 * unit));
            let fine =
                noise(self.chance(channel + 0x100), pos.x / (5.0 * unit), pos.y / (5.0 * unit));
            wash.wobble * unit * (0.7 * coarse + 0.3 * fine) + 0.4 * unit * grain
        };
        let pos = Point::new(pos.x + wander(0x31), pos.y + wander(0x32));

        let wet = smooth(
            0.5 + 1.4 * noise(self.chance(0x41), pos.x / (90.0 * unit), pos.y / (90.0 * unit)),
        );
        let blurred = self.seen(3.0, pos);
        let sharp = self.seen(0.0, pos);
        let run = wash.bleeding * wet * 0.55;
        let colour: Rgb = std::array::from_fn(|it| sharp[it] + (blurred[it] - sharp[it]) * run);
        let grey = luminance(colour);
        let colour = colour.map(|it| grey + (it - grey) * wash.saturation);

        let cloud = noise(self.chance(0x51), pos.x / (60.0 * unit), pos.y / (60.0 * unit))
            + 0.5 * noise(self.chance(0x52), pos.x / (23.0 * unit), pos.y / (23.0 * unit));
        let density = 1.0
            + wash.turbulence * 0.6 * cloud
            + wash.granulation * grain
            + wash.edges * self.border(pos);
        let thinned: Rgb =
            std::array::from_fn(|it| colour[it] + (PAPER[it] - colour[it]) * wash.paleness);
        let paint = thinned.map(|it| pigment(it, density));
        let line = wash.lines * self.line(pos, grain);
        let light = 1.0 + 0.035 * grain;
        std::array::from_fn(|it| {
            ((paint[it] * PAPER[it] * light) * (1.0 - line) + INK_COLOUR[it] * line).clamp(0.0, 1.0)
        })
    }

    /// Noise of its own for each use.
    const fn chance(&self, number: u64) -> u64 {
        hash(self.seed, number as i64, 0)
    }

    /// Pixels of the picture for one of a picture of 1152.
    fn unit(&self) -> f32 {
        let first = &self.pyramid.levels[0];
        first.width.max(first.height) as f32 / 1152.0
    }

    /// What is seen at a place of a picture of 1152 pixels that is so many times halved, whatever size this one has.
    fn seen(&self, halvings: f32, pos: Point) -> Rgb {
        let level = (halvings + self.unit().log2()).max(0.0);
        let (fine, share) = (level as usize, level.fract());
        let [a, b] = [fine, fine + 1].map(|it| self.pyramid.colour(it, pos));
        std::array::from_fn(|it| a[it] + (b[it] - a[it]) * share)
    }

    /// The grain of the paper, about from −1 to 1: as fine at any size.
    fn grain(&self, x: f32, y: f32) -> f32 {
        let octave = |step: f32, seed: u64| noise(self.chance(seed), x / step, y / step);
        0.45 * octave(7.0, 0x61) + 0.35 * octave(3.4, 0x62) + 0.3 * octave(1.7, 0x63)
    }

    /// How sharp a border is near, from 0 on.
    fn border(&self, pos: Point) -> f32 {
        let step = (1.6 * self.unit()).max(0.5);
        let at = |dx: f32, dy: f32| luminance(self.seen(1.0, Point::new(pos.x + dx, pos.y + dy)));
        let across = at(step, 0.0) - at(-step, 0.0);
        let down = at(0.0, step) - at(0.0, -step);
        across.hypot(down).min(0.25)
    }

    /// How much ink a line leaves here, from 0 to 1.
    fn line(&self, pos: Point, grain: f32) -> f32 {
        let fine = luminance(self.seen(1.0, pos));
        let broad = luminance(self.seen(3.0, pos));
        // Darker than what is around it; the pen skips where the paper is rough. As sharp at any size.
        let dark = (broad - fine) - 0.022 + 0.006 * grain;
        smooth(0.5 + dark * 30.0 * (self.scale * self.unit()).clamp(0.7, 6.0))
    }
}

fn luminance([r, g, b]: Rgb) -> f32 {
    0.3 * r + 0.59 * g + 0.11 * b
}

/// A colour at another density of pigment: 1 leaves it, more is darker.
fn pigment(colour: f32, density: f32) -> f32 {
    (colour - (colour - colour * colour) * (density - 1.0)).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_pigment_is_darker_and_neither_black_nor_white_change() {
        assert!(pigment(0.5, 1.5) < pigment(0.5, 1.0) && pigment(0.5, 1.0) < pigment(0.5, 0.6));
        for density in [0.5, 1.0, 1.8] {
            assert_eq!([pigment(0.0, density), pigment(1.0, density)], [0.0, 1.0]);
        }
    }
}
