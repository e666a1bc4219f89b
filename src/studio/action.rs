//! Everything that an artist can ask for, whether with a button, a key or a script.

use std::path::PathBuf;

use serde::Deserialize;

use super::layering::LayerAction;
use super::model::Choice;
use crate::base::{Cell, DocumentId, Order, Point, Sampling};
use crate::document::selection::Mode;
use crate::document::{BrushStyle, Sides};
use crate::export::ExportOptions;
use crate::film::FilmOptions;
use crate::tools::{Pointer, Tool};

/// How far an edit may reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Reach {
    /// Nothing outside changes.
    Only,
    /// Every later cell is painted anew, conditioned on the edit.
    Rest,
}

/// What the artist wants repainted.
#[derive(Clone, Debug, PartialEq)]
pub struct Repaint {
    pub cells: Vec<Cell>,
    /// A prompt for these cells; `None` for the one that they have.
    pub prompt: Option<String>,
    pub reach: Reach,
    /// Added to the variation of each of these cells: other noise.
    pub variation_step: u32,
}

/// A canvas to be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NewCanvas {
    /// In pixels; what suits the model where there is none.
    pub size: Option<[u32; 2]>,
    /// How many of them a pixel of the model's takes along each side; what suits the size where there is none.
    pub scale: Option<u16>,
    /// The colour of a layer below all others; transparent where there is none.
    pub background: Option<[u8; 3]>,
}

/// One thing that an artist asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    Studio(StudioAction),
    /// Of the active document.
    Document(DocumentAction),
}

impl From<StudioAction> for Action {
    fn from(action: StudioAction) -> Self {
        Self::Studio(action)
    }
}

impl From<DocumentAction> for Action {
    fn from(action: DocumentAction) -> Self {
        Self::Document(action)
    }
}

/// What concerns the whole program.
#[derive(Clone, Debug, PartialEq)]
pub enum StudioAction {
    /// A blank document beside the others, as large as the one that is seen.
    New,
    /// The same with a canvas of its own, in place of the one that is seen if nothing has been done in it.
    NewCanvas(NewCanvas),
    Activate(DocumentId),
    /// Whatever is in it. Where it was the last one, a blank one takes its place.
    Close(DocumentId),
    /// Opens a project, or a picture to be painted in: one that was exported here brings its prompt and settings. Where
    /// there is no model yet, as soon as it has come.
    Open(PathBuf),
    /// What a crash has left, by its place among [`Studio::recovered`](super::Studio::recovered): opened, or thrown away.
    Restore(usize),
    DiscardRecovered(usize),
    /// All of it is offered again at the next start.
    KeepRecovered,
    /// Saves a document as a project.
    Save {
        document: DocumentId,
        path: PathBuf,
    },
    Export {
        document: DocumentId,
        path: PathBuf,
        options: ExportOptions,
    },
    /// A film of how the document came about.
    ExportFilm {
        document: DocumentId,
        path: PathBuf,
        options: FilmOptions,
    },
    /// What is being finished for an export is not wanted any more.
    StopExport,
    /// Go on with another model. Pictures stay where its grid fits, and are read anew.
    UseModel(Choice),

    /// Cells per second; `None` for as fast as it goes.
    SetPace(Option<f32>),
    /// Whether the rest follows while the brush is still down.
    FollowBrush(bool),
    /// Whether to show what the model expects of open cells.
    ShowUnderpainting(bool),
    /// Whether to show how undecided the model is about open cells.
    ShowEntropy(bool),
    PickTool(Tool),
    SetBrush(BrushStyle),
    /// Takes the colour of the active picture at a place.
    PickColour(Point),
    Pointer {
        pointer: Pointer,
        mode: Mode,
    },

    /// By its place among those that there are.
    DismissNotice(usize),
    /// Something that the artist should be told.
    Notify(String),
}

/// What concerns one picture.
#[derive(Clone, Debug, PartialEq)]
pub enum DocumentAction {
    /// A fresh painting of every cell that is not the artist's.
    Paint,
    /// The same with other noise.
    AnotherTake,
    Pause,
    /// Go on, under the prompt as it is now.
    Continue,
    /// Settle this many cells, then pause.
    Step(usize),
    /// Settle as many cells as a row has, then pause.
    StepRow,
    /// Paintings begun from now on pause when this many cells of the picture are settled.
    PauseAt(Option<usize>),
    Stop,
    /// Paint on under the prompt as it is now.
    Steer,

    /// Paint everything anew that comes after the strokes.
    FollowStrokes,
    /// Paint the cells next to the strokes anew, so that they join.
    JoinStrokes,
    /// The strokes are well as they are.
    LeaveStrokes,
    Repaint(Repaint),
    /// This many variations of what is in question, or selected, or else of the whole picture; one staged set.
    Variations(u32),
    /// Repaint what is selected, under the prompt given for the selection, if any.
    RepaintSelection(Reach),

    /// Paint anew, in rounds, at most this fraction of the cells: those that fit in worst.
    SecondLook {
        fraction: f32,
        rounds: u32,
    },

    SetPrompt(String),
    SetNegative(String),
    SetSelectionPrompt(String),
    SetGuidance(f32),
    SetSampling(Sampling),
    SetSeed(u64),
    SetOrder(Order),
    RemoveRegion(usize),

    Layer(LayerAction),

    SelectAll,
    Deselect,
    InvertSelection,
    /// By a cell on each side.
    GrowSelection,
    ShrinkSelection,

    Undo,
    Redo,
    AcceptTake,
    DiscardTake,
    ShowTake(usize),
    StagedTake,

    /// A blank canvas in place of the picture.
    Clear,
    /// The same picture in another number of pixels; the model reads it anew.
    Resize([u32; 2]),
    /// A larger canvas, with open cells on each side, or a smaller one.
    Reframe(Sides),
}

impl DocumentAction {
    /// A second look as the button takes it.
    pub const SECOND_LOOK: Self = Self::SecondLook { fraction: 0.12, rounds: 2 };
}
