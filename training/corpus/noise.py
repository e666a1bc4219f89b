"""Value noise on a line and on the sheet: small random grids, enlarged smoothly."""

import math

import cv2
import numpy as np

from .surface import COLUMNS, S


def noise(rng: np.random.Generator, across: float, down: float, octaves: int = 2, gain: float = 0.5) -> np.ndarray:
    """Smooth noise [S, S], about -1..1, with `across` × `down` knots in its coarsest octave.

    It is made at a quarter of the size: finer grain would be lost in a cell of the codec anyway.
    """
    side = S // 4
    out = np.zeros((side, side), np.float32)
    weight, power = 1.0, 0.0
    for _ in range(octaves):
        knots = rng.random((int(down) + 3, int(across) + 3), dtype=np.float32) - 0.5
        out += weight * cv2.resize(knots, (side, side), interpolation=cv2.INTER_CUBIC)
        power += weight * weight
        weight, across, down = weight * gain, across * 2, down * 2
    return cv2.resize(out * (2.2 / math.sqrt(power)), (S, S), interpolation=cv2.INTER_LINEAR)


def line(rng: np.random.Generator, knots: float, octaves: int = 3, gain: float = 0.5) -> np.ndarray:
    """Smooth noise along the columns (S,), about -1..1."""
    out = np.zeros(S, np.float32)
    weight, total = 1.0, 0.0
    for _ in range(octaves):
        values = rng.random((1, int(knots) + 3), dtype=np.float32) - 0.5
        out += weight * cv2.resize(values, (S, 1), interpolation=cv2.INTER_CUBIC)[0]
        total += weight
        weight, knots = weight * gain, knots * 2
    return out / total * 2


def jagged(rng: np.random.Generator, knots: int, octaves: int = 3, gain: float = 0.5) -> np.ndarray:
    """Noise of straight pieces along the columns (S,), about -1..1: rock and torn edges."""
    out = np.zeros(S, np.float32)
    weight, total = 1.0, 0.0
    for _ in range(octaves):
        at = np.linspace(-8, S + 8, knots + 2) + rng.uniform(-0.3, 0.3, knots + 2) * S / knots
        out += weight * np.interp(COLUMNS, np.sort(at), rng.uniform(-1, 1, knots + 2)).astype(np.float32)
        total += weight
        weight, knots = weight * gain, knots * 2
    return out / total
