//! The plan of a picture: what is to become of each cell, and in which order.
//! Fresh picture, continuation, repaint and inpaint differ only in their plan.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::space::{Cell, CellRect, Grid};
use super::views::{ViewSize, seen_in, views};

/// An index into the codebook; what the model predicts for a cell.
pub type Code = u32;

/// What is to become of one cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CellPlan {
    /// Leave this code as it is; the model only reads it.
    Keep(Code),

    /// Leave what is there, which somebody has painted; the model reads its code in the pixels that come with the plan.
    Read,

    /// Let the model choose.
    Paint,
}

/// The rule that makes the plan's order. Networks that paint rows only know the first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Order {
    /// Top to bottom, left to right.
    #[default]
    Rows,

    /// Every fourth cell in both directions, then every second, then the rest: the composition
    /// stands after a sixteenth of the work, details come last. Within each stage by chance, which the request's
    /// seed decides: cells that follow each other are seldom neighbours, so guesses ahead are good, and an edit
    /// changes little that is far from it.
    Outline,

    /// The first stage of [`Self::Outline`], then the rest in rows, which then know what lies ahead.
    Composed,

    /// By the distance from these cells; from the middle where none are named.
    Around(Vec<Cell>),

    /// Those first that the network is least in doubt about. Only the network knows which: until it is
    /// asked, they stand in rows.
    Sure,

    /// By chance, which the request's seed decides.
    Random,

    /// These first, then what they leave out in rows.
    List(Vec<Cell>),
}

impl Order {
    /// All cells of `grid`, first one first; where the rule leaves a choice, in rows.
    #[must_use]
    pub fn cells(&self, grid: Grid, seed: u64) -> Vec<Cell> {
        let mut cells: Vec<Cell> = grid.cells().collect();
        let noise = |cell: Cell| scramble(scramble(seed) ^ grid.idx(cell) as u64);
        // Stable sorts: what is equal stays in rows.
        match self {
            Self::Rows | Self::Sure => (),
            Self::Outline => cells.sort_by_key(|&cell| (stage(cell), noise(cell))),
            Self::Composed => cells.sort_by_key(|&cell| match stage(cell) {
                0 => (false, noise(cell)),
                _ => (true, 0),
            }),
            Self::Around(origin) => {
                let middle = [Cell::new(grid.rows / 2, grid.cols / 2)];
                let origin = if origin.is_empty() { &middle[..] } else { origin };
                cells.sort_by_cached_key(|&cell| distance(cell, origin));
            }
            Self::Random => cells.sort_by_key(|&cell| noise(cell)),
            Self::List(list) => {
                // Where one is listed twice, its first place counts.
                let places = list.iter().enumerate().rev().map(|(place, &cell)| (cell, place));
                let places: HashMap<Cell, usize> = places.collect();
                cells.sort_by_key(|cell| places.get(cell).copied().unwrap_or(list.len()));
            }
        }
        cells
    }
}

/// In which stage of [`Order::Outline`] a cell comes: those of 0 are four apart, of 0 and 1 together two apart; 2 is the
/// rest.
const fn stage(cell: Cell) -> u8 {
    match (cell.row, cell.col) {
        (row, col) if row % 4 == 1 && col % 4 == 1 => 0,
        (row, col) if row % 2 == 1 && col % 2 == 1 => 1,
        _ => 2,
    }
}

/// The square of the distance to the nearest of `origin`, in cells.
fn distance(cell: Cell, origin: &[Cell]) -> u32 {
    let squares = origin.iter().map(|it| {
        let (rows, cols) = (cell.row.abs_diff(it.row), cell.col.abs_diff(it.col));
        u32::from(rows).pow(2) + u32::from(cols).pow(2)
    });
    squares.min().unwrap_or(0)
}

/// The output function of SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number
/// generators", 2014): counter-based, so the noise of any place can be computed alone.
#[must_use]
pub const fn scramble(state: u64) -> u64 {
    let mut z = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// How a network reads what is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReadingOrder {
    /// All of it first: a network that paints in any order knows all that surrounds a patch.
    #[default]
    KeptFirst,

    /// Each cell in its place, in rows: a network that paints row by row knows what comes before a cell, all of
    /// it, and nothing that comes after.
    InPlace,
}

/// What is to become of each cell, and in which order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    pub grid: Grid,
    pub order: Order,
    /// How much of the grid the network sees at once, at most.
    #[serde(rename = "sight", default = "everything")]
    pub view_size: ViewSize,
    /// The network's own way; those that read in place paint in rows.
    #[serde(default)]
    pub reading_order: ReadingOrder,
    /// Invariant: one entry per cell of `grid`, row by row; so are `prompts` and `variations`.
    pub cells: Vec<CellPlan>,
    /// Which of the request's prompts each cell is painted under.
    pub prompts: Vec<u16>,
    /// Raising a cell's variation gives it other noise, and leaves all other cells' noise alone.
    #[serde(rename = "takes")]
    pub variations: Vec<u32>,
}

const fn everything() -> ViewSize {
    ViewSize { rows: u16::MAX, cols: u16::MAX }
}

/// One step of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    pub cell: Cell,
    pub prompt: u16,
    pub variation: u32,
    /// What the network sees then: of the grid's size or the view's, whichever is smaller.
    pub view: CellRect,
}

impl Plan {
    /// A fresh picture: every cell is painted under the first prompt.
    #[must_use]
    pub fn fresh(grid: Grid, order: Order) -> Self {
        Self {
            grid,
            order,
            view_size: everything(),
            reading_order: ReadingOrder::KeptFirst,
            cells: vec![CellPlan::Paint; grid.n_cells()],
            prompts: vec![0; grid.n_cells()],
            variations: vec![0; grid.n_cells()],
        }
    }

    /// What becomes of `cell`.
    #[must_use]
    pub fn of(&self, cell: Cell) -> CellPlan {
        self.cells[self.grid.idx(cell)]
    }

    /// The kept cells with their codes, as far as they are known, in the plan's order.
    #[must_use]
    pub fn kept(&self, seed: u64) -> Vec<(Cell, Code)> {
        let order = self.order.cells(self.grid, seed);
        let kept = order.into_iter().filter_map(|cell| match self.of(cell) {
            CellPlan::Keep(code) => Some((cell, code)),
            CellPlan::Read | CellPlan::Paint => None,
        });
        kept.collect()
    }

    /// The cells whose codes are to be read in pixels.
    #[must_use]
    pub fn to_read(&self) -> Vec<Cell> {
        self.grid.cells().filter(|&it| self.of(it) == CellPlan::Read).collect()
    }

    /// A cell's code has been read: from now on it is kept.
    pub fn keep(&mut self, cell: Cell, code: Code) {
        let idx = self.grid.idx(cell);
        self.cells[idx] = CellPlan::Keep(code);
    }

    /// The cells to paint, first one first: view by view, within each in the plan's order.
    #[must_use]
    pub fn steps(&self, seed: u64) -> Vec<Step> {
        let order = self.order.cells(self.grid, seed);
        let open = order.into_iter().filter(|&cell| self.of(cell) == CellPlan::Paint).collect();
        let is_known = self.cells.iter().map(|&it| it != CellPlan::Paint).collect();
        let views = views(self.grid, self.view_size, self.reading_order, is_known, open);
        let steps = views.into_iter().flat_map(|(view, cells)| {
            cells.into_iter().map(move |cell| {
                let idx = self.grid.idx(cell);
                Step { cell, prompt: self.prompts[idx], variation: self.variations[idx], view }
            })
        });
        steps.collect()
    }

    /// What the network reads before it takes `step`, of all that is `known` by then, in the order in which it
    /// was kept or settled. Cells are counted from the view's first one.
    #[must_use]
    pub fn read_before(&self, step: Step, known: &[(Cell, Code)]) -> Vec<(Cell, Code)> {
        let Step { view, cell, .. } = step;
        match self.reading_order {
            ReadingOrder::KeptFirst => seen_in(view, known).collect(),
            ReadingOrder::InPlace => {
                let place = view.place_of(cell);
                let mut seen: Vec<_> = seen_in(view, known).filter(|it| it.0 < place).collect();
                seen.sort_by_key(|it| it.0);
                seen
            }
        }
    }

    /// The number of cells to paint.
    #[must_use]
    pub fn n_steps(&self) -> usize {
        self.cells.iter().filter(|&&it| it == CellPlan::Paint).count()
    }

    /// Whether the lists are as long as the grid has cells, and each prompt exists.
    #[must_use]
    pub fn is_sound(&self, n_prompts: usize) -> bool {
        let n = self.grid.n_cells();
        0 < self.view_size.rows
            && 0 < self.view_size.cols
            && n == self.cells.len()
            && n == self.prompts.len()
            && n == self.variations.len()
            && self.prompts.iter().all(|&it| usize::from(it) < n_prompts)
            && match &self.order {
                Order::Around(cells) | Order::List(cells) => {
                    cells.len() <= n && cells.iter().all(|&it| self.grid.all().contains(it))
                }
                _ => true,
            }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const GRID: Grid = Grid { rows: 8, cols: 8, cell_pixels: 1 };

    #[test]
    fn every_order_names_every_cell_once() {
        let some = vec![Cell::new(3, 3), Cell::new(0, 7)];
        for order in [
            Order::Rows,
            Order::Composed,
            Order::Outline,
            Order::Around(Vec::new()),
            Order::Around(some.clone()),
            Order::Sure,
            Order::Random,
            Order::List(some),
        ] {
            let mut cells = order.cells(GRID, 3);
            cells.sort();
            assert_eq!(cells, GRID.cells().collect::<Vec<_>>());
        }
    }

    #[test]
    fn each_order_begins_where_it_should() {
        let first = |order: Order, seed| order.cells(GRID, seed)[..2].to_vec();
        let (a, b) = (Cell::new(6, 1), Cell::new(2, 5));
        assert_eq!(first(Order::List(vec![a, b]), 0), [a, b]);
        assert_eq!(first(Order::Around(vec![b]), 0), [b, Cell::new(1, 5)]);
        assert_eq!(first(Order::Around(Vec::new()), 0)[0], Cell::new(4, 4));
        assert_eq!(first(Order::Random, 7), first(Order::Random, 7));
        assert_ne!(first(Order::Random, 7), first(Order::Random, 8));
    }

    #[test]
    fn composed_pictures_begin_with_their_anchors_and_go_on_in_rows() {
        let cells = Order::Composed.cells(GRID, 0);
        let outline = Order::Outline.cells(GRID, 0);
        assert_eq!(cells[..4], outline[..4]);
        assert!(cells[4..].is_sorted());
    }

    #[test]
    fn the_outline_comes_first() {
        let stages = |seed| {
            let cells = Order::Outline.cells(GRID, seed);
            let of = |part: &[Cell]| part.iter().copied().collect::<BTreeSet<Cell>>();
            (of(&cells[..4]), of(&cells[4..16]), cells)
        };
        let (first, second, cells) = stages(0);
        let corners = [[1, 1], [1, 5], [5, 1], [5, 5]].map(|[row, col]| Cell::new(row, col));
        assert_eq!(first, BTreeSet::from(corners));
        assert!(second.iter().all(|it| it.row % 2 == 1 && it.col % 2 == 1));
        let (same, too, other) = stages(1);
        assert_eq!((same, too), (first, second));
        assert_ne!(other, cells, "within a stage by chance");
    }
}
