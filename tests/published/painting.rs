//! A whole picture by a small LlamaGen: painted, paused, steered, painted over, and followed.

use std::sync::Arc;
use std::time::{Duration, Instant};

use alla_prima::base::Sources;
use alla_prima::base::{Cell, Point};
use alla_prima::base::{Hardware, Precision};
use alla_prima::document::{Author, BrushStyle};
use alla_prima::model::published::open;
use alla_prima::settings::Settings;
use alla_prima::studio::{DocumentAction, Studio};

use super::tiny::{self, written};

fn wait_until(studio: &mut Studio, what: &str, is_so: impl Fn(&Studio) -> bool) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !is_so(studio) {
        assert!(Instant::now() < deadline, "it never came that {what}: {:?}", studio.notices());
        studio.wait_for_news(Duration::from_millis(20));
    }
}

fn rest(studio: &mut Studio) {
    wait_until(studio, "all is quiet", |it| {
        !it.active().is_looking()
            && (!it.active().is_painting() || it.active().is_paused())
            && !it.has_running_tasks()
    });
}

fn codes(studio: &Studio) -> Vec<Option<u32>> {
    studio.active().picture().cells.iter().map(|it| it.code).collect()
}

#[test]
fn a_picture_is_painted_paused_steered_painted_over_and_followed() {
    let (_folder, painter, codec) = written(&tiny::llamagen_of_classes());
    let sources = Sources { painter, codec: Some(codec), ..Sources::default() };
    let load = move || open(&sources, Precision::F32, Hardware::Cpu);
    let settings = Settings { prompt: "goldfish".to_owned(), ..Settings::default() };
    let mut studio = Studio::start(Box::new(load), settings, Arc::new(|| ())).unwrap();
    wait_until(&mut studio, "the model is ready", |it| it.facts().is_some());
    assert_eq!(studio.active().pending().sampling.top_k, 2000);

    studio.perform(DocumentAction::PauseAt(Some(20)));
    studio.perform(DocumentAction::Paint);
    rest(&mut studio);
    assert!(studio.active().is_paused());
    let paused = codes(&studio);
    assert_eq!(paused.iter().flatten().count(), 20);

    // What is painted from now on is of another class.
    studio.perform(DocumentAction::PauseAt(None));
    studio.perform(DocumentAction::SetPrompt("golden retriever".to_owned()));
    assert_eq!(studio.primary().label, "Continue");
    studio.perform(DocumentAction::Continue);
    rest(&mut studio);
    assert!(studio.active().picture().is_finished());
    let steered = codes(&studio);
    assert_eq!(steered[..20], paused[..20]);

    let style =
        BrushStyle { size: 10.0, hardness: 1.0, colour: [255; 3], opacity: 1.0, erase: false };
    let grid = studio.active().picture().grid;
    let at = Cell::new(4, 3);
    let middle = |it: u16| (f32::from(it) + 0.5) * f32::from(grid.cell_pixels);
    studio.stroke(style, &[Point::new(middle(at.col), middle(at.row))]);
    rest(&mut studio);
    let touched: Vec<Cell> = {
        let picture = studio.active().picture();
        grid.cells().filter(|&it| picture.state(it).author == Author::Artist).collect()
    };
    assert!(touched.contains(&at));
    let with_stroke = codes(&studio);
    assert_eq!(studio.primary().label, "Let the rest follow");
    studio.perform(DocumentAction::FollowStrokes);
    rest(&mut studio);

    let followed = codes(&studio);
    let first = grid.idx(*touched.iter().min().unwrap());
    assert_eq!(followed[..first], steered[..first], "what comes before the stroke stays");
    for &cell in &touched {
        assert_eq!(followed[grid.idx(cell)], with_stroke[grid.idx(cell)], "the stroke stays");
    }
    assert_ne!(followed[first..], with_stroke[first..], "nothing followed");
    assert!(studio.active().picture().is_finished());
    assert!(studio.notices().is_empty(), "{:?}", studio.notices());
}
