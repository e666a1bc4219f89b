//! Sums in a fixed order that suits vector instructions.

use std::array::from_fn;

/// Values in the widest vectors. Sums are made in this many parts side by side: the compiler may
/// not change the order of additions by itself.
const LANES: usize = 16;

/// Adds `y` to `x`, value by value; both are as long.
pub fn add(x: &mut [f32], y: &[f32]) {
    debug_assert_eq!(x.len(), y.len());
    x.iter_mut().zip(y).for_each(|(x, y)| *x += y);
}

/// All values under one rule, which must not care for their order.
pub fn fold(values: &[f32], start: f32, rule: impl Fn(f32, f32) -> f32) -> f32 {
    fold_of(values, |it| it, start, rule)
}

/// What `of` makes of all values, under one rule.
pub fn fold_of(
    values: &[f32],
    of: impl Fn(f32) -> f32,
    start: f32,
    rule: impl Fn(f32, f32) -> f32,
) -> f32 {
    let mut parts = [start; LANES];
    let (chunks, rest) = values.as_chunks::<LANES>();
    for chunk in chunks {
        for lane in 0..LANES {
            parts[lane] = rule(parts[lane], of(chunk[lane]));
        }
    }
    rest.iter().fold(across(&parts, &rule), |a, &b| rule(a, of(b)))
}

/// Half onto half, until one is left. Not inlined: in one piece with the loops before it the
/// compiler cuts them into vectors of 2.
#[inline(never)]
fn across(parts: &[f32; LANES], rule: impl Fn(f32, f32) -> f32) -> f32 {
    let parts: [f32; 8] = from_fn(|lane| rule(parts[lane], parts[lane + 8]));
    let parts: [f32; 4] = from_fn(|lane| rule(parts[lane], parts[lane + 4]));
    let parts: [f32; 2] = from_fn(|lane| rule(parts[lane], parts[lane + 2]));
    rule(parts[0], parts[1])
}
