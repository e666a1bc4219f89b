//! Attention in which every query sees the first entries of a cache, up to a number of its own, and
//! itself where it does not stay.
//! Each query is computed by itself, so its result does not depend on what else is asked: guessing
//! ahead gives the same logits as going one by one.

use candle_core::{Result, bail};
use rayon::prelude::*;

use self::floats::FloatKv;
use self::levels::QuantKv;
use super::strips::max_rows;
use crate::base::Precision;

mod floats;
mod levels;

/// From this many attended values on, waking other threads takes less time than they save.
const VALUES_FOR_THREADS: usize = 1 << 18;

/// The same where they are bytes.
const LEVELS_FOR_THREADS: usize = 1 << 20;

/// What attention can look at: the entries of one text read so far, with room for more.
///
/// Room for the longest picture is best taken once. Entries at or past what a query may see hold
/// leftovers that are overwritten before they are seen, so going back is free.
#[derive(Debug)]
pub struct KvCache {
    heads: usize,
    dim: usize,
    entries: Entries,
}

#[derive(Debug)]
enum Entries {
    /// As computed.
    FloatKv(FloatKv),
    /// In 8 bits.
    QuantKv(QuantKv),
}

impl KvCache {
    /// For entries of `dim` values, all heads together. They are kept as floats only where the
    /// weights are.
    pub fn new(room: usize, heads: usize, dim: usize, precision: Precision) -> Self {
        let entries = match precision {
            Precision::F32 => Entries::FloatKv(FloatKv::new(room, dim)),
            Precision::Q8 | Precision::Q6K | Precision::Q4K => {
                Entries::QuantKv(QuantKv::new(room, heads, dim))
            }
        };
        Self { heads, dim, entries }
    }

    fn room(&self) -> usize {
        match &self.entries {
            Entries::FloatKv(entries) => entries.room(),
            Entries::QuantKv(entries) => entries.room(),
        }
    }

    /// Makes room for `room` entries, where there is less.
    pub fn reserve(&mut self, room: usize) {
        if room <= self.room() {
            return;
        }
        match &mut self.entries {
            Entries::FloatKv(entries) => entries.reserve(room),
            Entries::QuantKv(entries) => entries.reserve(room),
        }
    }

    /// What it takes in memory.
    pub fn bytes(&self) -> u64 {
        match &self.entries {
            Entries::FloatKv(entries) => entries.bytes(),
            Entries::QuantKv(entries) => entries.bytes(),
        }
    }

    /// What one would take that [`Self::new`] made of this.
    pub fn bytes_for(room: usize, heads: usize, dim: usize, precision: Precision) -> u64 {
        match precision {
            Precision::F32 => FloatKv::bytes_for(room, dim),
            Precision::Q8 | Precision::Q6K | Precision::Q4K => QuantKv::bytes_for(room, heads, dim),
        }
    }

    /// Puts an entry, a key and a value of as many values as the heads have together, at its
    /// position.
    ///
    /// # Errors
    /// Where there is no room for it, or it is of another width.
    pub fn write(&mut self, position: usize, k: &[f32], v: &[f32]) -> Result<()> {
        if [k.len(), v.len()] != [self.dim; 2] || self.room() <= position {
            bail!("entry {position} does not fit a cache of {}", self.room());
        }
        match &mut self.entries {
            Entries::FloatKv(entries) => entries.write(position, k, v),
            Entries::QuantKv(entries) => entries.write(position, k, v),
        }
        Ok(())
    }
}

/// What a query sees.
#[derive(Clone, Copy, Debug)]
struct Visible {
    /// The number of entries, from the first one.
    seen: usize,
    /// One more.
    own: Option<usize>,
}

/// Which part of the cache each query sees, and how sharply each head looks.
pub struct Attention<'a> {
    /// Per query the number of entries that it sees, from the first one; at least one.
    pub seen: &'a [usize],
    /// For each of the last `own.len()` queries one entry more that it sees, behind the others.
    pub own: &'a [usize],
    /// Per head the factor between dot product and logits.
    pub scales: &'a [f32],
    pub cache: &'a KvCache,
}

impl Attention<'_> {
    /// What queries find, [queries, heads · head_dim] as they are themselves.
    ///
    /// # Errors
    /// Where they are of another shape than the cache, or see more than there is, or nothing.
    pub fn attend(&self, mut q: Vec<f32>) -> Result<Vec<f32>> {
        let ends = self.own.iter().map(|own| own + 1).chain(self.seen.iter().copied());
        let (cache, n_queries, max_seen) = (self.cache, self.seen.len(), ends.max().unwrap_or(0));
        if cache.room() < max_seen || self.seen.contains(&0) || n_queries < self.own.len() {
            bail!("{n_queries} queries cannot see {max_seen} of {} entries", cache.room());
        }
        if (q.len(), self.scales.len()) != (n_queries * cache.dim, cache.heads) {
            bail!("queries of another shape than the cache");
        }
        let heads = q.chunks_exact_mut(cache.dim / cache.heads).zip(self.scales.iter().cycle());
        heads.for_each(|(q, scale)| q.iter_mut().for_each(|it| *it *= scale));
        let mut out = vec![0.0; q.len()];
        match &cache.entries {
            Entries::FloatKv(entries) => self.attend_floats(entries, &q, &mut out),
            Entries::QuantKv(entries) => self.attend_levels(entries, &q, &mut out),
        }
        Ok(out)
    }

    fn visible(&self) -> Vec<Visible> {
        let first_own = self.seen.len() - self.own.len();
        let own = |query: usize| query.checked_sub(first_own).map(|idx| self.own[idx]);
        self.seen
            .iter()
            .enumerate()
            .map(|(query, &seen)| Visible { seen, own: own(query) })
            .collect()
    }

    /// Head by head.
    fn attend_floats(&self, entries: &FloatKv, q: &[f32], out: &mut [f32]) {
        let (visible, n_heads) = (self.visible(), self.scales.len());
        let head_dim = self.cache.dim / n_heads;
        let one_head = |(idx, (q, out)): (usize, (&[f32], &mut [f32]))| {
            entries.attend(idx % n_heads, visible[idx / n_heads], q, out);
        };
        if self.n_attended() < VALUES_FOR_THREADS {
            let heads = q.chunks_exact(head_dim).zip(out.chunks_exact_mut(head_dim));
            heads.enumerate().for_each(one_head);
        } else {
            let heads = q.par_chunks_exact(head_dim).zip(out.par_chunks_exact_mut(head_dim));
            heads.enumerate().for_each(one_head);
        }
    }

    /// Some queries at a time, or head by head where there is but one.
    fn attend_levels(&self, entries: &QuantKv, q: &[f32], out: &mut [f32]) {
        let (visible, n_heads, dim) = (self.visible(), self.scales.len(), self.cache.dim);
        let some = max_rows() * dim;
        if self.n_attended() < LEVELS_FOR_THREADS {
            let rows = visible.chunks(max_rows()).zip(q.chunks(some)).zip(out.chunks_mut(some));
            rows.for_each(|((visible, q), out)| entries.attend(visible, q, out));
        } else if let [visible] = *visible {
            let head_dim = dim / n_heads;
            let heads = q.par_chunks_exact(head_dim).zip(out.par_chunks_exact_mut(head_dim));
            heads
                .enumerate()
                .for_each(|(head, (q, out))| entries.attend_alone(head, visible, q, out));
        } else {
            let rows = q.par_chunks(some).zip(out.par_chunks_mut(some));
            let rows = visible.par_chunks(max_rows()).zip(rows);
            rows.for_each(|(visible, (q, out))| entries.attend(visible, q, out));
        }
    }

    fn n_attended(&self) -> usize {
        self.cache.dim * self.seen.iter().sum::<usize>()
    }
}

#[cfg(test)]
mod tests {
    use candle_core::{Device, Tensor};

    use super::*;

    #[test]
    fn a_query_sees_only_the_first_entries() {
        let mut cache = KvCache::new(4, 1, 2, Precision::F32);
        let entries =
            [([1.0, 0.0], [2.0, 0.0]), ([0.0, 1.0], [4.0, 8.0]), ([9.0, 9.0], [9.0, 9.0])];
        for (position, (k, v)) in entries.iter().enumerate() {
            cache.write(position, k, v).unwrap();
        }
        let attend = |seen: &[usize], own: &[usize]| {
            Attention { seen, own, scales: &[1.0], cache: &cache }.attend(vec![0.0; 4])
        };
        assert_eq!(attend(&[1, 2], &[]).unwrap(), [2.0, 0.0, 3.0, 4.0]);

        let room = cache.room();
        assert!(attend(&[1, room + 1], &[]).is_err());
        assert!(attend(&[1, 1], &[room]).is_err());
        assert!(attend(&[1, 0], &[]).is_err());
        assert!(attend(&[1], &[]).is_err(), "there are two queries");
        assert!(cache.write(room, &[0.0; 2], &[0.0; 2]).is_err());
        assert!(cache.write(0, &[0.0; 2], &[0.0; 3]).is_err());
    }

    #[test]
    fn what_a_cache_takes_is_known_before_it_is_made() {
        for precision in [Precision::F32, Precision::Q8] {
            for room in [0, 1, 63, 64, 65, 1000] {
                let cache = KvCache::new(room, HEADS, DIM, precision);
                let expected = KvCache::bytes_for(room, HEADS, DIM, precision);
                assert_eq!(cache.bytes(), expected, "{room}");
                assert!((room * DIM * 2) as u64 <= expected);
            }
        }
    }

    const HEADS: usize = 3;
    const HEAD_DIM: usize = 40;
    const DIM: usize = HEADS * HEAD_DIM;
    const SCALES: &[f32] = &[0.1, 0.2, 0.3];

    fn random(n: usize) -> Vec<f32> {
        let values = Tensor::randn(0.0_f32, 1.0, n * DIM, &Device::Cpu).unwrap();
        values.to_vec1().unwrap()
    }

    #[test]
    fn an_entry_aside_counts_as_if_it_came_next() {
        let n = 70;
        let (k, v, q) = (random(n + 1), random(n + 1), random(1));
        for precision in [Precision::F32, Precision::Q8] {
            let attend = |positions: &[usize], seen: usize, own: &[usize]| {
                let mut cache = KvCache::new(1, HEADS, DIM, precision);
                let entries = k.chunks_exact(DIM).zip(v.chunks_exact(DIM));
                for (&position, (k, v)) in positions.iter().zip(entries) {
                    cache.reserve(position + 1);
                    cache.write(position, k, v).unwrap();
                }
                let attention = Attention { seen: &[seen], own, scales: SCALES, cache: &cache };
                attention.attend(q.clone()).unwrap()
            };
            let in_line: Vec<usize> = (0..=n).collect();
            let aside: Vec<usize> = (0..n).chain([300]).collect();
            assert_eq!(attend(&aside, n, &[300]), attend(&in_line, n + 1, &[]));
            assert_ne!(attend(&aside, n, &[]), attend(&in_line, n + 1, &[]));
        }
    }

    /// As many queries as make threads worth while, and each of them alone.
    #[test]
    fn queries_find_the_same_in_any_company_and_in_8_bits_nearly_the_same() {
        let (n, n_queries) = (500, 20);
        let (k, v, q) = (random(n), random(n), random(n_queries));
        let seen: Vec<usize> = (0..n_queries).map(|it| n - n_queries + it + 1).collect();
        let [exact, near] = [Precision::F32, Precision::Q8].map(|precision| {
            let mut cache = KvCache::new(n, HEADS, DIM, precision);
            for (position, (k, v)) in k.chunks_exact(DIM).zip(v.chunks_exact(DIM)).enumerate() {
                cache.write(position, k, v).unwrap();
            }
            let attend = |seen: &[usize], q: &[f32]| {
                let attention = Attention { seen, own: &[], scales: SCALES, cache: &cache };
                attention.attend(q.to_vec()).unwrap()
            };
            let found = attend(&seen, &q);
            let queries = seen.chunks(1).zip(q.chunks_exact(DIM)).zip(found.chunks_exact(DIM));
            queries.for_each(|((seen, q), found)| assert_eq!(attend(seen, q), found));
            found
        });
        let error = exact.iter().zip(&near).map(|(a, b)| (a - b).powi(2)).sum::<f32>();
        let error = (error / exact.iter().map(|it| it.powi(2)).sum::<f32>()).sqrt();
        assert!(0.0 < error && error < 0.02, "relative error {error}");
    }
}
