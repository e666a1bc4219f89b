//! What the window shows while a picture is painted, by order: after 5, 20, 50 and 100 % of the cells, with what is
//! expected of open ones. `stages OUT-FOLDER < PROMPTS`, one per line, the first seed is 1.

use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use alla_prima::base::Order;
use alla_prima::document::blend;
use alla_prima::session::{Action, Choice, Session, load};
use alla_prima::settings::Settings;
use image::RgbaImage;

const PERCENTS: [usize; 4] = [5, 20, 50, 100];

/// How long a pause is given for the last of what is expected of open cells.
const SETTLING: Duration = Duration::from_millis(600);

fn main() -> Result<(), Box<dyn Error>> {
    let out = std::env::args().nth(1).ok_or("Usage: stages OUT-FOLDER < PROMPTS")?;
    std::fs::create_dir_all(&out)?;
    let settings = Settings { underpaints: true, ..Settings::default() };
    let mut session = Session::start(load(&Choice::default()), &settings, Arc::new(|| ()))?;
    wait(&mut session, |it| it.facts().is_some());
    for (seed, prompt) in (1..).zip(std::io::stdin().lines()) {
        session.perform(Action::SetPrompt(prompt?));
        session.perform(Action::SetSeed(seed));
        for (name, order) in [("rows", Order::Rows), ("composed", Order::Composed)] {
            session.perform(Action::SetOrder(order));
            for percent in PERCENTS {
                paint(&mut session, percent);
                let file = format!("{seed:02}-{name}-{percent:03}.png");
                save(&session, &Path::new(&out).join(file))?;
            }
        }
    }
    Ok(())
}

/// Afresh, as far as that.
fn paint(session: &mut Session, percent: usize) {
    session.perform(Action::NewPicture);
    let n_cells = session.picture().grid.n_cells() * percent / 100;
    session.perform(Action::PauseAt((percent < 100).then_some(n_cells)));
    session.perform(Action::Paint);
    wait(session, |it| it.is_paused() || !it.is_painting());
    let paused = Instant::now();
    wait(session, |it| !it.is_painting() || SETTLING < paused.elapsed());
}

fn wait(session: &mut Session, is_so: impl Fn(&Session) -> bool) {
    while !is_so(session) {
        session.wait_for_news(Duration::from_millis(50));
        assert!(!session.is_model_lost(), "{:?}", session.notices());
    }
}

fn save(session: &Session, path: &Path) -> Result<(), Box<dyn Error>> {
    let picture = session.picture();
    let canvas = picture.grid.canvas();
    let mut shown = picture.model_layer.clone();
    shown.overlay(canvas, &picture.model_layer, session.underpainting(), blend::over);
    let rgba = shown.rgba(canvas);
    let image = RgbaImage::from_raw(canvas.width(), canvas.height(), rgba).ok_or("no picture")?;
    Ok(image.save(path)?)
}
