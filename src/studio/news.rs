//! What the engine has to say of a document, and what becomes of it in the picture.

use std::time::Instant;

use super::activity::Activity;
use super::document::Document;
use super::event::StudioEvent;
use crate::base::{Cell, CellRect, Code, EntryId, Rgba};
use crate::document::{Author, Edit, blend};
use crate::engine::{Event, Failure, Outcome, Stats};
use crate::model::Decoded;

impl Document {
    /// Takes in news of a job or a question of its own.
    pub(super) fn absorb(&mut self, event: Event) {
        match event {
            Event::Started { to_paint, .. } => {
                if self.is_painting() {
                    log::info!("Painting started: {to_paint} cells");
                }
            }
            Event::Read { cells, .. } => {
                let is_so = self.activity.painting().is_some_and(|it| it.revision == self.revision);
                if is_so {
                    self.note_read(&cells);
                }
            }
            Event::Settled { cell, code, n_passes, .. } => {
                self.passes_so_far += n_passes;
                self.settle_cell(cell, code);
            }
            Event::Previewed { .. } => self.show_newest_preview(),
            Event::Pixels { decoded, is_final, .. } => self.show(&decoded, is_final),
            Event::Expected { decoded, .. } => self.expect(&decoded),
            Event::Entropies { entropies, .. } => self.set_entropies(&entropies),
            Event::Paused { .. } => self.set_paused(true),
            Event::Resumed { .. } => self.set_paused(false),
            Event::Ended { outcome, stats, .. } => self.end(outcome, stats),
            Event::Judged { surprises, .. } => self.accept_judgement(surprises),
            Event::Encoded { ticket, cells } => self.accept_reading(ticket, &cells),
            Event::Refused { ticket, failure } => {
                self.give_up_judging(ticket);
                self.give_up_reading(ticket);
                self.events.push(StudioEvent::QuestionFailed(self.id(), failure));
            }
            // These are the studio's.
            Event::ModelReady { .. } | Event::ModelFailed(_) => (),
        }
    }

    fn settle_cell(&mut self, cell: Cell, code: Code) {
        if let Some(painting) = self.activity.painting_mut() {
            painting.open.remove(&cell);
        }
        self.clear_entropy(cell);
        let idx = self.picture.grid.idx(cell);
        let state = &mut self.picture.cells[idx];
        if state.author == Author::Artist {
            // What the artist has taken meanwhile is the artist's.
            self.clear_expected(CellRect::of(cell));
            return;
        }
        state.code = Some(code);
        state.author = Author::Model;
        state.wet = true;
        self.settled.push(cell);
        self.settled_at[idx] = Some(Instant::now());
        self.last_cell = Some(cell);
    }

    /// Puts decoded pixels where they may go: into wet cells, blended into what lies beside them.
    fn show(&mut self, decoded: &Decoded, is_final: bool) {
        let Some(painting) = self.activity.painting() else { return };
        let grid = self.picture.grid;
        let area = grid.pixels(decoded.window);
        let (backdrop, feather) = (&self.picture.backdrop, &painting.feather);
        // While a preview is still shown in open cells, nothing beside them is as it will stay.
        let is_final = is_final && (painting.preview.is_none() || painting.open.is_empty());

        for cell in decoded.window.cells().filter(|&it| self.picture.cells[grid.idx(it)].wet) {
            self.picture.model_layer.update_runs(grid.pixels(CellRect::of(cell)), |x, y, run| {
                let Some(colours) = decoded.run(grid, x, y, run.len()) else { return };
                for (x, (value, &[r, g, b])) in (x..).zip(run.iter_mut().zip(colours)) {
                    let new = [r, g, b, 255];
                    let weight = feather.as_ref().map_or(255, |it| it.at(x, y));
                    *value =
                        if weight == 255 { new } else { feathered(new, backdrop.at(x, y), weight) };
                }
            });
        }
        for (cell, &label) in decoded.window.cells().zip(&decoded.labels) {
            let state = &mut self.picture.cells[grid.idx(cell)];
            if state.code.is_some() {
                state.label = Some(label);
            }
        }
        self.clear_expected(decoded.window);
        self.show_over_preview(area);
        self.refresh(area);
        if is_final {
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
        let Some(painting) = self.activity.painting_mut() else { return };
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

    fn end(&mut self, outcome: Outcome, stats: Stats) {
        match &self.activity {
            Activity::Painting(it) => {
                let is_cut_short = it.preview.is_some() && !it.open.is_empty();
                if is_cut_short && matches!(outcome, Outcome::Stopped) {
                    self.leave_preview();
                } else {
                    self.end_painting(outcome, stats);
                }
            }
            Activity::Following(_) => {
                self.activity = Activity::Idle;
                self.refresh_all();
                if let Outcome::Failed(failure) = outcome {
                    // It would fail again with each piece of the stroke.
                    self.drawing.iter_mut().for_each(|it| it.is_followed = false);
                    self.events.push(StudioEvent::Failed(self.id(), failure));
                }
            }
            Activity::Idle | Activity::Judging(_) => (),
        }
    }

    fn end_painting(&mut self, outcome: Outcome, stats: Stats) {
        if matches!(outcome, Outcome::Failed(_)) {
            self.reopen_unseen();
        }
        let before = self.activity.painting().map(|it| it.before.clone());
        let entry = self.close_entry();
        let Activity::Painting(mut painting) = std::mem::take(&mut self.activity) else { return };
        let Some(before) = before else { return };
        let is_cut_short = painting.is_stopped && matches!(outcome, Outcome::Finished);
        let outcome = if is_cut_short { Outcome::Stopped } else { outcome };
        // What counts is when the artist sees it.
        let stats = Stats { secs: painting.clock.secs(), ..stats };
        let Stats { n_settled, secs, n_passes, .. } = stats;
        if 0 < n_settled && 0.0 < secs {
            self.cells_per_sec = Some(n_settled as f32 / secs);
        }
        self.last_stats = Some(stats);
        self.finished_stats += stats;
        self.last_cell = None;
        self.forget_outlook();
        let is_take =
            painting.is_staged && 0 < painting.n_to_paint && matches!(outcome, Outcome::Finished);
        // A take that turned out like the picture before is still a take.
        let entry = entry.or_else(|| {
            is_take.then(|| self.history.push_done(painting.label.clone(), Edit::nothing()))
        });
        let partial = entry;
        let mut look = painting.second_look.take();
        let offer = entry.map(|entry| match &mut look {
            Some(look) => self.join_rounds(look, entry, before),
            None => (entry, before),
        });
        match outcome {
            Outcome::Finished => {
                log::info!(
                    "Painting finished: {n_settled} cells in {secs:.2} s, {n_passes} passes"
                );
                self.events.push(StudioEvent::Finished(self.id()));
                if let Some((entry, before)) = offer.filter(|_| is_take) {
                    match look {
                        Some(look) => self.after_round(look, painting, entry, before),
                        None => self.stage(*painting, entry, before),
                    }
                }
            }
            Outcome::Stopped => {
                log::info!("Painting stopped after {n_settled} cells");
                self.bring_takes_back(partial);
                self.events.push(StudioEvent::Stopped(self.id()));
            }
            Outcome::Failed(failure) => self.fail(failure, partial),
        }
    }

    fn fail(&mut self, failure: Failure, partial: Option<EntryId>) {
        self.bring_takes_back(partial);
        self.variations_left = 0;
        self.events.push(StudioEvent::Failed(self.id(), failure));
    }
}

/// What was painted, faded out towards what stays.
fn feathered(new: Rgba, below: Rgba, weight: u8) -> Rgba {
    // Other layers lie below it, perhaps: it is blended into what is seen there.
    if below[3] == 0 { [new[0], new[1], new[2], weight] } else { blend::mixed(below, new, weight) }
}
