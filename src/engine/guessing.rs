//! Guessing ahead: several cells are looked at in one pass, each as if the guesses before it were right.
//!
//! Under coupled chance a guess is right where it is the very code that would have been drawn, so checking
//! is comparing, and what is painted is the same as one cell after the other, code for code; after
//! speculative Jacobi decoding (<https://arxiv.org/abs/2410.01699>). Here is decided how far to look.

use std::time::Duration;

/// How many cells a pass may look at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Guessing {
    /// As many as is fastest here and now.
    Auto,
    /// One after the other.
    #[default]
    Off,
    /// This many, or all that are left.
    Window(usize),
}

/// What may be chosen: finer steps would gain less than the measuring errs.
const WIDTHS: [usize; 12] = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64];

/// How much one more pass changes what is believed of passes and of what they settle, and one more guess what is of
/// guesses.
const NEWS_OF_PASS: f32 = 0.2;
const NEWS_OF_GUESS: f32 = 0.03;
const NEWS_OF_YIELD: f32 = 0.25;

/// What one cell more is believed to cost, as a fraction of a pass for one cell, before it was measured.
const FIRST_COST: f32 = 0.2;

/// How often guesses are right before any was checked.
const FIRST_AGREEMENT: f32 = 0.6;

/// How fast what was found is forgotten, per pass: the picture may have become easier, so all is tried again.
const FORGETTING: f32 = 0.002;

/// The factor by which wide passes must be faster to be chosen: what is believed of them errs.
const MARGIN: f32 = 1.1;

/// What one pass looked at, and what came of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pass {
    /// Cells looked at.
    pub(super) width: usize,
    /// For how many of them, from the first on, there was a guess.
    pub(super) n_guessed: usize,
    /// How many of these were right before the first wrong one.
    pub(super) n_right: usize,
    /// `None` where it had to read more than guesses.
    pub(super) took: Option<Duration>,
}

/// What is known of passes on this machine, and of guesses in this picture.
#[derive(Debug)]
pub(super) struct Guesser {
    /// For each of [`WIDTHS`] what its passes take in seconds, if there were any.
    secs: [Option<f32>; WIDTHS.len()],
    /// How often the next guess is right.
    agreement: f32,
    /// For each of [`WIDTHS`] how many cells its passes settle, as a fraction of what the agreement lets expect: guesses far
    /// ahead are worse than near ones.
    /// Wider passes are not believed to do better than narrower ones.
    yields: [f32; WIDTHS.len()],
    last_width: usize,
}

impl Default for Guesser {
    fn default() -> Self {
        Self {
            secs: [None; WIDTHS.len()],
            agreement: FIRST_AGREEMENT,
            yields: [1.0; WIDTHS.len()],
            last_width: 0,
        }
    }
}

impl Guesser {
    /// How many cells the next pass is to look at.
    pub(super) fn width(&self, guessing: Guessing) -> usize {
        match guessing {
            Guessing::Off => 1,
            Guessing::Window(width) => width.max(1),
            Guessing::Auto => self.fastest(),
        }
    }

    /// The width that settles the most cells per second.
    fn fastest(&self) -> usize {
        let speed = |(width, part): (usize, f32)| {
            let gain = if width == 1 { MARGIN } else { self.expected(width) * part };
            (width, gain / self.secs(width))
        };
        let speeds = WIDTHS.into_iter().zip(self.yields).map(speed);
        speeds.max_by(|a, b| a.1.total_cmp(&b.1)).map_or(1, |it| it.0)
    }

    /// What a pass of this width takes: as measured, or in proportion to the nearest one that was measured.
    fn secs(&self, width: usize) -> f32 {
        let cost = |width: usize| 1.0 + FIRST_COST * (width - 1) as f32;
        let measured = WIDTHS.into_iter().zip(self.secs).filter_map(|(it, secs)| Some((it, secs?)));
        let nearest = measured.min_by_key(|&(it, _)| it.abs_diff(width));
        nearest.map_or(cost(width), |(it, secs)| secs * cost(width) / cost(it))
    }

    /// Cells settled by a pass on average: the first one always, each other where all before it agree.
    fn expected(&self, width: usize) -> f32 {
        (0..width).map(|n| self.agreement.powi(n as i32)).sum()
    }

    /// Learns from a pass.
    pub(super) fn learn(&mut self, pass: Pass) {
        let Pass { width, n_guessed, n_right, took } = pass;
        let known = WIDTHS.iter().position(|&it| it == width);
        if let (Some(idx), Some(took)) = (known, took.map(|it| it.as_secs_f32())) {
            let secs = self.secs[idx].get_or_insert(took);
            *secs += NEWS_OF_PASS * (took - *secs);
        }
        self.yields.iter_mut().for_each(|it| *it += FORGETTING * (1.0 - *it));
        // The first pass of a width has the guesses of another one, or none, which says nothing of the next ones.
        if let Some(idx) = known.filter(|_| 1 < width && width == self.last_width) {
            let gain = (n_right + 1).min(width) as f32 / self.expected(width);
            self.yields[idx] += NEWS_OF_YIELD * (gain - self.yields[idx]);
            let max_yield = self.yields[idx];
            self.yields[idx..].iter_mut().for_each(|it| *it = it.min(max_yield));
        }
        self.last_width = width;
        if n_guessed == 0 {
            self.agreement += FORGETTING * (FIRST_AGREEMENT - self.agreement);
        }
        for _ in 0..n_right {
            self.agreement += NEWS_OF_GUESS * (1.0 - self.agreement);
        }
        if n_right < n_guessed {
            self.agreement -= NEWS_OF_GUESS * self.agreement;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A machine on which a cell more costs `more` of a narrow pass, and a picture of this `agreement`.
    fn settled_width(more: f32, agreement: f32) -> usize {
        let mut guesser = Guesser::default();
        let mut dice = 1_u64;
        let mut is_right = || {
            dice = dice
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            ((dice >> 40) as f32) < agreement * (1 << 24) as f32
        };
        for _ in 0..399 {
            let width = guesser.width(Guessing::Auto);
            let took = Duration::from_secs_f32(0.001 * (1.0 + more * (width - 1) as f32));
            let n_guessed = width;
            let n_right = (0..width).take_while(|_| is_right()).count();
            guesser.learn(Pass { width, n_guessed, n_right, took: Some(took) });
        }
        guesser.width(Guessing::Auto)
    }

    #[test]
    fn where_wide_passes_are_dear_it_goes_one_by_one() {
        assert_eq!(settled_width(1.0, 0.5), 1);
    }

    #[test]
    fn where_wide_passes_are_cheap_and_guesses_good_it_looks_far() {
        assert!(12 <= settled_width(0.01, 0.95));
        assert!(settled_width(0.01, 0.2) <= 6);
    }

    /// Only the next guess is ever right, and a cell more costs seven tenths of a pass.
    #[test]
    fn what_settles_less_than_expected_is_left() {
        let mut guesser = Guesser::default();
        let (mut n_settled, mut secs, mut n_guesses) = (0, 0.0, 0_usize);
        for _ in 0..600 {
            let width = guesser.width(Guessing::Auto);
            let took = 0.001 + 0.0007 * (width - 1) as f32;
            let n_guessed = n_guesses.min(width);
            let n_right = n_guessed.min(1).min(width - 1);
            n_guesses = width - 1 - n_right;
            guesser.learn(Pass {
                width,
                n_guessed,
                n_right,
                took: Some(Duration::from_secs_f32(took)),
            });
            n_settled += n_right + 1;
            secs += took;
        }
        let speed = n_settled as f32 / secs;
        assert!(870.0 < speed, "{speed} cells a second, one by one 1000");
    }

    #[test]
    fn what_is_ordered_is_done() {
        let guesser = Guesser::default();
        assert_eq!(guesser.width(Guessing::Off), 1);
        assert_eq!(guesser.width(Guessing::Window(7)), 7);
    }
}
