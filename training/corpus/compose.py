"""The painter's algorithm: a scene from back to front, with its objects, their shadows and reflections."""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from . import land, mountains, shore, town, weather
from .clouds import paint_clouds
from .ground import paint_ground
from .noise import line
from .objects import Kind, Sprite
from .piles import pile
from .place import Group, place_groups
from .sky import paint_sky
from .spec import Scene
from .surface import CELL, GRID, LABEL, S, Surface, mix
from .tone import needles, shaded
from .water import mirror

BACKS: dict[str, Callable[[Surface, Scene], None]] = {
    "mountains": mountains.paint_mountains,
    "hills": land.paint_hills,
    "woods": land.paint_woods,
    "dunes": land.paint_dunes,
    "mesas": land.paint_mesas,
    "city": town.paint_city,
    "village": town.paint_village,
    "headland": shore.paint_headland,
    "falls": shore.paint_falls,
}
IN_THE_WATER: dict[str, Callable[[Surface, Scene], None]] = {"cliffs": shore.paint_cliffs, "isles": shore.paint_isles}


@dataclass(frozen=True)
class Composition:
    """A painted scene before a manner has finished it."""

    pixels: np.ndarray  # float32 [S, S, 3]
    labels: np.ndarray  # uint8 [24, 24]
    groups: tuple[Group, ...]
    covers: dict[int, np.ndarray]  # by a group's number: bool [24, 24], the cells that it can be seen in


def compose(scene: Scene, kinds: dict[str, Kind], omit: int | None = None) -> Composition:
    """Paints the scene; `omit` leaves one group's number out, all else being equal."""
    surface = Surface()
    _paint_air(surface, scene)
    if scene.back in BACKS:
        BACKS[scene.back](surface, scene)
        _wooded_foot(surface, scene)
    behind = surface.pixels.copy()
    _paint_land(surface, scene)
    groups = place_groups(scene, surface.labels, kinds)
    shown = [group for group in groups if group.number != omit]
    covers = {}
    ashore = [group for group in shown if _on_far_shore(scene, group)]
    if ashore:
        # What stands on the far shore must be there before the water that mirrors it.
        surface.pixels[:] = behind
        for group in ashore:
            covers[group.number] = _paint_group(surface, scene, group)
        _paint_land(surface, scene)
    if "fog" in scene.weather:
        weather.paint_fog(surface, scene)
    for group in sorted((it for it in shown if it not in ashore), key=lambda it: it.spots[-1][1]):
        covers[group.number] = _paint_group(surface, scene, group)
    if "frame" in scene.features:
        _frame(surface, scene)
    if "rain" in scene.weather:
        weather.paint_rain(surface, scene)
    if "snowfall" in scene.weather:
        weather.paint_snowfall(surface, scene)
    return Composition(np.clip(surface.pixels, 0, 1), surface.cells(), groups, covers)


def _paint_air(surface: Surface, scene: Scene) -> None:
    paint_sky(surface, scene)
    paint_clouds(surface, scene)
    if "rainbow" in scene.weather:
        weather.paint_rainbow(surface, scene)
    if "lightning" in scene.weather:
        weather.paint_lightning(surface, scene)


def _paint_land(surface: Surface, scene: Scene) -> None:
    paint_ground(surface, scene)
    if scene.back in IN_THE_WATER:
        IN_THE_WATER[scene.back](surface, scene)
    if scene.terrain == "forest":
        land.paint_near_trees(surface, scene)


def _wooded_foot(surface: Surface, scene: Scene) -> None:
    """Trees at the foot of mountains and hills, where they meet water or meadow."""
    rng = scene.rng("foot")
    if scene.back not in ("mountains", "hills") or scene.terrain in ("hills", "fields", "beach") or rng.random() < 0.25:
        return
    foot = S * scene.horizon + 5 + 2 * line(rng, 3, 1)
    broad = 0.8 if scene.season == "autumn" else 0.0
    for tall, far in ((0.06, 0.42), (0.085, 0.2)):
        land.tree_row(
            surface, scene, rng, np.float32(foot), S * tall, far, broad, 0.5 - scene.side * 0.25 if far < 0.4 else None
        )


def _on_far_shore(scene: Scene, group: Group) -> bool:
    return scene.watery and group.kind.habitat in ("land", "shore") and abs(group.spots[0][1] - scene.horizon * S) < 4


def _paint_group(surface: Surface, scene: Scene, group: Group) -> np.ndarray:
    """Returns the cells that the group can be seen in, bool [24, 24]."""
    whole = np.zeros((S, S), np.float32)
    for idx, (x, y, height) in enumerate(group.spots):
        sprite = group.kind.paint(scene.rng(f"object {group.number} {idx}"), height, scene.light, group.colour)
        left, top = round(x - sprite.foot[0]), round(y - sprite.foot[1])
        mask = np.zeros((S, S), np.float32)
        window, part = _overlap((left, top), sprite.alpha.shape)
        if window is None:
            continue
        mask[window] = sprite.alpha[part]
        if group.kind.habitat in ("land", "shore", "foreground"):
            _cast_shadow(surface, scene, sprite, (x, y))
        colours = mix(sprite.rgb[part], scene.light.haze, 0.32 * group.far)
        surface.pixels[window] += (colours - surface.pixels[window]) * mask[window][..., None]
        if group.kind.habitat == "water":
            mirror(surface, mask, y, scene)
        surface.labels[mask > 0.5] = LABEL["object"]
        whole = np.maximum(whole, mask)
    return whole.reshape(GRID, CELL, GRID, CELL).mean((1, 3)) > 0.03


def _overlap(at: tuple[int, int], shape: tuple[int, int]) -> tuple[tuple[slice, slice] | None, tuple[slice, slice]]:
    """The window of the sheet that a sprite at `at` (x, y) covers, and the part of the sprite that lies in it."""
    left, top = max(0, at[0]), max(0, at[1])
    right, bottom = min(S, at[0] + shape[1]), min(S, at[1] + shape[0])
    part = slice(top - at[1], bottom - at[1]), slice(left - at[0], right - at[0])
    if left >= right or top >= bottom:
        return None, part
    return (slice(top, bottom), slice(left, right)), part


def _cast_shadow(surface: Surface, scene: Scene, sprite: Sprite, foot: tuple[float, float]) -> None:
    """The sprite's silhouette laid on the ground, away from the light."""
    strength = 0.25 if scene.clouds in ("overcast", "storm") else 0.55
    towards_x, towards_y = scene.light.towards
    lean = -towards_x * 1.3
    # Backlit by a low sun the shadow falls towards the viewer, else it lies behind, seen foreshortened.
    fall = -0.34 if towards_y > -0.75 else -0.20
    warp = np.float32(
        [
            [1, -lean * 0.6, foot[0] - sprite.foot[0] + lean * 0.6 * sprite.foot[1]],
            [0, fall, foot[1] - fall * sprite.foot[1]],
        ]
    )
    shadow = cv2.warpAffine(sprite.alpha, warp, (S, S), flags=cv2.INTER_LINEAR)
    shadow *= np.isin(surface.labels, [LABEL[name] for name in ("grass", "sand", "snow", "hill")])
    shadow = cv2.blur(shadow, (5, 3)) * strength
    surface.shade(np.float32(shadow), scene.light.fill / np.maximum(scene.light.key, 0.2) * 0.9)


def _frame(surface: Surface, scene: Scene) -> None:
    """Dark bushes in the lower corner on the heavy side, near enough to be in shadow."""
    rng = scene.rng("frame")
    if scene.terrain in ("desert", "canyon", "beach", "sea", "coast", "islands"):
        return
    corner = 0.0 if scene.side < 0 else float(S)
    base = needles(scene) * 0.9
    for reach, rise in ((0.02, 0.16), (0.10, 0.13), (0.19, 0.085), (0.27, 0.05)):
        x = corner - scene.side * reach * S
        height = S * rise * rng.uniform(0.85, 1.2)
        balls = []
        for up in np.linspace(0.85, 0.1, 9):
            balls.append((x + rng.uniform(-0.3, 0.3) * height, S - height * up, height * rng.uniform(0.2, 0.28)))
        dark = shaded(scene, base * 0.65)
        pile(surface, balls, (S + 20.0, height), dark, shaded(scene, base), scene.light.towards, "forest")
