//! One picture being painted: settles a cell per turn, and says what to look at.
//! Knows nothing of channels' other ends; what it has to tell goes into the outbox.

use std::time::{Duration, Instant};

use super::memory::Memory;
use super::protocol::{Event, JobId, Outcome, Run, Stats};
use super::windows::Windows;
use super::worker::Outbox;
use crate::base::{Cell, CellPlan, Code, Request, Step};
use crate::model::sampler::{Luck, draw};
use crate::model::{Care, Decoded, Painter, Result};

/// About a twentieth of a millisecond's work for the window.
const MOST_CELLS_PER_EVENT: usize = 16;

/// At so many cells per second there is time to look closely at each of them.
const UNHURRIED: f32 = 50.0;

/// Methods that may end the job consume it.
pub(super) struct Job {
    id: JobId,
    request: Request,
    steps: Vec<Step>,
    /// Invariant: at most `steps.len()`; every earlier step is settled.
    next: usize,
    /// In the order of reading: what is kept, then what was settled.
    settled: Vec<(Cell, Code)>,
    /// What to show, row by row: settled codes, and drafts where nothing is settled yet.
    shown: Vec<Option<Code>>,
    windows: Windows,
    clock: Clock,
    stats: Stats,
    /// How many cells until the job pauses by itself.
    left_to_run: Run,
    /// When the next cell may be settled.
    due: Instant,
    is_paused: bool,
}

impl Job {
    /// Fails where the request does not fit the painter.
    pub(super) fn new(
        id: JobId,
        request: Request,
        drafts: Vec<Option<Code>>,
        painter: &dyn Painter,
    ) -> std::result::Result<Self, String> {
        request.check()?;
        let facts = painter.facts();
        let plan = &request.plan;
        if plan.grid != facts.grid || drafts.len() != plan.grid.n_cells() {
            return Err(format!(
                "{} paints {} × {} cells, the request is for {} × {}",
                facts.name, facts.grid.rows, facts.grid.cols, plan.grid.rows, plan.grid.cols
            ));
        }
        let codes = plan.cells.iter().filter_map(|it| match it {
            CellPlan::Keep(code) => Some(*code),
            CellPlan::Paint => None,
        });
        if let Some(code) =
            codes.chain(drafts.iter().copied().flatten()).find(|&it| facts.n_codes <= it as usize)
        {
            return Err(format!("{} has no code {code}", facts.name));
        }

        let settled = plan.kept();
        let mut shown = drafts;
        for &(cell, code) in &settled {
            shown[plan.grid.idx(cell)] = Some(code);
        }
        Ok(Self {
            id,
            steps: plan.steps(),
            next: 0,
            settled,
            shown,
            windows: Windows::new(plan.grid),
            clock: Clock::default(),
            stats: Stats::default(),
            left_to_run: Run::On,
            due: Instant::now(),
            is_paused: true,
            request,
        })
    }

    pub(super) const fn id(&self) -> JobId {
        self.id
    }

    pub(super) fn start(&mut self, run: Run, outbox: &Outbox) {
        self.clock.start();
        self.is_paused = false;
        self.left_to_run = run;
        outbox.tell(Event::Started { job: self.id, to_paint: self.steps.len() });
        if run == Run::Cells(0) && !self.steps.is_empty() {
            self.is_paused = true;
            self.clock.stop();
            outbox.tell(Event::Paused { job: self.id });
        }
    }

    /// How long the worker may sleep before the next turn; `None` for as long as nobody calls.
    pub(super) fn sleep(&self) -> Option<Duration> {
        (!self.is_paused).then(|| self.due.saturating_duration_since(Instant::now()))
    }

    /// Settles one cell, and shows what is due. Returns whether there is more to do.
    pub(super) fn step(
        &mut self,
        painter: &dyn Painter,
        memory: &mut Memory,
        pace: Option<f32>,
        outbox: &Outbox,
    ) -> Result<bool> {
        let Some(&Step { cell, prompt, take }) = self.steps.get(self.next) else {
            return Ok(false);
        };
        let begun = Instant::now();
        let prompt = &self.request.prompts[usize::from(prompt)];
        let passes_before = memory.n_passes();
        let logits = memory.ask(painter, prompt, &self.settled, cell)?;
        let n_passes = memory.n_passes() - passes_before;
        let luck = Luck::new(self.request.seed, take, cell);
        let drawn = draw(&logits, self.request.sampling, luck);

        self.next += 1;
        self.settled.push((cell, drawn.code));
        self.shown[self.request.plan.grid.idx(cell)] = Some(drawn.code);
        self.windows.mark(cell);
        self.stats.n_passes += n_passes;
        self.stats.n_settled += 1;
        if self.stats.n_settled == 1 {
            self.stats.first_cell_secs = self.clock.secs();
        }
        let (code, log_prob) = (drawn.code, drawn.log_prob);
        outbox.tell(Event::Settled { job: self.id, cell, code, log_prob, n_passes });

        if self.windows.is_due(Instant::now()) {
            let has_time = pace.is_some_and(|it| it <= UNHURRIED);
            self.show(if has_time { Care::Exact } else { Care::Glance }, painter, outbox)?;
        }
        if let Some(cells_per_sec) = pace {
            self.due = begun + Duration::from_secs_f32(1.0 / cells_per_sec.max(0.05));
        }
        let has_more = self.next < self.steps.len();
        if let Run::Cells(left) = self.left_to_run {
            self.left_to_run = Run::Cells(left.saturating_sub(1));
            if left <= 1 && has_more {
                self.pause(painter, outbox)?;
            }
        }
        Ok(has_more)
    }

    pub(super) fn pause(&mut self, painter: &dyn Painter, outbox: &Outbox) -> Result<()> {
        if !self.is_paused {
            self.is_paused = true;
            self.clock.stop();
            outbox.tell(Event::Paused { job: self.id });
            // Now there is time to look at it closely.
            self.windows.take();
            self.show_exact(false, painter, outbox)?;
        }
        Ok(())
    }

    pub(super) fn resume(&mut self, run: Run, outbox: &Outbox) {
        self.left_to_run = run;
        if self.is_paused {
            self.is_paused = false;
            self.due = Instant::now();
            self.clock.start();
            outbox.tell(Event::Resumed { job: self.id });
        }
    }

    /// Another pace counts from now on.
    pub(super) fn hurry(&mut self) {
        self.due = Instant::now();
    }

    /// Decodes what is out of date.
    fn show(&mut self, care: Care, painter: &dyn Painter, outbox: &Outbox) -> Result<()> {
        let begun = Instant::now();
        for window in self.windows.take() {
            let decoded = painter.codec().decode(&self.shown, window, care)?;
            self.tell_pixels(&decoded, false, outbox);
        }
        self.windows.rest_after(begun.elapsed());
        self.stats.decode_secs += begun.elapsed().as_secs_f32();
        Ok(())
    }

    /// Shows the picture as it will stay, and says how it ended.
    pub(super) fn end(mut self, outcome: Outcome, painter: &dyn Painter, outbox: &Outbox) {
        let shown = match outcome {
            Outcome::Failed(_) => Ok(()),
            _ if self.shown.iter().all(Option::is_some) => self.show_exact(true, painter, outbox),
            _ => self.show(Care::Exact, painter, outbox),
        };
        let outcome = match shown {
            Ok(()) => outcome,
            Err(err) => Outcome::Failed(err.to_string()),
        };
        self.stats.secs = self.clock.secs();
        outbox.tell(Event::Ended { job: self.id, outcome, stats: self.stats });
    }

    /// In small pieces, so that the window can take each one in between two frames.
    fn tell_pixels(&self, decoded: &Decoded, is_final: bool, outbox: &Outbox) {
        for band in decoded.bands(MOST_CELLS_PER_EVENT) {
            let decoded = Box::new(band);
            outbox.tell(Event::Pixels { job: self.id, decoded, is_final });
        }
    }

    fn show_exact(&mut self, is_final: bool, painter: &dyn Painter, outbox: &Outbox) -> Result<()> {
        let begun = Instant::now();
        let whole = self.request.plan.grid.all();
        let decoded = painter.codec().decode(&self.shown, whole, Care::Exact)?;
        self.tell_pixels(&decoded, is_final, outbox);
        self.stats.decode_secs += begun.elapsed().as_secs_f32();
        Ok(())
    }
}

/// Measures time, pauses left out.
#[derive(Debug, Default)]
struct Clock {
    before: Duration,
    running_since: Option<Instant>,
}

impl Clock {
    fn start(&mut self) {
        self.running_since.get_or_insert_with(Instant::now);
    }

    fn stop(&mut self) {
        self.before += self.running_since.take().map_or(Duration::ZERO, |it| it.elapsed());
    }

    fn secs(&self) -> f32 {
        let now = self.running_since.map_or(Duration::ZERO, |it| it.elapsed());
        (self.before + now).as_secs_f32()
    }
}
