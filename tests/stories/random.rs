//! Whatever comes, in whatever order: the engine answers every job once, and a studio can go all the way
//! back and forth again.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use alla_prima::base::{
    Cell, CellPlan, CellRect, DocumentId, Grid, JobId, ModelId, Order, PixelRect, PixelSource,
    Plan, Point, Prompt, Request, Sampling, Ticket,
};
use alla_prima::document::{Author, BrushStyle};
use alla_prima::engine::{Command, Engine, Event, Failure, Guessing, NewPainting, Outcome, Run};
use alla_prima::model::toy::{Manner, Toy};
use alla_prima::studio::{DocumentAction, Reach, Repaint};
use proptest::prelude::*;

use super::teller::Teller;

const GRID: Grid = Grid { rows: 5, cols: 5, cell_pixels: 4 };

/// What a window may do to an engine.
#[derive(Clone, Debug)]
enum Deed {
    Paint {
        order: Order,
        kept: u32,
        run: Run,
        words: bool,
    },
    /// These are about the job begun last for the document.
    Pause,
    Resume(Run),
    Stop,
    Close,
    Guess(Guessing),
    Underpaint(bool),
    Judge,
    Encode(CellRect),
    /// Takes this many events in; else they pile up.
    Listen(usize),
}

fn order() -> impl Strategy<Value = Order> {
    let cells = || prop::collection::vec(cell(), 0..4);
    prop_oneof![
        Just(Order::Rows),
        Just(Order::Composed),
        Just(Order::Outline),
        Just(Order::Sure),
        Just(Order::Random),
        cells().prop_map(Order::Around),
        cells().prop_map(Order::List),
    ]
}

fn cell() -> impl Strategy<Value = Cell> {
    (0..GRID.rows, 0..GRID.cols).prop_map(|(row, col)| Cell::new(row, col))
}

fn run() -> impl Strategy<Value = Run> {
    prop_oneof![3 => Just(Run::On), 1 => (0_usize..9).prop_map(Run::Cells)]
}

fn deed() -> impl Strategy<Value = Deed> {
    let guessing = prop_oneof![
        Just(Guessing::Auto),
        Just(Guessing::Off),
        (1_usize..30).prop_map(Guessing::Window)
    ];
    prop_oneof![
        4 => (order(), any::<u32>(), run(), any::<bool>())
            .prop_map(|(order, kept, run, words)| Deed::Paint { order, kept, run, words }),
        2 => Just(Deed::Pause),
        2 => run().prop_map(Deed::Resume),
        1 => Just(Deed::Stop),
        1 => guessing.prop_map(Deed::Guess),
        1 => any::<bool>().prop_map(Deed::Underpaint),
        1 => Just(Deed::Close),
        1 => Just(Deed::Judge),
        1 => (cell(), cell()).prop_map(|(a, b)| Deed::Encode(CellRect::of(a).union(CellRect::of(b)))),
        3 => (0_usize..60).prop_map(Deed::Listen),
    ]
}

fn request(order: Order, kept: u32, words: bool) -> Request {
    let cells = (0..GRID.n_cells()).map(|idx| match kept >> (idx % 32) & 1 {
        1 if idx % 3 != 0 => CellPlan::Keep(idx as u32 % 26),
        _ => CellPlan::Paint,
    });
    let prompt =
        |text: &str| Prompt { text: text.to_owned(), negative: String::new(), guidance: 2.0 };
    let mut plan = Plan { cells: cells.collect(), ..Plan::fresh(GRID, order) };
    if words {
        plan.prompts.iter_mut().step_by(2).for_each(|it| *it = 1);
    }
    Request {
        model: ModelId::named("Toy"),
        prompts: vec![prompt("some"), prompt("others")],
        sampling: Sampling::default(),
        seed: u64::from(kept),
        plan,
    }
}

/// A grey canvas.
#[derive(Debug)]
struct Grey;

impl PixelSource for Grey {
    fn grid(&self) -> Grid {
        GRID
    }

    fn rgb(&self, area: PixelRect) -> Vec<u8> {
        vec![90; (area.width() * area.height() * 3) as usize]
    }
}

/// What is known of one job.
#[derive(Default)]
struct Story {
    to_paint: BTreeSet<Cell>,
    n_started: usize,
    n_ended: usize,
    settled: BTreeSet<Cell>,
}

/// Everything that an engine was asked, and has told.
#[derive(Default)]
struct Record {
    jobs: BTreeMap<JobId, Story>,
    last: BTreeMap<DocumentId, JobId>,
    tickets: BTreeSet<Ticket>,
}

impl Record {
    fn send(&mut self, engine: &Engine, number: u64, document: DocumentId, deed: Deed) {
        // Of a document without a job it is that of nobody.
        let job = self.last.get(&document).copied().unwrap_or(JobId(0));
        let ticket = Ticket(number);
        let command = match deed {
            Deed::Paint { order, kept, run, words } => {
                let request = request(order, kept, words);
                let steps = request.plan.steps(request.seed);
                let to_paint = steps.into_iter().map(|it| it.cell).collect();
                let job = JobId(number);
                self.jobs.insert(job, Story { to_paint, ..Story::default() });
                self.last.insert(document, job);
                let (drafts, pixels) = (vec![None; GRID.n_cells()], None);
                let new = NewPainting { job, document, scale: 1, request, pixels, drafts, run };
                Command::Paint(Box::new(new))
            }
            Deed::Pause => Command::Pause(job),
            Deed::Resume(run) => Command::Resume(job, run),
            Deed::Stop => Command::Stop(job),
            Deed::Close => Command::Close(document),
            Deed::Guess(guessing) => Command::Guess(guessing),
            Deed::Underpaint(is_wanted) => Command::Underpaint(is_wanted),
            Deed::Judge => {
                self.tickets.insert(ticket);
                let request = Box::new(request(Order::Rows, u32::MAX, false));
                Command::Judge { ticket, document, request }
            }
            Deed::Encode(cells) => {
                self.tickets.insert(ticket);
                Command::Encode { ticket, pixels: Arc::new(Grey), cells }
            }
            Deed::Listen(n) => {
                (0..n).map_while(|_| engine.news()).for_each(|it| self.note(it));
                return;
            }
        };
        engine.send(command);
    }

    fn note(&mut self, event: Event) {
        match event {
            Event::Started { job, to_paint } => {
                let story = self.jobs.get_mut(&job).unwrap();
                story.n_started += 1;
                assert_eq!(to_paint, story.to_paint.len());
            }
            Event::Settled { job, cell, .. } => {
                let story = self.jobs.get_mut(&job).unwrap();
                assert_eq!((story.n_started, story.n_ended), (1, 0), "settled out of turn");
                assert!(story.to_paint.contains(&cell), "what is kept was painted");
                assert!(story.settled.insert(cell), "settled twice");
            }
            Event::Ended { job, outcome, stats } => {
                let story = self.jobs.get_mut(&job).unwrap();
                story.n_ended += 1;
                assert_eq!(stats.n_settled, story.settled.len());
                match outcome {
                    Outcome::Finished => assert_eq!(story.settled, story.to_paint),
                    Outcome::Stopped => (),
                    Outcome::Failed(why) => panic!("failed: {why}"),
                }
            }
            Event::Encoded { ticket, .. } | Event::Judged { ticket, .. } => {
                assert!(self.tickets.remove(&ticket), "answered unasked");
            }
            Event::Refused { ticket, failure: Failure::Closed } => {
                assert!(self.tickets.remove(&ticket), "refused unasked");
            }
            Event::Refused { failure, .. } | Event::ModelFailed(failure) => panic!("{failure}"),
            _ => (),
        }
    }

    fn is_complete(&self) -> bool {
        self.tickets.is_empty() && self.jobs.values().all(|it| it.n_ended == 1)
    }
}

fn engine() -> Engine {
    let load = || -> alla_prima::model::Result<Box<dyn alla_prima::model::Painter>> {
        Ok(Box::new(Toy::new(GRID, Manner::Undecided)))
    };
    let engine = Engine::start(Box::new(load), || ()).unwrap();
    assert!(engine.wait(Duration::from_secs(20)).is_some());
    engine
}

/// What an artist may do.
#[derive(Clone, Debug)]
enum Whim {
    Do(DocumentAction),
    Stroke(Vec<(f32, f32)>),
    RepaintOnly(Vec<Cell>),
}

fn whim() -> impl Strategy<Value = Whim> {
    let plain = prop_oneof![
        Just(DocumentAction::Paint),
        Just(DocumentAction::AnotherTake),
        Just(DocumentAction::Continue),
        Just(DocumentAction::FollowStrokes),
        Just(DocumentAction::JoinStrokes),
        Just(DocumentAction::LeaveStrokes),
        Just(DocumentAction::SECOND_LOOK),
        Just(DocumentAction::SelectAll),
        Just(DocumentAction::Deselect),
        Just(DocumentAction::Undo),
        Just(DocumentAction::Redo),
        Just(DocumentAction::AcceptTake),
        Just(DocumentAction::DiscardTake),
        Just(DocumentAction::StagedTake),
        Just(DocumentAction::ShowTake(0)),
        Just(DocumentAction::Clear),
        (1_usize..9).prop_map(DocumentAction::Step),
        order().prop_map(DocumentAction::SetOrder),
        prop_oneof![Just("some"), Just("other words")]
            .prop_map(|it| DocumentAction::SetPrompt(it.to_owned())),
    ];
    let points = prop::collection::vec((0.0_f32..20.0, 0.0_f32..20.0), 1..3);
    prop_oneof![
        5 => plain.prop_map(Whim::Do),
        2 => points.prop_map(Whim::Stroke),
        1 => prop::collection::vec(cell(), 1..6).prop_map(Whim::RepaintOnly),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_job_starts_once_and_ends_once(
        deeds in prop::collection::vec((1_u64..4, deed()), 1..30),
        hangs_up in any::<bool>(),
    ) {
        let (sender, receiver) = mpsc::channel();
        let window = std::thread::Builder::new().name("window".to_owned());
        let at_work = window.spawn(move || {
            let engine = engine();
            let mut record = Record::default();
            for (number, (document, deed)) in (1..).zip(deeds) {
                record.send(&engine, number, DocumentId(document), deed);
            }
            // Either the window goes away with the news unread, or it waits for the last word.
            if !hangs_up {
                for &job in record.last.values() {
                    engine.send(Command::Resume(job, Run::On));
                }
                while !record.is_complete() {
                    record.note(engine.wait(Duration::from_secs(10)).expect("it says nothing"));
                }
            }
            drop(engine);
            sender.send(record.jobs.values().all(|it| hangs_up || it.n_started == 1)).unwrap();
        });
        at_work.unwrap();
        let came_back = receiver.recv_timeout(Duration::from_secs(60));
        prop_assert_eq!(came_back, Ok(true), "it hangs, or a job was not told of");
    }

    #[test]
    fn a_picture_goes_all_the_way_back_and_forth(whims in prop::collection::vec(whim(), 1..14)) {
        let mut teller = Teller::new(GRID.rows, GRID.cols, Manner::Undecided, "some");
        for whim in whims {
            follow(&mut teller, whim);
        }
        // What a pause has left open becomes an entry.
        teller.studio.perform(DocumentAction::Stop);
        teller.wait_until("it has stopped", |it| !it.active().is_painting() && !it.active().is_looking());
        let state = |it: &Teller| (it.pixels(), it.studio.active().picture().regions.clone());
        let end = state(&teller);
        let mut n_undone = 0;
        while teller.studio.active().history().done_labels().next().is_some() {
            teller.perform(DocumentAction::Undo);
            n_undone += 1;
        }
        prop_assert!(teller.studio.active().picture().is_blank(), "not all of it can be undone");
        for _ in 0..n_undone {
            teller.perform(DocumentAction::Redo);
        }
        prop_assert!(state(&teller) == end, "done again, it is another picture");
    }
}

/// Does as the artist likes, and checks what must not change.
fn follow(teller: &mut Teller, whim: Whim) {
    match whim {
        Whim::Stroke(points) => {
            let style = BrushStyle { size: 3.0, hardness: 1.0, ..BrushStyle::default() };
            let points: Vec<Point> = points.iter().map(|&(x, y)| Point::new(x, y)).collect();
            teller.studio.stroke(style, &points);
            teller.rest();
        }
        Whim::RepaintOnly(cells) => {
            let before = teller.pixels();
            let was_quiet = teller.studio.active().picture().is_finished()
                && !teller.studio.active().is_painting()
                && !teller.studio.active().picture().is_wet();
            let artists: Vec<Cell> = {
                let picture = teller.studio.active().picture();
                picture
                    .grid
                    .cells()
                    .filter(|&it| picture.state(it).author == Author::Artist)
                    .collect()
            };
            let (prompt, reach) = (Some("elsewhere".to_owned()), Reach::Only);
            let repaint = Repaint { cells: cells.clone(), prompt, reach, variation_step: 1 };
            teller.perform(DocumentAction::Repaint(repaint));
            for cell in teller.cells_unlike(&before).into_iter().filter(|_| was_quiet) {
                assert!(cells.contains(&cell) && !artists.contains(&cell), "{cell:?} was changed");
            }
        }
        Whim::Do(action) => teller.perform(action),
    }
}
