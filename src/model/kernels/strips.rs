//! Whole numbers of 8 bits times whole numbers of 15: strips of weights with rows of levels, the
//! sums exact, so the result is the same on every machine, in any order and in any company.
//!
//! With one digit of 8 bits for an input the logits would be 0.0025 nats off, with 15 bits they are
//! as good as with floats. Processors multiply in a form of their own: those with AVX-512 VNNI two
//! digits of 8 bits, 64 products an instruction; those with AVX2 words of 16 bits. The plain loops
//! are what both are tested against.

use super::sums::fold_of;

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod vnni;

/// Outputs that are computed side by side: a vector of sums.
pub(super) const TILE: usize = 16;

/// Tiles that are computed together.
pub(super) const TILES: usize = 4;

/// The outputs of a strip.
pub(super) const STRIP: usize = TILE * TILES;

/// Inputs that are multiplied in one go.
pub(super) const GROUP: usize = 4;

/// Groups that are summed up at once, at most: the sums fit 32 bits.
const MAX_GROUPS: usize = 256;

/// Rows of inputs that are multiplied together, at most: their sums fit the registers of the
/// processor at hand. From 1 to 3.
pub(super) fn max_rows() -> usize {
    if has_digits() { 3 } else { 2 }
}

/// Weights are stored with this added, as the instruction wants them unsigned.
const ZERO: u8 = 128;

/// The largest level of a weight.
const MAX_LEVEL: f32 = 127.0;

/// What the higher digit of an input is worth.
const BASE: i16 = 128;

/// The largest level of an input.
const MAX_OF_INPUT: f32 = MAX_LEVEL * BASE as f32;

/// Adding it rounds, and moves a whole number into the lowest bits.
const MAGIC: f32 = 12_582_912.0; // 1.5 · 2^23

/// The weights of a tile for one group of inputs, output by output.
pub(super) type Group = [u8; TILE * GROUP];

/// Weights of 0.
pub(super) const EMPTY: Group = [ZERO; TILE * GROUP];

/// The weights of a strip: tile by tile, one group of inputs after the other.
type Strip<'a> = [&'a [Group]; TILES];

/// For each output of a strip the sum of products.
type Sums = [i32; STRIP];

/// Puts a weight into a matrix [tiles, groups].
pub(super) fn put(weights: &mut [Group], stride: usize, output: usize, input: usize, level: i8) {
    let group = &mut weights[output / TILE * stride + input / GROUP];
    group[output % TILE * GROUP + input % GROUP] = level.cast_unsigned().wrapping_add(ZERO);
}

/// What the values are divided by, so that the largest becomes [`MAX_LEVEL`]; never 0.
pub(super) fn scale_of(values: &[f32]) -> f32 {
    max_of(values) / MAX_LEVEL
}

/// `x` in levels, of which a unit has `per_level`: the nearest whole number, which must fit 16
/// bits.
pub(super) fn level_of(x: f32, per_level: f32) -> i16 {
    x.mul_add(per_level, MAGIC).to_bits() as i16
}

/// One row of inputs as levels.
#[derive(Debug)]
pub(super) struct Row {
    levels: Vec<[i16; GROUP]>,
    /// The higher and the lower digits of the levels, the lower one about 0; none where the
    /// processor at hand multiplies words.
    digits: [Vec<[i8; GROUP]>; 2],
    /// What a level is worth.
    pub(super) scale: f32,
    /// For every [`MAX_GROUPS`] groups, what [`ZERO`] adds to each sum.
    excess: Vec<i32>,
}

impl Row {
    /// By the largest of the values.
    pub(super) fn new(x: &[f32]) -> Self {
        let scale = max_of(x) / MAX_OF_INPUT;
        let per_level = scale.recip();
        let mut levels = vec![[0; GROUP]; x.len().div_ceil(GROUP)];
        for (level, x) in levels.as_flattened_mut().iter_mut().zip(x) {
            *level = level_of(*x, per_level);
        }
        let sum = |part: &[[i16; GROUP]]| {
            part.as_flattened().iter().map(|&it| i32::from(it)).sum::<i32>() * i32::from(ZERO)
        };
        let excess = levels.chunks(MAX_GROUPS).map(sum).collect();
        let digits = if has_digits() { digits_of(&levels) } else { Default::default() };
        Self { levels, digits, scale, excess }
    }

    pub(super) fn n_groups(&self) -> usize {
        self.levels.len()
    }
}

/// The products of each row with the first outputs of a matrix [tiles, groups], of whole strips, in
/// units of a weight's level and of [`Row::scale`]. Rows have as many groups as each other, and
/// take as many of each tile; a tile follows `stride` groups behind the one before.
pub(super) fn products<const ROWS: usize>(
    weights: &[Group],
    stride: usize,
    rows: [&Row; ROWS],
    out: [&mut [f32]; ROWS],
) {
    #[cfg(target_arch = "x86_64")]
    #[expect(unsafe_code, reason = "the one way to call functions with instructions of their own")]
    {
        if vnni::is_there() {
            // SAFETY: it was just made sure that this processor has the instructions.
            return unsafe { vnni::products(weights, stride, rows, out) };
        }
        if avx2::is_there() {
            // SAFETY: likewise.
            return unsafe { avx2::products(weights, stride, rows, out) };
        }
    }
    products_by(multiply_anywhere, weights, stride, rows, out);
}

/// [`products`], by a rule for some groups of a strip, from group `start` of the rows on: in its
/// sums [`ZERO`] counts, and what does not fit 32 bits wraps around. Without [`Row::excess`] it
/// fits again.
#[inline(always)]
fn products_by<const ROWS: usize>(
    multiply: impl Fn(Strip<'_>, [&Row; ROWS], usize, &mut [Sums; ROWS]),
    weights: &[Group],
    stride: usize,
    rows: [&Row; ROWS],
    mut out: [&mut [f32]; ROWS],
) {
    let n_groups = rows.map(Row::n_groups)[0];
    let mut sums = [[0; STRIP]; ROWS];
    for strip in 0..out[0].len() / STRIP {
        let tile = |tile: usize| &weights[(strip * TILES + tile) * stride..][..n_groups];
        let tiles: Strip<'_> = std::array::from_fn(tile);
        for (part, start) in (0..n_groups).step_by(MAX_GROUPS).enumerate() {
            let end = n_groups.min(start + MAX_GROUPS);
            multiply(tiles.map(|it| &it[start..end]), rows, start, &mut sums);
            for ((out, sums), row) in out.iter_mut().zip(&sums).zip(rows) {
                let out: &mut [f32; STRIP] = &mut out.as_chunks_mut().0[strip];
                let excess = row.excess[part];
                for output in 0..STRIP {
                    let sum = sums[output].wrapping_sub(excess) as f32;
                    out[output] = if part == 0 { sum } else { out[output] + sum };
                }
            }
        }
    }
}

/// On any machine.
fn multiply_anywhere<const ROWS: usize>(
    strip: Strip<'_>,
    rows: [&Row; ROWS],
    start: usize,
    sums: &mut [Sums; ROWS],
) {
    *sums = [[0; STRIP]; ROWS];
    for (tile, weights) in strip.into_iter().enumerate() {
        for (sums, row) in sums.iter_mut().zip(rows) {
            for (weights, x) in weights.iter().zip(&row.levels[start..]) {
                let weights = weights.as_chunks::<GROUP>().0;
                for (sum, weights) in sums[tile * TILE..][..TILE].iter_mut().zip(weights) {
                    for (weight, x) in weights.iter().zip(x) {
                        *sum = (i32::from(*weight) * i32::from(*x)).wrapping_add(*sum);
                    }
                }
            }
        }
    }
}

/// Whether the processor at hand multiplies digits.
fn has_digits() -> bool {
    #[cfg(target_arch = "x86_64")]
    return vnni::is_there();
    #[cfg(not(target_arch = "x86_64"))]
    false
}

/// Levels in two digits of 8 bits.
fn digits_of(levels: &[[i16; GROUP]]) -> [Vec<[i8; GROUP]>; 2] {
    let above = |level: i16| (level + BASE / 2) >> BASE.trailing_zeros();
    let high = levels.iter().map(|group| group.map(|it| above(it) as i8));
    let low = levels.iter().map(|group| group.map(|it| (it - above(it) * BASE) as i8));
    [high.collect(), low.collect()]
}

/// The largest magnitude; never 0.
fn max_of(values: &[f32]) -> f32 {
    fold_of(values, f32::abs, f32::MIN_POSITIVE * MAX_OF_INPUT, |a, b| if a < b { b } else { a })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(idx: usize) -> u8 {
        (idx.wrapping_mul(2_654_435_761) >> 7) as u8
    }

    /// Two strips of weights of all levels, and a row that reaches its limits.
    fn example(n_groups: usize, row: usize) -> (Vec<Group>, Row) {
        let group = |group: usize| std::array::from_fn(|idx| noise(group * 977 + idx).max(1));
        let weights = (0..2 * TILES * n_groups).map(group).collect();
        let x = (0..n_groups * GROUP).map(|idx| f32::from(noise(row * 131 + idx * 7)) - 127.5);
        (weights, Row::new(&x.collect::<Vec<f32>>()))
    }

    fn out(rows: &mut [[f32; 2 * STRIP]; 3]) -> [&mut [f32]; 3] {
        rows.each_mut().map(|it| it.as_mut_slice())
    }

    #[test]
    fn every_machine_has_the_same_products() {
        for n_groups in [1, 37, MAX_GROUPS + 5] {
            let (weights, a) = example(n_groups, 0);
            let (b, c) = (example(n_groups, 1).1, example(n_groups, 2).1);
            let mut expected = [[1.0; 2 * STRIP]; 3];
            products_by(multiply_anywhere, &weights, n_groups, [&a, &b, &c], out(&mut expected));
            let (mut found, mut alone) = ([[2.0; 2 * STRIP]; 3], [3.0; 2 * STRIP]);
            products(&weights, n_groups, [&a, &b, &c], out(&mut found));
            assert_eq!(found, expected);
            products(&weights, n_groups, [&b], [&mut alone]);
            assert_eq!(alone, expected[1], "alone as in company");
            #[cfg(target_arch = "x86_64")]
            #[expect(unsafe_code, reason = "as in `products`")]
            if avx2::is_there() {
                found = [[4.0; 2 * STRIP]; 3];
                // SAFETY: it was just made sure that this processor has the instructions.
                unsafe { avx2::products(&weights, n_groups, [&a, &b, &c], out(&mut found)) };
                assert_eq!(found, expected);
            }
        }
    }

    #[test]
    fn two_digits_make_a_level() {
        let all: Vec<[i16; GROUP]> = (-16_256..=16_256).map(|it| [it; GROUP]).collect();
        let [high, low] = digits_of(&all);
        for ((level, high), low) in all.iter().zip(high).zip(low) {
            assert_eq!(i16::from(high[0]) * BASE + i16::from(low[0]), level[0]);
            assert!((-64..64).contains(&low[0]));
        }
    }

    #[test]
    fn sums_of_many_inputs_do_not_overflow() {
        let n_groups = MAX_GROUPS + 3;
        let mut weights = vec![EMPTY; TILES * n_groups];
        (0..n_groups * GROUP).for_each(|input| put(&mut weights, n_groups, 5, input, -127));
        let row = Row::new(&vec![2.0; n_groups * GROUP]);
        let mut sums = [0.0; STRIP];
        products(&weights, n_groups, [&row], [&mut sums]);
        let expected = -127.0 * 2.0 * (n_groups * GROUP) as f32;
        assert!((sums[5] * row.scale / expected - 1.0).abs() < 1e-6, "{}", sums[5] * row.scale);
        assert_eq!(sums[4], 0.0);
    }
}
