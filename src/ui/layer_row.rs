//! One row of the list of layers: the eye, what it shows, its mask, its name, and small marks.

use egui::text::{CCursor, CCursorRange};
use egui::{Align, Color32, Id, Layout, Rect, Response, Sense, StrokeKind, TextStyle, pos2, vec2};

use super::icons::{self, Icon};
use super::layer_command::LayerCommand;
use super::layer_icons::LayerIcon;
use super::layer_menu;
use super::layer_rows::{Row, is_group};
use super::layers::{Dragged, LayersView, Renaming};
use super::theme;
use super::ui_command::UiCommand;
use crate::base::LayerId;
use crate::compose::BlendMode;
use crate::document::{Layer, LayerChange, LayerKind, Picture, Surface};
use crate::studio::{DocumentAction, LayerAction};

pub(super) const ROW_HEIGHT: f32 = 38.0;
/// How far the layers of a group are moved in, and how often at most.
pub(super) const INDENT: f32 = 14.0;
const MAX_INDENTS: usize = 5;

const EYE: f32 = 26.0;
const FOLD: f32 = 16.0;
const THUMBNAIL: f32 = 30.0;
const MARK: f32 = 19.0;

/// How much room the eye and the groups that a layer lies in take.
pub(super) fn left_of(depth: usize) -> f32 {
    EYE + INDENT * depth.min(MAX_INDENTS) as f32
}

/// Draws the row of a layer, and takes what is done with it.
pub(super) fn row_ui(
    ui: &mut egui::Ui,
    row: &Row<'_>,
    picture: &Picture,
    view: &mut LayersView,
    commands: &mut Vec<UiCommand>,
) {
    let layer = row.layer;
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), ROW_HEIGHT), Sense::hover());
    let id = Id::unique(("layer", layer.id));
    let response = ui.interact(rect, id, Sense::click_and_drag());
    let is_active = picture.stack.active == layer.id;
    response.widget_info(|| {
        let name = format!("Layer: {}", layer.name);
        egui::WidgetInfo::selected(egui::Role::ListBoxOption, true, is_active, name)
    });
    background_ui(ui, rect, &response, is_active);
    eye_ui(ui, rect, id, layer, commands);

    let mut left = rect.left() + left_of(row.depth);
    if is_group(layer) {
        fold_ui(
            ui,
            Rect::from_min_size(pos2(left - 2.0, rect.top()), vec2(FOLD, ROW_HEIGHT)),
            row,
            view,
        );
        left += FOLD;
    }
    left = surfaces_ui(ui, rect, left, layer, picture, view, commands);
    let right = marks_ui(ui, rect, layer);
    let name = Rect::from_min_max(pos2(left, rect.top()), pos2(right, rect.bottom()));
    if !rename_ui(ui, name, layer.id, view, commands) {
        name_ui(ui, name, layer, is_active);
    }

    let is_mask = is_active && picture.stack.surface().is_mask;
    if response.clicked() || response.secondary_clicked() {
        commands.push(activate(layer.id, is_mask));
    }
    if response.double_clicked() {
        view.renaming = Some(Renaming::of(layer));
    }
    response.dnd_set_drag_payload(Dragged(layer.id));
    layer_menu::context_menu_ui(&response, layer, picture, view, commands);
}

fn activate(layer: LayerId, mask: bool) -> UiCommand {
    DocumentAction::Layer(LayerAction::Activate { layer, mask }).into()
}

fn background_ui(ui: &egui::Ui, rect: Rect, response: &Response, is_active: bool) {
    let [active, hovered] = theme::row_fills(ui.visuals());
    if is_active {
        ui.painter().rect_filled(rect, 4.0, active);
    } else if response.hovered() || response.context_menu_opened() {
        ui.painter().rect_filled(rect, 4.0, hovered);
    }
    if response.has_focus() {
        ui.painter().rect_stroke(rect, 4.0, ui.visuals().selection.stroke, StrokeKind::Inside);
    }
}

/// A control drawn as an icon alone.
fn icon_ui(
    ui: &egui::Ui,
    rect: Rect,
    id: Id,
    icon: LayerIcon,
    name: &str,
    colour: Color32,
) -> Response {
    let response = ui.interact(rect, id, Sense::click());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, name));
    let colour = if response.hovered() || response.has_focus() {
        theme::strong(ui.visuals())
    } else {
        colour
    };
    let side = rect.width().min(rect.height());
    icons::draw(
        ui.painter(),
        Rect::from_center_size(rect.center(), vec2(side, side)),
        Icon::Layer(icon),
        colour,
    );
    response.on_hover_text(name)
}

fn eye_ui(ui: &egui::Ui, rect: Rect, id: Id, layer: &Layer, commands: &mut Vec<UiCommand>) {
    let place = Rect::from_min_size(rect.min, vec2(EYE, ROW_HEIGHT));
    let visuals = ui.visuals();
    let (icon, verb, colour) = if layer.is_visible {
        (LayerIcon::Shown, "Hide", visuals.text_color())
    } else {
        (LayerIcon::Hidden, "Show", theme::weak(visuals))
    };
    let name = format!("{verb} {}", layer.name);
    if icon_ui(ui, place, id.with("eye"), icon, &name, colour).clicked() {
        let change = LayerChange::Visible(!layer.is_visible);
        commands.push(DocumentAction::Layer(LayerAction::Change(layer.id, change)).into());
    }
}

fn fold_ui(ui: &egui::Ui, place: Rect, row: &Row<'_>, view: &mut LayersView) {
    let layer = row.layer;
    let (icon, verb) =
        if row.is_unfolded { (LayerIcon::Unfolded, "Fold") } else { (LayerIcon::Folded, "Unfold") };
    let (name, id) = (format!("{verb} {}", layer.name), Id::unique(("fold", layer.id)));
    let colour = theme::weak(ui.visuals());
    if !icon_ui(ui, place, id, icon, &name, colour).clicked() {
        return;
    }
    if row.is_unfolded {
        view.folded.insert(layer.id);
    } else {
        view.folded.remove(&layer.id);
    }
}

/// What a layer shows, and its mask: a click chooses which of them is drawn on. Returns where the name begins.
fn surfaces_ui(
    ui: &egui::Ui,
    rect: Rect,
    left: f32,
    layer: &Layer,
    picture: &Picture,
    view: &mut LayersView,
    commands: &mut Vec<UiCommand>,
) -> f32 {
    let place = |left: f32| {
        Rect::from_min_size(
            pos2(left, rect.center().y - THUMBNAIL / 2.0),
            vec2(THUMBNAIL, THUMBNAIL),
        )
    };
    let shows = |is_mask: bool| match &layer.kind {
        _ if is_mask => layer.mask.as_ref(),
        LayerKind::Paint(pixels) => Some(pixels),
        LayerKind::Generated => Some(&picture.model_layer),
        LayerKind::Group(_) => None,
    };
    let mut left = left;
    for is_mask in [false, true] {
        if is_mask && layer.mask.is_none() {
            continue;
        }
        let place = place(left);
        let drawn = match shows(is_mask) {
            Some(pixels) => {
                let surface = Surface { layer: layer.id, is_mask };
                let drawn = view.thumbnails.draw(ui, place, surface, pixels, picture.canvas);
                let line = egui::Stroke::new(1.0, theme::line(ui.visuals()));
                ui.painter().rect_stroke(drawn, 1.0, line, StrokeKind::Outside);
                drawn
            }
            None => {
                let icon = Icon::Layer(LayerIcon::Folder);
                icons::draw(ui.painter(), place, icon, ui.visuals().text_color());
                place
            }
        };
        if layer.mask.is_some() {
            choice_ui(ui, place, drawn, layer, is_mask, picture, commands);
        }
        left += THUMBNAIL + 5.0;
    }
    left + 3.0
}

/// Of a layer with a mask one of both is drawn on: it has a frame.
fn choice_ui(
    ui: &egui::Ui,
    place: Rect,
    drawn: Rect,
    layer: &Layer,
    is_mask: bool,
    picture: &Picture,
    commands: &mut Vec<UiCommand>,
) {
    let what = if is_mask { "Mask" } else { "Pixels" };
    let name = format!("{what} of {}", layer.name);
    let is_chosen = picture.stack.surface() == Surface { layer: layer.id, is_mask };
    let response = ui.interact(place, Id::unique(("surface", layer.id, is_mask)), Sense::click());
    response.widget_info(|| egui::WidgetInfo::selected(egui::Role::Button, true, is_chosen, &name));
    if is_chosen {
        let line = egui::Stroke::new(2.0, theme::ACCENT);
        ui.painter().rect_stroke(drawn.expand(1.0), 2.0, line, StrokeKind::Outside);
    }
    if response.on_hover_text(format!("{name}: click to draw on it")).clicked() {
        commands.push(activate(layer.id, is_mask));
    }
}

/// From the right edge on. Returns where they begin.
fn marks_ui(ui: &egui::Ui, rect: Rect, layer: &Layer) -> f32 {
    let marks = [
        (!layer.is_read, LayerIcon::Unread, "The model does not see it"),
        (layer.is_clipped, LayerIcon::Clipped, "Clipped to the layer below"),
        (layer.keeps_alpha, LayerIcon::AlphaLocked, "Its alpha is locked"),
        (layer.is_locked, LayerIcon::Locked, "Locked"),
    ];
    let mut right = rect.right() - 4.0;
    for (_, icon, meaning) in marks.into_iter().filter(|it| it.0) {
        let place =
            Rect::from_min_size(pos2(right - MARK, rect.center().y - MARK / 2.0), vec2(MARK, MARK));
        icons::draw(ui.painter(), place, Icon::Layer(icon), theme::weak(ui.visuals()));
        ui.interact(place, Id::unique(("mark", layer.id, meaning)), Sense::hover())
            .on_hover_text(meaning);
        right -= MARK;
    }
    right - 2.0
}

/// The name, and below it, where they are not the usual ones, mode and opacity.
fn name_ui(ui: &egui::Ui, rect: Rect, layer: &Layer, is_active: bool) {
    let visuals = ui.visuals();
    let weak = theme::weak(visuals);
    let colour = match (layer.is_visible, is_active) {
        (false, _) => weak,
        (true, true) => theme::strong(visuals),
        (true, false) => visuals.text_color(),
    };
    let galley = |text: &str, style: TextStyle| {
        let text = egui::WidgetText::from(text);
        text.into_galley(ui, Some(egui::TextWrapMode::Truncate), rect.width(), style)
    };
    let name = galley(&layer.name, TextStyle::Body);
    let says = how_it_is_laid(layer);
    if says.is_empty() {
        let place = pos2(rect.left(), rect.center().y - name.size().y / 2.0);
        ui.painter().galley(place, name, colour);
    } else {
        let says = galley(&says, TextStyle::Small);
        let top = rect.center().y - (name.size().y + says.size().y) / 2.0;
        let below = top + name.size().y;
        ui.painter().galley(pos2(rect.left(), top), name, colour);
        ui.painter().galley(pos2(rect.left(), below), says, weak);
    }
}

/// "Multiply · 40 %"
fn how_it_is_laid(layer: &Layer) -> String {
    let mode = (layer.blend != BlendMode::Normal).then(|| layer.blend.label().to_owned());
    let opacity = (layer.opacity != 1.0).then(|| format!("{:.0} %", layer.opacity * 100.0));
    mode.into_iter().chain(opacity).collect::<Vec<_>>().join(" · ")
}

/// The field in place of a name that is being changed. Returns whether there is one.
fn rename_ui(
    ui: &mut egui::Ui,
    rect: Rect,
    layer: LayerId,
    view: &mut LayersView,
    commands: &mut Vec<UiCommand>,
) -> bool {
    let Some(renaming) = view.renaming.as_mut().filter(|it| it.layer == layer) else {
        return false;
    };
    let place = Rect::from_center_size(rect.center(), vec2(rect.width(), 26.0));
    let id = Id::unique(("rename", layer));
    let layout = Layout::left_to_right(Align::Center);
    let mut field_ui = ui.new_child(egui::UiBuilder::new().max_rect(place).layout(layout));
    let field = egui::TextEdit::singleline(&mut renaming.name).id(id).desired_width(rect.width());
    let field = field_ui.add(field);
    field.widget_info(|| {
        egui::WidgetInfo::labeled(egui::Role::TextInput, true, "Name of the layer")
    });
    if renaming.is_new {
        renaming.is_new = false;
        field.request_focus();
        // What is typed takes the place of the old name.
        let mut state = egui::TextEdit::load_state(ui.ctx(), id).unwrap_or_default();
        let end = CCursor::new(renaming.name.chars().count());
        state.cursor.set_char_range(Some(CCursorRange::two(CCursor::new(0), end)));
        state.store(ui.ctx(), id);
        return true;
    }
    if field.lost_focus() {
        let name = renaming.name.trim().to_owned();
        let is_left = ui.input(|it| it.key_pressed(egui::Key::Escape));
        if !is_left && !name.is_empty() {
            let change = LayerChange::Name(name);
            commands.push(DocumentAction::Layer(LayerAction::Change(layer, change)).into());
        }
        view.renaming = None;
    }
    true
}

/// Toggles and whatever else is done to one layer: as the panel, so the menu.
pub(super) fn run(
    command: LayerCommand,
    picture: &Picture,
    layer: LayerId,
    commands: &mut Vec<UiCommand>,
) {
    if let Ok(action) = command.on(picture, layer) {
        commands.push(DocumentAction::Layer(action).into());
    }
}
