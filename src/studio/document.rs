//! An open document: a picture, its history, and what it is busy with.
//!
//! A document holds no thread and no channel: what it asks of the engine, and what has happened to it, it lays down in
//! [`Document::commands`] and [`Document::events`], which the studio takes along.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use super::action::DocumentAction;
use super::activity::{Activity, Painting};
use super::brushwork::{Drawing, Reading};
use super::event::{Refusal, StudioEvent};
use super::layering::Dragged;
use super::model::fits;
use super::outlook::Outlook;
use super::planning;
use super::staging::Staged;
use crate::base::{
    Cell, DocumentId, EntryId, Grid, JobId, ModelId, Order, PixelRect, Pixmap, Sampling, Ticket,
};
use crate::document::{Edit, History, Layer, LayerKind, PaintSettings, Picture, Recording, Sides};
use crate::engine::{Command, Run, Stats};
use crate::model::Facts;

/// What the artist has set by hand: it outlives what suits the model.
#[derive(Clone, Debug, Default)]
pub(super) struct Chosen {
    pub(super) guidance: Option<f32>,
    pub(super) sampling: Option<Sampling>,
    pub(super) order: Option<Order>,
}

/// See the module.
pub struct Document {
    id: DocumentId,
    pub(super) name: String,
    /// Of the model, while there is one.
    pub(super) facts: Option<Arc<Facts>>,
    /// The model that was there last.
    pub(super) known_model: Option<ModelId>,
    pub(super) picture: Picture,
    pub(super) history: History,
    /// How it came about.
    pub(super) recording: Recording,
    /// Cells that the model has settled since the last moment of that, in their order.
    pub(super) settled: Vec<Cell>,

    /// What the controls say; the picture is painted under it from the next painting on.
    pub(super) pending: PaintSettings,
    pub(super) chosen: Chosen,
    selection_prompt: String,
    pub(super) pause_at: Option<usize>,

    pub(super) activity: Activity,
    pub(super) drawing: Option<Drawing>,
    pub(super) reading: Reading,
    pub(super) dragged: Dragged,
    pub(super) staged: Option<Staged>,
    /// Variations that are still to be painted beside those in question.
    pub(super) variations_left: u32,

    /// What the last edit was about: an order around the edit begins there.
    pub(super) focus: Vec<Cell>,
    /// The artist's cells that no painting has answered yet.
    pub(super) touched: BTreeSet<Cell>,
    /// Counts changes of what a painting depends on beside `pending`: the paint layer, prompts of regions.
    pub(super) revision: u64,

    pub(super) outlook: Outlook,
    pub(super) last_cell: Option<Cell>,
    pub(super) settled_at: Vec<Option<Instant>>,
    pub(super) last_stats: Option<Stats>,
    pub(super) finished_stats: Stats,
    pub(super) passes_so_far: usize,
    pub(super) cells_per_sec: Option<f32>,
    /// What the window has not shown yet.
    stale: PixelRect,

    pub(super) last_export: Option<PathBuf>,
    /// The project that it was opened from, or saved as.
    pub(super) file: Option<PathBuf>,
    /// The entry of the history up to which a file holds it.
    pub(super) kept: Option<EntryId>,
    /// The same of a project, or of what was opened: after a crash nothing of that is needed.
    pub(super) saved: Option<EntryId>,

    pub(super) commands: Vec<Command>,
    pub(super) events: Vec<StudioEvent>,
}

impl Document {
    /// A blank one.
    pub(super) fn new(name: String, grid: Grid, pending: PaintSettings, outlook: Outlook) -> Self {
        let picture = Picture::new(grid, pending.clone());
        Self {
            id: DocumentId::next(),
            name,
            facts: None,
            known_model: None,
            history: History::default(),
            recording: Recording::default(),
            settled: Vec::new(),
            pending,
            chosen: Chosen::default(),
            selection_prompt: String::new(),
            pause_at: None,
            activity: Activity::Idle,
            drawing: None,
            reading: Reading::default(),
            dragged: Dragged::default(),
            staged: None,
            variations_left: 0,
            focus: Vec::new(),
            touched: BTreeSet::new(),
            revision: 0,
            outlook,
            last_cell: None,
            settled_at: vec![None; picture.cells.len()],
            last_stats: None,
            finished_stats: Stats::default(),
            passes_so_far: 0,
            cells_per_sec: None,
            stale: grid.area(),
            last_export: None,
            file: None,
            kept: None,
            saved: None,
            commands: Vec::new(),
            events: Vec::new(),
            picture,
        }
    }

    /// Carries an action out, or sets it going.
    pub(super) fn perform(&mut self, action: DocumentAction) -> Result<(), Refusal> {
        match action {
            DocumentAction::Paint => self.paint(0)?,
            DocumentAction::AnotherTake => self.paint(1)?,
            DocumentAction::Pause => self.pause(),
            DocumentAction::Continue => self.continue_painting(Run::On)?,
            DocumentAction::Step(n_cells) => self.continue_painting(Run::Cells(n_cells))?,
            DocumentAction::StepRow => {
                self.continue_painting(Run::Cells(usize::from(self.picture.grid.cols)))?;
            }
            DocumentAction::PauseAt(at) => self.pause_at = at,
            DocumentAction::Stop => self.stop(),
            DocumentAction::Steer => self.steer()?,
            DocumentAction::FollowStrokes => self.follow_strokes()?,
            DocumentAction::JoinStrokes => self.join_strokes()?,
            DocumentAction::LeaveStrokes => self.touched.clear(),
            DocumentAction::Repaint(repaint) => {
                self.begin();
                self.repaint(repaint)?;
            }
            DocumentAction::RepaintSelection(reach) => self.repaint_selection(reach)?,
            DocumentAction::SecondLook { fraction, rounds } => {
                self.begin_second_look(fraction, rounds)?;
            }
            DocumentAction::Variations(n_variations) => self.paint_variations(n_variations)?,
            DocumentAction::SetPrompt(prompt) => self.pending.prompt = prompt,
            DocumentAction::SetNegative(prompt) => self.pending.negative = prompt,
            DocumentAction::SetSelectionPrompt(prompt) => self.selection_prompt = prompt,
            DocumentAction::SetGuidance(guidance) => {
                self.chosen.guidance = Some(guidance);
                self.pending.guidance = guidance;
            }
            DocumentAction::SetSampling(sampling) => {
                self.chosen.sampling = Some(sampling);
                self.pending.sampling = sampling;
            }
            DocumentAction::SetSeed(seed) => self.pending.seed = seed,
            DocumentAction::SetOrder(order) => {
                self.chosen.order = Some(order.clone());
                self.pending.order = order;
            }
            DocumentAction::RemoveRegion(idx) => self.remove_region(idx),
            DocumentAction::Layer(action) => self.perform_on_layers(action)?,
            DocumentAction::SelectAll => self.select_all(),
            DocumentAction::Deselect => self.deselect(),
            DocumentAction::InvertSelection => self.invert_selection(),
            DocumentAction::GrowSelection => self.grow_selection(),
            DocumentAction::ShrinkSelection => self.shrink_selection()?,
            DocumentAction::Undo => self.travel(History::undo),
            DocumentAction::Redo => self.redo(),
            DocumentAction::AcceptTake => self.accept_take(),
            DocumentAction::DiscardTake => self.discard_take(),
            DocumentAction::ShowTake(idx) => self.show_take(idx),
            DocumentAction::StagedTake => self.staged_take()?,
            DocumentAction::Clear => self.clear(),
            DocumentAction::Resize(size) => self.resize(size)?,
            DocumentAction::Reframe(sides) => self.reframe(sides)?,
        }
        Ok(())
    }

    /// The model, where it can paint this picture.
    pub(super) fn painter(&self) -> Result<Arc<Facts>, Refusal> {
        let facts = self.facts.as_ref().ok_or(Refusal::NoModelYet)?;
        if fits(self.picture.grid, facts) {
            return Ok(Arc::clone(facts));
        }
        let (width, height) = (facts.grid.width(), facts.grid.height());
        Err(Refusal::OtherSize { model: facts.name().to_owned(), width, height })
    }

    /// How many pixels of the canvas a pixel of the model's takes; 1 where the model cannot paint here.
    pub(super) fn scale(&self, facts: &Facts) -> u16 {
        self.picture.grid.scale_over(facts.grid).unwrap_or(1)
    }

    fn remove_region(&mut self, idx: usize) {
        let mut regions = self.picture.regions.clone();
        if idx < regions.len() {
            regions.remove(idx);
            self.edit("Remove a region's words", Edit::Regions(regions));
            self.revision += 1;
        }
    }

    /// Before the picture is exchanged for another one: nothing may go on in the old one.
    pub(super) fn put_all_down(&mut self) {
        self.abandon_activity();
        self.cancel_stroke();
    }

    /// Another canvas, in which nothing has been done yet.
    pub(super) fn put_canvas(
        &mut self,
        grid: Grid,
        canvas: PixelRect,
        background: Option<[u8; 3]>,
    ) {
        self.picture = Picture { canvas, ..Picture::new(grid, self.pending.clone()) };
        if let Some([red, green, blue]) = background {
            let pixels = Pixmap::filled(grid.width(), grid.height(), [red, green, blue, 255]);
            let layer = Layer::new("Background", LayerKind::Paint(pixels));
            self.picture.stack.layers.insert(0, layer);
        }
        self.touched.clear();
        self.after_time_travel();
    }

    fn clear(&mut self) {
        self.put_all_down();
        let before = self.picture.clone();
        let grid = match &self.facts {
            Some(facts) if !fits(self.picture.grid, facts) => facts.new_grid(),
            Some(_) | None => self.picture.grid,
        };
        self.picture = Picture::new(grid, self.pending.clone());
        self.record("Clear the canvas", &before);
        self.after_time_travel();
    }

    /// The same in another number of pixels.
    fn resize(&mut self, size: [u32; 2]) -> Result<(), Refusal> {
        let (grid, canvas) = self.planned_resize(size)?;
        self.put_all_down();
        let resized = self.picture.resized(grid, canvas);
        let before = std::mem::replace(&mut self.picture, resized);
        self.touched.clear();
        self.record("Resize the picture", &before);
        self.after_time_travel();
        Ok(())
    }

    /// A larger or smaller canvas.
    fn reframe(&mut self, sides: Sides) -> Result<(), Refusal> {
        let (rows, cols) = self.facts.as_ref().map_or((1, 1), |it| (it.grid.rows, it.grid.cols));
        let reframed = self.picture.reframed(sides, rows, cols).ok_or(Refusal::NoSuchCanvas)?;
        if let Some(facts) = self.facts.as_ref().filter(|it| !fits(reframed.grid, it)) {
            return Err(Refusal::OneSize { model: facts.name().to_owned(), rows, cols });
        }
        self.put_all_down();
        // Of what was being painted, too, what is settled stays.
        let reframed = self.picture.reframed(sides, rows, cols).ok_or(Refusal::NoSuchCanvas)?;
        let is_larger = 0 < sides.left.max(sides.top).max(sides.right).max(sides.bottom);
        let before = std::mem::replace(&mut self.picture, reframed);
        self.touched.clear();
        self.record(if is_larger { "Extend the canvas" } else { "Crop the canvas" }, &before);
        self.after_time_travel();
        Ok(())
    }

    /// What was changed since `before` becomes an entry of the history.
    pub(super) fn record(&mut self, label: &str, before: &Picture) {
        if let Some(inverse) = Edit::back_to(before, &self.picture) {
            self.history.push_done(label, inverse);
        }
        self.staged = None;
    }

    /// What is being painted is newer than anything that was undone, and is not to be stopped for nothing.
    fn redo(&mut self) {
        if !self.is_painting() && self.history.undone_labels().next().is_some() {
            self.travel(History::redo);
        }
    }

    pub(super) fn travel(&mut self, go: fn(&mut History, &mut Picture) -> Option<String>) {
        self.put_all_down();
        self.variations_left = 0;
        let before = self.picture.clone();
        let Some(label) = go(&mut self.history, &mut self.picture) else { return };
        log::info!("Back or forth: {label}");
        let history = &self.history;
        self.staged = self.staged.take().filter(|it| it.is_in(history));
        // A prompt that is still being written stays, unless the way back leads to another one.
        if self.picture.paint_settings != before.paint_settings {
            self.pending = self.picture.paint_settings.clone();
        }
        self.forget_what_was_asked();
        self.refresh(self.picture.unlike(&before));
    }

    /// After the picture has been exchanged for another state of it.
    pub(super) fn after_time_travel(&mut self) {
        self.forget_what_was_asked();
        self.refresh_all();
    }

    /// What the engine was asked about, and what it answered, was another picture's.
    fn forget_what_was_asked(&mut self) {
        self.settled_at = vec![None; self.picture.cells.len()];
        self.forget_outlook();
        let all = self.picture.grid.all();
        let picture = &self.picture;
        self.touched.retain(|&cell| all.contains(cell) && !planning::is_the_models(picture, cell));
        self.focus.retain(|&cell| all.contains(cell));
        self.revision += 1;
    }

    pub(super) fn refresh(&mut self, area: PixelRect) {
        self.stale = self.stale.union(area.intersection(self.picture.grid.area()));
    }

    /// Everything on the canvas may have changed.
    pub(super) fn refresh_all(&mut self) {
        self.refresh(self.picture.grid.area());
    }
}

/// What there is to see.
impl Document {
    #[must_use]
    pub const fn id(&self) -> DocumentId {
        self.id
    }

    /// For the tab: a file's, or "Untitled 2".
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether there is something in it that no file holds.
    #[must_use]
    pub fn is_modified(&self) -> bool {
        self.history.last() != self.kept || self.activity.painting().is_some()
    }

    #[must_use]
    pub const fn picture(&self) -> &Picture {
        &self.picture
    }

    /// The grid of the picture in another number of pixels, and where the canvas lies in it.
    ///
    /// # Errors
    /// Where the model cannot paint such a picture, or there is none yet.
    pub fn planned_resize(&self, [width, height]: [u32; 2]) -> Result<(Grid, PixelRect), Refusal> {
        let facts = self.facts.as_ref().ok_or(Refusal::NoModelYet)?;
        let scale = planning::scale_for(width, height, facts);
        planning::canvas_for(width, height, scale, facts)
            .filter(|(grid, _)| fits(*grid, facts))
            .ok_or(Refusal::NoSuchCanvas)
    }

    #[must_use]
    pub const fn history(&self) -> &History {
        &self.history
    }

    /// What the controls say.
    #[must_use]
    pub const fn pending(&self) -> &PaintSettings {
        &self.pending
    }

    #[must_use]
    pub fn selection_prompt(&self) -> &str {
        &self.selection_prompt
    }

    #[must_use]
    pub fn is_painting(&self) -> bool {
        self.activity.painting().is_some()
    }

    #[must_use]
    pub fn is_paused(&self) -> bool {
        self.activity.painting().is_some_and(|it| it.is_paused)
    }

    /// The cells still to be settled by the painting under way.
    #[must_use]
    pub fn open(&self) -> Option<&BTreeSet<Cell>> {
        self.activity.painting().map(|it| &it.open)
    }

    /// The cells that still show an older picture, and will be painted over.
    pub fn ghosts(&self) -> impl Iterator<Item = Cell> {
        let painting = self.activity.painting().filter(|it| it.has_ghosts);
        let open = painting.into_iter().flat_map(|it| it.open.iter().copied());
        open.filter(|&it| self.picture.state(it).code.is_some())
    }

    /// Cells settled of cells to settle, and seconds that the painting under way took until now, pauses left out.
    #[must_use]
    pub fn progress(&self) -> Option<(usize, usize, f32)> {
        let of = |it: &Painting| (it.n_to_paint - it.open.len(), it.n_to_paint, it.clock.secs());
        self.activity.painting().map(of)
    }

    /// Whether the model is still looking: it reads the artist's strokes, or judges the picture.
    #[must_use]
    pub fn is_looking(&self) -> bool {
        self.wants_reading() || self.activity.is_judging()
    }

    /// Whether something is under way that can be stopped.
    #[must_use]
    pub fn can_stop(&self) -> bool {
        self.is_painting() || self.activity.is_judging()
    }

    /// Whether something goes on for which the engine has to do its part.
    pub(super) fn is_busy(&self) -> bool {
        match &self.activity {
            Activity::Painting(it) => !it.is_paused,
            Activity::Judging(_) => true,
            Activity::Idle | Activity::Following(_) => false,
        }
    }

    /// How fast the last painting went.
    #[must_use]
    pub const fn cells_per_sec(&self) -> Option<f32> {
        self.cells_per_sec
    }

    /// What the last painting took.
    #[must_use]
    pub const fn last_stats(&self) -> Option<Stats> {
        self.last_stats
    }

    /// What all paintings took together since the document was opened.
    #[must_use]
    pub fn total_stats(&self) -> Stats {
        let mut stats = self.finished_stats;
        stats += self.unfinished_stats();
        stats
    }

    /// Forward passes of the painter since the document was opened.
    #[must_use]
    pub const fn passes_so_far(&self) -> usize {
        self.passes_so_far
    }

    /// The cell settled last by the painting under way.
    #[must_use]
    pub const fn last_cell(&self) -> Option<Cell> {
        self.last_cell
    }

    /// When each cell was settled, row by row.
    #[must_use]
    pub fn settled_at(&self) -> &[Option<Instant>] {
        &self.settled_at
    }

    #[must_use]
    pub const fn staged(&self) -> Option<&Staged> {
        self.staged.as_ref()
    }

    /// Where the picture was exported to last.
    #[must_use]
    pub fn last_export(&self) -> Option<&Path> {
        self.last_export.as_deref()
    }

    /// The project that it was opened from, or saved as.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// The part of the canvas that has changed since this was last asked.
    #[must_use]
    pub fn take_stale(&mut self) -> PixelRect {
        std::mem::take(&mut self.stale)
    }

    pub(super) fn has_job(&self, job: JobId) -> bool {
        let painting = self.activity.painting().is_some_and(|it| it.job == job);
        painting || self.activity.following().is_some_and(|it| it.job == job)
    }

    pub(super) fn has_ticket(&self, ticket: Ticket) -> bool {
        match &self.activity {
            Activity::Judging(it) if it.ticket == ticket => true,
            Activity::Idle
            | Activity::Painting(_)
            | Activity::Following(_)
            | Activity::Judging(_) => self.reading.is_asked(ticket),
        }
    }
}
