//! What the window shows while a picture is painted, by order: after 5, 20, 50 and 100 % of the cells, with what is
//! expected of open ones. `stages OUT-FOLDER < PROMPTS`, one per line, the first seed is 1.

use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use alla_prima::base::Order;
use alla_prima::settings::Settings;
use alla_prima::studio::{Choice, DocumentAction, Studio, load};
use image::RgbaImage;

const PERCENTS: [usize; 4] = [5, 20, 50, 100];

/// How long a pause is given for the last of what is expected of open cells.
const SETTLING: Duration = Duration::from_millis(600);

fn main() -> Result<(), Box<dyn Error>> {
    let out = std::env::args().nth(1).ok_or("Usage: stages OUT-FOLDER < PROMPTS")?;
    std::fs::create_dir_all(&out)?;
    let settings = Settings { underpaints: true, ..Settings::default() };
    let mut studio = Studio::start(load(&Choice::default()), settings, Arc::new(|| ()))?;
    wait(&mut studio, |it| it.facts().is_some());
    for (seed, prompt) in (1..).zip(std::io::stdin().lines()) {
        studio.perform(DocumentAction::SetPrompt(prompt?));
        studio.perform(DocumentAction::SetSeed(seed));
        for (name, order) in [("rows", Order::Rows), ("composed", Order::Composed)] {
            studio.perform(DocumentAction::SetOrder(order));
            for percent in PERCENTS {
                paint(&mut studio, percent);
                let file = format!("{seed:02}-{name}-{percent:03}.png");
                save(&studio, &Path::new(&out).join(file))?;
            }
        }
    }
    Ok(())
}

/// Afresh, as far as that.
fn paint(studio: &mut Studio, percent: usize) {
    studio.perform(DocumentAction::Clear);
    let n_cells = studio.active().picture().grid.n_cells() * percent / 100;
    studio.perform(DocumentAction::PauseAt((percent < 100).then_some(n_cells)));
    studio.perform(DocumentAction::Paint);
    wait(studio, |it| it.active().is_paused() || !it.active().is_painting());
    let paused = Instant::now();
    wait(studio, |it| !it.active().is_painting() || SETTLING < paused.elapsed());
}

fn wait(studio: &mut Studio, is_so: impl Fn(&Studio) -> bool) {
    while !is_so(studio) {
        studio.wait_for_news(Duration::from_millis(50));
        assert!(!studio.is_model_lost(), "{:?}", studio.notices());
    }
}

fn save(studio: &Studio, path: &Path) -> Result<(), Box<dyn Error>> {
    let picture = studio.active().picture();
    let canvas = picture.grid.area();
    let rgba = picture.seen().with_overlay(studio.active().underpainting()).rgba(canvas);
    let image = RgbaImage::from_raw(canvas.width(), canvas.height(), rgba).ok_or("no picture")?;
    Ok(image.save(path)?)
}
