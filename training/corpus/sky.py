"""The sky without its clouds: gradient, glow, sun and moon, stars, northern lights."""

import cv2
import numpy as np

from .light import rgb
from .noise import line, noise
from .spec import Scene
from .surface import COLUMNS, ROWS, XX, YY, S, Surface, mix, smoothstep

GLOW = {"dawn": 0.75, "day": 0.40, "sunset": 0.9, "night": 0.40}
RADIUS = {"dawn": 0.058, "day": 0.048, "sunset": 0.068, "night": 0.052}  # of sun and moon, as fractions of S


def paint_sky(surface: Surface, scene: Scene) -> None:
    """Fills the whole sheet; what stands before the sky covers the rest."""
    _gradient(surface, scene)
    if scene.clouds not in ("overcast", "storm") and "fog" not in scene.weather:
        _glow(surface, scene)
    if "aurora" in scene.weather:
        _aurora(surface, scene)
    if "stars" in scene.weather:
        _stars(surface, scene)
    if scene.disc:
        _disc(surface, scene)


def _gradient(surface: Surface, scene: Scene) -> None:
    rng, palette = scene.rng("sky"), scene.palette
    depth = np.clip(ROWS / (scene.horizon * S), 0, 1)
    half = rng.uniform(0.45, 0.62)
    upper, lower = np.clip(depth / half, 0, 1), np.clip((depth - half) / (1 - half), 0, 1)
    rows = mix(mix(palette.zenith, palette.middle, upper), palette.horizon, smoothstep(0, 1, lower))
    # Broad, faint bands keep the gradient from looking machined.
    np.add(rows[:, None, :], (noise(rng, 2, 6) * 0.012)[..., None], out=surface.pixels, dtype=np.float32)


def _distance(scene: Scene) -> np.ndarray:
    """From the sun or moon, per pixel, as a fraction of S."""
    return np.sqrt((XX / S - scene.sun[0]) ** 2 + (YY / S - scene.sun[1]) ** 2)


def _glow(surface: Surface, scene: Scene) -> None:
    # The glow is wider than high: haze lies along the horizon.
    wide = np.sqrt(((XX / S - scene.sun[0]) / 1.5) ** 2 + (YY / S - scene.sun[1]) ** 2)
    surface.lay(GLOW[scene.time] * np.exp(-((wide / 0.16) ** 1.2)), scene.palette.glow)


def _disc(surface: Surface, scene: Scene) -> None:
    radius, distance = RADIUS[scene.time], _distance(scene)
    disc = smoothstep(radius + 0.002, radius - 0.002, distance)
    if scene.time == "night":
        surface.lay(0.35 * smoothstep(radius * 2.6, radius, distance), scene.palette.glow)
        if scene.moon == "crescent":
            bite = np.sqrt((XX / S - scene.sun[0] - radius * 0.55) ** 2 + (YY / S - scene.sun[1] + radius * 0.25) ** 2)
            disc = disc * smoothstep(radius * 0.92 - 0.002, radius * 0.92 + 0.002, bite)
        surface.lay(disc, rgb("f8f2dc"), "disc")
        return
    surface.lay(0.55 * smoothstep(radius * 2.2, radius * 0.9, distance), scene.palette.glow)
    surface.lay(disc, {"dawn": rgb("fff4d8"), "day": rgb("fffbe4"), "sunset": rgb("ffeaa8")}[scene.time], "disc")


def _stars(surface: Surface, scene: Scene) -> None:
    """Few and large: a star of one pixel would not survive the codec."""
    rng = scene.rng("stars")
    sheet = np.zeros((S, S), np.uint8)
    for _ in range(int(rng.integers(26, 44))):
        at = rng.uniform((6, 6), (S - 6, scene.horizon * S * 0.85))
        size = rng.choice((1.6, 2.3, 3.4), p=(0.5, 0.35, 0.15))
        cv2.circle(
            sheet, np.int32(at * 16).tolist(), int(size * 16), int(255 * rng.uniform(0.7, 1)), -1, cv2.LINE_AA, 4
        )
    surface.lay(sheet.astype(np.float32) / 255, rgb("fff8e4"))


def _aurora(surface: Surface, scene: Scene) -> None:
    """One or two hanging curtains: sharp below, fading upwards, combed by broad rays."""
    rng = scene.rng("aurora")
    low, high = (rgb("48e8a0"), rgb("5c58c8")) if rng.random() < 0.6 else (rgb("5ce0d0"), rgb("b04cb0"))
    for drop in (0.42, 0.72)[: int(rng.integers(1, 3))]:
        foot = scene.horizon * S * (drop + 0.13 * line(rng, 2, 2)) + rng.uniform(-0.12, 0.12) * (COLUMNS - S / 2)
        rise = (foot[None] - ROWS) / (scene.horizon * S * 0.5)
        rays = 0.6 + 0.4 * np.clip(line(rng, 16, 1), -1, 1)
        strength = np.where(rise > 0, np.exp(-rise * 2.4), np.exp(rise * 26)) * rays[None]
        surface.lay_two(np.clip(strength * 0.8, 0, 0.85).astype(np.float32), low, high, smoothstep(0.1, 0.9, rise))
