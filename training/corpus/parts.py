"""The parts of a painting: its sky, its waters, its land, its sun, and each group of objects."""

import numpy as np

from . import words
from .captions import Describer
from .compose import Composition
from .painting import Part
from .place import Group
from .spec import Scene
from .surface import LABEL

LEAST_CELLS = 6  # for an area; objects and the sun may be smaller


def parts_of(
    scene: Scene, composition: Composition, groups: tuple[Group, ...], describer: Describer
) -> tuple[Part, ...]:
    """All parts that are large enough to be worth repainting."""
    parts = [_area(composition, ("sky", "cloud", "disc"), describer.sky(), f"clouds:{scene.clouds}")]
    if scene.ground in words.WATERS:
        parts.append(_area(composition, ("water",), words.WATERS[scene.ground], f"terrain:{scene.terrain}"))
    if scene.back in words.BACKS:
        back = {"mountains": ("mountain",), "hills": ("hill", "snow"), "woods": ("forest",)}.get(scene.back)
        if back:
            parts.append(_area(composition, back, words.BACKS[scene.back], f"back:{scene.back}"))
    for ground in ("grass", "snow", "sand"):
        parts.append(_area(composition, (ground,), words.GROUNDS[ground], f"terrain:{scene.terrain}"))
    light = describer.light()
    if light:
        cells = np.array(composition.labels == LABEL["disc"])
        parts.append(Part(cells, (light,), "has:moon" if scene.time == "night" else "has:sun") if cells.any() else None)
    for group in groups:
        cells = composition.covers[group.number]
        if cells.any():
            parts.append(Part(cells, describer.group(group), f"has:{group.kind.name}"))
    return tuple(part for part in parts if part is not None)


def _area(composition: Composition, labels: tuple[str, ...], captions: tuple[str, ...], attribute: str) -> Part | None:
    cells = np.isin(composition.labels, [LABEL[name] for name in labels])
    return Part(cells, captions, attribute) if cells.sum() >= LEAST_CELLS else None
