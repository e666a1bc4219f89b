//! A whole picture by a small LlamaGen: painted, paused, steered, painted over, and followed.

use std::sync::Arc;
use std::time::{Duration, Instant};

use alla_prima::base::Sources;
use alla_prima::base::{Cell, Point};
use alla_prima::base::{Hardware, Precision};
use alla_prima::document::{Author, BrushStyle};
use alla_prima::model::published::open;
use alla_prima::session::{Action, Session};
use alla_prima::settings::Settings;

use super::tiny::{self, written};

fn wait_until(session: &mut Session, what: &str, is_so: impl Fn(&Session) -> bool) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !is_so(session) {
        assert!(Instant::now() < deadline, "it never came that {what}: {:?}", session.notices());
        session.wait_for_news(Duration::from_millis(20));
    }
}

fn rest(session: &mut Session) {
    wait_until(session, "all is quiet", |it| {
        !it.is_looking() && (!it.is_painting() || it.is_paused()) && !it.has_running_tasks()
    });
}

fn codes(session: &Session) -> Vec<Option<u32>> {
    session.picture().cells.iter().map(|it| it.code).collect()
}

#[test]
fn a_picture_is_painted_paused_steered_painted_over_and_followed() {
    let (_folder, painter, codec) = written(&tiny::llamagen_of_classes());
    let sources = Sources { painter, codec: Some(codec), ..Sources::default() };
    let load = move || open(&sources, Precision::F32, Hardware::Cpu);
    let settings = Settings { prompt: "goldfish".to_owned(), ..Settings::default() };
    let mut session = Session::start(Box::new(load), &settings, Arc::new(|| ())).unwrap();
    wait_until(&mut session, "the model is ready", |it| it.facts().is_some());
    assert_eq!(session.pending().sampling.top_k, 2000);

    session.perform(Action::PauseAt(Some(20)));
    session.perform(Action::Paint);
    rest(&mut session);
    assert!(session.is_paused());
    let paused = codes(&session);
    assert_eq!(paused.iter().flatten().count(), 20);

    // What is painted from now on is of another class.
    session.perform(Action::PauseAt(None));
    session.perform(Action::SetPrompt("golden retriever".to_owned()));
    assert_eq!(session.primary().label, "Continue");
    session.perform(Action::Continue);
    rest(&mut session);
    assert!(session.picture().is_finished());
    let steered = codes(&session);
    assert_eq!(steered[..20], paused[..20]);

    let style =
        BrushStyle { size: 10.0, hardness: 1.0, colour: [255; 3], opacity: 1.0, erase: false };
    let grid = session.picture().grid;
    let at = Cell::new(4, 3);
    let middle = |it: u16| (f32::from(it) + 0.5) * f32::from(grid.cell_pixels);
    session.stroke(style, &[Point::new(middle(at.col), middle(at.row))]);
    rest(&mut session);
    let touched: Vec<Cell> = {
        let picture = session.picture();
        grid.cells().filter(|&it| picture.state(it).author == Author::Artist).collect()
    };
    assert!(touched.contains(&at));
    let with_stroke = codes(&session);
    assert_eq!(session.primary().label, "Let the rest follow");
    session.perform(Action::FollowStrokes);
    rest(&mut session);

    let followed = codes(&session);
    let first = grid.idx(*touched.iter().min().unwrap());
    assert_eq!(followed[..first], steered[..first], "what comes before the stroke stays");
    for &cell in &touched {
        assert_eq!(followed[grid.idx(cell)], with_stroke[grid.idx(cell)], "the stroke stays");
    }
    assert_ne!(followed[first..], with_stroke[first..], "nothing followed");
    assert!(session.picture().is_finished());
    assert!(session.notices().is_empty(), "{:?}", session.notices());
}
