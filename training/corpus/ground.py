"""The ground before the viewer's feet: meadows with paths and flowers, fields, beaches, banks and rivers."""

import cv2
import numpy as np

from .land import paint_dunes
from .light import rgb
from .noise import line, noise
from .spec import FLOWERS, Scene
from .surface import COLUMNS, ROWS, S, Surface, below, mix, polygon, smoothstep
from .tone import SAND, SNOW, grass, ground_label, lit, rock, shaded
from .water import paint_water, water_picture


def paint_ground(surface: Surface, scene: Scene) -> None:
    """Paints what lies below the horizon; where dunes are the back they have come down to the viewer already."""
    if scene.ground in ("lake", "sea", "pool", "beach"):
        paint_water(surface, scene)
    if scene.ground == "lake" and "bank" in scene.features:
        _bank(surface, scene)
    if scene.ground == "beach":
        _beach(surface, scene)
    if scene.ground in ("meadow", "river"):
        above = surface.pixels.copy() if scene.ground == "river" else None
        _meadow(surface, scene)
        if above is not None:
            _river(surface, scene, above)
    if scene.ground == "fields":
        _fields(surface, scene)
    if scene.ground == "dunes" and scene.back != "dunes":
        paint_dunes(surface, scene)
    if scene.ground == "canyon":
        _canyon_floor(surface, scene)


def distance_down(line_: np.ndarray) -> np.ndarray:
    """0 at the line, 1 at the lower edge of the picture [S, S]."""
    return np.clip((ROWS - line_[None]) / np.maximum(S - line_[None], 1), 0, 1).astype(np.float32)


def _meadow(surface: Surface, scene: Scene) -> None:
    """Gentle planes of grass (or snow), the nearest darker: they lead into the picture."""
    rng = scene.rng("meadow")
    planes = 3
    for near in range(planes):
        start = mix(scene.horizon, 1.0, (0.0, 0.20, 0.58)[near])
        top = S * (
            start + 0.02 + 0.016 * (near + 1) * line(rng, 1.5, 2, 0.3) + 0.02 * near * scene.side * (COLUMNS / S - 0.5)
        )
        far = 0.20 * (1 - near / (planes - 1))
        base = grass(scene) * (1.0 - 0.07 * near)
        patches = smoothstep(-0.5, 0.5, noise(rng, 2, 9, 1))
        share = 0.95 - 0.5 * distance_down(np.float32(top)) + 0.30 * (patches - 0.5)
        surface.lay_two(below(top), shaded(scene, base, far), lit(scene, base, far), share, ground_label(scene))
    if "path" in scene.features:
        surface.lay_two(*_path(scene), ground_label(scene))
    if "flowers" in scene.features:
        _flowers(surface, scene)


def winding(scene: Scene, layer: str, width: float) -> np.ndarray:
    """A band [S, S] that winds from the horizon to the lower edge in perspective; `width` at the edge, in pixels."""
    rng = scene.rng(layer)
    start = scene.horizon * S + 0.03 * S
    depth = np.clip((ROWS[:, 0] - start) / (S - start), 0, 1)
    from_x, to_x = 0.5 - scene.side * rng.uniform(-0.02, 0.16), 0.5 + scene.side * rng.uniform(-0.1, 0.25)
    bends = rng.uniform(2.2, 3.2) * np.pi
    # Bends crowd together towards the horizon.
    sway = (
        np.sin(bends * depth**0.5 + rng.uniform(0, 6)) * np.minimum(depth * 3, 0.02 + 0.15 * depth) * (1 - 0.3 * depth)
    )
    middle = S * (from_x + (to_x - from_x) * depth + sway)
    half = 1.5 + width * 0.5 * depth**1.25
    band = np.clip(half[:, None] - np.abs(COLUMNS[None] - middle[:, None]) + 0.5, 0, 1)
    return np.float32(band * (start - 2 < ROWS))


def _path(scene: Scene) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Mask, dark, light and share of a trodden path."""
    base = mix(SNOW, rgb("a4a0ac"), 0.5) if scene.season == "winter" else rgb("d0ac7c")
    share = np.full((S, S), 0.75, np.float32) + 0.3 * noise(scene.rng("path dust"), 2, 12, 1)
    return winding(scene, "path", S * 0.20), shaded(scene, base), lit(scene, base), share


def _flowers(surface: Surface, scene: Scene) -> None:
    """Drifts of dabs, small and dense afar, large and loose near; heads above darker stems."""
    rng = scene.rng("flowers")
    colour = rgb(FLOWERS[scene.flower])
    masks = [np.zeros((S, S), np.uint8) for _ in range(3)]
    open_ground = (surface.labels == 8) & (winding(scene, "path", S * 0.20) < 0.1 if "path" in scene.features else True)
    drift = noise(rng, 4, 7, 2)
    for at in rng.uniform((0, scene.horizon * S + 12), (S, S), (620, 2)):
        depth = (at[1] / S - scene.horizon) / (1 - scene.horizon)
        x, y = int(at[0]), int(at[1])
        if drift[y, x] < 0.12 or not open_ground[y, x]:
            continue
        size = 1.6 + 7.0 * depth**1.3 * rng.uniform(0.7, 1.2)
        centre = np.int32(np.array((at[0], at[1])) * 16).tolist()
        axes = (int(size * 16), int(size * 12))
        cv2.ellipse(masks[0], [centre[0], centre[1] + int(size * 20)], axes, 0, 0, 360, 255, -1, cv2.LINE_AA, 4)
        cv2.ellipse(masks[1 + (rng.random() < 0.4)], centre, axes, 0, 0, 360, 255, -1, cv2.LINE_AA, 4)
    colours = (
        shaded(scene, grass(scene) * 0.75),
        lit(scene, colour * 0.82),
        lit(scene, mix(colour, np.float32(1), 0.18)),
    )
    for mask, tone, strength in zip(masks, colours, (0.6, 1.0, 1.0), strict=True):
        surface.lay(np.float32(mask) * (strength / 255), tone)


def _river(surface: Surface, scene: Scene, above: np.ndarray) -> None:
    """A winding stream that mirrors what was there before the meadow."""
    band = winding(scene, "river", S * 0.52)
    bank = cv2.dilate(band, np.ones((5, 5), np.uint8))
    surface.lay(np.float32(bank * (bank > band)), shaded(scene, mix(grass(scene), rgb("6c5c48"), 0.5)))
    surface.lay(band, water_picture(above, scene), "water")


def _fields(surface: Surface, scene: Scene) -> None:
    """A quilt of fields: strips that run to a vanishing point, cut by hedges; some with furrows."""
    rng = scene.rng("fields")
    crops = {
        "spring": ("88b048", "b8c858", "e8d454", "94784c"),
        "summer": ("e0b848", "94ac48", "c8b458", "708c40"),
        "autumn": ("c89444", "a06c3c", "b0a050", "d8b068"),
        "winter": ("f0f4fa", "e4eaf4", "f4f6fa", "dce4f0"),
    }[scene.season]
    vanishing = (S * (0.5 - scene.side * 0.18), S * (scene.horizon - 0.10))
    surface.lay(below(np.full(S, S * scene.horizon)), lit(scene, rgb(crops[0]), 0.2), ground_label(scene))
    cuts = [scene.horizon, *(mix(scene.horizon, 1.0, part) for part in (0.10, 0.26, 0.54)), 1.02]
    for row, (upper, lower) in enumerate(zip(cuts, cuts[1:], strict=False)):
        edges = np.linspace(-2.4, 3.4, 13 - 2 * row) + rng.uniform(-0.1, 0.1, 13 - 2 * row)
        far = 0.30 * (1 - row / 3)
        for left, right in zip(edges, edges[1:], strict=False):
            base = rgb(str(rng.choice(crops)))
            corners = [
                _towards(vanishing, edge, y)
                for edge, y in ((left, upper), (right, upper), (right, lower), (left, lower))
            ]
            mask = polygon(corners)
            surface.lay(
                mask, mix(shaded(scene, base, far), lit(scene, base, far), rng.uniform(0.7, 1.0)), ground_label(scene)
            )
            if row >= 1 and rng.random() < 0.5:
                _furrows(surface, scene, vanishing, (left, right), mask, shaded(scene, base, far))
        hedge = np.float32(S * lower + 2 * line(rng, 3, 2))
        if row < 3:
            thick = 2.5 + 4 * row
            band = below(hedge - thick + thick * 0.4 * line(rng, 22, 1)) * np.clip(hedge[None] - ROWS, 0, 1)
            surface.lay(
                np.float32(band), shaded(scene, rgb("4c7040") if scene.season != "winter" else rgb("8c98a4"), far)
            )


def _towards(vanishing: tuple[float, float], edge: float, y: float) -> tuple[float, float]:
    """Where the line from the vanishing point to `edge` (a fraction of the lower edge) crosses the height `y`."""
    share = (y * S - vanishing[1]) / (S - vanishing[1])
    return vanishing[0] + (edge * S - vanishing[0]) * share, y * S


def _furrows(
    surface: Surface, scene: Scene, vanishing: tuple, edges: tuple[float, float], mask: np.ndarray, dark: np.ndarray
) -> None:
    count = 7
    inner = np.linspace(*edges, 2 * count + 1)
    lines = np.zeros((S, S), np.float32)
    for left, right in zip(inner[1::2], inner[2::2], strict=False):
        corners = [
            _towards(vanishing, edge, y)
            for edge, y in ((left, scene.horizon), (right, scene.horizon), (right, 1), (left, 1))
        ]
        lines = np.maximum(lines, polygon(corners))
    surface.lay(lines * mask * 0.5, dark)


def _beach(surface: Surface, scene: Scene) -> None:
    """Sand that sweeps in from one side, wet at the rim, with a line or two of foam."""
    rng = scene.rng("beach")
    across = COLUMNS / S if scene.side > 0 else 1 - COLUMNS / S
    top = S * mix(scene.horizon, 1.0, 1.02 - 0.78 * across ** rng.uniform(1.1, 1.9)) + 5 * line(rng, 2, 2)
    top = np.maximum(top, scene.horizon * S + 4)
    reach = np.clip((top / S - scene.horizon) / (1 - scene.horizon), 0.06, 1)
    surface.lay(below(top - 46 * reach) * 0.4, lit(scene, rgb("8cd0c8")))
    for out, width in ((22, 6), (3, 8)):
        crest = top - out * reach + 2 * line(rng, 12, 2) * reach
        foam = np.clip(1.2 - np.abs(ROWS - crest[None]) / (width * reach[None] + 0.8), 0, 1)
        surface.lay(np.float32(foam * 0.85), lit(scene, rgb("fcfcf8"), 0.05))
    depth = (ROWS - top[None]) / np.maximum(60 * reach[None], 4)
    wet = shaded(scene, SAND * 0.95)
    surface.lay_two(below(top + 2), wet, lit(scene, SAND), smoothstep(0.1, 1.0, depth) * 0.85 + 0.15, "sand")
    surface.lay(below(top + 2) * smoothstep(0.1, 0.9, noise(rng, 2, 9, 1)) * 0.18, shaded(scene, SAND))


def _bank(surface: Surface, scene: Scene) -> None:
    """The near shore, in one lower corner, with a rim of reeds and stones."""
    rng = scene.rng("bank")
    across = COLUMNS / S if scene.side > 0 else 1 - COLUMNS / S
    top = S * (1.02 - 0.26 * smoothstep(0.25, 1.05, across) + 0.008 * line(rng, 5, 2))
    base = grass(scene) * 0.92
    rim = below(top - 3) * np.float32(top[None] + 4 > ROWS)
    surface.lay_two(
        below(top),
        shaded(scene, base * 0.85),
        lit(scene, base),
        0.85 - 1.6 * distance_down(np.float32(top)) + 0.2 * noise(rng, 4, 10, 1),
        ground_label(scene),
    )
    surface.lay(rim * 0.8, shaded(scene, mix(base, rock(scene), 0.5) * 0.8))


def _canyon_floor(surface: Surface, scene: Scene) -> None:
    """Dry red ground in planes, with a trail."""
    rng = scene.rng("canyon")
    for near in range(3):
        top = S * (mix(scene.horizon, 1.0, (0.02, 0.26, 0.62)[near]) + 0.014 * (near + 1) * line(rng, 2, 2))
        base = mix(rgb("d49c68"), rgb("b86c48"), 0.3 * near)
        share = 0.95 - 0.6 * distance_down(np.float32(top)) + 0.2 * noise(rng, 2, 9, 1)
        far = 0.22 * (1 - near / 2)
        surface.lay_two(below(top), shaded(scene, base, far), lit(scene, base, far), share, "sand")
    trail = winding(scene, "trail", S * 0.16)
    surface.lay(trail * 0.8, lit(scene, rgb("ecc894")))
