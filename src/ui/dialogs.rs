//! The system's file dialogs. They are opened by the window's thread, as some systems demand, and waited
//! for on a thread of their own: the window goes on painting.

use std::pin::Pin;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::Builder;
use std::time::{Duration, Instant};

use super::path_question::PathFor;
use super::ui_command::UiCommand;
use crate::base::DocumentId;
use crate::export::ExportOptions;
use crate::film::FilmOptions;
use crate::io::FilmFormat;

/// Sooner than anybody cancels a dialog: there was none. Where the system has no portal and no zenity, nothing else tells.
const AT_ONCE: Duration = Duration::from_millis(400);

/// Dialogs that are open, and what comes of them.
pub(super) struct Dialogs {
    sender: Sender<Option<UiCommand>>,
    receiver: Receiver<Option<UiCommand>>,
    is_open: bool,
}

impl Default for Dialogs {
    fn default() -> Self {
        let (sender, receiver) = channel();
        Self { sender, receiver, is_open: false }
    }
}

impl Dialogs {
    /// Of this document, whichever is active by then.
    pub(super) fn export(
        &mut self,
        ctx: &egui::Context,
        document: DocumentId,
        suggested: &str,
        options: ExportOptions,
    ) {
        if self.is_open {
            return;
        }
        let dialog = rfd::AsyncFileDialog::new()
            .set_title("Export the picture")
            .add_filter("Pictures", &["png", "jpg", "jpeg", "webp", "tif", "tiff", "pdf"])
            .set_file_name(suggested)
            .save_file();
        let suggested = suggested.to_owned();
        self.ask(ctx, dialog, PathFor::Export { document, options, suggested });
    }

    /// Of this document, whichever is active by then.
    pub(super) fn film(
        &mut self,
        ctx: &egui::Context,
        document: DocumentId,
        suggested: &str,
        options: FilmOptions,
        format: FilmFormat,
    ) {
        if self.is_open {
            return;
        }
        let dialog = rfd::AsyncFileDialog::new()
            .set_title("Make a film of the painting")
            .add_filter(format.name(), format.endings())
            .set_file_name(suggested)
            .save_file();
        let suggested = suggested.to_owned();
        self.ask(ctx, dialog, PathFor::Film { document, options, format, suggested });
    }

    /// Of this document, whichever is active by then.
    pub(super) fn save(&mut self, ctx: &egui::Context, document: DocumentId, suggested: &str) {
        if self.is_open {
            return;
        }
        let dialog = rfd::AsyncFileDialog::new()
            .set_title("Save the picture with its layers")
            .add_filter("OpenRaster project", &["ora"])
            .set_file_name(suggested)
            .save_file();
        let suggested = suggested.to_owned();
        self.ask(ctx, dialog, PathFor::Save { document, suggested });
    }

    pub(super) fn open(&mut self, ctx: &egui::Context) {
        if self.is_open {
            return;
        }
        let dialog = rfd::AsyncFileDialog::new()
            .set_title("Open a picture")
            .add_filter(
                "Pictures and projects",
                &["ora", "png", "jpg", "jpeg", "webp", "tif", "tiff"],
            )
            .pick_file();
        self.ask(ctx, dialog, PathFor::Open);
    }

    pub(super) fn add_model(&mut self, ctx: &egui::Context, is_folder: bool) {
        if self.is_open {
            return;
        }
        let dialog = rfd::AsyncFileDialog::new().set_title("Add a model");
        let weights = ["safetensors", "pt", "pth", "bin", "gguf"];
        let dialog = if is_folder {
            boxed(dialog.pick_folder())
        } else {
            boxed(dialog.add_filter("Weights", &weights).pick_file())
        };
        self.ask(ctx, dialog, PathFor::AddModel);
    }

    fn ask(
        &mut self,
        ctx: &egui::Context,
        dialog: impl Future<Output = Option<rfd::FileHandle>> + Send + 'static,
        path_for: PathFor,
    ) {
        let (sender, ctx) = (self.sender.clone(), ctx.clone());
        let thread = Builder::new().name("dialog".to_owned()).spawn(move || {
            let begun = Instant::now();
            let answer = match pollster::block_on(dialog) {
                Some(file) => Some(path_for.command(file.path().to_owned())),
                None if begun.elapsed() < AT_ONCE => Some(UiCommand::AskPath(path_for)),
                None => None,
            };
            // The window may be gone by the time the dialog is answered.
            let _ = sender.send(answer);
            ctx.request_repaint();
        });
        match thread {
            Ok(_) => self.is_open = true,
            Err(err) => log::error!("The dialog could not be opened: {err}"),
        }
    }

    /// What was answered since the last frame.
    pub(super) fn answers(&mut self, commands: &mut Vec<UiCommand>) {
        while let Ok(answer) = self.receiver.try_recv() {
            self.is_open = false;
            commands.extend(answer);
        }
    }
}

/// As one type, whichever dialog it is.
fn boxed(
    dialog: impl Future<Output = Option<rfd::FileHandle>> + Send + 'static,
) -> Pin<Box<dyn Future<Output = Option<rfd::FileHandle>> + Send>> {
    Box::pin(dialog)
}
