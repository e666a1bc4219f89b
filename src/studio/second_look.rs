//! The second look: what fits worst in a finished picture is painted anew, in rounds, and offered as a take.

use std::collections::BTreeSet;

use super::action::{Reach, Repaint};
use super::activity::{Activity, Painting};
use super::document::Document;
use super::event::{Refusal, StudioEvent};
use super::painting::advance_variations;
use super::planning;
use crate::base::{Cell, EntryId, Ticket};
use crate::document::{CellState, Picture};
use crate::engine::{Command, Run};

/// What surprises less, in nats, is well as it is.
const MIN_SURPRISE: f32 = 0.7;

/// A second look under way.
#[derive(Debug)]
pub(super) struct SecondLook {
    /// At most this fraction of the picture's cells is painted anew in a round; above 0, at most 1.
    fraction: f32,
    rounds_left: u32,
    /// The entry of the first round, and the picture before it. All rounds are one entry.
    first: Option<(EntryId, Picture)>,
}

/// The model is asked what does not fit.
#[derive(Debug)]
pub(super) struct Judging {
    pub(super) ticket: Ticket,
    look: SecondLook,
    /// The round that was painted last.
    done: Option<Box<Painting>>,
}

impl Document {
    /// `fraction` is above 0 and at most 1.
    pub(super) fn begin_second_look(&mut self, fraction: f32, rounds: u32) -> Result<(), Refusal> {
        let facts = self.painter()?;
        let is_at_it = match &self.activity {
            Activity::Painting(it) => it.second_look.is_some(),
            Activity::Judging(_) => true,
            Activity::Idle | Activity::Following(_) => false,
        };
        if is_at_it {
            // One is enough: another one begins after its take.
            return Ok(());
        }
        let is_read =
            !self.is_foreign(&facts) && !self.picture.cells.iter().any(CellState::is_unread);
        if !(self.activity.is_idle() && self.picture.is_finished() && is_read) {
            return Err(Refusal::NotFinished);
        }
        if !facts.is_any_order {
            return Err(Refusal::CannotJudge);
        }
        self.accept_take();
        self.variations_left = 0;
        let (fraction, rounds_left) = (fraction.clamp(0.0, 1.0), rounds.max(1));
        self.judge(SecondLook { fraction, rounds_left, first: None }, None);
        Ok(())
    }

    /// Nothing more comes after the round under way.
    pub(super) fn forget_second_look(&mut self) {
        match &mut self.activity {
            Activity::Painting(it) => it.second_look = None,
            Activity::Judging(_) => self.activity = Activity::Idle,
            Activity::Idle | Activity::Following(_) => (),
        }
    }

    fn judge(&mut self, look: SecondLook, done: Option<Box<Painting>>) {
        let Some(facts) = &self.facts else { return };
        let request = planning::request(&self.picture, facts, &BTreeSet::new(), &self.focus);
        let (ticket, document) = (Ticket::next(), self.id());
        self.commands.push(Command::Judge { ticket, document, request: Box::new(request) });
        self.activity = Activity::Judging(Box::new(Judging { ticket, look, done }));
    }

    /// What fits worst is painted anew.
    pub(super) fn accept_judgement(&mut self, surprises: Vec<(Cell, f32)>) {
        let Activity::Judging(judging) = std::mem::take(&mut self.activity) else { return };
        let Judging { mut look, done, .. } = *judging;
        let mut worst = surprises;
        worst.retain(|&(cell, surprise)| {
            MIN_SURPRISE < surprise && planning::is_the_models(&self.picture, cell)
        });
        worst.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        let max_cells = (look.fraction * self.picture.cells.len() as f32).ceil() as usize;
        worst.truncate(max_cells);
        log::info!("Second look: {} cells do not fit", worst.len());
        if worst.is_empty() {
            match (done, look.first) {
                (Some(round), Some((entry, before))) => self.stage(*round, entry, before),
                (None, _) | (_, None) => self.events.push(StudioEvent::EveryCellFits(self.id())),
            }
            return;
        }
        look.rounds_left -= 1;
        let cells: Vec<Cell> = worst.into_iter().map(|(cell, _)| cell).collect();
        if let Err(refusal) = self.paint_round(cells, look) {
            self.events.push(StudioEvent::Refused(refusal));
        }
    }

    fn paint_round(&mut self, cells: Vec<Cell>, look: SecondLook) -> Result<(), Refusal> {
        let open: BTreeSet<Cell> = cells.iter().copied().collect();
        self.focus.clone_from(&cells);
        self.start_painting("Second look", open.clone(), Run::On, |picture| {
            advance_variations(picture, &open, 1);
        })?;
        if let Some(painting) = self.activity.painting_mut() {
            painting.again = Repaint { cells, prompt: None, reach: Reach::Only, variation_step: 1 };
            painting.second_look = Some(look);
        }
        Ok(())
    }

    /// There will be no answer: what the rounds before have come to is offered.
    pub(super) fn give_up_judging(&mut self, ticket: Ticket) {
        let is_asked = matches!(&self.activity, Activity::Judging(it) if it.ticket == ticket);
        if is_asked
            && let Activity::Judging(judging) = std::mem::take(&mut self.activity)
            && let (Some(round), Some((entry, before))) = (judging.done, judging.look.first)
        {
            self.stage(*round, entry, before);
        }
    }

    /// The artist has seen enough.
    pub(super) fn stop_judging(&mut self) {
        if let Activity::Judging(judging) = &self.activity {
            self.give_up_judging(judging.ticket);
        }
    }

    /// A round's entry becomes one with those of the rounds before it. Returns the entry, and the picture before it.
    pub(super) fn join_rounds(
        &mut self,
        look: &mut SecondLook,
        entry: EntryId,
        before: Picture,
    ) -> (EntryId, Picture) {
        let first = look.first.get_or_insert((entry, before));
        first.0 = self.history.merge_from(first.0);
        first.clone()
    }

    /// After a round that was painted to its end: judges again if another one is to come, else offers what was painted.
    pub(super) fn after_round(
        &mut self,
        look: SecondLook,
        round: Box<Painting>,
        entry: EntryId,
        before: Picture,
    ) {
        if 0 < look.rounds_left {
            self.judge(look, Some(round));
        } else {
            self.stage(*round, entry, before);
        }
    }
}
