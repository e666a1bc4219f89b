"""The sheet that a scene is painted on: colours and labels per pixel, and the few ways of laying paint.

Everything is float32 RGB in 0..1 at 576 × 576. Masks say how much of a pixel is covered, in 0..1.
"""

import cv2
import numpy as np
from numba import njit, vectorize

S = 576  # side of a picture in pixels
GRID = 24  # cells per side
CELL = S // GRID

LABELS = (
    "sky", "cloud", "disc", "mountain", "hill", "forest", "city", "water", "grass", "sand", "snow", "object",
)  # fmt: skip
LABEL = {name: index for index, name in enumerate(LABELS)}
OBJECT = LABEL["object"]

COLUMNS = np.arange(S, dtype=np.float32)
ROWS = COLUMNS[:, None]
XX, YY = np.meshgrid(COLUMNS, COLUMNS)

Colour = np.ndarray  # float32 (3,)
Mask = np.ndarray  # float32 (S, S) in 0..1


class Surface:
    """A picture in the making, or a strip of one that has fewer rows."""

    def __init__(self, rows: int = S) -> None:
        self.pixels = np.zeros((rows, S, 3), np.float32)
        self.labels = np.zeros((rows, S), np.uint8)

    def lay(self, mask: Mask, paint: np.ndarray, label: str | None = None) -> None:
        """Covers what the mask says with one colour (3,) or with a picture [S, S, 3]."""
        if paint.ndim == 1:
            _lay_colour(self.pixels, mask, paint.astype(np.float32))
        else:
            _lay_picture(self.pixels, mask, paint)
        if label is not None:
            self.labels[mask > 0.5] = LABEL[label]

    def lay_two(self, mask: Mask, dark: Colour, light: Colour, share: Mask, label: str | None = None) -> None:
        """Covers what the mask says with a mixture of two colours; `share` of the light one per pixel."""
        _lay_mixture(self.pixels, mask, dark.astype(np.float32), light.astype(np.float32), share)
        if label is not None:
            self.labels[mask > 0.5] = LABEL[label]

    def shade(self, mask: Mask, factor: Colour) -> None:
        """Multiplies by a colour where the mask says: shadows."""
        _shade(self.pixels, mask, factor.astype(np.float32))

    def cells(self) -> np.ndarray:
        """The label that most pixels of a cell bear, uint8 [24, 24]."""
        samples = self.labels.reshape(GRID, CELL, GRID, CELL)[:, 2::4, :, 2::4]
        counts = [(samples == label).sum((1, 3)) for label in range(len(LABELS))]
        return np.argmax(counts, axis=0).astype(np.uint8)


def mix(a: np.ndarray, b: np.ndarray, share: float) -> np.ndarray:
    """From `a` (share 0) to `b` (share 1)."""
    return a + (b - a) * share


def smoothstep(low: float, high: float, x: np.ndarray) -> np.ndarray:
    """0 below `low`, 1 above `high`, smooth between; `low` may be the larger one."""
    return _smoothstep(*(np.asarray(it, np.float32) for it in (low, high, x)))


def below(line: np.ndarray) -> Mask:
    """All that lies below a line (its y in pixels per column), with a soft edge of one pixel."""
    return np.clip(ROWS - line[None].astype(np.float32) + 0.5, 0, 1)


def polygon(points: np.ndarray, soft: float = 0.0) -> Mask:
    """The inside of a polygon with corners (x, y) in pixels, optionally with an edge blurred by `soft` pixels."""
    mask = np.zeros((S, S), np.uint8)
    cv2.fillPoly(mask, [np.int32(np.asarray(points) * 16)], 255, cv2.LINE_AA, 4)
    mask = mask.astype(np.float32) / 255
    return cv2.GaussianBlur(mask, (0, 0), soft) if soft else mask


@vectorize(["float32(float32, float32, float32)"], cache=True)
def _smoothstep(low, high, x):
    t = min(max((x - low) / (high - low), np.float32(0)), np.float32(1))
    return t * t * (np.float32(3) - np.float32(2) * t)


@njit(cache=True, fastmath=True)
def _lay_colour(pixels, mask, colour):
    for y in range(mask.shape[0]):
        for x in range(S):
            k = mask[y, x]
            if k > 0:
                for c in range(3):
                    pixels[y, x, c] += (colour[c] - pixels[y, x, c]) * k


@njit(cache=True, fastmath=True)
def _lay_picture(pixels, mask, paint):
    for y in range(mask.shape[0]):
        for x in range(S):
            k = mask[y, x]
            if k > 0:
                for c in range(3):
                    pixels[y, x, c] += (paint[y, x, c] - pixels[y, x, c]) * k


@njit(cache=True, fastmath=True)
def _lay_mixture(pixels, mask, dark, light, share):
    for y in range(mask.shape[0]):
        for x in range(S):
            k = mask[y, x]
            if k > 0:
                t = min(max(share[y, x], 0.0), 1.0)
                for c in range(3):
                    pixels[y, x, c] += (dark[c] + (light[c] - dark[c]) * t - pixels[y, x, c]) * k


@njit(cache=True, fastmath=True)
def _shade(pixels, mask, factor):
    for y in range(mask.shape[0]):
        for x in range(S):
            k = mask[y, x]
            if k > 0:
                for c in range(3):
                    pixels[y, x, c] *= 1 + (factor[c] - 1) * k
