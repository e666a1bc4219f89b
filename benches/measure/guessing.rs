//! The embedded network without a studio: exactness of guessing ahead, and passes that it saves.

use std::time::Duration;

use alla_prima::base::{
    Cell, CellPlan, Code, DocumentId, Grid, JobId, Order, Plan, Prompt, Request, scramble,
};
use alla_prima::engine::{Command, Engine, Event, Guessing, NewPainting, Run, Stats};
use alla_prima::model::embedded::Embedded;
use alla_prima::model::{Facts, Painter, Result};

use crate::Figures;
use crate::painting::PROMPTS;

/// A picture as the engine painted it.
pub(crate) struct Painted {
    pub(crate) codes: Vec<Option<Code>>,
    /// The mean of the negative log-probability of its codes, in nats.
    surprise: f32,
    pub(crate) stats: Stats,
}

/// An engine with the embedded network.
pub(crate) struct Bench {
    pub(crate) engine: Engine,
    pub(crate) grid: Grid,
    pub(crate) facts: Facts,
}

impl Bench {
    pub(crate) fn start() -> Self {
        let load = || -> Result<Box<dyn Painter>> { Ok(Box::new(Embedded::load()?)) };
        let engine = Engine::start(Box::new(load), || ()).unwrap();
        let facts = Embedded::load().unwrap().facts().clone();
        Self { engine, grid: facts.grid, facts }
    }

    /// Begins a painting.
    pub(crate) fn send(&self, request: Request, drafts: Vec<Option<Code>>, run: Run) {
        let (job, document) = (JobId::next(), DocumentId(1));
        let new = NewPainting { job, document, scale: 1, request, pixels: None, drafts, run };
        self.engine.send(Command::Paint(Box::new(new)));
    }

    pub(crate) fn paint(
        &self,
        request: &Request,
        drafts: &[Option<Code>],
        guessing: Guessing,
    ) -> Painted {
        self.engine.send(Command::Guess(guessing));
        let grid = request.plan.grid;
        let mut codes: Vec<Option<Code>> = request.plan.cells.iter().map(|it| kept(*it)).collect();
        self.send(request.clone(), drafts.to_vec(), Run::On);
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
        CellPlan::Read | CellPlan::Paint => None,
    }
}

/// Under the model's own settings.
pub(crate) fn request(facts: &Facts, grid: Grid, prompt: &str, seed: u64, order: Order) -> Request {
    let (text, negative) = (prompt.to_owned(), String::new());
    Request {
        model: facts.id.clone(),
        prompts: vec![Prompt { text, negative, guidance: facts.guidance }],
        sampling: facts.sampling,
        seed,
        plan: Plan::fresh(grid, order),
    }
}

/// Some minutes: hundreds of pictures.
pub(crate) fn measure(figures: &mut Figures) {
    let bench = Bench::start();
    exactness(figures, &bench);
    passes(figures, &bench);
}
/// Prompts × seeds × orders × edits on a small canvas, with every kind of window and one by one.
fn exactness(figures: &mut Figures, bench: &Bench) {
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
pub(crate) fn stroked(request: &Request, codes: &[Option<Code>], corner: Cell) -> Request {
    let mut edited = request.clone();
    let grid = request.plan.grid;
    let rows = corner.row..corner.row + 2;
    let is_set =
        |it: &Cell| rows.contains(&it.row) && (corner.col..corner.col + 2).contains(&it.col);
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

/// Forward passes with a window of 64, for forty pictures under 34 prompts; and whether simple ones need fewer.
fn passes(figures: &mut Figures, bench: &Bench) {
    let prompts = PROMPTS.iter().copied().chain(include_str!("../../docs/gallery.txt").lines());
    let none = vec![None; bench.grid.n_cells()];
    for ([name, of_simple], order) in [
        (["guessing.passes_rows", "guessing.simple_rows"], Order::Rows),
        (["guessing.passes_outline", "guessing.simple_outline"], Order::Outline),
        (["guessing.passes_random", "guessing.simple_random"], Order::Random),
    ] {
        let mut pictures = Vec::new();
        for (idx, prompt) in prompts.clone().cycle().take(40).enumerate() {
            let request = request(&bench.facts, bench.grid, prompt, idx as u64, order.clone());
            pictures.push(bench.paint(&request, &none, Guessing::Window(64)));
        }
        let fraction = mean_passes(&pictures) / bench.grid.n_cells() as f64;
        figures.add(name, fraction, "of cells", "window of 64, mean of 40 pictures");
        pictures.sort_by(|a, b| a.surprise.total_cmp(&b.surprise));
        let ratio = mean_passes(&pictures[..10]) / mean_passes(&pictures[30..]);
        let nats = [&pictures[..10], &pictures[30..]].map(mean_surprise);
        let note = format!(
            "passes of the quarter of lowest entropy ({:.1} nats a cell) over that of highest ({:.1})",
            nats[0], nats[1]
        );
        figures.add(of_simple, ratio, "", note);
    }
}

fn mean_passes(pictures: &[Painted]) -> f64 {
    pictures.iter().map(|it| it.stats.n_passes as f64).sum::<f64>() / pictures.len() as f64
}

fn mean_surprise(pictures: &[Painted]) -> f32 {
    pictures.iter().map(|it| it.surprise).sum::<f32>() / pictures.len() as f32
}
