//! A sketch of an underpainting: some open cells are asked for, and the others lie between them.

use std::collections::{BTreeMap, BTreeSet};

use crate::base::{Cell, CellRect, Grid};
use crate::model::sampler::Expected;

/// Which open cells an underpainting asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Detail {
    /// Those of every other row and column, all of the rim, and what no such open cell is beside. Of a picture of 24 × 24
    /// cells without any paint two fifths, of what is scattered nearly all.
    Sketch,
    All,
}

impl Detail {
    /// `open` cells have the same prompt: another prompt is no help.
    pub(super) fn asked(self, open: &BTreeSet<Cell>, grid: Grid) -> BTreeSet<Cell> {
        let is_first = |it: Cell| {
            is_sketched(it.row, grid.rows) && is_sketched(it.col, grid.cols) && open.contains(&it)
        };
        let is_alone = |it: Cell| !neighbours(it, grid).any(is_first);
        let is_asked = |it: Cell| self == Self::All || is_first(it) || is_alone(it);
        open.iter().copied().filter(|&it| is_asked(it)).collect()
    }
}

/// What is expected at a cell: if it was not `asked` for, the mean of those that it lies between.
pub(super) fn expected_at(cell: Cell, asked: &BTreeMap<Cell, Expected>, grid: Grid) -> Expected {
    if let Some(expected) = asked.get(&cell) {
        return expected.clone();
    }
    let near: Vec<&Expected> = neighbours(cell, grid).filter_map(|it| asked.get(&it)).collect();
    let weight = 1.0 / near.len() as f32;
    let mut probs = vec![0.0; near.first().map_or(0, |it| it.probs.len())];
    for it in &near {
        probs.iter_mut().zip(&it.probs).for_each(|(sum, prob)| *sum += prob * weight);
    }
    Expected { entropy: near.iter().map(|it| it.entropy).sum::<f32>() * weight, probs }
}

/// Rows and columns at each end of a picture that are all asked for: codecs see nothing beyond the picture, so that
/// codes there are unlike those beside them.
const RIM: u16 = 3;

/// Whether a sketch asks for a row or column.
const fn is_sketched(line: u16, n_lines: u16) -> bool {
    line % 2 == 1 || line < RIM || n_lines <= line + RIM
}

/// The cells whose mean stands for one that a sketch leaves out; of one that it does not, the cell alone.
fn neighbours(cell: Cell, grid: Grid) -> impl Iterator<Item = Cell> {
    let margin = |line, n_lines| u16::from(!is_sketched(line, n_lines));
    let (rows, cols) = (margin(cell.row, grid.rows), margin(cell.col, grid.cols));
    let area = CellRect {
        left: cell.col - cols,
        top: cell.row - rows,
        right: cell.col + cols + 1,
        bottom: cell.row + rows + 1,
    };
    area.cells()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::scramble;

    const GRID: Grid = Grid { rows: 24, cols: 24, cell_pixels: 1 };

    #[test]
    fn a_sketch_says_something_of_every_open_cell() {
        for noise in 0..20 {
            let is_open = |it: &Cell| scramble((noise << 20) | GRID.idx(*it) as u64) % 20 < noise;
            let open: BTreeSet<Cell> = GRID.cells().filter(is_open).collect();
            let asked = Detail::Sketch.asked(&open, GRID);
            assert!(asked.is_subset(&open));
            assert!(open.iter().all(|&it| neighbours(it, GRID).any(|it| asked.contains(&it))));
        }
    }

    #[test]
    fn a_sketch_of_a_whole_picture_asks_for_every_other_row_and_column() {
        let open: BTreeSet<Cell> = GRID.cells().collect();
        assert_eq!(Detail::All.asked(&open, GRID), open);
        let asked = Detail::Sketch.asked(&open, GRID);
        assert_eq!(asked.len(), 15 * 15, "and three at each end");
        let inside = CellRect { left: 3, top: 3, right: 21, bottom: 21 };
        let is_odd = |it: Cell| it.row % 2 == 1 && it.col % 2 == 1;
        assert!(inside.cells().all(|it| asked.contains(&it) == is_odd(it)));
    }

    #[test]
    fn what_is_not_asked_lies_between() {
        let expected = |value: f32| Expected { probs: vec![value, 1.0 - value], entropy: value };
        let asked = [((5, 7), 0.2), ((5, 9), 0.4), ((7, 7), 0.9)];
        let asked = asked.map(|((row, col), value)| (Cell::new(row, col), expected(value)));
        let asked = BTreeMap::from(asked);
        let at = |row, col| expected_at(Cell::new(row, col), &asked, GRID);
        for (found, value) in [(at(5, 8), 0.3), (at(6, 8), 0.5), (at(7, 7), 0.9)] {
            assert!((found.entropy - value).abs() < 1e-6);
            assert!((found.probs[0] - value).abs() < 1e-6);
            assert!((found.probs[1] - (1.0 - value)).abs() < 1e-6);
        }
    }
}
