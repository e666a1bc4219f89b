//! The Models window: what there is to paint with, what each takes, and how to get it; and the menu at the top
//! right that shows which one paints.

use std::path::PathBuf;

use egui::{Align, Align2, Frame, Layout, ScrollArea, vec2};

use super::commands::CommandId;
use super::icons::{self, Icon};
use super::ui_command::UiCommand;
use super::{model_card, model_question, theme};
use crate::base::{Hardware, Precision};
use crate::catalog::{ModelEntry, ModelManager, ModelState};
use crate::model::{Facts, hardware};
use crate::settings::Settings;
use crate::studio::{Choice, Studio};

/// Room for two cards side by side, in points.
pub(super) const CARD_WIDTH: f32 = 396.0;
pub(super) const CARD_HEIGHT: f32 = 128.0;
const LIST_HEIGHT: f32 = 540.0;

/// The arrow behind the name of the model.
const ARROW: f32 = 18.0;

/// What the artist wants of a model.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum ModelCommand {
    /// Open or close the window.
    Toggle,
    Ask(Question),
    /// Leave the question.
    Dismiss,
    Fetch(String),
    /// Stop what goes on with it; what has come of it is kept.
    Stop(String),
    Verify(String),
    Remove(String),
    Use(String),
    AddFile,
    AddFolder,
    Add(PathBuf),
    Keep(Precision),
    ComputeOn(Hardware),
}

impl From<ModelCommand> for UiCommand {
    fn from(command: ModelCommand) -> Self {
        Self::Model(command)
    }
}

/// What is asked before it is done.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Question {
    Licence(String),
    Remove(String),
    Use(String),
}

/// What of the window is open.
#[derive(Debug, Default)]
pub(super) struct ModelsView {
    pub(super) is_open: bool,
    pub(super) question: Option<Question>,
}

/// All that the window shows.
pub(super) struct Shown<'a> {
    pub(super) model_manager: &'a ModelManager,
    pub(super) studio: &'a Studio,
}

impl Shown<'_> {
    pub(super) fn is_in_use(&self, name: &str) -> bool {
        let Settings { precision, hardware, .. } = self.studio.prefs();
        self.studio.choice().is_some_and(|it| {
            let is_there = it.sources.is_none() || it.hardware == *hardware;
            it.name == name && it.precision == *precision && is_there
        })
    }
}

/// "Landscapes 3 ▾", with what is here to paint with below.
pub(super) fn menu_ui(ui: &mut egui::Ui, shown: &Shown<'_>, commands: &mut Vec<UiCommand>) {
    let studio = shown.studio;
    let name = match studio.facts() {
        Some(facts) => facts.name(),
        None if studio.is_model_lost() => "no model",
        None => "loading…",
    };
    ui.spacing_mut().button_padding.x = 1.4 * ARROW;
    let menu = ui.menu_button(name, |ui| {
        for entry in shown.model_manager.entries().iter().filter(|it| it.is_here()) {
            let is_in_use = shown.is_in_use(&entry.name);
            if ui.selectable_label(is_in_use, &entry.name).clicked() && !is_in_use {
                commands.push(ask_to_use(studio, &entry.name).into());
            }
        }
        ui.separator();
        let id = CommandId::Models;
        let all = egui::Button::new(id.label()).shortcut_text(id.keys_text(ui.ctx()));
        if ui.add(all).clicked() {
            commands.push(id.into());
        }
    });
    let place = menu.response.rect.right_center() - vec2(0.7 * ARROW, 0.0);
    let arrow = egui::Rect::from_center_size(place, vec2(ARROW, ARROW));
    icons::draw(ui.painter(), arrow, Icon::More, ui.visuals().text_color());
    let spoken = format!("Model: {name}");
    menu.response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, &spoken));
    let tip = "The model that paints; click for another one";
    menu.response.on_hover_text(match studio.facts() {
        Some(facts) => format!("{tip}\n\n{}", terms(facts)),
        None => tip.to_owned(),
    });
}

/// Licence, limits, and what it computes on, a line each.
pub(super) fn terms(facts: &Facts) -> String {
    let lines = [&facts.licence].into_iter().chain(&facts.limits);
    let lines: Vec<&str> = lines.map(String::as_str).collect();
    format!("{}\nComputes on {}", lines.join("\n"), facts.hardware)
}

/// A picture that would be lost is a reason to ask.
pub(super) fn ask_to_use(studio: &Studio, name: &str) -> ModelCommand {
    if studio.active().picture().is_blank() {
        ModelCommand::Use(name.to_owned())
    } else {
        ModelCommand::Ask(Question::Use(name.to_owned()))
    }
}

pub(super) fn window_ui(
    ctx: &egui::Context,
    view: &ModelsView,
    shown: &Shown<'_>,
    commands: &mut Vec<UiCommand>,
) {
    if view.is_open {
        let mut stays_open = true;
        egui::Window::new("Models")
            .open(&mut stays_open)
            .collapsible(false)
            .resizable(false)
            .frame(Frame::window(&ctx.global_style()).inner_margin(12))
            .pivot(Align2::CENTER_CENTER)
            .default_pos(ctx.content_rect().center())
            .show(ctx, |ui| {
                head_ui(ui, shown, commands);
                ui.add_space(theme::GAP);
                cards_ui(ui, shown, commands);
            });
        if !stays_open {
            commands.push(ModelCommand::Toggle.into());
        }
    }
    if let Some(question) = &view.question {
        model_question::question_ui(ctx, question, shown, commands);
    }
}

fn head_ui(ui: &mut egui::Ui, shown: &Shown<'_>, commands: &mut Vec<UiCommand>) {
    ui.set_width(2.0 * CARD_WIDTH + theme::GAP);
    ui.horizontal(|ui| {
        precision_ui(ui, shown.studio.prefs().precision, commands);
        hardware_ui(ui, shown.studio.prefs().hardware, commands);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let folder = ui.button("Add folder…");
            if folder.on_hover_text("A model in a folder on disk; nothing is copied").clicked() {
                commands.push(ModelCommand::AddFolder.into());
            }
            let file = ui.button("Add file…");
            if file.on_hover_text("A model in a file on disk; nothing is copied").clicked() {
                commands.push(ModelCommand::AddFile.into());
            }
        });
    });
}

fn precision_ui(ui: &mut egui::Ui, now: Precision, commands: &mut Vec<UiCommand>) {
    let label = ui.weak("Keep weights in");
    let mut precision = now;
    let choices = egui::ComboBox::from_id_salt("precision")
        .selected_text(precision_text(precision))
        .width(190.0)
        .show_ui(ui, |ui| {
            for it in Precision::ALL {
                ui.selectable_value(&mut precision, it, precision_text(it));
            }
        });
    let choices = choices.response.labelled_by(label.id);
    choices
        .on_hover_text("Fewer bits take less memory and paint faster; on a GPU, all but 32 are 16");
    if precision != now {
        commands.push(ModelCommand::Keep(precision).into());
    }
}

fn hardware_ui(ui: &mut egui::Ui, now: Hardware, commands: &mut Vec<UiCommand>) {
    let label = ui.weak("compute on");
    let mut chosen = now;
    let choices = egui::ComboBox::from_id_salt("hardware")
        .selected_text(hardware_text(chosen))
        .width(110.0)
        .show_ui(ui, |ui| {
            for it in Hardware::ALL {
                let choice = egui::Button::selectable(chosen == it, hardware_text(it));
                let choice = ui.add_enabled(hardware::is_built_in(it), choice);
                if choice.on_disabled_hover_text("The program was built without it").clicked() {
                    chosen = it;
                }
            }
        });
    let choices = choices.response.labelled_by(label.id);
    choices.on_hover_text("For published models; the built-in one computes on the processor");
    if chosen != now {
        commands.push(ModelCommand::ComputeOn(chosen).into());
    }
}

const fn hardware_text(hardware: Hardware) -> &'static str {
    match hardware {
        Hardware::Auto => "a GPU, if any",
        Hardware::Cpu => "the processor",
        Hardware::Cuda => "CUDA",
        Hardware::Metal => "Metal",
    }
}

const fn precision_text(precision: Precision) -> &'static str {
    match precision {
        Precision::F32 => "32 bits · exact",
        Precision::Q8 => "8 bits · as good as exact",
        Precision::Q6K => "6 bits · a little coarser",
        Precision::Q4K => "4 bits · fastest",
    }
}

fn cards_ui(ui: &mut egui::Ui, shown: &Shown<'_>, commands: &mut Vec<UiCommand>) {
    let height = LIST_HEIGHT.min(ui.ctx().content_rect().height() - 180.0);
    let list = ScrollArea::vertical().max_height(height).min_scrolled_height(height);
    list.auto_shrink([false, true]).show(ui, |ui| {
        if shown.model_manager.entries().is_empty() {
            ui.weak("Looking what is here…");
        }
        for pair in shown.model_manager.entries().chunks(2) {
            ui.horizontal(|ui| {
                pair.iter().for_each(|it| model_card::card_ui(ui, it, shown, commands));
            });
        }
    });
}

/// From the catalogue to the studio's choice; `None` where the model is not here.
pub(super) fn choice(entry: &ModelEntry, settings: &Settings) -> Option<Choice> {
    let &Settings { precision, hardware, .. } = settings;
    let sources = match &entry.state {
        ModelState::BuiltIn => None,
        ModelState::Here { sources, .. } => Some(sources.clone()),
        ModelState::Absent { .. } | ModelState::Lost(_) => return None,
    };
    Some(Choice { name: entry.name.clone(), sources, precision, hardware })
}
