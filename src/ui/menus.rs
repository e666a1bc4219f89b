//! The menu bar: every command under its name, with its key.

use egui::Button;

use super::keys::{self, Command};
use super::models::{self, Shown};
use super::ui_command::UiCommand;

const FILE: &[&str] =
    &["New picture", "Open a picture…", "", "Export…", "Export again", "", "Models…", "", "Quit"];
const EDIT: &[&str] = &[
    "Undo",
    "Redo",
    "",
    "Select all",
    "Deselect",
    "Invert selection",
    "Grow selection",
    "Shrink selection",
];
const PICTURE: &[&str] = &[
    "Paint, pause, continue",
    "Paint one cell",
    "Paint one row",
    "Second look",
    "Follow the brush while it is down",
    "Stop, or leave what is going on",
    "",
    "Extend to the left",
    "Extend to the right",
    "Extend above",
    "Extend below",
    "",
    "Write the prompt",
    "Write words for the selection",
];
const VIEW: &[&str] = &[
    "Zoom in",
    "Zoom out",
    "Fit the canvas",
    "Zoom to 100 %",
    "",
    "Turn left",
    "Turn right",
    "Turn upright",
    "Mirror the view",
    "",
    "Mark your cells",
    "Show what is expected",
    "Show where the model is in doubt",
    "Hide or show panels",
];

pub(super) fn menus_ui(
    ui: &mut egui::Ui,
    shown: &Shown<'_>,
    export_prompt: bool,
    commands: &mut Vec<UiCommand>,
) {
    egui::MenuBar::new().ui(ui, |ui| {
        ui.menu_button("File", |ui| {
            commands_ui(ui, FILE, commands);
            ui.separator();
            let mut is_on = export_prompt;
            if ui.checkbox(&mut is_on, "Exports tell the prompt").changed() {
                commands.push(UiCommand::ExportPrompt(is_on));
            }
        });
        ui.menu_button("Edit", |ui| commands_ui(ui, EDIT, commands));
        ui.menu_button("Picture", |ui| commands_ui(ui, PICTURE, commands));
        ui.menu_button("View", |ui| {
            commands_ui(ui, VIEW, commands);
            if ui.button("Light or dark").clicked() {
                commands.push(UiCommand::ToggleTheme);
            }
        });
        ui.menu_button("Help", |ui| commands_ui(ui, &["All keys"], commands));

        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            models::menu_ui(ui, shown, commands);
        });
    });
}

/// An empty name is a line.
fn commands_ui(ui: &mut egui::Ui, labels: &[&str], commands: &mut Vec<UiCommand>) {
    for label in labels {
        if label.is_empty() {
            ui.separator();
            continue;
        }
        let command: &Command = keys::command(label);
        let button = Button::new(*label).shortcut_text(command.keys_text(ui.ctx()));
        if ui.add(button).clicked() {
            commands.push(command.ui_command());
        }
    }
}

/// All keys, on a sheet of their own.
pub(super) fn keys_ui(ctx: &egui::Context, is_open: &mut bool) {
    let window = egui::Window::new("All keys").open(is_open).collapsible(false).auto_sized();
    let window = window.pivot(egui::Align2::CENTER_CENTER).default_pos(ctx.content_rect().center());
    window.show(ctx, |ui| {
        egui::Grid::new("keys").num_columns(4).spacing([24.0, 4.0]).show(ui, |ui| {
            for pair in keys::COMMANDS.chunks(2) {
                for command in pair {
                    ui.weak(command.keys_text(ui.ctx()));
                    ui.label(command.label);
                }
                ui.end_row();
            }
        });
        ui.add_space(6.0);
        ui.weak("Space-drag or middle-drag pans · wheel zooms · Alt-click takes a colour · hold \\ to compare a take");
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_menu_entry_is_a_command() {
        for label in [FILE, EDIT, PICTURE, VIEW].concat().into_iter().filter(|it| !it.is_empty()) {
            assert_eq!(keys::command(label).label, label);
        }
    }
}
