//! Things done at an awkward moment: with the brush down, in a pause, before the model is there, while
//! it falls over.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use alla_prima::base::{Cell, CellRect, Code, Grid, PixelRect, Point};
use alla_prima::document::BrushStyle;
use alla_prima::document::selection::Mode;
use alla_prima::engine::Load;
use alla_prima::model::toy::{Manner, Toy};
use alla_prima::model::{Codec, Codes, Context, Decoded, Facts, Painter, Quality, Result};
use alla_prima::session::{Action, Reach, Repaint, Session};
use alla_prima::settings::Settings;
use alla_prima::tools::Pointer;

use super::teller::Teller;

const GRID: Grid = Grid { rows: 4, cols: 4, cell_pixels: 8 };

fn point(teller: &mut Teller, pointer: Pointer) {
    teller.session.perform(Action::Pointer { pointer, mode: Mode::Replace });
}

fn labels(teller: &Teller) -> Vec<String> {
    teller.session.history().done_labels().map(str::to_owned).collect()
}

#[test]
fn going_on_stops_where_it_was_told_to() {
    let mut teller = Teller::new(4, 4, Manner::Alphabet, "a");
    teller.session.perform(Action::PauseAt(Some(4)));
    teller.perform(Action::Paint);
    assert_eq!(teller.picture(), "abcd .... .... ....");
    teller.perform(Action::Continue);
    assert_eq!(teller.picture(), "abcd .... .... ....");
    teller.session.perform(Action::PauseAt(Some(6)));
    teller.perform(Action::Continue);
    assert_eq!(teller.picture(), "abcd ef.. .... ....");
}

#[test]
fn a_step_upon_a_finished_picture_is_none() {
    let mut teller = Teller::new(4, 4, Manner::Alphabet, "a");
    teller.perform(Action::Paint);
    teller.session.perform(Action::SetPrompt("m".to_owned()));
    teller.perform(Action::Step(1));
    assert_eq!(teller.session.picture().paint_settings.prompt, "a");
    assert_eq!(teller.session.primary().label, "Paint afresh");
}

#[test]
fn what_is_done_while_the_brush_is_down_is_undone_by_itself() {
    let mut teller = Teller::new(4, 4, Manner::Undecided, "some");
    teller.session.perform(Action::SetPace(Some(20.0)));
    teller.session.perform(Action::Paint);
    teller.wait_until("three are settled", |it| it.progress().is_some_and(|it| 3 <= it.0));
    point(&mut teller, Pointer::Down(Point::new(4.0, 4.0)));
    point(&mut teller, Pointer::Move(Point::new(20.0, 4.0)));
    teller.session.perform(Action::SelectAll);
    point(&mut teller, Pointer::Up(Point::new(28.0, 4.0)));
    teller.session.perform(Action::Stop);
    teller.session.perform(Action::SetPace(None));
    teller.rest();

    let paint_left = |it: &Teller| !it.session.picture().paint_layer.is_blank();
    let last_stroke = labels(&teller).iter().rposition(|it| it == "Stroke").unwrap();
    while last_stroke < labels(&teller).len() {
        assert!(paint_left(&teller));
        teller.perform(Action::Undo);
    }
    assert!(!paint_left(&teller), "a part of the stroke belonged to another entry");
    while !labels(&teller).is_empty() {
        assert!(!paint_left(&teller));
        teller.perform(Action::Undo);
    }
    assert!(teller.session.picture().is_blank());
}

#[test]
fn a_stroke_beside_the_canvas_is_no_entry() {
    let mut teller = Teller::new(4, 4, Manner::Alphabet, "a");
    teller.perform(Action::Paint);
    let before = labels(&teller);
    teller.session.stroke(BrushStyle::default(), &[Point::new(-500.0, -500.0)]);
    assert_eq!(labels(&teller), before);
}

#[test]
fn there_and_back_again_leads_to_the_same_pixels() {
    let mut teller = Teller::new(4, 4, Manner::Undecided, "some");
    teller.perform(Action::Paint);
    let repaint = |cells: std::ops::Range<usize>, variation_step| {
        let cells = cells.map(|it| GRID.cell(it)).collect();
        Action::Repaint(Repaint { cells, prompt: None, reach: Reach::Only, variation_step })
    };
    teller.session.perform(Action::PauseAt(Some(12)));
    teller.perform(repaint(4..12, 3));
    assert!(teller.session.is_paused() && teller.session.picture().is_wet());
    teller.session.perform(Action::PauseAt(None));
    teller.session.perform(Action::SelectAll);
    teller.perform(Action::Continue);
    let straight = teller.pixels();

    teller.perform(Action::Undo);
    assert!(teller.session.picture().is_wet());
    teller.perform(repaint(8..12, 0));
    assert!(!teller.session.picture().is_wet());
    assert!(teller.pixels() == straight);
}

#[test]
fn what_was_undone_in_the_middle_can_be_gone_on_with() {
    let mut teller = Teller::new(4, 4, Manner::Undecided, "some");
    teller.session.perform(Action::PauseAt(Some(6)));
    teller.perform(Action::Paint);
    teller.session.perform(Action::Stop);
    teller.rest();
    teller.perform(Action::Undo);
    teller.perform(Action::Redo);
    assert_eq!(teller.session.primary().label, "Continue");
    teller.session.perform(Action::PauseAt(None));
    teller.perform(Action::Continue);
    assert!(teller.session.picture().is_finished() && !teller.session.picture().is_wet());
}

#[test]
fn an_undo_in_mid_picture_leaves_no_settled_cell_without_pixels() {
    for n_cells in [1, 5, 9] {
        let mut teller = Teller::new(4, 4, Manner::Alphabet, "a");
        teller.session.perform(Action::Paint);
        teller.wait_until("some are settled", |it| n_cells <= it.picture().n_settled());
        teller.perform(Action::Undo);
        assert!(teller.session.picture().is_blank());
        teller.perform(Action::Redo);
        let picture = teller.session.picture();
        for cell in GRID.cells().filter(|&it| picture.state(it).is_settled()) {
            let area = GRID.pixels(CellRect::of(cell));
            assert_eq!(picture.model_layer.at(area.left, area.top)[3], 255, "{cell:?}");
        }
    }
}

#[test]
fn a_take_like_the_picture_before_can_be_discarded_like_any_other() {
    let mut teller = Teller::new(4, 4, Manner::Alphabet, "a");
    teller.perform(Action::Paint);
    let painted = teller.session.picture().clone();
    let cells = vec![Cell::new(3, 3)];
    let repaint = Repaint { cells, prompt: None, reach: Reach::Only, variation_step: 0 };
    teller.perform(Action::Repaint(repaint));
    assert!(teller.session.staged().is_some());
    teller.perform(Action::DiscardTake);
    assert!(*teller.session.picture() == painted, "discarding took the painting itself back");
}

#[test]
fn another_take_that_is_stopped_is_offered_no_longer() {
    let mut teller = Teller::new(4, 4, Manner::Undecided, "some");
    teller.perform(Action::Paint);
    let before = labels(&teller).len();
    let cells: Vec<Cell> = GRID.cells().collect();
    let repaint = Repaint { cells, prompt: None, reach: Reach::Only, variation_step: 1 };
    teller.perform(Action::Repaint(repaint));
    teller.session.perform(Action::SetPace(Some(5.0)));
    teller.session.perform(Action::StagedTake);
    teller.session.perform(Action::DiscardTake);
    teller.rest();
    assert!(teller.session.staged().is_none() && !teller.session.is_painting());
    assert!(labels(&teller).len() <= before + 1);
}

#[test]
fn to_repaint_nothing_is_explained() {
    let mut teller = Teller::new(4, 4, Manner::Alphabet, "a");
    teller.perform(Action::Paint);
    teller.perform(Action::RepaintSelection(Reach::Only));
    assert!(teller.session.notices().last().unwrap().text.contains("select"));
}

/// A toy that falls over on demand.
struct Fragile {
    toy: Toy,
    encoding: Arc<AtomicBool>,
    decoding: Arc<AtomicBool>,
}

impl Painter for Fragile {
    fn facts(&self) -> &Facts {
        self.toy.facts()
    }

    fn begin(&self, texts: &[Option<&str>]) -> Result<Box<dyn Context>> {
        self.toy.begin(texts)
    }

    fn codec(&self) -> &dyn Codec {
        self
    }
}

impl Codec for Fragile {
    fn encode(&self, rgb: &[u8], area: PixelRect, cells: CellRect) -> Result<Vec<Code>> {
        assert!(!self.encoding.load(Ordering::SeqCst), "told to fall over");
        self.toy.encode(rgb, area, cells)
    }

    fn label(&self, codes: &[Code], cells: CellRect) -> Result<Vec<u8>> {
        self.toy.label(codes, cells)
    }

    fn underpaint(
        &self,
        codes: Codes<'_>,
        probs: &[(Cell, &[f32])],
        window: CellRect,
    ) -> Result<Decoded> {
        self.toy.codec().underpaint(codes, probs, window)
    }

    fn decode(&self, codes: Codes<'_>, window: CellRect, quality: Quality) -> Result<Decoded> {
        assert!(!self.decoding.swap(false, Ordering::SeqCst), "told to fall over");
        self.toy.decode(codes, window, quality)
    }
}

fn fragile() -> (Teller, Arc<AtomicBool>, Arc<AtomicBool>) {
    let (encoding, decoding) = (Arc::<AtomicBool>::default(), Arc::<AtomicBool>::default());
    let (falls_encoding, falls_decoding) = (Arc::clone(&encoding), Arc::clone(&decoding));
    let load = move || -> Result<Box<dyn Painter>> {
        let toy = Toy::new(GRID, Manner::Alphabet).with_pass_of(Duration::from_micros(300));
        let (encoding, decoding) = (Arc::clone(&encoding), Arc::clone(&decoding));
        Ok(Box::new(Fragile { toy, encoding, decoding }))
    };
    (Teller::with(Box::new(load), "a"), falls_encoding, falls_decoding)
}

#[test]
fn a_codec_that_falls_over_ends_neither_the_painting_nor_the_program() {
    let (mut teller, encoding, _) = fragile();
    teller.session.perform(Action::SetPace(Some(40.0)));
    teller.session.perform(Action::Paint);
    teller.wait_until("it paints", Session::is_painting);
    encoding.store(true, Ordering::SeqCst);
    let dab = BrushStyle { size: 12.0, hardness: 1.0, colour: [255; 3], ..BrushStyle::default() };
    teller.session.stroke(dab, &[Point::new(28.0, 28.0)]);
    teller.wait_until("it is said", |it| {
        it.notices().iter().any(|it| it.text.contains("could not be read"))
    });
    teller.session.perform(Action::SetPace(None));
    teller.rest();
    encoding.store(false, Ordering::SeqCst);
    teller.perform(Action::Paint);
    assert!(teller.session.picture().is_finished());
}

#[test]
fn a_painting_that_falls_over_at_its_end_takes_no_other_with_it() {
    let (mut teller, _, decoding) = fragile();
    teller.session.perform(Action::SetPace(Some(5.0)));
    teller.session.perform(Action::Paint);
    teller.wait_until("it paints", |it| it.progress().is_some_and(|it| 0 < it.0));
    decoding.store(true, Ordering::SeqCst);
    teller.session.perform(Action::SetPace(None));
    teller.session.perform(Action::Stop);
    teller.session.perform(Action::AnotherTake);
    teller.rest();
    teller.perform(Action::Continue);
    assert!(teller.session.picture().is_finished());
}

#[test]
fn a_model_that_falls_over_while_loading_is_given_up() {
    let load: Load = Box::new(|| panic!("told to fall over"));
    let settings = Settings::default();
    let session = Session::start(load, &settings, Arc::new(|| ())).unwrap();
    let mut teller = Teller { session };
    teller.wait_until("it is given up", Session::is_model_lost);
    teller.session.perform(Action::Paint);
    assert!(!teller.session.is_painting());
}
