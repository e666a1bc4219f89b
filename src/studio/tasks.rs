//! What is done on threads of its own: the window never waits for the disk.

use std::path::PathBuf;
use std::sync::Arc;
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, unbounded};

use super::event::{OpenFault, StudioEvent};
use super::files::LaidOut;
use super::state::{Studio, Wake};
use crate::base::{DocumentId, EntryId, LayerId, PixelRect};
use crate::document::{LayerFinish, Still};
use crate::film;
use crate::io::{self, OpenedProject, Recovered};

/// What a thread brings back.
#[derive(Debug)]
pub(super) enum TaskDone {
    /// And the entry of the history up to which the file holds the picture.
    Exported {
        document: DocumentId,
        entry: Option<EntryId>,
        /// Nothing was laid over it.
        is_plain: bool,
        /// What was asked for, and what became of it.
        path: PathBuf,
        done: Result<Vec<PathBuf>, io::Error>,
    },
    /// It was not wanted any more.
    ExportStopped,
    Filmed {
        document: DocumentId,
        done: Result<PathBuf, film::Error>,
    },
    /// A layer was finished, and looks otherwise there.
    LayerFinished {
        document: DocumentId,
        layer: LayerId,
        finish: Box<LayerFinish>,
        changed: PixelRect,
    },
    /// What has become of moments of a recording.
    Stills {
        document: DocumentId,
        /// `None` where they could not be kept.
        stills: Option<Vec<(EntryId, Still)>>,
    },
    Opened {
        path: PathBuf,
        done: Result<Box<LaidOut>, OpenFault>,
    },
    /// And the entry of the history up to which the file holds it.
    Saved {
        document: DocumentId,
        entry: Option<EntryId>,
        done: Result<PathBuf, io::Error>,
    },
    OpenedProject {
        path: PathBuf,
        done: Box<OpenedProject>,
    },
    Recovered(Vec<Recovered>),
}

/// The way back for what is done on other threads.
#[derive(Debug)]
pub(super) struct BackgroundTasks {
    sender: Sender<TaskDone>,
    receiver: Receiver<TaskDone>,
    n_out: usize,
    /// What was written last may still be under way.
    last_write: Option<JoinHandle<()>>,
}

impl Default for BackgroundTasks {
    fn default() -> Self {
        let (sender, receiver) = unbounded();
        Self { sender, receiver, n_out: 0, last_write: None }
    }
}

impl BackgroundTasks {
    /// # Errors
    /// Where the system has no thread to give.
    pub(super) fn start(
        &mut self,
        wake: &Wake,
        task: impl FnOnce() -> TaskDone + Send + 'static,
    ) -> std::io::Result<JoinHandle<()>> {
        let (sender, wake) = (self.sender.clone(), Arc::clone(wake));
        let thread = Builder::new().name("task".to_owned()).spawn(move || {
            // The studio may be gone by now; then nobody is left to be told.
            let _ = sender.send(task());
            wake();
        })?;
        self.n_out += 1;
        Ok(thread)
    }

    /// The same of something that writes, after what was to be written before: of two files for one path the newer one
    /// stays.
    ///
    /// # Errors
    /// Where the system has no thread to give.
    pub(super) fn write(
        &mut self,
        wake: &Wake,
        task: impl FnOnce() -> TaskDone + Send + 'static,
    ) -> std::io::Result<()> {
        let before = self.last_write.take();
        let thread = self.start(wake, move || {
            // Should it have fallen over, there is nothing to wait for.
            before.map(JoinHandle::join);
            task()
        })?;
        self.last_write = Some(thread);
        Ok(())
    }

    /// What has come back, without waiting.
    fn news(&mut self) -> Option<TaskDone> {
        let done = self.receiver.try_recv().ok()?;
        self.n_out -= 1;
        Some(done)
    }

    /// The same, waiting until then.
    fn wait(&mut self, deadline: Instant) -> Option<TaskDone> {
        if self.n_out == 0 {
            return None;
        }
        let done = self.receiver.recv_deadline(deadline).ok()?;
        self.n_out -= 1;
        Some(done)
    }
}

impl Studio {
    /// Whether files are still being read or written.
    #[must_use]
    pub const fn has_running_tasks(&self) -> bool {
        0 < self.tasks.n_out
    }

    /// Waits until what is being written is written, before the program is left.
    pub fn finish_tasks(&mut self, timeout: Duration) {
        let deadline = Instant::now() + timeout;
        while let Some(done) = self.tasks.wait(deadline) {
            self.absorb_task(done);
        }
    }

    pub(super) fn absorb_tasks(&mut self) {
        while let Some(done) = self.tasks.news() {
            self.absorb_task(done);
        }
    }

    fn absorb_task(&mut self, done: TaskDone) {
        match done {
            TaskDone::ExportStopped => self.exporting = None,
            TaskDone::Exported { document, entry, is_plain, path, done: Ok(files) } => {
                log::info!("Exported {files:?}");
                self.note_export(document, entry, is_plain, &path);
                self.emit(StudioEvent::Exported(document, files));
            }
            TaskDone::Exported { document, is_plain, done: Err(err), .. } => {
                if !is_plain {
                    self.exporting = None;
                }
                self.emit(StudioEvent::ExportFailed(document, err));
            }
            TaskDone::Filmed { document, done } => self.note_film(document, done),
            TaskDone::LayerFinished { document, layer, finish, changed } => {
                self.note_finish(document, layer, *finish, changed);
            }
            TaskDone::Stills { document, stills } => self.note_stills(document, stills),
            TaskDone::Saved { document, entry, done: Ok(path) } => {
                log::info!("Saved {}", path.display());
                self.note_saved(document, entry, &path);
                self.emit(StudioEvent::Saved(document, path));
            }
            TaskDone::Saved { document, done: Err(err), .. } => {
                self.emit(StudioEvent::SaveFailed(document, err));
            }
            TaskDone::Recovered(found) => self.note_recovered(found),
            TaskDone::OpenedProject { path, done } => self.show_project(&path, *done),
            TaskDone::Opened { path, done: Ok(picture) } => self.show_opened(&path, *picture),
            TaskDone::Opened { done: Err(fault), .. } => self.emit(StudioEvent::OpenFailed(fault)),
        }
    }
}
