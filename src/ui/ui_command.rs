//! What the artist asks of the window, collected while it is drawn and carried out afterwards.

use super::commands::CommandId;
use super::models::ModelCommand;
use super::path_question::PathFor;
use crate::base::DocumentId;
use crate::export::ExportOptions;
use crate::film::FilmOptions;
use crate::finish::Finishing;
use crate::io::FilmFormat;
use crate::studio::{Action, DocumentAction, StudioAction};

#[derive(Clone, Debug, PartialEq)]
pub(super) enum UiCommand {
    /// Something that has a name.
    Run(CommandId),
    /// Something for the studio, or the active document.
    Do(Action),
    OlderPrompt,
    NewerPrompt,
    /// Asks where the picture is to be exported to, and exports it.
    Export(ExportOptions),
    /// Asks where the film is to go, and makes it.
    ExportFilm(FilmOptions, FilmFormat),
    /// Copies the finished picture to the clipboard.
    CopyFinished(Finishing),
    /// Closes a document, and asks first where there is something in it that no file holds.
    Close(DocumentId),
    Answer(CloseAnswer),
    Model(ModelCommand),
    /// Asks for a path, as the system has no file dialog.
    AskPath(PathFor),
}

/// What is to become of something that no file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CloseAnswer {
    Keep,
    Save,
    CloseAnyway,
}

impl From<CommandId> for UiCommand {
    fn from(id: CommandId) -> Self {
        Self::Run(id)
    }
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
