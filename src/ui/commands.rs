//! Every command of the window with its name and its keys: the one list behind shortcuts, menus, tooltips and F1. What a
//! command does, [`App`](super::App) says.

use egui::{Key, KeyboardShortcut, Modifiers};

use super::ui_command::UiCommand;

const PLAIN: Modifiers = Modifiers::NONE;
const CTRL: Modifiers = Modifiers::COMMAND;
const SHIFT: Modifiers = Modifiers::SHIFT;
const CTRL_SHIFT: Modifiers = Modifiers::COMMAND.plus(Modifiers::SHIFT);

/// When a command's keys mean it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scope {
    /// Also while text is being typed.
    Always,
    Canvas,
}

/// What there is to say of a command.
struct Spec {
    label: &'static str,
    keys: &'static [(Modifiers, Key)],
    scope: Scope,
}

macro_rules! commands {
    ($($id:ident: $scope:ident $label:literal, $keys:expr;)*) => {
        /// Names a command.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum CommandId {
            $($id),*
        }

        impl CommandId {
            /// Those with more modifiers come before those with fewer on the same key.
            pub(super) const ALL: &[Self] = &[$(Self::$id),*];

            const fn spec(self) -> Spec {
                match self {
                    $(Self::$id => Spec { label: $label, keys: &$keys, scope: Scope::$scope }),*
                }
            }
        }
    };
}

commands! {
    Primary: Always "Paint, pause, continue", [(CTRL, Key::Enter)];
    WriteSelectionPrompt: Always "Write words for the selection", [(CTRL_SHIFT, Key::L)];
    WritePrompt: Always "Write the prompt", [(CTRL, Key::L)];
    Escape: Canvas "Stop, or leave what is going on", [(PLAIN, Key::Escape)];
    AcceptTake: Canvas "Accept the take", [(PLAIN, Key::Enter)];
    StepRow: Canvas "Paint one row", [(SHIFT, Key::Period)];
    StepCell: Canvas "Paint one cell", [(PLAIN, Key::Period)];
    SecondLook: Canvas "Second look", [(PLAIN, Key::R)];
    New: Always "New picture", [(CTRL, Key::N)];
    Close: Always "Close the picture", [(CTRL, Key::W)];
    NextDocument: Always "Next picture", [(CTRL, Key::PageDown)];
    PreviousDocument: Always "Previous picture", [(CTRL, Key::PageUp)];
    Clear: Canvas "Clear the canvas", [(CTRL, Key::Delete)];
    ExtendLeft: Canvas "Extend to the left", [(CTRL_SHIFT, Key::ArrowLeft)];
    ExtendRight: Canvas "Extend to the right", [(CTRL_SHIFT, Key::ArrowRight)];
    ExtendAbove: Canvas "Extend above", [(CTRL_SHIFT, Key::ArrowUp)];
    ExtendBelow: Canvas "Extend below", [(CTRL_SHIFT, Key::ArrowDown)];
    Open: Always "Open a picture…", [(CTRL, Key::O)];
    Models: Always "Models…", [(CTRL, Key::M)];
    ExportAgain: Always "Export again", [(CTRL_SHIFT, Key::E)];
    Export: Always "Export…", [(CTRL, Key::E)];
    Quit: Always "Quit", [(CTRL, Key::Q)];
    Redo: Canvas "Redo", [(CTRL_SHIFT, Key::Z), (CTRL, Key::Y)];
    Undo: Canvas "Undo", [(CTRL, Key::Z)];
    SelectAll: Canvas "Select all", [(CTRL, Key::A)];
    Deselect: Canvas "Deselect", [(CTRL, Key::D)];
    InvertSelection: Canvas "Invert selection", [(CTRL_SHIFT, Key::I)];
    GrowSelection: Canvas "Grow selection", [(CTRL_SHIFT, Key::G)];
    ShrinkSelection: Canvas "Shrink selection", [(CTRL_SHIFT, Key::H)];
    Brush: Canvas "Brush", [(PLAIN, Key::B)];
    Eraser: Canvas "Eraser", [(PLAIN, Key::E)];
    Rectangle: Canvas "Rectangle selection", [(PLAIN, Key::M)];
    Lasso: Canvas "Lasso selection", [(PLAIN, Key::L)];
    Wand: Canvas "Meaning wand", [(PLAIN, Key::W)];
    LargerBrush: Canvas "Larger brush", [(PLAIN, Key::CloseBracket)];
    SmallerBrush: Canvas "Smaller brush", [(PLAIN, Key::OpenBracket)];
    HarderBrush: Canvas "Harder brush", [(SHIFT, Key::CloseBracket), (SHIFT, Key::CloseCurlyBracket)];
    SofterBrush: Canvas "Softer brush", [(SHIFT, Key::OpenBracket), (SHIFT, Key::OpenCurlyBracket)];
    FitCanvas: Always "Fit the canvas", [(CTRL, Key::Num0)];
    ActualSize: Always "Zoom to 100 %", [(CTRL, Key::Num1)];
    ZoomIn: Always "Zoom in", [(CTRL, Key::Plus), (CTRL, Key::Equals)];
    ZoomOut: Always "Zoom out", [(CTRL, Key::Minus)];
    TurnLeft: Canvas "Turn left", [(PLAIN, Key::Num4)];
    TurnRight: Canvas "Turn right", [(PLAIN, Key::Num6)];
    TurnUpright: Canvas "Turn upright", [(PLAIN, Key::Num5)];
    Mirror: Canvas "Mirror the view", [(PLAIN, Key::H)];
    TogglePanels: Canvas "Hide or show panels", [(PLAIN, Key::Tab)];
    ToggleOverlay: Canvas "Mark your cells", [(PLAIN, Key::O)];
    ToggleFollowing: Canvas "Follow the brush while it is down", [(PLAIN, Key::F)];
    ToggleUnderpainting: Canvas "Show what is expected", [(PLAIN, Key::U)];
    ToggleEntropy: Canvas "Show where the model is in doubt", [(PLAIN, Key::D)];
    ToggleTheme: Canvas "Light or dark", [];
    ToggleKeys: Always "All keys", [(PLAIN, Key::F1)];
}

impl CommandId {
    pub(super) const fn label(self) -> &'static str {
        self.spec().label
    }

    /// The keys as text, the first choice only; empty where there are none.
    pub(super) fn keys_text(self, ctx: &egui::Context) -> String {
        let Some(&(modifiers, key)) = self.spec().keys.first() else { return String::new() };
        let whole = ctx.format_shortcut(&KeyboardShortcut::new(modifiers, key));
        // Keys are called as they are labelled: "]", not "CloseBracket". For arrows the font has no labels.
        let is_arrow =
            matches!(key, Key::ArrowLeft | Key::ArrowRight | Key::ArrowUp | Key::ArrowDown);
        match whole.strip_suffix(key.name()) {
            Some(modifiers) if !is_arrow => format!("{modifiers}{}", key.symbol_or_name()),
            Some(_) | None => whole,
        }
    }

    /// "Brush (B)".
    pub(super) fn label_with_key(self, ctx: &egui::Context) -> String {
        format!("{} ({})", self.label(), self.keys_text(ctx))
    }
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
    for &id in CommandId::ALL {
        let Spec { keys, scope, .. } = id.spec();
        if scope == Scope::Canvas && is_typing {
            continue;
        }
        for &(modifiers, key) in keys {
            let shortcut = KeyboardShortcut::new(modifiers, key);
            if ctx.input_mut(|it| it.consume_shortcut(&shortcut)) {
                commands.push(id.into());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_commands_have_the_same_name_or_keys() {
        for (idx, one) in CommandId::ALL.iter().enumerate() {
            for other in &CommandId::ALL[..idx] {
                let (one, other) = (one.spec(), other.spec());
                assert_ne!(one.label, other.label);
                assert!(!one.keys.iter().any(|it| other.keys.contains(it)), "{}", one.label);
            }
        }
    }
}
