//! The system's file dialogs. They are asked on a thread of their own: the window goes on painting.

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::Builder;

use super::wish::Wish;
use crate::session::Action;

/// Dialogs that are open, and what comes of them.
pub(super) struct Dialogs {
    sender: Sender<Option<Wish>>,
    receiver: Receiver<Option<Wish>>,
    is_open: bool,
}

impl Default for Dialogs {
    fn default() -> Self {
        let (sender, receiver) = channel();
        Self { sender, receiver, is_open: false }
    }
}

impl Dialogs {
    pub(super) fn export(&mut self, ctx: &egui::Context, suggested: &str, with_words: bool) {
        let dialog = rfd::FileDialog::new()
            .set_title("Export the picture")
            .add_filter("PNG picture", &["png"])
            .set_file_name(suggested);
        self.ask(ctx, move || {
            let path: PathBuf = dialog.save_file()?;
            Some(Action::Export { path, with_words }.into())
        });
    }

    pub(super) fn restore(&mut self, ctx: &egui::Context) {
        let dialog = rfd::FileDialog::new()
            .set_title("Restore the request of an exported picture")
            .add_filter("PNG picture", &["png"]);
        self.ask(ctx, move || Some(Action::Restore(dialog.pick_file()?).into()));
    }

    fn ask(&mut self, ctx: &egui::Context, dialog: impl FnOnce() -> Option<Wish> + Send + 'static) {
        if self.is_open {
            return;
        }
        let (sender, ctx) = (self.sender.clone(), ctx.clone());
        let thread = Builder::new().name("dialog".to_owned()).spawn(move || {
            // The window may be gone by the time the dialog is answered.
            let _ = sender.send(dialog());
            ctx.request_repaint();
        });
        match thread {
            Ok(_) => self.is_open = true,
            Err(err) => log::error!("The dialog could not be opened: {err}"),
        }
    }

    /// What was answered since the last frame.
    pub(super) fn answers(&mut self, wishes: &mut Vec<Wish>) {
        while let Ok(answer) = self.receiver.try_recv() {
            self.is_open = false;
            wishes.extend(answer);
        }
    }
}
