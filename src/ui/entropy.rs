//! The entropy map: where the model is undecided, and a word or a stroke would matter most.

use crate::base::{Cell, Grid, PixelRect, Pixmap, Rgba};
use crate::document::blend;

/// The colours of entropies 0 and 1.
const LOW: [f32; 3] = [40.0, 70.0, 140.0];
const HIGH: [f32; 3] = [255.0, 176.0, 60.0];

/// How much of the map is laid over the picture.
const OPACITY: u8 = 150;

/// Lays the map over the open cells of `area`; `entropies` holds the grid row by row, from 0 to 1, `None` where a
/// cell is not open.
pub(super) fn lay_over(shown: &mut Pixmap, area: PixelRect, grid: Grid, entropies: &[Option<f32>]) {
    shown.update(area, |x, y, old| {
        let cell = grid.cell_of_pixel(x, y);
        match entropies.get(grid.idx(cell)).copied().flatten() {
            Some(own) => blend::over(old, colour(smoothed(grid, entropies, x, y, own))),
            None => old,
        }
    });
}

fn colour(entropy: f32) -> Rgba {
    let mix = |from: f32, to: f32| (from + (to - from) * entropy) as u8;
    let [red, green, blue] = [0, 1, 2].map(|it| mix(LOW[it], HIGH[it]));
    [red, green, blue, OPACITY]
}

/// Between the middles of four cells; where one of them is not open, `own` stands for it.
fn smoothed(grid: Grid, entropies: &[Option<f32>], x: u32, y: u32, own: f32) -> f32 {
    let size = f32::from(grid.cell_pixels);
    let place = |at: u32, n: u16| {
        let at = ((at as f32 + 0.5) / size - 0.5).clamp(0.0, f32::from(n - 1));
        let first = at.floor();
        (first as u16, (first as u16 + 1).min(n - 1), at - first)
    };
    let (left, right, across) = place(x, grid.cols);
    let (top, bottom, down) = place(y, grid.rows);
    let of = |row, col| entropies[grid.idx(Cell::new(row, col))].unwrap_or(own);
    let mix = |a: f32, b: f32, fraction: f32| a + (b - a) * fraction;
    let upper = mix(of(top, left), of(top, right), across);
    mix(upper, mix(of(bottom, left), of(bottom, right), across), down)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn open_cells_are_tinted_and_settled_ones_are_not() {
        let grid = Grid { rows: 2, cols: 2, cell_pixels: 8 };
        let mut shown = Pixmap::new(16, 16);
        let entropies = [None, Some(0.0), Some(1.0), Some(0.5)];
        lay_over(&mut shown, grid.area(), grid, &entropies);
        assert_eq!(shown.at(3, 3), [0; 4]);
        let (low, high) = (shown.at(15, 0), shown.at(0, 15));
        assert_eq!(low, [40, 70, 140, OPACITY]);
        assert!(200 < high[0] && high[2] < 90);
        // Without steps from cell to cell.
        let step = |a: Rgba, b: Rgba| a[0].abs_diff(b[0]);
        assert!(step(shown.at(7, 12), shown.at(8, 12)) < 20);
    }
}
