//! The picture: what the model has painted, what the artist has painted, and under which prompts.
//! Does not know how it is painted; it is what an edit changes.

use crate::base::{
    Cell, CellRect, Code, Grid, Mask, ModelId, Order, PixelRect, Pixmap, Prompt, Sampling,
};

use super::layer::{Layer, Stack, Surface};

/// Whose a cell is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Author {
    /// Still open.
    #[default]
    Nobody,
    Model,
    Artist,
    /// Came with a picture that was opened: the model may paint over it.
    Found,
    /// Another model's, which painted here before.
    Former,
}

impl Author {
    /// Whether it is somebody's that this model knows nothing of but what it reads.
    #[must_use]
    pub const fn is_foreign(self) -> bool {
        matches!(self, Self::Found | Self::Former)
    }
}

/// What is known of one cell. The default is an open one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CellState {
    /// None while the cell is open, and while the artist's pixels have yet to be encoded.
    pub code: Option<Code>,
    pub author: Author,
    /// Its pixels in the model layer are provisional: the whole picture was not yet decoded since
    /// all cells are settled.
    pub wet: bool,
    /// Which noise it is painted with; see [`Plan::variations`](crate::base::Plan::variations).
    pub variation: u32,
    /// What the codec sees in the cell, as an index into the model's labels.
    pub label: Option<u8>,
}

impl CellState {
    /// Whether the model has yet to read what is painted there.
    #[must_use]
    pub fn is_unread(&self) -> bool {
        self.code.is_none() && self.is_settled()
    }

    /// Decided for good, until somebody edits it.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        self.author != Author::Nobody
    }
}

/// What the artist asks for, for the picture as a whole.
#[derive(Clone, Debug, PartialEq)]
pub struct PaintSettings {
    pub prompt: String,
    pub negative: String,
    pub guidance: f32,
    pub sampling: Sampling,
    pub seed: u64,
    pub order: Order,
}

/// A prompt of their own for some cells.
#[derive(Clone, Debug, PartialEq)]
pub struct Region {
    pub prompt: String,
    pub guidance: f32,
    pub cells: Vec<Cell>,
}

/// A picture. A clone is cheap, and does not see later changes.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    /// In pixels of the canvas. Layers are as large as this.
    pub grid: Grid,
    /// What is seen and exported: the grid reaches beyond it where it is no whole number of cells large.
    pub canvas: PixelRect,
    /// What the model has painted.
    pub model_layer: Pixmap,
    /// The model's layer as it was when no cell was wet: what its new pixels are blended into.
    pub backdrop: Pixmap,
    /// All layers; what the model paints is one of them.
    pub stack: Stack,
    /// One entry per cell of `grid`, row by row.
    pub cells: Vec<CellState>,
    pub paint_settings: PaintSettings,
    /// Where regions share a cell, the later one has its way.
    pub regions: Vec<Region>,
    /// None: nothing is selected.
    pub selection: Option<Mask>,
    /// Whose the codes and labels of `cells` are; to another model they mean other things. None: nobody's yet.
    pub codes_of: Option<ModelId>,
    /// The models that have painted in it, in the order in which they began.
    pub painters: Vec<ModelId>,
}

impl Picture {
    /// A sheet without paint.
    #[must_use]
    pub fn new(grid: Grid, paint_settings: PaintSettings) -> Self {
        let empty = Pixmap::new(grid.width(), grid.height());
        Self {
            grid,
            canvas: grid.area(),
            model_layer: empty.clone(),
            backdrop: empty,
            stack: Stack::new(grid.width(), grid.height()),
            cells: vec![CellState::default(); grid.n_cells()],
            paint_settings,
            regions: Vec::new(),
            selection: None,
            codes_of: None,
            painters: Vec::new(),
        }
    }

    /// What is known of `cell`.
    #[must_use]
    pub fn state(&self, cell: Cell) -> CellState {
        self.cells[self.grid.idx(cell)]
    }

    /// The code of each cell, row by row.
    #[must_use]
    pub fn codes(&self) -> Vec<Option<Code>> {
        self.cells.iter().map(|it| it.code).collect()
    }

    /// Whether there are pixels in the model's layer in a cell: they come for a whole cell at once.
    #[must_use]
    pub fn is_covered(&self, cell: Cell) -> bool {
        let area = self.grid.pixels(CellRect::of(cell));
        let middle = |from: u32, to: u32| u32::midpoint(from, to);
        self.model_layer.at(middle(area.left, area.right), middle(area.top, area.bottom))[3] != 0
    }

    /// Whether some cell can be painted over that is settled already.
    #[must_use]
    pub fn has_settled_for_model(&self) -> bool {
        self.cells.iter().any(|it| it.is_settled() && it.author != Author::Artist)
    }

    /// Whether the hand of a human may be seen in it: that of the artist, or of whoever made a picture that was opened.
    #[must_use]
    pub fn shows_a_hand(&self) -> bool {
        self.is_painted_on() || self.cells.iter().any(|it| it.author == Author::Found)
    }

    /// Whether neither the model nor the artist has begun.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.n_settled() == 0 && self.model_layer.is_blank() && !self.is_painted_on()
    }

    /// Whether any layer of the artist's has paint.
    #[must_use]
    pub fn is_painted_on(&self) -> bool {
        let has_paint = |it: &Layer| it.pixels().is_some_and(|it| !it.is_blank());
        self.stack.walk().into_iter().any(|(_, it)| has_paint(it))
    }

    /// What is drawn on, if there is such a layer.
    #[must_use]
    pub fn paint_layer(&self) -> Option<&Pixmap> {
        self.stack.pixels_of(self.stack.surface())
    }

    /// What can be drawn on, to be changed.
    pub fn pixels_mut(&mut self, surface: Surface) -> Option<&mut Pixmap> {
        self.stack.pixels_of_mut(surface)
    }

    /// The number of cells that are decided.
    #[must_use]
    pub fn n_settled(&self) -> usize {
        self.cells.iter().filter(|it| it.is_settled()).count()
    }

    /// Whether all cells are decided.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.n_settled() == self.cells.len()
    }

    /// Whether some cell's pixels may still change.
    #[must_use]
    pub fn is_wet(&self) -> bool {
        self.cells.iter().any(|it| it.wet)
    }

    /// The picture's own prompt, and then those of its regions.
    #[must_use]
    pub fn prompts(&self) -> Vec<Prompt> {
        let PaintSettings { prompt, negative, guidance, .. } = &self.paint_settings;
        let own = (prompt, *guidance);
        let regions = self.regions.iter().map(|it| (&it.prompt, it.guidance));
        let prompts = std::iter::once(own).chain(regions).map(|(text, guidance)| Prompt {
            text: text.clone(),
            negative: negative.clone(),
            guidance,
        });
        prompts.collect()
    }

    /// Which of [`Self::prompts`] each cell is painted under, row by row.
    #[must_use]
    pub fn prompts_of_cells(&self) -> Vec<u16> {
        let mut prompts = vec![0; self.cells.len()];
        for (idx, region) in (1..).zip(&self.regions) {
            region.cells.iter().for_each(|&it| prompts[self.grid.idx(it)] = idx);
        }
        prompts
    }

    /// RGBA8 values of `area` as it is seen, row by row, straight alpha.
    #[must_use]
    pub fn composite(&self, area: PixelRect) -> Vec<u8> {
        self.seen().rgba(area)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::document) const GRID: Grid = Grid { rows: 4, cols: 5, cell_pixels: 16 };

    pub(in crate::document) fn sheet() -> Picture {
        let paint_settings = PaintSettings {
            prompt: "a lighthouse".to_owned(),
            negative: String::new(),
            guidance: 4.0,
            sampling: Sampling::default(),
            seed: 7,
            order: Order::Rows,
        };
        Picture::new(GRID, paint_settings)
    }

    #[test]
    fn a_new_sheet_is_blank_until_somebody_begins() {
        let mut picture = sheet();
        assert!(picture.is_blank());
        let layer = picture.stack.surface();
        let dab = |pixels: &mut Pixmap| {
            pixels.update(PixelRect::new(3, 3, 4, 4), |_, _, _| [0, 0, 0, 1]);
        };
        picture.pixels_mut(layer).map(dab).unwrap();
        assert!(!picture.is_blank());
    }

    #[test]
    fn a_picture_is_finished_when_every_cell_is_settled() {
        let mut picture = sheet();
        let settled = CellState { code: Some(1), author: Author::Model, ..CellState::default() };
        picture.cells.fill(settled);
        assert!(picture.is_finished());
        picture.cells[3] = CellState::default();
        assert_eq!((picture.n_settled(), picture.is_finished()), (19, false));
    }

    #[test]
    fn later_regions_have_their_way() {
        let mut picture = sheet();
        let region = |prompt: &str, cells: &[Cell]| Region {
            prompt: prompt.to_owned(),
            guidance: 2.0,
            cells: cells.to_vec(),
        };
        let [a, b, c] = [Cell::new(0, 0), Cell::new(0, 1), Cell::new(0, 2)];
        picture.regions = vec![region("sea", &[a, b]), region("sky", &[b])];
        let prompts = picture.prompts_of_cells();
        assert_eq!([a, b, c].map(|it| prompts[GRID.idx(it)]), [1, 2, 0]);
        let texts: Vec<String> = picture.prompts().into_iter().map(|it| it.text).collect();
        assert_eq!(texts, ["a lighthouse", "sea", "sky"]);
    }
}
