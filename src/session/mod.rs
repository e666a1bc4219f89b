//! One open picture and its talk with the engine; no widgets. The one place where picture and engine meet.
//!
//! [`Session::perform`] carries out what the artist asks for, [`Session::absorb_news`] takes in what the
//! engine has to say. Both return at once.

mod action;
mod brushwork;
mod changing;
mod choosing;
mod exchange;
mod live;
mod news;
mod outlook;
mod painting;
mod planning;
mod primary;
mod second_look;
mod staging;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

pub use self::action::{Action, Reach, Repaint};
use self::brushwork::Encoding;
pub use self::changing::{Choice, load};
use self::exchange::BackgroundTasks;
use self::live::Live;
use self::outlook::Outlook;
use self::painting::{Intent, Painting};
pub use self::primary::Primary;
use self::second_look::SecondLook;
pub use self::staging::Staged;
use crate::base::{Cell, Grid, Order, PixelRect, Sampling};
use crate::document::{BrushStyle, Edit, History, PaintSettings, Picture, Sides, StrokeInProgress};
use crate::engine::{Command, Engine, Guessing, Load, Run, Stats};
use crate::model::Facts;
use crate::settings::Settings;
use crate::tools::{Tool, ToolState};

/// Asks for a frame.
pub type Wake = Arc<dyn Fn() + Send + Sync>;

/// Until a model says otherwise.
const FIRST_GRID: Grid = Grid { rows: 24, cols: 24, cell_pixels: 24 };

/// Something that the artist should know.
#[derive(Clone, Debug, PartialEq)]
pub struct Notice {
    pub text: String,
    pub since: Instant,
}

/// What the controls say until a model or the artist says otherwise.
fn first_pending(prompt: String) -> PaintSettings {
    PaintSettings {
        prompt,
        negative: String::new(),
        guidance: 1.0,
        sampling: Sampling::default(),
        seed: 1,
        order: Order::Rows,
    }
}

/// One open picture.
pub struct Session {
    engine: Engine,
    wake: Wake,
    facts: Option<Facts>,
    is_model_lost: bool,
    /// What to paint with, and what before, until its successor is there.
    choice: Option<Choice>,
    former_choice: Option<Choice>,
    /// Of the model whose codes the picture has, until another one is there.
    former_facts: Option<Facts>,

    picture: Picture,
    history: History,

    /// What the controls say; the picture is painted under it from the next painting on.
    pending: PaintSettings,
    chosen_guidance: Option<f32>,
    chosen_sampling: Option<Sampling>,
    chosen_order: Option<Order>,
    selection_prompt: String,
    prompt_history: Vec<String>,
    pace: Option<f32>,
    guessing: Guessing,

    painting: Option<Painting>,
    pause_at: Option<usize>,
    last_job: u64,
    last_cell: Option<Cell>,
    settled_at: Vec<Option<Instant>>,
    last_stats: Option<Stats>,
    passes_so_far: usize,
    cells_per_sec: Option<f32>,
    staged: Option<Staged>,
    second_look: Option<SecondLook>,
    /// Variations that are still to be painted beside those in question.
    variations_left: u32,
    outlook: Outlook,

    tool: Tool,
    tool_state: ToolState,
    brush: BrushStyle,
    drawing: Option<StrokeInProgress>,
    follows_brush: bool,
    live: Option<Live>,
    /// What the last edit was about: an order around the edit begins there.
    focus: Vec<Cell>,
    /// The artist's cells that no painting has answered yet.
    touched: BTreeSet<Cell>,
    /// Counts changes of what a painting depends on beside `pending`: the paint layer, prompts of regions.
    revision: u64,
    encoding: Option<Encoding>,
    last_ticket: u64,
    after_encoding: Option<Intent>,

    /// What the window has not shown yet.
    stale: PixelRect,
    /// When the window asked for news last.
    last_absorbed: Instant,
    mask_revision: u64,
    notices: Vec<Notice>,
    tasks: BackgroundTasks,
    last_export: Option<PathBuf>,
}

impl Session {
    /// Opens a blank picture, and starts the engine.
    ///
    /// # Errors
    /// Where the system has no thread to give.
    pub fn start(load: Load, settings: &Settings, wake: Wake) -> std::io::Result<Self> {
        let pending = first_pending(settings.prompt.clone());
        let picture = Picture::new(FIRST_GRID, pending.clone());
        let engine_wake = Arc::clone(&wake);
        let mut session = Self {
            engine: Engine::start(load, move || engine_wake())?,
            wake,
            facts: None,
            is_model_lost: false,
            choice: None,
            former_choice: None,
            former_facts: None,
            settled_at: vec![None; picture.cells.len()],
            stale: picture.grid.canvas(),
            last_absorbed: Instant::now(),
            picture,
            history: History::default(),
            pending,
            chosen_guidance: None,
            chosen_sampling: None,
            chosen_order: None,
            selection_prompt: String::new(),
            prompt_history: settings.prompts.clone(),
            pace: None,
            guessing: Guessing::Auto,
            painting: None,
            pause_at: None,
            last_job: 0,
            last_cell: None,
            last_stats: None,
            passes_so_far: 0,
            cells_per_sec: None,
            staged: None,
            second_look: None,
            variations_left: 0,
            outlook: Outlook::new(settings.underpaints),
            tool: settings.tool,
            tool_state: ToolState::default(),
            brush: settings.brush,
            drawing: None,
            follows_brush: settings.follows_brush,
            live: None,
            focus: Vec::new(),
            touched: BTreeSet::new(),
            revision: 0,
            encoding: None,
            last_ticket: 0,
            after_encoding: None,
            mask_revision: 0,
            notices: Vec::new(),
            tasks: BackgroundTasks::default(),
            last_export: None,
        };
        session.set_pace(settings.pace);
        Ok(session)
    }

    /// Carries an action out, or sets it going; never waits.
    pub fn perform(&mut self, action: Action) {
        match action {
            Action::Paint => self.begin(Intent::Fresh { variation_step: 0 }),
            Action::AnotherTake => self.begin(Intent::Fresh { variation_step: 1 }),
            Action::Pause => self.engine.send(Command::Pause),
            Action::Continue => self.continue_painting(Run::On),
            Action::Step(n_cells) => self.continue_painting(Run::Cells(n_cells)),
            Action::StepRow => self.step_row(),
            Action::PauseAt(at) => self.pause_at = at,
            Action::Stop => self.stop(),
            Action::Steer => self.begin(Intent::Steer),
            Action::FollowStrokes => self.begin(Intent::Follow),
            Action::JoinStrokes => self.begin(Intent::Join),
            Action::LeaveStrokes => self.touched.clear(),
            Action::Repaint(repaint) => self.begin(Intent::Repaint(repaint)),
            Action::RepaintSelection(reach) => self.repaint_selection(reach),
            Action::SecondLook { fraction, rounds } => self.begin_second_look(fraction, rounds),
            Action::Variations(n_variations) => self.paint_variations(n_variations),
            Action::SetPrompt(prompt) => self.pending.prompt = prompt,
            Action::SetNegative(prompt) => self.pending.negative = prompt,
            Action::SetSelectionPrompt(prompt) => self.selection_prompt = prompt,
            Action::SetGuidance(guidance) => self.set_guidance(guidance),
            Action::SetSampling(sampling) => self.set_sampling(sampling),
            Action::SetSeed(seed) => self.pending.seed = seed,
            Action::SetOrder(order) => {
                self.chosen_order = Some(order.clone());
                self.pending.order = order;
            }
            Action::SetPace(pace) => self.set_pace(pace),
            Action::FollowBrush(is_wanted) => self.follows_brush = is_wanted,
            Action::ShowUnderpainting(is_wanted) => self.show_underpainting(is_wanted),
            Action::ShowEntropy(is_wanted) => self.show_entropy(is_wanted),
            Action::RemoveRegion(idx) => self.remove_region(idx),
            Action::PickTool(tool) => self.tool = tool,
            Action::SetBrush(brush) => self.brush = brush,
            Action::PickColour(pos) => self.pick_colour(pos),
            Action::Pointer { pointer, mode } => self.point(pointer, mode),
            Action::SelectAll => self.select_all(),
            Action::Deselect => self.deselect(),
            Action::InvertSelection => self.invert_selection(),
            Action::GrowSelection => self.grow_selection(),
            Action::ShrinkSelection => self.shrink_selection(),
            Action::Undo => self.travel(History::undo, true),
            Action::Redo => self.travel(History::redo, false),
            Action::AcceptTake => self.accept_take(),
            Action::DiscardTake => self.discard_take(),
            Action::ShowTake(idx) => self.show_take(idx),
            Action::StagedTake => self.staged_take(),
            Action::NewPicture => self.new_picture(),
            Action::Extend(sides) => self.extend(sides),
            Action::Export { path, with_prompt } => self.export(path, with_prompt),
            Action::Open(path) => self.open_file(path),
            Action::DismissNotice => drop(self.notices.pop()),
            Action::Notify(text) => self.notify(text),
            Action::UseModel(choice) => self.use_model(choice),
        }
    }

    /// A painting that the artist begins: what is staged counts as accepted.
    fn begin(&mut self, intent: Intent) {
        self.accept_take();
        (self.second_look, self.variations_left) = (None, 0);
        self.intend(intent);
    }

    /// What is under way goes on as what it is, a take or a round among others; else a painting begins.
    fn continue_painting(&mut self, run: Run) {
        if self.painting.is_some() && !self.is_to_steer() {
            self.intend(Intent::Continue(run));
        } else {
            self.begin(Intent::Continue(run));
        }
    }

    fn step_row(&mut self) {
        self.continue_painting(Run::Cells(usize::from(self.picture.grid.cols)));
    }

    fn stop(&mut self) {
        self.after_encoding = None;
        (self.second_look, self.variations_left) = (None, 0);
        self.engine.send(Command::Stop);
    }

    fn repaint_selection(&mut self, reach: Reach) {
        let prompt = self.selection_prompt.trim().to_owned();
        let prompt = (!prompt.is_empty()).then_some(prompt);
        // Without a prompt of its own, a selection is repainted because its noise did not please.
        let variation_step = u32::from(prompt.is_none());
        let cells = self.selected_cells();
        self.begin(Intent::Repaint(Repaint { cells, prompt, reach, variation_step }));
    }

    fn remove_region(&mut self, idx: usize) {
        let mut regions = self.picture.regions.clone();
        if idx < regions.len() {
            regions.remove(idx);
            self.edit("Remove a region's words", Edit::Regions(regions));
            self.revision += 1;
        }
    }

    /// How far the model may guess ahead; changes how fast, never what it paints.
    pub fn set_guessing(&mut self, guessing: Guessing) {
        self.guessing = guessing;
        self.engine.send(Command::Guess(guessing));
    }

    fn set_guidance(&mut self, guidance: f32) {
        self.chosen_guidance = Some(guidance);
        self.pending.guidance = guidance;
    }

    fn set_sampling(&mut self, sampling: Sampling) {
        self.chosen_sampling = Some(sampling);
        self.pending.sampling = sampling;
    }

    fn set_pace(&mut self, pace: Option<f32>) {
        self.pace = pace;
        self.engine.send(Command::Pace(pace));
    }

    fn pick_colour(&mut self, pos: crate::base::Point) {
        if self.picture.grid.cell_at(pos).is_some() {
            let [red, green, blue, alpha] = self.picture.flattened_at(pos.x as u32, pos.y as u32);
            if alpha != 0 {
                self.brush.colour = [red, green, blue];
            }
        }
    }

    /// Before the picture is exchanged for another one: nothing may go on in the old one.
    fn put_all_down(&mut self) {
        self.second_look = None;
        self.abandon_painting();
        self.end_live();
        self.cancel_stroke();
        self.tool_state = ToolState::default();
    }

    fn new_picture(&mut self) {
        self.put_all_down();
        let before = self.picture.clone();
        self.picture = Picture::new(self.grid_for_new(), self.pending.clone());
        (self.picture.view_size, self.picture.reading_order) =
            (before.view_size, before.reading_order);
        self.record("New picture", &before);
        self.after_time_travel();
    }

    /// As large as the picture before, where the model can paint that.
    fn grid_for_new(&self) -> Grid {
        match &self.facts {
            Some(facts) if !changing::fits(self.picture.grid, facts) => facts.grid,
            _ => self.picture.grid,
        }
    }

    fn extend(&mut self, sides: Sides) {
        if let Some(facts) = self.facts.as_ref().filter(|it| !it.paints_larger) {
            let Grid { rows, cols, .. } = facts.grid;
            self.notify(format!("{} paints {rows} × {cols} cells and no other size", facts.name()));
            return;
        }
        self.put_all_down();
        match self.picture.extended(sides) {
            Some(extended) => {
                let before = std::mem::replace(&mut self.picture, extended);
                self.touched = BTreeSet::new();
                self.record("Extend the canvas", &before);
                self.after_time_travel();
            }
            None => self.notify(format!(
                "The canvas would be too large: at most {0} × {0} cells",
                Grid::MAX_SIDE
            )),
        }
    }

    /// What was changed since `before` becomes an entry of the history.
    fn record(&mut self, label: &str, before: &Picture) {
        if let Some(inverse) = Edit::back_to(before, &self.picture) {
            self.history.push_done(label, inverse);
        }
        self.staged = None;
    }

    fn travel(&mut self, go: fn(&mut History, &mut Picture) -> Option<String>, is_undo: bool) {
        self.put_all_down();
        self.variations_left = 0;
        let paint_settings = self.picture.paint_settings.clone();
        if let Some(label) = go(&mut self.history, &mut self.picture) {
            log::info!("{}: {label}", if is_undo { "Undid" } else { "Redid" });
            self.staged = self.staged.take().and_then(|it| it.after_travel(is_undo));
            // A prompt that is still being written stays, unless the way back leads to another one.
            if self.picture.paint_settings != paint_settings {
                self.pending = self.picture.paint_settings.clone();
            }
            self.after_time_travel();
        }
    }

    /// After the picture has been exchanged for an older or newer state of it.
    fn after_time_travel(&mut self) {
        self.settled_at = vec![None; self.picture.cells.len()];
        self.forget_outlook();
        self.touched.retain(|&cell| !planning::is_the_models(&self.picture, cell));
        let all = self.picture.grid.all();
        self.focus.retain(|&cell| all.contains(cell));
        self.revision += 1;
        self.mask_revision += 1;
        self.refresh_all();
        self.ask_for_codes();
    }

    fn forget_the_past(&mut self) {
        self.history = History::default();
        self.after_time_travel();
    }

    fn remember_prompt(&mut self) {
        let prompt = self.pending.prompt.clone();
        self.prompt_history.retain(|it| *it != prompt);
        self.prompt_history.push(prompt);
    }

    fn refresh(&mut self, area: PixelRect) {
        self.stale = self.stale.union(area.intersection(self.picture.grid.canvas()));
    }

    fn notify(&mut self, text: impl Into<String>) {
        let text = text.into();
        log::info!("Notice: {text}");
        self.notices.push(Notice { text, since: Instant::now() });
    }
}

/// What there is to see.
impl Session {
    #[must_use]
    pub fn facts(&self) -> Option<&Facts> {
        self.facts.as_ref()
    }

    #[must_use]
    pub fn is_model_lost(&self) -> bool {
        self.is_model_lost
    }

    #[must_use]
    pub fn picture(&self) -> &Picture {
        &self.picture
    }

    #[must_use]
    pub fn history(&self) -> &History {
        &self.history
    }

    /// What the controls say.
    #[must_use]
    pub fn pending(&self) -> &PaintSettings {
        &self.pending
    }

    #[must_use]
    pub fn selection_prompt(&self) -> &str {
        &self.selection_prompt
    }

    /// Prompts painted under, oldest first.
    #[must_use]
    pub fn prompt_history(&self) -> &[String] {
        &self.prompt_history
    }

    #[must_use]
    pub fn pace(&self) -> Option<f32> {
        self.pace
    }

    #[must_use]
    pub fn is_painting(&self) -> bool {
        self.painting.is_some()
    }

    #[must_use]
    pub fn is_paused(&self) -> bool {
        self.painting.as_ref().is_some_and(|it| it.is_paused)
    }

    /// The cells still to be settled by the painting under way.
    #[must_use]
    pub fn open(&self) -> Option<&BTreeSet<Cell>> {
        self.painting.as_ref().map(|it| &it.open)
    }

    /// The cells that still show an older picture, and will be painted over.
    pub fn ghosts(&self) -> impl Iterator<Item = Cell> {
        let painting = self.painting.iter().filter(|it| it.has_ghosts);
        let open = painting.flat_map(|it| it.open.iter().copied());
        open.filter(|&it| self.picture.state(it).code.is_some())
    }

    /// Cells settled of cells to settle, and seconds that the painting under way took until now, pauses left out.
    #[must_use]
    pub fn progress(&self) -> Option<(usize, usize, f32)> {
        self.painting
            .as_ref()
            .map(|it| (it.n_to_paint - it.open.len(), it.n_to_paint, it.clock.secs()))
    }

    /// Whether the model is still looking: it reads the artist's strokes, or judges the picture.
    #[must_use]
    pub fn is_looking(&self) -> bool {
        self.encoding.is_some() || self.after_encoding.is_some() || self.is_judging()
    }

    /// How fast the last painting went.
    #[must_use]
    pub fn cells_per_sec(&self) -> Option<f32> {
        self.cells_per_sec
    }

    /// What the last painting took.
    #[must_use]
    pub fn last_stats(&self) -> Option<Stats> {
        self.last_stats
    }

    /// Forward passes of the painter since the session began.
    #[must_use]
    pub fn passes_so_far(&self) -> usize {
        self.passes_so_far
    }

    /// The cell settled last by the painting under way.
    #[must_use]
    pub fn last_cell(&self) -> Option<Cell> {
        self.last_cell
    }

    /// When each cell was settled, row by row.
    #[must_use]
    pub fn settled_at(&self) -> &[Option<Instant>] {
        &self.settled_at
    }

    #[must_use]
    pub fn staged(&self) -> Option<&Staged> {
        self.staged.as_ref()
    }

    #[must_use]
    pub fn tool(&self) -> Tool {
        self.tool
    }

    #[must_use]
    pub fn tool_state(&self) -> &ToolState {
        &self.tool_state
    }

    #[must_use]
    pub fn brush(&self) -> BrushStyle {
        self.brush
    }

    #[must_use]
    pub fn notices(&self) -> &[Notice] {
        &self.notices
    }

    /// Where the picture was exported to last.
    #[must_use]
    pub fn last_export(&self) -> Option<&Path> {
        self.last_export.as_deref()
    }

    /// Counts changes of the selection.
    #[must_use]
    pub fn mask_revision(&self) -> u64 {
        self.mask_revision
    }

    /// The part of the canvas that has changed since this was last asked.
    #[must_use]
    pub fn take_stale(&mut self) -> PixelRect {
        std::mem::take(&mut self.stale)
    }
}
