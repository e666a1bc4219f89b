//! Manners of painting: what makes oil of it, or gouache.

/// How strokes are laid, and what paint they leave.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Manner {
    /// Brushes, from the broadest on.
    pub(super) n_layers: usize,
    /// Of a brush, in pixels of the size of the picture that it sees.
    pub(super) width: f32,
    /// Of strokes, in widths.
    pub(super) length: f32,
    /// From stroke to stroke, in widths.
    pub(super) spacing: f32,
    /// How far from the picture it may be, as [`apart`](super::pyramid::apart) measures.
    pub(super) tolerance: f32,
    /// How much a stroke keeps to its direction, from 0 to 1.
    pub(super) stiffness: f32,
    /// How much strokes differ from the colour that is seen.
    pub(super) colour_jitter: f32,
    /// How much bristles differ from each other in colour.
    pub(super) streaks: f32,
    /// How much of a stroke is dry at its end and edges, from 0 to 1.
    pub(super) dryness: f32,
    /// How thick the paint lies, in widths of a bristle.
    pub(super) thickness: f32,
    /// How much light falls on it from the side, from 0 to 1.
    pub(super) relief: f32,
    /// How much of the ground shines through, from 0 to 1.
    pub(super) thinness: f32,
}

pub(super) const OIL: Manner = Manner {
    n_layers: 4,
    width: 2.2,
    length: 5.0,
    spacing: 0.62,
    tolerance: 0.018,
    stiffness: 0.35,
    colour_jitter: 0.05,
    streaks: 0.05,
    dryness: 0.55,
    thickness: 0.85,
    relief: 0.6,
    thinness: 0.05,
};

pub(super) const GOUACHE: Manner = Manner {
    n_layers: 4,
    width: 2.6,
    length: 6.0,
    spacing: 0.7,
    tolerance: 0.022,
    stiffness: 0.45,
    colour_jitter: 0.012,
    streaks: 0.018,
    dryness: 0.8,
    thickness: 0.6,
    relief: 0.3,
    thinness: 0.0,
};
