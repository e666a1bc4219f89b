//! Pictures to and from files.

use std::path::{Path, PathBuf};

use super::document::Document;
use super::event::{OpenFault, Refusal, StudioEvent};
use super::model::fits;
use super::planning;
use super::projects::name_of;
use super::state::Studio;
use super::tasks::TaskDone;
use crate::base::{Grid, ModelId, Order, PixelRect, Pixmap, Request};
use crate::document::{Author, Edit, Picture};
use crate::io::{self, Metadata, Notice, Opened, Origin, Recipe};
use crate::model::Facts;

/// A picture from a file, on a grid that the model can paint.
#[derive(Debug)]
pub(super) struct LaidOut {
    /// In pixels of the canvas.
    grid: Grid,
    canvas: PixelRect,
    /// As large as the grid: around the picture its outermost pixels go on.
    pixels: Pixmap,
    /// The request that painted it, where this program exported it and the model paints on such a grid.
    request: Option<Request>,
    /// The request that once painted it, where its codes are of no use: it is finished, or of another size.
    asked: Option<Request>,
    /// What another program notes of it.
    recipe: Option<Recipe>,
    painters: Vec<ModelId>,
    /// Whether this model has painted all that there is to see of it.
    is_the_models: bool,
    notices: Vec<Notice>,
}

impl LaidOut {
    fn new(opened: Opened, facts: &Facts) -> Self {
        let Opened { pixels, origin, notices } = opened;
        let (metadata, recipe) = match origin {
            Origin::Ours(it) => (Some(*it), None),
            Origin::Theirs(it) => (None, Some(it)),
            Origin::Untold => (None, None),
        };
        let asked = metadata.as_ref().map(|it| it.request.clone());
        let painters = metadata.as_ref().map_or_else(Vec::new, painters_of);
        let own = metadata.and_then(|it| own_canvas(&pixels, facts, it));
        let foreign = || {
            let [width, height] = [pixels.width(), pixels.height()];
            let scale = planning::scale_for(width, height, facts);
            // Files are refused that are larger than any grid.
            let found = planning::canvas_for(width, height, scale, facts);
            let (grid, canvas) =
                found.unwrap_or_else(|| (facts.new_grid(), facts.new_grid().area()));
            (grid, canvas, None, false)
        };
        let (grid, canvas, request, is_the_models) = own.unwrap_or_else(foreign);
        let asked = asked.filter(|_| request.is_none());
        let is_the_models = is_the_models && painters.iter().all(|it| it.is_same(&facts.id));
        let place = [canvas.left, canvas.top];
        let pixels = pixels.surrounded(grid.width(), grid.height(), place);
        Self { grid, canvas, pixels, request, asked, recipe, painters, is_the_models, notices }
    }
}

/// Prompts have one line here, and somebody reads them.
fn on_one_line(text: &str) -> String {
    const MAX_LETTERS: usize = 4000;
    let is_blank = |it: char| it.is_whitespace() || it.is_control();
    let words: Vec<&str> = text.split(is_blank).filter(|it| !it.is_empty()).collect();
    words.join(" ").chars().take(MAX_LETTERS).collect()
}

/// Grid and canvas of a picture that this program exported, the request, and whether no hand is seen in it; `None` where
/// it is no longer as large as it was, or the model paints on no such grid.
fn own_canvas(
    pixels: &Pixmap,
    facts: &Facts,
    metadata: Metadata,
) -> Option<(Grid, PixelRect, Option<Request>, bool)> {
    let Metadata { request, artist_painted, is_origin_left_out, scale, canvas, .. } = metadata;
    let grid = request.plan.grid.scaled(scale);
    let canvas = canvas.unwrap_or_else(|| grid.area());
    let is_as_large = [canvas.width(), canvas.height()] == [pixels.width(), pixels.height()];
    // Strokes that were painted over it are nobody's codes.
    let is_bare = metadata.finish.is_none();
    (is_as_large && is_bare && fits(grid, facts)).then_some((
        grid,
        canvas,
        Some(request),
        !artist_painted && !is_origin_left_out,
    ))
}

/// Older versions name one model alone.
fn painters_of(metadata: &Metadata) -> Vec<ModelId> {
    if metadata.painters.is_empty() && !metadata.request.model.name.is_empty() {
        vec![metadata.request.model.clone()]
    } else {
        metadata.painters.clone()
    }
}

impl Studio {
    pub(super) fn open_file(&mut self, path: PathBuf) {
        let Some(facts) = self.model.facts.clone() else {
            self.to_open.push(path);
            return;
        };
        if io::is_project(&path) {
            self.open_project_file(path);
            return;
        }
        let started = self.tasks.start(&self.wake, move || {
            let opened = io::open_picture(&path).map_err(OpenFault::File);
            let done = opened.map(|it| Box::new(LaidOut::new(it, &facts)));
            TaskDone::Opened { path, done }
        });
        self.note_start(started.map(drop));
    }

    pub(super) fn note_start(&mut self, started: std::io::Result<()>) {
        if let Err(err) = started {
            self.emit(StudioEvent::Told(format!("The system has no thread to give: {err}")));
        }
    }

    /// In the active document, if there is nothing in it; else in one of its own.
    pub(super) fn show_opened(&mut self, path: &Path, laid_out: LaidOut) {
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
        let name = name_of(path);
        if let Some(recipe) = laid_out.recipe.as_ref().filter(|it| !it.prompt.trim().is_empty()) {
            let program = recipe.program.name();
            self.emit(StudioEvent::Told(format!(
                "Its words, as {program} notes them, are in the prompt"
            )));
        }
        self.with(document, |it| it.lay_out(laid_out, &facts, Some(name)));
        self.prefs.note_recent(path);
        self.emit(StudioEvent::Opened { document, painted_by });
    }

    /// Opens a picture in the active document: under the prompts that it was painted under, as far as its file tells, else
    /// under those that there are. Here the caller waits for its scaling.
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
    /// A picture from a file becomes the one to be painted in, part by part; the model reads it first.
    fn lay_out(&mut self, laid_out: LaidOut, facts: &Facts, name: Option<String>) {
        let LaidOut {
            grid, canvas, pixels, request, asked, recipe, painters, is_the_models, ..
        } = laid_out;
        self.put_all_down();
        let mut picture = match &request {
            Some(it) => planning::picture_of(it, grid, &self.pending),
            None => Picture::new(grid, self.pending.clone()),
        };
        if let Some(it) = asked {
            let settings = planning::picture_of(&it, it.plan.grid, &self.pending).paint_settings;
            picture.paint_settings = settings;
        }
        if let Some(recipe) = recipe.filter(|it| !it.prompt.trim().is_empty()) {
            picture.paint_settings.prompt = on_one_line(&recipe.prompt);
            picture.paint_settings.negative = on_one_line(&recipe.negative);
        }
        if !facts.is_any_order {
            picture.paint_settings.order = Order::Rows;
        }
        (picture.model_layer, picture.backdrop) = (pixels.clone(), pixels);
        picture.canvas = canvas;
        for cell in grid.cells() {
            let is_covered = picture.is_covered(cell);
            picture.cells[grid.idx(cell)].author = match (is_the_models, is_covered) {
                (true, true) => Author::Model,
                // Where it is still open.
                (true, false) => Author::Nobody,
                // What is transparent is somebody's, too: it is not to be painted over.
                (false, _) => Author::Found,
            };
        }
        picture.painters = painters;
        let before = std::mem::replace(&mut self.picture, picture);
        self.pending = self.picture.paint_settings.clone();
        self.touched.clear();
        // As a whole: two pictures that have not been read yet differ in their pixels alone.
        let entry = self.history.push_done("Open a picture", Edit::Whole(Box::new(before)));
        self.staged = None;
        if let Some(name) = name {
            (self.name, self.kept, self.saved) = (name, Some(entry), Some(entry));
        }
        self.after_time_travel();
    }
}
