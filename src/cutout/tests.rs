//! What every cut-out keeps to, on pictures of which alpha is known.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::max_flow::{Network, WAYS};
use super::*;

const SIDE: u32 = 160;

/// A picture, and how much of each pixel is the disc on it.
struct Case {
    picture: Pixmap,
    alpha: Vec<f32>,
}

/// A disc, `softness` pixels from clear to opaque, over a gradient with noise; in warm stripes, so that it has two colours.
fn disc(side: u32, softness: f32) -> Case {
    let (mut alpha, mut rgba) = (Vec::new(), Vec::new());
    let unit = side as f32 / SIDE as f32;
    for (y, x) in (0..side).flat_map(|y| (0..side).map(move |x| (y as f32, x as f32))) {
        let distance = (x - 85.0 * unit).hypot(y - 75.0 * unit);
        let share = ((38.0 * unit - distance) / softness + 0.5).clamp(0.0, 1.0);
        // Noise without chance.
        let noise = ((x * 12.9898 + y * 78.233).sin() * 43_758.547).fract() * 6.0;
        let down = y / side as f32;
        let back = [60.0 + 60.0 * down, 120.0 + 50.0 * down, 190.0 - 60.0 * down];
        let stripe = ((x / unit / 14.0) as u32).is_multiple_of(2);
        let front = if stripe { [214.0, 70.0, 40.0] } else { [240.0, 180.0, 60.0] };
        let colour = |it: usize| back[it] + (front[it] - back[it]) * share + noise;
        rgba.extend([colour(0) as u8, colour(1) as u8, colour(2) as u8, 255]);
        alpha.push(share);
    }
    Case { picture: Pixmap::from_rgba(side, side, &rgba).unwrap(), alpha }
}

fn rect(side: u32) -> Mask {
    let at = |it: u32| it * side / SIDE;
    Mask::of_area(side, side, PixelRect::new(at(38), at(30), at(132), at(122)))
}

fn cut(picture: &Pixmap, within: &Mask, keep: &Mask, drop: &Mask) -> Mask {
    let hints = Hints { within, keep, drop, prior: None };
    cut_out(picture, picture.area(), &hints, &|_| true).unwrap()
}

fn error(mask: &Mask, alpha: &[f32]) -> f32 {
    let found = mask.raster().values(mask.area());
    let sum: f32 =
        found.iter().zip(alpha).map(|(it, alpha)| (f32::from(*it) / 255.0 - alpha).abs()).sum();
    sum / alpha.len() as f32
}

#[test]
fn a_disc_is_found_in_a_rough_rectangle_hard_or_soft() {
    let none = Mask::new(SIDE, SIDE);
    for (softness, most) in [(1.0, 0.003), (4.0, 0.004), (9.0, 0.015)] {
        let Case { picture, alpha } = disc(SIDE, softness);
        let found = error(&cut(&picture, &rect(SIDE), &none, &none), &alpha);
        assert!(found < most, "{softness}: {found}");
    }
}

#[test]
fn it_is_found_at_its_full_size_and_in_the_whole_picture() {
    let side = 1000;
    let Case { picture, alpha } = disc(side, 3.0);
    let (all, none) = (Mask::of_area(side, side, picture.area()), Mask::new(side, side));
    for within in [&rect(side), &all] {
        let found = error(&cut(&picture, within, &none, &none), &alpha);
        assert!(found < 0.003, "{found}");
    }
}

#[test]
fn it_is_the_same_each_time_on_however_many_threads() {
    let Case { picture, .. } = disc(SIDE, 4.0);
    let none = Mask::new(SIDE, SIDE);
    let whole = cut(&picture, &rect(SIDE), &none, &none);
    let alone = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    assert!(whole == alone.install(|| cut(&picture, &rect(SIDE), &none, &none)));
}

#[test]
fn strokes_win_and_nothing_is_kept_outside() {
    let Case { picture, .. } = disc(SIDE, 4.0);
    // One over the background and beyond the rectangle, one across the disc.
    let keep = Mask::of_area(SIDE, SIDE, PixelRect::new(20, 34, 60, 39));
    let drop = Mask::of_area(SIDE, SIDE, PixelRect::new(50, 73, 120, 78));
    let within = rect(SIDE);
    let mask = cut(&picture, &within, &keep, &drop);
    for (y, x) in (0..SIDE).flat_map(|y| (0..SIDE).map(move |x| (y, x))) {
        let found = mask.at(x, y);
        if within.at(x, y) == 0 || drop.at(x, y) == 255 {
            assert_eq!(found, 0, "{x} {y}");
        } else if keep.at(x, y) == 255 {
            assert_eq!(found, 255, "{x} {y}");
        }
    }
}

#[test]
fn a_prior_chooses_between_two_things() {
    let (mut picture, none) = (disc(SIDE, 1.0).picture, Mask::new(SIDE, SIDE));
    picture.update(PixelRect::new(12, 12, 40, 40), |_, _, _| [30, 160, 40, 255]);
    let all = Mask::of_area(SIDE, SIDE, PixelRect::new(5, 5, 150, 150));
    let likely = Mask::of_area(SIDE, SIDE, PixelRect::new(45, 35, 130, 120));
    let hints = Hints { within: &all, keep: &none, drop: &none, prior: Some(&likely) };
    let mask = cut_out(&picture, picture.area(), &hints, &|_| true).unwrap();
    assert_eq!((mask.at(25, 25), mask.at(85, 75)), (0, 255));
}

#[test]
fn it_stops_where_it_is_told_to() {
    let Case { picture, .. } = disc(SIDE, 4.0);
    let none = Mask::new(SIDE, SIDE);
    let hints = Hints { within: &rect(SIDE), keep: &none, drop: &none, prior: None };
    for n_more in [0, 3, 9] {
        let n_asked = AtomicUsize::new(0);
        let go_on = |done: f32| {
            assert!((0.0..=1.0).contains(&done));
            n_asked.fetch_add(1, Ordering::Relaxed) < n_more
        };
        assert_eq!(cut_out(&picture, picture.area(), &hints, &go_on), None);
        assert_eq!(n_asked.load(Ordering::Relaxed), n_more + 1);
    }
}

#[test]
fn pictures_of_any_size_and_masks_of_anything_are_cut_out() {
    for (width, height) in [(1, 1), (2, 9), (300, 1), (1, 700), (5, 4)] {
        for colour in [[0; 4], [90, 20, 200, 255]] {
            let picture = Pixmap::filled(width, height, colour);
            let (all, none) =
                (Mask::of_area(width, height, picture.area()), Mask::new(width, height));
            for hint in 0..8 {
                let pick = |bit: u32| if hint >> bit & 1 == 1 { &all } else { &none };
                let mask = cut(&picture, pick(0), pick(1), pick(2));
                assert_eq!((mask.width(), mask.height()), (width, height));
                assert!(pick(0).is_empty() <= mask.is_empty());
            }
            let hints = Hints { within: &all, keep: &none, drop: &none, prior: None };
            let nowhere = PixelRect::new(900, 900, 990, 990);
            assert!(cut_out(&picture, nowhere, &hints, &|_| true).unwrap().is_empty());
        }
    }
}

#[test]
fn the_old_background_does_not_shine_through() {
    let blend = |share: f32| [220.0 * share, 60.0 * share, 200.0 - 170.0 * share];
    let share = |x: u32| ((x as f32 - 12.0) / 8.0).clamp(0.0, 1.0);
    let mut picture = Pixmap::new(32, 8);
    picture.update(picture.area(), |x, _, _| {
        let [r, g, b] = blend(share(x)).map(|it| it as u8);
        [r, g, b, 255]
    });
    let alpha = Mask::from_fn(32, 8, |x, _| (share(x) * 255.0) as u8);
    let pure = foreground_colours(&picture, &alpha);
    for x in 14..20 {
        let [red, _, blue, _] = pure.at(x, 4);
        assert!(150 < red && blue < 80, "{x}: {red} {blue}");
    }
    assert_eq!((pure.at(3, 3), pure.at(30, 3)), (picture.at(3, 3), picture.at(30, 3)));
}

/// What a cut costs: of source's side true.
fn cost(binds: &[i32], joins: &[(usize, usize, i32)], sides: &[bool]) -> i32 {
    let bound = binds.iter().zip(sides);
    let bound: i32 = bound.map(|(&it, &side)| if (0 < it) == side { 0 } else { it.abs() }).sum();
    bound + joins.iter().map(|&(a, b, it)| if sides[a] == sides[b] { 0 } else { it }).sum::<i32>()
}

#[test]
fn no_other_cut_of_a_small_grid_costs_less() {
    let (width, height) = (4, 3);
    let mut state = 1_u32;
    let mut chance = |most: i32| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as i32 % (most + 1)
    };
    for _ in 0..200 {
        let mut network = Network::new(width, height);
        let (mut binds, mut joins) = (Vec::new(), Vec::new());
        for y in 0..height {
            for x in 0..width {
                binds.push(chance(20) - 10);
                network.bind(x, y, binds[y * width + x]);
                for (way, [dx, dy]) in WAYS.into_iter().enumerate().skip(4) {
                    let (to_x, to_y) = (x.wrapping_add_signed(dx), y + dy as usize);
                    if to_x < width && to_y < height {
                        joins.push((y * width + x, to_y * width + to_x, chance(6)));
                        network.join(x, y, way, joins[joins.len() - 1].2);
                    }
                }
            }
        }
        let found = cost(&binds, &joins, &network.cut(&|| true).unwrap());
        let least = (0..1_u32 << (width * height))
            .map(|bits| {
                let sides: Vec<bool> = (0..12).map(|it| bits >> it & 1 == 1).collect();
                cost(&binds, &joins, &sides)
            })
            .min();
        assert_eq!(Some(found), least);
    }
}
