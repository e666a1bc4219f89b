//! Pictures in tiles.

use super::raster::{Raster, Tile, TileChange};
use super::space::PixelRect;

/// Red, green, blue, alpha; straight (not premultiplied), sRGB.
pub type Rgba = [u8; 4];

/// The pixels of one tile.
pub type PixelTile = Tile<Rgba>;

/// A tile of pixels to put in a place; `None` for one without paint.
pub type PixelTileChange = TileChange<Rgba>;

/// A picture in tiles. Tiles that never had paint are not stored.
pub type Pixmap = Raster<Rgba>;

impl Pixmap {
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

    /// RGBA8 values of `area`, row by row.
    #[must_use]
    pub fn rgba(&self, area: PixelRect) -> Vec<u8> {
        self.values(area).into_flattened()
    }

    /// Whether there is no paint at all.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.tiles().all(|(_, tile)| tile.pixels().iter().all(|&[_, _, _, alpha]| alpha == 0))
    }

    /// As a part of a pixmap of this size, its top left at a place that may lie outside; what reaches beyond is left out.
    #[must_use]
    pub fn placed(&self, width: u32, height: u32, [left, top]: [i64; 2]) -> Self {
        if (width, height, left, top) == (self.width(), self.height(), 0, 0) {
            return self.clone();
        }
        let mut whole = Self::new(width, height);
        let within = |at: i64, max: u32| at.clamp(0, max.into()) as u32;
        let area = PixelRect::new(
            within(left, width),
            within(top, height),
            within(left + i64::from(self.width()), width),
            within(top + i64::from(self.height()), height),
        );
        whole.update(area, |x, y, _| {
            self.at((i64::from(x) - left) as u32, (i64::from(y) - top) as u32)
        });
        whole
    }

    /// As a part of a pixmap of this size, its top left at a place inside; around it its outermost pixels go on.
    #[must_use]
    pub fn surrounded(&self, width: u32, height: u32, [left, top]: [u32; 2]) -> Self {
        if (width, height, left, top) == (self.width(), self.height(), 0, 0) {
            return self.clone();
        }
        let within =
            |at: u32, from: u32, len: u32| at.saturating_sub(from).min(len.saturating_sub(1));
        let mut whole = Self::new(width, height);
        whole.update(whole.area(), |x, y, _| {
            self.at(within(x, left, self.width()), within(y, top, self.height()))
        });
        whole
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
    }

    #[test]
    fn values_come_back_as_they_went_in() {
        let rgba: Vec<u8> = (0..70 * 65 * 4).map(|it| (it % 251) as u8).collect();
        let picture = Pixmap::from_rgba(70, 65, &rgba).unwrap();
        assert_eq!(picture.rgba(picture.area()), rgba);
        assert!(Pixmap::from_rgba(70, 64, &rgba).is_none());
    }

    #[test]
    fn paint_that_nobody_sees_is_none() {
        let mut picture = Pixmap::filled(70, 65, [3, 3, 3, 0]);
        assert!(picture.is_blank());
        picture.update(PixelRect::new(69, 64, 70, 65), |_, _, _| [0, 0, 0, 1]);
        assert!(!picture.is_blank());
    }
}
