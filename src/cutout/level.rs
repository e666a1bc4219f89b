//! The picture at its own size, at half of it, at a quarter, and so on, with what the artist said of it.

use rayon::prelude::*;

use super::Hints;
use super::vectors::Colour;
use crate::base::{PixelRect, Pixmap, TILE_PIXELS};

/// What is known of a pixel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Known {
    Foreground,
    Background,
    Nothing,
}

/// Bits of what was said of a pixel, or of any of those that it stands for.
const WITHIN: u8 = 1;
const KEEP: u8 = 2;
const DROP: u8 = 4;

/// From here on a mask's pixel counts as belonging, or a picture's as painted.
const HALF: u8 = 128;

/// A part of the picture, at one size.
pub(super) struct Level {
    pub(super) width: usize,
    pub(super) height: usize,
    /// Straight alpha, row by row.
    pixels: Vec<[u8; 4]>,
    /// Of [`WITHIN`], [`KEEP`] and [`DROP`].
    said: Vec<u8>,
}

impl Level {
    /// At full size. What has no paint is not within. `None` where `go_on` says no.
    pub(super) fn new(
        picture: &Pixmap,
        area: PixelRect,
        hints: &Hints<'_>,
        go_on: &dyn Fn() -> bool,
    ) -> Option<Self> {
        let (width, height) = (area.width() as usize, area.height() as usize);
        let mut pixels = Vec::with_capacity(width * height);
        let mut said = Vec::with_capacity(width * height);
        for top in (area.top..area.bottom).step_by(TILE_PIXELS as usize) {
            if !go_on() {
                return None;
            }
            let bottom = (top + TILE_PIXELS).min(area.bottom);
            let band = PixelRect { top, bottom, ..area };
            pixels.extend(picture.values(band));
            let [within, keep, drop] =
                [hints.within, hints.keep, hints.drop].map(|it| it.raster().values(band));
            let paint = pixels[said.len()..].iter().map(|it| it[3]);
            for (((paint, within), keep), drop) in paint.zip(within).zip(keep).zip(drop) {
                let may_be = HALF <= paint && 0 < within;
                let kept = if HALF <= keep { KEEP } else { 0 };
                let stroke = if HALF <= drop { kept | DROP } else { kept };
                said.push(if may_be { WITHIN | stroke } else { stroke & DROP });
            }
        }
        Some(Self { width, height, pixels, said })
    }

    /// Half as large each way: the mean of two by two pixels, and all that was said of any of them.
    pub(super) fn halved(&self) -> Self {
        let (width, height) = (self.width.div_ceil(2), self.height.div_ceil(2));
        let halved = |idx: usize| {
            let (x, y) = (2 * (idx % width), 2 * (idx / width));
            let (right, below) = ((x + 1).min(self.width - 1), (y + 1).min(self.height - 1));
            let four = [(x, y), (right, y), (x, below), (right, below)];
            let four = four.map(|(x, y)| y * self.width + x);
            let said = four.iter().fold(0, |all, &it| all | self.said[it]);
            (mean(four.map(|it| self.pixels[it])), said)
        };
        let (pixels, said) = (0..width * height).into_par_iter().map(halved).unzip();
        Self { width, height, pixels, said }
    }

    pub(super) const fn len(&self) -> usize {
        self.pixels.len()
    }

    pub(super) fn known(&self, idx: usize) -> Known {
        let said = self.said[idx];
        match (said & KEEP != 0, said & DROP != 0) {
            (true, false) => Known::Foreground,
            (false, true) => Known::Background,
            _ if said & WITHIN == 0 => Known::Background,
            _ => Known::Nothing,
        }
    }

    pub(super) fn colour(&self, idx: usize) -> Colour {
        let [r, g, b, _] = self.pixels[idx];
        [r, g, b].map(|it| f32::from(it) / 255.0)
    }

    /// Values of a picture half as large, spread over this one: between the four around each pixel.
    pub(super) fn spread(&self, coarse: &[f32]) -> Vec<f32> {
        let (width, height) = (self.width.div_ceil(2), self.height.div_ceil(2));
        let at = |idx: usize| {
            let (row, other_row) = nearest_two(idx / self.width, height);
            let (col, other_col) = nearest_two(idx % self.width, width);
            let across = |row: usize| {
                0.75 * coarse[row * width + col] + 0.25 * coarse[row * width + other_col]
            };
            0.75 * across(row) + 0.25 * across(other_row)
        };
        (0..self.len()).into_par_iter().map(at).collect()
    }
}

/// Of `n` places half as many as there were: the one that `at` became part of, and the next nearest.
const fn nearest_two(at: usize, n: usize) -> (usize, usize) {
    let here = at / 2;
    let beside = if at % 2 == 1 { here + 1 } else { here.saturating_sub(1) };
    (here, if beside < n { beside } else { n - 1 })
}

/// What is transparent tints nothing.
fn mean(four: [[u8; 4]; 4]) -> [u8; 4] {
    let alpha: u32 = four.iter().map(|it| u32::from(it[3])).sum();
    let channel = |of: usize| {
        let sum: u32 = four.iter().map(|it| u32::from(it[of]) * u32::from(it[3])).sum();
        ((sum + alpha / 2) / alpha.max(1)) as u8
    };
    [channel(0), channel(1), channel(2), ((alpha + 2) / 4) as u8]
}
