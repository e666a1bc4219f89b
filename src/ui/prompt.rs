//! The prompt box, what the model hears in it, and the button that names what it will do.

use egui::{Key, Modifiers, RichText};

use super::commands::CommandId;
use super::icons::{self, Icon};
use super::theme;
use super::ui_command::UiCommand;
use crate::model::{Fate, Heard, Subject, typed_word};
use crate::studio::{DocumentAction, Primary, Studio};

/// Names the text field, so that a key can put the cursor there. Each document has its own, as it has its own undo.
pub(super) fn prompt_id(studio: &Studio) -> egui::Id {
    egui::Id::unique(("words", studio.active().id()))
}

/// So that writing goes on where the prompt ends.
pub(super) fn put_cursor_behind(ctx: &egui::Context, studio: &Studio) {
    use egui::text::{CCursor, CCursorRange};
    let id = prompt_id(studio);
    let mut state = egui::TextEdit::load_state(ctx, id).unwrap_or_default();
    let end = CCursor::new(studio.active().pending().prompt.chars().count());
    state.cursor.set_char_range(Some(CCursorRange::one(end)));
    state.store(ctx, id);
}

/// Suggestions shown at a time.
const MAX_SUGGESTIONS: usize = 6;

pub(super) fn prompt_ui(ui: &mut egui::Ui, studio: &Studio, commands: &mut Vec<UiCommand>) {
    ui.horizontal(|ui| {
        let button_width = 190.0;
        let mut prompt = studio.active().pending().prompt.clone();
        let field = egui::TextEdit::singleline(&mut prompt)
            .id(prompt_id(studio))
            .hint_text("What shall be painted?")
            .margin(egui::Margin::symmetric(10, 7))
            .min_size(egui::vec2(0.0, theme::TOOL_BUTTON))
            .align(egui::Align2::LEFT_CENTER)
            .desired_width(ui.available_width() - button_width - 2.0 * theme::GAP);
        let field = ui.add(field);
        field.widget_info(|| egui::WidgetInfo::labeled(egui::Role::TextInput, true, "Prompt"));
        if field.changed() {
            commands.push(DocumentAction::SetPrompt(prompt.clone()).into());
        }
        if field.has_focus() {
            recall(ui, commands);
        }
        if field.lost_focus() && ui.input(|it| it.key_pressed(Key::Enter)) {
            commands.push(CommandId::Primary.into());
        }
        // A press on a suggestion takes the focus in the very frame in which it is clicked.
        if field.has_focus() || field.lost_focus() {
            hints_ui(ui, field.rect, studio, commands);
        }
        primary_ui(ui, studio, button_width, commands);
    });
}

/// Alt with an arrow walks through earlier prompts.
fn recall(ui: &egui::Ui, commands: &mut Vec<UiCommand>) {
    ui.input_mut(|it| {
        if it.consume_key(Modifiers::ALT, Key::ArrowUp) {
            commands.push(UiCommand::OlderPrompt);
        }
        if it.consume_key(Modifiers::ALT, Key::ArrowDown) {
            commands.push(UiCommand::NewerPrompt);
        }
    });
}

fn primary_ui(ui: &mut egui::Ui, studio: &Studio, width: f32, commands: &mut Vec<UiCommand>) {
    let Primary { label, action, n_cells, others } = studio.primary();
    let more_width = if others.is_empty() { 0.0 } else { theme::TOOL_BUTTON };
    let button = theme::primary_button(label).min_size(egui::vec2(
        width - more_width - if others.is_empty() { 0.0 } else { 4.0 },
        theme::TOOL_BUTTON,
    ));
    ui.spacing_mut().item_spacing.x = 4.0;
    let response = ui.add_enabled(action.is_some(), button).on_hover_ui(|ui| {
        ui.label(what_it_takes(studio, n_cells));
        ui.weak("Ctrl+Enter");
    });
    if response.clicked()
        && let Some(action) = action
    {
        commands.push(action.into());
    }
    if !others.is_empty() {
        let more = icons::button(ui, Icon::More, "Other choices", false);
        egui::Popup::menu(&more).show(|ui| {
            for (label, action) in others {
                if ui.button(label).clicked() {
                    commands.push(action.into());
                }
            }
        });
    }
}

fn what_it_takes(studio: &Studio, n_cells: usize) -> String {
    match (n_cells, studio.active().cells_per_sec()) {
        (0, _) => "Takes effect at the next cell".to_owned(),
        (n, Some(speed)) => format!("{n} cells, about {:.1} s", n as f32 / speed),
        (n, None) => format!("{n} cells"),
    }
}

/// Before the first word: what there is to ask for.
fn subjects_ui(ui: &egui::Ui, field: egui::Rect, subjects: &[Subject]) {
    let below = egui::Area::new(egui::Id::unique("subjects")).fixed_pos(field.left_bottom());
    below.order(egui::Order::Foreground).show(ui.ctx(), |ui| {
        egui::Frame::popup(ui.style()).inner_margin(10.0).show(ui, |ui| {
            ui.set_max_width(field.width().min(620.0));
            egui::Grid::new("subjects").num_columns(2).spacing([14.0, 6.0]).show(ui, |ui| {
                for Subject { title, things } in subjects {
                    ui.label(RichText::new(title).small().strong());
                    ui.add(egui::Label::new(RichText::new(things.join(" · ")).small()).wrap());
                    ui.end_row();
                }
            });
        });
    });
}

/// All but the word that is still being typed: it may become one that is known.
fn written(prompt: &str) -> &str {
    &prompt[..prompt.len() - typed_word(prompt).len()]
}

/// Below a field with a prompt: what its words were taken for, and which ones were not heard.
pub(super) fn heard_ui(ui: &mut egui::Ui, studio: &Studio, field: &egui::Response, prompt: &str) {
    let Some(facts) = studio.facts() else { return };
    let heard = facts.understand(if field.has_focus() { written(prompt) } else { prompt });
    let heard = understood(&heard);
    if !heard.is_empty() {
        ui.add(egui::Label::new(RichText::new(heard).small().weak()).wrap());
    }
}

/// What words were taken for, and which ones were not heard; empty where all are known. Each is named once.
fn understood(heard: &[Heard]) -> String {
    let [mut taken, mut not_heard, mut too_late] = [const { Vec::<String>::new() }; 3];
    for Heard { word, fate } in heard {
        let (list, text) = match fate {
            Fate::Known => continue,
            Fate::TakenFor(words) => (&mut taken, format!("{word} as {words}")),
            Fate::NotHeard => (&mut not_heard, word.clone()),
            Fate::TooLate => (&mut too_late, word.clone()),
        };
        if !list.contains(&text) {
            list.push(text);
        }
    }
    for (title, words) in [("not heard", not_heard), ("too long, left out", too_late)] {
        if !words.is_empty() {
            taken.push(format!("{title}: {}", words.join(", ")));
        }
    }
    taken.join(" · ")
}

/// Softly: what the model takes words for, and which ones begin like the one being typed.
fn hints_ui(ui: &egui::Ui, field: egui::Rect, studio: &Studio, commands: &mut Vec<UiCommand>) {
    let Some(facts) = studio.facts().filter(|it| !it.words.is_empty()) else { return };
    let prompt = &studio.active().pending().prompt;
    if prompt.is_empty() && !facts.subjects.is_empty() {
        return subjects_ui(ui, field, &facts.subjects);
    }
    let heard = understood(&facts.understand(written(prompt)));
    let suggestions = facts.completions(prompt);
    if heard.is_empty() && suggestions.is_empty() {
        return;
    }
    let below = egui::Area::new(egui::Id::unique("hints")).fixed_pos(field.left_bottom());
    below.order(egui::Order::Foreground).show(ui.ctx(), |ui| {
        egui::Frame::popup(ui.style()).inner_margin(6.0).show(ui, |ui| {
            ui.set_max_width(field.width());
            ui.horizontal_wrapped(|ui| {
                for it in suggestions.into_iter().take(MAX_SUGGESTIONS) {
                    if ui.add(egui::Button::new(it.word).small()).clicked() {
                        commands.push(DocumentAction::SetPrompt(it.prompt).into());
                        commands.push(CommandId::WritePrompt.into());
                    }
                }
                if !heard.is_empty() {
                    ui.label(RichText::new(heard).small().weak());
                }
            });
        });
    });
}
