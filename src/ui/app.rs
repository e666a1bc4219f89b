//! The app: takes in news, draws the studio, and carries out the artist's commands.

mod files;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use egui::{CentralPanel, Panel, ViewportCommand};

use super::canvas::CanvasView;
use super::canvas_size::CanvasSize;
use super::clipboard::PictureClipboard;
use super::commands::{CommandId, Does, WindowCommand};
use super::dialogs::Dialogs;
use super::film_form::FilmForm;
use super::forms::{self, Form};
use super::layers::LayersView;
use super::models::{self, ModelCommand, ModelsView, Shown};
use super::new_picture::NewPicture;
use super::path_question::{PathFor, PathQuestion};
use super::recovery::RecoveryView;
use super::resize_picture::ResizePicture;
use super::tabs::Closing;
use super::ui_command::{CloseAnswer, UiCommand};
use super::{
    WindowOptions, commands, menus, notices, panels, prompt, recovery, suggestions, tabs, theme,
    timeline, toolbox,
};
use crate::base::DocumentId;
use crate::catalog::{BUILT_IN, Catalog, ModelManager, Places};
use crate::document::{BrushStyle, Sides};
use crate::engine::Load;
use crate::finish::Finishing;
use crate::render::CanvasResources;
use crate::settings::{self, Settings};
use crate::studio::{Action, Document, DocumentAction, Refusal, Studio, StudioAction, Wake};

/// News asks for a frame, but for no more of them than can be seen.
const FRAME_SECS: f32 = 1.0 / 60.0;

/// Where frames are drawn by the processor, painting needs it more.
const SOFTWARE_FRAME_SECS: f32 = 1.0 / 6.0;

/// When to look in again where something is still to be noted for the case of a crash.
const NOTING_SECS: f32 = 0.5;

/// How long leaving waits for a file that is being written.
const PATIENCE_AT_THE_END: Duration = Duration::from_secs(5);

/// A step of the brush keys.
const SIZE_STEP: f32 = 1.15;
const HARDNESS_STEP: f32 = 0.1;

/// The window's contents.
pub struct App {
    studio: Studio,
    canvas: CanvasView,
    layers_view: LayersView,
    dialogs: Dialogs,
    /// The small dialog that is open.
    form: Option<Form>,
    clipboard: PictureClipboard,
    model_manager: ModelManager,
    models_view: ModelsView,
    export_to: Option<PathBuf>,
    hides_panels: bool,
    shows_keys: bool,
    /// Which of the earlier prompts the box shows, counted from the newest.
    recalled: usize,
    title: String,
    was_typing: bool,
    /// What is to be answered before something is closed.
    closing: Option<Closing>,
    recovery_view: RecoveryView,
    may_quit: bool,
    /// Whether settings are kept for the next run.
    keeps_settings: bool,
}

impl App {
    /// # Errors
    /// Where the engine cannot be started, or there are no graphics.
    pub fn new(
        cc: &eframe::CreationContext<'_>,
        load: Load,
        options: WindowOptions,
    ) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        let gpu = cc.wgpu_render_state.as_ref().ok_or("There are no graphics to draw with")?;
        let canvas = CanvasResources::new(&gpu.device, gpu.target_format);
        gpu.renderer.write().callback_resources.insert(canvas);
        let adapter = gpu.adapter.get_info();
        log::info!("Graphics: {}", adapter.name);
        let is_software = adapter.device_type == wgpu::DeviceType::Cpu;
        let frame_secs = if is_software { SOFTWARE_FRAME_SECS } else { FRAME_SECS };
        let keeps_settings = options.settings.is_none();
        let given = options.settings.clone().map(|it| (it, None));
        let (settings, problem) = given.unwrap_or_else(Settings::load);
        let notices = [problem.map(|it| it.to_string()), options.notice.clone()];
        let mut app = Self::with_settings(&cc.egui_ctx, load, options, settings, frame_secs)?;
        for text in notices.into_iter().flatten() {
            app.studio.perform(StudioAction::Notify(text));
        }
        app.keeps_settings = keeps_settings;
        if keeps_settings
            && let Some(root) = settings::recovery_folder()
            && let Err(err) = app.studio.keep_journals(root)
        {
            log::warn!("A crash would lose what is painted: {err}");
        }
        Ok(app)
    }

    /// The same without graphics, for measurements and tests.
    ///
    /// # Errors
    /// Where the engine cannot be started.
    pub fn with_settings(
        ctx: &egui::Context,
        load: Load,
        options: WindowOptions,
        mut settings: Settings,
        frame_secs: f32,
    ) -> std::io::Result<Self> {
        theme::install(ctx);
        theme::choose(ctx, settings.is_light);
        let waker = ctx.clone();
        let wake: Wake = Arc::new(move || waker.request_repaint_after_secs(frame_secs));
        let places =
            options.places.unwrap_or_else(|| Places::from_env(settings::folder().as_deref()));
        let mut model_manager = ModelManager::new(Catalog::new(places), Arc::clone(&wake));
        model_manager.refresh();
        if let Some(choice) = &options.model {
            settings.hardware = choice.hardware;
        }
        let mut studio = Studio::start(load, settings, wake)?;
        studio.set_choice(options.model);
        for path in options.open {
            studio.perform(StudioAction::Open(path));
        }
        Ok(Self {
            studio,
            canvas: CanvasView::new(frame_secs),
            layers_view: LayersView::default(),
            dialogs: Dialogs::default(),
            form: None,
            clipboard: PictureClipboard::default(),
            model_manager,
            models_view: ModelsView::default(),
            export_to: options.export_to,
            hides_panels: false,
            shows_keys: false,
            recalled: 0,
            title: String::new(),
            was_typing: false,
            closing: None,
            recovery_view: RecoveryView::default(),
            may_quit: false,
            keeps_settings: false,
        })
    }

    #[must_use]
    pub fn studio(&self) -> &Studio {
        &self.studio
    }

    /// For tests and measurements, which have no hands.
    pub fn studio_mut(&mut self) -> &mut Studio {
        &mut self.studio
    }

    /// Takes in what has happened since the last frame.
    pub fn take_in(&mut self, ctx: &egui::Context) {
        self.studio.absorb_news();
        // Notices say all that is to be said here.
        drop(self.studio.take_events());
        self.ask_before_quitting(ctx);
        for text in self.model_manager.absorb_news() {
            self.studio.perform(StudioAction::Notify(text));
        }
        let is_comparing =
            ctx.input(|it| it.key_down(egui::Key::Backslash)) && !ctx.egui_wants_keyboard_input();
        self.canvas.refresh(&mut self.studio, is_comparing);
        self.name_window(ctx);
        if self.studio.has_unnoted() {
            ctx.request_repaint_after_secs(NOTING_SECS);
        }
    }

    /// Draws one frame, and then carries out the commands given in it.
    pub fn draw(&mut self, ui: &mut egui::Ui) {
        let mut asked = Vec::new();
        let ctx = ui.ctx().clone();
        // A question is answered before anything else; Escape leaves it.
        if self.closing.is_none() && self.form.is_none() {
            commands::pressed(&ctx, self.was_typing, &mut asked);
        }
        self.dialogs.answers(&mut asked);
        self.clipboard.answers(&mut asked);
        take_dropped(&ctx, &mut asked);

        let studio = &self.studio;
        let shown = Shown { model_manager: &self.model_manager, studio };
        Panel::top("menus").show(ui, |ui| menus::menus_ui(ui, &shown, &mut asked));
        Panel::top("prompt")
            .frame(egui::Frame::side_top_panel(ui.style()).inner_margin(theme::GAP))
            .show(ui, |ui| prompt::prompt_ui(ui, studio, &mut asked));
        tabs::tabs_ui(ui, studio, &mut asked);
        Panel::bottom("timeline")
            .exact_size(48.0)
            .resizable(false)
            .show(ui, |ui| timeline::timeline_ui(ui, studio, &mut asked));
        if !self.hides_panels {
            Panel::left("tools")
                .exact_size(theme::TOOL_BUTTON + 2.0 * theme::GAP)
                .resizable(false)
                .show(ui, |ui| toolbox::toolbox_ui(ui, studio, &mut asked));
            Panel::right("panels")
                .exact_size(theme::SIDE_WIDTH)
                .resizable(false)
                .show(ui, |ui| panels::panels_ui(ui, studio, &mut self.layers_view, &mut asked));
        }
        CentralPanel::no_frame().show(ui, |ui| {
            let area = self.canvas.canvas_ui(ui, studio, &mut asked);
            suggestions::suggestions_ui(ui, area, studio, &mut asked);
            notices::notices_ui(ui, area, studio, &mut asked);
            notices::staged_ui(ui, area, studio, &mut asked);
            notices::export_ui(ui, area, studio, &mut asked);
        });
        menus::keys_ui(&ctx, &mut self.shows_keys);
        models::window_ui(&ctx, &self.models_view, &shown, &mut asked);
        recovery::question_ui(&ctx, studio, &mut self.recovery_view, &mut asked);
        if let Some(closing) = self.closing {
            tabs::question_ui(&ctx, studio, closing, &mut asked);
        }
        forms::form_ui(&ctx, &mut self.form, studio, &mut asked);
        self.was_typing = ctx.egui_wants_keyboard_input();

        // The button means the prompt as it is after the letters typed in the same frame.
        asked.sort_by_key(|it| *it == UiCommand::Run(CommandId::Primary));

        // Only now does anything change: all panels of a frame have seen the same state.
        for command in asked {
            self.carry_out(command, &ctx);
        }
    }

    fn carry_out(&mut self, command: UiCommand, ctx: &egui::Context) {
        match command {
            UiCommand::Run(id) => self.run(id, ctx),
            UiCommand::Do(action) => self.studio.perform(action),
            UiCommand::OlderPrompt => self.recall(self.recalled + 1),
            UiCommand::NewerPrompt => self.recall(self.recalled.saturating_sub(1)),
            UiCommand::Close(id) => self.close(id),
            UiCommand::Answer(answer) => self.answer(answer, ctx),
            UiCommand::Model(command) => self.carry_out_with_model(command, ctx),
            UiCommand::AskPath(path_for) => self.ask_path(path_for),
            UiCommand::Export(options) => self.export(options, ctx),
            UiCommand::ExportFilm(options, format) => self.export_film(options, format, ctx),
            UiCommand::CopyFinished(finishing) => {
                self.clipboard.copy(ctx, self.studio.active().export(), finishing);
            }
        }
    }

    fn run(&mut self, id: CommandId, ctx: &egui::Context) {
        match id.does() {
            Does::Act(action) => self.studio.perform(action),
            Does::View(change) => self.canvas.change_view(change),
            Does::Window(command) => self.carry_out_in_window(command, ctx),
            Does::Layer(command) => {
                let picture = self.studio.active().picture();
                let action = match command.on(picture, picture.stack.active) {
                    Ok(action) => Action::from(DocumentAction::Layer(action)),
                    Err(why) => StudioAction::Notify(why.to_owned()).into(),
                };
                self.studio.perform(action);
            }
        }
    }

    fn carry_out_in_window(&mut self, command: WindowCommand, ctx: &egui::Context) {
        match command {
            WindowCommand::Primary => {
                let action = self.studio.primary().action;
                action.into_iter().for_each(|it| self.studio.perform(it));
            }
            WindowCommand::Escape => self.escape(),
            WindowCommand::WritePrompt => {
                prompt::put_cursor_behind(ctx, &self.studio);
                ctx.memory_mut(|it| it.request_focus(prompt::prompt_id(&self.studio)));
            }
            WindowCommand::WriteSelectionPrompt => {
                ctx.memory_mut(|it| it.request_focus(panels::selection_prompt_id(&self.studio)));
            }
            WindowCommand::NewPicture => {
                self.form = Some(Form::NewPicture(NewPicture::new(&self.studio)));
            }
            WindowCommand::CanvasSize => {
                self.form = Some(Form::CanvasSize(CanvasSize::new(&self.studio)));
            }
            WindowCommand::ResizePicture => {
                self.form = Some(Form::ResizePicture(ResizePicture::new(&self.studio)));
            }
            WindowCommand::CropToSelection => self.crop_to_selection(),
            WindowCommand::CopyPicture => {
                self.clipboard.copy(ctx, self.studio.active().export(), Finishing::NONE);
            }
            WindowCommand::PastePicture => self.clipboard.paste(ctx),
            WindowCommand::Close => self.close(self.studio.active().id()),
            WindowCommand::NextDocument => self.activate_beside(1),
            WindowCommand::PreviousDocument => self.activate_beside(-1),
            WindowCommand::Open => self.dialogs.open(ctx),
            WindowCommand::Save => self.save(ctx),
            WindowCommand::SaveAs => self.save_as(ctx),
            WindowCommand::Models => self.carry_out_with_model(ModelCommand::Toggle, ctx),
            WindowCommand::ExportAgain => self.export_again(),
            WindowCommand::Export => self.ask_how_to_export(),
            WindowCommand::CutOut => self.ask_what_to_cut_out(),
            WindowCommand::Film => self.form = Some(Form::Film(FilmForm::new(&self.studio))),
            WindowCommand::Quit => ctx.send_viewport_cmd(ViewportCommand::Close),
            WindowCommand::LargerBrush => self.set_brush_size(|it| it * SIZE_STEP),
            WindowCommand::SmallerBrush => self.set_brush_size(|it| it / SIZE_STEP),
            WindowCommand::HarderBrush => self.set_brush_hardness(HARDNESS_STEP),
            WindowCommand::SofterBrush => self.set_brush_hardness(-HARDNESS_STEP),
            WindowCommand::TogglePanels => self.toggle_panels(ctx),
            WindowCommand::ToggleOverlay => self.canvas.marks_artist = !self.canvas.marks_artist,
            WindowCommand::ToggleFollowing => {
                self.toggle(|it| it.follows_brush, StudioAction::FollowBrush);
            }
            WindowCommand::ToggleUnderpainting => {
                self.toggle(|it| it.underpaints, StudioAction::ShowUnderpainting);
            }
            WindowCommand::ToggleEntropy => {
                self.toggle(|it| it.shows_entropy, StudioAction::ShowEntropy);
            }
            WindowCommand::ToggleTheme => self.toggle_theme(ctx),
            WindowCommand::ToggleKeys => self.shows_keys = !self.shows_keys,
        }
    }

    fn toggle(&mut self, now: fn(&Settings) -> bool, action: fn(bool) -> StudioAction) {
        let is_wanted = !now(self.studio.prefs());
        self.studio.perform(action(is_wanted));
    }

    fn toggle_theme(&mut self, ctx: &egui::Context) {
        let prefs = self.studio.prefs_mut();
        prefs.is_light = !prefs.is_light;
        theme::choose(ctx, prefs.is_light);
    }

    fn toggle_panels(&mut self, ctx: &egui::Context) {
        self.hides_panels = !self.hides_panels;
        // To egui, Tab moves the focus; a focused control would swallow the keys of the tools.
        ctx.memory_mut(|it| it.move_focus(egui::FocusDirection::None));
    }

    /// Where there is no file dialog: says so, and asks in the window itself.
    fn ask_path(&mut self, path_for: PathFor) {
        let text = "The system has no file dialog to offer: it needs a desktop portal, or zenity";
        self.studio.perform(StudioAction::Notify(text.to_owned()));
        self.form = Some(Form::Path(PathQuestion::new(path_for)));
    }

    fn crop_to_selection(&mut self) {
        let picture = self.studio.active().picture();
        if let Some(mask) = &picture.selection {
            let inner = mask.bounds().intersection(picture.canvas);
            let sides = Sides::cropped(picture.canvas, inner);
            self.studio.perform(DocumentAction::Reframe(sides));
        }
    }

    /// Turns to the document that is so many tabs further.
    fn activate_beside(&mut self, by: isize) {
        let (documents, active) = (self.studio.documents(), self.studio.active().id());
        let idx = documents.iter().position(|it| it.id() == active).unwrap_or_default();
        let beside = (idx as isize + by).rem_euclid(documents.len() as isize) as usize;
        let id = documents[beside].id();
        self.studio.perform(StudioAction::Activate(id));
    }

    /// Closes a document, unless there is something in it that no file holds: then it is asked first.
    fn close(&mut self, id: DocumentId) {
        let is_modified = |it: &&Document| it.id() == id && it.is_modified();
        if self.studio.documents().iter().any(|it| is_modified(&it)) {
            self.closing = Some(Closing::Document(id));
        } else {
            self.studio.perform(StudioAction::Close(id));
        }
    }

    fn answer(&mut self, answer: CloseAnswer, ctx: &egui::Context) {
        let Some(closing) = self.closing.take() else { return };
        match (answer, closing) {
            (CloseAnswer::Keep, _) => (),
            (CloseAnswer::Save, Closing::Document(id)) => {
                self.studio.perform(StudioAction::Activate(id));
                self.save(ctx);
            }
            (CloseAnswer::Save, Closing::Program) => {
                let modified = self.studio.documents().iter().find(|it| it.is_modified());
                if let Some(id) = modified.map(Document::id) {
                    self.studio.perform(StudioAction::Activate(id));
                }
                self.save(ctx);
            }
            (CloseAnswer::CloseAnyway, Closing::Document(id)) => {
                self.studio.perform(StudioAction::Close(id));
            }
            (CloseAnswer::CloseAnyway, Closing::Program) => {
                self.may_quit = true;
                ctx.send_viewport_cmd(ViewportCommand::Close);
            }
        }
    }

    /// Where there is something that no file holds, it is asked before the window is closed.
    fn ask_before_quitting(&mut self, ctx: &egui::Context) {
        let is_asked = ctx.input(|it| it.viewport().close_requested());
        if is_asked && !self.may_quit && self.studio.export_percent().is_some() {
            ctx.send_viewport_cmd(ViewportCommand::CancelClose);
            let text = Refusal::StillFinishing.to_string();
            self.studio.perform(StudioAction::Notify(text));
            return;
        }
        if is_asked && !self.may_quit && self.studio.documents().iter().any(Document::is_modified) {
            ctx.send_viewport_cmd(ViewportCommand::CancelClose);
            self.closing = Some(Closing::Program);
        }
    }

    fn carry_out_with_model(&mut self, command: ModelCommand, ctx: &egui::Context) {
        if !matches!(command, ModelCommand::Ask(_)) {
            self.models_view.question = None;
        }
        match command {
            ModelCommand::Toggle => {
                self.models_view.is_open = !self.models_view.is_open;
                self.model_manager.refresh();
            }
            ModelCommand::Ask(question) => self.models_view.question = Some(question),
            ModelCommand::Dismiss => (),
            ModelCommand::Fetch(name) => self.model_manager.accept_and_fetch(&name),
            ModelCommand::Stop(name) => self.model_manager.stop(&name),
            ModelCommand::Verify(name) => self.model_manager.verify(&name),
            ModelCommand::Remove(name) => self.model_manager.remove(&name),
            ModelCommand::Use(name) => self.use_model(&name),
            ModelCommand::AddFile => self.dialogs.add_model(ctx, false),
            ModelCommand::AddFolder => self.dialogs.add_model(ctx, true),
            ModelCommand::Add(path) => self.model_manager.add(path),
            ModelCommand::Keep(precision) => self.studio.prefs_mut().precision = precision,
            ModelCommand::ComputeOn(hardware) => self.studio.prefs_mut().hardware = hardware,
        }
    }

    fn use_model(&mut self, name: &str) {
        let entry = self.model_manager.entry(name);
        let choice = entry.and_then(|it| models::choice(it, self.studio.prefs()));
        if let Some(choice) = choice {
            self.studio.perform(StudioAction::UseModel(choice));
        }
    }

    /// The nearest thing that can be left is left.
    fn escape(&mut self) {
        let studio = &self.studio;
        let action: Action = if self.shows_keys {
            self.shows_keys = false;
            return;
        } else if self.models_view.is_open {
            self.models_view.is_open = false;
            return;
        } else if !studio.tool_state().is_ready() {
            let pointer = crate::tools::Pointer::Cancel;
            StudioAction::Pointer { pointer, mode: crate::document::selection::Mode::Replace }
                .into()
        } else if studio.active().can_stop() {
            DocumentAction::Stop.into()
        } else if studio.active().staged().is_some() {
            DocumentAction::DiscardTake.into()
        } else {
            DocumentAction::Deselect.into()
        };
        self.studio.perform(action);
    }

    fn recall(&mut self, recalled: usize) {
        let prompts = &self.studio.prefs().prompts;
        self.recalled = recalled.min(prompts.len());
        let older = prompts.iter().rev().nth(self.recalled.wrapping_sub(1)).cloned();
        if let Some(prompt) = older {
            self.studio.perform(DocumentAction::SetPrompt(prompt));
        }
    }

    fn set_brush_size(&mut self, change: impl Fn(f32) -> f32) {
        let brush = self.studio.prefs().brush;
        let size = change(brush.size).clamp(1.0, 300.0);
        self.studio.perform(StudioAction::SetBrush(BrushStyle { size, ..brush }));
    }

    fn set_brush_hardness(&mut self, by: f32) {
        let brush = self.studio.prefs().brush;
        let hardness = (brush.hardness + by).clamp(0.0, 1.0);
        self.studio.perform(StudioAction::SetBrush(BrushStyle { hardness, ..brush }));
    }
}

impl eframe::App for App {
    fn logic(&mut self, ctx: &egui::Context, _frame: &mut eframe::Frame) {
        self.take_in(ctx);
    }

    fn ui(&mut self, ui: &mut egui::Ui, _frame: &mut eframe::Frame) {
        self.draw(ui);
    }

    fn on_exit(&mut self) {
        self.studio.stop_export();
        self.studio.finish_tasks(PATIENCE_AT_THE_END);
        self.studio.close_journals();
        if !self.keeps_settings {
            return;
        }
        let prompt = self.studio.active().pending().prompt.clone();
        let chosen = self.studio.choice().map(|it| it.name.clone());
        let prefs = self.studio.prefs_mut();
        prefs.prompt = prompt;
        prefs.model = chosen.filter(|it| it != BUILT_IN);
        if let Err(err) = prefs.save() {
            log::warn!("The settings of the next run are not those of this one: {err}");
        }
    }
}

/// Files dropped on the window.
fn take_dropped(ctx: &egui::Context, commands: &mut Vec<UiCommand>) {
    let dropped = ctx.input(|it| it.raw.dropped_files.clone());
    let paths = dropped.into_iter().map(|it| it.path().to_owned());
    commands.extend(paths.map(|path| StudioAction::Open(path).into()));
}
