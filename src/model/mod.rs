//! Neural networks that paint; the only place that knows candle.
//! Knows nothing of pictures, windows or threads: weights are shared and never change, what has
//! been read lives in a [`Context`], and chance is a pure function of seed and position
//! ([`sampler`]).

mod check;
pub mod checkpoint;
pub mod embedded;
mod error;
pub mod hardware;
pub mod kernels;
pub mod memory;
pub mod published;
mod rotary;
pub mod sampler;
pub mod toy;
mod vocabulary;

pub use self::error::{Error, Result};
pub use self::vocabulary::{Fate, Heard, Vocabulary, typed_word};

use crate::base::{
    Cell, CellPlan, CellRect, Code, Grid, Order, PixelRect, Plan, ReadingOrder, Sampling, ViewSize,
};

/// What a network is, and what it can do.
#[derive(Clone, Debug, PartialEq)]
pub struct Facts {
    /// Shown to the user, and noted in exported pictures.
    pub name: String,
    /// Under which licence it may be used, in a line.
    pub licence: String,
    /// What it computes on, and why not on what might have been expected.
    pub hardware: String,
    /// As much as it sees at once.
    pub grid: Grid,
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
    pub words: Vec<String>,
    /// What it was taught to paint: kinds of things ("terrain", "has"), each with words for the
    /// things.
    pub subjects: Vec<(String, Vec<String>)>,
    /// What it hears in a prompt, if it knows a list of words.
    pub vocabulary: Option<Vocabulary>,
    /// The guidance that suits it for a whole picture, and for a region with a prompt of its own.
    pub guidance: f32,
    pub region_guidance: f32,
    /// In which order its pictures come out best.
    pub order: Order,
    /// How its codes are best drawn.
    pub sampling: Sampling,
    /// How many cells around a cell take part in its code.
    pub encode_margin: u16,
    /// What the codec's labels head tells apart; empty where there is none.
    pub labels: Vec<String>,
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
    pub fn can_paint(&self, plan: &Plan) -> std::result::Result<(), String> {
        let Grid { rows, cols, cell_pixels } = self.grid;
        let view_size = plan.view_size.within(plan.grid);
        if plan.grid.cell_pixels != cell_pixels {
            let theirs = plan.grid.cell_pixels;
            return Err(format!(
                "{} paints cells of {cell_pixels} pixels, the picture has cells of {theirs}",
                self.name
            ));
        }
        if rows < view_size.rows || cols < view_size.cols {
            let ViewSize { rows: theirs_rows, cols: theirs_cols } = view_size;
            return Err(format!(
                "{} sees {rows} × {cols} cells at once, the picture was painted by one that sees \
                 {theirs_rows} × {theirs_cols}",
                self.name
            ));
        }
        let is_larger = rows < plan.grid.rows || cols < plan.grid.cols;
        if is_larger && !self.paints_larger {
            return Err(format!("{} paints {rows} × {cols} cells and no other size", self.name));
        }
        let kept = plan.cells.iter().filter_map(|it| match it {
            CellPlan::Keep(code) => Some(*code),
            CellPlan::Paint => None,
        });
        if let Some(code) = kept.max().filter(|&it| self.n_codes <= it as usize) {
            return Err(format!("{} has no code {code}", self.name));
        }
        if !self.is_any_order {
            if (&plan.order, plan.reading_order) != (&Order::Rows, ReadingOrder::InPlace) {
                return Err(format!("{} has only learned to paint row by row", self.name));
            }
            if plan.grid.rows < rows || plan.grid.cols < cols {
                return Err(format!("{} paints at least {rows} × {cols} cells", self.name));
            }
        }
        Ok(())
    }
}

/// A network that paints. Weights never change; what it has read lives in a [`Context`].
pub trait Painter: Send {
    fn facts(&self) -> &Facts;

    /// Reads one or several texts side by side; all of them then read the same cells.
    /// `None` is the null prompt: painting without a prompt.
    ///
    /// # Errors
    /// Where the network cannot be run.
    fn begin(&self, texts: &[Option<&str>]) -> Result<Box<dyn Context>>;

    fn codec(&self) -> &dyn Codec;
}

/// A cell to answer for, and how much the answer may know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ask {
    pub cell: Cell,
    /// The number of read cells that the answer is conditioned on, from the first one read.
    pub after: usize,
}

/// What the network has read of one picture, under one or several texts. Cheap to rewind.
pub trait Context: Send {
    /// The number of cells read.
    fn len(&self) -> usize;

    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Forgets all but the first `len` cells.
    fn rewind(&mut self, len: usize);

    /// Reads settled or drafted cells, then answers for each asked cell; one forward pass. What it
    /// answers does not depend on what else is read or asked in the same pass, to the last bit.
    ///
    /// A network that paints row by row reads cells in rows, without gaps, and answers only for the
    /// cell that comes after the read ones.
    ///
    /// # Errors
    /// Where a cell or code does not exist, is not the next one, or the network cannot be run.
    fn read(&mut self, placed: &[(Cell, Code)], ask: &[Ask]) -> Result<Logits>;
}

/// Logits (unnormalised log-probabilities) of every code, for each text and each asked cell.
#[derive(Clone, Debug)]
pub struct Logits {
    n_asks: usize,
    n_codes: usize,
    /// Invariant: (texts, asks, codes), the last one fastest.
    values: Vec<f32>,
}

impl Logits {
    /// # Panics
    /// Where the number of values does not fit.
    #[must_use]
    pub fn new(n_texts: usize, n_asks: usize, n_codes: usize, values: Vec<f32>) -> Self {
        assert_eq!(values.len(), n_texts * n_asks * n_codes, "logits of another shape");
        Self { n_asks, n_codes, values }
    }

    /// One value per code.
    #[must_use]
    pub fn of(&self, text: usize, ask: usize) -> &[f32] {
        let start = (text * self.n_asks + ask) * self.n_codes;
        &self.values[start..start + self.n_codes]
    }
}

/// Pixels ↔ codes.
pub trait Codec: Send {
    /// The codes of the cells in `cells`.
    ///
    /// `rgb` are the pixels of `area`: 3 bytes each, row by row; `area` is made of whole cells, and
    /// holds `cells` with as much around them as there is, up to [`Facts::encode_margin`]; with
    /// less, codes are near the exact ones.
    ///
    /// # Errors
    /// Where the network cannot be run.
    fn encode(&self, rgb: &[u8], area: PixelRect, cells: CellRect) -> Result<Vec<Code>>;

    /// Paints the cells in `window`.
    ///
    /// # Errors
    /// Where the network cannot be run.
    fn decode(&self, codes: Codes<'_>, window: CellRect, quality: Quality) -> Result<Decoded>;

    /// What is seen in each of `cells`, whose codes these are, row by row: an index into
    /// [`Facts::labels`]. Of what lies around them nothing is known. Nothing from a codec that
    /// tells nothing apart.
    ///
    /// # Errors
    /// Where the network cannot be run.
    fn label(&self, _codes: &[Code], _cells: CellRect) -> Result<Vec<u8>> {
        Ok(Vec::new())
    }

    /// Paints the cells in `window` as they are expected to become: a cell in `probs` shows the
    /// mean of what the codes stand for, weighted with their probabilities (one per code, together
    /// 1).
    ///
    /// # Errors
    /// Where the network cannot be run.
    fn underpaint(
        &self,
        codes: Codes<'_>,
        probs: &[(Cell, &[f32])],
        window: CellRect,
    ) -> Result<Decoded>;
}

/// What stands in each cell of a picture, which may be larger or smaller than [`Facts::grid`].
#[derive(Clone, Copy, Debug)]
pub struct Codes<'a> {
    pub grid: Grid,
    /// Row by row; open cells are `None`.
    pub of_cells: &'a [Option<Code>],
}

/// How exact a decoded window has to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quality {
    /// For looking: cells far from the window are left out.
    Preview,
    /// For keeping: equal to the same part of a full decode.
    Final,
}

/// A window of decoded cells.
#[derive(Clone, Debug, PartialEq)]
pub struct Decoded {
    pub window: CellRect,
    /// 3 bytes per pixel of the window, row by row.
    pub rgb: Vec<u8>,
    /// Per cell of the window an index into [`Facts::labels`]; empty where there are none.
    pub labels: Vec<u8>,
}

impl Decoded {
    /// The same in bands of whole rows of at most `max_cells` cells, or of one row.
    pub fn bands(&self, max_cells: usize) -> impl Iterator<Item = Self> {
        let CellRect { left, top, right, bottom } = self.window;
        let rows = (max_cells / usize::from(self.window.cols()).max(1)).max(1);
        let n_values = self.rgb.len() / usize::from(self.window.rows()).max(1);
        let n_labels = self.labels.len() / usize::from(self.window.rows()).max(1);
        (top..bottom).step_by(rows).map(move |start| {
            let end = bottom.min(start + rows as u16);
            let (from, to) = (usize::from(start - top), usize::from(end - top));
            Self {
                window: CellRect { left, top: start, right, bottom: end },
                rgb: self.rgb[from * n_values..to * n_values].to_vec(),
                labels: self.labels[from * n_labels..to * n_labels].to_vec(),
            }
        })
    }
}
