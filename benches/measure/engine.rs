//! The engine with the embedded network: exactness of guessing, passes, and what stepping in costs.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use alla_prima::base::{Cell, CellPlan, Code, Grid, Order, Plan, Point, Prompt, Request, scramble};
use alla_prima::document::selection::Mode;
use alla_prima::document::{BrushStyle, Sides};
use alla_prima::engine::{Command, Engine, Event, Guessing, JobId, Run, Stats};
use alla_prima::model::embedded::Embedded;
use alla_prima::model::{Ask, Codes, Facts, Painter, Result};
use alla_prima::session::{Action, Session};
use alla_prima::tools::{Pointer, Tool};

use crate::Figures;
use crate::painting::{PROMPTS, is_quiet, open, paint, wait};

/// A picture as the engine painted it.
struct Painted {
    codes: Vec<Option<Code>>,
    /// The mean of the negative log-probability of its codes, in nats.
    surprise: f32,
    stats: Stats,
}

/// An engine with the embedded network, and how many jobs it has had.
struct Bench {
    engine: Engine,
    n_jobs: u64,
    grid: Grid,
    facts: Facts,
}

impl Bench {
    fn start() -> Self {
        let load = || -> Result<Box<dyn Painter>> { Ok(Box::new(Embedded::load()?)) };
        let engine = Engine::start(Box::new(load), || ()).unwrap();
        let facts = Embedded::load().unwrap().facts().clone();
        Self { engine, n_jobs: 0, grid: facts.grid, facts }
    }

    fn paint(&mut self, request: &Request, drafts: &[Option<Code>], guessing: Guessing) -> Painted {
        self.n_jobs += 1;
        let job = JobId(self.n_jobs);
        self.engine.tell(Command::Guess(guessing));
        let request = Box::new(request.clone());
        let grid = request.plan.grid;
        let mut codes: Vec<Option<Code>> = request.plan.cells.iter().map(|it| kept(*it)).collect();
        self.engine.tell(Command::Paint { job, request, drafts: drafts.to_vec(), run: Run::On });
        let mut surprise = 0.0;
        loop {
            match self.engine.wait(Duration::from_secs(60)).expect("the engine says nothing") {
                Event::Settled { cell, code, log_prob, .. } => {
                    codes[grid.idx(cell)] = Some(code);
                    surprise -= log_prob;
                }
                Event::Ended { stats, .. } => {
                    surprise /= stats.n_settled as f32;
                    return Painted { codes, surprise, stats };
                }
                _ => (),
            }
        }
    }
}

const fn kept(plan: CellPlan) -> Option<Code> {
    match plan {
        CellPlan::Keep(code) => Some(code),
        CellPlan::Paint => None,
    }
}

/// Under the model's own settings.
fn request(facts: &Facts, grid: Grid, prompt: &str, seed: u64, order: Order) -> Request {
    let (text, negative) = (prompt.to_owned(), String::new());
    Request {
        model: facts.name.clone(),
        prompts: vec![Prompt { text, negative, guidance: facts.guidance }],
        sampling: facts.sampling,
        seed,
        plan: Plan::fresh(grid, order),
    }
}

/// Some minutes: hundreds of pictures.
pub(crate) fn guessing(figures: &mut Figures) {
    let mut bench = Bench::start();
    exactness(figures, &mut bench);
    passes(figures, &mut bench);
}

pub(crate) fn measure(figures: &mut Figures) {
    step_as_it_fills(figures);
    underpainting(figures);
    let mut session = open();
    small_stroke(figures, &mut session);
    checking(figures);
    live(figures, &mut session);
    pausing(figures, &mut session);
    panorama(figures, &mut session);
}

/// Prompts × seeds × orders × edits on a small canvas, with every kind of window and one by one.
fn exactness(figures: &mut Figures, bench: &mut Bench) {
    let grid = Grid { rows: 8, cols: 8, ..bench.grid };
    let none = vec![None; grid.n_cells()];
    let (mut n_requests, mut n_identical) = (0, 0);
    for (idx, prompt) in PROMPTS.iter().take(5).enumerate() {
        for seed in 0..5 {
            for order in [Order::Rows, Order::Outline, Order::Random, Order::Sure] {
                let fresh = request(&bench.facts, grid, prompt, seed, order);
                let slow = bench.paint(&fresh, &none, Guessing::Off);
                let windows = [5, 16, 64].map(Guessing::Window);
                let fast = bench.paint(&fresh, &none, windows[(idx + seed as usize) % 3]);
                let edited = stroked(&fresh, &slow.codes, Cell::new(2, 3));
                let slow_edit = bench.paint(&edited, &slow.codes, Guessing::Off);
                let fast_edit = bench.paint(&edited, &slow.codes, Guessing::Auto);
                n_requests += 2;
                n_identical += usize::from(slow.codes == fast.codes);
                n_identical += usize::from(slow_edit.codes == fast_edit.codes);
            }
        }
    }
    let note = format!("of {n_requests} requests: prompts × seeds × orders × edits, 8 × 8 cells");
    figures.add("guessing.identical", n_identical as f64, "requests", note);
}

/// The request after an edit: 2 × 2 cells from `corner` on have other codes, what comes before all of them is kept, the
/// rest follows.
fn stroked(request: &Request, codes: &[Option<Code>], corner: Cell) -> Request {
    let mut edited = request.clone();
    let grid = request.plan.grid;
    let area = corner.row..corner.row + 2;
    let is_set =
        |it: &Cell| area.contains(&it.row) && (corner.col..corner.col + 2).contains(&it.col);
    let order = request.plan.order.cells(grid, request.seed);
    let first = order.iter().position(is_set).unwrap();
    for (place, cell) in order.iter().enumerate() {
        let code = codes[grid.idx(*cell)].unwrap();
        if is_set(cell) {
            let other = scramble(u64::from(code)) as Code % 4096;
            edited.plan.cells[grid.idx(*cell)] = CellPlan::Keep(other);
        } else if place < first {
            edited.plan.cells[grid.idx(*cell)] = CellPlan::Keep(code);
        }
    }
    edited
}

/// Forward passes with a window of 64, for forty pictures; and whether simple ones need fewer.
fn passes(figures: &mut Figures, bench: &mut Bench) {
    let none = vec![None; bench.grid.n_cells()];
    for ([name, of_simple], order) in [
        (["guessing.passes_rows", "guessing.simple_rows"], Order::Rows),
        (["guessing.passes_outline", "guessing.simple_outline"], Order::Outline),
        (["guessing.passes_random", "guessing.simple_random"], Order::Random),
    ] {
        let mut pictures = Vec::new();
        for (idx, prompt) in PROMPTS.iter().cycle().take(40).enumerate() {
            let request = request(&bench.facts, bench.grid, prompt, idx as u64, order.clone());
            pictures.push(bench.paint(&request, &none, Guessing::Window(64)));
        }
        let share = mean_passes(&pictures) / bench.grid.n_cells() as f64;
        figures.add(name, share, "of cells", "window of 64, mean of 40 pictures");
        pictures.sort_by(|a, b| a.surprise.total_cmp(&b.surprise));
        let ratio = mean_passes(&pictures[..10]) / mean_passes(&pictures[30..]);
        let note = "passes of the quarter with the lowest entropy, of those with the highest";
        figures.add(of_simple, ratio, "", note);
    }
}

fn mean_passes(pictures: &[Painted]) -> f64 {
    pictures.iter().map(|it| it.stats.n_passes as f64).sum::<f64>() / pictures.len() as f64
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

/// From a paused plan to what is expected of all open cells, against the parts that it cannot do without.
fn underpainting(figures: &mut Figures) {
    let mut bench = Bench::start();
    let grid = bench.grid;
    let painter = Embedded::load().unwrap();
    let none = vec![None; grid.n_cells()];
    let even = vec![1.0 / painter.facts().n_codes as f32; painter.facts().n_codes];
    let odds: Vec<(Cell, Vec<f32>)> = grid.cells().map(|it| (it, even.clone())).collect();
    let decode = crate::shortest(5, || {
        let codes = Codes { grid, of_cells: &none };
        painter.codec().underpaint(codes, &odds, grid.all()).unwrap();
    });
    let fresh = request(&bench.facts, grid, PROMPTS[0], 3, Order::Rows);
    let done = bench.paint(&fresh, &none, Guessing::Off);
    let mut edited = stroked(&fresh, &done.codes, Cell::new(2, 3));
    bench.engine.tell(Command::Underpaint(true));
    let mut shortest = [Duration::MAX; 2];
    for seed in 0..5 {
        // Other luck, so that nothing can be remembered of the round before.
        edited.seed = seed;
        let begun = Instant::now();
        bench.n_jobs += 1;
        let (job, request) = (JobId(bench.n_jobs), Box::new(edited.clone()));
        let drafts = done.codes.clone();
        bench.engine.tell(Command::Paint { job, request, drafts, run: Run::Cells(0) });
        // First a sketch, then all cells.
        for shortest in &mut shortest {
            while !matches!(
                bench.engine.wait(Duration::from_secs(9)),
                Some(Event::Expected { decoded, .. }) if decoded.window.bottom == grid.rows
            ) {}
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

/// What exactness costs at the least after 2 × 2 cells have changed: every guess is right, and only has to be checked.
fn checking(figures: &mut Figures) {
    let mut bench = Bench::start();
    let none = vec![None; bench.grid.n_cells()];
    let secs = |it: &Painted| f64::from(it.stats.secs - it.stats.decode_secs);
    let mut ratios = Vec::new();
    for seed in 0..5 {
        let fresh = request(&bench.facts, bench.grid, PROMPTS[0], seed, Order::Rows);
        let afresh = bench.paint(&fresh, &none, Guessing::Off);
        let edited = stroked(&fresh, &afresh.codes, Cell::new(8, 8));
        let again = bench.paint(&edited, &afresh.codes, Guessing::Auto);
        let widths = [8, 16, 32, 64].map(Guessing::Window);
        let checked = widths.map(|it| secs(&bench.paint(&edited, &again.codes, it)));
        ratios.push(checked.into_iter().fold(f64::MAX, f64::min) / secs(&afresh));
    }
    let note = "the same without pixels, if every guess were right: the least that exactness costs";
    figures.add("edit.checking_over_afresh", median(ratios), "", note);
}

/// A stroke over 2 × 2 cells of a finished picture, and the whole stands again.
fn small_stroke(figures: &mut Figures, session: &mut Session) {
    let size = session.picture().grid.cell_pixels;
    let style =
        BrushStyle { size: f32::from(size), colour: [250, 250, 245], ..BrushStyle::default() };
    let (mut afresh, mut again) = (Vec::new(), Vec::new());
    for seed in 0..5 {
        session.perform(Action::NewPicture);
        session.set_guessing(Guessing::Off);
        let begun = Instant::now();
        paint(session, PROMPTS[0], seed);
        afresh.push(begun.elapsed().as_secs_f64());
        session.set_guessing(Guessing::Auto);
        let at = f32::from(size) * 8.0;
        let begun = Instant::now();
        session.stroke(style, &[Point::new(at, at)]);
        session.perform(Action::FollowStrokes);
        wait(session, is_quiet);
        again.push(begun.elapsed().as_secs_f64());
    }
    let ratio = median(again) / median(afresh);
    let note = "2 × 2 cells, until all later cells stand again, against afresh one by one";
    figures.add("edit.again_over_afresh", ratio, "", note);
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// A stroke drawn slowly across a finished picture, with the rest following, in frames as the window has them.
fn live(figures: &mut Figures, session: &mut Session) {
    session.perform(Action::NewPicture);
    paint(session, PROMPTS[0], 1);
    session.perform(Action::FollowBrush(true));
    session.perform(Action::PickTool(Tool::Brush));
    let size = session.picture().grid.width() as f32;
    let point = |share: f32| Point::new(size * (0.1 + 0.8 * share), size * 0.5);
    let pointer = |session: &mut Session, pointer| {
        session.perform(Action::Pointer { pointer, mode: Mode::Replace });
    };
    pointer(session, Pointer::Down(point(0.0)));
    let mut updates = 0.0;
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(4) {
        let share = begun.elapsed().as_secs_f32() / 4.0;
        pointer(session, Pointer::Move(point(share)));
        let frame = Instant::now();
        session.absorb_news();
        thread::sleep(Duration::from_millis(16).saturating_sub(frame.elapsed()));
        updates = session.updates_per_sec().unwrap_or(updates);
    }
    pointer(session, Pointer::Up(point(1.0)));
    wait(session, is_quiet);
    session.perform(Action::FollowBrush(false));
    let note = "updates of the whole picture per second, a stroke across its middle";
    figures.add("live.updates_per_second", f64::from(updates), "/s", note);
}

/// Passes of a picture that was paused and resumed three times, beyond those of one that was not.
fn pausing(figures: &mut Figures, session: &mut Session) {
    session.set_guessing(Guessing::Off);
    session.perform(Action::NewPicture);
    let before = session.passes_so_far();
    paint(session, PROMPTS[0], 4);
    let straight = session.passes_so_far() - before;
    session.perform(Action::NewPicture);
    let before = session.passes_so_far();
    for n in [100, 200, 300] {
        session.perform(Action::PauseAt(Some(n)));
        session.perform(if n == 100 { Action::Paint } else { Action::Continue });
        wait(session, |it| it.is_paused());
    }
    session.perform(Action::PauseAt(None));
    session.perform(Action::Continue);
    wait(session, is_quiet);
    let extra = (session.passes_so_far() - before) as f64 - straight as f64;
    figures.add("pause.extra_passes", extra, "passes", "paused and resumed three times");
}

/// Memory while painting 16 × 48 cells, against 16 × 16.
fn panorama(figures: &mut Figures, session: &mut Session) {
    let Some(_) = peak_bytes() else { return };
    let grid = session.picture().grid;
    let mut painted = |width: u16| {
        session.perform(Action::NewPicture);
        if let Some(more) = width.checked_sub(grid.cols).filter(|&it| 0 < it) {
            session.perform(Action::Extend(Sides { right: more, ..Sides::default() }));
        }
        forget_peak();
        paint(session, PROMPTS[0], 6);
        let picture = session.picture().grid;
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
fn peak_bytes() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|it| it.starts_with("VmHWM:"))?;
    Some(line.split_whitespace().nth(1)?.parse::<u64>().ok()? * 1024)
}

/// From now on counts anew; see proc(5), `clear_refs`.
fn forget_peak() {
    fs::write("/proc/self/clear_refs", "5").unwrap();
}
