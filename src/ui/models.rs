//! The Models window: what there is to paint with, what each takes, and how to get it; and the menu at the top
//! right that shows which one paints.

use std::path::PathBuf;

use egui::{Align, Align2, Frame, Layout, RichText, ScrollArea, vec2};

use super::icons::{self, Icon};
use super::keys;
use super::theme;
use super::wish::Wish;
use crate::catalog::{BUILT_IN, Desk, Doing, Entry, Licence, Precision, State, Work};
use crate::session::{Choice, Session};

/// Room for two cards side by side, in points.
const CARD_WIDTH: f32 = 396.0;
const CARD_HEIGHT: f32 = 128.0;
const LIST_HEIGHT: f32 = 540.0;

/// The arrow behind the name of the model.
const ARROW: f32 = 18.0;

/// What the artist wants of a model.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum ModelWish {
    /// Open or close the window.
    Toggle,
    Ask(Question),
    /// Leave the question.
    Dismiss,
    Fetch(String),
    /// Stop what goes on with it; what has come of it is kept.
    Stop(String),
    Verify(String),
    Remove(String),
    Use(String),
    AddFile,
    AddFolder,
    Add(PathBuf),
    Keep(Precision),
}

impl From<ModelWish> for Wish {
    fn from(wish: ModelWish) -> Self {
        Self::Model(wish)
    }
}

/// What is asked before it is done.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Question {
    Licence(String),
    Remove(String),
    Use(String),
}

/// What of the window is open.
#[derive(Debug, Default)]
pub(super) struct ModelsView {
    pub(super) is_open: bool,
    pub(super) question: Option<Question>,
}

/// All that the window shows.
pub(super) struct Shown<'a> {
    pub(super) desk: &'a Desk,
    pub(super) session: &'a Session,
    pub(super) precision: Precision,
}

impl Shown<'_> {
    fn is_in_use(&self, name: &str) -> bool {
        self.session.choice().is_some_and(|it| it.name == name && it.precision == self.precision)
    }
}

/// "Landscapes 2 ▾", with what is here to paint with below.
pub(super) fn menu_ui(ui: &mut egui::Ui, shown: &Shown<'_>, wishes: &mut Vec<Wish>) {
    let session = shown.session;
    let name = match session.facts() {
        Some(facts) => facts.name.as_str(),
        None if session.is_model_lost() => "no model",
        None => "loading…",
    };
    ui.spacing_mut().button_padding.x = 1.4 * ARROW;
    let menu = ui.menu_button(name, |ui| {
        for entry in shown.desk.entries().iter().filter(|it| it.is_here()) {
            let is_in_use = shown.is_in_use(&entry.name);
            if ui.selectable_label(is_in_use, &entry.name).clicked() && !is_in_use {
                wishes.push(ask_to_use(session, &entry.name).into());
            }
        }
        ui.separator();
        let command = keys::command("Models…");
        let all = egui::Button::new("Models…").shortcut_text(command.keys_text(ui.ctx()));
        if ui.add(all).clicked() {
            wishes.push(command.wish());
        }
    });
    let place = menu.response.rect.right_center() - vec2(0.7 * ARROW, 0.0);
    let arrow = egui::Rect::from_center_size(place, vec2(ARROW, ARROW));
    icons::draw(ui.painter(), arrow, Icon::More, ui.visuals().text_color());
    let spoken = format!("Model: {name}");
    menu.response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, &spoken));
    menu.response.on_hover_text("The model that paints; click for another one");
}

/// A picture that would be lost is a reason to ask.
fn ask_to_use(session: &Session, name: &str) -> ModelWish {
    match session.picture().is_blank() {
        true => ModelWish::Use(name.to_owned()),
        false => ModelWish::Ask(Question::Use(name.to_owned())),
    }
}

pub(super) fn window_ui(
    ctx: &egui::Context,
    view: &ModelsView,
    shown: &Shown<'_>,
    wishes: &mut Vec<Wish>,
) {
    if view.is_open {
        let mut stays_open = true;
        egui::Window::new("Models")
            .open(&mut stays_open)
            .collapsible(false)
            .resizable(false)
            .frame(Frame::window(&ctx.global_style()).inner_margin(12))
            .pivot(Align2::CENTER_CENTER)
            .default_pos(ctx.content_rect().center())
            .show(ctx, |ui| {
                head_ui(ui, shown, wishes);
                ui.add_space(theme::GAP);
                cards_ui(ui, shown, wishes);
            });
        if !stays_open {
            wishes.push(ModelWish::Toggle.into());
        }
    }
    if let Some(question) = &view.question {
        question_ui(ctx, question, shown, wishes);
    }
}

fn head_ui(ui: &mut egui::Ui, shown: &Shown<'_>, wishes: &mut Vec<Wish>) {
    ui.set_width(2.0 * CARD_WIDTH + theme::GAP);
    ui.horizontal(|ui| {
        let label = ui.weak("Keep weights in");
        let mut precision = shown.precision;
        let choices = egui::ComboBox::from_id_salt("precision")
            .selected_text(precision_text(precision))
            .width(190.0)
            .show_ui(ui, |ui| {
                for it in Precision::ALL {
                    ui.selectable_value(&mut precision, it, precision_text(it));
                }
            });
        let choices = choices.response.labelled_by(label.id);
        choices.on_hover_text("Fewer bits take less memory and paint faster");
        if precision != shown.precision {
            wishes.push(ModelWish::Keep(precision).into());
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let folder = ui.button("Add folder…");
            if folder.on_hover_text("A model in a folder on disk; nothing is copied").clicked() {
                wishes.push(ModelWish::AddFolder.into());
            }
            let file = ui.button("Add file…");
            if file.on_hover_text("A model in a file on disk; nothing is copied").clicked() {
                wishes.push(ModelWish::AddFile.into());
            }
        });
    });
}

const fn precision_text(precision: Precision) -> &'static str {
    match precision {
        Precision::F32 => "32 bits · exact",
        Precision::Q8 => "8 bits · as good as exact",
        Precision::Q6K => "6 bits · a little coarser",
        Precision::Q4K => "4 bits · fastest",
    }
}

fn cards_ui(ui: &mut egui::Ui, shown: &Shown<'_>, wishes: &mut Vec<Wish>) {
    let height = LIST_HEIGHT.min(ui.ctx().content_rect().height() - 180.0);
    let list = ScrollArea::vertical().max_height(height).min_scrolled_height(height);
    list.auto_shrink([false, true]).show(ui, |ui| {
        if shown.desk.entries().is_empty() {
            ui.weak("Looking what is here…");
        }
        for pair in shown.desk.entries().chunks(2) {
            ui.horizontal(|ui| {
                pair.iter().for_each(|it| card_ui(ui, it, shown, wishes));
            });
        }
    });
}

fn card_ui(ui: &mut egui::Ui, entry: &Entry, shown: &Shown<'_>, wishes: &mut Vec<Wish>) {
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
                    ui.add(egui::Label::new(takes).truncate());
                    licences_ui(ui, entry);
                    ui.with_layout(Layout::bottom_up(Align::Min), |ui| {
                        ui.horizontal(|ui| {
                            buttons_ui(ui, entry, shown, wishes);
                            state_ui(ui, entry, shown);
                        });
                        bar_ui(ui, entry, shown);
                    });
                },
            );
        });
}

fn title_ui(ui: &mut egui::Ui, entry: &Entry, shown: &Shown<'_>) {
    ui.horizontal(|ui| {
        let colour = theme::strong(ui.visuals());
        ui.add(egui::Label::new(RichText::new(&entry.name).strong().color(colour)).truncate());
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let text = match &entry.state {
                _ if shown.is_in_use(&entry.name) => {
                    ui.label(RichText::new("In use").small().color(theme::ACCENT));
                    return;
                }
                State::BuiltIn => "Built in".to_owned(),
                State::Here { bytes, .. } => format!("Here, {}", size(*bytes)),
                State::Absent { .. } | State::Lost(_) => return,
            };
            ui.label(RichText::new(text).small().weak());
        });
    });
}

fn paints(entry: &Entry) -> String {
    match (entry.known, &entry.state) {
        (Some(known), _) => {
            let side = u32::from(known.side) * 16;
            format!("{} · {side} × {side} px", known.paints)
        }
        (None, State::BuiltIn) => "Landscapes, from the words it knows · 576 × 576 px".to_owned(),
        (None, _) => "Added from disk".to_owned(),
    }
}

/// Download, memory and speed, as far as anybody can tell.
fn takes(entry: &Entry, shown: &Shown<'_>) -> String {
    let precision = shown.precision;
    let download = entry.known.filter(|_| !entry.is_here()).map(|it| match it.download_bytes {
        Some(bytes) => format!("{} to download", size(bytes)),
        None => "a download of a size that the hub tells".to_owned(),
    });
    let memory = entry.memory_bytes(precision).map(|it| format!("{} of memory", size(it)));
    let speed = shown.desk.bandwidth().and_then(|it| entry.cells_per_sec(precision, it));
    let speed = speed.map(|it| match it {
        ..10.0 => format!("{it:.1} cells/s here"),
        _ => format!("{it:.0} cells/s here"),
    });
    let parts: Vec<String> = [download, memory, speed].into_iter().flatten().collect();
    match parts.is_empty() {
        true => String::new(),
        false => format!("About {}", parts.join(", ")),
    }
}

fn licences_ui(ui: &mut egui::Ui, entry: &Entry) {
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

fn licence_ui(ui: &mut egui::Ui, licence: &Licence) {
    let text = RichText::new(licence.name).small();
    ui.hyperlink_to(text, licence.url).on_hover_text(format!("{}\n{}", licence.says, licence.url));
}

/// How far it is.
fn bar_ui(ui: &mut egui::Ui, entry: &Entry, shown: &Shown<'_>) {
    let Some(doing) = shown.desk.doing(&entry.name) else { return };
    let share = doing.progress.map_or(0.0, |it| it.done as f32 / it.all.max(1) as f32);
    let bar = egui::ProgressBar::new(share).desired_height(6.0).corner_radius(3);
    let name = format!("{}: {}", entry.name, progress_text(doing));
    ui.add(bar)
        .widget_info(|| egui::WidgetInfo::labeled(egui::Role::ProgressIndicator, true, &name));
}

/// What goes on, or what became of it.
fn state_ui(ui: &mut egui::Ui, entry: &Entry, shown: &Shown<'_>) {
    if let Some(doing) = shown.desk.doing(&entry.name) {
        let text = RichText::new(progress_text(doing)).small().weak();
        ui.add(egui::Label::new(text).truncate());
        return;
    }
    let lost = matches!(entry.state, State::Lost(_)).then_some("It is not there any more");
    let word = shown.desk.last_word(&entry.name).or(lost);
    if let Some(word) = word {
        let first = word.lines().next().unwrap_or_default();
        let text = RichText::new(first).small().color(theme::warning());
        ui.add(egui::Label::new(text).truncate()).on_hover_text(word);
    } else if let State::Absent { here: here @ 1.. } = entry.state {
        ui.label(RichText::new(format!("Paused, {} are here", size(here))).small().weak());
    }
}

fn progress_text(doing: &Doing) -> String {
    let verb = match (doing.work, doing.is_stopping) {
        (_, true) => return "Pausing…".to_owned(),
        (Work::Fetch, _) => "Downloading",
        (Work::Verify, _) => "Verifying",
        (Work::Remove, _) => return "Removing…".to_owned(),
    };
    let Some(progress) = doing.progress else { return format!("{verb}…") };
    let speed = doing.bytes_per_sec();
    let left = speed
        .filter(|it| 1.0 < *it)
        .map(|it| progress.all.saturating_sub(progress.done) as f64 / it);
    let speed = speed.map_or_else(String::new, |it| format!(" · {}/s", size(it as u64)));
    let left = left.map_or_else(String::new, |it| format!(" · {} left", duration(it)));
    format!("{verb} {} of {}{speed}{left}", size(progress.done), size(progress.all))
}

fn buttons_ui(ui: &mut egui::Ui, entry: &Entry, shown: &Shown<'_>, wishes: &mut Vec<Wish>) {
    let name = &entry.name;
    let mut button =
        |ui: &mut egui::Ui, verb: &str, tip: &str, is_enabled: bool, wish: ModelWish| {
            let spoken = format!("{verb} {name}");
            let button = ui.add_enabled(is_enabled, egui::Button::new(verb));
            button
                .widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, is_enabled, &spoken));
            if button.on_hover_text(tip).clicked() {
                wishes.push(wish.into());
            }
        };
    let own = || name.clone();
    if let Some(doing) = shown.desk.doing(name) {
        if doing.work != Work::Remove {
            let verb = if doing.work == Work::Fetch { "Pause" } else { "Stop" };
            let tip = "What has come so far is kept";
            button(ui, verb, tip, !doing.is_stopping, ModelWish::Stop(own()));
        }
        return;
    }
    match &entry.state {
        State::BuiltIn | State::Here { .. } => {
            let is_other = !shown.is_in_use(name);
            let wish = ask_to_use(shown.session, name);
            button(ui, "Use", "Paint with this model", is_other, wish);
        }
        State::Absent { here } => {
            let wish = match entry.is_accepted {
                true => ModelWish::Fetch(own()),
                false => ModelWish::Ask(Question::Licence(own())),
            };
            let verb = if *here == 0 { "Get" } else { "Resume" };
            button(ui, verb, "Download it from the Hugging Face hub", true, wish);
        }
        State::Lost(_) => (),
    }
    let has_files = match entry.state {
        State::BuiltIn => false,
        State::Absent { here } => 0 < here,
        State::Here { .. } | State::Lost(_) => true,
    };
    if entry.known.is_some() && entry.is_here() {
        let tip = "Read all of its files, and compare them with what was published";
        button(ui, "Verify", tip, true, ModelWish::Verify(own()));
    }
    if has_files {
        let is_other = shown.session.choice().is_none_or(|it| it.name != *name);
        let tip = if is_other { "Asks before it does" } else { "Use another model first" };
        button(ui, "Remove…", tip, is_other, ModelWish::Ask(Question::Remove(own())));
    }
}

fn question_ui(
    ctx: &egui::Context,
    question: &Question,
    shown: &Shown<'_>,
    wishes: &mut Vec<Wish>,
) {
    let (Question::Licence(name) | Question::Remove(name) | Question::Use(name)) = question;
    let Some(entry) = shown.desk.entry(name) else { return };
    let (yes, no, wish) = match question {
        Question::Licence(_) => ("Accept and download", "Cancel", ModelWish::Fetch(name.clone())),
        Question::Remove(_) => ("Remove", "Keep", ModelWish::Remove(name.clone())),
        Question::Use(_) => ("Use it", "Cancel", ModelWish::Use(name.clone())),
    };
    let modal = egui::Modal::new(egui::Id::unique("model question"));
    let frame = Frame::popup(&ctx.global_style()).inner_margin(16);
    let modal = modal.frame(frame).show(ctx, |ui| {
        ui.set_width(420.0);
        match question {
            Question::Licence(_) => licence_question_ui(ui, entry),
            Question::Remove(_) => {
                ui.heading(format!("Remove {name}?"));
                ui.label(what_removing_does(entry));
            }
            Question::Use(_) => {
                ui.heading(format!("Paint with {name}?"));
                ui.label(what_using_does(entry, shown.session));
            }
        }
        ui.add_space(theme::GAP);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if ui.add(theme::primary_button(yes)).clicked() {
                wishes.push(wish.into());
            }
            if ui.button(no).clicked() {
                wishes.push(ModelWish::Dismiss.into());
            }
        });
    });
    if modal.should_close() {
        wishes.push(ModelWish::Dismiss.into());
    }
}

fn licence_question_ui(ui: &mut egui::Ui, entry: &Entry) {
    let Some(known) = entry.known else { return };
    ui.heading(format!("The licence of {}", entry.name));
    for licence in known.licences {
        ui.label(RichText::new(licence.name).strong());
        ui.label(licence.says);
        ui.hyperlink(licence.url);
    }
    if let Some(bytes) = known.download_bytes {
        ui.weak(format!("About {} are downloaded from the Hugging Face hub", size(bytes)));
    }
}

fn what_removing_does(entry: &Entry) -> String {
    match (entry.known, &entry.state) {
        (None, _) => "It is forgotten; its files stay where they are".to_owned(),
        (_, State::Here { bytes, .. }) => format!(
            "What this program has downloaded of its {} is deleted. Files that other programs have \
             brought, or other models need, stay",
            size(*bytes)
        ),
        _ => "What has come of its download is deleted".to_owned(),
    }
}

/// Said before it happens: whether the open picture can go on.
fn what_using_does(entry: &Entry, session: &Session) -> String {
    let grid = session.picture().grid;
    let is_same = session.facts().is_some_and(|it| it.name == entry.name);
    let side = entry.known.map(|it| it.side);
    let is_large_enough = side.is_some_and(|it| it <= grid.rows && it <= grid.cols);
    if is_same {
        "The picture and its history stay as they are".to_owned()
    } else if entry.known.is_none() && entry.name != BUILT_IN {
        "If its cells are as large as those of the open picture, the picture goes on with it, and its \
         history begins anew. Else a new picture is begun: export this one first to keep it"
            .to_owned()
    } else if is_large_enough && grid.cell_pixels == 16 {
        "The picture goes on with it. It reads the picture anew, and the history begins anew"
            .to_owned()
    } else {
        "It paints another size: a new picture is begun. Export this one first to keep it"
            .to_owned()
    }
}

/// From the catalogue to what the session is told.
pub(super) fn choice(entry: &Entry, precision: Precision) -> Option<Choice> {
    let sources = match &entry.state {
        State::BuiltIn => None,
        State::Here { sources, .. } => Some(sources.clone()),
        State::Absent { .. } | State::Lost(_) => return None,
    };
    Some(Choice { name: entry.name.clone(), sources, precision })
}

fn size(bytes: u64) -> String {
    match bytes {
        ..1_000_000 => format!("{} kB", bytes / 1000),
        ..1_000_000_000 => format!("{} MB", bytes / 1_000_000),
        _ => format!("{:.1} GB", bytes as f64 / 1e9),
    }
}

fn duration(secs: f64) -> String {
    match secs {
        ..90.0 => format!("{secs:.0} s"),
        ..5400.0 => format!("{:.0} min", secs / 60.0),
        _ => format!("{:.1} h", secs / 3600.0),
    }
}
