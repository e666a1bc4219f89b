"""What stands, floats and flies in a landscape: `KINDS`, by name.

`kind` says what an object is; `shapes`, `colours` and `canvas` are what they are drawn with.
"""

from .animals import ANIMALS
from .boats import BOATS
from .buildings import BUILDINGS
from .flying import FLYING
from .kind import Kind, Sprite
from .people import PEOPLE
from .things import THINGS
from .trees import TREES

__all__ = ["KINDS", "Kind", "Sprite"]

KINDS: dict[str, Kind] = {kind.name: kind for kind in (*ANIMALS, *BOATS, *BUILDINGS, *FLYING, *PEOPLE, *THINGS, *TREES)}
