//! Programs run on the CPU, a tile at a time. Colours are added up in floats and rounded once, at the end; where one layer
//! alone has paint its tile is shared.

use std::sync::Arc;

use super::blend_mode::{BlendMode, Premultiplied, straight};
use super::program::{Instruction, Program};
use crate::base::{PixelTile, Rgba, TILE_PIXELS};

impl Program {
    /// What the tile looks like; `None` where there is nothing to see.
    #[must_use]
    pub fn run(&self) -> Option<Arc<PixelTile>> {
        let (mut level, mut outer) = (Level::default(), Vec::new());
        let mut source = Pixels::Nothing;
        for instruction in self.instructions() {
            source = match instruction {
                Instruction::Open => {
                    outer.push(std::mem::take(&mut level));
                    Pixels::Nothing
                }
                Instruction::Close => {
                    let outside = outer.pop().unwrap_or_default();
                    std::mem::replace(&mut level, outside).below
                }
                Instruction::Clear => Pixels::Nothing,
                Instruction::Load(tile) => Pixels::Shared(Arc::clone(tile)),
                Instruction::Mask(tile) => source.masked(tile),
                Instruction::Fade(opacity) => source.faded(*opacity),
                Instruction::SetBase => {
                    level.base = source.clone();
                    source
                }
                Instruction::Clip => source.clipped(&level.base),
                Instruction::Lay(mode) => {
                    level.below = level.below.with(source, *mode);
                    Pixels::Nothing
                }
            };
        }
        level.below.into_tile()
    }
}

/// A group that is being composed, or the whole.
#[derive(Default)]
struct Level {
    below: Pixels,
    /// What clipped layers are seen in.
    base: Pixels,
}

/// The pixels of a tile, as far as they have been composed.
#[derive(Clone, Default)]
enum Pixels {
    #[default]
    Nothing,
    /// As they lie in one layer.
    Shared(Arc<PixelTile>),
    Composed(Box<[Premultiplied]>),
}

impl Pixels {
    fn into_tile(self) -> Option<Arc<PixelTile>> {
        match self {
            Self::Nothing => None,
            Self::Shared(tile) => Some(tile),
            Self::Composed(pixels) => {
                PixelTile::from_pixels(pixels.iter().map(|&it| rounded(it)).collect()).map(Arc::new)
            }
        }
    }

    fn into_composed(self) -> Box<[Premultiplied]> {
        const N_PIXELS: usize = (TILE_PIXELS * TILE_PIXELS) as usize;
        match self {
            Self::Nothing => vec![[0.0; 4]; N_PIXELS].into_boxed_slice(),
            Self::Shared(tile) => {
                let mut pixels = vec![[0.0; 4]; N_PIXELS].into_boxed_slice();
                lay_on(&mut pixels, tile.pixels(), BlendMode::Normal);
                pixels
            }
            Self::Composed(pixels) => pixels,
        }
    }

    /// `source` laid upon these.
    fn with(self, source: Self, mode: BlendMode) -> Self {
        match (self, source) {
            (below, Self::Nothing) if !mode.reaches_beyond_paint() => below,
            (_, Self::Nothing) => Self::Nothing,
            (Self::Nothing, source) if mode.keeps_source_on_nothing() => source,
            (Self::Nothing, _) => Self::Nothing,
            (below, Self::Shared(source)) => {
                let mut below = below.into_composed();
                let runs = below.chunks_exact_mut(RUN).zip(source.pixels().chunks_exact(RUN));
                for (below, source) in runs {
                    // Most of a tile that a stroke crosses is empty.
                    let is_empty = source.iter().fold(0, |any, it| any | it[3]) == 0;
                    if !is_empty || mode.reaches_beyond_paint() {
                        lay_on(below, source, mode);
                    }
                }
                Self::Composed(below)
            }
            (below, Self::Composed(source)) => {
                let mut below = below.into_composed();
                for (below, &source) in below.iter_mut().zip(&source) {
                    let [r, g, b] = straight(source);
                    *below = mode.laid_on(*below, [r, g, b, source[3]]);
                }
                Self::Composed(below)
            }
        }
    }

    /// As much of each pixel as the mask has alpha.
    fn masked(self, mask: &PixelTile) -> Self {
        if matches!(self, Self::Nothing) {
            return self;
        }
        let mut pixels = self.into_composed();
        for (pixel, &[.., alpha]) in pixels.iter_mut().zip(mask.pixels()) {
            *pixel = pixel.map(|it| it * share(alpha));
        }
        Self::Composed(pixels)
    }

    fn faded(self, opacity: f32) -> Self {
        if 1.0 <= opacity || matches!(self, Self::Nothing) {
            return self;
        }
        let mut pixels = self.into_composed();
        pixels.iter_mut().for_each(|it| *it = it.map(|it| it * opacity));
        Self::Composed(pixels)
    }

    /// As much of each pixel as `base` has alpha.
    fn clipped(self, base: &Self) -> Self {
        match base {
            Self::Nothing => Self::Nothing,
            Self::Shared(base) => self.masked(base),
            Self::Composed(base) => {
                if matches!(self, Self::Nothing) {
                    return self;
                }
                let mut pixels = self.into_composed();
                for (pixel, base) in pixels.iter_mut().zip(base) {
                    *pixel = pixel.map(|it| it * base[3]);
                }
                Self::Composed(pixels)
            }
        }
    }
}

/// Pixels that are looked at together; a tile is a whole number of them.
const RUN: usize = 16;

fn lay_on(below: &mut [Premultiplied], source: &[Rgba], mode: BlendMode) {
    for (below, &source) in below.iter_mut().zip(source) {
        match source {
            [_, _, _, 0] if !mode.reaches_beyond_paint() => (),
            [.., 255] if mode == BlendMode::Normal => *below = premultiplied(source),
            source => *below = mode.laid_on(*below, floats(source)),
        }
    }
}

fn share(value: u8) -> f32 {
    f32::from(value) / 255.0
}

fn floats(pixel: Rgba) -> [f32; 4] {
    pixel.map(share)
}

fn premultiplied(pixel: Rgba) -> Premultiplied {
    let [r, g, b, alpha] = floats(pixel);
    [r * alpha, g * alpha, b * alpha, alpha]
}

/// To straight alpha and eight bits.
fn rounded(pixel: Premultiplied) -> Rgba {
    let byte = |it: f32| (it.clamp(0.0, 1.0) * 255.0 + 0.5) as u8;
    let alpha = byte(pixel[3]);
    if alpha == 0 {
        return [0; 4];
    }
    let [r, g, b] = straight(pixel);
    [byte(r), byte(g), byte(b), alpha]
}
