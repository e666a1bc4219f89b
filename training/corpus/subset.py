"""Which part of the corpus's world is painted: a small network had better know few things well."""

import json
from dataclasses import dataclass, field
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
    object_cells: dict[str, tuple[int, int]] = field(default_factory=dict)  # kind → least and greatest height in cells
    groups: tuple[float, ...] = (0.1, 0.48, 0.3, 0.12)  # chance of 0, 1, 2 … groups of objects in a picture

    def __post_init__(self) -> None:
        whole = {
            "times": TIMES, "seasons": SEASONS, "clouds": CLOUDS, "weathers": WEATHERS, "terrains": TERRAINS,
            "kinds": tuple(KINDS), "manners": MANNERS,
        }  # fmt: skip
        for name, known in whole.items():
            unknown = set(getattr(self, name)) - set(known)
            if unknown:
                raise ValueError(f"Unknown {name} in the subset: {', '.join(sorted(unknown))}")
        if abs(sum(self.groups) - 1) > 1e-6 or min(self.groups) < 0:
            raise ValueError(f"The chances of numbers of groups are no distribution: {self.groups}")
        strangers = set(self.object_cells) - set(self.kinds)
        if strangers:
            raise ValueError(f"Heights of kinds that are not in the subset: {', '.join(sorted(strangers))}")

    @classmethod
    def all(cls) -> "Subset":
        """Everything there is."""
        return cls()

    @classmethod
    def from_file(cls, path: str | Path) -> "Subset":
        """Reads a JSON object of lists (of `object_cells`, an object); what it does not mention is whole."""
        values = json.loads(Path(path).read_text())
        cells = {kind: tuple(heights) for kind, heights in values.pop("object_cells", {}).items()}
        return cls(object_cells=cells, **{name: tuple(it) for name, it in values.items()})

    @classmethod
    def named(cls, name: str) -> "Subset":
        """One of those in the folder `subsets`."""
        return cls.from_file(FOLDER / f"{name}.json")
