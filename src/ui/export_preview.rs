//! A part of a finished picture at 100 %, made by a thread of its own, and how large files of it become.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::Builder;

use egui::{Color32, ColorImage, TextureHandle, TextureOptions, vec2};

use super::theme;
use crate::base::PixelRect;
use crate::export::{Export, ExportOptions};
use crate::finish::{Finished, Finishing, finish_part};
use crate::io::{FileOptions, Format, Tells, artwork_bytes};

/// Width and height of what is shown of it, in pixels.
const SIZE: [u32; 2] = [440, 280];

pub(super) struct ExportPreview {
    sender: Sender<Made>,
    receiver: Receiver<Made>,
    /// Its middle, as shares of the picture's width and height.
    middle: [f32; 2],
    /// What a thread is at.
    asked: Option<Wanted>,
    shown: Option<(Wanted, TextureHandle)>,
    /// What a pixel takes in a file of each format.
    bytes_per_pixel: Vec<(Format, f64)>,
}

/// What is to be shown: how it is finished, its middle, and for which files.
type Wanted = (Finishing, [f32; 2], Vec<Format>, FileOptions);

/// What came of it: its pixels, and what a pixel takes in each file.
struct Made {
    wanted: Wanted,
    finished: Option<Finished>,
    bytes_per_pixel: Vec<(Format, f64)>,
}

impl ExportPreview {
    pub(super) fn new() -> Self {
        let (sender, receiver) = channel();
        Self {
            sender,
            receiver,
            middle: [0.5; 2],
            asked: None,
            shown: None,
            bytes_per_pixel: Vec::new(),
        }
    }

    /// About how many bytes so many pixels take in such a file, as far as the part that is shown tells.
    pub(super) fn bytes(&self, format: Format, n_pixels: f64) -> Option<f64> {
        let found = self.bytes_per_pixel.iter().find(|it| it.0 == format);
        found.map(|it| it.1 * n_pixels)
    }

    pub(super) fn ui(
        &mut self,
        ui: &mut egui::Ui,
        export: &Export,
        options: &ExportOptions,
        finishing: Finishing,
    ) {
        while let Ok(Made { wanted, finished, bytes_per_pixel }) = self.receiver.try_recv() {
            self.asked = None;
            self.bytes_per_pixel = bytes_per_pixel;
            if let Some(finished) = finished {
                let name = "a part of the finished picture";
                let texture =
                    ui.ctx().load_texture(name, image(&finished), TextureOptions::NEAREST);
                self.shown = Some((wanted, texture));
            }
        }
        let wanted = (finishing, self.middle, options.formats.clone(), options.file);
        let is_shown = self.shown.as_ref().is_some_and(|it| it.0 == wanted);
        if !is_shown && self.asked.is_none() {
            self.ask(ui.ctx(), export, wanted);
        }
        let pixels_per_point = ui.pixels_per_point();
        let size = vec2(SIZE[0] as f32, SIZE[1] as f32) / pixels_per_point;
        let (rect, response) = ui.allocate_exact_size(size, egui::Sense::drag());
        response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Image, true, "At 100 %"));
        ui.painter().rect_filled(rect, 4.0, ui.visuals().extreme_bg_color);
        if let Some((_, texture)) = &self.shown {
            let shown = texture.size_vec2() / pixels_per_point;
            let place = egui::Rect::from_center_size(rect.center(), shown).intersect(rect);
            let tint = if is_shown { Color32::WHITE } else { theme::waiting_tint() };
            let whole = egui::Rect::from_min_max(egui::pos2(0.0, 0.0), egui::pos2(1.0, 1.0));
            ui.painter().image(texture.id(), place, whole, tint);
        }
        let by = response.on_hover_cursor(egui::CursorIcon::Grab).drag_delta() * pixels_per_point;
        if let Some(size) = finishing.size(export.size()) {
            self.pan(size, by);
        }
    }

    /// The picture, as large as `size`, follows the hand, by so many of its pixels.
    fn pan(&mut self, size: [u32; 2], by: egui::Vec2) {
        for (side, by) in [by.x, by.y].into_iter().enumerate() {
            let half = (0.5 * SIZE[side] as f32 / size[side].max(1) as f32).min(0.5);
            let middle = &mut self.middle[side];
            *middle = (*middle - by / size[side].max(1) as f32).clamp(half, 1.0 - half);
        }
    }

    fn ask(&mut self, ctx: &egui::Context, export: &Export, wanted: Wanted) {
        let (export, sender, ctx) = (export.clone(), self.sender.clone(), ctx.clone());
        let asked = wanted.clone();
        let thread = Builder::new().name("preview".to_owned()).spawn(move || {
            // The dialog may be gone by now.
            let _ = sender.send(made(&export, asked));
            ctx.request_repaint();
        });
        match thread {
            Ok(_) => self.asked = Some(wanted),
            Err(err) => log::error!("There is no thread for a preview: {err}"),
        }
    }
}

fn made(export: &Export, wanted: Wanted) -> Made {
    let (finishing, middle, formats, file) = &wanted;
    let canvas = export.picture.canvas;
    let size = finishing.size(export.size()).unwrap_or_default();
    let from = |side: usize| {
        let first = (middle[side] * size[side] as f32) as u32;
        first.saturating_sub(SIZE[side] / 2)
    };
    let (left, top) = (from(0), from(1));
    let part = PixelRect::new(left, top, left + SIZE[0], top + SIZE[1]);
    // Surfaces of layers are shown as they are at the picture's own size.
    let picture = export.picture.with_finishes();
    let finished = finish_part(&picture.seen().pixels(canvas), canvas, finishing, part);
    // What is told beside the pixels takes little.
    let tells = Tells { prompt: false, recipe: false, origin: false };
    let bytes_per_pixel = finished.iter().flat_map(|it| {
        let size = [it.width, it.height];
        let options = FileOptions { tells, ..*file };
        formats.iter().filter_map(move |&format| {
            let n_bytes = artwork_bytes(format, size, &it.samples, &options, &export.metadata)?;
            Some((format, n_bytes as f64 / f64::from(it.width * it.height)))
        })
    });
    let bytes_per_pixel = bytes_per_pixel.collect();
    Made { finished, bytes_per_pixel, wanted }
}

fn image(finished: &Finished) -> ColorImage {
    let size = [finished.width as usize, finished.height as usize];
    ColorImage::from_rgba_unmultiplied(size, &finished.samples.eight())
}
