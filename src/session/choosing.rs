//! What is selected: by shape, by label, all or nothing.

use super::Session;
use crate::base::{Cell, Mask, Point};
use crate::document::Edit;
use crate::document::selection::{self, Mode};

impl Session {
    pub(super) fn select(&mut self, mask: Mask, mode: Mode) {
        let mask = selection::combine(self.picture.selection.as_ref(), mask, mode);
        self.set_selection("Select", mask);
    }

    /// The wand: selects the cells around `pos` that show the same.
    pub(super) fn select_label(&mut self, pos: Point, mode: Mode) {
        let grid = self.picture.grid;
        let Some(start) = grid.cell_at(pos) else { return };
        let Some(label) = self.label(start).map(str::to_owned) else {
            self.notify(match &self.facts {
                Some(it) if it.labels.is_empty() => "This model does not tell what a picture shows",
                _ if self.is_looking() => "The picture is still being read: try again in a moment",
                _ => "The wand selects what is painted; here is nothing yet",
            });
            return;
        };
        let cells = selection::connected(grid, start, |it| self.shows(it, &label));
        log::info!("Wand: {label}, {} cells", cells.len());
        self.select(Mask::from_cells(grid, |it| cells.contains(&it)), mode);
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
        let label = self.picture.state(cell).label?;
        Some(self.facts.as_ref()?.labels.get(usize::from(label))?.as_str())
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
    pub(super) fn shrink_selection(&mut self) {
        if let Some(mask) = &self.picture.selection {
            match selection::shrunk(mask, u32::from(self.picture.grid.cell_pixels)) {
                Some(mask) => self.set_selection("Shrink selection", Some(mask)),
                None => self.notify("The selection is too small to shrink"),
            }
        }
    }

    fn set_selection(&mut self, label: &str, mask: Option<Mask>) {
        if mask != self.picture.selection {
            // A selection leaves a take in question.
            let staged = self.staged.take().filter(|it| it.is_current);
            self.edit(label, Edit::Select(mask));
            self.staged = staged;
            self.staged.iter_mut().for_each(|it| it.n_selections += 1);
            log::info!("Selected {} cells", self.selected_cells().len());
            self.mask_revision += 1;
        }
    }
}
