//! The rest of a finished picture follows the brush while it is still down: a preview, which a painting takes over
//! when the brush is lifted.
//!
//! Each pass draws everything that comes after what was drawn anew, as if the pass before had been right about what
//! comes before each cell (Jacobi's iteration, as in <https://arxiv.org/abs/2305.10427>). So the preview lags behind by
//! one pass at most; where the brush rests it becomes, pass by pass, what will be painted, and then stands still.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::context_pool::ContextPool;
use super::cursor::Cursor;
use super::failure::Failure;
use super::job::check;
use super::protocol::{Event, NewFollowing, Outcome, Stats};
use super::reading::{bounds, read};
use super::scaling::scaled;
use super::windows::Windows;
use super::worker::Outbox;
use crate::base::{
    Cell, CellPlan, CellRect, Code, DocumentId, JobId, PixelSource, Pixmap, Request, Slot,
};
use crate::model::{Codes, Painter, Quality};

/// Cells around fresh paint that are read with it while the brush moves: of Landscapes 3 that takes a quarter of the time
/// that exact codes take. Where the brush rests, all is read once more, exactly.
const NEAR: u16 = 2;

/// What has been drawn.
#[derive(Debug)]
pub struct FollowUpdate {
    /// Its plan says to read what the stroke has touched, and to paint what comes after.
    pub request: Request,
    pub pixels: Arc<dyn PixelSource>,
    /// What has been drawn upon since the update before.
    pub stale: CellRect,
}

/// The picture as it would be.
#[derive(Clone, Debug)]
pub struct Preview {
    /// In place of the model's layer.
    pub layer: Pixmap,
    /// Row by row. The best guesses for what a painting will settle.
    pub codes: Vec<Option<Code>>,
    /// Passes over all that follows, and forward passes of the painter, since the brush came down.
    pub n_updates: usize,
    pub n_passes: usize,
}

/// A brush that is being followed.
pub(super) struct Follow {
    id: JobId,
    document: DocumentId,
    scale: u16,
    updates: Slot<FollowUpdate>,
    previews: Slot<Preview>,
    preview: Preview,
    latest: Option<FollowUpdate>,
    /// What was read under the stroke, and whether all of it exactly.
    read: BTreeMap<Cell, Code>,
    is_exact: bool,
    /// Whether the last pass came to other codes than the one before.
    has_moved: bool,
    windows: Windows,
}

impl Follow {
    pub(super) fn new(new: NewFollowing) -> Self {
        let NewFollowing { job, document, scale, grid, layer, codes, updates, previews } = new;
        Self {
            id: job,
            document,
            scale,
            updates,
            previews,
            preview: Preview { layer, codes, n_updates: 0, n_passes: 0 },
            latest: None,
            read: BTreeMap::new(),
            is_exact: true,
            has_moved: false,
            windows: Windows::new(grid),
        }
    }

    pub(super) const fn id(&self) -> JobId {
        self.id
    }

    /// How long the worker may sleep; `None` for as long as nothing new is drawn.
    pub(super) fn sleep(&self) -> Option<Duration> {
        let is_busy = self.updates.is_full() || self.has_moved || !self.is_exact;
        is_busy.then_some(Duration::ZERO)
    }

    /// Takes in what has been drawn, or nears what will be painted; once it is there, makes sure of all codes. One pass
    /// over what follows at most.
    pub(super) fn step(
        &mut self,
        painter: &dyn Painter,
        contexts: &mut ContextPool,
        outbox: &Outbox,
    ) -> Result<(), Failure> {
        let is_due = if let Some(update) = self.updates.take() {
            check(&update.request, &self.preview.codes, painter)?;
            let stale = update.stale;
            self.latest = Some(update);
            self.is_exact = false;
            self.read_touched(stale, NEAR, painter)? || self.has_moved
        } else if self.has_moved {
            true
        } else {
            self.is_exact = true;
            let everything = self.latest.as_ref().map(|it| it.request.plan.grid.all());
            match everything {
                Some(all) => self.read_touched(all, u16::MAX, painter)?,
                None => false,
            }
        };
        if is_due {
            self.pass(painter, contexts)?;
            self.show(painter)?;
            if self.previews.put(|_| self.preview.clone()) {
                outbox.send(Event::Previewed { job: self.id });
            }
        }
        Ok(())
    }

    /// Reads the touched cells in `stale`, and those of which nothing is known. Whether anything has become different.
    fn read_touched(
        &mut self,
        stale: CellRect,
        margin: u16,
        painter: &dyn Painter,
    ) -> Result<bool, Failure> {
        let Some(update) = &self.latest else { return Ok(false) };
        let touched = update.request.plan.to_read();
        let n_before = self.read.len();
        // A stroke's last piece may have been bent away from a cell.
        self.read.retain(|cell, _| touched.binary_search(cell).is_ok());
        let mut has_changed = self.read.len() != n_before;
        let is_wanted = |it: &Cell| stale.contains(*it) || !self.read.contains_key(it);
        let wanted: Vec<Cell> = touched.into_iter().filter(is_wanted).collect();
        let Some(cells) = bounds(&wanted) else { return Ok(has_changed) };
        for found in read(painter, &*update.pixels, cells, margin, false)? {
            if wanted.binary_search(&found.cell).is_ok() {
                has_changed |= self.read.insert(found.cell, found.code) != Some(found.code);
            }
        }
        Ok(has_changed)
    }

    /// Draws all that follows once.
    fn pass(&mut self, painter: &dyn Painter, contexts: &mut ContextPool) -> Result<(), Failure> {
        let Some(update) = &self.latest else { return Ok(()) };
        let mut request = update.request.clone();
        let grid = request.plan.grid;
        self.read.iter().for_each(|(&cell, &code)| request.plan.keep(cell, code));
        for (cell, code) in request.plan.kept(request.seed) {
            self.preview.codes[grid.idx(cell)] = Some(code);
        }
        let mut cursor = Cursor::new(self.document, request, &self.preview.codes);
        self.has_moved = false;
        while !cursor.is_done() {
            let width = cursor.n_alike();
            let drawn = cursor.draw(width, painter, contexts)?;
            self.preview.n_passes += 1;
            cursor.guesses.drain(..cursor.guesses.len().min(width));
            for it in drawn {
                let cell = cursor.settle(it.code);
                if self.preview.codes[grid.idx(cell)].replace(it.code) != Some(it.code) {
                    self.has_moved = true;
                    self.windows.mark(cell);
                }
            }
        }
        self.preview.n_updates += 1;
        Ok(())
    }

    /// Decodes what has changed into the preview's layer, where the model paints.
    fn show(&mut self, painter: &dyn Painter) -> Result<(), Failure> {
        let Some(plan) = self.latest.as_ref().map(|it| &it.request.plan) else { return Ok(()) };
        let canvas = plan.grid.scaled(self.scale);
        for window in self.windows.take() {
            let codes = Codes { grid: plan.grid, of_cells: &self.preview.codes };
            let decoded = painter.codec().decode(codes, window, Quality::Preview)?;
            let decoded = scaled(decoded, plan.grid.cell_pixels, self.scale)?;
            self.preview.layer.update(canvas.pixels(decoded.window), |x, y, old| {
                match decoded.pixel(canvas, x, y) {
                    Some([r, g, b]) if plan.of(canvas.cell_of_pixel(x, y)) == CellPlan::Paint => {
                        [r, g, b, 255]
                    }
                    Some(_) | None => old,
                }
            });
        }
        Ok(())
    }

    pub(super) fn end(self, outcome: Outcome, outbox: &Outbox) {
        let stats = Stats { n_passes: self.preview.n_passes, ..Stats::default() };
        outbox.send(Event::Ended { job: self.id, outcome, stats });
    }
}
