//! Pictures to and from the clipboard, on a thread of its own: other programs may take their time with what they lend, and
//! on some systems what was copied is there for as long as the thread is.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::Builder;

use arboard::{Clipboard, ImageData};

use super::ui_command::UiCommand;
use crate::base::{Depth, Pixmap};
use crate::export::Export;
use crate::finish::{Finished, Finishing};
use crate::studio::{DocumentAction, LayerAction, StudioAction};

enum Task {
    Copy(Box<Export>, Finishing),
    Paste,
}

/// The way to the thread and back; it is started when it is needed first.
pub(super) struct PictureClipboard {
    tasks: Option<Sender<Task>>,
    sender: Sender<UiCommand>,
    answers: Receiver<UiCommand>,
}

impl Default for PictureClipboard {
    fn default() -> Self {
        let (sender, answers) = channel();
        Self { tasks: None, sender, answers }
    }
}

impl PictureClipboard {
    pub(super) fn copy(&mut self, ctx: &egui::Context, picture: Export, finishing: Finishing) {
        self.ask(ctx, Task::Copy(Box::new(picture), finishing));
    }

    pub(super) fn paste(&mut self, ctx: &egui::Context) {
        self.ask(ctx, Task::Paste);
    }

    fn ask(&mut self, ctx: &egui::Context, task: Task) {
        if self.tasks.is_none() {
            let ((tasks, queue), sender, ctx) = (channel(), self.sender.clone(), ctx.clone());
            let serve = move || serve(&queue, &sender, &ctx);
            match Builder::new().name("clipboard".to_owned()).spawn(serve) {
                Ok(_) => self.tasks = Some(tasks),
                Err(err) => log::error!("There is no thread for the clipboard: {err}"),
            }
        }
        // Should the thread have fallen over, the next one begins anew.
        if self.tasks.as_ref().is_some_and(|it| it.send(task).is_err()) {
            self.tasks = None;
        }
    }

    /// What has come since the last frame.
    pub(super) fn answers(&self, commands: &mut Vec<UiCommand>) {
        commands.extend(self.answers.try_iter());
    }
}

/// Until the window is gone.
fn serve(tasks: &Receiver<Task>, answers: &Sender<UiCommand>, ctx: &egui::Context) {
    let mut clipboard = None;
    while let Ok(task) = tasks.recv() {
        let done = done(&mut clipboard, task);
        let answer = done.unwrap_or_else(|err| {
            // Another try begins anew.
            clipboard = None;
            StudioAction::Notify(what_is_wrong(&err)).into()
        });
        if answers.send(answer).is_err() {
            return;
        }
        ctx.request_repaint();
    }
}

fn done(clipboard: &mut Option<Clipboard>, task: Task) -> Result<UiCommand, arboard::Error> {
    let clipboard = match clipboard {
        Some(it) => it,
        None => clipboard.insert(Clipboard::new()?),
    };
    match task {
        Task::Copy(picture, finishing) => {
            let finished = picture.finished(&finishing, Depth::Eight, &|_| true);
            let Finished { width, height, samples } =
                finished.ok_or(arboard::Error::ConversionFailure)?;
            let bytes = samples.eight();
            let (wide, high) = (width as usize, height as usize);
            clipboard.set_image(ImageData { width: wide, height: high, bytes })?;
            let text = format!("Copied: {width} × {height} pixels");
            Ok(StudioAction::Notify(text).into())
        }
        Task::Paste => {
            let ImageData { width, height, bytes } = clipboard.get_image()?;
            let size = u32::try_from(width).ok().zip(u32::try_from(height).ok());
            let pixels = size.and_then(|(width, height)| Pixmap::from_rgba(width, height, &bytes));
            let pixels = pixels.ok_or(arboard::Error::ConversionFailure)?;
            Ok(DocumentAction::Layer(LayerAction::Paste(pixels)).into())
        }
    }
}

fn what_is_wrong(err: &arboard::Error) -> String {
    match err {
        arboard::Error::ContentNotAvailable => {
            "There is no picture in the clipboard: copy one first".to_owned()
        }
        err => format!("The clipboard cannot be used: {err}"),
    }
}
