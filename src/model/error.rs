//! Why a network could not be loaded, or could not go on.

/// The texts are shown to the user: what happened first, then why.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("The model is damaged or of another kind: {0}")]
    Damaged(String),

    #[error("The model has no cell at row {row}, column {col}")]
    NoSuchCell { row: u16, col: u16 },

    #[error("The model has no code {0}")]
    NoSuchCode(u32),

    #[error("The model cannot be painted with: {0}")]
    NotSupported(String),

    #[error("The model stopped: {0}")]
    Tensor(#[from] candle_core::Error),
}

pub type Result<T> = std::result::Result<T, Error>;
