//! What might be painted first: prompts on the empty canvas, each a click away.

use egui::{Align2, RichText};

use super::theme;
use super::wish::Wish;
use crate::model::Prompts;
use crate::session::{Action, Session};

/// Prompts that the network in the program paints well, whatever the seed.
const SUGGESTIONS: [&str; 8] = [
    "a lake before mountains at sunset, a few clouds, a red balloon",
    "a white sailboat on the sea at dawn, a low sun",
    "a castle on a meadow in autumn, mountains, a clear sky",
    "snowy mountains at night, stars, a full moon",
    "a cabin in winter, a forest, many clouds",
    "a rocky coast in a thunderstorm, lightning",
    "a flock of birds over desert dunes at sunset",
    "rolling hills by moonlight, two balloons",
];

const WIDTH: f32 = 420.0;

/// Shown while nothing is painted and nobody has begun to, by a model that hears all of their words.
pub(super) fn suggestions_ui(
    ui: &egui::Ui,
    canvas: egui::Rect,
    session: &Session,
    wishes: &mut Vec<Wish>,
) {
    let Some(facts) = session.facts().filter(|it| it.prompts != Prompts::Classes) else { return };
    let is_heard = |prompt: &str| facts.understand(prompt).iter().all(|it| it.as_known().is_some());
    let is_begun = session.is_painting() || !session.picture().is_blank();
    if is_begun || !SUGGESTIONS.iter().all(|it| is_heard(it)) {
        return;
    }
    let area = egui::Area::new(egui::Id::unique("suggestions")).order(egui::Order::Middle);
    area.pivot(Align2::CENTER_CENTER).fixed_pos(canvas.center()).show(ui.ctx(), |ui| {
        ui.set_max_width(WIDTH.min(canvas.width() - 2.0 * theme::GAP));
        ui.vertical_centered_justified(|ui| {
            ui.label(RichText::new("Write what you want above, or begin with one of these").weak());
            ui.add_space(theme::GAP);
            for prompt in SUGGESTIONS {
                let is_chosen = session.wish().prompt == prompt;
                if ui.selectable_label(is_chosen, prompt).clicked() {
                    wishes.push(Action::SetWords(prompt.to_owned()).into());
                    wishes.push(Wish::FocusWords);
                }
            }
        });
    });
}
