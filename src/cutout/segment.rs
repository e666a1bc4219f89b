//! Which pixels are foreground, yes or no: two models of colours, and the least cut between them, in turns (Rother,
//! Kolmogorov and Blake, "GrabCut: interactive foreground extraction using iterated graph cuts", 2004).

use super::colour::{Lab, lab};
use super::level::{Known, Level};
use super::max_flow::{Network, WAYS};
use super::mixture::Mixture;
use super::vectors::{difference, dot};

/// Gaussians of a model.
const N_PARTS: usize = 8;

/// Cuts at most, and the share of pixels that may change in one for it to be the last.
const MOST_ROUNDS: usize = 10;
const CALM: f32 = 0.0005;

/// Colours that a model is fitted to, at most.
const MOST_SAMPLES: usize = 20_000;

/// How much two neighbours of one colour hold together, as a logarithm of odds.
const COHESION: f32 = 80.0;

/// No colour tells more than that for one side, as a logarithm of odds.
const MOST_CERTAIN: f32 = 12.0;

/// Units of flow for one of the above.
const FLOW: f32 = 256.0;

/// Bound so strongly that no cut goes through.
const FOR_SURE: i32 = i32::MAX / 4;

/// How far from the foreground colours may be mixed with its own, in pixels.
const SOFT_PIXELS: usize = 4;

/// How broad a rim counts as background where nothing else is known of it, in pixels; and for how many cuts, as an object
/// may well reach the edge of the picture.
const RIM_PIXELS: usize = 3;
const RIM_ROUNDS: usize = 2;

/// True for the foreground, row by row. `prior` is how likely each pixel is foreground, from 0 to 1. `None` where `go_on`,
/// which is told how much is done, says no.
pub(super) fn segment(
    level: &Level,
    prior: Option<&[f32]>,
    go_on: &dyn Fn(f32) -> bool,
) -> Option<Vec<bool>> {
    let scene = Scene::new(level, prior);
    let mut sides = scene.first_guess();
    for round in 0..MOST_ROUNDS {
        let done = round as f32 / MOST_ROUNDS as f32;
        let Some(strengths) = scene.strengths(&sides, round < RIM_ROUNDS) else { break };
        if !go_on(done) {
            return None;
        }
        let next = scene.network(&strengths).cut(&|| go_on(done))?;
        let n_changed = next.iter().zip(&sides).filter(|(a, b)| a != b).count();
        sides = next;
        if RIM_ROUNDS <= round && n_changed as f32 <= CALM * sides.len() as f32 {
            break;
        }
    }
    go_on(1.0).then_some(sides)
}

/// All that stays the same from cut to cut.
struct Scene<'a> {
    width: usize,
    height: usize,
    colours: Vec<Lab>,
    known: Vec<Known>,
    /// Pixels of the rim, if it is all that is known of the background.
    rim: Vec<bool>,
    prior: Option<&'a [f32]>,
    /// How fast cohesion fades with the difference of two colours, squared.
    fading: f32,
}

impl<'a> Scene<'a> {
    fn new(level: &Level, prior: Option<&'a [f32]>) -> Self {
        let (width, height, all) = (level.width, level.height, 0..level.len());
        let colours = all.clone().map(|it| lab(level.colour(it))).collect();
        let known: Vec<Known> = all.clone().map(|it| level.known(it)).collect();
        let needs_rim = !known.contains(&Known::Background);
        let near = |at: usize, n: usize| at < RIM_PIXELS || n <= at + RIM_PIXELS;
        let is_near = |it: usize| near(it % width, width) || near(it / width, height);
        let rim = all.map(|it| needs_rim && known[it] == Known::Nothing && is_near(it)).collect();
        let mut it = Self { width, height, colours, known, rim, prior, fading: 0.0 };
        // As much as neighbours differ on the whole, so much tells little (Boykov and Jolly, 2001).
        let (mut sum, mut n) = (0.0, 0);
        it.for_pairs(|a, b, _| {
            sum += f64::from(it.contrast(a, b));
            n += 1;
        });
        it.fading = (f64::from(n) / (2.0 * sum).max(1e-9)) as f32;
        it
    }

    /// How far two colours are apart, squared.
    fn contrast(&self, a: usize, b: usize) -> f32 {
        let off = difference(self.colours[a], self.colours[b]);
        dot(off, off)
    }

    /// All pairs of neighbours once: `rule(a, b, way)` is told where they are, and which way the second lies.
    fn for_pairs(&self, mut rule: impl FnMut(usize, usize, usize)) {
        for (y, x) in (0..self.height).flat_map(|y| (0..self.width).map(move |x| (y, x))) {
            for (way, [dx, dy]) in WAYS.into_iter().enumerate().skip(WAYS.len() / 2) {
                let (to_x, to_y) = (x.wrapping_add_signed(dx), y.wrapping_add_signed(dy));
                if to_x < self.width && to_y < self.height {
                    rule(y * self.width + x, to_y * self.width + to_x, way);
                }
            }
        }
    }

    /// All that may be foreground; with a prior, what rather is.
    fn first_guess(&self) -> Vec<bool> {
        let guess = |idx: usize| match self.known[idx] {
            Known::Foreground => true,
            Known::Background => false,
            Known::Nothing => !self.rim[idx] && self.prior.is_none_or(|it| 0.5 <= it[idx]),
        };
        (0..self.known.len()).map(guess).collect()
    }

    /// How strongly each pixel is bound to the foreground, or, where negative, to the background. `None` where one of them
    /// has no pixels to learn from.
    fn strengths(&self, sides: &[bool], holds_rim: bool) -> Option<Vec<i32>> {
        let (foreground, background) = (self.model(sides, true)?, self.model(sides, false)?);
        let strength = |idx: usize| match self.known[idx] {
            Known::Foreground => FOR_SURE,
            Known::Background => -FOR_SURE,
            Known::Nothing if holds_rim && self.rim[idx] => -FOR_SURE,
            Known::Nothing => {
                let colour = self.colours[idx];
                let odds = foreground.log_density(colour) - background.log_density(colour);
                let prior = self.prior.map_or(0.0, |it| log_odds(it[idx]));
                ((odds.clamp(-MOST_CERTAIN, MOST_CERTAIN) + prior) * FLOW) as i32
            }
        };
        Some((0..sides.len()).map(strength).collect())
    }

    /// Of the colours on one side. Background that was found near the foreground teaches nothing: where the border is soft
    /// its colours are mixed, and it would take ever more of the foreground for its own.
    fn model(&self, sides: &[bool], side: bool) -> Option<Mixture> {
        let is_known = |idx: usize| self.known[idx] == Known::Background || self.rim[idx];
        let is_pure = |idx: usize| side || is_known(idx) || !self.is_near_foreground(sides, idx);
        let members = (0..sides.len()).filter(|&it| sides[it] == side && is_pure(it));
        let members: Vec<usize> = members.collect();
        let step = members.len().div_ceil(MOST_SAMPLES).max(1);
        let samples = members.into_iter().step_by(step).map(|it| self.colours[it]);
        Mixture::fit(&samples.collect::<Vec<_>>(), N_PARTS)
    }

    fn is_near_foreground(&self, sides: &[bool], idx: usize) -> bool {
        let (x, y) = (idx % self.width, idx / self.width);
        let ends =
            |at: usize, n: usize| (at.saturating_sub(SOFT_PIXELS), (at + SOFT_PIXELS + 1).min(n));
        let ((left, right), (top, bottom)) = (ends(x, self.width), ends(y, self.height));
        (top..bottom).any(|y| sides[y * self.width + left..y * self.width + right].contains(&true))
    }

    fn network(&self, strengths: &[i32]) -> Network {
        let mut network = Network::new(self.width, self.height);
        for (idx, &strength) in strengths.iter().enumerate() {
            network.bind(idx % self.width, idx / self.width, strength);
        }
        self.for_pairs(|a, b, way| {
            let [dx, dy] = WAYS[way];
            let length = ((dx * dx + dy * dy) as f32).sqrt();
            let alike = (-self.fading * self.contrast(a, b)).exp();
            let strength = (COHESION * alike / length * FLOW) as i32;
            network.join(a % self.width, a / self.width, way, strength);
        });
        network
    }
}

/// Logarithm of the odds; nothing is wholly sure.
fn log_odds(chance: f32) -> f32 {
    let chance = chance.clamp(0.02, 0.98);
    (chance / (1.0 - chance)).ln()
}
