//! What the painter has read of one picture: for each text a cache per causal block, and the keys
//! that answers look at. Going back only shortens the length.

use std::sync::Arc;

use rayon::prelude::*;

use super::config::PainterConfig;
use super::painter::Painter;
use crate::base::{Cell, Code, Needs};
use crate::model::check::check;
use crate::model::kernels::{KvCache, in_pool};
use crate::model::{self, Ask, Logits, Result};

pub(super) struct Context {
    painter: Arc<Painter>,
    /// The number of cells read. Invariant: each cache holds its text and that many cells.
    len: usize,
    texts: Vec<TextCache>,
}

/// One text, and the cells as read under it.
struct TextCache {
    caches: Vec<KvCache>,
    keys: KvCache,
}

/// What is asked in one pass, the same of all texts.
struct Pass<'a> {
    /// The number of entries that were read before.
    start: usize,
    placed: &'a [(Cell, Code)],
    /// Per ask the cell, and how many entries its query sees.
    cells: Vec<Cell>,
    seen: Vec<usize>,
}

impl Context {
    /// `ids` holds one text after the other.
    pub(super) fn new(painter: Arc<Painter>, ids: &[u32]) -> Result<Self> {
        let texts = ids.chunks_exact(painter.config.text_slots);
        let texts = texts.map(|ids| TextCache::new(&painter, ids)).collect::<Result<_>>()?;
        Ok(Self { painter, len: 0, texts })
    }
}

/// What a guided context takes in memory.
pub(super) fn context_bytes(painter: &Painter) -> u64 {
    let PainterConfig { heads, dim, .. } = painter.config;
    let n_caches = painter.self_blocks.len() + 1;
    let one = KvCache::bytes_for(room(painter), heads, dim, painter.precision);
    Needs::TEXTS * n_caches as u64 * one
}

/// Entries of a text and of all cells.
fn room(painter: &Painter) -> usize {
    painter.config.text_slots + painter.grid.n_cells()
}

impl TextCache {
    fn new(painter: &Painter, ids: &[u32]) -> Result<Self> {
        let PainterConfig { heads, dim, .. } = painter.config;
        let cache = || KvCache::new(room(painter), heads, dim, painter.precision);
        let caches = painter.self_blocks.iter().map(|_| cache()).collect();
        let mut text = Self { caches, keys: cache() };
        painter.read_text(ids, &mut text.caches, &mut text.keys)?;
        Ok(text)
    }

    /// The logits [asks, codes].
    fn pass(&mut self, painter: &Painter, pass: &Pass<'_>) -> Result<Vec<f32>> {
        let Self { caches, keys } = self;
        painter.read_cells(pass.placed, pass.start, caches, keys)?;
        let mut logits = vec![0.0; pass.cells.len() * painter.n_codes];
        painter.answer(&pass.cells, &pass.seen, keys, &mut logits)?;
        Ok(logits)
    }
}

impl model::Context for Context {
    fn len(&self) -> usize {
        self.len
    }

    fn bytes(&self) -> u64 {
        let caches = self.texts.iter().flat_map(|it| it.caches.iter().chain([&it.keys]));
        caches.map(KvCache::bytes).sum()
    }

    fn rewind(&mut self, len: usize) {
        self.len = self.len.min(len);
    }

    fn read(&mut self, placed: &[(Cell, Code)], ask: &[Ask]) -> Result<Logits> {
        check(self.painter.grid, self.painter.n_codes, self.len, placed, ask)?;
        let Self { painter, texts, .. } = self;
        let n_slots = painter.config.text_slots;
        let pass = Pass {
            start: n_slots + self.len,
            placed,
            cells: ask.iter().map(|it| it.cell).collect(),
            seen: ask.iter().map(|it| n_slots + it.after).collect(),
        };
        // Texts have nothing to do with each other until their answers meet: a thread for each,
        // once per pass.
        let one_text = |it: &mut TextCache| it.pass(painter, &pass);
        let answers = in_pool(|| texts.par_iter_mut().map(one_text).collect::<Result<Vec<_>>>());
        let values = answers?.concat();
        self.len += placed.len();
        Ok(Logits::new(texts.len(), ask.len(), painter.n_codes, values))
    }
}
