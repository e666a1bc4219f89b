"""One change to one scene: other clouds, a rainbow, a sun, a path, or an object that was not there."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import cv2
import numpy as np

from . import words
from .captions import Describer, choose
from .compose import Composition
from .painting import Painting
from .place import Group
from .spec import Scene
from .subset import CLOUDS, Subset
from .surface import CELL, GRID, LABEL, S, smoothstep

SOFT_PX = 18  # width of the seam between before and after, inside the part
SEEN = 0.035  # least difference of a channel that counts as changed
SKY_WEATHER = {
    "rainbow": ("few", "many"),
    "stars": ("clear", "few"),
    "aurora": ("clear", "few"),
    "lightning": ("storm",),
}


@dataclass(frozen=True)
class Change:
    """What is different afterwards."""

    before: Scene
    after: Scene
    omit: int | None  # number of the group that is missing before
    in_sky: bool
    attribute: str
    describe: Callable[[Describer], tuple[str, ...]]


def choose_change(scene: Scene, groups: tuple[Group, ...], subset: Subset) -> Change:
    """A change that makes sense in the scene: objects and clouds mostly."""
    rng = scene.rng("change")
    options: list[tuple[float, Change]] = []
    options += [(3.0 / len(groups), _object(scene, group)) for group in groups]
    clouds = [it for it in CLOUDS if it in subset.clouds and it != scene.clouds]
    if clouds and "fog" not in scene.weather:
        options.append((2.5, _clouds(scene, choose(rng, tuple(clouds)))))
    for name, skies in SKY_WEATHER.items():
        if name in subset.weathers and scene.clouds in skies and _in_time(name, scene.time) and scene.back != "falls":
            options.append((0.5, _weather(scene, name)))
    if scene.clouds in ("clear", "few", "many") and "fog" not in scene.weather and scene.sun[1] > 0:
        options.append((0.5, _disc(scene)))
    if scene.ground == "meadow":
        options.append((0.5, _feature(scene, "path")))
        if scene.season in ("spring", "summer"):
            options.append((0.5, _feature(scene, "flowers")))
    if not options:
        options.append((1.0, _clouds(scene, scene.clouds)))
    weights = np.array([weight for weight, _ in options])
    return options[int(rng.choice(len(options), p=weights / weights.sum()))][1]


def _in_time(weather: str, time: str) -> bool:
    if weather in ("stars", "aurora"):
        return time == "night"
    return weather != "rainbow" or time in ("day", "dawn")


def _object(scene: Scene, group: Group) -> Change:
    in_sky = group.kind.habitat == "sky"
    return Change(scene, scene, group.number, in_sky, f"has:{group.kind.name}", lambda it: it.group(group))


def _clouds(scene: Scene, clouds: str) -> Change:
    covered = clouds in ("overcast", "storm")
    weather = scene.weather if clouds == scene.clouds else scene.weather & {"snowfall", "rain"}
    after = replace(scene, clouds=clouds, disc=scene.disc and not covered, weather=frozenset(weather))
    return Change(scene, after, None, True, f"clouds:{clouds}", Describer.sky)


def _weather(scene: Scene, name: str) -> Change:
    before = replace(scene, weather=scene.weather - {name})
    after = replace(scene, weather=scene.weather | {name})
    return Change(before, after, None, True, f"weather:{name}", lambda _: words.WEATHERS[name])


def _disc(scene: Scene) -> Change:
    before, after = replace(scene, disc=False), replace(scene, disc=True)
    attribute = "has:moon" if scene.time == "night" else "has:sun"
    return Change(before, after, None, True, attribute, lambda it: (it.light(),))


def _feature(scene: Scene, name: str) -> Change:
    before = replace(scene, features=scene.features - {name})
    after = replace(scene, features=scene.features | {name})
    return Change(before, after, None, False, f"has:{name}", lambda it: (it.feature(name), it.feature(name)))


def changed_cells(before: Composition, after: Composition, change: Change) -> np.ndarray:
    """The part, bool [24, 24]: cells that differ, with room for the seam; of a change in the sky only those in the sky.

    What the water mirrors of a changed sky stays as it was: only the part is repainted.
    """
    differs = (np.abs(before.pixels - after.pixels).max(-1) > SEEN).astype(np.uint8)
    differs = cv2.dilate(differs, np.ones((15, 15), np.uint8))
    cells = differs.reshape(GRID, CELL, GRID, CELL).mean((1, 3)) > 0.1
    if change.in_sky:
        above = [LABEL[name] for name in ("sky", "cloud", "disc")]
        airy = np.isin(before.labels, above) | np.isin(after.labels, above)
        # The skyline's cells belong to the sky too: a cloud ends behind a peak, not above it.
        cells &= cv2.dilate(airy.astype(np.uint8), np.ones((3, 3), np.uint8)).astype(bool)
        if change.attribute.startswith("clouds:"):
            cells |= airy
    return cells


def blend(before: Painting, after: Painting, cells: np.ndarray) -> Painting:
    """`after` inside the part, `before` outside, and a soft seam on the inner side of the part's border."""
    inside = np.kron(cells, np.ones((CELL, CELL))).astype(np.uint8)
    framed = cv2.copyMakeBorder(inside, 1, 1, 1, 1, cv2.BORDER_REPLICATE)
    from_border = cv2.distanceTransform(framed, cv2.DIST_L2, 5)[1 : S + 1, 1 : S + 1]
    share = smoothstep(0, SOFT_PX, from_border)[..., None]
    mixed = before.pixels + (after.pixels.astype(np.float32) - before.pixels) * share
    pixels = np.where(share > 0, np.round(mixed), before.pixels).astype(np.uint8)
    labels = np.where(cells, after.labels, before.labels)
    return replace(after, pixels=pixels, labels=labels)
