//! Soft edges: a mask that fades out towards its border, inside of what it was.
//! Knows nothing of what is blended through it.

use std::cmp::Reverse;

use crate::base::{Mask, PixelRect};

/// Lengths of a straight and of a slanting step between pixels: 3 to 4 is nearly 1 to √2.
const STRAIGHT: u32 = 3;
const SLANTING: u32 = 4;

/// A mask that rises from its border to full coverage over `width_px` pixels; where it is too narrow for that, half-way
/// to its middle. It never grows, and where it meets the edge of the canvas it stays as it is: there is nothing to
/// blend into.
#[must_use]
pub fn feathered(mask: &Mask, width_px: f32) -> Mask {
    let PixelRect { left, top, right, bottom } = mask.bounds();
    // With the pixels outside that are next to it.
    let around =
        PixelRect::new(left.saturating_sub(1), top.saturating_sub(1), right + 1, bottom + 1);
    let around = around.intersection(mask.area());
    let coverage = mask.raster().values(around);
    let width = around.width() as usize;
    let steps = steps_from_outside(&coverage, width);
    let wanted = width_px.max(0.0) * STRAIGHT as f32;
    let ridges = ridges(&steps, width, (wanted * 2.0) as u32);
    let mut soft = Mask::new(mask.width(), mask.height());
    soft.set(around, |x, y| {
        let idx = (y - around.top) as usize * width + (x - around.left) as usize;
        let full = wanted.min(ridges[idx] as f32 / 2.0) + 1.0;
        let depth = steps[idx] as f32 / full;
        (f32::from(coverage[idx]) * depth.min(1.0)).round() as u8
    });
    soft
}

/// How deep it is at the end of each pixel's way inwards, always deeper; exactly where that is less than `enough`.
fn ridges(steps: &[u32], width: usize, enough: u32) -> Vec<u32> {
    let mut ridges = steps.to_vec();
    let is_shallow = |&idx: &usize| 0 < steps[idx] && steps[idx] < enough;
    let mut shallow: Vec<usize> = (0..steps.len()).filter(is_shallow).collect();
    shallow.sort_unstable_by_key(|&idx| Reverse(steps[idx]));
    for idx in shallow {
        let (x, y) = (idx % width, idx / width);
        let rows = y.saturating_sub(1)..=(y + 1).min(steps.len() / width - 1);
        let columns = x.saturating_sub(1)..=(x + 1).min(width - 1);
        let near = rows.flat_map(|y| columns.clone().map(move |x| y * width + x));
        let deeper = near.filter(|&it| steps[idx] < steps[it]).map(|it| ridges[it]).max();
        ridges[idx] = deeper.unwrap_or(ridges[idx]);
    }
    ridges
}

/// How far each pixel is from the nearest one that does not belong at all.
///
/// Two passes, forth and back; each looks at the neighbours that it has already seen.
fn steps_from_outside(coverage: &[u8], width: usize) -> Vec<u32> {
    let height = coverage.len() / width.max(1);
    let far = u32::MAX / 2;
    let mut steps: Vec<u32> = coverage.iter().map(|&it| if it == 0 { 0 } else { far }).collect();

    let mut relax = |x: usize, y: usize, dx: isize, dy: isize| {
        let (Some(x2), Some(y2)) = (x.checked_add_signed(dx), y.checked_add_signed(dy)) else {
            return;
        };
        if x2 < width && y2 < height {
            let step = if dx == 0 || dy == 0 { STRAIGHT } else { SLANTING };
            let there = steps[y2 * width + x2].saturating_add(step);
            let here = &mut steps[y * width + x];
            *here = there.min(*here);
        }
    };
    for y in 0..height {
        for x in 0..width {
            for (dx, dy) in [(-1, 0), (-1, -1), (0, -1), (1, -1)] {
                relax(x, y, dx, dy);
            }
        }
    }
    for y in (0..height).rev() {
        for x in (0..width).rev() {
            for (dx, dy) in [(1, 0), (1, 1), (0, 1), (-1, 1)] {
                relax(x, y, dx, dy);
            }
        }
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_feathered_mask_rises_inwards_and_never_grows() {
        let mask =
            Mask::from_fn(20, 20, |x, y| if (5..15).contains(&x) && 5 <= y { 255 } else { 0 });
        let soft = feathered(&mask, 3.0);
        let row: Vec<u8> = (3..=10).map(|x| soft.at(x, 15)).collect();
        assert_eq!(row[..2], [0, 0]);
        assert!(0 < row[2] && row[2] < row[3] && row[3] < row[4]);
        assert_eq!(row[5..], [255, 255, 255]);
        assert_eq!(soft.at(10, 19), 255); // at the edge of the canvas nothing fades
    }

    #[test]
    fn what_is_narrow_is_still_covered_in_its_middle() {
        // A block with an arm, and a piece by itself.
        let pattern = ["......", ".###..", ".#####", ".###..", "......", "...#.."];
        let mask = Mask::from_fn(48, 48, |x, y| {
            if pattern[y as usize / 8].as_bytes()[x as usize / 8] == b'#' { 255 } else { 0 }
        });
        let soft = feathered(&mask, 8.0);
        for (x, y) in [(19, 19), (36, 20), (43, 19), (28, 44)] {
            assert_eq!(soft.at(x, y), 255, "{x} {y}");
        }
        // The block fades over more than the arm.
        assert!(soft.at(10, 20) < 128 && 128 < soft.at(43, 17));
    }

    #[test]
    fn without_a_width_a_mask_stays_as_it_is() {
        let mask = Mask::from_fn(9, 9, |x, y| (x * y * 3) as u8);
        assert_eq!(feathered(&mask, 0.0), mask);
    }

    #[test]
    fn a_mask_of_the_whole_canvas_has_no_border() {
        let mask = Mask::from_fn(9, 9, |_, _| 255);
        assert_eq!(feathered(&mask, 4.0), mask);
    }
}
