//! What a network answers does not depend on what else it reads or is asked in the same pass, to the last bit: so
//! guessing ahead paints the same picture.

use alla_prima::base::Precision;
use alla_prima::base::Sources;
use alla_prima::base::{
    Cell, CellPlan, Code, DocumentId, JobId, Order, Plan, Prompt, ReadingOrder, Request, Sampling,
};
use alla_prima::engine::{Command, Engine, Event, Guessing, NewPainting, Outcome, Run};
use alla_prima::model::hardware::Placement;
use alla_prima::model::published::open_at;
use alla_prima::model::{Ask, Context, Facts, Painter};
use candle_core::Device;
use std::time::Duration;

use super::tiny::{self, N_CODES, Tensors, written};

/// Opens a network with random weights; it paints 8 × 8 cells.
fn opened(network: &Tensors) -> Box<dyn Painter> {
    opened_at(&Placement::on_processor(), network)
}

fn opened_at(placement: &Placement, network: &Tensors) -> Box<dyn Painter> {
    let (_folder, painter, codec) = written(network);
    let sources = Sources { painter, codec: Some(codec), ..Sources::default() };
    open_at(placement, &sources, Precision::F32, None).unwrap()
}

/// The processor, and the way of a GPU, with candle's processor in its place.
fn placements() -> [Placement; 2] {
    [Placement::on_processor(), Placement::on_device(Device::Cpu, "candle")]
}

fn networks() -> [(&'static str, Tensors); 3] {
    [("LlamaGen", tiny::llamagen_of_classes()), ("ARPG", tiny::arpg()), ("RandAR", tiny::randar())]
}

/// Cells with codes, in an order that the network can read.
fn story(facts: &Facts) -> Vec<(Cell, Code)> {
    let order = if facts.is_any_order { Order::Random } else { Order::Rows };
    let cells = order.cells(facts.grid, 3).into_iter().zip(0_u32..);
    cells.map(|(cell, idx)| (cell, idx * 7919 % N_CODES as u32)).collect()
}

fn begin(painter: &dyn Painter) -> Box<dyn Context> {
    painter.begin(&[Some("golden retriever"), None]).unwrap()
}

#[test]
fn cells_are_answered_for_alike_in_any_company() {
    for (name, network) in networks() {
        let painter = opened(&network);
        let story = story(painter.facts());
        let ask = |idx: usize| Ask { cell: story[idx].0, after: idx };
        let mut wide = begin(&*painter);
        let mut narrow = begin(&*painter);
        for start in (0..story.len()).step_by(16) {
            let asks: Vec<Ask> = (start..start + 16).map(ask).collect();
            let at_once = wide.read(&story[start..start + 16], &asks).unwrap();
            for idx in start..start + 16 {
                let alone = narrow.read(&[], &[ask(idx)]).unwrap();
                narrow.read(&story[idx..=idx], &[]).unwrap();
                for text in [0, 1] {
                    let (one, many) = (alone.of(text, 0), at_once.of(text, idx - start));
                    assert!(one.iter().all(|it| it.is_finite()));
                    assert_eq!(one, many, "{name}, cell {idx}");
                }
            }
        }
    }
}

#[test]
fn what_was_forgotten_leaves_no_trace() {
    for (name, network) in networks() {
        let painter = opened(&network);
        let story = story(painter.facts());
        let ask = [Ask { cell: story[20].0, after: 20 }];
        let expected = begin(&*painter).read(&story[..20], &ask).unwrap();
        let mut context = begin(&*painter);
        let other: Vec<_> = story.iter().map(|&(cell, code)| (cell, (code + 1) % 64)).collect();
        context.read(&story[..10], &[]).unwrap();
        context.read(&other[10..40], &[]).unwrap();
        context.rewind(10);
        assert_eq!(context.len(), 10);
        let found = context.read(&story[10..20], &ask).unwrap();
        assert_eq!([0, 1].map(|it| found.of(it, 0)), [0, 1].map(|it| expected.of(it, 0)), "{name}");
    }
}

#[test]
fn texts_do_not_disturb_each_other() {
    for (name, network) in networks() {
        let painter = opened(&network);
        let story = story(painter.facts());
        let ask = [Ask { cell: story[9].0, after: 9 }];
        let together = begin(&*painter).read(&story[..9], &ask).unwrap();
        for (text, words) in [Some("golden retriever"), None].into_iter().enumerate() {
            let alone = painter.begin(&[words]).unwrap().read(&story[..9], &ask).unwrap();
            assert_eq!(alone.of(0, 0), together.of(text, 0), "{name}");
        }
        assert_ne!(together.of(0, 0), together.of(1, 0), "{name} does not heed its class");
    }
}

#[test]
fn guessing_ahead_paints_the_same() {
    for (name, network) in networks() {
        for placement in placements() {
            let painted = |guessing: Guessing| paint(opened_at(&placement, &network), guessing);
            let (expected, n_passes) = painted(Guessing::Off);
            let (codes, fewer) = painted(Guessing::Window(16));
            assert_eq!(codes, expected, "{name}");
            println!("{name}: {fewer} passes in place of {n_passes}");
            assert!(fewer <= n_passes);
        }
    }
}

/// Paints most of a picture around some kept cells; the codes in the order in which they were settled.
fn paint(painter: Box<dyn Painter>, guessing: Guessing) -> (Vec<(Cell, Code)>, usize) {
    let facts = painter.facts().clone();
    let mut plan =
        Plan { reading_order: facts.reading_order(), ..Plan::fresh(facts.grid, Order::Rows) };
    assert_eq!(facts.is_any_order, plan.reading_order == ReadingOrder::KeptFirst);
    for idx in [3, 4, 20, 37, 38, 39, 63] {
        plan.cells[idx] = CellPlan::Keep(idx as u32);
    }
    let prompt =
        Prompt { text: "goldfish".to_owned(), negative: String::new(), guidance: facts.guidance };
    let request = Request {
        model: facts.id,
        prompts: vec![prompt],
        // Sharp, so that guesses are often right.
        sampling: Sampling { temperature: 0.2, ..Sampling::default() },
        seed: 5,
        plan,
    };
    let painter = std::sync::Mutex::new(Some(painter));
    let load = move || Ok(painter.lock().unwrap().take().unwrap());
    let engine = Engine::start(Box::new(load), || ()).unwrap();
    engine.send(Command::Guess(guessing));
    let drafts = vec![None; request.plan.grid.n_cells()];
    let (job, document) = (JobId(1), DocumentId(1));
    let new = NewPainting { job, document, scale: 1, request, pixels: None, drafts, run: Run::On };
    engine.send(Command::Paint(Box::new(new)));
    let mut codes = Vec::new();
    loop {
        match engine.wait(Duration::from_secs(60)).expect("the engine says nothing any more") {
            Event::Settled { cell, code, .. } => codes.push((cell, code)),
            Event::Ended { outcome, stats, .. } => {
                assert_eq!(outcome, Outcome::Finished);
                return (codes, stats.n_passes);
            }
            _ => (),
        }
    }
}
