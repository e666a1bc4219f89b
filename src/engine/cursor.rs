//! Where a painting stands: what is settled, which cell is next, and what the network is asked for it.
//! Knows nothing of time, nor of what is shown.

use std::collections::VecDeque;

use super::context_pool::{ContextPool, Query};
use crate::base::{Cell, CellRect, Code, DocumentId, ReadingOrder, Request, Step};
use crate::model::sampler::{Drawn, Noise, draw_each};
use crate::model::{Painter, Result};

/// A request, carried out so far.
pub(super) struct Cursor {
    pub(super) document: DocumentId,
    pub(super) request: Request,
    pub(super) steps: Vec<Step>,
    /// Invariant: at most `steps.len()`; every earlier step is settled.
    pub(super) next: usize,
    /// In the order of reading: what is kept, then what was settled.
    pub(super) settled: Vec<(Cell, Code)>,
    /// What the network sees, and what of `settled` is in there, counted from the view's first cell.
    pub(super) view: CellRect,
    seen: Vec<(Cell, Code)>,
    /// For the next steps, one after the other, as far as there are any.
    pub(super) guesses: VecDeque<Code>,
}

impl Cursor {
    /// At the first cell. `drafts` stood in the cells before, row by row. The request is sound, and nothing of its plan
    /// is still to be read.
    pub(super) fn new(document: DocumentId, request: Request, drafts: &[Option<Code>]) -> Self {
        let plan = &request.plan;
        let settled = plan.kept(request.seed);
        let steps = plan.steps(request.seed);
        // What stood there before an edit is the best guess of what will stand there after it.
        let guesses = steps.iter().map_while(|it| drafts[plan.grid.idx(it.cell)]).collect();
        let first = steps.first();
        Self {
            document,
            view: first.map_or(plan.grid.all(), |it| it.view),
            seen: first.map_or_else(Vec::new, |&it| plan.read_before(it, &settled)),
            steps,
            next: 0,
            settled,
            guesses,
            request,
        }
    }

    pub(super) fn is_done(&self) -> bool {
        self.next == self.steps.len()
    }

    /// Has the network see what it is to see for the next step.
    pub(super) fn turn_to_view(&mut self) {
        let Some(&step) = self.steps.get(self.next) else { return };
        if step.view != self.view || self.is_behind(step) {
            self.view = step.view;
            self.seen = self.request.plan.read_before(step, &self.settled);
        }
    }

    /// Whether a network that reads in place has yet to read kept cells that come before `step`.
    fn is_behind(&self, step: Step) -> bool {
        self.request.plan.reading_order == ReadingOrder::InPlace
            && self.seen.len() != step.view.idx(step.cell)
    }

    /// How many of the next cells have the same prompt and view, so that one pass can look at them. Where the network
    /// reads kept cells in their places, there are none of them in between.
    pub(super) fn n_alike(&self) -> usize {
        let steps = &self.steps[self.next..];
        let Some(&first) = steps.first() else { return 0 };
        let is_alike = |(idx, it): &(usize, &Step)| {
            (it.prompt, it.view) == (first.prompt, first.view)
                && (self.request.plan.reading_order == ReadingOrder::KeptFirst
                    || it.view.idx(it.cell) == first.view.idx(first.cell) + idx)
        };
        steps.iter().enumerate().take_while(is_alike).count()
    }

    /// Whether the network has read all that the next step rests on.
    pub(super) fn is_under_way(&self) -> bool {
        let of = |step: &Step| (step.prompt, step.view);
        let before = self.next.checked_sub(1).map(|it| of(&self.steps[it]));
        before == self.steps.get(self.next).map(of)
    }

    pub(super) const fn noise(&self, step: Step) -> Noise {
        Noise::new(self.request.seed, step.variation, step.cell)
    }

    /// Draws a code for each of the next `width` cells, which are alike, as if the guesses before it were right. One
    /// forward pass.
    pub(super) fn draw(
        &mut self,
        width: usize,
        painter: &dyn Painter,
        contexts: &mut ContextPool,
    ) -> Result<Vec<Drawn>> {
        self.turn_to_view();
        self.guess_on(width - 1);
        let steps = &self.steps[self.next..][..width];
        let cells: Vec<Cell> = steps.iter().map(|it| self.view.place_of(it.cell)).collect();
        let guessed = cells[..width - 1].iter().copied().zip(self.guesses.iter().copied());
        let guessed: Vec<(Cell, Code)> = guessed.collect();
        let prompt = usize::from(steps[0].prompt);
        let logits = self.ask(prompt, &guessed, &cells, painter, contexts)?;
        let noises: Vec<Noise> = steps.iter().map(|&it| self.noise(it)).collect();
        Ok(draw_each(&logits, self.request.sampling, &noises))
    }

    /// A network that reads in place cannot be asked for a cell before there are guesses for all cells before it:
    /// at first they repeat what came last. Pass by pass they become better, before their turn comes.
    fn guess_on(&mut self, n_guesses: usize) {
        if self.request.plan.reading_order == ReadingOrder::InPlace {
            let last = self.guesses.back().copied().or(self.seen.last().map(|it| it.1));
            while self.guesses.len() < n_guesses {
                self.guesses.push_back(last.unwrap_or_default());
            }
        }
    }

    /// The guided logits of `cells` under one of the request's prompts, from what is settled and `guessed`; cells are
    /// counted from the view's first one. One forward pass.
    pub(super) fn ask(
        &self,
        prompt: usize,
        guessed: &[(Cell, Code)],
        cells: &[Cell],
        painter: &dyn Painter,
        contexts: &mut ContextPool,
    ) -> Result<Vec<Vec<f32>>> {
        let query = Query {
            settled: &self.seen,
            guessed,
            cells,
            guided: self.request.sampling.guided,
            n_cells: self.request.plan.grid.n_cells(),
            n_known: self.settled.len(),
        };
        contexts.ask(painter, self.document, &self.request.prompts[prompt], query)
    }

    /// Settles the next cell, and returns it.
    pub(super) fn settle(&mut self, code: Code) -> Cell {
        let cell = self.steps[self.next].cell;
        self.next += 1;
        self.settled.push((cell, code));
        self.seen.push((self.view.place_of(cell), code));
        cell
    }

    /// Row by row; drafts are none.
    pub(super) fn settled_codes(&self) -> Vec<Option<Code>> {
        let grid = self.request.plan.grid;
        let mut codes = vec![None; grid.n_cells()];
        for &(cell, code) in &self.settled {
            codes[grid.idx(cell)] = Some(code);
        }
        codes
    }
}
