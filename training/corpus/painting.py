"""What the corpus hands out: a painting with all that is known about it."""

from dataclasses import dataclass

import numpy as np

from .light import SEASONS, TIMES
from .manners import MANNERS
from .objects import KINDS
from .subset import CLOUDS, TERRAINS, WEATHERS
from .words import BACKS

# What a scene may have beside its objects.
FEATURES = ("sun", "moon", "path", "flowers")

# What the judge learns to see, as `group:value`. Of time, season, clouds, terrain and manner a picture has exactly one.
ATTRIBUTES: tuple[str, ...] = (
    *(f"time:{it}" for it in TIMES),
    *(f"season:{it}" for it in SEASONS),
    *(f"clouds:{it}" for it in CLOUDS),
    *(f"terrain:{it}" for it in TERRAINS),
    *(f"manner:{it}" for it in MANNERS),
    *(f"weather:{it}" for it in WEATHERS),
    *(f"back:{it}" for it in (*BACKS, "snowcaps")),
    *(f"has:{it}" for it in (*FEATURES, *sorted(KINDS))),
    *(f"count:{it}" for it in ("one", "two", "three", "few", "many")),
    *(f"place:{it}" for it in ("left", "middle", "right")),
)


@dataclass(frozen=True)
class Part:
    """Something in a painting that can be repainted on its own."""

    cells: np.ndarray  # bool [24, 24]
    captions: tuple[str, ...]  # region prompts: "many clouds", "a lighthouse on the left"
    attribute: str  # the one of ATTRIBUTES that says whether it is there


@dataclass(frozen=True)
class Painting:
    """A picture and what is in it."""

    pixels: np.ndarray  # uint8 [576, 576, 3]
    labels: np.ndarray  # uint8 [24, 24], index into LABELS
    captions: tuple[str, ...]  # three different ones
    attributes: frozenset[str]  # of ATTRIBUTES
    parts: tuple[Part, ...]
