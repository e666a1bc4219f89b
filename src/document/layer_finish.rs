//! The finish of a layer: what is shown in place of its pixels, which stay as they are, and follows them.
//! The model goes on seeing the pixels themselves.

use std::sync::Arc;

use super::layer::{Layer, LayerKind};
use super::picture::Picture;
use crate::base::{Depth, LayerId, PixelRect, PixelTile, Pixmap, TileIdx};
use crate::finish::{Finishing, Style, finish, refinish};

/// How a layer is finished. What it looks like is derived from its pixels: two are equal that say the same.
#[derive(Clone, Debug)]
pub struct LayerFinish {
    pub style: Style,
    /// Other strokes for another seed.
    pub seed: u64,
    /// `None` where it was never made.
    made: Option<Made>,
}

/// Pixels, and what they look like.
#[derive(Clone, Debug)]
struct Made {
    of: Pixmap,
    shown: Pixmap,
}

impl PartialEq for LayerFinish {
    fn eq(&self, other: &Self) -> bool {
        (self.style, self.seed) == (other.style, other.seed)
    }
}

impl LayerFinish {
    #[must_use]
    pub const fn new(style: Style, seed: u64) -> Self {
        Self { style, seed, made: None }
    }

    const fn finishing(&self, scale: f32) -> Finishing {
        Finishing { style: Some(self.style), scale, seed: self.seed }
    }

    /// What is shown in place of a tile of the layer's pixels, which may be nothing; `None` where they have changed since, or
    /// were never finished, and are shown themselves.
    #[must_use]
    pub fn tile(&self, pixels: &Pixmap, idx: TileIdx) -> Option<Option<&Arc<PixelTile>>> {
        let made = self.made.as_ref().filter(|it| it.of.area() == pixels.area())?;
        let is_same = match (made.of.tile(idx), pixels.tile(idx)) {
            (Some(old), Some(now)) => Arc::ptr_eq(old, now),
            (None, None) => true,
            _ => false,
        };
        is_same.then(|| made.shown.tile(idx))
    }

    /// Whether the layer's pixels have changed since it was made.
    #[must_use]
    pub fn is_due(&self, pixels: &Pixmap) -> bool {
        self.made.as_ref().is_none_or(|it| !it.of.is_clone_of(pixels))
    }

    /// What the layer looks like, where it was made for these pixels.
    #[must_use]
    pub fn shown(&self, pixels: &Pixmap) -> Option<&Pixmap> {
        self.made.as_ref().filter(|it| it.of.is_clone_of(pixels)).map(|it| &it.shown)
    }

    /// Made for these pixels, and where it looks other than before. Takes its time: what has not changed is taken over.
    #[must_use]
    pub fn made(&self, pixels: &Pixmap) -> (Self, PixelRect) {
        let (area, finishing) = (pixels.area(), self.finishing(1.0));
        let before = self.made.as_ref().filter(|it| it.of.area() == area);
        let again =
            before.and_then(|it| refinish(&it.of, &it.shown, pixels, area, &finishing)).map(
                // Where its pixels have changed they were shown themselves until now.
                |(shown, changed)| match before {
                    Some(it) => (shown, changed.union(pixels.area_unlike(&it.of))),
                    None => (shown, area),
                },
            );
        let whole = || {
            let finished = finish(pixels, area, &finishing, Depth::Eight, &|_| true)?;
            let rgba = finished.samples.eight();
            Some((Pixmap::from_rgba(finished.width, finished.height, &rgba)?, area))
        };
        let (shown, changed) =
            again.or_else(whole).unwrap_or_else(|| (pixels.clone(), PixelRect::default()));
        let made = Some(Made { of: pixels.clone(), shown });
        (Self { made, ..self.clone() }, changed)
    }
}

impl Picture {
    /// A layer's pixels: its own, or what the model paints; none of a group.
    #[must_use]
    pub const fn pixels_in<'a>(&'a self, layer: &'a Layer) -> Option<&'a Pixmap> {
        match &layer.kind {
            LayerKind::Paint(pixels) => Some(pixels),
            LayerKind::Generated => Some(&self.model_layer),
            LayerKind::Group(_) => None,
        }
    }

    /// A layer that is seen and whose finish is to be made anew, with its pixels.
    #[must_use]
    pub fn due_finish(&self) -> Option<(LayerId, &LayerFinish, &Pixmap)> {
        self.stack.walk().into_iter().find_map(|(_, it)| {
            let (finish, pixels) = (it.finish.as_ref()?, self.pixels_in(it)?);
            (it.is_visible && finish.is_due(pixels)).then_some((it.id, finish, pixels))
        })
    }

    /// Takes over a finish that was made, if it is still wanted. Whether it was.
    pub fn put_finish(&mut self, id: LayerId, finish: LayerFinish) -> bool {
        match self.stack.find_mut(id).and_then(|it| it.finish.as_mut()) {
            Some(it) if *it == finish => {
                *it = finish;
                true
            }
            Some(_) | None => false,
        }
    }

    /// With all finishes made. Takes its time.
    #[must_use]
    pub fn with_finishes(&self) -> Self {
        let mut picture = self.clone();
        while let Some((id, finish, pixels)) = picture.due_finish() {
            let (made, _) = finish.made(pixels);
            picture.put_finish(id, made);
        }
        picture
    }

    /// The same; what was made for `older` need not be made again where it is alike.
    #[must_use]
    pub fn with_finishes_from(&self, older: &Self) -> Self {
        let mut picture = self.clone();
        for (_, layer) in older.stack.walk() {
            if let Some(finish) = &layer.finish {
                picture.put_finish(layer.id, finish.clone());
            }
        }
        picture.with_finishes()
    }

    /// Whether a layer looks other than it will as soon as a finish is made.
    #[must_use]
    pub fn is_finish_due(&self) -> bool {
        self.due_finish().is_some()
    }

    /// So many times as large along each side, each finish made anew at that size. Of what lies beyond the canvas nothing is
    /// left. Takes its time. `None` where the grid would be too large, or `go_on` does not want it; it is told the share
    /// that is done.
    #[must_use]
    pub fn enlarged(&self, scale: u16, go_on: &(dyn Fn(f32) -> bool + Sync)) -> Option<Self> {
        let finest = f32::from(scale);
        let mut grid = self.grid;
        grid.cell_pixels = grid.cell_pixels.checked_mul(scale)?;
        let times = |it: u32| it * u32::from(scale);
        let PixelRect { left, top, right, bottom } = self.canvas;
        let canvas = PixelRect::new(times(left), times(top), times(right), times(bottom));
        let mut picture = self.resized(grid, canvas);
        let finished: Vec<(LayerId, LayerFinish, Pixmap)> = (self.stack.walk().into_iter())
            .filter_map(|(_, it)| Some((it.id, it.finish.clone()?, self.pixels_in(it)?.clone())))
            .collect();
        let n_finished = finished.len() as f32;
        for (idx, (id, finish_of, pixels)) in finished.into_iter().enumerate() {
            let told = |share: f32| go_on((idx as f32 + share) / n_finished);
            let finishing = finish_of.finishing(finest);
            let done = finish(&pixels, self.canvas, &finishing, Depth::Eight, &told)?;
            let shown = Pixmap::from_rgba(done.width, done.height, &done.samples.eight())?;
            let place = [canvas.left.into(), canvas.top.into()];
            let shown = shown.placed(grid.width(), grid.height(), place);
            let of = picture.stack.find(id).and_then(|it| picture.pixels_in(it)).cloned()?;
            picture.put_finish(id, LayerFinish { made: Some(Made { of, shown }), ..finish_of });
        }
        Some(picture)
    }
}

#[cfg(test)]
mod tests {
    use super::super::picture::tests::{GRID, sheet};
    use super::*;

    fn finished_sheet() -> Picture {
        let mut picture = sheet();
        picture.model_layer.update(GRID.area(), |x, y, _| {
            [(x * 3) as u8, (y * 3) as u8, ((x + y) % 90) as u8, 255]
        });
        if let Some(layer) = picture.stack.layers.first_mut() {
            layer.finish = Some(LayerFinish::new(Style::Oil, 3));
        }
        picture
    }

    #[test]
    fn what_is_finished_is_seen_and_the_model_sees_what_it_has_painted() {
        let picture = finished_sheet();
        assert!(picture.due_finish().is_some());
        assert_eq!(picture.seen().rgba(GRID.area()), picture.model_layer.rgba(GRID.area()));
        let picture = picture.with_finishes();
        assert!(picture.due_finish().is_none());
        assert_ne!(picture.seen().rgba(GRID.area()), picture.model_layer.rgba(GRID.area()));
        assert_eq!(picture.read().rgba(GRID.area()), picture.model_layer.rgba(GRID.area()));
    }

    #[test]
    fn after_a_change_its_tiles_are_shown_themselves_until_they_are_finished() {
        let mut picture = finished_sheet().with_finishes();
        picture.model_layer.update(PixelRect::new(2, 2, 5, 5), |_, _, _| [250, 250, 0, 255]);
        assert_eq!(picture.seen().at(3, 3), [250, 250, 0, 255]);
        let (id, finish, pixels) = picture.due_finish().unwrap();
        let (made, changed) = finish.made(pixels);
        assert!(changed.contains(crate::base::Point::new(3.0, 3.0)));
        let mut other = picture.clone();
        assert!(picture.put_finish(id, made.clone()) && picture.due_finish().is_none());
        if let Some(layer) = other.stack.layers.first_mut() {
            layer.finish = Some(LayerFinish::new(Style::Ink, 3));
        }
        assert!(!other.put_finish(id, made), "it is another one by now");
    }

    #[test]
    fn an_enlarged_picture_has_finishes_of_its_own_size() {
        let picture = finished_sheet();
        let large = picture.enlarged(3, &|_| true).unwrap();
        assert_eq!(large.canvas.width(), picture.canvas.width() * 3);
        assert!(large.due_finish().is_none());
        assert_ne!(large.seen().rgba(large.canvas), large.model_layer.rgba(large.canvas));
        assert!(picture.enlarged(3, &|_| false).is_none());
    }
}
