//! What the program costs on this machine: prints a table, and writes `target/bench.json`. Names of parts
//! (`painting`, `guessing`, `engine`, `live`, `large`, `finish`, `window`) as arguments leave out the others.
//!
//! This machine may be busy with other things; compare figures of one run only.
#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a table for whoever runs it")]

mod engine;
mod finish;
mod guessing;
mod large;
mod painting;
mod window;

use std::time::{Duration, Instant};

use serde::Serialize;

/// One figure.
#[derive(Debug, Serialize)]
struct Figure {
    name: &'static str,
    value: f64,
    unit: &'static str,
    note: String,
}

/// All figures so far.
#[derive(Debug, Default)]
struct Figures(Vec<Figure>);

impl Figures {
    fn add(&mut self, name: &'static str, value: f64, unit: &'static str, note: impl Into<String>) {
        let note = note.into();
        println!("{name:36} {value:>10.4} {unit:<8} {note}");
        self.0.push(Figure { name, value, unit, note });
    }
}

/// Measures something, and notes it.
type Measure = fn(&mut Figures);

fn main() {
    let mut figures = Figures::default();
    let asked: Vec<String> = std::env::args().skip(1).filter(|it| !it.starts_with('-')).collect();
    let parts: [(&str, Measure); 7] = [
        ("painting", painting::measure),
        ("guessing", guessing::measure),
        ("engine", engine::measure),
        ("live", engine::live),
        ("large", large::measure),
        ("finish", finish::measure),
        ("window", window::measure),
    ];
    for (name, measure) in parts {
        if asked.is_empty() || asked.iter().any(|it| it == name) {
            measure(&mut figures);
        }
    }

    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/target/bench.json");
    let text = serde_json::to_string_pretty(&figures.0).unwrap();
    std::fs::write(path, text).unwrap();
    println!("\n{path}");
}

/// The shortest of several runs: what the work costs where nobody disturbs it.
fn shortest(n_runs: usize, mut work: impl FnMut()) -> Duration {
    let run = |_| {
        let begun = Instant::now();
        work();
        begun.elapsed()
    };
    (0..n_runs).map(run).min().unwrap()
}

/// The value below which 99 of 100 lie, in milliseconds.
fn p99_ms(mut times: Vec<Duration>) -> f64 {
    times.sort();
    times[(times.len() * 99).div_ceil(100) - 1].as_secs_f64() * 1000.0
}
