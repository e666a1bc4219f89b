//! The dialog that exports the picture: with which strokes, how large, and a look at it at 100 %.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::Builder;

use egui::{Color32, ColorImage, TextureHandle, TextureOptions, vec2};

use super::forms::{Filled, Unfit, outcome_ui};
use super::panels::plain_row;
use super::theme;
use super::ui_command::UiCommand;
use crate::base::PixelRect;
use crate::document::Picture;
use crate::finish::{Finished, Finishing, Style, finish_part};
use crate::studio::Studio;

/// Width and height of what is shown of it, in pixels.
const PREVIEW: [u32; 2] = [440, 280];

const SCALES: [u8; 5] = [1, 2, 3, 4, 6];

pub(super) struct ExportForm {
    finishing: Finishing,
    /// As it was when it was asked for.
    picture: Picture,
    preview: Preview,
}

/// A part of it at 100 %, made by a thread of its own.
struct Preview {
    sender: Sender<(Wanted, Option<Finished>)>,
    receiver: Receiver<(Wanted, Option<Finished>)>,
    /// Its middle, as shares of the picture's width and height.
    middle: [f32; 2],
    /// What a thread is at.
    asked: Option<Wanted>,
    shown: Option<(Wanted, TextureHandle)>,
}

/// What is to be shown: how it is finished, and its middle.
type Wanted = (Finishing, [f32; 2]);

impl ExportForm {
    pub(super) fn new(studio: &Studio) -> Self {
        let (sender, receiver) = channel();
        Self {
            finishing: studio.prefs().finishing,
            picture: studio.active().picture().clone(),
            preview: Preview { sender, receiver, middle: [0.5; 2], asked: None, shown: None },
        }
    }

    pub(super) fn fields_ui(&mut self, ui: &mut egui::Ui) -> Filled {
        let finishing = &mut self.finishing;
        plain_row(ui, "Surface", |ui| {
            ui.selectable_value(&mut finishing.style, None, "As it is");
            for style in Style::ALL {
                ui.selectable_value(&mut finishing.style, Some(style), title(style));
            }
        });
        let canvas = self.picture.canvas;
        let sides = [canvas.width(), canvas.height()];
        plain_row(ui, "Size", |ui| {
            for scale in SCALES {
                let scaled = Finishing { scale: scale.into(), ..*finishing };
                let chip =
                    egui::Button::selectable(finishing.scale == scaled.scale, format!("{scale} ×"));
                if ui.add_enabled(scaled.size(sides).is_some(), chip).clicked() {
                    finishing.scale = scaled.scale;
                }
            }
        });
        plain_row(ui, "Strokes", |ui| {
            let has_strokes = finishing.style.is_some();
            if ui.add_enabled(has_strokes, egui::Button::new("Lay others")).clicked() {
                finishing.seed = finishing.seed.wrapping_add(1);
            }
        });
        self.preview_ui(ui);
        let size = self.finishing.size(sides).ok_or(Unfit::FinishTooLarge);
        outcome_ui(
            ui,
            size.as_ref().map(|it| {
                format!(
                    "{} × {} pixels; above a part of them at 100 %, drag it to see others",
                    it[0], it[1]
                )
            }),
        );
        size.map(|_| UiCommand::Export(self.finishing))
    }

    fn preview_ui(&mut self, ui: &mut egui::Ui) {
        let preview = &mut self.preview;
        while let Ok((wanted, finished)) = preview.receiver.try_recv() {
            preview.asked = None;
            if let Some(finished) = finished {
                let name = "a part of the finished picture";
                let texture =
                    ui.ctx().load_texture(name, image(&finished), TextureOptions::NEAREST);
                preview.shown = Some((wanted, texture));
            }
        }
        let wanted = (self.finishing, preview.middle);
        let is_shown = preview.shown.as_ref().is_some_and(|it| it.0 == wanted);
        if !is_shown && preview.asked.is_none() {
            self.ask(ui.ctx(), wanted);
        }
        let pixels_per_point = ui.pixels_per_point();
        let size = vec2(PREVIEW[0] as f32, PREVIEW[1] as f32) / pixels_per_point;
        let (rect, response) = ui.allocate_exact_size(size, egui::Sense::drag());
        response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Image, true, "At 100 %"));
        ui.painter().rect_filled(rect, 4.0, ui.visuals().extreme_bg_color);
        if let Some((_, texture)) = &self.preview.shown {
            let shown = texture.size_vec2() / pixels_per_point;
            let place = egui::Rect::from_center_size(rect.center(), shown).intersect(rect);
            let tint = if is_shown { Color32::WHITE } else { theme::waiting_tint() };
            let whole = egui::Rect::from_min_max(egui::pos2(0.0, 0.0), egui::pos2(1.0, 1.0));
            ui.painter().image(texture.id(), place, whole, tint);
        }
        self.pan(response.on_hover_cursor(egui::CursorIcon::Grab).drag_delta() * pixels_per_point);
    }

    /// The picture follows the hand, by so many of its pixels.
    fn pan(&mut self, by: egui::Vec2) {
        let canvas = self.picture.canvas;
        let Some(size) = self.finishing.size([canvas.width(), canvas.height()]) else { return };
        for (side, by) in [by.x, by.y].into_iter().enumerate() {
            let half = (0.5 * PREVIEW[side] as f32 / size[side].max(1) as f32).min(0.5);
            let middle = &mut self.preview.middle[side];
            *middle = (*middle - by / size[side].max(1) as f32).clamp(half, 1.0 - half);
        }
    }

    fn ask(&mut self, ctx: &egui::Context, wanted: Wanted) {
        let ((finishing, middle), picture) = (wanted, self.picture.clone());
        let canvas = picture.canvas;
        let Some(size) = finishing.size([canvas.width(), canvas.height()]) else { return };
        let (sender, ctx) = (self.preview.sender.clone(), ctx.clone());
        let thread = Builder::new().name("preview".to_owned()).spawn(move || {
            let from = |side: usize| {
                let first = (middle[side] * size[side] as f32) as u32;
                first.saturating_sub(PREVIEW[side] / 2)
            };
            let (left, top) = (from(0), from(1));
            let part = PixelRect::new(left, top, left + PREVIEW[0], top + PREVIEW[1]);
            let pixels = picture.seen().pixels(canvas);
            // The dialog may be gone by now.
            let _ = sender.send((wanted, finish_part(&pixels, canvas, &finishing, part)));
            ctx.request_repaint();
        });
        match thread {
            Ok(_) => self.preview.asked = Some(wanted),
            Err(err) => log::error!("There is no thread for a preview: {err}"),
        }
    }
}

const fn title(style: Style) -> &'static str {
    match style {
        Style::Oil => "Oil",
        Style::Gouache => "Gouache",
        Style::Watercolour => "Watercolour",
        Style::Ink => "Ink",
    }
}

fn image(finished: &Finished) -> ColorImage {
    let size = [finished.width as usize, finished.height as usize];
    ColorImage::from_rgba_unmultiplied(size, &finished.rgba)
}
