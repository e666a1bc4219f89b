//! Work on a finished picture is offered before it is taken: the takes, and the way back.

use super::action::{Reach, Repaint};
use super::activity::Painting;
use super::document::Document;
use super::event::{Refusal, StudioEvent};
use crate::base::EntryId;
use crate::document::{Edit, History, Picture};

/// A repaint that the artist has not yet accepted.
#[derive(Debug)]
pub struct Staged {
    pub label: String,
    /// The picture without it; shown for comparison.
    pub before: Picture,
    takes: Vec<Picture>,
    shown: usize,
    /// Whether a take is shown; not while the next one is being painted.
    pub(super) is_current: bool,
    /// The entry of the take that is shown. Only selections come after it: they leave the take in question.
    entry: EntryId,
    /// What was asked for, so that another take can be had.
    again: Repaint,
}

impl Staged {
    /// Which take is shown, from 0, and how many there are.
    #[must_use]
    pub fn shown_of(&self) -> (usize, usize) {
        (self.shown, self.takes.len())
    }

    /// Whether the take is shown, and was not undone.
    pub(super) fn is_in(&self, history: &History) -> bool {
        self.is_current && history.n_after(self.entry).is_some()
    }

    /// The same, and nothing has been selected since.
    pub(super) fn is_last_in(&self, history: &History) -> bool {
        self.is_current && history.n_after(self.entry) == Some(0)
    }
}

impl Document {
    pub(super) fn accept_take(&mut self) {
        if self.staged.take().is_some() {
            log::info!("Take accepted");
        }
    }

    /// Offers what a painting has come to.
    pub(super) fn stage(&mut self, painting: Painting, entry: EntryId, before: Picture) {
        let take = self.picture_without_stroke();
        match &mut self.staged {
            Some(staged) if !staged.is_current => {
                staged.takes.push(take);
                staged.shown = staged.takes.len() - 1;
                (staged.is_current, staged.entry) = (true, entry);
            }
            Some(_) | None => {
                let Painting { label, again, .. } = painting;
                let takes = vec![take];
                let staged =
                    Staged { label, before, takes, shown: 0, is_current: true, entry, again };
                self.staged = Some(staged);
            }
        }
        if let Some(left) = self.variations_left.checked_sub(1) {
            self.variations_left = left;
            if let Err(refusal) = self.staged_take() {
                self.events.push(StudioEvent::Refused(refusal));
            }
        }
    }

    pub(super) fn discard_take(&mut self) {
        let Some(staged) = self.staged.take() else { return };
        if staged.is_last_in(&self.history) {
            self.travel(History::undo);
        } else if staged.is_current {
            self.lift_take(staged.entry);
        } else {
            // The take to discard is only just being painted: with it all of them go.
            self.stop();
        }
        log::info!("Take discarded");
    }

    /// Takes the take that is shown out of the picture; the selections made since are kept.
    fn lift_take(&mut self, entry: EntryId) {
        self.put_all_down();
        let Some(n_after) = self.history.n_after(entry) else { return };
        let selection = self.picture.selection.clone();
        for _ in 0..=n_after {
            self.history.undo(&mut self.picture);
        }
        if self.picture.selection != selection {
            self.history.perform(&mut self.picture, "Select", Edit::Select(selection));
        }
        self.after_time_travel();
    }

    pub(super) fn show_take(&mut self, idx: usize) {
        let Some(mut staged) = self.staged.take() else { return };
        if self.activity.is_idle() && idx < staged.takes.len() {
            self.lift_take(staged.entry);
            staged.shown = idx;
            self.put_take(&mut staged);
        }
        self.staged = Some(staged);
    }

    /// Puts the take that is to be shown into the picture, as an entry of its own; the selection stays.
    fn put_take(&mut self, staged: &mut Staged) {
        let mut take = staged.takes[staged.shown].clone();
        take.selection.clone_from(&self.picture.selection);
        let edit = Edit::back_to(&take, &self.picture).unwrap_or_else(Edit::nothing);
        staged.entry = self.history.perform(&mut self.picture, staged.label.clone(), edit);
        self.after_time_travel();
    }

    /// The next take did not come to its end: what of it was painted goes, and the take shown before is back.
    pub(super) fn bring_takes_back(&mut self, partial: Option<EntryId>) {
        let Some(mut staged) = self.staged.take().filter(|it| !it.is_current) else { return };
        if partial.is_some_and(|it| self.history.n_after(it) == Some(0)) {
            self.history.undo(&mut self.picture);
        }
        self.put_take(&mut staged);
        staged.is_current = true;
        self.staged = Some(staged);
    }

    /// Several variations of what is in question, or selected, or of the whole picture, one after the other.
    pub(super) fn paint_variations(&mut self, n_variations: u32) -> Result<(), Refusal> {
        let Some(left) = n_variations.checked_sub(1) else { return Ok(()) };
        match &self.staged {
            Some(staged) if staged.is_current => self.staged_take()?,
            Some(_) | None if self.picture.selection.is_some() => {
                self.repaint_selection(Reach::Only)?;
            }
            Some(_) | None => self.paint(1)?,
        }
        self.variations_left = left;
        Ok(())
    }

    /// Paints what is staged once more, with other noise, from the picture as it was.
    pub(super) fn staged_take(&mut self) -> Result<(), Refusal> {
        let Some(mut staged) = self.staged.take() else { return Ok(()) };
        let mut repaint = staged.again.clone();
        repaint.variation_step += staged.takes.len() as u32;
        // The next take stands beside the others, not upon the last one.
        self.lift_take(staged.entry);
        staged.is_current = false;
        self.staged = Some(staged);
        self.repaint(repaint)
    }
}
