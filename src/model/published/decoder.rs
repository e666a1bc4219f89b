//! A stack of causal blocks, and what it remembers of each text.
//! Weights are shared and never change; all that changes while painting lives in [`Memory`].

use candle_core::Result;
use rayon::prelude::*;

use super::attention::{Aside, KvCache};
use super::block::{Block, RmsNorm};
use crate::model::rotary::Turn;

#[derive(Debug)]
pub(super) struct Decoder {
    blocks: Vec<Block>,
    /// Behind the last block.
    norm: RmsNorm,
}

/// What the blocks have read of one text, and of the cells after it.
#[derive(Debug)]
pub(super) struct Memory {
    caches: Vec<KvCache>,
}

/// A text as a network reads it: entries, and how each is turned.
#[derive(Debug)]
pub(super) struct Prompt {
    pub(super) x: Vec<f32>, // [entries, dim]
    pub(super) turns: Vec<Turn>,
}

impl Decoder {
    pub(super) const fn new(blocks: Vec<Block>, norm: RmsNorm) -> Self {
        Self { blocks, norm }
    }

    /// Width of an entry.
    pub(super) const fn dim(&self) -> usize {
        self.norm.dim()
    }

    /// Reads a text, behind which `n_later` entries will come; returns what comes of its own, [entries, dim], too.
    pub(super) fn begin(&self, prompt: Prompt, n_later: usize) -> Result<(Memory, Vec<f32>)> {
        let room = prompt.turns.len() + n_later;
        let caches = self.blocks.iter().map(|it| KvCache::new(it.heads, room, &it.qkv)).collect();
        let mut memories = vec![Memory { caches }];
        let rows = self.forward(prompt.x, &[prompt.turns], &[], &mut memories)?;
        Ok((memories.swap_remove(0), rows))
    }

    /// Passes rows [texts, rows, dim] through the blocks, the last ones of them asides. The result has the same
    /// shape, and is normalised.
    pub(super) fn forward(
        &self,
        mut x: Vec<f32>,
        turns: &[Vec<Turn>],
        asides: &[Aside],
        memories: &mut [Memory],
    ) -> Result<Vec<f32>> {
        for (idx, block) in self.blocks.iter().enumerate() {
            let caches = memories.par_iter_mut().map(|it| &mut it.caches[idx]);
            block.add_to(&mut x, turns, asides, caches)?;
        }
        Ok(self.norm.of(&x))
    }
}

impl Memory {
    /// Forgets all but the first `len` entries.
    pub(super) fn truncate(&mut self, len: usize) {
        self.caches.iter_mut().for_each(|it| it.truncate(len));
    }
}
