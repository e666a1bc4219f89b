//! Which cells a stroke has touched, so that they become the artist's.
//! Only looks; does not change the cells.

use crate::base::{Cell, CellRect, PixelRect, Rgba};

use super::blend;
use super::picture::Picture;

/// Steps of 255 that a channel must move for a change to count: less is lost when the picture is
/// encoded, and hardly seen.
const NOTICEABLE: u8 = 8;

/// The fraction of a settled cell that must change: a stroke's soft rim must not claim its neighbours.
const CHANGED_FRACTION: f32 = 0.06;

/// The fraction of an open cell that must be hidden. Elsewhere the model can still paint beneath the
/// stroke, and does better than an encoder that would take bare paper for part of the picture.
const HIDDEN_FRACTION: f32 = 0.6;

/// From this alpha on, paint hides what is below it.
const HIDING_ALPHA: u8 = 128;

/// The cells in `area` that the artist has made his own by changing what the model sees from `before` to what it is now.
#[must_use]
pub fn touched_cells(picture: &Picture, before: &Picture, area: PixelRect) -> Vec<Cell> {
    let Some(cells) = picture.grid.touched(area) else {
        return Vec::new();
    };
    let area = picture.grid.pixels(cells);
    let looks = Looks {
        area,
        before: before.read().rgba(area),
        now: picture.read().rgba(area),
        painted: picture.painted().rgba(area),
    };
    cells.cells().filter(|&cell| is_touched(picture, &looks, cell)).collect()
}

/// What is seen in an area: RGBA8 values, row by row.
struct Looks {
    area: PixelRect,
    before: Vec<u8>,
    now: Vec<u8>,
    /// Without what the model has painted.
    painted: Vec<u8>,
}

impl Looks {
    fn at(&self, values: &[u8], x: u32, y: u32) -> Rgba {
        let place = (y - self.area.top) * self.area.width() + x - self.area.left;
        values.as_chunks::<4>().0[place as usize]
    }
}

fn is_touched(picture: &Picture, looks: &Looks, cell: Cell) -> bool {
    let pixels = picture.grid.pixels(CellRect::of(cell));
    let changed = fraction(pixels, |x, y| {
        is_noticeable(looks.at(&looks.before, x, y), looks.at(&looks.now, x, y))
    });
    if picture.state(cell).is_settled() {
        return CHANGED_FRACTION < changed;
    }
    let hidden = fraction(pixels, |x, y| HIDING_ALPHA <= looks.at(&looks.painted, x, y)[3]);
    0.0 < changed && HIDDEN_FRACTION <= hidden
}

/// The fraction of pixels for which `rule` holds.
fn fraction(pixels: PixelRect, rule: impl Fn(u32, u32) -> bool) -> f32 {
    let rows = pixels.top..pixels.bottom;
    let n =
        rows.map(|y| (pixels.left..pixels.right).filter(|&x| rule(x, y)).count()).sum::<usize>();
    n as f32 / (pixels.width() * pixels.height()) as f32
}

fn is_noticeable(before: Rgba, after: Rgba) -> bool {
    let (before, after) = (seen(before), seen(after));
    before.into_iter().zip(after).any(|(a, b)| NOTICEABLE < a.abs_diff(b))
}

/// Colour as far as it is seen: that of transparent paint is not.
fn seen([red, green, blue, alpha]: Rgba) -> Rgba {
    let [red, green, blue] = [red, green, blue].map(|it| blend::scaled(it, alpha));
    [red, green, blue, alpha]
}

#[cfg(test)]
mod tests {
    use super::super::picture::tests::{GRID, sheet};
    use super::super::picture::{Author, CellState};
    use super::*;

    const CELL: Cell = Cell::new(1, 1);
    const SETTLED: CellState =
        CellState { code: Some(1), author: Author::Model, wet: false, variation: 0, label: None };
    const OPEN: CellState =
        CellState { code: None, author: Author::Nobody, wet: false, variation: 0, label: None };

    fn cover(picture: &mut Picture, area: PixelRect, rule: impl FnMut(u32, u32, Rgba) -> Rgba) {
        let layer = picture.stack.surface();
        picture.pixels_mut(layer).map(|it| it.update(area, rule)).unwrap();
    }

    /// Paints the first `n` pixels of a cell, and says whether the cell counts as touched.
    #[track_caller]
    fn check(state: CellState, n: u32, paint: Rgba, expected: bool) {
        let mut picture = sheet();
        picture.cells.fill(state);
        if state.is_settled() {
            picture.model_layer.update(GRID.area(), |_, _, _| [100, 100, 100, 255]);
        }
        let before = picture.clone();
        let area = GRID.pixels(CellRect::of(CELL));
        cover(&mut picture, area, |x, y, old| {
            if (y - area.top) * 16 + (x - area.left) < n { paint } else { old }
        });
        let cells = if expected { vec![CELL] } else { Vec::new() };
        assert_eq!(touched_cells(&picture, &before, GRID.area()), cells);
    }

    #[test]
    fn a_settled_cell_is_touched_where_more_than_a_rim_has_changed() {
        check(SETTLED, 15, [0, 0, 0, 255], false);
        check(SETTLED, 16, [0, 0, 0, 255], true);
    }

    #[test]
    fn a_change_that_nobody_sees_does_not_count() {
        check(SETTLED, 256, [108, 100, 100, 255], false);
        check(SETTLED, 256, [109, 100, 100, 255], true);
        check(SETTLED, 256, [255, 255, 255, 5], false);
    }

    #[test]
    fn an_open_cell_is_touched_only_where_paint_hides_most_of_it() {
        check(OPEN, 153, [0, 0, 0, 255], false);
        check(OPEN, 154, [0, 0, 0, 255], true);
        check(OPEN, 256, [0, 0, 0, 127], false);
    }

    #[test]
    fn a_hidden_cell_that_the_stroke_only_passes_by_is_not_touched() {
        let mut picture = sheet();
        cover(&mut picture, GRID.area(), |_, _, _| [0, 0, 0, 255]);
        let before = picture.clone();
        assert_eq!(touched_cells(&picture, &before, GRID.area()), []);
    }
}
