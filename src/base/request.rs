//! The request: everything that a painting depends on. Same request, same picture.

use serde::{Deserialize, Serialize};

use super::plan::Plan;

/// Words for the model, and how closely to follow them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Prompt {
    pub text: String,
    /// What to lean away from; empty: from what the model would paint without words.
    #[serde(default)]
    pub negative: String,
    /// 1 follows the model's own odds; above it, the words weigh more. At least 1.
    pub guidance: f32,
}

/// How a code is drawn from the odds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sampling {
    /// Above 0: 1 takes the odds as they are, lower is safer, higher is wilder.
    pub temperature: f32,
    /// Only the best `k` codes come into question; 0 means all.
    pub top_k: usize,
    /// Only the best codes that together reach this share of the odds, in (0, 1]; 1 means all.
    pub top_p: f32,
}

impl Default for Sampling {
    fn default() -> Self {
        Self { temperature: 1.0, top_k: 0, top_p: 1.0 }
    }
}

/// Everything that a painting depends on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// The model's name, so that a picture is not repeated with another one unawares.
    pub model: String,
    /// The picture's own prompt first, then those of its regions.
    pub prompts: Vec<Prompt>,
    pub sampling: Sampling,
    pub seed: u64,
    pub plan: Plan,
}

impl Request {
    /// Why the request cannot be carried out, if so; for requests that come from a file or a user.
    ///
    /// # Errors
    /// Says which value is out of range.
    pub fn check(&self) -> Result<(), String> {
        let Sampling { temperature, top_p, .. } = self.sampling;
        if !(temperature.is_finite() && 0.0 < temperature) {
            return Err(format!("The temperature must be above 0, not {temperature}"));
        }
        if !(0.0 < top_p && top_p <= 1.0) {
            return Err(format!("Top-p must be above 0 and at most 1, not {top_p}"));
        }
        for Prompt { guidance, .. } in &self.prompts {
            if !(guidance.is_finite() && (1.0..=30.0).contains(guidance)) {
                return Err(format!("The guidance must be between 1 and 30, not {guidance}"));
            }
        }
        if !self.plan.is_sound(self.prompts.len()) {
            return Err("The plan does not fit its grid or its prompts".to_owned());
        }
        Ok(())
    }
}
