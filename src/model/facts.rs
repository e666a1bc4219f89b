//! What is known of a network once it is loaded: its name, what it can do, what it hears, and which
//! settings suit it.

use std::sync::Arc;

use super::vocabulary::{Heard, Vocabulary, typed_word};
use crate::base::{
    CellPlan, Code, Grid, ModelId, Order, Plan, ReadingOrder, Sampling, ViewSize, context_budget,
};

/// What a network is, and what it can do.
#[derive(Clone, Debug, PartialEq)]
pub struct Facts {
    /// Its name is shown to the user; all of it is noted in exported pictures.
    pub id: ModelId,
    /// Under which licence it may be used, in a line.
    pub licence: String,
    /// What it computes on, and why not on what might have been expected.
    pub hardware: String,
    /// As much as it sees at once.
    pub grid: Grid,
    /// How many pixels of the canvas each of its pixels takes along each side in a new picture.
    pub new_scale: u16,
    /// Size of the codebook.
    pub n_codes: usize,
    /// Whether it can paint in any order, knowing all that surrounds a cell; else in rows only.
    pub is_any_order: bool,
    /// Whether it can paint canvases larger than `grid`, view by view.
    pub paints_larger: bool,
    /// What a prompt is for it.
    pub prompts: Prompts,
    /// What it cannot do, in words for the artist: a sentence each.
    pub limits: Vec<String>,
    /// The words that it has learned, or the names of its classes; empty where any text will do.
    pub words: Arc<[String]>,
    /// What it was taught to paint, as it is offered to the artist.
    pub subjects: Arc<[Subject]>,
    /// What it hears in a prompt, if it knows a list of words.
    pub vocabulary: Option<Arc<Vocabulary>>,
    /// The guidance that suits it for a whole picture, and for a region with a prompt of its own.
    pub guidance: f32,
    pub region_guidance: f32,
    /// In which order its pictures come out best.
    pub order: Order,
    /// How its codes are best drawn.
    pub sampling: Sampling,
    /// How many cells around a cell take part in its code.
    pub encode_margin: u16,
    /// What a guided context (two texts) of the whole grid takes in memory.
    pub context_bytes: u64,
    /// What the codec's labels head tells apart; empty where there is none.
    pub labels: Arc<[String]>,
    /// Labels that stand for others, too.
    pub label_groups: Arc<[LabelGroup]>,
}

/// A kind of things that a network was taught to paint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// For the artist: "Places".
    pub title: String,
    /// A word or phrase for each.
    pub things: Vec<String>,
}

/// What belongs to what a label tells: who means the sky means its clouds, too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabelGroup {
    pub label: String,
    /// Other labels.
    pub parts: Vec<String>,
}

/// What a network understands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prompts {
    /// A list of words, in any number.
    Words,
    /// The name of one class, or its number.
    Classes,
    /// Any text.
    Text,
}

/// How a prompt may go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion {
    pub word: String,
    /// The whole prompt with it.
    pub prompt: String,
}

impl Facts {
    /// The grid of a new picture, in pixels of the canvas.
    #[must_use]
    pub const fn new_grid(&self) -> Grid {
        self.grid.scaled(self.new_scale)
    }

    /// For people: "Landscapes 3".
    #[must_use]
    pub fn name(&self) -> &str {
        &self.id.name
    }

    /// Bytes that all contexts may take together; what was estimated before it was loaded counts
    /// them.
    #[must_use]
    pub fn context_budget(&self) -> u64 {
        context_budget(self.context_bytes)
    }

    /// Whether what shows `seen` is meant by `label`: it is the same label, or one that belongs to it.
    #[must_use]
    pub fn is_meant_by(&self, seen: &str, label: &str) -> bool {
        let mut groups = self.label_groups.iter().filter(|it| it.label == label);
        seen == label || groups.any(|it| it.parts.iter().any(|it| it == seen))
    }

    /// How the network reads what is kept.
    #[must_use]
    pub const fn reading_order(&self) -> ReadingOrder {
        if self.is_any_order { ReadingOrder::KeptFirst } else { ReadingOrder::InPlace }
    }

    /// What the word that is being typed at the end of `text` may become; for classes, what all of
    /// it may.
    #[must_use]
    pub fn completions(&self, text: &str) -> Vec<Completion> {
        let (kept, typed, end) = match self.prompts {
            Prompts::Classes => ("", text.trim_start(), ""),
            Prompts::Words | Prompts::Text => {
                let typed = typed_word(text);
                (&text[..text.len() - typed.len()], typed, " ")
            }
        };
        let typed = typed.to_lowercase();
        if typed.chars().count() < 2 {
            return Vec::new();
        }
        let begins = |it: &&String| it.starts_with(&typed) && **it != typed;
        // "retriever" finds the golden one, too.
        let inside = |it: &&String| {
            self.prompts == Prompts::Classes
                && !it.starts_with(&typed)
                && it.contains(&format!(" {typed}"))
        };
        let words = self.words.iter().filter(begins).chain(self.words.iter().filter(inside));
        let all =
            words.map(|it| Completion { word: it.clone(), prompt: format!("{kept}{it}{end}") });
        all.collect()
    }

    /// What the network hears in `text`, piece by piece; nothing where any text will do, or the
    /// names of classes, which are for the network itself to understand.
    #[must_use]
    pub fn understand(&self, text: &str) -> Vec<Heard> {
        self.vocabulary.as_ref().map_or_else(Vec::new, |it| it.understand(text))
    }

    /// # Errors
    /// Says why a picture of this plan's size and kept codes is not for the network.
    pub fn can_paint(&self, plan: &Plan) -> Result<(), Unfit> {
        let Grid { rows, cols, cell_pixels } = self.grid;
        let model = || self.name().to_owned();
        let theirs = plan.view_size.within(plan.grid);
        if plan.grid.cell_pixels != cell_pixels {
            let theirs = plan.grid.cell_pixels;
            return Err(Unfit::CellPixels { model: model(), ours: cell_pixels, theirs });
        }
        if rows < theirs.rows || cols < theirs.cols {
            return Err(Unfit::ViewSize { model: model(), ours: ViewSize::of(self.grid), theirs });
        }
        let is_larger = rows < plan.grid.rows || cols < plan.grid.cols;
        if is_larger && !self.paints_larger {
            return Err(Unfit::OneSize { model: model(), rows, cols });
        }
        let kept = plan.cells.iter().filter_map(|it| match it {
            CellPlan::Keep(code) => Some(*code),
            CellPlan::Read | CellPlan::Paint => None,
        });
        if let Some(code) = kept.max().filter(|&it| self.n_codes <= it as usize) {
            return Err(Unfit::NoSuchCode { model: model(), code });
        }
        if !self.is_any_order {
            if (&plan.order, plan.reading_order) != (&Order::Rows, ReadingOrder::InPlace) {
                return Err(Unfit::RowsOnly { model: model() });
            }
            if plan.grid.rows < rows || plan.grid.cols < cols {
                return Err(Unfit::TooSmall { model: model(), rows, cols });
            }
        }
        Ok(())
    }
}

/// Why a network cannot paint a picture. `model` is its name; the texts are shown to the user.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    #[error("{model} paints cells of {ours} pixels, the picture has cells of {theirs}")]
    CellPixels { model: String, ours: u16, theirs: u16 },

    #[error(
        "{model} sees {} × {} cells at once, the picture was painted by one that sees {} × {}",
        .ours.rows, .ours.cols, .theirs.rows, .theirs.cols
    )]
    ViewSize { model: String, ours: ViewSize, theirs: ViewSize },

    #[error("{model} paints {rows} × {cols} cells and no other size")]
    OneSize { model: String, rows: u16, cols: u16 },

    #[error("{model} has no code {code}")]
    NoSuchCode { model: String, code: Code },

    #[error("{model} has only learned to paint row by row")]
    RowsOnly { model: String },

    #[error("{model} paints at least {rows} × {cols} cells")]
    TooSmall { model: String, rows: u16, cols: u16 },
}
