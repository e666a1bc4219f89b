//! What might be painted first: prompts on the empty canvas, each a click away.

use egui::{Align2, RichText};

use super::commands::CommandId;
use super::theme;
use super::ui_command::UiCommand;
use crate::model::Prompts;
use crate::studio::{DocumentAction, Studio};

/// Prompts that the network in the program paints well, whatever the seed.
const SUGGESTIONS: [&str; 8] = [
    "red sailboats on the sea at sunset, a low sun",
    "a lake before mountains at sunset, a few clouds",
    "a castle on a meadow in autumn, mountains, a clear sky",
    "balloons over rolling hills in autumn, a few clouds",
    "snowy mountains at night, stars, a full moon",
    "a rocky coast under a stormy sky",
    "the open sea at night, a full moon",
    "a lake with a forest in autumn at dusk",
];

const WIDTH: f32 = 420.0;

/// From the lower edge of the canvas: a first stroke is seldom there, and hides them.
const MARGIN: f32 = 56.0;

/// Those of which the model hears every word, while nothing is painted and nobody has begun to.
pub(super) fn suggestions_ui(
    ui: &egui::Ui,
    canvas: egui::Rect,
    studio: &Studio,
    commands: &mut Vec<UiCommand>,
) {
    let Some(facts) = studio.facts().filter(|it| it.prompts != Prompts::Classes) else { return };
    if studio.active().is_painting() || !studio.active().picture().is_blank() {
        return;
    }
    let is_heard =
        |prompt: &&str| facts.understand(prompt).iter().all(|it| it.as_known().is_some());
    let prompts: Vec<&str> = SUGGESTIONS.into_iter().filter(is_heard).collect();
    if prompts.is_empty() {
        return;
    }
    let area = egui::Area::new(egui::Id::unique("suggestions")).order(egui::Order::Middle);
    let place = canvas.center_bottom() - egui::vec2(0.0, MARGIN);
    area.pivot(Align2::CENTER_BOTTOM).fixed_pos(place).show(ui.ctx(), |ui| {
        ui.set_max_width(WIDTH.min(canvas.width()).max(0.0));
        ui.vertical_centered_justified(|ui| {
            ui.label(RichText::new("Write what you want above, or begin with one of these").weak());
            ui.add_space(theme::GAP);
            for prompt in prompts {
                let is_chosen = studio.active().pending().prompt == prompt;
                if ui.selectable_label(is_chosen, prompt).clicked() {
                    commands.push(DocumentAction::SetPrompt(prompt.to_owned()).into());
                    commands.push(CommandId::WritePrompt.into());
                }
            }
        });
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Painter as _;
    use crate::model::embedded::Embedded;

    #[test]
    fn the_model_in_the_program_hears_every_word_of_them() {
        let model = Embedded::load().unwrap();
        for prompt in SUGGESTIONS {
            for heard in model.facts().understand(prompt) {
                assert!(heard.as_known().is_some(), "{prompt}: {}", heard.word);
            }
        }
    }
}
