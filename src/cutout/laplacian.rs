//! What alpha owes to colours (Levin, Lischinski and Weiss, "A closed-form solution to natural image matting", 2008): in a
//! small window, foreground and background each lie on a line of colours, and so alpha is a linear function of colour.
//! The matting Laplacian says by how much it is not. Here it is never written down: for each window the best function is
//! found, and each pixel held against those of its windows (He, Sun and Tang, "Fast matting using large kernel matting
//! Laplacian matrices", 2010).

use rayon::prelude::*;

use super::level::{Known, Level};
use super::vectors::{Colour, Matrix, covariance, difference, dot, inverted, sum, times};

/// Windows are three by three pixels.
const WINDOW_LEN: usize = 9;

/// Colours that differ by less than that, squared, do not tell foreground from background.
const LEAST_VARIANCE: f32 = 1e-6;

/// Least pixels for a thread at a time.
const CHUNK: usize = 4096;

/// No window.
const NONE: u32 = u32::MAX;

/// The matting Laplacian, for those pixels of which alpha is sought.
pub(super) struct Laplacian<'a> {
    level: &'a Level,
    pub(super) pixels: Vec<u32>,
    windows: Vec<Window>,
    /// For each of the pixels, the windows that it is in; [`NONE`] for what does not lie inside the picture.
    windows_of: Vec<[u32; WINDOW_LEN]>,
}

impl<'a> Laplacian<'a> {
    /// For all pixels within `reach` of where `alpha` is neither 0 nor 1, or goes from one to the other, and of which
    /// nothing is known. `None` where `go_on` says no.
    pub(super) fn new(
        level: &'a Level,
        alpha: &[f32],
        reach: usize,
        go_on: &dyn Fn() -> bool,
    ) -> Option<Self> {
        let (width, height) = (level.width, level.height);
        let ask = || go_on().then_some(());
        let border = flags(level, |idx, x, y| {
            let differs = |is_there: bool, by: usize| is_there && alpha[idx + by] != alpha[idx];
            0.0 < alpha[idx] && alpha[idx] < 1.0
                || differs(x + 1 < width, 1)
                || differs(y + 1 < height, width)
        });
        ask()?;
        let near = dilated(&border, level, reach);
        ask()?;
        let is_sought = flags(level, |it, _, _| near[it] && level.known(it) == Known::Nothing);
        let is_in_window = dilated(&is_sought, level, 1);
        ask()?;
        let middles = (1..height.saturating_sub(1))
            .flat_map(|y| y * width + 1..(y + 1) * width - 1)
            .filter(|&it| is_in_window[it]);
        let middles: Vec<usize> = middles.collect();
        let mut window_at = vec![NONE; level.len()];
        for (number, &middle) in (0..).zip(&middles) {
            window_at[middle] = number;
        }
        ask()?;
        let windows = middles.into_par_iter().map(|it| Window::new(level, it)).collect();
        let pixels = (0..level.len()).filter(|&it| is_sought[it]);
        let pixels: Vec<u32> = pixels.map(|it| it as u32).collect();
        let windows_of = pixels.par_iter().map(|&it| {
            around(it as usize, width).map(|it| window_at.get(it).copied().unwrap_or(NONE))
        });
        Some(Self { level, windows_of: windows_of.collect(), windows, pixels })
    }

    /// Times a value for each pixel of the level, for the pixels that are sought.
    pub(super) fn times(&self, field: &[f32]) -> Vec<f32> {
        let fits = self.windows.par_iter().with_min_len(CHUNK).map(|it| it.fit(self.level, field));
        let fits: Vec<Fit> = fits.collect();
        self.map(|idx, windows| {
            let (value, colour) = (field[idx], self.level.colour(idx));
            windows.map(|it| value - fits[it].at(colour)).sum()
        })
    }

    pub(super) fn diagonal(&self) -> Vec<f32> {
        self.map(|idx, windows| {
            let colour = self.level.colour(idx);
            windows.map(|it| 1.0 - self.windows[it].own_share(colour)).sum()
        })
    }

    /// For each of the pixels, with its windows.
    fn map(&self, rule: impl Fn(usize, &mut dyn Iterator<Item = usize>) -> f32 + Sync) -> Vec<f32> {
        let pixels = self.pixels.par_iter().zip(&self.windows_of).with_min_len(CHUNK);
        let value = |(&idx, windows): (&u32, &[u32; WINDOW_LEN])| {
            let mut windows = windows.iter().filter(|&&it| it != NONE).map(|&it| it as usize);
            rule(idx as usize, &mut windows)
        };
        pixels.map(value).collect()
    }
}

/// Three by three pixels.
struct Window {
    middle: u32,
    mean: Colour,
    /// Of the covariance of its colours.
    inverse: Matrix,
}

impl Window {
    fn new(level: &Level, middle: usize) -> Self {
        let colours = around(middle, level.width).map(|it| level.colour(it));
        let mean = colours.into_iter().fold([0.0; 3], sum).map(|it| it / WINDOW_LEN as f32);
        let covariance = covariance(colours.into_iter(), mean, WINDOW_LEN, LEAST_VARIANCE);
        Self { middle: middle as u32, mean, inverse: inverted(covariance).0 }
    }

    /// The linear function of colour that comes nearest to the window's values.
    fn fit(&self, level: &Level, field: &[f32]) -> Fit {
        let mut slope = [0.0; 3];
        let mut mean = 0.0;
        for idx in around(self.middle as usize, level.width) {
            let (off, value) = (difference(level.colour(idx), self.mean), field[idx]);
            slope = sum(slope, off.map(|it| it * value / WINDOW_LEN as f32));
            mean += value / WINDOW_LEN as f32;
        }
        let slope = times(&self.inverse, slope);
        Fit { slope, start: mean - dot(slope, self.mean) }
    }

    /// How much a pixel of this colour, in the window, has to say in what is found for it.
    fn own_share(&self, colour: Colour) -> f32 {
        let off = difference(colour, self.mean);
        (1.0 + dot(off, times(&self.inverse, off))) / WINDOW_LEN as f32
    }
}

/// Values as a linear function of colour.
struct Fit {
    slope: Colour,
    start: f32,
}

impl Fit {
    fn at(&self, colour: Colour) -> f32 {
        dot(self.slope, colour) + self.start
    }
}

/// The places of a window, row by row. At the edge of the picture there are some among them that lie elsewhere.
fn around(middle: usize, width: usize) -> [usize; WINDOW_LEN] {
    let first = middle.wrapping_sub(width + 1);
    std::array::from_fn(|it| first.wrapping_add(it / 3 * width + it % 3))
}

/// `rule(idx, x, y)` for each pixel.
fn flags(level: &Level, rule: impl Fn(usize, usize, usize) -> bool + Sync) -> Vec<bool> {
    let mut flags = vec![false; level.len()];
    flags.par_chunks_mut(level.width).enumerate().for_each(|(y, row)| {
        let first = y * level.width;
        row.iter_mut().enumerate().for_each(|(x, it)| *it = rule(first + x, x, y));
    });
    flags
}

/// All that lies within a square of `reach` pixels each way around any of these.
fn dilated(mask: &[bool], level: &Level, reach: usize) -> Vec<bool> {
    let (width, height) = (level.width, level.height);
    let across = flags(level, |idx, x, _| {
        let row = idx - x;
        mask[row + x.saturating_sub(reach)..=row + (x + reach).min(width - 1)].contains(&true)
    });
    flags(level, |_, x, y| {
        (y.saturating_sub(reach)..=(y + reach).min(height - 1)).any(|it| across[it * width + x])
    })
}
