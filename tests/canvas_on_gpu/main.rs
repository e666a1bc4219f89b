//! What the artist sees on the canvas, drawn by a GPU and read back.
//!
//! `scenes` leaves pictures in `target/canvas/`, for the eye to judge.

#![expect(clippy::unwrap_used, reason = "tests may unwrap")]

mod composing;
mod gpu;
mod scenes;

use alla_prima::base::{Cell, Grid, Mask, PixelRect, Pixmap, Point, Rgba};
use alla_prima::compose::Composition;
use alla_prima::render::{CanvasPaint, CellStyle, FADE_SECS, Palette, Tint, View};

use self::gpu::{draw, draw_with, new_resources, pixel_centre, viewport};

const GRID: Grid = Grid { rows: 4, cols: 4, cell_pixels: 8 };
const NOW_SECS: f32 = 100.0;

const PALETTE: Palette = Palette {
    light_square: [74, 75, 79, 255],
    dark_square: [64, 65, 69, 255],
    accent: [242, 166, 90, 255],
    artist: [120, 200, 220, 230],
    grid_line: [255, 255, 255, 44],
    border: [0, 0, 0, 170],
    shadow: [0, 0, 0, 130],
};

#[test]
fn at_400_percent_each_pixel_is_an_exact_square() {
    let screen = assert_shows_exactly(&confetti(), 4.0);
    screen.save("400-percent");
}

#[test]
fn at_100_percent_the_picture_is_copied() {
    assert_shows_exactly(&confetti(), 1.0);
}

#[test]
fn at_50_percent_pixels_are_averaged() {
    let mut picture = Pixmap::new(32, 32);
    let stripes = |x, _, _| if x % 2 == 0 { [0, 0, 0, 255] } else { [255; 4] };
    picture.update(picture.area(), stripes);
    let [red, ..] = middle(&plain(&picture, 0.5));
    assert!((126..=129).contains(&red), "{red}");
}

#[test]
fn a_transparent_place_shows_the_checkerboard() {
    let screen = draw(&plain(&Pixmap::new(32, 32), 4.0));
    let squares: Vec<Rgba> = (100..116).map(|x| screen.at(x, 100)).collect();
    let n_light = squares.iter().filter(|&&it| it == PALETTE.light_square).count();
    let n_dark = squares.iter().filter(|&&it| it == PALETTE.dark_square).count();
    assert_eq!((n_light, n_dark), (8, 8));
}

#[test]
fn a_translucent_pixel_is_laid_over_the_checkerboard() {
    let mut picture = Pixmap::new(32, 32);
    picture.update(picture.area(), |_, _, _| [255, 0, 0, 128]);
    let [red, green, _, alpha] = middle(&plain(&picture, 4.0));
    assert!((159..=166).contains(&red) && (31..=38).contains(&green), "{red} {green}");
    assert_eq!(alpha, 255);
}

#[test]
fn a_grown_canvas_and_a_fresh_stroke_show_in_the_next_frame() {
    let mut resources = new_resources();
    let mut paint = plain(&confetti(), 4.0);
    draw_with(&mut resources, &paint);

    let mut picture = Pixmap::new(80, 70);
    paint = plain(&picture, 1.0);
    draw_with(&mut resources, &paint);
    picture.update(PixelRect::new(60, 60, 80, 70), |_, _, _| [9, 90, 190, 255]);
    paint.picture = Composition::from(&picture);
    let screen = draw_with(&mut resources, &paint);
    let stroke = paint.view.screen_from_canvas(paint.viewport, Point::new(70.5, 65.5));
    assert_eq!(screen.under(stroke), [9, 90, 190, 255]);
}

#[test]
fn a_selection_is_outlined_by_one_screen_pixel_at_any_zoom() {
    for zoom in [0.5, 1.0, 3.0, 4.0] {
        let mut paint = plain(&confetti(), zoom);
        let without = draw(&paint);
        paint.selection = Some(Mask::from_fn(32, 32, |x, y| {
            if (8..24).contains(&x) && (8..24).contains(&y) { 255 } else { 127 }
        }));
        let with = draw(&paint);

        let side = (16.0 * zoom) as usize;
        let mut n_ants = 0;
        for (x, y) in pixels(&with).filter(|&(x, y)| with.at(x, y) != without.at(x, y)) {
            assert!([[0, 0, 0, 255], [255; 4]].contains(&with.at(x, y)), "{:?}", with.at(x, y));
            n_ants += 1;
        }
        // The picture itself may be black or white in a few places.
        assert!((4 * side - 8..=4 * side - 4).contains(&n_ants), "{n_ants} at {zoom}");
    }
}

#[test]
fn ants_march() {
    let mut paint = plain(&confetti(), 4.0);
    paint.selection = Some(Mask::from_cells(GRID, |cell| cell.row == 1));
    let before = draw(&paint);
    paint.now_secs += 0.3;
    let after = draw(&paint);
    assert!(pixels(&before).any(|(x, y)| before.at(x, y) != after.at(x, y)));
    assert!(paint.is_moving());
}

#[test]
fn cells_that_will_change_are_tinted_and_others_are_not() {
    let mut paint = plain(&grey(), 4.0);
    paint.cells = GRID.cells().map(|cell| tinted(TINTS[usize::from(cell.col)])).collect();
    let screen = draw(&paint);
    screen.save("tints");
    let warmth = |col| {
        let pos = Point::new(f32::from(GRID.cell_pixels) * (f32::from(col) + 0.5), 14.0);
        let [red, _, blue, _] = screen.under(paint.view.screen_from_canvas(paint.viewport, pos));
        i32::from(red) - i32::from(blue)
    };
    assert_eq!(warmth(0_u8), 0);
    assert!(5 < warmth(2) && warmth(2) < warmth(1), "{} {}", warmth(1), warmth(2));
    assert_eq!(warmth(3), 0);
}

#[test]
fn a_cell_is_wet_when_it_has_settled_and_then_dries() {
    let mut paint = plain(&grey(), 4.0);
    let never = middle(&paint);
    let settled = CellStyle { settled_at_secs: Some(NOW_SECS), ..CellStyle::default() };
    paint.cells = vec![settled; GRID.n_cells()];
    assert_ne!(middle(&paint), never);
    assert!(paint.is_moving());

    paint.now_secs += 1.1 * FADE_SECS;
    assert_eq!(middle(&paint), never);
    assert!(!paint.is_moving());
}

#[test]
fn the_cell_in_hand_is_outlined() {
    let mut paint = plain(&grey(), 4.0);
    paint.cell_in_hand = Some(Cell::new(1, 2));
    let screen = draw(&paint);
    let edge = paint.view.screen_from_canvas(paint.viewport, Point::new(20.0, 8.0));
    assert_eq!(screen.at(edge.x as u32, edge.y as u32 - 1), PALETTE.accent);
}

const TINTS: [Tint; 4] = [Tint::None, Tint::Repaint, Tint::Follow, Tint::None];

fn tinted(tint: Tint) -> CellStyle {
    CellStyle { tint, ..CellStyle::default() }
}

/// A picture in the middle of a screen of 200 pixels, and nothing else.
fn plain(picture: &Pixmap, zoom: f32) -> CanvasPaint {
    let size = [picture.width(), picture.height()];
    CanvasPaint {
        canvas: PixelRect::new(0, 0, size[0], size[1]),
        view: View { zoom, ..View::actual_size(PixelRect::new(0, 0, size[0], size[1])) },
        viewport: viewport(200, 200),
        picture: Composition::from(picture),
        selection: None,
        grid: GRID,
        cells: Vec::new(),
        cell_in_hand: None,
        now_secs: NOW_SECS,
        palette: PALETTE,
    }
}

fn grey() -> Pixmap {
    let mut picture = Pixmap::new(32, 32);
    picture.update(picture.area(), |_, _, _| [120, 120, 120, 255]);
    picture
}

/// No pixel is like its neighbours.
fn confetti() -> Pixmap {
    let mut picture = Pixmap::new(32, 32);
    let colour = |x: u32, y: u32| [x * 89 + y * 31, x * 17 + y * 101, x * 7 + y * 59];
    picture.update(picture.area(), |x, y, _| {
        let [r, g, b] = colour(x, y).map(|it| (it % 256) as u8);
        [r, g, b, 255]
    });
    picture
}

/// The colour in the middle of the screen.
fn middle(paint: &CanvasPaint) -> Rgba {
    let screen = draw(paint);
    screen.at(screen.width / 2, screen.height / 2)
}

fn pixels(screen: &gpu::Screen) -> impl Iterator<Item = (u32, u32)> + use<> {
    let width = screen.width;
    (0..screen.height).flat_map(move |y| (0..width).map(move |x| (x, y)))
}

#[track_caller]
fn assert_shows_exactly(picture: &Pixmap, zoom: f32) -> gpu::Screen {
    let paint = plain(picture, zoom);
    let screen = draw(&paint);
    let mut n_seen = 0;
    for (x, y) in pixels(&screen) {
        let pos = paint.view.canvas_from_screen(paint.viewport, pixel_centre(x, y));
        if (0.0..32.0).contains(&pos.x) && (0.0..32.0).contains(&pos.y) {
            let expected = picture.at(pos.x as u32, pos.y as u32);
            assert_eq!(screen.at(x, y), expected, "at {pos:?}");
            n_seen += 1;
        }
    }
    let side = (32.0 * zoom) as usize;
    assert_eq!(n_seen, side * side);
    screen
}
