//! A card of the Models window: what one model is, what it takes, what goes on with it, what can be done.

use egui::{Align, Frame, Layout, RichText, vec2};

use super::models::{CARD_HEIGHT, CARD_WIDTH, ModelCommand, Question, Shown, ask_to_use, terms};
use super::theme;
use super::ui_command::UiCommand;
use crate::catalog::{Licence, ModelEntry, ModelState, ModelTask, RunningTask, size_text};
use crate::model::hardware::PROCESSOR;

pub(super) fn card_ui(
    ui: &mut egui::Ui,
    entry: &ModelEntry,
    shown: &Shown<'_>,
    commands: &mut Vec<UiCommand>,
) {
    const MARGIN: f32 = 12.0;
    // The bar at the side of the list takes its room from both columns.
    let width = (ui.available_rect_before_wrap().width().min(CARD_WIDTH)) - 2.0 * MARGIN - 6.0;
    Frame::new()
        .fill(theme::canvas_around(ui.visuals()))
        .corner_radius(6)
        .inner_margin(MARGIN)
        .show(ui, |ui| {
            ui.allocate_ui_with_layout(
                vec2(width, CARD_HEIGHT),
                Layout::top_down(Align::Min),
                |ui| {
                    ui.set_min_size(vec2(width, CARD_HEIGHT));
                    ui.spacing_mut().item_spacing.y = 4.0;
                    title_ui(ui, entry, shown);
                    ui.label(paints(entry));
                    let takes = RichText::new(takes(entry, shown)).small().weak();
                    let takes = ui.add(egui::Label::new(takes).truncate());
                    takes.on_hover_text("On the processor");
                    licences_ui(ui, entry);
                    limits_ui(ui, entry, shown);
                    ui.with_layout(Layout::bottom_up(Align::Min), |ui| {
                        ui.horizontal(|ui| {
                            buttons_ui(ui, entry, shown, commands);
                            state_ui(ui, entry, shown);
                        });
                        bar_ui(ui, entry, shown);
                    });
                },
            );
        });
}

fn title_ui(ui: &mut egui::Ui, entry: &ModelEntry, shown: &Shown<'_>) {
    ui.horizontal(|ui| {
        let colour = theme::strong(ui.visuals());
        ui.add(egui::Label::new(RichText::new(&entry.name).strong().color(colour)).truncate());
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let text = match &entry.state {
                _ if shown.is_in_use(&entry.name) => {
                    ui.label(RichText::new("In use").small().color(theme::ACCENT));
                    return;
                }
                ModelState::BuiltIn => "Built in".to_owned(),
                ModelState::Here { bytes, .. } => format!("Here, {}", size_text(*bytes)),
                ModelState::Absent { .. } | ModelState::Lost(_) => return,
            };
            ui.label(RichText::new(text).small().weak());
        });
    });
}

fn paints(entry: &ModelEntry) -> String {
    match (entry.known, &entry.state) {
        (Some(known), _) => {
            let side = u32::from(known.side) * 16;
            format!("{} · {side} × {side} px", known.paints)
        }
        (None, ModelState::BuiltIn) => {
            "Landscapes, from the words it knows · 576 × 576 px".to_owned()
        }
        (None, _) => "Added from disk".to_owned(),
    }
}

/// Download, memory and speed, as far as anybody can tell.
fn takes(entry: &ModelEntry, shown: &Shown<'_>) -> String {
    let precision = shown.studio.prefs().precision;
    let download = entry.known.filter(|_| !entry.is_here()).and_then(|it| it.download_bytes);
    let download = download.map(|it| format!("{} to download", size_text(it)));
    let memory = entry.memory_bytes(precision).map(|it| format!("{} of memory", size_text(it)));
    let speed = shown.model_manager.bandwidth().and_then(|it| entry.cells_per_sec(precision, it));
    let speed = speed.map(|it| match it {
        ..10.0 => format!("{it:.1} cells/s here"),
        _ => format!("{it:.0} cells/s here"),
    });
    let parts: Vec<String> = [download, memory, speed].into_iter().flatten().collect();
    if parts.is_empty() { String::new() } else { format!("About {}", parts.join(", ")) }
}

fn licences_ui(ui: &mut egui::Ui, entry: &ModelEntry) {
    let Some(known) = entry.known else { return };
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        ui.label(RichText::new("Licence:").small().weak());
        for (idx, licence) in known.licences.iter().enumerate() {
            if 0 < idx {
                ui.label(RichText::new("and").small().weak());
            }
            licence_ui(ui, licence);
        }
    });
}

/// What the model that paints cannot do; of the others only their files would tell.
fn limits_ui(ui: &mut egui::Ui, entry: &ModelEntry, shown: &Shown<'_>) {
    let facts = shown.studio.facts().filter(|_| shown.is_in_use(&entry.name));
    let Some(facts) = facts else { return };
    let mut lines = facts.limits.clone();
    if facts.hardware != PROCESSOR {
        lines.insert(0, format!("Computes on {}", facts.hardware));
    }
    if entry.known.is_none() {
        lines.insert(0, format!("Licence: {}", facts.licence));
    }
    if !lines.is_empty() {
        let text = RichText::new(lines.join(" · ")).small().weak();
        ui.add(egui::Label::new(text).truncate()).on_hover_text(terms(facts));
    }
}

fn licence_ui(ui: &mut egui::Ui, licence: &Licence) {
    let text = RichText::new(licence.name).small();
    ui.hyperlink_to(text, licence.url).on_hover_text(format!("{}\n{}", licence.says, licence.url));
}

/// How far it is.
fn bar_ui(ui: &mut egui::Ui, entry: &ModelEntry, shown: &Shown<'_>) {
    let Some(running) = shown.model_manager.running_task(&entry.name) else { return };
    let fraction = running.progress.map_or(0.0, |it| it.done as f32 / it.all.max(1) as f32);
    let bar = egui::ProgressBar::new(fraction).desired_height(6.0).corner_radius(3);
    let name = format!("{}: {}", entry.name, progress_text(running));
    ui.add(bar)
        .widget_info(|| egui::WidgetInfo::labeled(egui::Role::ProgressIndicator, true, &name));
}

/// What goes on, or what became of it.
fn state_ui(ui: &mut egui::Ui, entry: &ModelEntry, shown: &Shown<'_>) {
    if let Some(running) = shown.model_manager.running_task(&entry.name) {
        let text = RichText::new(progress_text(running)).small().weak();
        ui.add(egui::Label::new(text).truncate());
        return;
    }
    let lost = matches!(entry.state, ModelState::Lost(_)).then_some("It is not there any more");
    let outcome = shown.model_manager.outcome(&entry.name).or(lost);
    if let Some(outcome) = outcome {
        let first = outcome.lines().next().unwrap_or_default();
        let text = RichText::new(first).small().color(theme::warning(ui.visuals()));
        ui.add(egui::Label::new(text).truncate()).on_hover_text(outcome);
    } else if let ModelState::Absent { bytes_here: bytes @ 1.. } = entry.state {
        ui.label(RichText::new(format!("Paused, {} are here", size_text(bytes))).small().weak());
    }
}

fn progress_text(running: &RunningTask) -> String {
    if running.is_stopping {
        return "Pausing…".to_owned();
    }
    let verb = match running.task {
        ModelTask::Fetch => "Downloading",
        ModelTask::Verify => "Verifying",
        ModelTask::Remove => return "Removing…".to_owned(),
    };
    let Some(progress) = running.progress else { return format!("{verb}…") };
    let speed = running.bytes_per_sec();
    let left = speed
        .filter(|it| 1.0 < *it)
        .map(|it| progress.all.saturating_sub(progress.done) as f64 / it);
    let speed = speed.map_or_else(String::new, |it| format!(" · {}/s", size_text(it as u64)));
    let left = left.map_or_else(String::new, |it| format!(" · {} left", duration(it)));
    format!("{verb} {} of {}{speed}{left}", size_text(progress.done), size_text(progress.all))
}

fn buttons_ui(
    ui: &mut egui::Ui,
    entry: &ModelEntry,
    shown: &Shown<'_>,
    commands: &mut Vec<UiCommand>,
) {
    let name = &entry.name;
    let mut button =
        |ui: &mut egui::Ui, verb: &str, tip: &str, is_enabled: bool, command: ModelCommand| {
            let spoken = format!("{verb} {name}");
            let button = ui.add_enabled(is_enabled, egui::Button::new(verb));
            button
                .widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, is_enabled, &spoken));
            if button.on_hover_text(tip).clicked() {
                commands.push(command.into());
            }
        };
    let own = || name.clone();
    if let Some(running) = shown.model_manager.running_task(name) {
        if running.task != ModelTask::Remove {
            let verb = if running.task == ModelTask::Fetch { "Pause" } else { "Stop" };
            let tip = "What has come so far is kept";
            button(ui, verb, tip, !running.is_stopping, ModelCommand::Stop(own()));
        }
        return;
    }
    match &entry.state {
        ModelState::BuiltIn | ModelState::Here { .. } => {
            let is_other = !shown.is_in_use(name);
            let command = ask_to_use(shown.studio, name);
            button(ui, "Use", "Paint with this model", is_other, command);
        }
        ModelState::Absent { bytes_here } => {
            let command = if entry.is_accepted {
                ModelCommand::Fetch(own())
            } else {
                ModelCommand::Ask(Question::Licence(own()))
            };
            let verb = if *bytes_here == 0 { "Get" } else { "Resume" };
            button(ui, verb, "Download it from the Hugging Face hub", true, command);
        }
        ModelState::Lost(_) => (),
    }
    let has_files = match entry.state {
        ModelState::BuiltIn => false,
        ModelState::Absent { bytes_here } => 0 < bytes_here,
        ModelState::Here { .. } | ModelState::Lost(_) => true,
    };
    if entry.known.is_some() && entry.is_here() {
        let tip = "Read all of its files, and compare them with what was published";
        button(ui, "Verify", tip, true, ModelCommand::Verify(own()));
    }
    if has_files {
        let is_other = shown.studio.choice().is_none_or(|it| it.name != *name);
        let tip = if is_other { "Asks before it does" } else { "Use another model first" };
        button(ui, "Remove…", tip, is_other, ModelCommand::Ask(Question::Remove(own())));
    }
}

fn duration(secs: f64) -> String {
    if secs < 90.0 {
        format!("{secs:.0} s")
    } else if secs < 5400.0 {
        format!("{:.0} min", secs / 60.0)
    } else {
        format!("{:.1} h", secs / 3600.0)
    }
}
