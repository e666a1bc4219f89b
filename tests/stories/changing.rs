//! Another model in mid-work: what becomes of the picture, the history, a painting under way.

use std::sync::Arc;
use std::time::Duration;

use alla_prima::base::{Grid, Order, Point};
use alla_prima::catalog::BUILT_IN;
use alla_prima::document::{Author, BrushStyle};
use alla_prima::model::toy::{Manner, Toy};
use alla_prima::model::{Painter, Result};
use alla_prima::session::{Action, Choice, Session};
use alla_prima::settings::Settings;

use super::teller::Teller;

const GRID: Grid = Grid { rows: 3, cols: 4, cell_pixels: 8 };

fn change(teller: &mut Teller, name: &'static str, grid: Grid) {
    let load = move || -> Result<Box<dyn Painter>> {
        Ok(Box::new(Toy::new(grid, Manner::Alphabet).called(name)))
    };
    teller.session.change_painter(Box::new(load));
    assert!(teller.session.facts().is_none());
    teller.wait_until("the other model is ready", |it| it.facts().is_some());
    teller.rest();
}

fn painted() -> Teller {
    let mut teller = Teller::new(3, 4, Manner::Alphabet, "a");
    teller.perform(Action::Paint);
    assert_eq!(teller.picture(), "abcd efgh ijkl");
    teller
}

#[test]
fn a_picture_that_fits_stays_and_is_read_anew() {
    let mut teller = painted();
    let pixels = teller.pixels();
    change(&mut teller, "Other", GRID);
    assert!(teller.pixels() == pixels);
    let picture = teller.session.picture();
    assert!(picture.is_finished());
    assert!(picture.cells.iter().all(|it| it.author == Author::Model && !it.wet));
    // What a code stood for with the model before is of no use to this one.
    assert_eq!(teller.session.history().done_labels().count(), 0);
    teller.perform(Action::SetPrompt("X".to_owned()));
    teller.perform(Action::Paint);
    assert_eq!(teller.picture(), "xxxx xxxx xxxx");
    teller.perform(Action::Undo);
    assert!(teller.pixels() == pixels);
}

#[test]
fn a_picture_that_does_not_fit_makes_room_and_it_is_said() {
    let grid = Grid { rows: 2, cols: 2, cell_pixels: 16 };
    let mut teller = painted();
    change(&mut teller, "Other", grid);
    assert_eq!(teller.session.picture().grid, grid);
    assert!(teller.session.picture().is_blank());
    let notice = &teller.session.notices()[0].text;
    assert_eq!(notice, "Other paints 32 × 32 pixels: a new picture is begun");
    teller.perform(Action::Paint);
    assert_eq!(teller.picture(), "ab cd");
}

#[test]
fn an_order_that_the_artist_chose_stays_with_another_model() {
    let mut teller = Teller::new(3, 4, Manner::Alphabet, "a");
    teller.perform(Action::SetOrder(Order::Random));
    change(&mut teller, "Other", GRID);
    assert_eq!(teller.session.pending().order, Order::Random);
}

#[test]
fn a_blank_sheet_makes_room_without_a_word() {
    let grid = Grid { rows: 2, cols: 2, cell_pixels: 16 };
    let mut teller = Teller::new(3, 4, Manner::Alphabet, "a");
    change(&mut teller, "Other", grid);
    assert_eq!(teller.session.picture().grid, grid);
    assert!(teller.session.notices().is_empty());
}

#[test]
fn the_same_model_once_more_changes_nothing() {
    let mut teller = painted();
    teller.perform(Action::SetGuidance(1.5));
    let before = teller.session.picture().clone();
    change(&mut teller, "Toy", GRID);
    assert!(*teller.session.picture() == before);
    assert_eq!(teller.session.history().done_labels().count(), 1);
    assert_eq!(teller.session.pending().guidance.to_bits(), 1.5_f32.to_bits());
}

#[test]
fn a_painting_under_way_stays_as_far_as_it_has_come() {
    let mut teller = Teller::new(3, 4, Manner::Alphabet, "a");
    teller.perform(Action::SetOrder(Order::Rows));
    teller.perform(Action::Step(5));
    teller.session.perform(Action::Paint);
    teller.session.perform(Action::Step(5));
    teller.rest();
    let n_settled = teller.session.picture().n_settled();
    change(&mut teller, "Other", GRID);
    assert!(!teller.session.is_painting());
    assert_eq!(teller.session.picture().n_settled(), n_settled);
    teller.perform(Action::Continue);
    assert!(teller.session.picture().is_finished());
}

#[test]
fn changing_does_not_wait_for_the_model_before() {
    let load = || -> Result<Box<dyn Painter>> {
        let slow = Toy::new(GRID, Manner::Alphabet).with_pass_of(Duration::from_millis(500));
        Ok(Box::new(slow))
    };
    let mut teller = Teller::with(Box::new(load), "a");
    teller.session.perform(Action::Paint);
    teller.wait_until("it paints", |it| 0 < it.picture().n_settled());
    let began = std::time::Instant::now();
    teller.session.perform(Action::UseModel(Choice::default()));
    assert!(began.elapsed() < Duration::from_millis(250), "it waited for a pass");
    teller.wait_until("the built-in model is ready", |it| it.facts().is_some());
    assert_eq!(teller.session.facts().unwrap().name(), BUILT_IN);
}

#[test]
fn what_was_not_yet_seen_of_a_painting_is_open_again() {
    let mut teller = Teller::new(3, 4, Manner::Alphabet, "a");
    teller.session.perform(Action::Paint);
    teller.wait_until("a cell is settled", |it| 0 < it.picture().n_settled());
    assert!(teller.session.picture().model_layer.is_blank(), "its pixels come later");
    change(&mut teller, "Other", GRID);
    assert_eq!(teller.session.picture().n_settled(), 0);
    teller.perform(Action::Continue);
    assert!(teller.session.picture().is_finished());
    assert!(teller.pixels().chunks(4).all(|it| it[3] == 255));
}

#[test]
fn strokes_made_before_a_model_of_another_size_is_there_make_room() {
    let grid = Grid { rows: 2, cols: 2, cell_pixels: 16 };
    let load = move || -> Result<Box<dyn Painter>> {
        std::thread::sleep(Duration::from_millis(50));
        Ok(Box::new(Toy::new(grid, Manner::Alphabet).called("Other")))
    };
    let settings = Settings { prompt: "a".to_owned(), ..Settings::default() };
    let session = Session::start(Box::new(load), &settings, Arc::new(|| ())).unwrap();
    let mut teller = Teller { session };
    teller.session.stroke(BrushStyle::default(), &[Point::new(40.0, 40.0)]);
    assert!(!teller.session.picture().is_blank());
    teller.wait_until("the model is ready", |it| it.facts().is_some());
    assert_eq!(teller.session.picture().grid, grid);
    assert!(teller.session.notices()[0].text.contains("32 × 32 pixels"));
    teller.perform(Action::Paint);
    assert!(teller.session.picture().is_finished());
}
