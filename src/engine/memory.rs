//! What the network has read: one reading per prompt, kept from job to job.
//!
//! A new plan is compared with what has been read; the reading is rewound to the first difference, and
//! only the rest is read again, in one pass. So a pause costs nothing, and an edit costs what it changed.

use crate::base::{Cell, Code, Prompt};
use crate::model::sampler::guide;
use crate::model::{Ask, Context, Painter, Result};

/// Enough for the regions of a picture and a few changes of mind; the oldest one makes room.
const MOST_READINGS: usize = 8;

#[derive(Default)]
pub(super) struct Memory {
    /// The one used last comes last.
    readings: Vec<Reading>,
    n_passes: usize,
}

struct Reading {
    text: String,
    negative: String,
    is_guided: bool,
    read: Vec<(Cell, Code)>,
    context: Box<dyn Context>,
}

impl Memory {
    /// How often the painter was asked.
    pub(super) const fn n_passes(&self) -> usize {
        self.n_passes
    }

    /// The guided logits of `cell` under `prompt`, once `settled` has been read; one forward pass.
    pub(super) fn ask(
        &mut self,
        painter: &dyn Painter,
        prompt: &Prompt,
        settled: &[(Cell, Code)],
        cell: Cell,
    ) -> Result<Vec<f32>> {
        let mut reading = self.take(painter, prompt)?;
        self.n_passes += 1;
        let logits = reading.catch_up(settled, cell, prompt.guidance)?;
        // A reading that failed half-way is dropped: nobody knows what its context holds.
        self.readings.push(reading);
        Ok(logits)
    }

    fn take(&mut self, painter: &dyn Painter, prompt: &Prompt) -> Result<Reading> {
        let is_guided = prompt.guidance != 1.0;
        let fits = |it: &Reading| {
            it.text == prompt.text && it.negative == prompt.negative && it.is_guided == is_guided
        };
        if let Some(idx) = self.readings.iter().position(fits) {
            return Ok(self.readings.remove(idx));
        }
        if self.readings.len() == MOST_READINGS {
            self.readings.remove(0);
        }
        let words = |text: &'_ str| (!text.trim().is_empty()).then(|| text.to_owned());
        let (with, without) = (words(&prompt.text), words(&prompt.negative));
        let texts: &[_] = match is_guided {
            true => &[with.as_deref(), without.as_deref()],
            false => &[with.as_deref()],
        };
        Ok(Reading {
            text: prompt.text.clone(),
            negative: prompt.negative.clone(),
            is_guided,
            read: Vec::new(),
            context: painter.begin(texts)?,
        })
    }
}

impl Reading {
    fn catch_up(
        &mut self,
        settled: &[(Cell, Code)],
        cell: Cell,
        guidance: f32,
    ) -> Result<Vec<f32>> {
        let common = self.read.iter().zip(settled).take_while(|(a, b)| a == b).count();
        self.context.rewind(common);
        self.read.truncate(common);

        let news = &settled[common..];
        let logits = self.context.read(news, &[Ask { cell, after: settled.len() }])?;
        self.read.extend_from_slice(news);

        Ok(match self.is_guided {
            true => guide(logits.of(0, 0), logits.of(1, 0), guidance),
            false => logits.of(0, 0).to_vec(),
        })
    }
}
