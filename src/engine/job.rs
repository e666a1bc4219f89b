//! One picture being painted: settles a cell per turn, and says what to look at.
//! Knows nothing of channels' other ends; what it has to say goes into the outbox.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::clock::Clock;
use super::context_pool::{ContextPool, Query};
use super::guessing::{Guesser, Pass};
use super::outlook::Underpainting;
use super::protocol::{Event, JobId, Outcome, Run, Stats};
use super::windows::Windows;
use super::worker::Outbox;
use crate::base::{Cell, CellRect, Code, Order, ReadingOrder, Request, Step};
use crate::model::sampler::{Drawn, Noise, draw_each};
use crate::model::{Codes, Decoded, Painter, Quality, Result};

/// About a twentieth of a millisecond's work for the window.
const MAX_CELLS_PER_EVENT: usize = 16;

/// How many cells around a window may change how it looks in a preview, by what is expected of them.
const NEAR: u16 = 3;

/// The pace, in cells per second, up to which there is time to decode each cell as it will stay.
const UNHURRIED: f32 = 50.0;

/// How fast to go.
#[derive(Debug, Default)]
pub(super) struct Pacing {
    /// The maximum of cells per second; `None` for as fast as it goes.
    pub(super) pace: Option<f32>,
    pub(super) guesser: Guesser,
    /// Whether what is expected of open cells is to be shown.
    pub(super) wants_underpainting: bool,
}

/// Methods that may end the job consume it.
pub(super) struct Job {
    id: JobId,
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
    /// For the order *sure first*: how many steps have found their place.
    pub(super) n_ranked: usize,
    /// Forward passes that no event has counted yet.
    pub(super) passes_unreported: usize,
    pub(super) underpainting: Underpainting,
    /// What to show, row by row: settled codes, and drafts where nothing is settled yet.
    shown: Vec<Option<Code>>,
    windows: Windows,
    clock: Clock,
    pub(super) stats: Stats,
    /// How many cells until the job pauses by itself.
    left_to_run: Run,
    /// When the next cell may be settled.
    due: Instant,
    pub(super) is_paused: bool,
}

impl Job {
    /// Fails where the request does not fit the painter.
    pub(super) fn new(
        id: JobId,
        request: Request,
        drafts: Vec<Option<Code>>,
        painter: &dyn Painter,
    ) -> std::result::Result<Self, String> {
        request.check().map_err(|err| err.to_string())?;
        let facts = painter.facts();
        let plan = &request.plan;
        facts.can_paint(plan).map_err(|err| err.to_string())?;
        if drafts.len() != plan.grid.n_cells() {
            return Err("There is not one draft for each cell".to_owned());
        }
        if let Some(code) = drafts.iter().flatten().find(|&&it| facts.n_codes <= it as usize) {
            return Err(format!("{} has no code {code}", facts.name()));
        }

        let settled = plan.kept(request.seed);
        let steps = plan.steps(request.seed);
        // What stood there before an edit is the best guess of what will stand there after it.
        let guesses = steps.iter().map_while(|it| drafts[plan.grid.idx(it.cell)]).collect();
        let mut shown = drafts;
        for &(cell, code) in &settled {
            shown[plan.grid.idx(cell)] = Some(code);
        }
        let first = steps.first();
        let seen = first.map_or_else(Vec::new, |&it| plan.read_before(it, &settled));
        Ok(Self {
            id,
            view: first.map_or(plan.grid.all(), |it| it.view),
            seen,
            steps,
            next: 0,
            n_ranked: 0,
            passes_unreported: 0,
            underpainting: Underpainting::default(),
            settled,
            guesses,
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

    /// `left` are the windows that a job before it has not shown.
    pub(super) fn start(
        &mut self,
        run: Run,
        left: Option<Windows>,
        painter: &dyn Painter,
        outbox: &Outbox,
    ) -> Result<()> {
        self.clock.start();
        self.is_paused = false;
        self.left_to_run = run;
        left.into_iter().for_each(|it| self.windows.take_over(it));
        outbox.send(Event::Started { job: self.id, to_paint: self.steps.len() });
        if run == Run::Cells(0) && !self.steps.is_empty() {
            self.pause(painter, outbox)?;
        }
        Ok(())
    }

    /// How long the worker may sleep before the next turn; `None` for as long as nobody calls.
    pub(super) fn sleep(&self) -> Option<Duration> {
        if self.is_paused {
            self.underpainting.is_sketch.then_some(Duration::ZERO)
        } else {
            Some(self.due.saturating_duration_since(Instant::now()))
        }
    }

    /// Settles a cell, or more where guesses were right, and shows what is due. One forward pass. In a pause it
    /// completes a sketch. Returns whether there is more to do.
    pub(super) fn step(
        &mut self,
        painter: &dyn Painter,
        contexts: &mut ContextPool,
        pacing: &mut Pacing,
        outbox: &Outbox,
    ) -> Result<bool> {
        if self.next == self.steps.len() {
            return Ok(false);
        }
        if self.is_paused {
            self.complete_sketch(painter, contexts, outbox)?;
            return Ok(true);
        }
        if pacing.wants_underpainting && !self.is_preview() {
            self.underpaint(painter, contexts, outbox)?;
        }
        let begun = Instant::now();
        if self.is_sure_first() && self.next == self.n_ranked {
            self.rank(painter, contexts)?;
        }
        let width = self.width(pacing);
        let drawn = self.draw(width, painter, contexts)?;
        let right = self.guesses.iter().zip(&drawn).take_while(|(guess, it)| **guess == it.code);
        let (n_guessed, n_right) = (self.guesses.len().min(width), right.count());
        let took = self.is_under_way().then(|| begun.elapsed());
        // The cell behind the last right guess was seen as it is, too.
        let n_settled = if self.is_preview() { width } else { (n_right + 1).min(width) };
        if !self.is_preview() {
            pacing.guesser.learn(Pass { width, n_guessed, n_right, took });
        }
        let (settled, seen_amiss) = drawn.split_at(n_settled);
        if self.is_preview() {
            self.preview(settled, outbox);
        } else {
            for (idx, &drawn) in settled.iter().enumerate() {
                self.settle(drawn, usize::from(idx == 0), outbox);
            }
        }
        // What was drawn after a wrong guess is a better guess than the one before.
        self.guesses.drain(..self.guesses.len().min(width));
        seen_amiss.iter().rev().for_each(|it| self.guesses.push_front(it.code));

        if self.windows.is_due(Instant::now()) {
            let has_time = pacing.pace.is_some_and(|it| it <= UNHURRIED);
            self.show(if has_time { Quality::Final } else { Quality::Preview }, painter, outbox)?;
        }
        if let Some(cells_per_sec) = pacing.pace {
            self.due = begun + Duration::from_secs_f32(1.0 / cells_per_sec.max(0.05));
        }
        let has_more = self.next < self.steps.len();
        if self.is_run_over(n_settled) && has_more {
            self.pause(painter, outbox)?;
            if pacing.wants_underpainting {
                self.underpaint_at_rest(painter, contexts, outbox)?;
            }
        }
        Ok(has_more)
    }

    /// Counts settled cells; whether the job now pauses by itself, unless it was the last cell.
    fn is_run_over(&mut self, n_settled: usize) -> bool {
        let Run::Cells(left) = self.left_to_run else { return false };
        self.left_to_run = Run::Cells(left.saturating_sub(n_settled));
        left <= n_settled
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

    /// How many cells to look at: as many as are wanted, and have the same prompt and view. Where the network
    /// reads kept cells in their places, there are none of them in between.
    fn width(&self, pacing: &Pacing) -> usize {
        let steps = &self.steps[self.next..];
        let first = steps[0];
        let is_alike = |(idx, it): &(usize, &Step)| {
            (it.prompt, it.view) == (first.prompt, first.view)
                && (self.request.plan.reading_order == ReadingOrder::KeptFirst
                    || it.view.idx(it.cell) == first.view.idx(first.cell) + idx)
        };
        let alike = steps.iter().enumerate().take_while(is_alike).count();
        let wanted = match (self.left_to_run, pacing.pace) {
            (Run::Preview, _) => return alike,
            // Who wants to watch sees one cell after the other.
            (_, Some(_)) => 1,
            (Run::Cells(left), None) => pacing.guesser.width().min(left.max(1)),
            (Run::On, None) => pacing.guesser.width(),
        };
        let ranked = if self.is_sure_first() { self.n_ranked - self.next } else { usize::MAX };
        wanted.min(alike).min(ranked)
    }

    /// Whether the network has read all that the next step rests on.
    fn is_under_way(&self) -> bool {
        let of = |step: &Step| (step.prompt, step.view);
        let before = self.next.checked_sub(1).map(|it| of(&self.steps[it]));
        before == self.steps.get(self.next).map(of)
    }

    pub(super) fn is_preview(&self) -> bool {
        self.left_to_run == Run::Preview
    }

    /// Whether the next cells have to be found. A preview has no time for that.
    fn is_sure_first(&self) -> bool {
        self.request.plan.order == Order::Sure && !self.is_preview()
    }

    pub(super) const fn noise(&self, step: Step) -> Noise {
        Noise::new(self.request.seed, step.variation, step.cell)
    }

    /// Draws a code for each of the next `width` cells, as if the guesses before it were right.
    fn draw(
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
        let prompt = &self.request.prompts[usize::from(steps[0].prompt)];
        let query = self.query(&guessed, &cells);
        let logits = contexts.ask(painter, prompt, query)?;
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

    /// What a pass has to know beside the prompt; cells are counted from the view's first one.
    pub(super) fn query<'a>(&'a self, guessed: &'a [(Cell, Code)], cells: &'a [Cell]) -> Query<'a> {
        Query {
            settled: &self.seen,
            guessed,
            cells,
            guided: self.request.sampling.guided,
            n_cells: self.request.plan.grid.n_cells(),
            n_known: self.settled.len(),
        }
    }

    /// The next cell is decided.
    fn settle(&mut self, drawn: Drawn, n_passes: usize, outbox: &Outbox) {
        let Drawn { code, log_prob } = drawn;
        let n_passes = n_passes + std::mem::take(&mut self.passes_unreported);
        let (cell, _) = self.enter(code);
        self.windows.mark(cell);
        self.stats.n_passes += n_passes;
        outbox.send(Event::Settled { job: self.id, cell, code, log_prob, n_passes });
    }

    /// The next cells are as they would be, for now; what has not changed need not be shown again.
    fn preview(&mut self, drawn: &[Drawn], outbox: &Outbox) {
        let mut codes = Vec::with_capacity(drawn.len());
        for &Drawn { code, .. } in drawn {
            let (cell, before) = self.enter(code);
            if before != Some(code) {
                self.windows.mark(cell);
            }
            codes.push((cell, code));
        }
        self.stats.n_passes += 1;
        outbox.send(Event::Previewed { job: self.id, codes });
    }

    /// Takes the code of the next cell; returns that cell, and what it showed before.
    fn enter(&mut self, code: Code) -> (Cell, Option<Code>) {
        let cell = self.steps[self.next].cell;
        self.next += 1;
        self.settled.push((cell, code));
        self.seen.push((self.view.place_of(cell), code));
        self.stats.n_settled += 1;
        (cell, self.shown[self.request.plan.grid.idx(cell)].replace(code))
    }

    pub(super) fn pause(&mut self, painter: &dyn Painter, outbox: &Outbox) -> Result<()> {
        if !self.is_paused {
            self.is_paused = true;
            self.clock.stop();
            // Now there is time to look at it closely. Only then is it said: what the artist does in a pause
            // starts from what will be seen.
            self.windows.take();
            self.show_exact(false, painter, outbox)?;
            outbox.send(Event::Paused { job: self.id });
        }
        Ok(())
    }

    pub(super) fn resume(&mut self, run: Run, outbox: &Outbox) {
        self.left_to_run = run;
        if self.is_paused {
            self.is_paused = false;
            self.due = Instant::now();
            self.clock.start();
            outbox.send(Event::Resumed { job: self.id });
        }
    }

    /// Another pace counts from now on.
    pub(super) fn hurry(&mut self) {
        self.due = Instant::now();
    }

    /// Decodes what is out of date.
    fn show(&mut self, quality: Quality, painter: &dyn Painter, outbox: &Outbox) -> Result<()> {
        let begun = Instant::now();
        for window in self.windows.take() {
            let grid = self.request.plan.grid;
            let mut probs = self.probs_in(window.grown(NEAR, grid));
            // Beside nothing, a cell would look like none that there will be; codes and drafts are something.
            probs.retain(|it| self.shown[grid.idx(it.0)].is_none());
            let decoded = if probs.is_empty() {
                painter.codec().decode(self.shown(), window, quality)?
            } else {
                painter.codec().underpaint(self.shown(), &probs, window)?
            };
            self.send_pixels(&decoded, false, outbox);
        }
        self.windows.rest_after(begun.elapsed());
        self.stats.decode_secs += begun.elapsed().as_secs_f32();
        Ok(())
    }

    /// Shows the picture as it will stay, and says how it ended.
    pub(super) fn end(mut self, outcome: Outcome, painter: &dyn Painter, outbox: &Outbox) {
        let shown = match outcome {
            Outcome::Failed(_) => Ok(()),
            _ if self.is_preview() => self.show(Quality::Preview, painter, outbox),
            _ => {
                let is_final = self.shown.iter().all(Option::is_some);
                self.show_exact(is_final, painter, outbox)
            }
        };
        let outcome = match shown {
            Ok(()) => outcome,
            Err(err) => Outcome::Failed(err.to_string()),
        };
        self.stats.secs = self.clock.secs();
        outbox.send(Event::Ended { job: self.id, outcome, stats: self.stats });
    }

    /// Ends at once, for another job of the same picture. What has not been shown yet is left to that one: the artist
    /// waits for its first cell.
    pub(super) fn make_room(mut self, outbox: &Outbox) -> Windows {
        self.stats.secs = self.clock.secs();
        outbox.send(Event::Ended { job: self.id, outcome: Outcome::Stopped, stats: self.stats });
        self.windows
    }

    /// In small pieces, so that the window can take each one in between two frames.
    fn send_pixels(&self, decoded: &Decoded, is_final: bool, outbox: &Outbox) {
        for band in decoded.bands(MAX_CELLS_PER_EVENT) {
            let decoded = Box::new(band);
            outbox.send(Event::Pixels { job: self.id, decoded, is_final });
        }
    }

    /// The same of what is only expected.
    pub(super) fn send_underpainting(&self, decoded: &Decoded, outbox: &Outbox) {
        for band in decoded.bands(MAX_CELLS_PER_EVENT) {
            outbox.send(Event::Expected { job: self.id, decoded: Box::new(band) });
        }
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

    fn shown(&self) -> Codes<'_> {
        Codes { grid: self.request.plan.grid, of_cells: &self.shown }
    }

    fn show_exact(&mut self, is_final: bool, painter: &dyn Painter, outbox: &Outbox) -> Result<()> {
        let begun = Instant::now();
        let whole = self.request.plan.grid.all();
        let decoded = painter.codec().decode(self.shown(), whole, Quality::Final)?;
        self.send_pixels(&decoded, is_final, outbox);
        self.stats.decode_secs += begun.elapsed().as_secs_f32();
        Ok(())
    }
}
