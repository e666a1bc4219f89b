//! To and from files, on threads of their own: the window never waits for the disk.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::Builder;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, unbounded};

use super::{Session, planning};
use crate::base::{CellPlan, Request};
use crate::document::{Brief, CellState, Hand, Picture, Region};
use crate::io::{self, Metadata};

/// What a thread brings back.
#[derive(Debug)]
enum Brought {
    Exported(PathBuf),
    Restored { path: PathBuf, request: Option<Box<Request>> },
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
                Brought::Restored { request: Some(request), .. } => self.restore(&request),
                Brought::Restored { path, request: None } => self.notify(format!(
                    "This picture carries no request: it was not exported by Alla Prima\n{}",
                    path.display()
                )),
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
            artist_painted: !self.picture.paint_layer.is_blank(),
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

    pub(super) fn fetch_request(&mut self, path: PathBuf) {
        self.errands.send(Arc::clone(&self.wake), move || match io::read_request(&path) {
            Ok(request) => Brought::Restored { path, request: request.map(Box::new) },
            Err(err) => Brought::Failed(err.to_string()),
        });
    }

    /// Lays everything out as the request says; painting it again is up to the artist.
    fn restore(&mut self, request: &Request) {
        let Some(facts) = &self.facts else {
            self.notify("The model is still being loaded: restore the request in a moment");
            return;
        };
        if let Err(why) = facts.can_paint(&request.plan) {
            self.notify(why);
            return;
        }
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
                CellPlan::Paint => CellState { take, ..CellState::default() },
                CellPlan::Keep(code) => {
                    let (code, hand) = (Some(code), Hand::Artist);
                    CellState { code, hand, wet: true, take, meaning: None }
                }
            };
        }
        for (idx, prompt) in request.prompts.iter().enumerate().skip(1) {
            let cells = picture.grid.cells();
            let owned =
                cells.filter(|&it| usize::from(request.plan.prompts[picture.grid.idx(it)]) == idx);
            let (prompt, guidance) = (prompt.text.clone(), prompt.guidance);
            picture.regions.push(Region { prompt, guidance, cells: owned.collect() });
        }
        self.picture = picture;
        self.wish = self.picture.brief.clone();
        self.record("Restore a request", &before);
        self.touched = BTreeSet::new();
        self.after_time_travel();
        log::info!("Restored a request");
        self.notify("The request is restored: press Paint to paint it again");
    }
}
