//! The dialog that makes a film of how the picture came about.

use egui::Slider;

use super::forms::{Filled, Unfit, outcome_ui};
use super::panels::plain_row;
use super::ui_command::UiCommand;
use crate::film::FilmOptions;
use crate::io::FilmFormat;
use crate::studio::Studio;

const SIDES: [u32; 3] = [384, 576, 768];

pub(super) struct FilmForm {
    options: FilmOptions,
    format: FilmFormat,
    n_moments: usize,
}

impl FilmForm {
    pub(super) fn new(studio: &Studio) -> Self {
        Self {
            options: FilmOptions::default(),
            format: FilmFormat::WebP,
            n_moments: studio.active().recording().moments().len(),
        }
    }

    pub(super) fn fields_ui(&mut self, ui: &mut egui::Ui) -> Filled {
        let Self { options, format, .. } = self;
        plain_row(ui, "File", |ui| {
            for it in FilmFormat::ALL {
                let chip = ui.selectable_value(format, it, it.name());
                chip.on_hover_text(match it {
                    FilmFormat::WebP => "Animated, without loss: for browsers",
                    FilmFormat::Apng => {
                        "Animated, without loss: larger, and known to more programs"
                    }
                    FilmFormat::Gif => "Of 256 colours a frame: known everywhere",
                    FilmFormat::Mp4 => "The smallest; needs the program ffmpeg",
                });
            }
        });
        plain_row(ui, "Length", |ui| {
            ui.add(Slider::new(&mut options.seconds, 2.0..=60.0).fixed_decimals(0).suffix(" s"));
        });
        plain_row(ui, "Longer side", |ui| {
            for side in SIDES {
                ui.selectable_value(&mut options.side, side, format!("{side} px"));
            }
        });
        plain_row(ui, "Edits", |ui| {
            ui.add(Slider::new(&mut options.hold, 0.1..=3.0).fixed_decimals(1).suffix(" s each"));
        });
        plain_row(ui, "Marks", |ui| {
            ui.checkbox(&mut options.marks, "Show where it changes, and how far it is");
        });
        let outcome = if self.n_moments == 0 { Err(Unfit::NoMoments) } else { Ok(()) };
        outcome_ui(
            ui,
            outcome.as_ref().map(|()| {
                format!(
                    "{} moments, as they followed each other; what was undone is left out",
                    self.n_moments
                )
            }),
        );
        outcome.map(|()| UiCommand::ExportFilm(self.options, self.format))
    }
}
