//! The window: shows a studio, and collects the artist's commands. Everything that knows egui lives here.

mod app;
mod canvas;
mod canvas_size;
mod clipboard;
mod commands;
mod cutout_form;
mod dialogs;
mod entropy;
mod export_form;
mod export_preview;
mod film_form;
mod forms;
mod icons;
mod layer_command;
mod layer_icons;
mod layer_menu;
mod layer_row;
mod layer_rows;
mod layers;
mod menus;
mod model_card;
mod model_question;
mod models;
mod new_picture;
mod notices;
mod panels;
mod path_question;
mod prompt;
mod recovery;
mod resize_picture;
mod size_fields;
mod suggestions;
mod tabs;
mod theme;
mod thumbnails;
mod timeline;
mod toolbox;
mod ui_command;

use std::path::PathBuf;
use std::sync::Arc;

pub use self::app::App;
use crate::catalog::Places;
use crate::engine::Load;
use crate::settings::Settings;
use crate::studio::Choice;

/// How the window is opened.
#[derive(Clone, Debug, Default)]
pub struct WindowOptions {
    /// Where "Export again" goes before anything was exported.
    pub export_to: Option<PathBuf>,
    /// What the given way to load loads.
    pub model: Option<Choice>,
    /// Where models lie; `None` for where the environment says.
    pub places: Option<Places>,
    /// What to begin with; `None` for what was kept of the last run. What is given is not kept for the next.
    pub settings: Option<Settings>,
    /// Projects and pictures to begin with.
    pub open: Vec<PathBuf>,
    /// What the artist is to be told at once.
    pub notice: Option<String>,
}

/// Opens the window, and returns when it is closed.
///
/// # Errors
/// Where the system has no window, or no graphics, to give.
pub fn open(load: Load, options: WindowOptions) -> eframe::Result {
    let icon = eframe::icon_data::from_png_bytes(include_bytes!("../../assets/icon.png"));
    let mut viewport = egui::ViewportBuilder::default()
        .with_title("Alla Prima")
        .with_app_id("alla-prima")
        .with_inner_size([1280.0, 860.0])
        .with_min_inner_size([760.0, 520.0]);
    match icon {
        Ok(icon) => viewport = viewport.with_icon(Arc::new(icon)),
        Err(err) => log::warn!("The window's icon is damaged: {err}"),
    }
    let native = eframe::NativeOptions { viewport, ..eframe::NativeOptions::default() };
    eframe::run_native(
        "alla-prima",
        native,
        Box::new(|cc| Ok(Box::new(App::new(cc, load, options)?))),
    )
}
