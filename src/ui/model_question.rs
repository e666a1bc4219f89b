//! What is asked before something is done with a model: its licence, its removal, the open picture.

use egui::{Align, Frame, Layout, RichText};

use super::models::{ModelCommand, Question, Shown};
use super::theme;
use super::ui_command::UiCommand;
use crate::catalog::{ModelEntry, ModelState, size_text};
use crate::studio::{Studio, fits_grid};

pub(super) fn question_ui(
    ctx: &egui::Context,
    question: &Question,
    shown: &Shown<'_>,
    commands: &mut Vec<UiCommand>,
) {
    let (Question::Licence(name) | Question::Remove(name) | Question::Use(name)) = question;
    let Some(entry) = shown.model_manager.entry(name) else { return };
    let (yes, no, command) = match question {
        Question::Licence(_) => {
            ("Accept and download", "Cancel", ModelCommand::Fetch(name.clone()))
        }
        Question::Remove(_) => ("Remove", "Keep", ModelCommand::Remove(name.clone())),
        Question::Use(_) => ("Use it", "Cancel", ModelCommand::Use(name.clone())),
    };
    let modal = egui::Modal::new(egui::Id::unique("model question"));
    let frame = Frame::popup(&ctx.global_style()).inner_margin(16);
    let modal = modal.frame(frame).show(ctx, |ui| {
        ui.set_width(420.0);
        match question {
            Question::Licence(_) => licence_question_ui(ui, entry),
            Question::Remove(_) => {
                ui.heading(format!("Remove {name}?"));
                ui.label(what_removing_does(entry));
            }
            Question::Use(_) => {
                ui.heading(format!("Paint with {name}?"));
                ui.label(what_using_does(entry, shown.studio));
            }
        }
        ui.add_space(theme::GAP);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if ui.add(theme::primary_button(yes)).clicked() {
                commands.push(command.into());
            }
            if ui.button(no).clicked() {
                commands.push(ModelCommand::Dismiss.into());
            }
        });
    });
    if modal.should_close() {
        commands.push(ModelCommand::Dismiss.into());
    }
}

fn licence_question_ui(ui: &mut egui::Ui, entry: &ModelEntry) {
    let Some(known) = entry.known else { return };
    ui.heading(format!("The licence of {}", entry.name));
    for licence in known.licences {
        ui.label(RichText::new(licence.name).strong());
        ui.label(licence.says);
        ui.hyperlink(licence.url);
    }
    if let Some(bytes) = known.download_bytes {
        ui.weak(format!("About {} are downloaded from the Hugging Face hub", size_text(bytes)));
    }
}

fn what_removing_does(entry: &ModelEntry) -> String {
    match (entry.known, &entry.state) {
        (None, _) => "It is forgotten; its files stay where they are".to_owned(),
        (_, ModelState::Here { bytes, .. }) => format!(
            "What this program has downloaded of its {} is deleted. Files that other programs have \
             brought, or other models need, stay",
            size_text(*bytes)
        ),
        _ => "What has come of its download is deleted".to_owned(),
    }
}

/// Said before it happens: what becomes of the picture. What is painted is kept in any case.
fn what_using_does(entry: &ModelEntry, studio: &Studio) -> &'static str {
    let grid = studio.active().picture().grid;
    if studio.choice().is_some_and(|it| it.name == entry.name) {
        return "The picture and its history stay as they are";
    }
    match entry.known.map(|it| fits_grid(grid, it.grid(), it.paints_larger)) {
        Some(true) => "The picture goes on with it, once it has read it anew",
        Some(false) => {
            "It paints another size: the picture stays as it is, and a blank one is begun beside it"
        }
        None => {
            "Where it paints pictures of this size, the picture goes on with it, once it has read it anew; \
             else a blank one is begun beside it"
        }
    }
}
