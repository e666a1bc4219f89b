//! Chance that depends on places alone: the same wherever a tile of the picture begins.

/// A well-mixed number for a place (Steele and others, "Fast splittable pseudorandom number generators", 2014).
pub(super) const fn hash(seed: u64, x: i64, y: i64) -> u64 {
    let mut it = seed
        .wrapping_add((x as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15))
        .wrapping_add((y as u64).wrapping_mul(0xd1b5_4a32_d192_ed03));
    it = (it ^ (it >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    it = (it ^ (it >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    it ^ (it >> 31)
}

/// From 0 up to, but not quite, 1.
pub(super) const fn unit(hash: u64) -> f32 {
    (hash >> 40) as f32 / (1_u64 << 24) as f32
}

/// From −1 to 1, smoothly from whole place to whole place (Perlin, "An image synthesizer", 1985; of values, not gradients).
pub(super) fn noise(seed: u64, x: f32, y: f32) -> f32 {
    let (left, top) = (x.floor(), y.floor());
    let (share_x, share_y) = (smooth(x - left), smooth(y - top));
    let at = |dx: i64, dy: i64| unit(hash(seed, left as i64 + dx, top as i64 + dy));
    let upper = at(0, 0) + (at(1, 0) - at(0, 0)) * share_x;
    let lower = at(0, 1) + (at(1, 1) - at(0, 1)) * share_x;
    2.0 * (upper + (lower - upper) * share_y) - 1.0
}

/// From 0 to 1, level at both ends.
pub(super) fn smooth(it: f32) -> f32 {
    let it = it.clamp(0.0, 1.0);
    it * it * (3.0 - 2.0 * it)
}
