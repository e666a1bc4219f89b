//! Attention to what one text's cache holds. Each query is computed by itself and in the same order of
//! operations, whatever else is read with it.

use rayon::prelude::*;

use super::lanes::dot;
use super::rotary::Turn;

/// From so many products on, waking other threads takes less time than they save.
const PRODUCTS_FOR_THREADS: usize = 1 << 16;

/// How an entry's values are shared among heads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Heads {
    pub(super) n: usize,
    /// Heads of keys and values, each shared by as many queries as it takes: `n` is a multiple of it.
    pub(super) n_kv: usize,
    pub(super) dim: usize,
}

impl Heads {
    /// Width of all queries of a row, and of all its keys.
    pub(super) const fn q_dim(self) -> usize {
        self.n * self.dim
    }

    pub(super) const fn kv_dim(self) -> usize {
        self.n_kv * self.dim
    }
}

/// Keys and values of the entries that one block has read of one text.
#[derive(Clone, Debug)]
pub(super) struct KvCache {
    heads: Heads,
    k: Vec<f32>, // [entries, kv heads · head_dim]
    v: Vec<f32>, // [entries, kv heads · head_dim]
}

/// A query that does not stay: it sees the first so many entries, and itself.
#[derive(Clone, Copy, Debug)]
pub(super) struct Aside {
    pub(super) seen: usize,
}

/// What one query looks at.
struct Sight<'a> {
    q: &'a [f32],
    seen: usize,
    /// Its own key and value, where it does not stay.
    own: Option<(&'a [f32], &'a [f32])>,
}

impl KvCache {
    pub(super) const fn new(heads: Heads) -> Self {
        Self { heads, k: Vec::new(), v: Vec::new() }
    }

    pub(super) fn len(&self) -> usize {
        self.k.len() / self.heads.kv_dim()
    }

    /// Forgets all but the first `len` entries.
    pub(super) fn truncate(&mut self, len: usize) {
        self.k.truncate(len * self.heads.kv_dim());
        self.v.truncate(len * self.heads.kv_dim());
    }

    /// Reads rows of queries, keys and values [rows, (heads + 2 · kv heads) · head_dim], after turning them. The
    /// last ones are asides; each row before them is kept, and sees all that was read before it, and itself.
    pub(super) fn read(&mut self, qkv: &[f32], turns: &[Turn], asides: &[Aside]) -> Vec<f32> {
        let (q_dim, kv_dim) = (self.heads.q_dim(), self.heads.kv_dim());
        let (n_rows, n_before) = (turns.len(), self.len());
        let n_kept = n_rows - asides.len();
        let mut q = Vec::with_capacity(n_rows * q_dim);
        let (mut own_k, mut own_v) = (Vec::new(), Vec::new());
        for (idx, (row, turn)) in qkv.chunks_exact(q_dim + 2 * kv_dim).zip(turns).enumerate() {
            let mut turned = row[..q_dim + kv_dim].to_vec();
            turn.apply(&mut turned);
            q.extend(&turned[..q_dim]);
            let (k, v) = (&turned[q_dim..], &row[q_dim + kv_dim..]);
            match idx < n_kept {
                true => self.append(k, v),
                false => {
                    own_k.extend(k);
                    own_v.extend(v);
                }
            }
        }
        let own = own_k.chunks_exact(kv_dim).zip(own_v.chunks_exact(kv_dim));
        let asides = asides.iter().zip(own).map(|(it, own)| (it.seen, Some(own)));
        let kept = (1..=n_kept).map(|nth| (n_before + nth, None));
        let sights = q.chunks_exact(q_dim).zip(kept.chain(asides));
        let sights: Vec<_> = sights.map(|(q, (seen, own))| Sight { q, seen, own }).collect();
        self.look(&sights)
    }

    /// Adds entries, turned already: [entries, kv heads · head_dim].
    pub(super) fn append(&mut self, k: &[f32], v: &[f32]) {
        self.k.extend(k);
        self.v.extend(v);
    }

    /// What queries [rows, heads · head_dim] find that each see the first so many entries, at least one.
    pub(super) fn ask(&self, q: &[f32], seen: &[usize]) -> Vec<f32> {
        let sights = q.chunks_exact(self.heads.q_dim()).zip(seen);
        let sights: Vec<_> = sights.map(|(q, &seen)| Sight { q, seen, own: None }).collect();
        self.look(&sights)
    }

    fn look(&self, sights: &[Sight<'_>]) -> Vec<f32> {
        let Heads { n, dim, .. } = self.heads;
        let mut out = vec![0.0; sights.len() * n * dim];
        let n_products = sights.iter().map(|it| it.seen).sum::<usize>() * n * dim;
        let one_head =
            |(idx, out): (usize, &mut [f32])| self.one_head(&sights[idx / n], idx % n, out);
        match n_products < PRODUCTS_FOR_THREADS {
            true => out.chunks_exact_mut(dim).enumerate().for_each(one_head),
            false => out.par_chunks_exact_mut(dim).enumerate().for_each(one_head),
        }
        out
    }

    /// `softmax(q · k / √head_dim) · v`
    fn one_head(&self, sight: &Sight<'_>, head: usize, out: &mut [f32]) {
        let Heads { n, n_kv, dim } = self.heads;
        let (kv_dim, first) = (n_kv * dim, head * n_kv / n * dim);
        let q = &sight.q[head * dim..][..dim];
        let scale = (dim as f32).powf(-0.5);
        let keys = self.k.chunks_exact(kv_dim).take(sight.seen).chain(sight.own.map(|it| it.0));
        let mut odds: Vec<f32> = keys.map(|k| dot(q, &k[first..first + dim]) * scale).collect();
        let most = odds.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        odds.iter_mut().for_each(|it| *it = (*it - most).exp());
        let sum: f32 = odds.iter().sum();
        let values = self.v.chunks_exact(kv_dim).take(sight.seen).chain(sight.own.map(|it| it.1));
        for (odd, v) in odds.iter().zip(values) {
            let share = odd / sum;
            out.iter_mut().zip(&v[first..first + dim]).for_each(|(out, v)| *out += share * v);
        }
    }
}
