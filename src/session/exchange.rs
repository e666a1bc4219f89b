//! To and from files, on threads of their own: the window never waits for the disk.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::Builder;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, unbounded};

use super::{Session, changing, planning};
use crate::base::{CellPlan, Grid, Pixmap, Request};
use crate::document::{Brief, CellState, Hand, Picture, Region};
use crate::io::{self, Metadata, Opened};

/// What a thread brings back.
#[derive(Debug)]
enum Brought {
    Exported(PathBuf),
    Restored(Box<Request>),
    /// As large as this grid.
    Opened {
        pixels: Pixmap,
        grid: Grid,
    },
    Failed(String),
}

/// The way back for what is done on other threads.
#[derive(Debug)]
pub(super) struct Errands {
    sender: Sender<Brought>,
    receiver: Receiver<Brought>,
    n_out: usize,
}

impl Default for Errands {
    fn default() -> Self {
        let (sender, receiver) = unbounded();
        Self { sender, receiver, n_out: 0 }
    }
}

impl Errands {
    fn send(&mut self, wake: super::Wake, errand: impl FnOnce() -> Brought + Send + 'static) {
        let sender = self.sender.clone();
        let thread = Builder::new().name("errand".to_owned()).spawn(move || {
            // The session may be gone by now; then nobody is left to be told.
            let _ = sender.send(errand());
            wake();
        });
        match thread {
            Ok(_) => self.n_out += 1,
            Err(err) => {
                let _ = self.sender.send(Brought::Failed(err.to_string()));
                self.n_out += 1;
            }
        }
    }
}

impl Session {
    /// Whether files are still being read or written.
    #[must_use]
    pub fn is_on_an_errand(&self) -> bool {
        0 < self.errands.n_out
    }

    /// Waits until what is being written is written, before the program is left.
    pub fn finish_errands(&mut self, at_most: Duration) {
        let until = Instant::now() + at_most;
        while self.is_on_an_errand() && Instant::now() < until {
            self.absorb_errands();
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    pub(super) fn absorb_errands(&mut self) {
        while let Ok(brought) = self.errands.receiver.try_recv() {
            self.errands.n_out -= 1;
            match brought {
                Brought::Exported(path) => {
                    log::info!("Exported {}", path.display());
                    self.notify(format!("Exported\n{}", path.display()));
                    self.last_export = Some(path);
                }
                Brought::Restored(request) => self.restore(&request),
                Brought::Opened { pixels, grid } => self.lay_out(pixels, grid),
                Brought::Failed(reason) => self.notify(reason),
            }
        }
    }

    /// The picture as it would be exported: width, height, RGBA8 values, and what is noted in the file.
    #[must_use]
    pub fn export_data(&self, with_words: bool) -> (u32, u32, Vec<u8>, Metadata) {
        let model = self.facts.as_ref().map_or("", |it| &it.name);
        let metadata = Metadata {
            request: planning::whole_request(&self.picture, model),
            artist_painted: self.picture.shows_a_hand(),
            include_prompt: with_words,
            seconds: self.last_stats.map(|it| it.secs),
        };
        let area = self.picture.grid.canvas();
        (area.width(), area.height(), self.picture.composite(area), metadata)
    }

    pub(super) fn export(&mut self, path: PathBuf, with_words: bool) {
        let (width, height, rgba, metadata) = self.export_data(with_words);
        self.errands.send(Arc::clone(&self.wake), move || {
            match io::write_png(&path, width, height, &rgba, &metadata.texts()) {
                Ok(()) => Brought::Exported(path),
                Err(err) => Brought::Failed(err.to_string()),
            }
        });
    }

    pub(super) fn open_file(&mut self, path: PathBuf) {
        let Some(facts) = self.facts.clone() else {
            self.notify("The model is still being loaded: open the picture in a moment");
            return;
        };
        self.errands.send(Arc::clone(&self.wake), move || match io::open_picture(&path) {
            Ok(Opened::Request(request)) => Brought::Restored(request),
            Ok(Opened::Pixels(pixels)) => {
                let grid = planning::grid_for(pixels.width(), pixels.height(), &facts);
                let pixels = io::covering(&pixels, grid.width(), grid.height());
                Brought::Opened { pixels, grid }
            }
            Err(err) => Brought::Failed(err.to_string()),
        });
    }

    /// A picture from elsewhere becomes one to be painted in, part by part; the model reads it first.
    fn lay_out(&mut self, pixels: Pixmap, grid: Grid) {
        let Some(facts) = self.facts.clone().filter(|it| changing::fits(grid, it)) else {
            self.notify("The model has changed meanwhile: open the picture once more");
            return;
        };
        self.put_all_down();
        let mut picture = Picture::new(grid, self.wish.clone());
        picture.sight = [facts.grid.rows, facts.grid.cols];
        picture.reading_order = facts.reading_order();
        (picture.model_layer, picture.ground) = (pixels.clone(), pixels);
        picture.cells.fill(CellState { hand: Hand::Found, ..CellState::default() });
        let before = std::mem::replace(&mut self.picture, picture);
        self.touched = BTreeSet::new();
        self.record("Open a picture", &before);
        self.after_time_travel();
        self.notify("Select a part, and say what is to be there");
    }

    /// Lays everything out as the request says; painting it again is up to the artist.
    fn restore(&mut self, request: &Request) {
        let Some(facts) = &self.facts else {
            self.notify("The model has changed meanwhile: open the picture once more");
            return;
        };
        if let Err(why) = facts.can_paint(&request.plan) {
            self.notify(why);
            return;
        }
        // To another model, codes mean other things: what was kept as such is left to it.
        let is_same_model = request.model == facts.name;
        let name = facts.name.clone();
        let (sight, reading_order) = ([facts.grid.rows, facts.grid.cols], facts.reading_order());
        let Some(own) = request.prompts.first() else { return };
        self.put_all_down();
        let before = self.picture.clone();
        let brief = Brief {
            prompt: own.text.clone(),
            negative: own.negative.clone(),
            guidance: own.guidance,
            sampling: request.sampling,
            seed: request.seed,
            order: request.plan.order.clone(),
        };
        let mut picture = Picture::new(request.plan.grid, brief);
        (picture.sight, picture.reading_order) = (sight, reading_order);
        for (idx, state) in picture.cells.iter_mut().enumerate() {
            let take = request.plan.takes[idx];
            *state = match request.plan.cells[idx] {
                CellPlan::Keep(code) if is_same_model => {
                    let (code, hand) = (Some(code), Hand::Artist);
                    CellState { code, hand, wet: true, take, meaning: None }
                }
                _ => CellState { take, ..CellState::default() },
            };
        }
        let regions = request.prompts.iter().skip(1).map(|prompt| {
            let (prompt, guidance) = (prompt.text.clone(), prompt.guidance);
            Region { prompt, guidance, cells: Vec::new() }
        });
        picture.regions = regions.collect();
        for (cell, &prompt) in picture.grid.cells().zip(&request.plan.prompts) {
            if let Some(idx) = usize::from(prompt).checked_sub(1) {
                picture.regions[idx].cells.push(cell);
            }
        }
        self.picture = picture;
        self.wish = self.picture.brief.clone();
        self.record("Restore a request", &before);
        self.touched = BTreeSet::new();
        self.after_time_travel();
        log::info!("Restored a request");
        self.notify(match is_same_model {
            true => "The request is restored: press Paint to paint it again".to_owned(),
            false => format!(
                "The request is restored, but {} painted it: {name} will paint another picture",
                request.model
            ),
        });
    }
}
