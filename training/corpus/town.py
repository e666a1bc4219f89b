"""Towns: a skyline of towers in three planes, and a village of gabled houses round a church."""

import numpy as np

from .land import paint_hills, sunny_side
from .light import rgb
from .spec import Scene
from .surface import LABEL, ROWS, S, Surface, below, polygon
from .tone import SNOW, grass, ground_label, lit, shaded

WINDOW_GLOW = rgb("ffd070")


def paint_city(surface: Surface, scene: Scene) -> None:
    """Towers, the tallest near the third on the heavy side; windows as blocks, lit in the dark."""
    rng = scene.rng("city")
    foot = scene.horizon * S + 2
    middle = S * (0.5 + 0.2 * scene.side)
    for near in range(3):
        far = 0.62 - 0.25 * near
        x = -20.0
        while x < S:
            width = rng.uniform(26, 54)
            swell = np.exp(-(((x + width / 2 - middle) / (0.25 * S)) ** 2))
            tall = S * (0.09 + 0.05 * (2 - near) + rng.uniform(0.0, 0.08) + swell * rng.uniform(0.05, 0.26))
            _tower(surface, scene, rng, (x, foot, width, tall), far)
            x += width * rng.uniform(1.0, 1.35)


def _tower(surface: Surface, scene: Scene, rng: np.random.Generator, place: tuple, far: float) -> None:
    """`place`: left, foot, width and height in pixels."""
    left, foot, width, tall = place
    base = rgb(str(rng.choice(("a8a4b4", "b8a898", "94a0b0", "b09c9c", "8c98a8"))))
    split = left + width * (0.66 if sunny_side(scene) < 0 else 0.34)
    faces = ((left, split), (split, left + width))
    for idx, (x0, x1) in enumerate(faces):
        sunny = (idx == 1) == (sunny_side(scene) > 0)
        colour = (lit if sunny else shaded)(scene, base, far)
        _block(surface, (x0, foot - tall, x1, foot), colour, "city")
    style = rng.random()
    if style < 0.2:
        tip = [
            (left + width * 0.3, foot - tall),
            (left + width * 0.5, foot - tall * 1.0 - width),
            (left + width * 0.7, foot - tall),
        ]
        surface.lay(polygon(tip), shaded(scene, base, far), "city")
    elif style < 0.5:
        inset = (left + width * 0.2, foot - tall - width * 0.3, left + width * 0.8, foot - tall)
        _block(surface, inset, shaded(scene, base * 1.05, far), "city")
    if far < 0.5:
        _windows(surface, scene, rng, place, shaded(scene, base * 0.7, far))


def _windows(surface: Surface, scene: Scene, rng: np.random.Generator, place: tuple, dark: np.ndarray) -> None:
    left, foot, width, tall = place
    glowing = {"night": 0.6, "sunset": 0.4, "dawn": 0.25, "day": 0.0}[scene.time]
    for y in np.arange(foot - tall + 8, foot - 8, 13):
        for x in np.arange(left + 6, left + width - 8, 11):
            glows = rng.random() < glowing
            if glows or rng.random() < 0.55:
                _block(surface, (x, y, x + 5, y + 7), WINDOW_GLOW if glows else dark)


def _block(
    surface: Surface, box: tuple[float, float, float, float], colour: np.ndarray, label: str | None = None
) -> None:
    """An upright rectangle: left, top, right, bottom in pixels."""
    x0, y0, x1, y1 = (min(max(round(float(edge)), 0), S) for edge in box)
    surface.pixels[y0:y1, x0:x1] = colour
    if label:
        surface.labels[y0:y1, x0:x1] = LABEL[label]


def paint_village(surface: Surface, scene: Scene) -> None:
    """Houses climbing a low hill, far ones first, a steeple above them."""
    paint_hills(surface, scene)
    rng = scene.rng("village")
    middle = S * (0.5 + 0.14 * scene.side)
    top = S * (scene.horizon + 0.01) - 0.07 * S * np.exp(-(((np.arange(S) - middle) / (0.32 * S)) ** 2))
    far_grass = grass(scene)
    surface.lay_two(
        below(top),
        shaded(scene, far_grass, 0.12),
        lit(scene, far_grass, 0.12),
        np.float32(0.8 - (ROWS - top[None]) / S),
        ground_label(scene),
    )
    houses = []
    for row in range(3):
        for x in np.arange(middle - S * 0.30, middle + S * 0.30, 46 + 8 * row) + rng.uniform(-12, 12):
            if 0 <= x < S - 50:
                size = 30 + 9 * row + rng.uniform(-4, 6)
                houses.append((x, top[int(x)] + 4 + 17 * row, size))
    _steeple(surface, scene, (middle, float(top[int(middle)]) + 14, 40.0))
    for x, y, size in houses:
        if rng.random() < 0.85:
            _house(surface, scene, rng, (x, y, size))


def _house(surface: Surface, scene: Scene, rng: np.random.Generator, place: tuple[float, float, float]) -> None:
    """`place`: left and foot, and the width of the longer wall, in pixels. Gable towards the light."""
    x, y, size = place
    wall = rgb(str(rng.choice(("f0e4d0", "e8d4b4", "ece8e0", "d8b898", "e4c8a8"))))
    roof = SNOW if scene.season == "winter" else rgb(str(rng.choice(("b85438", "a0483c", "c46c44", "7c5c58"))))
    high, deep = size * 0.48, size * 0.5
    if sunny_side(scene) < 0:
        gable, long_wall = (x, x + deep), (x + deep, x + deep + size)
    else:
        gable, long_wall = (x + size, x + size + deep), (x, x + size)
    _block(surface, (gable[0], y - high, gable[1], y), lit(scene, wall, 0.1), "city")
    _block(surface, (long_wall[0], y - high, long_wall[1], y), shaded(scene, wall, 0.1), "city")
    ridge = (gable[0] + gable[1]) / 2
    surface.lay(
        polygon([(gable[0], y - high), (ridge, y - high * 1.85), (gable[1], y - high)]), lit(scene, wall, 0.1), "city"
    )
    near, far = (gable[1], long_wall[1]) if sunny_side(scene) < 0 else (gable[0], long_wall[0])
    slope = [(near, y - high + 2), (ridge, y - high * 1.9), (ridge + far - near, y - high * 1.9), (far, y - high + 2)]
    surface.lay(polygon(slope), lit(scene, roof, 0.1) * np.float32(0.9), "city")
    glow = scene.time == "night" or (scene.time in ("dawn", "sunset") and rng.random() < 0.5)
    pane = WINDOW_GLOW if glow else shaded(scene, wall * 0.55, 0.1)
    for along in (0.25, 0.65):
        left = long_wall[0] + size * along
        _block(surface, (left, y - high * 0.7, left + size * 0.14, y - high * 0.25), pane)


def _steeple(surface: Surface, scene: Scene, place: tuple[float, float, float]) -> None:
    x, y, size = place
    wall, roof = rgb("ece4d8"), SNOW if scene.season == "winter" else rgb("5c6478")
    half = size * 0.28
    sun = sunny_side(scene)
    _block(surface, (x - half, y - size * 2, x, y), (lit if sun < 0 else shaded)(scene, wall, 0.1), "city")
    _block(surface, (x, y - size * 2, x + half, y), (lit if sun > 0 else shaded)(scene, wall, 0.1), "city")
    for edge in (-1, 1):
        flank = [(x, y - size * 3.3), (x + edge * half * 1.15, y - size * 1.98), (x, y - size * 1.98)]
        surface.lay(polygon(flank), (lit if edge == sun else shaded)(scene, roof, 0.1), "city")
