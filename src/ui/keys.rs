//! Every command with its name and keys: the one list behind shortcuts, menus, tooltips and F1.

use egui::{Key, KeyboardShortcut, Modifiers};

use super::models::ModelCommand;
use super::ui_command::UiCommand;
use crate::document::Sides;
use crate::studio::{DocumentAction, StudioAction};
use crate::tools::Tool;

/// A command of the window, with its name and its keys.
pub(super) struct Command {
    pub(super) label: &'static str,
    keys: &'static [(Modifiers, Key)],
    /// Also while text is being typed.
    is_global: bool,
    make: fn() -> UiCommand,
}

const PLAIN: Modifiers = Modifiers::NONE;
const CTRL: Modifiers = Modifiers::COMMAND;
const SHIFT: Modifiers = Modifiers::SHIFT;
const CTRL_SHIFT: Modifiers = Modifiers::COMMAND.plus(Modifiers::SHIFT);

/// Cells by which the canvas grows at a time.
const STRIP: u16 = 8;
const NO_SIDE: Sides = Sides { left: 0, top: 0, right: 0, bottom: 0 };

/// A sixteenth of a full turn.
const TURN_RADS: f32 = std::f32::consts::TAU / 16.0;

/// Whether a command also works while text is being typed.
mod scope {
    pub(super) const ALWAYS: bool = true;
    pub(super) const CANVAS: bool = false;
}

macro_rules! commands {
    ($($scope:ident $label:literal, $keys:expr => $command:expr;)*) => {
        &[$(Command {
            label: $label,
            keys: &$keys,
            is_global: scope::$scope,
            make: || $command.into(),
        }),*]
    };
}

/// Those with more modifiers come before those with fewer on the same key.
pub(super) const COMMANDS: &[Command] = commands! {
    ALWAYS "Paint, pause, continue", [(CTRL, Key::Enter)] => UiCommand::Primary;
    ALWAYS "Write words for the selection", [(CTRL_SHIFT, Key::L)] => UiCommand::FocusSelectionPrompt;
    ALWAYS "Write the prompt", [(CTRL, Key::L)] => UiCommand::FocusPrompt;
    CANVAS "Stop, or leave what is going on", [(PLAIN, Key::Escape)] => UiCommand::Escape;
    CANVAS "Accept the take", [(PLAIN, Key::Enter)] => DocumentAction::AcceptTake;
    CANVAS "Paint one row", [(SHIFT, Key::Period)] => DocumentAction::StepRow;
    CANVAS "Paint one cell", [(PLAIN, Key::Period)] => DocumentAction::Step(1);
    CANVAS "Second look", [(PLAIN, Key::R)] => DocumentAction::SECOND_LOOK;
    ALWAYS "New picture", [(CTRL, Key::N)] => DocumentAction::Clear;
    CANVAS "Extend to the left", [(CTRL_SHIFT, Key::ArrowLeft)] => DocumentAction::Extend(Sides { left: STRIP, ..NO_SIDE });
    CANVAS "Extend to the right", [(CTRL_SHIFT, Key::ArrowRight)] => DocumentAction::Extend(Sides { right: STRIP, ..NO_SIDE });
    CANVAS "Extend above", [(CTRL_SHIFT, Key::ArrowUp)] => DocumentAction::Extend(Sides { top: STRIP, ..NO_SIDE });
    CANVAS "Extend below", [(CTRL_SHIFT, Key::ArrowDown)] => DocumentAction::Extend(Sides { bottom: STRIP, ..NO_SIDE });
    ALWAYS "Open a picture…", [(CTRL, Key::O)] => UiCommand::OpenFrom;
    ALWAYS "Models…", [(CTRL, Key::M)] => ModelCommand::Toggle;
    ALWAYS "Export again", [(CTRL_SHIFT, Key::E)] => UiCommand::ExportAgain;
    ALWAYS "Export…", [(CTRL, Key::E)] => UiCommand::ExportAs;
    ALWAYS "Quit", [(CTRL, Key::Q)] => UiCommand::Quit;
    CANVAS "Redo", [(CTRL_SHIFT, Key::Z), (CTRL, Key::Y)] => DocumentAction::Redo;
    CANVAS "Undo", [(CTRL, Key::Z)] => DocumentAction::Undo;
    CANVAS "Select all", [(CTRL, Key::A)] => DocumentAction::SelectAll;
    CANVAS "Deselect", [(CTRL, Key::D)] => DocumentAction::Deselect;
    CANVAS "Invert selection", [(CTRL_SHIFT, Key::I)] => DocumentAction::InvertSelection;
    CANVAS "Grow selection", [(CTRL_SHIFT, Key::G)] => DocumentAction::GrowSelection;
    CANVAS "Shrink selection", [(CTRL_SHIFT, Key::H)] => DocumentAction::ShrinkSelection;
    CANVAS "Brush", [(PLAIN, Key::B)] => StudioAction::PickTool(Tool::Brush);
    CANVAS "Eraser", [(PLAIN, Key::E)] => StudioAction::PickTool(Tool::Eraser);
    CANVAS "Rectangle selection", [(PLAIN, Key::M)] => StudioAction::PickTool(Tool::Rectangle);
    CANVAS "Lasso selection", [(PLAIN, Key::L)] => StudioAction::PickTool(Tool::Lasso);
    CANVAS "Meaning wand", [(PLAIN, Key::W)] => StudioAction::PickTool(Tool::Wand);
    CANVAS "Larger brush", [(PLAIN, Key::CloseBracket)] => UiCommand::LargerBrush;
    CANVAS "Smaller brush", [(PLAIN, Key::OpenBracket)] => UiCommand::SmallerBrush;
    CANVAS "Harder brush", [(SHIFT, Key::CloseBracket), (SHIFT, Key::CloseCurlyBracket)] => UiCommand::HarderBrush;
    CANVAS "Softer brush", [(SHIFT, Key::OpenBracket), (SHIFT, Key::OpenCurlyBracket)] => UiCommand::SofterBrush;
    ALWAYS "Fit the canvas", [(CTRL, Key::Num0)] => UiCommand::FitCanvas;
    ALWAYS "Zoom to 100 %", [(CTRL, Key::Num1)] => UiCommand::ActualSize;
    ALWAYS "Zoom in", [(CTRL, Key::Plus), (CTRL, Key::Equals)] => UiCommand::ZoomIn;
    ALWAYS "Zoom out", [(CTRL, Key::Minus)] => UiCommand::ZoomOut;
    CANVAS "Turn left", [(PLAIN, Key::Num4)] => UiCommand::Turn(-TURN_RADS);
    CANVAS "Turn right", [(PLAIN, Key::Num6)] => UiCommand::Turn(TURN_RADS);
    CANVAS "Turn upright", [(PLAIN, Key::Num5)] => UiCommand::Upright;
    CANVAS "Mirror the view", [(PLAIN, Key::H)] => UiCommand::Mirror;
    CANVAS "Hide or show panels", [(PLAIN, Key::Tab)] => UiCommand::TogglePanels;
    CANVAS "Mark your cells", [(PLAIN, Key::O)] => UiCommand::ToggleOverlay;
    CANVAS "Follow the brush while it is down", [(PLAIN, Key::F)] => UiCommand::ToggleFollowing;
    CANVAS "Show what is expected", [(PLAIN, Key::U)] => UiCommand::ToggleUnderpainting;
    CANVAS "Show where the model is in doubt", [(PLAIN, Key::D)] => UiCommand::ToggleEntropy;
    ALWAYS "All keys", [(PLAIN, Key::F1)] => UiCommand::ToggleKeys;
};

impl Command {
    /// The keys as text, the first choice only.
    pub(super) fn keys_text(&self, ctx: &egui::Context) -> String {
        let Some(&(modifiers, key)) = self.keys.first() else { return String::new() };
        let whole = ctx.format_shortcut(&KeyboardShortcut::new(modifiers, key));
        // Keys are called as they are labelled: "]", not "CloseBracket". For arrows the font has no labels.
        let is_arrow =
            matches!(key, Key::ArrowLeft | Key::ArrowRight | Key::ArrowUp | Key::ArrowDown);
        match whole.strip_suffix(key.name()) {
            Some(modifiers) if !is_arrow => format!("{modifiers}{}", key.symbol_or_name()),
            _ => whole,
        }
    }

    pub(super) fn ui_command(&self) -> UiCommand {
        (self.make)()
    }
}

/// The command of this name; the names are written in this folder only.
pub(super) fn command(label: &str) -> &'static Command {
    COMMANDS.iter().find(|it| it.label == label).unwrap_or(&COMMANDS[0])
}

/// "Brush (B)".
pub(super) fn with_key(ctx: &egui::Context, label: &str) -> String {
    format!("{label} ({})", command(label).keys_text(ctx))
}

/// Takes the keys pressed since the last frame that mean something. `was_typing` in that frame: egui has
/// by now taken a field's focus away where Escape was pressed to leave it.
pub(super) fn pressed(ctx: &egui::Context, was_typing: bool, commands: &mut Vec<UiCommand>) {
    let is_typing = was_typing || ctx.egui_wants_keyboard_input();
    let is_choosing = egui::Popup::is_any_open(ctx);
    ctx.input_mut(|it| {
        it.events.retain(|event| match event {
            // Held down, these would pause and continue by turns; and Escape closes an open menu.
            egui::Event::Key { key: Key::Escape, repeat, .. } => !repeat && !is_choosing,
            egui::Event::Key { key: Key::Enter, repeat, .. } => !repeat,
            _ => true,
        });
    });
    for command in COMMANDS.iter().filter(|it| it.is_global || !is_typing) {
        for &(modifiers, key) in command.keys {
            let shortcut = KeyboardShortcut::new(modifiers, key);
            if ctx.input_mut(|it| it.consume_shortcut(&shortcut)) {
                commands.push(command.ui_command());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_commands_have_the_same_name_or_keys() {
        for (idx, one) in COMMANDS.iter().enumerate() {
            for other in &COMMANDS[..idx] {
                assert_ne!(one.label, other.label);
                assert!(!one.keys.iter().any(|it| other.keys.contains(it)), "{}", one.label);
            }
        }
    }
}
