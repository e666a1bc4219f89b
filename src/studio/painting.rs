//! Paintings: how one is begun, steered, paused, and becomes one entry in the history.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::action::{Reach, Repaint};
use super::activity::{Activity, Painting, ShownPreview};
use super::document::Document;
use super::event::{Refusal, StudioEvent};
use super::planning;
use crate::base::{
    Cell, CellPlan, Code, EntryId, JobId, Mask, ModelId, PixelSource, Plan, Request,
};
use crate::document::{
    Author, CellState, Edit, ModelView, PaintSettings, Picture, Region, feathered,
};
use crate::engine::{Clock, Command, NewPainting, Run, Stats};

/// New pixels are blended into old ones over a quarter of a cell, inside of what may change.
const FEATHER_CELLS: f32 = 0.25;

/// Beside what was painted under another prompt something else appears, and the way from one to the other is longer.
const REGION_FEATHER_CELLS: f32 = 1.0;

impl Document {
    /// Before a painting that the artist begins: what is staged counts as accepted, and nothing more of what was asked for
    /// before comes after it.
    pub(super) fn begin(&mut self) {
        self.accept_take();
        self.forget_second_look();
        self.variations_left = 0;
    }

    fn needs_prompt(&self) -> Result<(), Refusal> {
        if self.pending.prompt.trim().is_empty() { Err(Refusal::NoPrompt) } else { Ok(()) }
    }

    /// A fresh painting.
    pub(super) fn paint(&mut self, variation_step: u32) -> Result<(), Refusal> {
        self.painter()?;
        self.needs_prompt()?;
        self.begin();
        let label = if variation_step == 0 { "Paint" } else { "Another take" };
        self.focus.clear();
        let open: BTreeSet<Cell> = self.models_cells(self.picture.grid.all().cells());
        self.start_painting(label, open.clone(), Run::On, |picture| {
            advance_variations(picture, &open, variation_step);
        })?;
        if let Some(painting) = self.activity.painting_mut() {
            painting.again.variation_step = variation_step;
        }
        Ok(())
    }

    /// Whether the painting under way has another prompt or other settings, or knows of less paint, than there is now.
    fn is_to_steer(&self) -> bool {
        let knows_less = |it: &Painting| it.revision != self.revision;
        self.activity
            .painting()
            .is_some_and(|it| knows_less(it) || self.pending != self.picture.paint_settings)
    }

    /// What is under way goes on as what it is, a take or a round among others; else a painting begins.
    pub(super) fn continue_painting(&mut self, run: Run) -> Result<(), Refusal> {
        self.painter()?;
        self.needs_prompt()?;
        if self.activity.painting().is_none() || self.is_to_steer() {
            self.begin();
        }
        if self.is_to_steer() {
            return self.start_painting("Steer", self.open_cells(), run, |_| ());
        }
        let to_resume = self.until_pause(run, self.open().map_or(0, BTreeSet::len));
        match &mut self.activity {
            Activity::Painting(painting) => {
                if painting.is_paused && to_resume != Run::Cells(0) {
                    // Said before the engine says so: what follows must not take it for paused.
                    painting.is_paused = false;
                    painting.clock.start();
                    self.commands.push(Command::Resume(painting.job, to_resume));
                }
                Ok(())
            }
            Activity::Idle | Activity::Following(_) | Activity::Judging(_) => {
                if self.picture.is_finished() && !self.picture.is_wet() {
                    return Ok(());
                }
                self.start_painting("Continue", BTreeSet::new(), run, |_| ())
            }
        }
    }

    /// Cut short where the painting under way is to pause by itself.
    fn until_pause(&self, run: Run, n_open: usize) -> Run {
        match (run, self.pause_at) {
            (Run::On, Some(at)) => Run::Cells(at.saturating_sub(self.picture.cells.len() - n_open)),
            (run, _) => run,
        }
    }

    pub(super) fn steer(&mut self) -> Result<(), Refusal> {
        self.painter()?;
        self.needs_prompt()?;
        self.begin();
        self.start_painting("Steer", self.open_cells(), Run::On, |_| ())
    }

    pub(super) fn pause(&mut self) {
        if let Some(painting) = self.activity.painting() {
            self.commands.push(Command::Pause(painting.job));
        }
    }

    pub(super) fn stop(&mut self) {
        self.stop_judging();
        self.forget_second_look();
        self.variations_left = 0;
        if let Some(painting) = self.activity.painting() {
            self.commands.push(Command::Stop(painting.job));
        }
    }

    pub(super) fn follow_strokes(&mut self) -> Result<(), Refusal> {
        self.begin();
        self.paint_rest()
    }

    /// Everything that comes after the strokes.
    pub(super) fn paint_rest(&mut self) -> Result<(), Refusal> {
        let facts = self.painter()?;
        let rest = planning::later_cells(&self.picture, &facts, &self.touched);
        self.paint_beside_strokes("Let the rest follow", rest)
    }

    pub(super) fn join_strokes(&mut self) -> Result<(), Refusal> {
        self.painter()?;
        self.begin();
        let around = planning::cells_around(&self.picture, &self.touched);
        self.paint_beside_strokes("Join the strokes", around)
    }

    /// Paints `cells`, and what was open before.
    fn paint_beside_strokes(&mut self, label: &str, cells: BTreeSet<Cell>) -> Result<(), Refusal> {
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
        })
    }

    pub(super) fn repaint_selection(&mut self, reach: Reach) -> Result<(), Refusal> {
        let prompt = self.selection_prompt().trim().to_owned();
        let prompt = (!prompt.is_empty()).then_some(prompt);
        // Without a prompt of its own, a selection is repainted because its noise did not please.
        let variation_step = u32::from(prompt.is_none());
        let cells = self.selected_cells();
        self.begin();
        self.repaint(Repaint { cells, prompt, reach, variation_step })
    }

    pub(super) fn repaint(&mut self, repaint: Repaint) -> Result<(), Refusal> {
        let facts = self.painter()?;
        let asked = repaint.clone();
        let Repaint { cells, prompt, reach, variation_step } = repaint;
        if cells.is_empty() {
            return Err(Refusal::NothingSelected);
        }
        if !cells.iter().all(|&it| self.picture.grid.all().contains(it)) {
            return Err(Refusal::OffCanvas);
        }
        let chosen = self.models_cells(cells);
        if chosen.is_empty() {
            return Err(Refusal::OnlyArtists);
        }
        let mut open: BTreeSet<Cell> =
            self.open_cells().into_iter().chain(chosen.clone()).collect();
        if reach == Reach::Rest {
            open.extend(planning::later_cells(&self.picture, &facts, &chosen));
        }
        self.focus = chosen.iter().copied().collect();
        let label = match &prompt {
            Some(prompt) => format!("Repaint: {prompt}"),
            None => "Repaint".to_owned(),
        };
        self.start_painting(&label, open, Run::On, |picture| {
            advance_variations(picture, &chosen, variation_step);
            if let Some(prompt) = prompt {
                let cells = chosen.into_iter().collect();
                picture.regions.retain(|it| it.cells != cells);
                let guidance = facts.region_guidance;
                picture.regions.push(Region { prompt, guidance, cells });
            }
        })?;
        if let Some(painting) = self.activity.painting_mut() {
            painting.again = asked;
        }
        Ok(())
    }

    /// Begins a painting of `open`, after `change` has been made. A painting under way makes room for
    /// it; what that one has settled is an entry of its own.
    pub(super) fn start_painting(
        &mut self,
        label: &str,
        open: BTreeSet<Cell>,
        run: Run,
        change: impl FnOnce(&mut Picture),
    ) -> Result<(), Refusal> {
        let facts = self.painter()?;
        self.adopt(&facts);
        self.count_unfinished();
        let was_finished =
            self.activity.painting().map_or(self.picture.is_finished(), |it| it.is_staged);
        self.close_entry();
        let before = self.picture_without_stroke();
        change(&mut self.picture);
        self.adopt_pending();
        self.note_painter(&facts.id, !open.is_empty());
        let request = planning::request(&self.picture, &facts, &open, &self.focus);
        let steps = request.plan.steps(request.seed);
        let open: BTreeSet<Cell> = steps.into_iter().map(|it| it.cell).collect();
        if planning::later_cells(&self.picture, &facts, &self.touched).is_subset(&open) {
            // This painting answers them.
            self.touched.clear();
        }
        let preview = self.take_preview();
        let codes = preview.as_ref().map(|it| it.codes.clone());
        let drafts = codes.unwrap_or_else(|| self.picture.codes());
        self.forget_outlook();
        let job = JobId::next();
        let again = Repaint {
            cells: open.iter().copied().collect(),
            prompt: None,
            reach: Reach::Only,
            variation_step: 0,
        };
        let run = self.until_pause(run, open.len());
        self.activity = Activity::Painting(Box::new(Painting {
            job,
            label: label.to_owned(),
            before,
            n_to_paint: open.len(),
            revision: self.revision,
            feather: self.feather(&request.plan, &open),
            again,
            open,
            is_paused: false,
            is_stopped: false,
            is_staged: was_finished,
            has_ghosts: drafts.iter().zip(&request.plan.cells).any(is_ghost),
            clock: Clock::started(),
            preview,
            second_look: None,
        }));
        let prompt = self.picture.paint_settings.prompt.clone();
        self.events.push(StudioEvent::Started { document: self.id(), prompt });
        self.send_painting(job, self.scale(&facts), request, drafts, run);
        Ok(())
    }

    /// Whose codes are in the picture from now on, and who has painted in it.
    fn note_painter(&mut self, model: &ModelId, paints: bool) {
        self.picture.codes_of = Some(model.clone());
        if paints && !self.picture.painters.iter().any(|it| it.is_same(model)) {
            self.picture.painters.push(model.clone());
        }
    }

    /// A painting that makes room for another one, or is let go of, counts as far as it came.
    fn count_unfinished(&mut self) {
        self.finished_stats += self.unfinished_stats();
    }

    /// What the painting under way took so far.
    pub(super) fn unfinished_stats(&self) -> Stats {
        self.activity.painting().map_or_else(Stats::default, |it| {
            let (n_settled, secs) = (it.n_to_paint - it.open.len(), it.clock.secs());
            Stats { n_settled, secs, ..Stats::default() }
        })
    }

    /// Has the engine carry a request out.
    pub(super) fn send_painting(
        &mut self,
        job: JobId,
        scale: u16,
        request: Request,
        drafts: Vec<Option<Code>>,
        run: Run,
    ) {
        let pixels: Option<Arc<dyn PixelSource>> = if request.plan.to_read().is_empty() {
            None
        } else {
            let cell_pixels = request.plan.grid.cell_pixels;
            Some(Arc::new(ModelView::new(self.picture_without_stroke(), cell_pixels)))
        };
        let document = self.id();
        let new = NewPainting { job, document, scale, request, pixels, drafts, run };
        self.commands.push(Command::Paint(Box::new(new)));
    }

    /// From now on the picture is painted under what the controls say.
    fn adopt_pending(&mut self) {
        self.picture.paint_settings =
            PaintSettings { prompt: self.pending.prompt.trim().to_owned(), ..self.pending.clone() };
        self.pending.prompt.clone_from(&self.picture.paint_settings.prompt);
    }

    /// How far each new pixel may replace the old one, where `open` cells border on kept ones.
    fn feather(&self, plan: &Plan, open: &BTreeSet<Cell>) -> Option<Mask> {
        let grid = self.picture.grid;
        // What was settled before, and is still wet, is looked at as what is to come: a painting may have been interrupted.
        let is_changing = |cell: &Cell| open.contains(cell) || self.picture.state(*cell).wet;
        let changing: BTreeSet<Cell> = grid.cells().filter(is_changing).collect();
        if changing.len() == grid.n_cells() {
            return None;
        }
        let may_change = |cell: Cell| changing.contains(&cell);
        let soft = |mask: Mask, cells: f32| feathered(&mask, cells * f32::from(grid.cell_pixels));
        let feather = soft(Mask::from_cells(grid, may_change), FEATHER_CELLS);
        let foreign = planning::foreign_neighbours(&self.picture, plan, &changing);
        let apart = Mask::from_cells(grid, |it| may_change(it) || !foreign.contains(&it));
        if foreign.is_empty() {
            Some(feather)
        } else {
            Some(feather.combined(&soft(apart, REGION_FEATHER_CELLS), u8::min))
        }
    }

    /// What the painting has changed so far becomes an entry of the history; `None` where it has
    /// changed nothing.
    pub(super) fn close_entry(&mut self) -> Option<EntryId> {
        self.activity.painting()?;
        let now = self.picture_without_stroke();
        let painting = self.activity.painting_mut()?;
        let inverse = Edit::back_to(&painting.before, &now);
        painting.before = now;
        Some(self.history.push_done(painting.label.clone(), inverse?))
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
        self.forget_second_look();
        self.variations_left = 0;
        if self.activity.painting().is_none() {
            return;
        }
        let now = self.picture_without_stroke();
        if let Some(painting) = self.activity.painting_mut() {
            painting.before = now;
        }
    }

    /// While the brush is down, its stroke belongs to no entry yet: it will be one of its own.
    pub(super) fn picture_without_stroke(&self) -> Picture {
        let mut picture = self.picture.clone();
        if let Some(drawing) = &self.drawing {
            drawing.take_out_of(&mut picture);
        }
        picture
    }

    /// The cells of a painting under way that are still to be settled.
    pub(super) fn open_cells(&self) -> BTreeSet<Cell> {
        self.open().cloned().unwrap_or_default()
    }

    fn models_cells(&self, cells: impl IntoIterator<Item = Cell>) -> BTreeSet<Cell> {
        cells.into_iter().filter(|&it| planning::is_the_models(&self.picture, it)).collect()
    }

    /// The cells of the selection; empty where nothing is selected.
    #[must_use]
    pub fn selected_cells(&self) -> Vec<Cell> {
        self.picture.selection.as_ref().map_or_else(Vec::new, |it| it.cells(self.picture.grid))
    }

    /// Lets go of whatever the document is busy with, without waiting for the engine; what is settled stays.
    pub(super) fn abandon_activity(&mut self) {
        match &self.activity {
            Activity::Painting(painting) => {
                self.commands.push(Command::Stop(painting.job));
                self.count_unfinished();
                self.reopen_unseen();
                self.close_entry();
                self.activity = Activity::Idle;
                self.last_cell = None;
                self.forget_outlook();
                self.events.push(StudioEvent::Stopped(self.id()));
            }
            Activity::Following(_) => self.end_following(),
            Activity::Judging(_) => self.activity = Activity::Idle,
            Activity::Idle => (),
        }
    }

    /// What was settled so lately that it has no pixels yet is open again: they would not come any more.
    pub(super) fn reopen_unseen(&mut self) {
        for cell in self.picture.grid.cells() {
            let CellState { author, variation, .. } = self.picture.state(cell);
            if author == Author::Model && !self.picture.is_covered(cell) {
                let idx = self.picture.grid.idx(cell);
                self.picture.cells[idx] = CellState { variation, ..CellState::default() };
            }
        }
    }

    /// The preview that is seen, with which a painting begins or goes on.
    fn take_preview(&mut self) -> Option<ShownPreview> {
        match std::mem::take(&mut self.activity) {
            Activity::Following(it) => Some(it.shown),
            Activity::Painting(it) => it.preview,
            Activity::Idle | Activity::Judging(_) => None,
        }
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
