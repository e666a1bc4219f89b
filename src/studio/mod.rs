//! Open documents, and their talk with the engine; no widgets. The one place where pictures and engine meet.
//!
//! [`Studio::perform`] carries out what the artist asks for, [`Studio::absorb_news`] takes in what the engine has to
//! say. Both return at once.

mod action;
mod activity;
mod brushwork;
mod document;
mod event;
mod exporting;
mod files;
mod filming;
mod finishing;
mod following;
mod journal;
mod layering;
mod model;
mod news;
mod outlook;
mod painting;
mod planning;
mod primary;
mod projects;
mod second_look;
mod selecting;
mod staging;
mod state;
mod tasks;

pub use self::action::{Action, DocumentAction, NewCanvas, Reach, Repaint, StudioAction};
pub use self::document::Document;
pub use self::event::{OpenFault, Refusal, StudioEvent};
pub use self::layering::LayerAction;
pub use self::model::{Choice, fits_grid, load};
pub use self::primary::Primary;
pub use self::staging::Staged;
pub use self::state::{Notice, Studio, Wake};
pub use crate::io::Recovered;
