//! Undo and redo: a list of what was done, each entry with the edit that would reverse it.
//! Keeps edits, never whole pictures; does not know what an edit changes.

use std::collections::VecDeque;

use super::edit::Edit;
use super::picture::Picture;
use crate::base::EntryId;

/// More steps than anyone takes back; a stroke's entry holds a few tiles of 16 KiB.
const LIMIT: usize = 200;

/// Something that was done or undone.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub id: EntryId,
    /// What it is called in the history, such as "Brush stroke".
    pub label: String,
    /// What takes it back, or brings it back.
    pub edit: Edit,
}

impl Entry {
    fn apply(self, picture: &mut Picture) -> Self {
        Self { edit: self.edit.apply(picture), ..self }
    }
}

/// What was done to one picture, and what was undone.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    done: VecDeque<Entry>,
    undone: Vec<Entry>,
    /// What was done before all that can be undone.
    forgotten: Option<EntryId>,
}

impl History {
    /// Does `edit`. Whatever had been undone is now out of reach.
    pub fn perform(
        &mut self,
        picture: &mut Picture,
        label: impl Into<String>,
        edit: Edit,
    ) -> EntryId {
        let inverse = edit.apply(picture);
        self.push_done(label, inverse)
    }

    /// Takes note of something that has already been done.
    pub fn push_done(&mut self, label: impl Into<String>, inverse: Edit) -> EntryId {
        self.undone.clear();
        let id = EntryId::next();
        self.done.push_back(Entry { id, label: label.into(), edit: inverse });
        if LIMIT < self.done.len() {
            self.forgotten = self.done.pop_front().map(|it| it.id);
        }
        id
    }

    /// What was done last; `None` where nothing was, or all of it was undone.
    #[must_use]
    pub fn last(&self) -> Option<EntryId> {
        self.done.back().map(|it| it.id).or(self.forgotten)
    }

    /// Whether nothing was done, nor undone.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.last().is_none() && self.undone.is_empty()
    }

    /// How many entries were done after this one; `None` where it was undone, or is forgotten.
    #[must_use]
    pub fn n_after(&self, id: EntryId) -> Option<usize> {
        self.done.iter().rev().position(|it| it.id == id)
    }

    /// Makes one entry of this one and all that were done after it. Returns its id; it is another one, as the picture is
    /// another one after it.
    pub fn merge_from(&mut self, id: EntryId) -> EntryId {
        let Some(n_after) = self.n_after(id).filter(|&it| 0 < it) else { return id };
        let later = self.done.split_off(self.done.len() - n_after);
        if let Some(entry) = self.done.back_mut() {
            let first = std::mem::replace(&mut entry.edit, Edit::nothing());
            let inverses = later.into_iter().rev().map(|it| it.edit);
            entry.edit = Edit::All(inverses.chain([first]).collect());
            entry.id = EntryId::next();
            return entry.id;
        }
        id
    }

    /// Takes the last entry back, and returns its label; `None` where there is nothing to undo.
    pub fn undo(&mut self, picture: &mut Picture) -> Option<String> {
        let entry = self.done.pop_back()?.apply(picture);
        let label = entry.label.clone();
        self.undone.push(entry);
        Some(label)
    }

    /// Brings back what was undone last, and returns its label; `None` where there is nothing.
    pub fn redo(&mut self, picture: &mut Picture) -> Option<String> {
        let entry = self.undone.pop()?.apply(picture);
        let label = entry.label.clone();
        self.done.push_back(entry);
        Some(label)
    }

    /// What was done, in the order in which it was done; the last one is undone next.
    pub fn done_labels(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.done.iter().map(|it| it.label.as_str())
    }

    /// What was undone, in the order in which it was done; the first one is redone next.
    pub fn undone_labels(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.undone.iter().rev().map(|it| it.label.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::super::picture::tests::sheet;
    use super::*;

    fn reseed(seed: u64) -> Edit {
        let mut paint_settings = sheet().paint_settings;
        paint_settings.seed = seed;
        Edit::PaintSettings(Box::new(paint_settings))
    }

    #[test]
    fn labels_move_between_done_and_undone() {
        let (mut picture, mut history) = (sheet(), History::default());
        for seed in 1..=3 {
            history.perform(&mut picture, format!("seed {seed}"), reseed(seed));
        }
        assert_eq!(history.undo(&mut picture).as_deref(), Some("seed 3"));
        assert_eq!(history.undo(&mut picture).as_deref(), Some("seed 2"));
        assert_eq!(picture.paint_settings.seed, 1);
        assert!(history.done_labels().eq(["seed 1"]));
        assert!(history.undone_labels().eq(["seed 2", "seed 3"]));

        assert_eq!(history.redo(&mut picture).as_deref(), Some("seed 2"));
        assert_eq!(picture.paint_settings.seed, 2);
        history.perform(&mut picture, "seed 9", reseed(9));
        assert!(history.done_labels().eq(["seed 1", "seed 2", "seed 9"]));
        assert_eq!(history.redo(&mut picture), None);
    }

    #[test]
    fn merged_entries_are_undone_and_redone_as_one() {
        let (mut picture, mut history) = (sheet(), History::default());
        let ids = [1, 2, 3, 4].map(|it| history.perform(&mut picture, format!("{it}"), reseed(it)));
        let merged = history.merge_from(ids[1]);
        assert!(history.done_labels().eq(["1", "2"]));
        assert_eq!((history.last(), history.n_after(ids[0])), (Some(merged), Some(1)));
        history.undo(&mut picture);
        assert_eq!((picture.paint_settings.seed, history.n_after(merged)), (1, None));
        history.redo(&mut picture);
        assert_eq!(picture.paint_settings.seed, 4);
    }

    #[test]
    fn what_was_done_too_long_ago_stays_done() {
        let (mut picture, mut history) = (sheet(), History::default());
        for seed in 1..=LIMIT as u64 + 5 {
            history.perform(&mut picture, "reseed", reseed(seed));
        }
        while history.undo(&mut picture).is_some() {}
        assert_eq!(picture.paint_settings.seed, 5);
    }
}
