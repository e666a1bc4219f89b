//! Out into files and back.

use alla_prima::base::{Cell, Grid, Order, Plan, Point, ViewSize};
use alla_prima::document::{Author, BrushStyle};
use alla_prima::io;
use alla_prima::model::toy::{Manner, Toy};
use alla_prima::model::{Painter, Result};
use alla_prima::session::{Action, Reach, Repaint};

use super::teller::Teller;

#[test]
fn an_exported_picture_brings_its_request_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("lake.png");
    let mut teller = Teller::new(4, 4, Manner::Undecided, "some words");
    teller.session.perform(Action::SetSeed(77));
    teller.perform(Action::Paint);
    teller.perform(Action::Repaint(Repaint {
        cells: vec![Cell::new(3, 3)],
        prompt: Some("X".to_owned()),
        reach: Reach::Only,
        variation_step: 2,
    }));
    let painted = teller.session.picture().clone();
    teller.perform(Action::Export { path: path.clone(), with_prompt: true });
    assert!(io::read_metadata(&path).unwrap().is_some());

    let mut other = Teller::new(4, 4, Manner::Undecided, "something else");
    other.perform(Action::Open(path));
    assert!(other.pixels() == teller.pixels());
    let restored = other.session.picture();
    assert!(restored.cells.iter().all(|it| it.author == Author::Model));
    assert_eq!(restored.paint_settings, painted.paint_settings);
    assert_eq!(restored.regions, painted.regions);
    let variations = |it: &alla_prima::document::Picture| {
        it.cells.iter().map(|it| it.variation).collect::<Vec<_>>()
    };
    assert_eq!(variations(restored), variations(&painted));
    assert_eq!(other.session.pending().prompt, "some words");
    other.perform(Action::Paint);
    assert!(other.session.picture().is_finished());
}

#[test]
fn what_cannot_be_read_or_written_is_said_and_nothing_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let mut teller = Teller::new(4, 4, Manner::Undecided, "some words");
    teller.perform(Action::Paint);
    let before = teller.session.picture().clone();

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
        (&words, "not a PNG, JPEG or WebP picture"),
        (&missing, "could not be read"),
    ] {
        teller.perform(Action::Open(path.clone()));
        let notice = teller.session.notices().last().unwrap().text.clone();
        assert!(notice.contains(why), "{}: {notice}", path.display());
        assert!(*teller.session.picture() == before);
    }
    let nowhere = folder.path().join("no/such/folder.png");
    teller.perform(Action::Export { path: nowhere, with_prompt: true });
    let notice = teller.session.notices().last().unwrap().text.clone();
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
    teller.perform(Action::Paint);
    assert!(teller.session.picture().is_blank());
    assert!(teller.session.notices()[0].text.contains("few words"));
}

#[test]
fn what_the_artist_painted_is_opened_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("lake.png");
    let mut teller = Teller::new(4, 4, Manner::Alphabet, "a");
    let dab = BrushStyle { size: 12.0, hardness: 1.0, ..BrushStyle::default() };
    teller.session.stroke(dab, &[Point::new(4.0, 4.0)]);
    teller.perform(Action::Paint);
    teller.perform(Action::Export { path: path.clone(), with_prompt: true });

    let mut same = Teller::new(4, 4, Manner::Alphabet, "b");
    same.perform(Action::Open(path.clone()));
    assert!(same.pixels() == teller.pixels());
    assert!(same.session.picture().cells.iter().all(|it| it.author == Author::Found));
    assert_eq!(same.session.pending().prompt, "a");
    let grid = teller.session.picture().grid;
    let load = move || -> Result<Box<dyn Painter>> {
        Ok(Box::new(Toy::new(grid, Manner::Alphabet).called("Other")))
    };
    let mut other = Teller::with(Box::new(load), "b");
    other.perform(Action::Open(path));
    assert!(other.pixels() == teller.pixels());
    let notice = &other.session.notices()[0].text;
    assert!(notice.contains("Other paints other pictures"), "{notice}");
}

#[test]
fn one_picture_opened_after_the_other_is_undone_as_a_whole() {
    let folder = tempfile::tempdir().unwrap();
    let [dark, light] = [40, 220].map(|shade| {
        let path = folder.path().join(format!("{shade}.png"));
        io::write_png(&path, 32, 32, &[shade, shade, shade, 255].repeat(1024), &[]).unwrap();
        path
    });
    let mut teller = Teller::new(4, 4, Manner::Alphabet, "a");
    teller.perform(Action::Open(dark.clone()));
    let before = (teller.picture(), teller.pixels());
    let mut teller = Teller::new(4, 4, Manner::Alphabet, "a");
    for path in [dark, light] {
        teller.session.perform(Action::Open(path));
        teller.wait_until("it is there", |it| !it.has_running_tasks());
    }
    teller.rest();
    assert_ne!((teller.picture(), teller.pixels()), before);
    teller.perform(Action::Undo);
    assert_eq!((teller.picture(), teller.pixels()), before);
}

#[test]
fn a_half_painted_picture_is_opened_as_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("half.png");
    let mut teller = Teller::new(4, 4, Manner::Alphabet, "a");
    teller.session.perform(Action::PauseAt(Some(8)));
    teller.perform(Action::Paint);
    teller.perform(Action::Stop);
    assert_eq!(teller.picture(), "abcd efgh .... ....");
    teller.perform(Action::Export { path: path.clone(), with_prompt: false });
    let mut other = Teller::new(4, 4, Manner::Alphabet, "z");
    other.perform(Action::Open(path));
    assert_eq!(other.picture(), "abcd efgh .... ....");
    assert_eq!(other.session.pending().prompt, "z", "the file does not tell its words");
    other.perform(Action::Continue);
    assert!(other.session.picture().is_finished());
}

#[test]
fn a_picture_in_any_order_is_opened_by_a_model_that_paints_rows() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("outline.png");
    let mut teller = Teller::new(4, 4, Manner::Alphabet, "its words");
    teller.session.perform(Action::SetOrder(Order::Outline));
    teller.perform(Action::Paint);
    teller.perform(Action::Export { path: path.clone(), with_prompt: true });

    let mut other = Teller::in_rows(4, 4, Manner::Alphabet, "z");
    other.perform(Action::Open(path));
    assert_eq!(other.session.pending().prompt, "its words");
    assert_eq!(other.session.pending().order, Order::Rows);
    let (cells, before) = (vec![Cell::new(3, 3)], other.pixels());
    let prompt = Some("X".to_owned());
    let repaint = Repaint { cells: cells.clone(), prompt, reach: Reach::Only, variation_step: 0 };
    other.perform(Action::Repaint(repaint));
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
    teller.perform(Action::Paint);
    let before = teller.session.picture().clone();

    teller.perform(Action::Open(path));
    let opened = teller.session.picture().clone();
    assert_eq!((opened.grid.rows, opened.grid.cols), (4, 12), "it keeps its shape");
    assert!(opened.is_finished() && !opened.is_wet());
    assert!(opened.cells.iter().all(|it| it.author == Author::Found && it.code.is_some()));
    teller.touch_with_wand(Cell::new(0, 0));
    let dark = opened.grid.cells().filter(|it| it.col < 6).collect::<Vec<_>>();
    assert_eq!(teller.session.selected_cells(), dark, "the wand sees what it shows");
    let pixels = teller.pixels();
    let edited = vec![Cell::new(0, 5), Cell::new(1, 5)];
    teller.perform(Action::Repaint(Repaint {
        cells: edited.clone(),
        prompt: Some("X".to_owned()),
        reach: Reach::Only,
        variation_step: 0,
    }));
    assert_eq!(teller.cells_unlike(&pixels), edited);

    let export = folder.path().join("edited.png");
    teller.perform(Action::Export { path: export.clone(), with_prompt: true });
    let metadata = io::read_metadata(&export).unwrap().unwrap();
    assert!(metadata.artist_painted, "not all of it is the model's");
    assert_eq!(metadata.request.plan.n_steps(), edited.len());
    while teller.session.picture().grid != before.grid {
        teller.perform(Action::Undo);
    }
    assert!(*teller.session.picture() == before);
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
