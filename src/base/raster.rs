//! Values per pixel in copy-on-write tiles: a clone costs a pointer, a change copies its tile, and the pointers of its row.

use std::sync::Arc;

use super::space::PixelRect;

/// Width and height of a tile, in pixels.
pub const TILE_PIXELS: u32 = 64;

const TILE_LEN: usize = (TILE_PIXELS * TILE_PIXELS) as usize;

/// Where a tile is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TileIdx {
    pub row: u32,
    pub col: u32,
}

impl TileIdx {
    /// The one that a pixel lies in.
    #[must_use]
    pub const fn of_pixel(x: u32, y: u32) -> Self {
        Self { row: y / TILE_PIXELS, col: x / TILE_PIXELS }
    }

    /// The pixels that the tile holds; at the canvas edge part of them are off the canvas.
    #[must_use]
    pub const fn pixels(self) -> PixelRect {
        let (left, top) = (self.col * TILE_PIXELS, self.row * TILE_PIXELS);
        PixelRect::new(left, top, left + TILE_PIXELS, top + TILE_PIXELS)
    }

    /// All that `area` touches, row by row.
    pub fn within(area: PixelRect) -> impl Iterator<Item = Self> + use<> {
        let (rows, cols) = if area.is_empty() {
            (0..0, 0..0)
        } else {
            (
                area.top / TILE_PIXELS..area.bottom.div_ceil(TILE_PIXELS),
                area.left / TILE_PIXELS..area.right.div_ceil(TILE_PIXELS),
            )
        };
        rows.flat_map(move |row| cols.clone().map(move |col| Self { row, col }))
    }
}

/// Where in its tile a pixel lies.
pub(super) const fn place_in_tile(x: u32, y: u32) -> usize {
    ((y % TILE_PIXELS) * TILE_PIXELS + x % TILE_PIXELS) as usize
}

/// The values of one tile, row by row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tile<T>(Box<[T]>);

impl<T: Copy> Tile<T> {
    /// From as many values as a tile has pixels; `None` where there are more or fewer.
    #[must_use]
    pub fn from_pixels(pixels: Vec<T>) -> Option<Self> {
        (pixels.len() == TILE_LEN).then(|| Self(pixels.into_boxed_slice()))
    }

    /// The same value everywhere.
    #[must_use]
    pub fn filled(value: T) -> Self {
        Self(vec![value; TILE_LEN].into_boxed_slice())
    }

    /// Row by row.
    #[must_use]
    pub fn pixels(&self) -> &[T] {
        &self.0
    }

    /// At a place on the canvas, if the tile is the one that it lies in.
    #[must_use]
    pub fn at(&self, x: u32, y: u32) -> T {
        self.0[place_in_tile(x, y)]
    }
}

/// A tile to put in a place; `None` for one in which there is nothing.
pub type TileChange<T> = (TileIdx, Option<Arc<Tile<T>>>);

type Row<T> = Arc<[Option<Arc<Tile<T>>>]>;

/// A value for each pixel. Tiles in which all are `T::default()` need not be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Raster<T> {
    width: u32,
    height: u32,
    /// Invariant: as many tiles as it takes to cover all pixels. In rows, as a stroke changes few of them.
    rows: Arc<[Row<T>]>,
}

impl<T: Copy + Default + Eq> Raster<T> {
    /// Nothing but `T::default()`.
    #[must_use]
    pub fn new(width: u32, height: u32) -> Self {
        Self::of_one_tile(width, height, None)
    }

    /// Every pixel alike; one tile stands for all of them.
    #[must_use]
    pub fn filled(width: u32, height: u32, value: T) -> Self {
        Self::of_one_tile(width, height, Some(Arc::new(Tile::filled(value))))
    }

    fn of_one_tile(width: u32, height: u32, tile: Option<Arc<Tile<T>>>) -> Self {
        let row: Row<T> = vec![tile; width.div_ceil(TILE_PIXELS) as usize].into();
        Self { width, height, rows: vec![row; height.div_ceil(TILE_PIXELS) as usize].into() }
    }

    #[must_use]
    pub const fn width(&self) -> u32 {
        self.width
    }

    #[must_use]
    pub const fn height(&self) -> u32 {
        self.height
    }

    #[must_use]
    pub const fn area(&self) -> PixelRect {
        PixelRect::new(0, 0, self.width, self.height)
    }

    /// Whether the two are one and the same, as far as pointers tell: clones, between which nothing was changed.
    #[must_use]
    pub fn is_clone_of(&self, other: &Self) -> bool {
        self.area() == other.area() && Arc::ptr_eq(&self.rows, &other.rows)
    }

    /// `T::default()` where nothing was set, and off the canvas.
    #[must_use]
    pub fn at(&self, x: u32, y: u32) -> T {
        if self.width <= x || self.height <= y {
            return T::default();
        }
        self.tile(TileIdx::of_pixel(x, y)).map_or_else(T::default, |it| it.at(x, y))
    }

    /// The tiles that `area` touches.
    pub fn tiles_in(&self, area: PixelRect) -> impl Iterator<Item = TileIdx> + use<T> {
        TileIdx::within(area.intersection(self.area()))
    }

    /// The tile at `idx`; `None` where there is nothing in it.
    ///
    /// # Panics
    /// Where there is no such tile.
    #[must_use]
    pub fn tile(&self, idx: TileIdx) -> Option<&Arc<Tile<T>>> {
        self.rows[idx.row as usize][idx.col as usize].as_ref()
    }

    /// All tiles in which there is something.
    pub fn tiles(&self) -> impl Iterator<Item = (TileIdx, &Arc<Tile<T>>)> {
        (0..).zip(self.rows.iter()).flat_map(|(row, tiles)| {
            let found = (0..).zip(tiles.iter());
            found.filter_map(move |(col, it)| Some((TileIdx { row, col }, it.as_ref()?)))
        })
    }

    fn slot(&mut self, idx: TileIdx) -> &mut Option<Arc<Tile<T>>> {
        let row = &mut Arc::make_mut(&mut self.rows)[idx.row as usize];
        &mut Arc::make_mut(row)[idx.col as usize]
    }

    /// Puts `tile` at `idx`.
    ///
    /// # Panics
    /// Where there is no such tile.
    pub fn put_tile(&mut self, idx: TileIdx, tile: Option<Arc<Tile<T>>>) {
        *self.slot(idx) = tile;
    }

    /// Puts a tile in its place, and returns what was there.
    ///
    /// # Panics
    /// Where there is no such tile.
    pub fn swap_tile(&mut self, (idx, tile): TileChange<T>) -> TileChange<T> {
        (idx, std::mem::replace(self.slot(idx), tile))
    }

    /// Changes the pixels of `area`: `rule(x, y, old)` says what each becomes. Tiles in which
    /// nothing changes stay shared with older clones.
    pub fn update(&mut self, area: PixelRect, mut rule: impl FnMut(u32, u32, T) -> T) {
        self.update_runs(area, |x, y, run| {
            for (x, value) in (x..).zip(run) {
                *value = rule(x, y, *value);
            }
        });
    }

    /// The same, several pixels at a time: `rule(x, y, run)` changes those of a row that begin there, all in one tile.
    pub fn update_runs(&mut self, area: PixelRect, mut rule: impl FnMut(u32, u32, &mut [T])) {
        let mut run = Vec::with_capacity(TILE_PIXELS as usize);
        for idx in self.tiles_in(area) {
            let part = idx.pixels().intersection(area).intersection(self.area());
            let old_tile = self.tile(idx);
            // Copied at the first run that changes.
            let mut changed: Option<Tile<T>> = None;
            for y in part.top..part.bottom {
                let first = place_in_tile(part.left, y);
                let places = first..first + part.width() as usize;
                let old = old_tile.map_or(&[][..], |it| &it.0[places.clone()]);
                run.clear();
                run.extend_from_slice(old);
                run.resize(places.len(), T::default());
                rule(part.left, y, &mut run);
                let is_same = if old.is_empty() {
                    run.iter().all(|it| *it == T::default())
                } else {
                    run == old
                };
                if !is_same {
                    let tile = changed.get_or_insert_with(|| {
                        let old = old_tile.map(|it| (**it).clone());
                        old.unwrap_or_else(|| Tile::filled(T::default()))
                    });
                    tile.0[places].copy_from_slice(&run);
                }
            }
            if let Some(tile) = changed {
                self.put_tile(idx, Some(Arc::new(tile)));
            }
        }
    }

    /// The tiles of `older` that differ from those of this one; costs a comparison of pointers where
    /// nothing was changed.
    ///
    /// # Panics
    /// Where the two are not of one size.
    #[must_use]
    pub fn tiles_unlike(&self, older: &Self) -> Vec<TileChange<T>> {
        assert_eq!(self.area(), older.area(), "rasters of different sizes");
        if Arc::ptr_eq(&self.rows, &older.rows) {
            return Vec::new();
        }
        let mut changes = Vec::new();
        for (row, (now, old)) in (0..).zip(self.rows.iter().zip(older.rows.iter())) {
            if Arc::ptr_eq(now, old) {
                continue;
            }
            let unlike = (0..).zip(now.iter().zip(old.iter())).filter(|(_, (now, old))| now != old);
            changes.extend(unlike.map(|(col, (_, old))| (TileIdx { row, col }, old.clone())));
        }
        changes
    }

    /// Where it differs from `older`, in whole tiles.
    ///
    /// # Panics
    /// As [`Self::tiles_unlike`].
    #[must_use]
    pub fn area_unlike(&self, older: &Self) -> PixelRect {
        let tiles = self.tiles_unlike(older).into_iter().map(|(idx, _)| idx.pixels());
        tiles.fold(PixelRect::default(), PixelRect::union)
    }

    /// The smallest rectangle of tiles that holds all there is; empty where there is nothing.
    #[must_use]
    pub fn bounds(&self) -> PixelRect {
        let all = self.tiles().map(|(idx, _)| idx.pixels());
        all.fold(PixelRect::default(), PixelRect::union).intersection(self.area())
    }

    /// What its tiles take in memory, whoever shares them.
    #[must_use]
    pub fn n_bytes(&self) -> u64 {
        (self.tiles().count() * TILE_LEN * size_of::<T>()) as u64
    }

    /// The values of `area`, row by row.
    #[must_use]
    pub fn values(&self, area: PixelRect) -> Vec<T> {
        let mut values = Vec::with_capacity(area.width() as usize * area.height() as usize);
        for y in area.top..area.bottom {
            let mut x = area.left;
            while x < area.right {
                let end = ((x / TILE_PIXELS + 1) * TILE_PIXELS).min(area.right);
                self.push_run(&mut values, y, x, end);
                x = end;
            }
        }
        values
    }

    /// Appends the pixels of a row from `x` to `end`, all of which lie in one column of tiles.
    fn push_run(&self, values: &mut Vec<T>, y: u32, x: u32, end: u32) {
        let n_on = if y < self.height { end.min(self.width).saturating_sub(x) } else { 0 };
        let tile = if n_on == 0 { None } else { self.tile(TileIdx::of_pixel(x, y)) };
        let n_there = if let Some(tile) = tile {
            let start = place_in_tile(x, y);
            values.extend_from_slice(&tile.0[start..start + n_on as usize]);
            n_on
        } else {
            0
        };
        values.resize(values.len() + (end - x - n_there) as usize, T::default());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clone_does_not_see_later_changes() {
        let mut raster = Raster::new(100, 170);
        let older = raster.clone();
        raster.update(PixelRect::new(60, 60, 70, 70), |_, _, _| 7_u8);
        assert_eq!((older.at(65, 65), raster.at(65, 65)), (0, 7));
        assert_eq!(raster.tiles_unlike(&older).len(), 4);
        assert_eq!(raster.area_unlike(&older), PixelRect::new(0, 0, 128, 128));
        assert!(!raster.is_clone_of(&older) && older.is_clone_of(&older.clone()));
        assert!(Arc::ptr_eq(&raster.rows[2], &older.rows[2]), "rows without a change are shared");
    }

    #[test]
    fn pixels_off_the_canvas_are_left_alone() {
        let mut raster = Raster::new(10, 10);
        raster.update(PixelRect::new(5, 5, 500, 500), |_, _, _| 9_u8);
        assert_eq!((raster.at(9, 9), raster.at(10, 10)), (9, 0));
        assert_eq!(raster.values(PixelRect::new(8, 9, 12, 11)), [9, 9, 0, 0, 0, 0, 0, 0]);
    }

    #[test]
    fn what_is_the_same_in_other_tiles_is_no_difference() {
        let [a, b] = [(); 2].map(|()| {
            let mut raster = Raster::new(70, 70);
            raster.update(PixelRect::new(3, 3, 9, 9), |x, _, _| x);
            raster
        });
        assert!(a == b && a.tiles_unlike(&b).is_empty() && !a.is_clone_of(&b));
        assert_eq!((a.bounds(), a.n_bytes()), (PixelRect::new(0, 0, 64, 64), 64 * 64 * 4));
    }
}
