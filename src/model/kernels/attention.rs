//! Attention in which every query sees the first so many entries of a memory, and itself where it does not stay.
//! Each query is computed by itself, so its result does not depend on what else is asked: guessing
//! ahead gives the same odds as going one by one.

use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor, bail};
use rayon::prelude::*;

use self::floats::Floats;
use self::levels::Levels;
use super::strips::most_rows;
use crate::base::Precision;

mod floats;
mod levels;

/// From so many values on that are looked at, waking other threads takes less time than they save.
const VALUES_FOR_THREADS: usize = 1 << 18;

/// The same where they are bytes.
const LEVELS_FOR_THREADS: usize = 1 << 20;

/// What attention can look at: the entries read so far, with room for more.
///
/// Room for the longest picture is best taken once. Entries at or past what a query may see hold
/// leftovers that are overwritten before they are seen, so going back is free.
#[derive(Debug)]
pub struct Memory {
    heads: usize,
    dim: usize,
    texts: Texts,
}

/// What was read of each text.
#[derive(Debug)]
enum Texts {
    /// As computed.
    Floats(Vec<Floats>),
    /// In 8 bits.
    Levels(Vec<Levels>),
}

impl Memory {
    /// For entries of `dim` values, all heads together. They are kept as floats only where the weights are.
    pub fn new(
        n_texts: usize,
        room: usize,
        heads: usize,
        dim: usize,
        precision: Precision,
    ) -> Self {
        let texts = match precision {
            Precision::F32 => Texts::Floats((0..n_texts).map(|_| Floats::new(room, dim)).collect()),
            _ => Texts::Levels((0..n_texts).map(|_| Levels::new(room, heads, dim)).collect()),
        };
        Self { heads, dim, texts }
    }

    fn n_texts(&self) -> usize {
        match &self.texts {
            Texts::Floats(texts) => texts.len(),
            Texts::Levels(texts) => texts.len(),
        }
    }

    fn room(&self) -> usize {
        let room = match &self.texts {
            Texts::Floats(texts) => texts.first().map(Floats::room),
            Texts::Levels(texts) => texts.first().map(Levels::room),
        };
        room.unwrap_or(0)
    }

    /// Makes room for so many entries, where there is less.
    pub fn reserve(&mut self, room: usize) {
        if room <= self.room() {
            return;
        }
        match &mut self.texts {
            Texts::Floats(texts) => texts.iter_mut().for_each(|it| it.reserve(room)),
            Texts::Levels(texts) => texts.iter_mut().for_each(|it| it.reserve(room)),
        }
    }

    /// Puts entries [texts, new, dim] at place `start` and after.
    pub fn write(&mut self, start: usize, k: &Tensor, v: &Tensor) -> Result<()> {
        let (n_texts, n_new, dim) = k.dims3()?;
        if (n_texts, dim) != (self.n_texts(), self.dim) || self.room() < start + n_new {
            bail!("{n_new} entries at {start} do not fit a memory of {}", self.room());
        }
        let (k, v): (Vec<f32>, Vec<f32>) =
            (k.flatten_all()?.to_vec1()?, v.flatten_all()?.to_vec1()?);
        for (row, (k, v)) in k.chunks_exact(dim).zip(v.chunks_exact(dim)).enumerate() {
            let (text, entry) = (row / n_new, start + row % n_new);
            match &mut self.texts {
                Texts::Floats(texts) => texts[text].write(entry, k, v),
                Texts::Levels(texts) => texts[text].write(entry, k, v),
            }
        }
        Ok(())
    }
}

/// What a query sees.
#[derive(Clone, Copy, Debug)]
struct Sight {
    /// The number of entries, from the first one.
    seen: usize,
    /// One more.
    own: Option<usize>,
}

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

    fn sights(&self) -> Vec<Sight> {
        let first_own = self.seen.len() - self.own.len();
        let own = |query: usize| query.checked_sub(first_own).map(|idx| self.own[idx]);
        self.seen.iter().enumerate().map(|(query, &seen)| Sight { seen, own: own(query) }).collect()
    }

    /// Head by head.
    fn look_at_floats(&self, texts: &[Floats], q: &[f32], out: &mut [f32]) {
        let (sights, n_heads) = (self.sights(), self.scales.len());
        let head_dim = self.memory.dim / n_heads;
        let one_head = |(idx, (q, out)): (usize, (&[f32], &mut [f32]))| {
            let (row, head) = (idx / n_heads, idx % n_heads);
            texts[row / sights.len()].look(head, sights[row % sights.len()], q, out);
        };
        if self.n_looked_at(texts.len()) < VALUES_FOR_THREADS {
            let heads = q.chunks_exact(head_dim).zip(out.chunks_exact_mut(head_dim));
            heads.enumerate().for_each(one_head);
        } else {
            let heads = q.par_chunks_exact(head_dim).zip(out.par_chunks_exact_mut(head_dim));
            heads.enumerate().for_each(one_head);
        }
    }

    /// Some queries at a time, or head by head where there is but one.
    fn look_at_levels(&self, texts: &[Levels], q: &[f32], out: &mut [f32]) {
        let (sights, n_heads, dim) = (self.sights(), self.scales.len(), self.memory.dim);
        let one_text = |(text, (q, out)): (&Levels, (&[f32], &mut [f32]))| {
            let some = q.chunks(most_rows() * dim).zip(out.chunks_mut(most_rows() * dim));
            sights
                .chunks(most_rows())
                .zip(some)
                .for_each(|(sights, (q, out))| text.look(sights, q, out));
        };
        let width = sights.len() * dim;
        if self.n_looked_at(texts.len()) < LEVELS_FOR_THREADS {
            let rows = q.chunks_exact(width).zip(out.chunks_exact_mut(width));
            texts.iter().zip(rows).for_each(one_text);
        } else if let [sight] = *sights {
            let head_dim = dim / n_heads;
            let heads = q.par_chunks_exact(head_dim).zip(out.par_chunks_exact_mut(head_dim));
            heads.enumerate().for_each(|(idx, (q, out))| {
                texts[idx / n_heads].look_alone(idx % n_heads, sight, q, out);
            });
        } else {
            let some = most_rows() * dim;
            let rows = q.par_chunks_exact(width).zip(out.par_chunks_exact_mut(width));
            texts.par_iter().zip(rows).for_each(|(text, (q, out))| {
                let some = q.par_chunks(some).zip(out.par_chunks_mut(some));
                let some = sights.par_chunks(most_rows()).zip(some);
                some.for_each(|(sights, (q, out))| text.look(sights, q, out));
            });
        }
    }

    fn n_looked_at(&self, n_texts: usize) -> usize {
        n_texts * self.memory.dim * self.seen.iter().sum::<usize>()
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
        if is_short || memory.room() < most || self.seen.contains(&0) {
            bail!("{n_queries} queries cannot see {most} of {} entries", memory.room());
        }
        if (n_texts, dim, self.scales.len()) != (memory.n_texts(), memory.dim, memory.heads) {
            bail!("queries of another shape than the memory");
        }
        let heads = q.chunks_exact(dim / memory.heads).zip(self.scales.iter().cycle());
        let q: Vec<f32> = heads.flat_map(|(q, scale)| q.iter().map(move |it| it * scale)).collect();
        let mut out = vec![0.0; q.len()];
        match &memory.texts {
            Texts::Floats(texts) => self.look_at_floats(texts, &q, &mut out),
            Texts::Levels(texts) => self.look_at_levels(texts, &q, &mut out),
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
        let mut memory = Memory::new(1, 4, 1, 2, Precision::F32);
        let k = Tensor::new(&[[[1.0_f32, 0.0], [0.0, 1.0], [9.0, 9.0]]], device).unwrap();
        let v = Tensor::new(&[[[2.0_f32, 0.0], [4.0, 8.0], [9.0, 9.0]]], device).unwrap();
        memory.write(0, &k, &v).unwrap();
        let q = Tensor::zeros((1, 2, 2), candle_core::DType::F32, device).unwrap();
        let look = Attention { seen: &[1, 2], own: &[], scales: &[1.0], memory: &memory }
            .forward(&q)
            .unwrap();
        assert_eq!(look.to_vec3::<f32>().unwrap(), [[[2.0, 0.0], [3.0, 4.0]]]);

        let room = memory.room();
        let too_many =
            Attention { seen: &[1, room + 1], own: &[], scales: &[1.0], memory: &memory };
        assert!(too_many.forward(&q).is_err());
        let too_far = Attention { own: &[room], seen: &[1, 1], ..too_many };
        assert!(too_far.forward(&q).is_err());
        assert!(memory.write(room - 1, &k, &v).is_err(), "there is no room for three more");
    }

    const HEADS: usize = 3;
    const HEAD_DIM: usize = 40;

    fn random(n_texts: usize, n: usize) -> Tensor {
        Tensor::randn(0.0_f32, 1.0, (n_texts, n, HEADS * HEAD_DIM), &Device::Cpu).unwrap()
    }

    #[test]
    fn an_entry_aside_counts_as_if_it_came_next() {
        let n = 70;
        let (k, v, q) = (random(1, n + 1), random(1, n + 1), random(1, 1));
        for precision in [Precision::F32, Precision::Q8] {
            let look = |places: &[usize], seen: usize, own: &[usize]| {
                let mut memory = Memory::new(1, 1, HEADS, HEADS * HEAD_DIM, precision);
                for (entry, &place) in places.iter().enumerate() {
                    memory.reserve(place + 1);
                    let of = |it: &Tensor| it.narrow(1, entry, 1).unwrap();
                    memory.write(place, &of(&k), &of(&v)).unwrap();
                }
                let scales = &[0.1, 0.2, 0.3];
                let attention = Attention { seen: &[seen], own, scales, memory: &memory };
                attention.forward(&q).unwrap().flatten_all().unwrap().to_vec1::<f32>().unwrap()
            };
            let in_line: Vec<usize> = (0..=n).collect();
            let aside: Vec<usize> = (0..n).chain([300]).collect();
            assert_eq!(look(&aside, n, &[300]), look(&in_line, n + 1, &[]));
            assert_ne!(look(&aside, n, &[]), look(&in_line, n + 1, &[]));
        }
    }

    /// As many queries as make threads worth while, and each of them alone.
    #[test]
    fn queries_find_the_same_in_any_company_and_in_8_bits_nearly_the_same() {
        let (n_texts, n, n_queries) = (2, 500, 20);
        let (k, v, q) = (random(n_texts, n), random(n_texts, n), random(n_texts, n_queries));
        let seen: Vec<usize> = (0..n_queries).map(|it| n - n_queries + it + 1).collect();
        let scales = &[0.1, 0.2, 0.3];
        let [exact, near] = [Precision::F32, Precision::Q8].map(|precision| {
            let mut memory = Memory::new(n_texts, n, HEADS, HEADS * HEAD_DIM, precision);
            memory.write(0, &k, &v).unwrap();
            let found =
                Attention { seen: &seen, own: &[], scales, memory: &memory }.forward(&q).unwrap();
            for (query, seen) in seen.iter().enumerate() {
                let q = q.narrow(1, query, 1).unwrap().contiguous().unwrap();
                let alone = Attention { seen: &[*seen], own: &[], scales, memory: &memory };
                let alone = alone.forward(&q).unwrap().to_vec3::<f32>().unwrap();
                assert_eq!(alone, found.narrow(1, query, 1).unwrap().to_vec3::<f32>().unwrap());
            }
            found
        });
        let square =
            |it: &Tensor| it.sqr().unwrap().mean_all().unwrap().to_scalar::<f32>().unwrap();
        let error = (square(&(&exact - &near).unwrap()) / square(&exact)).sqrt();
        assert!(0.0 < error && error < 0.02, "relative error {error}");
    }
}
