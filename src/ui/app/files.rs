//! Where pictures are saved and exported to, and what the window is called after them.

use std::path::Path;

use egui::ViewportCommand;

use super::App;
use crate::export::ExportOptions;
use crate::film::FilmOptions;
use crate::io::FilmFormat;
use crate::studio::StudioAction;
use crate::ui::cutout_form::CutoutForm;
use crate::ui::export_form::ExportForm;
use crate::ui::forms::Form;

impl App {
    /// Where it was saved last, or wherever the artist says.
    pub(super) fn save(&mut self, ctx: &egui::Context) {
        let document = self.studio.active();
        match document.file().map(ToOwned::to_owned) {
            Some(path) => {
                let document = document.id();
                self.studio.perform(StudioAction::Save { document, path });
            }
            None => self.save_as(ctx),
        }
    }

    pub(super) fn save_as(&mut self, ctx: &egui::Context) {
        let document = self.studio.active();
        let prompt = &document.picture().paint_settings.prompt;
        let name = match document.file().and_then(Path::file_name) {
            Some(name) => name.to_string_lossy().into_owned(),
            None => file_name(prompt).replace(".png", ".ora"),
        };
        self.dialogs.save(ctx, document.id(), &name);
    }

    /// Asks where to, and exports as it was said.
    pub(super) fn export(&mut self, options: ExportOptions, ctx: &egui::Context) {
        self.studio.prefs_mut().export = options.clone();
        let name = file_name(&self.studio.active().picture().paint_settings.prompt);
        let ending = options.formats.first().map_or("png", |it| it.endings()[0]);
        let name = Path::new(&name).with_extension(ending).display().to_string();
        self.dialogs.export(ctx, self.studio.active().id(), &name, options);
    }

    /// Asks where to, and makes the film.
    pub(super) fn export_film(
        &mut self,
        options: FilmOptions,
        format: FilmFormat,
        ctx: &egui::Context,
    ) {
        let name = file_name(&self.studio.active().picture().paint_settings.prompt);
        let name = Path::new(&name).with_extension(format.endings()[0]).display().to_string();
        self.dialogs.film(ctx, self.studio.active().id(), &name, options, format);
    }

    pub(super) fn ask_what_to_cut_out(&mut self) {
        match CutoutForm::new(&self.studio) {
            Some(form) => self.form = Some(Form::Cutout(Box::new(form))),
            None => self.studio.perform(StudioAction::Notify(
                "There is nothing to be cut out yet: paint something first".to_owned(),
            )),
        }
    }

    pub(super) fn ask_how_to_export(&mut self) {
        self.form = Some(Form::Export(Box::new(ExportForm::new(&self.studio))));
    }

    pub(super) fn export_again(&mut self) {
        match self
            .studio
            .active()
            .last_export()
            .map(ToOwned::to_owned)
            .or_else(|| self.export_to.clone())
        {
            Some(path) => {
                let document = self.studio.active().id();
                let options = self.studio.prefs().export.clone();
                let export = StudioAction::Export { document, path, options };
                self.studio.perform(export);
            }
            None => self.ask_how_to_export(),
        }
    }

    /// "143/256 · a lake at dusk – Alla Prima"
    pub(super) fn name_window(&mut self, ctx: &egui::Context) {
        let prompt = &self.studio.active().picture().paint_settings.prompt;
        let state = match self.studio.active().progress() {
            Some((done, all, _)) if self.studio.active().is_paused() => {
                format!("Paused {done}/{all} · ")
            }
            Some((_, all, _)) => format!("Painting {all} cells · "),
            None => String::new(),
        };
        let document = self.studio.active();
        let mark = if document.is_modified() { "• " } else { "" };
        let name = if document.file().is_some() { document.name() } else { prompt };
        let title = format!("{mark}{state}{name} – Alla Prima");
        if title != self.title {
            ctx.send_viewport_cmd(ViewportCommand::Title(title.clone()));
            self.title = title;
        }
    }
}

/// The prompt as a file name.
fn file_name(prompt: &str) -> String {
    let safe = |it: char| if it.is_alphanumeric() { it } else { '-' };
    let name: String = prompt.chars().take(60).map(safe).collect();
    match name.trim_matches('-') {
        "" => "painting.png".to_owned(),
        name => format!("{name}.png"),
    }
}
