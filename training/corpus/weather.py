"""What falls through the air or hangs in it: rain, snow, lightning, rainbow, fog."""

import cv2
import numpy as np

from .light import rgb
from .noise import noise
from .spec import Scene
from .surface import ROWS, XX, YY, S, Surface, mix, smoothstep

BOW = ("8c5cc8", "3c8cdc", "5cc07c", "f4d84c", "f0843c", "e0403c")  # from the inside out


def paint_rainbow(surface: Surface, scene: Scene) -> None:
    """An arch opposite the sun, its foot behind the land."""
    rng = scene.rng("rainbow")
    x, y = (0.5 + scene.side * rng.uniform(0.0, 0.2)) * S, (scene.horizon + 0.10) * S
    radius, width = S * rng.uniform(0.42, 0.52), S * 0.062
    at = (np.sqrt((XX - x) ** 2 + (YY - y) ** 2) - radius) / width
    stops = np.linspace(0, 1, len(BOW))
    colours = np.stack([rgb(code) for code in BOW])
    bow = np.stack([np.interp(at, stops, colours[:, channel]) for channel in range(3)], -1).astype(np.float32)
    strength = smoothstep(-0.2, 0.12, at) * smoothstep(1.2, 0.88, at)
    surface.lay(np.float32(strength * (0.62 if scene.clouds != "storm" else 0.5)), bow)


def paint_lightning(surface: Surface, scene: Scene) -> None:
    """One forked bolt with a halo, from the clouds to the land."""
    rng = scene.rng("lightning")
    bolt = np.zeros((S, S), np.uint8)
    start, end = np.array((S * rng.uniform(0.25, 0.75), S * 0.10)), S * scene.horizon
    _strike(bolt, rng, start, end, 6)
    core = bolt.astype(np.float32) / 255
    surface.lay(np.clip(cv2.GaussianBlur(core, (0, 0), 16) * 2.0, 0, 0.65), rgb("b8b4f4"))
    surface.lay(core, rgb("fffcf0"))


def _strike(bolt: np.ndarray, rng: np.random.Generator, start: np.ndarray, end: float, width: int) -> None:
    at, points = start, [start]
    while at[1] < end:
        at = at + (rng.uniform(-26, 26), rng.uniform(20, 38))
        points.append(at)
        if width > 4 and rng.random() < 0.25:
            _strike(bolt, rng, at, min(end, at[1] + 90), width - 3)
    cv2.polylines(bolt, [np.int32(np.array(points) * 16)], False, 255, width, cv2.LINE_AA, 4)


def paint_rain(surface: Surface, scene: Scene) -> None:
    """Slanting curtains rather than drops: these survive at a distance."""
    rng = scene.rng("rain")
    streaks = noise(rng, 44, 3, 2)
    slant = scene.side * rng.uniform(0.2, 0.4)
    warp = np.float32([[1, slant, -slant * S / 2], [0, 1, 0]])
    streaks = cv2.warpAffine(streaks, warp, (S, S), borderMode=cv2.BORDER_REFLECT)
    strength = smoothstep(0.05, 0.75, streaks) * smoothstep(0.15, 0.5, ROWS / S) * 0.34
    surface.lay(np.float32(strength), mix(scene.light.haze, scene.palette.cloud_lit, 0.4))


def paint_snowfall(surface: Surface, scene: Scene) -> None:
    """Flakes of three sizes."""
    rng = scene.rng("snowfall")
    flakes = np.zeros((S, S), np.uint8)
    for _ in range(170):
        at, size = rng.uniform(0, S, 2), rng.choice((1.8, 2.8, 4.4), p=(0.5, 0.35, 0.15))
        cv2.circle(flakes, np.int32(at * 16).tolist(), int(size * 16), int(rng.uniform(170, 255)), -1, cv2.LINE_AA, 4)
    surface.lay(flakes.astype(np.float32) / 255, lit_flake(scene))


def lit_flake(scene: Scene) -> np.ndarray:
    """Snow in the air takes the light of the whole sky."""
    return mix(np.float32((1, 1, 1)), scene.light.haze, 0.25)


def paint_fog(surface: Surface, scene: Scene) -> None:
    """A veil that lies thickest along the horizon and lets the foreground be."""
    rng = scene.rng("fog")
    drift = noise(rng, 2, 7, 2)
    thick = np.exp(-(((ROWS / S - scene.horizon + 0.03) / 0.20) ** 2)) * (0.80 + 0.22 * drift)
    surface.lay(np.float32(np.clip(thick, 0, 0.88)), mix(scene.light.haze, np.float32(1), 0.12))
