//! What the last step costs: a whole picture, and one after an edit.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use alla_prima::base::{Depth, PixelRect, Pixmap};
use alla_prima::finish::{Finishing, Style, finish, refinish};

use super::Figures;
use super::engine::{forget_peak, peak_bytes};

/// As large as the network's own picture; a cell has 24 pixels.
const SIDE: u32 = 576;
const CELL: u32 = 24;

/// Hills under a sky, with some grain: as much for strokes to follow as in a picture of the network's.
fn picture(side: u32) -> Pixmap {
    let mut pixels = Pixmap::new(side, side);
    let unit = side as f32 / 576.0;
    pixels.update(pixels.area(), |x, y, _| {
        let (across, down) = (x as f32 / unit, y as f32 / unit);
        let hills = 300.0 + 60.0 * (across / 70.0).sin() + 25.0 * (across / 23.0).cos();
        let grain = 12.0 * ((across * 0.7).sin() * (down * 0.9).cos());
        let colour = if down < hills {
            [120.0 + down * 0.3, 140.0 + down * 0.1, 210.0 - down * 0.25]
        } else {
            [60.0 + (down - hills) * 0.2, 110.0 + grain * 2.0, 60.0 + (across / 9.0).sin() * 20.0]
        };
        let [r, g, b] = colour.map(|it| (it + grain).clamp(0.0, 255.0) as u8);
        [r, g, b, 255]
    });
    pixels
}

pub(crate) fn measure(figures: &mut Figures) {
    let own = picture(SIDE);
    for style in Style::ALL {
        let finishing = Finishing { style: Some(style), scale: 4096.0 / SIDE as f32, seed: 1 };
        forget_peak();
        let before = peak_bytes();
        let begun = Instant::now();
        let done = finish(&own, own.area(), &finishing, Depth::Eight, &|_| true);
        assert!(done.is_some());
        let name = match style {
            Style::Oil => "finish.oil_4096",
            Style::Gouache => "finish.gouache_4096",
            Style::Watercolour => "finish.watercolour_4096",
            Style::Ink => "finish.ink_4096",
        };
        let memory = peak_bytes().zip(before).map_or(0, |(now, before)| (now - before) >> 20);
        figures.add(name, begun.elapsed().as_secs_f64(), "s", format!("{memory} MiB more at most"));
    }
    stopping(figures, &own);
    for (name, side, scale) in
        [("finish.edit_at_scale_4", SIDE, 4.0), ("finish.edit_on_2304", 4 * SIDE, 1.0)]
    {
        edited(figures, name, &picture(side), scale);
    }
}

/// From when it is not wanted any more until it is left.
fn stopping(figures: &mut Figures, picture: &Pixmap) {
    let finishing = Finishing { style: Some(Style::Oil), scale: 4.0, seed: 1 };
    let is_stopped = AtomicBool::new(false);
    let stopped_at = std::sync::Mutex::new(None);
    let go_on = |share: f32| {
        if 0.3 < share && !is_stopped.swap(true, Ordering::Relaxed) {
            *stopped_at.lock().unwrap() = Some(Instant::now());
        }
        share <= 0.3
    };
    assert!(finish(picture, picture.area(), &finishing, Depth::Eight, &go_on).is_none());
    let waited = stopped_at.lock().unwrap().unwrap().elapsed();
    figures.add("finish.stop", waited.as_secs_f64() * 1000.0, "ms", "oil");
}

/// Three by three cells change.
fn edited(figures: &mut Figures, name: &'static str, before: &Pixmap, scale: f32) {
    let finishing = Finishing { style: Some(Style::Oil), scale, seed: 1 };
    let done = finish(before, before.area(), &finishing, Depth::Eight, &|_| true).unwrap();
    let shown = Pixmap::from_rgba(done.width, done.height, &done.samples.eight()).unwrap();
    let cell = CELL * before.width() / SIDE;
    let mut now = before.clone();
    let edit = PixelRect::new(10 * cell, 10 * cell, 13 * cell, 13 * cell);
    now.update(edit, |x, y, _| [220, (x % 200) as u8, (y % 90) as u8, 255]);
    let begun = Instant::now();
    let (_, changed) = refinish(before, &shown, &now, now.area(), &finishing).unwrap();
    let note = format!(
        "oil, {} × {} pixels of {} × {} are new",
        changed.width(),
        changed.height(),
        shown.width(),
        shown.height()
    );
    figures.add(name, begun.elapsed().as_secs_f64(), "s", note);
}
