//! Chance: draws a code from the model's probabilities, with noise that depends on *where*, not on
//! *when*.
//!
//! The Gumbel-max rule: the argmax of logits plus independent Gumbel noise is an exact draw from
//! the softmax of the logits (Gumbel 1954; Maddison et al., "A* Sampling", 2014). Here the noise of
//! a code in a cell is a pure function of seed, variation, cell and code, so pictures can be
//! repeated, and an edit changes only what it must.

use rayon::prelude::*;

use super::kernels::{exp, fold, fold_of};
use crate::base::{Cell, Code, Sampling, scramble};

/// A code, and how likely it was among those that came into question (natural logarithm).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Drawn {
    pub code: Code,
    pub log_prob: f32,
}

/// The noise of one cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Noise(u64);

impl Noise {
    #[must_use]
    pub const fn new(seed: u64, variation: u32, cell: Cell) -> Self {
        let position = ((cell.row as u64) << 16) | cell.col as u64;
        Self(scramble(scramble(scramble(seed) ^ variation as u64) ^ position))
    }

    /// Uniform noise for one code, within (0, 1).
    fn uniform(self, code: Code) -> f64 {
        let bits = scramble(self.0 ^ u64::from(code)) >> 11;
        (bits as f64 + 0.5) * (1.0 / (1_u64 << 53) as f64)
    }
}

/// Standard Gumbel noise from uniform noise.
fn gumbel(uniform: f64) -> f64 {
    -(-uniform.ln()).ln()
}

/// Leans away from what the model would paint under the other text: `without + (with − without) ·
/// scale` (classifier-free guidance; Ho and Salimans, 2022).
#[must_use]
pub fn guide(with: &[f32], without: &[f32], scale: f32) -> Vec<f32> {
    with.iter().zip(without).map(|(&with, &without)| without + (with - without) * scale).collect()
}

/// [`guide`], for the first `n` cells on all cores.
#[must_use]
pub fn guide_each<'a>(
    n: usize,
    cell: impl Fn(usize) -> (&'a [f32], &'a [f32], f32) + Sync,
) -> Vec<Vec<f32>> {
    let guided = |idx| {
        let (with, without, scale) = cell(idx);
        guide(with, without, scale)
    };
    (0..n).into_par_iter().with_min_len(CELLS_PER_THREAD).map(guided).collect()
}

/// Draws a code for each of several cells; [`draw`], on all cores.
#[must_use]
pub fn draw_each(logits: &[Vec<f32>], sampling: Sampling, noises: &[Noise]) -> Vec<Drawn> {
    let draws = logits.par_iter().zip(noises).with_min_len(CELLS_PER_THREAD);
    draws.map(|(logits, &noise)| draw(logits, sampling, noise)).collect()
}

/// Draws a code. `logits` holds one value per code.
#[must_use]
pub fn draw(logits: &[f32], sampling: Sampling, noise: Noise) -> Drawn {
    let mut logits: Vec<f32> = logits.iter().map(|it| it / sampling.temperature).collect();
    let codes = filter(&mut logits, sampling);
    let max = max_of(&logits);
    let weights: Vec<f32> = logits.iter().map(|it| exp(it - max)).collect();
    let whole = sum(&weights);
    let (mut best, mut code, mut log_prob) = (f64::NEG_INFINITY, 0, 0.0);
    let mut bar = f64::INFINITY;
    for (idx, (&logit, &weight)) in logits.iter().zip(&weights).enumerate() {
        let candidate = codes.as_ref().map_or(idx as Code, |it| it[idx]);
        // As −ln(−ln u) < −ln(1 − u), most codes cannot win, whatever their exact noise.
        let uniform = noise.uniform(candidate);
        if 1.0 - uniform < f64::from(weight) * bar {
            let value = f64::from(logit) + gumbel(uniform);
            if best < value {
                (best, code, log_prob) = (value, candidate, logit - max);
                bar = (f64::from(max) - best).exp() * ROUNDING;
            }
        }
    }
    Drawn { code, log_prob: log_prob - whole.ln() }
}

/// Fewer cells are not worth another thread.
const CELLS_PER_THREAD: usize = 4;

/// More than what rounding may do to probabilities.
const ROUNDING: f64 = 1.0 + 1e-5;

/// What may come into a cell.
#[derive(Clone, Debug)]
pub struct Expected {
    /// The probability of each code; together 1.
    pub probs: Vec<f32>,
    /// How undecided they are, their entropy in nats, from 0 to ln(codes).
    pub entropy: f32,
}

/// What may come into each of several cells at this temperature; on all cores.
#[must_use]
pub fn expect_each(logits: &[Vec<f32>], temperature: f32) -> Vec<Expected> {
    let cells = logits.par_iter().with_min_len(CELLS_PER_THREAD);
    cells.map(|it| expect(it, temperature)).collect()
}

fn expect(logits: &[f32], temperature: f32) -> Expected {
    let max = max_of(logits);
    let logits: Vec<f32> = logits.iter().map(|it| (it - max) / temperature).collect();
    let mut probs: Vec<f32> = logits.iter().map(|it| exp(*it)).collect();
    let whole = sum(&probs);
    probs.iter_mut().for_each(|it| *it /= whole);
    let parts: Vec<f32> = probs.iter().zip(&logits).map(|(prob, it)| prob * it).collect();
    Expected { entropy: whole.ln() - sum(&parts), probs }
}

/// The natural logarithm of the probability of one code at this temperature.
#[must_use]
pub fn log_prob(logits: &[f32], temperature: f32, code: Code) -> f32 {
    let max = max_of(logits);
    let whole = fold_of(logits, |it| exp((it - max) / temperature), 0.0, |a, b| a + b);
    (logits[code as usize] - max) / temperature - whole.ln()
}

/// Leaves the logits of the codes that come into question, and names these; `None` where all do.
fn filter(logits: &mut Vec<f32>, Sampling { top_k, top_p, .. }: Sampling) -> Option<Vec<Code>> {
    let has_top_k = 0 < top_k && top_k < logits.len();
    if !has_top_k && 1.0 <= top_p {
        return None;
    }
    let mut all: Vec<(Code, f32)> = (0..).zip(logits.drain(..)).collect();
    // Equal probabilities are ordered by code, so that the same request stays the same picture.
    let better = |a: &(Code, f32), b: &(Code, f32)| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0));
    if has_top_k {
        all.select_nth_unstable_by(top_k - 1, better);
        all.truncate(top_k);
    }
    if top_p < 1.0 {
        all.sort_unstable_by(better);
        let probs: Vec<f32> = all.iter().map(|it| exp(it.1 - all[0].1)).collect();
        let enough = top_p * probs.iter().sum::<f32>();
        let mut reached = 0.0;
        let last = probs.iter().position(|prob| {
            reached += prob;
            enough <= reached
        });
        all.truncate(last.map_or(all.len(), |it| it + 1));
    }
    let (codes, left) = all.into_iter().unzip();
    *logits = left;
    Some(codes)
}

/// The largest one.
fn max_of(values: &[f32]) -> f32 {
    fold(values, f32::NEG_INFINITY, |a, b| if a < b { b } else { a })
}

fn sum(values: &[f32]) -> f32 {
    fold(values, 0.0, |a, b| a + b)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANY_CELL: Cell = Cell::new(3, 5);
    const N_SEEDS: u64 = 40_000;

    #[test]
    fn draws_follow_the_softmax() {
        let logits = [0.0, 1.0, 2.0, -1.0, 0.5, 1.5];
        check_probs(&logits, Sampling { temperature: 1.0, ..Sampling::default() });
        check_probs(&logits, Sampling { temperature: 0.7, ..Sampling::default() });
        check_probs(&logits, Sampling { top_k: 3, ..Sampling::default() });
        check_probs(&logits, Sampling { top_p: 0.8, ..Sampling::default() });
    }

    /// Compares how often each code is drawn with its probability, by the chi-squared statistic.
    fn check_probs(given: &[f32], sampling: Sampling) {
        let mut logits: Vec<f32> = given.iter().map(|it| it / sampling.temperature).collect();
        let codes = filter(&mut logits, sampling);
        let codes = codes.unwrap_or_else(|| (0..logits.len() as Code).collect());
        let whole: f32 = logits.iter().map(|it| it.exp()).sum();
        let kept: Vec<(Code, f32)> =
            codes.into_iter().zip(logits.iter().map(|it| it.exp() / whole)).collect();
        let mut counts = vec![0.0; given.len()];
        for seed in 0..N_SEEDS {
            counts[draw(given, sampling, Noise::new(seed, 0, ANY_CELL)).code as usize] += 1.0;
        }
        let chi_squared: f64 = kept
            .iter()
            .map(|&(code, prob)| {
                let expected = f64::from(prob) * N_SEEDS as f64;
                (counts[code as usize] - expected).powi(2) / expected
            })
            .sum();
        let drawn: f64 = kept.iter().map(|&(code, _)| counts[code as usize]).sum();
        assert_eq!(drawn, N_SEEDS as f64, "a code was drawn that had been filtered out");
        // The 99.9 % quantile for 5 degrees of freedom; fewer make it smaller.
        assert!(chi_squared < 20.52, "chi-squared {chi_squared} for {sampling:?}");
    }

    #[test]
    fn what_is_passed_over_could_not_have_won() {
        for seed in 0..2000 {
            let noise = Noise::new(seed, 3, ANY_CELL);
            let logits: Vec<f32> = (0..300)
                .map(|code| Noise::new(seed, 9, ANY_CELL).uniform(code) as f32 * 12.0)
                .collect();
            let value = |code: Code| f64::from(logits[code as usize]) + gumbel(noise.uniform(code));
            let winner = (0..300).max_by(|&a, &b| value(a).total_cmp(&value(b))).unwrap();
            assert_eq!(draw(&logits, Sampling::default(), noise).code, winner);
        }
    }

    #[test]
    fn top_p_keeps_the_best_codes_that_reach_the_probability() {
        let logits = [0.5_f32.ln(), 0.3_f32.ln(), 0.2_f32.ln()];
        let kept = |top_p| filter(&mut logits.to_vec(), Sampling { top_p, ..Sampling::default() });
        assert_eq!(kept(0.4), Some(vec![0]));
        assert_eq!(kept(0.6), Some(vec![0, 1]));
        assert_eq!(kept(0.9), Some(vec![0, 1, 2]));
    }

    /// The bound of Holtzen and others on Gumbel-coupled draws: 2·TV / (1 + TV).
    #[test]
    fn a_small_change_of_logits_seldom_changes_the_code() {
        let before = [0.0, 1.0, 2.0, -1.0, 0.5];
        let after = [0.0, 1.4, 1.9, -1.0, 0.2];
        let softmax = |logits: &[f32]| {
            let whole: f32 = logits.iter().map(|it| it.exp()).sum();
            logits.iter().map(|it| it.exp() / whole).collect::<Vec<f32>>()
        };
        let (p, q) = (softmax(&before), softmax(&after));
        let tv = f64::from(p.iter().zip(&q).map(|(p, q)| (p - q).abs()).sum::<f32>() / 2.0);

        let plain = Sampling::default();
        let changed = (0..N_SEEDS).filter(|&seed| {
            let noise = Noise::new(seed, 0, ANY_CELL);
            draw(&before, plain, noise).code != draw(&after, plain, noise).code
        });
        let fraction = changed.count() as f64 / N_SEEDS as f64;
        assert!(
            0.0 < fraction && fraction <= 2.0 * tv / (1.0 + tv) * 1.05,
            "{fraction} for TV {tv}"
        );
    }

    #[test]
    fn another_variation_is_other_noise_here_and_nowhere_else() {
        let noise = |variation, cell| Noise::new(7, variation, cell);
        assert_ne!(noise(0, ANY_CELL), noise(1, ANY_CELL));
        assert_ne!(noise(0, Cell::new(3, 6)), noise(0, ANY_CELL));
        assert_eq!(noise(1, ANY_CELL), noise(1, ANY_CELL));
    }

    #[test]
    fn expected_probabilities_and_log_probs_agree() {
        let logits = [0.3, -1.0, 2.0, 0.5];
        let Expected { probs, entropy } = expect(&logits, 0.8);
        assert!((probs.iter().sum::<f32>() - 1.0).abs() < 1e-6);
        for (code, prob) in (0..).zip(&probs) {
            assert!((log_prob(&logits, 0.8, code).exp() - prob).abs() < 1e-6);
        }
        let expected: f32 = probs.iter().map(|it| -it * it.ln()).sum();
        assert!((entropy - expected).abs() < 1e-5);
    }

    #[test]
    fn entropy_is_lowest_where_one_code_is_sure() {
        let entropy = |logits: &[f32], temperature| expect(logits, temperature).entropy;
        assert!((entropy(&[0.5; 8], 1.0) - 8.0_f32.ln()).abs() < 1e-5);
        assert!(entropy(&[0.0, 50.0, 0.0], 1.0) < 1e-5);
        assert!(entropy(&[0.0, 2.0, 1.0], 0.5) < entropy(&[0.0, 2.0, 1.0], 1.0));
    }

    #[test]
    fn guidance_of_one_is_the_prompt_alone() {
        assert_eq!(guide(&[1.0, 2.0], &[5.0, -1.0], 1.0), [1.0, 2.0]);
        assert_eq!(guide(&[1.0, 2.0], &[0.0, 1.0], 3.0), [3.0, 4.0]);
    }
}
