//! Pictures to and from files.

use std::path::{Path, PathBuf};

use super::document::Document;
use super::event::{OpenFault, Refusal, StudioEvent};
use super::model::fits;
use super::planning;
use super::state::Studio;
use super::tasks::TaskDone;
use crate::base::{DocumentId, EntryId, Grid, ModelId, Order, Pixmap, Request};
use crate::document::{Author, Edit, Picture};
use crate::io::{self, Metadata, Notice, Opened};
use crate::model::Facts;

/// A picture from a file, made to fit the model.
#[derive(Debug)]
pub(super) struct LaidOut {
    grid: Grid,
    /// As large as the grid.
    pixels: Pixmap,
    /// The request that painted it, where this program exported it and the model paints on such a grid.
    request: Option<Request>,
    painters: Vec<ModelId>,
    /// Whether this model has painted all that there is to see of it.
    is_the_models: bool,
    notices: Vec<Notice>,
}

impl LaidOut {
    fn new(opened: Opened, facts: &Facts) -> Self {
        let Opened { pixels, metadata, notices } = opened;
        let painters = metadata.as_ref().map_or_else(Vec::new, painters_of);
        let is_fit = |it: &Metadata| {
            let grid = it.request.plan.grid;
            let is_as_large = [grid.width(), grid.height()] == [pixels.width(), pixels.height()];
            is_as_large && fits(grid, facts)
        };
        match metadata.filter(is_fit) {
            Some(Metadata { request, artist_painted, .. }) => {
                let grid = request.plan.grid;
                // Of what nobody has painted on, cells may still be open; all else lies on white.
                let pixels = if artist_painted {
                    on_white(&io::covering(&pixels, grid.width(), grid.height()))
                } else {
                    pixels
                };
                let is_the_models =
                    !artist_painted && painters.iter().all(|it| it.is_same(&facts.id));
                Self { grid, pixels, request: Some(request), painters, is_the_models, notices }
            }
            None => {
                let grid = planning::grid_for(pixels.width(), pixels.height(), facts);
                let pixels = on_white(&io::covering(&pixels, grid.width(), grid.height()));
                Self { grid, pixels, request: None, painters, is_the_models: false, notices }
            }
        }
    }
}

/// Older versions name one model alone.
fn painters_of(metadata: &Metadata) -> Vec<ModelId> {
    if metadata.painters.is_empty() && !metadata.request.model.name.is_empty() {
        vec![metadata.request.model.clone()]
    } else {
        metadata.painters.clone()
    }
}

fn on_white(pixels: &Pixmap) -> Pixmap {
    let mut opaque = pixels.clone();
    opaque.update(pixels.area(), |_, _, [red, green, blue, alpha]| {
        let alpha = u16::from(alpha);
        let over = |it: u8| ((u16::from(it) * alpha + 255 * (255 - alpha)) / 255) as u8;
        [over(red), over(green), over(blue), 255]
    });
    opaque
}

impl Studio {
    pub(super) fn export(&mut self, id: DocumentId, path: PathBuf, with_prompt: bool) {
        // What has been painted so far is an entry of its own: the file holds all up to there.
        self.with(id, |it| {
            it.close_entry();
        });
        let Some(document) = self.documents().iter().find(|it| it.id() == id) else { return };
        let entry = document.history.last();
        let (width, height, rgba, metadata) = document.export_data(with_prompt);
        let started = self.tasks.write(&self.wake, move || {
            let done = io::write_painting(&path, width, height, &rgba, &metadata).map(|()| path);
            TaskDone::Exported { document: id, entry, done }
        });
        self.note_start(started);
    }

    pub(super) fn note_export(&mut self, id: DocumentId, entry: Option<EntryId>, path: &Path) {
        self.with(id, |it| {
            it.kept = entry;
            it.last_export = Some(path.to_owned());
        });
    }

    pub(super) fn open_file(&mut self, path: PathBuf) -> Result<(), Refusal> {
        let facts = self.model.facts.clone().ok_or(Refusal::NoModelYet)?;
        let started = self.tasks.start(&self.wake, move || {
            let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            let opened = io::open_picture(&path).map_err(OpenFault::File);
            let done = opened.map(|it| Box::new(LaidOut::new(it, &facts)));
            TaskDone::Opened { name, done }
        });
        self.note_start(started.map(drop));
        Ok(())
    }

    fn note_start(&mut self, started: std::io::Result<()>) {
        if let Err(err) = started {
            self.emit(StudioEvent::Told(format!("The system has no thread to give: {err}")));
        }
    }

    /// In the active document, if there is nothing in it; else in one of its own.
    pub(super) fn show_opened(&mut self, name: String, laid_out: LaidOut) {
        let Some(facts) = self.model.facts.clone().filter(|it| fits(laid_out.grid, it)) else {
            self.emit(StudioEvent::OpenFailed(OpenFault::OtherModel));
            return;
        };
        let active = self.active();
        if !active.is_unused() {
            self.new_document();
        }
        let request = laid_out.request.as_ref().map(|it| it.model.clone());
        let painted_by = request.filter(|it| !it.is_same(&facts.id));
        let painted_by = painted_by.map(|it| [it.name, facts.name().to_owned()]);
        let document = self.active().id();
        for notice in &laid_out.notices {
            self.emit(StudioEvent::Told(notice.to_string()));
        }
        self.with(document, |it| it.lay_out(laid_out, &facts, Some(name)));
        self.emit(StudioEvent::Opened { document, painted_by });
    }

    /// Opens a picture in the active document: one of ours under the prompts that it was painted under, any other under
    /// those that there are. Here the caller waits for its scaling.
    ///
    /// # Errors
    /// Where there is no model yet.
    pub fn open_picture(&mut self, opened: Opened) -> Result<(), Refusal> {
        let facts = self.model.facts.clone().ok_or(Refusal::NoModelYet)?;
        let laid_out = LaidOut::new(opened, &facts);
        let id = self.active().id();
        self.with(id, |it| it.lay_out(laid_out, &facts, None));
        Ok(())
    }
}

impl Document {
    /// The picture as it would be exported: width, height, RGBA8 values, and what is noted in the file.
    #[must_use]
    pub fn export_data(&self, with_prompt: bool) -> (u32, u32, Vec<u8>, Metadata) {
        let metadata = Metadata {
            request: planning::whole_request(&self.picture, self.facts.as_deref()),
            painters: self.picture.painters.clone(),
            artist_painted: self.picture.shows_a_hand(),
            include_prompt: with_prompt,
            seconds: self.last_stats.map(|it| it.secs),
        };
        let area = self.picture.grid.canvas();
        (area.width(), area.height(), self.picture.composite(area), metadata)
    }

    /// A picture from a file becomes the one to be painted in, part by part; the model reads it first.
    fn lay_out(&mut self, laid_out: LaidOut, facts: &Facts, name: Option<String>) {
        let LaidOut { grid, pixels, request, painters, is_the_models, notices: _ } = laid_out;
        self.put_all_down();
        let mut picture = match &request {
            Some(it) => planning::picture_of(it, &self.pending),
            None => Picture::new(grid, self.pending.clone()),
        };
        if !facts.is_any_order {
            picture.paint_settings.order = Order::Rows;
        }
        (picture.model_layer, picture.backdrop) = (pixels.clone(), pixels);
        let author = if is_the_models { Author::Model } else { Author::Found };
        for cell in grid.cells().filter(|&it| picture.is_covered(it)).collect::<Vec<_>>() {
            picture.cells[grid.idx(cell)].author = author;
        }
        picture.painters = painters;
        let before = std::mem::replace(&mut self.picture, picture);
        self.pending = self.picture.paint_settings.clone();
        self.touched.clear();
        // As a whole: two pictures that have not been read yet differ in their pixels alone.
        let entry = self.history.push_done("Open a picture", Edit::Whole(Box::new(before)));
        self.staged = None;
        if let Some(name) = name {
            (self.name, self.kept) = (name, Some(entry));
        }
        self.after_time_travel();
    }
}
