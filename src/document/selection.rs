//! Selections: how their masks are made, and put together.
//! No selection, and one in which no pixel belongs, are the same: `None`.

use super::brush::BrushStyle;
use super::stroke::Stroke;
use crate::base::{Cell, Grid, Mask, PixelRect, Pixmap, Point, TILE_PIXELS};

/// Rows of a pixel that an outline is looked at in; across, it is measured exactly.
const ROWS_PER_PIXEL: u32 = 4;

/// What a new selection does to the one that is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Mode {
    #[default]
    Replace,
    Add,
    Subtract,
    Intersect,
}

/// The rectangle between two corners, in whole pixels.
#[must_use]
pub fn rectangle(grid: Grid, a: Point, b: Point) -> Mask {
    Mask::of_area(grid.width(), grid.height(), between(grid, &[a, b], f32::round, f32::round))
}

/// The pixels around all `points`, as far as they are on the grid.
fn between(grid: Grid, points: &[Point], low: fn(f32) -> f32, high: fn(f32) -> f32) -> PixelRect {
    let min = |of: fn(&Point) -> f32| low(points.iter().map(of).fold(f32::INFINITY, f32::min));
    let max = |of: fn(&Point) -> f32| high(points.iter().map(of).fold(0.0, f32::max));
    let [left, top] = [min(|it| it.x), min(|it| it.y)].map(|it| it as u32);
    let [right, bottom] = [max(|it| it.x), max(|it| it.y)].map(|it| it as u32);
    PixelRect::new(left, top, right, bottom).intersection(grid.area())
}

/// What a closed outline encloses. Where it crosses itself, what is enclosed twice is outside.
#[must_use]
pub fn lasso(grid: Grid, outline: &[Point]) -> Mask {
    let mut mask = Mask::new(grid.width(), grid.height());
    let around = between(grid, outline, f32::floor, f32::ceil);
    for top in (around.top..around.bottom).step_by(TILE_PIXELS as usize) {
        let band = PixelRect { top, bottom: (top + TILE_PIXELS).min(around.bottom), ..around };
        let rows: Vec<Vec<f32>> =
            (top..band.bottom).map(|y| row_coverage(around, outline, y)).collect();
        mask.set(band, |x, y| {
            (rows[(y - top) as usize][(x - around.left) as usize] * 255.0).round() as u8
        });
    }
    mask
}

/// How much of each pixel of row `y`, from the left of `around` to its right, lies inside of `outline`, from 0 to 1.
fn row_coverage(around: PixelRect, outline: &[Point], y: u32) -> Vec<f32> {
    let mut coverage = vec![0.0; around.width() as usize];
    let within = |x: f32| (x - around.left as f32).clamp(0.0, around.width() as f32);
    for part in 0..ROWS_PER_PIXEL {
        let height = y as f32 + (part as f32 + 0.5) / ROWS_PER_PIXEL as f32;
        let crossings = crossings(outline, height);
        for pair in crossings.chunks_exact(2) {
            let (from, to) = (within(pair[0]), within(pair[1]));
            for x in from as u32..to.ceil() as u32 {
                let inside = to.min(x as f32 + 1.0) - from.max(x as f32);
                coverage[x as usize] += inside / ROWS_PER_PIXEL as f32;
            }
        }
    }
    coverage
}

/// Where `outline` crosses the horizontal line at `height`, from left to right.
fn crossings(outline: &[Point], height: f32) -> Vec<f32> {
    let followers = outline.iter().cycle().skip(1);
    let mut crossings: Vec<f32> = outline
        .iter()
        .zip(followers)
        .filter(|(a, b)| (a.y <= height) != (b.y <= height))
        .map(|(a, b)| a.toward(*b, (height - a.y) / (b.y - a.y)).x)
        .collect();
    crossings.sort_by(f32::total_cmp);
    crossings
}

/// The whole canvas.
#[must_use]
pub fn all(grid: Grid) -> Mask {
    Mask::of_area(grid.width(), grid.height(), grid.area())
}

/// What strokes of this width in pixels go over, each through some points.
#[must_use]
pub fn drawn(width: u32, height: u32, strokes: &[Vec<Point>], size: f32) -> Mask {
    let mut pixels = Pixmap::new(width, height);
    let style = BrushStyle { size, hardness: 1.0, opacity: 1.0, ..BrushStyle::default() };
    for points in strokes.iter().filter(|it| !it.is_empty()) {
        Stroke { style, points: points.clone() }.draw(&mut pixels, None);
    }
    Mask::of_alpha(&pixels)
}

/// What was not selected.
#[must_use]
pub fn invert(grid: Grid, selection: Option<&Mask>) -> Option<Mask> {
    match selection {
        Some(mask) => something(all(grid).combined(mask, |_, it| 255 - it)),
        None => Some(all(grid)),
    }
}

/// What is selected after `new` has been brought to `old`.
#[must_use]
pub fn combine(old: Option<&Mask>, new: Mask, mode: Mode) -> Option<Mask> {
    let mask = match (old, mode) {
        (_, Mode::Replace) | (None, Mode::Add) => new,
        (None, Mode::Subtract | Mode::Intersect) => return None,
        (Some(old), Mode::Add) => old.combined(&new, u8::max),
        (Some(old), Mode::Subtract) => old.combined(&new, |old, new| old.min(255 - new)),
        (Some(old), Mode::Intersect) => old.combined(&new, u8::min),
    };
    something(mask)
}

/// A selection that reaches `by` pixels further in all directions.
#[must_use]
pub fn grown(mask: &Mask, by: u32) -> Mask {
    spread(mask, by, u8::max)
}

/// A selection whose border lies `by` pixels further inside. At the border of the canvas it stays.
#[must_use]
pub fn shrunk(mask: &Mask, by: u32) -> Option<Mask> {
    something(spread(mask, by, u8::min))
}

/// The maximum or minimum, as `rule` says, of all pixels up to `by` away across or down; first by row, then by column.
fn spread(mask: &Mask, by: u32, rule: fn(u8, u8) -> u8) -> Mask {
    // Further away nothing belongs, before and after.
    let PixelRect { left, top, right, bottom } = mask.bounds();
    let around = PixelRect::new(
        left.saturating_sub(by),
        top.saturating_sub(by),
        right.saturating_add(by),
        bottom.saturating_add(by),
    );
    let around = around.intersection(mask.area());
    let values = mask.raster().values(around);
    let rows = values.chunks(around.width().max(1) as usize);
    let across: Vec<Vec<u8>> = rows.map(|row| extremes(row, by as usize, rule)).collect();
    let column = |x: usize| across.iter().map(|row| row[x]).collect::<Vec<u8>>();
    let columns = 0..around.width() as usize;
    let down: Vec<Vec<u8>> = columns.map(|x| extremes(&column(x), by as usize, rule)).collect();
    let mut mask = Mask::new(mask.width(), mask.height());
    mask.set(around, |x, y| down[(x - around.left) as usize][(y - around.top) as usize]);
    mask
}

/// The maximum or minimum of the values up to `by` away from each, in three steps per value however many these are
/// (van Herk, "A fast algorithm for local minimum and maximum filters", 1992): within blocks as long as a window,
/// from either end, so that every window is the end of one block and the beginning of the next.
fn extremes(values: &[u8], by: usize, rule: fn(u8, u8) -> u8) -> Vec<u8> {
    let n = values.len();
    // More than all of them there cannot be in a window.
    let by = by.min(n);
    let block = 2 * by + 1;
    let (mut until, mut since) = (values.to_vec(), values.to_vec());
    for it in 1..n {
        if !it.is_multiple_of(block) {
            until[it] = rule(until[it - 1], values[it]);
        }
        if !(n - it).is_multiple_of(block) {
            since[n - it - 1] = rule(since[n - it], values[n - it - 1]);
        }
    }
    let window = |it: usize| {
        let (first, last) = (it.saturating_sub(by), (it + by).min(n - 1));
        if first / block != last / block {
            rule(since[first], until[last])
        } else if first.is_multiple_of(block) {
            until[last]
        } else {
            since[first]
        }
    };
    (0..n).map(window).collect()
}

fn something(mask: Mask) -> Option<Mask> {
    (!mask.is_empty()).then_some(mask)
}

/// The cells that belong, and can be reached from `start` by way of such, side by side; row by row.
/// Empty where `start` itself does not belong.
#[must_use]
pub fn connected(grid: Grid, start: Cell, belongs: impl Fn(Cell) -> bool) -> Vec<Cell> {
    let mut reached = vec![false; grid.n_cells()];
    let mut to_visit = vec![start];
    while let Some(cell) = to_visit.pop() {
        if !grid.all().contains(cell) || reached[grid.idx(cell)] || !belongs(cell) {
            continue;
        }
        reached[grid.idx(cell)] = true;
        let Cell { row, col } = cell;
        // What wraps around at 0 is not on the grid.
        to_visit.extend([
            Cell::new(row.wrapping_sub(1), col),
            Cell::new(row.saturating_add(1), col),
            Cell::new(row, col.wrapping_sub(1)),
            Cell::new(row, col.saturating_add(1)),
        ]);
    }
    grid.cells().filter(|&it| reached[grid.idx(it)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const GRID: Grid = Grid { rows: 3, cols: 4, cell_pixels: 8 };

    fn points(corners: &[(f32, f32)]) -> Vec<Point> {
        corners.iter().map(|&(x, y)| Point::new(x, y)).collect()
    }

    #[test]
    fn a_rectangle_may_be_drawn_from_any_corner_and_beyond_the_canvas() {
        let mask = rectangle(GRID, Point::new(40.0, 9.6), Point::new(4.2, -5.0));
        let expected = Mask::from_fn(32, 24, |x, y| if 4 <= x && y < 10 { 255 } else { 0 });
        assert_eq!(mask, expected);
    }

    #[test]
    fn a_lasso_around_whole_pixels_is_a_rectangle() {
        let outline = points(&[(4.0, 3.0), (20.0, 3.0), (20.0, 17.0), (4.0, 17.0)]);
        let expected = rectangle(GRID, Point::new(4.0, 3.0), Point::new(20.0, 17.0));
        assert_eq!(lasso(GRID, &outline), expected);
    }

    #[test]
    fn a_slanting_lasso_covers_as_much_as_its_area() {
        let outline = points(&[(3.3, 2.1), (28.7, 9.4), (11.2, 21.9)]);
        let mask = lasso(GRID, &outline);
        let sum: f32 =
            mask.raster().values(mask.area()).iter().map(|&it| f32::from(it) / 255.0).sum();
        let area = 0.5 * ((25.4 * 19.8) - (7.9 * 7.3_f32));
        assert!((sum - area).abs() < 0.5, "{sum} {area}");
    }

    #[test]
    fn what_a_lasso_encloses_twice_is_outside() {
        let twice = points(&[
            (2.0, 2.0),
            (20.0, 2.0),
            (20.0, 20.0),
            (2.0, 20.0),
            (2.0, 2.0),
            (6.0, 6.0),
            (16.0, 6.0),
            (16.0, 16.0),
            (6.0, 16.0),
            (6.0, 6.0),
        ]);
        let mask = lasso(GRID, &twice);
        assert_eq!((mask.at(3, 10), mask.at(10, 10)), (255, 0));
    }

    #[test]
    fn a_lasso_without_an_inside_selects_nothing() {
        for outline in [&[][..], &[(3.0, 3.0)], &[(3.0, 3.0), (9.0, 9.0)]] {
            assert!(lasso(GRID, &points(outline)).is_empty());
        }
    }

    #[test]
    fn selections_are_put_together() {
        let left = || rectangle(GRID, Point::new(0.0, 0.0), Point::new(16.0, 24.0));
        let top = || rectangle(GRID, Point::new(0.0, 0.0), Point::new(32.0, 12.0));
        let corners = |mode| {
            let mask = combine(Some(&left()), top(), mode).unwrap();
            [(0, 0), (31, 0), (0, 23), (31, 23)].map(|(x, y)| mask.at(x, y) == 255)
        };
        assert_eq!(corners(Mode::Replace), [true, true, false, false]);
        assert_eq!(corners(Mode::Add), [true, true, true, false]);
        assert_eq!(corners(Mode::Subtract), [false, false, true, false]);
        assert_eq!(corners(Mode::Intersect), [true, false, false, false]);
        assert_eq!(combine(Some(&left()), left(), Mode::Subtract), None);
        assert_eq!(combine(None, left(), Mode::Subtract), None);
        assert_eq!(combine(None, left(), Mode::Add), Some(left()));
    }

    #[test]
    fn inverted_twice_a_selection_is_what_it_was() {
        let mask = rectangle(GRID, Point::new(3.0, 3.0), Point::new(16.0, 24.0));
        for selection in [None, Some(mask)] {
            let once = invert(GRID, selection.as_ref());
            assert_eq!(invert(GRID, once.as_ref()), selection);
        }
    }

    #[test]
    fn a_selection_grows_in_all_directions_and_shrinks_back() {
        let mask = rectangle(GRID, Point::new(8.0, 8.0), Point::new(16.0, 14.0));
        let larger = rectangle(GRID, Point::new(5.0, 5.0), Point::new(19.0, 17.0));
        assert_eq!(grown(&mask, 3), larger);
        assert_eq!(shrunk(&larger, 3), Some(mask.clone()));
        assert_eq!(shrunk(&mask, 3), None);
        let edge = rectangle(GRID, Point::new(0.0, 0.0), Point::new(16.0, 24.0));
        let narrower = rectangle(GRID, Point::new(0.0, 0.0), Point::new(13.0, 24.0));
        assert_eq!(shrunk(&edge, 3), Some(narrower));
        assert_eq!(grown(&edge, u32::MAX), all(GRID));
    }

    #[test]
    fn extremes_are_those_of_every_window() {
        let values: Vec<u8> = (0..40_u32).map(|it| (it * 89 % 251) as u8).collect();
        for n in [1, 2, 7, 40] {
            for by in [0, 1, 3, 5, 39, 100] {
                let values = &values[..n];
                let max =
                    |it: usize| values[it.saturating_sub(by)..n.min(it + by + 1)].iter().max();
                let expected: Vec<u8> = (0..n).map(|it| *max(it).unwrap()).collect();
                assert_eq!(extremes(values, by, u8::max), expected, "{n} {by}");
            }
        }
    }

    #[test]
    fn the_wand_does_not_jump_over_gaps_or_corners() {
        let pattern = ["##.#", "#.##", "..##"];
        let belongs =
            |it: Cell| pattern[usize::from(it.row)].as_bytes()[usize::from(it.col)] == b'#';
        let reached = connected(GRID, Cell::new(0, 0), belongs);
        assert_eq!(reached, [Cell::new(0, 0), Cell::new(0, 1), Cell::new(1, 0)]);
        assert_eq!(connected(GRID, Cell::new(1, 2), belongs).len(), 5);
        assert_eq!(connected(GRID, Cell::new(0, 2), belongs), []);
    }
}
