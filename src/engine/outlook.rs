//! What the network thinks of the cells that are still open: which it is least in doubt about, and what it
//! expects there.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use super::job::Job;
use super::memory::Memory;
use super::protocol::Event;
use super::worker::Outbox;
use crate::base::{Cell, CellRect, Code, Grid, ReadingOrder, Step};
use crate::model::sampler::{Expected, Luck, draw_each, expect_each};
use crate::model::{Codes, Painter, Result};

/// In the order *sure first*, so many cells are ranked at a time: ranking asks for every open cell.
const RANKED_TOGETHER: usize = 16;

/// After an underpainting, painting has at least so many times its duration for itself.
const REST_PER_LOOK: u32 = 10;

/// When the next underpainting is worth its time.
#[derive(Debug)]
pub(super) struct Underpainting {
    /// Cells settled when the last one was made; none of this job yet: `None`.
    settled_then: Option<usize>,
    not_before: Instant,
    /// Whether the last one was a sketch, so that there is more to say in a pause.
    pub(super) is_sketch: bool,
}

impl Default for Underpainting {
    fn default() -> Self {
        Self { settled_then: None, not_before: Instant::now(), is_sketch: false }
    }
}

/// Which open cells an underpainting asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Detail {
    /// Those of every other row and column, and what is not between any of these: two fifths of the work.
    Sketch,
    All,
}

impl Detail {
    fn asked(self, open: &BTreeSet<Cell>, grid: Grid) -> BTreeSet<Cell> {
        let is_first = |it: Cell| {
            is_sketched(it.row, grid.rows) && is_sketched(it.col, grid.cols) && open.contains(&it)
        };
        let is_asked = |it: Cell| self == Self::All || !neighbours(it, grid).any(is_first);
        open.iter().copied().filter(|&it| is_first(it) || is_asked(it)).collect()
    }
}

/// So many rows and columns at each end of a picture are all asked for: codecs see nothing beyond it, so that codes there
/// are unlike those beside them.
const RIM: u16 = 3;

/// Whether a sketch asks for a row or column.
const fn is_sketched(line: u16, n_lines: u16) -> bool {
    line % 2 == 1 || line < RIM || n_lines <= line + RIM
}

/// What a cell is between where only a sketch was asked for, and it itself.
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

impl Job {
    /// The steps that are still to be taken under the view of the next one.
    fn open_in_view(&mut self) -> impl Iterator<Item = Step> {
        self.turn_to_view();
        self.steps[self.next..].iter().copied().take_while(|it| it.view == self.view)
    }

    /// The guided logits of `open` steps under the view of the next one, all from what is settled now. One forward
    /// pass per prompt.
    fn ask_open(
        &mut self,
        open: &[Step],
        painter: &dyn Painter,
        memory: &mut Memory,
    ) -> Result<Vec<(Step, Vec<f32>)>> {
        let mut answers = Vec::new();
        for (idx, prompt) in self.request.prompts.iter().enumerate() {
            let steps = open.iter().filter(|it| usize::from(it.prompt) == idx);
            let steps: Vec<Step> = steps.copied().collect();
            if steps.is_empty() {
                continue;
            }
            let cells: Vec<Cell> = steps.iter().map(|it| self.view.place_of(it.cell)).collect();
            let logits = memory.ask(painter, prompt, self.look_at(&[], &cells))?;
            answers.extend(steps.into_iter().zip(logits));
            self.passes_untold += 1;
        }
        Ok(answers)
    }

    /// Puts the steps first that the network is least in doubt about, and guesses what they will be.
    pub(super) fn rank(&mut self, painter: &dyn Painter, memory: &mut Memory) -> Result<()> {
        let temperature = self.request.sampling.temperature;
        let open: Vec<Step> = self.open_in_view().collect();
        let answers = self.ask_open(&open, painter, memory)?;
        let (steps, logits): (Vec<Step>, Vec<Vec<f32>>) = answers.into_iter().unzip();
        let lucks: Vec<Luck> = steps.iter().map(|&it| self.luck(it)).collect();
        let drawn = draw_each(&logits, self.request.sampling, &lucks);
        let expected = expect_each(&logits, temperature);
        let ranked = expected.iter().zip(steps).zip(drawn);
        let mut ranked: Vec<(f32, Step, Code)> =
            ranked.map(|((expected, step), drawn)| (expected.doubt, step, drawn.code)).collect();
        ranked.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cell.cmp(&b.1.cell)));
        self.guesses = ranked.iter().map(|&(_, _, code)| code).take(RANKED_TOGETHER).collect();
        let end = self.next + ranked.len();
        self.steps.splice(self.next..end, ranked.into_iter().map(|(_, step, _)| step));
        self.n_ranked = (self.next + RANKED_TOGETHER).min(end);
        Ok(())
    }

    /// In a pause there is time for an underpainting.
    pub(super) fn underpaint_at_rest(
        &mut self,
        painter: &dyn Painter,
        memory: &mut Memory,
        outbox: &Outbox,
    ) -> Result<()> {
        if self.underpainting.settled_then != Some(self.next) {
            self.underpainting = Underpainting::default();
        }
        self.underpaint(painter, memory, outbox)
    }

    /// In a pause in which nobody wants anything, there is time for all of a sketch's cells.
    pub(super) fn complete_sketch(
        &mut self,
        painter: &dyn Painter,
        memory: &mut Memory,
        outbox: &Outbox,
    ) -> Result<()> {
        self.underpainting.is_sketch = false;
        self.look_ahead(Detail::All, painter, memory, outbox)
    }

    /// Sketches the picture that the network expects, blurred by its own doubt: at the start, and then after
    /// every row's worth of cells, unless it would cost painting more than a tenth.
    pub(super) fn underpaint(
        &mut self,
        painter: &dyn Painter,
        memory: &mut Memory,
        outbox: &Outbox,
    ) -> Result<()> {
        let row = usize::from(self.view.cols());
        let look = &mut self.underpainting;
        let is_new = look.settled_then.is_none_or(|then| then + row <= self.next);
        let begun = Instant::now();
        // Row by row, a network expects nothing but the next cell.
        let is_blind = self.request.plan.reading_order == ReadingOrder::InPlace;
        if is_blind || !is_new || begun < look.not_before || self.next == self.steps.len() {
            return Ok(());
        }
        look.settled_then = Some(self.next);
        self.look_ahead(Detail::Sketch, painter, memory, outbox)?;
        self.underpainting.is_sketch = true;
        let took = begun.elapsed().max(Duration::from_micros(1));
        self.underpainting.not_before = Instant::now() + took * REST_PER_LOOK;
        Ok(())
    }

    /// Tells what is expected of all open cells in view.
    fn look_ahead(
        &mut self,
        detail: Detail,
        painter: &dyn Painter,
        memory: &mut Memory,
        outbox: &Outbox,
    ) -> Result<()> {
        let begun = Instant::now();
        let grid = self.request.plan.grid;
        let mut asked: Vec<Step> = self.open_in_view().collect();
        let open: BTreeSet<Cell> = asked.iter().map(|it| it.cell).collect();
        let cells = detail.asked(&open, grid);
        asked.retain(|it| cells.contains(&it.cell));
        let (steps, logits): (Vec<Step>, Vec<Vec<f32>>) =
            self.ask_open(&asked, painter, memory)?.into_iter().unzip();
        let expected = expect_each(&logits, self.request.sampling.temperature);
        let mut of_cells = vec![None; grid.n_cells()];
        for (step, expected) in steps.iter().zip(expected) {
            of_cells[grid.idx(step.cell)] = Some(expected);
        }
        let between = open.iter().map(|&it| (it, expected_at(it, &of_cells, grid)));
        let expected: Vec<(Cell, Expected)> = between.collect();

        let sureness = (painter.facts().n_codes as f32).ln();
        let doubts =
            expected.iter().map(|(cell, it)| (*cell, (it.doubt / sureness).clamp(0.0, 1.0)));
        let doubts = doubts.collect();
        let odds: Vec<(Cell, Vec<f32>)> =
            expected.into_iter().map(|(cell, it)| (cell, it.odds)).collect();
        let settled = self.settled_codes();
        let decoded =
            painter.codec().underpaint(Codes { grid, of_cells: &settled }, &odds, self.view)?;
        self.tell_underpainting(&decoded, outbox);
        outbox.tell(Event::Doubts { job: self.id(), doubts });
        self.stats.decode_secs += begun.elapsed().as_secs_f32();
        Ok(())
    }
}

/// What is expected at a cell, or the mean of what is expected where it lies between, if it was not asked for.
fn expected_at(cell: Cell, of_cells: &[Option<Expected>], grid: Grid) -> Expected {
    let at = |it: Cell| of_cells[grid.idx(it)].as_ref();
    if let Some(expected) = at(cell) {
        return expected.clone();
    }
    let near: Vec<&Expected> = neighbours(cell, grid).filter_map(at).collect();
    let share = 1.0 / near.len() as f32;
    let mut odds = vec![0.0; near.first().map_or(0, |it| it.odds.len())];
    for it in &near {
        odds.iter_mut().zip(&it.odds).for_each(|(sum, odds)| *sum += odds * share);
    }
    Expected { doubt: near.iter().map(|it| it.doubt).sum::<f32>() * share, odds }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::scramble;

    const GRID: Grid = Grid { rows: 24, cols: 24, cell_pixels: 1 };

    #[test]
    fn a_sketch_says_something_of_every_open_cell() {
        for luck in 0..20 {
            let is_open = |it: &Cell| scramble(luck << 20 | GRID.idx(*it) as u64) % 20 < luck;
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
        let expected = |doubt: f32| Some(Expected { odds: vec![doubt, 1.0 - doubt], doubt });
        let mut of_cells = vec![None; GRID.n_cells()];
        for (cell, doubt) in [((5, 7), 0.2), ((5, 9), 0.4), ((7, 7), 0.9)] {
            of_cells[GRID.idx(Cell::new(cell.0, cell.1))] = expected(doubt);
        }
        let at = |row, col| expected_at(Cell::new(row, col), &of_cells, GRID).doubt;
        assert!((at(5, 8) - 0.3).abs() < 1e-6);
        assert!((at(6, 8) - 0.5).abs() < 1e-6);
        assert_eq!(at(7, 7), 0.9);
    }
}
