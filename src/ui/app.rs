//! The app: takes in news, draws the studio, and carries out the artist's commands.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use egui::{CentralPanel, Panel, ViewportCommand};

use super::canvas::CanvasView;
use super::dialogs::Dialogs;
use super::models::{self, ModelCommand, ModelsView, Shown};
use super::ui_command::UiCommand;
use super::{
    WindowOptions, keys, menus, notices, panels, prompt, suggestions, theme, timeline, toolbox,
};
use crate::catalog::{BUILT_IN, Catalog, ModelManager, Places};
use crate::document::BrushStyle;
use crate::engine::Load;
use crate::render::CanvasResources;
use crate::settings::{self, Settings};
use crate::studio::{Action, DocumentAction, Studio, StudioAction, Wake};

/// News asks for a frame, but for no more of them than can be seen.
const FRAME_SECS: f32 = 1.0 / 60.0;

/// Where frames are drawn by the processor, painting needs it more.
const SOFTWARE_FRAME_SECS: f32 = 1.0 / 6.0;

/// How long leaving waits for a file that is being written.
const PATIENCE_AT_THE_END: Duration = Duration::from_secs(5);

/// A step of the brush keys.
const SIZE_STEP: f32 = 1.15;
const HARDNESS_STEP: f32 = 0.1;

/// The window's contents.
pub struct App {
    studio: Studio,
    canvas: CanvasView,
    dialogs: Dialogs,
    model_manager: ModelManager,
    models_view: ModelsView,
    export_to: Option<PathBuf>,
    hides_panels: bool,
    shows_keys: bool,
    /// Which of the earlier prompts the box shows, counted from the newest.
    recalled: usize,
    title: String,
    was_typing: bool,
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
        let (settings, problem) = Settings::load();
        let mut app = Self::with_settings(&cc.egui_ctx, load, options, settings, frame_secs)?;
        if let Some(problem) = problem {
            app.studio.perform(StudioAction::Notify(problem.to_string()));
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
        Ok(Self {
            studio,
            canvas: CanvasView::new(frame_secs),
            dialogs: Dialogs::default(),
            model_manager,
            models_view: ModelsView::default(),
            export_to: options.export_to,
            hides_panels: false,
            shows_keys: false,
            recalled: 0,
            title: String::new(),
            was_typing: false,
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
        for text in self.model_manager.absorb_news() {
            self.studio.perform(StudioAction::Notify(text));
        }
        let is_comparing =
            ctx.input(|it| it.key_down(egui::Key::Backslash)) && !ctx.egui_wants_keyboard_input();
        self.canvas.refresh(&mut self.studio, is_comparing);
        self.name_window(ctx);
    }

    /// Draws one frame, and then carries out the commands given in it.
    pub fn draw(&mut self, ui: &mut egui::Ui) {
        let mut commands = Vec::new();
        let ctx = ui.ctx().clone();
        keys::pressed(&ctx, self.was_typing, &mut commands);
        self.dialogs.answers(&mut commands);
        take_dropped(&ctx, &mut commands);

        let studio = &self.studio;
        let export_prompt = studio.prefs().export_prompt;
        let shown = Shown { model_manager: &self.model_manager, studio };
        Panel::top("menus")
            .show(ui, |ui| menus::menus_ui(ui, &shown, export_prompt, &mut commands));
        Panel::top("prompt")
            .frame(egui::Frame::side_top_panel(ui.style()).inner_margin(theme::GAP))
            .show(ui, |ui| prompt::prompt_ui(ui, studio, &mut commands));
        Panel::bottom("timeline")
            .exact_size(48.0)
            .resizable(false)
            .show(ui, |ui| timeline::timeline_ui(ui, studio, &mut commands));
        if !self.hides_panels {
            Panel::left("tools")
                .exact_size(theme::TOOL_BUTTON + 2.0 * theme::GAP)
                .resizable(false)
                .show(ui, |ui| toolbox::toolbox_ui(ui, studio, &mut commands));
            Panel::right("panels")
                .exact_size(theme::SIDE_WIDTH)
                .resizable(false)
                .show(ui, |ui| panels::panels_ui(ui, studio, &mut commands));
        }
        CentralPanel::no_frame().show(ui, |ui| {
            let area = self.canvas.canvas_ui(ui, studio, &mut commands);
            suggestions::suggestions_ui(ui, area, studio, &mut commands);
            notices::notice_ui(ui, area, studio, &mut commands);
            notices::staged_ui(ui, area, studio, &mut commands);
        });
        menus::keys_ui(&ctx, &mut self.shows_keys);
        models::window_ui(&ctx, &self.models_view, &shown, &mut commands);
        self.was_typing = ctx.egui_wants_keyboard_input();

        // The button means the prompt as it is after the letters typed in the same frame.
        commands.sort_by_key(|it| *it == UiCommand::Primary);

        // Only now does anything change: all panels of a frame have seen the same state.
        for command in commands {
            self.carry_out(command, &ctx);
        }
    }

    fn carry_out(&mut self, command: UiCommand, ctx: &egui::Context) {
        match command {
            UiCommand::Do(action) => self.studio.perform(action),
            UiCommand::Primary => {
                if let Some(action) = self.studio.primary().action {
                    self.studio.perform(action);
                }
            }
            UiCommand::Escape => self.escape(),
            UiCommand::FocusPrompt => {
                prompt::put_cursor_behind(ctx, &self.studio.active().pending().prompt);
                ctx.memory_mut(|it| it.request_focus(prompt::prompt_id()));
            }
            UiCommand::FocusSelectionPrompt => {
                ctx.memory_mut(|it| it.request_focus(panels::selection_prompt_id()));
            }
            UiCommand::OlderPrompt => self.recall(self.recalled + 1),
            UiCommand::NewerPrompt => self.recall(self.recalled.saturating_sub(1)),
            UiCommand::TogglePanels => {
                self.hides_panels = !self.hides_panels;
                // To egui, Tab moves the focus; a focused control would swallow the keys of the tools.
                ctx.memory_mut(|it| it.move_focus(egui::FocusDirection::None));
            }
            UiCommand::ToggleOverlay => self.canvas.marks_artist = !self.canvas.marks_artist,
            UiCommand::ToggleUnderpainting => {
                let is_wanted = !self.studio.prefs().underpaints;
                self.studio.perform(StudioAction::ShowUnderpainting(is_wanted));
            }
            UiCommand::ToggleFollowing => {
                let is_wanted = !self.studio.prefs().follows_brush;
                self.studio.perform(StudioAction::FollowBrush(is_wanted));
            }
            UiCommand::ToggleEntropy => {
                let is_wanted = !self.studio.prefs().shows_entropy;
                self.studio.perform(StudioAction::ShowEntropy(is_wanted));
            }
            UiCommand::ToggleTheme => {
                let prefs = self.studio.prefs_mut();
                prefs.is_light = !prefs.is_light;
                theme::choose(ctx, prefs.is_light);
            }
            UiCommand::ToggleKeys => self.shows_keys = !self.shows_keys,
            UiCommand::LargerBrush
            | UiCommand::SmallerBrush
            | UiCommand::HarderBrush
            | UiCommand::SofterBrush => self.step_brush(&command),
            UiCommand::ExportAs => {
                let name = file_name(&self.studio.active().picture().paint_settings.prompt);
                self.dialogs.export(ctx, &name, self.studio.prefs().export_prompt);
            }
            UiCommand::ExportAgain => self.export_again(ctx),
            UiCommand::ExportPrompt(is_on) => self.studio.prefs_mut().export_prompt = is_on,
            UiCommand::OpenFrom => self.dialogs.open(ctx),
            UiCommand::Model(command) => self.carry_out_with_model(command, ctx),
            UiCommand::Quit => ctx.send_viewport_cmd(ViewportCommand::Close),
            command => self.canvas.change_view(&command),
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
        } else if studio.active().is_painting() {
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

    /// One press of a brush key.
    fn step_brush(&mut self, command: &UiCommand) {
        let brush = self.studio.prefs().brush;
        let BrushStyle { size, hardness, .. } = brush;
        let changed = match command {
            UiCommand::LargerBrush => BrushStyle { size: (size * SIZE_STEP).min(300.0), ..brush },
            UiCommand::SmallerBrush => BrushStyle { size: (size / SIZE_STEP).max(1.0), ..brush },
            UiCommand::HarderBrush => {
                BrushStyle { hardness: (hardness + HARDNESS_STEP).min(1.0), ..brush }
            }
            UiCommand::SofterBrush => {
                BrushStyle { hardness: (hardness - HARDNESS_STEP).max(0.0), ..brush }
            }
            _ => return,
        };
        self.studio.perform(StudioAction::SetBrush(changed));
    }

    fn export_again(&mut self, ctx: &egui::Context) {
        let with_prompt = self.studio.prefs().export_prompt;
        match self
            .studio
            .active()
            .last_export()
            .map(ToOwned::to_owned)
            .or_else(|| self.export_to.clone())
        {
            Some(path) => self.studio.perform(StudioAction::Export { path, with_prompt }),
            None => self.carry_out(UiCommand::ExportAs, ctx),
        }
    }

    /// "143/256 · a lake at dusk – Alla Prima"
    fn name_window(&mut self, ctx: &egui::Context) {
        let prompt = &self.studio.active().picture().paint_settings.prompt;
        let state = match self.studio.active().progress() {
            Some((done, all, _)) if self.studio.active().is_paused() => {
                format!("Paused {done}/{all} · ")
            }
            Some((_, all, _)) => format!("Painting {all} cells · "),
            None => String::new(),
        };
        let title = format!("{state}{prompt} – Alla Prima");
        if title != self.title {
            ctx.send_viewport_cmd(ViewportCommand::Title(title.clone()));
            self.title = title;
        }
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
        self.studio.finish_tasks(PATIENCE_AT_THE_END);
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

/// The prompt as a file name.
fn file_name(prompt: &str) -> String {
    let safe = |it: char| if it.is_alphanumeric() { it } else { '-' };
    let name: String = prompt.chars().take(60).map(safe).collect();
    match name.trim_matches('-') {
        "" => "painting.png".to_owned(),
        name => format!("{name}.png"),
    }
}
