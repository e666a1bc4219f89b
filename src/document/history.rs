//! Undo and redo: a list of what was done, each entry with the edit that would reverse it.
//! Keeps edits, never whole pictures; does not know what an edit changes.

use std::collections::VecDeque;

use super::edit::Edit;
use super::picture::Picture;

/// More steps than anyone takes back; a stroke's entry holds a few tiles of 16 KiB.
const LIMIT: usize = 200;

/// Something that was done or undone.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// What it is called in the history, such as "Brush stroke".
    pub label: String,
    /// What takes it back, or brings it back.
    pub edit: Edit,
}

impl Entry {
    fn apply(self, picture: &mut Picture) -> Self {
        Self { label: self.label, edit: self.edit.apply(picture) }
    }
}

/// What was done to one picture, and what was undone.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    done: VecDeque<Entry>,
    undone: Vec<Entry>,
}

impl History {
    /// Does `edit`. Whatever had been undone is now out of reach.
    pub fn perform(&mut self, picture: &mut Picture, label: impl Into<String>, edit: Edit) {
        let inverse = edit.apply(picture);
        self.push_done(label, inverse);
    }

    /// Takes note of something that has already been done.
    pub fn push_done(&mut self, label: impl Into<String>, inverse: Edit) {
        self.undone.clear();
        self.done.push_back(Entry { label: label.into(), edit: inverse });
        if LIMIT < self.done.len() {
            self.done.pop_front();
        }
    }

    /// Drops the last entry without taking it back: what comes next tells of it, too.
    pub fn forget_last(&mut self) {
        self.done.pop_back();
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
    fn what_was_done_too_long_ago_stays_done() {
        let (mut picture, mut history) = (sheet(), History::default());
        for seed in 1..=LIMIT as u64 + 5 {
            history.perform(&mut picture, "reseed", reseed(seed));
        }
        while history.undo(&mut picture).is_some() {}
        assert_eq!(picture.paint_settings.seed, 5);
    }
}
