//! A field for a path, where the system has no file dialog to offer.

use std::path::PathBuf;

use super::forms::{Filled, Unfit, outcome_ui};
use super::models::ModelCommand;
use super::panels::plain_row;
use super::ui_command::UiCommand;
use crate::base::DocumentId;
use crate::export::ExportOptions;
use crate::film::FilmOptions;
use crate::io::FilmFormat;
use crate::studio::StudioAction;

/// What a path is asked for.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum PathFor {
    Open,
    Export { document: DocumentId, options: ExportOptions, suggested: String },
    Film { document: DocumentId, options: FilmOptions, format: FilmFormat, suggested: String },
    Save { document: DocumentId, suggested: String },
    AddModel,
}

impl PathFor {
    /// What is done with it.
    pub(super) fn command(&self, path: PathBuf) -> UiCommand {
        match self {
            Self::Open => StudioAction::Open(path).into(),
            Self::Export { document, options, .. } => {
                let (document, options) = (*document, options.clone());
                let ending = options.formats.first().map_or("png", |it| it.endings()[0]);
                let path =
                    if path.extension().is_none() { path.with_extension(ending) } else { path };
                StudioAction::Export { document, path, options }.into()
            }
            Self::Film { document, options, format, .. } => {
                let (document, options) = (*document, *options);
                let ending = format.endings()[0];
                let path =
                    if path.extension().is_none() { path.with_extension(ending) } else { path };
                StudioAction::ExportFilm { document, path, options }.into()
            }
            Self::Save { document, .. } => {
                let document = *document;
                let path =
                    if path.extension().is_none() { path.with_extension("ora") } else { path };
                StudioAction::Save { document, path }.into()
            }
            Self::AddModel => ModelCommand::Add(path).into(),
        }
    }
}

pub(super) struct PathQuestion {
    path_for: PathFor,
    text: String,
    /// Whether its field has not been seen yet.
    is_new: bool,
}

impl PathQuestion {
    pub(super) fn new(path_for: PathFor) -> Self {
        let name = match &path_for {
            PathFor::Export { suggested, .. }
            | PathFor::Film { suggested, .. }
            | PathFor::Save { suggested, .. } => suggested.as_str(),
            PathFor::Open | PathFor::AddModel => "",
        };
        let text = std::env::home_dir().unwrap_or_default().join(name).display().to_string();
        Self { path_for, text, is_new: true }
    }

    pub(super) const fn title(&self) -> &'static str {
        match self.path_for {
            PathFor::Open => "Open a picture",
            PathFor::Export { .. } => "Export the picture",
            PathFor::Film { .. } => "Make a film of the painting",
            PathFor::Save { .. } => "Save the picture with its layers",
            PathFor::AddModel => "Add a model",
        }
    }

    pub(super) const fn verb(&self) -> &'static str {
        match self.path_for {
            PathFor::Open => "Open",
            PathFor::Export { .. } => "Export",
            PathFor::Film { .. } => "Make the film",
            PathFor::Save { .. } => "Save",
            PathFor::AddModel => "Add",
        }
    }

    pub(super) fn fields_ui(&mut self, ui: &mut egui::Ui) -> Filled {
        plain_row(ui, "Path", |ui| {
            let field = egui::TextEdit::singleline(&mut self.text)
                .margin(egui::Margin::symmetric(8, 4))
                .desired_width(ui.available_width());
            let field = ui.add(field);
            field.widget_info(|| egui::WidgetInfo::labeled(egui::Role::TextInput, true, "Path"));
            if self.is_new {
                self.is_new = false;
                field.request_focus();
            }
        });
        let path = path_of(&self.text);
        let hint = "The system has no file dialog: type where it lies, or ~ for your home";
        outcome_ui(ui, path.as_ref().map(|_| hint.to_owned()));
        path.map(|it| self.path_for.command(it))
    }
}

/// # Errors
/// Says what is wrong.
fn path_of(text: &str) -> Result<PathBuf, Unfit> {
    let text = text.trim();
    let home = || std::env::home_dir().unwrap_or_default();
    match text.strip_prefix("~/") {
        Some(rest) => Ok(home().join(rest)),
        None if text.is_empty() => Err(Unfit::NoPath),
        None => Ok(PathBuf::from(text)),
    }
}
