//! How moments share a film, and where things lie in it.

use super::*;
use crate::base::{EntryId, Grid};
use crate::document::Still;

const GRID: Grid = Grid { rows: 4, cols: 6, cell_pixels: 8 };

fn moment(n_settled: usize, area: PixelRect) -> Moment {
    let still = Still { size: [48, 32], area, jpeg: [0].into() };
    Moment {
        entry: Some(EntryId::next()),
        label: "something".to_owned(),
        settled: (0..n_settled).map(|it| GRID.cell(it % GRID.n_cells())).collect(),
        grid: GRID,
        canvas: GRID.area(),
        look: Look::Still(still),
    }
}

fn n_frames(moments: &[(usize, PixelRect)], seconds: f32, hold: f32) -> Vec<usize> {
    let recording = Recording::of(moments.iter().map(|it| moment(it.0, it.1)).collect());
    let options = FilmOptions { seconds, hold, ..FilmOptions::default() };
    shots(&recording, &options).iter().map(|it| it.n_frames).collect()
}

#[test]
fn paintings_share_what_edits_leave() {
    let somewhere = PixelRect::new(0, 0, 16, 16);
    let nowhere = PixelRect::default();
    let found =
        n_frames(&[(24, somewhere), (0, somewhere), (0, nowhere), (24, somewhere)], 4.0, 0.4);
    assert_eq!(found, [45, 10, 0, 45]);
    // However many edits there are, they leave some of it.
    let mut many = vec![(0, somewhere); 200];
    many.push((24, somewhere));
    let found = n_frames(&many, 10.0, 1.0);
    assert_eq!((found.iter().take(200).sum::<usize>(), found[200]), (150, 100));
    assert_eq!(n_frames(&[(0, somewhere); 2], 4.0, 30.0), [50, 50]);
}

#[test]
fn cells_lie_where_they_are_seen() {
    let whole = moment(1, PixelRect::default());
    assert_eq!(pixels_of(&whole, Cell::new(1, 2), [48, 32]), PixelRect::new(16, 8, 24, 16));
    assert_eq!(pixels_of(&whole, Cell::new(1, 2), [24, 16]), PixelRect::new(8, 4, 12, 8));
    let part = Moment { canvas: PixelRect::new(20, 8, 48, 32), ..whole };
    assert_eq!(pixels_of(&part, Cell::new(1, 2), [28, 24]), PixelRect::new(0, 0, 4, 8));
    assert!(pixels_of(&part, Cell::new(0, 0), [28, 24]).is_empty());
    assert!(pixels_of(&part, Cell::new(9999, 9999), [28, 24]).is_empty());
}

#[test]
fn a_film_has_even_sides_and_pictures_of_others_fit_in() {
    assert_eq!(film_size([577, 301], 768), [578, 302]);
    assert_eq!(film_size([576, 288], 384), [384, 192]);
    let film = fitted(&Frame { size: [20, 10], rgb: vec![0; 600] }, [40, 40]);
    let shades: Vec<u8> = [0, 9, 10, 29, 30, 39].map(|y| film.rgb[(y * 40 + 20) * 3]).into();
    assert_eq!(shades, [255, 255, 0, 0, 255, 255]);
}

#[test]
fn nothing_makes_no_film() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.webp");
    let recording = Recording::of(vec![moment(0, PixelRect::default())]);
    let shots = shots(&recording, &FilmOptions::default());
    assert!(shots.iter().all(|it| it.n_frames == 0) && !path.exists());
}
