//! What a crash has left, offered at the next start.

use std::time::SystemTime;

use egui::{Color32, ColorImage, Frame, RichText, TextureHandle, TextureOptions, vec2};

use super::theme;
use super::ui_command::UiCommand;
use crate::base::Pixmap;
use crate::studio::{Recovered, Studio, StudioAction};

/// Height of the list, in points.
const MAX_HEIGHT: f32 = 320.0;

/// Side of a thumbnail, in points.
const THUMBNAIL: f32 = 72.0;

/// What the list shows of each: as long as they are offered nothing in them changes.
#[derive(Default)]
pub(super) struct RecoveryView {
    thumbnails: Vec<TextureHandle>,
}

/// Asks what is to become of them.
pub(super) fn question_ui(
    ctx: &egui::Context,
    studio: &Studio,
    view: &mut RecoveryView,
    commands: &mut Vec<UiCommand>,
) {
    let recovered = studio.recovered();
    if recovered.is_empty() {
        view.thumbnails.clear();
        return;
    }
    if view.thumbnails.len() != recovered.len() {
        view.thumbnails = recovered.iter().map(|it| texture(ctx, &it.thumbnail)).collect();
        // In its first frame a question only learns how large it is, and nobody may move anything after that.
        ctx.request_repaint();
    }
    let frame = Frame::popup(&ctx.global_style()).inner_margin(16.0);
    egui::Modal::new(egui::Id::unique("recovered")).frame(frame).show(ctx, |ui| {
        ui.set_width(440.0);
        ui.heading("The program ended before these were saved");
        ui.weak("As they were in its last seconds");
        ui.add_space(theme::GAP);
        egui::ScrollArea::vertical().max_height(MAX_HEIGHT).show(ui, |ui| {
            for (idx, it) in recovered.iter().enumerate() {
                ui.horizontal(|ui| {
                    entry_ui(ui, studio, (idx, it), &view.thumbnails[idx], commands);
                });
                ui.add_space(theme::GAP);
            }
        });
        let later = ui.button("Keep for later");
        if later.on_hover_text("They are offered again at the next start").clicked() {
            commands.push(StudioAction::KeepRecovered.into());
        }
    });
}

fn entry_ui(
    ui: &mut egui::Ui,
    studio: &Studio,
    (idx, recovered): (usize, &Recovered),
    thumbnail: &TextureHandle,
    commands: &mut Vec<UiCommand>,
) {
    let (rect, _) = ui.allocate_exact_size(vec2(THUMBNAIL, THUMBNAIL), egui::Sense::hover());
    let size = thumbnail.size_vec2();
    let shown = egui::Rect::from_center_size(rect.center(), size * (THUMBNAIL / size.max_elem()));
    let whole = egui::Rect::from_min_max(egui::Pos2::ZERO, egui::pos2(1.0, 1.0));
    ui.painter().image(thumbnail.id(), shown, whole, Color32::WHITE);
    ui.vertical(|ui| {
        let name = &recovered.state.name;
        ui.label(RichText::new(name).strong());
        let picture = &recovered.state.project.picture;
        let (width, height) = (picture.canvas.width(), picture.canvas.height());
        ui.weak(format!("{width} × {height} · {}", since(recovered.when)));
        ui.horizontal(|ui| {
            let restore = ui.add_enabled(studio.facts().is_some(), egui::Button::new("Restore"));
            let spoken = format!("Restore {name}");
            restore.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, &spoken));
            if restore.on_disabled_hover_text("As soon as the model is loaded").clicked() {
                commands.push(StudioAction::Restore(idx).into());
            }
            let discard = ui.button("Discard");
            let spoken = format!("Discard {name}");
            discard.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, &spoken));
            if discard.clicked() {
                commands.push(StudioAction::DiscardRecovered(idx).into());
            }
        });
    });
}

fn since(when: SystemTime) -> String {
    let secs = when.elapsed().map_or(0, |it| it.as_secs());
    match secs {
        0..=119 => "a moment ago".to_owned(),
        120..=7199 => format!("{} minutes ago", secs / 60),
        7200..=172_799 => format!("{} hours ago", secs / 3600),
        _ => format!("{} days ago", secs / 86_400),
    }
}

fn texture(ctx: &egui::Context, pixels: &Pixmap) -> TextureHandle {
    let size = [pixels.width() as usize, pixels.height() as usize];
    let image = ColorImage::from_rgba_unmultiplied(size, &pixels.rgba(pixels.area()));
    ctx.load_texture("recovered", image, TextureOptions::LINEAR)
}
