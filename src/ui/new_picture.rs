//! The dialog for a new picture: how large it is, how much of it the model paints at a time, on which ground.

use egui::ComboBox;

use super::forms::{Filled, Unfit, outcome_ui};
use super::panels::{plain_row, row};
use super::size_fields::{Edited, SizeFields};
use crate::base::Grid;
use crate::studio::{NewCanvas, Refusal, Studio, StudioAction};

/// Sizes that are asked for often. Sheets have 300 dots per inch.
const PRESETS: &[(&str, [u32; 2])] = &[
    ("Square, 1024", [1024, 1024]),
    ("Square, 2048", [2048, 2048]),
    ("Square, 4096", [4096, 4096]),
    ("A5 portrait, 300 dpi", [1748, 2480]),
    ("A5 landscape, 300 dpi", [2480, 1748]),
    ("A4 portrait, 300 dpi", [2480, 3508]),
    ("A4 landscape, 300 dpi", [3508, 2480]),
    ("Full HD", [1920, 1080]),
    ("4K", [3840, 2160]),
];

/// Of the paper that is offered first.
const PAPER: [u8; 3] = [245, 241, 232];

pub(super) struct NewPicture {
    fields: SizeFields,
    /// What suits the size where none was chosen.
    scale: Option<u16>,
    has_background: bool,
    background: [u8; 3],
}

impl NewPicture {
    pub(super) fn new(studio: &Studio) -> Self {
        let own = NewCanvas { size: None, scale: None, background: None };
        let size = studio.planned(own).map_or([512, 512], |(_, it)| [it.width(), it.height()]);
        let fields = SizeFields::new(size);
        Self { fields, scale: None, has_background: false, background: PAPER }
    }

    pub(super) fn fields_ui(&mut self, ui: &mut egui::Ui, studio: &Studio) -> Filled {
        self.presets_ui(ui, studio);
        let (_, edited) = plain_row(ui, "Size", |ui| self.fields.ui(ui));
        if edited != Edited::Nothing {
            self.scale = None;
        }
        self.scale_ui(ui, self.scale(studio));
        let planned = self.planned(studio);
        self.background_ui(ui);
        outcome_ui(ui, planned.as_ref().map(|(grid, _)| what_it_takes(*grid, studio)));
        planned.map(|(_, canvas)| StudioAction::NewCanvas(canvas).into())
    }

    fn planned(&self, studio: &Studio) -> Result<(Grid, NewCanvas), Unfit> {
        let size = self.fields.size()?;
        let background = self.has_background.then_some(self.background);
        let canvas = NewCanvas { size: Some(size), scale: self.scale, background };
        match studio.planned(canvas) {
            Ok((grid, _)) => Ok((grid, canvas)),
            Err(Refusal::NoSuchCanvas) => Err(too_large(studio, self.scale)),
            Err(refusal) => Err(refusal.into()),
        }
    }

    /// The one chosen, or what suits the size.
    fn scale(&self, studio: &Studio) -> Option<u16> {
        let (grid, _) = self.planned(studio).ok()?;
        studio.facts().and_then(|it| grid.scale_over(it.grid))
    }

    fn presets_ui(&mut self, ui: &mut egui::Ui, studio: &Studio) {
        let presets = presets(studio);
        let size = self.fields.size().ok();
        let scale = self.scale(studio);
        let is_chosen = |it: &&(String, [u32; 2], Option<u16>)| {
            Some(it.1) == size && (it.2.is_none() || it.2 == scale)
        };
        let chosen = presets.iter().find(is_chosen).map_or("Custom", |it| &it.0).to_owned();
        let response = row(ui, "Preset", |ui| {
            ComboBox::from_id_salt("preset")
                .selected_text(&chosen)
                .width(ui.available_width())
                .height(400.0)
                .show_ui(ui, |ui| {
                    ui.spacing_mut().item_spacing.y = 1.0;
                    for (name, size, scale) in &presets {
                        let [width, height] = size;
                        let text = format!("{width} × {height}");
                        let choice = egui::Button::selectable(*name == chosen, name.as_str());
                        if ui.add(choice.shortcut_text(text)).clicked() {
                            self.fields.set(*size);
                            self.scale = *scale;
                        }
                    }
                })
                .response
        });
        response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::ComboBox, true, "Preset"));
    }

    fn scale_ui(&mut self, ui: &mut egui::Ui, scale: Option<u16>) {
        plain_row(ui, "Scale", |ui| {
            ui.spacing_mut().item_spacing.x = 4.0;
            for it in 1..=Grid::MAX_SCALE {
                let is_chosen = scale == Some(it);
                let button = egui::Button::selectable(is_chosen, format!("{it} ×"));
                let button = ui.add(button.min_size(egui::vec2(40.0, 26.0)));
                button.widget_info(|| {
                    let name = format!("Scale {it}");
                    egui::WidgetInfo::selected(egui::Role::RadioButton, true, is_chosen, name)
                });
                if button.clicked() {
                    self.scale = Some(it);
                }
            }
        });
        let says = match scale {
            Some(1) => "Each pixel of the model's is one of the picture's".to_owned(),
            Some(it) => format!("Each pixel of the model's becomes {it} × {it} of the picture's"),
            None => String::new(),
        };
        plain_row(ui, "", |ui| ui.label(egui::RichText::new(says).small().weak()));
    }

    fn background_ui(&mut self, ui: &mut egui::Ui) {
        plain_row(ui, "Background", |ui| {
            ui.radio_value(&mut self.has_background, false, "Transparent");
            ui.radio_value(&mut self.has_background, true, "Colour");
            ui.add_enabled_ui(self.has_background, |ui| {
                let name = "Background colour";
                let colour = ui.color_edit_button_srgb(&mut self.background).on_hover_text(name);
                colour.widget_info(|| {
                    egui::WidgetInfo::labeled(egui::Role::ColorWell, self.has_background, name)
                });
            });
        });
    }
}

/// The model's own sizes first.
fn presets(studio: &Studio) -> Vec<(String, [u32; 2], Option<u16>)> {
    let own = studio.facts().into_iter().flat_map(|facts| {
        [1, 2].map(|scale| {
            let grid = facts.grid.scaled(scale);
            (format!("{} × {scale}", facts.name()), [grid.width(), grid.height()], Some(scale))
        })
    });
    let others = PRESETS.iter().map(|&(name, size)| (name.to_owned(), size, None));
    own.chain(others).collect()
}

/// How large it may be instead.
fn too_large(studio: &Studio, scale: Option<u16>) -> Unfit {
    let own = studio.facts().map_or((1, 1), |it| (it.grid.cell_pixels, it.new_scale));
    let scale = scale.unwrap_or(own.1);
    let max_pixels = u32::from(own.0) * u32::from(scale) * u32::from(Grid::MAX_SIDE);
    Unfit::TooLarge { scale, max_pixels }
}

/// "24 × 24 = 576 cells, about 40 s to paint"
pub(super) fn what_it_takes(grid: Grid, studio: &Studio) -> String {
    let (cols, rows, n_cells) = (grid.cols, grid.rows, grid.n_cells());
    let cells = format!("{cols} × {rows} = {n_cells} cells for the model to paint");
    match studio.active().cells_per_sec() {
        Some(speed) if 0.0 < speed => {
            format!("{cells}, about {} at its speed so far", time_text(n_cells as f32 / speed))
        }
        Some(_) | None => cells,
    }
}

fn time_text(secs: f32) -> String {
    match secs {
        it if it < 90.0 => format!("{it:.0} s"),
        it if it < 5400.0 => format!("{:.0} min", it / 60.0),
        it => format!("{:.1} h", it / 3600.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_as_people_tell_them() {
        assert_eq!(
            [4.4, 89.0, 150.0, 7200.0].map(time_text),
            ["4 s", "89 s", "2 min", "2.0 h"].map(str::to_owned)
        );
    }
}
