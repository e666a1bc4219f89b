//! What the network has read: one reading per document and prompt, kept from job to job, as many as memory allows.
//!
//! A new plan is compared with what has been read; the reading is rewound to the first difference, and
//! only the rest is read again, in one pass. So a pause costs nothing, and an edit costs what it changed.

use crate::base::{Cell, Code, DocumentId, GuidedSpan, MAX_CONTEXTS, Prompt, context_budget};
use crate::model::sampler::guide_each;
use crate::model::{Ask, Context, Error, Painter, Result};

/// What a pass looks at.
#[derive(Clone, Copy, Debug)]
pub(super) struct Query<'a> {
    /// All that is known and in view, in the order of reading. Cells are counted from the view's first one.
    pub(super) settled: &'a [(Cell, Code)],
    /// Guesses for the first of `cells`, in their order.
    pub(super) guessed: &'a [(Cell, Code)],
    /// Each is seen as after the guesses for the cells before it, as far as there are any.
    pub(super) cells: &'a [Cell],
    /// When guidance counts.
    pub(super) guided: GuidedSpan,
    /// How many cells the picture has, and how many of them are known, in view or not.
    pub(super) n_cells: usize,
    pub(super) n_known: usize,
}

#[derive(Default)]
pub(super) struct ContextPool {
    /// The one used last comes last.
    entries: Vec<PoolEntry>,
}

struct PoolEntry {
    document: DocumentId,
    text: String,
    negative: String,
    is_guided: bool,
    read: Vec<(Cell, Code)>,
    context: Box<dyn Context>,
}

impl ContextPool {
    /// The guided logits of each cell of `query` under `prompt`; one forward pass.
    pub(super) fn ask(
        &mut self,
        painter: &dyn Painter,
        document: DocumentId,
        prompt: &Prompt,
        query: Query<'_>,
    ) -> Result<Vec<Vec<f32>>> {
        let mut entry = self.take(painter, document, prompt)?;
        let logits = entry.answer(query, prompt.guidance, painter.facts().n_codes)?;
        // A reading that failed half-way is dropped: nobody knows what its context holds.
        self.entries.push(entry);
        Ok(logits)
    }

    /// A document is closed: what was read of it will not be needed.
    pub(super) fn forget(&mut self, document: DocumentId) {
        self.entries.retain(|it| it.document != document);
    }

    /// The oldest ones go, until one more of `bytes` is within what was counted on before the model was loaded.
    fn make_room(&mut self, bytes: u64) {
        let budget = context_budget(bytes);
        let is_full = |it: &[PoolEntry]| {
            let held: u64 = it.iter().map(|it| it.context.bytes()).sum();
            MAX_CONTEXTS <= it.len() || budget < held.saturating_add(bytes)
        };
        while !self.entries.is_empty() && is_full(&self.entries) {
            self.entries.remove(0);
        }
    }

    fn take(
        &mut self,
        painter: &dyn Painter,
        document: DocumentId,
        prompt: &Prompt,
    ) -> Result<PoolEntry> {
        let is_guided = prompt.guidance != 1.0;
        let fits = |it: &PoolEntry| {
            it.document == document
                && it.text == prompt.text
                && it.negative == prompt.negative
                && it.is_guided == is_guided
        };
        if let Some(idx) = self.entries.iter().position(fits) {
            return Ok(self.entries.remove(idx));
        }
        self.make_room(painter.facts().context_bytes);
        let written = |text: &str| (!text.trim().is_empty()).then(|| text.to_owned());
        let (with, without) = (written(&prompt.text), written(&prompt.negative));
        let texts: &[_] =
            if is_guided { &[with.as_deref(), without.as_deref()] } else { &[with.as_deref()] };
        Ok(PoolEntry {
            document,
            text: prompt.text.clone(),
            negative: prompt.negative.clone(),
            is_guided,
            read: Vec::new(),
            context: painter.begin(texts)?,
        })
    }
}

impl PoolEntry {
    fn answer(&mut self, query: Query<'_>, guidance: f32, n_codes: usize) -> Result<Vec<Vec<f32>>> {
        let Query { settled, guessed, cells, guided, n_cells, n_known } = query;
        let placed = || settled.iter().chain(guessed);
        let common = self.read.iter().zip(placed()).take_while(|(a, b)| a == b).count();
        self.context.rewind(common);
        self.read.truncate(common);

        let news: Vec<(Cell, Code)> = placed().skip(common).copied().collect();
        let asks = cells.iter().enumerate().map(|(idx, &cell)| {
            let after = settled.len() + idx.min(guessed.len());
            Ask { cell, after }
        });
        let asks: Vec<Ask> = asks.collect();
        let logits = self.context.read(&news, &asks)?;
        self.read.extend(news);
        if logits.shape() != (1 + usize::from(self.is_guided), cells.len(), n_codes) {
            return Err(Error::WrongShape);
        }

        let guided: Vec<Vec<f32>> = if self.is_guided {
            guide_each(cells.len(), |idx| {
                let settled = (n_known + idx.min(guessed.len())) as f32 / n_cells as f32;
                (logits.of(0, idx), logits.of(1, idx), guided.at(settled, guidance))
            })
        } else {
            (0..cells.len()).map(|idx| logits.of(0, idx).to_vec()).collect()
        };
        if guided.iter().flatten().any(|it| it.is_nan()) {
            return Err(Error::NotANumber);
        }
        Ok(guided)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Grid;
    use crate::model::toy::{Manner, Toy};

    const GRID: Grid = Grid { rows: 2, cols: 2, cell_pixels: 4 };

    fn ask(pool: &mut ContextPool, painter: &Toy, document: u64, text: &str) {
        let prompt = Prompt { text: text.to_owned(), negative: String::new(), guidance: 2.0 };
        let query = Query {
            settled: &[],
            guessed: &[],
            cells: &[Cell::new(0, 0)],
            guided: GuidedSpan::default(),
            n_cells: 4,
            n_known: 0,
        };
        pool.ask(painter, DocumentId(document), &prompt, query).unwrap();
    }

    #[test]
    fn each_document_has_its_own_and_a_closed_one_none() {
        let (mut pool, toy) = (ContextPool::default(), Toy::new(GRID, Manner::Alphabet));
        for document in [1, 2, 1] {
            ask(&mut pool, &toy, document, "a");
        }
        assert_eq!(pool.entries.len(), 2);
        pool.forget(DocumentId(1));
        assert!(pool.entries.iter().all(|it| it.document == DocumentId(2)));
    }

    #[test]
    fn what_is_kept_never_takes_more_memory_than_was_counted_on() {
        for bytes in [1 << 10, 300 << 20, 3 << 30] {
            let toy = Toy::new(GRID, Manner::Alphabet).with_contexts_of(bytes);
            let mut pool = ContextPool::default();
            for text in ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k"] {
                ask(&mut pool, &toy, 1, text);
                let held: u64 = pool.entries.iter().map(|it| it.context.bytes()).sum();
                assert!(held <= context_budget(bytes), "{held} bytes");
                assert_eq!(pool.entries.last().unwrap().text, text);
            }
            assert!((2..=MAX_CONTEXTS).contains(&pool.entries.len()));
        }
    }
}
