//! The artist's hand: strokes, what follows them, and undo of everything.

use alla_prima::base::{Cell, CellRect, Grid, Pixmap, Point};
use alla_prima::document::selection::Mode;
use alla_prima::document::{Author, BrushStyle, Picture};
use alla_prima::model::toy::Manner;
use alla_prima::studio::{DocumentAction, StudioAction, StudioEvent};
use alla_prima::tools::Pointer;

use super::teller::{Teller, middle_of};

/// White, and just large enough to fill a cell of 8 × 8 pixels.
fn white_dab() -> BrushStyle {
    BrushStyle { size: 12.0, hardness: 1.0, colour: [255; 3], opacity: 1.0, erase: false }
}

/// Dabs on a finished picture of 4 × 4 cells.
fn painted_and_dabbed() -> (Teller, Vec<u8>) {
    let mut teller = Teller::new(4, 4, Manner::Alphabet, "a");
    teller.perform(DocumentAction::Paint);
    assert_eq!(teller.picture(), "abcd efgh ijkl mnop");
    let before = teller.pixels();
    teller.studio.stroke(white_dab(), &[middle_of(Cell::new(1, 2))]);
    teller.rest();
    (teller, before)
}

#[test]
fn a_stroke_becomes_the_artists_cells_and_nothing_else_changes() {
    let (teller, before) = painted_and_dabbed();
    let picture = teller.studio.active().picture();
    assert_eq!(picture.state(Cell::new(1, 2)).author, Author::Artist);
    let code = picture.state(Cell::new(1, 2)).code.unwrap();
    assert!(20 < code, "the codec must see the white: {code}");
    for cell in teller.cells_unlike(&before) {
        assert!(cell.row.abs_diff(1) <= 1 && cell.col.abs_diff(2) <= 1, "{cell:?}");
    }
    assert_eq!(teller.studio.primary().label, "Let the rest follow");
}

#[test]
fn the_rest_follows_and_the_artists_cells_and_those_before_stay() {
    let (mut teller, _) = painted_and_dabbed();
    let with_stroke = teller.pixels();
    let set: Vec<Cell> = {
        let picture = teller.studio.active().picture();
        picture.grid.cells().filter(|&it| picture.state(it).author == Author::Artist).collect()
    };
    let codes: Vec<_> =
        set.iter().map(|&it| teller.studio.active().picture().state(it).code).collect();
    teller.perform(DocumentAction::FollowStrokes);
    let picture = teller.studio.active().picture();
    assert_eq!(codes, set.iter().map(|&it| picture.state(it).code).collect::<Vec<_>>());
    let first = *set.iter().min().unwrap();
    for cell in teller.cells_unlike(&with_stroke) {
        assert!(first <= cell, "{cell:?} was changed");
    }
    for (idx, (old, new)) in with_stroke.chunks(4).zip(teller.pixels().chunks(4)).enumerate() {
        let (x, y) = (idx as u32 % 32, idx as u32 / 32);
        let is_covered = picture.paint_layer().unwrap().at(x, y)[3] == 255;
        assert!(!is_covered || old == new, "the stroke was changed at {x}, {y}");
    }
    let unlike = teller.cells_unlike(&with_stroke);
    assert!(!unlike.is_empty(), "nothing followed");
}

#[test]
fn a_stroke_while_the_model_paints_is_taken_at_once() {
    let mut teller = Teller::new(8, 8, Manner::Alphabet, "a");
    teller.studio.perform(StudioAction::SetPace(Some(200.0)));
    teller.studio.perform(DocumentAction::Paint);
    teller.wait_until("ten cells are settled", |it| {
        it.active().progress().is_some_and(|it| 10 < it.0)
    });
    let cell = Cell::new(0, 3);
    teller.studio.stroke(white_dab(), &[middle_of(cell)]);
    teller.studio.perform(StudioAction::SetPace(None));
    teller.rest();
    let picture = teller.studio.active().picture();
    assert!(picture.is_finished());
    assert_eq!(picture.state(cell).author, Author::Artist);
}

#[test]
fn paint_on_bare_canvas_is_read_by_the_model() {
    let mut teller = Teller::new(2, 4, Manner::Alphabet, "a");
    teller.studio.stroke(white_dab(), &[middle_of(Cell::new(0, 2))]);
    teller.rest();
    let white = teller.studio.active().picture().state(Cell::new(0, 2));
    assert_eq!(white.author, Author::Artist);
    teller.perform(DocumentAction::Paint);
    let picture = teller.studio.active().picture();
    assert_eq!(picture.state(Cell::new(0, 2)).code, white.code);
    assert!(picture.is_finished());
    // Read first: the alphabet goes on from the artist's letter.
    assert_eq!(picture.state(Cell::new(0, 0)).code, white.code.map(|it| (it + 1) % 26));
}

#[test]
fn everything_can_be_undone_and_done_again() {
    let mut teller = Teller::new(4, 4, Manner::Undecided, "some");
    // Whose codes a picture has that has none is of no importance.
    let seen = |it: &Teller| Picture { codes_of: None, ..it.studio.active().picture().clone() };
    let mut states = vec![seen(&teller)];
    let mut note = |teller: &Teller| states.push(seen(teller));
    teller.perform(DocumentAction::Paint);
    note(&teller);
    teller.studio.stroke(white_dab(), &[middle_of(Cell::new(1, 2)), middle_of(Cell::new(2, 2))]);
    teller.rest();
    note(&teller);
    teller.perform(DocumentAction::FollowStrokes);
    note(&teller);
    teller.perform(DocumentAction::SelectAll);
    note(&teller);

    for state in states.iter().rev().skip(1) {
        teller.perform(DocumentAction::Undo);
        assert!(seen(&teller) == *state, "undo leads elsewhere");
    }
    for state in states.iter().skip(1) {
        teller.perform(DocumentAction::Redo);
        assert!(seen(&teller) == *state, "redo leads elsewhere");
    }
}

#[test]
fn the_eraser_gives_cells_back() {
    let (mut teller, before) = painted_and_dabbed();
    let eraser = BrushStyle { size: 60.0, erase: true, ..white_dab() };
    teller.studio.stroke(eraser, &[middle_of(Cell::new(1, 2))]);
    teller.rest();
    assert!(teller.pixels() == before);
    assert!(teller.studio.active().picture().cells.iter().all(|it| it.author == Author::Model));
}

#[test]
fn the_wand_selects_what_means_the_same() {
    let mut teller = Teller::new(4, 4, Manner::Alphabet, "a");
    teller.perform(DocumentAction::Paint);
    teller.touch_with_wand(Cell::new(0, 0));
    // The first thirteen letters are dark, the others light.
    assert_eq!(teller.studio.active().selected_cells().len(), 13);
}

/// The brush wanders off the canvas: nothing new is drawn, and what follows comes to rest all the same.
#[test]
fn what_follows_the_brush_comes_to_rest_where_painting_would() {
    let opened = || {
        let mut teller = Teller::new(4, 4, Manner::Undecided, "some");
        teller.studio.perform(StudioAction::SetBrush(white_dab()));
        teller.perform(DocumentAction::Paint);
        teller
    };
    let beside = |n: u16| Point::new(middle_of(Cell::new(1, 1)).x + f32::from(n), -60.0);
    let inside = [Cell::new(1, 1), Cell::new(0, 1)].map(middle_of);
    let points: Vec<Point> = inside.into_iter().chain([0, 9, 18].map(beside)).collect();

    let mut plain = opened();
    plain.studio.stroke(white_dab(), &points);
    plain.rest();
    plain.perform(DocumentAction::FollowStrokes);

    let mut teller = opened();
    teller.studio.perform(StudioAction::FollowBrush(true));
    let pointer = |teller: &mut Teller, pointer| {
        teller.studio.perform(StudioAction::Pointer { pointer, mode: Mode::Replace });
    };
    let whole = plain.studio.active().picture().model_layer.clone();
    pointer(&mut teller, Pointer::Down(points[0]));
    points[1..4].iter().for_each(|&point| pointer(&mut teller, Pointer::Move(point)));
    teller.wait_until("the whole has followed", |it| {
        it.active().updates_per_sec().is_some_and(|it| 0.0 < it)
    });
    // What was drawn meanwhile is asked for just now.
    pointer(&mut teller, Pointer::Move(points[4]));
    // Beside the stroke, painting blends what it paints into what stays.
    let grid = teller.studio.active().picture().grid;
    let far = CellRect { left: 0, top: 3, right: 4, bottom: 4 };
    let far = grid.pixels(far);
    let is_same =
        |layer: &Pixmap, y: u32| (far.left..far.right).all(|x| layer.at(x, y) == whole.at(x, y));
    teller.wait_until("it is what will be painted", |it| {
        (far.top..far.bottom).all(|y| is_same(it.active().shown_layer(), y))
    });
    pointer(&mut teller, Pointer::Up(points[4]));
    teller.rest();
    assert!(teller.pixels() == plain.pixels());
}

#[test]
fn the_rest_follows_the_brush_and_becomes_what_it_would_have_been() {
    let dab = |teller: &mut Teller, pointer| {
        teller.studio.perform(StudioAction::Pointer { pointer, mode: Mode::Replace });
    };
    let opened = || {
        let mut teller = Teller::new(4, 4, Manner::Undecided, "some");
        teller.studio.perform(StudioAction::SetBrush(white_dab()));
        teller.perform(DocumentAction::Paint);
        teller
    };
    let points = [(1, 1), (1, 2), (2, 2)].map(|(row, col)| middle_of(Cell::new(row, col)));

    let mut plain = opened();
    plain.studio.stroke(white_dab(), &points);
    plain.rest();
    plain.perform(DocumentAction::FollowStrokes);

    let mut teller = opened();
    let before = (teller.picture(), teller.studio.active().picture().model_layer.clone());
    teller.studio.perform(StudioAction::FollowBrush(true));
    dab(&mut teller, Pointer::Down(points[0]));
    for &point in &points[1..] {
        dab(&mut teller, Pointer::Move(point));
    }
    teller.wait_until("the whole has followed", |it| {
        it.active().updates_per_sec().is_some_and(|it| 0.0 < it)
    });
    teller.wait_until("it is seen", |it| {
        *it.active().shown_layer() != it.active().picture().model_layer
    });
    let untouched = (teller.picture(), teller.studio.active().picture().model_layer.clone());
    assert!(untouched == before, "a preview is no part of the picture");
    dab(&mut teller, Pointer::Up(points[2]));
    teller.rest();
    assert_eq!(teller.picture(), plain.picture());
    assert!(teller.pixels() == plain.pixels());
    assert!(teller.studio.active().updates_per_sec().is_none());
    assert!(teller.studio.active().staged().is_some(), "it is offered like any other");

    // What is not to be is taken back without a trace.
    let mut teller = opened();
    teller.studio.perform(StudioAction::FollowBrush(true));
    dab(&mut teller, Pointer::Down(points[0]));
    dab(&mut teller, Pointer::Move(points[1]));
    dab(&mut teller, Pointer::Cancel);
    teller.rest();
    let now = (teller.picture(), teller.studio.active().picture().model_layer.clone());
    assert!(now == before && *teller.studio.active().shown_layer() == now.1);
}

#[test]
fn a_stop_of_what_follows_leaves_nothing_of_the_preview() {
    let mut teller = Teller::new(6, 6, Manner::Undecided, "some");
    teller.studio.perform(StudioAction::SetBrush(white_dab()));
    teller.perform(DocumentAction::Paint);
    teller.studio.perform(StudioAction::FollowBrush(true));
    let dab = |teller: &mut Teller, pointer| {
        teller.studio.perform(StudioAction::Pointer { pointer, mode: Mode::Replace });
    };
    dab(&mut teller, Pointer::Down(middle_of(Cell::new(0, 0))));
    dab(&mut teller, Pointer::Move(middle_of(Cell::new(0, 1))));
    teller.wait_until("the whole has followed", |it| {
        it.active().updates_per_sec().is_some_and(|it| 0.0 < it)
    });
    teller.studio.perform(StudioAction::SetPace(Some(20.0)));
    dab(&mut teller, Pointer::Up(middle_of(Cell::new(0, 1))));
    teller.wait_until("some are settled", |it| it.active().progress().is_some_and(|it| 2 <= it.0));
    teller.studio.take_events();
    teller.perform(DocumentAction::Stop);

    assert!(!teller.studio.active().is_painting());
    let id = teller.studio.active().id();
    let events = teller.studio.take_events();
    assert!(matches!(events[..], [StudioEvent::Stopped(it)] if it == id), "{events:?}");
    let picture = teller.studio.active().picture();
    assert!(!picture.is_wet());
    assert!(
        teller.studio.active().staged().is_none()
            && teller.studio.active().updates_per_sec().is_none()
    );
    let labels: Vec<&str> = teller.studio.active().history().done_labels().collect();
    assert_eq!(labels[labels.len() - 2..], ["Stroke", "Let the rest follow"]);
    // What the toy shows of a cell depends on its code alone.
    let stopped = (teller.picture(), teller.pixels());
    teller.studio.perform(StudioAction::SetPace(None));
    teller.perform(DocumentAction::Undo);
    teller.perform(DocumentAction::Redo);
    assert!((teller.picture(), teller.pixels()) == stopped);
}

#[test]
fn what_follows_from_the_middle_of_a_stroke_on_follows_all_of_it() {
    let mut teller = Teller::new(6, 6, Manner::Undecided, "some");
    teller.studio.perform(StudioAction::SetBrush(white_dab()));
    teller.studio.perform(StudioAction::FollowBrush(true));
    teller.studio.perform(StudioAction::SetPace(Some(200.0)));
    teller.studio.perform(DocumentAction::Paint);
    let dab = |teller: &mut Teller, pointer| {
        teller.studio.perform(StudioAction::Pointer { pointer, mode: Mode::Replace });
    };
    // The picture is not finished when the brush comes down, and is when it moves on.
    dab(&mut teller, Pointer::Down(middle_of(Cell::new(0, 0))));
    dab(&mut teller, Pointer::Move(middle_of(Cell::new(2, 2))));
    dab(&mut teller, Pointer::Move(middle_of(Cell::new(4, 4))));
    teller.wait_until("it is painted", |it| !it.active().is_painting());
    dab(&mut teller, Pointer::Move(middle_of(Cell::new(5, 5))));
    // Beside where the stroke began, long before it is lifted.
    let first = CellRect::of(Cell::new(0, 3));
    teller.wait_until("what comes after its beginning follows", |it| {
        let (shown, picture) = (it.active().shown_layer(), it.active().picture());
        let area = picture.grid.pixels(first);
        shown.rgba(area) != picture.model_layer.rgba(area)
    });
}

#[test]
fn redo_does_not_stop_a_painting_for_nothing() {
    let (mut teller, open) = Teller::gated(Grid { rows: 4, cols: 4, cell_pixels: 8 }, "a");
    (0..8).for_each(|_| open.send(()).unwrap());
    teller.studio.perform(DocumentAction::Paint);
    teller.wait_until("some are settled", |it| it.active().progress().is_some_and(|it| 4 <= it.0));
    teller.studio.perform(DocumentAction::Redo);
    assert!(teller.studio.active().is_painting());
    (0..64).for_each(|_| open.send(()).unwrap());
    teller.rest();
    assert_eq!(teller.picture(), "abcd efgh ijkl mnop");
}
