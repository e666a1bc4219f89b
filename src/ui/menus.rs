//! The menu bar: every command under its name, with its key.

use std::path::PathBuf;

use egui::Button;

use super::commands::CommandId;
use super::models::{self, Shown};
use super::ui_command::UiCommand;
use crate::document::Picture;
use crate::studio::StudioAction;

/// A command, or a line.
type Item = Option<CommandId>;

const LINE: Item = None;

const FILE: &[Item] = &[
    Some(CommandId::New),
    Some(CommandId::Open),
    Some(CommandId::Save),
    Some(CommandId::SaveAs),
    Some(CommandId::Close),
    LINE,
    Some(CommandId::Export),
    Some(CommandId::ExportAgain),
    Some(CommandId::Film),
    LINE,
    Some(CommandId::Models),
    LINE,
    Some(CommandId::Quit),
];
const EDIT: &[Item] = &[
    Some(CommandId::Undo),
    Some(CommandId::Redo),
    LINE,
    Some(CommandId::CopyPicture),
    Some(CommandId::PastePicture),
    LINE,
    Some(CommandId::SelectAll),
    Some(CommandId::Deselect),
    Some(CommandId::InvertSelection),
    Some(CommandId::GrowSelection),
    Some(CommandId::ShrinkSelection),
    LINE,
    Some(CommandId::Clear),
];
const LAYER: &[Item] = &[
    Some(CommandId::NewLayer),
    Some(CommandId::NewGroup),
    Some(CommandId::DuplicateLayer),
    Some(CommandId::MergeDown),
    Some(CommandId::DeleteLayer),
    LINE,
    Some(CommandId::GroupLayer),
    Some(CommandId::Ungroup),
    LINE,
    Some(CommandId::AddMask),
    Some(CommandId::InvertMask),
    Some(CommandId::ApplyMask),
    Some(CommandId::RemoveMask),
    Some(CommandId::ApplyFinish),
    Some(CommandId::CutOut),
    LINE,
    Some(CommandId::Flatten),
];
const PICTURE: &[Item] = &[
    Some(CommandId::New),
    LINE,
    Some(CommandId::CropToSelection),
    Some(CommandId::CanvasSize),
    Some(CommandId::ResizePicture),
    LINE,
    Some(CommandId::ExtendLeft),
    Some(CommandId::ExtendRight),
    Some(CommandId::ExtendAbove),
    Some(CommandId::ExtendBelow),
];
const PAINTING: &[Item] = &[
    Some(CommandId::Primary),
    Some(CommandId::StepCell),
    Some(CommandId::StepRow),
    Some(CommandId::SecondLook),
    Some(CommandId::ToggleFollowing),
    Some(CommandId::Escape),
    LINE,
    Some(CommandId::WritePrompt),
    Some(CommandId::WriteSelectionPrompt),
];
const VIEW: &[Item] = &[
    Some(CommandId::ZoomIn),
    Some(CommandId::ZoomOut),
    Some(CommandId::FitCanvas),
    Some(CommandId::ActualSize),
    LINE,
    Some(CommandId::TurnLeft),
    Some(CommandId::TurnRight),
    Some(CommandId::TurnUpright),
    Some(CommandId::Mirror),
    LINE,
    Some(CommandId::ToggleOverlay),
    Some(CommandId::ToggleUnderpainting),
    Some(CommandId::ToggleEntropy),
    Some(CommandId::TogglePanels),
    LINE,
    Some(CommandId::NextDocument),
    Some(CommandId::PreviousDocument),
    LINE,
    Some(CommandId::ToggleTheme),
];
const HELP: &[Item] = &[Some(CommandId::ToggleKeys)];

pub(super) fn menus_ui(ui: &mut egui::Ui, shown: &Shown<'_>, commands: &mut Vec<UiCommand>) {
    let picture = shown.studio.active().picture();
    egui::MenuBar::new().ui(ui, |ui| {
        ui.menu_button("File", |ui| {
            commands_ui(ui, FILE, picture, commands);
            recent_ui(ui, &shown.studio.prefs().recent, commands);
        });
        for (title, items) in [
            ("Edit", EDIT),
            ("Picture", PICTURE),
            ("Layer", LAYER),
            ("Painting", PAINTING),
            ("View", VIEW),
            ("Help", HELP),
        ] {
            ui.menu_button(title, |ui| commands_ui(ui, items, picture, commands));
        }

        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            models::menu_ui(ui, shown, commands);
        });
    });
}

/// Projects and pictures of late, the latest first.
fn recent_ui(ui: &mut egui::Ui, recent: &[PathBuf], commands: &mut Vec<UiCommand>) {
    ui.add_enabled_ui(!recent.is_empty(), |ui| {
        ui.menu_button("Open recent", |ui| {
            for path in recent.iter().rev() {
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                let entry = ui.button(name).on_hover_text(path.display().to_string());
                if entry.clicked() {
                    commands.push(StudioAction::Open(path.clone()).into());
                }
            }
        });
    });
}

fn commands_ui(
    ui: &mut egui::Ui,
    items: &[Item],
    picture: &Picture,
    commands: &mut Vec<UiCommand>,
) {
    for item in items {
        let Some(id) = *item else {
            ui.separator();
            continue;
        };
        let keys = id.keys_text(ui.ctx());
        let button = Button::new(id.label());
        let button = if keys.is_empty() { button } else { button.shortcut_text(keys) };
        let hindrance = id.hindrance(picture);
        let entry = ui.add_enabled(hindrance.is_none(), button);
        if entry.on_disabled_hover_text(hindrance.unwrap_or_default()).clicked() {
            commands.push(id.into());
        }
    }
}

/// All keys, on a sheet of their own.
pub(super) fn keys_ui(ctx: &egui::Context, is_open: &mut bool) {
    let window = egui::Window::new("All keys").open(is_open).collapsible(false).auto_sized();
    let window = window.pivot(egui::Align2::CENTER_CENTER).default_pos(ctx.content_rect().center());
    window.show(ctx, |ui| {
        ui.spacing_mut().interact_size.y = 18.0;
        egui::Grid::new("keys").num_columns(6).spacing([20.0, 4.0]).show(ui, |ui| {
            let with_keys = |it: &&CommandId| !it.keys_text(ui.ctx()).is_empty();
            let all: Vec<CommandId> = CommandId::ALL.iter().filter(with_keys).copied().collect();
            for row in all.chunks(3) {
                for id in row {
                    ui.weak(id.keys_text(ui.ctx()));
                    ui.label(id.label());
                }
                ui.end_row();
            }
        });
        ui.add_space(6.0);
        ui.weak("Space-drag or middle-drag pans · wheel zooms · Alt-click takes a colour · hold \\ to compare a take");
    });
}
