"""Water: what stands above it mirrored and broken by ripples, its own colour, and the sun's path."""

import cv2
import numpy as np

from .light import rgb
from .noise import noise
from .spec import Scene
from .surface import ROWS, XX, YY, S, Surface, mix, smoothstep
from .tone import lit

DEEP = {"lake": rgb("2c6478"), "river": rgb("386c74"), "sea": rgb("1c5c84"), "pool": rgb("2c7478"), "beach": rgb("208c9c")}
ROUGH = {"lake": 0.55, "river": 0.5, "sea": 1.1, "pool": 0.9, "beach": 0.9}
CLEAR = {"lake": 0.30, "river": 0.25, "sea": 0.52, "pool": 0.35, "beach": 0.5}  # share of its own colour when near


def waterline(scene: Scene) -> int:
    """The row where the water begins, in pixels."""
    return round(scene.horizon * S)


def paint_water(surface: Surface, scene: Scene) -> None:
    """Fills everything below the horizon."""
    picture = water_picture(surface.pixels, scene)
    surface.lay(np.float32(ROWS >= waterline(scene)) * np.ones((1, S), np.float32), picture, "water")


def water_picture(above: np.ndarray, scene: Scene) -> np.ndarray:
    """What the water shows, [S, S, 3], of the picture above the waterline; of meaning only below it."""
    rng, start = scene.rng("water"), waterline(scene)
    rough = ROUGH[scene.ground] * (1.5 if scene.clouds == "storm" else 1.0)
    near = np.clip((YY - start) / (S - start), 0, 1)
    ripple = noise(rng, 3, 34, 2)
    across = XX + ripple * (3 + 9 * near) * rough
    # Water seen at a slant draws reflections out towards the viewer.
    up = start - 1 - (YY - start) * 0.9 + ripple * (2 + 11 * near) * rough
    up = np.clip(np.where(up < 0, -up, up), 0, start - 1)
    mirrored = cv2.remap(above, np.clip(across, 0, S - 1), up, cv2.INTER_LINEAR)
    mirrored = cv2.blur(mirrored, (7, 5))
    own = lit(scene, DEEP[scene.ground])
    if scene.season == "winter":
        own = mix(own, scene.light.haze, 0.2)
    share = np.clip(0.16 + CLEAR[scene.ground] * near**0.8 + 0.07 * rough * ripple, 0, 0.85)
    picture = mirrored * (1 - share[..., None]) + own * share[..., None]
    _swell(picture, scene, rng, near, rough)
    if scene.disc:
        _sun_path(picture, scene, rng, near)
    # A pale seam where the water meets what lies beyond.
    seam = np.exp(-np.abs(YY - start - 1) / 1.6) * 0.35
    return np.float32(picture + (scene.light.haze - picture) * seam[..., None])


def _swell(picture: np.ndarray, scene: Scene, rng: np.random.Generator, near: np.ndarray, rough: float) -> None:
    """Long flat strokes of light and dark that grow towards the viewer."""
    wave = noise(rng, 4, 24, 2)
    wave = cv2.remap(wave, XX, np.float32(S * near**0.55 * 0.98), cv2.INTER_LINEAR)
    light, dark = mix(scene.palette.horizon, scene.palette.middle, 0.35), picture.mean((0, 1)) * 0.45
    crest = smoothstep(0.42, 0.62, wave) * (0.10 + 0.30 * near) * min(rough, 1)
    trough = smoothstep(-0.48, -0.66, wave) * (0.06 + 0.28 * near) * min(rough, 1)
    picture += (light - picture) * crest[..., None]
    picture += (dark - picture) * trough[..., None]


def _sun_path(picture: np.ndarray, scene: Scene, rng: np.random.Generator, near: np.ndarray) -> None:
    """Broken bars of light under sun or moon, widening towards the viewer."""
    bars = noise(rng, 3, 30, 1)
    bars = cv2.remap(bars, XX, np.float32(S * near**0.6 * 0.98), cv2.INTER_LINEAR)
    width = S * (0.035 + 0.075 * near) * (0.8 + 0.5 * bars)
    strength = smoothstep(1.15, 0.75, np.abs(XX - scene.sun[0] * S) / width)
    strength = strength * smoothstep(-0.30 + 0.25 * near, -0.05 + 0.3 * near, bars)
    bright = 0.9 if scene.time != "day" else 0.65
    picture += (mix(scene.palette.glow, np.float32(1), 0.15) - picture) * (strength * bright)[..., None]


def mirror(surface: Surface, mask: np.ndarray, foot: float, scene: Scene, strength: float = 0.6) -> None:
    """Reflects what the mask covers about the row `foot`; for what stands in the water nearer than the waterline."""
    rng = scene.rng(f"mirror {foot:.0f}")
    ripple = noise(rng, 2, 40, 1) * (2 + 5 * np.clip((YY - foot) / 80, 0, 1))
    up = np.float32(2 * foot - YY + ripple * 0.6)
    across = np.clip(XX + ripple, 0, S - 1)
    cover = cv2.remap(mask, across, up, cv2.INTER_LINEAR) * np.float32(foot <= YY) * (surface.labels == 7)
    if not cover.any():
        return
    picture = cv2.remap(surface.pixels, across, np.clip(up, 0, S - 1), cv2.INTER_LINEAR)
    fade = np.clip(1.15 - (YY - foot) / 190, 0.25, 1) * strength
    surface.lay(np.float32(cover * fade), picture * 0.85 + lit(scene, DEEP.get(scene.ground, DEEP["lake"])) * 0.15)
