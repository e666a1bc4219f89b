//! Projects: documents kept whole, with what was still being painted in them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::document::Document;
use super::event::{OpenFault, Refusal, StudioEvent};
use super::model::fits;
use super::planning;
use super::state::Studio;
use super::tasks::TaskDone;
use crate::base::{Cell, DocumentId, EntryId};
use crate::document::{Author, Edit, Layer, Picture, Recording, Stack};
use crate::engine::Run;
use crate::io::{self, OpenedProject, Project, SavedPainting};
use crate::model::Facts;

/// What a document is called that lies in a file.
pub(super) fn name_of(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

impl Studio {
    pub(super) fn save(&mut self, id: DocumentId, path: PathBuf) {
        // What has been painted so far is an entry of its own: the file holds all up to there.
        self.with(id, |it| {
            it.close_entry();
        });
        let Some(document) = self.documents().iter().find(|it| it.id() == id) else { return };
        let entry = document.history.last();
        let project = document.project();
        let started = self.tasks.write(&self.wake, move || {
            let done = io::write_project(&path, &project).map(|()| path);
            TaskDone::Saved { document: id, entry, done }
        });
        self.note_start(started);
    }

    pub(super) fn note_saved(&mut self, id: DocumentId, entry: Option<EntryId>, path: &Path) {
        self.with(id, |it| {
            (it.kept, it.saved) = (entry, entry);
            it.file = Some(path.to_owned());
            it.name = name_of(path);
        });
        self.prefs.note_recent(path);
    }

    pub(super) fn open_project_file(&mut self, path: PathBuf) {
        let started = self.tasks.start(&self.wake, move || match io::read_project(&path) {
            Ok(opened) => TaskDone::OpenedProject { path, done: Box::new(opened) },
            Err(err) => TaskDone::Opened { path, done: Err(OpenFault::File(err)) },
        });
        self.note_start(started.map(drop));
    }

    /// In the active document, if there is nothing in it; else in one of its own.
    pub(super) fn show_project(&mut self, path: &Path, opened: OpenedProject) {
        let done = self.open_project(opened);
        let id = self.active().id();
        if done.is_ok() {
            self.with(id, |it| {
                it.name = name_of(path);
                it.file = Some(path.to_owned());
            });
            self.prefs.note_recent(path);
        }
        self.note(done);
    }

    /// Opens what was read from a file: in the active document, if there is nothing in it.
    ///
    /// # Errors
    /// Where there is no model yet, or no canvas for the picture.
    pub fn open_project(&mut self, opened: OpenedProject) -> Result<(), Refusal> {
        let facts = self.model.facts.clone().ok_or(Refusal::NoModelYet)?;
        let project = match opened {
            OpenedProject::Own(project) => *project,
            OpenedProject::Foreign { width, height, layers, notices } => {
                for notice in notices {
                    self.emit(StudioEvent::Told(notice.to_string()));
                }
                let settings = self.active().pending.clone();
                let picture = foreign_picture([width, height], layers, &facts, |grid| {
                    Picture::new(grid, settings.clone())
                });
                let picture = picture.ok_or(Refusal::NoSuchCanvas)?;
                Project {
                    picture,
                    pending: settings,
                    painting: None,
                    unanswered: Vec::new(),
                    recording: Recording::default(),
                }
            }
        };
        if !self.active().is_unused() {
            self.new_document();
        }
        self.with_active(|it| it.take_over(project, &facts))?;
        let document = self.active().id();
        self.emit(StudioEvent::OpenedProject(document));
        Ok(())
    }
}

/// What another program has saved: its layers, and above them one for the model, which sees them.
fn foreign_picture(
    [width, height]: [u32; 2],
    mut layers: Vec<Layer>,
    facts: &Facts,
    new: impl FnOnce(crate::base::Grid) -> Picture,
) -> Option<Picture> {
    let scale = planning::scale_for(width, height, facts);
    let (grid, canvas) = planning::canvas_for(width, height, scale, facts)?;
    let mut picture = Picture { canvas, ..new(grid) };
    layers.iter_mut().for_each(|it| it.put_into(grid, canvas));
    let own = std::mem::replace(&mut picture.stack, Stack::new(grid.width(), grid.height()));
    picture.stack.layers = layers.into_iter().chain(own.layers).collect();
    picture.stack.active = own.active;
    for state in &mut picture.cells {
        state.author = Author::Found;
    }
    Some(picture)
}

impl Document {
    /// All of it that is worth keeping.
    #[must_use]
    pub fn project(&self) -> Project {
        let painting = self.activity.painting().map(|it| SavedPainting {
            label: it.label.clone(),
            open: it.open.iter().copied().collect(),
            focus: self.focus.clone(),
        });
        Project {
            picture: self.picture_without_stroke(),
            pending: self.pending.clone(),
            painting,
            unanswered: self.touched.iter().copied().collect(),
            recording: self.recording.clone(),
        }
    }

    /// Goes on with what was kept.
    fn take_over(&mut self, project: Project, facts: &Facts) -> Result<(), Refusal> {
        let Project { picture, pending, painting, unanswered, recording } = project;
        self.put_all_down();
        let before = std::mem::replace(&mut self.picture, picture);
        self.touched.clear();
        let entry = self.history.push_done("Open", Edit::Whole(Box::new(before)));
        self.staged = None;
        self.recording = recording.reopened(entry);
        self.settled.clear();
        (self.kept, self.saved) = (Some(entry), Some(entry));
        self.after_time_travel();
        self.pending = pending;
        let is_own = fits(self.picture.grid, facts) && !self.is_foreign(facts);
        let resumed = painting.filter(|_| is_own).map_or(Ok(()), |it| self.resume(it));
        self.touched = unanswered.into_iter().collect();
        resumed
    }

    /// A painting that was under way when it was kept is paused where it was.
    fn resume(&mut self, painting: SavedPainting) -> Result<(), Refusal> {
        let SavedPainting { label, open, focus } = painting;
        let open: BTreeSet<Cell> = open.into_iter().collect();
        self.focus = focus;
        // It goes on under the words that it was begun under, whatever the controls say by now.
        let settings = self.picture.paint_settings.clone();
        let pending = std::mem::replace(&mut self.pending, settings);
        let begun = self.start_painting(&label, open, Run::Cells(0), |_| ());
        self.pending = pending;
        begun
    }
}
