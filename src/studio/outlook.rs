//! What the model expects of the cells that are still open, and how undecided it is: for show only.

use super::document::Document;
use crate::base::{Cell, CellRect, Pixmap};
use crate::document::Author;
use crate::model::Decoded;

/// How much of what is expected is shown: enough to read it, too little to take it for painted.
const OPACITY: u8 = 170;

/// What of it is shown.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shows {
    pub(super) expected: bool,
    pub(super) entropy: bool,
}

/// See the module. Empty where nothing is being painted.
#[derive(Debug)]
pub(super) struct Outlook {
    shows: Shows,
    /// Transparent wherever nothing is expected. In a pause also what is settled, as it looks beside that.
    underpainting: Pixmap,
    /// Row by row, from 0 to 1.
    entropies: Vec<Option<f32>>,
}

impl Outlook {
    pub(super) fn new(shows: Shows) -> Self {
        let (underpainting, entropies) = (Pixmap::new(1, 1), Vec::new());
        Self { shows, underpainting, entropies }
    }
}

impl Document {
    /// What of it is wanted.
    pub(super) fn show_outlook(&mut self, shows: Shows) {
        self.outlook.shows = shows;
        self.forget_outlook();
    }

    pub(super) fn forget_outlook(&mut self) {
        self.refresh_outlook();
        let canvas = self.picture.grid.area();
        self.outlook.underpainting = Pixmap::new(canvas.width(), canvas.height());
        self.outlook.entropies = vec![None; self.picture.cells.len()];
    }

    /// Where something of it is seen.
    fn refresh_outlook(&mut self) {
        let grid = self.picture.grid;
        let n_cells = self.outlook.entropies.len();
        let has_entropies = self.outlook.entropies.iter().any(Option::is_some);
        if has_entropies || n_cells != grid.n_cells() {
            self.refresh_all();
        } else {
            self.refresh(self.outlook.underpainting.bounds());
        }
    }

    pub(super) fn expect(&mut self, decoded: &Decoded) {
        // It may have been on its way when it was no longer wanted.
        let Some(painting) = self.activity.painting().filter(|_| self.outlook.shows.expected)
        else {
            return;
        };
        let grid = self.picture.grid;
        let area = grid.pixels(decoded.window);
        // In a pause, cells that the model has settled are shown beside what is expected: decoded beside nothing, as the
        // picture keeps them until their neighbours are there, lone ones look like none that there will be.
        let shows_settled = painting.is_paused && painting.feather.is_none();
        let opacity = grid.cells().map(|cell| match self.picture.state(cell) {
            _ if painting.open.contains(&cell) => Some(OPACITY),
            state if shows_settled && state.wet && state.author == Author::Model => Some(u8::MAX),
            _ => None,
        });
        let opacity: Vec<Option<u8>> = opacity.collect();
        self.outlook.underpainting.update(area, |x, y, old| {
            let Some(alpha) = opacity[grid.idx(grid.cell_of_pixel(x, y))] else { return old };
            decoded.pixel(grid, x, y).map_or(old, |[r, g, b]| [r, g, b, alpha])
        });
        self.refresh(area);
    }

    pub(super) fn set_entropies(&mut self, entropies: &[(Cell, f32)]) {
        if !self.outlook.shows.entropy {
            return;
        }
        self.outlook.entropies.fill(None);
        for &(cell, entropy) in entropies {
            self.outlook.entropies[self.picture.grid.idx(cell)] = Some(entropy);
        }
        self.refresh_all();
    }

    /// A cell is open no longer; what was expected there is shown until there are pixels.
    pub(super) fn clear_entropy(&mut self, cell: Cell) {
        let grid = self.picture.grid;
        if self.outlook.entropies[grid.idx(cell)].take().is_some() {
            self.refresh(grid.pixels(CellRect::of(cell)));
        }
    }

    /// Cells that are open no longer have pixels now.
    pub(super) fn clear_expected(&mut self, window: CellRect) {
        let Some(painting) = self.activity.painting() else { return };
        for cell in window.cells().filter(|it| !painting.open.contains(it)) {
            let area = self.picture.grid.pixels(CellRect::of(cell));
            // It is shown in whole cells; most have nothing left to clear.
            if self.outlook.underpainting.at(area.left, area.top) != [0; 4] {
                self.outlook.underpainting.update(area, |_, _, _| [0; 4]);
            }
        }
    }

    /// What the model expects of open cells; transparent elsewhere.
    #[must_use]
    pub fn underpainting(&self) -> &Pixmap {
        &self.outlook.underpainting
    }

    /// How undecided the model is about each open cell, row by row: its entropy over the largest, from 0 to 1.
    #[must_use]
    pub fn entropies(&self) -> &[Option<f32>] {
        &self.outlook.entropies
    }
}
