//! How a picture came about: what it looked like after each thing that was done, and in which order the model settled its
//! cells, for a film of it.

use std::sync::Arc;

use super::picture::Picture;
use crate::base::{Cell, EntryId, Grid, PixelRect};

/// More than anybody does in a picture; what is done after them is in no film.
pub const MAX_MOMENTS: usize = 4096;

/// The picture after something that was done.
#[derive(Clone, Debug, PartialEq)]
pub struct Moment {
    /// What was done, as an entry of the history; `None` where that was before the document was opened. The last one of those
    /// has the entry that opened it.
    pub entry: Option<EntryId>,
    /// What it is called in the history.
    pub label: String,
    /// The cells that the model has settled, in their order.
    pub settled: Vec<Cell>,
    /// What these are cells of, and the part of it that is seen.
    pub grid: Grid,
    pub canvas: PixelRect,
    pub look: Look,
}

/// What it looked like.
#[derive(Clone, Debug, PartialEq)]
pub enum Look {
    /// Not looked at yet: a clone, which costs what changed since.
    Picture(Box<Picture>),
    Still(Still),
}

/// A small picture, as far as it differs from that of the moment before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Still {
    /// Width and height of the whole, in its own pixels.
    pub size: [u32; 2],
    /// What differs; empty where nothing does.
    pub area: PixelRect,
    /// Its pixels, as a file.
    pub jpeg: Arc<[u8]>,
}

/// All moments up to now.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Recording {
    moments: Vec<Moment>,
    /// Those that were undone, the next one to be redone last.
    undone: Vec<Moment>,
}

impl Recording {
    /// Moments from a file.
    #[must_use]
    pub const fn of(moments: Vec<Moment>) -> Self {
        Self { moments, undone: Vec::new() }
    }

    /// The same where the document is at `entry` now, which shows what the last moment shows.
    #[must_use]
    pub fn reopened(mut self, entry: EntryId) -> Self {
        if let Some(last) = self.moments.last_mut() {
            last.entry = Some(entry);
        }
        self
    }

    #[must_use]
    pub fn moments(&self) -> &[Moment] {
        &self.moments
    }

    /// Whether the last moment is the picture after this entry of the history; `None` is for before all of them.
    #[must_use]
    pub fn is_at(&self, entry: Option<EntryId>) -> bool {
        match (self.moments.last(), entry) {
            (Some(last), Some(_)) => last.entry == entry,
            (last, None) => last.is_none(),
            (None, Some(_)) => false,
        }
    }

    /// The history is at `entry` now, and the picture looks like `picture`: either something was done, or undone, or redone.
    /// `settled` are the cells that the model has settled since.
    pub fn note(
        &mut self,
        entry: Option<EntryId>,
        label: &str,
        settled: Vec<Cell>,
        picture: &Picture,
    ) {
        if self.is_at(entry) {
            return;
        }
        if entry.is_none() {
            self.undone.extend(self.moments.drain(..).rev());
            return;
        }
        let is_it = |it: &Moment| it.entry == entry;
        if let Some(idx) = self.moments.iter().rposition(is_it) {
            let undone = self.moments.drain(idx + 1..).rev();
            self.undone.extend(undone);
        } else if let Some(idx) = self.undone.iter().rposition(is_it) {
            let redone = self.undone.drain(idx..).rev();
            self.moments.extend(redone);
        } else if self.moments.len() < MAX_MOMENTS {
            self.undone.clear();
            let look = Look::Picture(Box::new(Picture {
                cells: Vec::new(),
                selection: None,
                backdrop: picture.model_layer.clone(),
                ..picture.clone()
            }));
            let (label, grid, canvas) = (label.to_owned(), picture.grid, picture.canvas);
            self.moments.push(Moment { entry, label, settled, grid, canvas, look });
        }
    }

    /// How many have not been looked at yet.
    #[must_use]
    pub fn n_pictures(&self) -> usize {
        self.moments.iter().filter(|it| matches!(it.look, Look::Picture(_))).count()
    }

    /// Takes over what has become of moments meanwhile; those that are gone are left aside.
    pub fn put_stills(&mut self, stills: Vec<(EntryId, Still)>) {
        for (entry, still) in stills {
            let mut all = self.moments.iter_mut().chain(&mut self.undone);
            if let Some(it) = all.find(|it| it.entry == Some(entry)) {
                it.look = Look::Still(still);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::picture::tests::sheet;
    use super::*;

    #[test]
    fn moments_follow_the_history() {
        let picture = sheet();
        let ids = [(); 4].map(|()| EntryId::next());
        let mut recording = Recording::default();
        for (idx, id) in ids[..3].iter().enumerate() {
            let settled = vec![Cell::new(0, idx as u16)];
            recording.note(Some(*id), "Paint", settled, &picture);
            recording.note(Some(*id), "Paint", Vec::new(), &picture);
        }
        let found = |it: &Recording| -> Vec<_> {
            it.moments().iter().map(|it| (it.entry.unwrap(), it.settled.len())).collect()
        };
        assert_eq!(found(&recording), [(ids[0], 1), (ids[1], 1), (ids[2], 1)]);
        recording.note(Some(ids[0]), "", Vec::new(), &picture);
        assert_eq!(found(&recording), [(ids[0], 1)]);
        recording.note(Some(ids[1]), "", Vec::new(), &picture);
        assert_eq!(found(&recording), [(ids[0], 1), (ids[1], 1)]);
        recording.note(Some(ids[3]), "Stroke", Vec::new(), &picture);
        recording.note(Some(ids[0]), "", Vec::new(), &picture);
        recording.note(Some(ids[3]), "", Vec::new(), &picture);
        assert_eq!(found(&recording).len(), 3);
        recording.note(None, "", Vec::new(), &picture);
        assert!(recording.moments().is_empty() && recording.is_at(None));
        recording.note(Some(ids[1]), "", Vec::new(), &picture);
        assert_eq!(found(&recording), [(ids[0], 1), (ids[1], 1)], "redone up to there");
        recording.note(Some(ids[3]), "", Vec::new(), &picture);
        assert_eq!(recording.n_pictures(), 3);
        let still = Still { size: [1, 1], area: PixelRect::default(), jpeg: Arc::new([]) };
        recording.put_stills(vec![(ids[3], still)]);
        assert_eq!(recording.n_pictures(), 2);
    }
}
