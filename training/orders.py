"""The orders in which cells are painted. An order is int64 [576], a permutation of cell indices (row · 24 + column)."""

import cv2
import numpy as np

from training.config import CELLS, GRID

ROWS = np.arange(CELLS)
MIX = {"rows": 0.30, "composed": 0.20, "random": 0.20, "mask": 0.22, "outline": 0.08}
INSIDE_MIX = {"rows": 0.55, "composed": 0.2, "random": 0.25}  # in which order the cells of a mask come
Y, X = np.divmod(ROWS, GRID)


def draw(rng: np.random.Generator, kind: str | None = None) -> np.ndarray:
    """One of MIX."""
    kind = kind or str(rng.choice(list(MIX), p=list(MIX.values())))
    if kind == "rows":
        return ROWS
    if kind == "random":
        return rng.permutation(CELLS)
    if kind == "mask":
        return inside_last(blob(rng), rng)
    return composed(rng) if kind == "composed" else outline(rng)


def composed(rng: np.random.Generator) -> np.ndarray:
    """Every fourth cell of each fourth row, by chance; then the rest in rows, which know what lies ahead."""
    return np.lexsort((np.where(anchors(), rng.random(CELLS), ROWS), ~anchors()))


def anchors() -> np.ndarray:
    """The cells that come first in a composed picture, bool [576]: every fourth of each fourth row."""
    return (Y % 4 == 1) & (X % 4 == 1)


def outline(rng: np.random.Generator) -> np.ndarray:
    """Every fourth cell of each fourth row, every second of each second, then the rest; within these by chance."""
    level = np.where(anchors(), 0, np.where((Y % 2 == 1) & (X % 2 == 1), 1, 2))
    return np.lexsort((rng.random(CELLS), level))


def inside_last(mask: np.ndarray, rng: np.random.Generator | None = None) -> np.ndarray:
    """What is outside `mask` (bool [576]) row by row, then what is inside."""
    order = ROWS if rng is None else draw(rng, str(rng.choice(list(INSIDE_MIX), p=list(INSIDE_MIX.values()))))
    return np.concatenate([ROWS[~mask], order[mask[order]]])


def blob(rng: np.random.Generator) -> np.ndarray:
    """Cells to be painted, bool [576], never none: a rectangle, an ellipse, or hills of smooth noise."""
    kind = rng.random()
    if kind < 0.4:
        height, width = rng.integers(2, 15, 2)
        top, left = rng.integers(0, GRID - height + 1), rng.integers(0, GRID - width + 1)
        mask = (top <= Y) & (top + height > Y) & (left <= X) & (left + width > X)
    elif kind < 0.7:
        (y, x), (height, width) = rng.uniform(0, GRID, 2), rng.uniform(2, 8, 2)
        mask = ((Y - y) / height) ** 2 + ((X - x) / width) ** 2 < 1
    else:
        noise = rng.standard_normal((5, 5)).astype(np.float32)
        noise = cv2.resize(noise, (GRID, GRID), interpolation=cv2.INTER_CUBIC).ravel()
        mask = noise > np.quantile(noise, rng.uniform(0.3, 0.9))
    return mask if mask.any() else np.ones(CELLS, bool)


def around(cells: np.ndarray, n: int, rng: np.random.Generator) -> np.ndarray:
    """The `n` cells that are nearest to the middle of `cells`, or nearly: bool [576]."""
    y, x = Y[cells].mean(), X[cells].mean()
    distance = np.hypot(Y - y, X - x) + rng.uniform(0, 2, CELLS)
    mask = np.zeros(CELLS, bool)
    mask[np.argsort(distance)[:n]] = True
    return mask


def ragged(cells: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """`cells` (bool [576]) as an artist would brush over them: never less, often more, with uneven borders."""
    grown = cells.reshape(GRID, GRID).astype(np.uint8)
    for _ in range(int(rng.integers(0, 3))):
        wider = cv2.dilate(grown, np.ones((3, 3), np.uint8))
        keep = rng.random((GRID, GRID)) < rng.uniform(0.4, 1.0)
        grown = np.where(keep, wider, grown)
    return grown.ravel().astype(bool)
