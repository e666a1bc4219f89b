//! What the painter has read of one picture: a memory per causal block, and the keys that answers
//! look at. Going back only shortens the length.

use std::sync::Arc;

use super::painter::Painter;
use crate::base::{Cell, Code};
use crate::model::check::check;
use crate::model::kernels::Memory;
use crate::model::{self, Ask, Logits, Result};

pub(super) struct Context {
    painter: Arc<Painter>,
    n_texts: usize,
    /// The number of cells read. Invariant: `memories` and `keys` hold the text and so many cells.
    len: usize,
    memories: Vec<Memory>,
    keys: Memory,
}

impl Context {
    /// `ids` holds one text after the other.
    pub(super) fn new(painter: Arc<Painter>, ids: &[u32]) -> Result<Self> {
        let n_slots = painter.config.text_slots;
        let n_texts = ids.len() / n_slots;
        let memory = || Memory::new(n_texts, n_slots + painter.grid.n_cells(), painter.config.dim);
        let (mut memories, mut keys): (Vec<Memory>, _) =
            (painter.self_blocks.iter().map(|_| memory()).collect(), memory());
        let text = painter.text(ids)?;
        painter.read(text, &painter.no_turns()?, 0, &mut memories, &mut keys)?;
        Ok(Self { painter, n_texts, len: 0, memories, keys })
    }
}

impl model::Context for Context {
    fn len(&self) -> usize {
        self.len
    }

    fn rewind(&mut self, len: usize) {
        self.len = self.len.min(len);
    }

    fn read(&mut self, placed: &[(Cell, Code)], ask: &[Ask]) -> Result<Logits> {
        check(self.painter.grid, self.painter.n_codes, self.len, placed, ask)?;
        let Self { painter, n_texts, memories, keys, .. } = self;
        let n_slots = painter.config.text_slots;
        if !placed.is_empty() {
            let x = painter.content(*n_texts, placed)?;
            let turns = painter.turns(placed.iter().map(|&(cell, _)| cell))?;
            painter.read(x, &turns, n_slots + self.len, memories, keys)?;
            self.len += placed.len();
        }
        let values = if ask.is_empty() {
            Vec::new()
        } else {
            let seen: Vec<usize> = ask.iter().map(|it| n_slots + it.after).collect();
            let cells = ask.iter().map(|it| it.cell);
            painter.answer(*n_texts, cells, &seen, keys)?.flatten_all()?.to_vec1()?
        };
        Ok(Logits::new(*n_texts, ask.len(), painter.n_codes, values))
    }
}
