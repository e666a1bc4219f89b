//! Keys and values as floats.

use super::super::silu::exp;
use super::super::sums::fold;
use super::Visible;

/// Values that are summed up together, in registers; the embedded network's heads are as wide.
const BLOCK: usize = 64;

/// Keys and values of one text.
#[derive(Debug)]
pub(super) struct FloatKv {
    dim: usize,
    /// Entries that there is room for: a whole number of blocks.
    room: usize,
    /// Entries lie side by side, so that a query is compared with many at once.
    k: Vec<f32>, // [heads · head_dim, room]
    v: Vec<f32>, // [room, heads · head_dim]
}

impl FloatKv {
    pub(super) fn new(room: usize, dim: usize) -> Self {
        let room = room.max(1).next_multiple_of(BLOCK);
        let empty = vec![0.0; room * dim];
        Self { dim, room, k: empty.clone(), v: empty }
    }

    pub(super) fn bytes(&self) -> u64 {
        (size_of_val(&*self.k) + size_of_val(&*self.v)) as u64
    }

    pub(super) fn bytes_for(room: usize, dim: usize) -> u64 {
        let room = room.max(1).next_multiple_of(BLOCK);
        (2 * room * dim * size_of::<f32>()) as u64
    }

    pub(super) fn room(&self) -> usize {
        self.room
    }

    pub(super) fn reserve(&mut self, room: usize) {
        let mut wide = Self::new(room, self.dim);
        let keys = wide.k.chunks_exact_mut(wide.room).zip(self.k.chunks_exact(self.room));
        keys.for_each(|(wide, keys)| wide[..keys.len()].copy_from_slice(keys));
        wide.v[..self.v.len()].copy_from_slice(&self.v);
        *self = wide;
    }

    /// Puts an entry [heads · head_dim] at its position.
    pub(super) fn write(&mut self, entry: usize, k: &[f32], v: &[f32]) {
        self.v[entry * self.dim..][..self.dim].copy_from_slice(v);
        self.k.chunks_exact_mut(self.room).zip(k).for_each(|(keys, &k)| keys[entry] = k);
    }

    /// One head of one query: `softmax(q · k) · v` over what it sees.
    pub(super) fn attend(
        &self,
        head: usize,
        Visible { seen, own }: Visible,
        q: &[f32],
        out: &mut [f32],
    ) {
        let (head_dim, dim, room) = (q.len(), self.dim, self.room);
        let k = &self.k[head * head_dim * room..][..head_dim * room];
        let mut scores = Vec::with_capacity(seen.next_multiple_of(BLOCK));
        for start in (0..seen).step_by(BLOCK) {
            let mut sums = [0.0_f32; BLOCK];
            for (q, k) in q.iter().zip(k.chunks_exact(room)) {
                let k = &k[start..start + BLOCK];
                for lane in 0..BLOCK {
                    sums[lane] = q.mul_add(k[lane], sums[lane]);
                }
            }
            scores.extend(sums);
        }
        scores.truncate(seen);
        // In the same order of operations as if it came next.
        let product = |own: usize| {
            let keys = q.iter().zip(k.chunks_exact(room));
            keys.fold(0.0, |sum: f32, (q, k)| q.mul_add(k[own], sum))
        };
        scores.extend(own.map(product));
        let max = fold(&scores, f32::NEG_INFINITY, |a, b| if a < b { b } else { a });
        scores.iter_mut().for_each(|score| *score = exp(*score - max));
        let sum = fold(&scores, 0.0, |a, b| a + b);
        let v = &self.v[head * head_dim..];
        for (start, out) in (0..head_dim).step_by(BLOCK).zip(out.chunks_mut(BLOCK)) {
            let entries = (0..seen).chain(own).map(|entry| &v[entry * dim + start..]);
            let v = scores.iter().zip(entries);
            match <&mut [f32; BLOCK]>::try_from(&mut *out) {
                Ok(out) => {
                    let mut sums = [0.0_f32; BLOCK];
                    for (score, v) in v {
                        let v = &v[..BLOCK];
                        for lane in 0..BLOCK {
                            sums[lane] = score.mul_add(v[lane], sums[lane]);
                        }
                    }
                    *out = sums.map(|it| it / sum);
                }
                Err(_) => {
                    out.fill(0.0);
                    for (score, v) in v {
                        out.iter_mut().zip(v).for_each(|(out, v)| *out += score / sum * v);
                    }
                }
            }
        }
    }
}
