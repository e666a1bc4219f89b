//! A mask: how much each pixel of the canvas belongs, from 0 (not at all) to 255 (wholly). In tiles: what it costs is
//! what its border costs.

use std::sync::{Arc, LazyLock};

use super::pixmap::Pixmap;
use super::raster::{Raster, Tile, TileIdx};
use super::space::{Cell, CellRect, Grid, PixelRect};

/// A tile that belongs wholly. There is one in all, so that what has to be done to it is done once, or not at all.
static WHOLE: LazyLock<Arc<Tile<u8>>> = LazyLock::new(|| Arc::new(Tile::filled(u8::MAX)));

/// How much each pixel belongs. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mask {
    /// Invariant: tiles without anything are not stored, those wholly on the canvas that belong wholly are [`WHOLE`], and
    /// off the canvas all is 0. So masks that say the same are the same.
    coverage: Raster<u8>,
}

impl Mask {
    /// Nothing belongs.
    #[must_use]
    pub fn new(width: u32, height: u32) -> Self {
        Self { coverage: Raster::new(width, height) }
    }

    /// Asks `coverage(x, y)` for each pixel, tile by tile.
    #[must_use]
    pub fn from_fn(width: u32, height: u32, coverage: impl FnMut(u32, u32) -> u8) -> Self {
        let mut mask = Self::new(width, height);
        mask.set(mask.area(), coverage);
        mask
    }

    /// All of `area`, nothing else.
    #[must_use]
    pub fn of_area(width: u32, height: u32, area: PixelRect) -> Self {
        let mut mask = Self::new(width, height);
        mask.fill(area);
        mask
    }

    /// Whole cells.
    #[must_use]
    pub fn from_cells(grid: Grid, chosen: impl Fn(Cell) -> bool) -> Self {
        let mut mask = Self::new(grid.width(), grid.height());
        for row in 0..grid.rows {
            // Side by side they are one rectangle.
            let mut first = 0;
            for col in 0..=grid.cols {
                if col == grid.cols || !chosen(Cell::new(row, col)) {
                    let run = CellRect { left: first, top: row, right: col, bottom: row + 1 };
                    mask.fill(grid.pixels(run));
                    first = col + 1;
                }
            }
        }
        mask
    }

    /// As much of each pixel as `pixels` has alpha.
    #[must_use]
    pub fn of_alpha(pixels: &Pixmap) -> Self {
        let mut mask = Self::new(pixels.width(), pixels.height());
        for (idx, tile) in pixels.tiles() {
            mask.put(idx, tile.pixels().iter().map(|it| it[3]).collect());
        }
        mask
    }

    /// Black, with as much alpha as belongs.
    #[must_use]
    pub fn to_pixels(&self) -> Pixmap {
        let mut pixels = Pixmap::new(self.width(), self.height());
        let whole = Arc::new(Tile::filled([0, 0, 0, u8::MAX]));
        for (idx, tile) in self.coverage.tiles() {
            let black = || tile.pixels().iter().map(|&it| [0, 0, 0, it]).collect();
            let is_whole = Arc::ptr_eq(tile, &WHOLE);
            let tile = if is_whole { Some(Arc::clone(&whole)) } else { shared(black()) };
            pixels.put_tile(idx, tile);
        }
        pixels
    }

    /// Asks `coverage(x, y)` for each pixel of `area`, tile by tile.
    pub fn set(&mut self, area: PixelRect, mut coverage: impl FnMut(u32, u32) -> u8) {
        for idx in self.coverage.tiles_in(area) {
            let part = idx.pixels().intersection(area);
            let mut values = self.tile_values(idx);
            for y in part.top..part.bottom {
                for x in part.left..part.right {
                    values[super::raster::place_in_tile(x, y)] = coverage(x, y);
                }
            }
            self.put(idx, values);
        }
    }

    fn fill(&mut self, area: PixelRect) {
        for idx in self.coverage.tiles_in(area) {
            if area.intersection(idx.pixels()) == idx.pixels() && self.is_inside(idx) {
                self.coverage.put_tile(idx, Some(Arc::clone(&WHOLE)));
            } else {
                self.set(area.intersection(idx.pixels()), |_, _| u8::MAX);
            }
        }
    }

    /// Whether no part of a tile is off the canvas.
    fn is_inside(&self, idx: TileIdx) -> bool {
        idx.pixels().intersection(self.area()) == idx.pixels()
    }

    fn tile_values(&self, idx: TileIdx) -> Vec<u8> {
        const NOTHING: [u8; 1] = [0];
        match self.coverage.tile(idx) {
            Some(tile) => tile.pixels().to_vec(),
            None => NOTHING.repeat(WHOLE.pixels().len()),
        }
    }

    /// Puts a tile's values in their place, and keeps the invariant.
    fn put(&mut self, idx: TileIdx, mut values: Vec<u8>) {
        if !self.is_inside(idx) {
            let (area, all) = (self.area(), idx.pixels());
            let places =
                (all.top..all.bottom).flat_map(|y| (all.left..all.right).map(move |x| (x, y)));
            for ((x, y), value) in places.zip(&mut values) {
                if area.right <= x || area.bottom <= y {
                    *value = 0;
                }
            }
        }
        let tile = if values.iter().all(|&it| it == 0) {
            None
        } else if values.iter().all(|&it| it == u8::MAX) {
            Some(Arc::clone(&WHOLE))
        } else {
            shared(values)
        };
        self.coverage.put_tile(idx, tile);
    }

    #[must_use]
    pub const fn width(&self) -> u32 {
        self.coverage.width()
    }

    #[must_use]
    pub const fn height(&self) -> u32 {
        self.coverage.height()
    }

    /// All pixels that it speaks of.
    #[must_use]
    pub const fn area(&self) -> PixelRect {
        self.coverage.area()
    }

    /// What it is kept in.
    #[must_use]
    pub const fn raster(&self) -> &Raster<u8> {
        &self.coverage
    }

    /// 0 outside the mask's own area.
    #[must_use]
    pub fn at(&self, x: u32, y: u32) -> u8 {
        self.coverage.at(x, y)
    }

    /// Whether no pixel belongs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.coverage.tiles().next().is_none()
    }

    /// The smallest rectangle that holds all that belongs; empty where nothing does.
    #[must_use]
    pub fn bounds(&self) -> PixelRect {
        let bounds = self.coverage.tiles().map(|(idx, tile)| {
            if Arc::ptr_eq(tile, &WHOLE) { idx.pixels() } else { bounds_in(idx.pixels(), tile) }
        });
        bounds.fold(PixelRect::default(), PixelRect::union)
    }

    /// Pixel by pixel together with `other`, which is taken as 0 where it does not reach.
    #[must_use]
    pub fn combined(&self, other: &Self, rule: impl Fn(u8, u8) -> u8) -> Self {
        let mut mask = Self::new(self.width(), self.height());
        let (theirs, is_there) = (&other.coverage, other.coverage.area());
        for idx in self.coverage.tiles_in(self.area()) {
            let ours = self.coverage.tile(idx);
            let is_apart = idx.pixels().intersection(is_there).is_empty();
            let other = if is_apart { None } else { theirs.tile(idx) };
            let value =
                |it: Option<&Arc<Tile<u8>>>, place: usize| it.map_or(0, |it| it.pixels()[place]);
            let is_plain = |it: Option<&Arc<Tile<u8>>>| it.is_none_or(|it| Arc::ptr_eq(it, &WHOLE));
            let n = WHOLE.pixels().len();
            let values: Vec<u8> = if is_plain(ours) && is_plain(other) {
                vec![rule(value(ours, 0), value(other, 0)); n]
            } else {
                (0..n).map(|it| rule(value(ours, it), value(other, it))).collect()
            };
            mask.put(idx, values);
        }
        mask
    }

    /// The mean coverage of a cell, from 0 to 1.
    #[must_use]
    pub fn cell_coverage(&self, grid: Grid, cell: Cell) -> f32 {
        let area = grid.pixels(CellRect::of(cell));
        let sum: u32 = self.coverage.values(area).into_iter().map(u32::from).sum();
        sum as f32 / (255.0 * f32::from(grid.cell_pixels) * f32::from(grid.cell_pixels))
    }

    /// The cells that belong by half or more; where there is none such, the ones that belong most.
    #[must_use]
    pub fn cells(&self, grid: Grid) -> Vec<Cell> {
        let Some(around) = grid.touched(self.bounds()) else { return Vec::new() };
        let coverages: Vec<f32> = around.cells().map(|it| self.cell_coverage(grid, it)).collect();
        let max_coverage = coverages.iter().copied().fold(0.0, f32::max);
        let enough = max_coverage.min(0.5);
        let chosen = around.cells().zip(coverages).filter(|&(_, it)| 0.0 < it && enough <= it);
        chosen.map(|(cell, _)| cell).collect()
    }
}

fn shared<T: Copy>(values: Vec<T>) -> Option<Arc<Tile<T>>> {
    Tile::from_pixels(values).map(Arc::new)
}

/// The smallest rectangle that holds all that belongs of a tile, which lies at `area`.
fn bounds_in(area: PixelRect, tile: &Tile<u8>) -> PixelRect {
    let mut bounds = PixelRect::default();
    for (y, row) in (area.top..).zip(tile.pixels().chunks(area.width() as usize)) {
        let is_in = |it: &u8| *it != 0;
        if let (Some(first), Some(last)) = (row.iter().position(is_in), row.iter().rposition(is_in))
        {
            let [first, last] = [first, last].map(|it| area.left + it as u32);
            bounds = bounds.union(PixelRect::new(first, y, last + 1, y + 1));
        }
    }
    bounds
}

#[cfg(test)]
mod tests {
    use super::*;

    const GRID: Grid = Grid { rows: 2, cols: 2, cell_pixels: 4 };

    #[test]
    fn a_mask_snaps_to_the_cells_that_it_covers_by_half() {
        let mask = Mask::from_fn(8, 8, |x, y| if x < 6 && y < 4 { 255 } else { 0 });
        assert_eq!(mask.cells(GRID), [Cell::new(0, 0), Cell::new(0, 1)]);
        assert_eq!(
            Mask::from_cells(GRID, |it| it.row == 0),
            Mask::of_area(8, 8, PixelRect::new(0, 0, 8, 4))
        );
    }

    #[test]
    fn a_tiny_mask_still_takes_a_cell() {
        let mask = Mask::from_fn(8, 8, |x, y| if x == 5 && y == 6 { 255 } else { 0 });
        assert_eq!(mask.cells(GRID), [Cell::new(1, 1)]);
        assert_eq!(mask.bounds(), PixelRect::new(5, 6, 6, 7));
    }

    #[test]
    fn masks_that_say_the_same_are_the_same() {
        let area = PixelRect::new(10, 0, 200, 150);
        let rule = |x: u32, _: u32| if 10 <= x { 255 } else { 0 };
        let mask = Mask::of_area(200, 150, area);
        assert_eq!(mask, Mask::from_fn(200, 150, rule));
        assert_eq!(Mask::of_alpha(&mask.to_pixels()), mask);
        let other = mask.combined(&Mask::new(9, 9), |it, _| 255 - it);
        assert_eq!(other, Mask::of_area(200, 150, PixelRect::new(0, 0, 10, 150)));
        assert_eq!((mask.bounds(), other.bounds()), (area, PixelRect::new(0, 0, 10, 150)));
        assert!(mask.combined(&other, u8::min).is_empty());
    }

    #[test]
    fn what_belongs_wholly_takes_no_memory_of_its_own() {
        let mask = Mask::of_area(4096, 4096, PixelRect::new(0, 0, 4096, 4096));
        assert!(mask.raster().tiles().all(|(_, it)| Arc::ptr_eq(it, &WHOLE)));
    }
}
