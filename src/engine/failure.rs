//! Why a job ended before its time, or a question has no answer.

use std::sync::Arc;

use crate::base::RequestError;
use crate::model::{self, Unfit};

/// The texts are shown to the user.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Failure {
    #[error("There is no model to paint with")]
    NoModel,

    #[error("The model fell over; it was started anew")]
    FellOver,

    #[error("The model could not be loaded: it fell over")]
    FellOverLoading,

    /// In the network's own words.
    #[error("{0}")]
    Model(#[source] Arc<model::Error>),

    #[error(transparent)]
    Request(#[from] RequestError),

    /// The picture is not for this model.
    #[error(transparent)]
    Unfit(#[from] Unfit),

    #[error("There is not one draft for each cell")]
    Drafts,

    #[error("The picture was closed")]
    Closed,

    #[error("There are no pixels in which the model could read what was painted")]
    NoPixels,

    #[error("What was painted could not be read: the model fell over")]
    Unreadable,

    #[error("{0} cannot judge a cell by all others")]
    CannotJudge(String),
}

/// Alike to whoever reads them.
impl PartialEq for Failure {
    fn eq(&self, other: &Self) -> bool {
        self.to_string() == other.to_string()
    }
}

impl From<model::Error> for Failure {
    fn from(err: model::Error) -> Self {
        Self::Model(Arc::new(err))
    }
}
