"""The four manners of painting: what a finished picture owes to its medium rather than to what it shows.

All keep large shapes and their edges, and none adds grain: a cell of 24 px has to be told in twelve bits.
"""

import cv2
import numpy as np
from numba import njit

from .noise import noise
from .surface import XX, YY, S, smoothstep

MANNERS = ("oil", "watercolour", "gouache", "ink")

LUMA = np.float32((0.30, 0.59, 0.11))
PAPER = np.float32((0.985, 0.968, 0.93))  # warm white
INKS = np.float32(((0.10, 0.11, 0.16), (0.16, 0.10, 0.07), (0.10, 0.14, 0.24)))  # lamp black, sepia, indigo


def finish(manner: str, picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Finishes a painted scene, float32 RGB [576, 576, 3] in 0..1, in one of MANNERS; uint8 [576, 576, 3]."""
    finished = {"oil": oil, "watercolour": watercolour, "gouache": gouache, "ink": ink}[manner](picture, rng)
    return (np.clip(finished, 0, 1) * 255 + 0.5).astype(np.uint8)


def oil(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Broken edges, dabs that follow a slow direction, rich darks, and a little relief across the strokes."""
    dabs = kuwahara(wavering(picture, rng, 4.0, knots=28), 4)
    value = dabs @ LUMA
    rich = dabs + (dabs - value[..., None]) * 0.16  # more saturated
    rich *= (0.80 + 0.26 * smoothstep(0.05, 0.7, value))[..., None]
    slant = rng.uniform(0.1, 0.45) * rng.choice((-1, 1))
    strokes = rotated(noise(rng, 12, 44, 1), slant)
    return rich * (1 + 0.05 * strokes)[..., None]


def gouache(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Flat dabs in few values with crisp edges; chalky lights, darks that are never black."""
    flat = kuwahara(wavering(picture, rng, 2.0, knots=32), 3)
    value = flat @ LUMA
    steps = 9 * value
    few = (np.floor(steps) + smoothstep(0.32, 0.68, steps - np.floor(steps))) / 9
    flat *= ((0.55 * few + 0.45 * value + 0.02) / (value + 0.02))[..., None]
    return 0.05 + 0.93 * flat


def watercolour(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Transparent washes on paper: pale, uneven, with pigment gathered at the edges of darker shapes."""
    washes = kuwahara(wavering(picture, rng, 4.0, knots=20), 3)
    pigment = 1 - washes
    pigment += 0.75 * np.maximum(pigment - cv2.GaussianBlur(pigment, (0, 0), 7), 0)  # the rim of a wash dries last
    bleeding = cv2.GaussianBlur(pigment, (0, 0), 9)
    wet = smoothstep(0.0, 0.55, noise(rng, 5, 5, 1))[..., None]
    pigment += (bleeding - pigment) * 0.5 * wet
    pigment = pigment**1.2 * 0.84  # the lights run out into paper
    pigment *= (1 + 0.09 * noise(rng, 7, 7, 2))[..., None]
    return PAPER * (1 - np.clip(pigment, 0, 1))


def ink(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A brush and one ink, let down with water; outlines where values change, and a breath of colour."""
    washes = kuwahara(wavering(picture, rng, 3.0, knots=24), 3)
    value = washes @ LUMA
    depth = smoothstep(0.95, 0.05, value) ** 1.3
    depth *= 1 + 0.13 * noise(rng, 6, 6, 2)
    outline = smoothstep(0.05, 0.20, contrast(value))
    depth = np.clip(np.maximum(0.86 * depth, outline * (0.55 + 0.4 * (1 - value))), 0, 1)[..., None]
    drawn = PAPER * (1 - depth) + INKS[int(rng.integers(len(INKS)))] * depth
    return drawn + (washes - value[..., None]) * 0.22


def wavering(picture: np.ndarray, rng: np.random.Generator, far: float, knots: float) -> np.ndarray:
    """Moves every pixel by up to about `far` pixels: no brush draws a ruled line."""
    x, y = XX + far * noise(rng, knots, knots, 1), YY + far * noise(rng, knots, knots, 1)
    return cv2.remap(picture, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)


def rotated(field: np.ndarray, angle: float) -> np.ndarray:
    """A field [S, S] turned about its middle by `angle` radians."""
    turn = cv2.getRotationMatrix2D((S / 2, S / 2), np.degrees(angle), 1.0)
    return cv2.warpAffine(field, turn, (S, S), borderMode=cv2.BORDER_REFLECT)


def contrast(value: np.ndarray) -> np.ndarray:
    """How much the value [S, S] changes within a brush's breadth."""
    soft = cv2.GaussianBlur(value, (0, 0), 1.2)
    brush = np.ones((4, 4), np.uint8)
    return cv2.dilate(soft, brush) - cv2.erode(soft, brush)


def kuwahara(picture: np.ndarray, reach: int) -> np.ndarray:
    """Each pixel becomes the mean of the calmest of the four squares, `reach` + 1 wide, that it is a corner of.

    Kuwahara et al., "Processing of RI-angiocardiographic images" (1976).
    """
    padded = cv2.copyMakeBorder(picture, reach, reach, reach, reach, cv2.BORDER_REFLECT)
    side = (reach + 1, reach + 1)
    mean = cv2.blur(padded, side, anchor=(0, 0), borderType=cv2.BORDER_REFLECT)
    value = padded @ LUMA
    spread = cv2.blur(value * value, side, anchor=(0, 0)) - cv2.blur(value, side, anchor=(0, 0)) ** 2
    return _calmest(mean, spread, reach)


@njit(cache=True, fastmath=True)
def _calmest(mean, spread, reach):
    out = np.empty((S, S, 3), np.float32)
    for y in range(S):
        for x in range(S):
            best_y, best_x = y, x
            for at_y, at_x in ((y, x + reach), (y + reach, x), (y + reach, x + reach)):
                if spread[at_y, at_x] < spread[best_y, best_x]:
                    best_y, best_x = at_y, at_x
            for c in range(3):
                out[y, x, c] = mean[best_y, best_x, c]
    return out
