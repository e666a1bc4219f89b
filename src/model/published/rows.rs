//! What a network that paints row by row has read of one picture. It answers for the next cell
//! only, the one behind those that it has read.

use std::sync::Arc;

use candle_core::Result;

use super::decoder::{Decoder, DecoderCache, Prompt};
use super::outcomes::Outcomes;
use crate::base::{Cell, Code, Grid, Needs};
use crate::model::check::check;
use crate::model::rotary::Rope;
use crate::model::{self, Ask, Context, Error, Logits};

/// A network that paints row by row.
pub(super) trait RowsNetwork: Send + Sync + 'static {
    fn grid(&self) -> Grid;

    fn n_codes(&self) -> usize;

    fn decoder(&self) -> &Decoder;

    /// [codes, dim]
    fn embed(&self, codes: &[Code]) -> Result<Vec<f32>>;

    /// Of a cell behind a text of `n_entries` entries.
    fn rope(&self, n_entries: usize, cell: Cell) -> Rope;

    /// [rows, dim] → [rows, codes]
    fn logits(&self, rows: &[f32]) -> Result<Vec<f32>>;
}

pub(super) struct RowsContext<N> {
    network: Arc<N>,
    /// Per text. Invariant: `caches` hold its `n_entries` entries and `len` cells, `outcomes` what
    /// came of its last entry and of `len` cells.
    n_entries: Vec<usize>,
    caches: Vec<DecoderCache>,
    outcomes: Vec<Outcomes>,
    len: usize,
}

/// What a guided context takes in memory whose texts have `n_entries` entries each.
pub(super) fn context_bytes(network: &impl RowsNetwork, n_entries: usize) -> u64 {
    let (decoder, n_cells) = (network.decoder(), network.grid().n_cells());
    let outcomes = Outcomes::bytes_for(decoder.dim(), 1 + n_cells);
    Needs::TEXTS * (decoder.bytes_for(n_entries + n_cells) + outcomes)
}

impl<N: RowsNetwork> RowsContext<N> {
    /// Reads texts, each by itself.
    pub(super) fn new(network: Arc<N>, prompts: Vec<Prompt>) -> model::Result<Self> {
        let (mut n_entries, mut caches, mut outcomes) = (Vec::new(), Vec::new(), Vec::new());
        for prompt in prompts {
            let dim = network.decoder().dim();
            n_entries.push(prompt.ropes.len());
            let (cache, rows) = network.decoder().begin(prompt, network.grid().n_cells())?;
            let mut outcome = Outcomes::new(dim, 1 + network.grid().n_cells());
            outcome.push(&rows[rows.len() - dim..]);
            caches.push(cache);
            outcomes.push(outcome);
        }
        Ok(Self { network, n_entries, caches, outcomes, len: 0 })
    }

    /// The same cells for all texts.
    fn read_cells(&mut self, placed: &[(Cell, Code)]) -> Result<()> {
        let codes: Vec<Code> = placed.iter().map(|&(_, code)| code).collect();
        let x = self.network.embed(&codes)?.repeat(self.caches.len()); // [texts, new, dim]
        let ropes_of = |&n: &usize| placed.iter().map(|it| self.network.rope(n, it.0)).collect();
        let ropes: Vec<Vec<Rope>> = self.n_entries.iter().map(ropes_of).collect();
        let rows = self.network.decoder().forward(x, &ropes, &[], &mut self.caches)?;
        let of_text = placed.len() * self.network.decoder().dim();
        let texts = self.outcomes.iter_mut().zip(rows.chunks_exact(of_text));
        texts.for_each(|(outcomes, rows)| outcomes.push(rows));
        self.len += placed.len();
        Ok(())
    }

    /// Fails where a cell is not the next one.
    fn check_turn(&self, placed: &[(Cell, Code)], ask: &[Ask]) -> model::Result<()> {
        let grid = self.network.grid();
        let read = placed.iter().zip(self.len..).map(|(&(cell, _), idx)| (cell, idx));
        let mut all = read.chain(ask.iter().map(|it| (it.cell, it.after)));
        match all.find(|&(cell, idx)| grid.idx(cell) != idx) {
            Some((Cell { row, col }, _)) => Err(Error::NotNext { row, col }),
            None => Ok(()),
        }
    }
}

impl<N: RowsNetwork> Context for RowsContext<N> {
    fn len(&self) -> usize {
        self.len
    }

    fn bytes(&self) -> u64 {
        let outcomes = self.outcomes.iter().map(Outcomes::bytes).sum::<u64>();
        self.caches.iter().map(DecoderCache::bytes).sum::<u64>() + outcomes
    }

    fn rewind(&mut self, len: usize) {
        self.len = self.len.min(len);
        for (text, &n) in self.n_entries.iter().enumerate() {
            self.caches[text].truncate(n + self.len);
            self.outcomes[text].truncate(1 + self.len);
        }
    }

    fn read(&mut self, placed: &[(Cell, Code)], ask: &[Ask]) -> model::Result<Logits> {
        let n_codes = self.network.n_codes();
        check(self.network.grid(), n_codes, self.len, placed, ask)?;
        self.check_turn(placed, ask)?;
        if !placed.is_empty() {
            self.read_cells(placed)?;
        }
        let n_texts = self.caches.len();
        if ask.is_empty() {
            return Ok(Logits::new(n_texts, 0, n_codes, Vec::new()));
        }
        let rows = self.outcomes.iter().flat_map(|it| ask.iter().map(|ask| it.of(ask.after)));
        let rows: Vec<&[f32]> = rows.collect();
        let values = self.network.logits(&rows.concat())?; // [texts · asks, codes]
        Ok(Logits::new(n_texts, ask.len(), n_codes, values))
    }
}
