//! What a model will take: memory, and time on this machine. Always "about".

use std::time::{Duration, Instant};

use super::known::{CODEC_WEIGHTS, NetworkShape};
use crate::base::{Needs, Precision};

/// The fraction of the machine's read bandwidth that a step reaches, at least.
const MIN_BANDWIDTH_FRACTION: f64 = 0.7;

/// What weights take in memory.
fn bytes(weights: u64, precision: Precision) -> u64 {
    (weights as f64 * precision.bits_per_weight() / 8.0) as u64
}

impl NetworkShape {
    /// Bytes of memory while painting.
    pub(super) fn memory_bytes(&self, precision: Precision) -> u64 {
        let others = bytes(self.text_encoder, precision.of_text_encoder())
            + 4 * (self.tables + CODEC_WEIGHTS);
        let needs = Needs {
            n_weights: self.per_step,
            bits_per_weight: precision.bits_per_weight(),
            n_cached: self.n_cached(),
            bytes_per_cached: precision.bytes_per_cached(),
            n_working_bytes: others + Needs::WORKING_BYTES,
        };
        needs.n_bytes()
    }

    /// A key and a value for each word and cell, in each layer.
    const fn n_cached(&self) -> u64 {
        Needs::TEXTS * self.positions * self.layers * self.width * 2
    }

    /// Cells per second, where memory is read at `bytes_per_sec`: a step reads the weights once, and half of a
    /// full context on average.
    pub(super) fn cells_per_sec(&self, precision: Precision, bytes_per_sec: f64) -> f32 {
        let n_cached_bytes = precision.bytes_per_cached() * self.n_cached();
        let bytes = bytes(self.per_step, precision) + n_cached_bytes / 2;
        (MIN_BANDWIDTH_FRACTION * bytes_per_sec / bytes as f64) as f32
    }
}

/// How fast this machine reads memory, with all of its processors, in bytes per second.
/// Takes a twentieth of a second.
#[must_use]
pub fn read_bandwidth() -> f64 {
    /// More than any cache holds.
    const N_WORDS: usize = 24 << 20;
    let n_threads = std::thread::available_parallelism().map_or(1, usize::from);
    let words = vec![1_u64; N_WORDS];
    let pass = || {
        let start = Instant::now();
        let sum: u64 = std::thread::scope(|scope| {
            let chunks = words.chunks(N_WORDS.div_ceil(n_threads));
            let threads: Vec<_> =
                chunks.map(|it| scope.spawn(move || it.iter().sum::<u64>())).collect();
            threads.into_iter().map(|it| it.join().unwrap_or(0)).sum()
        });
        std::hint::black_box(sum);
        start.elapsed().max(Duration::from_micros(1))
    };
    let fastest = (0..3).map(|_| pass()).min().unwrap_or(Duration::MAX);
    (N_WORDS * size_of::<u64>()) as f64 / fastest.as_secs_f64()
}

/// "4.2 GB".
#[must_use]
pub fn size_text(bytes: u64) -> String {
    if bytes < 1_000_000 {
        format!("{} kB", bytes / 1000)
    } else if bytes < 1_000_000_000 {
        format!("{} MB", bytes / 1_000_000)
    } else {
        format!("{:.1} GB", bytes as f64 / 1e9)
    }
}

#[cfg(test)]
mod tests {
    use super::super::known::KNOWN;
    use super::*;

    #[test]
    fn fewer_bits_take_less_memory_and_paint_faster() {
        for known in KNOWN {
            let of = |it| (known.shape.memory_bytes(it), known.shape.cells_per_sec(it, 25e9));
            for pair in Precision::ALL.windows(2) {
                let (coarse, fine) = (of(pair[1]), of(pair[0]));
                assert!(coarse.0 < fine.0 && fine.1 < coarse.1, "{}", known.name);
            }
        }
    }

    #[test]
    fn a_step_of_janus_pro_1b_reads_its_weights_once() {
        let janus = KNOWN.iter().find(|it| it.name == "Janus-Pro-1B").unwrap();
        // 1.27 billion weights and some 60 MB of context, at 25 GB/s and seven tenths of it.
        let speed = janus.shape.cells_per_sec(Precision::Q8, 25e9);
        assert!((11.0..14.0).contains(&speed), "{speed}");
    }

    #[test]
    fn memory_is_read_at_some_speed() {
        let speed = read_bandwidth();
        assert!((1e8..1e13).contains(&speed), "{speed}");
    }
}
