"""Land that stands behind the ground: hills, woods, dunes and mesas."""

import math

import cv2
import numpy as np

from .light import rgb
from .noise import jagged, line
from .piles import pile
from .spec import Scene
from .surface import COLUMNS, LABEL, ROWS, S, Surface, below, mix, smoothstep
from .tone import SAND, SNOW, grass, leaves, lit, needles, shaded


def sunny_side(scene: Scene) -> float:
    """−1 where the light comes from the left, 1 where it comes from the right."""
    return 1.0 if scene.light.towards[0] > 0 else -1.0


def roll(scene: Scene, top: np.ndarray, depth: float) -> np.ndarray:
    """How much light falls on rolling land below the line `top`, 0..1 [S, S]: slopes to the sun, and crests."""
    slope = np.gradient(cv2.GaussianBlur(top[None], (0, 0), 6)[0]) * sunny_side(scene)
    crest = np.exp(-np.clip((ROWS - top[None]) / depth, 0, 9))
    return (0.28 - 1.6 * slope[None] + 0.5 * crest).astype(np.float32)


def paint_hills(surface: Surface, scene: Scene) -> None:
    """Rolling hills in planes, woods in patches on the middle ones."""
    rng = scene.rng("hills")
    count = 3 + int(rng.integers(2))
    for near in range(count):
        far = 0.66 * (1 - near / (count - 1)) ** 1.2 + 0.04
        base = mix(grass(scene), rgb("7c9cb4"), 0.45 * far)
        rise = 0.17 if scene.terrain == "hills" else 0.11
        top = S * (scene.horizon - rise * (1 - near / (count - 1)) + 0.015)
        top = top - S * (0.03 + 0.035 * far) * line(rng, rng.uniform(1.4, 2.6), 2, 0.3)
        share = roll(scene, top, S * 0.06)
        surface.lay_two(below(top), shaded(scene, base, far), lit(scene, base, far), share, _hill_label(scene))
        if 0 < near < count - 1:
            _copses(surface, scene, rng, top, far)


def _hill_label(scene: Scene) -> str:
    return "snow" if scene.season == "winter" else "hill"


def _copses(surface: Surface, scene: Scene, rng: np.random.Generator, top: np.ndarray, far: float) -> None:
    """Round clumps of trees along a hill's flank."""
    base = leaves(scene)
    size = S * 0.028 * (1.15 - far)
    for _ in range(int(rng.integers(2, 5))):
        x = rng.uniform(0, S)
        for step in range(int(rng.integers(2, 6))):
            at = x + step * size * 1.25
            if not 0 <= at < S:
                continue
            foot = top[int(at)] + S * 0.028 + rng.uniform(0, 0.008) * S
            balls = [
                (at, foot - size * 0.8, size * rng.uniform(0.8, 1.1)),
                (at + size * 0.4, foot - size * 0.5, size * 0.8),
            ]
            dark, light = shaded(scene, base * 0.8, far), lit(scene, base, far)
            pile(surface, balls, (foot, size * 2), dark, light, scene.light.towards, "forest")


def paint_woods(surface: Surface, scene: Scene) -> None:
    """The edge of a forest: rows of trees, the nearest largest; conifers, broad trees or both."""
    rng = scene.rng("woods")
    mixture = broad_share(scene, rng)
    deep = scene.terrain == "forest"
    rows = 4 if deep else 3
    for near in range(rows):
        far = 0.62 * (1 - near / (rows - 1)) + 0.03
        tall = S * (0.10 + 0.075 * near) * (1.25 if deep else 0.72)
        foot = S * scene.horizon + 5 + (S * 0.02 * near if deep else 0) + 3 * line(rng, 3, 2)
        gap = scene.side * -0.22 + 0.5 if deep else None  # A clearing lets the eye in.
        tree_row(surface, scene, rng, foot, tall, far, mixture, gap if near else None)


def broad_share(scene: Scene, rng: np.random.Generator) -> float:
    """Share of broad trees in a wood: most in autumn, for their colour; none in winter, when they are bare."""
    if scene.season == "winter":
        return 0.0
    return float(rng.choice((1.0, 0.6) if scene.season == "autumn" else (0.0, 0.0, 1.0, 0.5)))


def paint_near_trees(surface: Surface, scene: Scene) -> None:
    """Trees that stand on the ground before the forest's edge, left and right of the clearing."""
    rng = scene.rng("near trees")
    mixture = broad_share(scene, scene.rng("woods"))
    clearing = 0.5 - scene.side * 0.22
    trees = []
    for _ in range(11):
        depth = rng.uniform(0.02, 0.30)
        out = rng.uniform(0.20 + 0.5 * depth, 0.75)
        x = clearing + rng.choice((-1, 1)) * out
        trees.append((scene.horizon + depth * (1 - scene.horizon), x, rng.uniform(0.85, 1.15)))
    for y, x, size in sorted(trees):
        near = (y - scene.horizon) / (1 - scene.horizon)
        tall = S * (0.30 + 0.75 * near) * size
        place, far = (x * S, y * S, tall), 0.05
        dark = np.exp(-(((COLUMNS - x * S) / (tall * 0.24)) ** 2))[None] * np.exp(
            -(((ROWS - y * S) / (tall * 0.03)) ** 2)
        )
        surface.shade(np.float32(dark * 0.5), scene.light.fill)
        (_crown if rng.random() < mixture else _conifer)(surface, scene, rng, place, far)


def tree_row(
    surface: Surface,
    scene: Scene,
    rng: np.random.Generator,
    foot: np.ndarray,
    tall: float,
    far: float,
    broad: float,
    gap: float | None = None,
) -> None:
    """A row of trees on the line `foot`, `tall` pixels high; `broad`: share of broad ones; `gap`: x left open, 0..1."""
    brush = foot - tall * (0.15 + 0.06 * line(rng, 18, 2))
    skirt = below(brush) * np.clip(foot[None] - ROWS + 0.5, 0, 1)
    if gap is not None:
        skirt *= smoothstep(0.07, 0.16, np.abs(COLUMNS / S - gap))[None]
    base = needles(scene) if broad < 0.5 else leaves(scene) * 0.7
    surface.lay(np.float32(skirt), mix(shaded(scene, base, far), lit(scene, base, far), 0.3), "forest")
    x = -tall * 0.2
    trees = []
    while x < S + tall * 0.2:
        if gap is None or abs(x / S - gap) > 0.12:
            trees.append((x, tall * rng.uniform(0.7, 1.2), rng.random() < broad))
        x += tall * rng.uniform(0.26, 0.48)
    for x, height, is_broad in sorted(trees, key=lambda tree: -tree[1]):
        y = float(foot[int(np.clip(x, 0, S - 1))]) + 1
        if is_broad:
            _crown(surface, scene, rng, (x, y, height * 0.85), far)
        else:
            _conifer(surface, scene, rng, (x, y, height * 1.1), far)


def _crown(surface: Surface, scene: Scene, rng: np.random.Generator, place: tuple, far: float) -> None:
    """A round crown on a short trunk: a dozen masses of leaves, the high ones at the back."""
    x, y, height = place
    base = leaves(scene) * rng.uniform(0.85, 1.1)
    trunk = height * 0.045
    box = (int(x - trunk - 2), int(y - height * 0.5), int(2 * trunk + 5), int(height * 0.5 + 2))
    corners = np.array(
        [(x - trunk, y), (x - trunk * 0.7, y - height * 0.4), (x + trunk * 0.7, y - height * 0.4), (x + trunk, y)]
    )
    _fill(surface, corners, shaded(scene, rgb("5c4434"), far), box)
    balls = []
    for up, out, size in zip(
        np.linspace(0.86, 0.30, 13), rng.uniform(-0.9, 0.9, 13), rng.uniform(0.11, 0.17, 13), strict=True
    ):
        half = 0.30 * math.sin(math.pi * (up - 0.16) / 0.86) ** 0.6
        balls.append((x + height * half * out, y - height * up, height * size))
    pile(
        surface,
        balls,
        (y, height),
        shaded(scene, base * 0.7, far),
        lit(scene, base, far),
        scene.light.towards,
        "forest",
    )


def _conifer(surface: Surface, scene: Scene, rng: np.random.Generator, place: tuple, far: float) -> None:
    """Tiers of branches; the half towards the sun is lit."""
    x, y, height = place
    base = needles(scene) * rng.uniform(0.85, 1.15)
    half = height * rng.uniform(0.17, 0.23)
    tiers = 4
    outline = [(0.0, -height)]
    for tier in range(1, tiers + 1):
        reach = half * tier / tiers
        outline += [
            (reach, -height * (1 - tier / tiers) - height * 0.02),
            (reach * 0.62, -height * (1 - tier / tiers) - height * 0.05),
        ]
    right = np.array(outline)
    box = (int(x - half - 2), int(y - height - 2), int(2 * half + 5), int(height + 4))
    whole = np.concatenate([right, right[::-1] * (-1, 1)]) + (x, y)
    lean = sunny_side(scene)
    light_half = np.concatenate([right * (lean, 1), [(-0.1 * half * lean, 0), (-0.1 * half * lean, -height * 0.6)]]) + (
        x,
        y,
    )
    _fill(surface, whole, shaded(scene, base, far), box)
    _fill(surface, light_half, lit(scene, mix(base, SNOW, 0.72) if scene.season == "winter" else base * 1.1, far), box)


def _fill(surface: Surface, points: np.ndarray, colour: np.ndarray, box: tuple[int, int, int, int]) -> None:
    """Fills a polygon of forest within a small box (x, y, width, height)."""
    left, top = max(0, box[0]), max(0, box[1])
    right, bottom = min(S, box[0] + box[2]), min(S, box[1] + box[3])
    if left >= right or top >= bottom:
        return
    mask = np.zeros((bottom - top, right - left), np.uint8)
    cv2.fillPoly(mask, [np.int32((points - (left, top)) * 16)], 255, cv2.LINE_AA, 4)
    share = (mask.astype(np.float32) / 255)[..., None]
    patch = surface.pixels[top:bottom, left:right]
    patch += (colour - patch) * share
    surface.labels[top:bottom, left:right][mask > 127] = LABEL["forest"]


def paint_dunes(surface: Surface, scene: Scene) -> None:
    """Dunes with a sharp crest each: one side in the light, the other in shadow."""
    rng = scene.rng("dunes")
    depths = (0.0, 0.12, 0.30, 0.56, 0.85) if scene.back == "dunes" else (0.02, 0.34, 0.66)
    for near, depth in enumerate(depths):
        far = 0.5 * (1 - near / (len(depths) - 1)) ** 1.4
        level = S * mix(scene.horizon, 1.0, depth)
        tall = S * (0.07 + 0.10 * depth) * rng.uniform(0.8, 1.2)
        peak = (0.5 + (scene.side if near % 2 else -scene.side) * rng.uniform(0.1, 0.32)) * S
        away = (COLUMNS - peak) / (S * rng.uniform(0.34, 0.5))
        top = level - tall * np.exp(-(np.abs(away) ** 1.35) * 1.5) - 4 * line(rng, 2, 1)
        # The crest runs from the peak towards the viewer in a long bow.
        run = np.clip((ROWS - (level - tall)) / (S * (0.16 + 0.25 * depth)), 0, 1.6)
        bow = peak + rng.choice((-1, 1)) * S * 0.16 * np.sin(run * 2.4) + scene.side * 0.12 * S * run**2
        across = (COLUMNS[None] - bow) * sunny_side(scene)
        share = smoothstep(-2, 3, across) * (0.95 - 0.25 * run) + 0.15 * run
        base = SAND * (0.97 - 0.06 * near)
        surface.lay_two(below(top), shaded(scene, base * 0.88, far), lit(scene, base, far), np.float32(share), "sand")


def paint_mesas(surface: Surface, scene: Scene) -> None:
    """Flat-topped rocks with layers, on a skirt of rubble; larger and redder the nearer they are."""
    rng = scene.rng("mesas")
    big = 1.0 if scene.terrain == "canyon" else 0.62
    for near in range(3):
        far = 0.6 - 0.26 * near
        foot = S * (scene.horizon + 0.012 + 0.03 * near)
        top = np.full(S, foot, np.float32)
        for place in rng.permutation(3)[:2] if near < 2 else (0 if scene.side < 0 else 2,):
            middle = (place * 0.42 + 0.08 + rng.uniform(-0.1, 0.1)) * S
            half = S * rng.uniform(0.08, 0.17) * (1.0 + 0.35 * near)
            tall = S * big * (0.15 + 0.09 * near) * rng.uniform(0.8, 1.2)
            out = np.abs(COLUMNS - middle) - half
            profile = np.where(
                out < 0, tall, np.where(out < tall * 0.10, tall * 0.8, tall * 0.42 - (out - tall * 0.1) * 0.55)
            )
            top = np.minimum(top, foot - np.clip(profile, 0, tall))
        top = cv2.GaussianBlur(top[None], (0, 0), 1.2)[0] + jagged(rng, 30, 2) * 2.0
        _layered_rock(surface, scene, rng, top, foot, far)


def _layered_rock(
    surface: Surface, scene: Scene, rng: np.random.Generator, top: np.ndarray, foot: float, far: float
) -> None:
    red, pale = rgb("c07048"), rgb("e0a874")
    band = np.interp(np.arange(S), np.arange(0, S + 24, 13), rng.random(len(range(0, S + 24, 13)))).astype(np.float32)
    band = smoothstep(0.4, 0.6, band)
    columns = np.repeat(rng.random(S // 9 + 1), 9)[:S] * 0.55
    slope = np.gradient(cv2.GaussianBlur(top[None], (0, 0), 9)[0]) * sunny_side(scene)
    share = np.clip(0.42 - 0.9 * slope + columns - 0.25, 0, 1)[None] * np.ones((S, 1))
    share = smoothstep(0.25, 0.7, cv2.GaussianBlur(np.float32(share), (0, 0), 2.0))
    inside = below(top) * np.clip(foot - ROWS + 0.5, 0, 1)
    surface.lay_two(inside, shaded(scene, red * 0.85, far), lit(scene, red, far), share, "mountain")
    layers = inside * np.repeat(band[:, None], S, 1) * 0.55
    surface.lay_two(np.float32(layers), shaded(scene, pale * 0.9, far), lit(scene, pale, far), share)
