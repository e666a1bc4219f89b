//! What the artist asks of the window, collected while it is drawn and carried out afterwards.

use super::models::ModelCommand;
use crate::session::Action;

#[derive(Clone, Debug, PartialEq)]
pub(super) enum UiCommand {
    /// Something for the session.
    Do(Action),
    /// Whatever the big button says.
    Primary,
    /// Leave what is going on: the gesture, the take, the painting, the selection.
    Escape,
    /// Write into the prompt box.
    FocusPrompt,
    /// Write into the box for the selection's prompt.
    FocusSelectionPrompt,
    OlderPrompt,
    NewerPrompt,
    ZoomIn,
    ZoomOut,
    FitCanvas,
    ActualSize,
    Turn(f32),
    Upright,
    Mirror,
    TogglePanels,
    ToggleOverlay,
    ToggleUnderpainting,
    ToggleEntropy,
    ToggleFollowing,
    ToggleTheme,
    ToggleKeys,
    LargerBrush,
    SmallerBrush,
    HarderBrush,
    SofterBrush,
    ExportAs,
    ExportAgain,
    ExportPrompt(bool),
    OpenFrom,
    Model(ModelCommand),
    Quit,
}

impl From<Action> for UiCommand {
    fn from(action: Action) -> Self {
        Self::Do(action)
    }
}
