//! The studio: open documents, the model that paints in them, and the talk with the engine.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::action::{Action, NewCanvas, StudioAction};
use super::document::Document;
use super::event::{Refusal, StudioEvent};
use super::exporting::Exporting;
use super::journal::Journals;
use super::model::{Choice, fits};
use super::outlook::{Outlook, Shows};
use super::planning;
use super::primary::Primary;
use super::tasks::BackgroundTasks;
use crate::base::{DocumentId, Grid, Order, PixelRect, Point, Sampling};
use crate::document::selection::Mode;
use crate::document::{BrushStyle, PaintSettings};
use crate::engine::{Command, Engine, Event, Guessing, Load};
use crate::model::Facts;
use crate::settings::Settings;
use crate::tools::{Gesture, Pointer, Tool, ToolState};

/// Asks for a frame.
pub type Wake = Arc<dyn Fn() + Send + Sync>;

/// Until a model says otherwise.
const FIRST_GRID: Grid = Grid { rows: 24, cols: 24, cell_pixels: 48 };

/// A frame's time for news: a hundredth of the time between two frames, within these bounds. What does not fit waits for
/// the next frame, and the engine for the window.
const MIN_NEWS_TIME: Duration = Duration::from_micros(100);
const MAX_NEWS_TIME: Duration = Duration::from_millis(4);

/// How long the engine may be silent though it has something to do, before the artist is told.
const MAX_SILENCE: Duration = Duration::from_secs(30);

/// Something that the artist should know.
#[derive(Clone, Debug, PartialEq)]
pub struct Notice {
    pub text: String,
    pub since: Instant,
}

/// What there is to paint with.
#[derive(Debug)]
pub(super) struct ModelState {
    pub(super) facts: Option<Arc<Facts>>,
    /// Whether it could not be loaded.
    pub(super) is_lost: bool,
    /// What to paint with, and what before, until its successor is there.
    pub(super) choice: Option<Choice>,
    pub(super) former_choice: Option<Choice>,
}

/// See the module.
pub struct Studio {
    pub(super) engine: Engine,
    pub(super) wake: Wake,
    pub(super) model: ModelState,
    /// In the order in which they were opened. Invariant: at least one.
    documents: Vec<Document>,
    /// Invariant: an index into `documents`.
    active: usize,
    n_untitled: usize,
    pub(super) prefs: Settings,
    pub(super) guessing: Guessing,
    tool_state: ToolState,
    pub(super) tasks: BackgroundTasks,
    pub(super) exporting: Option<Exporting>,
    /// Whether a thread is finishing a layer.
    pub(super) is_finishing_layer: bool,
    /// Whether a thread is at the moments of a recording.
    pub(super) is_looking_at_moments: bool,
    /// Kept of open documents, where it is wanted.
    pub(super) journals: Option<Journals>,
    /// Files to be opened when there is a model.
    pub(super) to_open: Vec<PathBuf>,
    /// When the window asked for news last.
    last_absorbed: Instant,
    /// Since when the engine has been silent, though it has something to do.
    silent_since: Option<Instant>,
    /// How long it may be.
    max_silence: Duration,
    events: Vec<StudioEvent>,
    notices: Vec<Notice>,
}

impl Studio {
    /// Opens a blank document, and starts the engine.
    ///
    /// # Errors
    /// Where the system has no thread to give.
    pub fn start(load: Load, prefs: Settings, wake: Wake) -> std::io::Result<Self> {
        let pending = PaintSettings {
            prompt: prefs.prompt.clone(),
            negative: String::new(),
            guidance: 1.0,
            sampling: Sampling::default(),
            seed: 1,
            order: Order::Rows,
        };
        let outlook = Outlook::new(shows(&prefs));
        let first = Document::new(untitled(1), FIRST_GRID, pending, outlook);
        let engine_wake = Arc::clone(&wake);
        Ok(Self {
            engine: Engine::start(load, move || engine_wake())?,
            wake,
            model: ModelState::new(),
            documents: vec![first],
            active: 0,
            n_untitled: 1,
            prefs,
            guessing: Guessing::Auto,
            tool_state: ToolState::default(),
            tasks: BackgroundTasks::default(),
            exporting: None,
            is_finishing_layer: false,
            is_looking_at_moments: false,
            journals: None,
            to_open: Vec::new(),
            last_absorbed: Instant::now(),
            silent_since: None,
            max_silence: MAX_SILENCE,
            events: Vec::new(),
            notices: Vec::new(),
        })
    }

    /// Carries an action out, or sets it going; never waits. What comes of it is an event, be it that it is refused.
    pub fn perform(&mut self, action: impl Into<Action>) {
        let done = match action.into() {
            Action::Document(action) => self.with_active(|it| it.perform(action)),
            Action::Studio(action) => self.perform_studio(action),
        };
        self.note(done);
    }

    pub(super) fn note(&mut self, done: Result<(), Refusal>) {
        if let Err(refusal) = done {
            self.emit(StudioEvent::Refused(refusal));
        }
    }

    fn perform_studio(&mut self, action: StudioAction) -> Result<(), Refusal> {
        match action {
            StudioAction::New => self.new_document(),
            StudioAction::NewCanvas(canvas) => self.new_canvas(canvas)?,
            StudioAction::Activate(id) => self.activate(id),
            StudioAction::Close(id) => self.close(id),
            StudioAction::Open(path) => self.open_file(path),
            StudioAction::Save { document, path } => self.save(document, path),
            StudioAction::Restore(idx) => self.restore(idx)?,
            StudioAction::DiscardRecovered(idx) => self.discard_recovered(idx),
            StudioAction::KeepRecovered => self.keep_recovered(),
            StudioAction::Export { document, path, options } => {
                self.export(document, path, options)?;
            }
            StudioAction::ExportFilm { document, path, options } => {
                self.export_film(document, path, options)?;
            }
            StudioAction::StopExport => self.stop_export(),
            StudioAction::UseModel(choice) => self.use_model(choice),
            StudioAction::SetPace(pace) => {
                self.prefs.pace = pace;
                self.engine.send(Command::Pace(pace));
            }
            StudioAction::FollowBrush(is_wanted) => self.prefs.follows_brush = is_wanted,
            StudioAction::ShowUnderpainting(is_wanted) => {
                self.prefs.underpaints = is_wanted;
                self.ask_outlook();
            }
            StudioAction::ShowEntropy(is_wanted) => {
                self.prefs.shows_entropy = is_wanted;
                self.ask_outlook();
            }
            StudioAction::PickTool(tool) => self.prefs.tool = tool,
            StudioAction::SetBrush(brush) => self.prefs.brush = brush,
            StudioAction::PickColour(pos) => self.pick_colour(pos),
            StudioAction::Pointer { pointer, mode } => self.point(pointer, mode)?,
            StudioAction::DismissNotice(idx) => {
                if idx < self.notices.len() {
                    self.notices.remove(idx);
                }
            }
            StudioAction::Notify(text) => self.emit(StudioEvent::Told(text)),
        }
        Ok(())
    }

    /// Where among the documents one is, if it is still open.
    fn position(&self, id: DocumentId) -> Option<usize> {
        self.documents.iter().position(|it| it.id() == id)
    }

    /// Does something with a document, if it is still open.
    pub(super) fn with(&mut self, id: DocumentId, deed: impl FnOnce(&mut Document)) {
        if let Some(idx) = self.position(id) {
            self.with_nth(idx, deed);
        }
    }

    pub(super) fn with_active<R>(&mut self, deed: impl FnOnce(&mut Document) -> R) -> R {
        self.with_nth(self.active, deed)
    }

    pub(super) fn with_each(&mut self, deed: impl Fn(&mut Document)) {
        (0..self.documents.len()).for_each(|idx| self.with_nth(idx, &deed));
    }

    /// Takes along what a document then asks of the engine, and what has happened to it.
    pub(super) fn with_nth<R>(&mut self, idx: usize, deed: impl FnOnce(&mut Document) -> R) -> R {
        let document = &mut self.documents[idx];
        let result = deed(document);
        document.note_moment();
        let (commands, events) =
            (std::mem::take(&mut document.commands), std::mem::take(&mut document.events));
        commands.into_iter().for_each(|it| self.engine.send(it));
        events.into_iter().for_each(|it| self.emit(it));
        result
    }

    /// A blank document beside the others: as large as the active picture, where the model can paint that.
    pub(super) fn new_document(&mut self) {
        let active = self.active();
        let own = self.model.facts.as_ref().map(|it| it.new_grid());
        let grid = if active.painter().is_ok() { Some(active.picture.grid) } else { own };
        let (pending, chosen) = (active.pending.clone(), active.chosen.clone());
        self.n_untitled += 1;
        let outlook = Outlook::new(shows(&self.prefs));
        let grid = grid.unwrap_or(FIRST_GRID);
        let mut document = Document::new(untitled(self.n_untitled), grid, pending, outlook);
        document.chosen = chosen;
        if let Some(facts) = &self.model.facts {
            document.begin_with(Arc::clone(facts));
        }
        self.documents.push(document);
        self.activate_nth(self.documents.len() - 1);
    }

    fn new_canvas(&mut self, new: NewCanvas) -> Result<(), Refusal> {
        let (grid, canvas) = self.planned(new)?;
        if !self.active().is_unused() {
            self.new_document();
        }
        self.with_active(|it| it.put_canvas(grid, canvas, new.background));
        Ok(())
    }

    /// The grid of a canvas to be, and where the canvas lies in it.
    ///
    /// # Errors
    /// Where the model cannot paint such a canvas, or there is none yet.
    pub fn planned(&self, new: NewCanvas) -> Result<(Grid, PixelRect), Refusal> {
        let facts = self.model.facts.as_ref().ok_or(Refusal::NoModelYet)?;
        let scale = new.scale.unwrap_or_else(|| match new.size {
            Some([width, height]) => planning::scale_for(width, height, facts).min(facts.new_scale),
            None => facts.new_scale,
        });
        let own = facts.grid.scaled(scale);
        let [width, height] = new.size.unwrap_or([own.width(), own.height()]);
        let (grid, canvas) =
            planning::canvas_for(width, height, scale, facts).ok_or(Refusal::NoSuchCanvas)?;
        if !fits(grid, facts) {
            let Grid { rows, cols, .. } = facts.grid;
            return Err(Refusal::OneSize { model: facts.name().to_owned(), rows, cols });
        }
        Ok((grid, canvas))
    }

    fn activate(&mut self, id: DocumentId) {
        if let Some(idx) = self.position(id) {
            self.activate_nth(idx);
        }
    }

    fn activate_nth(&mut self, idx: usize) {
        if idx != self.active {
            // What was drawn is drawn.
            let done = self.with_active(Document::end_stroke);
            self.note(done);
            self.tool_state = ToolState::default();
            self.active = idx;
        }
        self.with_active(Document::refresh_all);
    }

    /// The one beside it becomes the active one, if it was that.
    fn close(&mut self, id: DocumentId) {
        let Some(idx) = self.position(id) else { return };
        if self.documents.len() == 1 {
            self.new_document();
        } else if idx == self.active {
            self.activate_nth(if idx == 0 { 1 } else { idx - 1 });
        }
        self.documents.remove(idx);
        self.active -= usize::from(idx < self.active);
        self.engine.send(Command::Close(id));
        self.close_journal(id);
    }

    /// How far the model may guess ahead; changes how fast, never what it paints.
    pub fn set_guessing(&mut self, guessing: Guessing) {
        self.guessing = guessing;
        self.engine.send(Command::Guess(guessing));
    }

    pub(super) fn ask_outlook(&mut self) {
        let shows = shows(&self.prefs);
        self.with_each(|it| it.show_outlook(shows));
        self.engine.send(Command::Underpaint(shows.expected || shows.entropy));
    }

    fn pick_colour(&mut self, pos: Point) {
        let picture = self.active().picture();
        if picture.canvas.contains(pos) {
            let [red, green, blue, alpha] = picture.seen().at(pos.x as u32, pos.y as u32);
            if alpha != 0 {
                self.prefs.brush.colour = [red, green, blue];
            }
        }
    }

    fn point(&mut self, pointer: Pointer, mode: Mode) -> Result<(), Refusal> {
        let Some(gesture) = self.tool_state.handle(self.prefs.tool, pointer) else { return Ok(()) };
        let style = BrushStyle { erase: self.prefs.tool == Tool::Eraser, ..self.prefs.brush };
        let is_followed = self.prefs.follows_brush;
        self.with_active(|it| {
            match gesture {
                Gesture::StrokeBegun(pos) => it.begin_stroke(style, is_followed, pos)?,
                Gesture::StrokeExtended(pos) => it.extend_stroke(pos),
                Gesture::StrokeEnded => it.end_stroke()?,
                Gesture::StrokeCancelled => it.cancel_stroke(),
                Gesture::Selected(shape) => it.select(shape.mask(it.picture.grid), mode),
                Gesture::WandAt(pos) => it.select_label(pos, mode)?,
            }
            Ok(())
        })
    }

    /// Draws a whole stroke in the active document; for scripts.
    pub fn stroke(&mut self, style: BrushStyle, points: &[Point]) {
        let is_followed = self.prefs.follows_brush;
        let done = self.with_active(|it| it.draw_stroke(style, is_followed, points));
        self.note(done);
    }

    /// Takes in what has happened since; never waits.
    pub fn absorb_news(&mut self) {
        let begun = Instant::now();
        let since_last = begun.duration_since(self.last_absorbed);
        let time = (since_last / 100).clamp(MIN_NEWS_TIME, MAX_NEWS_TIME);
        self.last_absorbed = begun;
        while let Some(event) = self.engine.news() {
            self.absorb(event);
            if time < begun.elapsed() {
                (self.wake)();
                break;
            }
        }
        self.after_news();
    }

    /// Waits for one piece of news; for painting without a window. Returns whether there was one.
    pub fn wait_for_news(&mut self, timeout: Duration) -> bool {
        let event = self.engine.wait(timeout);
        let came = event.is_some();
        event.into_iter().for_each(|it| self.absorb(it));
        self.after_news();
        came
    }

    fn after_news(&mut self) {
        self.with_each(|it| {
            it.show_newest_preview();
            it.tell_what_was_drawn();
            it.read_at_rest();
        });
        self.absorb_tasks();
        self.look_at_moments();
        self.finish_layers();
        self.note_in_journals();
        self.watch_engine();
    }

    /// Says so, once, where the engine owes an answer and none comes.
    fn watch_engine(&mut self) {
        if !self.model.is_lost && self.engine.has_ended() {
            self.with_each(Document::part_with_model);
            (self.model.facts, self.model.is_lost) = (None, true);
            self.emit(StudioEvent::EngineFailed("its thread has ended".to_owned()));
        }
        let is_owed = self.model.facts.is_some() && self.documents.iter().any(Document::is_busy);
        if !is_owed {
            self.silent_since = None;
            return;
        }
        let since = *self.silent_since.get_or_insert_with(Instant::now);
        if self.max_silence < since.elapsed() {
            // Not again before as long a time has passed.
            self.silent_since = Some(Instant::now());
            self.emit(StudioEvent::ModelSilent);
        }
    }

    /// How long the engine may be silent though it has something to do, before the artist is told; for tests.
    pub const fn set_max_silence(&mut self, max_silence: Duration) {
        self.max_silence = max_silence;
    }

    fn absorb(&mut self, event: Event) {
        self.silent_since = None;
        let owner = match &event {
            Event::ModelReady { .. } | Event::ModelFailed(_) => None,
            Event::Started { job, .. }
            | Event::Read { job, .. }
            | Event::Settled { job, .. }
            | Event::Previewed { job }
            | Event::Pixels { job, .. }
            | Event::Expected { job, .. }
            | Event::Entropies { job, .. }
            | Event::Paused { job }
            | Event::Resumed { job }
            | Event::Ended { job, .. } => self.documents.iter().position(|it| it.has_job(*job)),
            Event::Encoded { ticket, .. }
            | Event::Judged { ticket, .. }
            | Event::Refused { ticket, .. } => {
                self.documents.iter().position(|it| it.has_ticket(*ticket))
            }
        };
        match event {
            Event::ModelReady { facts, seconds } => self.on_model_ready(facts, seconds),
            Event::ModelFailed(failure) => self.on_model_failed(failure),
            // What nobody waits for any more is news of something that was given up.
            event => {
                if let Some(idx) = owner {
                    self.with_nth(idx, |it| it.absorb(event));
                }
            }
        }
    }

    /// Something has happened: the artist is told, if that is worth it.
    pub(super) fn emit(&mut self, event: StudioEvent) {
        if let StudioEvent::Started { prompt, .. } = &event {
            self.prefs.prompts.retain(|it| it != prompt);
            self.prefs.prompts.push(prompt.clone());
        }
        if let Some(text) = event.notice() {
            self.notify(text);
        }
        self.events.push(event);
    }

    fn notify(&mut self, text: String) {
        log::info!("Notice: {text}");
        self.notices.push(Notice { text, since: Instant::now() });
    }

    /// What has happened since this was last asked.
    pub fn take_events(&mut self) -> Vec<StudioEvent> {
        std::mem::take(&mut self.events)
    }
}

const fn shows(prefs: &Settings) -> Shows {
    Shows { expected: prefs.underpaints, entropy: prefs.shows_entropy }
}

fn untitled(n: usize) -> String {
    format!("Untitled {n}")
}

/// What there is to see.
impl Studio {
    /// The document that is being worked on.
    #[must_use]
    pub fn active(&self) -> &Document {
        &self.documents[self.active]
    }

    /// In the order in which they were opened.
    #[must_use]
    pub fn documents(&self) -> &[Document] {
        &self.documents
    }

    /// The part of the active canvas that has changed since this was last asked.
    #[must_use]
    pub fn take_stale(&mut self) -> PixelRect {
        self.documents[self.active].take_stale()
    }

    #[must_use]
    pub fn facts(&self) -> Option<&Facts> {
        self.model.facts.as_deref()
    }

    #[must_use]
    pub const fn is_model_lost(&self) -> bool {
        self.model.is_lost
    }

    /// What the one button says now.
    #[must_use]
    pub fn primary(&self) -> Primary {
        if self.model.is_lost { Primary::nothing("No model") } else { self.active().primary() }
    }

    /// What is remembered between runs.
    #[must_use]
    pub const fn prefs(&self) -> &Settings {
        &self.prefs
    }

    /// For what no document and no model depends on.
    pub const fn prefs_mut(&mut self) -> &mut Settings {
        &mut self.prefs
    }

    #[must_use]
    pub const fn tool_state(&self) -> &ToolState {
        &self.tool_state
    }

    #[must_use]
    pub fn notices(&self) -> &[Notice] {
        &self.notices
    }
}
