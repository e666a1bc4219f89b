//! Several documents: each with its own history, its own painting, its own bits.

use alla_prima::base::{Cell, DocumentId, Point, scramble};
use alla_prima::document::BrushStyle;
use alla_prima::model::toy::Manner;
use alla_prima::studio::{DocumentAction, Reach, Repaint, StudioAction, StudioEvent};

use super::teller::{Teller, grid_of};

const ROWS: u16 = 5;
const COLS: u16 = 5;

fn teller() -> Teller {
    Teller::quick(ROWS, COLS, Manner::Undecided, "some")
}

/// The active document's history back to the beginning and forth again: it ends as it was.
#[track_caller]
fn go_back_and_forth(teller: &mut Teller) {
    let end = teller.pixels();
    let mut n_undone = 0;
    while teller.studio.active().history().done_labels().next().is_some() {
        teller.perform(DocumentAction::Undo);
        n_undone += 1;
    }
    assert!(teller.studio.active().picture().is_blank(), "not all of it can be undone");
    (0..n_undone).for_each(|_| teller.perform(DocumentAction::Redo));
    assert!(teller.pixels() == end, "done again, it is another picture");
}

#[test]
fn one_paints_on_while_another_is_edited() {
    let (mut teller, open) = Teller::gated(grid_of("????? ????? ?????"), "a");
    let first = teller.studio.active().id();
    teller.studio.perform(DocumentAction::Paint);
    open.send(()).unwrap();
    teller.wait_until("a cell is settled", |it| it.active().picture().n_settled() == 1);

    teller.studio.perform(StudioAction::New);
    let second = teller.studio.active().id();
    assert_eq!(teller.studio.active().name(), "Untitled 2");
    teller.studio.perform(DocumentAction::SetPrompt("X".to_owned()));
    teller.studio.perform(DocumentAction::Paint);
    drop(open);
    teller.wait_until("both are finished", |it| {
        it.documents().iter().all(|it| it.picture().is_finished() && !it.is_painting())
    });
    assert_eq!(teller.picture(), "xxxxx xxxxx xxxxx");
    teller.studio.perform(StudioAction::Activate(first));
    assert_eq!(teller.picture(), "abcde fghij klmno");
    assert_eq!(teller.studio.active().pending().prompt, "a");

    let ended: Vec<DocumentId> = teller
        .studio
        .take_events()
        .into_iter()
        .filter_map(|it| if let StudioEvent::Finished(id) = it { Some(id) } else { None })
        .collect();
    assert!(ended.contains(&first) && ended.contains(&second) && ended.len() == 2);
}

#[test]
fn an_edit_in_one_leaves_the_other_alone() {
    let mut teller = teller();
    teller.perform(DocumentAction::Paint);
    let first = teller.studio.active().id();
    teller.perform(StudioAction::New);
    teller.perform(DocumentAction::Paint);
    let before = teller.studio.documents()[0].picture().clone();
    let dab = BrushStyle { size: 12.0, hardness: 1.0, ..BrushStyle::default() };
    teller.studio.stroke(dab, &[Point::new(12.0, 12.0)]);
    teller.perform(DocumentAction::FollowStrokes);
    teller.perform(DocumentAction::Undo);
    teller.perform(DocumentAction::Undo);
    assert!(*teller.studio.documents()[0].picture() == before);
    teller.studio.perform(StudioAction::Activate(first));
    assert!(teller.studio.active().history().done_labels().eq(["Paint"]));
}

#[test]
fn what_is_closed_ends_and_a_blank_one_takes_the_place_of_the_last() {
    let mut teller = teller();
    let first = teller.studio.active().id();
    teller.perform(DocumentAction::Paint);
    assert!(teller.studio.active().is_modified());
    teller.studio.perform(DocumentAction::AnotherTake);
    teller.studio.perform(StudioAction::Close(first));
    assert_ne!(teller.studio.active().id(), first);
    assert!(teller.studio.active().picture().is_blank());
    assert!(!teller.studio.active().is_modified());
    teller.perform(DocumentAction::Paint);
    assert!(teller.studio.active().picture().is_finished());
}

#[test]
fn what_was_exported_is_modified_no_more_until_it_is_edited() {
    let folder = tempfile::tempdir().unwrap();
    let mut teller = teller();
    assert!(!teller.studio.active().is_modified());
    teller.perform(DocumentAction::Paint);
    assert!(teller.studio.active().is_modified());
    let path = folder.path().join("a.png");
    teller.export(path, true);
    assert!(!teller.studio.active().is_modified());
    teller.perform(DocumentAction::SelectAll);
    assert!(teller.studio.active().is_modified());
    teller.perform(DocumentAction::Undo);
    assert!(!teller.studio.active().is_modified());
}

#[test]
fn what_is_exported_in_the_middle_of_a_take_is_not_what_was_before_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut teller = teller();
    teller.perform(DocumentAction::Paint);
    teller.studio.perform(DocumentAction::PauseAt(Some(10)));
    teller.perform(DocumentAction::AnotherTake);
    teller.export(folder.path().join("a.png"), true);
    teller.studio.perform(DocumentAction::Stop);
    teller.wait_until("it has stopped", |it| !it.active().is_painting());
    while 1 < teller.studio.active().history().done_labels().count() {
        teller.perform(DocumentAction::Undo);
    }
    assert!(teller.studio.active().is_modified(), "the first picture is in no file");
}

/// What comes to the mind of somebody who works on two pictures at once.
fn act(teller: &mut Teller, dice: u64) {
    let cell =
        |dice: u64| Cell::new((dice % u64::from(ROWS)) as u16, (dice / 7 % u64::from(COLS)) as u16);
    let action = match dice % 20 {
        0..=3 => DocumentAction::Paint,
        4 => DocumentAction::AnotherTake,
        5 | 6 => DocumentAction::Continue,
        7 => DocumentAction::Step(1 + (dice / 20 % 7) as usize),
        8 => DocumentAction::FollowStrokes,
        9 => DocumentAction::JoinStrokes,
        10 => DocumentAction::SECOND_LOOK,
        11 => DocumentAction::Undo,
        12 => DocumentAction::Redo,
        13 => DocumentAction::AcceptTake,
        14 => DocumentAction::DiscardTake,
        15 => DocumentAction::Stop,
        16 => DocumentAction::SetPrompt(
            ["some", "other words", "few"][(dice / 20 % 3) as usize].to_owned(),
        ),
        17 => DocumentAction::Repaint(Repaint {
            cells: vec![cell(dice / 20), cell(dice / 400)],
            prompt: (dice / 9000).is_multiple_of(2).then(|| "elsewhere".to_owned()),
            reach: if (dice / 20_000).is_multiple_of(2) { Reach::Only } else { Reach::Rest },
            variation_step: 1,
        }),
        _ => {
            let at = |dice: u64| Point::new((dice % 40) as f32, (dice / 40 % 40) as f32);
            let style = BrushStyle { size: 5.0, hardness: 1.0, ..BrushStyle::default() };
            teller.studio.stroke(style, &[at(dice / 20), at(dice / 90_000)]);
            return;
        }
    };
    teller.studio.perform(action);
}

/// 10 000 steps. Every few of them both are left to rest, and each goes all the way back and forth.
#[test]
fn two_documents_are_painted_and_edited_in_turn() {
    const N_STEPS: u64 = 10_000;
    const CHAPTER: u64 = 50;
    let mut teller = teller();
    let mut dice = 1;
    for _ in 0..N_STEPS / CHAPTER {
        let first = teller.studio.active().id();
        teller.studio.perform(StudioAction::New);
        let second = teller.studio.active().id();
        for _ in 0..CHAPTER {
            dice = scramble(dice);
            let id = if dice >> 60 & 1 == 0 { first } else { second };
            teller.studio.perform(StudioAction::Activate(id));
            let other = teller.studio.documents().iter().find(|it| it.id() != id).unwrap();
            let before = other.picture().clone();
            act(&mut teller, dice >> 3);
            let other = teller.studio.documents().iter().find(|it| it.id() != id).unwrap();
            assert!(*other.picture() == before, "an action in one picture changes another");
            for _ in 0..dice >> 50 & 7 {
                teller.studio.wait_for_news(std::time::Duration::from_micros(200));
            }
        }
        for id in [first, second] {
            teller.studio.perform(StudioAction::Activate(id));
            teller.studio.perform(DocumentAction::Stop);
        }
        teller.wait_until("all is quiet", |it| {
            it.documents().iter().all(|it| !it.is_painting() && !it.is_looking())
        });
        for id in [first, second] {
            teller.studio.perform(StudioAction::Activate(id));
            go_back_and_forth(&mut teller);
            // A fresh picture is what it would have been without the other one.
            teller.perform(DocumentAction::Clear);
            teller.studio.perform(DocumentAction::SetPrompt("some".to_owned()));
            teller.studio.perform(DocumentAction::SetSeed(dice));
            teller.perform(DocumentAction::Paint);
        }
        let [.., a, b] = teller.studio.documents() else { panic!("both are open") };
        assert!(a.picture().codes() == b.picture().codes(), "the same request, another picture");
        for event in teller.studio.take_events() {
            if let StudioEvent::Failed(_, failure) | StudioEvent::QuestionFailed(_, failure) = event
            {
                panic!("{failure}");
            }
        }
        teller.studio.perform(StudioAction::New);
        teller.studio.perform(StudioAction::Close(first));
        teller.studio.perform(StudioAction::Close(second));
        assert_eq!(teller.studio.documents().len(), 1);
    }
}
