//! The panels on the right: brush, painting, prompts for regions, history.

use egui::{CollapsingHeader, RichText, Slider};

use super::commands::CommandId;
use super::layers::{self, LayersView};
use super::ui_command::UiCommand;
use super::{prompt, theme};
use crate::base::{Order, Sampling};
use crate::document::BrushStyle;
use crate::studio::{DocumentAction, Reach, Studio, StudioAction};
use crate::tools::Tool;

/// Room for the longest name of a control, in points.
const NAME_WIDTH: f32 = 76.0;

/// Room beside them for the bar that scrolls them.
const SCROLL_BAR: f32 = 6.0;

/// Entries of the history shown.
const MAX_ENTRIES: usize = 40;

/// Names the text field, so that a key can put the cursor there.
pub(super) fn selection_prompt_id(studio: &Studio) -> egui::Id {
    egui::Id::unique(("selection words", studio.active().id()))
}

pub(super) fn panels_ui(
    ui: &mut egui::Ui,
    studio: &Studio,
    layers_view: &mut LayersView,
    commands: &mut Vec<UiCommand>,
) {
    egui::ScrollArea::vertical().auto_shrink([false, false]).show(ui, |ui| {
        ui.set_max_width(ui.available_width() - SCROLL_BAR);
        ui.add_space(theme::GAP);
        match studio.prefs().tool {
            Tool::Brush | Tool::Eraser => {
                section(ui, "Brush", |ui| brush_ui(ui, studio, commands));
            }
            Tool::Rectangle | Tool::Lasso | Tool::Wand => {
                section(ui, "Selection", |ui| selection_ui(ui, studio, commands));
            }
        }
        section(ui, "Layers", |ui| layers::layers_ui(ui, studio, layers_view, commands));
        section(ui, "Words for regions", |ui| regions_ui(ui, studio, commands));
        section(ui, "Painting", |ui| painting_ui(ui, studio, commands));
        section(ui, "History", |ui| history_ui(ui, studio, commands));
    });
}

fn section(ui: &mut egui::Ui, title: &str, contents: impl FnOnce(&mut egui::Ui)) {
    let title = RichText::new(title).strong().color(theme::strong(ui.visuals()));
    CollapsingHeader::new(title).default_open(true).show_unindented(ui, |ui| {
        ui.add_space(2.0);
        contents(ui);
        ui.add_space(theme::GAP);
    });
}

/// A name on the left, a control of that name on the right.
pub(super) fn row(
    ui: &mut egui::Ui,
    name: &str,
    control: impl FnOnce(&mut egui::Ui) -> egui::Response,
) -> egui::Response {
    let (label, control) = plain_row(ui, name, control);
    control.labelled_by(label)
}

/// A name on the left, and on the right something that has names of its own. Returns what names it, too.
pub(super) fn plain_row<R>(
    ui: &mut egui::Ui,
    name: &str,
    contents: impl FnOnce(&mut egui::Ui) -> R,
) -> (egui::Id, R) {
    let row = ui.horizontal(|ui| {
        let size = egui::vec2(NAME_WIDTH, 20.0);
        let layout = egui::Layout::left_to_right(egui::Align::Center);
        let label = ui.allocate_ui_with_layout(size, layout, |ui| {
            ui.set_min_width(NAME_WIDTH);
            ui.weak(name)
        });
        (label.inner.id, contents(ui))
    });
    row.inner
}

fn brush_ui(ui: &mut egui::Ui, studio: &Studio, commands: &mut Vec<UiCommand>) {
    let mut brush: BrushStyle = studio.prefs().brush;
    row(ui, "Size", |ui| {
        ui.add(
            Slider::new(&mut brush.size, 1.0..=300.0)
                .logarithmic(true)
                .fixed_decimals(0)
                .suffix(" px"),
        )
    });
    let mut hardness = brush.hardness * 100.0;
    row(ui, "Hardness", |ui| {
        ui.add(Slider::new(&mut hardness, 0.0..=100.0).fixed_decimals(0).suffix(" %"))
    });
    let mut opacity = brush.opacity * 100.0;
    row(ui, "Opacity", |ui| {
        ui.add(Slider::new(&mut opacity, 1.0..=100.0).fixed_decimals(0).suffix(" %"))
    });
    if hardness != brush.hardness * 100.0 {
        brush.hardness = hardness / 100.0;
    }
    if opacity != brush.opacity * 100.0 {
        brush.opacity = opacity / 100.0;
    }
    if brush != studio.prefs().brush {
        commands.push(StudioAction::SetBrush(brush).into());
    }
}

fn selection_ui(ui: &mut egui::Ui, studio: &Studio, commands: &mut Vec<UiCommand>) {
    let n_cells = studio.active().selected_cells().len();
    match n_cells {
        0 => ui.weak("Drag on the canvas, or click with the wand; Shift adds, Alt takes away"),
        1 => ui.weak("1 cell"),
        n => ui.weak(format!("{n} cells")),
    };
    ui.horizontal(|ui| {
        for (label, id) in [
            ("All", CommandId::SelectAll),
            ("None", CommandId::Deselect),
            ("Invert", CommandId::InvertSelection),
            ("+", CommandId::GrowSelection),
            ("−", CommandId::ShrinkSelection),
        ] {
            let needs_one = !matches!(id, CommandId::SelectAll | CommandId::InvertSelection);
            let is_enabled = !needs_one || studio.active().picture().selection.is_some();
            let button = ui.add_enabled(is_enabled, egui::Button::new(label));
            button.widget_info(|| {
                egui::WidgetInfo::labeled(egui::Role::Button, is_enabled, id.label())
            });
            if button.on_hover_text(id.label_with_key(ui.ctx())).clicked() {
                commands.push(id.into());
            }
        }
    });
}

fn regions_ui(ui: &mut egui::Ui, studio: &Studio, commands: &mut Vec<UiCommand>) {
    let is_ready = studio.active().picture().selection.is_some() && studio.facts().is_some();
    if is_ready {
        let mut prompt = studio.active().selection_prompt().to_owned();
        let field = egui::TextEdit::singleline(&mut prompt)
            .id(selection_prompt_id(studio))
            .hint_text("Words for the selection")
            .margin(egui::Margin::symmetric(8, 5))
            .desired_width(f32::INFINITY);
        let field = ui.add(field);
        field.widget_info(|| {
            egui::WidgetInfo::labeled(egui::Role::TextInput, true, "Words for the selection")
        });
        if field.gained_focus() {
            field.scroll_to_me(None);
        }
        prompt::heard_ui(ui, studio, &field, &prompt);
        if field.changed() {
            commands.push(DocumentAction::SetSelectionPrompt(prompt).into());
        }
        if field.lost_focus() && ui.input(|it| it.key_pressed(egui::Key::Enter)) {
            commands.push(DocumentAction::RepaintSelection(Reach::Only).into());
        }
        ui.horizontal_wrapped(|ui| {
            let only =
                ui.button("Only here").on_hover_text("Nothing outside the selection changes");
            if only.clicked() {
                commands.push(DocumentAction::RepaintSelection(Reach::Only).into());
            }
            let four =
                ui.button("Four takes").on_hover_text("Painted four times, for you to choose from");
            if four.clicked() {
                commands.push(DocumentAction::Variations(4).into());
            }
            let rest = ui
                .button("And the rest follows")
                .on_hover_text("Every later cell is painted anew, conditioned on the selection");
            if rest.clicked() {
                commands.push(DocumentAction::RepaintSelection(Reach::Rest).into());
            }
        });
    }
    for (idx, region) in studio.active().picture().regions.iter().enumerate() {
        ui.horizontal(|ui| {
            let name = format!("Remove the words \"{}\"", region.prompt);
            let button = ui.small_button("×");
            button.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, &name));
            if button.on_hover_text("Remove these words; the picture stays").clicked() {
                commands.push(DocumentAction::RemoveRegion(idx).into());
            }
            let n_cells = region.cells.len();
            ui.add(egui::Label::new(format!("{} · {n_cells} cells", region.prompt)).truncate());
        });
    }
    if !is_ready && studio.active().picture().regions.is_empty() {
        ui.weak("Select a part of the picture to give it words of its own");
    }
}

fn painting_ui(ui: &mut egui::Ui, studio: &Studio, commands: &mut Vec<UiCommand>) {
    let pending = studio.active().pending();
    let mut guidance = pending.guidance;
    row(ui, "Guidance", |ui| {
        ui.add(slider(&mut guidance, 1.0..=8.0).fixed_decimals(1))
            .on_hover_text("How closely the words are followed")
    });
    if guidance != pending.guidance {
        commands.push(DocumentAction::SetGuidance(guidance).into());
    }
    let mut seed = pending.seed;
    row(ui, "Seed", |ui| {
        let field = ui.add(egui::DragValue::new(&mut seed).speed(0.1));
        if ui.button("Next").on_hover_text("Another seed, another picture").clicked() {
            seed = seed.wrapping_add(1);
        }
        field
    });
    if seed != pending.seed {
        commands.push(DocumentAction::SetSeed(seed).into());
    }
    order_ui(ui, studio, commands);

    let mut negative = pending.negative.clone();
    let field = row(ui, "Avoid", |ui| {
        ui.add(
            egui::TextEdit::singleline(&mut negative)
                .hint_text("words to lean away from")
                .desired_width(f32::INFINITY),
        )
    });
    prompt::heard_ui(ui, studio, &field, &negative);
    if negative != pending.negative {
        commands.push(DocumentAction::SetNegative(negative).into());
    }
    CollapsingHeader::new(RichText::new("Advanced").weak()).show_unindented(ui, |ui| {
        sampling_ui(ui, pending.sampling, commands);
    });
}

fn order_ui(ui: &mut egui::Ui, studio: &Studio, commands: &mut Vec<UiCommand>) {
    let is_any_order = studio.facts().is_none_or(|it| it.is_any_order);
    let chosen = if is_any_order { &studio.active().pending().order } else { &Order::Rows };
    let mut order = chosen.clone();
    row(ui, "Order", |ui| {
        egui::ComboBox::from_id_salt("order")
            .selected_text(order_name(chosen))
            .width(140.0)
            .show_ui(ui, |ui| {
                for it in ORDERS {
                    let can_do = is_any_order || it == Order::Rows;
                    let name = order_name(&it);
                    let is_chosen = name == order_name(&order);
                    let choice = egui::Button::selectable(is_chosen, name);
                    let choice = ui.add_enabled(can_do, choice);
                    if choice.on_disabled_hover_text(ROWS_ONLY).clicked() {
                        order = it;
                    }
                }
            })
            .response
    });
    if order != *chosen {
        commands.push(DocumentAction::SetOrder(order).into());
    }
}

const ORDERS: [Order; 6] = [
    Order::Rows,
    Order::Composed,
    Order::Outline,
    Order::Around(Vec::new()),
    Order::Sure,
    Order::Random,
];

const ROWS_ONLY: &str = "This model has only learned to paint row by row";

const fn order_name(order: &Order) -> &'static str {
    match order {
        Order::Rows => "Rows",
        Order::Composed => "Composed",
        Order::Outline => "Outline first",
        Order::Around(_) => "Around the edit",
        Order::Sure => "Sure first",
        Order::Random => "Random",
        Order::List(_) => "As listed",
    }
}

fn sampling_ui(ui: &mut egui::Ui, sampling: Sampling, commands: &mut Vec<UiCommand>) {
    let mut changed = sampling;
    row(ui, "Temperature", |ui| {
        ui.add(slider(&mut changed.temperature, 0.1..=2.0).fixed_decimals(2))
    });
    row(ui, "Top-k", |ui| {
        ui.add(slider(&mut changed.top_k, 0..=1000).logarithmic(true)).on_hover_text("0 means all")
    });
    row(ui, "Top-p", |ui| ui.add(slider(&mut changed.top_p, 0.05..=1.0).fixed_decimals(2)));
    let guided = &mut changed.guided;
    row(ui, "Guide from", |ui| {
        fraction_slider(ui, &mut guided.from)
            .on_hover_text("Guidance counts from this share of the picture on")
    });
    guided.to = guided.to.max(guided.from);
    row(ui, "Guide to", |ui| {
        fraction_slider(ui, &mut guided.to).on_hover_text("And no further than this")
    });
    guided.from = guided.from.min(guided.to);
    row(ui, "Ramp", |ui| {
        fraction_slider(ui, &mut guided.ramp)
            .on_hover_text("Over this share of the picture it grows")
    });
    if changed != sampling {
        commands.push(DocumentAction::SetSampling(changed).into());
    }
}

fn fraction_slider(ui: &mut egui::Ui, fraction: &mut f32) -> egui::Response {
    ui.add(slider(fraction, 0.0..=1.0).fixed_decimals(2))
}

/// Leaves a value that came from elsewhere, beyond its range perhaps, until it is edited.
fn slider<'a, Num: egui::emath::Numeric>(
    value: &'a mut Num,
    range: std::ops::RangeInclusive<Num>,
) -> Slider<'a> {
    Slider::new(value, range).clamping(egui::SliderClamping::Edits)
}

fn history_ui(ui: &mut egui::Ui, studio: &Studio, commands: &mut Vec<UiCommand>) {
    let history = studio.active().history();
    ui.horizontal(|ui| {
        ui.add_enabled_ui(history.done_labels().next().is_some(), |ui| {
            if ui.button("Undo").clicked() {
                commands.push(DocumentAction::Undo.into());
            }
        });
        ui.add_enabled_ui(history.undone_labels().next().is_some(), |ui| {
            if ui.button("Redo").clicked() {
                commands.push(DocumentAction::Redo.into());
            }
        });
    });
    let done: Vec<&str> = history.done_labels().collect();
    let undone: Vec<&str> = history.undone_labels().collect();
    for label in undone.iter().rev() {
        ui.add(egui::Label::new(RichText::new(*label).weak().italics()).truncate());
    }
    for label in done.iter().rev().take(MAX_ENTRIES) {
        ui.add(egui::Label::new(*label).truncate());
    }
}
