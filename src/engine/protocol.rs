//! All that crosses the thread's border. Plain data: no tensors, no widgets, no callbacks.

use std::sync::Arc;

use super::failure::Failure;
use super::follow::{FollowUpdate, Preview};
use super::guessing::Guessing;
use super::reading::ReadCell;
use crate::base::{
    Cell, CellRect, Code, DocumentId, Grid, JobId, PixelSource, Pixmap, Request, Slot, Ticket,
};
use crate::model::{Decoded, Facts};

/// How far to paint before pausing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Run {
    /// To the last cell.
    On,
    /// This many cells.
    Cells(usize),
}

/// A painting to begin.
#[derive(Debug)]
pub struct NewPainting {
    pub job: JobId,
    pub document: DocumentId,
    /// How many pixels of the canvas a pixel of the model's takes along each side.
    pub scale: u16,
    pub request: Request,
    /// Where the codes of those cells are read that the plan says to read.
    pub pixels: Option<Arc<dyn PixelSource>>,
    /// What stood in each cell before, row by row: shown around the settled cells until their turn
    /// comes. Never changes what is painted.
    pub drafts: Vec<Option<Code>>,
    pub run: Run,
}

/// A brush to follow while it is down.
#[derive(Debug)]
pub struct NewFollowing {
    pub job: JobId,
    pub document: DocumentId,
    /// As of a painting.
    pub scale: u16,
    pub grid: Grid,
    /// The model's layer, and the code of each cell, row by row, as they were when the brush came down. All cells are
    /// settled.
    pub layer: Pixmap,
    pub codes: Vec<Option<Code>>,
    /// Where the newest state of the brush is found, and where the newest preview is put.
    pub updates: Slot<FollowUpdate>,
    pub previews: Slot<Preview>,
}

/// What a document asks for, or the studio.
#[derive(Debug)]
pub enum Command {
    /// Start painting. What is under way for the same document makes room for this.
    Paint(Box<NewPainting>),

    /// Show what would follow from what is being drawn, again and again, until it is stopped, or a painting of the same
    /// document begins.
    Follow(Box<NewFollowing>),

    /// There is something new to follow.
    Drawn(JobId),

    /// Wait after the cell in hand.
    Pause(JobId),

    /// Go on.
    Resume(JobId, Run),

    /// Stop after the cell in hand. What has been painted stays.
    Stop(JobId),

    /// A document is closed: whatever is under way for it ends, and nothing is kept.
    Close(DocumentId),

    /// The maximum of cells per second; `None` for as fast as it goes.
    Pace(Option<f32>),

    /// How far to guess ahead. Never changes what is painted.
    Guess(Guessing),

    /// Whether to show what is expected of open cells. Never changes what is painted.
    Underpaint(bool),

    /// Say how well each kept cell fits in with all others.
    Judge { ticket: Ticket, document: DocumentId, request: Box<Request> },

    /// Say the codes of `cells`, and what is seen in them.
    Encode { ticket: Ticket, pixels: Arc<dyn PixelSource>, cells: CellRect },
}

/// What the engine has to say, in the order in which it happened.
///
/// Each job is `Started` once, and then `Ended` once. Each question is answered or `Refused` once.
#[derive(Clone, Debug)]
pub enum Event {
    /// The model is loaded, for the first time or after it had fallen over.
    ModelReady {
        facts: Arc<Facts>,
        seconds: f32,
    },

    /// The model could not be loaded. Whatever is asked for now is refused.
    ModelFailed(Failure),

    Started {
        job: JobId,
        to_paint: usize,
    },

    /// What the model has read where the plan said so, before the first cell.
    Read {
        job: JobId,
        cells: Vec<ReadCell>,
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

    /// There is a newer preview in its slot, where there was none.
    Previewed {
        job: JobId,
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

    /// The answer to [`Command::Encode`], row by row.
    Encoded {
        ticket: Ticket,
        cells: Vec<ReadCell>,
    },

    /// The answer to [`Command::Judge`]: by how much each cell surprises, in nats.
    Judged {
        ticket: Ticket,
        surprises: Vec<(Cell, f32)>,
    },

    /// There is no answer to a question.
    Refused {
        ticket: Ticket,
        failure: Failure,
    },
}

/// How a job ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    Finished,
    /// By the artist, or to make room for another job. What has been painted stays.
    Stopped,
    Failed(Failure),
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

impl std::ops::AddAssign for Stats {
    fn add_assign(&mut self, other: Self) {
        self.n_settled += other.n_settled;
        self.n_passes += other.n_passes;
        self.secs += other.secs;
        self.decode_secs += other.decode_secs;
    }
}
