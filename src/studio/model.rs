//! The choice of a model, and what becomes of open pictures when another one is chosen.

use std::sync::Arc;

use super::document::Document;
use super::event::{Refusal, StudioEvent};
use super::state::{ModelState, Studio};
use crate::base::{Grid, Hardware, Order, Precision, Sources};
use crate::catalog::BUILT_IN;
use crate::document::{Author, CellState, Edit, Picture};
use crate::engine::{Command, Failure, Load};
use crate::model::embedded::{self, Embedded};
use crate::model::{Facts, Painter, published};

/// What to paint with.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    /// As the catalogue calls it.
    pub name: String,
    /// `None` for the model that is part of the program.
    pub sources: Option<Sources>,
    pub precision: Precision,
    /// For published models; the built-in one computes on the processor.
    pub hardware: Hardware,
}

impl Default for Choice {
    fn default() -> Self {
        Self {
            name: BUILT_IN.to_owned(),
            sources: None,
            precision: Precision::default(),
            hardware: Hardware::default(),
        }
    }
}

/// How the engine gets the painter: the one place where files become networks.
#[must_use]
pub fn load(choice: &Choice) -> Load {
    let Choice { sources, precision, hardware, .. } = choice.clone();
    Box::new(move || match &sources {
        None => Ok(Box::new(Embedded::load_with(precision)?) as Box<dyn Painter>),
        Some(sources) if embedded::is_in(&sources.painter) => {
            Ok(Box::new(Embedded::open(&sources.painter, precision)?) as Box<dyn Painter>)
        }
        Some(sources) => published::open(sources, precision, hardware),
    })
}

/// Whether a picture of this grid can be painted by a model.
pub(super) fn fits(has: Grid, facts: &Facts) -> bool {
    fits_grid(has, facts.grid, facts.paints_larger)
}

/// Whether a picture of this grid can be painted by a model whose own grid is `needs`.
#[must_use]
pub fn fits_grid(has: Grid, needs: Grid, paints_larger: bool) -> bool {
    let is_as_large = has.rows == needs.rows && has.cols == needs.cols;
    let is_large_enough = needs.rows <= has.rows && needs.cols <= has.cols;
    has.scale_over(needs).is_some() && (is_as_large || is_large_enough && paints_larger)
}

impl Studio {
    /// What is painted with, where that is known.
    #[must_use]
    pub fn choice(&self) -> Option<&Choice> {
        self.model.choice.as_ref()
    }

    /// Says what it was started with.
    pub fn set_choice(&mut self, choice: Option<Choice>) {
        self.model.choice = choice;
    }

    pub(super) fn use_model(&mut self, choice: Choice) {
        let Choice { name, precision, hardware, .. } = &choice;
        log::info!("Changing to {name} in {}, on {}", precision.name(), hardware.name());
        self.change_painter(load(&choice));
        self.model.former_choice = self.model.choice.replace(choice);
    }

    /// Goes on with whatever `load` brings, as after [`StudioAction::UseModel`](super::StudioAction::UseModel).
    pub fn change_painter(&mut self, load: Load) {
        self.with_each(Document::part_with_model);
        (self.model.facts, self.model.is_lost) = (None, false);
        let wake = Arc::clone(&self.wake);
        if let Err(err) = self.engine.replace(load, move || wake()) {
            self.model.is_lost = true;
            self.emit(StudioEvent::EngineFailed(err.to_string()));
        }
    }

    pub(super) fn on_model_ready(&mut self, facts: Arc<Facts>, seconds: f32) {
        log::info!("{} is ready after {seconds:.2} s, on {}", facts.name(), facts.hardware);
        // After it had fallen over, it is the same one.
        let is_back = self.model.facts.as_ref().is_some_and(|it| it.id.is_same(&facts.id));
        self.model.facts = Some(Arc::clone(&facts));
        self.model.former_choice = None;
        self.engine.send(Command::Pace(self.prefs.pace));
        self.engine.send(Command::Guess(self.guessing));
        self.ask_outlook();
        for idx in 0..self.documents().len() {
            let done = self.with_nth(idx, |it| it.meet(Arc::clone(&facts)));
            self.note(done);
        }
        let grid = self.active().picture().grid;
        if !is_back && !fits(grid, &facts) {
            // What is painted stays as it is, in a document of its own.
            self.new_document();
            self.emit(StudioEvent::PictureDoesNotFit { model: facts.name().to_owned(), grid });
        }
        self.emit(StudioEvent::ModelReady);
        for path in std::mem::take(&mut self.to_open) {
            self.open_file(path);
        }
    }

    /// A model that could not be loaded gives way to the one before, where there was one.
    pub(super) fn on_model_failed(&mut self, failure: Failure) {
        self.model.is_lost = true;
        self.emit(StudioEvent::ModelFailed(failure));
        if let Some(choice) = self.model.former_choice.take() {
            self.use_model(choice);
            // Should that one fail as well, there is none to fall back on.
            self.model.former_choice = None;
        }
    }
}

impl ModelState {
    pub(super) fn new() -> Self {
        Self { facts: None, is_lost: false, choice: None, former_choice: None }
    }
}

impl Document {
    /// The model goes; another one may come.
    pub(super) fn part_with_model(&mut self) {
        self.put_all_down();
        self.accept_take();
        self.facts = None;
        self.cells_per_sec = None;
        self.forget_reading();
    }

    /// A model is there. What was painted stays as it is; where it is another model's, this one reads it anew before it
    /// paints in it.
    pub(super) fn meet(&mut self, facts: Arc<Facts>) -> Result<(), Refusal> {
        // The stroke under way is one of a picture without a model.
        let ended = self.end_stroke();
        let known = self.known_model.replace(facts.id.clone());
        let is_other = known.as_ref().is_some_and(|it| !it.is_same(&facts.id));
        if is_other {
            (self.chosen.guidance, self.chosen.sampling) = (None, None);
        }
        if is_other || known.is_none() {
            self.pending.guidance = self.chosen.guidance.unwrap_or(facts.guidance);
            self.pending.sampling = self.chosen.sampling.unwrap_or(facts.sampling);
            self.pending.order = self.order_for(&facts);
        }
        self.facts = Some(Arc::clone(&facts));
        // The first one says what a new picture is like; later ones find what the artist has chosen.
        let suits = known.is_some() && fits(self.picture.grid, &facts);
        if self.is_unused() && !suits {
            self.picture = Picture::new(facts.new_grid(), self.pending.clone());
            self.touched.clear();
            self.after_time_travel();
        }
        ended
    }

    /// Whether nobody has done anything in it.
    pub(super) fn is_unused(&self) -> bool {
        let is_blank = self.history.is_empty() && self.picture.is_blank();
        is_blank && self.activity.is_idle() && self.drawing.is_none()
    }

    /// A new document of a studio that has a model.
    pub(super) fn begin_with(&mut self, facts: Arc<Facts>) {
        self.known_model = Some(facts.id.clone());
        self.facts = Some(facts);
    }

    /// The artist's order where there is one and the model can paint in it, else the model's own.
    fn order_for(&self, facts: &Facts) -> Order {
        let chosen = self.chosen.order.as_ref().filter(|_| facts.is_any_order);
        chosen.unwrap_or(&facts.order).clone()
    }

    /// Whether the codes in the picture are another model's, or were before it was edited: undo may bring them back.
    pub(super) fn is_foreign(&self, facts: &Facts) -> bool {
        self.picture.codes_of.as_ref().is_some_and(|it| !it.is_same(&facts.id))
    }

    /// To another model the codes mean other things, and it has painted none of what is there: it reads it anew.
    pub(super) fn adopt(&mut self, facts: &Facts) {
        if !self.is_foreign(facts) {
            return;
        }
        let before = self.picture.clone();
        for state in self.picture.cells.iter_mut().filter(|it| it.author != Author::Nobody) {
            let author = match state.author {
                Author::Model => Author::Former,
                author @ (Author::Nobody | Author::Artist | Author::Found | Author::Former) => {
                    author
                }
            };
            *state = CellState { code: None, label: None, wet: false, author, ..*state };
        }
        self.picture.codes_of = Some(facts.id.clone());
        let label = format!("Go on with {}", facts.name());
        self.history.push_done(label, Edit::Whole(Box::new(before)));
        self.touched.clear();
        self.staged = None;
        self.after_time_travel();
    }
}
