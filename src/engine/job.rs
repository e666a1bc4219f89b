//! One picture being painted: settles a cell per turn, or more where guesses were right, and says what to look at.
//! Knows nothing of channels' other ends; what it has to say goes into the outbox.

use std::time::{Duration, Instant};

use super::clock::Clock;
use super::context_pool::ContextPool;
use super::cursor::Cursor;
use super::failure::Failure;
use super::guessing::{Guesser, Guessing, Pass};
use super::outlook::Underpainting;
use super::protocol::{Event, NewPainting, Outcome, Run, Stats};
use super::scaling::scaled;
use super::windows::Windows;
use super::worker::Outbox;
use crate::base::{Code, JobId, Order, Request};
use crate::model::sampler::Drawn;
use crate::model::{Codes, Decoded, Painter, Quality, Result};

/// About a twentieth of a millisecond's work for the window.
const MAX_CELLS_PER_EVENT: usize = 16;

/// How many cells around a window may change how it looks in a preview, by what is expected of them.
const NEAR: u16 = 3;

/// The pace, in cells per second, up to which there is time to decode each cell as it will stay.
const UNHURRIED: f32 = 50.0;

/// What the artist has set for all paintings.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Pacing {
    /// The maximum of cells per second; `None` for as fast as it goes.
    pub(super) pace: Option<f32>,
    pub(super) guessing: Guessing,
    /// Whether what is expected of open cells is to be shown.
    pub(super) wants_underpainting: bool,
}

/// Methods that may end the job consume it.
pub(super) struct Job {
    id: JobId,
    /// How many pixels of the canvas a pixel of the model's takes.
    scale: u16,
    pub(super) cursor: Cursor,
    guesser: Guesser,
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

/// Whether a request and drafts are for this painter.
pub(super) fn check(
    request: &Request,
    drafts: &[Option<Code>],
    painter: &dyn Painter,
) -> std::result::Result<(), Failure> {
    let facts = painter.facts();
    request.check()?;
    facts.can_paint(&request.plan)?;
    if drafts.len() != request.plan.grid.n_cells() {
        return Err(Failure::Drafts);
    }
    match drafts.iter().flatten().find(|&&it| facts.n_codes <= it as usize) {
        Some(&code) => Err(crate::model::Error::NoSuchCode(code).into()),
        None => Ok(()),
    }
}

impl Job {
    /// Of a painting that has been checked; nothing of its plan is still to be read.
    pub(super) fn new(new: NewPainting) -> Self {
        let NewPainting { job, document, scale, request, mut drafts, run, .. } = new;
        let cursor = Cursor::new(document, request, &drafts);
        for &(cell, code) in &cursor.settled {
            drafts[cursor.request.plan.grid.idx(cell)] = Some(code);
        }
        Self {
            id: job,
            scale,
            guesser: Guesser::default(),
            n_ranked: 0,
            passes_unreported: 0,
            underpainting: Underpainting::default(),
            shown: drafts,
            windows: Windows::new(cursor.request.plan.grid),
            clock: Clock::default(),
            stats: Stats::default(),
            left_to_run: run,
            due: Instant::now(),
            is_paused: true,
            cursor,
        }
    }

    pub(super) const fn id(&self) -> JobId {
        self.id
    }

    /// `left` are the windows that a job before it has not shown. An edit shows what it will do before a cell is painted,
    /// in a pause too.
    pub(super) fn start(
        &mut self,
        left: Option<Windows>,
        pacing: &Pacing,
        painter: &dyn Painter,
        contexts: &mut ContextPool,
        outbox: &Outbox,
    ) -> Result<()> {
        self.clock.start();
        self.is_paused = false;
        left.into_iter().for_each(|it| self.windows.take_over(it));
        if self.left_to_run == Run::Cells(0) && !self.cursor.is_done() {
            self.pause(pacing, painter, contexts, outbox)
        } else if pacing.wants_underpainting {
            self.underpaint(painter, contexts, outbox)
        } else {
            Ok(())
        }
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
        pacing: &Pacing,
        outbox: &Outbox,
    ) -> Result<bool> {
        if self.cursor.is_done() {
            return Ok(false);
        }
        if self.is_paused {
            self.complete_sketch(painter, contexts, outbox)?;
            return Ok(true);
        }
        if pacing.wants_underpainting {
            self.underpaint(painter, contexts, outbox)?;
        }
        let begun = Instant::now();
        if self.is_sure_first() && self.cursor.next == self.n_ranked {
            self.rank(painter, contexts)?;
        }
        let width = self.width(pacing);
        let n_settled = self.settle_pass(width, begun, painter, contexts, outbox)?;

        if self.windows.is_due(Instant::now()) {
            let has_time = pacing.pace.is_some_and(|it| it <= UNHURRIED);
            self.show(if has_time { Quality::Final } else { Quality::Preview }, painter, outbox)?;
        }
        if let Some(cells_per_sec) = pacing.pace {
            self.due = begun + Duration::from_secs_f32(1.0 / cells_per_sec.max(0.05));
        }
        let has_more = !self.cursor.is_done();
        if self.is_run_over(n_settled) && has_more {
            self.pause(pacing, painter, contexts, outbox)?;
        }
        Ok(has_more)
    }

    /// Looks at the next `width` cells, and settles those up to the first whose guess was wrong. Returns how many.
    fn settle_pass(
        &mut self,
        width: usize,
        begun: Instant,
        painter: &dyn Painter,
        contexts: &mut ContextPool,
        outbox: &Outbox,
    ) -> Result<usize> {
        let drawn = self.cursor.draw(width, painter, contexts)?;
        let guesses = &mut self.cursor.guesses;
        let right = guesses.iter().zip(&drawn).take_while(|(guess, it)| **guess == it.code);
        let (n_guessed, n_right) = (guesses.len().min(width), right.count());
        // The cell behind the last right guess was seen as it is, too.
        let n_settled = (n_right + 1).min(width);
        let (settled, seen_amiss) = drawn.split_at(n_settled);
        // What was drawn after a wrong guess is a better guess than the one before.
        guesses.drain(..n_guessed);
        seen_amiss.iter().rev().for_each(|it| guesses.push_front(it.code));

        let took = self.cursor.is_under_way().then(|| begun.elapsed());
        self.guesser.learn(Pass { width, n_guessed, n_right, took });
        for (idx, &drawn) in settled.iter().enumerate() {
            self.settle(drawn, usize::from(idx == 0), outbox);
        }
        Ok(n_settled)
    }

    /// Counts settled cells; whether the job now pauses by itself, unless it was the last cell.
    fn is_run_over(&mut self, n_settled: usize) -> bool {
        let Run::Cells(left) = self.left_to_run else { return false };
        self.left_to_run = Run::Cells(left.saturating_sub(n_settled));
        left <= n_settled
    }

    /// How many cells to look at: as many as are wanted, and alike.
    fn width(&self, pacing: &Pacing) -> usize {
        let guessed = || self.guesser.width(pacing.guessing);
        let wanted = match (self.left_to_run, pacing.pace) {
            // Who wants to watch sees one cell after the other.
            (_, Some(_)) => 1,
            (Run::Cells(left), None) => guessed().min(left.max(1)),
            (Run::On, None) => guessed(),
        };
        let next = self.cursor.next;
        let ranked = if self.is_sure_first() { self.n_ranked - next } else { usize::MAX };
        wanted.min(self.cursor.n_alike()).min(ranked)
    }

    /// Whether the next cells have to be found.
    fn is_sure_first(&self) -> bool {
        self.cursor.request.plan.order == Order::Sure
    }

    /// The next cell is decided.
    fn settle(&mut self, drawn: Drawn, n_passes: usize, outbox: &Outbox) {
        let Drawn { code, log_prob } = drawn;
        let n_passes = n_passes + std::mem::take(&mut self.passes_unreported);
        let cell = self.cursor.settle(code);
        self.shown[self.cursor.request.plan.grid.idx(cell)] = Some(code);
        self.windows.mark(cell);
        self.stats.n_settled += 1;
        self.stats.n_passes += n_passes;
        outbox.send(Event::Settled { job: self.id, cell, code, log_prob, n_passes });
    }

    pub(super) fn pause(
        &mut self,
        pacing: &Pacing,
        painter: &dyn Painter,
        contexts: &mut ContextPool,
        outbox: &Outbox,
    ) -> Result<()> {
        if !self.is_paused {
            self.is_paused = true;
            self.clock.stop();
            // Now there is time to look at it closely. Only then is it said: what the artist does in a pause
            // starts from what will be seen.
            self.windows.take();
            self.show_exact(false, painter, outbox)?;
            outbox.send(Event::Paused { job: self.id });
        }
        if pacing.wants_underpainting {
            self.underpaint_at_rest(painter, contexts, outbox)?;
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
            let grid = self.cursor.request.plan.grid;
            let mut probs = self.probs_in(window.grown(NEAR, grid));
            // Beside nothing, a cell would look like none that there will be; codes and drafts are something.
            probs.retain(|it| self.shown[grid.idx(it.0)].is_none());
            let decoded = if probs.is_empty() {
                painter.codec().decode(self.shown(), window, quality)?
            } else {
                painter.codec().underpaint(self.shown(), &probs, window)?
            };
            self.send_pixels(decoded, false, outbox)?;
        }
        self.windows.rest_after(begun.elapsed());
        self.stats.decode_secs += begun.elapsed().as_secs_f32();
        Ok(())
    }

    /// Shows the picture as it will stay, and says how it ended.
    pub(super) fn end(mut self, outcome: Outcome, painter: &dyn Painter, outbox: &Outbox) {
        let shown = match outcome {
            Outcome::Failed(_) => Ok(()),
            Outcome::Finished | Outcome::Stopped => {
                let is_final = self.shown.iter().all(Option::is_some);
                self.show_exact(is_final, painter, outbox)
            }
        };
        let outcome = match shown {
            Ok(()) => outcome,
            Err(err) => Outcome::Failed(err.into()),
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
    fn send_pixels(&self, decoded: Decoded, is_final: bool, outbox: &Outbox) -> Result<()> {
        for band in self.on_canvas(decoded)?.bands(MAX_CELLS_PER_EVENT) {
            let decoded = Box::new(band);
            outbox.send(Event::Pixels { job: self.id, decoded, is_final });
        }
        Ok(())
    }

    fn on_canvas(&self, decoded: Decoded) -> Result<Decoded> {
        scaled(decoded, self.cursor.request.plan.grid.cell_pixels, self.scale)
    }

    /// The same of what is only expected.
    pub(super) fn send_underpainting(&self, decoded: Decoded, outbox: &Outbox) -> Result<()> {
        for band in self.on_canvas(decoded)?.bands(MAX_CELLS_PER_EVENT) {
            outbox.send(Event::Expected { job: self.id, decoded: Box::new(band) });
        }
        Ok(())
    }

    fn shown(&self) -> Codes<'_> {
        Codes { grid: self.cursor.request.plan.grid, of_cells: &self.shown }
    }

    fn show_exact(&mut self, is_final: bool, painter: &dyn Painter, outbox: &Outbox) -> Result<()> {
        let begun = Instant::now();
        let whole = self.cursor.request.plan.grid.all();
        let decoded = painter.codec().decode(self.shown(), whole, Quality::Final)?;
        self.send_pixels(decoded, is_final, outbox)?;
        self.stats.decode_secs += begun.elapsed().as_secs_f32();
        Ok(())
    }
}
