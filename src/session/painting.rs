//! Paintings: how one is begun, steered, paused, and becomes one entry in the history.

use std::collections::BTreeSet;

use super::action::{Reach, Repaint};
use super::{Session, planning};
use crate::base::{Cell, CellPlan, Code, Mask, Plan};
use crate::document::{Author, CellState, Edit, PaintSettings, Picture, Region, feathered};
use crate::engine::{Clock, Command, JobId, Run};

/// New pixels are blended into old ones over a quarter of a cell, inside of what may change.
const FEATHER_CELLS: f32 = 0.25;

/// Beside what was painted under another prompt something else appears, and the way from one to the other is longer.
const REGION_FEATHER_CELLS: f32 = 1.0;

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
}

/// What a painting is to do, once the artist's strokes have been read.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Intent {
    Fresh { variation_step: u32 },
    Continue(Run),
    Steer,
    Follow,
    Join,
    Repaint(Repaint),
}

impl Session {
    /// Carries `intent` out, at once or as soon as the artist's strokes have been read.
    pub(super) fn intend(&mut self, intent: Intent) {
        if self.facts.is_none() {
            self.notify("The model is still being loaded");
            return;
        }
        if self.needs_codes() {
            // To go on means: with what waits already.
            if self.after_encoding.is_none() || !matches!(intent, Intent::Continue(_)) {
                self.after_encoding = Some(intent);
            }
            self.ask_for_codes();
            return;
        }
        let needs_prompt =
            matches!(intent, Intent::Fresh { .. } | Intent::Continue(_) | Intent::Steer);
        if needs_prompt && self.pending.prompt.trim().is_empty() {
            self.notify("Say in a few words what to paint, then press Paint");
            return;
        }
        match intent {
            Intent::Fresh { variation_step } => self.paint_afresh(variation_step),
            Intent::Continue(run) => self.resume(run),
            Intent::Steer => self.steer(Run::On),
            Intent::Follow => self.paint_rest(),
            Intent::Join => {
                let around = planning::cells_around(&self.picture, &self.touched);
                self.paint_cells("Join the strokes", around);
            }
            Intent::Repaint(repaint) => self.repaint(repaint),
        }
    }

    fn paint_afresh(&mut self, variation_step: u32) {
        let label = if variation_step == 0 { "Paint" } else { "Another take" };
        self.focus.clear();
        let open: BTreeSet<Cell> = self.models_cells(self.picture.grid.all().cells());
        self.start_painting(label, open.clone(), Run::On, |picture| {
            advance_variations(picture, &open, variation_step);
        });
        if let Some(painting) = &mut self.painting {
            painting.again.variation_step = variation_step;
        }
    }

    /// Whether the painting under way has another prompt or other settings, or knows of less paint, than there is now.
    pub(super) fn is_to_steer(&self) -> bool {
        let knows_less = |it: &Painting| it.revision != self.revision;
        self.painting
            .as_ref()
            .is_some_and(|it| knows_less(it) || self.pending != self.picture.paint_settings)
    }

    fn resume(&mut self, run: Run) {
        if self.is_to_steer() {
            self.steer(run);
            return;
        }
        let to_resume = self.until_pause(run);
        match &mut self.painting {
            Some(painting) if painting.is_paused && to_resume != Run::Cells(0) => {
                // Said before the engine says so: what follows must not take it for paused.
                painting.is_paused = false;
                painting.clock.start();
                self.engine.send(Command::Resume(to_resume));
            }
            Some(_) => (),
            None if self.picture.is_finished() && !self.picture.is_wet() => (),
            None => self.start_painting("Continue", BTreeSet::new(), run, |_| ()),
        }
    }

    /// Cut short where the painting under way is to pause by itself.
    fn until_pause(&self, run: Run) -> Run {
        match (run, self.pause_at) {
            (Run::On, Some(at)) => {
                let n_settled = self.picture.cells.len() - self.open_cells().len();
                Run::Cells(at.saturating_sub(n_settled))
            }
            (run, _) => run,
        }
    }

    fn steer(&mut self, run: Run) {
        let open = self.open_cells();
        self.start_painting("Steer", open, run, |_| ());
    }

    fn paint_rest(&mut self) {
        let rest = planning::later_cells(&self.picture, &self.touched);
        self.paint_cells("Let the rest follow", rest);
    }

    /// Paints `cells`, and what was open before.
    fn paint_cells(&mut self, label: &str, cells: BTreeSet<Cell>) {
        let touched = std::mem::take(&mut self.touched);
        self.focus = touched.iter().copied().collect();
        let open = cells.into_iter().chain(self.open_cells()).collect();
        self.start_painting(label, open, Run::On, |picture| {
            // What a stroke leaves open of its cells is shown as the model has read it, so that it joins
            // what is painted beside it.
            for cell in touched {
                let idx = picture.grid.idx(cell);
                picture.cells[idx].wet = true;
            }
        });
    }

    fn repaint(&mut self, repaint: Repaint) {
        let asked = repaint.clone();
        let Repaint { cells, prompt, reach, variation_step } = repaint;
        if cells.is_empty() {
            self.notify("Nothing is selected: select what to repaint first");
            return;
        }
        let chosen = self.models_cells(cells);
        if chosen.is_empty() {
            self.notify("These cells are yours: the model does not paint over your strokes");
            return;
        }
        let mut open: BTreeSet<Cell> =
            self.open_cells().into_iter().chain(chosen.clone()).collect();
        if reach == Reach::Rest {
            open.extend(planning::later_cells(&self.picture, &chosen));
        }
        self.focus = chosen.iter().copied().collect();
        let label = match &prompt {
            Some(prompt) => format!("Repaint: {prompt}"),
            None => "Repaint".to_owned(),
        };
        let guidance = self.facts.as_ref().map_or(1.0, |it| it.region_guidance);
        self.start_painting(&label, open, Run::On, |picture| {
            advance_variations(picture, &chosen, variation_step);
            if let Some(prompt) = prompt {
                let cells = chosen.into_iter().collect();
                picture.regions.retain(|it| it.cells != cells);
                picture.regions.push(Region { prompt, guidance, cells });
            }
        });
        if let Some(painting) = &mut self.painting {
            painting.again = asked;
        }
    }

    /// Begins a painting of `open`, after `change` has been made. A painting under way makes room for
    /// it; what that one has settled is an entry of its own.
    pub(super) fn start_painting(
        &mut self,
        label: &str,
        open: BTreeSet<Cell>,
        run: Run,
        change: impl FnOnce(&mut Picture),
    ) {
        let Some(facts) = &self.facts else { return };
        let model = facts.id.clone();
        let was_finished =
            self.painting.as_ref().map_or(self.picture.is_finished(), |it| it.is_staged);
        self.close_entry();
        let before = self.picture_without_stroke();
        change(&mut self.picture);
        self.adopt_pending();

        let request = planning::request(&self.picture, &model, &open, &self.focus);
        let open: BTreeSet<Cell> =
            request.plan.steps(request.seed).into_iter().map(|it| it.cell).collect();
        if planning::later_cells(&self.picture, &self.touched).is_subset(&open) {
            // This painting answers them.
            self.touched.clear();
        }
        let drafts = self.preview_codes().unwrap_or_else(|| self.picture.codes());
        self.forget_outlook();
        self.last_job += 1;
        let job = JobId(self.last_job);
        self.painting = Some(Painting {
            job,
            label: label.to_owned(),
            before,
            n_to_paint: open.len(),
            revision: self.revision,
            feather: self.feather(&request.plan, &open),
            again: Repaint {
                cells: open.iter().copied().collect(),
                prompt: None,
                reach: Reach::Only,
                variation_step: 0,
            },
            open,
            is_paused: false,
            is_staged: was_finished,
            has_ghosts: drafts.iter().zip(&request.plan.cells).any(is_ghost),
            clock: Clock::started(),
        });
        let run = self.until_pause(run);
        let request = Box::new(request);
        self.engine.send(Command::Paint { job, request, drafts, run });
    }

    /// From now on the picture is painted under what the controls say.
    fn adopt_pending(&mut self) {
        self.picture.paint_settings =
            PaintSettings { prompt: self.pending.prompt.trim().to_owned(), ..self.pending.clone() };
        self.pending.prompt.clone_from(&self.picture.paint_settings.prompt);
        self.remember_prompt();
    }

    /// How far each new pixel may replace the old one, where `open` cells border on kept ones.
    fn feather(&self, plan: &Plan, open: &BTreeSet<Cell>) -> Option<Mask> {
        let grid = self.picture.grid;
        let may_change = |cell: Cell| open.contains(&cell) || self.picture.state(cell).wet;
        if grid.cells().all(may_change) {
            return None;
        }
        let soft = |mask: Mask, cells: f32| feathered(&mask, cells * f32::from(grid.cell_pixels));
        let feather = soft(Mask::from_cells(grid, may_change), FEATHER_CELLS);
        let foreign = planning::foreign_neighbours(&self.picture, plan, open);
        let apart = Mask::from_cells(grid, |it| may_change(it) || !foreign.contains(&it));
        if foreign.is_empty() {
            Some(feather)
        } else {
            Some(feather.combined(&soft(apart, REGION_FEATHER_CELLS), u8::min))
        }
    }

    /// What the painting has changed so far becomes an entry of the history; `false` where it has
    /// changed nothing.
    pub(super) fn close_entry(&mut self) -> bool {
        let now = self.picture_without_stroke();
        let Some(painting) = &mut self.painting else { return false };
        let inverse = Edit::back_to(&painting.before, &now);
        painting.before = now;
        let is_changed = inverse.is_some();
        if let Some(inverse) = inverse {
            self.history.push_done(painting.label.clone(), inverse);
        }
        is_changed
    }

    /// Makes an edit of the artist's. A painting under way goes on.
    pub(super) fn edit(&mut self, label: &str, edit: Edit) {
        self.close_entry();
        self.history.perform(&mut self.picture, label, edit);
        self.edited();
    }

    /// After an edit of the artist's: what a painting changes from now on is its own affair.
    pub(super) fn edited(&mut self) {
        self.staged = None;
        (self.second_look, self.variations_left) = (None, 0);
        let now = self.picture_without_stroke();
        if let Some(painting) = &mut self.painting {
            painting.before = now;
        }
    }

    /// While the brush is down, its stroke belongs to no entry yet: it will be one of its own.
    pub(super) fn picture_without_stroke(&self) -> Picture {
        let mut picture = self.picture.clone();
        if let Some(stroke) = &self.drawing {
            picture.paint_layer = stroke.before().clone();
        }
        picture
    }

    /// The cells of a painting under way that are still to be settled.
    pub(super) fn open_cells(&self) -> BTreeSet<Cell> {
        self.painting.as_ref().map_or_else(BTreeSet::new, |it| it.open.clone())
    }

    fn models_cells(&self, cells: impl IntoIterator<Item = Cell>) -> BTreeSet<Cell> {
        cells.into_iter().filter(|&it| planning::is_the_models(&self.picture, it)).collect()
    }

    /// The cells of the selection; empty where nothing is selected.
    #[must_use]
    pub fn selected_cells(&self) -> Vec<Cell> {
        self.picture.selection.as_ref().map_or_else(Vec::new, |it| it.cells(self.picture.grid))
    }

    /// Lets go of a painting under way, without waiting for the engine; what is settled stays.
    pub(super) fn abandon_painting(&mut self) {
        self.after_encoding = None;
        if self.painting.is_some() {
            self.reopen_unseen();
            self.close_entry();
            self.painting = None;
            self.last_cell = None;
            self.forget_outlook();
            self.end_live();
            self.engine.send(Command::Stop);
        }
    }

    /// What was settled so lately that it has no pixels yet is open again: they would not come any more.
    fn reopen_unseen(&mut self) {
        for cell in self.picture.grid.cells() {
            let CellState { author, variation, .. } = self.picture.state(cell);
            if author == Author::Model && !self.picture.is_covered(cell) {
                let idx = self.picture.grid.idx(cell);
                self.picture.cells[idx] = CellState { variation, ..CellState::default() };
            }
        }
    }

    /// Everything on the canvas may have changed.
    pub(super) fn refresh_all(&mut self) {
        self.refresh(self.picture.grid.canvas());
    }
}

/// Whether a cell that is to be painted has been painted before.
fn is_ghost((draft, plan): (&Option<Code>, &CellPlan)) -> bool {
    draft.is_some() && *plan == CellPlan::Paint
}

/// Other noise for `cells`; the same again where `step` is 0.
pub(super) fn advance_variations(picture: &mut Picture, cells: &BTreeSet<Cell>, step: u32) {
    for &cell in cells {
        let idx = picture.grid.idx(cell);
        let CellState { variation, .. } = &mut picture.cells[idx];
        *variation = variation.wrapping_add(step);
    }
}
