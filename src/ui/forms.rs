//! Small dialogs with a few fields: what they have in common. Enter does what is asked, Escape leaves.

use egui::{Align, Frame, Key, Layout, RichText};

use super::canvas_size::CanvasSize;
use super::cutout_form::CutoutForm;
use super::export_form::ExportForm;
use super::film_form::FilmForm;
use super::new_picture::NewPicture;
use super::path_question::PathQuestion;
use super::resize_picture::ResizePicture;
use super::theme;
use super::ui_command::UiCommand;
use crate::finish::MAX_SIDE_PIXELS;
use crate::studio::{Refusal, Studio};

const WIDTH: f32 = 440.0;

/// The one that is open.
pub(super) enum Form {
    NewPicture(NewPicture),
    CanvasSize(CanvasSize),
    ResizePicture(ResizePicture),
    Export(Box<ExportForm>),
    Film(FilmForm),
    Cutout(Box<CutoutForm>),
    Path(PathQuestion),
}

/// What a form would do as it is filled in, or what is wrong with it.
pub(super) type Filled = Result<UiCommand, Unfit>;

/// What is wrong with what a field says. The texts are shown below the fields.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unfit {
    #[error("The {0} is at least a pixel")]
    NoPixel(&'static str),
    #[error("Say how many pixels the {0} is")]
    NoSize(&'static str),
    #[error("The {side} is a whole number of pixels, not \"{text}\"")]
    NoNumber { side: &'static str, text: String },
    #[error("Too large: at scale {scale} each side has at most {max_pixels} pixels")]
    TooLarge { scale: u16, max_pixels: u32 },
    #[error("At most {MAX_SIDE_PIXELS} pixels a side")]
    FinishTooLarge,
    #[error("Nothing was painted yet")]
    NoMoments,
    #[error("Looking for what is foreground…")]
    StillCuttingOut,
    #[error("Nothing is foreground there: draw over what is to be kept")]
    NothingToCutOut,
    #[error("Type where it lies")]
    NoPath,
    #[error(transparent)]
    Refused(#[from] Refusal),
}

impl Form {
    const fn title(&self) -> &'static str {
        match self {
            Self::NewPicture(_) => "New picture",
            Self::CanvasSize(_) => "Canvas size",
            Self::ResizePicture(_) => "Resize picture",
            Self::Export(_) => "Export",
            Self::Film(_) => "Film",
            Self::Cutout(_) => "Cut out",
            Self::Path(it) => it.title(),
        }
    }

    /// What the button says.
    const fn verb(&self) -> &'static str {
        match self {
            Self::NewPicture(_) => "Create",
            Self::CanvasSize(_) => "Change canvas",
            Self::ResizePicture(_) => "Resize",
            Self::Export(_) => "Export…",
            Self::Film(_) => "Make the film…",
            Self::Cutout(_) => "Cut out",
            Self::Path(it) => it.verb(),
        }
    }

    fn fields_ui(
        &mut self,
        ui: &mut egui::Ui,
        studio: &Studio,
        commands: &mut Vec<UiCommand>,
    ) -> Filled {
        match self {
            Self::NewPicture(it) => it.fields_ui(ui, studio),
            Self::CanvasSize(it) => it.fields_ui(ui, studio),
            Self::ResizePicture(it) => it.fields_ui(ui, studio),
            Self::Export(it) => it.fields_ui(ui, commands),
            Self::Film(it) => it.fields_ui(ui),
            Self::Cutout(it) => it.fields_ui(ui),
            Self::Path(it) => it.fields_ui(ui),
        }
    }
}

enum Answer {
    Open,
    Left,
    Done(UiCommand),
}

pub(super) fn form_ui(
    ctx: &egui::Context,
    form: &mut Option<Form>,
    studio: &Studio,
    commands: &mut Vec<UiCommand>,
) {
    let Some(open) = form else { return };
    let frame = Frame::popup(&ctx.global_style()).inner_margin(16);
    // Each keeps its own size.
    let id = egui::Id::unique(("form", open.title()));
    let modal = egui::Modal::new(id).frame(frame).show(ctx, |ui| {
        ui.set_width(WIDTH);
        ui.spacing_mut().item_spacing.y = 8.0;
        ui.heading(open.title());
        ui.add_space(4.0);
        let filled = open.fields_ui(ui, studio, commands);
        ui.add_space(4.0);
        buttons_ui(ui, open.verb(), filled)
    });
    match modal.inner {
        Answer::Done(command) => {
            commands.push(command);
            *form = None;
        }
        Answer::Left => *form = None,
        Answer::Open if modal.should_close() => *form = None,
        Answer::Open => (),
    }
}

fn buttons_ui(ui: &mut egui::Ui, verb: &str, filled: Filled) -> Answer {
    // A menu of the form's takes its own Enter.
    let is_entered =
        !egui::Popup::is_any_open(ui.ctx()) && ui.input(|it| it.key_pressed(Key::Enter));
    let size = egui::vec2(ui.available_width(), 28.0);
    ui.allocate_ui_with_layout(size, Layout::right_to_left(Align::Center), |ui| {
        let does = ui.add_enabled(filled.is_ok(), theme::primary_button(verb)).clicked();
        let leaves = ui.button("Cancel").clicked();
        match filled {
            _ if leaves => Answer::Left,
            Ok(command) if does || is_entered => Answer::Done(command),
            Ok(_) | Err(_) => Answer::Open,
        }
    })
    .inner
}

/// A line or two below the fields: what comes of them, or what is wrong. It keeps its room, so that nothing jumps.
pub(super) fn outcome_ui(ui: &mut egui::Ui, outcome: Result<String, &Unfit>) {
    let size = egui::vec2(ui.available_width(), 36.0);
    ui.allocate_ui_with_layout(size, Layout::top_down(Align::Min), |ui| {
        ui.set_min_height(size.y);
        let text = match outcome {
            Ok(text) => RichText::new(text).color(theme::weak(ui.visuals())),
            Err(why) => RichText::new(why.to_string()).color(theme::warning(ui.visuals())),
        };
        ui.add(egui::Label::new(text.small()).wrap());
    });
}
