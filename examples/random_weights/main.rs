//! What published networks cost here, with random weights of their true shapes: reads a line "NETWORK PRECISION
//! CELLS" after the other, such as "janus-1b q8 24", and answers with the seconds that it took.
//! `benches/compare/published.py` asks; "vq16 decode 256" stands for a picture of 256 × 256 pixels, and "memory
//! read 512" for reading 512 megabytes.
#![expect(clippy::print_stdout, reason = "answers for whoever asks")]

mod memory;
mod weights;

use std::collections::HashMap;
use std::io::stdin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use alla_prima::base::{Cell, Code, Grid, Precision};
use alla_prima::model::kernels::in_pool;
use alla_prima::model::published::janus::Janus;
use alla_prima::model::published::llamagen::{Condition, LlamaGen};
use alla_prima::model::published::vq::{Nearest, Vq};
use alla_prima::model::{Ask, Context};
use anyhow::{Context as _, bail};
use candle_core::{Device, Tensor};

use crate::weights::{DIGITS, Random, WORDS};

/// Cells read before the clock runs.
const WARM_UP: usize = 8;

/// Words of a prompt.
const PROMPT: u32 = 16;

/// How closely the words are followed.
const GUIDANCE: f32 = 4.0;

enum Painter {
    LlamaGen(Arc<LlamaGen>),
    Janus(Arc<Janus>),
}

fn main() -> anyhow::Result<()> {
    let mut painters: HashMap<String, Painter> = HashMap::new();
    let mut vq = None;
    for line in stdin().lines() {
        let line = line?;
        let words: Vec<&str> = line.split_whitespace().collect();
        let [network, way, count] = words[..] else {
            bail!("cannot understand {line:?}");
        };
        let count: usize = count.parse().with_context(|| format!("{count:?} is no number"))?;
        let elapsed = match network {
            "memory" => memory::read(count << 20),
            "vq16" => {
                let vq = match &mut vq {
                    Some(vq) => vq,
                    empty => empty.insert(Vq::load(&Random::vq16(), "", Nearest::Direction)?),
                };
                code(vq, way, count)?
            }
            _ => {
                let name = format!("{network} {way}");
                if !painters.contains_key(&name) {
                    painters.insert(name.clone(), Painter::load(network, precision(way)?)?);
                }
                paint(&painters[&name], count)?
            }
        };
        println!("{}", elapsed.as_secs_f64());
    }
    Ok(())
}

fn precision(name: &str) -> anyhow::Result<Precision> {
    let found = Precision::ALL.into_iter().find(|it| it.name() == name);
    found.with_context(|| format!("{name:?} is no precision"))
}

const fn grid(side: u16) -> Grid {
    Grid { rows: side, cols: side, cell_pixels: 16 }
}

impl Painter {
    fn load(network: &str, precision: Precision) -> anyhow::Result<Self> {
        Ok(match network {
            "llamagen-b" => {
                let network = LlamaGen::load(&Random::llamagen_b(), grid(16), precision)?;
                Self::LlamaGen(Arc::new(network))
            }
            "janus-1b" => {
                let network = Janus::load(&Random::janus_1b(), None, grid(24), precision)?;
                Self::Janus(Arc::new(network))
            }
            _ => bail!("{network:?} is not known"),
        })
    }

    /// With and without a condition.
    fn begin(&self) -> anyhow::Result<(Box<dyn Context>, Grid)> {
        let prompt: Vec<u32> = (0..PROMPT).map(|it| it % WORDS as u32).collect();
        Ok(match self {
            Self::LlamaGen(it) => (it.begin(&[Condition::Class(1), Condition::Nothing])?, grid(16)),
            Self::Janus(it) => (it.begin(&[prompt.clone(), prompt])?, grid(24)),
        })
    }
}

/// Settles cells one after the other, with guidance: the best code each.
fn paint(painter: &Painter, n_cells: usize) -> anyhow::Result<Duration> {
    let (mut context, grid) = painter.begin()?;
    let mut begun = Instant::now();
    let mut last: Option<(Cell, Code)> = None;
    for (after, cell) in grid.cells().enumerate().take(WARM_UP + n_cells) {
        if after == WARM_UP {
            begun = Instant::now();
        }
        let logits = in_pool(|| context.read(last.as_slice(), &[Ask { cell, after }]))?;
        let pairs = logits.of(0, 0).iter().zip(logits.of(1, 0));
        let guided = pairs.map(|(with, without)| without + GUIDANCE * (with - without));
        let best = (0..).zip(guided).max_by(|a: &(Code, f32), b| a.1.total_cmp(&b.1));
        last = best.map(|(code, _)| (cell, code));
    }
    Ok(begun.elapsed())
}

/// Encodes or decodes a picture of `pixels` × `pixels`.
fn code(vq: &Vq, way: &str, pixels: usize) -> anyhow::Result<Duration> {
    let cells = pixels / usize::from(vq.cell_pixels());
    let random = |shape| Tensor::rand(-1.0_f32, 1.0, shape, &Device::Cpu);
    let (picture, digits) = (random((pixels, pixels, 3))?, random((cells, cells, DIGITS))?);
    let begun = Instant::now();
    match way {
        "encode" => in_pool(|| vq.encode_floats(&picture).map(|_| ()))?,
        "decode" => in_pool(|| vq.decode_floats(&digits).map(|_| ()))?,
        _ => bail!("it cannot {way}"),
    }
    Ok(begun.elapsed())
}
