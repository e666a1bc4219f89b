//! The embedded painter, the whole way through: request in, pixels and report out.
#![expect(clippy::unwrap_used, reason = "all of this is a test")]

use std::path::Path;
use std::sync::LazyLock;

use alla_prima::base::{Grid, Order, PixelRect, Pixmap, Precision, Sources};
use alla_prima::engine::Guessing;
use alla_prima::headless::{Job, Report, SamplingOverrides, paint, read_script};
use alla_prima::io;
use alla_prima::model::embedded::Embedded;
use alla_prima::model::{Painter, Result};
use alla_prima::studio::{Choice, NewCanvas, load};
use serde_json::{Value, json};

static GRID: LazyLock<Grid> = LazyLock::new(|| Embedded::load().unwrap().facts().grid);

/// A picture's pixels, where the canvas is thought to be 256 of them wide.
fn px(n: u32) -> u32 {
    n * GRID.width() / 256
}

fn job(seed: u64, out: &Path) -> Job {
    Job {
        prompt: "the coast in daylight, a few clouds, a sailboat".to_owned(),
        seed: Some(seed),
        canvas: NewCanvas { size: None, scale: Some(1), background: None },
        order: Some(Order::Rows),
        guessing: Guessing::Off,
        out: out.to_owned(),
        ..Job::default()
    }
}

fn run(job: &Job) -> Report {
    let load = || -> Result<Box<dyn Painter>> { Ok(Box::new(Embedded::load()?)) };
    paint(job, Box::new(load), &mut |_, _| ()).unwrap()
}

fn pixels(path: &Path) -> Vec<u8> {
    let picture = io::read_picture(path).unwrap();
    picture.rgba(picture.area())
}

#[test]
fn guessing_ahead_changes_nothing_but_the_number_of_passes() {
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("edits.json");
    let rect = [40, 20, 150, 90].map(px);
    let points = [[60, 60].map(px), [120, 80].map(px)];
    let edits = json!([
        {"at": 90, "prompt": "the sea at sunset, a few clouds"},
        {"at": 999, "repaint": {"rect": rect, "prompt": "many clouds", "follow": "only"}},
        {"at": 999, "stroke": {"points": points, "radius": px(20), "colour": "#ffe0a0"}},
    ]);
    std::fs::write(&script, edits.to_string()).unwrap();
    let windows = [Guessing::Window(6), Guessing::Window(40), Guessing::Auto];
    for (order, windows) in [
        (Order::Rows, &windows[..]),
        (Order::Outline, &windows[1..2]),
        (Order::Sure, &windows[..1]),
    ] {
        let painted = |guessing| {
            let out = folder.path().join("out.png");
            let script = read_script(&script).unwrap();
            let report = run(&Job { script, guessing, order: Some(order.clone()), ..job(7, &out) });
            (pixels(&out), report)
        };
        let (one_by_one, slow) = painted(Guessing::Off);
        for &guessing in windows {
            let (pixels, report) = painted(guessing);
            assert!(pixels == one_by_one, "{guessing:?}, {order:?}: another picture");
            // How many passes a guess saves is the network's affair; a wider window saves more.
            let max_passes = match guessing {
                Guessing::Window(width) if 10 < width => slow.passes * 2 / 5,
                Guessing::Window(_) => slow.passes * 2 / 3,
                _ => slow.passes,
            };
            let n_passes = report.passes;
            assert!(n_passes <= max_passes, "{guessing:?}: {n_passes} of {} passes", slow.passes);
        }
    }
}

#[test]
fn the_same_request_gives_the_same_pixels_and_another_seed_others() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("picture.png");
    let paint = |seed| {
        let report = run(&job(seed, &out));
        assert_eq!((report.cells, report.passes), (GRID.n_cells(), GRID.n_cells()));
        pixels(&out)
    };
    let first = paint(7);
    assert!(first == paint(7), "the second picture differs");
    assert!(first == paint(7), "the third picture differs");
    assert!(first != paint(8), "another seed gives the same picture");
}

#[test]
fn a_pause_for_an_edit_does_not_change_what_came_before_it() {
    let folder = tempfile::tempdir().unwrap();
    let straight = folder.path().join("straight.png");
    run(&job(5, &straight));
    // Steered to the words that it has already: paused at 100 cells, and painted on.
    let script = folder.path().join("script.json");
    let words = "the coast in daylight, a few clouds, a sailboat";
    std::fs::write(&script, format!(r#"[{{"at": 100, "prompt": "{words}"}}]"#)).unwrap();
    let out = folder.path().join("paused.png");
    run(&Job { script: read_script(&script).unwrap(), ..job(5, &out) });
    assert!(pixels(&straight) == pixels(&out));
}

/// Paints, then runs one edit on the finished picture; the pictures before and after it.
fn edited(folder: &Path, edit: &Value) -> (Pixmap, Pixmap, Report) {
    let script = folder.join("script.json");
    std::fs::write(&script, format!("[{edit}]")).unwrap();
    let out = folder.join("picture.png");
    let script = read_script(&script).unwrap();
    let steps = Some(folder.to_owned());
    let report = run(&Job { script, steps, ..job(3, &out) });
    let read = |name: &str| io::read_picture(&folder.join(name)).unwrap();
    (read("0-before.png"), read("0-after.png"), report)
}

/// On a canvas that is thought to be 256 pixels wide.
fn rect(sides: [u32; 4]) -> PixelRect {
    let [left, top, right, bottom] = sides.map(px);
    PixelRect::new(left, top, right, bottom)
}

/// The number of pixels outside `area` that differ.
fn changed_outside(before: &Pixmap, after: &Pixmap, area: PixelRect) -> usize {
    let mut n_changed = 0;
    for y in 0..before.height() {
        for x in 0..before.width() {
            let is_inside =
                (area.left..area.right).contains(&x) && (area.top..area.bottom).contains(&y);
            n_changed += usize::from(!is_inside && before.at(x, y) != after.at(x, y));
        }
    }
    n_changed
}

#[test]
fn only_here_changes_no_pixel_outside() {
    let folder = tempfile::tempdir().unwrap();
    let sides = [48, 16, 192, 80];
    let cells = GRID.touched(rect(sides)).unwrap();
    let (before, after, report) = edited(
        folder.path(),
        &json!({"at": 999, "repaint": {"rect": sides.map(px), "prompt": "many clouds", "follow": "only"}}),
    );
    let area = GRID.pixels(cells);
    assert_eq!(changed_outside(&before, &after, area), 0);
    let edit = &report.edits[0];
    assert_eq!((edit.could_change, edit.passes), (cells.cells().count(), cells.cells().count()));
    assert!(0 < edit.changed, "nothing was repainted");
    assert!(before.rgba(area) != after.rgba(area));
}

#[test]
fn the_rest_follows_a_stroke_and_what_came_before_stays() {
    let folder = tempfile::tempdir().unwrap();
    let points = [[100, 88].map(px), [150, 96].map(px)];
    let (before, after, report) = edited(
        folder.path(),
        &json!({"at": 999, "stroke": {"points": points, "radius": px(20), "colour": "#304050"}}),
    );
    // The rows of cells above the stroke come before it in the order.
    let above = rect([0, 0, 256, 64]);
    assert!(before.rgba(above) == after.rgba(above), "pixels above the stroke changed");
    let middle = rect([104, 84, 144, 100]);
    let stroke: Vec<u8> = after.rgba(middle);
    assert!(
        stroke.chunks(4).all(|it| it == [0x30, 0x40, 0x50, 255]),
        "the stroke was painted over"
    );
    let edit = &report.edits[0];
    assert!(0 < edit.changed && edit.changed < edit.could_change, "{edit:?}");
}

#[test]
fn a_stroke_alone_may_be_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let middle = [128, 128].map(px);
    let (before, after, report) = edited(
        folder.path(),
        &json!({"at": 999, "stroke": {
            "points": [middle], "radius": px(20), "colour": [0, 0, 0], "follow": "only",
        }}),
    );
    assert_eq!(changed_outside(&before, &after, rect([106, 106, 150, 150])), 0);
    assert_eq!(report.edits[0].passes, 0);
}

#[test]
fn outline_first_and_negative_words_paint_too() {
    let folder = tempfile::tempdir().unwrap();
    let (rows, outline) = (folder.path().join("rows.png"), folder.path().join("outline.png"));
    run(&job(3, &rows));
    let sampling = SamplingOverrides {
        temperature: Some(0.9),
        top_k: Some(200),
        top_p: Some(0.98),
        ..SamplingOverrides::default()
    };
    let negative = Some("night".to_owned());
    run(&Job {
        order: Some(Order::Outline),
        sampling,
        negative,
        guidance: Some(3.0),
        ..job(3, &outline)
    });
    assert!(pixels(&rows) != pixels(&outline));
    assert!(pixels(&outline).chunks(4).all(|it| it[3] == 255));
}

#[test]
fn words_that_are_not_known_change_nothing_and_languages_paint_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let painted = |prompt: &str| {
        let out = folder.path().join("painted.png");
        run(&Job { prompt: prompt.to_owned(), ..job(5, &out) });
        pixels(&out)
    };
    let plain = painted("sunset at a lake");
    assert!(painted("a sunset at a zebra lake, (8k:1.2) <lora:ink:1>") == plain);
    assert!(painted("日落时分的湖") == plain);
    assert!(painted("a barn, sunset at a lake") != plain, "a barn stands for a cabin");
}

/// A copy of the embedded model's files.
fn model_in(folder: &Path) {
    for name in ["config.json", "words.json", "codec.safetensors", "painter.safetensors"] {
        std::fs::copy(Path::new("assets/model").join(name), folder.join(name)).unwrap();
    }
}

#[test]
fn a_folder_as_training_writes_it_paints_like_the_model_in_the_program() {
    let folder = tempfile::tempdir().unwrap();
    model_in(folder.path());
    let sources = Sources { painter: folder.path().to_owned(), ..Sources::default() };
    let choice = Choice { name: "mine".to_owned(), sources: Some(sources), ..Choice::default() };
    let [ours, theirs] = ["ours.png", "theirs.png"].map(|it| folder.path().join(it));
    paint(&job(2, &ours), load(&choice), &mut |_, _| ()).unwrap();
    run(&job(2, &theirs));
    assert!(pixels(&ours) == pixels(&theirs));
}

#[test]
fn a_damaged_folder_is_refused_by_name() {
    let refused = |damage: &dyn Fn(&Path)| {
        let folder = tempfile::tempdir().unwrap();
        model_in(folder.path());
        damage(folder.path());
        let opened = Embedded::open(folder.path(), Precision::default());
        let why = opened.err().unwrap().to_string();
        assert!(why.contains(&*folder.path().to_string_lossy()), "{why}");
        why
    };
    let write = |name: &'static str, bytes: &'static [u8]| {
        move |folder: &Path| std::fs::write(folder.join(name), bytes).unwrap()
    };
    assert!(refused(&write("words.json", b"{}")).contains("words"));
    assert!(refused(&write("codec.safetensors", b"")).contains("weights cannot be read"));
    assert!(refused(&write("config.json", b"[]")).contains("configuration"));
    let remove = |folder: &Path| std::fs::remove_file(folder.join("painter.safetensors")).unwrap();
    assert!(refused(&remove).contains("could not be read"));
    let shut = |folder: &Path| {
        std::fs::remove_file(folder.join("config.json")).unwrap();
        std::fs::create_dir(folder.join("config.json")).unwrap();
    };
    assert!(refused(&shut).contains("not a file"));
}
