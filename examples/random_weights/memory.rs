//! How fast this machine reads memory, with all its threads and as plainly as can be.

use std::hint::black_box;
use std::time::{Duration, Instant};

use rayon::prelude::*;
use wide::f32x16;

/// What a thread reads in one go, in vectors.
const SHARE: usize = 1 << 16;

/// Sums side by side: additions must not have to wait for each other.
const SUMS: usize = 8;

pub(crate) fn read(n_bytes: usize) -> Duration {
    let values = vec![f32x16::ONE; n_bytes / size_of::<f32x16>()];
    let begun = Instant::now();
    let sum = values.par_chunks(SHARE).map(sum).reduce(|| f32x16::ZERO, |a, b| a + b);
    black_box(sum);
    begun.elapsed()
}

fn sum(values: &[f32x16]) -> f32x16 {
    let mut sums = [f32x16::ZERO; SUMS];
    for values in values.as_chunks::<SUMS>().0 {
        for (sum, value) in sums.iter_mut().zip(values) {
            *sum += *value;
        }
    }
    sums.into_iter().fold(f32x16::ZERO, |a, b| a + b)
}
