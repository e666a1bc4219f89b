//! Neural networks that paint; the only place that knows candle.
//! Knows nothing of pictures, windows or threads: weights are shared and never change, what has
//! been read lives in a [`Context`], and chance is a pure function of seed and position
//! ([`sampler`]).

mod check;
pub mod checkpoint;
mod digest;
pub mod embedded;
mod error;
mod facts;
pub mod hardware;
pub mod kernels;
pub mod memory;
pub mod published;
mod rotary;
pub mod sampler;
pub mod toy;
mod vocabulary;

pub use self::error::{Error, Result};
pub use self::facts::{Completion, Facts, Prompts};
pub use self::vocabulary::{Fate, Heard, Vocabulary, typed_word};

use crate::base::{Cell, CellRect, Code, Grid, PixelRect};

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

    /// Bytes of memory for what has been read and for what there is room for: all caches, of all
    /// texts.
    fn bytes(&self) -> u64;

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
