//! What the network thinks of the cells that are still open: which it is least in doubt about, and what it
//! expects there.

use std::time::{Duration, Instant};

use super::job::Job;
use super::memory::Memory;
use super::protocol::Event;
use super::worker::Outbox;
use crate::base::{Cell, Code, ReadingOrder, Step};
use crate::model::sampler::{Luck, draw_each, expect_each};
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
}

impl Default for Underpainting {
    fn default() -> Self {
        Self { settled_then: None, not_before: Instant::now() }
    }
}

impl Job {
    /// The guided logits of every step that is still to be taken under the view of the next one, all from what
    /// is settled now. One forward pass per prompt.
    fn ask_open(
        &mut self,
        painter: &dyn Painter,
        memory: &mut Memory,
    ) -> Result<Vec<(Step, Vec<f32>)>> {
        self.turn_to_view();
        let in_view = self.steps[self.next..].iter().take_while(|it| it.view == self.view);
        let mut answers = Vec::new();
        for (idx, prompt) in self.request.prompts.iter().enumerate() {
            let steps = in_view.clone().filter(|it| usize::from(it.prompt) == idx);
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
        let answers = self.ask_open(painter, memory)?;
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

    /// Shows the picture that the network expects, blurred by its own doubt: at the start, and then after
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
        let answers = self.ask_open(painter, memory)?;
        let (cells, logits): (Vec<Cell>, Vec<Vec<f32>>) =
            answers.into_iter().map(|(step, logits)| (step.cell, logits)).unzip();
        let expected = expect_each(&logits, self.request.sampling.temperature);
        let sureness = (painter.facts().n_codes as f32).ln();
        let doubts = cells.iter().zip(&expected);
        let doubts = doubts.map(|(&cell, it)| (cell, (it.doubt / sureness).clamp(0.0, 1.0)));
        let doubts = doubts.collect();
        let odds: Vec<(Cell, Vec<f32>)> =
            cells.into_iter().zip(expected).map(|(cell, it)| (cell, it.odds)).collect();
        let settled = self.settled_codes();
        let codes = Codes { grid: self.request.plan.grid, of_cells: &settled };
        let decoded = painter.codec().underpaint(codes, &odds, self.view)?;
        self.tell_underpainting(&decoded, outbox);
        outbox.tell(Event::Doubts { job: self.id(), doubts });
        let took = begun.elapsed();
        self.stats.decode_secs += took.as_secs_f32();
        self.underpainting.not_before =
            Instant::now() + took.max(Duration::from_micros(1)) * REST_PER_LOOK;
        Ok(())
    }
}
