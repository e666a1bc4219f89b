//! What the artist asks of the window, collected while it is drawn and carried out afterwards.

use super::models::ModelCommand;
use crate::studio::{Action, DocumentAction, StudioAction};

#[derive(Clone, Debug, PartialEq)]
pub(super) enum UiCommand {
    /// Something for the studio, or the active document.
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

impl From<DocumentAction> for UiCommand {
    fn from(action: DocumentAction) -> Self {
        Self::Do(action.into())
    }
}

impl From<StudioAction> for UiCommand {
    fn from(action: StudioAction) -> Self {
        Self::Do(action.into())
    }
}
