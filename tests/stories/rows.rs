//! Networks that paint row by row: what is kept is read in its place, and what comes later is not known.

use std::collections::BTreeSet;

use alla_prima::base::{Cell, Grid, Order, Plan, Point, ReadingOrder, Request, ViewSize};
use alla_prima::document::{Author, BrushStyle, Sides};
use alla_prima::engine::{Command, Guessing, Outcome};
use alla_prima::model::toy::{Manner, Toy};
use alla_prima::studio::{DocumentAction, Reach, Refusal, Repaint, StudioAction, StudioEvent};

use super::painting::{engine_with, paint, request};
use super::teller::{Teller, grid_of};

fn in_rows(picture: &str) -> Request {
    let request = request(Order::Rows, picture);
    let plan = Plan { reading_order: ReadingOrder::InPlace, ..request.plan.clone() };
    Request { plan, ..request }
}

/// Paints `before`, and compares what has become of it.
#[track_caller]
fn check(before: &str, after: &str) {
    let engine = engine_with(Toy::new(grid_of(before), Manner::Alphabet).in_rows());
    let (codes, outcome, _) = paint(&engine, in_rows(before));
    assert_eq!((codes, outcome), (after.replace(' ', ""), Outcome::Finished));
}

#[test]
fn a_blank_sheet_is_filled_row_by_row() {
    check("??? ???", "abc def");
}

#[test]
fn kept_cells_are_read_in_their_places() {
    check("?M? ?X?", "amn oxy");
}

#[test]
fn a_patch_knows_what_comes_before_it_and_not_what_comes_after() {
    check("XYZ A?C ???", "xyz abc def");
    check("KLM N?Z ZZZ", "klm noz zzz");
}

#[test]
fn guessing_ahead_paints_the_same_around_kept_cells() {
    let picture = "???? ?cB? ???? ???d";
    let toy = || Toy::new(grid_of(picture), Manner::Undecided).in_rows();
    let one_by_one = engine_with(toy());
    for seed in 0..20 {
        let request = Request { seed, ..in_rows(picture) };
        let (expected, _, slow) = paint(&one_by_one, request.clone());
        for guessing in [Guessing::Window(3), Guessing::Window(40), Guessing::Auto] {
            let guesser = engine_with(toy());
            guesser.send(Command::Guess(guessing));
            let (codes, outcome, stats) = paint(&guesser, request.clone());
            assert_eq!((codes, outcome), (expected.clone(), Outcome::Finished), "{guessing:?}");
            assert!(stats.n_passes <= slow.n_passes);
        }
    }
}

#[test]
fn another_order_is_refused() {
    let engine = engine_with(Toy::new(grid_of("???"), Manner::Alphabet).in_rows());
    for wrong in [request(Order::Rows, "???"), request(Order::Outline, "???")] {
        let (_, outcome, _) = paint(&engine, wrong);
        assert!(matches!(outcome, Outcome::Failed(why) if why.to_string().contains("row by row")));
    }
}

#[test]
fn a_larger_canvas_is_painted_view_by_view_without_gaps() {
    let toy = || Toy::new(Grid { rows: 3, cols: 3, cell_pixels: 8 }, Manner::Undecided).in_rows();
    let engine = engine_with(toy());
    for picture in [
        "????????? ????????? ????????? ?????????",
        "???ab???? ???c????? ????????? ????????z",
        "????????a ????????? ????????? ?????????",
    ] {
        let mut request = in_rows(picture);
        request.plan.view_size = ViewSize { rows: 3, cols: 3 };
        let (codes, outcome, _) = paint(&engine, request.clone());
        assert_eq!(outcome, Outcome::Finished);
        assert!(!codes.contains('?'));
        let guesser = engine_with(toy());
        guesser.send(Command::Guess(Guessing::Window(9)));
        assert_eq!(paint(&guesser, request).0, codes);
    }
}

#[test]
fn a_network_of_one_size_refuses_others() {
    let grid = Grid { rows: 3, cols: 3, cell_pixels: 8 };
    let engine = engine_with(Toy::new(grid, Manner::Alphabet).of_one_size());
    let mut larger = request(Order::Rows, "???? ???? ????");
    larger.plan.view_size = ViewSize { rows: 3, cols: 3 };
    let (_, outcome, _) = paint(&engine, larger);
    assert!(matches!(outcome, Outcome::Failed(why) if why.to_string().contains("no other size")));

    let load = move || -> alla_prima::model::Result<Box<dyn alla_prima::model::Painter>> {
        Ok(Box::new(Toy::new(grid, Manner::Alphabet).of_one_size()))
    };
    let mut teller = Teller::with(Box::new(load), "a");
    teller.perform(DocumentAction::Reframe(Sides { right: 16, ..Sides::default() }));
    assert_eq!(teller.studio.active().picture().grid, grid);
    assert!(teller.studio.notices().iter().any(|it| it.text.contains("no other size")));
}

fn white_dab() -> BrushStyle {
    BrushStyle { size: 12.0, hardness: 1.0, colour: [255; 3], opacity: 1.0, erase: false }
}

#[test]
fn the_rest_follows_a_stroke() {
    let mut teller = Teller::in_rows(4, 4, Manner::Alphabet, "a");
    // Whatever order is chosen, it paints in rows.
    teller.studio.perform(DocumentAction::SetOrder(Order::Outline));
    teller.perform(DocumentAction::Paint);
    assert_eq!(teller.picture(), "abcd efgh ijkl mnop");
    teller.studio.stroke(white_dab(), &[Point::new(20.0, 12.0)]);
    teller.rest();
    let picture = teller.studio.active().picture().clone();
    let artists: BTreeSet<Cell> =
        picture.grid.cells().filter(|&it| picture.state(it).author == Author::Artist).collect();
    let first = *artists.iter().min().unwrap();
    assert_eq!(teller.studio.primary().label, "Let the rest follow");
    teller.perform(DocumentAction::FollowStrokes);
    let followed = teller.studio.active().picture();
    let mut last = None;
    for cell in followed.grid.cells() {
        let code = followed.state(cell).code.unwrap();
        if cell < first || artists.contains(&cell) {
            assert_eq!(Some(code), picture.state(cell).code, "{cell:?} was kept");
        } else {
            assert_eq!(Some(code), last.map(|it: u32| (it + 1) % 26), "{cell:?} follows");
        }
        last = Some(code);
    }
}

#[test]
fn a_patch_alone_is_repainted_from_what_comes_before_it() {
    let mut teller = Teller::in_rows(4, 4, Manner::Undecided, "a");
    teller.perform(DocumentAction::Paint);
    let before = teller.picture();
    let cells: BTreeSet<Cell> = [(1, 1), (1, 2), (2, 1), (2, 2)]
        .into_iter()
        .map(|(row, col)| Cell::new(row, col))
        .collect();
    let repaint = |reach| {
        let cells = cells.iter().copied().collect();
        DocumentAction::Repaint(Repaint { cells, prompt: None, reach, variation_step: 1 })
    };
    teller.perform(repaint(Reach::Only));
    let after = teller.picture();
    assert_ne!(before, after);
    let places = before.chars().zip(after.chars()).enumerate();
    for (idx, (old, new)) in places {
        let cell = Cell::new((idx / 5) as u16, (idx % 5) as u16);
        assert!(old == new || cells.contains(&cell), "{cell:?} was changed");
    }
}

#[test]
fn nobody_takes_a_second_look_or_an_outlook() {
    let mut teller = Teller::in_rows(4, 4, Manner::Undecided, "a");
    teller.studio.perform(StudioAction::ShowUnderpainting(true));
    teller.studio.perform(StudioAction::ShowEntropy(true));
    teller.perform(DocumentAction::Step(3));
    assert!(teller.studio.active().is_paused());
    assert!(
        teller.studio.active().entropies().iter().all(Option::is_none),
        "nothing is said of open cells"
    );
    let canvas = teller.studio.active().picture().grid.area();
    assert!(teller.studio.active().underpainting().rgba(canvas).iter().all(|&it| it == 0));
    teller.perform(DocumentAction::Continue);
    assert!(!teller.picture().contains('.'));
    teller.studio.take_events();
    teller.perform(DocumentAction::SECOND_LOOK);
    let [StudioEvent::Refused(Refusal::CannotJudge)] = teller.studio.take_events()[..] else {
        panic!("it is not refused")
    };
    assert!(teller.studio.active().staged().is_none());
}
