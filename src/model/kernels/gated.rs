//! The gate of a gated layer (Shazeer, <https://arxiv.org/abs/2002.05202>).

use super::silu::silu;

/// `silu(second half) · first half` of each row of `width` values: [rows, width] →
/// [rows, width / 2].
pub fn gated(x: &[f32], width: usize) -> Vec<f32> {
    let n = width / 2;
    let mut y = vec![0.0; x.len() / 2];
    for (y, row) in y.chunks_exact_mut(n).zip(x.chunks_exact(width)) {
        let (values, gates) = row.split_at(n);
        let pairs = y.iter_mut().zip(values.iter().zip(gates));
        pairs.for_each(|(y, (x, &gate))| *y = silu(gate) * x);
    }
    y
}
