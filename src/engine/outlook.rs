//! What the network thinks of the cells that are still open: which it is least in doubt about, and what it
//! expects there.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use super::context_pool::ContextPool;
use super::job::Job;
use super::protocol::Event;
use super::sketch::{Detail, expected_at};
use super::worker::Outbox;
use crate::base::{Cell, CellRect, Code, ReadingOrder, Step};
use crate::model::sampler::{Expected, Noise, draw_each, expect_each};
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
    /// What it expected of cells that were open then, for each code.
    pub(super) odds: BTreeMap<Cell, Vec<f32>>,
}

impl Default for Underpainting {
    fn default() -> Self {
        Self {
            settled_then: None,
            not_before: Instant::now(),
            is_sketch: false,
            odds: BTreeMap::new(),
        }
    }
}

impl Job {
    /// The steps that are still to be taken under the view of the next one, those of one prompt after the other.
    fn open_by_prompt(&mut self) -> Vec<Vec<Step>> {
        self.turn_to_view();
        let open = self.steps[self.next..].iter().take_while(|it| it.view == self.view);
        let mut by_prompt = vec![Vec::new(); self.request.prompts.len()];
        open.for_each(|&it| by_prompt[usize::from(it.prompt)].push(it));
        by_prompt
    }

    /// The guided logits of `steps` under the view of the next one, which have the same prompt, all from what is settled
    /// now. One forward pass.
    fn ask_aside(
        &mut self,
        steps: &[Step],
        painter: &dyn Painter,
        contexts: &mut ContextPool,
    ) -> Result<Vec<Vec<f32>>> {
        let Some(first) = steps.first() else { return Ok(Vec::new()) };
        let cells: Vec<Cell> = steps.iter().map(|it| self.view.place_of(it.cell)).collect();
        let prompt = &self.request.prompts[usize::from(first.prompt)];
        let logits = contexts.ask(painter, prompt, self.look_at(&[], &cells))?;
        self.passes_untold += 1;
        Ok(logits)
    }

    /// Puts the steps first that the network is least in doubt about, and guesses what they will be.
    pub(super) fn rank(&mut self, painter: &dyn Painter, contexts: &mut ContextPool) -> Result<()> {
        let temperature = self.request.sampling.temperature;
        let (mut steps, mut logits) = (Vec::new(), Vec::new());
        for open in self.open_by_prompt() {
            logits.extend(self.ask_aside(&open, painter, contexts)?);
            steps.extend(open);
        }
        let noises: Vec<Noise> = steps.iter().map(|&it| self.noise(it)).collect();
        let drawn = draw_each(&logits, self.request.sampling, &noises);
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
        contexts: &mut ContextPool,
        outbox: &Outbox,
    ) -> Result<()> {
        if self.underpainting.settled_then != Some(self.next) {
            self.underpainting = Underpainting::default();
        }
        self.underpaint(painter, contexts, outbox)
    }

    /// In a pause in which nobody wants anything, there is time for all of a sketch's cells.
    pub(super) fn complete_sketch(
        &mut self,
        painter: &dyn Painter,
        contexts: &mut ContextPool,
        outbox: &Outbox,
    ) -> Result<()> {
        self.look_ahead(Detail::All, painter, contexts, outbox)
    }

    /// Sketches the picture that the network expects, blurred by its own doubt: at the start, and then after
    /// every row's worth of cells, unless it would cost painting more than a tenth.
    pub(super) fn underpaint(
        &mut self,
        painter: &dyn Painter,
        contexts: &mut ContextPool,
        outbox: &Outbox,
    ) -> Result<()> {
        let row = usize::from(self.view.cols());
        let query = &mut self.underpainting;
        let is_new = query.settled_then.is_none_or(|then| then + row <= self.next);
        let begun = Instant::now();
        // Row by row, a network expects nothing but the next cell.
        let is_blind = self.request.plan.reading_order == ReadingOrder::InPlace;
        if is_blind || !is_new || begun < query.not_before || self.next == self.steps.len() {
            return Ok(());
        }
        query.settled_then = Some(self.next);
        self.look_ahead(Detail::Sketch, painter, contexts, outbox)?;
        let took = begun.elapsed().max(Duration::from_micros(1));
        self.underpainting.not_before = Instant::now() + took * REST_PER_LOOK;
        Ok(())
    }

    /// What was expected there of cells that were open.
    pub(super) fn odds_in(&self, area: CellRect) -> Vec<(Cell, &[f32])> {
        let odds = self.underpainting.odds.iter().map(|(cell, odds)| (*cell, odds.as_slice()));
        odds.filter(|it| area.contains(it.0)).collect()
    }

    /// Tells what is expected of all open cells in view.
    fn look_ahead(
        &mut self,
        detail: Detail,
        painter: &dyn Painter,
        contexts: &mut ContextPool,
        outbox: &Outbox,
    ) -> Result<()> {
        let begun = Instant::now();
        let grid = self.request.plan.grid;
        let mut expected: Vec<(Cell, Expected)> = Vec::new();
        let mut n_asked = 0;
        for mut steps in self.open_by_prompt() {
            let open: BTreeSet<Cell> = steps.iter().map(|it| it.cell).collect();
            let asked = detail.asked(&open, grid);
            steps.retain(|it| asked.contains(&it.cell));
            n_asked += steps.len();
            let logits = self.ask_aside(&steps, painter, contexts)?;
            let found = expect_each(&logits, self.request.sampling.temperature);
            let found: BTreeMap<Cell, Expected> =
                steps.iter().map(|it| it.cell).zip(found).collect();
            expected.extend(open.into_iter().map(|it| (it, expected_at(it, &found, grid))));
        }
        self.underpainting.is_sketch = n_asked < expected.len();

        let sureness = (painter.facts().n_codes as f32).ln();
        let doubts =
            expected.iter().map(|(cell, it)| (*cell, (it.doubt / sureness).clamp(0.0, 1.0)));
        let doubts = doubts.collect();
        self.underpainting.odds = expected.into_iter().map(|(cell, it)| (cell, it.odds)).collect();
        let codes = self.settled_codes();
        let codes = Codes { grid, of_cells: &codes };
        let decoded = painter.codec().underpaint(codes, &self.odds_in(self.view), self.view)?;
        self.tell_underpainting(&decoded, outbox);
        outbox.tell(Event::Doubts { job: self.id(), doubts });
        // Pauses are no part of the time that a job takes.
        if !self.is_paused {
            self.stats.decode_secs += begun.elapsed().as_secs_f32();
        }
        Ok(())
    }
}
