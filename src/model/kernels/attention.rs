//! Attention in which every query sees the first so many entries of a memory, and itself where it does not stay.
//! Each query is computed by itself, so its result does not depend on what else is asked: guessing
//! ahead gives the same odds as going one by one.

use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor, bail};
use rayon::prelude::*;

use super::silu::exp;
use super::sums::fold;

/// So many values are summed up together, in registers; the embedded network's heads are as wide.
const BLOCK: usize = 64;

/// From so many values on that are looked at, waking other threads takes less time than they save.
const VALUES_FOR_THREADS: usize = 1 << 18;

/// What attention can look at: the entries read so far, with room for more.
///
/// Room for the longest picture is best taken once. Entries at or past what a query may see hold
/// leftovers that are overwritten before they are seen, so going back is free.
#[derive(Debug)]
pub struct Memory {
    n_texts: usize,
    dim: usize,
    /// Entries that there is room for: a whole number of blocks.
    room: usize,
    /// Entries lie side by side, so that a query is compared with many at once.
    k: Vec<f32>, // [texts, heads · head_dim, room]
    v: Vec<f32>, // [texts, room, heads · head_dim]
}

impl Memory {
    pub fn new(n_texts: usize, room: usize, dim: usize) -> Self {
        let room = room.max(1).next_multiple_of(BLOCK);
        let empty = vec![0.0; n_texts * room * dim];
        Self { n_texts, dim, room, k: empty.clone(), v: empty }
    }

    /// Makes room for so many entries, where there is less.
    pub fn reserve(&mut self, room: usize) {
        if room <= self.room {
            return;
        }
        let mut wide = Self::new(self.n_texts, room, self.dim);
        let keys = wide.k.chunks_exact_mut(wide.room).zip(self.k.chunks_exact(self.room));
        keys.for_each(|(wide, keys)| wide[..keys.len()].copy_from_slice(keys));
        let values = wide.v.chunks_exact_mut(wide.room * self.dim);
        let values = values.zip(self.v.chunks_exact(self.room * self.dim));
        values.for_each(|(wide, values)| wide[..values.len()].copy_from_slice(values));
        *self = wide;
    }

    /// Puts entries [texts, new, dim] at place `start` and after.
    pub fn write(&mut self, start: usize, k: &Tensor, v: &Tensor) -> Result<()> {
        let (n_texts, n_new, dim) = k.dims3()?;
        if (n_texts, dim) != (self.n_texts, self.dim) || self.room < start + n_new {
            bail!("{n_new} entries at {start} do not fit a memory of {}", self.room);
        }
        let (k, v): (Vec<f32>, Vec<f32>) =
            (k.flatten_all()?.to_vec1()?, v.flatten_all()?.to_vec1()?);
        for (row, (k, v)) in k.chunks_exact(dim).zip(v.chunks_exact(dim)).enumerate() {
            let (text, entry) = (row / n_new, start + row % n_new);
            let first = (text * self.room + entry) * dim;
            self.v[first..first + dim].copy_from_slice(v);
            let keys = &mut self.k[text * dim * self.room..][..dim * self.room];
            keys.chunks_exact_mut(self.room).zip(k).for_each(|(keys, &k)| keys[entry] = k);
        }
        Ok(())
    }

    /// One head of one query: `softmax(q · k) · v` over what it sees.
    fn look(&self, text: usize, head: usize, (seen, own): Sight, q: &[f32], out: &mut [f32]) {
        let (head_dim, dim, room) = (q.len(), self.dim, self.room);
        let k = &self.k[(text * dim + head * head_dim) * room..][..head_dim * room];
        let mut odds = Vec::with_capacity(seen.next_multiple_of(BLOCK));
        for start in (0..seen).step_by(BLOCK) {
            let mut sums = [0.0_f32; BLOCK];
            for (q, k) in q.iter().zip(k.chunks_exact(room)) {
                let k = &k[start..start + BLOCK];
                for lane in 0..BLOCK {
                    sums[lane] = q.mul_add(k[lane], sums[lane]);
                }
            }
            odds.extend(sums);
        }
        odds.truncate(seen);
        // In the same order of operations as if it came next.
        let product = |own: usize| {
            let keys = q.iter().zip(k.chunks_exact(room));
            keys.fold(0.0, |sum: f32, (q, k)| q.mul_add(k[own], sum))
        };
        odds.extend(own.map(product));
        let most = fold(&odds, f32::NEG_INFINITY, |a, b| if a < b { b } else { a });
        odds.iter_mut().for_each(|odd| *odd = exp(*odd - most));
        let sum = fold(&odds, 0.0, |a, b| a + b);
        let v = &self.v[text * room * dim + head * head_dim..];
        for (start, out) in (0..head_dim).step_by(BLOCK).zip(out.chunks_mut(BLOCK)) {
            let entries = (0..seen).chain(own).map(|entry| &v[entry * dim + start..]);
            let v = odds.iter().zip(entries);
            match <&mut [f32; BLOCK]>::try_from(&mut *out) {
                Ok(out) => {
                    let mut sums = [0.0_f32; BLOCK];
                    for (odd, v) in v {
                        let v = &v[..BLOCK];
                        for lane in 0..BLOCK {
                            sums[lane] = odd.mul_add(v[lane], sums[lane]);
                        }
                    }
                    *out = sums.map(|it| it / sum);
                }
                Err(_) => {
                    out.fill(0.0);
                    for (odd, v) in v {
                        out.iter_mut().zip(v).for_each(|(out, v)| *out += odd / sum * v);
                    }
                }
            }
        }
    }
}

/// The number of entries that a query sees, from the first one, and one more that it sees.
type Sight = (usize, Option<usize>);

/// Which part of the memory each query sees, and how sharply each head looks.
pub struct Attention<'a> {
    /// Per query the number of entries that it sees, from the first one; at least one.
    pub seen: &'a [usize],
    /// For each of the last so many queries one entry more that it sees, behind the others.
    pub own: &'a [usize],
    /// Per head the factor between dot product and log-odds.
    pub scales: &'a [f32],
    pub memory: &'a Memory,
}

impl Attention<'_> {
    /// `q` is [texts, queries, heads · head_dim] and contiguous; so is the result.
    pub fn forward(&self, q: &Tensor) -> Result<Tensor> {
        q.apply_op1_no_bwd(self)
    }
}

impl CustomOp1 for Attention<'_> {
    fn name(&self) -> &'static str {
        "attention over the first entries"
    }

    fn cpu_fwd(&self, q: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (n_texts, n_queries, dim) = layout.shape().dims3()?;
        let Some((start, end)) = layout.contiguous_offsets() else {
            bail!("attention needs contiguous values");
        };
        let q = &q.as_slice::<f32>()?[start..end];
        let ends = self.own.iter().map(|own| own + 1).chain(self.seen.iter().copied());
        let (memory, most) = (self.memory, ends.max().unwrap_or(0));
        let is_short = n_queries != self.seen.len() || n_queries < self.own.len();
        if is_short || memory.room < most || self.seen.contains(&0) {
            bail!("{n_queries} queries cannot see {most} of {} entries", memory.room);
        }
        if (n_texts, dim) != (memory.n_texts, memory.dim) {
            bail!("queries of another shape than the memory");
        }
        let head_dim = dim / self.scales.len();
        let mut out = vec![0.0; n_texts * n_queries * dim];
        let n_heads = self.scales.len();
        let one_head = |(idx, (q, out)): (usize, (&[f32], &mut [f32]))| {
            let (row, head) = (idx / n_heads, idx % n_heads);
            let (text, query) = (row / n_queries, row % n_queries);
            let own = query.checked_sub(n_queries - self.own.len()).map(|idx| self.own[idx]);
            let sight = (self.seen[query], own);
            let scaled: Vec<f32> = q.iter().map(|it| it * self.scales[head]).collect();
            memory.look(text, head, sight, &scaled, out);
        };
        if n_texts * dim * self.seen.iter().sum::<usize>() < VALUES_FOR_THREADS {
            let heads = q.chunks_exact(head_dim).zip(out.chunks_exact_mut(head_dim));
            heads.enumerate().for_each(one_head);
        } else {
            let heads = q.par_chunks_exact(head_dim).zip(out.par_chunks_exact_mut(head_dim));
            heads.enumerate().for_each(one_head);
        }
        Ok((CpuStorage::F32(out), layout.shape().clone()))
    }
}

#[cfg(test)]
mod tests {
    use candle_core::Device;

    use super::*;

    #[test]
    fn a_query_sees_only_the_first_entries() {
        let device = &Device::Cpu;
        let mut memory = Memory::new(1, 4, 2);
        let k = Tensor::new(&[[[1.0_f32, 0.0], [0.0, 1.0], [9.0, 9.0]]], device).unwrap();
        let v = Tensor::new(&[[[2.0_f32, 0.0], [4.0, 8.0], [9.0, 9.0]]], device).unwrap();
        memory.write(0, &k, &v).unwrap();
        let q = Tensor::zeros((1, 2, 2), candle_core::DType::F32, device).unwrap();
        let look = Attention { seen: &[1, 2], own: &[], scales: &[1.0], memory: &memory }
            .forward(&q)
            .unwrap();
        assert_eq!(look.to_vec3::<f32>().unwrap(), [[[2.0, 0.0], [3.0, 4.0]]]);

        let too_many =
            Attention { seen: &[1, BLOCK + 1], own: &[], scales: &[1.0], memory: &memory };
        assert!(too_many.forward(&q).is_err());
        let too_far = Attention { own: &[BLOCK], seen: &[1, 1], ..too_many };
        assert!(too_far.forward(&q).is_err());
        assert!(memory.write(BLOCK - 1, &k, &v).is_err(), "there is no room for three more");
    }
    #[test]
    fn an_entry_aside_counts_as_if_it_came_next() {
        let device = &Device::Cpu;
        let (dim, n) = (2 * 40, 70);
        let random = |n: usize| Tensor::randn(0.0_f32, 1.0, (1, n, dim), device).unwrap();
        let (k, v, q) = (random(n + 1), random(n + 1), random(1));
        let look = |places: &[usize], seen: usize, own: &[usize]| {
            let mut memory = Memory::new(1, 1, dim);
            for (entry, &place) in places.iter().enumerate() {
                memory.reserve(place + 1);
                let of = |it: &Tensor| it.narrow(1, entry, 1).unwrap();
                memory.write(place, &of(&k), &of(&v)).unwrap();
            }
            let attention = Attention { seen: &[seen], own, scales: &[0.1, 0.2], memory: &memory };
            attention.forward(&q).unwrap().flatten_all().unwrap().to_vec1::<f32>().unwrap()
        };
        let in_line: Vec<usize> = (0..=n).collect();
        let aside: Vec<usize> = (0..n).chain([300]).collect();
        assert_eq!(look(&aside, n, &[300]), look(&in_line, n + 1, &[]));
        assert_ne!(look(&aside, n, &[]), look(&in_line, n + 1, &[]));
    }
}
