//! The plan of a picture: what is to become of each cell, and in which order.
//! Fresh picture, continuation, repaint and inpaint differ only in their plan.

use serde::{Deserialize, Serialize};

use super::space::{Cell, Grid};

/// An index into the codebook; what the model predicts for a cell.
pub type Code = u32;

/// What is to become of one cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CellPlan {
    /// Leave this code as it is; the model only reads it.
    Keep(Code),

    /// Let the model choose.
    Paint,
}

/// The rule that makes the plan's order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Order {
    /// Top to bottom, left to right.
    #[default]
    Rows,

    /// Every fourth cell in both directions, then every second, then the rest: the composition
    /// stands after a sixteenth of the work, details come last.
    Outline,
}

impl Order {
    /// All cells of `grid`, first one first.
    #[must_use]
    pub fn cells(self, grid: Grid) -> Vec<Cell> {
        let mut cells: Vec<Cell> = grid.cells().collect();
        if self == Self::Outline {
            // A stable sort: within one level the cells stay in rows.
            cells.sort_by_key(|cell| match (cell.row, cell.col) {
                (row, col) if row % 4 == 1 && col % 4 == 1 => 0,
                (row, col) if row % 2 == 1 && col % 2 == 1 => 1,
                _ => 2,
            });
        }
        cells
    }
}

/// What is to become of each cell, and in which order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    pub grid: Grid,
    pub order: Order,
    /// Invariant: one entry per cell of `grid`, row by row; so are `prompts` and `takes`.
    pub cells: Vec<CellPlan>,
    /// Which of the request's prompts each cell is painted under.
    pub prompts: Vec<u16>,
    /// Raising a cell's take gives it other luck, and leaves all other cells' luck alone.
    pub takes: Vec<u32>,
}

/// One step of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    pub cell: Cell,
    pub prompt: u16,
    pub take: u32,
}

impl Plan {
    /// A fresh picture: every cell is painted under the first prompt.
    #[must_use]
    pub fn fresh(grid: Grid, order: Order) -> Self {
        Self {
            grid,
            order,
            cells: vec![CellPlan::Paint; grid.n_cells()],
            prompts: vec![0; grid.n_cells()],
            takes: vec![0; grid.n_cells()],
        }
    }

    /// What becomes of `cell`.
    #[must_use]
    pub fn of(&self, cell: Cell) -> CellPlan {
        self.cells[self.grid.idx(cell)]
    }

    /// The kept cells with their codes, in the plan's order: what the model reads first.
    ///
    /// A rows-only network reads them in their places; an any-order network is trained to know all
    /// that surrounds a patch before it paints the patch.
    #[must_use]
    pub fn kept(&self) -> Vec<(Cell, Code)> {
        let order = self.order.cells(self.grid);
        let kept = order.into_iter().filter_map(|cell| match self.of(cell) {
            CellPlan::Keep(code) => Some((cell, code)),
            CellPlan::Paint => None,
        });
        kept.collect()
    }

    /// The cells to paint, first one first.
    #[must_use]
    pub fn steps(&self) -> Vec<Step> {
        let order = self.order.cells(self.grid);
        let steps = order.into_iter().filter(|&cell| self.of(cell) == CellPlan::Paint);
        let steps = steps.map(|cell| {
            let idx = self.grid.idx(cell);
            Step { cell, prompt: self.prompts[idx], take: self.takes[idx] }
        });
        steps.collect()
    }

    /// Whether the lists are as long as the grid has cells, and each prompt exists.
    #[must_use]
    pub fn is_sound(&self, n_prompts: usize) -> bool {
        let n = self.grid.n_cells();
        n == self.cells.len()
            && n == self.prompts.len()
            && n == self.takes.len()
            && self.prompts.iter().all(|&it| usize::from(it) < n_prompts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GRID: Grid = Grid { rows: 8, cols: 8, cell_pixels: 1 };

    #[test]
    fn every_order_names_every_cell_once() {
        for order in [Order::Rows, Order::Outline] {
            let mut cells = order.cells(GRID);
            cells.sort();
            assert_eq!(cells, GRID.cells().collect::<Vec<_>>());
        }
    }

    #[test]
    fn the_outline_comes_first() {
        let first: Vec<Cell> = Order::Outline.cells(GRID).into_iter().take(4).collect();
        assert_eq!(first, [Cell::new(1, 1), Cell::new(1, 5), Cell::new(5, 1), Cell::new(5, 5)]);
    }
}
