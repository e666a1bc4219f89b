//! Keys and values in 8 bits, each entry of a head with a scale of its own: a quarter of the cache
//! to read, and products of bytes, which are exact sums. What that moves the logits by is less than
//! what weights of 8 bits do.

use std::array::from_fn;
use std::mem::take;

use super::super::silu::exp;
use super::super::strips::{
    EMPTY, GROUP, Group, Row, STRIP, TILE, TILES, max_rows, products, put, scale_of,
};
use super::super::sums::fold;
use super::Visible;

/// Keys and values of one text.
#[derive(Debug)]
pub(super) struct QuantKv {
    /// A multiple of [`STRIP`].
    room: usize,
    heads: Vec<Head>,
}

/// Both are matrices of levels: keys turn a query into a score per entry, values turn
/// weights into a result.
#[derive(Clone, Debug)]
struct Head {
    dim: usize,
    k: Vec<Group>,      // [tiles of room, groups of head_dim]
    v: Vec<Group>,      // [tiles of head_dim, groups of room]
    k_scales: Vec<f32>, // [room]
    v_scales: Vec<f32>, // [room]
}

impl QuantKv {
    /// `heads` of `dim / heads` values each.
    pub(super) fn new(room: usize, heads: usize, dim: usize) -> Self {
        let room = room.max(1).next_multiple_of(STRIP);
        Self { room, heads: vec![Head::new(room, dim / heads); heads] }
    }

    pub(super) fn bytes(&self) -> u64 {
        self.heads.iter().map(Head::bytes).sum()
    }

    pub(super) fn bytes_for(room: usize, heads: usize, dim: usize) -> u64 {
        let room = room.max(1).next_multiple_of(STRIP);
        heads as u64 * Head::bytes_for(room, dim / heads)
    }

    pub(super) fn room(&self) -> usize {
        self.room
    }

    pub(super) fn reserve(&mut self, room: usize) {
        self.room = room.next_multiple_of(STRIP);
        self.heads.iter_mut().for_each(|head| head.reserve(self.room));
    }

    /// Puts an entry [heads · head_dim] at its position.
    pub(super) fn write(&mut self, entry: usize, k: &[f32], v: &[f32]) {
        let dim = k.len() / self.heads.len();
        let parts = k.chunks_exact(dim).zip(v.chunks_exact(dim));
        self.heads.iter_mut().zip(parts).for_each(|(head, (k, v))| head.write(entry, k, v));
    }

    /// All heads of a few queries [queries, heads · head_dim], which see what `visible` says:
    /// `softmax(q · k) · v`.
    pub(super) fn attend(&self, visible: &[Visible], q: &[f32], out: &mut [f32]) {
        match *visible {
            [a] => self.attend_together([a], q, out),
            [a, b] => self.attend_together([a, b], q, out),
            [a, b, c] => self.attend_together([a, b, c], q, out),
            _ => unreachable!("at most {} queries attend together", max_rows()),
        }
    }

    fn attend_together<const N: usize>(&self, visible: [Visible; N], q: &[f32], out: &mut [f32]) {
        let width = q.len() / N;
        for (idx, head) in self.heads.iter().enumerate() {
            let start = |query: usize| query * width + idx * head.dim;
            let found = head.attend(visible, from_fn(|query| &q[start(query)..][..head.dim]));
            for (query, found) in found.iter().enumerate() {
                out[start(query)..][..head.dim].copy_from_slice(found);
            }
        }
    }

    /// One head of one query.
    pub(super) fn attend_alone(&self, head: usize, visible: Visible, q: &[f32], out: &mut [f32]) {
        let [found] = self.heads[head].attend([visible], [q]);
        out.copy_from_slice(&found);
    }
}

/// How much a query takes of each entry, times what a level of its values is worth; what is taken
/// in all.
type Weights = (Row, f32);

impl Head {
    fn new(room: usize, dim: usize) -> Self {
        let [n_keys, n_values] = Self::groups(room, dim);
        Self {
            dim,
            k: vec![EMPTY; n_keys],
            v: vec![EMPTY; n_values],
            k_scales: vec![0.0; room],
            v_scales: vec![0.0; room],
        }
    }

    /// How many there are of keys, and of values.
    const fn groups(room: usize, dim: usize) -> [usize; 2] {
        [room / TILE * dim.div_ceil(GROUP), dim.div_ceil(STRIP) * TILES * room / GROUP]
    }

    fn bytes(&self) -> u64 {
        let groups = size_of_val(&*self.k) + size_of_val(&*self.v);
        (groups + size_of_val(&*self.k_scales) + size_of_val(&*self.v_scales)) as u64
    }

    const fn bytes_for(room: usize, dim: usize) -> u64 {
        let [n_keys, n_values] = Self::groups(room, dim);
        let scales = 2 * room * size_of::<f32>();
        ((n_keys + n_values) * size_of::<Group>() + scales) as u64
    }

    fn reserve(&mut self, room: usize) {
        let mut wide = Self::new(room, self.dim);
        wide.k[..self.k.len()].copy_from_slice(&self.k);
        let (old, new) = (self.k_scales.len(), room);
        let strips = wide.v.chunks_exact_mut(new / GROUP).zip(self.v.chunks_exact(old / GROUP));
        strips.for_each(|(wide, strips)| wide[..strips.len()].copy_from_slice(strips));
        wide.k_scales[..old].copy_from_slice(&self.k_scales);
        wide.v_scales[..old].copy_from_slice(&self.v_scales);
        *self = wide;
    }

    fn write(&mut self, entry: usize, k: &[f32], v: &[f32]) {
        let (k_scale, v_scale) = (scale_of(k), scale_of(v));
        (self.k_scales[entry], self.v_scales[entry]) = (k_scale, v_scale);
        for (input, k) in k.iter().enumerate() {
            let level = (k / k_scale).round_ties_even() as i8;
            put(&mut self.k, self.dim.div_ceil(GROUP), entry, input, level);
        }
        let stride = self.v_scales.len() / GROUP;
        for (output, v) in v.iter().enumerate() {
            let level = (v / v_scale).round_ties_even() as i8;
            put(&mut self.v, stride, output, entry, level);
        }
    }

    /// What some queries find.
    fn attend<const N: usize>(&self, visible: [Visible; N], q: [&[f32]; N]) -> [Vec<f32>; N] {
        let n_entries = visible.iter().map(|it| it.seen.max(it.own.map_or(0, |own| own + 1)));
        let n_entries = n_entries.max().unwrap_or(0);
        let mut scores = self.scores(visible, q);
        let weights: [Weights; N] =
            from_fn(|idx| self.weights(take(&mut scores[idx]), visible[idx].own, n_entries));
        self.mix(weights.each_ref())
    }

    /// The scores of the entries that each query sees; that of an entry aside comes last.
    fn scores<const N: usize>(&self, visible: [Visible; N], q: [&[f32]; N]) -> [Vec<f32>; N] {
        let q = q.map(Row::new);
        let max_seen = visible.iter().map(|it| it.seen).max().unwrap_or(0);
        let mut scores = [const { Vec::new() }; N];
        let n_entries = max_seen.next_multiple_of(STRIP);
        for scores in &mut scores {
            scores.reserve_exact(n_entries + 1);
            scores.resize(n_entries, 0.0);
        }
        self.scores_from(0, q.each_ref(), scores.each_mut().map(Vec::as_mut_slice));
        for ((scores, visible), q) in scores.iter_mut().zip(visible).zip(&q) {
            scores.truncate(visible.seen);
            scores.extend(visible.own.map(|own| {
                let mut beside = [0.0; STRIP];
                self.scores_from(own / STRIP, [q], [&mut beside]);
                beside[own % STRIP]
            }));
        }
        scores
    }

    /// The scores of entries from a strip on, of as many strips as there is room for.
    fn scores_from<const N: usize>(&self, strip: usize, q: [&Row; N], mut scores: [&mut [f32]; N]) {
        let n_groups = self.dim.div_ceil(GROUP);
        let k = &self.k[strip * TILES * n_groups..];
        products(k, n_groups, q, scores.each_mut().map(|it| &mut **it));
        let scales = &self.k_scales[strip * STRIP..];
        for (scores, q) in scores.into_iter().zip(q) {
            scores.iter_mut().zip(scales).for_each(|(score, scale)| *score *= q.scale * scale);
        }
    }

    /// Of what [`Self::scores`] gave; filled up to `n_entries`.
    fn weights(&self, mut scores: Vec<f32>, own: Option<usize>, n_entries: usize) -> Weights {
        let max = fold(&scores, f32::NEG_INFINITY, |a, b| if a < b { b } else { a });
        scores.iter_mut().for_each(|score| *score = exp(*score - max));
        let sum = fold(&scores, 0.0, |a, b| a + b);
        let of_own = own.and_then(|own| Some((own, scores.pop()?)));
        scores.resize(n_entries, 0.0);
        if let Some((own, score)) = of_own {
            scores[own] = score;
        }
        scores.iter_mut().zip(&self.v_scales).for_each(|(score, scale)| *score *= scale);
        (Row::new(&scores), sum)
    }

    /// The values, mixed with these weights.
    fn mix<const N: usize>(&self, weights: [&Weights; N]) -> [Vec<f32>; N] {
        let mut found = [const { Vec::new() }; N];
        found.iter_mut().for_each(|it| it.resize(self.dim.next_multiple_of(STRIP), 0.0));
        let stride = self.v_scales.len() / GROUP;
        let out = found.each_mut().map(Vec::as_mut_slice);
        products(&self.v, stride, weights.map(|(row, _)| row), out);
        for (found, (row, sum)) in found.iter_mut().zip(weights) {
            found.truncate(self.dim);
            found.iter_mut().for_each(|it| *it *= row.scale / sum);
        }
        found
    }
}
