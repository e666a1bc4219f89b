//! A larger or smaller canvas around a picture, pixel for pixel the same; the grid follows in whole cells.

use super::picture::{Picture, Region};
use crate::base::{Cell, Grid, Mask, PixelRect, Pixmap};

/// Pixels to be added to each side of a canvas; below 0, to be taken away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sides {
    pub left: i32,
    pub top: i32,
    pub right: i32,
    pub bottom: i32,
}

impl Sides {
    /// Those of `inner`, a part of `canvas`.
    #[must_use]
    pub const fn cropped(canvas: PixelRect, inner: PixelRect) -> Self {
        Self {
            left: canvas.left as i32 - inner.left as i32,
            top: canvas.top as i32 - inner.top as i32,
            right: inner.right as i32 - canvas.right as i32,
            bottom: inner.bottom as i32 - canvas.bottom as i32,
        }
    }
}

/// Cells along one side: where the new grid begins, counted in the old one, and how many it has.
#[derive(Clone, Copy, Debug)]
struct Span {
    first: i64,
    len: u16,
}

impl Span {
    /// The cells of `cell_pixels` that cover `from..to`, at least `min_len`; `None` where they are none, or too many.
    fn covering(from: i64, to: i64, cell_pixels: i64, min_len: u16) -> Option<Self> {
        if to <= from {
            return None;
        }
        let first = from.div_euclid(cell_pixels);
        let len = (to - first * cell_pixels).div_euclid(cell_pixels)
            + i64::from((to - first * cell_pixels).rem_euclid(cell_pixels) != 0);
        let len = u16::try_from(len).ok().filter(|&it| it <= Grid::MAX_SIDE)?;
        Some(Self { first, len: len.max(min_len) })
    }

    /// Where the cell of this number in the old grid is in the new one.
    fn moved(self, idx: u16) -> Option<u16> {
        let idx = u16::try_from(i64::from(idx) - self.first).ok()?;
        (idx < self.len).then_some(idx)
    }
}

impl Picture {
    /// The same on another canvas, with a grid of at least `min_rows` × `min_cols` cells; cells that are added are open.
    /// What lies beside the new canvas in cells of their own is gone. `None` where nothing would be left, or the canvas be
    /// larger than a grid can be.
    #[must_use]
    pub fn reframed(&self, by: Sides, min_rows: u16, min_cols: u16) -> Option<Self> {
        let size = i64::from(self.grid.cell_pixels);
        let (left, top) = (
            i64::from(self.canvas.left) - i64::from(by.left),
            i64::from(self.canvas.top) - i64::from(by.top),
        );
        let (right, bottom) = (
            i64::from(self.canvas.right) + i64::from(by.right),
            i64::from(self.canvas.bottom) + i64::from(by.bottom),
        );
        let cols = Span::covering(left, right, size, min_cols)?;
        let rows = Span::covering(top, bottom, size, min_rows)?;
        let grid = Grid { rows: rows.len, cols: cols.len, ..self.grid };
        let moved = |cell: Cell| Some(Cell::new(rows.moved(cell.row)?, cols.moved(cell.col)?));
        // Where the old grid begins in the new one, in pixels.
        let shift = [-cols.first * size, -rows.first * size];
        let layer = |old: &Pixmap| old.placed(grid.width(), grid.height(), shift);
        let within = |at: i64, shift: i64| (at + shift) as u32;
        let mut picture = Self {
            canvas: PixelRect::new(
                within(left, shift[0]),
                within(top, shift[1]),
                within(right, shift[0]),
                within(bottom, shift[1]),
            ),
            model_layer: layer(&self.model_layer),
            backdrop: layer(&self.backdrop),
            stack: self.stack.clone(),
            codes_of: self.codes_of.clone(),
            painters: self.painters.clone(),
            ..Self::new(grid, self.paint_settings.clone())
        };
        picture.stack.layers.iter_mut().for_each(|it| it.map_pixmaps(&layer));
        for (cell, state) in self.grid.cells().zip(&self.cells) {
            if let Some(cell) = moved(cell) {
                picture.cells[grid.idx(cell)] = *state;
            }
        }
        let regions = self.regions.iter().map(|it| Region {
            cells: it.cells.iter().copied().filter_map(moved).collect(),
            ..it.clone()
        });
        picture.regions = regions.filter(|it| !it.cells.is_empty()).collect();
        let selection = self.selection.as_ref().map(|it| Mask::of_alpha(&layer(&it.to_pixels())));
        picture.selection = selection.filter(|it| !it.is_empty());
        Some(picture)
    }
}

#[cfg(test)]
mod tests {
    use super::super::picture::tests::sheet;
    use super::*;

    /// 5 × 4 cells of 16 pixels, with a mark and a code in its second cell.
    fn marked() -> Picture {
        let mut small = sheet();
        small.model_layer.update(PixelRect::new(16, 0, 32, 16), |_, _, _| [9, 8, 7, 255]);
        small.cells[1].code = Some(5);
        small
    }

    #[test]
    fn what_was_there_moves_with_its_pixels_and_codes() {
        let small = marked();
        let by = Sides { left: 32, top: 16, ..Sides::default() };
        let large = small.reframed(by, 1, 1).unwrap();
        assert_eq!((large.grid.rows, large.grid.cols), (5, 7));
        assert_eq!(large.canvas, large.grid.area());
        assert_eq!(large.state(Cell::new(1, 3)).code, Some(5));
        assert_eq!(large.state(Cell::new(0, 1)).code, None);
        assert_eq!(large.model_layer.at(48, 16), [9, 8, 7, 255]);
        assert_eq!(large.model_layer.at(47, 16), [0; 4]);
        assert!(small.reframed(Sides { right: 80_000, ..by }, 1, 1).is_none());
        assert!(small.reframed(Sides { right: -80, ..Sides::default() }, 1, 1).is_none());
    }

    #[test]
    fn a_canvas_of_any_size_lies_in_whole_cells() {
        let small = marked();
        let wider = small.reframed(Sides { left: 5, ..Sides::default() }, 1, 1).unwrap();
        assert_eq!((wider.grid.cols, wider.canvas), (6, PixelRect::new(11, 0, 96, 64)));
        assert_eq!(wider.state(Cell::new(0, 2)).code, Some(5));
        // And back.
        let back = wider.reframed(Sides { left: -5, ..Sides::default() }, 1, 1).unwrap();
        assert_eq!(back, small);
    }

    #[test]
    fn what_is_cropped_away_is_gone_in_whole_cells() {
        let small = marked();
        let inner = PixelRect::new(20, 3, 60, 40);
        let cropped = small.reframed(Sides::cropped(small.canvas, inner), 1, 1).unwrap();
        assert_eq!((cropped.grid.rows, cropped.grid.cols), (3, 3));
        assert_eq!(cropped.canvas, PixelRect::new(4, 3, 44, 40));
        assert_eq!(cropped.state(Cell::new(0, 0)).code, Some(5));
        // A model that paints no less keeps its cells.
        let kept = small.reframed(Sides::cropped(small.canvas, inner), 4, 5).unwrap();
        assert_eq!((kept.grid.rows, kept.grid.cols), (4, 5));
    }
}
