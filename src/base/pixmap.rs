//! Pixels in copy-on-write tiles: a clone costs a few pointers, a change copies only its tile.

use std::sync::Arc;

use super::space::PixelRect;

/// Red, green, blue, alpha; straight (not premultiplied), sRGB.
pub type Rgba = [u8; 4];

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
    /// The pixels that the tile holds; at the canvas edge part of them are off the canvas.
    #[must_use]
    pub const fn pixels(self) -> PixelRect {
        let (left, top) = (self.col * TILE_PIXELS, self.row * TILE_PIXELS);
        PixelRect::new(left, top, left + TILE_PIXELS, top + TILE_PIXELS)
    }
}

/// The pixels of one tile, row by row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tile(Box<[Rgba]>);

impl Tile {
    /// From as many pixels as a tile has; `None` where there are more or fewer.
    #[must_use]
    pub fn from_pixels(pixels: Vec<Rgba>) -> Option<Self> {
        (pixels.len() == TILE_LEN).then(|| Self(pixels.into_boxed_slice()))
    }

    /// Row by row.
    #[must_use]
    pub fn pixels(&self) -> &[Rgba] {
        &self.0
    }

    fn empty() -> Self {
        Self(vec![[0; 4]; TILE_LEN].into_boxed_slice())
    }
}

/// A tile to put in a place; `None` for one without paint.
pub type TileChange = (TileIdx, Option<Arc<Tile>>);

/// A picture in tiles. Tiles without paint are not stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pixmap {
    width: u32,
    height: u32,
    /// Invariant: one entry per tile, row by row.
    tiles: Arc<Vec<Option<Arc<Tile>>>>,
}

impl Pixmap {
    /// Without any paint.
    #[must_use]
    pub fn new(width: u32, height: u32) -> Self {
        let n_tiles = width.div_ceil(TILE_PIXELS) * height.div_ceil(TILE_PIXELS);
        Self { width, height, tiles: Arc::new(vec![None; n_tiles as usize]) }
    }

    /// From RGBA8 values, row by row; `None` where their number does not fit.
    #[must_use]
    pub fn from_rgba(width: u32, height: u32, rgba: &[u8]) -> Option<Self> {
        let (pixels, rest) = rgba.as_chunks::<4>();
        if !rest.is_empty() || pixels.len() != width as usize * height as usize {
            return None;
        }
        let mut it = Self::new(width, height);
        it.update(it.area(), |x, y, _| pixels[y as usize * width as usize + x as usize]);
        Some(it)
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

    /// Whether there is no paint at all.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.tiles.iter().flatten().all(|tile| tile.0.iter().all(|&[_, _, _, alpha]| alpha == 0))
    }

    /// Whether the two are one and the same, as far as pointers tell: clones, between which nothing was changed.
    #[must_use]
    pub fn is_clone_of(&self, other: &Self) -> bool {
        self.area() == other.area() && Arc::ptr_eq(&self.tiles, &other.tiles)
    }

    fn tile_cols(&self) -> u32 {
        self.width.div_ceil(TILE_PIXELS)
    }

    fn slot(&self, idx: TileIdx) -> usize {
        (idx.row * self.tile_cols() + idx.col) as usize
    }

    /// Transparent black where there is no paint, and off the canvas.
    #[must_use]
    pub fn at(&self, x: u32, y: u32) -> Rgba {
        if self.width <= x || self.height <= y {
            return [0; 4];
        }
        let idx = TileIdx { row: y / TILE_PIXELS, col: x / TILE_PIXELS };
        match &self.tiles[self.slot(idx)] {
            Some(tile) => tile.0[((y % TILE_PIXELS) * TILE_PIXELS + x % TILE_PIXELS) as usize],
            None => [0; 4],
        }
    }

    /// The tiles that `area` touches.
    pub fn tiles_in(&self, area: PixelRect) -> impl Iterator<Item = TileIdx> + use<> {
        let area = area.intersection(self.area());
        let (rows, cols) = if area.is_empty() {
            (0..0, 0..0)
        } else {
            (
                area.top / TILE_PIXELS..area.bottom.div_ceil(TILE_PIXELS),
                area.left / TILE_PIXELS..area.right.div_ceil(TILE_PIXELS),
            )
        };
        rows.flat_map(move |row| cols.clone().map(move |col| TileIdx { row, col }))
    }

    /// Changes the pixels of `area`: `rule(x, y, old)` says what each becomes. Tiles in which
    /// nothing changes stay shared with older clones.
    pub fn update(&mut self, area: PixelRect, mut rule: impl FnMut(u32, u32, Rgba) -> Rgba) {
        for idx in self.tiles_in(area) {
            let part = idx.pixels().intersection(area).intersection(self.area());
            let slot = self.slot(idx);
            // Copied at the first pixel that changes.
            let mut changed: Option<Tile> = None;
            for y in part.top..part.bottom {
                for x in part.left..part.right {
                    let place = ((y % TILE_PIXELS) * TILE_PIXELS + x % TILE_PIXELS) as usize;
                    let now = changed.as_ref().or(self.tiles[slot].as_deref());
                    let old = now.map_or([0; 4], |it| it.0[place]);
                    let new = rule(x, y, old);
                    if new != old {
                        let tile = changed.get_or_insert_with(|| {
                            self.tiles[slot].as_deref().cloned().unwrap_or_else(Tile::empty)
                        });
                        tile.0[place] = new;
                    }
                }
            }
            if let Some(tile) = changed {
                Arc::make_mut(&mut self.tiles)[slot] = Some(Arc::new(tile));
            }
        }
    }

    /// The tile at `idx`; `None` where there is no paint in it.
    ///
    /// # Panics
    /// Where there is no such tile.
    #[must_use]
    pub fn tile(&self, idx: TileIdx) -> Option<&Arc<Tile>> {
        self.tiles[self.slot(idx)].as_ref()
    }

    /// What its tiles take in memory, whoever shares them.
    #[must_use]
    pub fn n_bytes(&self) -> u64 {
        (self.tiles.iter().flatten().count() * TILE_LEN * size_of::<Rgba>()) as u64
    }

    /// As a part of a pixmap of this size, its top left at a place that may lie outside; what reaches beyond is left out.
    #[must_use]
    pub fn placed(&self, width: u32, height: u32, [left, top]: [i64; 2]) -> Self {
        if (width, height, left, top) == (self.width, self.height, 0, 0) {
            return self.clone();
        }
        let mut whole = Self::new(width, height);
        let within = |at: i64, max: u32| at.clamp(0, max.into()) as u32;
        let area = PixelRect::new(
            within(left, width),
            within(top, height),
            within(left + i64::from(self.width), width),
            within(top + i64::from(self.height), height),
        );
        whole.update(area, |x, y, _| {
            self.at((i64::from(x) - left) as u32, (i64::from(y) - top) as u32)
        });
        whole
    }

    /// As a part of a pixmap of this size, its top left at a place inside; around it its outermost pixels go on.
    #[must_use]
    pub fn surrounded(&self, width: u32, height: u32, [left, top]: [u32; 2]) -> Self {
        if (width, height, left, top) == (self.width, self.height, 0, 0) {
            return self.clone();
        }
        let within =
            |at: u32, from: u32, len: u32| at.saturating_sub(from).min(len.saturating_sub(1));
        let mut whole = Self::new(width, height);
        whole.update(whole.area(), |x, y, _| {
            self.at(within(x, left, self.width), within(y, top, self.height))
        });
        whole
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

    /// The smallest rectangle of tiles that holds all paint; empty where there is none.
    #[must_use]
    pub fn bounds(&self) -> PixelRect {
        let tiles = self.tiles_in(self.area()).filter(|&it| self.tile(it).is_some());
        let all = tiles.map(TileIdx::pixels).fold(PixelRect::default(), PixelRect::union);
        all.intersection(self.area())
    }

    /// Puts `tile` at `idx`.
    ///
    /// # Panics
    /// Where there is no such tile.
    pub fn put_tile(&mut self, idx: TileIdx, tile: Option<Arc<Tile>>) {
        let slot = self.slot(idx);
        Arc::make_mut(&mut self.tiles)[slot] = tile;
    }

    /// Every pixel alike; one tile stands for all of them.
    #[must_use]
    pub fn filled(width: u32, height: u32, colour: Rgba) -> Self {
        let mut it = Self::new(width, height);
        let tile = Arc::new(Tile(vec![colour; TILE_LEN].into_boxed_slice()));
        it.tiles = Arc::new(vec![Some(tile); it.tiles.len()]);
        it
    }

    /// Puts a tile in its place, and returns what was there.
    ///
    /// # Panics
    /// Where there is no such place: in debug builds always, else where it is behind the last row.
    pub fn swap_tile(&mut self, (idx, tile): TileChange) -> TileChange {
        debug_assert!(
            !idx.pixels().intersection(self.area()).is_empty(),
            "a tile outside of the pixmap"
        );
        let slot = self.slot(idx);
        (idx, std::mem::replace(&mut Arc::make_mut(&mut self.tiles)[slot], tile))
    }

    /// The tiles of `older` that differ from this picture's; costs a comparison of pointers where
    /// nothing was changed.
    ///
    /// # Panics
    /// Where the two are not of one size: in debug builds always, else where a tile is missing.
    #[must_use]
    pub fn tiles_unlike(&self, older: &Self) -> Vec<TileChange> {
        debug_assert_eq!(self.area(), older.area(), "pixmaps of different sizes");
        if Arc::ptr_eq(&self.tiles, &older.tiles) {
            return Vec::new();
        }
        let same = |a: &Option<Arc<Tile>>, b: &Option<Arc<Tile>>| match (a, b) {
            (None, None) => true,
            (Some(a), Some(b)) => Arc::ptr_eq(a, b) || a == b,
            _ => false,
        };
        let changes = self.tiles_in(self.area()).filter_map(|idx| {
            let slot = self.slot(idx);
            let old = &older.tiles[slot];
            (!same(&self.tiles[slot], old)).then(|| (idx, old.clone()))
        });
        changes.collect()
    }

    /// RGBA8 values of `area`, row by row.
    #[must_use]
    pub fn rgba(&self, area: PixelRect) -> Vec<u8> {
        let mut values = Vec::with_capacity(area.width() as usize * area.height() as usize * 4);
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
    fn push_run(&self, values: &mut Vec<u8>, y: u32, x: u32, end: u32) {
        let n_on = if y < self.height { end.min(self.width).saturating_sub(x) } else { 0 };
        let tile = if n_on == 0 {
            None
        } else {
            self.tile(TileIdx { row: y / TILE_PIXELS, col: x / TILE_PIXELS })
        };
        let n_there = if let Some(tile) = tile {
            let start = ((y % TILE_PIXELS) * TILE_PIXELS + x % TILE_PIXELS) as usize;
            let run = &tile.0[start..start + n_on as usize];
            values.extend_from_slice(run.as_flattened());
            n_on
        } else {
            0
        };
        values.resize(values.len() + (end - x - n_there) as usize * 4, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clone_does_not_see_later_changes() {
        let mut picture = Pixmap::new(100, 70);
        let older = picture.clone();
        picture.update(PixelRect::new(60, 60, 70, 70), |_, _, _| [1, 2, 3, 255]);
        assert_eq!(older.at(65, 65), [0; 4]);
        assert_eq!(picture.at(65, 65), [1, 2, 3, 255]);
        assert_eq!(picture.tiles_unlike(&older).len(), 4);
        assert!(!picture.is_clone_of(&older) && older.is_clone_of(&older.clone()));
    }

    #[test]
    fn pixels_off_the_canvas_are_left_alone() {
        let mut picture = Pixmap::new(10, 10);
        picture.update(PixelRect::new(5, 5, 500, 500), |_, _, _| [9; 4]);
        assert_eq!(picture.at(9, 9), [9; 4]);
        assert_eq!(picture.at(10, 10), [0; 4]);
    }

    #[test]
    fn a_part_of_a_larger_one_keeps_its_pixels_and_goes_on_around_them_or_not() {
        let rgba: Vec<u8> = (0..3 * 2 * 4).collect();
        let part = Pixmap::from_rgba(3, 2, &rgba).unwrap();
        let placed = part.placed(5, 5, [-1, 4]);
        assert_eq!(
            [placed.at(0, 4), placed.at(1, 4), placed.at(2, 4)],
            [part.at(1, 0), part.at(2, 0), [0; 4]]
        );
        assert!(part.placed(5, 5, [9, 9]).bounds().is_empty());
        let surrounded = part.surrounded(6, 5, [2, 1]);
        assert_eq!([surrounded.at(2, 1), surrounded.at(4, 2)], [part.at(0, 0), part.at(2, 1)]);
        assert_eq!([surrounded.at(0, 0), surrounded.at(5, 4)], [part.at(0, 0), part.at(2, 1)]);
        assert_eq!(part.area_unlike(&Pixmap::new(3, 2)), PixelRect::new(0, 0, 64, 64));
    }

    #[test]
    fn values_come_back_as_they_went_in() {
        let rgba: Vec<u8> = (0..70 * 65 * 4).map(|it| (it % 251) as u8).collect();
        let picture = Pixmap::from_rgba(70, 65, &rgba).unwrap();
        assert_eq!(picture.rgba(picture.area()), rgba);
        assert!(Pixmap::from_rgba(70, 64, &rgba).is_none());
    }
}
