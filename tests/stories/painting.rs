//! The engine alone: plans, orders, what is kept, what stops.

use std::sync::Arc;
use std::time::{Duration, Instant};

use alla_prima::base::{
    Cell, CellPlan, CellRect, Code, DocumentId, Grid, JobId, ModelId, Order, PixelRect,
    PixelSource, Pixmap, Plan, Prompt, Request, Sampling, Slot, Ticket,
};
use alla_prima::engine::{
    Command, Engine, Event, Failure, FollowUpdate, Guessing, NewFollowing, NewPainting, Outcome,
    Run, Stats,
};
use alla_prima::model::toy::{Manner, Toy};

use super::teller::{gate, grid_of, letter};

#[test]
fn a_blank_sheet_is_filled_row_by_row() {
    check(Order::Rows, "??? ???", "abc def");
}

#[test]
fn kept_cells_stay_and_are_read_first() {
    check(Order::Rows, "?M? ?X?", "ymz axb");
}

#[test]
fn the_outline_comes_first() {
    let picture = "???? ???? ???? ????";
    let engine = start(grid_of(picture), Duration::ZERO);
    let (codes, _, _) = paint(&engine, request(Order::Outline, picture));
    // Whoever is first paints a. (1, 1) stands for the first sixteenth, (1, 3), (3, 1) and (3, 3) for the next quarter.
    let stage = |cell: usize| match codes.as_bytes()[cell] {
        b'a' => 0,
        b'b'..=b'd' => 1,
        _ => 2,
    };
    let stages: Vec<i32> = (0..16).map(stage).collect();
    assert_eq!(stages, [2, 2, 2, 2, 2, 0, 2, 1, 2, 2, 2, 2, 2, 1, 2, 1]);
}

#[test]
fn what_is_expected_is_sketched_at_once_and_completed_in_a_pause() {
    let mut rows = vec!["?".repeat(12); 12];
    rows[4] = "????A?B?C???".to_owned();
    let picture = rows.join(" ");
    let engine = engine(grid_of(&picture), Manner::Undecided, Duration::ZERO);
    engine.send(Command::Underpaint(true));
    send(&engine, JobId(1), request(Order::Rows, &picture), Run::Cells(0));
    let expected = || {
        let mut pixels = Vec::new();
        loop {
            match wait(&engine) {
                Event::Expected { decoded, .. } => pixels.extend(decoded.rgb),
                Event::Entropies { entropies, .. } => return (pixels, entropies.len()),
                _ => (),
            }
        }
    };
    let (sketch, all) = (expected(), expected());
    assert_eq!((sketch.1, all.1), (141, 141), "a sketch says something of every open cell, too");
    assert!(sketch.0 != all.0, "but not the last word");
    let (ticket, pixels) = (Ticket(1), Arc::new(Shades(grid_of(&picture))));
    engine.send(Command::Encode { ticket, pixels, cells: CellRect::of(Cell::new(0, 0)) });
    assert!(matches!(wait(&engine), Event::Encoded { .. }), "all was said");
    engine.send(Command::Underpaint(false));
    engine.send(Command::Underpaint(true));
    assert!(expected() == sketch && expected() == all, "looked at anew");
}

#[test]
fn nothing_to_paint_is_soon_finished() {
    check(Order::Rows, "ABC DEF", "abc def");
}

/// Paints `before`, and compares what has become of it.
#[track_caller]
fn check(order: Order, before: &str, after: &str) {
    let grid = grid_of(before);
    let engine = start(grid, Duration::ZERO);
    let (codes, outcome, _) = paint(&engine, request(order, before));
    assert_eq!((codes, outcome), (after.replace(' ', ""), Outcome::Finished));
}

#[test]
fn a_pause_costs_no_pass_and_changes_nothing() {
    let engine = start(grid_of("???? ????"), Duration::ZERO);
    let job = JobId(1);
    let run = Run::Cells(3);
    send(&engine, job, request(Order::Rows, "???? ????"), run);
    let mut settled = 0;
    loop {
        match wait(&engine) {
            Event::Settled { .. } => settled += 1,
            Event::Paused { .. } => break,
            _ => (),
        }
    }
    assert_eq!(settled, 3);
    engine.send(Command::Resume(job, Run::On));
    let mut codes = String::new();
    let stats = loop {
        match wait(&engine) {
            Event::Settled { code, .. } => codes.push(letter(code)),
            Event::Ended { stats, .. } => break stats,
            _ => (),
        }
    };
    assert_eq!((codes.as_str(), stats.n_passes), ("defgh", 8));
}

#[test]
fn a_stop_is_obeyed_within_one_pass() {
    let (open, gate) = gate();
    let engine = engine_with(Toy::new(grid_of("???? ????"), Manner::Alphabet).with_gate(gate));
    let job = JobId(1);
    send(&engine, job, request(Order::Rows, "???? ????"), Run::On);
    open.send(()).unwrap();
    while !matches!(wait(&engine), Event::Settled { .. }) {}
    engine.send(Command::Stop(job));
    drop(open);
    let mut settled_after = 0;
    loop {
        match wait(&engine) {
            Event::Settled { .. } => settled_after += 1,
            Event::Ended { outcome, .. } => {
                assert_eq!(outcome, Outcome::Stopped);
                break;
            }
            _ => (),
        }
    }
    assert!(settled_after <= 1, "{settled_after} cells were settled after the stop");
}

#[test]
fn a_new_painting_makes_the_old_one_end_first() {
    let engine = start(grid_of("???? ????"), Duration::from_millis(5));
    send(&engine, JobId(1), request(Order::Rows, "???? ????"), Run::On);
    send(&engine, JobId(2), request(Order::Rows, "Z??? ????"), Run::On);
    let mut story = Vec::new();
    while story.len() < 4 {
        match wait(&engine) {
            Event::Started { job, .. } => story.push(format!("{} starts", job.0)),
            Event::Ended { job, outcome, .. } => story.push(format!("{} {outcome:?}", job.0)),
            _ => (),
        }
    }
    assert_eq!(story, ["1 starts", "1 Stopped", "2 starts", "2 Finished"]);
}

#[test]
fn what_was_read_is_not_read_again() {
    let engine = start(grid_of("???? ????"), Duration::ZERO);
    let (first, _, _) = paint(&engine, request(Order::Rows, "???? ????"));
    assert_eq!(first, "abcdefgh");
    // The first half is kept: one pass per painted cell is all it takes.
    let (again, _, stats) = paint(&engine, request(Order::Rows, "ABCD ????"));
    assert_eq!((again.as_str(), stats.n_passes), ("abcdefgh", 4));
}

#[test]
fn a_model_that_falls_over_is_started_anew() {
    let engine = start(grid_of("???"), Duration::ZERO);
    let mut deadly = request(Order::Rows, "???");
    deadly.prompts[0].text = "kaboom".to_owned();
    let (_, outcome, _) = paint(&engine, deadly);
    assert!(matches!(outcome, Outcome::Failed(Failure::FellOver)));
    let (codes, outcome, _) = paint(&engine, request(Order::Rows, "???"));
    assert_eq!((codes.as_str(), outcome), ("abc", Outcome::Finished));
}

#[test]
fn a_request_that_does_not_fit_is_refused() {
    let engine = start(grid_of("???"), Duration::ZERO);
    let mut wrong = request(Order::Rows, "???");
    wrong.plan.cells[1] = CellPlan::Keep(99);
    assert!(
        matches!(paint(&engine, wrong).1, Outcome::Failed(why) if why.to_string().contains("code 99"))
    );

    let mut wrong = request(Order::Rows, "???");
    wrong.prompts[0].guidance = f32::NAN;
    assert!(
        matches!(paint(&engine, wrong).1, Outcome::Failed(why) if why.to_string().contains("guidance"))
    );

    let other_grid = request(Order::Rows, "???? ????");
    assert!(
        matches!(paint(&engine, other_grid).1, Outcome::Failed(why) if why.to_string().contains("cells"))
    );
}

#[test]
fn a_model_that_cannot_be_loaded_says_so() {
    let broken = || Err(alla_prima::model::Error::Damaged("the header is missing".to_owned()));
    let engine = Engine::start(Box::new(broken), || ()).unwrap();
    let Some(Event::ModelFailed(failure)) = engine.wait(Duration::from_secs(10)) else {
        panic!("no word of the damage")
    };
    assert!(failure.to_string().contains("header"));
}

fn start(grid: Grid, pass: Duration) -> Engine {
    engine(grid, Manner::Alphabet, pass)
}

fn engine(grid: Grid, manner: Manner, pass: Duration) -> Engine {
    engine_with(Toy::new(grid, manner).with_pass_of(pass))
}

pub(crate) fn engine_with(toy: Toy) -> Engine {
    let load = move || -> alla_prima::model::Result<Box<dyn alla_prima::model::Painter>> {
        Ok(Box::new(toy.clone()))
    };
    let engine = Engine::start(Box::new(load), || ()).unwrap();
    assert!(matches!(wait(&engine), Event::ModelReady { .. }));
    engine
}

fn wait(engine: &Engine) -> Event {
    engine.wait(Duration::from_secs(20)).expect("the engine says nothing any more")
}

pub(crate) fn request(order: Order, picture: &str) -> Request {
    let cells = picture.chars().filter(|it| *it != ' ').map(|it| match it {
        '?' => CellPlan::Paint,
        it => CellPlan::Keep(it.to_ascii_lowercase() as u32 - 'a' as u32),
    });
    let grid = grid_of(picture);
    let prompt = Prompt { text: "a".to_owned(), negative: String::new(), guidance: 1.0 };
    Request {
        model: ModelId::named("Toy"),
        prompts: vec![prompt],
        sampling: Sampling::default(),
        seed: 1,
        plan: Plan { cells: cells.collect(), ..Plan::fresh(grid, order) },
    }
}

fn send(engine: &Engine, job: JobId, request: Request, run: Run) {
    let drafts = vec![None; request.plan.grid.n_cells()];
    engine.send(paint_command(job, request, None, drafts, run));
}

fn paint_command(
    job: JobId,
    request: Request,
    pixels: Option<Arc<dyn PixelSource>>,
    drafts: Vec<Option<Code>>,
    run: Run,
) -> Command {
    let document = DocumentId(1);
    Command::Paint(Box::new(NewPainting { job, document, scale: 1, request, pixels, drafts, run }))
}

/// Paints to the end; the picture as text.
pub(crate) fn paint(engine: &Engine, request: Request) -> (String, Outcome, Stats) {
    let drafts = vec![None; request.plan.grid.n_cells()];
    run(engine, request, drafts, Run::On)
}

fn run(
    engine: &Engine,
    request: Request,
    drafts: Vec<Option<Code>>,
    run: Run,
) -> (String, Outcome, Stats) {
    let grid = request.plan.grid;
    let codes: Vec<char> = request
        .plan
        .cells
        .iter()
        .map(|it| match it {
            CellPlan::Keep(code) => letter(*code),
            CellPlan::Read | CellPlan::Paint => '?',
        })
        .collect();
    let job = JobId(9);
    engine.send(paint_command(job, request, None, drafts, run));
    finish(engine, grid, codes)
}

/// Waits for the end of what was begun.
fn finish(engine: &Engine, grid: Grid, mut codes: Vec<char>) -> (String, Outcome, Stats) {
    loop {
        match wait(engine) {
            Event::Settled { cell, code, .. } => codes[grid.idx(cell)] = letter(code),
            Event::Read { cells, .. } => {
                cells.iter().for_each(|it| codes[grid.idx(it.cell)] = letter(it.code));
            }
            Event::Ended { outcome, stats, .. } => {
                return (codes.into_iter().collect(), outcome, stats);
            }
            _ => (),
        }
    }
}

#[test]
fn guessing_ahead_paints_the_same() {
    let cells = "???? ?cB? ???? ???d";
    for (order, manner) in [
        (Order::Rows, Manner::Alphabet),
        (Order::Rows, Manner::Undecided),
        (Order::Outline, Manner::Undecided),
        (Order::Sure, Manner::Undecided),
        (Order::Random, Manner::Undecided),
        (Order::Around(Vec::new()), Manner::Undecided),
    ] {
        let one_by_one = engine(grid_of(cells), manner, Duration::ZERO);
        for seed in 0..20 {
            let request = Request { seed, ..request(order.clone(), cells) };
            let (expected, _, slow) = paint(&one_by_one, request.clone());
            for guessing in [Guessing::Window(3), Guessing::Window(40), Guessing::Auto] {
                let guesser = engine(grid_of(cells), manner, Duration::ZERO);
                guesser.send(Command::Guess(guessing));
                let (codes, outcome, stats) = paint(&guesser, request.clone());
                assert_eq!((codes, outcome), (expected.clone(), Outcome::Finished), "{guessing:?}");
                assert!(stats.n_passes <= slow.n_passes);
            }
        }
    }
}

#[test]
fn the_old_picture_is_the_best_guess() {
    let engine = start(grid_of("???? ????"), Duration::ZERO);
    engine.send(Command::Guess(Guessing::Window(8)));
    let (first, _, _) = paint(&engine, request(Order::Rows, "???? ????"));
    let request = request(Order::Rows, "???? ????");
    let (_, _, stats) = run(&engine, request, codes_of(&first), Run::On);
    assert_eq!(stats.n_passes, 1);
}

fn codes_of(picture: &str) -> Vec<Option<Code>> {
    picture.chars().map(|it| Some(it as u32 - 'a' as u32)).collect()
}

/// Every cell a shade of its own.
#[derive(Debug)]
struct Shades(Grid);

impl PixelSource for Shades {
    fn grid(&self) -> Grid {
        self.0
    }

    fn rgb(&self, area: PixelRect) -> Vec<u8> {
        let places =
            (area.top..area.bottom).flat_map(|y| (area.left..area.right).map(move |x| (x, y)));
        let shade = |(x, y)| self.0.idx(self.0.cell_of_pixel(x, y)) as u8 * 10;
        places.flat_map(|it| [shade(it); 3]).collect()
    }
}

#[test]
fn what_the_plan_says_is_read_is_read_before_the_first_cell() {
    let picture = "???? ????";
    let (engine, grid) = (start(grid_of(picture), Duration::ZERO), grid_of(picture));
    let mut request = request(Order::Rows, picture);
    request.plan.cells[2] = CellPlan::Read;
    let drafts = || vec![None; 8];
    let (_, outcome, _) = run(&engine, request.clone(), drafts(), Run::On);
    assert_eq!(outcome, Outcome::Failed(Failure::NoPixels));
    engine.send(paint_command(JobId(4), request, Some(Arc::new(Shades(grid))), drafts(), Run::On));
    // A shade of 20 is a c; whoever paints reads it first.
    let (codes, outcome, _) = finish(&engine, grid, vec!['?'; 8]);
    assert_eq!((codes.as_str(), outcome), ("decfghij", Outcome::Finished));
}

/// One pass each, from the codes of the one before, until nothing moves.
#[test]
fn previews_end_where_painting_does() {
    let cells = "???? ?cB? ???? ???d";
    let grid = grid_of(cells);
    let engine = engine(grid, Manner::Undecided, Duration::ZERO);
    for order in [Order::Rows, Order::Outline, Order::Random] {
        for seed in 0..10 {
            let mut request = Request { seed, ..request(order.clone(), cells) };
            let touched = Cell::new(1, 3);
            request.plan.cells[grid.idx(touched)] = CellPlan::Read;
            let pixels: Arc<dyn PixelSource> = Arc::new(Shades(grid));
            let drafts = vec![None; grid.n_cells()];
            let job = JobId(1);
            engine.send(paint_command(
                job,
                request.clone(),
                Some(Arc::clone(&pixels)),
                drafts,
                Run::On,
            ));
            let kept = cells.replace(' ', "").to_lowercase().chars().collect();
            let (expected, _, _) = finish(&engine, grid, kept);

            let (updates, previews) = (Slot::default(), Slot::default());
            updates.put(|_| FollowUpdate { request, pixels, stale: CellRect::of(touched) });
            engine.send(Command::Follow(Box::new(NewFollowing {
                scale: 1,
                job: JobId(2),
                document: DocumentId(1),
                grid,
                layer: Pixmap::new(grid.width(), grid.height()),
                codes: codes_of(&"a".repeat(grid.n_cells())),
                updates,
                previews: previews.clone(),
            })));
            let mut last = String::new();
            let deadline = Instant::now() + Duration::from_secs(20);
            while last != expected {
                assert!(Instant::now() < deadline, "{last} is not {expected}");
                if let Some(preview) = previews.take() {
                    assert!(preview.n_updates <= grid.n_cells() + 1, "it goes on and on");
                    last = preview.codes.iter().flatten().map(|&it| letter(it)).collect();
                }
            }
            engine.send(Command::Stop(JobId(2)));
            while !matches!(wait(&engine), Event::Ended { job: JobId(2), .. }) {}
            if let Some(preview) = previews.take() {
                let last: String = preview.codes.iter().flatten().map(|&it| letter(it)).collect();
                assert_eq!(last, expected, "what stands still stays");
            }
        }
    }
}
