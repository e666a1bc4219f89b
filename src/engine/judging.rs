//! A second look: how well each settled cell fits in with the others.

use super::context_pool::{ContextPool, Query};
use crate::base::{Cell, CellRect, Code, DocumentId, GuidedSpan, Request, Ticket, seen_in, tiles};
use crate::model::sampler::{expect_each, log_prob};
use crate::model::{Painter, Result};

/// Every second cell in both directions is judged together, each knowing all cells of the other groups.
const GROUPS: usize = 4;

/// A question how well the kept cells of a request fit in, answered so far.
pub(super) struct Judging {
    pub(super) ticket: Ticket,
    document: DocumentId,
    request: Request,
    next_group: usize,
    surprises: Vec<(Cell, f32)>,
}

impl Judging {
    pub(super) const fn new(ticket: Ticket, document: DocumentId, request: Request) -> Self {
        Self { ticket, document, request, next_group: 0, surprises: Vec::new() }
    }

    pub(super) const fn document(&self) -> DocumentId {
        self.document
    }

    /// Judges one more of the groups: one forward pass per prompt and view. Returns the whole answer after the last one:
    /// by how much the code of each kept cell surprises beyond what its own entropy makes likely, in nats: about 0 for a
    /// cell that fits, more for one that does not.
    pub(super) fn step(
        &mut self,
        painter: &dyn Painter,
        contexts: &mut ContextPool,
    ) -> Result<Option<Vec<(Cell, f32)>>> {
        let Self { document, request, next_group, surprises, .. } = self;
        surprises.extend(judge_group(painter, contexts, *document, request, *next_group)?);
        *next_group += 1;
        Ok((*next_group == GROUPS).then(|| std::mem::take(surprises)))
    }
}

fn judge_group(
    painter: &dyn Painter,
    contexts: &mut ContextPool,
    document: DocumentId,
    request: &Request,
    group: usize,
) -> Result<Vec<(Cell, f32)>> {
    let (asked, known): (Vec<_>, Vec<_>) =
        request.plan.kept(request.seed).into_iter().partition(|&(cell, _)| group_of(cell) == group);
    let mut surprises = Vec::with_capacity(asked.len());
    for (tile, view) in tiles(request.plan.grid, request.plan.view_size) {
        let known: Vec<(Cell, Code)> = seen_in(view, &known).collect();
        let asked: Vec<(Cell, Code)> =
            asked.iter().copied().filter(|&(cell, _)| tile.contains(cell)).collect();
        surprises.extend(judge_view(painter, contexts, document, request, view, &known, &asked)?);
    }
    Ok(surprises)
}

/// The same for what one view shows.
fn judge_view(
    painter: &dyn Painter,
    contexts: &mut ContextPool,
    document: DocumentId,
    request: &Request,
    view: CellRect,
    known: &[(Cell, Code)],
    asked: &[(Cell, Code)],
) -> Result<Vec<(Cell, f32)>> {
    let temperature = request.sampling.temperature;
    let mut surprises = Vec::with_capacity(asked.len());
    for (idx, prompt) in request.prompts.iter().enumerate() {
        let grid = request.plan.grid;
        let is_under = |cell: Cell| usize::from(request.plan.prompts[grid.idx(cell)]) == idx;
        let asked: Vec<(Cell, Code)> =
            asked.iter().copied().filter(|&(cell, _)| is_under(cell)).collect();
        if asked.is_empty() {
            continue;
        }
        let cells: Vec<Cell> = asked.iter().map(|&(cell, _)| view.place_of(cell)).collect();
        let query = Query {
            settled: known,
            guessed: &[],
            cells: &cells,
            // The whole picture stands: guidance counts as everywhere.
            guided: GuidedSpan::default(),
            n_cells: grid.n_cells(),
            n_known: known.len(),
        };
        let logits = contexts.ask(painter, document, prompt, query)?;
        let expected = expect_each(&logits, temperature);
        let answers = asked.into_iter().zip(logits).zip(expected);
        surprises.extend(answers.map(|(((cell, code), logits), expected)| {
            (cell, -log_prob(&logits, temperature, code) - expected.entropy)
        }));
    }
    Ok(surprises)
}

fn group_of(cell: Cell) -> usize {
    usize::from(cell.row % 2 * 2 + cell.col % 2)
}
