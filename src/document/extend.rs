//! A larger canvas around a picture.

use super::picture::{Picture, Region};
use crate::base::{Cell, Grid, Mask, Pixmap};

/// Cells added on each side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sides {
    pub left: u16,
    pub top: u16,
    pub right: u16,
    pub bottom: u16,
}

impl Sides {
    /// `grid` with these cells added; `None` where it would be too large.
    #[must_use]
    pub fn around(self, grid: Grid) -> Option<Grid> {
        let rows = grid.rows.checked_add(self.top)?.checked_add(self.bottom)?;
        let cols = grid.cols.checked_add(self.left)?.checked_add(self.right)?;
        (rows.max(cols) <= Grid::MAX_SIDE).then_some(Grid { rows, cols, ..grid })
    }
}

impl Picture {
    /// The same picture with open cells added around it; `None` where it would be too large.
    #[must_use]
    pub fn extended(&self, by: Sides) -> Option<Self> {
        let grid = by.around(self.grid)?;
        let moved = |cell: Cell| Cell::new(cell.row + by.top, cell.col + by.left);
        let size = u32::from(grid.cell_pixels);
        let (right, down) = (u32::from(by.left) * size, u32::from(by.top) * size);
        let layer = |old: &Pixmap| {
            let mut layer = Pixmap::new(grid.width(), grid.height());
            let own = grid.pixels(self.grid.all().moved(by.top, by.left));
            layer.update(own, |x, y, _| old.at(x - right, y - down));
            layer
        };

        let mut picture = Self {
            model_layer: layer(&self.model_layer),
            backdrop: layer(&self.backdrop),
            paint_layer: layer(&self.paint_layer),
            codes_of: self.codes_of.clone(),
            painters: self.painters.clone(),
            ..Self::new(grid, self.paint_settings.clone())
        };
        for (cell, state) in self.grid.cells().zip(&self.cells) {
            picture.cells[grid.idx(moved(cell))] = *state;
        }
        let regions = self.regions.iter().map(|it| Region {
            cells: it.cells.iter().copied().map(moved).collect(),
            ..it.clone()
        });
        picture.regions = regions.collect();
        picture.selection = self.selection.as_ref().map(|old| {
            Mask::from_fn(grid.width(), grid.height(), |x, y| {
                if x < right || y < down { 0 } else { old.at(x - right, y - down) }
            })
        });
        Some(picture)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::PixelRect;
    use crate::document::picture::tests::sheet;

    #[test]
    fn what_was_there_moves_with_its_pixels_and_codes() {
        let mut small = sheet();
        small.model_layer.update(PixelRect::new(16, 0, 32, 16), |_, _, _| [9, 8, 7, 255]);
        small.cells[1].code = Some(5);
        let by = Sides { left: 2, top: 1, ..Sides::default() };
        let large = small.extended(by).unwrap();
        assert_eq!((large.grid.rows, large.grid.cols), (5, 7));
        assert_eq!(large.state(Cell::new(1, 3)).code, Some(5));
        assert_eq!(large.state(Cell::new(0, 1)).code, None);
        assert_eq!(large.model_layer.at(48, 16), [9, 8, 7, 255]);
        assert_eq!(large.model_layer.at(47, 16), [0; 4]);
        assert!(small.extended(Sides { right: 5000, ..by }).is_none());
    }
}
