"""What an object is: its picture (`Sprite`), and what captions and scenes need to know about it (`Kind`)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    pass

ALL_TIMES = ("dawn", "day", "sunset", "night")
ALL_SEASONS = ("spring", "summer", "autumn", "winter")


@dataclass(frozen=True)
class Sprite:
    """An object on its own, lit, on nothing."""

    rgb: np.ndarray  # float32 [h, w, 3] in 0..1, not multiplied by alpha
    alpha: np.ndarray  # float32 [h, w] in 0..1
    foot: tuple[float, float]  # pixel (x, y) that stands on the ground or waterline; flying things: their centre


# rng, height in pixels, light, colour by name (None: any) -> sprite
Paint = Callable[..., Sprite]


@dataclass(frozen=True)
class Kind:
    """A kind of object, and where, when and how often it makes sense."""

    name: str
    singular: tuple[str, ...]  # words for captions, without article or colour
    plural: tuple[str, ...]
    habitat: str  # "sky" | "water" | "land" | "shore" | "foreground"
    heights: tuple[int, int]  # least and greatest height in pixels at 512, seen from near
    paint: Paint
    counts: tuple[int, ...] = (1,)
    colours: tuple[str, ...] = ()  # names that `paint` takes and captions may say; empty: it has but one
    seasons: tuple[str, ...] = ALL_SEASONS
    times: tuple[str, ...] = ALL_TIMES
    cells: tuple[int, int] | None = None  # least and greatest height in cells, at any distance, instead of `heights`
