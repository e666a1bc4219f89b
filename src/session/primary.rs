//! The one button that names what it will do.

use super::action::{Action, Reach};
use super::{Session, planning};

/// What the button says, and what it does.
#[derive(Clone, Debug, PartialEq)]
pub struct Primary {
    pub label: &'static str,
    /// `None` while there is nothing to be done but wait.
    pub action: Option<Action>,
    /// How many cells it will paint; 0 where it paints none.
    pub n_cells: usize,
    /// The other things that may be meant.
    pub others: Vec<(&'static str, Action)>,
}

impl Session {
    /// What the button says now.
    #[must_use]
    pub fn primary(&self) -> Primary {
        let n_open = self.picture.cells.iter().filter(|it| it.code.is_none()).count();
        let of = |label, action, n_cells, others| Primary {
            label,
            action: Some(action),
            n_cells,
            others,
        };
        if self.facts.is_none() {
            let label = if self.is_model_lost { "No model" } else { "Loading the model…" };
            return Primary { label, action: None, n_cells: 0, others: Vec::new() };
        }
        if self.after_encoding.is_some() || self.is_judging() {
            return Primary { label: "Looking…", action: None, n_cells: 0, others: Vec::new() };
        }
        if let Some(painting) = self.painting.as_ref().filter(|it| !it.is_paused) {
            let stop = vec![("Stop", Action::Stop)];
            return if self.pending == self.picture.paint_settings {
                of("Pause", Action::Pause, 0, stop)
            } else {
                of("Steer", Action::Steer, painting.open.len(), stop)
            };
        }
        if !self.touched.is_empty() && self.touches_the_settled() {
            let rest = planning::later_cells(&self.picture, &self.touched).len();
            let others = vec![
                ("Only join the strokes", Action::JoinStrokes),
                ("Leave as is", Action::LeaveStrokes),
            ];
            return of("Let the rest follow", Action::FollowStrokes, rest, others);
        }
        let is_in_question =
            self.staged.as_ref().is_some_and(|it| it.is_current && it.n_selections == 0);
        if is_in_question && self.painting.is_none() {
            let others =
                vec![("Another take", Action::StagedTake), ("Discard", Action::DiscardTake)];
            return of("Accept", Action::AcceptTake, 0, others);
        }
        if self.picture.selection.is_some() && self.picture.has_settled_for_model() {
            let n_cells = self.selected_cells().len();
            let others = vec![
                ("Repaint, and let the rest follow", Action::RepaintSelection(Reach::Rest)),
                ("Deselect", Action::Deselect),
            ];
            let only = Action::RepaintSelection(Reach::Only);
            return of("Repaint selection", only, n_cells, others);
        }
        if let Some(painting) = &self.painting {
            let others = vec![("Stop", Action::Stop), ("Paint afresh", Action::Paint)];
            return of("Continue", Action::Continue, painting.open.len(), others);
        }
        if self.picture.is_finished() && !self.picture.is_wet() {
            return self.primary_when_finished();
        }
        if self.picture.has_settled_for_model() {
            return of("Continue", Action::Continue, n_open, vec![("Paint afresh", Action::Paint)]);
        }
        of("Paint", Action::Paint, n_open, Vec::new())
    }

    fn primary_when_finished(&self) -> Primary {
        let n_cells = self.picture.cells.len();
        if self.pending != self.picture.paint_settings {
            let action = Some(Action::Paint);
            return Primary { label: "Paint afresh", action, n_cells, others: Vec::new() };
        }
        let can_judge = self.facts.as_ref().is_some_and(|it| it.is_any_order);
        let second_look = ("Second look", Action::SECOND_LOOK);
        let others = can_judge.then_some(second_look).into_iter().collect();
        Primary { label: "Another take", action: Some(Action::AnotherTake), n_cells, others }
    }

    /// The cells that the button will paint, if it paints any: those to tint before it runs.
    #[must_use]
    pub fn about_to_change(&self) -> (Vec<crate::base::Cell>, Vec<crate::base::Cell>) {
        let Primary { action, .. } = self.primary();
        match action {
            Some(Action::FollowStrokes) => (
                Vec::new(),
                planning::later_cells(&self.picture, &self.touched).into_iter().collect(),
            ),
            Some(Action::RepaintSelection(_)) => {
                let cells = self.selected_cells().into_iter();
                (
                    cells.filter(|&it| planning::is_the_models(&self.picture, it)).collect(),
                    Vec::new(),
                )
            }
            _ => (Vec::new(), Vec::new()),
        }
    }

    /// Whether a stroke changed what the model has already painted, or read.
    fn touches_the_settled(&self) -> bool {
        self.painting.is_some()
            || planning::later_cells(&self.picture, &self.touched)
                .iter()
                .any(|&it| self.picture.state(it).code.is_some())
    }
}
