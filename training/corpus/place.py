"""Finds room for objects: reads the labels of the painted land, and puts each group where its kind may stand."""

from dataclasses import dataclass

import numpy as np

from .objects import Kind
from .spec import Scene, Wish
from .surface import CELL, LABEL, S

STANDS_ON = {
    "sky": ("sky", "cloud"),
    "water": ("water",),
    "land": ("grass", "sand", "snow", "hill"),
    "shore": ("grass", "sand", "snow", "hill"),
    "foreground": ("grass", "sand", "snow"),
}
BEHIND_WATER = ("mountains", "hills", "woods")  # backs whose foot is a far shore to stand on
ON_ROCKS = ("cliffs", "isles")  # backs whose tops may bear things
TRIES = 90
TRIES_PER_COUNT = 20  # large objects: then there is one less of them
MOST_WHOLE = 3  # large objects in a group
FARTHEST_WHOLE = 0.6  # how far away kinds stand that are told their height in cells: near and middle ground


@dataclass(frozen=True)
class Group:
    """Objects of one kind that stand together. Lengths in pixels."""

    kind: Kind
    number: int  # tells the groups of a scene apart
    colour: str | None
    spots: tuple[tuple[float, float, int], ...]  # x and y of the foot, and height; far ones first
    far: float  # 0 near, 1 at the horizon
    place: str  # "left" | "middle" | "right"

    @property
    def count(self) -> int:
        """How many objects there are."""
        return len(self.spots)


def place_groups(scene: Scene, labels: np.ndarray, kinds: dict[str, Kind]) -> tuple[Group, ...]:
    """Grants the scene's wishes where there is room; what does not fit is left out."""
    taken: list[tuple[float, float, float, float]] = []
    groups = []
    for wish in scene.groups:
        if len(groups) == scene.most_groups:
            break
        group = _place(scene, labels, kinds[wish.kind], wish, taken)
        if group is not None:
            groups.append(group)
            taken += [_box(spot, wish.habitat) for spot in group.spots]
    return tuple(groups)


def _place(
    scene: Scene, labels: np.ndarray, kind: Kind, wish: Wish, taken: list[tuple[float, float, float, float]]
) -> Group | None:
    rng = scene.rng(f"place {wish.number}")
    colour = str(rng.choice(kind.colours)) if kind.colours else None
    count = int(rng.choice(kind.counts))
    if kind.cells:
        count = min(count, MOST_WHOLE)
    for attempt in range(TRIES):
        if kind.cells and attempt % TRIES_PER_COUNT == TRIES_PER_COUNT - 1:
            count = max(1, count - 1)
        x, y = _spot(rng, scene, wish.habitat)
        far = _far(scene, wish.habitat, y)
        if kind.cells and far > FARTHEST_WHOLE:
            continue
        tall = _height(rng, kind, far, count)
        spots = _cluster(rng, (x, y), tall, count, wish.habitat, kind.cells[0] * CELL if kind.cells else 0)
        if all(_free(scene, labels, wish.habitat, spot, taken) for spot in spots):
            middle = float(np.mean([spot[0] for spot in spots])) / S
            place = "left" if middle < 0.39 else "right" if middle > 0.61 else "middle"
            return Group(kind, wish.number, colour, tuple(sorted(spots, key=lambda it: it[1])), far, place)
    return None


def _height(rng: np.random.Generator, kind: Kind, far: float, count: int) -> float:
    """In pixels; of one of some, smaller. Kinds that are told their height in cells keep it at any distance."""
    if kind.cells:
        least, most = kind.cells
        return rng.uniform(least, most if count == 1 else (least + most) / 2) * CELL
    tall = rng.uniform(*kind.heights) * S / 512 * (1 - 0.35 * far)
    return tall * 0.85 if count > 1 else tall


def _spot(rng: np.random.Generator, scene: Scene, habitat: str) -> tuple[float, float]:
    """A place to try, in pixels; near the thirds rather than anywhere."""
    x = rng.choice((0.22, 0.36, 0.64, 0.78, 0.5), p=(0.2, 0.24, 0.24, 0.2, 0.12)) + rng.normal(0, 0.06)
    sky, ground = scene.horizon, 1 - scene.horizon
    if habitat == "sky":
        y = rng.uniform(0.16, 0.68) * sky
    elif habitat == "foreground":
        x = rng.choice((rng.uniform(0.06, 0.22), rng.uniform(0.78, 0.94)))
        y = rng.uniform(0.94, 0.99)
    elif habitat == "water":
        y = sky + ground * rng.uniform(0.10, 0.72)
    elif scene.watery and scene.back in ON_ROCKS:
        y = rng.uniform(sky - 0.25, sky + 0.05)
    elif scene.watery and scene.back in BEHIND_WATER and rng.random() < 0.5:
        y = sky + 0.004
    else:
        y = sky + ground * rng.uniform(0.16, 0.85)
    return float(x * S), float(y * S)


def _far(scene: Scene, habitat: str, y: float) -> float:
    if habitat == "sky":
        return 0.25
    near = (y / S - scene.horizon) / (0.72 * (1 - scene.horizon))
    return float(np.clip(1 - near, 0, 1))


def _cluster(
    rng: np.random.Generator, at: tuple[float, float], tall: float, count: int, habitat: str, least: int
) -> list[tuple[float, float, int]]:
    """Spots round the first one: side by side, a little staggered, no two alike in size, none below `least` pixels."""
    spots = []
    step = tall * (0.85 if habitat in ("land", "foreground", "shore") else 1.05)
    for idx in range(count):
        x = at[0] + (idx - (count - 1) / 2) * step * rng.uniform(0.8, 1.1)
        y = at[1] + (rng.uniform(-0.3, 0.3) if habitat == "sky" else rng.uniform(-0.05, 0.16)) * tall * (count > 1)
        spots.append((float(x), float(y), max(least, round(tall * rng.uniform(0.82, 1.08)))))
    return spots


def _box(spot: tuple[float, float, int], habitat: str) -> tuple[float, float, float, float]:
    """Left, top, right and bottom, roughly."""
    x, y, height = spot
    bottom = y + height * 0.5 if habitat == "sky" else y
    return x - height * 0.4, bottom - height, x + height * 0.4, bottom


def _free(
    scene: Scene,
    labels: np.ndarray,
    habitat: str,
    spot: tuple[float, float, int],
    taken: list[tuple[float, float, float, float]],
) -> bool:
    """Whether the spot is inside, on the right ground, and not over another group."""
    x, y, height = spot
    margin = height * (0.1 if habitat == "foreground" else 0.32)
    box = _box(spot, habitat)
    if not (margin < x < S - margin and -0.1 * height < box[1] and box[3] < S - 2):
        return False
    if any(box[0] < other[2] and other[0] < box[2] and box[1] < other[3] and other[1] < box[3] for other in taken):
        return False
    on_far_shore = scene.watery and abs(y - scene.horizon * S) < 4
    if on_far_shore and habitat in ("land", "shore") and scene.back in BEHIND_WATER:
        return True
    allowed = [LABEL[name] for name in STANDS_ON[habitat]]
    feet = [(int(np.clip(x + dx * height, 0, S - 1)), int(np.clip(y + 1, 0, S - 1))) for dx in (-0.18, 0, 0.18)]
    return all(labels[foot_y, foot_x] in allowed for foot_x, foot_y in feet)
