"""Rock that stands in or over water: cliffs, headlands, islands, and a waterfall."""

import cv2
import numpy as np

from .land import broad_share, sunny_side, tree_row
from .light import rgb
from .noise import jagged, line, noise
from .spec import Scene
from .surface import COLUMNS, ROWS, S, Surface, below, mix, smoothstep
from .tone import grass, lit, rock, shaded
from .water import mirror


def faces(rng: np.random.Generator, width: int, scene: Scene) -> np.ndarray:
    """Upright planes of rock: light per column (S,), in a few values; `width` of a plane in pixels."""
    steps = np.repeat(rng.choice((0.05, 0.35, 0.75, 1.0), S // width + 2), width)
    shift = int(rng.integers(width))
    return steps[shift : shift + S].astype(np.float32)


def rock_wall(
    surface: Surface, scene: Scene, rng: np.random.Generator, top: np.ndarray, foot: np.ndarray, cap: float, far: float
) -> np.ndarray:
    """Rock between two lines, with a cap of grass `cap` pixels thick; returns its mask."""
    stone = rock(scene)
    inside = np.float32(below(top) * np.clip(foot[None] - ROWS + 0.5, 0, 1))
    planes = faces(rng, max(10, int(30 * (1 - far))), scene)
    lean = noise(rng, 3, 3, 1) * 7
    share = cv2.remap(
        np.repeat(planes[None], S, 0),
        COLUMNS[None] + lean + (ROWS - S / 2) * 0.25,
        np.zeros((S, S), np.float32) + ROWS,
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REFLECT,
    )
    deep = np.clip((ROWS - top[None]) / np.maximum(foot - top, 1)[None], 0, 1)
    surface.lay_two(
        inside,
        shaded(scene, stone * 0.85, far),
        lit(scene, stone * 1.12, far),
        np.float32(share * (1 - 0.45 * deep)),
        "mountain",
    )
    turf = top + cap * (0.7 + 0.5 * jagged(rng, 26, 2))
    green = np.float32(inside * np.clip(turf[None] - ROWS + 0.5, 0, 1))
    surface.lay(green, lit(scene, grass(scene), far), "hill" if scene.season != "winter" else "snow")
    return inside


def paint_headland(surface: Surface, scene: Scene) -> None:
    """A far tongue of land on the heavy side, low and pale."""
    rng = scene.rng("headland")
    across = COLUMNS / S if scene.side > 0 else 1 - COLUMNS / S
    for far, start, tall in ((0.62, 0.35, 0.07), (0.42, 0.6, 0.09)):
        rise = smoothstep(start, start + 0.3, across)
        top = S * (scene.horizon + 0.004 - tall * rise) - 3 * line(rng, 6, 2) * rise + 4 * (rise <= 0)
        base = mix(grass(scene), rock(scene), 0.4)
        share = 0.4 + 0.5 * smoothstep(0.03, 0.0, (ROWS - top[None]) / S) * np.ones((1, S))
        surface.lay_two(below(top), shaded(scene, base, far), lit(scene, base, far), np.float32(share), "hill")


def paint_cliffs(surface: Surface, scene: Scene) -> None:
    """Three headlands one before the other, falling into the sea on the heavy side; painted on the water."""
    rng = scene.rng("cliffs")
    across = COLUMNS / S if scene.side > 0 else 1 - COLUMNS / S
    for near, (start, tall, low) in enumerate(((0.30, 0.15, 0.012), (0.50, 0.25, 0.05), (0.70, 0.36, 0.15))):
        far = 0.5 - 0.22 * near
        edge = start + rng.uniform(-0.04, 0.04)
        drop = smoothstep(edge - 0.015, edge + 0.055, across)
        slope = 0.75 + 0.25 * smoothstep(edge, 1.0, across)
        top = S * (scene.horizon + low - tall * slope * drop) + 5 * jagged(rng, 12, 2) * drop
        foot = np.where(drop > 0.02, S * (scene.horizon + low + 0.012 * near) + 3 * jagged(rng, 20, 2), 0)
        mask = rock_wall(surface, scene, rng, np.float32(top), np.float32(foot), 10 + 14 * near, far)
        level = S * (scene.horizon + low + 0.012 * near)
        mirror(surface, mask, level, scene, 0.5)
        ends = np.exp(-np.abs(ROWS - level - 1) / (2 + 2 * near)) * np.float32(across > edge - 0.03)[None]
        surface.lay(np.float32(ends * 0.8 * (line(rng, 18, 2) > -0.3)[None]), lit(scene, rgb("f8fafc"), 0.1))


def paint_isles(surface: Surface, scene: Scene) -> None:
    """Islands of rock with trees on them at several distances; painted on the water."""
    rng = scene.rng("isles")
    broad = broad_share(scene, rng)
    places = [(-0.30, 0.02, 0.11), (0.02, 0.05, 0.13), (0.28, 0.13, 0.24)]
    for near, (at, low, half) in enumerate(places):
        far = 0.46 - 0.19 * near
        middle, half = S * (0.5 + scene.side * at + rng.uniform(-0.05, 0.05)), S * half * rng.uniform(0.85, 1.1)
        level, tall = S * (scene.horizon + low), half * rng.uniform(0.22, 0.34)
        out = np.clip(np.abs(COLUMNS - middle) / half, 0, 1)
        bump = (1 - out**3) * np.float32(out < 1)
        top = level - tall * bump * (0.75 + 0.3 * jagged(rng, 9, 2)) - 2 * bump
        foot = np.where(out < 1, level, 0)
        before = surface.labels.copy()
        trees = np.where(out < 0.78, top + 4, -S)
        tree_row(surface, scene, rng, np.float32(trees), half * 0.55, far, broad)
        rock_wall(surface, scene, rng, np.float32(top), np.float32(foot), tall * 0.3, far)
        mirror(surface, np.float32(surface.labels != before), level, scene, 0.6)


def paint_falls(surface: Surface, scene: Scene) -> None:
    """A wall of rock with trees on it, and a fall of white water off the middle."""
    rng = scene.rng("falls")
    at = S * (0.5 - scene.side * rng.uniform(0.02, 0.16))
    foot = scene.horizon * S + 4
    lip = S * rng.uniform(0.24, 0.30)
    away = np.abs(COLUMNS - at) / S
    top = np.float32(lip - S * 0.10 * smoothstep(0.06, 0.22, away) + 6 * jagged(rng, 9, 2) + 0.03 * S * line(rng, 2, 1))
    tree_row(surface, scene, rng, top + 8, S * 0.15, 0.4, broad_share(scene, rng), at / S)
    rock_wall(surface, scene, rng, top, np.full(S, foot, np.float32), 14, 0.14)
    half = S * rng.uniform(0.045, 0.075)
    spread = half * (1 + 0.5 * np.clip((ROWS - lip) / (foot - lip), 0, 1) ** 2)
    body = (
        np.clip(spread - np.abs(COLUMNS[None] - at) + 0.5, 0, 1)
        * smoothstep(lip - 3, lip + 3, ROWS)
        * np.float32(foot + 2 > ROWS)
    )
    strands = noise(rng, 44, 2, 1)
    white, blue = (
        lit(scene, rgb("fcfeff"), 0.05),
        mix(shaded(scene, rgb("d8ecf4"), 0.1), lit(scene, rgb("b8d8e8")), 0.4),
    )
    surface.lay_two(
        np.float32(body),
        blue,
        white,
        smoothstep(-0.5, 0.25, strands + 0.3 * sunny_side(scene) * (COLUMNS[None] - at) / half),
        "water",
    )
    mist = np.exp(-(((COLUMNS[None] - at) / (half * 2.6)) ** 2) - ((ROWS - foot) / (S * 0.05)) ** 2)
    surface.lay(np.float32(mist * 0.85), mix(white, scene.light.haze, 0.3))
