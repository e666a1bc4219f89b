//! The foreground of a picture, cut out: what belongs to it is found by its colours and by where they change, on the
//! picture made small; then, step by step at larger sizes, alpha follows the colours along the border. So borders are
//! soft where the picture is soft, and hard where it is hard. Knows nothing of models, documents or files.
//!
//! Nothing here is left to chance: the same picture is cut out the same way bit for bit, on however many threads.

mod colour;
mod foreground;
mod laplacian;
mod level;
mod matting;
mod max_flow;
mod mixture;
mod segment;
mod vectors;

pub use self::foreground::foreground_colours;
use self::level::Level;
use crate::base::{Mask, PixelRect, Pixmap};

/// What is foreground is found on a picture of at most so many pixels a side.
const SEGMENT_SIDE: usize = 600;

/// How far around what may be foreground the background is looked at, as a share of its size each side: what lies near
/// tells more than what lies far.
const SURROUNDINGS: f32 = 0.17;

/// And at least so many pixels.
const LEAST_SURROUNDINGS: u32 = 16;

/// How far from the first border alpha is sought, in pixels of the small picture; and of each larger one from the border
/// that the smaller one found.
const FIRST_REACH: usize = 3;
const REACH: usize = 1;

/// Share of the time that finding what is foreground takes.
const SEGMENT_SHARE: f32 = 0.3;

/// What the artist said of a picture. All masks are as large as it.
#[derive(Clone, Copy, Debug)]
pub struct Hints<'a> {
    /// What may be foreground: a rough rectangle, or a selection. Everything else is background. Where this is all of the
    /// picture, and nothing is dropped, its edge is taken for background at first.
    pub within: &'a Mask,
    /// Strokes over what is foreground for sure. Outside of `within` they say nothing.
    pub keep: &'a Mask,
    /// Strokes over what is background for sure. They win over `keep`.
    pub drop: &'a Mask,
    /// How likely each pixel is foreground, if something is known of that.
    pub prior: Option<&'a Mask>,
}

/// How much each pixel of `area` is foreground; a mask as large as the picture, with nothing outside of `area`. What has no
/// paint is background. `go_on` is told how much is done, from 0 to 1, and says whether to go on. `None` where it does not.
#[must_use]
pub fn cut_out(
    picture: &Pixmap,
    area: PixelRect,
    hints: &Hints<'_>,
    go_on: &(dyn Fn(f32) -> bool + Sync),
) -> Option<Mask> {
    let area = area.intersection(picture.area());
    let within = hints.within.bounds().intersection(area);
    if within.is_empty() {
        return go_on(1.0).then(|| Mask::new(picture.width(), picture.height()));
    }
    let region = surrounded(within, area);
    let mut levels = vec![Level::new(picture, region, hints, &|| go_on(0.0))?];
    while let Some(last) = levels.last().filter(|it| SEGMENT_SIDE < it.width.max(it.height)) {
        let next = last.halved();
        levels.push(next);
    }
    let n_pixels: usize = levels.iter().map(Level::len).sum();

    let small = levels.pop()?;
    let prior = hints.prior.map(|it| prior(it, &small, region, levels.len()));
    let sides = segment::segment(&small, prior.as_deref(), &|it| go_on(it * SEGMENT_SHARE))?;

    let mut n_done = small.len();
    let still = |n_done: usize| {
        let share = n_done as f32 / n_pixels as f32;
        move || go_on(SEGMENT_SHARE + share * (1.0 - SEGMENT_SHARE))
    };
    let first: Vec<f32> = sides.into_iter().map(|it| f32::from(u8::from(it))).collect();
    let mut alpha = matting::refined(&small, first, FIRST_REACH, &still(0))?;
    // Where it is still soft at the end of the first reach, further.
    alpha = matting::refined(&small, alpha, FIRST_REACH, &still(0))?;
    while let Some(level) = levels.pop() {
        alpha = matting::refined(&level, level.spread(&alpha), REACH, &still(n_done))?;
        n_done += level.len();
    }
    let mask = mask(picture, region, &alpha, hints, &still(n_pixels))?;
    go_on(1.0).then_some(mask)
}

/// Grown on all sides, as far as `area` goes.
fn surrounded(part: PixelRect, area: PixelRect) -> PixelRect {
    let margin = |side: u32| LEAST_SURROUNDINGS.max((side as f32 * SURROUNDINGS) as u32);
    let (across, down) = (margin(part.width()), margin(part.height()));
    let grown = PixelRect {
        left: part.left.saturating_sub(across),
        top: part.top.saturating_sub(down),
        right: part.right.saturating_add(across),
        bottom: part.bottom.saturating_add(down),
    };
    grown.intersection(area)
}

/// What is likely in the middle of each pixel of the picture that is so many times halved, from 0 to 1.
fn prior(mask: &Mask, small: &Level, region: PixelRect, halvings: usize) -> Vec<f32> {
    let middle = |it: usize| ((it << halvings) + (1 << halvings) / 2) as u32;
    let places = (0..small.len()).map(|it| (middle(it % small.width), middle(it / small.width)));
    // The last may stand for pixels beyond the edge.
    let inside = |at: u32, first: u32, end: u32| (first + at).min(end - 1);
    let value = |(x, y)| {
        mask.at(inside(x, region.left, region.right), inside(y, region.top, region.bottom))
    };
    places.map(|it| f32::from(value(it)) / 255.0).collect()
}

/// Alpha of `region`, with what the artist said: so much of a pixel as is said for sure is so, however soft the stroke.
fn mask(
    picture: &Pixmap,
    region: PixelRect,
    alpha: &[f32],
    hints: &Hints<'_>,
    go_on: &dyn Fn() -> bool,
) -> Option<Mask> {
    let mut mask = Mask::new(picture.width(), picture.height());
    for idx in mask.raster().tiles_in(region) {
        if idx.col == region.left / crate::base::TILE_PIXELS && !go_on() {
            return None;
        }
        mask.set(idx.pixels().intersection(region), |x, y| {
            let (row, col) = ((y - region.top) as usize, (x - region.left) as usize);
            let found = (alpha[row * region.width() as usize + col] * 255.0 + 0.5) as u8;
            let kept = found.max(hints.keep.at(x, y));
            kept.min(u8::MAX - hints.drop.at(x, y)).min(hints.within.at(x, y))
        });
    }
    Some(mask)
}

#[cfg(test)]
mod tests;
