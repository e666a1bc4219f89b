//! All that crosses the thread's border. Plain data: no tensors, no widgets, no callbacks.

use super::guessing::Guessing;
use crate::base::{Cell, CellRect, Code, PixelRect, Request};
use crate::model::{Decoded, Facts};

/// Names one painting job, so that late news of an abandoned one can be told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct JobId(pub u64);

/// How far to paint before pausing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Run {
    /// To the last cell.
    On,
    /// This many cells.
    Cells(usize),
    /// To the last cell, each drawn as if the drafts of those before it were right: one pass where all are under one
    /// prompt. Where nothing but the drafts comes out of it, it is what [`Run::On`] paints; else it is near, and
    /// nearer with every pass from the codes of the one before (Jacobi's iteration).
    Preview,
}

/// What the session asks for.
#[derive(Debug)]
pub enum Command {
    /// Start painting. A job still under way makes room for this one.
    Paint {
        job: JobId,
        request: Box<Request>,
        /// What stood in each cell before, row by row: shown around the settled cells until their turn
        /// comes. Never changes what is painted.
        drafts: Vec<Option<Code>>,
        run: Run,
    },

    /// Wait after the cell in hand.
    Pause,

    /// Go on.
    Resume(Run),

    /// Stop after the cell in hand. What has been painted stays.
    Stop,

    /// The maximum of cells per second; `None` for as fast as it goes.
    Pace(Option<f32>),

    /// How far to guess ahead. Never changes what is painted.
    Guess(Guessing),

    /// Whether to show what is expected of open cells. Never changes what is painted.
    Underpaint(bool),

    /// Say how well the kept cells of one of the [`GROUPS`](super::GROUPS) fit in with all others.
    Judge { ticket: u64, request: Box<Request>, group: usize },

    /// Say the codes of `cells` in a picture of which `rgb` shows `area` (see `Codec::encode`), and what is seen in
    /// them, if wanted.
    Encode { ticket: u64, rgb: Vec<u8>, area: PixelRect, cells: CellRect, with_labels: bool },
}

/// What the engine has to say, in the order in which it happened.
///
/// Each job is `Started` once, and then `Ended` once.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// The model is loaded, for the first time or after it had fallen over.
    ModelReady {
        facts: Box<Facts>,
        seconds: f32,
    },

    Started {
        job: JobId,
        to_paint: usize,
    },

    /// The model has chosen a code for one cell.
    Settled {
        job: JobId,
        cell: Cell,
        code: Code,
        log_prob: f32,
        /// Forward passes of the painter since the cell before; none where it was guessed.
        n_passes: usize,
    },

    /// What an update of a preview has come to in one pass, all of it at once: an event for each cell would have the
    /// next one wait.
    Previewed {
        job: JobId,
        codes: Vec<(Cell, Code)>,
    },

    /// A part of the picture to look at. `is_final` once the codes around it will not change.
    Pixels {
        job: JobId,
        decoded: Box<Decoded>,
        is_final: bool,
    },

    /// A part of the picture as the model expects it to become; worth something in open cells only.
    Expected {
        job: JobId,
        decoded: Box<Decoded>,
    },

    /// How undecided the model is about each open cell: its entropy over the largest that there can be, from 0 to 1.
    /// Comes again when a sketch is completed.
    Entropies {
        job: JobId,
        entropies: Vec<(Cell, f32)>,
    },

    Paused {
        job: JobId,
    },

    Resumed {
        job: JobId,
    },

    Ended {
        job: JobId,
        outcome: Outcome,
        stats: Stats,
    },

    /// The answer to [`Command::Encode`]: codes and labels of the cells asked for, row by row.
    Encoded {
        ticket: u64,
        cells: CellRect,
        codes: Vec<Code>,
        /// As in [`Decoded::labels`]; empty where they were not wanted.
        labels: Vec<u8>,
    },

    /// The answer to [`Command::Judge`]: by how much each cell of the group surprises, in nats.
    Judged {
        ticket: u64,
        surprises: Vec<(Cell, f32)>,
    },

    /// The model could not be loaded, or an answer could not be given.
    Failed {
        reason: String,
    },
}

/// How a job ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Finished,
    /// By the artist, or to make room for another job. What has been painted stays.
    Stopped,
    Failed(String),
}

/// What a job took.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Stats {
    /// Cells that the model settled.
    pub n_settled: usize,
    /// Forward passes of the painter.
    pub n_passes: usize,
    /// From the command to the end, pauses left out.
    pub secs: f32,
    /// Of these, spent on showing what was painted.
    pub decode_secs: f32,
}
