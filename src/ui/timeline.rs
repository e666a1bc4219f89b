//! The bar below the canvas: play, step, stop, how far the painting is, how fast, and the pace.

use egui::{Align, Layout, RichText, vec2};

use super::commands::CommandId;
use super::icons::{self, Icon};
use super::theme;
use super::ui_command::UiCommand;
use crate::studio::{DocumentAction, Studio, StudioAction};

/// The paces offered, in cells per second; the last one is as fast as it goes.
const PACES: &[Option<f32>] =
    &[Some(1.0), Some(2.0), Some(5.0), Some(10.0), Some(25.0), Some(50.0), Some(100.0), None];

pub(super) fn timeline_ui(ui: &mut egui::Ui, studio: &Studio, commands: &mut Vec<UiCommand>) {
    ui.horizontal_centered(|ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        buttons_ui(ui, studio, commands);
        ui.add_space(theme::GAP);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            pace_ui(ui, studio, commands);
            ui.add_space(theme::GAP);
            ui.add_sized(
                [170.0, 20.0],
                egui::Label::new(RichText::new(state_text(studio)).small()),
            );
            progress_ui(ui, studio);
        });
    });
}

fn buttons_ui(ui: &mut egui::Ui, studio: &Studio, commands: &mut Vec<UiCommand>) {
    let is_running = studio.active().is_painting() && !studio.active().is_paused();
    let can_go_on = studio.facts().is_some() && !studio.active().picture().is_finished();

    if is_running {
        if icons::button(ui, Icon::Pause, "Pause painting", false).clicked() {
            commands.push(DocumentAction::Pause.into());
        }
    } else {
        ui.add_enabled_ui(studio.active().is_painting() || can_go_on, |ui| {
            if icons::button(ui, Icon::Play, "Go on painting", false).clicked() {
                let is_begun =
                    studio.active().is_painting() || 0 < studio.active().picture().n_settled();
                commands.push(
                    if is_begun { DocumentAction::Continue } else { DocumentAction::Paint }.into(),
                );
            }
        });
    }
    ui.add_enabled_ui(!is_running && (studio.active().is_painting() || can_go_on), |ui| {
        let name = CommandId::StepCell.label_with_key(ui.ctx());
        if icons::button(ui, Icon::StepCell, &name, false).clicked() {
            commands.push(CommandId::StepCell.into());
        }
        let name = CommandId::StepRow.label_with_key(ui.ctx());
        if icons::button(ui, Icon::StepRow, &name, false).clicked() {
            commands.push(CommandId::StepRow.into());
        }
    });
    ui.add_enabled_ui(studio.active().can_stop(), |ui| {
        if icons::button(ui, Icon::Stop, "Stop (Escape)", false).clicked() {
            commands.push(DocumentAction::Stop.into());
        }
    });
}

/// A thin rail that fills as cells settle.
fn progress_ui(ui: &mut egui::Ui, studio: &Studio) {
    let n_cells = studio.active().picture().cells.len();
    let open = studio.active().open().map_or_else(
        || studio.active().picture().cells.iter().filter(|it| it.code.is_none()).count(),
        |it| it.len(),
    );
    let fraction = 1.0 - open as f32 / n_cells as f32;
    let width = (ui.available_width() - theme::GAP).max(20.0);
    let (rect, response) = ui.allocate_exact_size(vec2(width, 20.0), egui::Sense::hover());
    let settled = n_cells - open;
    response.widget_info(|| {
        let mut info = egui::WidgetInfo::new(egui::Role::ProgressIndicator);
        info.label = Some("Progress".to_owned());
        info.value = Some(f64::from(fraction));
        info
    });
    let rail = egui::Rect::from_center_size(rect.center(), vec2(rect.width(), 6.0));
    ui.painter().rect_filled(rail, 3.0, theme::rail(ui.visuals()));
    let mut done = rail;
    done.set_width(rail.width() * fraction);
    ui.painter().rect_filled(done, 3.0, theme::ACCENT);
    if studio.active().is_painting() {
        let knob = egui::pos2(done.right(), rail.center().y);
        ui.painter().circle_filled(knob, 6.0, theme::ACCENT);
    }
    response.on_hover_text(format!("{settled} of {n_cells} cells are settled"));
}

fn state_text(studio: &Studio) -> String {
    let n_cells = studio.active().picture().cells.len();
    if let Some(updates) = studio.active().updates_per_sec() {
        return format!("following · {updates:.1}/s");
    }
    let Some((done, to_paint, secs)) = studio.active().progress() else {
        return match studio.active().last_stats().filter(|it| 0 < it.n_settled) {
            Some(stats) => format!(
                "{} cells in {:.1} s · {:.0}/s",
                stats.n_settled,
                stats.secs,
                stats.n_settled as f32 / stats.secs
            ),
            None => format!("{n_cells} cells"),
        };
    };
    if studio.active().is_paused() {
        return format!("{done}/{to_paint} · paused");
    }
    let speed = done as f32 / secs.max(0.01);
    match done {
        0 => format!("0/{to_paint}"),
        _ => format!(
            "{done}/{to_paint} · {speed:.0}/s · {:.1} s left",
            (to_paint - done) as f32 / speed
        ),
    }
}

fn pace_ui(ui: &mut egui::Ui, studio: &Studio, commands: &mut Vec<UiCommand>) {
    let current = PACES.iter().position(|it| *it == studio.prefs().pace).unwrap_or(PACES.len() - 1);
    let name =
        |pace: Option<f32>| pace.map_or("full pace".to_owned(), |it| format!("{it:.0} cells/s"));
    let mut chosen = current;
    ui.add_sized(
        [84.0, 20.0],
        egui::Label::new(RichText::new(name(PACES[current])).small().weak()),
    );
    ui.spacing_mut().slider_width = 80.0;
    let slider = egui::Slider::new(&mut chosen, 0..=PACES.len() - 1).show_value(false);
    let slider = ui.add(slider).on_hover_text("Pace of painting");
    slider.widget_info(|| egui::WidgetInfo::slider(true, current as f64, "Pace"));
    if chosen != current {
        commands.push(StudioAction::SetPace(PACES[chosen]).into());
    }
}
