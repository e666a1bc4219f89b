//! The same picture in another number of pixels.

use super::picture::{Author, CellState, Picture};
use crate::base::{Grid, PixelKind, PixelRect, Pixmap, resampled};

impl Picture {
    /// Scaled to fill `canvas`, a part of `grid` (Lanczos). The model has to read it anew, as cells show other things than
    /// before; words of regions and the selection are gone with them.
    #[must_use]
    pub fn resized(&self, grid: Grid, canvas: PixelRect) -> Self {
        let layer = |old: &Pixmap| scaled(old, self.canvas, grid, canvas);
        let mut picture = Self {
            canvas,
            model_layer: layer(&self.model_layer),
            backdrop: layer(&self.model_layer),
            stack: self.stack.clone(),
            codes_of: self.codes_of.clone(),
            painters: self.painters.clone(),
            ..Self::new(grid, self.paint_settings.clone())
        };
        picture.stack.layers.iter_mut().for_each(|it| it.map_pixmaps(&layer));
        if self.n_settled() == 0 {
            return picture;
        }
        let is_painted = self.is_finished();
        for cell in grid.cells() {
            let is_there = is_painted || picture.is_covered(cell);
            let author = if is_there { Author::Found } else { Author::Nobody };
            picture.cells[grid.idx(cell)] = CellState { author, ..CellState::default() };
        }
        picture
    }
}

/// What lies in `from` of `old`, laid into `to` of a pixmap as large as `grid`; around it its outermost pixels go on.
fn scaled(old: &Pixmap, from: PixelRect, grid: Grid, to: PixelRect) -> Pixmap {
    let (width, height) = (grid.width(), grid.height());
    let is_blank = old.bounds().is_empty();
    let size = |of: PixelRect| [of.width(), of.height()];
    let scaled = || resampled(&old.rgba(from), PixelKind::Rgba, size(from), size(to));
    let rgba = if is_blank { None } else { scaled() };
    rgba.and_then(|it| Pixmap::from_rgba(to.width(), to.height(), &it)).map_or_else(
        || Pixmap::new(width, height),
        |it| it.surrounded(width, height, [to.left, to.top]),
    )
}

#[cfg(test)]
mod tests {
    use super::super::picture::tests::{GRID, sheet};
    use super::*;
    use crate::base::Cell;

    #[test]
    fn a_picture_fills_its_new_canvas() {
        let mut picture = sheet();
        picture.model_layer.update(GRID.area(), |x, _, _| {
            if x < 40 { [200, 0, 0, 255] } else { [0, 0, 200, 255] }
        });
        picture.cells.fill(CellState {
            code: Some(1),
            author: Author::Model,
            ..CellState::default()
        });
        let grid = Grid { rows: 7, cols: 9, ..GRID };
        let canvas = PixelRect::new(2, 1, 142, 110);
        let resized = picture.resized(grid, canvas);
        assert_eq!((resized.grid, resized.canvas), (grid, canvas));
        assert!(resized.is_finished());
        assert_eq!(resized.state(Cell::new(0, 0)).author, Author::Found);
        for (x, expected) in [(0, [200, 0, 0, 255]), (143, [0, 0, 200, 255])] {
            let found = resized.seen().at(x, 50);
            assert!(found.iter().zip(expected).all(|(a, b)| a.abs_diff(b) < 4), "{found:?}");
        }
        assert!(!sheet().resized(grid, canvas).is_finished());
    }
}
