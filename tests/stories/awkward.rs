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
use alla_prima::settings::Settings;
use alla_prima::studio::{DocumentAction, Reach, Repaint, Studio, StudioAction};
use alla_prima::tools::Pointer;

use super::teller::Teller;

const GRID: Grid = Grid { rows: 4, cols: 4, cell_pixels: 8 };

fn point(teller: &mut Teller, pointer: Pointer) {
    teller.studio.perform(StudioAction::Pointer { pointer, mode: Mode::Replace });
}

fn labels(teller: &Teller) -> Vec<String> {
    teller.studio.active().history().done_labels().map(str::to_owned).collect()
}

#[test]
fn going_on_stops_where_it_was_told_to() {
    let mut teller = Teller::new(4, 4, Manner::Alphabet, "a");
    teller.studio.perform(DocumentAction::PauseAt(Some(4)));
    teller.perform(DocumentAction::Paint);
    assert_eq!(teller.picture(), "abcd .... .... ....");
    teller.perform(DocumentAction::Continue);
    assert_eq!(teller.picture(), "abcd .... .... ....");
    teller.studio.perform(DocumentAction::PauseAt(Some(6)));
    teller.perform(DocumentAction::Continue);
    assert_eq!(teller.picture(), "abcd ef.. .... ....");
}

#[test]
fn a_step_upon_a_finished_picture_is_none() {
    let mut teller = Teller::new(4, 4, Manner::Alphabet, "a");
    teller.perform(DocumentAction::Paint);
    teller.studio.perform(DocumentAction::SetPrompt("m".to_owned()));
    teller.perform(DocumentAction::Step(1));
    assert_eq!(teller.studio.active().picture().paint_settings.prompt, "a");
    assert_eq!(teller.studio.primary().label, "Paint afresh");
}

#[test]
fn what_is_done_while_the_brush_is_down_is_undone_by_itself() {
    let mut teller = Teller::new(4, 4, Manner::Undecided, "some");
    teller.studio.perform(StudioAction::SetPace(Some(20.0)));
    teller.studio.perform(DocumentAction::Paint);
    teller.wait_until("three are settled", |it| it.active().progress().is_some_and(|it| 3 <= it.0));
    point(&mut teller, Pointer::Down(Point::new(4.0, 4.0)));
    point(&mut teller, Pointer::Move(Point::new(20.0, 4.0)));
    teller.studio.perform(DocumentAction::SelectAll);
    point(&mut teller, Pointer::Up(Point::new(28.0, 4.0)));
    teller.studio.perform(DocumentAction::Stop);
    teller.studio.perform(StudioAction::SetPace(None));
    teller.rest();

    let paint_left = |it: &Teller| it.studio.active().picture().is_painted_on();
    let last_stroke = labels(&teller).iter().rposition(|it| it == "Stroke").unwrap();
    while last_stroke < labels(&teller).len() {
        assert!(paint_left(&teller));
        teller.perform(DocumentAction::Undo);
    }
    assert!(!paint_left(&teller), "a part of the stroke belonged to another entry");
    while !labels(&teller).is_empty() {
        assert!(!paint_left(&teller));
        teller.perform(DocumentAction::Undo);
    }
    assert!(teller.studio.active().picture().is_blank());
}

#[test]
fn a_stroke_beside_the_canvas_is_no_entry() {
    let mut teller = Teller::new(4, 4, Manner::Alphabet, "a");
    teller.perform(DocumentAction::Paint);
    let before = labels(&teller);
    teller.studio.stroke(BrushStyle::default(), &[Point::new(-500.0, -500.0)]);
    assert_eq!(labels(&teller), before);
}

#[test]
fn there_and_back_again_leads_to_the_same_pixels() {
    let mut teller = Teller::new(4, 4, Manner::Undecided, "some");
    teller.perform(DocumentAction::Paint);
    let repaint = |cells: std::ops::Range<usize>, variation_step| {
        let cells = cells.map(|it| GRID.cell(it)).collect();
        DocumentAction::Repaint(Repaint { cells, prompt: None, reach: Reach::Only, variation_step })
    };
    teller.studio.perform(DocumentAction::PauseAt(Some(12)));
    teller.perform(repaint(4..12, 3));
    assert!(teller.studio.active().is_paused() && teller.studio.active().picture().is_wet());
    teller.studio.perform(DocumentAction::PauseAt(None));
    teller.studio.perform(DocumentAction::SelectAll);
    teller.perform(DocumentAction::Continue);
    let straight = teller.pixels();

    teller.perform(DocumentAction::Undo);
    assert!(teller.studio.active().picture().is_wet());
    teller.perform(repaint(8..12, 0));
    assert!(!teller.studio.active().picture().is_wet());
    assert!(teller.pixels() == straight);
}

#[test]
fn what_was_undone_in_the_middle_can_be_gone_on_with() {
    let mut teller = Teller::new(4, 4, Manner::Undecided, "some");
    teller.studio.perform(DocumentAction::PauseAt(Some(6)));
    teller.perform(DocumentAction::Paint);
    teller.studio.perform(DocumentAction::Stop);
    teller.rest();
    teller.perform(DocumentAction::Undo);
    teller.perform(DocumentAction::Redo);
    assert_eq!(teller.studio.primary().label, "Continue");
    teller.studio.perform(DocumentAction::PauseAt(None));
    teller.perform(DocumentAction::Continue);
    assert!(
        teller.studio.active().picture().is_finished()
            && !teller.studio.active().picture().is_wet()
    );
}

#[test]
fn an_undo_in_mid_picture_leaves_no_settled_cell_without_pixels() {
    for n_cells in [1, 5, 9] {
        let mut teller = Teller::new(4, 4, Manner::Alphabet, "a");
        teller.studio.perform(DocumentAction::Paint);
        teller.wait_until("some are settled", |it| n_cells <= it.active().picture().n_settled());
        teller.perform(DocumentAction::Undo);
        assert!(teller.studio.active().picture().is_blank());
        teller.perform(DocumentAction::Redo);
        let picture = teller.studio.active().picture();
        for cell in GRID.cells().filter(|&it| picture.state(it).is_settled()) {
            let area = GRID.pixels(CellRect::of(cell));
            assert_eq!(picture.model_layer.at(area.left, area.top)[3], 255, "{cell:?}");
        }
    }
}

#[test]
fn a_take_like_the_picture_before_can_be_discarded_like_any_other() {
    let mut teller = Teller::new(4, 4, Manner::Alphabet, "a");
    teller.perform(DocumentAction::Paint);
    let painted = teller.studio.active().picture().clone();
    let cells = vec![Cell::new(3, 3)];
    let repaint = Repaint { cells, prompt: None, reach: Reach::Only, variation_step: 0 };
    teller.perform(DocumentAction::Repaint(repaint));
    assert!(teller.studio.active().staged().is_some());
    teller.perform(DocumentAction::DiscardTake);
    assert!(
        *teller.studio.active().picture() == painted,
        "discarding took the painting itself back"
    );
}

#[test]
fn another_take_that_is_stopped_is_offered_no_longer() {
    let mut teller = Teller::new(4, 4, Manner::Undecided, "some");
    teller.perform(DocumentAction::Paint);
    let before = labels(&teller).len();
    let cells: Vec<Cell> = GRID.cells().collect();
    let repaint = Repaint { cells, prompt: None, reach: Reach::Only, variation_step: 1 };
    teller.perform(DocumentAction::Repaint(repaint));
    teller.studio.perform(StudioAction::SetPace(Some(5.0)));
    teller.studio.perform(DocumentAction::StagedTake);
    teller.studio.perform(DocumentAction::DiscardTake);
    teller.rest();
    assert!(teller.studio.active().staged().is_none() && !teller.studio.active().is_painting());
    assert!(labels(&teller).len() <= before + 1);
}

#[test]
fn to_repaint_nothing_is_explained() {
    let mut teller = Teller::new(4, 4, Manner::Alphabet, "a");
    teller.perform(DocumentAction::Paint);
    teller.perform(DocumentAction::RepaintSelection(Reach::Only));
    assert!(teller.studio.notices().last().unwrap().text.contains("select"));
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
fn a_codec_that_falls_over_is_told_of_and_takes_nothing_with_it() {
    let (mut teller, encoding, _) = fragile();
    teller.studio.perform(StudioAction::SetPace(Some(40.0)));
    teller.studio.perform(DocumentAction::Paint);
    teller.wait_until("it paints", |it| it.active().is_painting());
    encoding.store(true, Ordering::SeqCst);
    let dab = BrushStyle { size: 12.0, hardness: 1.0, colour: [255; 3], ..BrushStyle::default() };
    teller.studio.stroke(dab, &[Point::new(28.0, 28.0)]);
    teller.wait_until("it is said", |it| {
        it.notices().iter().any(|it| it.text.contains("could not be read"))
    });
    teller.studio.perform(StudioAction::SetPace(None));
    teller.rest();
    encoding.store(false, Ordering::SeqCst);
    teller.perform(DocumentAction::Paint);
    assert!(teller.studio.active().picture().is_finished());
}

#[test]
fn a_painting_that_falls_over_at_its_end_takes_no_other_with_it() {
    let (mut teller, _, decoding) = fragile();
    teller.studio.perform(StudioAction::SetPace(Some(5.0)));
    teller.studio.perform(DocumentAction::Paint);
    teller.wait_until("it paints", |it| it.active().progress().is_some_and(|it| 0 < it.0));
    decoding.store(true, Ordering::SeqCst);
    teller.studio.perform(StudioAction::SetPace(None));
    teller.studio.perform(DocumentAction::Stop);
    teller.studio.perform(DocumentAction::AnotherTake);
    teller.rest();
    teller.perform(DocumentAction::Continue);
    assert!(teller.studio.active().picture().is_finished());
}

#[test]
fn a_model_that_falls_over_while_loading_is_given_up() {
    let load: Load = Box::new(|| panic!("told to fall over"));
    let settings = Settings::default();
    let studio = Studio::start(load, settings, Arc::new(|| ())).unwrap();
    let mut teller = Teller { studio };
    teller.wait_until("it is given up", Studio::is_model_lost);
    teller.studio.perform(DocumentAction::Paint);
    assert!(!teller.studio.active().is_painting());
}

/// A teller whose model has painted once, and then goes wrong at a word.
#[track_caller]
fn goes_wrong(word: &str, expected: &str) {
    let mut teller = Teller::new(3, 4, Manner::Alphabet, "a");
    teller.perform(DocumentAction::Paint);
    let pixels = teller.pixels();
    teller.perform(DocumentAction::SetPrompt(word.to_owned()));
    teller.perform(DocumentAction::AnotherTake);
    let notice = &teller.studio.notices().last().expect("it is said").text;
    assert!(notice.contains(expected), "{notice}");
    teller.wait_until("the model is there", |it| it.facts().is_some());
    assert!(teller.pixels() == pixels, "the picture is kept");
    assert!(!teller.studio.active().is_painting());
    teller.perform(DocumentAction::SetPrompt("X".to_owned()));
    teller.perform(DocumentAction::Paint);
    assert_eq!(teller.picture(), "xxxx xxxx xxxx", "and the engine is alive");
}

#[test]
fn a_model_that_answers_no_number_is_told_of() {
    goes_wrong("nan", "not a number");
}

#[test]
fn a_model_that_answers_in_another_shape_is_told_of() {
    goes_wrong("shapeless", "something else than it was asked for");
}

#[test]
fn a_model_that_falls_over_is_told_of() {
    goes_wrong("kaboom", "fell over");
}

#[test]
fn a_model_that_never_answers_is_told_of_and_makes_room_for_another() {
    let (mut teller, open) = Teller::gated(GRID, "a");
    teller.studio.set_max_silence(Duration::from_millis(50));
    (0..5).for_each(|_| open.send(()).unwrap());
    teller.studio.perform(DocumentAction::Paint);
    teller.wait_until("it is said", |it| {
        it.notices().iter().any(|it| it.text.contains("has not answered"))
    });
    assert_eq!(teller.studio.active().picture().n_settled(), 5);
    let other = || -> Result<Box<dyn Painter>> {
        Ok(Box::new(Toy::new(GRID, Manner::Alphabet).called("Other")))
    };
    teller.studio.change_painter(Box::new(other));
    teller.wait_until("the other one is there", |it| it.facts().is_some());
    teller.perform(DocumentAction::Continue);
    assert!(teller.studio.active().picture().is_finished());
    drop(open);
}
