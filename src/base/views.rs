//! What a network sees of a canvas that is larger than the grid it was trained for: a view of that grid's size,
//! which moves over the canvas and always shows as much as possible of what stands there already.

use serde::{Deserialize, Serialize};

use super::plan::{Code, ReadingOrder};
use super::space::{Cell, CellRect, Grid};

/// How many rows and columns a network sees at once, at most. Stored as `[rows, cols]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "[u16; 2]", into = "[u16; 2]")]
pub struct ViewSize {
    pub rows: u16,
    pub cols: u16,
}

impl ViewSize {
    /// The whole of `grid`.
    #[must_use]
    pub const fn of(grid: Grid) -> Self {
        Self { rows: grid.rows, cols: grid.cols }
    }

    /// As much of it as `grid` has.
    #[must_use]
    pub fn within(self, grid: Grid) -> Self {
        Self { rows: self.rows.min(grid.rows), cols: self.cols.min(grid.cols) }
    }
}

impl From<[u16; 2]> for ViewSize {
    fn from([rows, cols]: [u16; 2]) -> Self {
        Self { rows, cols }
    }
}

impl From<ViewSize> for [u16; 2] {
    fn from(ViewSize { rows, cols }: ViewSize) -> Self {
        [rows, cols]
    }
}

/// Views start at multiples of their own size over this: two thirds of what a moved view shows are known.
const MOVES_PER_VIEW: u16 = 3;

/// What is painted in one go, in the middle of what stands, sees this many cells of it on each side.
const SURROUNDINGS: u16 = 2;

/// Cells at a view's border that are left to the next view, unless it is the canvas's own border: the network has
/// learned how pictures end, and paints their last cells so.
const BORDER: u16 = 2;

/// What is painted under one view.
pub(super) type UnderView = (CellRect, Vec<Cell>);

/// Puts `open` cells under views, one view after the other; within a view their order stays as it is. `is_known`
/// tells row by row which cells stand already; cells of one view are known to the next. Where a network reads in
/// place, a view is painted up to its borders: it must know all that comes before a cell.
pub(super) fn views(
    grid: Grid,
    view_size: ViewSize,
    reading_order: ReadingOrder,
    mut is_known: Vec<bool>,
    mut open: Vec<Cell>,
) -> Vec<UnderView> {
    let view_size = view_size.within(grid);
    let border = match reading_order {
        ReadingOrder::KeptFirst => BORDER,
        ReadingOrder::InPlace => 0,
    };
    let mut views = Vec::new();
    while let Some(bounds) = open.iter().map(|&it| CellRect::of(it)).reduce(CellRect::union) {
        let view = if is_seen_at_once(grid, view_size, bounds) {
            around(grid, view_size, bounds)
        } else {
            best_known(grid, view_size, border, &is_known, &open)
        };
        let inside = without_border(grid, view, border);
        let (now, later) = open.into_iter().partition(|&it| inside.contains(it));
        let now: Vec<Cell> = now;
        now.iter().for_each(|&it| is_known[grid.idx(it)] = true);
        views.push((view, now));
        open = later;
    }
    views
}

/// The view with `bounds` in its middle, as far as the canvas goes.
fn around(grid: Grid, ViewSize { rows, cols }: ViewSize, bounds: CellRect) -> CellRect {
    let start = |from: u16, to: u16, size: u16, whole: u16| {
        (from + (to - from) / 2).saturating_sub(size / 2).min(whole - size)
    };
    let top = start(bounds.top, bounds.bottom, rows, grid.rows);
    let left = start(bounds.left, bounds.right, cols, grid.cols);
    CellRect { left, top, right: left + cols, bottom: top + rows }
}

/// Whether one view shows `bounds` with enough of what surrounds them: a little on both sides, or much on one.
fn is_seen_at_once(grid: Grid, ViewSize { rows, cols }: ViewSize, bounds: CellRect) -> bool {
    let fits = |from: u16, to: u16, size: u16, whole: u16| match (from == 0, to == whole) {
        _ if whole == size => true,
        (true, true) => false,
        (false, false) => to - from + 2 * SURROUNDINGS <= size,
        _ => to - from <= size / MOVES_PER_VIEW,
    };
    fits(bounds.top, bounds.bottom, rows, grid.rows)
        && fits(bounds.left, bounds.right, cols, grid.cols)
}

/// What is painted under a view.
fn without_border(grid: Grid, view: CellRect, border: u16) -> CellRect {
    let [rows, cols] =
        [view.rows(), view.cols()].map(|size| border.min(size / (2 * MOVES_PER_VIEW)));
    let low = |from: u16, border: u16| if from == 0 { 0 } else { from + border };
    let high = |to: u16, border: u16, whole: u16| if to == whole { to } else { to - border };
    CellRect {
        left: low(view.left, cols),
        top: low(view.top, rows),
        right: high(view.right, cols, grid.cols),
        bottom: high(view.bottom, rows, grid.rows),
    }
}

/// The view that shows most of what is known, of those that show something open.
fn best_known(
    grid: Grid,
    ViewSize { rows, cols }: ViewSize,
    border: u16,
    is_known: &[bool],
    open: &[Cell],
) -> CellRect {
    let starts = |whole: u16, size: u16| {
        let step = usize::from((size / MOVES_PER_VIEW).max(1));
        (0..whole - size).step_by(step).chain([whole - size])
    };
    let all = starts(grid.rows, rows).flat_map(|top| {
        starts(grid.cols, cols).map(move |left| CellRect {
            left,
            top,
            right: left + cols,
            bottom: top + rows,
        })
    });
    let mut is_open = vec![false; grid.n_cells()];
    open.iter().for_each(|&it| is_open[grid.idx(it)] = true);
    let (known, open) = (Counts::of(grid, is_known), Counts::of(grid, &is_open));
    let worth = |view: &CellRect| {
        let n_open = open.within(without_border(grid, *view, border));
        (0 < n_open, known.within(*view), n_open)
    };
    // Of equals the first one.
    let best = all.reduce(|best, it| if worth(&best) < worth(&it) { it } else { best });
    best.unwrap_or_else(|| grid.all())
}

/// Counts cells of one kind in any rectangle at once: a summed-area table.
struct Counts {
    cols: usize,
    /// (rows + 1) · (cols + 1) values: how many there are above and to the left.
    sums: Vec<usize>,
}

impl Counts {
    fn of(grid: Grid, counts: &[bool]) -> Self {
        let cols = usize::from(grid.cols) + 1;
        let mut sums = vec![0; cols * (usize::from(grid.rows) + 1)];
        for (cell, &counts) in grid.cells().zip(counts) {
            let idx = (usize::from(cell.row) + 1) * cols + usize::from(cell.col) + 1;
            sums[idx] =
                sums[idx - 1] + sums[idx - cols] - sums[idx - cols - 1] + usize::from(counts);
        }
        Self { cols, sums }
    }

    fn within(&self, area: CellRect) -> usize {
        let at = |row: u16, col: u16| self.sums[usize::from(row) * self.cols + usize::from(col)];
        let CellRect { left, top, right, bottom } = area;
        at(bottom, right) + at(top, left) - at(top, right) - at(bottom, left)
    }
}

/// Parts of the canvas, each with the view that has it in its middle: for questions about what stands already.
#[must_use]
pub fn tiles(grid: Grid, view_size: ViewSize) -> Vec<(CellRect, CellRect)> {
    let view_size = view_size.within(grid);
    let size = |seen: u16, whole: u16| {
        if seen == whole { whole } else { (seen / MOVES_PER_VIEW).max(1) }
    };
    let (rows, cols) = (size(view_size.rows, grid.rows), size(view_size.cols, grid.cols));
    let mut tiles = Vec::new();
    for top in (0..grid.rows).step_by(usize::from(rows)) {
        for left in (0..grid.cols).step_by(usize::from(cols)) {
            let (right, bottom) = ((left + cols).min(grid.cols), (top + rows).min(grid.rows));
            let tile = CellRect { left, top, right, bottom };
            tiles.push((tile, around(grid, view_size, tile)));
        }
    }
    tiles
}

/// Those of `cells` that `view` shows, where the network has them: the view's first cell is its first.
pub fn seen_in(view: CellRect, cells: &[(Cell, Code)]) -> impl Iterator<Item = (Cell, Code)> + '_ {
    let seen = cells.iter().filter(move |it| view.contains(it.0));
    seen.map(move |&(cell, code)| (view.place_of(cell), code))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GRID: Grid = Grid { rows: 6, cols: 18, cell_pixels: 4 };
    const VIEW_SIZE: ViewSize = ViewSize { rows: 6, cols: 6 };

    fn lefts(known: impl Fn(Cell) -> bool) -> Vec<(u16, usize)> {
        let is_known: Vec<bool> = GRID.cells().map(&known).collect();
        let open = GRID.cells().filter(|&it| !known(it)).collect();
        let views = views(GRID, VIEW_SIZE, ReadingOrder::KeptFirst, is_known, open);
        views.into_iter().map(|(view, cells)| (view.left, cells.len())).collect()
    }

    #[test]
    fn what_fits_into_one_view_is_painted_under_one() {
        let grid = Grid { cols: 6, ..GRID };
        let view_size = ViewSize { rows: 24, cols: 24 };
        let views = views(
            grid,
            view_size,
            ReadingOrder::KeptFirst,
            vec![false; 36],
            grid.cells().collect(),
        );
        assert_eq!(views, [(grid.all(), grid.cells().collect::<Vec<_>>())]);
    }

    #[test]
    fn a_fresh_panorama_is_painted_from_one_end_to_the_other() {
        let expected = [(0, 30), (2, 12), (4, 12), (6, 12), (8, 12), (10, 12), (12, 18)];
        assert_eq!(lefts(|_| false), expected);
    }

    #[test]
    fn what_is_missing_on_the_left_is_painted_from_the_right() {
        assert_eq!(lefts(|it| 10 <= it.col), [(8, 6), (6, 12), (4, 12), (2, 12), (0, 18)]);
    }

    #[test]
    fn a_hole_is_seen_with_what_surrounds_it() {
        assert_eq!(lefts(|it| it.col != 9), [(6, 6)]);
    }

    #[test]
    fn every_cell_is_in_one_tile_and_every_tile_in_its_view() {
        let tiles = tiles(GRID, VIEW_SIZE);
        let mut cells: Vec<Cell> = tiles.iter().flat_map(|it| it.0.cells()).collect();
        cells.sort();
        assert_eq!(cells, GRID.cells().collect::<Vec<_>>());
        assert!(tiles.iter().all(|(tile, view)| tile.union(*view) == *view));
        assert_eq!(super::tiles(GRID, ViewSize::of(GRID)), [(GRID.all(), GRID.all())]);
    }
}
