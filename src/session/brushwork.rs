//! The artist's hand: strokes, and how the model comes to know of them.
//!
//! A stroke is on the canvas at once. The cells that it touches become the artist's; what the model is to
//! read there is asked of the codec afterwards, and no painting begins before the answer.

use super::Session;
use super::painting::Intent;
use crate::base::{Cell, CellRect, Code, PixelRect, Point};
use crate::document::{Author, BrushStyle, CellState, Edit, StrokeInProgress, touched_cells};
use crate::engine::Command;
use crate::tools::{Gesture, Pointer, Tool};

/// What the codec takes for bare canvas around a stroke: neither dark nor light.
pub(super) const PAPER: [u8; 3] = [128; 3];

/// Codes asked for, and not yet received.
#[derive(Debug)]
pub(super) struct Encoding {
    ticket: u64,
    /// The state of the pixels that was sent.
    revision: u64,
}

impl Session {
    pub(super) fn point(&mut self, pointer: Pointer, mode: crate::document::selection::Mode) {
        let gesture = self.tool_state.handle(self.tool, pointer);
        match gesture {
            Some(Gesture::StrokeBegun(pos)) => self.begin_stroke(pos),
            Some(Gesture::StrokeExtended(pos)) => self.extend_stroke(pos),
            Some(Gesture::StrokeEnded) => self.end_stroke(),
            Some(Gesture::StrokeCancelled) => self.cancel_stroke(),
            Some(Gesture::Selected(shape)) => self.select(shape.mask(self.picture.grid), mode),
            Some(Gesture::WandAt(pos)) => self.select_label(pos, mode),
            None => (),
        }
    }

    /// Draws a whole stroke; for scripts.
    pub fn stroke(&mut self, style: BrushStyle, points: &[Point]) {
        let Some((&first, rest)) = points.split_first() else { return };
        self.cancel_stroke();
        self.begin_stroke_with(style, first);
        rest.iter().for_each(|&it| self.extend_stroke(it));
        self.end_stroke();
    }

    fn begin_stroke(&mut self, pos: Point) {
        let style = BrushStyle { erase: self.tool == Tool::Eraser, ..self.brush };
        self.begin_stroke_with(style, pos);
    }

    fn begin_stroke_with(&mut self, style: BrushStyle, pos: Point) {
        let clip = self.picture.selection.clone();
        self.close_entry();
        self.drawing = Some(StrokeInProgress::begin(&self.picture.paint_layer, style, clip));
        self.extend_stroke(pos);
    }

    fn extend_stroke(&mut self, pos: Point) {
        if let Some(stroke) = &mut self.drawing {
            let area = stroke.extend(&mut self.picture.paint_layer, pos);
            self.refresh(area);
            self.follow_brush(area);
        }
    }

    pub(super) fn cancel_stroke(&mut self) {
        if let Some(stroke) = self.drawing.take() {
            let area = stroke.cancel(&mut self.picture.paint_layer);
            self.refresh(area);
            self.end_live();
            self.ask_for_codes();
        }
    }

    fn end_stroke(&mut self) {
        self.close_entry();
        let Some(stroke) = self.drawing.take() else { return };
        let done = stroke.finish();

        let touched = touched_cells(&self.picture, &done.before, done.area);
        let label = if done.stroke.style.erase { "Erase" } else { "Stroke" };
        let tiles = self.picture.paint_layer.tiles_unlike(&done.before);
        if tiles.is_empty() {
            // Off the canvas, or outside of the selection.
            self.end_live();
            self.ask_for_codes();
            return;
        }
        let mut undo = vec![Edit::PaintTiles(tiles)];
        undo.push(self.claim(&touched));
        self.history.push_done(label, Edit::All(undo));
        self.edited();
        if !touched.is_empty() {
            self.revision += 1;
        }
        log::info!("{label} over {} cells", touched.len());

        let is_news = !touched.is_empty();
        self.touched.extend(touched);
        let is_painting = self.painting.as_ref().is_some_and(|it| !it.is_paused);
        if !is_news {
            self.end_live();
        }
        if is_news && (is_painting || self.live.is_some()) {
            self.intend(Intent::Follow);
        } else {
            self.ask_for_codes();
        }
    }

    /// Makes cells the artist's, or gives those back to the model from which all paint was taken.
    /// Returns the edit that undoes it.
    fn claim(&mut self, cells: &[Cell]) -> Edit {
        let states = cells.iter().map(|&cell| {
            let area = self.picture.grid.pixels(CellRect::of(cell));
            let has_paint = self.picture.paint_layer.rgba(area).chunks(4).any(|it| it[3] != 0);
            let old = self.picture.state(cell);
            let is_painted = self.picture.is_covered(cell);
            let author = match (has_paint, is_painted) {
                (true, _) => Author::Artist,
                (false, true) => Author::Model,
                (false, false) => Author::Nobody,
            };
            // On bare canvas the decoded code fills what the stroke leaves open.
            let wet = old.wet || !is_painted;
            (cell, CellState { code: None, label: None, author, wet, ..old })
        });
        Edit::Cells(states.collect()).apply(&mut self.picture)
    }

    /// Whether the model has yet to be told of a stroke.
    pub(super) fn needs_codes(&self) -> bool {
        self.picture.cells.iter().any(|it| it.author != Author::Nobody && it.code.is_none())
    }

    /// Asks the codec for the codes of the cells that have none, one question at a time.
    pub(super) fn ask_for_codes(&mut self) {
        let Some(facts) = &self.facts else { return };
        if self.encoding.is_some() || self.drawing.is_some() {
            return;
        }
        let grid = self.picture.grid;
        let unread = grid.cells().filter(|&it| {
            let CellState { author, code, .. } = self.picture.state(it);
            author != Author::Nobody && code.is_none()
        });
        let Some(cells) = unread.map(CellRect::of).reduce(CellRect::union) else {
            if let Some(intent) = self.after_encoding.take() {
                self.intend(intent);
            }
            return;
        };
        let area: PixelRect = grid.pixels(cells.grown(facts.encode_margin, grid));
        let rgb = self.picture.composite_over(area, PAPER);
        self.last_ticket += 1;
        let ticket = self.last_ticket;
        self.encoding = Some(Encoding { ticket, revision: self.revision });
        self.engine.send(Command::Encode { ticket, rgb, area, cells, with_labels: true });
    }

    /// Takes the answer in, unless the pixels have changed since.
    pub(super) fn accept_codes(
        &mut self,
        ticket: u64,
        cells: CellRect,
        codes: &[Code],
        labels: &[u8],
    ) {
        if self.accept_live_codes(ticket, cells, codes) {
            return;
        }
        let Some(asked) = self.encoding.take_if(|it| it.ticket == ticket) else { return };
        if asked.revision == self.revision {
            for (nth, (cell, &code)) in cells.cells().zip(codes).enumerate() {
                let idx = self.picture.grid.idx(cell);
                let state = &mut self.picture.cells[idx];
                if state.author != Author::Nobody && state.code.is_none() {
                    state.code = Some(code);
                    state.label = labels.get(nth).copied();
                }
            }
            // The history does not know of codes that come afterwards: they are asked for again at need.
            if let Some(painting) = &mut self.painting {
                for (old, now) in painting.before.cells.iter_mut().zip(&self.picture.cells) {
                    if old.author != Author::Nobody && old.code.is_none() {
                        *old = *now;
                    }
                }
            }
        }
        self.ask_for_codes();
    }
}
