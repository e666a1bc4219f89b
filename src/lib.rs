//! Alla Prima: a desktop painting studio in which an autoregressive image model paints cell by cell on
//! the canvas, while the artist watches, pauses, paints over it, gives other words or noise to a part, and
//! the model paints every later cell conditioned on the edit.
//!
//! The modules in reading order:
//!
//! * [`base`]: the words everybody shares: places, pixels, masks, the plan, the request. Uses nothing
//! * [`compose`]: the compositor: how layers meet, tile by tile; what a GPU is told to do, and the same on the CPU
//! * [`cutout`]: what is foreground, and how much of each pixel
//! * [`document`]: the picture and all that can be done to it: layers, strokes, selections, edits with
//!   inverses. Never heard of widgets, GPUs, tensors, threads or files
//! * [`finish`]: the last step: the picture painted once more with strokes, at any size
//! * [`tools`]: pointer events in, gestures out; each tool a small state machine
//! * [`io`]: to and from disk; the only place that knows file formats
//! * [`export`]: a picture to files: finished, in several sizes and formats at once
//! * [`film`]: how a picture came about, as a moving picture
//! * [`model`]: neural networks; the only place that knows candle: the traits, the embedded network, chance
//! * [`catalog`]: which models there are, where they lie, how they come here; the only place that uses the network
//! * [`engine`]: the one background thread: protocol, worker, jobs, what was read, what to show
//! * [`studio`]: open documents and their talk with the engine; the one place where both meet
//! * [`headless`]: painting without a window, by options and scripts
//! * [`render`]: the canvas on the GPU, with the shaders in `shaders/`
//! * [`ui`]: egui: shows a studio, collects commands
//! * [`settings`]: what is remembered between runs
//!
//! `ARCHITECTURE.md` has the data model, the states of a document, the flows and the promises.
//!
//! # Glossary
//!
//! * **canvas**: the picture in pixels
//! * **cell**: one square of the token grid; **code**: what the model predicts for it, an index into the
//!   codebook; **settled**: decided, until somebody edits it
//! * **plan**: what becomes of each cell, `Keep`, `Read` or `Paint`; **order**: which cell comes when
//! * **request**: everything that a painting depends on; **variation**: which noise a cell is painted with; **take**:
//!   what came of a painting, offered beside others
//! * **document**: a picture with its history, and what is going on in it; **activity**: what it is busy with
//! * **job**: what the engine does for a document until it is told otherwise; **ticket**: names a question to it
//! * **context**: what the model has read: the prompt, then cells in the order in which they were settled
//! * **draft**: a code shown in a cell until its turn comes; never settled
//! * **open**: still to be painted; **underpainting**: what the network expects of open cells; **sketch**: one
//!   for which only some of them were asked
//! * **wet**: painted, but not yet decoded with all of its neighbours; its pixels may still move a little
//! * **author**: whose a cell is: nobody's, the model's, the artist's, or found in what was opened
//! * **program**: what a tile is composed of, for the compositor; **composition**: that of all tiles of a picture
//! * **backdrop**: the model's layer as it was when no cell was wet: what new pixels are blended into
//! * **foreign**: a picture whose codes are another model's than the one that is there
//! * **staged**: painted over a finished picture, and not yet accepted
//! * **focus**: the cells that the last edit was about; **ghost**: a cell that shows an older picture until it is painted over
//! * **feather**: how softly new pixels are blended into old ones; **second look**: what fits in worst is painted anew, in rounds
//! * **finish**: how a picture, or a layer, is painted once more; what is seen of it is a layer's **surface**
//! * **recording**: how a picture came about, as **moments**: what it looked like after each entry of the history; a **still** is
//!   a small picture of one
//! * **artwork**: a finished picture on its way into a file
//! * **slot**: holds the newest of something; what nobody took in time is replaced

pub mod base;
pub mod catalog;
pub mod compose;
pub mod cutout;
pub mod document;
pub mod engine;
pub mod export;
pub mod film;
pub mod finish;
pub mod headless;
pub mod io;
pub mod model;
pub mod render;
pub mod settings;
pub mod studio;
pub mod tools;
pub mod ui;
