//! Attention in which every query sees the first so many entries of a memory.
//! Each query is computed by itself, so its result does not depend on what else is asked: guessing
//! ahead gives the same odds as going one by one.

use candle_core::{CpuStorage, CustomOp3, Layout, Result, Shape, Tensor, bail};
use rayon::prelude::*;

use super::silu::exp;
use super::sums::{dot, fold};

/// What attention can look at: the entries read so far, with room for more.
///
/// Room for the longest picture is taken once. Entries at or past what a query may see hold
/// leftovers that are overwritten before they are seen, so going back is free.
#[derive(Debug)]
pub(super) struct Memory {
    k: Tensor, // [texts, room, heads · head_dim]
    v: Tensor, // [texts, room, heads · head_dim]
}

impl Memory {
    pub(super) fn new(n_texts: usize, room: usize, dim: usize) -> Result<Self> {
        let empty = || {
            let shape = (n_texts, room, dim);
            Tensor::zeros(shape, candle_core::DType::F32, &candle_core::Device::Cpu)
        };
        Ok(Self { k: empty()?, v: empty()? })
    }

    /// Puts entries at place `start` and after.
    #[expect(clippy::needless_pass_by_ref_mut, reason = "candle writes behind a shared reference")]
    pub(super) fn write(&mut self, start: usize, k: &Tensor, v: &Tensor) -> Result<()> {
        self.k.slice_set(&k.contiguous()?, 1, start)?; // [texts, new, dim]
        self.v.slice_set(&v.contiguous()?, 1, start)
    }
}

/// Which part of the memory each query sees, and how sharply each head looks.
pub(super) struct Attention<'a> {
    /// Per query the number of entries that it sees, from the first one; at least one.
    pub(super) seen: &'a [usize],
    /// Per head the factor between dot product and log-odds.
    pub(super) scales: &'a [f32],
}

impl Attention<'_> {
    /// `q` is [texts, queries, heads · head_dim] and contiguous; so is the result.
    pub(super) fn forward(&self, q: &Tensor, memory: &Memory) -> Result<Tensor> {
        q.apply_op3_no_bwd(&memory.k, &memory.v, self)
    }

    /// One head of one query: `softmax(q · k) · v` over the rows of `k` and `v`, which lie `stride`
    /// apart.
    fn look(q: &[f32], k: &[f32], v: &[f32], stride: usize, odds: &mut [f32], out: &mut [f32]) {
        for (odd, k) in odds.iter_mut().zip(k.chunks(stride)) {
            *odd = dot(q, &k[..q.len()]);
        }
        let most = fold(odds, f32::NEG_INFINITY, |a, b| if a < b { b } else { a });
        odds.iter_mut().for_each(|odd| *odd = exp(*odd - most));
        let sum = fold(odds, 0.0, |a, b| a + b);
        for (start, out) in out.chunks_mut(BLOCK).enumerate() {
            let v = &v[start * BLOCK..];
            match <&mut [f32; BLOCK]>::try_from(&mut *out) {
                Ok(out) => {
                    let mut sums = [0.0_f32; BLOCK]; // In registers.
                    for (odd, v) in odds.iter().zip(v.chunks(stride)) {
                        for lane in 0..BLOCK {
                            sums[lane] = odd.mul_add(v[..BLOCK][lane], sums[lane]);
                        }
                    }
                    *out = sums.map(|it| it / sum);
                }
                Err(_) => {
                    out.fill(0.0);
                    for (odd, v) in odds.iter().zip(v.chunks(stride)) {
                        out.iter_mut().zip(v).for_each(|(out, v)| *out += odd / sum * v);
                    }
                }
            }
        }
    }
}

/// How many values of a head are summed up together; the embedded network's heads are as wide.
const BLOCK: usize = 64;

/// From so many rows on, waking other threads takes less time than they save.
const ROWS_FOR_THREADS: usize = 8;

impl CustomOp3 for Attention<'_> {
    fn name(&self) -> &'static str {
        "attention over the first entries"
    }

    fn cpu_fwd(
        &self,
        q: &CpuStorage,
        q_layout: &Layout,
        k: &CpuStorage,
        k_layout: &Layout,
        v: &CpuStorage,
        v_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (n_texts, n_queries, dim) = q_layout.shape().dims3()?;
        let (_, room, _) = k_layout.shape().dims3()?;
        let (q, k, v) = (values(q, q_layout)?, values(k, k_layout)?, values(v, v_layout)?);
        let most = self.seen.iter().copied().max().unwrap_or(0);
        if n_queries != self.seen.len() || room < most || self.seen.contains(&0) {
            bail!("{n_queries} queries cannot see {most} of {room} entries");
        }
        let head_dim = dim / self.scales.len();
        let mut out = vec![0.0; n_texts * n_queries * dim];
        let one_row = |(row, (q, out)): (usize, (&[f32], &mut [f32]))| {
            let mut odds = vec![0.0; most];
            let mut scaled = vec![0.0; head_dim];
            let first = row / n_queries * room * dim; // This text's first entry.
            let seen = self.seen[row % n_queries];
            let heads = q.chunks_exact(head_dim).zip(out.chunks_exact_mut(head_dim));
            for (head, (q, out)) in heads.enumerate() {
                scaled.iter_mut().zip(q).for_each(|(it, q)| *it = q * self.scales[head]);
                let start = first + head * head_dim;
                let end = start + (seen - 1) * dim + head_dim;
                let (k, v) = (&k[start..end], &v[start..end]);
                Self::look(&scaled, k, v, dim, &mut odds[..seen], out);
            }
        };
        if n_texts * n_queries < ROWS_FOR_THREADS {
            q.chunks_exact(dim).zip(out.chunks_exact_mut(dim)).enumerate().for_each(one_row);
        } else {
            let rows = q.par_chunks_exact(dim).zip(out.par_chunks_exact_mut(dim));
            rows.enumerate().for_each(one_row);
        }
        Ok((CpuStorage::F32(out), q_layout.shape().clone()))
    }
}

fn values<'a>(storage: &'a CpuStorage, layout: &Layout) -> Result<&'a [f32]> {
    let Some((start, end)) = layout.contiguous_offsets() else {
        bail!("attention needs contiguous values");
    };
    Ok(&storage.as_slice::<f32>()?[start..end])
}

#[cfg(test)]
mod tests {
    use candle_core::Device;

    use super::*;

    #[test]
    fn a_query_sees_only_the_first_entries() {
        let device = &Device::Cpu;
        let mut memory = Memory::new(1, 4, 2).unwrap();
        let k = Tensor::new(&[[[1.0_f32, 0.0], [0.0, 1.0], [9.0, 9.0]]], device).unwrap();
        let v = Tensor::new(&[[[2.0_f32, 0.0], [4.0, 8.0], [9.0, 9.0]]], device).unwrap();
        memory.write(0, &k, &v).unwrap();
        let q = Tensor::zeros((1, 2, 2), candle_core::DType::F32, device).unwrap();
        let look = Attention { seen: &[1, 2], scales: &[1.0] }.forward(&q, &memory).unwrap();
        assert_eq!(look.to_vec3::<f32>().unwrap(), [[[2.0, 0.0], [3.0, 4.0]]]);

        let too_many = Attention { seen: &[1, 5], scales: &[1.0] };
        assert!(too_many.forward(&q, &memory).is_err());
    }
}
