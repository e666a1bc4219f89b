//! How a picture comes about, told without a window and without a neural network.
//!
//! Pictures are written as text: a letter is a code, `?` is a cell left to the model, a capital is a
//! code that is kept.
#![expect(clippy::unwrap_used, reason = "all of this is a test")]

mod awkward;
mod canvas;
mod changing;
mod documents;
mod editing;
mod files;
mod films;
mod larger;
mod layers;
mod painting;
mod projects;
mod random;
mod recovery;
mod rows;
mod steering;
mod teller;
