//! Alla Prima: a desktop painting studio in which an autoregressive image model paints cell by cell on
//! the canvas, while the artist watches, pauses, paints over it, gives other words or noise to a part, and
//! the model paints every later cell conditioned on the edit.
//!
//! The modules in reading order:
//!
//! * [`base`]: the words everybody shares: places, pixels, masks, the plan, the request. Uses nothing
//! * [`document`]: the picture and all that can be done to it: layers, strokes, selections, edits with
//!   inverses. Never heard of widgets, GPUs, tensors, threads or files
//! * [`tools`]: pointer events in, gestures out; each tool a small state machine
//! * [`io`]: to and from disk; the only place that knows file formats
//! * [`model`]: neural networks; the only place that knows candle: the traits, the embedded network, chance
//! * [`catalog`]: which models there are, where they lie, how they come here; the only place that uses the network
//! * [`engine`]: the one background thread: protocol, worker, jobs, what was read, what to show
//! * [`studio`]: open documents and their talk with the engine; the one place where both meet
//! * [`headless`]: painting without a window, by options and scripts
//! * [`render`]: the canvas on the GPU, with the shaders in `shaders/`
//! * [`ui`]: egui: shows a studio, collects commands
//! * [`settings`]: what is remembered between runs
//!
//! # Invariants
//!
//! 1. Dependencies point one way (`tests/architecture.rs` holds the table).
//! 2. The window never waits: not for the engine, not for the disk.
//! 3. Only [`studio`] changes the picture. Whatever the artist or the model does to it can be undone.
//! 4. What a painting settles is one edit, closed by its end or by the artist's next edit. A stopped one
//!    keeps what it painted.
//! 5. The same request paints the same picture.
//! 6. Engine and window share no memory.
//! 7. [`document`] cannot fail; only [`io`], [`model`] and their callers return errors.
//! 8. Positions below [`ui`] are in canvas space or in cells; screen space ends at the canvas view.
//!
//! # Glossary
//!
//! * **canvas**: the picture in pixels
//! * **cell**: one square of the token grid; **code**: what the model predicts for it, an index into the
//!   codebook; **settled**: decided, until somebody edits it
//! * **plan**: what becomes of each cell, `Keep` or `Paint`; **order**: which cell comes when
//! * **request**: everything that a painting depends on; **take**: a cell's other noise
//! * **context**: what the model has read: the words, then cells in the order in which they were settled
//! * **draft**: a code shown in a cell until its turn comes; never settled
//! * **open**: still to be painted; **underpainting**: what the network expects of open cells; **sketch**: one
//!   for which only some of them were asked
//! * **wet**: painted, but not yet decoded with all of its neighbours; its pixels may still move a little
//! * **staged**: painted over a finished picture, and not yet accepted

pub mod base;
pub mod catalog;
pub mod document;
pub mod engine;
pub mod headless;
pub mod io;
pub mod model;
pub mod render;
pub mod settings;
pub mod studio;
pub mod tools;
pub mod ui;
