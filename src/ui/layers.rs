//! The layers panel: how the active layer is laid on what lies below it, all layers with the topmost first, and what can
//! be done to them.

use std::collections::BTreeSet;

use egui::{DragAndDrop, Rect, ScrollArea, Slider, StrokeKind, pos2, vec2};

use super::icons::{self, Icon};
use super::layer_command::LayerCommand;
use super::layer_icons::LayerIcon;
use super::layer_row::{self, ROW_HEIGHT};
use super::layer_rows::{self, Mark, Row};
use super::thumbnails::Thumbnails;
use super::ui_command::UiCommand;
use super::{panels, theme};
use crate::base::LayerId;
use crate::compose::BlendMode;
use crate::document::{Layer, LayerChange, LayerFinish, LayerKind, Picture};
use crate::finish::Style;
use crate::studio::{DocumentAction, LayerAction, Studio};

/// Rows that are seen at once.
const MAX_ROWS: f32 = 6.5;

const BUTTON: f32 = 28.0;

/// So close to an edge the list is moved on while a layer is dragged, by so much in a frame.
const EDGE: f32 = 14.0;
const EDGE_STEP: f32 = 5.0;

/// The modes as painters know them, those of a kind together.
const MODES: &[&[BlendMode]] = &[
    &[BlendMode::Normal],
    &[BlendMode::Multiply, BlendMode::Darken, BlendMode::ColorBurn],
    &[BlendMode::Screen, BlendMode::Lighten, BlendMode::ColorDodge, BlendMode::Plus],
    &[BlendMode::Overlay, BlendMode::SoftLight, BlendMode::HardLight, BlendMode::Difference],
    &[BlendMode::Hue, BlendMode::Saturation, BlendMode::Color, BlendMode::Luminosity],
    &[
        BlendMode::SourceAtop,
        BlendMode::DestinationIn,
        BlendMode::DestinationOut,
        BlendMode::DestinationAtop,
    ],
];

/// What of the panel no document knows of.
#[derive(Default)]
pub(super) struct LayersView {
    /// Groups of which only the name is shown.
    pub(super) folded: BTreeSet<LayerId>,
    pub(super) renaming: Option<Renaming>,
    pub(super) thumbnails: Thumbnails,
}

/// A name that is being changed.
pub(super) struct Renaming {
    pub(super) layer: LayerId,
    pub(super) name: String,
    /// Whether its field has not been seen yet.
    pub(super) is_new: bool,
}

impl Renaming {
    pub(super) fn of(layer: &Layer) -> Self {
        Self { layer: layer.id, name: layer.name.clone(), is_new: true }
    }
}

/// A layer under the pointer.
pub(super) struct Dragged(pub(super) LayerId);

pub(super) fn layers_ui(
    ui: &mut egui::Ui,
    studio: &Studio,
    view: &mut LayersView,
    commands: &mut Vec<UiCommand>,
) {
    let picture = studio.active().picture();
    if let Some(layer) = picture.stack.active() {
        mode_ui(ui, layer, commands);
        opacity_ui(ui, layer, commands);
        finish_ui(ui, layer, picture, commands);
        toggles_ui(ui, layer, picture, commands);
    }
    ui.add_space(2.0);
    list_ui(ui, picture, view, commands);
    view.thumbnails.retain_used();
    ui.add_space(2.0);
    buttons_ui(ui, picture, commands);
}

fn change(layer: &Layer, change: LayerChange) -> UiCommand {
    DocumentAction::Layer(LayerAction::Change(layer.id, change)).into()
}

fn mode_ui(ui: &mut egui::Ui, layer: &Layer, commands: &mut Vec<UiCommand>) {
    let response = panels::row(ui, "Mode", |ui| {
        egui::ComboBox::from_id_salt("blend mode")
            .selected_text(layer.blend.label())
            .width(ui.available_width())
            .height(540.0)
            .show_ui(ui, |ui| {
                ui.spacing_mut().item_spacing.y = 1.0;
                ui.spacing_mut().button_padding.y = 2.0;
                ui.spacing_mut().interact_size.y = 21.0;
                for (idx, group) in MODES.iter().enumerate() {
                    if 0 < idx {
                        ui.separator();
                    }
                    for &mode in *group {
                        if ui.selectable_label(layer.blend == mode, mode.label()).clicked() {
                            commands.push(change(layer, LayerChange::Blend(mode)));
                        }
                    }
                }
            })
            .response
    });
    response.widget_info(|| {
        let mut info = egui::WidgetInfo::labeled(egui::Role::ComboBox, true, "Blend mode");
        info.current_text_value = Some(layer.blend.label().to_owned());
        info
    });
}

fn opacity_ui(ui: &mut egui::Ui, layer: &Layer, commands: &mut Vec<UiCommand>) {
    let before = layer.opacity * 100.0;
    let mut opacity = before;
    let response = panels::row(ui, "Opacity", |ui| {
        ui.add(Slider::new(&mut opacity, 0.0..=100.0).fixed_decimals(0).suffix(" %"))
    });
    response
        .widget_info(|| egui::WidgetInfo::slider(true, f64::from(before), "Opacity of the layer"));
    if opacity != before {
        commands.push(change(layer, LayerChange::Opacity(opacity / 100.0)));
    }
}

/// What the layer is seen with; a group's layers have their own.
fn finish_ui(ui: &mut egui::Ui, layer: &Layer, picture: &Picture, commands: &mut Vec<UiCommand>) {
    let can_be = !matches!(layer.kind, LayerKind::Group(_));
    let now = layer.finish.as_ref();
    let name = |style: Option<Style>| style.map_or("As it is", Style::title);
    let is_due = |it: &LayerFinish| picture.pixels_in(layer).is_some_and(|of| it.is_due(of));
    // Until it is seen.
    let dots = if now.is_some_and(is_due) { " …" } else { "" };
    let shown = format!("{}{dots}", name(now.map(|it| it.style)));
    let response = panels::row(ui, "Surface", |ui| {
        ui.add_enabled_ui(can_be, |ui| {
            let others = now.map(|it| LayerFinish::new(it.style, it.seed.wrapping_add(1)));
            let room = if others.is_some() { 96.0 } else { 0.0 };
            let list = egui::ComboBox::from_id_salt("surface")
                .selected_text(&shown)
                .width(ui.available_width() - room);
            let response = list.show_ui(ui, |ui| {
                for style in [None].into_iter().chain(Style::ALL.map(Some)) {
                    let is_now = now.map(|it| it.style) == style;
                    if ui.selectable_label(is_now, name(style)).clicked() && !is_now {
                        let finish = style.map(|it| LayerFinish::new(it, 1));
                        commands.push(change(layer, LayerChange::Finish(finish)));
                    }
                }
            });
            if let Some(others) = others
                && ui.button("Lay others").on_hover_text("Other strokes").clicked()
            {
                commands.push(change(layer, LayerChange::Finish(Some(others))));
            }
            response.response
        })
        .inner
    });
    response.widget_info(|| {
        let mut info = egui::WidgetInfo::labeled(egui::Role::ComboBox, can_be, "Surface");
        info.current_text_value = Some(shown.clone());
        info
    });
}

fn toggles_ui(ui: &mut egui::Ui, layer: &Layer, picture: &Picture, commands: &mut Vec<UiCommand>) {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        for (command, icon) in [
            (LayerCommand::ToggleLock, LayerIcon::Locked),
            (LayerCommand::ToggleAlphaLock, LayerIcon::AlphaLocked),
            (LayerCommand::ToggleClip, LayerIcon::Clipped),
        ] {
            let is_on = command.is_on(layer).unwrap_or_default();
            command_button(ui, command, icon, is_on, picture, layer.id, commands);
        }
        ui.add_space(theme::GAP);
        let command = LayerCommand::ToggleRead;
        let hindrance = command.on(picture, layer.id).err();
        let mut is_on = layer.is_read;
        let toggle = egui::Checkbox::new(&mut is_on, command.label());
        let toggle = ui
            .add_enabled(hindrance.is_none(), toggle)
            .on_hover_text("Off, it is for your eyes alone: a sketch, a note, a finishing touch")
            .on_disabled_hover_text(hindrance.unwrap_or_default());
        if toggle.clicked() {
            layer_row::run(command, picture, layer.id, commands);
        }
    });
}

/// A command as an icon; where it cannot be carried out, it says why.
fn command_button(
    ui: &mut egui::Ui,
    command: LayerCommand,
    icon: LayerIcon,
    is_on: bool,
    picture: &Picture,
    layer: LayerId,
    commands: &mut Vec<UiCommand>,
) {
    let hindrance = command.on(picture, layer).err();
    ui.add_enabled_ui(hindrance.is_none(), |ui| {
        let button = icons::sized_button(ui, Icon::Layer(icon), command.label(), is_on, BUTTON);
        let why = hindrance.map(|it| format!("{}: {it}", command.label()));
        if button.on_disabled_hover_text(why.unwrap_or_default()).clicked() {
            layer_row::run(command, picture, layer, commands);
        }
    });
}

fn list_ui(
    ui: &mut egui::Ui,
    picture: &Picture,
    view: &mut LayersView,
    commands: &mut Vec<UiCommand>,
) {
    let rows = layer_rows::rows(&picture.stack, &view.folded);
    let frame =
        egui::Frame::new().fill(ui.visuals().extreme_bg_color).corner_radius(5).inner_margin(2);
    frame.show(ui, |ui| {
        let area = ScrollArea::vertical()
            .id_salt("layers")
            .max_height(MAX_ROWS * ROW_HEIGHT)
            .auto_shrink([false, true]);
        area.show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            let top = ui.cursor().top();
            for row in &rows {
                layer_row::row_ui(ui, row, picture, view, commands);
            }
            drag_ui(ui, top, &rows, picture, commands);
        });
    });
}

/// While a layer is dragged: where it would land; and there it lands.
fn drag_ui(
    ui: &egui::Ui,
    top: f32,
    rows: &[Row<'_>],
    picture: &Picture,
    commands: &mut Vec<UiCommand>,
) {
    let Some(dragged) = DragAndDrop::payload::<Dragged>(ui.ctx()) else { return };
    let Some(pos) = ui.input(|it| it.pointer.interact_pos()) else { return };
    let seen = ui.clip_rect();
    let Some(layer) = picture.stack.find(dragged.0).filter(|_| seen.expand(EDGE).contains(pos))
    else {
        return;
    };
    ui.ctx().set_cursor_icon(egui::CursorIcon::Grabbing);
    if pos.y < seen.top() + EDGE {
        ui.scroll_with_delta(vec2(0.0, EDGE_STEP));
    } else if seen.bottom() - EDGE < pos.y {
        ui.scroll_with_delta(vec2(0.0, -EDGE_STEP));
    }
    let Some(found) = layer_rows::drop_at(rows, layer, (pos.y - top) / ROW_HEIGHT) else { return };
    mark_ui(ui, top, found.mark);
    if ui.input(|it| it.pointer.any_released()) {
        commands.push(DocumentAction::Layer(LayerAction::Move(layer.id, found.place)).into());
    }
}

fn mark_ui(ui: &egui::Ui, top: f32, mark: Mark) {
    let line = egui::Stroke::new(2.0, theme::ACCENT);
    let all = ui.max_rect();
    match mark {
        Mark::Line { above, depth } => {
            // The outermost ones are to be seen, too.
            let y = (top + above as f32 * ROW_HEIGHT).max(ui.clip_rect().top() + 1.0);
            ui.painter().hline(all.left() + layer_row::left_of(depth)..=all.right(), y, line);
        }
        Mark::Into(idx) => {
            let place = pos2(all.left(), top + idx as f32 * ROW_HEIGHT);
            let row = Rect::from_min_size(place, vec2(all.width(), ROW_HEIGHT));
            ui.painter().rect_stroke(row, 4.0, line, StrokeKind::Inside);
        }
    }
}

fn buttons_ui(ui: &mut egui::Ui, picture: &Picture, commands: &mut Vec<UiCommand>) {
    let active = picture.stack.active;
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        for (command, icon) in [
            (LayerCommand::Add, LayerIcon::New),
            (LayerCommand::AddGroup, LayerIcon::NewGroup),
            (LayerCommand::Duplicate, LayerIcon::Duplicate),
            (LayerCommand::MergeDown, LayerIcon::MergeDown),
        ] {
            command_button(ui, command, icon, false, picture, active, commands);
        }
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            let delete = LayerCommand::Delete;
            command_button(ui, delete, LayerIcon::Delete, false, picture, active, commands);
        });
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mode_is_offered_once() {
        let offered: Vec<BlendMode> = MODES.iter().flat_map(|it| it.iter().copied()).collect();
        assert_eq!(offered.len(), BlendMode::ALL.len());
        assert!(BlendMode::ALL.iter().all(|it| offered.contains(it)));
    }
}
