"""A small drawing surface for one object: outlines are filled with flat colour, larger than life, then shrunk.

Objects are drawn as if the light came from the right; the canvas mirrors them when it comes from the left.
What looks somewhere, rather than being lit from somewhere, asks for `faces` and turns with that instead.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from .colours import LAMPLIGHT, PANE, Colour, Tones
from .kind import Sprite
from .shapes import Outline, ribbon

if TYPE_CHECKING:
    from training.corpus.light import Light

# No stroke is thinner, in pixels of the sprite: the codec's cells of 32 px would lose it.
THINNEST_PX = 2.6
# Shade is never so near to light that a flat shape loses its form.
SHADE = 0.84


class Canvas:
    """Draws in object units (see `shapes`): the height of the object is 1, its foot is the origin."""

    def __init__(
        self,
        height: int,
        light: Light,
        reach: float = 1.0,
        top: float = 1.15,
        bottom: float = 0.15,
        faces: int | None = None,
    ) -> None:
        """`reach` is the room to either side, `top` and `bottom` the room above and below the foot, in units.

        `faces` is 1 for an object that looks right and −1 for one that looks left; None: it turns to the light.
        """
        self.light = light
        self.mirror = faces or (1 if light.towards[0] >= 0 else -1)
        self.toward_light = 1 if (light.towards[0] >= 0) == (self.mirror > 0) else -1
        self.finest = THINNEST_PX / height
        self._oversampling = 2 if height > 110 else 3
        self._scale = height * self._oversampling
        self._origin = np.array((np.ceil(reach * height), np.ceil(top * height))) * self._oversampling
        rows, columns = (int(np.ceil((top + bottom) * height)), 2 * int(np.ceil(reach * height)))
        self._rgba = np.zeros((rows * self._oversampling, columns * self._oversampling, 4), np.float32)
        self._glows: list[tuple[float, float, float, Colour, float]] = []

    # -- light

    @property
    def lamps_on(self) -> bool:
        """Whether it is dark enough for lamps."""
        return self.light.time in ("night", "sunset")

    @property
    def snowy(self) -> bool:
        """Whether snow lies on things."""
        return self.light.season == "winter"

    def tones(self, colour: Colour) -> Tones:
        """What the light of the scene makes of a material."""
        lit = colour * self.light.key
        dark = np.minimum(colour * self.light.fill, lit * SHADE)
        return Tones(lit, (lit + dark) / 2, dark)

    # -- shapes

    def fill(self, shape: Outline, colour: Colour, inside: Outline | None = None, to: Colour | None = None) -> None:
        """Fills `shape`, or its part `inside` another; with `to`, blends from `colour` above to `to` below."""
        points = self._pixels(shape)
        if inside is None and to is None:
            cv2.fillPoly(self._rgba, [points], (*map(float, colour), 1.0))
            return
        (x, y, w, h), (rows, columns) = cv2.boundingRect(points), self._rgba.shape[:2]
        x0, y0, x1, y1 = max(x, 0), max(y, 0), min(x + w, columns), min(y + h, rows)
        if x0 >= x1 or y0 >= y1:
            return
        stencil = np.zeros((y1 - y0, x1 - x0), np.uint8)
        cv2.fillPoly(stencil, [points - (x0, y0)], 1)
        if inside is not None:
            other = np.zeros_like(stencil)
            cv2.fillPoly(other, [self._pixels(inside) - (x0, y0)], 1)
            stencil &= other
        where = stencil.astype(bool)
        down = np.linspace(0, 1, y1 - y0, dtype=np.float32)[:, None, None]
        flat = np.broadcast_to(colour + ((colour if to is None else to) - colour) * down, (*stencil.shape, 3))
        window = self._rgba[y0:y1, x0:x1]
        window[where, :3] = flat[where]
        window[where, 3] = 1.0

    def form(self, shape: Outline, colour: Colour, turn: tuple[float, float] = (0.35, 0.15)) -> None:
        """A rounded mass in three values: shade stays on the far side, over `turn` (shares of its width and height)."""
        lit, half, dark = self.tones(colour)
        size = np.ptp(shape, axis=0)
        step = size * turn * (self.toward_light, 1)
        self.fill(shape, dark)
        self.fill(shape + step * 0.5, half, inside=shape)
        self.fill(shape + step, lit, inside=shape)

    def line(self, points: Outline, width: float, colour: Colour, end: float | None = None) -> None:
        """A stroke along an open line, from `width` to `end` wide, but never too fine to be seen."""
        start, end = max(width, self.finest), max(width if end is None else end, self.finest)
        self.fill(ribbon(np.asarray(points, np.float64), start, end), colour)

    def glow(self, x: float, y: float, radius: float, strength: float = 0.6, colour: Colour = LAMPLIGHT) -> None:
        """Light that spreads over the object and the air about it, fading out at `radius`."""
        self._glows.append((x, y, radius, colour, strength))

    def window(self, shape: Outline, lamps: bool = True) -> None:
        """A pane: dark by day, lamplight with a halo after sunset."""
        if not (self.lamps_on and lamps):
            self.fill(shape, PANE * self.light.fill)
            return
        self.fill(shape, LAMPLIGHT)
        (x, y), size = shape.mean(0), np.ptp(shape, axis=0).max()
        self.glow(x, y, 2.2 * size, 0.4)

    # -- result

    def sprite(self, foot: tuple[float, float] = (0.0, 0.0)) -> Sprite:
        """Shrinks the drawing to its true size and crops it; `foot` is where it stands, in units."""
        premultiplied = cv2.resize(
            self._rgba, None, fx=1 / self._oversampling, fy=1 / self._oversampling, interpolation=cv2.INTER_AREA
        )
        alpha = premultiplied[..., 3].copy()
        rgb = premultiplied[..., :3] / np.maximum(alpha, 1e-4)[..., None]
        for glow in self._glows:
            rgb, alpha = self._with_glow(rgb, alpha, *glow)
        columns, rows = np.flatnonzero(alpha.max(0) > 0.004), np.flatnonzero(alpha.max(1) > 0.004)
        crop = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        x, y = self._position(foot) / self._oversampling
        return Sprite(
            np.clip(rgb[crop], 0, 1), np.ascontiguousarray(alpha[crop]), (float(x - columns[0]), float(y - rows[0]))
        )

    def _with_glow(
        self, rgb: np.ndarray, alpha: np.ndarray, x: float, y: float, radius: float, colour: Colour, strength: float
    ) -> tuple[np.ndarray, np.ndarray]:
        """Lays a disc of light over the sprite."""
        cx, cy = self._position((x, y)) / self._oversampling
        rows, columns = np.ogrid[: alpha.shape[0], : alpha.shape[1]]
        distance = np.sqrt((columns - cx) ** 2 + (rows - cy) ** 2) / (radius * self._scale / self._oversampling)
        disc = (strength * np.clip(1 - distance, 0, 1) ** 2).astype(np.float32)
        total = disc + alpha * (1 - disc)
        share = (disc / np.maximum(total, 1e-4))[..., None]
        return rgb + (colour - rgb) * share, total

    def _position(self, points: Outline | tuple[float, float]) -> np.ndarray:
        """From object units to pixels of the enlarged drawing."""
        return np.asarray(points, np.float64) * (self.mirror * self._scale, -self._scale) + self._origin

    def _pixels(self, shape: Outline) -> np.ndarray:
        return np.round(self._position(shape)).astype(np.int32)
