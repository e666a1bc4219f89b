//! Every command of the window with its name, its keys and what it does: the one list behind shortcuts, menus, tooltips
//! and F1.

use egui::{Key, KeyboardShortcut, Modifiers};

use super::canvas::ViewChange;
use super::layer_command::LayerCommand;
use super::ui_command::UiCommand;
use crate::document::{Picture, Sides};
use crate::studio::{Action, DocumentAction, StudioAction};
use crate::tools::Tool;

const PLAIN: Modifiers = Modifiers::NONE;
const CTRL: Modifiers = Modifiers::COMMAND;
const SHIFT: Modifiers = Modifiers::SHIFT;
const CTRL_ALT: Modifiers = Modifiers::COMMAND.plus(Modifiers::ALT);
const CTRL_SHIFT: Modifiers = Modifiers::COMMAND.plus(Modifiers::SHIFT);

/// Pixels by which the canvas grows at a time: whole cells of all models at each scale.
const STRIP: i32 = 384;

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
    does: Does,
}

/// What a command does.
pub(super) enum Does {
    Act(Action),
    View(ViewChange),
    Window(WindowCommand),
    /// To the layer that is drawn on.
    Layer(LayerCommand),
}

/// What the window itself does.
#[derive(Clone, Copy, Debug)]
pub(super) enum WindowCommand {
    Primary,
    WriteSelectionPrompt,
    WritePrompt,
    Escape,
    NewPicture,
    CanvasSize,
    ResizePicture,
    CropToSelection,
    CopyPicture,
    PastePicture,
    Close,
    NextDocument,
    PreviousDocument,
    Open,
    Save,
    SaveAs,
    Models,
    ExportAgain,
    Export,
    Film,
    CutOut,
    Quit,
    LargerBrush,
    SmallerBrush,
    HarderBrush,
    SofterBrush,
    TogglePanels,
    ToggleOverlay,
    ToggleFollowing,
    ToggleUnderpainting,
    ToggleEntropy,
    ToggleTheme,
    ToggleKeys,
}

macro_rules! commands {
    ($($id:ident: $scope:ident $label:expr, $keys:expr => $does:expr;)*) => {
        /// Names a command.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum CommandId {
            $($id),*
        }

        impl CommandId {
            /// Those with more modifiers come before those with fewer on the same key.
            pub(super) const ALL: &[Self] = &[$(Self::$id),*];

            fn spec(self) -> Spec {
                match self {
                    $(Self::$id => Spec {
                        label: $label,
                        keys: &$keys,
                        scope: Scope::$scope,
                        does: $does,
                    }),*
                }
            }
        }
    };
}

commands! {
    Primary: Always "Paint, pause, continue", [(CTRL, Key::Enter)] => Does::Window(WindowCommand::Primary);
    WriteSelectionPrompt: Always "Write words for the selection", [(CTRL_SHIFT, Key::L)] => Does::Window(WindowCommand::WriteSelectionPrompt);
    WritePrompt: Always "Write the prompt", [(CTRL, Key::L)] => Does::Window(WindowCommand::WritePrompt);
    Escape: Canvas "Stop, or leave what is going on", [(PLAIN, Key::Escape)] => Does::Window(WindowCommand::Escape);
    AcceptTake: Canvas "Accept the take", [(PLAIN, Key::Enter)] => Does::Act(DocumentAction::AcceptTake.into());
    StepRow: Canvas "Paint one row", [(SHIFT, Key::Period)] => Does::Act(DocumentAction::StepRow.into());
    StepCell: Canvas "Paint one cell", [(PLAIN, Key::Period)] => Does::Act(DocumentAction::Step(1).into());
    SecondLook: Canvas "Second look", [(PLAIN, Key::R)] => Does::Act(DocumentAction::SECOND_LOOK.into());
    NewLayer: Canvas LayerCommand::Add.label(), [(CTRL_SHIFT, Key::N)] => Does::Layer(LayerCommand::Add);
    NewGroup: Canvas LayerCommand::AddGroup.label(), [] => Does::Layer(LayerCommand::AddGroup);
    DuplicateLayer: Canvas LayerCommand::Duplicate.label(), [(CTRL, Key::J)] => Does::Layer(LayerCommand::Duplicate);
    MergeDown: Canvas LayerCommand::MergeDown.label(), [(CTRL_ALT, Key::E)] => Does::Layer(LayerCommand::MergeDown);
    DeleteLayer: Canvas LayerCommand::Delete.label(), [] => Does::Layer(LayerCommand::Delete);
    GrowSelection: Canvas "Grow selection", [(CTRL_ALT, Key::G)] => Does::Act(DocumentAction::GrowSelection.into());
    ShrinkSelection: Canvas "Shrink selection", [(CTRL_ALT, Key::H)] => Does::Act(DocumentAction::ShrinkSelection.into());
    Ungroup: Canvas LayerCommand::Ungroup.label(), [(CTRL_SHIFT, Key::G)] => Does::Layer(LayerCommand::Ungroup);
    GroupLayer: Canvas LayerCommand::Group.label(), [(CTRL, Key::G)] => Does::Layer(LayerCommand::Group);
    AddMask: Canvas LayerCommand::AddMask.label(), [] => Does::Layer(LayerCommand::AddMask);
    InvertMask: Canvas LayerCommand::InvertMask.label(), [] => Does::Layer(LayerCommand::InvertMask);
    ApplyMask: Canvas LayerCommand::ApplyMask.label(), [] => Does::Layer(LayerCommand::ApplyMask);
    ApplyFinish: Canvas LayerCommand::ApplyFinish.label(), [] => Does::Layer(LayerCommand::ApplyFinish);
    RemoveMask: Canvas LayerCommand::RemoveMask.label(), [] => Does::Layer(LayerCommand::RemoveMask);
    Flatten: Canvas LayerCommand::Flatten.label(), [] => Does::Layer(LayerCommand::Flatten);
    New: Always "New picture…", [(CTRL, Key::N)] => Does::Window(WindowCommand::NewPicture);
    CropToSelection: Canvas "Crop to selection", [] => Does::Window(WindowCommand::CropToSelection);
    CanvasSize: Always "Canvas size…", [(CTRL_ALT, Key::C)] => Does::Window(WindowCommand::CanvasSize);
    ResizePicture: Always "Resize picture…", [(CTRL_ALT, Key::I)] => Does::Window(WindowCommand::ResizePicture);
    CopyPicture: Canvas "Copy the picture", [(CTRL_SHIFT, Key::C)] => Does::Window(WindowCommand::CopyPicture);
    PastePicture: Canvas "Paste as a new layer", [(CTRL, Key::V)] => Does::Window(WindowCommand::PastePicture);
    Close: Always "Close the picture", [(CTRL, Key::W)] => Does::Window(WindowCommand::Close);
    NextDocument: Always "Next picture", [(CTRL, Key::PageDown)] => Does::Window(WindowCommand::NextDocument);
    PreviousDocument: Always "Previous picture", [(CTRL, Key::PageUp)] => Does::Window(WindowCommand::PreviousDocument);
    Clear: Canvas "Clear the canvas", [(CTRL, Key::Delete)] => Does::Act(DocumentAction::Clear.into());
    ExtendLeft: Canvas "Extend to the left", [(CTRL_SHIFT, Key::ArrowLeft)] => Does::Act(DocumentAction::Reframe(Sides { left: STRIP, ..Sides::default() }).into());
    ExtendRight: Canvas "Extend to the right", [(CTRL_SHIFT, Key::ArrowRight)] => Does::Act(DocumentAction::Reframe(Sides { right: STRIP, ..Sides::default() }).into());
    ExtendAbove: Canvas "Extend above", [(CTRL_SHIFT, Key::ArrowUp)] => Does::Act(DocumentAction::Reframe(Sides { top: STRIP, ..Sides::default() }).into());
    ExtendBelow: Canvas "Extend below", [(CTRL_SHIFT, Key::ArrowDown)] => Does::Act(DocumentAction::Reframe(Sides { bottom: STRIP, ..Sides::default() }).into());
    Open: Always "Open…", [(CTRL, Key::O)] => Does::Window(WindowCommand::Open);
    SaveAs: Always "Save as…", [(CTRL_SHIFT, Key::S)] => Does::Window(WindowCommand::SaveAs);
    Save: Always "Save", [(CTRL, Key::S)] => Does::Window(WindowCommand::Save);
    Models: Always "Models…", [(CTRL, Key::M)] => Does::Window(WindowCommand::Models);
    ExportAgain: Always "Export again", [(CTRL_SHIFT, Key::E)] => Does::Window(WindowCommand::ExportAgain);
    Export: Always "Export…", [(CTRL, Key::E)] => Does::Window(WindowCommand::Export);
    CutOut: Canvas "Cut out…", [(CTRL_SHIFT, Key::X)] => Does::Window(WindowCommand::CutOut);
    Film: Always "Film…", [(CTRL_SHIFT, Key::F)] => Does::Window(WindowCommand::Film);
    Quit: Always "Quit", [(CTRL, Key::Q)] => Does::Window(WindowCommand::Quit);
    Redo: Canvas "Redo", [(CTRL_SHIFT, Key::Z), (CTRL, Key::Y)] => Does::Act(DocumentAction::Redo.into());
    Undo: Canvas "Undo", [(CTRL, Key::Z)] => Does::Act(DocumentAction::Undo.into());
    SelectAll: Canvas "Select all", [(CTRL, Key::A)] => Does::Act(DocumentAction::SelectAll.into());
    Deselect: Canvas "Deselect", [(CTRL, Key::D)] => Does::Act(DocumentAction::Deselect.into());
    InvertSelection: Canvas "Invert selection", [(CTRL_SHIFT, Key::I)] => Does::Act(DocumentAction::InvertSelection.into());
    Brush: Canvas "Brush", [(PLAIN, Key::B)] => Does::Act(StudioAction::PickTool(Tool::Brush).into());
    Eraser: Canvas "Eraser", [(PLAIN, Key::E)] => Does::Act(StudioAction::PickTool(Tool::Eraser).into());
    Rectangle: Canvas "Rectangle selection", [(PLAIN, Key::M)] => Does::Act(StudioAction::PickTool(Tool::Rectangle).into());
    Lasso: Canvas "Lasso selection", [(PLAIN, Key::L)] => Does::Act(StudioAction::PickTool(Tool::Lasso).into());
    Wand: Canvas "Meaning wand", [(PLAIN, Key::W)] => Does::Act(StudioAction::PickTool(Tool::Wand).into());
    LargerBrush: Canvas "Larger brush", [(PLAIN, Key::CloseBracket)] => Does::Window(WindowCommand::LargerBrush);
    SmallerBrush: Canvas "Smaller brush", [(PLAIN, Key::OpenBracket)] => Does::Window(WindowCommand::SmallerBrush);
    HarderBrush: Canvas "Harder brush", [(SHIFT, Key::CloseBracket), (SHIFT, Key::CloseCurlyBracket)] => Does::Window(WindowCommand::HarderBrush);
    SofterBrush: Canvas "Softer brush", [(SHIFT, Key::OpenBracket), (SHIFT, Key::OpenCurlyBracket)] => Does::Window(WindowCommand::SofterBrush);
    FitCanvas: Always "Fit the canvas", [(CTRL, Key::Num0)] => Does::View(ViewChange::Fit);
    ActualSize: Always "Zoom to 100 %", [(CTRL, Key::Num1)] => Does::View(ViewChange::ActualSize);
    ZoomIn: Always "Zoom in", [(CTRL, Key::Plus), (CTRL, Key::Equals)] => Does::View(ViewChange::In);
    ZoomOut: Always "Zoom out", [(CTRL, Key::Minus)] => Does::View(ViewChange::Out);
    TurnLeft: Canvas "Turn left", [(PLAIN, Key::Num4)] => Does::View(ViewChange::TurnLeft);
    TurnRight: Canvas "Turn right", [(PLAIN, Key::Num6)] => Does::View(ViewChange::TurnRight);
    TurnUpright: Canvas "Turn upright", [(PLAIN, Key::Num5)] => Does::View(ViewChange::Upright);
    Mirror: Canvas "Mirror the view", [(PLAIN, Key::H)] => Does::View(ViewChange::Mirror);
    TogglePanels: Canvas "Hide or show panels", [(PLAIN, Key::Tab)] => Does::Window(WindowCommand::TogglePanels);
    ToggleOverlay: Canvas "Mark your cells", [(PLAIN, Key::O)] => Does::Window(WindowCommand::ToggleOverlay);
    ToggleFollowing: Canvas "Follow the brush while it is down", [(PLAIN, Key::F)] => Does::Window(WindowCommand::ToggleFollowing);
    ToggleUnderpainting: Canvas "Show what is expected", [(PLAIN, Key::U)] => Does::Window(WindowCommand::ToggleUnderpainting);
    ToggleEntropy: Canvas "Show where the model is in doubt", [(PLAIN, Key::D)] => Does::Window(WindowCommand::ToggleEntropy);
    ToggleTheme: Canvas "Light or dark", [] => Does::Window(WindowCommand::ToggleTheme);
    ToggleKeys: Always "All keys", [(PLAIN, Key::F1)] => Does::Window(WindowCommand::ToggleKeys);
}

impl CommandId {
    pub(super) fn does(self) -> Does {
        self.spec().does
    }

    pub(super) fn label(self) -> &'static str {
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

    /// Why it cannot be carried out now, where that is known beforehand.
    pub(super) fn hindrance(self, picture: &Picture) -> Option<&'static str> {
        match self.does() {
            Does::Layer(command) => command.on(picture, picture.stack.active).err(),
            Does::Window(WindowCommand::CropToSelection) if picture.selection.is_none() => {
                Some("Nothing is selected")
            }
            Does::Act(_) | Does::View(_) | Does::Window(_) => None,
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
            // Held down, these would pause and continue by turns.
            egui::Event::Key { key: Key::Escape | Key::Enter, repeat, .. } => !repeat,
            _ => true,
        });
    });
    // What the system takes for a paste is no key any more by the time it is here.
    let is_paste =
        |it: &egui::Event| matches!(it, egui::Event::Paste(_) | egui::Event::PasteImage(_));
    if !is_typing && ctx.input(|it| it.events.iter().any(is_paste)) {
        commands.push(CommandId::PastePicture.into());
    }
    for &id in CommandId::ALL {
        let Spec { keys, scope, .. } = id.spec();
        // An open menu is closed by Escape, and no more.
        if scope == Scope::Canvas && is_typing || id == CommandId::Escape && is_choosing {
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
