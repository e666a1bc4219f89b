//! Rotary positions: each pair of a head's values is turned by an angle that tells where the entry
//! stands (Su et al., <https://arxiv.org/abs/2104.09864>).

use crate::base::Cell;

/// Base of the published networks: about how many times more slowly their slowest pair turns than
/// the fastest one.
pub(super) const BASE: f32 = 10_000.0;

/// Which values of a head make a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pairs {
    /// Those side by side.
    Adjacent,
    /// The first one of the first half with the first one of the second, and so on.
    Halves,
}

/// How the heads of one entry are turned.
#[derive(Clone, Debug)]
pub(super) struct Rope {
    pairs: Pairs,
    cos: Vec<f32>, // [head_dim / 2]
    sin: Vec<f32>, // [head_dim / 2]
}

impl Rope {
    fn new(pairs: Pairs, angles: impl Iterator<Item = f32> + Clone) -> Self {
        let (cos, sin) = (angles.clone().map(f32::cos), angles.map(f32::sin));
        Self { pairs, cos: cos.collect(), sin: sin.collect() }
    }

    /// At a position in a line, counted from 0.
    pub(super) fn in_line(head_dim: usize, base: f32, position: usize) -> Self {
        let angles = speeds(head_dim, base).map(|it| it * position as f32);
        Self::new(Pairs::Halves, angles.collect::<Vec<_>>().into_iter())
    }

    /// In a cell: half of the pairs turn with the row, half with the column.
    pub(super) fn in_cell(pairs: Pairs, head_dim: usize, base: f32, cell: Cell) -> Self {
        let half = speeds(head_dim / 2, base).collect::<Vec<_>>();
        let by_row = half.iter().map(|it| it * f32::from(cell.row));
        let by_col = half.iter().map(|it| it * f32::from(cell.col));
        Self::new(pairs, by_row.chain(by_col).collect::<Vec<_>>().into_iter())
    }

    /// Of what has no position.
    pub(super) fn none(head_dim: usize) -> Self {
        Self::in_line(head_dim, 1.0, 0)
    }

    /// Of the condition of LlamaGen and its kin, whose tables hold zeros there, cosines too:
    /// queries and keys vanish, and whatever looks at the condition looks at all of it alike.
    pub(super) fn vanishing(head_dim: usize) -> Self {
        let zeros = vec![0.0; head_dim / 2];
        Self { pairs: Pairs::Adjacent, cos: zeros.clone(), sin: zeros }
    }

    /// Turns the heads of an entry, which lie one after the other.
    pub(super) fn apply(&self, heads: &mut [f32]) {
        let angles = || self.cos.iter().zip(&self.sin);
        for head in heads.chunks_exact_mut(2 * self.cos.len()) {
            match self.pairs {
                Pairs::Adjacent => {
                    let pairs = head.as_chunks_mut().0.iter_mut().zip(angles());
                    pairs.for_each(|([a, b], angle)| rotate(a, b, angle));
                }
                Pairs::Halves => {
                    let (a, b) = head.split_at_mut(self.cos.len());
                    let pairs = a.iter_mut().zip(b).zip(angles());
                    pairs.for_each(|((a, b), angle)| rotate(a, b, angle));
                }
            }
        }
    }
}

fn rotate(a: &mut f32, b: &mut f32, (cos, sin): (&f32, &f32)) {
    (*a, *b) = (*a * cos - *b * sin, *b * cos + *a * sin);
}

/// The angle between two neighbouring positions, for each pair of `dim` values.
fn speeds(dim: usize, base: f32) -> impl Iterator<Item = f32> {
    (0..dim / 2).map(move |pair| base.powf(-2.0 * pair as f32 / dim as f32))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_turn_moves_pairs_and_keeps_their_length() {
        let mut adjacent = [1.0, 0.0, 0.0, 2.0];
        Rope::in_cell(Pairs::Adjacent, 4, BASE, Cell::new(1, 2)).apply(&mut adjacent);
        let expected = [1.0_f32.cos(), 1.0_f32.sin(), -2.0 * 2.0_f32.sin(), 2.0 * 2.0_f32.cos()];
        assert!(adjacent.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-6), "{adjacent:?}");

        let mut halves = [1.0, 0.0, 0.0, 2.0];
        Rope::in_line(4, 100.0, 3).apply(&mut halves);
        let expected = [3.0_f32.cos(), -2.0 * 0.3_f32.sin(), 3.0_f32.sin(), 2.0 * 0.3_f32.cos()];
        assert!(halves.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-6), "{halves:?}");
    }

    #[test]
    fn what_has_no_position_stays_as_it_is() {
        let mut head = [1.0, 2.0, 3.0, 4.0];
        Rope::none(4).apply(&mut head);
        assert_eq!(head, [1.0, 2.0, 3.0, 4.0]);
    }

    #[test]
    fn the_condition_vanishes() {
        let mut head = [1.0; 8];
        Rope::vanishing(8).apply(&mut head);
        assert_eq!(head, [0.0; 8]);
    }
}
