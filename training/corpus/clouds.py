"""Clouds: heaps with lit tops and shaded bases that shrink towards the horizon, sheets, streaks, and thunderheads."""

import math

import numpy as np

from .noise import line, noise
from .piles import pile
from .spec import Scene
from .surface import COLUMNS, ROWS, S, Surface, mix, smoothstep


def paint_clouds(surface: Surface, scene: Scene) -> None:
    """Covers the sky as `scene.clouds` says."""
    if scene.clouds == "overcast":
        _sheets(surface, scene)
    elif scene.clouds == "storm":
        _thunder(surface, scene)
    elif scene.clouds in ("few", "many"):
        if scene.rng("cloud kind").random() < (0.3 if scene.time in ("day", "night") else 0.5):
            _bars(surface, scene)
        else:
            _heaps(surface, scene)


def _heaps(surface: Surface, scene: Scene) -> None:
    rng, sky = scene.rng("heaps"), scene.horizon * S
    clouds = []
    # Rows of clouds from the horizon up: each nearer, larger and farther apart. A few clouds leave out most of them.
    rows = (0.80, 0.60, 0.30) if scene.clouds == "few" else (0.88, 0.74, 0.54, 0.26)
    for depth in rows:
        width = S * (0.16 + 0.50 * (1 - depth))
        room = 2.6 if scene.clouds == "few" else 1.0
        x = rng.uniform(-0.9, 0.3) * width
        while x < S + width * 0.3:
            size = width * rng.uniform(0.7, 1.25)
            y = sky * (depth + rng.uniform(-0.05, 0.05))
            clouds.append((x, y, size, size * rng.uniform(0.30, 0.42)))
            x += size * rng.uniform(0.75, 1.35) * room
    haze = mix(scene.palette.horizon, scene.palette.cloud_lit, 0.35)
    for x, y, width, height in clouds:
        far = smoothstep(0.35, 0.95, np.float32(y / sky))
        lit = mix(scene.palette.cloud_lit, haze, 0.55 * far)
        shade = mix(scene.palette.cloud_shade, haze, 0.6 * far)
        _heap(surface, rng, (x, y, width, height), shade, lit, _towards(scene, x, y))


def _towards(scene: Scene, x: float, y: float) -> tuple[float, float]:
    """From a cloud to the light: low suns light clouds from the side, high ones from above."""
    dx, dy = scene.sun[0] * S - x, scene.sun[1] * S - y
    if scene.time in ("day", "night"):
        dx, dy = dx * 0.4, -abs(dy) - 0.5 * S
    else:
        dx, dy = dx * 1.3, dy * 0.45 - 0.28 * S
    length = math.hypot(dx, dy)
    return dx / length, dy / length


def _heap(
    surface: Surface,
    rng: np.random.Generator,
    place: tuple[float, float, float, float],
    shade: np.ndarray,
    lit: np.ndarray,
    towards: tuple[float, float],
) -> None:
    """One cumulus: balls piled on a flat base; `place` is x and y of the base's middle, width and height."""
    x, y, width, height = place
    balls = []
    peak = rng.uniform(-0.35, 0.35)
    second = peak + rng.choice((-1, 1)) * rng.uniform(0.4, 0.7)
    for along in rng.permutation(np.linspace(-0.94, 0.94, 15)):
        top = math.exp(-(((along - peak) / 0.36) ** 2)) * 0.8 + 0.45 * math.exp(-(((along - second) / 0.3) ** 2))
        top = min(top, 1.0) * 0.8 + 0.2 * (1 - along * along)
        radius = height * (0.13 + 0.17 * top) * rng.uniform(0.8, 1.2)
        rise = max(height * 0.92 * top - radius, radius * 0.5)
        balls.append((x + along * width * 0.5, y - rise, radius))
        balls.append((x + along * width * 0.46, y - rise * rng.uniform(0.25, 0.6), radius * 1.2))
    balls.sort(key=lambda ball: ball[1])
    base = float(y + height * 0.05)
    pile(surface, balls, (base, height), shade, lit, towards, "cloud")


def _bars(surface: Surface, scene: Scene) -> None:
    """Long bars of cloud, one under the other, thinner towards the horizon; lit from below by a low sun."""
    rng, sky = scene.rng("bars"), scene.horizon * S
    count = 3 if scene.clouds == "few" else 6
    from_below = scene.time in ("dawn", "sunset")
    for depth in np.linspace(0.16, 0.88, count) + rng.uniform(-0.05, 0.05, count):
        thick = S * (0.085 * (1 - depth) + 0.018) * (1.0 if scene.clouds == "few" else 1.25)
        reach = S * rng.uniform(0.28, 0.6)
        middle = rng.uniform(0.05, 0.95) * S
        bumps = 0.5 + 0.5 * line(rng, 6, 1)
        taper = np.clip(1 - ((COLUMNS - middle) / reach) ** 2, 0, 1)
        y = depth * sky + 0.12 * thick * line(rng, 2, 1)
        top, bottom = y - thick * taper * (0.35 + 0.9 * bumps), y + thick * taper**0.7 * 0.22
        mask = np.clip(ROWS - top + 0.5, 0, 1) * np.clip(bottom - ROWS + 0.5, 0, 1) * (taper > 0.02)
        share = np.clip((ROWS - top) / np.maximum(bottom - top, 1), 0, 1)
        share = smoothstep(0.35, 0.75, share) if from_below else smoothstep(0.7, 0.25, share)
        far = smoothstep(0.4, 0.95, np.float32(depth)) * 0.4
        shade, lit = (
            mix(it, scene.palette.horizon, far) for it in (scene.palette.cloud_shade, scene.palette.cloud_lit)
        )
        surface.lay_two((mask * 0.94).astype(np.float32), shade, lit, share.astype(np.float32), "cloud")


def _sheets(surface: Surface, scene: Scene) -> None:
    """A covered sky: overlapping grey sheets with a lighter rim each, closing up towards the horizon."""
    rng, sky = scene.rng("sheets"), scene.horizon * S
    dark, pale = mix(scene.palette.cloud_shade, scene.palette.zenith, 0.25), scene.palette.cloud_lit * 0.93
    surface.lay(np.full((S, S), 0.9, np.float32), mix(dark, pale, 0.62), "cloud")
    for depth in (0.86, 0.70, 0.52, 0.33, 0.14):
        edge = (depth + 0.10 * line(rng, 3, 3)) * sky
        thick = S * (0.05 + 0.20 * (1 - depth))
        inside = (edge[None] - ROWS) / thick
        mask = np.clip(inside * thick * 0.25 + 0.5, 0, 1) * smoothstep(1.4, 0.5, inside)
        tone = mix(mix(dark, pale, 0.15), mix(dark, pale, 0.8), depth)
        surface.lay_two((mask * 0.9).astype(np.float32), tone, mix(tone, pale, 0.75), smoothstep(0.25, 0.95, inside))


def _thunder(surface: Surface, scene: Scene) -> None:
    """A dark ceiling, a pale gap over the horizon, and towering heaps in front of it."""
    rng, sky = scene.rng("thunder"), scene.horizon * S
    dark = mix(scene.palette.cloud_shade, scene.palette.zenith, 0.4) * np.float32(0.68)
    mid = scene.palette.cloud_shade * np.float32(0.95)
    pale = mix(scene.palette.cloud_lit, scene.palette.horizon, 0.45)
    lower = (0.86 + 0.07 * line(rng, 3, 2)) * sky
    ceiling = smoothstep(6, -22, ROWS - lower[None])
    surface.lay_two(ceiling, dark, mid, smoothstep(0.15, 1.0, ROWS / sky) + 0.25 * noise(rng, 2, 4), "cloud")
    # Three towers at different depths; between them the ceiling stays calm.
    for depth, at, width in (
        (0.80, 0.5 - 0.3 * scene.side, 0.5),
        (0.66, 0.5 + 0.38 * scene.side, 0.8),
        (0.36, 0.5, 1.25),
    ):
        x, size = at + rng.uniform(-0.12, 0.12), S * width * rng.uniform(0.8, 1.1)
        lit = mix(mid, pale, 0.2 + 0.65 * depth * rng.uniform(0.7, 1.1))
        place = (x * S, sky * (depth + rng.uniform(-0.05, 0.05)), size, size * rng.uniform(0.34, 0.44))
        _heap(surface, rng, place, mix(dark, mid, 0.45 * depth), lit, (-0.5 * scene.side, -0.86))
