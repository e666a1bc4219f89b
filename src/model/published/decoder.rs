//! A stack of causal blocks, and what it remembers of each text.
//! Weights are shared and never change; all that changes while painting lives in [`DecoderCache`].

use candle_core::Result;
use rayon::prelude::*;

use super::attention::{Aside, LayerCache};
use super::block::{Block, RmsNorm};
use crate::model::rotary::Rope;

#[derive(Debug)]
pub(super) struct Decoder {
    blocks: Vec<Block>,
    /// Behind the last block.
    norm: RmsNorm,
}

/// What the blocks have read of one text, and of the cells after it.
#[derive(Debug)]
pub(super) struct DecoderCache {
    caches: Vec<LayerCache>,
}

/// A text as a network reads it: entries, and how each is turned.
#[derive(Debug)]
pub(super) struct Prompt {
    pub(super) x: Vec<f32>, // [entries, dim]
    pub(super) ropes: Vec<Rope>,
}

impl Decoder {
    pub(super) const fn new(blocks: Vec<Block>, norm: RmsNorm) -> Self {
        Self { blocks, norm }
    }

    /// Width of an entry.
    pub(super) const fn dim(&self) -> usize {
        self.norm.dim()
    }

    /// What `room` entries of one text and of the cells after it take in memory.
    pub(super) fn bytes_for(&self, room: usize) -> u64 {
        self.blocks.iter().map(|it| LayerCache::bytes_for(it.heads, room, &it.qkv)).sum()
    }

    /// Reads a text, behind which `n_later` entries will come; returns what comes of its own,
    /// [entries, dim], too.
    pub(super) fn begin(&self, prompt: Prompt, n_later: usize) -> Result<(DecoderCache, Vec<f32>)> {
        let room = prompt.ropes.len() + n_later;
        let caches =
            self.blocks.iter().map(|it| LayerCache::new(it.heads, room, &it.qkv)).collect();
        let mut caches = vec![DecoderCache { caches }];
        let rows = self.forward(prompt.x, &[prompt.ropes], &[], &mut caches)?;
        Ok((caches.swap_remove(0), rows))
    }

    /// Passes rows [texts, rows, dim] through the blocks, the last ones of them asides. The result
    /// has the same shape, and is normalised.
    pub(super) fn forward(
        &self,
        mut x: Vec<f32>,
        ropes: &[Vec<Rope>],
        asides: &[Aside],
        caches: &mut [DecoderCache],
    ) -> Result<Vec<f32>> {
        for (idx, block) in self.blocks.iter().enumerate() {
            let caches = caches.par_iter_mut().map(|it| &mut it.caches[idx]);
            block.add_to(&mut x, ropes, asides, caches)?;
        }
        Ok(self.norm.of(&x))
    }
}

impl DecoderCache {
    /// What it takes in memory.
    pub(super) fn bytes(&self) -> u64 {
        self.caches.iter().map(LayerCache::bytes).sum()
    }

    /// Forgets all but the first `len` entries.
    pub(super) fn truncate(&mut self, len: usize) {
        self.caches.iter_mut().for_each(|it| it.truncate(len));
    }
}
