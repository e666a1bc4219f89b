//! How documents come about is noted as they do, and made a film of.

use std::path::PathBuf;

use super::document::Document;
use super::event::{Refusal, StudioEvent};
use super::state::Studio;
use super::tasks::TaskDone;
use crate::base::{DocumentId, EntryId};
use crate::document::{Recording, Still};
use crate::film::{self, FilmOptions};
use crate::io;

/// So many moments of a document hold whole pictures, before a thread looks at them: clones cost what has changed since.
const MAX_PICTURES: usize = 24;

impl Document {
    /// If something was done, undone or redone, the picture as it is now is another moment of its recording.
    pub(super) fn note_moment(&mut self) {
        let entry = self.history.last();
        if self.recording.is_at(entry) {
            return;
        }
        let label = self.history.done_labels().next_back().unwrap_or_default().to_owned();
        let settled = std::mem::take(&mut self.settled);
        self.recording.note(entry, &label, settled, &self.picture);
    }

    #[must_use]
    pub const fn recording(&self) -> &Recording {
        &self.recording
    }
}

impl Studio {
    pub(super) fn export_film(
        &mut self,
        id: DocumentId,
        path: PathBuf,
        options: FilmOptions,
    ) -> Result<(), Refusal> {
        self.with(id, |it| {
            it.close_entry();
        });
        let Some(document) = self.documents().iter().find(|it| it.id() == id) else {
            return Ok(());
        };
        if self.exporting.is_some() {
            return Err(Refusal::StillFinishing);
        }
        let recording = document.recording.clone();
        let metadata = document.export().metadata;
        let tells = self.prefs.export.file.tells;
        self.start_exporting(move |go_on| {
            match film::write(&recording, &path, &metadata, tells, &options, go_on) {
                Ok(false) => TaskDone::ExportStopped,
                Ok(true) => TaskDone::Filmed { document: id, done: Ok(path) },
                Err(err) => TaskDone::Filmed { document: id, done: Err(err) },
            }
        });
        Ok(())
    }

    pub(super) fn note_film(&mut self, id: DocumentId, done: Result<PathBuf, film::Error>) {
        self.exporting = None;
        self.emit(match done {
            Ok(path) => StudioEvent::Exported(id, vec![path]),
            Err(err) => StudioEvent::FilmFailed(id, err),
        });
    }

    /// Recordings in which many moments are whole pictures yet are looked at, one at a time.
    pub(super) fn look_at_moments(&mut self) {
        if self.is_looking_at_moments {
            return;
        }
        let full = self.documents().iter().find(|it| MAX_PICTURES < it.recording.n_pictures());
        let Some(document) = full else { return };
        let (id, recording) = (document.id(), document.recording.clone());
        let started = self.tasks.start(&self.wake, move || {
            let stills = io::stills(&recording).map_err(|err| {
                log::warn!("Moments cannot be kept small, and take memory: {err}");
            });
            TaskDone::Stills { document: id, stills: stills.ok() }
        });
        self.is_looking_at_moments = started.is_ok();
    }

    /// Where it has failed, it is not tried again.
    pub(super) fn note_stills(&mut self, id: DocumentId, stills: Option<Vec<(EntryId, Still)>>) {
        let Some(stills) = stills else { return };
        self.is_looking_at_moments = false;
        self.with(id, |it| it.recording.put_stills(stills));
    }
}
