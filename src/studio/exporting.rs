//! Pictures to files: composed and finished on a thread of their own, while the window goes on.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use super::document::Document;
use super::event::Refusal;
use super::planning;
use super::state::{Studio, Wake};
use super::tasks::TaskDone;
use crate::base::{DocumentId, EntryId};
use crate::document::{Layer, LayerKind};
use crate::export::{Export, ExportOptions};
use crate::io::{Format, Metadata};

/// An export that is being finished.
#[derive(Clone, Debug, Default)]
pub(super) struct Exporting {
    /// Of 100.
    percent: Arc<AtomicU32>,
    is_stopped: Arc<AtomicBool>,
}

impl Exporting {
    /// Tells how much is done, and whether to go on.
    fn go_on(&self, share: f32, wake: &Wake) -> bool {
        let percent = (share * 100.0) as u32;
        if self.percent.swap(percent, Ordering::Relaxed) != percent {
            wake();
        }
        !self.is_stopped.load(Ordering::Relaxed)
    }
}

impl Studio {
    pub(super) fn export(
        &mut self,
        id: DocumentId,
        path: PathBuf,
        options: ExportOptions,
    ) -> Result<(), Refusal> {
        // What has been painted so far is an entry of its own: the file holds all up to there.
        self.with(id, |it| {
            it.close_entry();
        });
        let Some(document) = self.documents().iter().find(|it| it.id() == id) else {
            return Ok(());
        };
        let is_plain = options.is_plain();
        if self.exporting.is_some() && !is_plain {
            return Err(Refusal::StillFinishing);
        }
        let entry = document.history.last();
        let export = document.export();
        let files = options.new_files(&path, export.size()).ok_or(Refusal::FinishTooLarge)?;
        let task = move |go_on: &(dyn Fn(f32) -> bool + Sync)| {
            let done = match export.write(&files, &options, go_on) {
                Ok(false) => return TaskDone::ExportStopped,
                Ok(true) => Ok(files.into_iter().map(|it| it.path).collect()),
                Err(err) => Err(err),
            };
            TaskDone::Exported { document: id, entry, is_plain, path, done }
        };
        if is_plain {
            let started = self.tasks.write(&self.wake, move || task(&|_| true));
            self.note_start(started);
        } else {
            self.start_exporting(task);
        }
        Ok(())
    }

    /// Begins what takes long, tells how far it is, and can be stopped; it holds no other file up.
    pub(super) fn start_exporting(
        &mut self,
        task: impl FnOnce(&(dyn Fn(f32) -> bool + Sync)) -> TaskDone + Send + 'static,
    ) {
        let exporting = Exporting::default();
        let (told, wake) = (exporting.clone(), Arc::clone(&self.wake));
        let started = self.tasks.start(&self.wake, move || task(&|share| told.go_on(share, &wake)));
        if started.is_ok() {
            self.exporting = Some(exporting);
        }
        self.note_start(started.map(drop));
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
            // A flat file holds all that there is where nobody has worked in layers, and nothing is lost in it.
            let is_whole = |it: &Layer| {
                it.mask.is_none() && it.finish.is_none() && !matches!(it.kind, LayerKind::Group(_))
            };
            let layers = &it.picture.stack.layers;
            let is_lossless = Format::of(path) != Some(Format::Jpeg);
            if is_plain
                && is_lossless
                && it.file.is_none()
                && layers.len() <= 2
                && layers.iter().all(is_whole)
            {
                it.kept = entry;
            }
            it.last_export = Some(path.to_owned());
        });
    }
}

impl Document {
    /// The picture as it is now.
    #[must_use]
    pub fn export(&self) -> Export {
        let area = self.picture.canvas;
        let metadata = Metadata {
            request: planning::whole_request(&self.picture, self.facts.as_deref()),
            painters: self.picture.painters.clone(),
            artist_painted: self.picture.shows_a_hand(),
            include_prompt: true,
            seconds: self.last_stats.map(|it| it.secs),
            scale: self.facts.as_ref().map_or(1, |it| self.scale(it)),
            canvas: (area != self.picture.grid.area()).then_some(area),
            finish: None,
            is_origin_left_out: false,
        };
        Export { picture: self.picture.clone(), metadata }
    }
}
