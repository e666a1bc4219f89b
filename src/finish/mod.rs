//! The last step: a picture painted once more, with strokes, at any size. A network's picture is small and smooth; a
//! painting has a surface. Knows nothing of models, documents or files.
//!
//! Everything here depends on the picture near a place, the seed and that place: the same picture is finished the same way
//! bit for bit, in whatever tiles and on however many threads, and an edit changes strokes near it alone.

mod again;
mod flow;
mod manner;
mod noise;
mod paint;
mod pyramid;
mod strokes;
mod wash;

pub use self::again::refinish;

use self::manner::Manner;
use self::paint::Wet;
use self::pyramid::{Pyramid, Rgb};
use self::strokes::Stroke;
use self::wash::{Sheet, Wash};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::base::{
    Depth, PixelKind, PixelRect, Pixmap, Point, Sample, Samples, resampled, resampled_deep,
};

/// Nothing is finished larger than so many pixels a side.
pub const MAX_SIDE_PIXELS: u32 = 8192;

/// Side of the tiles that are painted side by side.
const TILE_PIXELS: u32 = 128;

/// What a picture is finished with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Style {
    /// Thick paint, in which the bristles are seen and the light plays.
    Oil,
    /// Flat, opaque strokes with dry edges.
    Gouache,
    /// Thin washes on rough paper, darker where they end.
    Watercolour,
    /// Lines along the forms, and a pale wash.
    Ink,
}

impl Style {
    pub const ALL: [Self; 4] = [Self::Oil, Self::Gouache, Self::Watercolour, Self::Ink];

    /// On the command line and in files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Oil => "oil",
            Self::Gouache => "gouache",
            Self::Watercolour => "watercolour",
            Self::Ink => "ink",
        }
    }

    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Oil => "Oil",
            Self::Gouache => "Gouache",
            Self::Watercolour => "Watercolour",
            Self::Ink => "Ink",
        }
    }

    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.name() == name)
    }

    const fn technique(self) -> Technique {
        match self {
            Self::Oil => Technique::Strokes(&manner::OIL),
            Self::Gouache => Technique::Strokes(&manner::GOUACHE),
            Self::Watercolour => Technique::Wash(&wash::WATERCOLOUR),
            Self::Ink => Technique::Wash(&wash::INK),
        }
    }
}

/// How paint comes onto the ground.
#[derive(Clone, Copy)]
enum Technique {
    Strokes(&'static Manner),
    Wash(&'static Wash),
}

/// How a picture is finished.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finishing {
    /// `None` leaves it as it is, but for its size.
    pub style: Option<Style>,
    /// How many pixels along each side one of the picture's becomes, from 1 on.
    pub scale: f32,
    /// Other strokes for another seed.
    pub seed: u64,
}

impl Finishing {
    /// Nothing is done to the picture.
    pub const NONE: Self = Self { style: None, scale: 1.0, seed: 1 };

    /// How large it makes a picture; `None` where that is too large, or smaller than it was.
    #[must_use]
    pub fn size(&self, [width, height]: [u32; 2]) -> Option<[u32; 2]> {
        let size = [width, height].map(|it| (it as f32 * self.scale).round());
        let is_sound = 1.0 <= self.scale && size.iter().all(|it| *it <= MAX_SIDE_PIXELS as f32);
        is_sound.then(|| size.map(|it| it as u32))
    }
}

/// A picture after the last step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finished {
    pub width: u32,
    pub height: u32,
    pub samples: Samples,
}

/// What a part of the finished picture looks like, which lies at `part` of it; otherwise as [`finish`], in eight bits. `None`
/// where the size is none, or the part lies outside.
#[must_use]
pub fn finish_part(
    picture: &Pixmap,
    area: PixelRect,
    finishing: &Finishing,
    part: PixelRect,
) -> Option<Finished> {
    let [width, height] = finishing.size([area.width(), area.height()])?;
    let part = part.intersection(PixelRect::new(0, 0, width, height));
    if part.is_empty() {
        return None;
    }
    let rgba = match finishing.style {
        Some(style) => {
            Painting::new(picture, area, style, finishing.scale, finishing.seed).tile(part)
        }
        None => {
            let whole = enlarged(picture.rgba(area), area, [width, height])?;
            Pixmap::from_rgba(width, height, &whole)?.rgba(part)
        }
    };
    Some(Finished { width: part.width(), height: part.height(), samples: Samples::Eight(rgba) })
}

/// Finishes `area` of a picture, side by side on all cores. `go_on` is told how much is done, from 0 to 1, from any of
/// them, and says whether to go on. `None` where it does not, or where the size is none.
pub fn finish(
    picture: &Pixmap,
    area: PixelRect,
    finishing: &Finishing,
    depth: Depth,
    go_on: &(dyn Fn(f32) -> bool + Sync),
) -> Option<Finished> {
    let [width, height] = finishing.size([area.width(), area.height()])?;
    if !go_on(0.0) {
        return None;
    }
    let samples = match (finishing.style, depth) {
        (None, Depth::Eight) => {
            Samples::Eight(enlarged(picture.rgba(area), area, [width, height])?)
        }
        (None, Depth::Sixteen) => {
            let from = [area.width(), area.height()];
            let values = Samples::Eight(picture.rgba(area)).sixteen().into_owned();
            let is_larger = from != [width, height];
            Samples::Sixteen(if is_larger {
                resampled_deep(&values, from, [width, height])?
            } else {
                values
            })
        }
        (Some(style), depth) => {
            let painting = Painting::new(picture, area, style, finishing.scale, finishing.seed);
            match depth {
                Depth::Eight => u8::samples(painting.whole([width, height], go_on)?),
                Depth::Sixteen => u16::samples(painting.whole([width, height], go_on)?),
            }
        }
    };
    go_on(1.0).then_some(Finished { width, height, samples })
}

/// RGBA8 values of `area` in other pixels, if in others.
fn enlarged(rgba: Vec<u8>, area: PixelRect, to: [u32; 2]) -> Option<Vec<u8>> {
    let from = [area.width(), area.height()];
    if from == to { Some(rgba) } else { resampled(&rgba, PixelKind::Rgba, from, to) }
}

/// Side of the squares that strokes are looked up in, in pixels of the picture.
const BIN_PIXELS: f32 = 64.0;

/// The broadest brush, as a share of the picture's longer side.
const BROADEST: f32 = 1.0 / 22.0;

/// Sizes of the picture that a wash looks at: of the largest one it begins with the fourth.
const WASH_LEVELS: usize = 7;

/// A picture that is ready to be painted tile by tile.
struct Painting {
    technique: Technique,
    pyramid: Pyramid,
    strokes: Strokes,
    scale: f32,
    seed: u64,
}

/// All strokes, and where they are.
#[derive(Default)]
struct Strokes {
    /// In the order in which they are painted.
    all: Vec<Stroke>,
    /// For each square of the picture, row by row, those that may touch it, in their order.
    bins: Vec<Vec<u32>>,
    cols: usize,
}

impl Strokes {
    fn new(all: Vec<Stroke>, area: PixelRect) -> Self {
        let cols = (area.width() as f32 / BIN_PIXELS).ceil() as usize;
        let rows = (area.height() as f32 / BIN_PIXELS).ceil() as usize;
        let mut bins = vec![Vec::new(); cols * rows];
        for (idx, stroke) in (0..).zip(&all) {
            let [left, top, right, bottom] = stroke.bounds();
            for row in bins_between(top, bottom, rows) {
                for col in bins_between(left, right, cols) {
                    bins[row * cols + col].push(idx);
                }
            }
        }
        Self { all, bins, cols }
    }

    /// Those that may touch left, top, right, bottom, in the order in which they are painted.
    fn within(&self, [left, top, right, bottom]: [f32; 4]) -> impl Iterator<Item = &Stroke> {
        let rows = bins_between(top, bottom, self.bins.len() / self.cols.max(1));
        let cols = bins_between(left, right, self.cols);
        let bins = rows.flat_map(|row| cols.clone().map(move |col| row * self.cols + col));
        let mut found: Vec<u32> = bins.flat_map(|it| &self.bins[it]).copied().collect();
        found.sort_unstable();
        found.dedup();
        found.into_iter().map(|it| &self.all[it as usize])
    }
}

/// Of `n` squares in a row those that lie between two places.
fn bins_between(from: f32, to: f32, n: usize) -> std::ops::Range<usize> {
    let bin = |it: f32| (it / BIN_PIXELS).floor().max(0.0) as usize;
    bin(from).min(n)..(bin(to) + 1).min(n)
}

impl Painting {
    /// Plans how `area` of a picture is painted; a pixel of it becomes `scale` by `scale` pixels, from 1 on.
    fn new(picture: &Pixmap, area: PixelRect, style: Style, scale: f32, seed: u64) -> Self {
        let technique = style.technique();
        let side = area.width().max(area.height()) as f32;
        let n_levels = match technique {
            Technique::Strokes(manner) => {
                (side * BROADEST / manner.width).log2().round().clamp(1.0, 7.0) as usize + 1
            }
            Technique::Wash(_) => WASH_LEVELS,
        };
        let pyramid = Pyramid::new(picture, area, n_levels);
        let strokes = match technique {
            Technique::Strokes(manner) => Strokes::new(strokes::plan(&pyramid, manner, seed), area),
            Technique::Wash(_) => Strokes::default(),
        };
        Self { technique, pyramid, strokes, scale, seed }
    }

    /// All of it, side by side; `go_on` as in [`finish`].
    fn whole<T: Sample>(
        &self,
        [width, height]: [u32; 2],
        go_on: &(dyn Fn(f32) -> bool + Sync),
    ) -> Option<Vec<T>> {
        let mut values = vec![T::default(); width as usize * height as usize * 4];
        let row_len = width as usize * 4;
        // A row of tiles at a time lies side by side in the picture.
        let bands = values.chunks_mut(row_len * TILE_PIXELS as usize);
        for (top, band) in (0..).step_by(TILE_PIXELS as usize).zip(bands) {
            let bottom = (top + TILE_PIXELS).min(height);
            let lefts: Vec<_> = (0..width).step_by(TILE_PIXELS as usize).collect();
            let tiles = lefts.into_par_iter().map(|left| {
                let part = PixelRect::new(left, top, (left + TILE_PIXELS).min(width), bottom);
                go_on(top as f32 / height as f32).then(|| (part, self.tile::<T>(part)))
            });
            for (part, tile) in tiles.collect::<Option<Vec<_>>>()? {
                let len = part.width() as usize * 4;
                for (row, tile) in band.chunks_mut(row_len).zip(tile.chunks(len)) {
                    row[part.left as usize * 4..][..len].copy_from_slice(tile);
                }
            }
        }
        Some(values)
    }

    /// RGBA values of a part of the finished picture, row by row.
    fn tile<T: Sample>(&self, part: PixelRect) -> Vec<T> {
        let colours = match self.technique {
            Technique::Strokes(manner) => self.laid(part, manner),
            Technique::Wash(wash) => {
                let Self { pyramid, scale, seed, .. } = self;
                let sheet = Sheet { pyramid, wash, scale: *scale, seed: *seed };
                let places = places_in(part);
                places.map(|(x, y)| sheet.at(i64::from(x), i64::from(y))).collect()
            }
        };
        let mut rgba = Vec::with_capacity(colours.len() * 4);
        for ((x, y), colour) in places_in(part).zip(colours) {
            let alpha = self.pyramid.alpha(0, self.in_picture(x.into(), y.into()));
            rgba.extend(colour.map(T::from_share));
            rgba.push(T::from_share(alpha));
        }
        rgba
    }

    /// The middle of a pixel of the finished picture, in the picture.
    fn in_picture(&self, x: i64, y: i64) -> Point {
        Point::new((x as f32 + 0.5) / self.scale, (y as f32 + 0.5) / self.scale)
    }

    fn laid(&self, part: PixelRect, manner: &Manner) -> Vec<Rgb> {
        // The light needs to know what lies beside.
        let (left, top) = (i64::from(part.left) - 1, i64::from(part.top) - 1);
        let (width, height) = (part.width() as usize, part.height() as usize);
        let ground = self.pyramid.levels.len() - 1;
        let mut wet = Wet::new([left, top], [width + 2, height + 2], |x, y| {
            let pos = self.in_picture(x, y);
            let cloth = 1.0 + 0.06 * paint::weave(self.seed, x, y);
            self.pyramid.colour(ground, pos).map(|it| it * cloth)
        });
        let around = [left as f32, top as f32, (part.right + 1) as f32, (part.bottom + 1) as f32];
        for stroke in self.strokes.within(around.map(|it| it / self.scale)) {
            wet.lay(stroke, self.scale, manner);
        }
        let places = (0..height).flat_map(|y| (0..width).map(move |x| (x + 1, y + 1)));
        places.map(|(x, y)| wet.lit(x, y, manner.relief)).collect()
    }
}

fn places_in(part: PixelRect) -> impl Iterator<Item = (u32, u32)> {
    (part.top..part.bottom).flat_map(move |y| (part.left..part.right).map(move |x| (x, y)))
}

#[cfg(test)]
mod tests;
