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
    tiles: Vec<Option<Arc<Tile>>>,
}

impl Pixmap {
    /// Without any paint.
    #[must_use]
    pub fn new(width: u32, height: u32) -> Self {
        let n_tiles = width.div_ceil(TILE_PIXELS) * height.div_ceil(TILE_PIXELS);
        Self { width, height, tiles: vec![None; n_tiles as usize] }
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
            let tile = &mut self.tiles[slot];
            for y in part.top..part.bottom {
                for x in part.left..part.right {
                    let place = ((y % TILE_PIXELS) * TILE_PIXELS + x % TILE_PIXELS) as usize;
                    let old = tile.as_ref().map_or([0; 4], |it| it.0[place]);
                    let new = rule(x, y, old);
                    if new != old {
                        let tile = tile.get_or_insert_with(|| Arc::new(Tile::empty()));
                        Arc::make_mut(tile).0[place] = new;
                    }
                }
            }
        }
    }

    /// Makes `area` show `above` over `below`, pixel by pixel as `blend` says. Where there is no paint
    /// above, the tile below is shared, not copied.
    ///
    /// # Panics
    /// Where the three are not of one size: in debug builds always, else where a tile is missing.
    pub fn overlay(
        &mut self,
        area: PixelRect,
        below: &Self,
        above: &Self,
        blend: impl Fn(Rgba, Rgba) -> Rgba,
    ) {
        debug_assert!(
            self.area() == below.area() && self.area() == above.area(),
            "pixmaps of different sizes"
        );
        for idx in self.tiles_in(area) {
            let slot = self.slot(idx);
            self.tiles[slot] = match (&below.tiles[slot], &above.tiles[slot]) {
                (below, None) => below.clone(),
                (None, Some(above)) => Some(Arc::clone(above)),
                (Some(below), Some(above)) => {
                    let pixels =
                        below.0.iter().zip(&above.0).map(|(&below, &above)| blend(below, above));
                    Some(Arc::new(Tile(pixels.collect())))
                }
            };
        }
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
        (idx, std::mem::replace(&mut self.tiles[slot], tile))
    }

    /// The tiles of `older` that differ from this picture's; costs a comparison of pointers where
    /// nothing was changed.
    ///
    /// # Panics
    /// Where the two are not of one size: in debug builds always, else where a tile is missing.
    #[must_use]
    pub fn tiles_unlike(&self, older: &Self) -> Vec<TileChange> {
        debug_assert_eq!(self.area(), older.area(), "pixmaps of different sizes");
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
            for x in area.left..area.right {
                values.extend_from_slice(&self.at(x, y));
            }
        }
        values
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
    }

    #[test]
    fn pixels_off_the_canvas_are_left_alone() {
        let mut picture = Pixmap::new(10, 10);
        picture.update(PixelRect::new(5, 5, 500, 500), |_, _, _| [9; 4]);
        assert_eq!(picture.at(9, 9), [9; 4]);
        assert_eq!(picture.at(10, 10), [0; 4]);
    }

    #[test]
    fn values_come_back_as_they_went_in() {
        let rgba: Vec<u8> = (0..70 * 65 * 4).map(|it| (it % 251) as u8).collect();
        let picture = Pixmap::from_rgba(70, 65, &rgba).unwrap();
        assert_eq!(picture.rgba(picture.area()), rgba);
        assert!(Pixmap::from_rgba(70, 64, &rgba).is_none());
    }
}
