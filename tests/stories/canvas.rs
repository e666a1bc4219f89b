//! Canvases of any size, at any scale.

use alla_prima::base::{Cell, CellRect, PixelRect, Pixmap};
use alla_prima::document::{Author, BrushStyle, Sides};
use alla_prima::io;
use alla_prima::model::toy::Manner;
use alla_prima::studio::{DocumentAction, NewCanvas, Reach, Repaint, StudioAction};

use super::teller::{Teller, middle_of};

fn on_canvas(size: Option<[u32; 2]>, scale: Option<u16>) -> Teller {
    let mut teller = Teller::new(4, 4, Manner::Undecided, "some");
    teller.perform(StudioAction::NewCanvas(NewCanvas { size, scale, background: None }));
    assert!(teller.studio.notices().is_empty(), "{:?}", teller.studio.notices());
    teller
}

fn repaint(cell: Cell) -> DocumentAction {
    let (reach, variation_step) = (Reach::Only, 1);
    DocumentAction::Repaint(Repaint { cells: vec![cell], prompt: None, reach, variation_step })
}

#[test]
fn a_scale_changes_pixels_and_no_code() {
    let mut small = on_canvas(None, Some(1));
    small.perform(DocumentAction::Paint);
    for scale in 2..=4 {
        let mut large = on_canvas(None, Some(scale));
        large.perform(DocumentAction::Paint);
        assert_eq!(large.picture(), small.picture());
        let picture = large.studio.active().picture();
        assert_eq!(
            picture.canvas,
            PixelRect::new(0, 0, 32 * u32::from(scale), 32 * u32::from(scale))
        );
        // Far from the borders of its cell a pixel is what the model painted.
        let middle = 4 * u32::from(scale);
        let small = small.studio.active().picture().model_layer.at(4, 4);
        let large = picture.model_layer.at(middle, middle);
        assert!(small.iter().zip(large).all(|(a, b)| a.abs_diff(b) <= 2), "{small:?} {large:?}");
    }
}

#[test]
fn at_any_scale_an_edit_changes_nothing_else() {
    let mut teller = on_canvas(None, Some(3));
    teller.perform(DocumentAction::Paint);
    let before = teller.pixels();
    teller.perform(repaint(Cell::new(1, 2)));
    assert!(teller.cells_unlike(&before).iter().all(|it| *it == Cell::new(1, 2)));
    teller.perform(DocumentAction::DiscardTake);
    assert!(teller.pixels() == before);

    let style = BrushStyle { size: 40.0, hardness: 1.0, colour: [255; 3], ..BrushStyle::default() };
    teller.studio.stroke(style, &[alla_prima::base::Point::new(36.0, 36.0)]);
    teller.rest();
    let picture = teller.studio.active().picture();
    assert_eq!(picture.state(Cell::new(1, 1)).author, Author::Artist);
    assert!(picture.state(Cell::new(1, 1)).code.is_some(), "the model has read it");
    assert!(teller.cells_unlike(&before).contains(&Cell::new(1, 1)));
    assert!(!teller.cells_unlike(&before).contains(&Cell::new(3, 3)));
}

#[test]
fn a_canvas_of_any_size_is_painted_exported_and_opened_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("odd.png");
    let mut teller = on_canvas(Some([50, 37]), Some(1));
    teller.perform(DocumentAction::Paint);
    let picture = teller.studio.active().picture();
    assert_eq!((picture.grid.rows, picture.grid.cols), (5, 7));
    assert!(picture.is_finished());
    let (canvas, painted) = (picture.canvas, picture.composite(picture.canvas));
    teller.export(path.clone(), true);
    let file = io::read_picture(&path).unwrap();
    assert_eq!([file.width(), file.height()], [50, 37]);
    assert!(file.rgba(file.area()) == painted);

    let mut other = Teller::new(4, 4, Manner::Undecided, "else");
    other.perform(StudioAction::Open(path));
    let opened = other.studio.active().picture();
    assert_eq!((opened.grid.rows, opened.grid.cols, opened.canvas), (5, 7, canvas));
    assert!(opened.composite(opened.canvas) == painted);
    assert!(opened.cells.iter().all(|it| it.author == Author::Model));
}

#[test]
fn what_is_opened_keeps_its_shape_and_every_pixel_that_is_not_painted_over() {
    let folder = tempfile::tempdir().unwrap();
    let (path, out) = (folder.path().join("photo.png"), folder.path().join("out.png"));
    let (width, height) = (91, 45);
    let rgba: Vec<u8> = (0..width * height)
        .flat_map(|it| [(it % 251) as u8, (it % 13 * 9) as u8, 40, (it % 7 * 42) as u8])
        .collect();
    io::write_png(&path, width, height, &rgba, &[]).unwrap();

    let mut teller = Teller::new(4, 4, Manner::Undecided, "some");
    teller.perform(StudioAction::Open(path));
    let picture = teller.studio.active().picture().clone();
    assert_eq!([picture.canvas.width(), picture.canvas.height()], [width, height]);
    assert!(picture.composite(picture.canvas) == rgba);
    let cell = picture.grid.cell_at(middle_of(Cell::new(3, 6))).unwrap();
    teller.perform(repaint(cell));
    let edited = picture.grid.pixels(CellRect::of(cell));
    teller.export(out.clone(), true);
    let file = io::read_picture(&out).unwrap();
    let mut expected = Pixmap::from_rgba(width, height, &rgba).unwrap();
    let (left, top) = (picture.canvas.left, picture.canvas.top);
    let is_edited = |x: u32, y: u32| {
        let (x, y) = (x + left, y + top);
        edited.left <= x && x < edited.right && edited.top <= y && y < edited.bottom
    };
    expected.update(expected.area(), |x, y, old| if is_edited(x, y) { file.at(x, y) } else { old });
    assert!(file == expected);
    assert!(file.rgba(file.area()) != rgba, "something was painted");
}

#[test]
fn a_canvas_is_cropped_and_extended_pixel_by_pixel_and_undone() {
    let mut teller = on_canvas(Some([64, 48]), Some(1));
    teller.perform(DocumentAction::Paint);
    let whole = teller.studio.active().picture().clone();
    let inner = PixelRect::new(5, 3, 50, 40);
    teller.perform(DocumentAction::Reframe(Sides::cropped(whole.canvas, inner)));
    let cropped = teller.studio.active().picture().clone();
    assert_eq!([cropped.canvas.width(), cropped.canvas.height()], [45, 37]);
    assert!(cropped.composite(cropped.canvas) == whole.composite(inner));
    teller.perform(DocumentAction::Reframe(Sides { left: 9, right: 20, ..Sides::default() }));
    let wider = teller.studio.active().picture().clone();
    assert_eq!(wider.canvas.width(), 74);
    teller.perform(DocumentAction::Continue);
    assert!(teller.studio.active().picture().is_finished());
    let n_entries = teller.studio.active().history().done_labels().count();
    (0..n_entries).for_each(|_| teller.perform(DocumentAction::Undo));
    (0..1).for_each(|_| teller.perform(DocumentAction::Redo));
    assert!(*teller.studio.active().picture() == whole);
}
