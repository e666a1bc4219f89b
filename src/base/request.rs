//! The request: everything that a painting depends on. Same request, same picture.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use super::model_id::ModelId;
use super::plan::Plan;

/// A text for the model, and how closely to follow it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Prompt {
    pub text: String,
    /// What to lean away from; empty: from what the model would paint without a prompt.
    #[serde(default)]
    pub negative: String,
    /// 1 takes the model's own logits; above it, the text weighs more. At least 1.
    pub guidance: f32,
}

impl Prompt {
    /// What guidance may be.
    pub const GUIDANCE: RangeInclusive<f32> = 1.0..=30.0;
}

/// How a code is drawn from the logits.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sampling {
    /// Above 0: 1 takes the logits as they are, lower is safer, higher is wilder.
    pub temperature: f32,
    /// Only the best `k` codes come into question; 0 means all.
    pub top_k: usize,
    /// Only the best codes that together reach this probability, in (0, 1]; 1 means all.
    pub top_p: f32,
    /// In which part of the picture guidance counts.
    #[serde(default)]
    pub guided: GuidedSpan,
}

impl Default for Sampling {
    fn default() -> Self {
        Self { temperature: 1.0, top_k: 0, top_p: 1.0, guided: GuidedSpan::default() }
    }
}

/// The part of a picture in which guidance counts, as fractions of its cells that are settled; outside of it the
/// prompt alone counts. After "Applying guidance in a limited interval" (<https://arxiv.org/abs/2404.07724>).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct GuidedSpan {
    /// From 0 to 1.
    pub from: f32,
    /// From `from` to 1.
    pub to: f32,
    /// Guidance grows over this fraction, from 0 to 1.
    pub ramp: f32,
}

impl Default for GuidedSpan {
    fn default() -> Self {
        Self { from: 0.0, to: 1.0, ramp: 0.0 }
    }
}

impl GuidedSpan {
    /// What `guidance` comes to when this fraction of the cells is settled.
    #[must_use]
    pub fn at(self, settled: f32, guidance: f32) -> f32 {
        let Self { from, to, ramp } = self;
        let strength = if settled < from || to < settled {
            0.0
        } else if settled < from + ramp {
            (settled - from) / ramp
        } else {
            1.0
        };
        1.0 + (guidance - 1.0) * strength
    }

    fn is_sound(self) -> bool {
        let Self { from, to, ramp } = self;
        (0.0..=1.0).contains(&from) && (from..=1.0).contains(&to) && (0.0..=1.0).contains(&ramp)
    }
}

/// Everything that a painting depends on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// Which model paints it, so that a picture is not repeated with another one unawares.
    #[serde(flatten)]
    pub model: ModelId,
    /// The picture's own prompt first, then those of its regions.
    pub prompts: Vec<Prompt>,
    pub sampling: Sampling,
    pub seed: u64,
    pub plan: Plan,
}

/// Why a request cannot be carried out, whatever the model. The texts are shown to the user.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum RequestError {
    #[error("The temperature must be above 0, not {0}")]
    Temperature(f32),

    #[error("Top-p must be above 0 and at most 1, not {0}")]
    TopP(f32),

    #[error("Guidance must count from 0 to 1, or a part of that")]
    GuidedSpan,

    #[error("There are more prompts than cells")]
    TooManyPrompts,

    #[error("The guidance must be between 1 and 30, not {0}")]
    Guidance(f32),

    #[error("The plan does not fit its grid or its prompts")]
    Plan,
}

impl Request {
    /// Whether the request can be carried out, for those that come from a file or a user.
    ///
    /// # Errors
    /// Says which value is out of range.
    pub fn check(&self) -> Result<(), RequestError> {
        let Sampling { temperature, top_p, guided, .. } = self.sampling;
        if !(temperature.is_finite() && 0.0 < temperature) {
            return Err(RequestError::Temperature(temperature));
        }
        if !(0.0 < top_p && top_p <= 1.0) {
            return Err(RequestError::TopP(top_p));
        }
        if !guided.is_sound() {
            return Err(RequestError::GuidedSpan);
        }
        // The picture's own, and one for each cell.
        if self.plan.grid.n_cells() + 1 < self.prompts.len() {
            return Err(RequestError::TooManyPrompts);
        }
        for Prompt { guidance, .. } in &self.prompts {
            if !Prompt::GUIDANCE.contains(guidance) {
                return Err(RequestError::Guidance(*guidance));
            }
        }
        if !self.plan.is_sound(self.prompts.len()) {
            return Err(RequestError::Plan);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Cell, Digest, Grid, Order};

    #[test]
    fn guidance_counts_within_its_span_and_grows_over_its_ramp() {
        let span = GuidedSpan { from: 0.2, to: 0.6, ramp: 0.2 };
        assert_eq!([0.1, 0.7].map(|settled| span.at(settled, 3.0)), [1.0, 1.0]);
        assert!((span.at(0.3, 3.0) - 2.0).abs() < 1e-5);
        assert_eq!(span.at(0.5, 3.0), 3.0);
        assert_eq!([0.0, 0.5, 1.0].map(|settled| GuidedSpan::default().at(settled, 4.0)), [4.0; 3]);
    }

    #[test]
    fn a_request_names_its_model_in_two_fields_and_older_ones_in_one() {
        let grid = Grid { rows: 1, cols: 2, cell_pixels: 8 };
        let plan = Plan::fresh(grid, Order::Around(vec![Cell::new(0, 1)]));
        let digest = Some(Digest([0xab; 8]));
        let request = Request {
            model: ModelId { name: "Landscapes 3".to_owned(), digest },
            prompts: vec![Prompt { text: "a".to_owned(), negative: String::new(), guidance: 4.1 }],
            sampling: Sampling::default(),
            seed: u64::MAX,
            plan,
        };
        let mut written = serde_json::to_value(&request).unwrap();
        assert_eq!(written["model"], "Landscapes 3");
        assert_eq!(written["model_digest"], "abababababababab");
        let text = serde_json::to_string(&request).unwrap();
        assert_eq!(serde_json::from_str::<Request>(&text).unwrap(), request);
        written.as_object_mut().unwrap().remove("model_digest");
        let older: Request = serde_json::from_value(written).unwrap();
        let model = ModelId::named("Landscapes 3");
        assert_eq!(older, Request { model, ..request });
    }
}
