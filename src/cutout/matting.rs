//! How much of each pixel at the border is foreground: alpha follows the colours, as the matting Laplacian says. That is a
//! sparse system of equations, solved by conjugate gradients (Hestenes and Stiefel, 1952).

use rayon::prelude::*;

use super::laplacian::Laplacian;
use super::level::{Known, Level};

/// How much alpha is held to what it was, against one window of colours.
const HOLD: f32 = 1e-3;

/// Steps of the solver at most, and what share of the error may stay.
const MOST_STEPS: usize = 100;
const ENOUGH: f64 = 1e-3;

/// Nearer to 0 or 1 than that, alpha is 0 or 1: else a veil stays over what is clear.
const CLEAR: f32 = 0.03;

/// Makes alpha follow the colours, within `reach` pixels of wherever it is neither 0 nor 1, or goes from one to the other.
/// `None` where `go_on` says no.
pub(super) fn refined(
    level: &Level,
    mut alpha: Vec<f32>,
    reach: usize,
    go_on: &dyn Fn() -> bool,
) -> Option<Vec<f32>> {
    alpha.par_iter_mut().enumerate().for_each(|(idx, alpha)| match level.known(idx) {
        Known::Foreground => *alpha = 1.0,
        Known::Background => *alpha = 0.0,
        Known::Nothing => {}
    });
    if !go_on() {
        return None;
    }
    let laplacian = Laplacian::new(level, &alpha, reach, go_on)?;
    let change = change(&laplacian, &alpha, go_on)?;
    for (&idx, change) in laplacian.pixels.iter().zip(change) {
        let found = alpha[idx as usize] + change;
        alpha[idx as usize] = ((found - CLEAR) / (1.0 - 2.0 * CLEAR)).clamp(0.0, 1.0);
    }
    Some(alpha)
}

/// What has to be added to alpha in the pixels that are sought.
fn change(laplacian: &Laplacian<'_>, alpha: &[f32], go_on: &dyn Fn() -> bool) -> Option<Vec<f32>> {
    let diagonal: Vec<f32> = laplacian.diagonal().into_iter().map(|it| it + HOLD).collect();
    let scaled = |error: &[f32]| -> Vec<f32> {
        error.iter().zip(&diagonal).map(|(error, weight)| error / weight).collect()
    };
    let mut change = vec![0.0; laplacian.pixels.len()];
    let mut error: Vec<f32> = laplacian.times(alpha).into_iter().map(|it| -it).collect();
    let mut direction = scaled(&error);
    let mut size = product(&error, &direction);
    let enough = size * ENOUGH * ENOUGH;
    // The direction, laid out as a picture; 0 wherever alpha is known.
    let mut field = vec![0.0; alpha.len()];
    for _ in 0..MOST_STEPS {
        if size <= enough {
            break;
        }
        if !go_on() {
            return None;
        }
        for (&idx, &it) in laplacian.pixels.iter().zip(&direction) {
            field[idx as usize] = it;
        }
        let mut image = laplacian.times(&field);
        add(&mut image, HOLD, &direction);
        let length = (size / product(&direction, &image).max(1e-30)) as f32;
        add(&mut change, length, &direction);
        add(&mut error, -length, &image);
        let next = scaled(&error);
        let next_size = product(&error, &next);
        let share = (next_size / size) as f32;
        direction.iter_mut().zip(next).for_each(|(it, next)| *it = next + share * *it);
        size = next_size;
    }
    Some(change)
}

fn add(to: &mut [f32], factor: f32, what: &[f32]) {
    to.iter_mut().zip(what).for_each(|(it, what)| *it += factor * what);
}

/// Summed in one order, whatever the number of threads.
fn product(a: &[f32], b: &[f32]) -> f64 {
    a.iter().zip(b).map(|(a, b)| f64::from(a * b)).sum()
}
