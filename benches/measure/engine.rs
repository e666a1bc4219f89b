//! The engine with the embedded network: what a step and stepping in cost.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use alla_prima::base::{Cell, CellPlan, Code, Order, Point, scramble};
use alla_prima::document::selection::Mode;
use alla_prima::document::{BrushStyle, Sides};
use alla_prima::engine::{Command, Event, Guessing, Run};
use alla_prima::model::embedded::Embedded;
use alla_prima::model::{Ask, Codes, Painter as _};
use alla_prima::studio::{DocumentAction, Studio, StudioAction};
use alla_prima::tools::{Pointer, Tool};

use crate::Figures;
use crate::guessing::{Bench, Painted, request, stroked};
use crate::painting::{PROMPTS, is_quiet, open, paint, wait};

pub(crate) fn measure(figures: &mut Figures) {
    step_as_it_fills(figures);
    wide_pass(figures);
    underpainting(figures);
    let mut studio = open();
    small_stroke(figures, &mut studio);
    pausing(figures, &mut studio);
    panorama(figures, &mut studio);
    checking(figures);
}

/// One-cell steps with guidance's two texts: the first 32 of a picture, and its last 32.
fn step_as_it_fills(figures: &mut Figures) {
    let painter = Embedded::load().unwrap();
    let grid = painter.facts().grid;
    let cells: Vec<Cell> = grid.cells().collect();
    let mut shortest = [Duration::MAX; 2];
    for _ in 0..5 {
        let mut context = painter.begin(&[Some(PROMPTS[0]), None]).unwrap();
        let mut times = Vec::new();
        let mut placed = Vec::new();
        for (idx, &cell) in cells.iter().enumerate() {
            let begun = Instant::now();
            context.read(&placed, &[Ask { cell, after: idx }]).unwrap();
            times.push(begun.elapsed());
            placed = vec![(cell, scramble(idx as u64) as Code % 4096)];
        }
        let n = times.len();
        for (shortest, part) in shortest.iter_mut().zip([&times[1..33], &times[n - 32..]]) {
            *shortest = (*shortest).min(part.iter().sum());
        }
    }
    let [first, last] = shortest.map(|it| it.as_secs_f64() / 32.0);
    figures.add("step.first_seconds", first, "s", "a one-cell step, the first 32 of a picture");
    figures.add("step.last_over_first", last / first, "", "the last 32 against them");
}

/// A cell of a pass for 64 of them, which are read and asked for, in the middle of a picture.
fn wide_pass(figures: &mut Figures) {
    const WIDTH: usize = 64;
    let painter = Embedded::load().unwrap();
    let cells: Vec<Cell> = painter.facts().grid.cells().collect();
    let code = |idx: usize| scramble(idx as u64) as Code % 4096;
    let placed: Vec<(Cell, Code)> =
        cells.iter().enumerate().map(|(idx, cell)| (*cell, code(idx))).collect();
    let middle = cells.len() / 2;
    let mut context = painter.begin(&[Some(PROMPTS[0]), None]).unwrap();
    context.read(&placed[..middle], &[]).unwrap();
    let asks: Vec<Ask> =
        (middle..middle + WIDTH).map(|after| Ask { cell: cells[after], after }).collect();
    let pass = crate::shortest(20, || {
        context.rewind(middle);
        context.read(&placed[middle..middle + WIDTH], &asks).unwrap();
    });
    let note = "a cell of a pass for 64, in the middle of a picture";
    figures.add("step.wide_seconds", pass.as_secs_f64() / WIDTH as f64, "s", note);
}

/// From a paused plan to what is expected of all open cells, against the parts that it cannot do without.
fn underpainting(figures: &mut Figures) {
    let bench = Bench::start();
    let grid = bench.grid;
    let painter = Embedded::load().unwrap();
    let none = vec![None; grid.n_cells()];
    let even = vec![1.0 / painter.facts().n_codes as f32; painter.facts().n_codes];
    let probs: Vec<(Cell, &[f32])> = grid.cells().map(|it| (it, even.as_slice())).collect();
    let decode = crate::shortest(5, || {
        let codes = Codes { grid, of_cells: &none };
        painter.codec().underpaint(codes, &probs, grid.all()).unwrap();
    });
    let fresh = request(&bench.facts, grid, PROMPTS[0], 3, Order::Rows);
    let done = bench.paint(&fresh, &none, Guessing::Off);
    let mut edited = stroked(&fresh, &done.codes, Cell::new(2, 3));
    bench.engine.send(Command::Underpaint(true));
    let mut shortest = [Duration::MAX; 2];
    for seed in 0..5 {
        // Other noise, so that nothing can be remembered of the round before.
        edited.seed = seed;
        let begun = Instant::now();
        bench.send(edited.clone(), done.codes.clone(), Run::Cells(0));
        // First a sketch, then all cells.
        for shortest in &mut shortest {
            let next =
                || bench.engine.wait(Duration::from_secs(60)).expect("the engine says nothing");
            let is_last = |it: Event| match it {
                Event::Expected { decoded, .. } => decoded.window.bottom == grid.rows,
                _ => false,
            };
            while !is_last(next()) {}
            *shortest = (*shortest).min(begun.elapsed());
        }
    }
    let [sketch, all] = shortest.map(|it| it.as_secs_f64());
    figures.add("underpainting.decode_seconds", decode.as_secs_f64(), "s", "one soft decode");
    figures.add(
        "underpainting.seconds",
        sketch,
        "s",
        "from the edit to a sketch of the whole picture",
    );
    figures.add("underpainting.all_seconds", all, "s", "until every open cell was asked for, too");
}

/// After 2 × 2 cells have changed: how many of the later ones keep their codes in each order; and what exactness costs at
/// the least, in rows, if every guess is right and only has to be checked.
fn checking(figures: &mut Figures) {
    let bench = Bench::start();
    let none = vec![None; bench.grid.n_cells()];
    let secs = |it: &Painted| f64::from(it.stats.secs - it.stats.decode_secs);
    let mut ratios = Vec::new();
    for (name, order) in [
        ("edit.kept_in_rows", Order::Rows),
        ("edit.kept_composed", Order::Composed),
        ("edit.kept_outline_first", Order::Outline),
        ("edit.kept_at_random", Order::Random),
    ] {
        let (mut n_later, mut n_kept) = (0, 0);
        for (seed, corner) in (0..).zip([(8, 8), (5, 14), (14, 3), (10, 19)].repeat(2)) {
            let fresh = request(&bench.facts, bench.grid, PROMPTS[0], seed, order.clone());
            let afresh = bench.paint(&fresh, &none, Guessing::Off);
            let edited = stroked(&fresh, &afresh.codes, Cell::new(corner.0, corner.1));
            let again = bench.paint(&edited, &afresh.codes, Guessing::Auto);
            let later = edited.plan.cells.iter().zip(afresh.codes.iter().zip(&again.codes));
            let later = later.filter(|(plan, _)| **plan == CellPlan::Paint);
            n_later += later.clone().count();
            n_kept += later.filter(|(_, (old, new))| old == new).count();
            if order == Order::Rows && corner == (8, 8) {
                let widths = [8, 16, 32, 64].map(Guessing::Window);
                let checked = widths.map(|it| secs(&bench.paint(&edited, &again.codes, it)));
                ratios.push(checked.into_iter().fold(f64::MAX, f64::min) / secs(&afresh));
            }
        }
        let note = "of the cells after four cells of other codes";
        figures.add(name, n_kept as f64 / n_later as f64, "of codes", note);
    }
    let note =
        "2 × 2 cells, without pixels, if every guess were right: the least that exactness costs";
    figures.add("edit.checking_over_afresh", median(ratios), "", note);
}

/// A stroke over 2 × 2 cells of a finished picture, and the whole stands again.
fn small_stroke(figures: &mut Figures, studio: &mut Studio) {
    let size = studio.active().picture().grid.cell_pixels;
    let style =
        BrushStyle { size: f32::from(size), colour: [250, 250, 245], ..BrushStyle::default() };
    for (name, order) in [
        ("edit.again_in_rows", Order::Rows),
        ("edit.again_composed", Order::Composed),
        ("edit.again_outline_first", Order::Outline),
        ("edit.again_at_random", Order::Random),
    ] {
        studio.perform(DocumentAction::SetOrder(order));
        let (mut afresh, mut again) = (Vec::new(), Vec::new());
        for seed in 0..7 {
            studio.perform(DocumentAction::Clear);
            studio.set_guessing(Guessing::Off);
            let begun = Instant::now();
            paint(studio, PROMPTS[0], seed);
            afresh.push(begun.elapsed().as_secs_f64());
            studio.set_guessing(Guessing::Auto);
            let at = f32::from(size) * 8.0;
            let begun = Instant::now();
            studio.stroke(style, &[Point::new(at, at)]);
            studio.perform(DocumentAction::FollowStrokes);
            wait(studio, is_quiet);
            again.push(begun.elapsed().as_secs_f64());
        }
        let ratio = median(again) / median(afresh);
        let note = "2 × 2 cells, until all later cells stand again, against afresh one by one";
        figures.add(name, ratio, "", note);
    }
    studio.perform(DocumentAction::SetOrder(Order::Rows));
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// A stroke drawn slowly across a finished picture, with the rest following, in frames as the window has them.
pub(crate) fn live(figures: &mut Figures) {
    let studio = &mut open();
    studio.perform(DocumentAction::Clear);
    paint(studio, PROMPTS[0], 1);
    studio.perform(StudioAction::FollowBrush(true));
    studio.perform(StudioAction::PickTool(Tool::Brush));
    let size = studio.active().picture().grid.width() as f32;
    let point = |ratio: f32| Point::new(size * (0.1 + 0.8 * ratio), size * 0.5);
    let pointer = |studio: &mut Studio, pointer| {
        studio.perform(StudioAction::Pointer { pointer, mode: Mode::Replace });
    };
    pointer(studio, Pointer::Down(point(0.0)));
    let mut updates = 0.0;
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(4) {
        let ratio = begun.elapsed().as_secs_f32() / 4.0;
        pointer(studio, Pointer::Move(point(ratio)));
        let frame = Instant::now();
        studio.absorb_news();
        thread::sleep(Duration::from_millis(16).saturating_sub(frame.elapsed()));
        updates = studio.active().updates_per_sec().unwrap_or(updates);
    }
    pointer(studio, Pointer::Up(point(1.0)));
    wait(studio, is_quiet);
    studio.perform(StudioAction::FollowBrush(false));
    let note = "updates of the whole picture per second, a stroke across its middle";
    figures.add("live.updates_per_second", f64::from(updates), "/s", note);
}

/// Passes of a picture that was paused and resumed three times, beyond those of one that was not.
fn pausing(figures: &mut Figures, studio: &mut Studio) {
    studio.set_guessing(Guessing::Off);
    studio.perform(DocumentAction::Clear);
    let before = studio.active().passes_so_far();
    paint(studio, PROMPTS[0], 4);
    let straight = studio.active().passes_so_far() - before;
    studio.perform(DocumentAction::Clear);
    let before = studio.active().passes_so_far();
    for n in [100, 200, 300] {
        studio.perform(DocumentAction::PauseAt(Some(n)));
        studio.perform(if n == 100 { DocumentAction::Paint } else { DocumentAction::Continue });
        wait(studio, |it| it.active().is_paused());
    }
    studio.perform(DocumentAction::PauseAt(None));
    studio.perform(DocumentAction::Continue);
    wait(studio, is_quiet);
    let extra = (studio.active().passes_so_far() - before) as f64 - straight as f64;
    figures.add("pause.extra_passes", extra, "passes", "paused and resumed three times");
}

/// Memory while painting 16 × 48 cells, against 16 × 16.
fn panorama(figures: &mut Figures, studio: &mut Studio) {
    let Some(_) = peak_bytes() else { return };
    let grid = studio.active().picture().grid;
    let mut painted = |width: u16| {
        studio.perform(DocumentAction::Clear);
        if let Some(more) = width.checked_sub(grid.cols).filter(|&it| 0 < it) {
            let more = i32::from(more) * i32::from(grid.cell_pixels);
            studio.perform(DocumentAction::Reframe(Sides { right: more, ..Sides::default() }));
        }
        forget_peak();
        paint(studio, PROMPTS[0], 6);
        let picture = studio.active().picture().grid;
        (peak_bytes().unwrap() as f64, f64::from(picture.width() * picture.height() * 4))
    };
    let (small, small_pixels) = painted(grid.cols);
    let (wide, wide_pixels) = painted(3 * grid.cols);
    let note = format!(
        "peak {:.0} MB, a picture a third as wide {:.0} MB; pixels of all layers left out",
        wide / 1e6,
        small / 1e6
    );
    let ratio = (wide - 4.0 * (wide_pixels - small_pixels)) / small;
    figures.add("panorama.memory", ratio, "", note);
}

/// The most memory that this process has had at once; `None` where the system does not tell.
pub(crate) fn peak_bytes() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|it| it.starts_with("VmHWM:"))?;
    Some(line.split_whitespace().nth(1)?.parse::<u64>().ok()? * 1024)
}

/// From now on counts anew; see proc(5), `clear_refs`.
pub(crate) fn forget_peak() {
    fs::write("/proc/self/clear_refs", "5").unwrap();
}
