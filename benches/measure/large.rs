//! What a large document costs beside a small one: the window's thread must not notice how large the canvas is.

use std::sync::Arc;
use std::time::{Duration, Instant};

use alla_prima::base::{Grid, Point, TileIdx};
use alla_prima::compose::Composition;
use alla_prima::document::BrushStyle;
use alla_prima::engine::Load;
use alla_prima::model::toy::{Manner, Toy};
use alla_prima::settings::Settings;
use alla_prima::studio::{DocumentAction, LayerAction, NewCanvas, Studio, StudioAction};

use super::Figures;
use super::engine::{forget_peak, peak_bytes};

const STROKES: usize = 40;

/// A document of this many pixels to a side, with a stroke on each layer.
fn document(side: u32, n_layers: usize) -> Studio {
    let grid = Grid { rows: 24, cols: 24, cell_pixels: 24 };
    let load: Load = Box::new(move || Ok(Box::new(Toy::new(grid, Manner::Alphabet))));
    let settings = Settings { prompt: "a".to_owned(), underpaints: false, ..Settings::default() };
    let mut studio = Studio::start(load, settings, Arc::new(|| ())).unwrap();
    while studio.facts().is_none() {
        studio.wait_for_news(Duration::from_millis(50));
    }
    let canvas = NewCanvas { size: Some([side, side]), scale: Some(2), background: None };
    studio.perform(StudioAction::NewCanvas(canvas));
    for idx in 0..n_layers {
        if 0 < idx {
            studio.perform(DocumentAction::Layer(LayerAction::Add));
        }
        stroke(&mut studio, idx);
    }
    studio
}

fn style() -> BrushStyle {
    BrushStyle { size: 40.0, colour: [200, 90, 30], opacity: 0.8, ..BrushStyle::default() }
}

fn stroke(studio: &mut Studio, idx: usize) {
    let at = |x: f32, y: f32| Point::new(200.0 + x + idx as f32 * 3.0, 240.0 + y);
    studio.stroke(style(), &[at(0.0, 0.0), at(120.0, 60.0), at(260.0, 10.0), at(330.0, 90.0)]);
}

/// Looks at what is stale, as the canvas does; a GPU composes it.
fn show(studio: &mut Studio, shown: &mut Composition) {
    let stale = studio.take_stale();
    let picture = studio.active().picture();
    let seen = picture.seen().with_model_layer(studio.active().shown_layer());
    for idx in TileIdx::within(stale.intersection(shown.area())) {
        shown.put(idx, seen.program(idx));
    }
}

fn seconds(studio: &mut Studio, shown: &mut Composition, deed: impl Fn(&mut Studio, usize)) -> f64 {
    let mut times: Vec<f64> = (0..STROKES)
        .map(|idx| {
            let begun = Instant::now();
            deed(studio, idx);
            show(studio, shown);
            begun.elapsed().as_secs_f64()
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[STROKES / 2]
}

pub(crate) fn measure(figures: &mut Figures) {
    let mut small = document(1024, 2);
    forget_peak();
    let before = peak_bytes();
    let mut large = document(4096, 8);
    if let (Some(before), Some(peak)) = (before, peak_bytes()) {
        let more = peak.saturating_sub(before) as f64 / 1e6;
        figures.add(
            "large.memory",
            more,
            "MB",
            "8 layers of 4096² with a stroke each, at most, without the window",
        );
    }
    let mut found = Vec::new();
    for studio in [&mut small, &mut large] {
        let grid = studio.active().picture().grid;
        let mut shown = Composition::new(grid.width(), grid.height());
        show(studio, &mut shown);
        let strokes = seconds(studio, &mut shown, stroke);
        let undo = seconds(studio, &mut shown, |it, _| it.perform(DocumentAction::Undo));
        let redo = seconds(studio, &mut shown, |it, _| it.perform(DocumentAction::Redo));
        found.push([strokes, undo, redo]);
    }
    let [small, large] = found[..] else { return };
    let names = [
        ("large.stroke", "a stroke of four points, to what a GPU is told to compose"),
        ("large.undo", "of such a stroke"),
        ("large.redo", "of such a stroke"),
    ];
    for ((name, note), (small, large)) in names.into_iter().zip(small.into_iter().zip(large)) {
        figures.add(
            name,
            large / small,
            "times",
            format!(
                "{note}: {:.2} ms with 8 layers of 4096², {:.2} ms with 2 of 1024²",
                large * 1e3,
                small * 1e3
            ),
        );
    }
}
