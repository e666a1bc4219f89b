//! The open pictures, side by side, and the question before one is closed.

use egui::{Frame, RichText, Sense, vec2};

use super::theme;
use super::ui_command::{CloseAnswer, UiCommand};
use crate::base::DocumentId;
use crate::studio::{Document, Studio, StudioAction};

/// Names are cut off beyond this, in points.
const MAX_NAME_WIDTH: f32 = 170.0;

/// What is about to be closed, and holds something that no file does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Closing {
    Document(DocumentId),
    Program,
}

/// A tab for each document; a lone one needs none.
pub(super) fn tabs_ui(ui: &mut egui::Ui, studio: &Studio, commands: &mut Vec<UiCommand>) {
    if studio.documents().len() < 2 {
        return;
    }
    egui::Panel::top("documents")
        .frame(Frame::side_top_panel(ui.style()).inner_margin(vec2(theme::GAP, 3.0)))
        .show(ui, |ui| {
            egui::ScrollArea::horizontal().show(ui, |ui| {
                ui.horizontal(|ui| {
                    for document in studio.documents() {
                        tab_ui(ui, studio, document, commands);
                    }
                });
            });
        });
}

fn tab_ui(ui: &mut egui::Ui, studio: &Studio, document: &Document, commands: &mut Vec<UiCommand>) {
    let is_active = document.id() == studio.active().id();
    let fill = if is_active { ui.visuals().selection.bg_fill } else { egui::Color32::TRANSPARENT };
    Frame::new().fill(fill).corner_radius(4.0).inner_margin(vec2(6.0, 2.0)).show(ui, |ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        ui.set_max_width(MAX_NAME_WIDTH + 60.0);
        let name = name_of(document);
        let text = RichText::new(&name);
        let label = egui::Label::new(if is_active { text.strong() } else { text })
            .truncate()
            .selectable(false)
            .sense(Sense::click());
        let label = ui.add(label);
        let spoken = format!("Picture: {name}");
        label.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Tab, true, &spoken));
        if label.clicked() {
            commands.push(StudioAction::Activate(document.id()).into());
        }
        let close = ui.add(egui::Button::new("×").frame(false).small());
        let spoken = format!("Close {}", document.name());
        close.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, &spoken));
        if close.clicked() || label.middle_clicked() {
            commands.push(UiCommand::Close(document.id()));
        }
    });
}

/// "Untitled 2 · 43 %", with a dot where something is in no file.
fn name_of(document: &Document) -> String {
    let mark = if document.is_modified() { "• " } else { "" };
    let progress = match document.progress() {
        Some((done, all, _)) if 0 < all => format!(" · {} %", 100 * done / all),
        Some(_) | None => String::new(),
    };
    format!("{mark}{}{progress}", document.name())
}

/// Asks what is to become of what no file holds.
pub(super) fn question_ui(
    ctx: &egui::Context,
    studio: &Studio,
    closing: Closing,
    commands: &mut Vec<UiCommand>,
) {
    let question = match closing {
        Closing::Document(id) => {
            let document = studio.documents().iter().find(|it| it.id() == id);
            let name = document.map_or("", Document::name);
            format!("Close \"{name}\"?")
        }
        Closing::Program => match studio.documents().iter().filter(|it| it.is_modified()).count() {
            1 => "Quit? One picture is in no file as it is now".to_owned(),
            n => format!("Quit? {n} pictures are in no file as they are now"),
        },
    };
    let frame = Frame::popup(&ctx.global_style()).inner_margin(16.0);
    let modal = egui::Modal::new(egui::Id::unique("closing")).frame(frame).show(ctx, |ui| {
        ui.set_max_width(380.0);
        ui.label(RichText::new(question).strong());
        ui.weak("What was done since it was saved or exported last would be lost");
        ui.add_space(theme::GAP);
        ui.horizontal(|ui| {
            let mut button = |ui: &mut egui::Ui, button: egui::Button<'_>, answer| {
                if ui.add(button).clicked() {
                    commands.push(UiCommand::Answer(answer));
                }
            };
            button(ui, theme::primary_button("Keep it open"), CloseAnswer::Keep);
            button(ui, egui::Button::new("Save…"), CloseAnswer::Save);
            button(ui, egui::Button::new("Close anyway"), CloseAnswer::CloseAnyway);
        });
    });
    if modal.should_close() {
        commands.push(UiCommand::Answer(CloseAnswer::Keep));
    }
}
