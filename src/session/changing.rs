//! The choice of a model, and what becomes of the open picture when another one is chosen.

use std::sync::Arc;

use super::Session;
use crate::base::{Grid, Hardware, Order, Precision, Sources, ViewSize};
use crate::catalog::BUILT_IN;
use crate::document::{Author, CellState, Picture};
use crate::engine::Load;
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

/// Whether a picture of this grid can go on with another model.
pub(super) fn fits(has: Grid, facts: &Facts) -> bool {
    let needs = facts.grid;
    has == needs
        || has.cell_pixels == needs.cell_pixels
            && needs.rows <= has.rows
            && needs.cols <= has.cols
            && facts.paints_larger
}

impl Session {
    /// What is painted with, where the session knows.
    #[must_use]
    pub fn choice(&self) -> Option<&Choice> {
        self.choice.as_ref()
    }

    /// Tells the session what it was started with.
    pub fn set_choice(&mut self, choice: Option<Choice>) {
        self.choice = choice;
    }

    pub(super) fn use_model(&mut self, choice: Choice) {
        let Choice { name, precision, hardware, .. } = &choice;
        log::info!("Changing to {name} in {}, on {}", precision.name(), hardware.name());
        self.change_painter(load(&choice));
        self.former_choice = self.choice.replace(choice);
    }

    /// Goes on with whatever `load` brings, as after [`Action::UseModel`](super::Action::UseModel).
    pub fn change_painter(&mut self, load: Load) {
        self.put_all_down();
        self.accept_take();
        self.former_facts = self.facts.take().or(self.former_facts.take());
        (self.encoding, self.is_model_lost, self.cells_per_sec) = (None, false, None);
        let wake = Arc::clone(&self.wake);
        if let Err(err) = self.engine.replace(load, move || wake()) {
            self.is_model_lost = true;
            self.notify(format!("The engine could not be started: {err}"));
        }
    }

    /// A model that could not be loaded gives way to the one before, where there was one.
    pub(super) fn fall_back(&mut self) {
        if self.facts.is_none()
            && let Some(choice) = self.former_choice.take()
        {
            self.use_model(choice);
            // Should that one fail as well, there is none to fall back on.
            self.former_choice = None;
        }
    }

    /// Another model is ready: what was painted stays where it can.
    pub(super) fn change_over(&mut self, former: &Facts, facts: &Facts) {
        let files = |it: &Choice| it.sources.clone();
        let former_files = self.former_choice.take().as_ref().map(files);
        // Networks of one name may come from several folders; their codes mean other things.
        let is_from_there =
            former_files.is_none_or(|it| Some(it) == self.choice.as_ref().map(files));
        if is_from_there && former.id.is_same(&facts.id) && former.grid == facts.grid {
            return;
        }
        self.chosen_guidance = None;
        self.pending.guidance = facts.guidance;
        self.chosen_sampling = None;
        self.pending.sampling = facts.sampling;
        self.pending.order = self.order_for(facts);
        self.lay_out_for(facts);
        self.touched.clear();
        self.staged = None;
        self.forget_the_past();
    }

    /// The artist's order where there is one and the model can paint in it, else the model's own.
    pub(super) fn order_for(&self, facts: &Facts) -> Order {
        let chosen = self.chosen_order.as_ref().filter(|_| facts.is_any_order);
        chosen.unwrap_or(&facts.order).clone()
    }

    /// What is painted stays where the model can go on with it.
    pub(super) fn lay_out_for(&mut self, facts: &Facts) {
        let was_blank = self.picture.is_blank();
        if !was_blank && fits(self.picture.grid, facts) {
            self.picture.view_size = ViewSize::of(facts.grid);
            self.forget_codes();
            return;
        }
        self.picture = Picture::new(facts.grid, self.pending.clone());
        if !was_blank {
            let (width, height) = (facts.grid.width(), facts.grid.height());
            self.notify(format!(
                "{} paints {width} × {height} pixels: a new picture is begun",
                facts.name()
            ));
        }
    }

    /// To another model the codes mean other things: it is asked for its own.
    fn forget_codes(&mut self) {
        for state in self.picture.cells.iter_mut().filter(|it| it.author != Author::Nobody) {
            *state = CellState { code: None, label: None, wet: false, ..*state };
        }
    }
}
