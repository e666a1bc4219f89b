//! To and from files, on threads of their own: the window never waits for the disk.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::Builder;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, unbounded};

use super::{Session, changing, planning};
use crate::base::{Grid, ModelId, Order, Pixmap, Request, ViewSize};
use crate::document::{Author, Edit, Picture};
use crate::io::{self, Metadata, Opened};
use crate::model::Facts;

/// What a thread brings back.
#[derive(Debug)]
enum TaskDone {
    Exported(PathBuf),
    Opened(Box<LaidOut>),
    Failed(String),
}

/// A picture from a file, made to fit the model.
#[derive(Debug)]
struct LaidOut {
    grid: Grid,
    /// As large as the grid.
    pixels: Pixmap,
    /// The request that painted it, where this program exported it and the model paints on such a grid.
    request: Option<Request>,
    /// Whether this model has painted all that there is to see of it.
    is_the_models: bool,
}

impl LaidOut {
    fn new(opened: Opened, facts: &Facts) -> Self {
        let Opened { pixels, metadata } = opened;
        let fits = |it: &Metadata| {
            let grid = it.request.plan.grid;
            let is_as_large = [grid.width(), grid.height()] == [pixels.width(), pixels.height()];
            is_as_large && changing::fits(grid, facts)
        };
        match metadata.filter(fits) {
            Some(Metadata { request, artist_painted, .. }) => {
                let grid = request.plan.grid;
                // Of what nobody has painted on, cells may still be open; all else lies on white.
                let pixels = if artist_painted {
                    io::covering(&pixels, grid.width(), grid.height())
                } else {
                    pixels
                };
                let is_the_models = !artist_painted && request.model.is_same(&facts.id);
                Self { grid, pixels, request: Some(request), is_the_models }
            }
            None => {
                let grid = planning::grid_for(pixels.width(), pixels.height(), facts);
                let pixels = io::covering(&pixels, grid.width(), grid.height());
                Self { grid, pixels, request: None, is_the_models: false }
            }
        }
    }
}

/// The way back for what is done on other threads.
#[derive(Debug)]
pub(super) struct BackgroundTasks {
    sender: Sender<TaskDone>,
    receiver: Receiver<TaskDone>,
    n_out: usize,
}

impl Default for BackgroundTasks {
    fn default() -> Self {
        let (sender, receiver) = unbounded();
        Self { sender, receiver, n_out: 0 }
    }
}

impl BackgroundTasks {
    fn send(&mut self, wake: super::Wake, task: impl FnOnce() -> TaskDone + Send + 'static) {
        let sender = self.sender.clone();
        let thread = Builder::new().name("task".to_owned()).spawn(move || {
            // The session may be gone by now; then nobody is left to be told.
            let _ = sender.send(task());
            wake();
        });
        match thread {
            Ok(_) => self.n_out += 1,
            Err(err) => {
                let _ = self.sender.send(TaskDone::Failed(err.to_string()));
                self.n_out += 1;
            }
        }
    }
}

impl Session {
    /// Whether files are still being read or written.
    #[must_use]
    pub fn has_running_tasks(&self) -> bool {
        0 < self.tasks.n_out
    }

    /// Waits until what is being written is written, before the program is left.
    pub fn finish_tasks(&mut self, timeout: Duration) {
        let deadline = Instant::now() + timeout;
        while self.has_running_tasks() && Instant::now() < deadline {
            self.absorb_tasks();
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    pub(super) fn absorb_tasks(&mut self) {
        while let Ok(done) = self.tasks.receiver.try_recv() {
            self.tasks.n_out -= 1;
            match done {
                TaskDone::Exported(path) => {
                    log::info!("Exported {}", path.display());
                    self.notify(format!("Exported\n{}", path.display()));
                    self.last_export = Some(path);
                }
                TaskDone::Opened(picture) => self.lay_out(*picture),
                TaskDone::Failed(reason) => self.notify(reason),
            }
        }
    }

    /// The picture as it would be exported: width, height, RGBA8 values, and what is noted in the file.
    #[must_use]
    pub fn export_data(&self, with_prompt: bool) -> (u32, u32, Vec<u8>, Metadata) {
        let model = self.facts.as_ref().map_or_else(ModelId::default, |it| it.id.clone());
        let metadata = Metadata {
            request: planning::whole_request(&self.picture, &model),
            artist_painted: self.picture.shows_a_hand(),
            include_prompt: with_prompt,
            seconds: self.last_stats.map(|it| it.secs),
        };
        let area = self.picture.grid.canvas();
        (area.width(), area.height(), self.picture.composite(area), metadata)
    }

    pub(super) fn export(&mut self, path: PathBuf, with_prompt: bool) {
        let (width, height, rgba, metadata) = self.export_data(with_prompt);
        self.tasks.send(Arc::clone(&self.wake), move || {
            match io::write_painting(&path, width, height, &rgba, &metadata) {
                Ok(()) => TaskDone::Exported(path),
                Err(err) => TaskDone::Failed(err.to_string()),
            }
        });
    }

    pub(super) fn open_file(&mut self, path: PathBuf) {
        let Some(facts) = self.facts.clone() else {
            self.notify("The model is still being loaded: open the picture in a moment");
            return;
        };
        self.tasks.send(Arc::clone(&self.wake), move || match io::open_picture(&path) {
            Ok(opened) => TaskDone::Opened(Box::new(LaidOut::new(opened, &facts))),
            Err(err) => TaskDone::Failed(err.to_string()),
        });
    }

    /// Opens pixels, whoever has made them, under the prompt that there is. Here the caller waits for their scaling.
    pub fn open_pixels(&mut self, pixels: Pixmap) {
        if let Some(facts) = &self.facts {
            let picture = LaidOut::new(Opened { pixels, metadata: None }, facts);
            self.lay_out(picture);
        }
    }

    /// A picture from a file becomes the one to be painted in, part by part; the model reads it first.
    fn lay_out(&mut self, laid_out: LaidOut) {
        let LaidOut { grid, pixels, request, is_the_models } = laid_out;
        let Some(facts) = self.facts.clone().filter(|it| changing::fits(grid, it)) else {
            self.notify("The model has changed meanwhile: open the picture once more");
            return;
        };
        self.put_all_down();
        let mut picture = match &request {
            Some(it) => planning::picture_of(it, &self.pending),
            None => Picture::new(grid, self.pending.clone()),
        };
        if !facts.is_any_order {
            picture.paint_settings.order = Order::Rows;
        }
        picture.view_size = ViewSize::of(facts.grid);
        picture.reading_order = facts.reading_order();
        (picture.model_layer, picture.backdrop) = (pixels.clone(), pixels);
        let author = if is_the_models { Author::Model } else { Author::Found };
        for cell in grid.cells().filter(|&it| picture.is_covered(it)).collect::<Vec<_>>() {
            picture.cells[grid.idx(cell)].author = author;
        }
        let before = std::mem::replace(&mut self.picture, picture);
        self.pending = self.picture.paint_settings.clone();
        self.touched = BTreeSet::new();
        // As a whole: two pictures that have not been read yet differ in their pixels alone.
        self.history.push_done("Open a picture", Edit::Whole(Box::new(before)));
        self.staged = None;
        self.after_time_travel();
        let name = facts.name();
        self.notify(match request.filter(|it| !it.model.is_same(&facts.id)) {
            Some(it) => {
                format!("{} painted it: {name} paints other pictures under its words", it.model)
            }
            None => "Select a part, and say what is to be there".to_owned(),
        });
    }
}
