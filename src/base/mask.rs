//! A mask: how much each pixel of the canvas belongs, from 0 (not at all) to 255 (wholly).

use std::sync::Arc;

use super::pixmap::Pixmap;
use super::space::{Cell, CellRect, Grid, PixelRect};

/// How much each pixel belongs. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mask {
    width: u32,
    height: u32,
    /// Invariant: `width · height` values, row by row.
    coverage: Arc<Vec<u8>>,
}

impl Mask {
    /// Asks `coverage(x, y)` for each pixel.
    #[must_use]
    pub fn from_fn(width: u32, height: u32, mut coverage: impl FnMut(u32, u32) -> u8) -> Self {
        let mut values = Vec::with_capacity(width as usize * height as usize);
        for y in 0..height {
            values.extend((0..width).map(|x| coverage(x, y)));
        }
        Self { width, height, coverage: Arc::new(values) }
    }

    /// Whole cells.
    #[must_use]
    pub fn from_cells(grid: Grid, chosen: impl Fn(Cell) -> bool) -> Self {
        Self::from_fn(grid.width(), grid.height(), |x, y| {
            let cell = grid.cell_of_pixel(x, y);
            if chosen(cell) { 255 } else { 0 }
        })
    }

    /// As much of each pixel as `pixels` has alpha.
    #[must_use]
    pub fn of_alpha(pixels: &Pixmap) -> Self {
        Self::from_fn(pixels.width(), pixels.height(), |x, y| pixels.at(x, y)[3])
    }

    /// Black, with as much alpha as belongs.
    #[must_use]
    pub fn to_pixels(&self) -> Pixmap {
        let mut pixels = Pixmap::new(self.width, self.height);
        pixels.update(pixels.area(), |x, y, _| [0, 0, 0, self.at(x, y)]);
        pixels
    }

    #[must_use]
    pub const fn width(&self) -> u32 {
        self.width
    }

    #[must_use]
    pub const fn height(&self) -> u32 {
        self.height
    }

    /// Row by row.
    #[must_use]
    pub fn coverage(&self) -> &[u8] {
        &self.coverage
    }

    /// 0 outside the mask's own area.
    #[must_use]
    pub fn at(&self, x: u32, y: u32) -> u8 {
        if x < self.width && y < self.height {
            self.coverage[y as usize * self.width as usize + x as usize]
        } else {
            0
        }
    }

    /// Whether no pixel belongs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.coverage.iter().all(|&it| it == 0)
    }

    /// The smallest rectangle that holds all that belongs; empty where nothing does.
    #[must_use]
    pub fn bounds(&self) -> PixelRect {
        let mut bounds = PixelRect::default();
        for (y, row) in (0..).zip(self.coverage.chunks(self.width.max(1) as usize)) {
            let is_in = |it: &u8| *it != 0;
            if let (Some(first), Some(last)) =
                (row.iter().position(is_in), row.iter().rposition(is_in))
            {
                bounds = bounds.union(PixelRect::new(first as u32, y, last as u32 + 1, y + 1));
            }
        }
        bounds
    }

    /// Pixel by pixel together with `other`, which is taken as 0 where it does not reach.
    #[must_use]
    pub fn combined(&self, other: &Self, mut rule: impl FnMut(u8, u8) -> u8) -> Self {
        Self::from_fn(self.width, self.height, |x, y| rule(self.at(x, y), other.at(x, y)))
    }

    /// The mean coverage of a cell, from 0 to 1.
    #[must_use]
    pub fn cell_coverage(&self, grid: Grid, cell: Cell) -> f32 {
        let PixelRect { left, top, right, bottom } = grid.pixels(CellRect::of(cell));
        let mut sum = 0_u32;
        for y in top..bottom {
            sum += (left..right).map(|x| u32::from(self.at(x, y))).sum::<u32>();
        }
        sum as f32 / (255.0 * f32::from(grid.cell_pixels) * f32::from(grid.cell_pixels))
    }

    /// The cells that belong by half or more; where there is none such, the ones that belong most.
    #[must_use]
    pub fn cells(&self, grid: Grid) -> Vec<Cell> {
        let coverages: Vec<f32> = grid.cells().map(|it| self.cell_coverage(grid, it)).collect();
        let max_coverage = coverages.iter().copied().fold(0.0, f32::max);
        let enough = max_coverage.min(0.5);
        let chosen = grid.cells().zip(coverages).filter(|&(_, it)| 0.0 < it && enough <= it);
        chosen.map(|(cell, _)| cell).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GRID: Grid = Grid { rows: 2, cols: 2, cell_pixels: 4 };

    #[test]
    fn a_mask_snaps_to_the_cells_that_it_covers_by_half() {
        let mask = Mask::from_fn(8, 8, |x, y| if x < 6 && y < 4 { 255 } else { 0 });
        assert_eq!(mask.cells(GRID), [Cell::new(0, 0), Cell::new(0, 1)]);
    }

    #[test]
    fn a_tiny_mask_still_takes_a_cell() {
        let mask = Mask::from_fn(8, 8, |x, y| if x == 5 && y == 6 { 255 } else { 0 });
        assert_eq!(mask.cells(GRID), [Cell::new(1, 1)]);
        assert_eq!(mask.bounds(), PixelRect::new(5, 6, 6, 7));
    }
}
