//! What turns pixels into codes and codes into pixels.

use super::Result;
use crate::base::{Cell, CellRect, Code, Grid, PixelRect};

/// Pixels ↔ codes.
pub trait Codec: Send {
    /// The codes of the cells in `cells`.
    ///
    /// `rgb` are the pixels of `area`: 3 bytes each, row by row; `area` is made of whole cells, and
    /// holds `cells` with as much around them as there is, up to [`Facts::encode_margin`](super::Facts::encode_margin); with
    /// less, codes are near the exact ones.
    ///
    /// # Errors
    /// Where the network cannot be run.
    fn encode(&self, rgb: &[u8], area: PixelRect, cells: CellRect) -> Result<Vec<Code>>;

    /// Paints the cells in `window`.
    ///
    /// # Errors
    /// Where the network cannot be run.
    fn decode(&self, codes: Codes<'_>, window: CellRect, quality: Quality) -> Result<Decoded>;

    /// What is seen in each of `cells`, whose codes these are, row by row: an index into
    /// [`Facts::labels`](super::Facts::labels). Of what lies around them nothing is known. Nothing from a codec that
    /// tells nothing apart.
    ///
    /// # Errors
    /// Where the network cannot be run.
    fn label(&self, _codes: &[Code], _cells: CellRect) -> Result<Vec<u8>> {
        Ok(Vec::new())
    }

    /// Paints the cells in `window` as they are expected to become: a cell in `probs` shows the
    /// mean of what the codes stand for, weighted with their probabilities (one per code, together
    /// 1).
    ///
    /// # Errors
    /// Where the network cannot be run.
    fn underpaint(
        &self,
        codes: Codes<'_>,
        probs: &[(Cell, &[f32])],
        window: CellRect,
    ) -> Result<Decoded>;
}

/// What stands in each cell of a picture, which may be larger or smaller than [`Facts::grid`](super::Facts::grid).
#[derive(Clone, Copy, Debug)]
pub struct Codes<'a> {
    pub grid: Grid,
    /// Row by row; open cells are `None`.
    pub of_cells: &'a [Option<Code>],
}

/// How exact a decoded window has to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quality {
    /// For looking: cells far from the window are left out.
    Preview,
    /// For keeping: equal to the same part of a full decode.
    Final,
}

/// A window of decoded cells.
#[derive(Clone, Debug, PartialEq)]
pub struct Decoded {
    pub window: CellRect,
    /// 3 bytes per pixel of the window, row by row.
    pub rgb: Vec<u8>,
    /// Per cell of the window an index into [`Facts::labels`](super::Facts::labels); empty where there are none.
    pub labels: Vec<u8>,
}

impl Decoded {
    /// The colour at `x`, `y` of the canvas of `grid`; `None` outside of the window.
    #[must_use]
    pub fn pixel(&self, grid: Grid, x: u32, y: u32) -> Option<[u8; 3]> {
        self.run(grid, x, y, 1)?.first().copied()
    }

    /// The colours of a row of `len` pixels from `x`, `y` on; `None` where they are not all inside of the window.
    #[must_use]
    pub fn run(&self, grid: Grid, x: u32, y: u32, len: usize) -> Option<&[[u8; 3]]> {
        let area = grid.pixels(self.window);
        let (x, y) = (x.checked_sub(area.left)?, y.checked_sub(area.top)?);
        let width = area.width() as usize;
        if width < x as usize + len || area.height() <= y {
            return None;
        }
        let start = y as usize * width + x as usize;
        self.rgb.as_chunks().0.get(start..start + len)
    }

    /// The same in bands of whole rows of at most `max_cells` cells, or of one row.
    pub fn bands(&self, max_cells: usize) -> impl Iterator<Item = Self> {
        let CellRect { left, top, right, bottom } = self.window;
        let rows = (max_cells / usize::from(self.window.cols()).max(1)).max(1);
        let n_values = self.rgb.len() / usize::from(self.window.rows()).max(1);
        let n_labels = self.labels.len() / usize::from(self.window.rows()).max(1);
        (top..bottom).step_by(rows).map(move |start| {
            let end = bottom.min(start + rows as u16);
            let (from, to) = (usize::from(start - top), usize::from(end - top));
            Self {
                window: CellRect { left, top: start, right, bottom: end },
                rgb: self.rgb[from * n_values..to * n_values].to_vec(),
                labels: self.labels[from * n_labels..to * n_labels].to_vec(),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pixel_is_found_by_its_place_on_the_canvas() {
        let grid = Grid { rows: 4, cols: 5, cell_pixels: 2 };
        let window = CellRect { left: 1, top: 2, right: 4, bottom: 4 };
        // Each pixel says where it is.
        let area = grid.pixels(window);
        let places =
            (area.top..area.bottom).flat_map(|y| (area.left..area.right).map(move |x| [x, y]));
        let rgb = places.flat_map(|[x, y]| [x as u8, y as u8, 7]).collect();
        let decoded = Decoded { window, rgb, labels: Vec::new() };
        for [x, y] in [[2, 4], [7, 4], [2, 7], [7, 7], [4, 5]] {
            assert_eq!(decoded.pixel(grid, x, y), Some([x as u8, y as u8, 7]));
        }
        for [x, y] in [[1, 4], [8, 4], [2, 3], [2, 8], [0, 0], [u32::MAX, u32::MAX]] {
            assert_eq!(decoded.pixel(grid, x, y), None, "{x}, {y}");
        }
    }
}
