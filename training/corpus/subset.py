"""Which part of the corpus's world is painted: a small network had better know few things well."""

import json
from dataclasses import dataclass
from pathlib import Path

from .light import SEASONS, TIMES
from .manners import MANNERS
from .objects import KINDS

CLOUDS = ("clear", "few", "many", "overcast", "storm")
WEATHERS = ("rain", "lightning", "fog", "rainbow", "snowfall", "stars", "aurora")
TERRAINS = (
    "lake", "river", "sea", "beach", "coast", "islands", "mountains", "hills", "forest", "meadow", "fields",
    "village", "city", "desert", "canyon", "waterfall",
)  # fmt: skip

FOLDER = Path(__file__).parent / "subsets"


@dataclass(frozen=True)
class Subset:
    """What may be painted; everything else is left out of pictures, captions and vocabulary."""

    times: tuple[str, ...] = TIMES
    seasons: tuple[str, ...] = SEASONS
    clouds: tuple[str, ...] = CLOUDS
    weathers: tuple[str, ...] = WEATHERS
    terrains: tuple[str, ...] = TERRAINS
    kinds: tuple[str, ...] = tuple(sorted(KINDS))
    manners: tuple[str, ...] = MANNERS

    def __post_init__(self) -> None:
        whole = {
            "times": TIMES, "seasons": SEASONS, "clouds": CLOUDS, "weathers": WEATHERS, "terrains": TERRAINS,
            "kinds": tuple(KINDS), "manners": MANNERS,
        }  # fmt: skip
        for name, known in whole.items():
            unknown = set(getattr(self, name)) - set(known)
            if unknown:
                raise ValueError(f"Unknown {name} in the subset: {', '.join(sorted(unknown))}")

    @classmethod
    def all(cls) -> "Subset":
        """Everything there is."""
        return cls()

    @classmethod
    def from_file(cls, path: str | Path) -> "Subset":
        """Reads a JSON object of lists; what it does not mention is whole."""
        lists = json.loads(Path(path).read_text())
        return cls(**{name: tuple(values) for name, values in lists.items()})

    @classmethod
    def named(cls, name: str) -> "Subset":
        """One of those in the folder `subsets`."""
        return cls.from_file(FOLDER / f"{name}.json")
