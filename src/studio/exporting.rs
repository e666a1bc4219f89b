//! Pictures to files: composed and finished on a thread of their own, while the window goes on.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use super::document::Document;
use super::event::Refusal;
use super::planning;
use super::state::Studio;
use super::tasks::TaskDone;
use crate::base::{DocumentId, EntryId};
use crate::document::Picture;
use crate::finish::{Finished, Finishing, finish};
use crate::io::{self, Metadata};

/// A picture to be exported, as it was when that was asked for.
#[derive(Debug)]
pub struct Export {
    picture: Picture,
    metadata: Metadata,
}

impl Export {
    /// Width, height, RGBA8 values, and what is noted in the file. Takes its time.
    #[must_use]
    pub fn composed(self) -> (u32, u32, Vec<u8>, Metadata) {
        let area = self.picture.canvas;
        (area.width(), area.height(), self.picture.composite(area), self.metadata)
    }

    /// Width and height of the picture.
    #[must_use]
    pub const fn size(&self) -> [u32; 2] {
        [self.picture.canvas.width(), self.picture.canvas.height()]
    }

    /// The same after the last step, and what is noted in the file; `go_on` as in [`finish`]. Takes longer.
    #[must_use]
    pub fn finished(
        mut self,
        finishing: &Finishing,
        go_on: &(dyn Fn(f32) -> bool + Sync),
    ) -> Option<(Finished, Metadata)> {
        let area = self.picture.canvas;
        let finished = finish(&self.picture.seen().pixels(area), area, finishing, go_on)?;
        self.metadata.finish = finishing.style.map(|it| it.name().to_owned());
        Some((finished, self.metadata))
    }
}

/// An export that is being finished.
#[derive(Clone, Debug)]
pub(super) struct Exporting {
    /// Of 100.
    percent: Arc<AtomicU32>,
    is_stopped: Arc<AtomicBool>,
}

impl Studio {
    pub(super) fn export(
        &mut self,
        id: DocumentId,
        path: PathBuf,
        with_prompt: bool,
        finishing: Finishing,
    ) -> Result<(), Refusal> {
        // What has been painted so far is an entry of its own: the file holds all up to there.
        self.with(id, |it| {
            it.close_entry();
        });
        let Some(document) = self.documents().iter().find(|it| it.id() == id) else {
            return Ok(());
        };
        let is_plain = finishing.style.is_none() && finishing.scale <= 1.0;
        if self.exporting.is_some() && !is_plain {
            return Err(Refusal::StillFinishing);
        }
        let entry = document.history.last();
        let export = document.export(with_prompt);
        finishing.size(export.size()).ok_or(Refusal::FinishTooLarge)?;
        let exporting = Exporting { percent: Arc::default(), is_stopped: Arc::default() };
        let told = exporting.clone();
        let wake = Arc::clone(&self.wake);
        let task = move || {
            let finished = export.finished(&finishing, &|share| {
                let percent = (share * 100.0) as u32;
                if told.percent.swap(percent, Ordering::Relaxed) != percent {
                    wake();
                }
                !told.is_stopped.load(Ordering::Relaxed)
            });
            let Some((Finished { width, height, rgba }, metadata)) = finished else {
                return TaskDone::ExportStopped;
            };
            let done = io::write_painting(&path, width, height, &rgba, &metadata).map(|()| path);
            TaskDone::Exported { document: id, entry, is_plain, done }
        };
        if is_plain {
            let started = self.tasks.write(&self.wake, task);
            self.note_start(started);
            return Ok(());
        }
        // What takes long holds no other file up.
        let started = self.tasks.start(&self.wake, task).map(drop);
        if started.is_ok() {
            self.exporting = Some(exporting);
        }
        self.note_start(started);
        Ok(())
    }

    /// What is being finished is not wanted any more.
    pub fn stop_export(&self) {
        if let Some(it) = &self.exporting {
            it.is_stopped.store(true, Ordering::Relaxed);
        }
    }

    /// How far a picture is finished for an export, in per cent, while one is.
    #[must_use]
    pub fn export_percent(&self) -> Option<u32> {
        self.exporting.as_ref().map(|it| it.percent.load(Ordering::Relaxed))
    }

    /// `is_plain`: nothing was laid over it, and it is as large as the picture.
    pub(super) fn note_export(
        &mut self,
        id: DocumentId,
        entry: Option<EntryId>,
        is_plain: bool,
        path: &Path,
    ) {
        if !is_plain {
            self.exporting = None;
        }
        self.with(id, |it| {
            // A flat file holds all that there is where nobody has worked in layers.
            if is_plain && it.file.is_none() && it.picture.stack.layers.len() <= 2 {
                it.kept = entry;
            }
            it.last_export = Some(path.to_owned());
        });
    }
}

impl Document {
    /// The picture as it is now.
    #[must_use]
    pub fn export(&self, with_prompt: bool) -> Export {
        let area = self.picture.canvas;
        let metadata = Metadata {
            request: planning::whole_request(&self.picture, self.facts.as_deref()),
            painters: self.picture.painters.clone(),
            artist_painted: self.picture.shows_a_hand(),
            include_prompt: with_prompt,
            seconds: self.last_stats.map(|it| it.secs),
            scale: self.facts.as_ref().map_or(1, |it| self.scale(it)),
            canvas: (area != self.picture.grid.area()).then_some(area),
            finish: None,
        };
        Export { picture: self.picture.clone(), metadata }
    }
}
