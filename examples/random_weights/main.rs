//! What published networks cost here, with random weights of their true shapes: reads a line "NETWORK PRECISION
//! CELLS" after the other, such as "janus-1b q8 24", and answers with the seconds that it took.
//! `benches/compare/published.py` asks; "vq16 decode 256" stands for a picture of so many pixels, and "memory
//! read 512" for reading so many megabytes.
#![expect(clippy::print_stdout, reason = "answers for whoever asks")]

mod decoder;
mod memory;
mod vq;

use std::collections::HashMap;
use std::io::stdin;
use std::time::{Duration, Instant};

use alla_prima::base::Precision;
use alla_prima::model::kernels::in_pool;
use candle_core::{Result, bail};

use crate::decoder::{Decoder, JANUS_1B, LLAMAGEN_B};
use crate::vq::Vq;

/// Cells read before the clock runs.
const WARM_UP: usize = 8;

fn main() -> Result<()> {
    let mut decoders: HashMap<String, Decoder> = HashMap::new();
    let mut vq = None;
    for line in stdin().lines() {
        let line = line?;
        let words: Vec<&str> = line.split_whitespace().collect();
        let [network, way, count] = words[..] else {
            bail!("cannot understand {line:?}");
        };
        let Ok(count) = count.parse() else {
            bail!("{count:?} is no number");
        };
        let elapsed = match network {
            "memory" => memory::read(count << 20),
            "vq16" => {
                let vq = match &mut vq {
                    Some(vq) => vq,
                    empty => empty.insert(Vq::new()?),
                };
                in_pool(|| vq.time(way, count))?
            }
            _ => {
                let name = format!("{network} {way}");
                if !decoders.contains_key(&name) {
                    decoders.insert(name.clone(), Decoder::new(&shape(network)?, precision(way)?)?);
                }
                paint(&decoders[&name], count)?
            }
        };
        println!("{}", elapsed.as_secs_f64());
    }
    Ok(())
}

fn shape(network: &str) -> Result<decoder::Shape> {
    match network {
        "llamagen-b" => Ok(LLAMAGEN_B),
        "janus-1b" => Ok(JANUS_1B),
        _ => bail!("{network:?} is not known"),
    }
}

fn precision(name: &str) -> Result<Precision> {
    match Precision::ALL.into_iter().find(|it| it.name() == name) {
        Some(precision) => Ok(precision),
        None => bail!("{name:?} is no precision"),
    }
}

/// Settles cells one after the other, with guidance: a batch of two.
fn paint(decoder: &Decoder, cells: usize) -> Result<Duration> {
    let mut memories = decoder.begin(WARM_UP + cells);
    for idx in 0..WARM_UP {
        in_pool(|| decoder.step(idx, &mut memories))?;
    }
    let begun = Instant::now();
    for idx in WARM_UP..WARM_UP + cells {
        in_pool(|| decoder.step(idx, &mut memories))?;
    }
    Ok(begun.elapsed())
}
