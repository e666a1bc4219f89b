//! What the engine has to say, and what becomes of it in the picture.

use std::time::{Duration, Instant};

use super::painting::Painting;
use super::staging::Staged;
use super::{Session, changing};
use crate::base::{Cell, CellRect, Code, ViewSize};
use crate::document::{Author, Edit, Picture, blend};
use crate::engine::{Command, Event, JobId, Outcome, Stats};
use crate::model::{Decoded, Facts};

/// A frame's time for news: a hundredth of the time between two frames, within these bounds, and as much as there may
/// be while the rest follows the brush: then that is what the artist looks at. What does not fit waits for the next
/// frame, and the engine for the window.
const MIN_NEWS_TIME: Duration = Duration::from_micros(100);
const MAX_NEWS_TIME: Duration = Duration::from_millis(4);

impl Session {
    /// Takes in what has happened since; never waits.
    pub fn absorb_news(&mut self) {
        let begun = Instant::now();
        let since_last = begun.duration_since(self.last_absorbed);
        let time = match self.live {
            Some(_) => MAX_NEWS_TIME,
            None => (since_last / 100).clamp(MIN_NEWS_TIME, MAX_NEWS_TIME),
        };
        self.last_absorbed = begun;
        while begun.elapsed() < time {
            let Some(event) = self.engine.news() else {
                self.absorb_tasks();
                return;
            };
            self.absorb(event);
        }
        (self.wake)();
        self.absorb_tasks();
    }

    /// Waits for one piece of news; for painting without a window. Returns whether there was one.
    pub fn wait_for_news(&mut self, timeout: Duration) -> bool {
        let event = self.engine.wait(timeout);
        let came = event.is_some();
        event.into_iter().for_each(|it| self.absorb(it));
        self.absorb_tasks();
        came
    }

    fn absorb(&mut self, event: Event) {
        match event {
            Event::ModelReady { facts, seconds } => self.on_model_ready(*facts, seconds),
            Event::Failed { reason } => {
                self.is_model_lost = self.facts.is_none();
                self.fall_back();
                // Without an answer, nothing waits for one any longer.
                self.encoding = None;
                self.after_encoding = None;
                self.forget_live_question();
                self.second_look = None;
                if self.drawing.is_none() && self.painting.is_none() {
                    self.end_live();
                }
                self.notify(reason);
            }
            Event::Judged { ticket, surprises } => self.accept_judgement(ticket, surprises),
            Event::Encoded { ticket, cells, codes, labels } => {
                self.accept_codes(ticket, cells, &codes, &labels);
            }
            Event::Started { job, to_paint } if self.is_current(job) => {
                log::info!("Painting started: {to_paint} cells");
            }
            Event::Settled { job, cell, code, n_passes, .. } => {
                self.passes_so_far += n_passes;
                if self.is_current(job) {
                    self.settle_cell(cell, code);
                }
            }
            Event::Previewed { job, codes } => {
                self.passes_so_far += 1;
                self.accept_preview_codes(job, &codes);
            }
            Event::Pixels { job, decoded, is_final } if self.is_current(job) => {
                self.show(&decoded, is_final);
            }
            Event::Expected { job, decoded } if self.is_current(job) => self.expect(&decoded),
            Event::Entropies { job, entropies } if self.is_current(job) => {
                self.set_entropies(&entropies);
            }
            Event::Pixels { job, decoded, .. } => self.preview(job, &decoded),
            Event::Ended { job, outcome, .. } if !self.is_current(job) => {
                self.end_preview(job, &outcome);
            }
            Event::Paused { job } if self.is_current(job) => self.set_paused(true),
            Event::Resumed { job } if self.is_current(job) => self.set_paused(false),
            Event::Ended { job, outcome, stats } if self.is_current(job) => {
                self.end(outcome, stats);
            }
            // News of a job that is not the current one any more.
            _ => (),
        }
    }

    fn is_current(&self, job: JobId) -> bool {
        self.painting.as_ref().is_some_and(|it| it.job == job)
    }

    fn on_model_ready(&mut self, facts: Facts, seconds: f32) {
        log::info!("{} is ready after {seconds:.2} s, on {}", facts.name(), facts.hardware);
        if let Some(former) = self.former_facts.take() {
            self.change_over(&former, &facts);
        } else if self.facts.is_none() {
            self.pending.guidance = self.chosen_guidance.unwrap_or(facts.guidance);
            self.pending.sampling = self.chosen_sampling.unwrap_or(facts.sampling);
            self.pending.order = self.order_for(&facts);
            // Strokes may have been first.
            if self.picture.is_blank() || !changing::fits(self.picture.grid, &facts) {
                self.lay_out_for(&facts);
                self.touched.clear();
                self.forget_the_past();
            }
            self.picture.view_size = ViewSize::of(facts.grid);
        }
        self.picture.reading_order = facts.reading_order();
        self.facts = Some(facts);
        // What an engine was asked that has fallen over since, it will not answer.
        self.encoding = None;
        self.forget_live_question();
        self.engine.send(Command::Pace(self.pace));
        self.engine.send(Command::Guess(self.guessing));
        self.engine.send(Command::Underpaint(self.outlook.is_asked()));
        self.ask_for_codes();
    }

    fn settle_cell(&mut self, cell: Cell, code: Code) {
        let idx = self.picture.grid.idx(cell);
        let state = &mut self.picture.cells[idx];
        if state.author == Author::Artist {
            // What the artist has taken meanwhile is the artist's.
            if let Some(painting) = &mut self.painting {
                painting.open.remove(&cell);
            }
            self.clear_entropy(cell);
            self.clear_expected(CellRect::of(cell));
            return;
        }
        state.code = Some(code);
        state.author = Author::Model;
        state.wet = true;
        self.settled_at[idx] = Some(Instant::now());
        if let Some(painting) = &mut self.painting {
            painting.open.remove(&cell);
        }
        self.last_cell = Some(cell);
        self.clear_entropy(cell);
    }

    /// Puts decoded pixels where they may go: into wet cells, blended into what lies beside them.
    fn show(&mut self, decoded: &Decoded, is_final: bool) {
        let Some(painting) = &self.painting else { return };
        let grid = self.picture.grid;
        let area = grid.pixels(decoded.window);
        let wet: Vec<bool> = self.picture.cells.iter().map(|it| it.wet).collect();
        let (backdrop, feather) = (&self.picture.backdrop, &painting.feather);

        self.picture.model_layer.update(area, |x, y, old| {
            let cell = grid.cell_of_pixel(x, y);
            if !wet[grid.idx(cell)] {
                return old;
            }
            let place = ((y - area.top) * area.width() + x - area.left) as usize * 3;
            let new = [decoded.rgb[place], decoded.rgb[place + 1], decoded.rgb[place + 2], 255];
            let below = backdrop.at(x, y);
            let weight = feather.as_ref().map_or(255, |it| it.at(x, y));
            if below[3] == 0 || weight == 255 { new } else { blend::mixed(below, new, weight) }
        });
        for (cell, &label) in decoded.window.cells().zip(&decoded.labels) {
            let state = &mut self.picture.cells[grid.idx(cell)];
            if state.code.is_some() {
                state.label = Some(label);
            }
        }
        self.clear_expected(decoded.window);
        self.show_over_preview(area);
        self.refresh(area);
        // While a preview is still shown in open cells, nothing beside them is as it will stay.
        if is_final && (self.live.is_none() || self.open_cells().is_empty()) {
            self.dry(decoded.window);
        }
    }

    /// The pixels are what they will stay.
    fn dry(&mut self, window: CellRect) {
        for cell in window.cells() {
            let idx = self.picture.grid.idx(cell);
            self.picture.cells[idx].wet = false;
        }
        if !self.picture.is_wet() {
            self.picture.backdrop = self.picture.model_layer.clone();
        }
    }

    fn set_paused(&mut self, is_paused: bool) {
        if let Some(painting) = &mut self.painting {
            painting.is_paused = is_paused;
            let left = painting.open.len();
            if is_paused {
                painting.clock.stop();
                log::info!("Painting paused: {left} cells left");
            } else {
                painting.clock.start();
                log::info!("Painting resumed: {left} cells left");
            }
        }
    }

    fn end(&mut self, outcome: Outcome, stats: Stats) {
        if outcome == Outcome::Stopped && self.live.is_some() && !self.open_cells().is_empty() {
            self.leave_preview();
            return;
        }
        let before = self.painting.as_ref().map(|it| it.before.clone());
        let is_entered = self.close_entry();
        let (Some(painting), Some(before)) = (self.painting.take(), before) else { return };
        // What counts is when the artist sees it.
        let stats = Stats { secs: painting.clock.secs(), ..stats };
        self.last_cell = None;
        self.forget_outlook();
        self.end_live();
        match outcome {
            Outcome::Finished => {
                log::info!(
                    "Painting finished: {} cells in {:.2} s, {} passes",
                    stats.n_settled,
                    stats.secs,
                    stats.n_passes
                );
                let is_take = painting.is_staged && 0 < painting.n_to_paint;
                if is_take && !is_entered {
                    // A take that turned out like the picture before is still a take.
                    self.history.push_done(painting.label.clone(), Edit::nothing());
                }
                if is_take
                    && let Some((painting, before)) = self.continue_second_look(painting, before)
                {
                    self.stage(painting, before);
                }
            }
            Outcome::Stopped => {
                log::info!("Painting stopped after {} cells", stats.n_settled);
                (self.staged, self.second_look) = (None, None);
            }
            Outcome::Failed(reason) => {
                (self.staged, self.second_look, self.variations_left) = (None, None, 0);
                self.notify(reason);
            }
        }
        if 0 < stats.n_settled && 0.0 < stats.secs {
            self.cells_per_sec = Some(stats.n_settled as f32 / stats.secs);
        }
        self.last_stats = Some(stats);
    }

    pub(super) fn stage(&mut self, painting: Painting, before: Picture) {
        let take = self.picture_without_stroke();
        match &mut self.staged {
            Some(staged) if !staged.is_current => staged.add(take),
            _ => self.staged = Some(Staged::new(painting.label, before, take, painting.again)),
        }
        if let Some(left) = self.variations_left.checked_sub(1) {
            self.variations_left = left;
            self.staged_take();
        }
    }
}
