//! Work on a finished picture is offered before it is taken: the takes, and the way back.

use super::Session;
use super::action::{Action, Repaint};
use crate::document::{Edit, Picture};

/// A repaint that the artist has not yet accepted. The history's last entry is the take shown, but for
/// selections made since.
#[derive(Debug)]
pub struct Staged {
    pub label: String,
    /// The picture without it; shown for comparison.
    pub before: Picture,
    takes: Vec<Picture>,
    shown: usize,
    /// Whether a take is shown; not while the next one is being painted.
    pub(super) is_current: bool,
    /// How many entries of the history came after it: selections, which leave the take in question.
    pub(super) n_selections: usize,
    /// What was asked for, so that another take can be had.
    again: Repaint,
}

impl Staged {
    pub(super) fn new(label: String, before: Picture, take: Picture, again: Repaint) -> Self {
        Self {
            label,
            before,
            takes: vec![take],
            shown: 0,
            is_current: true,
            n_selections: 0,
            again,
        }
    }

    pub(super) fn add(&mut self, take: Picture) {
        self.takes.push(take);
        self.n_selections = 0;
        self.shown = self.takes.len() - 1;
        self.is_current = true;
    }

    /// Which take is shown, from 0, and how many there are.
    #[must_use]
    pub fn shown_of(&self) -> (usize, usize) {
        (self.shown, self.takes.len())
    }

    /// What becomes of it when the artist goes a step back or forth in the history.
    pub(super) fn after_travel(mut self, is_undo: bool) -> Option<Self> {
        self.n_selections =
            if is_undo { self.n_selections.checked_sub(1)? } else { self.n_selections + 1 };
        self.is_current.then_some(self)
    }
}

impl Session {
    pub(super) fn accept_take(&mut self) {
        if self.staged.take().is_some() {
            log::info!("Take accepted");
        }
    }

    pub(super) fn discard_take(&mut self) {
        match self.staged.take() {
            Some(staged) if staged.is_current => {
                match staged.n_selections {
                    0 => self.perform(Action::Undo),
                    n => self.lift_take(n),
                }
                log::info!("Take discarded");
            }
            // The take to discard is only just being painted.
            Some(_) => self.stop(),
            None => (),
        }
    }

    /// Takes the take that is shown out of the picture; the selections made since are kept.
    fn lift_take(&mut self, n_selections: usize) {
        self.put_all_down();
        let selection = self.picture.selection.clone();
        for _ in 0..=n_selections {
            self.history.undo(&mut self.picture);
        }
        if self.picture.selection != selection {
            self.history.perform(&mut self.picture, "Select", Edit::Select(selection));
        }
        self.after_time_travel();
    }

    pub(super) fn show_take(&mut self, idx: usize) {
        let Some(mut staged) = self.staged.take() else { return };
        if self.painting.is_none() && idx < staged.takes.len() {
            self.lift_take(staged.n_selections);
            let mut take = staged.takes[idx].clone();
            take.selection.clone_from(&self.picture.selection);
            let edit = Edit::back_to(&take, &self.picture).unwrap_or_else(Edit::nothing);
            self.history.perform(&mut self.picture, staged.label.clone(), edit);
            staged.shown = idx;
            staged.n_selections = 0;
            self.after_time_travel();
        }
        self.staged = Some(staged);
    }

    /// Several variations of what is in question, or selected, or of the whole picture, one after the other.
    pub(super) fn paint_variations(&mut self, n_variations: u32) {
        let Some(left) = n_variations.checked_sub(1) else { return };
        match &self.staged {
            Some(staged) if staged.is_current => self.staged_take(),
            _ if self.picture.selection.is_some() => {
                self.perform(Action::RepaintSelection(super::Reach::Only));
            }
            _ => self.perform(Action::AnotherTake),
        }
        if self.painting.is_some() || self.after_encoding.is_some() {
            self.variations_left = left;
        }
    }

    /// Paints what is staged once more, with other noise, from the picture as it was.
    pub(super) fn staged_take(&mut self) {
        let Some(mut staged) = self.staged.take() else { return };
        let mut repaint = staged.again.clone();
        repaint.variation_step += staged.takes.len() as u32;
        // The next take stands beside the others, not upon the last one.
        self.lift_take(staged.n_selections);
        staged.is_current = false;
        self.staged = Some(staged);
        self.intend(super::painting::Intent::Repaint(repaint));
    }
}
