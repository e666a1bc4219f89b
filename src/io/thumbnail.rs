//! Pictures as small as lists show them.

use image::RgbaImage;
use image::imageops::{FilterType, resize};

use crate::base::Pixmap;

/// A picture of RGBA8 values, at most `max_side` pixels to a side; a blank pixel where there are not as many values as pixels.
pub(super) fn thumbnail(width: u32, height: u32, rgba: Vec<u8>, max_side: u32) -> Pixmap {
    let longest = width.max(height).max(1);
    let side = |it: u32| (it * max_side.min(longest) / longest).max(1);
    let small = RgbaImage::from_raw(width, height, rgba).map(|it| {
        if longest <= max_side {
            it
        } else {
            resize(&it, side(width), side(height), FilterType::Triangle)
        }
    });
    small
        .and_then(|it| Pixmap::from_rgba(it.width(), it.height(), it.as_raw()))
        .unwrap_or_else(|| Pixmap::new(1, 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_small_stays_and_what_is_large_keeps_its_shape() {
        let rgba = |n: usize| vec![9; n * 4];
        let size = |it: Pixmap| (it.width(), it.height());
        assert_eq!(size(thumbnail(7, 3, rgba(21), 10)), (7, 3));
        assert_eq!(size(thumbnail(40, 20, rgba(800), 10)), (10, 5));
        assert_eq!(size(thumbnail(400, 1, rgba(400), 10)), (10, 1));
        assert_eq!(size(thumbnail(9, 9, rgba(5), 10)), (1, 1));
    }
}
