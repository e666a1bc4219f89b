"""Mountains built of planes: each peak has a spine, a lit and a shaded flank, and spurs that run down from it."""

import numpy as np
from numba import njit

from .noise import jagged
from .spec import Scene
from .surface import COLUMNS, LABEL, S, Surface, smoothstep
from .tone import SNOW, lit, rock, shaded


def paint_mountains(surface: Surface, scene: Scene) -> None:
    """Two or three ranges, the farthest palest; the highest peak stands on the scene's heavy side."""
    rng = scene.rng("mountains")
    ranges = int(rng.integers(2, 4))
    foot = scene.horizon * S + 6
    for near in range(ranges):
        far = 0.62 - 0.46 * near / (ranges - 1)
        hero = near == ranges - 2
        tall = S * (rng.uniform(0.30, 0.38) if hero else rng.uniform(0.17, 0.24))
        count = int(rng.integers(4, 6))
        # The nearest range slopes away from the hero so that its flank is seen.
        middle = 0.5 + scene.side * (0.16 if near < ranges - 1 else -0.38)
        at = np.linspace(-0.05, 1.05, count) + rng.uniform(-0.08, 0.08, count)
        if hero:
            at[np.argmin(np.abs(at - middle))] = middle
        heights = tall * (0.42 + 0.68 * np.exp(-(((at - middle) / 0.22) ** 2))) * rng.uniform(0.85, 1.1, count)
        for idx in np.argsort(-heights):
            _paint_peak(surface, scene, rng, (at[idx] * S, foot, heights[idx]), far)


def _paint_peak(
    surface: Surface, scene: Scene, rng: np.random.Generator, place: tuple[float, float, float], far: float
) -> None:
    """`place`: x of the peak, y of its foot, its height, in pixels."""
    x, foot, height = place
    stone = rock(scene)
    slopes = rng.uniform(0.55, 0.95, 2)
    silhouette = np.abs(COLUMNS - x)
    top = foot - height + silhouette * np.where(x > COLUMNS, slopes[0], slopes[1])
    top += jagged(rng, 14, 3, 0.45) * 0.075 * height * smoothstep(0, 0.25 * height, silhouette)
    spine = np.cumsum(np.repeat(rng.uniform(-0.75, 0.75, S // 24 + 1), 24)[:S]) * smoothstep(0, 60, COLUMNS)
    spine += x + rng.uniform(-0.2, 0.2) * COLUMNS
    line = height * (rng.uniform(0.75, 1.2) if scene.season == "winter" else rng.uniform(0.34, 0.55))
    snowline = line if "snowcaps" in scene.features else -1.0
    _peak(
        surface.pixels,
        surface.labels,
        np.float32([foot - height, foot, height, snowline, rng.uniform(0.28, 0.45), rng.uniform(5, 7.5)]),
        np.float32(top),
        np.float32(spine),
        np.float32(jagged(rng, 40, 2) * 0.05 * height),
        1.0 if scene.light.towards[0] > 0 else -1.0,
        np.float32([shaded(scene, stone, far), lit(scene, stone * 1.12, far)]),
        np.float32([shaded(scene, SNOW * 1.05, far * 0.85), lit(scene, SNOW, far * 0.8)]),
        np.float32(scene.light.haze),
        LABEL["mountain"],
    )


@njit(cache=True, fastmath=True)
def _peak(pixels, labels, shape, top, spine, torn, sun_side, stone, snow, haze, label):
    summit, foot, height, snowline, lean, spurs = shape
    for x in range(S):
        for y in range(max(0, int(top[x])), min(S, int(foot) + 1)):
            cover = min(max(y - top[x] + 0.5, 0.0), 1.0)
            depth = y - summit
            across = x - spine[min(max(int(depth), 0), S - 1)]
            side = 1.0 if across > 0 else -1.0
            # Where the spur through this pixel leaves the spine, in spurs from the summit: they widen downwards.
            leaves = max(depth - abs(across) / lean * 0.6, 0.0) + abs(across) * 0.25
            step = (leaves / height) ** 0.75 * spurs + (0.37 if side > 0 else 0.0)
            along = step - np.floor(step)
            if side == sun_side:
                value = 1.0 if along < 0.62 else (0.62 if along < 0.85 else 0.3)
            else:
                value = 0.0 if along < 0.55 else (0.16 if along < 0.8 else 0.36)
            white = 0.0
            if snowline > 0:
                border = snowline * (0.82 + 0.5 * along) + torn[x]
                white = min(max((border - depth) * 0.4 + 0.5, 0.0), 1.0)
            # Mist gathers at the foot and parts the ranges.
            mist = min(max((depth / height - 0.45) / 0.65, 0.0), 1.0) ** 1.5 * 0.42
            for c in range(3):
                bare = stone[0, c] + (stone[1, c] - stone[0, c]) * value
                cold = snow[0, c] + (snow[1, c] - snow[0, c]) * value
                colour = bare + (cold - bare) * white
                colour += (haze[c] - colour) * mist
                pixels[y, x, c] += (colour - pixels[y, x, c]) * cover
            if cover > 0.5:
                labels[y, x] = label
