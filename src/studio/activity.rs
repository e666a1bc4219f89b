//! What a document is busy with, one thing at a time.
//!
//! ```text
//!              Paint, Continue, Repaint, strokes…            the last cell, Stop, a failure
//!       Idle ───────────────────────────────────▶ Painting ──────────────────────────────▶ Idle
//!        │  ▲                                      ▲    │ ▲
//!        │  └─ cancelled, failed, nothing touched ─┼──┐ │ │ what fits worst
//!        │ the brush comes down, the rest follows  │  │ │ │
//!        ├───────────────────────▶ Following ──────┘──┘ │ │
//!        │                          lifted              ▼ │  another round
//!        └────────── Second look ───────────────▶ Judging ┘ ──▶ Idle, where every cell fits
//! ```
//!
//! A stroke can be drawn whatever the document is busy with; following is begun by one. Reading fresh
//! strokes while nothing else is to be done is no activity: nothing waits for it.

use std::collections::BTreeSet;

use super::action::Repaint;
use super::following::Following;
use super::second_look::{Judging, SecondLook};
use crate::base::{Cell, Code, JobId, Mask, Pixmap};
use crate::document::Picture;
use crate::engine::Clock;

/// See the module.
#[derive(Debug, Default)]
pub(super) enum Activity {
    #[default]
    Idle,
    Painting(Box<Painting>),
    Following(Box<Following>),
    Judging(Box<Judging>),
}

impl Activity {
    pub(super) fn painting(&self) -> Option<&Painting> {
        match self {
            Self::Painting(it) => Some(it),
            Self::Idle | Self::Following(_) | Self::Judging(_) => None,
        }
    }

    pub(super) fn painting_mut(&mut self) -> Option<&mut Painting> {
        match self {
            Self::Painting(it) => Some(it),
            Self::Idle | Self::Following(_) | Self::Judging(_) => None,
        }
    }

    pub(super) fn following(&self) -> Option<&Following> {
        match self {
            Self::Following(it) => Some(it),
            Self::Idle | Self::Painting(_) | Self::Judging(_) => None,
        }
    }

    pub(super) fn following_mut(&mut self) -> Option<&mut Following> {
        match self {
            Self::Following(it) => Some(it),
            Self::Idle | Self::Painting(_) | Self::Judging(_) => None,
        }
    }

    pub(super) const fn is_idle(&self) -> bool {
        matches!(self, Self::Idle)
    }

    pub(super) const fn is_judging(&self) -> bool {
        matches!(self, Self::Judging(_))
    }
}

/// A painting under way.
#[derive(Debug)]
pub(super) struct Painting {
    pub(super) job: JobId,
    pub(super) label: String,
    /// The picture as it was when the entry in the history begins.
    pub(super) before: Picture,
    /// The cells that are still to be settled.
    pub(super) open: BTreeSet<Cell>,
    pub(super) n_to_paint: usize,
    /// The state of the paint layer that it knows of.
    pub(super) revision: u64,
    pub(super) is_paused: bool,
    /// Whether it only brings to its end what was stopped.
    pub(super) is_stopped: bool,
    /// Whether it changes a picture that was finished; such work is offered, not imposed.
    pub(super) is_staged: bool,
    /// Whether it paints over an older picture, which is seen until its turn comes.
    pub(super) has_ghosts: bool,
    /// How much of each new pixel is shown; `None` for all of it.
    pub(super) feather: Option<Mask>,
    /// What to ask for to have it once more, with other noise.
    pub(super) again: Repaint,
    /// As the artist sees it: until the news of it has come.
    pub(super) clock: Clock,
    /// The preview that it took over when the brush was lifted: shown until there are pixels.
    pub(super) preview: Option<ShownPreview>,
    /// The second look that it is a round of.
    pub(super) second_look: Option<SecondLook>,
}

/// The picture as it would be, shown in place of the model's layer.
#[derive(Clone, Debug)]
pub(super) struct ShownPreview {
    pub(super) layer: Pixmap,
    /// Row by row.
    pub(super) codes: Vec<Option<Code>>,
}
