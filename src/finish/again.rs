//! Finishing once more after an edit: what the edit did not touch is taken over.

use rayon::prelude::*;

use super::pyramid::Pyramid;
use super::{BIN_PIXELS, Finishing, Painting, Technique, finish_part};
use crate::base::{PixelRect, Pixmap};

/// How far from a place a wash looks at the picture, in pixels of one that is 1152 pixels long.
const WASH_REACH: f32 = 16.0;

/// Sizes of the picture that a wash looks at.
const N_WASH_LEVELS: usize = 5;

/// Finishes `now` where that is other than `before`, from which `shown` came about with the same `finishing`. Returns the
/// finished picture, and what of it is new. Bit for bit as [`finish`](super::finish) would paint it. `None` where the size
/// is none, or `shown` has another one.
#[must_use]
pub fn refinish(
    before: &Pixmap,
    shown: &Pixmap,
    now: &Pixmap,
    area: PixelRect,
    finishing: &Finishing,
) -> Option<(Pixmap, PixelRect)> {
    let [width, height] = finishing.size([area.width(), area.height()])?;
    if shown.area() != PixelRect::new(0, 0, width, height) {
        return None;
    }
    let Some(style) = finishing.style else {
        let whole = finish_part(now, area, finishing, shown.area())?;
        return Some((Pixmap::from_rgba(width, height, &whole.samples.eight())?, shown.area()));
    };
    let [old, new] =
        [before, now].map(|it| Painting::new(it, area, style, finishing.scale, finishing.seed));
    let parts = new.parts_unlike(&old, shown.area());
    let painted: Vec<_> = parts.into_par_iter().map(|it| (it, new.tile::<u8>(it))).collect();
    let mut shown = shown.clone();
    let mut changed = PixelRect::default();
    for (part, rgba) in painted {
        let pixels = rgba.as_chunks::<4>().0;
        shown.update_runs(part, |x, y, run| {
            let start = ((y - part.top) * part.width() + x - part.left) as usize;
            run.copy_from_slice(&pixels[start..start + run.len()]);
        });
        changed = changed.union(part);
    }
    Some((shown, changed))
}

impl Painting {
    /// Squares of the finished picture, which is as large as `all`, that are painted otherwise than in `before`.
    fn parts_unlike(&self, before: &Self, all: PixelRect) -> Vec<PixelRect> {
        let first = &self.pyramid.levels[0];
        let n_bins = |side: usize| (side as f32 / BIN_PIXELS).ceil() as usize;
        let (cols, rows) = (n_bins(first.width), n_bins(first.height));
        let bins = (0..cols * rows).filter(|&bin| {
            let square = [bin % cols, bin / cols].map(|it| it as f32 * BIN_PIXELS);
            self.strokes_in(bin) != before.strokes_in(bin) || self.sees_otherwise(before, square)
        });
        let parts = bins.map(|bin| {
            let edge = |idx: usize| (idx as f32 * BIN_PIXELS * self.scale).max(0.0);
            let (col, row) = (bin % cols, bin / cols);
            // The light looks at the pixels beside.
            let from = |idx: usize| (edge(idx) as u32).saturating_sub(2);
            let to = |idx: usize| edge(idx + 1).ceil() as u32 + 2;
            PixelRect::new(from(col), from(row), to(col), to(row)).intersection(all)
        });
        parts.filter(|it| !it.is_empty()).collect()
    }

    /// What is painted over a square, in its order.
    fn strokes_in(&self, bin: usize) -> Vec<&super::Stroke> {
        let found = self.strokes.bins.get(bin).into_iter().flatten();
        found.map(|&it| &self.strokes.all[it as usize]).collect()
    }

    /// Whether the picture itself, beside strokes, is other where a square of [`BIN_PIXELS`] looks at it.
    fn sees_otherwise(&self, before: &Self, square: [f32; 2]) -> bool {
        let first = &self.pyramid.levels[0];
        let ground = self.pyramid.levels.len() - 1;
        let (levels, reach) = match self.technique {
            Technique::Strokes(_) => (vec![0, ground], 0.0),
            Technique::Wash(_) => {
                let unit = first.width.max(first.height) as f32 / 1152.0;
                let larger = unit.log2().max(0.0).ceil() as usize;
                let n_levels = (N_WASH_LEVELS + larger).min(ground + 1);
                ((0..n_levels).collect(), WASH_REACH * unit)
            }
        };
        levels.into_iter().any(|it| unlike(&self.pyramid, &before.pyramid, it, square, reach))
    }
}

/// Whether a level of two pictures differs near a square of [`BIN_PIXELS`].
fn unlike(a: &Pyramid, b: &Pyramid, level: usize, square: [f32; 2], reach: f32) -> bool {
    let (a, b) = (&a.levels[level], &b.levels[level]);
    let from = square.map(|it| ((it - reach) / a.step - 2.0).floor() as isize);
    let to = square.map(|it| ((it + BIN_PIXELS + reach) / a.step + 2.0).ceil() as isize);
    let range = |side: usize, len: usize| from[side].max(0)..=to[side].min(len as isize - 1);
    let mut rows = range(1, a.height);
    rows.any(|y| range(0, a.width).any(|x| a.at(x, y) != b.at(x, y)))
}

#[cfg(test)]
mod tests {
    use super::super::{Style, finish};
    use super::*;
    use crate::base::Depth;

    /// Slopes, and a block.
    fn picture(block: [u8; 4]) -> Pixmap {
        let mut pixels = Pixmap::new(420, 300);
        pixels.update(pixels.area(), |x, y, _| [(x / 2) as u8, (y / 2) as u8, (x ^ y) as u8, 255]);
        pixels.update(PixelRect::new(150, 100, 190, 130), |_, _, _| block);
        pixels
    }

    #[test]
    fn after_an_edit_it_is_as_if_all_were_finished_anew() {
        let (before, now) = (picture([200, 30, 30, 255]), picture([20, 200, 80, 255]));
        for style in Style::ALL {
            for scale in [1.0, 1.5] {
                let finishing = Finishing { style: Some(style), scale, seed: 3 };
                let whole = |it: &Pixmap| {
                    let done = finish(it, it.area(), &finishing, Depth::Eight, &|_| true).unwrap();
                    Pixmap::from_rgba(done.width, done.height, &done.samples.eight()).unwrap()
                };
                let (shown, changed) =
                    refinish(&before, &whole(&before), &now, now.area(), &finishing).unwrap();
                let expected = whole(&now);
                let apart = shown.area_unlike(&expected);
                assert!(apart.is_empty(), "{style:?} {scale}: {apart:?} of {changed:?}");
                let is_part = changed.width() < shown.width() || changed.height() < shown.height();
                assert!(is_part, "{style:?}: {changed:?}");
            }
        }
    }

    #[test]
    fn without_an_edit_nothing_changes() {
        let picture = picture([9; 4]);
        let finishing = Finishing { style: Some(Style::Oil), scale: 1.0, seed: 3 };
        let shown = Pixmap::new(420, 300);
        let done = refinish(&picture, &shown, &picture.clone(), picture.area(), &finishing);
        assert_eq!(done.unwrap(), (shown, PixelRect::default()));
        let other = Pixmap::new(9, 9);
        assert!(refinish(&picture, &other, &picture, picture.area(), &finishing).is_none());
    }
}
