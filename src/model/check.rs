//! Whether cells, codes and pixels are there, before a network is asked about them.

use super::{Ask, Codes, Error, Result};
use crate::base::{Cell, CellRect, Code, Grid, PixelRect};

/// For a context that has read `len` cells.
pub(super) fn check(
    grid: Grid,
    n_codes: usize,
    len: usize,
    placed: &[(Cell, Code)],
    ask: &[Ask],
) -> Result<()> {
    let mut cells = placed.iter().map(|&(cell, _)| cell).chain(ask.iter().map(|it| it.cell));
    if let Some(Cell { row, col }) = cells.find(|&it| !grid.all().contains(it)) {
        return Err(Error::NoSuchCell { row, col });
    }
    if let Some(&(_, code)) = placed.iter().find(|it| n_codes <= it.1 as usize) {
        return Err(Error::NoSuchCode(code));
    }
    let read = len + placed.len();
    let n_cells = grid.n_cells();
    if n_cells < read {
        return Err(Error::TooMany { n_cells });
    }
    if ask.iter().any(|it| read < it.after) {
        return Err(Error::NotRead { read });
    }
    Ok(())
}

/// The cells of `area`, whose `n_values` colour values a codec is to encode, `wanted` of them.
///
/// # Errors
/// Where it is not made of whole cells, the wanted ones among them, or has another number of
/// values.
pub(super) fn check_area(
    cell_pixels: u16,
    n_values: usize,
    area: PixelRect,
    wanted: CellRect,
) -> Result<CellRect> {
    // Of the largest canvas that there can be.
    let grid = Grid { rows: Grid::MAX_SIDE, cols: Grid::MAX_SIDE, cell_pixels };
    let held = grid.touched(area).filter(|&held| grid.pixels(held) == area);
    let held = held.filter(|_| n_values == area.width() as usize * area.height() as usize * 3);
    let held = held.filter(|it| it.union(wanted) == *it && !is_empty(wanted));
    held.ok_or(Error::NotWholeCells(wanted))
}

/// # Errors
/// Where there is not one code for each cell, cells are of another size than a codec's, or
/// `window` is empty or reaches beyond them.
pub(super) fn check_window(cell_pixels: u16, codes: Codes<'_>, window: CellRect) -> Result<()> {
    let Codes { grid, of_cells } = codes;
    let is_whole = of_cells.len() == grid.n_cells() && grid.cell_pixels == cell_pixels;
    if is_whole && grid.all().union(window) == grid.all() && !is_empty(window) {
        Ok(())
    } else {
        Err(Error::NoSuchWindow(window))
    }
}

const fn is_empty(cells: CellRect) -> bool {
    cells.right <= cells.left || cells.bottom <= cells.top
}

#[cfg(test)]
mod tests {
    use super::*;

    const GRID: Grid = Grid { rows: 3, cols: 4, cell_pixels: 8 };

    #[test]
    fn only_whole_cells_are_encoded() {
        let area = PixelRect::new(8, 0, 32, 16);
        let n_values = 24 * 16 * 3;
        let held = CellRect { left: 1, top: 0, right: 4, bottom: 2 };
        let check = |n_values, area, wanted| check_area(8, n_values, area, wanted).ok();
        assert_eq!(check(n_values, area, held), Some(held));
        assert_eq!(check(n_values, area, CellRect::of(Cell::new(1, 3))), Some(held));
        assert_eq!(check(n_values - 1, area, held), None);
        assert_eq!(check(n_values, area, CellRect::of(Cell::new(0, 0))), None);
        assert_eq!(check(n_values, area, CellRect { right: 1, ..held }), None);
        assert_eq!(check(n_values, PixelRect::new(7, 0, 31, 16), held), None);
        assert_eq!(check(0, PixelRect::new(8, 8, 8, 8), held), None);
    }

    #[test]
    fn only_windows_into_the_picture_are_decoded() {
        let codes = [Some(1); 12];
        let all = GRID.all();
        let check = |n_codes: usize, cell_pixels, window| {
            let codes = Codes { grid: GRID, of_cells: &codes[..n_codes] };
            check_window(cell_pixels, codes, window).is_ok()
        };
        assert!(check(12, 8, all) && check(12, 8, CellRect::of(Cell::new(2, 3))));
        assert!(!check(11, 8, all) && !check(12, 16, all));
        assert!(!check(12, 8, CellRect { right: 5, ..all }));
        assert!(!check(12, 8, CellRect { right: 0, ..all }));
    }
}
