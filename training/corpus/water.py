"""Water: what stands above it mirrored and broken by ripples, its own colour, and the sun's path."""

import cv2
import numpy as np

from .light import rgb
from .noise import noise
from .spec import Scene
from .surface import LABEL, XX, YY, S, Surface, mix, smoothstep
from .tone import lit

DEEP = {
    "lake": rgb("2c6478"),
    "river": rgb("386c74"),
    "sea": rgb("1c5c84"),
    "pool": rgb("2c7478"),
    "beach": rgb("208c9c"),
}
ROUGH = {"lake": 0.55, "river": 0.5, "sea": 1.1, "pool": 0.9, "beach": 0.9}
CLEAR = {"lake": 0.30, "river": 0.25, "sea": 0.52, "pool": 0.35, "beach": 0.5}  # share of its own colour when near
REACH = 260  # pixels that a reflection may be long


def waterline(scene: Scene) -> int:
    """The row where the water begins, in pixels."""
    return round(scene.horizon * S)


def paint_water(surface: Surface, scene: Scene) -> None:
    """Fills everything below the horizon."""
    start = waterline(scene)
    surface.pixels[start:] = water_picture(surface.pixels, scene)[start:]
    surface.labels[start:] = LABEL["water"]


def water_picture(above: np.ndarray, scene: Scene) -> np.ndarray:
    """What the water shows, [S, S, 3], of the picture above the waterline; empty above it."""
    rng, start = scene.rng("water"), waterline(scene)
    rough = ROUGH[scene.ground] * (1.5 if scene.clouds == "storm" else 1.0)
    xx, depth = XX[start:], YY[: S - start]
    near = depth / (S - start)
    ripple = noise(rng, 3, 34, 2)[start:]
    across = xx + ripple * (3 + 9 * near) * rough
    # Water seen at a slant draws reflections out towards the viewer.
    up = np.abs(start - 1 - depth * 0.9 + ripple * (2 + 11 * near) * rough)
    mirrored = cv2.remap(above[:start], across, up, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    mirrored = cv2.blur(mirrored, (7, 5))
    own = lit(scene, DEEP[scene.ground])
    if scene.season == "winter":
        own = mix(own, scene.light.haze, 0.2)
    share = np.clip(0.16 + CLEAR[scene.ground] * near**0.8 + 0.07 * rough * ripple, 0, 0.85)
    picture = Surface(S - start)
    picture.pixels[:] = mirrored
    picture.lay(share, own)
    _swell(picture, scene, rng, near, rough)
    if scene.disc:
        _sun_path(picture, scene, rng, near)
    # A pale seam where the water meets what lies beyond.
    picture.lay(np.exp(-depth / 1.6) * np.float32(0.35), scene.light.haze)
    return np.concatenate([np.zeros((start, S, 3), np.float32), picture.pixels])


def _swell(picture: Surface, scene: Scene, rng: np.random.Generator, near: np.ndarray, rough: float) -> None:
    """Long flat strokes of light and dark that grow towards the viewer."""
    wave = cv2.remap(noise(rng, 3, 36, 2), XX[: len(near)], S * near**0.55 * np.float32(0.98), cv2.INTER_LINEAR)
    light, dark = mix(scene.palette.horizon, scene.palette.middle, 0.35), picture.pixels[::8, ::8].mean((0, 1)) * 0.45
    picture.lay(smoothstep(0.42, 0.62, wave) * (0.10 + 0.30 * near) * min(rough, 1), light)
    picture.lay(smoothstep(-0.48, -0.66, wave) * (0.06 + 0.28 * near) * min(rough, 1), dark)


def _sun_path(picture: Surface, scene: Scene, rng: np.random.Generator, near: np.ndarray) -> None:
    """Broken bars of light under sun or moon, widening towards the viewer."""
    bars = cv2.remap(noise(rng, 3, 30, 1), XX[: len(near)], S * near**0.6 * np.float32(0.98), cv2.INTER_LINEAR)
    width = S * (0.035 + 0.075 * near) * (0.8 + 0.5 * bars)
    strength = smoothstep(1.15, 0.75, np.abs(XX[: len(near)] - scene.sun[0] * S) / width)
    strength = strength * smoothstep(-0.30 + 0.25 * near, -0.05 + 0.3 * near, bars)
    picture.lay(strength * np.float32(0.9 if scene.time != "day" else 0.65), mix(scene.palette.glow, np.ones(3), 0.15))


def mirror(surface: Surface, mask: np.ndarray, foot: float, scene: Scene, strength: float = 0.6) -> None:
    """Reflects what the mask covers about the row `foot`; for what stands in the water nearer than the waterline."""
    start, end = round(foot), min(S, round(foot) + REACH)
    if end - start < 2:
        return
    rows = YY[start:end]
    ripple = noise(scene.rng(f"mirror {start}"), 2, 40, 1)[start:end] * (2 + 5 * np.clip((rows - foot) / 80, 0, 1))
    up, across = 2 * start - rows + ripple * 0.6, XX[start:end] + ripple
    cover = cv2.remap(mask, across, up, cv2.INTER_LINEAR)
    cover *= (surface.labels[start:end] == LABEL["water"]) * np.clip(1.15 - (rows - foot) / 190, 0.25, 1) * strength
    picture = cv2.remap(surface.pixels, across, up, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    own = lit(scene, DEEP.get(scene.ground, DEEP["lake"]))
    window = surface.pixels[start:end]
    window += (picture * 0.85 + own * 0.15 - window) * cover[..., None]
