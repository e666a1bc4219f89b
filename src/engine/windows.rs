//! Which part of the picture is worth decoding next, and when: looking never starves painting.

use std::time::{Duration, Instant};

use crate::base::{Cell, CellRect, Grid};

/// How many times the duration of a decode painting has for itself afterwards, at least.
const REST_PER_DECODE: u32 = 2;

/// What a window costs beyond its own cells: about how many cells around them the codec reads.
const MARGIN: usize = 2;

/// A fresh cell changes how its neighbours look, as far as this.
const REACH: u16 = 1;

/// The cells whose pixels are out of date.
#[derive(Debug)]
pub(super) struct Windows {
    grid: Grid,
    stale: Vec<Cell>,
    not_before: Instant,
}

impl Windows {
    pub(super) fn new(grid: Grid) -> Self {
        Self { grid, stale: Vec::new(), not_before: Instant::now() }
    }

    pub(super) fn mark(&mut self, cell: Cell) {
        self.stale.push(cell);
    }

    pub(super) fn is_due(&self, now: Instant) -> bool {
        !self.stale.is_empty() && self.not_before <= now
    }

    /// The windows to decode now; afterwards nothing is stale.
    pub(super) fn take(&mut self) -> Vec<CellRect> {
        let mut windows: Vec<CellRect> = Vec::new();
        for cell in self.stale.drain(..) {
            let mut window = CellRect::of(cell).grown(REACH, self.grid);
            // Windows that are cheaper together than apart become one.
            while let Some(idx) =
                windows.iter().position(|&it| cost(it.union(window)) <= cost(it) + cost(window))
            {
                window = window.union(windows.swap_remove(idx));
            }
            windows.push(window);
        }
        windows
    }

    /// What another job of the same picture has not shown yet is left to this one.
    pub(super) fn take_over(&mut self, left: Self) {
        if left.grid == self.grid {
            self.stale.extend(left.stale);
        }
    }

    /// Notes what the last decode took.
    pub(super) fn rest_after(&mut self, took: Duration) {
        self.not_before = Instant::now() + took * REST_PER_DECODE;
    }
}

fn cost(window: CellRect) -> usize {
    (usize::from(window.rows()) + 2 * MARGIN) * (usize::from(window.cols()) + 2 * MARGIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GRID: Grid = Grid { rows: 16, cols: 16, cell_pixels: 16 };

    #[test]
    fn cells_of_one_row_share_a_window() {
        let mut windows = Windows::new(GRID);
        (2..9).for_each(|col| windows.mark(Cell::new(4, col)));
        assert_eq!(windows.take(), [CellRect { left: 1, top: 3, right: 10, bottom: 6 }]);
        assert!(!windows.is_due(Instant::now()));
    }

    #[test]
    fn what_one_job_has_not_shown_the_next_one_shows() {
        let (mut left, mut windows) = (Windows::new(GRID), Windows::new(GRID));
        left.mark(Cell::new(4, 4));
        windows.take_over(left);
        assert_eq!(windows.take(), [CellRect { left: 3, top: 3, right: 6, bottom: 6 }]);
        let mut smaller = Windows::new(Grid { rows: 2, ..GRID });
        smaller.mark(Cell::new(1, 1));
        windows.take_over(smaller);
        assert!(windows.take().is_empty());
    }

    #[test]
    fn far_cells_do_not_drag_the_whole_picture_in() {
        let mut windows = Windows::new(GRID);
        windows.mark(Cell::new(0, 0));
        windows.mark(Cell::new(15, 15));
        assert_eq!(windows.take().len(), 2);
    }
}
