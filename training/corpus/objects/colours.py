"""The colours of things themselves, and what light makes of them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

Colour = np.ndarray  # float32 [3] in 0..1


def rgb(r: float, g: float, b: float) -> Colour:
    """A colour from its three shares."""
    return np.array((r, g, b), np.float32)


def mix(a: Colour, b: Colour, t: float) -> Colour:
    """From `a` (t = 0) to `b` (t = 1)."""
    return a + (b - a) * t


# Colours that captions can name.
NAMED = {
    "red": rgb(0.84, 0.17, 0.14),
    "orange": rgb(0.95, 0.50, 0.12),
    "yellow": rgb(0.98, 0.78, 0.20),
    "green": rgb(0.22, 0.56, 0.28),
    "blue": rgb(0.16, 0.38, 0.78),
    "purple": rgb(0.52, 0.26, 0.66),
    "pink": rgb(0.95, 0.52, 0.62),
    "white": rgb(0.97, 0.95, 0.91),
    "black": rgb(0.13, 0.13, 0.16),
    "brown": rgb(0.48, 0.28, 0.16),
    "grey": rgb(0.56, 0.58, 0.62),
}

SNOW = rgb(0.95, 0.97, 1.0)
CREAM = rgb(0.96, 0.90, 0.78)
STONE = rgb(0.64, 0.61, 0.57)
TIMBER = rgb(0.50, 0.34, 0.21)
BARK = rgb(0.36, 0.25, 0.18)
IRON = rgb(0.16, 0.17, 0.20)
SKIN = rgb(0.88, 0.66, 0.52)
LAMPLIGHT = rgb(1.0, 0.80, 0.38)
PANE = rgb(0.30, 0.38, 0.46)  # a window by day


class Tones(NamedTuple):
    """One material in three values: towards the light, across it, and away from it."""

    lit: Colour
    half: Colour
    dark: Colour


def pick(rng: np.random.Generator, colour: str | None, choices: tuple[str, ...]) -> Colour:
    """The colour that was asked for by name, or else any of the choices."""
    return NAMED[colour or choices[int(rng.integers(len(choices)))]]
