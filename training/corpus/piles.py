"""Balls piled on a base and lit as one mass: heaped clouds, crowns of trees, bushes."""

import math

import numpy as np
from numba import njit

from .surface import LABEL, Colour, S, Surface


def pile(
    surface: Surface,
    balls: list[tuple[float, float, float]],
    stand: tuple[float, float],
    shade: Colour,
    lit: Colour,
    towards: tuple[float, float],
    label: str,
) -> None:
    """Paints balls (x, y, radius) in pixels, the first one at the back. Light falls on the whole, then on each ball.

    `stand` is the y of the base that they are cut off at, and the height of the whole; `towards` points to the light.
    """
    _pile(
        surface.pixels, surface.labels, np.array(balls, np.float32), np.float32(stand[0]), np.float32(stand[1]),
        np.float32(shade), np.float32(lit), np.float32(towards[0]), np.float32(towards[1]), LABEL[label],
    )  # fmt: skip


@njit(cache=True, fastmath=True)
def _pile(pixels, labels, balls, base, height, shade, lit, towards_x, towards_y, label):
    """Paints balls from back (high) to front (low), each lit as a ball, darker towards the base, cut off there."""
    left_end, right_end = (balls[:, 0] - balls[:, 2]).min(), (balls[:, 0] + balls[:, 2]).max()
    middle, half = (left_end + right_end) / 2, (right_end - left_end) / 2
    for i in range(balls.shape[0]):
        cx, cy, radius = balls[i]
        top, bottom = max(0, int(cy - radius - 1)), min(S, int(min(cy + radius, base) + 3))
        left, right = max(0, int(cx - radius - 1)), min(S, int(cx + radius + 2))
        for y in range(top, bottom):
            # The base is ragged by the balls but cut off softly.
            cut = min(max((base - y) / (0.10 * height) + 0.5, 0.0), 1.0)
            rise = min(max((base - y) / height, 0.0), 1.0)
            for x in range(left, right):
                u, v = (x - cx) / radius, (y - cy) / radius
                d = math.sqrt(u * u + v * v)
                cover = min(max((1 - d) * radius * 0.6 + 0.5, 0.0), 1.0) * cut
                if cover <= 0:
                    continue
                facing = u * towards_x + v * towards_y
                side = (x - middle) / half * towards_x
                value = 0.24 + 0.30 * facing + 0.26 * side + 0.68 * rise
                # Three values with soft borders, as a brush would set them.
                t = _plane(value, 0.26) * 0.40 + _plane(value, 0.56) * 0.38 + _plane(value, 0.86) * 0.22
                for c in range(3):
                    pixels[y, x, c] += (shade[c] + (lit[c] - shade[c]) * t - pixels[y, x, c]) * cover
                if cover > 0.5:
                    labels[y, x] = label


@njit(cache=True, fastmath=True)
def _plane(value, border):
    return min(max((value - border) / 0.16 + 0.5, 0.0), 1.0)
