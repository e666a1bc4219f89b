//! The one button that names what it will do.

use super::action::{DocumentAction, Reach};
use super::activity::{Activity, Painting};
use super::document::Document;
use super::planning;
use crate::base::Cell;
use crate::model::Facts;

/// What the button says, and what it does.
#[derive(Clone, Debug, PartialEq)]
pub struct Primary {
    pub label: &'static str,
    /// `None` while there is nothing to be done but wait.
    pub action: Option<DocumentAction>,
    /// How many cells it will paint; 0 where it paints none.
    pub n_cells: usize,
    /// The other things that may be meant.
    pub others: Vec<(&'static str, DocumentAction)>,
}

impl Primary {
    pub(super) const fn nothing(label: &'static str) -> Self {
        Self { label, action: None, n_cells: 0, others: Vec::new() }
    }

    fn new<const N: usize>(
        label: &'static str,
        action: DocumentAction,
        n_cells: usize,
        others: [(&'static str, DocumentAction); N],
    ) -> Self {
        Self { label, action: Some(action), n_cells, others: others.into() }
    }
}

impl Document {
    /// What the button says now.
    #[must_use]
    pub fn primary(&self) -> Primary {
        let Some(facts) = &self.facts else { return Primary::nothing("Loading the model…") };
        match &self.activity {
            Activity::Judging(_) => Primary::nothing("Looking…"),
            Activity::Painting(it) if !it.is_paused => self.primary_while_painting(it),
            Activity::Painting(it) => self
                .primary_after_stroke(facts)
                .or_else(|| self.primary_of_selection())
                .unwrap_or_else(|| {
                    let others =
                        [("Stop", DocumentAction::Stop), ("Paint afresh", DocumentAction::Paint)];
                    Primary::new("Continue", DocumentAction::Continue, it.open.len(), others)
                }),
            Activity::Idle | Activity::Following(_) => self
                .primary_after_stroke(facts)
                .or_else(|| self.primary_of_take())
                .or_else(|| self.primary_of_selection())
                .unwrap_or_else(|| self.primary_of_picture(facts)),
        }
    }

    fn primary_while_painting(&self, painting: &Painting) -> Primary {
        let stop = [("Stop", DocumentAction::Stop)];
        if self.pending == self.picture.paint_settings {
            Primary::new("Pause", DocumentAction::Pause, 0, stop)
        } else {
            Primary::new("Steer", DocumentAction::Steer, painting.open.len(), stop)
        }
    }

    /// Where a stroke changed what the model has already painted, or read.
    fn primary_after_stroke(&self, facts: &Facts) -> Option<Primary> {
        let rest = planning::later_cells(&self.picture, facts, &self.touched);
        let is_painted = |it: &Cell| self.picture.state(*it).code.is_some();
        let is_asked =
            !self.touched.is_empty() && (self.is_painting() || rest.iter().any(is_painted));
        is_asked.then(|| {
            let others = [
                ("Only join the strokes", DocumentAction::JoinStrokes),
                ("Leave as is", DocumentAction::LeaveStrokes),
            ];
            let follow = DocumentAction::FollowStrokes;
            Primary::new("Let the rest follow", follow, rest.len(), others)
        })
    }

    fn primary_of_take(&self) -> Option<Primary> {
        self.staged.as_ref().filter(|it| it.is_last_in(&self.history)).map(|_| {
            let others = [
                ("Another take", DocumentAction::StagedTake),
                ("Discard", DocumentAction::DiscardTake),
            ];
            Primary::new("Accept", DocumentAction::AcceptTake, 0, others)
        })
    }

    fn primary_of_selection(&self) -> Option<Primary> {
        let is_asked = self.picture.selection.is_some() && self.picture.has_settled_for_model();
        is_asked.then(|| {
            let n_cells = self.selected_cells().len();
            let others = [
                ("Repaint, and let the rest follow", DocumentAction::RepaintSelection(Reach::Rest)),
                ("Deselect", DocumentAction::Deselect),
            ];
            let only = DocumentAction::RepaintSelection(Reach::Only);
            Primary::new("Repaint selection", only, n_cells, others)
        })
    }

    fn primary_of_picture(&self, facts: &Facts) -> Primary {
        let n_open = self.picture.cells.iter().filter(|it| it.code.is_none()).count();
        let n_cells = self.picture.cells.len();
        if self.picture.is_finished() && !self.picture.is_wet() {
            if self.pending != self.picture.paint_settings {
                return Primary::new("Paint afresh", DocumentAction::Paint, n_cells, []);
            }
            let second_look = ("Second look", DocumentAction::SECOND_LOOK);
            let mut primary =
                Primary::new("Another take", DocumentAction::AnotherTake, n_cells, [second_look]);
            primary.others.retain(|_| facts.is_any_order);
            return primary;
        }
        if self.picture.has_settled_for_model() {
            let others = [("Paint afresh", DocumentAction::Paint)];
            return Primary::new("Continue", DocumentAction::Continue, n_open, others);
        }
        Primary::new("Paint", DocumentAction::Paint, n_open, [])
    }

    /// The cells that the button will paint, if it paints any: those to tint before it runs. Those asked for, and those
    /// that follow.
    #[must_use]
    pub fn about_to_change(&self) -> (Vec<Cell>, Vec<Cell>) {
        let Some(facts) = &self.facts else { return (Vec::new(), Vec::new()) };
        match self.primary().action {
            Some(DocumentAction::FollowStrokes) => {
                let rest = planning::later_cells(&self.picture, facts, &self.touched);
                (Vec::new(), rest.into_iter().collect())
            }
            Some(DocumentAction::RepaintSelection(_)) => {
                let cells = self.selected_cells().into_iter();
                let models = cells.filter(|&it| planning::is_the_models(&self.picture, it));
                (models.collect(), Vec::new())
            }
            Some(_) | None => (Vec::new(), Vec::new()),
        }
    }
}
