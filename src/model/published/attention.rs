//! What one block has read of one text, and attention to it. Each query is computed by itself and
//! in the same order of operations, whatever else is read with it.

use candle_core::Result;

use crate::model::kernels::{Attention, KvCache, Linear};
use crate::model::rotary::Rope;

/// How an entry's values are divided among heads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Heads {
    pub(super) n: usize,
    /// Heads of keys and values, each shared by as many queries as it takes: `n` is a multiple of
    /// it.
    pub(super) n_kv: usize,
    pub(super) dim: usize,
}

impl Heads {
    /// Width of all queries of a row.
    pub(super) const fn q_dim(self) -> usize {
        self.n * self.dim
    }

    /// Width of all its keys.
    pub(super) const fn kv_dim(self) -> usize {
        self.n_kv * self.dim
    }

    /// Keys or values with a copy for each query that shares them.
    fn spread(self, shared: &[f32]) -> Vec<f32> {
        let heads = shared.chunks_exact(self.dim);
        heads
            .flat_map(|head| std::iter::repeat_n(head, self.n / self.n_kv))
            .flatten()
            .copied()
            .collect()
    }
}

/// Keys and values of the entries that one block has read of one text.
#[derive(Debug)]
pub(super) struct LayerCache {
    heads: Heads,
    len: usize,
    cache: KvCache,
}

/// A query that does not stay: it sees the first `seen` entries, and itself.
#[derive(Clone, Copy, Debug)]
pub(super) struct Aside {
    pub(super) seen: usize,
}

impl LayerCache {
    /// With room for `room` entries; it grows where there are more. They are kept as exactly as
    /// suits what `keys` are computed with.
    pub(super) fn new(heads: Heads, room: usize, keys: &Linear) -> Self {
        let cache = KvCache::new(room, heads.n, heads.q_dim(), keys.precision_of_cache());
        Self { heads, len: 0, cache }
    }

    /// What it takes in memory.
    pub(super) fn bytes(&self) -> u64 {
        self.cache.bytes()
    }

    /// What one would take that [`Self::new`] made of this.
    pub(super) fn bytes_for(heads: Heads, room: usize, keys: &Linear) -> u64 {
        KvCache::bytes_for(room, heads.n, heads.q_dim(), keys.precision_of_cache())
    }

    /// Forgets all but the first `len` entries.
    pub(super) fn truncate(&mut self, len: usize) {
        self.len = self.len.min(len);
    }

    /// Reads rows of queries, keys and values [rows, (heads + 2 · kv heads) · head_dim], and turns
    /// them. The last ones are asides; each row before them is kept, and sees all that was read
    /// before it, and itself. What they find is [rows, heads · head_dim].
    pub(super) fn read(
        &mut self,
        qkv: &mut [f32],
        ropes: &[Rope],
        asides: &[Aside],
    ) -> Result<Vec<f32>> {
        let (q_dim, kv_dim) = (self.heads.q_dim(), self.heads.kv_dim());
        self.cache.reserve(self.len + ropes.len());
        let mut queries = Vec::with_capacity(ropes.len() * q_dim);
        let rows = qkv.chunks_exact_mut(q_dim + 2 * kv_dim).zip(ropes);
        for ((row, rope), position) in rows.zip(self.len..) {
            let (turned, v) = row.split_at_mut(q_dim + kv_dim);
            rope.apply(turned);
            let (q, k) = turned.split_at(q_dim);
            queries.extend_from_slice(q);
            self.write(position, k, v)?;
        }
        let first_aside = self.len + ropes.len() - asides.len();
        let kept = self.len + 1..=first_aside;
        let seen: Vec<usize> = kept.chain(asides.iter().map(|it| it.seen)).collect();
        // Asides lie behind what is kept: the next ones to be read will take their positions.
        let own: Vec<usize> = (first_aside..).take(asides.len()).collect();
        self.len = first_aside;
        self.attend(queries, &seen, &own)
    }

    /// Adds entries, turned already: [entries, kv heads · head_dim].
    pub(super) fn append(&mut self, k: &[f32], v: &[f32]) -> Result<()> {
        let kv_dim = self.heads.kv_dim();
        let n = k.len() / kv_dim;
        self.cache.reserve(self.len + n);
        let entries = k.chunks_exact(kv_dim).zip(v.chunks_exact(kv_dim));
        entries.zip(self.len..).try_for_each(|((k, v), position)| self.write(position, k, v))?;
        self.len += n;
        Ok(())
    }

    /// What queries [rows, heads · head_dim] find, in the same shape; query `i` sees the first
    /// `seen[i]` entries, at least one.
    pub(super) fn ask(&self, q: Vec<f32>, seen: &[usize]) -> Result<Vec<f32>> {
        self.attend(q, seen, &[])
    }

    /// Puts an entry at its position, for which there is room.
    fn write(&mut self, position: usize, k: &[f32], v: &[f32]) -> Result<()> {
        if self.heads.n == self.heads.n_kv {
            return self.cache.write(position, k, v);
        }
        self.cache.write(position, &self.heads.spread(k), &self.heads.spread(v))
    }

    /// `softmax(q · k / √head_dim) · v`
    fn attend(&self, q: Vec<f32>, seen: &[usize], own: &[usize]) -> Result<Vec<f32>> {
        let Heads { n, dim, .. } = self.heads;
        let scales = vec![(dim as f32).powf(-0.5); n];
        Attention { seen, own, scales: &scales, cache: &self.cache }.attend(q)
    }
}

#[cfg(test)]
mod tests {
    use candle_core::{Device, Tensor};

    use super::*;
    use crate::base::Precision;

    #[test]
    fn queries_that_share_keys_find_what_they_find_with_a_copy_each() {
        let shared = Heads { n: 4, n_kv: 2, dim: 4 };
        let own = Heads { n_kv: 4, ..shared };
        let weight = Tensor::ones((1, 1), candle_core::DType::F32, &Device::Cpu).unwrap();
        let exact = Linear::new(&weight, Precision::F32).unwrap();
        let [mut few, mut many] = [shared, own].map(|heads| LayerCache::new(heads, 1, &exact));
        let ropes: Vec<Rope> = (0..3).map(|position| Rope::in_line(4, 100.0, position)).collect();
        let (mut rows, mut copied) = (Vec::new(), Vec::new());
        for row in 0..ropes.len() {
            let values: Vec<f32> = (0..32).map(|idx| ((row * 32 + idx) as f32).sin()).collect();
            let (q, kv) = values.split_at(shared.q_dim());
            let (k, v) = kv.split_at(shared.kv_dim());
            rows.extend_from_slice(&values);
            copied.extend([q, &shared.spread(k), &shared.spread(v)].concat());
        }
        let found = few.read(&mut rows, &ropes, &[]).unwrap();
        assert_eq!(found, many.read(&mut copied, &ropes, &[]).unwrap());
        let last = &found[2 * shared.q_dim()..];
        assert_ne!(last[..4], last[4..8], "each head asks for itself");
    }
}
