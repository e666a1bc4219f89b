//! What can be wrong with a file of weights.

/// The texts follow "The model is damaged or of another kind: ".
#[derive(Debug, thiserror::Error)]
pub(super) enum Flaw {
    /// A rule of the format that it breaks.
    #[error("{0}")]
    Rule(&'static str),
    #[error("its {part} cannot be read: {reason}")]
    Part { part: String, reason: String },
    #[error("{reason} (byte {at})")]
    Pickle { reason: &'static str, at: usize },
    #[error("its tensor {name}: {flaw}")]
    InTensor { name: String, flaw: Box<Self> },
    #[error("with the shape {0:?} it reaches beyond the file")]
    BeyondFile(Vec<usize>),
    #[error("with the shape {0:?} it reaches beyond its storage")]
    BeyondStorage(Vec<usize>),
    #[error("the shape {shape:?} and the strides {strides:?} do not fit")]
    Strides { shape: Vec<usize>, strides: Vec<usize> },
    #[error("it has {n_stored} bytes of values, its header tells of {n_told}")]
    Length { n_stored: usize, n_told: usize },
    #[error("{0}")]
    Tensor(#[from] candle_core::Error),
}

pub(super) type Result<T> = std::result::Result<T, Flaw>;

impl From<&'static str> for Flaw {
    fn from(rule: &'static str) -> Self {
        Self::Rule(rule)
    }
}

impl Flaw {
    pub(super) fn part(part: &str, reason: impl ToString) -> Self {
        Self::Part { part: part.to_owned(), reason: reason.to_string() }
    }

    pub(super) fn in_tensor(self, name: &str) -> Self {
        Self::InTensor { name: name.to_owned(), flaw: Box::new(self) }
    }
}
