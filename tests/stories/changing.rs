//! Another model in mid-work: what becomes of the picture, the history, a painting under way.

use std::sync::Arc;

use alla_prima::base::{Cell, Grid, Order, Point};
use alla_prima::catalog::BUILT_IN;
use alla_prima::document::{Author, BrushStyle};
use alla_prima::model::toy::{Manner, Toy};
use alla_prima::model::{Error, Painter, Result};
use alla_prima::settings::Settings;
use alla_prima::studio::{
    Choice, DocumentAction, Reach, Refusal, Repaint, Studio, StudioAction, StudioEvent,
};

use super::teller::Teller;

const GRID: Grid = Grid { rows: 3, cols: 4, cell_pixels: 8 };

fn change(teller: &mut Teller, name: &'static str, grid: Grid) {
    let load = move || -> Result<Box<dyn Painter>> {
        Ok(Box::new(Toy::new(grid, Manner::Alphabet).called(name)))
    };
    teller.studio.change_painter(Box::new(load));
    assert!(teller.studio.facts().is_none());
    teller.wait_until("the other model is ready", |it| it.facts().is_some());
    teller.rest();
}

fn painted() -> Teller {
    let mut teller = Teller::new(3, 4, Manner::Alphabet, "a");
    teller.perform(DocumentAction::Paint);
    assert_eq!(teller.picture(), "abcd efgh ijkl");
    teller
}

#[test]
fn a_picture_that_fits_stays_and_is_read_anew() {
    let mut teller = painted();
    let pixels = teller.pixels();
    change(&mut teller, "Other", GRID);
    assert!(teller.pixels() == pixels);
    let picture = teller.studio.active().picture();
    assert!(picture.is_finished());
    // Nothing is done to it before this model paints in it.
    assert!(picture.cells.iter().all(|it| it.author == Author::Model && !it.wet));
    assert!(teller.studio.active().history().done_labels().eq(["Paint"]));
    teller.perform(DocumentAction::SetPrompt("X".to_owned()));
    teller.perform(DocumentAction::Paint);
    assert_eq!(teller.picture(), "xxxx xxxx xxxx");
    let labels: Vec<&str> = teller.studio.active().history().done_labels().collect();
    assert_eq!(labels, ["Paint", "Go on with Other", "Paint"]);
    teller.perform(DocumentAction::Undo);
    assert!(teller.pixels() == pixels);
    let picture = teller.studio.active().picture();
    assert!(picture.cells.iter().all(|it| it.author == Author::Former), "it is not its own");
}

#[test]
fn redo_after_a_change_of_models_is_of_the_same_picture() {
    let mut teller = painted();
    let pixels = teller.pixels();
    teller.perform(DocumentAction::Undo);
    change(&mut teller, "Other", Grid { rows: 2, cols: 2, cell_pixels: 16 });
    let first = teller.studio.documents()[0].id();
    teller.perform(StudioAction::Activate(first));
    teller.perform(DocumentAction::Redo);
    assert!(teller.pixels() == pixels);
}

#[test]
fn what_was_read_by_one_model_does_not_come_back_for_another() {
    let mut teller = Teller::new(3, 4, Manner::Alphabet, "a");
    let dab = BrushStyle { size: 12.0, hardness: 1.0, colour: [200; 3], ..BrushStyle::default() };
    let white = BrushStyle { colour: [255; 3], ..dab };
    teller.studio.stroke(dab, &[Point::new(12.0, 12.0)]);
    teller.rest();
    assert!(teller.picture().contains(|it| it != '.' && it != ' '));
    change(&mut teller, "Other", GRID);
    teller.studio.stroke(white, &[Point::new(12.0, 12.0)]);
    teller.rest();
    teller.perform(DocumentAction::Undo);
    let active = teller.studio.active();
    let of_other = active.picture().codes_of.as_ref().is_some_and(|it| it.name == "Other");
    let n_codes = active.picture().cells.iter().filter(|it| it.code.is_some()).count();
    assert!(!of_other || n_codes == 0, "the first model's code is taken for the other's");
    teller.perform(DocumentAction::Paint);
    assert!(teller.studio.active().picture().is_finished());
    assert_eq!(teller.studio.active().picture().codes_of.as_ref().unwrap().name, "Other");
}

#[test]
fn codes_of_the_model_before_are_never_taken_for_those_of_this_one() {
    let mut teller = painted();
    change(&mut teller, "Other", GRID);
    // The picture is the first model's, until the other one paints in it.
    assert_eq!(teller.studio.active().picture().codes_of.as_ref().unwrap().name, "Toy");
    let cell = Cell::new(1, 1);
    let repaint = Repaint {
        cells: vec![cell],
        prompt: Some("Z".to_owned()),
        reach: Reach::Only,
        variation_step: 0,
    };
    teller.perform(DocumentAction::Repaint(repaint));
    let picture = teller.studio.active().picture();
    assert_eq!(picture.codes_of.as_ref().unwrap().name, "Other");
    assert_eq!(picture.state(cell).author, Author::Model);
    assert_eq!(picture.cells.iter().filter(|it| it.author == Author::Former).count(), 11);
    // With the first one again, all of it is as it was.
    while teller.studio.active().history().done_labels().count() != 1 {
        teller.perform(DocumentAction::Undo);
    }
    change(&mut teller, "Toy", GRID);
    assert_eq!(teller.picture(), "abcd efgh ijkl");
    assert!(teller.studio.active().picture().cells.iter().all(|it| it.author == Author::Model));
}

#[test]
fn exports_name_who_painted_and_nobody_else() {
    let mut teller = painted();
    let names = |it: &Teller| {
        let metadata = it.studio.active().export().metadata;
        let painters: Vec<String> = metadata.painters.into_iter().map(|it| it.name).collect();
        (painters.join(", "), metadata.request.model.name)
    };
    assert_eq!(names(&teller), ("Toy".to_owned(), "Toy".to_owned()));
    teller.studio.change_painter(Box::new(|| Err(Error::Missing("all of it".to_owned()))));
    assert_eq!(names(&teller), ("Toy".to_owned(), "Toy".to_owned()), "while another one is loaded");
    change(&mut teller, "Other", GRID);
    assert_eq!(names(&teller).0, "Toy", "the other one has painted nothing yet");
    let shows_a_hand = |it: &Teller| it.studio.active().export().metadata.artist_painted;
    assert!(!shows_a_hand(&teller));
    teller.perform(DocumentAction::Paint);
    assert_eq!(names(&teller), ("Toy, Other".to_owned(), "Other".to_owned()));
}

#[test]
fn a_picture_that_does_not_fit_stays_beside_a_blank_one() {
    let grid = Grid { rows: 2, cols: 2, cell_pixels: 20 };
    let mut teller = painted();
    change(&mut teller, "Other", grid);
    assert_eq!(teller.studio.active().picture().grid, grid);
    assert!(teller.studio.active().picture().is_blank());
    let notice = &teller.studio.notices()[0].text;
    assert!(notice.contains("does not paint 32 × 24 pixels"), "{notice}");
    teller.perform(DocumentAction::Paint);
    assert_eq!(teller.picture(), "ab cd");

    let first = teller.studio.documents()[0].id();
    teller.perform(StudioAction::Activate(first));
    assert_eq!(teller.picture(), "abcd efgh ijkl");
    teller.perform(DocumentAction::Paint);
    let refused = teller
        .studio
        .take_events()
        .into_iter()
        .any(|it| matches!(it, StudioEvent::Refused(Refusal::OtherSize { .. })));
    assert!(refused, "such a model cannot paint there");
    assert_eq!(teller.picture(), "abcd efgh ijkl");
}

#[test]
fn an_order_that_the_artist_chose_stays_with_another_model() {
    let mut teller = Teller::new(3, 4, Manner::Alphabet, "a");
    teller.perform(DocumentAction::SetOrder(Order::Random));
    change(&mut teller, "Other", GRID);
    assert_eq!(teller.studio.active().pending().order, Order::Random);
}

#[test]
fn a_blank_sheet_makes_room_without_a_word() {
    let grid = Grid { rows: 2, cols: 2, cell_pixels: 20 };
    let mut teller = Teller::new(3, 4, Manner::Alphabet, "a");
    change(&mut teller, "Other", grid);
    assert_eq!(teller.studio.active().picture().grid, grid);
    assert!(teller.studio.notices().is_empty());
}

#[test]
fn the_same_model_once_more_changes_nothing() {
    let mut teller = painted();
    teller.perform(DocumentAction::SetGuidance(1.5));
    let before = teller.studio.active().picture().clone();
    change(&mut teller, "Toy", GRID);
    assert!(*teller.studio.active().picture() == before);
    assert_eq!(teller.studio.active().history().done_labels().count(), 1);
    assert_eq!(teller.studio.active().pending().guidance.to_bits(), 1.5_f32.to_bits());
}

#[test]
fn a_painting_under_way_stays_as_far_as_it_has_come() {
    let mut teller = Teller::new(3, 4, Manner::Alphabet, "a");
    teller.perform(DocumentAction::SetOrder(Order::Rows));
    teller.perform(DocumentAction::Step(5));
    teller.studio.perform(DocumentAction::Paint);
    teller.studio.perform(DocumentAction::Step(5));
    teller.rest();
    let n_settled = teller.studio.active().picture().n_settled();
    change(&mut teller, "Other", GRID);
    assert!(!teller.studio.active().is_painting());
    assert_eq!(teller.studio.active().picture().n_settled(), n_settled);
    teller.perform(DocumentAction::Continue);
    assert!(teller.studio.active().picture().is_finished());
}

#[test]
fn changing_does_not_wait_for_the_model_before() {
    let (mut teller, open) = Teller::gated(GRID, "a");
    teller.studio.perform(DocumentAction::Paint);
    open.send(()).unwrap();
    teller.wait_until("it paints", |it| 0 < it.active().picture().n_settled());
    // The next pass does not come to an end before this has returned.
    teller.studio.perform(StudioAction::UseModel(Choice::default()));
    drop(open);
    teller.wait_until("the built-in model is ready", |it| it.facts().is_some());
    assert_eq!(teller.studio.facts().unwrap().name(), BUILT_IN);
}

#[test]
fn what_was_not_yet_seen_of_a_painting_is_open_again() {
    let mut teller = Teller::new(3, 4, Manner::Alphabet, "a");
    teller.studio.perform(DocumentAction::Paint);
    teller.wait_until("a cell is settled", |it| 0 < it.active().picture().n_settled());
    assert!(teller.studio.active().picture().model_layer.is_blank(), "its pixels come later");
    change(&mut teller, "Other", GRID);
    assert_eq!(teller.studio.active().picture().n_settled(), 0);
    teller.perform(DocumentAction::Continue);
    assert!(teller.studio.active().picture().is_finished());
    assert!(teller.pixels().chunks(4).all(|it| it[3] == 255));
}

#[test]
fn strokes_made_before_a_model_of_another_size_is_there_stay() {
    let grid = Grid { rows: 2, cols: 2, cell_pixels: 20 };
    let (open, gate) = std::sync::mpsc::channel::<()>();
    let load = move || -> Result<Box<dyn Painter>> {
        let _ = gate.recv();
        Ok(Box::new(Toy::new(grid, Manner::Alphabet).called("Other")))
    };
    let settings = Settings { prompt: "a".to_owned(), ..Settings::default() };
    let studio = Studio::start(Box::new(load), settings, Arc::new(|| ())).unwrap();
    let mut teller = Teller { studio };
    teller.studio.stroke(BrushStyle::default(), &[Point::new(40.0, 40.0)]);
    assert!(!teller.studio.active().picture().is_blank());
    drop(open);
    teller.wait_until("the model is ready", |it| it.facts().is_some());
    assert_eq!(teller.studio.active().picture().grid, grid);
    assert!(!teller.studio.documents()[0].picture().is_blank(), "they stay beside it");
    teller.perform(DocumentAction::Paint);
    assert!(teller.studio.active().picture().is_finished());
}
