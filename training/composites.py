"""Pictures with an object whose alpha is known, to cut it out of again.

In three ways. "laid": the object as it is drawn, with fine edges, over a painted scene. "soft": the same, out of focus.
"painted": scene and object together go through the gouache manner, as the corpus does it; alpha goes through the same
moves and the same choices of the brush, so it is exact. What the scene does for an object (shadow, mirror image) is
there in "painted" alone, and belongs to the background.
"""

import sys
from collections.abc import Iterator
from dataclasses import replace

import cv2
import numpy as np

import training.corpus  # noqa: F401
from training.corpus.manners import LUMA, finish, wavering
from training.corpus.objects import KINDS
from training.corpus.spec import sample
from training.corpus.subset import Subset
from training.corpus.surface import S, smoothstep

composing = sys.modules["training.corpus.compose"]  # the package has a function of the same name

COUNTS = {"balloon": 8, "sailboat": 8, "cabin": 7, "castle": 7, "oak": 3, "pine": 2, "birch": 1, "birds": 4}
CELLS = {"balloon": (6, 10), "birds": (6, 8), "cabin": (6, 9), "castle": (7, 11), "sailboat": (6, 10),
         "oak": (7, 10), "pine": (7, 11), "birch": (7, 11)}  # fmt: skip
WAYS = ("painted", "laid", "painted", "soft")


def scene_with(kind: str, seed: int):
    """A scene with one group of that kind that nothing hides, the picture with and without, and alpha; or None."""
    subset = replace(Subset.named("whole_objects"), kinds=(kind,), object_cells={kind: CELLS[kind]}, groups=(0.0, 1.0))
    sprites = []
    real = replace(KINDS[kind], cells=CELLS[kind], counts=(1,))

    def paint(*args):
        sprites.append(real.paint(*args))
        return sprites[-1]

    kinds = {kind: replace(real, paint=paint)}
    scene = sample(seed, subset, kinds)
    if "frame" in scene.features or not scene.groups:
        return None
    whole = composing.compose(scene, kinds)
    if len(whole.groups) != 1 or composing._on_far_shore(scene, whole.groups[0]):
        return None
    group = whole.groups[0]
    without = composing.compose(scene, kinds, omit=group.number).pixels
    alpha, colours = np.zeros((S, S), np.float32), np.zeros((S, S, 3), np.float32)
    for sprite, (x, y, _) in zip(sprites, group.spots, strict=False):
        at = round(x - sprite.foot[0]), round(y - sprite.foot[1])
        window, part = composing._overlap(at, sprite.alpha.shape)
        if window is None:
            continue
        over = sprite.alpha[part]
        tinted = composing.mix(sprite.rgb[part], scene.light.haze, 0.32 * group.far)
        colours[window] = colours[window] * (1 - over[..., None]) + tinted * over[..., None]
        alpha[window] = alpha[window] * (1 - over) + over
    return scene, whole.pixels, without, alpha, colours  # colours are multiplied by alpha


def painted(scene, picture, alpha):
    """The gouache manner, for a picture and its alpha at once."""
    both = np.dstack([picture, alpha])
    flat = kuwahara(wavering(both, scene.rng("finish"), 2.0, knots=32), 3)
    colours, alpha = flat[..., :3], flat[..., 3]
    value = colours @ LUMA
    steps = 9 * value
    few = (np.floor(steps) + smoothstep(0.32, 0.68, steps - np.floor(steps))) / 9
    colours = colours * ((0.55 * few + 0.45 * value + 0.02) / (value + 0.02))[..., None]
    return 0.05 + 0.93 * colours, alpha


def kuwahara(picture, reach):
    """As the corpus has it, for any number of channels; the first three choose."""
    padded = cv2.copyMakeBorder(picture, reach, reach, reach, reach, cv2.BORDER_REFLECT)
    side = (reach + 1, reach + 1)
    mean = cv2.blur(padded, side, anchor=(0, 0), borderType=cv2.BORDER_REFLECT)
    value = padded[..., :3] @ LUMA
    spread = cv2.blur(value * value, side, anchor=(0, 0)) - cv2.blur(value, side, anchor=(0, 0)) ** 2
    places = [(dy, dx) for dy in (0, reach) for dx in (0, reach)]
    spreads = np.stack([spread[dy : dy + S, dx : dx + S] for dy, dx in places])
    means = np.stack([mean[dy : dy + S, dx : dx + S] for dy, dx in places])
    best = spreads.argmin(0)
    return np.take_along_axis(means, best[None, ..., None], 0)[0]


def case(kind: str, seed: int, way: str) -> list[np.ndarray] | None:
    """Picture and alpha; None where this seed has no such object by itself."""
    found = scene_with(kind, seed)
    if found is None:
        return None
    scene, whole, without, alpha, colours = found
    if way == "painted":
        picture, alpha = painted(scene, whole, alpha)
    else:
        behind = finish("gouache", without, scene.rng("finish")).astype(np.float32) / 255
        if way == "soft":
            sigma = 1.0 + 0.25 * (seed % 9)
            alpha, colours = cv2.GaussianBlur(alpha, (0, 0), sigma), cv2.GaussianBlur(colours, (0, 0), sigma)
        picture = behind * (1 - alpha[..., None]) + colours
    if not 0.01 < alpha.mean() < 0.5:
        return None
    return [(np.clip(it, 0, 1) * 255 + 0.5).astype(np.uint8) for it in (picture, alpha)]


def composites() -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """A name, a picture (uint8 [S, S, 3]) and alpha (uint8 [S, S]) for each; forty in all, always the same ones."""
    number, seed = 0, 7000
    for kind, count in COUNTS.items():
        for _ in range(count):
            way, made = WAYS[number % len(WAYS)], None
            while made is None:
                seed += 1
                made = case(kind, seed, way)
            yield f"{number:02}-{kind}-{way}", *made
            number += 1
