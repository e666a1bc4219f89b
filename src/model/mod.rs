//! Neural networks that paint; the only place that knows candle.
//! Knows nothing of pictures, windows or threads: weights are shared and never change, what has
//! been read lives in a [`Context`], and chance is a pure function of seed and position
//! ([`sampler`]).

mod check;
pub mod checkpoint;
mod codec;
mod colour;
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

pub use self::codec::{Codec, Codes, Decoded, Quality};
pub use self::error::{Error, Result};
pub use self::facts::{Completion, Facts, LabelGroup, Prompts, Subject, Unfit};
pub use self::vocabulary::{Fate, Heard, Vocabulary, typed_word};

use crate::base::{Cell, Code};

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

    /// The numbers of texts, asked cells, and codes.
    #[must_use]
    pub fn shape(&self) -> (usize, usize, usize) {
        let n_rows = self.values.len() / self.n_codes.max(1);
        (n_rows / self.n_asks.max(1), self.n_asks, self.n_codes)
    }

    /// One value per code.
    #[must_use]
    pub fn of(&self, text: usize, ask: usize) -> &[f32] {
        let start = (text * self.n_asks + ask) * self.n_codes;
        &self.values[start..start + self.n_codes]
    }
}
