//! What a headless painting says of itself with `--json`.

use serde::Serialize;

/// One object on stdout.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Report {
    pub model: String,
    /// What it computed on.
    pub hardware: String,
    /// What the picture as a whole was painted under at the end.
    pub prompt: String,
    pub seed: u64,
    /// Cells that the model settled, edits included.
    pub cells: usize,
    /// Forward passes of the painter, edits included.
    pub passes: usize,
    /// From the first cell to the last, edits and pauses included.
    pub seconds: f64,
    /// Of these, spent on showing what was painted.
    pub decode_seconds: f64,
    /// `cells` by the time in which the model painted; 0 where it painted nothing.
    pub cells_per_second: f64,
    /// What the model heard in the prompt, in the negative one and in those of the script, each word once.
    pub understood: Vec<Understood>,
    pub edits: Vec<EditReport>,
    /// What had to be done for a picture to be opened.
    pub notices: Vec<String>,
}

/// A word of a prompt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Understood {
    pub word: String,
    /// The words that the model read for it; `None` where it was not heard.
    #[serde(rename = "as")]
    pub taken_for: Option<String>,
}

/// What one edit came to, until the next one or the end.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct EditReport {
    /// Cells with a code that the edit laid open.
    pub could_change: usize,
    /// Cells whose code is another one afterwards.
    pub changed: usize,
    pub passes: usize,
    /// From the edit to the first settled cell.
    pub first_cell_seconds: f64,
    pub seconds: f64,
}
