//! Decoded pixels at the size of the canvas, of which the model's pixels may take several each.

use crate::base::{PixelKind, resampled};
use crate::model::{Decoded, Error, Result};

/// `decoded`, whose cells are `cell_pixels` large, with `scale` pixels along each side of every one (Lanczos). Each window
/// is scaled by itself: what is decoded as a whole has no borders inside.
///
/// # Errors
/// Where there are not as many values as pixels.
pub(super) fn scaled(decoded: Decoded, cell_pixels: u16, scale: u16) -> Result<Decoded> {
    if scale <= 1 {
        return Ok(decoded);
    }
    let Decoded { window, rgb, labels } = decoded;
    let size = |n_cells: u16| u32::from(n_cells) * u32::from(cell_pixels);
    let from = [size(window.cols()), size(window.rows())];
    let to = from.map(|it| it * u32::from(scale));
    let rgb = resampled(&rgb, PixelKind::Rgb, from, to).ok_or(Error::WrongShape)?;
    Ok(Decoded { window, rgb, labels })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::CellRect;

    #[test]
    fn a_window_becomes_as_large_as_the_canvas_wants_it() {
        let window = CellRect { left: 3, top: 1, right: 5, bottom: 2 };
        // Left half dark, right half light.
        let rgb = (0..8 * 4).flat_map(|it| [if it % 8 < 4 { 20 } else { 220 }; 3]).collect();
        let decoded = Decoded { window, rgb, labels: vec![1, 2] };
        assert_eq!(scaled(decoded.clone(), 4, 1).unwrap(), decoded);
        let twice = scaled(decoded.clone(), 4, 2).unwrap();
        assert_eq!(
            (twice.window, twice.rgb.len(), &twice.labels),
            (window, 16 * 8 * 3, &decoded.labels)
        );
        assert!(twice.rgb[0].abs_diff(20) < 3 && twice.rgb[15 * 3].abs_diff(220) < 3);
        let missing = Decoded { rgb: vec![0; 5], ..decoded };
        assert!(scaled(missing, 4, 2).is_err());
    }
}
