//! Canvases larger than the network's grid: extended on any side, painted view by view.

use alla_prima::base::{Cell, Order};
use alla_prima::document::Sides;
use alla_prima::engine::Guessing;
use alla_prima::model::toy::Manner;
use alla_prima::studio::{DocumentAction, Reach, Repaint, StudioAction};

use super::teller::Teller;

const NO_SIDE: Sides = Sides { left: 0, top: 0, right: 0, bottom: 0 };

/// A panorama of 3 × 11 cells by a network that sees 3 × 3 of them.
fn panorama(order: Order, guessing: Guessing) -> Teller {
    let mut teller = Teller::new(3, 3, Manner::Undecided, "a river");
    teller.studio.set_guessing(guessing);
    teller.perform(DocumentAction::SetOrder(order));
    teller.perform(DocumentAction::Reframe(Sides { right: 64, ..NO_SIDE }));
    teller.perform(DocumentAction::Paint);
    teller
}

#[test]
fn a_panorama_is_painted_to_its_end_the_same_with_and_without_guesses() {
    for order in [Order::Rows, Order::Outline, Order::Sure, Order::Random] {
        let one_by_one = panorama(order.clone(), Guessing::Off);
        assert!(one_by_one.studio.active().picture().is_finished(), "{order:?}");
        for window in [3, 40] {
            let guessed = panorama(order.clone(), Guessing::Window(window));
            assert_eq!(guessed.picture(), one_by_one.picture(), "{order:?}, {window}");
            assert!(guessed.pixels() == one_by_one.pixels());
        }
    }
}

#[test]
fn a_view_shows_what_stands_beside_it() {
    // Each cell goes on with the letter after the one read last; what is read last in a view is known.
    let mut teller = Teller::new(2, 3, Manner::Alphabet, "a");
    teller.perform(DocumentAction::Reframe(Sides { right: 16, ..NO_SIDE }));
    teller.perform(DocumentAction::Paint);
    assert_eq!(teller.picture(), "abcgi defhj");
}

#[test]
fn an_extended_picture_keeps_its_pixels_and_is_painted_on() {
    for sides in [
        Sides { left: 16, ..NO_SIDE },
        Sides { top: 8, right: 32, ..NO_SIDE },
        Sides { left: 8, top: 8, right: 8, bottom: 8 },
    ] {
        let mut teller = Teller::new(4, 4, Manner::Undecided, "hills");
        teller.perform(DocumentAction::Paint);
        let small = teller.studio.active().picture().clone();
        teller.perform(DocumentAction::Reframe(sides));
        assert!(!teller.studio.active().picture().is_finished());
        teller.perform(DocumentAction::Continue);
        let large = teller.studio.active().picture();
        assert!(large.is_finished());
        for cell in small.grid.cells() {
            let moved =
                Cell::new(cell.row + sides.top as u16 / 8, cell.col + sides.left as u16 / 8);
            assert_eq!(small.state(cell).code, large.state(moved).code, "{cell:?}");
        }
        let (right, down) = (sides.left as u32, sides.top as u32);
        for y in 0..small.grid.height() {
            for x in 0..small.grid.width() {
                assert_eq!(small.model_layer.at(x, y), large.model_layer.at(x + right, y + down));
            }
        }

        teller.perform(DocumentAction::Undo);
        teller.perform(DocumentAction::Undo);
        assert!(*teller.studio.active().picture() == small, "undo brings the small picture back");
    }
}

#[test]
fn an_edit_of_a_panorama_changes_nothing_outside() {
    let mut teller = panorama(Order::Rows, Guessing::Off);
    let before = teller.pixels();
    let cells: Vec<Cell> =
        (0..3).flat_map(|row| (4..9).map(move |col| Cell::new(row, col))).collect();
    teller.perform(DocumentAction::Repaint(Repaint {
        cells: cells.clone(),
        prompt: Some("a long bridge".to_owned()),
        reach: Reach::Only,
        variation_step: 1,
    }));
    let changed = teller.cells_unlike(&before);
    assert!(!changed.is_empty());
    assert!(changed.iter().all(|it| cells.contains(it)), "{changed:?}");
}

#[test]
fn a_second_look_and_an_expectation_do_for_a_panorama_too() {
    let mut teller = panorama(Order::Rows, Guessing::Auto);
    teller.perform(StudioAction::ShowUnderpainting(true));
    teller.studio.perform(DocumentAction::PauseAt(Some(0)));
    teller.perform(DocumentAction::AnotherTake);
    let area = teller.studio.active().picture().grid.area();
    teller.wait_until("something is expected in all of the view", |it| {
        let alphas = it.active().underpainting().rgba(area);
        alphas.chunks(4).filter(|it| it[3] != 0).count() == 24 * 24
    });
    teller.studio.perform(DocumentAction::PauseAt(None));
    teller.perform(DocumentAction::Continue);
    teller.perform(DocumentAction::AcceptTake);
    let before = teller.picture();
    teller.perform(DocumentAction::SecondLook { fraction: 0.5, rounds: 1 });
    assert!(teller.studio.notices().is_empty(), "{:?}", teller.studio.notices());
    assert_ne!(teller.picture(), before);
}

#[test]
fn a_canvas_beyond_measure_is_refused() {
    let mut teller = Teller::new(3, 3, Manner::Alphabet, "a");
    teller.perform(DocumentAction::Reframe(Sides { right: 40000, ..NO_SIDE }));
    assert_eq!(teller.studio.active().picture().grid.cols, 3);
    assert!(teller.studio.notices()[0].text.contains("cells large"));
}
