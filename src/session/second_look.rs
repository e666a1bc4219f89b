//! The second look: what fits worst in a finished picture is painted anew, in rounds, and offered as a take.

use std::collections::BTreeSet;

use super::action::Repaint;
use super::painting::Painting;
use super::{Action, Reach, Session, planning};
use crate::base::{Cell, Request};
use crate::document::Picture;
use crate::engine::{Command, GROUPS, Run};

/// What surprises less, in nats, is well as it is.
const MIN_SURPRISE: f32 = 0.7;

/// A second look under way.
#[derive(Debug)]
pub(super) struct SecondLook {
    /// At most this fraction of the picture's cells is painted anew in a round; above 0, at most 1.
    fraction: f32,
    rounds_left: u32,
    /// Names the question that the model has not answered yet.
    ticket: u64,
    group: usize,
    surprises: Vec<(Cell, f32)>,
    /// The round that was painted last, and the picture before the first one.
    done: Option<(Painting, Picture)>,
}

impl Session {
    /// `fraction` is above 0 and at most 1.
    pub(super) fn begin_second_look(&mut self, fraction: f32, rounds: u32) {
        self.accept_take();
        self.variations_left = 0;
        let can_judge = self.facts.as_ref().is_some_and(|it| it.is_any_order);
        if self.second_look.is_some() {
            // One is enough: another one begins after its take.
            return;
        }
        if self.painting.is_some() || !self.picture.is_finished() || self.needs_codes() {
            self.notify("A second look is for a finished picture");
        } else if !can_judge {
            self.notify(
                "This model paints row by row: it cannot judge a cell by what surrounds it",
            );
        } else {
            self.second_look = Some(SecondLook {
                fraction: fraction.clamp(0.0, 1.0),
                rounds_left: rounds.max(1),
                ticket: 0,
                group: 0,
                surprises: Vec::new(),
                done: None,
            });
            self.judge_group(0);
        }
    }

    /// Whether the model is asked what does not fit.
    pub(super) fn is_judging(&self) -> bool {
        self.second_look.is_some() && self.painting.is_none()
    }

    fn judge_group(&mut self, group: usize) {
        let (Some(facts), Some(look)) = (&self.facts, &mut self.second_look) else { return };
        if group == 0 {
            look.surprises.clear();
        }
        self.last_ticket += 1;
        (look.ticket, look.group) = (self.last_ticket, group);
        let request: Request =
            planning::request(&self.picture, &facts.id, &BTreeSet::new(), &self.focus);
        let request = Box::new(request);
        self.engine.send(Command::Judge { ticket: look.ticket, request, group });
    }

    /// Takes the answer for one group in; after the last one, what fits worst is painted anew.
    pub(super) fn accept_judgement(&mut self, ticket: u64, surprises: Vec<(Cell, f32)>) {
        let Some(look) = self.second_look.as_mut().filter(|it| it.ticket == ticket) else { return };
        look.surprises.extend(surprises);
        let next = look.group + 1;
        if next < GROUPS {
            self.judge_group(next);
            return;
        }
        let mut worst = std::mem::take(&mut look.surprises);
        worst.retain(|&(cell, surprise)| {
            MIN_SURPRISE < surprise && planning::is_the_models(&self.picture, cell)
        });
        worst.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        let max_cells = (look.fraction * self.picture.cells.len() as f32).ceil() as usize;
        worst.truncate(max_cells);
        log::info!("Second look: {} cells do not fit", worst.len());
        self.paint_worst(worst.into_iter().map(|(cell, _)| cell).collect());
    }

    fn paint_worst(&mut self, worst: Vec<Cell>) {
        let Some(mut look) = self.second_look.take() else { return };
        if worst.is_empty() {
            match look.done {
                Some((painting, before)) => self.stage(painting, before),
                None => self.notify("A second look changed nothing: every cell fits"),
            }
            return;
        }
        look.rounds_left -= 1;
        let repaint = Repaint { cells: worst, prompt: None, reach: Reach::Only, variation_step: 1 };
        let before = look.done.take().map(|(_, before)| before);
        if before.is_some() {
            // All rounds are one entry of the history.
            self.history.forget_last();
        }
        self.paint_round(repaint, before);
        self.second_look = Some(look);
    }

    /// After a painting has ended: hands it back where it is to be offered now, and not after another
    /// round.
    pub(super) fn continue_second_look(
        &mut self,
        painting: Painting,
        before: Picture,
    ) -> Option<(Painting, Picture)> {
        match self.second_look.as_mut().filter(|it| 0 < it.rounds_left) {
            Some(look) => {
                look.done = Some((painting, before));
                self.judge_group(0);
                None
            }
            None => {
                self.second_look = None;
                Some((painting, before))
            }
        }
    }

    fn paint_round(&mut self, repaint: Repaint, before: Option<Picture>) {
        let cells: BTreeSet<Cell> = repaint.cells.iter().copied().collect();
        self.focus.clone_from(&repaint.cells);
        self.start_painting("Second look", cells.clone(), Run::On, |picture| {
            super::painting::advance_variations(picture, &cells, 1);
        });
        if let Some(painting) = &mut self.painting {
            painting.again = repaint;
            if let Some(before) = before {
                painting.before = before;
            }
        }
    }
}

impl Action {
    /// A second look as the button takes it.
    pub const SECOND_LOOK: Self = Self::SecondLook { fraction: 0.12, rounds: 2 };
}
