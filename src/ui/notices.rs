//! What the artist is told: a notice over the canvas, and the bar that offers a take.

use egui::{Align2, Area, Frame, vec2};

use super::icons::{self, Icon};
use super::theme;
use super::ui_command::UiCommand;
use crate::studio::{DocumentAction, Notice, Studio, StudioAction};

/// A notice stays for as long as it takes to read it twice.
pub(super) const SHOWN_SECS: f32 = 7.0;

/// So many are shown at once; older ones wait for their turn to go.
const MAX_NOTICES: usize = 3;

/// The newest lie on top; what has been there for long enough goes.
pub(super) fn notices_ui(
    ui: &egui::Ui,
    canvas: egui::Rect,
    studio: &Studio,
    commands: &mut Vec<UiCommand>,
) {
    let notices = studio.notices();
    if notices.is_empty() {
        return;
    }
    let area = Area::new(egui::Id::unique("notices")).pivot(Align2::CENTER_TOP);
    let area = area.fixed_pos(canvas.center_top() + vec2(0.0, 14.0)).show(ui.ctx(), |ui| {
        for (idx, notice) in notices.iter().enumerate().rev().take(MAX_NOTICES) {
            notice_ui(ui, idx, notice, commands);
        }
    });
    // While the pointer is there, it is being read, or copied.
    let is_old = |it: &Notice| SHOWN_SECS < it.since.elapsed().as_secs_f32();
    let old = notices.iter().position(is_old).filter(|_| !area.response.contains_pointer());
    commands.extend(old.map(|idx| StudioAction::DismissNotice(idx).into()));
    ui.ctx().request_repaint_after_secs(0.5);
}

fn notice_ui(ui: &mut egui::Ui, idx: usize, notice: &Notice, commands: &mut Vec<UiCommand>) {
    Frame::popup(ui.style()).inner_margin(10.0).show(ui, |ui| {
        ui.set_max_width(460.0);
        ui.horizontal(|ui| {
            ui.label(&notice.text);
            let close = ui.small_button("×");
            close.widget_info(|| {
                egui::WidgetInfo::labeled(egui::Role::Button, true, "Dismiss the notice")
            });
            if close.clicked() {
                commands.push(StudioAction::DismissNotice(idx).into());
            }
        });
    });
}

/// How far an export is finished, and a way out.
pub(super) fn export_ui(
    ui: &egui::Ui,
    canvas: egui::Rect,
    studio: &Studio,
    commands: &mut Vec<UiCommand>,
) {
    let Some(percent) = studio.export_percent() else { return };
    let area = Area::new(egui::Id::unique("export")).pivot(Align2::RIGHT_BOTTOM);
    area.fixed_pos(canvas.right_bottom() - vec2(14.0, 14.0)).show(ui.ctx(), |ui| {
        Frame::popup(ui.style()).inner_margin(8.0).show(ui, |ui| {
            ui.horizontal(|ui| {
                ui.label("Finishing");
                let bar = egui::ProgressBar::new(percent as f32 / 100.0).fill(theme::ACCENT);
                ui.add(bar.desired_width(120.0).desired_height(6.0));
                ui.weak(format!("{percent} %"));
                if ui.button("Stop").clicked() {
                    commands.push(StudioAction::StopExport.into());
                }
            });
        });
    });
}

/// ◀ 2/3 ▶ · Another take · Accept · Discard
pub(super) fn staged_ui(
    ui: &egui::Ui,
    canvas: egui::Rect,
    studio: &Studio,
    commands: &mut Vec<UiCommand>,
) {
    let is_busy = studio.active().is_painting() || studio.active().is_looking();
    let Some(staged) = studio.active().staged().filter(|_| !is_busy) else { return };
    let (shown, n_takes) = staged.shown_of();
    let area = Area::new(egui::Id::unique("staged")).pivot(Align2::CENTER_BOTTOM);
    area.fixed_pos(canvas.center_bottom() - vec2(0.0, 14.0)).show(ui.ctx(), |ui| {
        Frame::popup(ui.style()).inner_margin(8.0).show(ui, |ui| {
            ui.horizontal(|ui| {
                step_ui(ui, Icon::Back, "Earlier take", shown.checked_sub(1), commands);
                ui.label(format!("{}/{n_takes}", shown + 1))
                    .on_hover_text("Hold \\ to see the picture without it");
                step_ui(
                    ui,
                    Icon::Forward,
                    "Later take",
                    Some(shown + 1).filter(|&it| it < n_takes),
                    commands,
                );
                ui.separator();
                if ui.button("Another take").clicked() {
                    commands.push(DocumentAction::StagedTake.into());
                }
                if ui.add(theme::primary_button("Accept")).on_hover_text("Enter").clicked() {
                    commands.push(DocumentAction::AcceptTake.into());
                }
                if ui.button("Discard").on_hover_text("Escape").clicked() {
                    commands.push(DocumentAction::DiscardTake.into());
                }
            });
        });
    });
}

fn step_ui(
    ui: &mut egui::Ui,
    icon: Icon,
    name: &str,
    take: Option<usize>,
    commands: &mut Vec<UiCommand>,
) {
    ui.add_enabled_ui(take.is_some(), |ui| {
        if icons::button(ui, icon, name, false).clicked()
            && let Some(take) = take
        {
            commands.push(DocumentAction::ShowTake(take).into());
        }
    });
}
