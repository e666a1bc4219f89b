//! Words given in mid-picture, pauses, steps and noise.

use alla_prima::base::{Cell, Order};
use alla_prima::document::Sides;
use alla_prima::model::toy::Manner;
use alla_prima::studio::{DocumentAction, Reach, Repaint, Staged, Studio, StudioAction};

use super::teller::Teller;

#[test]
fn new_words_take_effect_at_the_next_cell() {
    let mut teller = Teller::new(2, 4, Manner::Alphabet, "a");
    teller.studio.perform(DocumentAction::PauseAt(Some(3)));
    teller.perform(DocumentAction::Paint);
    assert_eq!(teller.picture(), "abc. ....");
    teller.studio.perform(DocumentAction::PauseAt(None));
    teller.studio.perform(DocumentAction::SetPrompt("X".to_owned()));
    assert_eq!(teller.studio.primary().label, "Continue");
    teller.perform(DocumentAction::Continue);
    assert_eq!(teller.picture(), "abcx xxxx");
}

#[test]
fn a_step_paints_one_cell() {
    let mut teller = Teller::new(2, 3, Manner::Alphabet, "a");
    teller.perform(DocumentAction::Step(1));
    assert_eq!(teller.picture(), "a.. ...");
    teller.perform(DocumentAction::Step(3));
    assert_eq!(teller.picture(), "abc d..");
    teller.perform(DocumentAction::Continue);
    assert_eq!(teller.picture(), "abc def");
}

#[test]
fn what_is_stopped_stays_and_can_be_continued() {
    let mut teller = Teller::new(2, 3, Manner::Alphabet, "a");
    teller.perform(DocumentAction::Step(2));
    teller.studio.perform(DocumentAction::Stop);
    teller.wait_until("it stopped", |it| !it.active().is_painting());
    assert_eq!((teller.picture().as_str(), teller.studio.primary().label), ("ab. ...", "Continue"));
    teller.perform(DocumentAction::Continue);
    assert_eq!(teller.picture(), "abc def");
}

#[test]
fn the_button_says_what_it_will_do() {
    let mut teller = Teller::new(2, 3, Manner::Undecided, "some");
    assert_eq!(teller.studio.primary().label, "Paint");
    teller.perform(DocumentAction::Step(2));
    assert_eq!(teller.studio.primary().label, "Continue");
    teller.perform(DocumentAction::Continue);
    assert_eq!(teller.studio.primary().label, "Another take");
    teller.studio.perform(DocumentAction::SelectAll);
    assert_eq!(teller.studio.primary().label, "Repaint selection");
    teller.studio.perform(DocumentAction::Deselect);
    teller.studio.perform(DocumentAction::SetPrompt("others".to_owned()));
    assert_eq!(teller.studio.primary().label, "Paint afresh");
}

#[test]
fn the_same_request_is_the_same_picture_and_another_seed_another_one() {
    let paint = |seed| {
        let mut teller = Teller::new(6, 6, Manner::Undecided, "some words");
        teller.studio.perform(DocumentAction::SetSeed(seed));
        teller.perform(DocumentAction::Paint);
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
    teller.perform(DocumentAction::Paint);
    let straight = (teller.picture(), teller.pixels());

    let mut teller = Teller::new(5, 5, Manner::Undecided, "some words");
    for n_cells in [1, 3, 7] {
        teller.perform(DocumentAction::Step(n_cells));
    }
    teller.perform(DocumentAction::Continue);
    assert!((teller.picture(), teller.pixels()) == straight);
}

#[test]
fn only_here_changes_nothing_else_and_a_region_keeps_its_words() {
    let mut teller = Teller::new(4, 4, Manner::Alphabet, "a");
    teller.perform(DocumentAction::Paint);
    let before = teller.pixels();
    let cells = vec![Cell::new(1, 1), Cell::new(1, 2)];
    let prompt = Some("X".to_owned());
    teller.perform(DocumentAction::Repaint(Repaint {
        cells: cells.clone(),
        prompt,
        reach: Reach::Only,
        variation_step: 0,
    }));
    assert_eq!(teller.picture(), "abcd exxh ijkl mnop");
    assert_eq!(teller.cells_unlike(&before), cells);
    assert_eq!(teller.studio.active().picture().regions[0].prompt, "X");
}

/// How much of the change arrives near the border of a part, as a fraction of that one cell inside.
fn fraction_near_the_border(prompt: Option<&str>, reach: Reach) -> f32 {
    let mut teller = Teller::new(6, 6, Manner::Alphabet, "a");
    teller.perform(DocumentAction::Paint);
    let before = teller.studio.active().picture().clone();
    if prompt.is_none() {
        teller.studio.perform(DocumentAction::SetPrompt("X".to_owned()));
    }
    let cells =
        before.grid.cells().filter(|it| (1..5).contains(&it.row) && (1..5).contains(&it.col));
    teller.perform(DocumentAction::Repaint(Repaint {
        cells: cells.collect(),
        prompt: prompt.map(str::to_owned),
        reach,
        variation_step: 0,
    }));
    let now = teller.studio.active().picture();
    let change = |y| {
        let [old, new] = [&before, now].map(|it| it.seen().at(28, y)[0]);
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
    teller.perform(DocumentAction::GrowSelection);
    assert!(teller.studio.active().picture().selection.is_none());
    teller.perform(DocumentAction::Paint);
    let n_selected = |it: &Teller| it.studio.active().selected_cells().len();
    // The first thirteen letters: three rows, and a cell of the last.
    teller.touch_with_wand(Cell::new(0, 0));
    assert_eq!(n_selected(&teller), 13);
    teller.perform(DocumentAction::GrowSelection);
    assert_eq!(n_selected(&teller), 16);
    teller.perform(DocumentAction::Undo);
    for expected in [8, 4, 4] {
        teller.perform(DocumentAction::ShrinkSelection);
        assert_eq!(n_selected(&teller), expected);
    }
    assert!(teller.studio.notices().iter().any(|it| it.text.contains("too small")));
    teller.perform(DocumentAction::Undo);
    assert_eq!(n_selected(&teller), 8);
}

#[test]
fn the_rest_follows_a_repaint() {
    let mut teller = Teller::new(2, 4, Manner::Alphabet, "a");
    teller.perform(DocumentAction::Paint);
    let prompt = Some("X".to_owned());
    let cells = vec![Cell::new(0, 2)];
    teller.perform(DocumentAction::Repaint(Repaint {
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
    teller.perform(DocumentAction::Paint);
    let before = (teller.picture(), teller.pixels());
    let cells = teller.studio.active().picture().grid.cells().collect();
    teller.perform(DocumentAction::Repaint(Repaint {
        cells,
        prompt: None,
        reach: Reach::Only,
        variation_step: 1,
    }));
    let first = (teller.picture(), teller.pixels());
    teller.perform(DocumentAction::StagedTake);
    let second = (teller.picture(), teller.pixels());
    assert_eq!(teller.studio.active().staged().unwrap().shown_of(), (1, 2));
    assert_ne!(first.0, second.0);
    teller.perform(DocumentAction::ShowTake(0));
    assert!((teller.picture(), teller.pixels()) == first);
    teller.perform(DocumentAction::DiscardTake);
    assert!((teller.picture(), teller.pixels()) == before);
    assert!(teller.studio.active().staged().is_none());
}

fn with_a_take() -> Teller {
    let mut teller = Teller::new(4, 4, Manner::Undecided, "some");
    teller.perform(DocumentAction::Paint);
    teller.perform(DocumentAction::AnotherTake);
    assert!(teller.studio.active().staged().is_some());
    teller
}

#[test]
fn a_take_is_accepted_before_anything_else_is_begun_with_the_button() {
    let mut teller = with_a_take();
    let take = teller.picture();
    let primary = teller.studio.primary();
    assert_eq!(primary.label, "Accept");
    teller.perform(primary.action.unwrap());
    assert!(teller.studio.active().staged().is_none());
    assert_eq!(teller.picture(), take);
    assert_eq!(teller.studio.primary().label, "Another take");
}

#[test]
fn a_selection_leaves_a_take_in_question() {
    let mut teller = with_a_take();
    let take = teller.picture();
    teller.perform(DocumentAction::SelectAll);
    assert!(teller.studio.active().staged().is_some());
    teller.perform(DocumentAction::InvertSelection);
    teller.perform(DocumentAction::Undo);
    teller.perform(DocumentAction::Undo);
    assert!(teller.studio.active().staged().is_some());
    teller.perform(DocumentAction::Redo);
    assert!(teller.studio.active().staged().is_some());

    teller.perform(DocumentAction::StagedTake);
    teller.perform(DocumentAction::SelectAll);
    assert_eq!(teller.studio.active().staged().unwrap().shown_of(), (1, 2));
    teller.perform(DocumentAction::ShowTake(0));
    assert_eq!(teller.picture(), take);
    teller.perform(DocumentAction::Deselect);
    teller.perform(DocumentAction::SelectAll);
    teller.perform(DocumentAction::DiscardTake);
    assert_ne!(teller.picture(), take);
    assert!(teller.studio.active().staged().is_none());
    assert!(
        teller.studio.active().picture().selection.is_some(),
        "the selection is not the take's"
    );

    let mut teller = with_a_take();
    teller.perform(DocumentAction::Undo);
    assert!(teller.studio.active().staged().is_none(), "a take undone is no longer in question");
}

#[test]
fn stopping_the_next_take_brings_those_before_it_back() {
    let mut teller = with_a_take();
    let take = teller.pixels();
    teller.studio.perform(DocumentAction::PauseAt(Some(12)));
    teller.perform(DocumentAction::StagedTake);
    assert!(teller.studio.active().is_paused());
    teller.studio.perform(DocumentAction::Stop);
    teller.wait_until("it has stopped", |it| !it.active().is_painting());
    assert!(teller.pixels() == take);
    assert_eq!(teller.studio.active().staged().map(Staged::shown_of), Some((0, 1)));
    teller.perform(DocumentAction::DiscardTake);
    assert!(teller.pixels() != take);
}

#[test]
fn what_a_painting_took_is_what_the_artist_waited_for() {
    let mut teller = Teller::new(4, 4, Manner::Alphabet, "a");
    let begun = std::time::Instant::now();
    teller.studio.perform(StudioAction::SetPace(Some(40.0)));
    teller.perform(DocumentAction::Paint);
    let secs = teller.studio.active().last_stats().unwrap().secs;
    assert!((0.3..=begun.elapsed().as_secs_f32()).contains(&secs), "{secs} s");

    teller.studio.perform(DocumentAction::PauseAt(Some(8)));
    let begun = std::time::Instant::now();
    teller.perform(DocumentAction::AnotherTake);
    std::thread::sleep(std::time::Duration::from_millis(300));
    teller.studio.perform(DocumentAction::PauseAt(None));
    teller.perform(DocumentAction::Continue);
    let (secs, waited) =
        (teller.studio.active().last_stats().unwrap().secs, begun.elapsed().as_secs_f32());
    assert!(secs <= waited - 0.3, "{secs} s of {waited} s: the pause counts");
}

#[test]
fn what_is_expected_shows_before_it_is_painted_and_changes_nothing() {
    let mut plain = Teller::new(4, 4, Manner::Undecided, "some");
    plain.perform(DocumentAction::Paint);

    let mut teller = Teller::new(4, 4, Manner::Undecided, "some");
    teller.studio.perform(StudioAction::ShowUnderpainting(true));
    teller.studio.perform(StudioAction::ShowEntropy(true));
    teller.studio.perform(DocumentAction::PauseAt(Some(0)));
    teller.perform(DocumentAction::Paint);
    teller.wait_until("every open cell has an entropy", |it| {
        it.active().entropies().iter().all(Option::is_some)
    });
    assert_eq!(teller.picture(), ".... .... .... ....");
    let canvas = teller.studio.active().picture().grid.area();
    let alphas =
        |it: &Studio| it.active().underpainting().rgba(canvas).chunks(4).map(|it| it[3]).collect();
    let shown: Vec<u8> = alphas(&teller.studio);
    assert!(shown.iter().all(|&it| 0 < it && it < 255));
    assert!(teller.studio.active().entropies().iter().flatten().all(|it| (0.0..=1.0).contains(it)));

    teller.studio.perform(DocumentAction::PauseAt(None));
    teller.perform(DocumentAction::Step(1));
    assert!(
        teller.studio.active().entropies()[0].is_none(),
        "what is settled is no longer in doubt"
    );
    // In a pause it is shown as it looks beside what is expected; this network's codec looks at no neighbours.
    let alone = teller.studio.active().picture().model_layer.at(3, 3);
    teller.wait_until("a settled cell is shown as it is", |it| {
        it.active().underpainting().at(3, 3) == alone
    });
    teller.perform(DocumentAction::Continue);
    assert_eq!(teller.picture(), plain.picture());
    assert!(teller.pixels() == plain.pixels());
    let left: Vec<u8> = alphas(&teller.studio);
    assert!(left.iter().all(|&it| it == 0), "nothing is expected of a finished picture");
}

#[test]
fn a_second_look_mends_what_fits_worst_and_is_one_take() {
    let mut n_changed = 0;
    for seed in 0..6 {
        let mut teller = Teller::new(6, 6, Manner::Undecided, "some");
        teller.studio.perform(DocumentAction::SetSeed(seed));
        teller.perform(DocumentAction::Paint);
        let before = (teller.picture(), teller.pixels());
        let entries = teller.studio.active().history().done_labels().count();
        teller.perform(DocumentAction::SecondLook { fraction: 0.1, rounds: 3 });
        let labels: Vec<&str> = teller.studio.active().history().done_labels().collect();
        if labels.len() == entries {
            continue; // Nothing stood out.
        }
        assert_eq!(labels[entries..], ["Second look"]);
        let after = teller.picture();
        let differ = before.0.chars().zip(after.chars()).filter(|(a, b)| a != b).count();
        assert!(differ <= 3 * 4, "{differ} cells in three rounds of four");
        n_changed += differ;
        assert!(teller.studio.active().staged().is_some(), "it is offered, not imposed");
        teller.perform(DocumentAction::DiscardTake);
        assert!((teller.picture(), teller.pixels()) == before);
    }
    assert!(0 < n_changed);
}

#[test]
fn a_second_look_needs_a_finished_picture() {
    let mut teller = Teller::new(4, 4, Manner::Undecided, "some");
    teller.perform(DocumentAction::SecondLook { fraction: 0.1, rounds: 1 });
    assert_eq!(teller.studio.notices().len(), 1);
}

#[test]
fn variations_are_one_set_to_choose_from() {
    let mut teller = Teller::new(4, 4, Manner::Undecided, "some");
    teller.perform(DocumentAction::Paint);
    let before = (teller.picture(), teller.pixels());
    let entries = teller.studio.active().history().done_labels().count();
    teller.studio.perform(DocumentAction::Variations(4));
    teller.wait_until("four takes are there", |it| {
        it.active().staged().is_some_and(|it| it.shown_of() == (3, 4)) && !it.active().is_painting()
    });
    assert_eq!(teller.studio.active().history().done_labels().count(), entries + 1);
    let mut takes = std::collections::BTreeSet::new();
    for idx in 0..4 {
        teller.perform(DocumentAction::ShowTake(idx));
        takes.insert(teller.picture());
    }
    assert_eq!(takes.len(), 4, "two takes are alike");
    assert!(!takes.contains(&before.0));
    teller.perform(DocumentAction::DiscardTake);
    assert!((teller.picture(), teller.pixels()) == before);
}

#[test]
fn a_pause_leaves_the_takes_that_are_there() {
    let mut teller = Teller::new(4, 4, Manner::Undecided, "some");
    teller.perform(DocumentAction::Paint);
    teller.studio.perform(StudioAction::SetPace(Some(50.0)));
    teller.studio.perform(DocumentAction::Variations(3));
    teller.wait_until("one take is there", |it| it.active().staged().is_some());
    teller.studio.perform(DocumentAction::Pause);
    teller.wait_until("it is paused", |it| it.active().is_paused());
    teller.studio.perform(DocumentAction::Continue);
    teller.wait_until("three takes are there", |it| {
        it.active().staged().is_some_and(|it| it.shown_of() == (2, 3)) && !it.active().is_painting()
    });

    // Other words are other work: what is staged counts as accepted, and no more takes come.
    teller.studio.perform(DocumentAction::Variations(3));
    teller.wait_until("it paints", |it| it.active().is_painting());
    teller.studio.perform(DocumentAction::Pause);
    teller.wait_until("it is paused", |it| it.active().is_paused());
    teller.studio.perform(DocumentAction::SetPrompt("X".to_owned()));
    teller.perform(DocumentAction::Continue);
    assert_eq!(teller.studio.active().staged().unwrap().shown_of(), (0, 1));
}

#[test]
fn entropies_are_shown_without_what_is_expected() {
    let mut teller = Teller::new(4, 4, Manner::Undecided, "some");
    teller.studio.perform(StudioAction::ShowEntropy(true));
    teller.studio.perform(DocumentAction::PauseAt(Some(0)));
    teller.perform(DocumentAction::Paint);
    teller.wait_until("every open cell has an entropy", |it| {
        it.active().entropies().iter().all(Option::is_some)
    });
    let canvas = teller.studio.active().picture().grid.area();
    assert!(teller.studio.active().underpainting().rgba(canvas).iter().all(|&it| it == 0));
    teller.studio.perform(StudioAction::ShowEntropy(false));
    assert!(teller.studio.active().entropies().iter().all(Option::is_none));
}

#[test]
fn a_canvas_made_smaller_again_forgets_what_was_edited_beside_it() {
    let mut teller = Teller::new(4, 4, Manner::Undecided, "some");
    teller.studio.perform(DocumentAction::SetOrder(Order::Around(Vec::new())));
    teller.perform(DocumentAction::Paint);
    teller.perform(DocumentAction::Reframe(Sides { left: 0, top: 0, right: 32, bottom: 0 }));
    teller.perform(DocumentAction::Continue);
    let cells = vec![Cell::new(1, 7)];
    let repaint = Repaint { cells, prompt: None, reach: Reach::Only, variation_step: 1 };
    teller.perform(DocumentAction::Repaint(repaint));
    while teller.studio.active().picture().grid.cols != 4 {
        teller.perform(DocumentAction::Undo);
    }
    teller.perform(DocumentAction::SecondLook { fraction: 0.5, rounds: 1 });
    let refused = teller.studio.notices().iter().any(|it| it.text.contains("does not fit"));
    assert!(!refused, "{:?}", teller.studio.notices());
}
