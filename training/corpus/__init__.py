"""The corpus: landscapes painted by rule, each with captions, attributes, labels per cell, and parts to repaint.

Reading order: `light` and `spec` (what is in a scene), `surface` and `noise` (the sheet), `sky` to `weather` (one file
per kind of thing in a landscape), `objects/` and `place` (what stands in it, and where), `compose` (back to front),
`manners` (the finish), `words` and `captions` (what is said about it), `pairs` (one change to one scene).
Everything follows from a seed.
"""

from dataclasses import replace

import cv2
import numpy as np

from .captions import Describer, attributes_of, vocabulary
from .compose import Composition, compose
from .manners import finish
from .objects import KINDS
from .painting import ATTRIBUTES, FEATURES, Painting, Part
from .pairs import blend, changed_cells, choose_change
from .parts import parts_of
from .spec import Scene, sample
from .subset import Subset
from .surface import LABELS, OBJECT

__all__ = ["ATTRIBUTES", "LABELS", "OBJECT", "Corpus", "Painting", "Part", "Subset"]

cv2.setNumThreads(1)  # Pictures are painted by one process per core.


class Corpus:
    """Paints pictures of what a subset allows."""

    def __init__(self, subset: Subset) -> None:
        self.subset = subset
        self.kinds = {name: replace(KINDS[name], cells=subset.object_cells.get(name)) for name in subset.kinds}

    def paint(self, seed: int) -> Painting:
        """The picture of a seed."""
        scene = sample(seed, self.subset, self.kinds)
        return self._painting(scene, compose(scene, self.kinds))

    def pair(self, seed: int) -> tuple[Painting, Painting, Part]:
        """One scene before and after a change; outside of the part, both are the same to the last bit."""
        scene = sample(seed, self.subset, self.kinds)
        whole = compose(scene, self.kinds)
        change = choose_change(scene, whole.groups, self.subset)
        before = (
            whole if change.before is scene and change.omit is None else compose(change.before, self.kinds, change.omit)
        )
        after = whole if change.after is scene else compose(change.after, self.kinds)
        cells = changed_cells(before, after, change)
        describer = Describer(change.after, after.groups, np.random.default_rng([seed, 2]))
        part = Part(cells, change.describe(describer), change.attribute)
        groups = tuple(group for group in before.groups if group.number != change.omit)
        first = self._painting(change.before, before, groups)
        second = self._painting(change.after, after)
        return first, blend(first, second, cells), part

    def attributes(self) -> list[str]:
        """Those of ATTRIBUTES that a picture can have."""
        subset = self.subset
        allowed = {
            "time": subset.times, "season": subset.seasons, "clouds": subset.clouds, "weather": subset.weathers,
            "terrain": subset.terrains, "manner": subset.manners, "has": (*FEATURES, *subset.kinds),
        }  # fmt: skip
        parted = ((it, *it.split(":", 1)) for it in ATTRIBUTES)
        return [it for it, group, value in parted if group not in allowed or value in allowed[group]]

    def vocabulary(self) -> list[str]:
        """Every word that captions may use, sorted."""
        return vocabulary(self.subset, self.kinds)

    def _painting(self, scene: Scene, composition: Composition, groups: tuple | None = None) -> Painting:
        groups = composition.groups if groups is None else groups
        describer = Describer(scene, groups, scene.rng("captions"))
        pixels = finish(scene.manner, composition.pixels, scene.rng("finish"))
        return Painting(
            pixels,
            composition.labels,
            describer.captions(),
            attributes_of(scene, groups),
            parts_of(scene, composition, groups, describer),
        )
