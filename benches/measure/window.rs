//! The window's own time per frame, on a canvas of 1024 × 1024 pixels and on one of 4096 × 4096.

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use alla_prima::base::Grid;
use alla_prima::model::toy::{Manner, Toy};
use alla_prima::model::{Painter, Result};
use alla_prima::settings::Settings;
use alla_prima::studio::{DocumentAction, NewCanvas, StudioAction};
use alla_prima::ui::{App, WindowOptions};
use egui::{Pos2, RawInput, Rect, vec2};

use crate::{Figures, p99_ms};

const N_FRAMES: usize = 400;

/// A pass of a network three times as fast as the embedded one.
const PASS: Duration = Duration::from_micros(500);

/// Frames come at this pace, as they do on a screen.
const FRAME: Duration = Duration::from_millis(8);

pub(crate) fn measure(figures: &mut Figures) {
    let small = measure_on(1024);
    let large = measure_on(4096);
    let note =
        |of: &Frames| format!("{:.2} × idle, {} cells settled meanwhile", of.ratio(), of.n_cells);
    figures.add("ui.frame_ms_p99_idle", small.idle, "ms", "logic and ui, 1024² canvas");
    figures.add("ui.frame_ms_p99_painting", small.painting, "ms", note(&small));
    figures.add("ui.frame_ms_p99_idle_large", large.idle, "ms", "logic and ui, 4096² canvas");
    figures.add("ui.frame_ms_p99_painting_large", large.painting, "ms", note(&large));
}

/// What frames took, in milliseconds.
struct Frames {
    idle: f64,
    painting: f64,
    /// Settled while it painted.
    n_cells: usize,
}

impl Frames {
    fn ratio(&self) -> f64 {
        self.painting / self.idle
    }
}

/// On a square canvas.
fn measure_on(side: u32) -> Frames {
    let ctx = egui::Context::default();
    let grid = Grid { rows: 64, cols: 64, cell_pixels: 16 };
    let load = move || -> Result<Box<dyn Painter>> {
        Ok(Box::new(Toy::new(grid, Manner::Alphabet).with_pass_of(PASS)))
    };
    let options = WindowOptions::default();
    let mut app =
        App::with_settings(&ctx, Box::new(load), options, Settings::default(), 0.0).unwrap();
    while app.studio().facts().is_none() {
        frame(&ctx, &mut app);
    }
    let canvas =
        NewCanvas { size: Some([side, side]), scale: Some((side / 1024) as u16), background: None };
    // As many cells on both.
    app.studio_mut().perform(StudioAction::NewCanvas(canvas));
    for _ in 0..50 {
        frame(&ctx, &mut app);
    }

    let idle = (0..N_FRAMES).map(|_| frame(&ctx, &mut app)).collect();
    let mut painting = Vec::new();
    let mut n_cells = 0;
    while painting.len() < N_FRAMES {
        if !app.studio().active().is_painting() {
            n_cells += app.studio().active().picture().n_settled();
            app.studio_mut().perform(DocumentAction::Clear);
            app.studio_mut().perform(DocumentAction::Paint);
        }
        painting.push(frame(&ctx, &mut app));
    }
    n_cells += app.studio().active().picture().n_settled();
    Frames { idle: p99_ms(idle), painting: p99_ms(painting), n_cells }
}

/// One frame, and how long it kept the window's thread.
fn frame(ctx: &egui::Context, app: &mut App) -> Duration {
    let input = RawInput {
        screen_rect: Some(Rect::from_min_size(Pos2::ZERO, vec2(1280.0, 860.0))),
        ..RawInput::default()
    };
    let begun = busy_time();
    app.take_in(ctx);
    let output = ctx.run_ui(input, |ui| app.draw(ui));
    let took = busy_time().saturating_sub(begun);
    drop(output);
    std::thread::sleep(FRAME.saturating_sub(took));
    took
}

/// How long this thread has been on a core; where the system does not tell, the time of day.
///
/// The engine and the rest of the machine want the same cores: what they take is not the window's.
fn busy_time() -> Duration {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanos = told.and_then(|it| it.split_whitespace().next()?.parse().ok());
    nanos.map_or_else(|| START.elapsed(), Duration::from_nanos)
}
