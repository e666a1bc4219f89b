//! The artist's hand: strokes, and how the model comes to know of them.
//!
//! A stroke is on the canvas at once. The cells that it touches become the artist's. What the model reads there is part
//! of the next painting; where none begins, it is read meanwhile, so that it need not be then.

use std::sync::Arc;

use super::activity::Activity;
use super::document::Document;
use super::event::Refusal;
use crate::base::{CellRect, Point, Ticket};
use crate::document::{
    Author, BrushStyle, CellState, Edit, ModelView, Picture, StrokeInProgress, Surface,
    touched_cells,
};
use crate::engine::{Command, ReadCell};

/// A stroke under the artist's hand.
#[derive(Debug)]
pub(super) struct Drawing {
    pub(super) stroke: StrokeInProgress,
    surface: Surface,
    /// Whether the rest follows while the brush is down.
    pub(super) is_followed: bool,
}

impl Drawing {
    /// The picture as it is without the stroke.
    pub(super) fn take_out_of(&self, picture: &mut Picture) {
        if let Some(pixels) = picture.pixels_mut(self.surface) {
            pixels.clone_from(self.stroke.before());
        }
    }
}

/// What the model is asked to read while nothing else is to be done.
#[derive(Debug, Default)]
pub(super) struct Reading {
    /// The question that has no answer yet, and the state of the pixels that it is about.
    asked: Option<(Ticket, u64)>,
    /// The state of the pixels that could not be read.
    failed: Option<u64>,
}

impl Reading {
    pub(super) fn is_asked(&self, ticket: Ticket) -> bool {
        self.asked.is_some_and(|it| it.0 == ticket)
    }
}

impl Document {
    /// Draws a whole stroke; for scripts.
    ///
    /// # Errors
    /// Where the model cannot go on with it.
    pub(super) fn draw_stroke(
        &mut self,
        style: BrushStyle,
        is_followed: bool,
        points: &[Point],
    ) -> Result<(), Refusal> {
        let Some((&first, rest)) = points.split_first() else { return Ok(()) };
        self.cancel_stroke();
        self.begin_stroke(style, is_followed, first)?;
        rest.iter().for_each(|&it| self.extend_stroke(it));
        self.end_stroke()
    }

    /// # Errors
    /// Where the active layer is none to be drawn on.
    pub(super) fn begin_stroke(
        &mut self,
        style: BrushStyle,
        is_followed: bool,
        pos: Point,
    ) -> Result<(), Refusal> {
        let layer = self.picture.stack.active().ok_or(Refusal::NoPaintLayer)?;
        let surface = self.picture.stack.surface();
        let pixels = layer.surface(surface.is_mask).ok_or(Refusal::NoPaintLayer)?;
        if layer.is_locked {
            return Err(Refusal::LayerLocked(layer.name.clone()));
        }
        if !layer.is_visible {
            return Err(Refusal::LayerHidden(layer.name.clone()));
        }
        let clip = self.picture.selection.clone();
        let stroke = StrokeInProgress::begin(pixels, style, clip)
            .keeping_alpha(layer.keeps_alpha && !surface.is_mask);
        self.drawing = Some(Drawing { stroke, surface, is_followed });
        self.extend_stroke(pos);
        Ok(())
    }

    pub(super) fn extend_stroke(&mut self, pos: Point) {
        if let Some(drawing) = &mut self.drawing
            && let Some(pixels) = self.picture.pixels_mut(drawing.surface)
        {
            let area = drawing.stroke.extend(pixels, pos);
            self.refresh(area);
            self.follow_brush(area);
        }
    }

    pub(super) fn cancel_stroke(&mut self) {
        if let Some(drawing) = self.drawing.take() {
            drawing.take_out_of(&mut self.picture);
            self.refresh(drawing.stroke.area());
            self.end_following();
        }
    }

    pub(super) fn end_stroke(&mut self) -> Result<(), Refusal> {
        self.close_entry();
        let Some(drawing) = self.drawing.take() else { return Ok(()) };
        let mut before = self.picture.clone();
        drawing.take_out_of(&mut before);
        let surface = drawing.surface;
        let done = drawing.stroke.finish();

        let touched = touched_cells(&self.picture, &before, done.area);
        let label = if done.stroke.style.erase { "Erase" } else { "Stroke" };
        let pixels = self.picture.stack.pixels_of(surface);
        let tiles = pixels.map_or_else(Vec::new, |it| it.tiles_unlike(&done.before));
        if tiles.is_empty() {
            // Off the canvas, or outside of the selection.
            self.end_following();
            return Ok(());
        }
        let cells = self.claimed(&touched).apply(&mut self.picture);
        self.history.push_done(label, Edit::All(vec![Edit::PaintTiles(surface, tiles), cells]));
        self.edited();
        log::info!("{label} over {} cells", touched.len());
        if touched.is_empty() {
            self.end_following();
            return Ok(());
        }
        self.revision += 1;
        self.touched.extend(touched);
        let is_going_on = match &self.activity {
            Activity::Painting(it) => !it.is_paused || it.preview.is_some(),
            Activity::Following(_) => true,
            Activity::Idle | Activity::Judging(_) => false,
        };
        if is_going_on { self.follow_strokes() } else { Ok(()) }
    }

    /// Makes cells the artist's, or gives those back to the model from which all paint was taken.
    pub(super) fn claimed(&self, cells: &[crate::base::Cell]) -> Edit {
        let painted = self.picture.painted();
        let states = cells.iter().map(|&cell| {
            let area = self.picture.grid.pixels(CellRect::of(cell));
            let has_paint = painted.rgba(area).chunks(4).any(|it| it[3] != 0);
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
        Edit::Cells(states.collect())
    }

    /// Whether there is something that the model has not read, and nothing else to be done.
    pub(super) fn wants_reading(&self) -> bool {
        let is_at_rest = match &self.activity {
            Activity::Idle => true,
            Activity::Painting(it) => it.is_paused,
            Activity::Following(_) | Activity::Judging(_) => false,
        };
        is_at_rest
            && self.drawing.is_none()
            && self.reading.failed != Some(self.revision)
            && self.painter().is_ok_and(|it| !self.is_foreign(&it))
            && self.picture.cells.iter().any(CellState::is_unread)
    }

    /// Has the model read what it has not read yet, one question at a time.
    pub(super) fn read_at_rest(&mut self) {
        let Some(facts) = self.facts.clone() else { return };
        if self.reading.asked.is_some() || !self.wants_reading() {
            return;
        }
        let grid = self.picture.grid;
        let unread = grid.cells().filter(|&it| self.picture.state(it).is_unread());
        if let Some(cells) = unread.map(CellRect::of).reduce(CellRect::union) {
            let ticket = Ticket::next();
            self.reading.asked = Some((ticket, self.revision));
            let pixels = Arc::new(ModelView::new(self.picture.clone(), facts.grid.cell_pixels));
            self.commands.push(Command::Encode { ticket, pixels, cells });
        }
    }

    /// Takes an answer in, unless the pixels have changed since.
    pub(super) fn accept_reading(&mut self, ticket: Ticket, cells: &[ReadCell]) {
        if let Some((_, revision)) = self.reading.asked.take_if(|it| it.0 == ticket)
            && revision == self.revision
        {
            self.note_read(cells);
        }
    }

    /// There will be no answer; the same is not asked again.
    pub(super) fn give_up_reading(&mut self, ticket: Ticket) {
        if let Some((_, revision)) = self.reading.asked.take_if(|it| it.0 == ticket) {
            self.reading.failed = Some(revision);
        }
    }

    /// Another model is to read everything.
    pub(super) fn forget_reading(&mut self) {
        self.reading = Reading::default();
    }

    /// What is read is no change of the picture's.
    pub(super) fn note_read(&mut self, cells: &[ReadCell]) {
        self.picture.codes_of = self.known_model.clone();
        for &ReadCell { cell, code, label } in cells {
            let state = &mut self.picture.cells[self.picture.grid.idx(cell)];
            if state.is_unread() {
                (state.code, state.label) = (Some(code), label);
            }
        }
    }
}
