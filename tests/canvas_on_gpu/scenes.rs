//! Pictures of the canvas at work, left in `target/canvas/` for the eye to judge.
//! Only asks that each of them differs from the bare picture.

use alla_prima::base::{Cell, CellRect, Grid, Mask, PixelRect, Pixmap, Point, Rgba};
use alla_prima::compose::Composition;
use alla_prima::render::{CanvasPaint, CellStyle, Tint, View};

use super::PALETTE;
use super::gpu::{draw, viewport};

const GRID: Grid = Grid { rows: 16, cols: 16, cell_pixels: 16 };
const NOW_SECS: f32 = 10.0;

#[test]
fn a_picture_under_way() {
    let mut paint = lake();
    let author = Cell::new(9, 11);
    let done = GRID.idx(author);
    paint.cells = (0..done).map(|it| settled_secs_ago((done - it) as f32 * 0.04)).collect();
    paint.cell_in_hand = Some(author);
    let mut painted = Pixmap::new(256, 256);
    for cell in GRID.cells().take(done) {
        let area = GRID.pixels(CellRect::of(cell));
        painted.update(area, |x, y, _| lake_at(x as f32 / 256.0, y as f32 / 256.0));
    }
    paint.picture = Composition::from(&painted);
    show("under-way", &paint);
}

#[test]
fn an_edit_about_to_run() {
    let mut paint = lake();
    let is_chosen =
        |cell: Cell| (3..8).contains(&cell.row) && (4..10 + cell.row % 2).contains(&cell.col);
    paint.cells = GRID
        .cells()
        .map(|cell| CellStyle {
            tint: match cell {
                cell if is_chosen(cell) => Tint::Repaint,
                cell if GRID.idx(Cell::new(3, 4)) < GRID.idx(cell) => Tint::Follow,
                _ => Tint::None,
            },
            is_by_artist: cell.row == 1 && (2..6).contains(&cell.col),
            ..CellStyle::default()
        })
        .collect();
    show("edit", &paint);
}

#[test]
fn a_round_selection_near_and_far() {
    let mut paint = lake();
    paint.selection = Some(Mask::from_fn(256, 256, |x, y| {
        let distance = Point::new(x as f32, y as f32).distance(Point::new(150.0, 96.0));
        ((70.0 - distance).clamp(0.0, 1.0) * 255.0) as u8
    }));
    show("selection", &paint);

    let at_its_rim = Point::new(470.0, 270.0);
    paint.view = paint.view.zoomed(8.0, paint.viewport, at_its_rim);
    show("selection-near", &paint);

    paint.view = View { zoom: 0.4, ..View::actual_size(PixelRect::new(0, 0, 256, 256)) };
    show("selection-far", &paint);
}

#[test]
fn a_turned_and_mirrored_canvas() {
    let mut paint = lake();
    paint.view = View { zoom: 1.6, ..paint.view }.turned(0.35).mirrored();
    paint.cell_in_hand = Some(Cell::new(4, 6));
    paint.selection = Some(Mask::from_cells(GRID, |cell| 9 < cell.row && cell.col < 7));
    show("turned", &paint);
}

#[test]
fn doubt_laid_over_the_cells() {
    let mut paint = lake();
    let doubt = |cell: Cell| [230, 60, 110, (cell.row * 7 % 11 * 12 + cell.col * 3) as u8];
    paint.cells =
        GRID.cells().map(|cell| CellStyle { wash: doubt(cell), ..CellStyle::default() }).collect();
    show("doubt", &paint);
}

fn settled_secs_ago(secs: f32) -> CellStyle {
    CellStyle { settled_at_secs: Some(NOW_SECS - secs), ..CellStyle::default() }
}

#[track_caller]
fn show(name: &str, paint: &CanvasPaint) {
    let screen = draw(paint);
    screen.save(name);
    let bare = draw(&CanvasPaint {
        picture: lake().picture,
        selection: None,
        cells: Vec::new(),
        cell_in_hand: None,
        ..paint.clone()
    });
    let is_other = |y| (0..screen.width).any(|x| screen.at(x, y) != bare.at(x, y));
    assert!((0..screen.height).any(is_other));
}

/// An evening at a lake, at 200 %.
fn lake() -> CanvasPaint {
    let mut picture = Pixmap::new(256, 256);
    picture.update(picture.area(), |x, y, _| lake_at(x as f32 / 256.0, y as f32 / 256.0));
    CanvasPaint {
        canvas: PixelRect::new(0, 0, 256, 256),
        view: View { zoom: 2.0, ..View::actual_size(PixelRect::new(0, 0, 256, 256)) },
        viewport: viewport(600, 580),
        picture: Composition::from(&picture),
        selection: None,
        grid: GRID,
        cells: Vec::new(),
        cell_in_hand: None,
        now_secs: NOW_SECS,
        palette: PALETTE,
    }
}

fn lake_at(x: f32, y: f32) -> Rgba {
    let shore = 0.62;
    let height = if y < shore { y } else { 2.0 * shore - y + 0.012 * (y * 190.0).sin() };
    let sky = mix([58.0, 70.0, 120.0], [250.0, 186.0, 130.0], (height / shore).clamp(0.0, 1.0));
    let sun = (1.0 - (x - 0.68).hypot(height - 0.36) / 0.3).clamp(0.0, 1.0);
    let far = 0.46 + 0.05 * (x * 9.0).sin() + 0.03 * (x * 23.0 + 1.0).sin();
    let near = 0.55 + 0.04 * (x * 6.0 + 2.0).sin() + 0.008 * (x * 71.0).sin();
    let colour = match height {
        it if near < it => [44.0, 52.0, 66.0],
        it if far < it => mix([86.0, 84.0, 120.0], [150.0, 124.0, 136.0], (it - far) * 8.0),
        _ => mix(sky, [255.0, 240.0, 200.0], sun * sun + f32::from(u8::from(0.78 < sun))),
    };
    let water = if y < shore { 0.0 } else { 0.3 };
    let [r, g, b] = mix(colour, [30.0, 44.0, 70.0], water).map(|it| it as u8);
    [r, g, b, 255]
}

fn mix(a: [f32; 3], b: [f32; 3], ratio: f32) -> [f32; 3] {
    let ratio = ratio.clamp(0.0, 1.0);
    [0, 1, 2].map(|it| a[it] + (b[it] - a[it]) * ratio)
}
