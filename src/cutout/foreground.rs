//! What colours the foreground has where the background shines through.

use rayon::prelude::*;

use super::vectors::{Colour, sum};
use crate::base::{Mask, PixelRect, Pixmap, Rgba};

/// How far around a pixel its colours are looked for, in pixels.
const REACH: u32 = 6;

/// The picture, but wherever `alpha` is neither 0 nor 1 with the colours of the foreground alone: so that, laid over
/// something else, it has no fringe of what it was cut out of. The picture's own alpha stays. Both colours are guessed from
/// those around, and what they do not explain is given to the foreground (Forte, "Approximate fast foreground colour
/// estimation", 2021).
#[must_use]
pub fn foreground_colours(picture: &Pixmap, alpha: &Mask) -> Pixmap {
    let mut pure = picture.clone();
    let tiles: Vec<PixelRect> = alpha.raster().tiles().map(|(idx, _)| idx.pixels()).collect();
    // Tile by tile: few of them have a border in them.
    for area in tiles.into_iter().map(|it| it.intersection(picture.area())) {
        let coverage = alpha.raster().values(area);
        if coverage.iter().all(|it| [0, u8::MAX].contains(it)) {
            continue;
        }
        let width = area.width();
        let place = |it: usize| (area.left + it as u32 % width, area.top + it as u32 / width);
        let colours: Vec<Rgba> = coverage
            .par_iter()
            .enumerate()
            .map(|(idx, &coverage)| foreground_at(picture, alpha, place(idx), coverage))
            .collect();
        pure.update(area, |x, y, _| colours[((y - area.top) * width + (x - area.left)) as usize]);
    }
    pure
}

fn foreground_at(picture: &Pixmap, alpha: &Mask, (x, y): (u32, u32), coverage: u8) -> Rgba {
    let here = picture.at(x, y);
    if [0, u8::MAX].contains(&coverage) {
        return here;
    }
    // Colours of each side, and how much there is of them.
    let mut sides = [([0.0; 3], 0.0); 2];
    for y in y.saturating_sub(REACH)..(y + REACH + 1).min(picture.height()) {
        for x in x.saturating_sub(REACH)..(x + REACH + 1).min(picture.width()) {
            let colour = picture.at(x, y);
            let (share, paint) = (f32::from(alpha.at(x, y)) / 255.0, f32::from(colour[3]) / 255.0);
            for ((total, weight), share) in sides.iter_mut().zip([share, 1.0 - share]) {
                // What is nearly pure tells the most.
                let share = share * share * paint;
                *total = sum(*total, straight(colour).map(|it| it * share));
                *weight += share;
            }
        }
    }
    let [foreground, background] =
        sides.map(|(total, weight)| total.map(|it| it / weight.max(1e-6)));
    let share = f32::from(coverage) / 255.0;
    let channel = |it: usize| {
        let explained = share * foreground[it] + (1.0 - share) * background[it];
        let found = foreground[it] + share * (f32::from(here[it]) - explained);
        (found + 0.5).clamp(0.0, 255.0) as u8
    };
    [channel(0), channel(1), channel(2), here[3]]
}

fn straight([r, g, b, _]: Rgba) -> Colour {
    [r, g, b].map(f32::from)
}
