//! The dialog that cuts a layer's foreground out: what is found is seen at once on a checkerboard, and strokes say what is to be
//! kept or dropped.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::Builder;

use egui::{Color32, ColorImage, Rect, Sense, Stroke, TextureHandle, TextureOptions, pos2, vec2};

use super::forms::{Filled, Unfit, outcome_ui};
use super::panels::plain_row;
use super::theme;
use crate::base::{LayerId, Mask, PixelRect, Pixmap, Point};
use crate::cutout::{Hints, cut_out};
use crate::document::{LayerChange, selection};
use crate::studio::{DocumentAction, LayerAction, Studio};

/// Width and height of what is shown of it, in points.
const SIZE: [f32; 2] = [440.0, 380.0];

/// Of a stroke, in points.
const STROKE: f32 = 5.0;

/// Of the checkerboard, in texels.
const SQUARE: usize = 8;

pub(super) struct CutoutForm {
    layer: LayerId,
    pixels: Pixmap,
    canvas: PixelRect,
    /// What may be foreground, by a name: all, the selection, what the model sees.
    areas: Vec<(String, Mask)>,
    area: usize,
    keeps: bool,
    /// Strokes in pixels of the grid.
    keep: Vec<Vec<Point>>,
    drop: Vec<Vec<Point>>,
    sender: Sender<(u64, Option<Mask>)>,
    receiver: Receiver<(u64, Option<Mask>)>,
    /// Counts what was asked for; a thread whose number is an older one stops.
    asked: Arc<AtomicU64>,
    /// The newest that was found, with its number.
    found: Option<(u64, Mask)>,
    texture: Option<(u64, TextureHandle)>,
}

impl CutoutForm {
    /// Of the active layer, or of what the model paints where that one is empty. `None` where there is nothing.
    pub(super) fn new(studio: &Studio) -> Option<Self> {
        let document = studio.active();
        let picture = document.picture();
        let active = picture.stack.active();
        let painted = active.filter(|it| picture.pixels_in(it).is_some_and(|it| !it.is_blank()));
        let layers = picture.stack.walk();
        let generated = layers.iter().map(|it| it.1).find(|it| it.pixels().is_none());
        let layer = painted.or(generated)?;
        let pixels = picture.pixels_in(layer)?.clone();
        if pixels.is_blank() {
            return None;
        }
        let (grid, canvas) = (picture.grid, picture.canvas);
        let all = Mask::of_area(grid.width(), grid.height(), canvas);
        let mut areas = vec![("All of it".to_owned(), all)];
        let selected = picture.selection.clone().map(|it| ("Selection".to_owned(), it));
        let area = usize::from(selected.is_some());
        areas.extend(selected);
        let labels = studio.facts().map(|it| Arc::clone(&it.labels)).unwrap_or_default();
        for label in labels.iter() {
            let cells = document.cells_that_show(label);
            if !cells.is_empty() && cells.len() < grid.n_cells() {
                let cells = Mask::from_cells(grid, |it| cells.contains(&it));
                let around = selection::grown(&cells, u32::from(grid.cell_pixels));
                areas.push((label.clone(), around));
            }
        }
        let (sender, receiver) = channel();
        Some(Self {
            layer: layer.id,
            pixels,
            canvas,
            areas,
            area,
            keeps: true,
            keep: Vec::new(),
            drop: Vec::new(),
            sender,
            receiver,
            asked: Arc::default(),
            found: None,
            texture: None,
        })
    }

    pub(super) fn fields_ui(&mut self, ui: &mut egui::Ui) -> Filled {
        let before = self.area;
        plain_row(ui, "Within", |ui| {
            let shown = self.areas[self.area].0.clone();
            egui::ComboBox::from_id_salt("within").selected_text(shown).show_ui(ui, |ui| {
                for (idx, (name, _)) in self.areas.iter().enumerate() {
                    ui.selectable_value(&mut self.area, idx, name);
                }
            });
        });
        plain_row(ui, "Strokes", |ui| {
            ui.selectable_value(&mut self.keeps, true, "Keep");
            ui.selectable_value(&mut self.keeps, false, "Drop");
            let has_strokes = !self.keep.is_empty() || !self.drop.is_empty();
            if ui.add_enabled(has_strokes, egui::Button::new("Forget all")).clicked() {
                (self.keep, self.drop) = (Vec::new(), Vec::new());
                self.ask(ui.ctx());
            }
        });
        if self.asked.load(Ordering::Relaxed) == 0 || self.area != before {
            self.ask(ui.ctx());
        }
        while let Ok((number, mask)) = self.receiver.try_recv() {
            self.found = mask.map(|it| (number, it)).or(self.found.take());
        }
        self.picture_ui(ui);
        let is_newest =
            self.found.as_ref().map(|it| it.0) == Some(self.asked.load(Ordering::Relaxed));
        let outcome = match &self.found {
            Some((_, mask)) if is_newest && mask.is_empty() => Err(Unfit::NothingToCutOut),
            Some(_) if is_newest => Ok(()),
            Some(_) | None => Err(Unfit::StillCuttingOut),
        };
        let told = "Draw over what is to be kept, or dropped; it becomes the layer's mask, which can be painted on";
        outcome_ui(ui, outcome.as_ref().map(|()| told.to_owned()));
        outcome.map(|()| {
            let mask =
                self.found.as_ref().map(|it| it.1.clone()).unwrap_or_else(|| Mask::new(1, 1));
            let change = LayerChange::CutOut(mask);
            DocumentAction::Layer(LayerAction::Change(self.layer, change)).into()
        })
    }

    /// Begins anew with what is said by now.
    fn ask(&self, ctx: &egui::Context) {
        let number = self.asked.fetch_add(1, Ordering::Relaxed) + 1;
        let (asked, sender, ctx) = (Arc::clone(&self.asked), self.sender.clone(), ctx.clone());
        let (pixels, canvas) = (self.pixels.clone(), self.canvas);
        let within = self.areas[self.area].1.clone();
        let drawn = |it: &[Vec<Point>]| {
            selection::drawn(pixels.width(), pixels.height(), it, STROKE / self.scale())
        };
        let (keep, drop) = (drawn(&self.keep), drawn(&self.drop));
        let thread = Builder::new().name("cut-out".to_owned()).spawn(move || {
            let hints = Hints { within: &within, keep: &keep, drop: &drop, prior: None };
            let go_on = |_: f32| asked.load(Ordering::Relaxed) == number;
            // The dialog may be gone by now.
            let _ = sender.send((number, cut_out(&pixels, canvas, &hints, &go_on)));
            ctx.request_repaint();
        });
        if let Err(err) = thread {
            log::error!("There is no thread to cut out: {err}");
        }
    }

    /// Points for a pixel.
    fn scale(&self) -> f32 {
        let [width, height] = [self.canvas.width(), self.canvas.height()].map(|it| it as f32);
        (SIZE[0] / width).min(SIZE[1] / height)
    }

    fn picture_ui(&mut self, ui: &mut egui::Ui) {
        let scale = self.scale();
        let shown = vec2(self.canvas.width() as f32, self.canvas.height() as f32) * scale;
        let room = vec2(SIZE[0], SIZE[1].min(shown.y));
        let (rect, response) = ui.allocate_exact_size(room, Sense::drag());
        response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Image, true, "What is kept"));
        let place = Rect::from_center_size(rect.center(), shown);
        let number = self.found.as_ref().map_or(0, |it| it.0);
        if self.texture.as_ref().is_none_or(|it| it.0 != number) {
            let image = self.image(ui.visuals(), shown * ui.pixels_per_point());
            let texture = ui.ctx().load_texture("cut-out", image, TextureOptions::LINEAR);
            self.texture = Some((number, texture));
        }
        if let Some((_, texture)) = &self.texture {
            let whole = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
            let is_newest = number == self.asked.load(Ordering::Relaxed);
            let tint = if is_newest { Color32::WHITE } else { theme::waiting_tint() };
            ui.painter().image(texture.id(), place, whole, tint);
        }
        self.draw(ui, &response, place);
        let [keep, drop] = theme::keep_and_drop();
        for (strokes, colour) in [(&self.keep, keep), (&self.drop, drop)] {
            for points in strokes {
                let origin = vec2(self.canvas.left as f32, self.canvas.top as f32);
                let on_screen = |it: &Point| place.min + (vec2(it.x, it.y) - origin) * scale;
                let line: Vec<egui::Pos2> = points.iter().map(on_screen).collect();
                ui.painter().line(line, Stroke::new(STROKE, colour));
            }
        }
    }

    /// The stroke that is being drawn; when the hand lifts, it counts.
    fn draw(&mut self, ui: &egui::Ui, response: &egui::Response, place: Rect) {
        let strokes = if self.keeps { &mut self.keep } else { &mut self.drop };
        if response.drag_started() {
            strokes.push(Vec::new());
        }
        if let Some(pos) = response.interact_pointer_pos().filter(|_| response.dragged()) {
            let by = (pos - place.min) * (self.canvas.width() as f32 / place.width());
            let at = Point::new(by.x + self.canvas.left as f32, by.y + self.canvas.top as f32);
            if let Some(points) = strokes.last_mut() {
                points.push(at);
            }
        }
        if response.drag_stopped() {
            self.ask(ui.ctx());
        }
    }

    /// The layer as it would be seen, on a checkerboard.
    fn image(&self, visuals: &egui::Visuals, size: egui::Vec2) -> ColorImage {
        let size = [size.x, size.y].map(|it| (it.round() as usize).max(1));
        let [light, dark] = theme::squares(visuals);
        let mut texels = Vec::with_capacity(size[0] * size[1]);
        let pixel = |at: usize, len: usize, from: u32, side: u32| {
            from + ((at as f32 + 0.5) / len as f32 * side as f32) as u32
        };
        for row in 0..size[1] {
            let y = pixel(row, size[1], self.canvas.top, self.canvas.height());
            for col in 0..size[0] {
                let x = pixel(col, size[0], self.canvas.left, self.canvas.width());
                let [r, g, b, alpha] = self.pixels.at(x, y);
                let shown = self.found.as_ref().map_or(u8::MAX, |it| it.1.at(x, y));
                let alpha = (u16::from(alpha) * u16::from(shown) / 255) as u8;
                let is_light = (col / SQUARE + row / SQUARE).is_multiple_of(2);
                let behind = if is_light { light } else { dark };
                texels.push(behind.blend(Color32::from_rgba_unmultiplied(r, g, b, alpha)));
            }
        }
        ColorImage::new(size, texels)
    }
}

impl Drop for CutoutForm {
    /// Whatever is still being cut out is not wanted any more.
    fn drop(&mut self) {
        self.asked.fetch_add(1, Ordering::Relaxed);
    }
}
