//! The tool strip on the left.

use super::icons::{self, Icon};
use super::ui_command::UiCommand;
use super::{keys, theme};
use crate::studio::{Studio, StudioAction};
use crate::tools::Tool;

const TOOLS: &[(Tool, &str)] = &[
    (Tool::Brush, "Brush"),
    (Tool::Eraser, "Eraser"),
    (Tool::Rectangle, "Rectangle selection"),
    (Tool::Lasso, "Lasso selection"),
    (Tool::Wand, "Meaning wand"),
];

pub(super) fn toolbox_ui(ui: &mut egui::Ui, studio: &Studio, commands: &mut Vec<UiCommand>) {
    ui.spacing_mut().item_spacing.y = 4.0;
    ui.add_space(theme::GAP);
    for &(tool, label) in TOOLS {
        if tool == Tool::Rectangle {
            ui.separator();
        }
        let name = keys::with_key(ui.ctx(), label);
        if icons::button(ui, Icon::Tool(tool), &name, studio.prefs().tool == tool).clicked() {
            commands.push(StudioAction::PickTool(tool).into());
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
