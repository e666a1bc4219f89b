//! The dialog that exports the picture: with which strokes, how large, into which files, and a look at it at 100 %.

use egui::{DragValue, Slider};

use super::export_preview::ExportPreview;
use super::forms::{Filled, Unfit, outcome_ui};
use super::panels::plain_row;
use super::ui_command::UiCommand;
use crate::base::Depth;
use crate::export::{Export, ExportOptions};
use crate::finish::{Finishing, Style};
use crate::io::{FileOptions, Format};
use crate::studio::Studio;

const SCALES: [u8; 5] = [1, 2, 3, 4, 6];

pub(super) struct ExportForm {
    options: ExportOptions,
    /// As it was when it was asked for.
    export: Export,
    preview: ExportPreview,
}

impl ExportForm {
    pub(super) fn new(studio: &Studio) -> Self {
        Self {
            options: studio.prefs().export.clone(),
            export: studio.active().export(),
            preview: ExportPreview::new(),
        }
    }

    pub(super) fn fields_ui(&mut self, ui: &mut egui::Ui, commands: &mut Vec<UiCommand>) -> Filled {
        let size = self.export.size();
        let options = &mut self.options;
        plain_row(ui, "For", |ui| {
            for (name, hint, preset) in presets(options, size) {
                if ui.button(name).on_hover_text(hint).clicked() {
                    *options = preset;
                }
            }
        });
        plain_row(ui, "Surface", |ui| surface_ui(ui, options));
        plain_row(ui, "Sizes", |ui| {
            for scale in SCALES.map(f32::from) {
                let is_possible = options.finishing(scale).size(size).is_some();
                ui.add_enabled_ui(is_possible, |ui| {
                    toggle_ui(ui, &mut options.scales, scale, &format!("{scale} ×"));
                });
            }
            options.scales.sort_by(f32::total_cmp);
        });
        plain_row(ui, "Files", |ui| {
            for format in Format::ALL {
                toggle_ui(ui, &mut options.formats, format, format.name());
            }
            options.formats.sort_by_key(|it| Format::ALL.iter().position(|known| known == it));
        });
        file_ui(ui, options);
        tells_ui(ui, &mut options.file);
        let finishing = self.finishing();
        self.preview.ui(ui, &self.export, &self.options, finishing);
        ui.horizontal(|ui| {
            let has_strokes = self.options.style.is_some();
            if ui.add_enabled(has_strokes, egui::Button::new("Lay others")).clicked() {
                self.options.seed = self.options.seed.wrapping_add(1);
            }
            let hint = "The finished picture to the clipboard";
            if ui.button("Copy").on_hover_text(hint).clicked() {
                commands.push(UiCommand::CopyFinished(finishing));
            }
        });
        let outcome = self.outcome();
        outcome_ui(ui, outcome.as_ref().cloned());
        outcome.map(|_| UiCommand::Export(self.options.clone()))
    }

    /// What is shown: the largest one.
    fn finishing(&self) -> Finishing {
        let largest = self.options.scales.iter().copied().fold(1.0, f32::max);
        self.options.finishing(largest)
    }

    /// What will be written.
    fn outcome(&self) -> Result<String, Unfit> {
        let mut sizes = Vec::new();
        let mut n_bytes = Some(0.0);
        for &scale in &self.options.scales {
            let size = self.options.finishing(scale).size(self.export.size());
            let [width, height] = size.ok_or(Unfit::FinishTooLarge)?;
            sizes.push(format!("{width} × {height}"));
            for &format in &self.options.formats {
                let n_pixels = f64::from(width) * f64::from(height);
                let more = self.preview.bytes(format, n_pixels);
                n_bytes = n_bytes.zip(more).map(|(all, more)| all + more);
            }
        }
        let n_files = self.options.scales.len() * self.options.formats.len();
        let files = if n_files == 1 { "One file".to_owned() } else { format!("{n_files} files") };
        let about = n_bytes.map_or_else(String::new, |it| format!(", about {}", megabytes(it)));
        Ok(format!("{files}{about}: {} pixels; drag the picture to see more", sizes.join(", ")))
    }
}

/// A chip of several that may be on; one of them always is.
fn toggle_ui<T: Copy + PartialEq>(ui: &mut egui::Ui, chosen: &mut Vec<T>, it: T, name: &str) {
    let is_on = chosen.contains(&it);
    if !ui.add(egui::Button::selectable(is_on, name)).clicked() {
        return;
    }
    if !is_on {
        chosen.push(it);
    } else if 1 < chosen.len() {
        chosen.retain(|other| *other != it);
    }
}

fn surface_ui(ui: &mut egui::Ui, options: &mut ExportOptions) {
    ui.selectable_value(&mut options.style, None, "As it is");
    for style in Style::ALL {
        ui.selectable_value(&mut options.style, Some(style), style.title());
    }
}

/// What some formats can be told.
fn file_ui(ui: &mut egui::Ui, options: &mut ExportOptions) {
    let ExportOptions { formats, file, .. } = options;
    plain_row(ui, "Quality", |ui| {
        ui.add_enabled_ui(formats.iter().any(|it| it.can_be_deep()), |ui| {
            ui.selectable_value(&mut file.depth, Depth::Eight, "8 bit");
            ui.selectable_value(&mut file.depth, Depth::Sixteen, "16 bit");
        });
        let dpi = DragValue::new(&mut file.dpi).range(1..=2400).suffix(" dpi");
        ui.add(dpi).on_hover_text("Pixels per inch on paper");
        ui.add_enabled_ui(formats.contains(&Format::Jpeg), |ui| {
            ui.spacing_mut().slider_width = 60.0;
            ui.add(Slider::new(&mut file.quality, 30..=100).prefix("JPEG "));
        });
    });
}

fn tells_ui(ui: &mut egui::Ui, file: &mut FileOptions) {
    plain_row(ui, "Tells", |ui| {
        ui.checkbox(&mut file.tells.prompt, "Prompts");
        ui.checkbox(&mut file.tells.recipe, "Seed and settings")
            .on_hover_text("All that it takes to paint it once more");
        ui.checkbox(&mut file.tells.origin, "Who painted").on_hover_text(
            "The models, and whether a human's hand is in it, as the IPTC has it: many places ask for that",
        );
    });
}

/// Options that suit what many pictures are for.
fn presets(
    now: &ExportOptions,
    size: [u32; 2],
) -> [(&'static str, &'static str, ExportOptions); 3] {
    // The largest size on offer that a picture may have.
    let up_to = |most: u8| {
        let possible = SCALES
            .into_iter()
            .filter(|&it| it <= most && now.finishing(it.into()).size(size).is_some());
        possible.max().map_or(1.0, f32::from)
    };
    let file = |depth, dpi| FileOptions { depth, dpi, ..now.file };
    let with = |scales, formats, file| ExportOptions { scales, formats, file, ..now.clone() };
    [
        (
            "Screen",
            "A PNG and a JPEG, twice as large",
            with(vec![up_to(2)], vec![Format::Png, Format::Jpeg], file(Depth::Eight, 96)),
        ),
        (
            "Print",
            "TIFF in 16 bit and a PDF, four times as large, 300 dots per inch",
            with(vec![up_to(4)], vec![Format::Tiff, Format::Pdf], file(Depth::Sixteen, 300)),
        ),
        (
            "Archive",
            "As it is, and six times as large: PNG in 16 bit",
            with(vec![1.0, up_to(6)], vec![Format::Png], file(Depth::Sixteen, 300)),
        ),
    ]
    .map(|(name, hint, mut options)| {
        options.scales.dedup();
        (name, hint, options)
    })
}

fn megabytes(n_bytes: f64) -> String {
    if n_bytes < 1e6 {
        format!("{:.0} kB", n_bytes / 1e3)
    } else {
        format!("{:.1} MB", n_bytes / 1e6)
    }
}
