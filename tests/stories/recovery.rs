//! What survives a crash: a studio that is dropped without leaving as it should.

use std::path::Path;
use std::time::Duration;

use alla_prima::base::{Cell, Grid, Point};
use alla_prima::compose::BlendMode;
use alla_prima::document::selection::Mode;
use alla_prima::document::{Author, BrushStyle, LayerChange, Picture};
use alla_prima::io;
use alla_prima::model::toy::{Manner, Toy};
use alla_prima::studio::{DocumentAction, LayerAction, StudioAction};
use alla_prima::tools::{Pointer, Tool};

use super::teller::{Teller, middle_of};

/// A studio that keeps journals, after it has looked for what is left.
fn begun(root: &Path) -> Teller {
    let mut teller = Teller::quick(6, 6, Manner::Undecided, "some");
    teller.studio.keep_journals(root.to_owned()).unwrap();
    teller.wait_until("it has looked", |it| !it.has_running_tasks());
    teller
}

/// Looks in until everything is noted.
fn settle(teller: &mut Teller) {
    teller.wait_until("all is noted", |it| !it.has_unnoted());
    // The thread that writes has it now; what it is about to write is on the disk in a moment.
    teller.studio.wait_for_news(Duration::from_millis(20));
}

/// The process is gone: nothing is closed. What the thread has in hand it still writes.
fn crash(mut teller: Teller) {
    settle(&mut teller);
    drop(teller);
    std::thread::sleep(Duration::from_millis(300));
}

fn n_journals(root: &Path) -> usize {
    std::fs::read_dir(root).map_or(0, Iterator::count)
}

fn dab(teller: &mut Teller, row: u16, col: u16) {
    let style = BrushStyle { size: 9.0, colour: [250, 30, 90], ..BrushStyle::default() };
    teller.studio.stroke(style, &[middle_of(Cell::new(row, col))]);
    teller.rest();
}

#[test]
fn work_that_no_file_holds_is_offered_and_had_back_as_it_was() {
    let root = tempfile::tempdir().unwrap();
    let mut teller = begun(root.path());
    teller.perform(DocumentAction::Paint);
    dab(&mut teller, 1, 1);
    teller.perform(DocumentAction::Layer(LayerAction::Add));
    let id = teller.studio.active().picture().stack.active;
    let change = LayerChange::Blend(BlendMode::Multiply);
    teller.perform(DocumentAction::Layer(LayerAction::Change(id, change)));
    dab(&mut teller, 2, 3);
    let (picture, pixels) = (teller.picture(), teller.pixels());
    crash(teller);

    let mut again = begun(root.path());
    assert_eq!(again.studio.recovered().len(), 1);
    assert!(!again.studio.recovered()[0].thumbnail.is_blank());
    again.perform(StudioAction::Restore(0));
    assert!((again.picture(), again.pixels()) == (picture, pixels));
    assert!(again.studio.active().is_modified());
    assert!(again.studio.recovered().is_empty());
    let modes: Vec<_> =
        again.studio.active().picture().stack.walk().iter().map(|it| it.1.blend).collect();
    assert!(modes.contains(&BlendMode::Multiply));
    settle(&mut again);
    again.wait_until("the old one is gone", |_| n_journals(root.path()) == 1);

    // It is had back once more, should that window crash, too.
    crash(again);
    assert_eq!(begun(root.path()).studio.recovered().len(), 1);
}

#[test]
fn work_is_had_back_after_a_crash_while_the_model_is_changed() {
    let root = tempfile::tempdir().unwrap();
    let mut teller = begun(root.path());
    teller.perform(DocumentAction::Paint);
    dab(&mut teller, 1, 1);
    settle(&mut teller);
    // The other model never comes.
    let (_open, gate) = std::sync::mpsc::channel::<()>();
    teller.studio.change_painter(Box::new(move || {
        let _ = gate.recv();
        Ok(Box::new(Toy::new(Grid { rows: 6, cols: 6, cell_pixels: 8 }, Manner::Alphabet)))
    }));
    assert!(teller.studio.facts().is_none());
    let style = BrushStyle { size: 9.0, ..BrushStyle::default() };
    teller.studio.stroke(style, &[middle_of(Cell::new(4, 4))]);
    let pixels = teller.pixels();
    crash(teller);

    let mut again = begun(root.path());
    assert_eq!(again.studio.recovered().len(), 1);
    again.perform(StudioAction::Restore(0));
    assert!(again.pixels() == pixels, "the stroke after the model was gone, too");
}

#[test]
fn a_painting_under_way_goes_on_with_the_same_codes() {
    let root = tempfile::tempdir().unwrap();
    let mut whole = Teller::quick(6, 6, Manner::Undecided, "some");
    whole.perform(DocumentAction::Paint);
    let mut teller = begun(root.path());
    teller.studio.perform(DocumentAction::PauseAt(Some(17)));
    teller.perform(DocumentAction::Paint);
    crash(teller);
    let mut again = begun(root.path());
    again.perform(StudioAction::Restore(0));
    assert!(again.studio.active().is_paused());
    again.perform(DocumentAction::Continue);
    assert_eq!(again.picture(), whole.picture());
    assert!(again.pixels() == whole.pixels());
}

#[test]
fn what_is_saved_or_closed_or_left_as_it_should_be_leaves_nothing() {
    let root = tempfile::tempdir().unwrap();
    let files = tempfile::tempdir().unwrap();
    let mut teller = begun(root.path());
    teller.perform(DocumentAction::Paint);
    settle(&mut teller);
    let document = teller.studio.active().id();
    teller.perform(StudioAction::Save { document, path: files.path().join("a.ora") });
    crash(teller);
    assert!(begun(root.path()).studio.recovered().is_empty(), "a file holds all of it");
    assert_eq!(n_journals(root.path()), 0);

    let mut teller = begun(root.path());
    teller.perform(DocumentAction::Paint);
    settle(&mut teller);
    teller.wait_until("it is noted", |_| n_journals(root.path()) == 1);
    let document = teller.studio.active().id();
    teller.perform(StudioAction::Close(document));
    teller.wait_until("it is gone", |_| n_journals(root.path()) == 0);

    teller.perform(DocumentAction::Paint);
    settle(&mut teller);
    teller.studio.close_journals();
    assert_eq!(n_journals(root.path()), 0);
}

#[test]
fn what_another_window_has_open_is_not_offered() {
    let root = tempfile::tempdir().unwrap();
    let mut teller = begun(root.path());
    teller.perform(DocumentAction::Paint);
    settle(&mut teller);
    teller.wait_until("it is noted", |_| n_journals(root.path()) == 1);
    assert!(begun(root.path()).studio.recovered().is_empty());
    assert_eq!(n_journals(root.path()), 1);
    crash(teller);
    let mut again = begun(root.path());
    assert_eq!(again.studio.recovered().len(), 1);
    assert!(begun(root.path()).studio.recovered().is_empty(), "offered once");
    again.perform(StudioAction::KeepRecovered);
    assert!(again.studio.recovered().is_empty());
    drop(again);
    let mut last = begun(root.path());
    assert_eq!(last.studio.recovered().len(), 1, "offered again");
    last.perform(StudioAction::DiscardRecovered(0));
    assert_eq!(n_journals(root.path()), 0);
}

#[test]
fn a_journal_that_breaks_off_anywhere_gives_the_state_before() {
    let root = tempfile::tempdir().unwrap();
    let mut teller = begun(root.path());
    teller.perform(DocumentAction::Paint);
    settle(&mut teller);
    for row in 0..4 {
        dab(&mut teller, row, 2);
        settle(&mut teller);
    }
    let artists =
        |picture: &Picture| picture.cells.iter().filter(|it| it.author == Author::Artist).count();
    let n_in_the_end = artists(teller.studio.active().picture());
    crash(teller);
    let folder = std::fs::read_dir(root.path()).unwrap().next().unwrap().unwrap().path();
    let whole = std::fs::read(folder.join("journal")).unwrap();
    let mut last = 0;
    for ninths in 1..=9 {
        let (elsewhere, n) = (tempfile::tempdir().unwrap(), whole.len() * ninths / 9);
        let copy = elsewhere.path().join("document-copy");
        std::fs::create_dir(&copy).unwrap();
        std::fs::write(copy.join("lock"), b"").unwrap();
        std::fs::write(copy.join("journal"), &whole[..n]).unwrap();
        let found = io::recover(elsewhere.path());
        let n_artists = found.first().map_or(0, |it| artists(&it.state.project.picture));
        assert!(last <= n_artists);
        last = n_artists;
    }
    assert_eq!(last, n_in_the_end);
}

#[test]
fn a_disk_that_takes_nothing_is_told_once_and_nothing_else_happens() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("a file");
    std::fs::write(&root, b"").unwrap();
    let mut teller = Teller::quick(4, 4, Manner::Alphabet, "a");
    teller.studio.keep_journals(root).unwrap();
    teller.perform(DocumentAction::Paint);
    for row in 0..3 {
        dab(&mut teller, row, 1);
        settle(&mut teller);
    }
    teller.wait_until("it is told", |it| {
        it.notices().iter().any(|it| it.text.contains("Save your work"))
    });
    let told = teller.studio.notices().iter().filter(|it| it.text.contains("Save your work"));
    assert_eq!(told.count(), 1);
    assert_eq!(teller.studio.active().picture().grid, Grid { rows: 4, cols: 4, cell_pixels: 8 });
}

#[test]
fn what_was_taken_away_stays_away() {
    let root = tempfile::tempdir().unwrap();
    let mut teller = begun(root.path());
    teller.perform(DocumentAction::Paint);
    let select = |teller: &mut Teller, from: (f32, f32), to: (f32, f32)| {
        teller.studio.perform(StudioAction::PickTool(Tool::Rectangle));
        let (from, to) = (Point::new(from.0, from.1), Point::new(to.0, to.1));
        for pointer in [Pointer::Down(from), Pointer::Move(to), Pointer::Up(to)] {
            teller.studio.perform(StudioAction::Pointer { pointer, mode: Mode::Replace });
        }
        settle(teller);
    };
    select(&mut teller, (0.0, 0.0), (16.0, 48.0));
    teller.perform(DocumentAction::Deselect);
    settle(&mut teller);
    select(&mut teller, (40.0, 0.0), (48.0, 48.0));
    let selection = teller.studio.active().picture().selection.clone();
    crash(teller);
    let mut again = begun(root.path());
    again.perform(StudioAction::Restore(0));
    assert!(again.studio.active().picture().selection == selection);
}

#[test]
fn what_cannot_be_read_is_left_where_it_is() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("document-newer");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("lock"), b"").unwrap();
    std::fs::write(folder.join("journal"), b"of another version").unwrap();
    assert!(io::recover(root.path()).is_empty());
    assert!(folder.join("journal").exists());
}
