//! What the network thinks of the cells that are still open: which it is surest of, and what it
//! expects there.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use super::context_pool::ContextPool;
use super::cursor::Cursor;
use super::job::Job;
use super::protocol::Event;
use super::sketch::{Detail, expected_at};
use super::worker::Outbox;
use crate::base::{Cell, CellRect, Code, ReadingOrder, Step};
use crate::model::sampler::{Expected, Noise, draw_each, expect_each};
use crate::model::{Codes, Painter, Result};

/// Cells ranked at a time in the order *sure first*: ranking asks for every open cell.
const RANKED_TOGETHER: usize = 16;

/// How many times the duration of an underpainting painting has for itself afterwards, at least.
const REST_PER_UNDERPAINTING: u32 = 10;

/// When the next underpainting is worth its time.
#[derive(Debug)]
pub(super) struct Underpainting {
    /// Cells settled when the last one was made; none of this job yet: `None`.
    settled_then: Option<usize>,
    not_before: Instant,
    /// Whether the last one was a sketch, so that there is more to say in a pause.
    pub(super) is_sketch: bool,
    /// The probability of each code in cells that were open then.
    pub(super) probs: BTreeMap<Cell, Vec<f32>>,
}

impl Default for Underpainting {
    fn default() -> Self {
        Self {
            settled_then: None,
            not_before: Instant::now(),
            is_sketch: false,
            probs: BTreeMap::new(),
        }
    }
}

impl Job {
    /// The steps that are still to be taken under the view of the next one, those of one prompt after the other.
    fn open_by_prompt(&mut self) -> Vec<Vec<Step>> {
        self.cursor.turn_to_view();
        let Cursor { steps, next, view, request, .. } = &self.cursor;
        let open = steps[*next..].iter().take_while(|it| it.view == *view);
        let mut by_prompt = vec![Vec::new(); request.prompts.len()];
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
        let view = self.cursor.view;
        let cells: Vec<Cell> = steps.iter().map(|it| view.place_of(it.cell)).collect();
        let logits = self.cursor.ask(usize::from(first.prompt), &[], &cells, painter, contexts)?;
        self.passes_unreported += 1;
        Ok(logits)
    }

    /// Puts the steps of the lowest entropy first, and guesses what they will be.
    pub(super) fn rank(&mut self, painter: &dyn Painter, contexts: &mut ContextPool) -> Result<()> {
        let temperature = self.cursor.request.sampling.temperature;
        let (mut steps, mut logits) = (Vec::new(), Vec::new());
        for open in self.open_by_prompt() {
            logits.extend(self.ask_aside(&open, painter, contexts)?);
            steps.extend(open);
        }
        let noises: Vec<Noise> = steps.iter().map(|&it| self.cursor.noise(it)).collect();
        let drawn = draw_each(&logits, self.cursor.request.sampling, &noises);
        let expected = expect_each(&logits, temperature);
        let ranked = expected.iter().zip(steps).zip(drawn);
        let mut ranked: Vec<(f32, Step, Code)> =
            ranked.map(|((expected, step), drawn)| (expected.entropy, step, drawn.code)).collect();
        ranked.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cell.cmp(&b.1.cell)));
        self.cursor.guesses =
            ranked.iter().map(|&(_, _, code)| code).take(RANKED_TOGETHER).collect();
        let end = self.cursor.next + ranked.len();
        self.cursor
            .steps
            .splice(self.cursor.next..end, ranked.into_iter().map(|(_, step, _)| step));
        self.n_ranked = (self.cursor.next + RANKED_TOGETHER).min(end);
        Ok(())
    }

    /// In a pause there is time for an underpainting.
    pub(super) fn underpaint_at_rest(
        &mut self,
        painter: &dyn Painter,
        contexts: &mut ContextPool,
        outbox: &Outbox,
    ) -> Result<()> {
        if self.underpainting.settled_then != Some(self.cursor.next) {
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
        self.send_expected(Detail::All, painter, contexts, outbox)
    }

    /// Sketches the picture that the network expects, blurred where it is undecided: at the start, and then after
    /// every row's worth of cells, unless it would cost painting more than a tenth.
    pub(super) fn underpaint(
        &mut self,
        painter: &dyn Painter,
        contexts: &mut ContextPool,
        outbox: &Outbox,
    ) -> Result<()> {
        let row = usize::from(self.cursor.view.cols());
        let underpainting = &mut self.underpainting;
        let is_new = underpainting.settled_then.is_none_or(|then| then + row <= self.cursor.next);
        let begun = Instant::now();
        // Row by row, a network expects nothing but the next cell.
        let is_blind = self.cursor.request.plan.reading_order == ReadingOrder::InPlace;
        let is_due = is_new && underpainting.not_before <= begun;
        if is_blind || !is_due || self.cursor.is_done() {
            return Ok(());
        }
        underpainting.settled_then = Some(self.cursor.next);
        self.send_expected(Detail::Sketch, painter, contexts, outbox)?;
        let took = begun.elapsed().max(Duration::from_micros(1));
        self.underpainting.not_before = Instant::now() + took * REST_PER_UNDERPAINTING;
        Ok(())
    }

    /// The probability of each code in those cells of `area` that were open at the last underpainting.
    pub(super) fn probs_in(&self, area: CellRect) -> Vec<(Cell, &[f32])> {
        let probs = self.underpainting.probs.iter().map(|(cell, it)| (*cell, it.as_slice()));
        probs.filter(|it| area.contains(it.0)).collect()
    }

    /// Sends what is expected of all open cells in view.
    fn send_expected(
        &mut self,
        detail: Detail,
        painter: &dyn Painter,
        contexts: &mut ContextPool,
        outbox: &Outbox,
    ) -> Result<()> {
        let begun = Instant::now();
        let grid = self.cursor.request.plan.grid;
        let mut expected: Vec<(Cell, Expected)> = Vec::new();
        let mut n_asked = 0;
        for mut steps in self.open_by_prompt() {
            let open: BTreeSet<Cell> = steps.iter().map(|it| it.cell).collect();
            let asked = detail.asked(&open, grid);
            steps.retain(|it| asked.contains(&it.cell));
            n_asked += steps.len();
            let logits = self.ask_aside(&steps, painter, contexts)?;
            let found = expect_each(&logits, self.cursor.request.sampling.temperature);
            let found: BTreeMap<Cell, Expected> =
                steps.iter().map(|it| it.cell).zip(found).collect();
            expected.extend(open.into_iter().map(|it| (it, expected_at(it, &found, grid))));
        }
        self.underpainting.is_sketch = n_asked < expected.len();

        let max_entropy = (painter.facts().n_codes as f32).ln();
        let entropies =
            expected.iter().map(|(cell, it)| (*cell, (it.entropy / max_entropy).clamp(0.0, 1.0)));
        let entropies = entropies.collect();
        self.underpainting.probs =
            expected.into_iter().map(|(cell, it)| (cell, it.probs)).collect();
        let codes = self.cursor.settled_codes();
        let codes = Codes { grid, of_cells: &codes };
        let decoded = painter.codec().underpaint(
            codes,
            &self.probs_in(self.cursor.view),
            self.cursor.view,
        )?;
        self.send_underpainting(decoded, outbox)?;
        outbox.send(Event::Entropies { job: self.id(), entropies });
        // Pauses are no part of the time that a job takes.
        if !self.is_paused {
            self.stats.decode_secs += begun.elapsed().as_secs_f32();
        }
        Ok(())
    }
}
