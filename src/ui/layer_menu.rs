//! All that can be done to a layer, in a menu of its row.

use egui::{Button, Response};

use super::layer_command::LayerCommand;
use super::layer_row;
use super::layers::{LayersView, Renaming};
use super::ui_command::UiCommand;
use crate::document::{Layer, Picture};

/// In the order of the menu; between two groups there is a line.
const GROUPS: &[&[LayerCommand]] = &[
    &[
        LayerCommand::Add,
        LayerCommand::AddGroup,
        LayerCommand::Duplicate,
        LayerCommand::MergeDown,
        LayerCommand::Delete,
    ],
    &[LayerCommand::Group, LayerCommand::Ungroup],
    &[
        LayerCommand::AddMask,
        LayerCommand::InvertMask,
        LayerCommand::ApplyMask,
        LayerCommand::RemoveMask,
        LayerCommand::ApplyFinish,
    ],
    &[
        LayerCommand::ToggleVisible,
        LayerCommand::ToggleLock,
        LayerCommand::ToggleAlphaLock,
        LayerCommand::ToggleClip,
        LayerCommand::ToggleRead,
    ],
    &[LayerCommand::Flatten],
];

pub(super) fn context_menu_ui(
    row: &Response,
    layer: &Layer,
    picture: &Picture,
    view: &mut LayersView,
    commands: &mut Vec<UiCommand>,
) {
    row.context_menu(|ui| {
        ui.spacing_mut().item_spacing.y = 1.0;
        ui.spacing_mut().interact_size.y = 23.0;
        if ui.button("Rename").clicked() {
            view.renaming = Some(Renaming::of(layer));
        }
        for group in GROUPS {
            ui.separator();
            for &command in *group {
                entry_ui(ui, command, layer, picture, commands);
            }
        }
    });
}

fn entry_ui(
    ui: &mut egui::Ui,
    command: LayerCommand,
    layer: &Layer,
    picture: &Picture,
    commands: &mut Vec<UiCommand>,
) {
    let hindrance = command.on(picture, layer.id).err();
    let response = match command.is_on(layer) {
        Some(mut is_on) => {
            let toggle = egui::Checkbox::new(&mut is_on, command.label());
            ui.add_enabled(hindrance.is_none(), toggle)
        }
        None => ui.add_enabled(hindrance.is_none(), Button::new(command.label())),
    };
    if response.on_disabled_hover_text(hindrance.unwrap_or_default()).clicked() {
        layer_row::run(command, picture, layer.id, commands);
        ui.close();
    }
}
