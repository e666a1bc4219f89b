//! Out into files and back.

use alla_prima::base::{Cell, Grid, Order, Plan, Point, ViewSize};
use alla_prima::document::{Author, BrushStyle};
use alla_prima::export::ExportOptions;
use alla_prima::finish::Style;
use alla_prima::io;
use alla_prima::model::toy::{Manner, Toy};
use alla_prima::model::{Painter, Result};
use alla_prima::studio::{DocumentAction, Reach, Repaint, StudioAction};

use super::teller::Teller;

#[test]
fn an_exported_picture_brings_its_request_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("lake.png");
    let mut teller = Teller::new(4, 4, Manner::Undecided, "some words");
    teller.studio.perform(DocumentAction::SetSeed(77));
    teller.perform(DocumentAction::Paint);
    teller.perform(DocumentAction::Repaint(Repaint {
        cells: vec![Cell::new(3, 3)],
        prompt: Some("X".to_owned()),
        reach: Reach::Only,
        variation_step: 2,
    }));
    let painted = teller.studio.active().picture().clone();
    teller.export(path.clone(), true);
    assert!(io::read_metadata(&path).unwrap().is_some());

    let mut other = Teller::new(4, 4, Manner::Undecided, "something else");
    other.perform(StudioAction::Open(path));
    assert!(other.pixels() == teller.pixels());
    let restored = other.studio.active().picture();
    assert!(restored.cells.iter().all(|it| it.author == Author::Model));
    assert_eq!(restored.paint_settings, painted.paint_settings);
    assert_eq!(restored.regions, painted.regions);
    let variations = |it: &alla_prima::document::Picture| {
        it.cells.iter().map(|it| it.variation).collect::<Vec<_>>()
    };
    assert_eq!(variations(restored), variations(&painted));
    assert_eq!(other.studio.active().pending().prompt, "some words");
    other.perform(DocumentAction::Paint);
    assert!(other.studio.active().picture().is_finished());
}

#[test]
fn a_picture_of_another_program_brings_its_words_along_and_can_be_opened_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("theirs.png");
    let mut encoder = png::Encoder::new(std::fs::File::create(&path).unwrap(), 32, 32);
    let noted =
        "a castle,\n(some words:1.2)\nNegative prompt: fog\nSteps: 20, Seed: 42, Model: dream";
    encoder.add_text_chunk("parameters".to_owned(), noted.to_owned()).unwrap();
    encoder.write_header().unwrap().write_image_data(&[90; 32 * 32]).unwrap();

    let mut teller = Teller::new(4, 4, Manner::Undecided, "something else");
    teller.perform(StudioAction::Open(path.clone()));
    let settings = teller.studio.active().pending();
    assert_eq!(settings.prompt, "a castle, (some words:1.2)");
    assert_eq!(settings.negative, "fog");
    assert!(teller.studio.active().picture().cells.iter().all(|it| it.author == Author::Found));
    assert_eq!(teller.studio.prefs().recent, [path]);
}

#[test]
fn an_export_may_be_finished_and_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("lake.png");
    let mut teller = Teller::new(4, 4, Manner::Undecided, "some words");
    teller.perform(DocumentAction::Paint);
    let document = teller.studio.active().id();
    let size = teller.studio.active().export().size();
    let options = |scale: f32| ExportOptions {
        style: Some(Style::Oil),
        scales: vec![scale],
        ..ExportOptions::default()
    };
    let export = |options| StudioAction::Export { document, path: path.clone(), options };
    teller.studio.perform(export(options(2.0)));
    assert!(teller.studio.export_percent().is_some());
    teller.wait_until("it is exported", |it| !it.has_running_tasks());
    assert_eq!(teller.studio.export_percent(), None);
    let picture = io::read_picture(&path).unwrap();
    assert_eq!([picture.width(), picture.height()], size.map(|it| 2 * it));
    let metadata = io::read_metadata(&path).unwrap().unwrap();
    assert_eq!(metadata.finish.as_deref(), Some("oil"));
    assert!(teller.studio.active().is_modified(), "the picture itself is in no file");

    // Its strokes are nobody's codes; its words are there again.
    let mut other = Teller::new(4, 4, Manner::Undecided, "something else");
    other.perform(StudioAction::Open(path.clone()));
    assert!(other.studio.active().picture().cells.iter().all(|it| it.author == Author::Found));
    assert_eq!(other.studio.active().pending().prompt, "some words");

    std::fs::remove_file(&path).unwrap();
    teller.studio.perform(export(options(60.0)));
    teller.studio.perform(export(options(2.0)));
    assert!(teller.studio.export_percent().is_some(), "one after the other");
    teller.studio.perform(StudioAction::StopExport);
    teller.wait_until("it is stopped", |it| !it.has_running_tasks());
    assert!(!path.exists() && teller.studio.export_percent().is_none());
    teller.studio.perform(export(options(1e9)));
    assert!(!teller.studio.has_running_tasks(), "so large nothing is");
}

#[test]
fn what_cannot_be_read_or_written_is_said_and_nothing_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let mut teller = Teller::new(4, 4, Manner::Undecided, "some words");
    teller.perform(DocumentAction::Paint);
    let before = teller.studio.active().picture().clone();

    let empty = folder.path().join("empty.png");
    std::fs::write(&empty, b"").unwrap();
    let words = folder.path().join("words.png");
    std::fs::write(&words, b"a lake at dusk").unwrap();
    let huge = folder.path().join("huge.png");
    std::fs::write(&huge, huge_png()).unwrap();
    let missing = folder.path().join("missing.png");
    for (path, why) in [
        (&empty, "empty"),
        (&huge, "20000 × 20000 pixels"),
        (&words, "not a PNG, JPEG, WebP or TIFF picture"),
        (&missing, "could not be read"),
    ] {
        teller.perform(StudioAction::Open(path.clone()));
        let notice = teller.studio.notices().last().unwrap().text.clone();
        assert!(notice.contains(why), "{}: {notice}", path.display());
        assert!(*teller.studio.active().picture() == before);
    }
    let nowhere = folder.path().join("no/such/folder.png");
    teller.export(nowhere, true);
    let notice = teller.studio.notices().last().unwrap().text.clone();
    assert!(notice.contains("no such folder"), "{notice}");
}

/// A PNG that claims 20 000 × 20 000 pixels.
fn huge_png() -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
    bytes.extend(20_000_u32.to_be_bytes());
    bytes.extend(20_000_u32.to_be_bytes());
    bytes.extend([8, 6, 0, 0, 0]);
    bytes.extend(crc32fast::hash(&bytes[12..29]).to_be_bytes());
    bytes.extend(b"\0\0\0\0IDAT\x35\xaf\x06\x1e");
    bytes.extend(b"\0\0\0\0IEND\xae\x42\x60\x82");
    bytes
}

#[test]
fn an_empty_prompt_paints_nothing_and_says_so() {
    let mut teller = Teller::new(2, 2, Manner::Alphabet, "  ");
    teller.perform(DocumentAction::Paint);
    assert!(teller.studio.active().picture().is_blank());
    assert!(teller.studio.notices()[0].text.contains("few words"));
}

#[test]
fn what_the_artist_painted_is_opened_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("lake.png");
    let mut teller = Teller::new(4, 4, Manner::Alphabet, "a");
    let dab = BrushStyle { size: 12.0, hardness: 1.0, ..BrushStyle::default() };
    teller.studio.stroke(dab, &[Point::new(4.0, 4.0)]);
    teller.perform(DocumentAction::Paint);
    teller.export(path.clone(), true);

    let mut same = Teller::new(4, 4, Manner::Alphabet, "b");
    same.perform(StudioAction::Open(path.clone()));
    assert!(same.pixels() == teller.pixels());
    assert!(same.studio.active().picture().cells.iter().all(|it| it.author == Author::Found));
    assert_eq!(same.studio.active().pending().prompt, "a");
    let grid = teller.studio.active().picture().grid;
    let load = move || -> Result<Box<dyn Painter>> {
        Ok(Box::new(Toy::new(grid, Manner::Alphabet).called("Other")))
    };
    let mut other = Teller::with(Box::new(load), "b");
    other.perform(StudioAction::Open(path));
    assert!(other.pixels() == teller.pixels());
    let notice = &other.studio.notices()[0].text;
    assert!(notice.contains("Other paints other pictures"), "{notice}");
}

#[test]
fn one_picture_opened_after_the_other_lies_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let [dark, light] = [40, 220].map(|shade| {
        let path = folder.path().join(format!("{shade}.png"));
        io::write_png(&path, 32, 32, &[shade, shade, shade, 255].repeat(1024), &[]).unwrap();
        path
    });
    let mut teller = Teller::new(4, 4, Manner::Alphabet, "a");
    teller.perform(StudioAction::Open(dark.clone()));
    let before = (teller.picture(), teller.pixels());
    assert_eq!(teller.studio.documents().len(), 1, "there was nothing in it");
    teller.perform(StudioAction::Open(light));
    assert!((teller.picture(), teller.pixels()) != before);
    let [first, second] = teller.studio.documents() else { panic!("each has its own") };
    assert_eq!((first.name(), second.name()), ("40", "220"));
    assert_eq!(second.id(), teller.studio.active().id());
    let (first, second) = (first.id(), second.id());
    teller.perform(StudioAction::Close(second));
    assert_eq!(teller.studio.active().id(), first);
    assert!((teller.picture(), teller.pixels()) == before);
}

#[test]
fn a_half_painted_picture_is_opened_as_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("half.png");
    let mut teller = Teller::new(4, 4, Manner::Alphabet, "a");
    teller.studio.perform(DocumentAction::PauseAt(Some(8)));
    teller.perform(DocumentAction::Paint);
    teller.perform(DocumentAction::Stop);
    assert_eq!(teller.picture(), "abcd efgh .... ....");
    teller.export(path.clone(), false);
    let mut other = Teller::new(4, 4, Manner::Alphabet, "z");
    other.perform(StudioAction::Open(path));
    assert_eq!(other.picture(), "abcd efgh .... ....");
    assert_eq!(other.studio.active().pending().prompt, "z", "the file does not tell its words");
    other.perform(DocumentAction::Continue);
    assert!(other.studio.active().picture().is_finished());
}

#[test]
fn a_picture_in_any_order_is_opened_by_a_model_that_paints_rows() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("outline.png");
    let mut teller = Teller::new(4, 4, Manner::Alphabet, "its words");
    teller.studio.perform(DocumentAction::SetOrder(Order::Outline));
    teller.perform(DocumentAction::Paint);
    teller.export(path.clone(), true);

    let mut other = Teller::in_rows(4, 4, Manner::Alphabet, "z");
    other.perform(StudioAction::Open(path));
    assert_eq!(other.studio.active().pending().prompt, "its words");
    assert_eq!(other.studio.active().pending().order, Order::Rows);
    let (cells, before) = (vec![Cell::new(3, 3)], other.pixels());
    let prompt = Some("X".to_owned());
    let repaint = Repaint { cells: cells.clone(), prompt, reach: Reach::Only, variation_step: 0 };
    other.perform(DocumentAction::Repaint(repaint));
    assert_eq!(other.cells_unlike(&before), cells);
}

#[test]
fn anybodys_picture_can_be_opened_and_edited_in_parts() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("photo.png");
    let (width, height) = (90, 30);
    let slopes = (0..width * height).flat_map(|it| [(it % width * 2) as u8, 90, 200, 255]);
    io::write_png(&path, width, height, &slopes.collect::<Vec<u8>>(), &[]).unwrap();
    let mut teller = Teller::new(4, 4, Manner::Undecided, "some");
    teller.perform(DocumentAction::Paint);
    let before = teller.studio.active().picture().clone();

    teller.perform(StudioAction::Open(path));
    let opened = teller.studio.active().picture().clone();
    assert_eq!((opened.grid.rows, opened.grid.cols), (4, 12), "it keeps its shape");
    assert!(opened.is_finished() && !opened.is_wet());
    assert!(opened.cells.iter().all(|it| it.author == Author::Found && it.code.is_some()));
    teller.touch_with_wand(Cell::new(0, 0));
    let dark = opened.grid.cells().filter(|it| it.col < 6).collect::<Vec<_>>();
    assert_eq!(teller.studio.active().selected_cells(), dark, "the wand sees what it shows");
    let pixels = teller.pixels();
    let edited = vec![Cell::new(0, 5), Cell::new(1, 5)];
    teller.perform(DocumentAction::Repaint(Repaint {
        cells: edited.clone(),
        prompt: Some("X".to_owned()),
        reach: Reach::Only,
        variation_step: 0,
    }));
    assert_eq!(teller.cells_unlike(&pixels), edited);

    let export = folder.path().join("edited.png");
    teller.export(export.clone(), true);
    let metadata = io::read_metadata(&export).unwrap().unwrap();
    assert!(metadata.artist_painted, "not all of it is the model's");
    assert_eq!(metadata.request.plan.n_steps(), edited.len());
    assert!(
        *teller.studio.documents()[0].picture() == before,
        "the picture before is in its own document"
    );
}

#[test]
fn plans_are_stored_under_their_first_names() {
    let grid = Grid { rows: 1, cols: 2, cell_pixels: 8 };
    let mut plan = Plan::fresh(grid, Order::Rows);
    plan.variations = vec![0, 3];
    plan.view_size = ViewSize { rows: 4, cols: 5 };
    let stored = serde_json::to_string(&plan).unwrap();
    assert!(stored.contains(r#""sight":[4,5]"#), "{stored}");
    assert!(stored.contains(r#""takes":[0,3]"#), "{stored}");
    assert_eq!(serde_json::from_str::<Plan>(&stored).unwrap(), plan);
}
