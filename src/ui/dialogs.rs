//! The system's file dialogs. They are opened by the window's thread, as some systems demand, and waited
//! for on a thread of their own: the window goes on painting.

use std::pin::Pin;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::Builder;

use super::models::ModelCommand;
use super::ui_command::UiCommand;
use crate::base::DocumentId;
use crate::studio::StudioAction;

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
        with_prompt: bool,
    ) {
        if self.is_open {
            return;
        }
        let dialog = rfd::AsyncFileDialog::new()
            .set_title("Export the picture")
            .add_filter("PNG picture", &["png"])
            .set_file_name(suggested)
            .save_file();
        self.ask(ctx, async move {
            let path = dialog.await?.path().to_owned();
            Some(StudioAction::Export { document, path, with_prompt }.into())
        });
    }

    pub(super) fn open(&mut self, ctx: &egui::Context) {
        if self.is_open {
            return;
        }
        let dialog = rfd::AsyncFileDialog::new()
            .set_title("Open a picture")
            .add_filter("Pictures", &["png", "jpg", "jpeg", "webp"])
            .pick_file();
        self.ask(ctx, async move {
            let path = dialog.await?.path().to_owned();
            Some(StudioAction::Open(path).into())
        });
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
        self.ask(ctx, async move {
            let path = dialog.await?.path().to_owned();
            Some(ModelCommand::Add(path).into())
        });
    }

    fn ask(
        &mut self,
        ctx: &egui::Context,
        answer: impl Future<Output = Option<UiCommand>> + Send + 'static,
    ) {
        let (sender, ctx) = (self.sender.clone(), ctx.clone());
        let thread = Builder::new().name("dialog".to_owned()).spawn(move || {
            // The window may be gone by the time the dialog is answered.
            let _ = sender.send(pollster::block_on(answer));
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
