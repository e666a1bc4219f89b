//! What is selected: by shape, by label, all or nothing.

use super::document::Document;
use super::event::Refusal;
use crate::base::{Cell, Mask, Point};
use crate::document::Edit;
use crate::document::selection::{self, Mode};

impl Document {
    pub(super) fn select(&mut self, mask: Mask, mode: Mode) {
        let mask = selection::combine(self.picture.selection.as_ref(), mask, mode);
        self.set_selection("Select", mask);
    }

    /// The wand: selects the cells around `pos` that show the same.
    pub(super) fn select_label(&mut self, pos: Point, mode: Mode) -> Result<(), Refusal> {
        let grid = self.picture.grid;
        let Some(start) = grid.cell_at(pos) else { return Ok(()) };
        if let Ok(facts) = self.painter() {
            // Another model's labels say nothing to this one: it is to read the picture first.
            self.adopt(&facts);
        }
        let Some(label) = self.label(start).map(str::to_owned) else {
            return Err(match &self.facts {
                Some(it) if it.labels.is_empty() => Refusal::NoLabels,
                Some(_) | None if self.is_looking() => Refusal::NotReadYet,
                Some(_) | None => Refusal::NothingThere,
            });
        };
        let cells = selection::connected(grid, start, |it| self.shows(it, &label));
        log::info!("Wand: {label}, {} cells", cells.len());
        self.select(Mask::from_cells(grid, |it| cells.contains(&it)), mode);
        Ok(())
    }

    /// All cells that show `label`, or what belongs to it.
    #[must_use]
    pub fn cells_that_show(&self, label: &str) -> Vec<Cell> {
        self.picture.grid.cells().filter(|&it| self.shows(it, label)).collect()
    }

    /// Clicking the sky means the whole of it, clicking a cloud means the cloud.
    fn shows(&self, cell: Cell, label: &str) -> bool {
        let facts = self.facts.as_ref();
        self.label(cell).zip(facts).is_some_and(|(it, facts)| facts.is_meant_by(it, label))
    }

    /// What the codec sees in a cell: "sky", "water".
    #[must_use]
    pub fn label(&self, cell: Cell) -> Option<&str> {
        let facts = self.facts.as_ref().filter(|it| !self.is_foreign(it))?;
        let label = self.picture.state(cell).label?;
        Some(facts.labels.get(usize::from(label))?.as_str())
    }

    pub(super) fn select_all(&mut self) {
        self.set_selection("Select all", Some(selection::all(self.picture.grid)));
    }

    pub(super) fn deselect(&mut self) {
        self.set_selection("Deselect", None);
    }

    pub(super) fn invert_selection(&mut self) {
        let mask = selection::invert(self.picture.grid, self.picture.selection.as_ref());
        self.set_selection("Invert selection", mask);
    }

    /// By one cell, in all directions.
    pub(super) fn grow_selection(&mut self) {
        if let Some(mask) = &self.picture.selection {
            let mask = selection::grown(mask, u32::from(self.picture.grid.cell_pixels));
            self.set_selection("Grow selection", Some(mask));
        }
    }

    /// By one cell, from all directions.
    pub(super) fn shrink_selection(&mut self) -> Result<(), Refusal> {
        if let Some(mask) = &self.picture.selection {
            let shrunk = selection::shrunk(mask, u32::from(self.picture.grid.cell_pixels));
            let mask = shrunk.ok_or(Refusal::TooSmallToShrink)?;
            self.set_selection("Shrink selection", Some(mask));
        }
        Ok(())
    }

    fn set_selection(&mut self, label: &str, mask: Option<Mask>) {
        if mask != self.picture.selection {
            // A selection leaves a take in question.
            let staged = self.staged.take().filter(|it| it.is_current);
            self.edit(label, Edit::Select(mask));
            self.staged = staged;
            log::info!("Selected {} cells", self.selected_cells().len());
        }
    }
}
