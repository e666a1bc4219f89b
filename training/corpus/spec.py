"""What is in a scene, decided before a brush is lifted.

`sample` draws a `Scene` that makes sense (no stars by day, no dunes in the snow) from a seed and a subset. Painting a
scene is a function of it alone; each layer draws its own chance with `Scene.rng`, so that two scenes that differ in
one thing have all else in common.
"""

import zlib
from dataclasses import dataclass

import numpy as np

from .light import Light, Palette, choose_palette, light_of
from .subset import Subset

# What may stand behind a terrain's ground, and how often.
BACKS: dict[str, dict[str, float]] = {
    "lake": {"mountains": 0.45, "hills": 0.2, "woods": 0.35},
    "river": {"mountains": 0.4, "hills": 0.35, "woods": 0.25},
    "sea": {"open": 0.75, "headland": 0.25},
    "beach": {"open": 0.5, "headland": 0.3, "hills": 0.2},
    "coast": {"cliffs": 1},
    "islands": {"isles": 1},
    "mountains": {"mountains": 1},
    "hills": {"hills": 1},
    "forest": {"woods": 1},
    "meadow": {"hills": 0.45, "woods": 0.3, "mountains": 0.25},
    "fields": {"hills": 0.7, "woods": 0.3},
    "village": {"village": 1},
    "city": {"city": 1},
    "desert": {"dunes": 0.7, "mesas": 0.3},
    "canyon": {"mesas": 1},
    "waterfall": {"falls": 1},
}

# What the ground in front is; terrains not named here have a meadow.
GROUNDS = {
    "lake": "lake", "river": "river", "sea": "sea", "beach": "beach", "coast": "sea", "islands": "sea",
    "fields": "fields", "desert": "dunes", "canyon": "canyon", "waterfall": "pool",
}  # fmt: skip

COVER = {"clear": 0.0, "few": 0.0, "many": 0.12, "overcast": 0.75, "storm": 0.9}
FLOWERS = {
    "red": "d8342c",
    "yellow": "f4cc3c",
    "purple": "8c5cb8",
    "white": "f8f4ec",
    "blue": "4c78cc",
    "pink": "ec94b4",
}
FOLIAGE = {"spring": "7ea448", "summer": "5c8c3c", "autumn": "b08c3c", "winter": "e8eef4"}


@dataclass(frozen=True)
class Scene:
    """A landscape in words and numbers. Lengths are fractions of the picture's side."""

    seed: int
    manner: str
    time: str
    season: str
    clouds: str
    weather: frozenset[str]
    terrain: str
    back: str
    ground: str
    features: frozenset[str]  # "path", "flowers", "snowcaps", "frame", "bank"
    flower: str  # a key of FLOWERS
    horizon: float
    side: int  # −1: the heavy masses are on the left; 1: on the right
    disc: bool  # whether sun or moon is seen
    sun: tuple[float, float]  # where it is; above the picture when it is not seen
    moon: str  # "full" | "crescent"
    palette: Palette
    light: Light
    groups: tuple["Wish", ...]
    most_groups: int = 0  # how many of them are granted

    def rng(self, layer: str) -> np.random.Generator:
        """Chance for one layer."""
        return np.random.default_rng([self.seed, zlib.crc32(layer.encode())])

    @property
    def watery(self) -> bool:
        """Whether most of the ground is water."""
        return self.ground in ("lake", "sea", "pool")


@dataclass(frozen=True)
class Wish:
    """A kind of object that the scene would like; `place.py` finds out whether and where there is room."""

    habitat: str
    kind: str
    number: int  # tells the groups of a scene apart


def pick(rng: np.random.Generator, weights: dict[str, float], allowed: tuple[str, ...] | None = None) -> str:
    """One key, by weight; of the allowed ones if they are given (by equal weight if none has any)."""
    keys = [key for key in weights if allowed is None or key in allowed]
    if not keys:
        keys = list(allowed)
    chances = np.array([weights.get(key, 1.0) for key in keys])
    return keys[int(rng.choice(len(keys), p=chances / chances.sum()))]


def sample(seed: int, subset: Subset, kinds: dict) -> Scene:
    """A scene that makes sense; `kinds` are the objects that the subset allows, by name."""
    rng = np.random.default_rng([seed, 1])
    terrain = str(rng.choice(subset.terrains))
    time = pick(rng, {"dawn": 0.2, "day": 0.34, "sunset": 0.26, "night": 0.2}, subset.times)
    season = _season(rng, terrain, subset)
    clouds = pick(rng, {"clear": 0.24, "few": 0.27, "many": 0.27, "overcast": 0.1, "storm": 0.12}, subset.clouds)
    back, ground = pick(rng, BACKS[terrain]), GROUNDS.get(terrain, "meadow")
    if terrain == "city":
        ground = pick(rng, {"sea": 0.6, "meadow": 0.4})
    horizon = _horizon(rng, back, ground)
    side = int(rng.choice((-1, 1)))
    disc = clouds not in ("overcast", "storm") and bool(rng.random() < (0.75 if clouds == "clear" else 0.55))
    sun = _sun(rng, time, horizon, side, disc)
    weather = _weather(rng, time, season, clouds, terrain, subset)
    if "fog" in weather:
        disc = False
    palette = choose_palette(rng, time, max(COVER[clouds], 0.6 if "fog" in weather else 0))
    scene = Scene(
        seed=seed,
        manner=str(rng.choice(subset.manners)),
        time=time,
        season=season,
        clouds=clouds,
        weather=weather,
        terrain=terrain,
        back=back,
        ground=ground,
        features=_features(rng, terrain, back, ground, season),
        flower=str(rng.choice(list(FLOWERS))),
        horizon=horizon,
        side=side,
        disc=disc,
        sun=sun,
        moon="crescent" if rng.random() < 0.45 else "full",
        palette=palette,
        light=light_of(palette, time, season, sun),
        groups=(),
    )
    return _with_wishes(rng, scene, subset, kinds)


def _season(rng: np.random.Generator, terrain: str, subset: Subset) -> str:
    if terrain in ("desert", "canyon", "beach") and "summer" in subset.seasons:
        return "summer"
    return pick(rng, {"spring": 0.2, "summer": 0.36, "autumn": 0.24, "winter": 0.2}, subset.seasons)


def _horizon(rng: np.random.Generator, back: str, ground: str) -> float:
    """Never in the middle: a third of ground, or a third of sky where the land has much to tell."""
    if back in ("falls", "city"):
        return float(rng.uniform(0.62, 0.72))
    if back == "open":
        return float(rng.choice((rng.uniform(0.40, 0.46), rng.uniform(0.58, 0.68))))
    if ground in ("river", "fields", "dunes", "canyon"):
        return float(rng.uniform(0.46, 0.58))
    return float(rng.uniform(0.52, 0.66))


def _sun(rng: np.random.Generator, time: str, horizon: float, side: int, disc: bool) -> tuple[float, float]:
    """On the third away from the heavy masses; low at dawn and sunset."""
    x = 0.5 - side * rng.uniform(0.08, 0.34)
    if time in ("dawn", "sunset"):
        return float(x), float(horizon - rng.uniform(0.07, 0.22))
    if disc:
        return float(x), float(rng.uniform(0.10, 0.24))
    return float(0.5 - side * rng.uniform(0.4, 0.8)), float(rng.uniform(-0.5, -0.1))


def _weather(
    rng: np.random.Generator, time: str, season: str, clouds: str, terrain: str, subset: Subset
) -> frozenset[str]:
    chances = {}
    if clouds == "storm":
        chances = {"rain": 0.45, "lightning": 0.4}
    if clouds in ("overcast", "many"):
        chances = {"rain": 0.15, "fog": 0.3 if clouds == "overcast" else 0.06}
    if clouds in ("few", "many", "storm") and time in ("day", "dawn") and terrain != "waterfall":
        chances["rainbow"] = 0.14
    if clouds in ("clear", "few") and time == "night":
        chances = {"stars": 0.85, "aurora": 0.3}
    if clouds == "clear" and time == "dawn":
        chances = {"fog": 0.2}
    if season == "winter" and clouds in ("overcast", "many"):
        chances = {"snowfall": 0.4}
    drawn = {name for name, chance in chances.items() if rng.random() < chance}
    if time == "night":
        drawn -= {"fog"}
    if "fog" in drawn:
        drawn = {"fog"}
    if "rain" in drawn:
        drawn -= {"rainbow"}
    if terrain in ("desert", "canyon"):
        drawn -= {"snowfall", "fog"}
    return frozenset(drawn & set(subset.weathers))


def _features(rng: np.random.Generator, terrain: str, back: str, ground: str, season: str) -> frozenset[str]:
    chances = {"frame": 0.3}
    if ground == "meadow":
        chances["path"] = 0.5 if terrain != "city" else 0.3
        chances["flowers"] = {"spring": 0.5, "summer": 0.45}.get(season, 0) + (0.35 if terrain == "meadow" else 0)
        if season in ("autumn", "winter"):
            chances["flowers"] = 0
    if back == "mountains":
        chances["snowcaps"] = 1.0 if season == "winter" else 0.6
    if ground == "lake":
        chances["bank"] = 0.65
    return frozenset(name for name, chance in chances.items() if rng.random() < chance)


def _with_wishes(rng: np.random.Generator, scene: Scene, subset: Subset, kinds: dict) -> Scene:
    """Asks for one focal object mostly, now and then for one or two more of other habitats."""
    from dataclasses import replace

    habitats = ["land"] if not scene.watery else ["water", "water", "shore", "land"]
    if scene.ground in ("beach", "river"):
        habitats = ["land", "shore", "water"]
    habitats += ["sky", "foreground"]
    rng.shuffle(habitats)
    number = int(rng.choice(len(subset.groups), p=subset.groups))
    # Large objects often find no room: then another kind may have its place.
    tried = len(habitats) if subset.object_cells and number else number
    wishes, taken = [], set()
    for habitat in dict.fromkeys(habitats):
        fitting = [
            kind.name
            for kind in kinds.values()
            if kind.habitat == habitat
            and kind.name not in taken
            and scene.time in kind.times
            and scene.season in kind.seasons
            and fits(kind.name, scene)
        ]
        if fitting and len(wishes) < tried:
            wishes.append(Wish(habitat, str(rng.choice(fitting)), len(wishes)))
            taken.add(wishes[-1].kind)
    return replace(scene, groups=tuple(wishes), most_groups=number)


# Kinds that only some terrains can bear; all others go wherever their habitat is.
ONLY_IN = {
    "palm": ("beach", "desert", "islands", "sea"),
    "cactus": ("desert", "canyon"),
    "camel": ("desert",),
    "snowman": ("mountains", "hills", "forest", "meadow", "village", "lake", "fields"),
    "haystack": ("fields", "meadow", "hills"),
    "lighthouse": ("sea", "coast", "islands", "beach"),
    "ship": ("sea", "coast", "islands", "beach", "city"),
    "street lamp": ("city", "village", "meadow"),
    "jetty": ("lake", "sea", "river", "islands"),
    "bridge": ("river", "lake"),
}
NOT_IN_SAND = {
    "cow", "sheep", "deer", "pine", "oak", "birch", "cypress", "bush", "haystack", "church", "farmhouse", "windmill",
    "fence", "street lamp", "snowman", "swan",
}  # fmt: skip


def fits(kind: str, scene: Scene) -> bool:
    """Whether a kind of object belongs into the terrain and weather."""
    if kind in ONLY_IN and scene.terrain not in ONLY_IN[kind]:
        return False
    if kind in NOT_IN_SAND and scene.terrain in ("desert", "canyon", "beach"):
        return False
    if kind in ("balloon", "kite") and (scene.clouds == "storm" or "rain" in scene.weather):
        return False
    return not (kind == "swan" and scene.ground == "sea")
