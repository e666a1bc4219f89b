//! Words given in mid-picture, pauses, steps and noise.

use alla_prima::base::{Cell, Order};
use alla_prima::document::Sides;
use alla_prima::model::toy::Manner;
use alla_prima::session::{Action, Reach, Repaint, Session};

use super::teller::Teller;

#[test]
fn new_words_take_effect_at_the_next_cell() {
    let mut teller = Teller::new(2, 4, Manner::Alphabet, "a");
    teller.session.perform(Action::PauseAt(Some(3)));
    teller.perform(Action::Paint);
    assert_eq!(teller.picture(), "abc. ....");
    teller.session.perform(Action::PauseAt(None));
    teller.session.perform(Action::SetPrompt("X".to_owned()));
    assert_eq!(teller.session.primary().label, "Continue");
    teller.perform(Action::Continue);
    assert_eq!(teller.picture(), "abcx xxxx");
}

#[test]
fn a_step_paints_one_cell() {
    let mut teller = Teller::new(2, 3, Manner::Alphabet, "a");
    teller.perform(Action::Step(1));
    assert_eq!(teller.picture(), "a.. ...");
    teller.perform(Action::Step(3));
    assert_eq!(teller.picture(), "abc d..");
    teller.perform(Action::Continue);
    assert_eq!(teller.picture(), "abc def");
}

#[test]
fn what_is_stopped_stays_and_can_be_continued() {
    let mut teller = Teller::new(2, 3, Manner::Alphabet, "a");
    teller.perform(Action::Step(2));
    teller.session.perform(Action::Stop);
    teller.wait_until("it stopped", |it| !it.is_painting());
    assert_eq!(
        (teller.picture().as_str(), teller.session.primary().label),
        ("ab. ...", "Continue")
    );
    teller.perform(Action::Continue);
    assert_eq!(teller.picture(), "abc def");
}

#[test]
fn the_button_says_what_it_will_do() {
    let mut teller = Teller::new(2, 3, Manner::Undecided, "some");
    assert_eq!(teller.session.primary().label, "Paint");
    teller.perform(Action::Step(2));
    assert_eq!(teller.session.primary().label, "Continue");
    teller.perform(Action::Continue);
    assert_eq!(teller.session.primary().label, "Another take");
    teller.session.perform(Action::SelectAll);
    assert_eq!(teller.session.primary().label, "Repaint selection");
    teller.session.perform(Action::Deselect);
    teller.session.perform(Action::SetPrompt("others".to_owned()));
    assert_eq!(teller.session.primary().label, "Paint afresh");
}

#[test]
fn the_same_request_is_the_same_picture_and_another_seed_another_one() {
    let paint = |seed| {
        let mut teller = Teller::new(6, 6, Manner::Undecided, "some words");
        teller.session.perform(Action::SetSeed(seed));
        teller.perform(Action::Paint);
        (teller.picture(), teller.pixels())
    };
    let first = paint(7);
    assert!(first == paint(7));
    assert!(first == paint(7));
    assert_ne!(first.0, paint(8).0);
}

#[test]
fn pausing_anywhere_does_not_change_the_picture() {
    let mut teller = Teller::new(5, 5, Manner::Undecided, "some words");
    teller.perform(Action::Paint);
    let straight = (teller.picture(), teller.pixels());

    let mut teller = Teller::new(5, 5, Manner::Undecided, "some words");
    for n_cells in [1, 3, 7] {
        teller.perform(Action::Step(n_cells));
    }
    teller.perform(Action::Continue);
    assert!((teller.picture(), teller.pixels()) == straight);
}

#[test]
fn only_here_changes_nothing_else_and_a_region_keeps_its_words() {
    let mut teller = Teller::new(4, 4, Manner::Alphabet, "a");
    teller.perform(Action::Paint);
    let before = teller.pixels();
    let cells = vec![Cell::new(1, 1), Cell::new(1, 2)];
    let prompt = Some("X".to_owned());
    teller.perform(Action::Repaint(Repaint {
        cells: cells.clone(),
        prompt,
        reach: Reach::Only,
        variation_step: 0,
    }));
    assert_eq!(teller.picture(), "abcd exxh ijkl mnop");
    assert_eq!(teller.cells_unlike(&before), cells);
    assert_eq!(teller.session.picture().regions[0].prompt, "X");
}

/// How much of the change arrives near the border of a part, as a fraction of that one cell inside.
fn fraction_near_the_border(prompt: Option<&str>, reach: Reach) -> f32 {
    let mut teller = Teller::new(6, 6, Manner::Alphabet, "a");
    teller.perform(Action::Paint);
    let before = teller.session.picture().clone();
    if prompt.is_none() {
        teller.session.perform(Action::SetPrompt("X".to_owned()));
    }
    let cells =
        before.grid.cells().filter(|it| (1..5).contains(&it.row) && (1..5).contains(&it.col));
    teller.perform(Action::Repaint(Repaint {
        cells: cells.collect(),
        prompt: prompt.map(str::to_owned),
        reach,
        variation_step: 0,
    }));
    let now = teller.session.picture();
    let change = |y| {
        let [old, new] = [&before, now].map(|it| it.flattened_at(28, y)[0]);
        f32::from(old.abs_diff(new))
    };
    assert_ne!(change(15), 0.0);
    change(10) / change(15)
}

#[test]
fn a_part_fades_longer_into_what_other_words_have_made() {
    for reach in [Reach::Only, Reach::Rest] {
        let fraction = fraction_near_the_border(Some("X"), reach);
        assert!(fraction < 0.6, "{reach:?}: {fraction}");
    }
    let fraction = fraction_near_the_border(None, Reach::Only);
    assert!(0.8 < fraction, "{fraction}");
}

#[test]
fn a_selection_grows_and_shrinks_by_cells() {
    let mut teller = Teller::new(4, 4, Manner::Alphabet, "a");
    teller.perform(Action::GrowSelection);
    assert!(teller.session.picture().selection.is_none());
    teller.perform(Action::Paint);
    let n_selected = |it: &Teller| it.session.selected_cells().len();
    // The first thirteen letters: three rows, and a cell of the last.
    teller.touch_with_wand(Cell::new(0, 0));
    assert_eq!(n_selected(&teller), 13);
    teller.perform(Action::GrowSelection);
    assert_eq!(n_selected(&teller), 16);
    teller.perform(Action::Undo);
    for expected in [8, 4, 4] {
        teller.perform(Action::ShrinkSelection);
        assert_eq!(n_selected(&teller), expected);
    }
    assert!(teller.session.notices().iter().any(|it| it.text.contains("too small")));
    teller.perform(Action::Undo);
    assert_eq!(n_selected(&teller), 8);
}

#[test]
fn the_rest_follows_a_repaint() {
    let mut teller = Teller::new(2, 4, Manner::Alphabet, "a");
    teller.perform(Action::Paint);
    let prompt = Some("X".to_owned());
    let cells = vec![Cell::new(0, 2)];
    teller.perform(Action::Repaint(Repaint {
        cells,
        prompt,
        reach: Reach::Rest,
        variation_step: 0,
    }));
    assert_eq!(teller.picture(), "abxy zabc");
}

#[test]
fn a_take_is_offered_and_can_be_discarded() {
    let mut teller = Teller::new(4, 4, Manner::Undecided, "some");
    teller.perform(Action::Paint);
    let before = (teller.picture(), teller.pixels());
    let cells = teller.session.picture().grid.cells().collect();
    teller.perform(Action::Repaint(Repaint {
        cells,
        prompt: None,
        reach: Reach::Only,
        variation_step: 1,
    }));
    let first = (teller.picture(), teller.pixels());
    teller.perform(Action::StagedTake);
    let second = (teller.picture(), teller.pixels());
    assert_eq!(teller.session.staged().unwrap().shown_of(), (1, 2));
    assert_ne!(first.0, second.0);
    teller.perform(Action::ShowTake(0));
    assert!((teller.picture(), teller.pixels()) == first);
    teller.perform(Action::DiscardTake);
    assert!((teller.picture(), teller.pixels()) == before);
    assert!(teller.session.staged().is_none());
}

fn with_a_take() -> Teller {
    let mut teller = Teller::new(4, 4, Manner::Undecided, "some");
    teller.perform(Action::Paint);
    teller.perform(Action::AnotherTake);
    assert!(teller.session.staged().is_some());
    teller
}

#[test]
fn a_take_is_accepted_before_anything_else_is_begun_with_the_button() {
    let mut teller = with_a_take();
    let take = teller.picture();
    let primary = teller.session.primary();
    assert_eq!(primary.label, "Accept");
    teller.perform(primary.action.unwrap());
    assert!(teller.session.staged().is_none());
    assert_eq!(teller.picture(), take);
    assert_eq!(teller.session.primary().label, "Another take");
}

#[test]
fn a_selection_leaves_a_take_in_question() {
    let mut teller = with_a_take();
    let take = teller.picture();
    teller.perform(Action::SelectAll);
    assert!(teller.session.staged().is_some());
    teller.perform(Action::InvertSelection);
    teller.perform(Action::Undo);
    teller.perform(Action::Undo);
    assert!(teller.session.staged().is_some());
    teller.perform(Action::Redo);
    assert!(teller.session.staged().is_some());

    teller.perform(Action::StagedTake);
    teller.perform(Action::SelectAll);
    assert_eq!(teller.session.staged().unwrap().shown_of(), (1, 2));
    teller.perform(Action::ShowTake(0));
    assert_eq!(teller.picture(), take);
    teller.perform(Action::Deselect);
    teller.perform(Action::SelectAll);
    teller.perform(Action::DiscardTake);
    assert_ne!(teller.picture(), take);
    assert!(teller.session.staged().is_none());
    assert!(teller.session.picture().selection.is_some(), "the selection is not the take's");

    let mut teller = with_a_take();
    teller.perform(Action::Undo);
    assert!(teller.session.staged().is_none(), "a take undone is no longer in question");
}

#[test]
fn what_a_painting_took_is_what_the_artist_waited_for() {
    let mut teller = Teller::new(4, 4, Manner::Alphabet, "a");
    let begun = std::time::Instant::now();
    teller.session.perform(Action::SetPace(Some(40.0)));
    teller.perform(Action::Paint);
    let secs = teller.session.last_stats().unwrap().secs;
    assert!((0.3..=begun.elapsed().as_secs_f32()).contains(&secs), "{secs} s");

    teller.session.perform(Action::PauseAt(Some(8)));
    let begun = std::time::Instant::now();
    teller.perform(Action::AnotherTake);
    std::thread::sleep(std::time::Duration::from_millis(300));
    teller.session.perform(Action::PauseAt(None));
    teller.perform(Action::Continue);
    let (secs, waited) = (teller.session.last_stats().unwrap().secs, begun.elapsed().as_secs_f32());
    assert!(secs <= waited - 0.3, "{secs} s of {waited} s: the pause counts");
}

#[test]
fn what_is_expected_shows_before_it_is_painted_and_changes_nothing() {
    let mut plain = Teller::new(4, 4, Manner::Undecided, "some");
    plain.perform(Action::Paint);

    let mut teller = Teller::new(4, 4, Manner::Undecided, "some");
    teller.session.perform(Action::ShowUnderpainting(true));
    teller.session.perform(Action::ShowEntropy(true));
    teller.session.perform(Action::PauseAt(Some(0)));
    teller.perform(Action::Paint);
    teller.wait_until("every open cell has an entropy", |it| {
        it.entropies().iter().all(Option::is_some)
    });
    assert_eq!(teller.picture(), ".... .... .... ....");
    let canvas = teller.session.picture().grid.canvas();
    let alphas = |it: &Session| it.underpainting().rgba(canvas).chunks(4).map(|it| it[3]).collect();
    let shown: Vec<u8> = alphas(&teller.session);
    assert!(shown.iter().all(|&it| 0 < it && it < 255));
    assert!(teller.session.entropies().iter().flatten().all(|it| (0.0..=1.0).contains(it)));

    teller.session.perform(Action::PauseAt(None));
    teller.perform(Action::Step(1));
    assert!(teller.session.entropies()[0].is_none(), "what is settled is no longer in doubt");
    // In a pause it is shown as it looks beside what is expected; this network's codec looks at no neighbours.
    let alone = teller.session.picture().model_layer.at(3, 3);
    teller
        .wait_until("a settled cell is shown as it is", |it| it.underpainting().at(3, 3) == alone);
    teller.perform(Action::Continue);
    assert_eq!(teller.picture(), plain.picture());
    assert!(teller.pixels() == plain.pixels());
    let left: Vec<u8> = alphas(&teller.session);
    assert!(left.iter().all(|&it| it == 0), "nothing is expected of a finished picture");
}

#[test]
fn a_second_look_mends_what_fits_worst_and_is_one_take() {
    let mut n_changed = 0;
    for seed in 0..6 {
        let mut teller = Teller::new(6, 6, Manner::Undecided, "some");
        teller.session.perform(Action::SetSeed(seed));
        teller.perform(Action::Paint);
        let before = (teller.picture(), teller.pixels());
        let entries = teller.session.history().done_labels().count();
        teller.perform(Action::SecondLook { fraction: 0.1, rounds: 3 });
        let labels: Vec<&str> = teller.session.history().done_labels().collect();
        if labels.len() == entries {
            continue; // Nothing stood out.
        }
        assert_eq!(labels[entries..], ["Second look"]);
        let after = teller.picture();
        let differ = before.0.chars().zip(after.chars()).filter(|(a, b)| a != b).count();
        assert!(differ <= 3 * 4, "{differ} cells in three rounds of four");
        n_changed += differ;
        assert!(teller.session.staged().is_some(), "it is offered, not imposed");
        teller.perform(Action::DiscardTake);
        assert!((teller.picture(), teller.pixels()) == before);
    }
    assert!(0 < n_changed);
}

#[test]
fn a_second_look_needs_a_finished_picture() {
    let mut teller = Teller::new(4, 4, Manner::Undecided, "some");
    teller.perform(Action::SecondLook { fraction: 0.1, rounds: 1 });
    assert_eq!(teller.session.notices().len(), 1);
}

#[test]
fn variations_are_one_set_to_choose_from() {
    let mut teller = Teller::new(4, 4, Manner::Undecided, "some");
    teller.perform(Action::Paint);
    let before = (teller.picture(), teller.pixels());
    let entries = teller.session.history().done_labels().count();
    teller.session.perform(Action::Variations(4));
    teller.wait_until("four takes are there", |it| {
        it.staged().is_some_and(|it| it.shown_of() == (3, 4)) && !it.is_painting()
    });
    assert_eq!(teller.session.history().done_labels().count(), entries + 1);
    let mut takes = std::collections::BTreeSet::new();
    for idx in 0..4 {
        teller.perform(Action::ShowTake(idx));
        takes.insert(teller.picture());
    }
    assert_eq!(takes.len(), 4, "two takes are alike");
    assert!(!takes.contains(&before.0));
    teller.perform(Action::DiscardTake);
    assert!((teller.picture(), teller.pixels()) == before);
}

#[test]
fn a_pause_leaves_the_takes_that_are_there() {
    let mut teller = Teller::new(4, 4, Manner::Undecided, "some");
    teller.perform(Action::Paint);
    teller.session.perform(Action::SetPace(Some(50.0)));
    teller.session.perform(Action::Variations(3));
    teller.wait_until("one take is there", |it| it.staged().is_some());
    teller.session.perform(Action::Pause);
    teller.wait_until("it is paused", Session::is_paused);
    teller.session.perform(Action::Continue);
    teller.wait_until("three takes are there", |it| {
        it.staged().is_some_and(|it| it.shown_of() == (2, 3)) && !it.is_painting()
    });

    // Other words are other work: what is staged counts as accepted, and no more takes come.
    teller.session.perform(Action::Variations(3));
    teller.wait_until("it paints", Session::is_painting);
    teller.session.perform(Action::Pause);
    teller.wait_until("it is paused", Session::is_paused);
    teller.session.perform(Action::SetPrompt("X".to_owned()));
    teller.perform(Action::Continue);
    assert_eq!(teller.session.staged().unwrap().shown_of(), (0, 1));
}

#[test]
fn entropies_are_shown_without_what_is_expected() {
    let mut teller = Teller::new(4, 4, Manner::Undecided, "some");
    teller.session.perform(Action::ShowEntropy(true));
    teller.session.perform(Action::PauseAt(Some(0)));
    teller.perform(Action::Paint);
    teller.wait_until("every open cell has an entropy", |it| {
        it.entropies().iter().all(Option::is_some)
    });
    let canvas = teller.session.picture().grid.canvas();
    assert!(teller.session.underpainting().rgba(canvas).iter().all(|&it| it == 0));
    teller.session.perform(Action::ShowEntropy(false));
    assert!(teller.session.entropies().iter().all(Option::is_none));
}

#[test]
fn a_canvas_made_smaller_again_forgets_what_was_edited_beside_it() {
    let mut teller = Teller::new(4, 4, Manner::Undecided, "some");
    teller.session.perform(Action::SetOrder(Order::Around(Vec::new())));
    teller.perform(Action::Paint);
    teller.perform(Action::Extend(Sides { left: 0, top: 0, right: 4, bottom: 0 }));
    teller.perform(Action::Continue);
    let cells = vec![Cell::new(1, 7)];
    let repaint = Repaint { cells, prompt: None, reach: Reach::Only, variation_step: 1 };
    teller.perform(Action::Repaint(repaint));
    while teller.session.picture().grid.cols != 4 {
        teller.perform(Action::Undo);
    }
    teller.perform(Action::SecondLook { fraction: 0.5, rounds: 1 });
    let refused = teller.session.notices().iter().any(|it| it.text.contains("does not fit"));
    assert!(!refused, "{:?}", teller.session.notices());
}
