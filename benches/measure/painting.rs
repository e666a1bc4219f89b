//! The embedded painter: speed, edits, how much of a picture survives them.

use std::sync::Arc;
use std::time::{Duration, Instant};

use alla_prima::base::{Cell, CellRect, Code, Order, Point};
use alla_prima::document::{Author, BrushStyle};
use alla_prima::engine::Guessing;
use alla_prima::model::embedded::Embedded;
use alla_prima::model::{Codes, Painter, Quality, Result};
use alla_prima::settings::Settings;
use alla_prima::studio::{DocumentAction, Studio};

use crate::{Figures, shortest};

pub(crate) const PROMPTS: &[&str] = &[
    "the coast in daylight, a few clouds, a sailboat",
    "the sea at night, clear sky, a full moon",
    "rolling hills in autumn at noon, scattered clouds",
    "a snowy meadow and woods in winter at dawn",
    "dunes at sunset, heavy clouds, the sun",
    "deep woods in autumn at noon, clear sky",
    "a stormy sky over the ocean at dusk",
    "a meadow with a winding path at sunrise, a castle",
    "a lake with a forest at dawn, many clouds",
    "mountains and a lake on a bright day, many clouds",
];

pub(crate) fn measure(figures: &mut Figures) {
    let begun = Instant::now();
    let mut studio = open();
    studio.perform(DocumentAction::Paint);
    wait(&mut studio, |it| it.active().progress().is_none_or(|it| 0 < it.0));
    let first_cell = begun.elapsed().as_secs_f64();
    figures.add("start.first_cell_seconds", first_cell, "s", "from nothing, weights included");
    wait(&mut studio, |it| !it.active().is_painting());

    studio.set_guessing(Guessing::Off);
    speed(figures, &mut studio);
    guessing(figures, &mut studio);
    decoding(figures, &studio);
    obedience(figures, &mut studio);
    following(figures, &mut studio);
    surviving(figures, &mut studio);
}

pub(crate) fn open() -> Studio {
    let load = || -> Result<Box<dyn Painter>> { Ok(Box::new(Embedded::load()?)) };
    let settings =
        Settings { prompt: PROMPTS[0].to_owned(), underpaints: false, ..Settings::default() };
    let mut studio = Studio::start(Box::new(load), settings, Arc::new(|| ())).unwrap();
    wait(&mut studio, |it| it.facts().is_some());
    studio.perform(DocumentAction::SetOrder(Order::Rows));
    studio
}

pub(crate) fn wait(studio: &mut Studio, is_so: impl Fn(&Studio) -> bool) {
    while !is_so(studio) {
        studio.wait_for_news(Duration::from_millis(50));
        assert!(studio.notices().is_empty(), "{:?}", studio.notices());
    }
}

pub(crate) fn is_quiet(studio: &Studio) -> bool {
    !studio.active().is_painting() && !studio.active().is_looking()
}

pub(crate) fn paint(studio: &mut Studio, prompt: &str, seed: u64) {
    studio.perform(DocumentAction::SetPrompt(prompt.to_owned()));
    studio.perform(DocumentAction::SetSeed(seed));
    studio.perform(DocumentAction::Paint);
    wait(studio, is_quiet);
}

/// Whole pictures, rows, guidance on, one cell after the other.
fn speed(figures: &mut Figures, studio: &mut Studio) {
    let mut seed = 10;
    let picture = shortest(5, || {
        seed += 1;
        paint(studio, PROMPTS[0], seed);
    });
    let stats = studio.active().last_stats().unwrap();
    let painting = f64::from(stats.secs - stats.decode_secs);
    let speed = stats.n_settled as f64 / painting;
    figures.add("embedded.cells_per_second", speed, "/s", "rows, guidance on, looking left out");
    figures.add("embedded.picture_seconds", picture.as_secs_f64(), "s", "whole, looking included");
}

/// What guessing ahead makes of it, code for code the same pictures.
fn guessing(figures: &mut Figures, studio: &mut Studio) {
    for (name, guessing) in [
        ("embedded.picture_guessing_seconds", Guessing::Auto),
        ("embedded.picture_window_16_seconds", Guessing::Window(16)),
        ("embedded.picture_window_64_seconds", Guessing::Window(64)),
    ] {
        studio.set_guessing(guessing);
        let mut seed = 10;
        let before = studio.active().passes_so_far();
        let picture = shortest(5, || {
            seed += 1;
            paint(studio, PROMPTS[0], seed);
        });
        let passes = (studio.active().passes_so_far() - before) as f64 / 5.0;
        let note = format!("{passes:.0} passes");
        figures.add(name, picture.as_secs_f64(), "s", note);
    }
    studio.set_guessing(Guessing::Off);
}

fn codes(studio: &Studio) -> Vec<Option<Code>> {
    studio.active().picture().cells.iter().map(|it| it.code).collect()
}

fn decoding(figures: &mut Figures, studio: &Studio) {
    let painter = Embedded::load().unwrap();
    let (codec, codes) = (painter.codec(), codes(studio));
    // As the model paints it: the canvas has more pixels.
    let grid = painter.facts().grid;
    let whole = grid.all();
    let row = CellRect { top: 7, bottom: 8, ..whole };
    let decode = |window, quality| {
        let time = shortest(15, || {
            codec.decode(Codes { grid, of_cells: &codes }, window, quality).unwrap();
        });
        time.as_secs_f64()
    };
    let full = decode(whole, Quality::Final);
    let window = decode(row, Quality::Preview);
    figures.add("embedded.decode_full_seconds", full, "s", "the whole picture, exact");
    let note = format!("one row of cells: {:.3} of a full decode", window / full);
    figures.add("embedded.decode_window_seconds", window, "s", note);
}

/// How many cells are settled after a pause or a stop has been asked for.
fn obedience(figures: &mut Figures, studio: &mut Studio) {
    for (name, action) in
        [("pause.cells_after", DocumentAction::Pause), ("stop.cells_after", DocumentAction::Stop)]
    {
        let mut max_passes = 0;
        let mut longest = Duration::ZERO;
        for seed in 0..8 {
            studio.perform(DocumentAction::Clear);
            studio.perform(DocumentAction::SetSeed(seed));
            studio.perform(DocumentAction::Paint);
            wait(studio, |it| it.active().progress().is_some_and(|it| 20 <= it.0));
            // What is on its way was painted before the command.
            while studio.wait_for_news(Duration::ZERO) {}
            let (asked, before) = (Instant::now(), studio.active().passes_so_far());
            studio.perform(action.clone());
            wait(studio, |it| !it.active().is_painting() || it.active().is_paused());
            longest = longest.max(asked.elapsed());
            max_passes = max_passes.max(studio.active().passes_so_far() - before);
        }
        let note = format!("most of 8; longest {:.1} ms", longest.as_secs_f64() * 1e3);
        figures.add(name, max_passes as f64, "passes", note);
        studio.perform(DocumentAction::Stop);
        wait(studio, is_quiet);
    }
}

/// A stroke over 4 × 4 cells in the upper third of a finished picture, and the rest follows.
fn following(figures: &mut Figures, studio: &mut Studio) {
    studio.perform(DocumentAction::Clear);
    paint(studio, PROMPTS[0], 2);
    let begun = Instant::now();
    let style = BrushStyle { size: 60.0, colour: [250, 250, 245], ..BrushStyle::default() };
    studio.stroke(style, &[Point::new(96.0, 64.0)]);
    let n_set =
        studio.active().picture().cells.iter().filter(|it| it.author == Author::Artist).count();
    studio.perform(DocumentAction::FollowStrokes);
    wait(studio, |it| it.active().progress().is_some_and(|it| 0 < it.0));
    let note = format!("{n_set} cells set in the upper third");
    figures.add("edit.first_cell_seconds", begun.elapsed().as_secs_f64(), "s", note);
    wait(studio, is_quiet);
    let n = studio.active().last_stats().map_or(0, |it| it.n_settled);
    let note = format!("until the {n} later cells stand again");
    figures.add("edit.follow_seconds", begun.elapsed().as_secs_f64(), "s", note);
}

/// How much of the later picture a stroke over 3 × 3 cells leaves as it was: with the cells' own noise,
/// and with other noise for all of them.
fn surviving(figures: &mut Figures, studio: &mut Studio) {
    let mut kept_ratios = [0.0, 0.0];
    for (idx, prompt) in PROMPTS.iter().enumerate() {
        for (ratio, is_redrawn) in kept_ratios.iter_mut().zip([false, true]) {
            studio.perform(DocumentAction::Clear);
            paint(studio, prompt, idx as u64);
            let before = codes(studio);
            let style = BrushStyle { size: 46.0, colour: [235, 235, 240], ..BrushStyle::default() };
            studio.stroke(style, &[Point::new(104.0, 72.0)]);
            if is_redrawn {
                studio.perform(DocumentAction::SetSeed(1000 + idx as u64));
            }
            studio.perform(DocumentAction::FollowStrokes);
            wait(studio, is_quiet);
            *ratio += kept(studio, &before) / PROMPTS.len() as f64;
        }
    }
    let note = "of the later cells, a 3 × 3-cell stroke, ten prompts";
    figures.add("edit.kept_share_coupled", kept_ratios[0], "", note);
    figures.add("edit.kept_share_redrawn", kept_ratios[1], "", note);
}

fn kept(studio: &Studio, before: &[Option<Code>]) -> f64 {
    let picture = studio.active().picture();
    let is_set = |cell: &Cell| picture.state(*cell).author == Author::Artist;
    let first = picture.grid.cells().find(is_set).expect("the stroke set no cell");
    let later: Vec<Cell> = picture.grid.cells().filter(|it| first < *it && !is_set(it)).collect();
    let same = later.iter().filter(|&&it| picture.state(it).code == before[picture.grid.idx(it)]);
    same.count() as f64 / later.len() as f64
}
