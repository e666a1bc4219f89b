//! The tool strip on the left.

use super::commands::CommandId;
use super::icons::{self, Icon};
use super::theme;
use super::ui_command::UiCommand;
use crate::studio::{Studio, StudioAction};
use crate::tools::Tool;

const TOOLS: &[(Tool, CommandId)] = &[
    (Tool::Brush, CommandId::Brush),
    (Tool::Eraser, CommandId::Eraser),
    (Tool::Rectangle, CommandId::Rectangle),
    (Tool::Lasso, CommandId::Lasso),
    (Tool::Wand, CommandId::Wand),
];

pub(super) fn toolbox_ui(ui: &mut egui::Ui, studio: &Studio, commands: &mut Vec<UiCommand>) {
    ui.spacing_mut().item_spacing.y = 4.0;
    ui.add_space(theme::GAP);
    for &(tool, id) in TOOLS {
        if tool == Tool::Rectangle {
            ui.separator();
        }
        let name = id.label_with_key(ui.ctx());
        if icons::button(ui, Icon::Tool(tool), &name, studio.prefs().tool == tool).clicked() {
            commands.push(id.into());
        }
    }
    ui.separator();
    ui.spacing_mut().interact_size.x = theme::TOOL_BUTTON;
    let mut brush = studio.prefs().brush;
    let colour = ui.color_edit_button_srgb(&mut brush.colour).on_hover_text("Brush colour");
    colour.widget_info(|| egui::WidgetInfo::labeled(egui::Role::ColorWell, true, "Brush colour"));
    if brush != studio.prefs().brush {
        commands.push(StudioAction::SetBrush(brush).into());
    }
}
