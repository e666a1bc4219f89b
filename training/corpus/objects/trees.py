"""What grows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .canvas import Canvas
from .colours import BARK, NAMED, SNOW, mix, pick, rgb
from .kind import Kind, Sprite
from .shapes import blob, box, ellipse, outline, ribbon, smooth, taper

if TYPE_CHECKING:
    from training.corpus.light import Light

    from .colours import Colour

FOLIAGE = {
    "spring": rgb(0.50, 0.68, 0.30),
    "summer": rgb(0.30, 0.52, 0.24),
    "autumn": rgb(0.84, 0.48, 0.16),
    "winter": SNOW,
}
NEEDLES = rgb(0.17, 0.36, 0.28)
CACTUS = rgb(0.30, 0.52, 0.34)


def crown(canvas: Canvas, rng: np.random.Generator, masses: list[tuple[float, float, float]], colour: Colour) -> None:
    """Foliage in masses (x, y, radius): shaded ones behind, then each turned to the light."""
    for x, y, radius in masses:
        canvas.fill(blob(rng, x, y - 0.25 * radius, radius * 1.05, radius * 0.95), canvas.tones(colour).dark)
    for x, y, radius in masses:
        canvas.form(blob(rng, x, y, radius * 0.92, radius * 0.82), colour)


def snow_on(canvas: Canvas, rng: np.random.Generator, masses: list[tuple[float, float, float]]) -> None:
    """Snow that lies on the tops of masses."""
    for x, y, radius in masses:
        canvas.fill(blob(rng, x, y + 0.35 * radius, radius * 0.75, radius * 0.4), canvas.tones(SNOW).lit)


def paint_pine(rng: np.random.Generator, height: int, light: Light, colour: str | None = None) -> Sprite:
    """Tiers of hanging branches round a straight trunk."""
    del colour
    canvas = Canvas(height, light, reach=0.6)
    canvas.fill(taper(0.0, 0.035, 0.3, 0.025), canvas.tones(BARK).dark)
    tone, snow = canvas.tones(NEEDLES), canvas.tones(SNOW)
    slim = rng.uniform(0.22, 0.30)
    for low, high, half in ((0.10, 0.46, 1.0), (0.28, 0.64, 0.80), (0.46, 0.82, 0.58), (0.64, 1.0, 0.36)):
        wide = slim * half
        tier = smooth(
            (0, high), (wide * 0.45, low + 0.12), (wide, low), (0, low + 0.05), (-wide, low), (-wide * 0.45, low + 0.12)
        )
        canvas.fill(tier, tone.dark)
        canvas.fill(tier + (0.09 * canvas.toward_light, 0.02), tone.lit, inside=tier)
        if canvas.snowy:
            canvas.fill(tier + (0.05 * canvas.toward_light, 0.10), snow.lit, inside=tier)
    return canvas.sprite()


def paint_oak(rng: np.random.Generator, height: int, light: Light, colour: str | None = None) -> Sprite:
    """A short trunk under a broad crown; bare and snowy in winter."""
    del colour
    canvas = Canvas(height, light, reach=0.75)
    bark = canvas.tones(BARK)
    trunk = smooth((-0.10, 0.0), (-0.05, 0.12), (-0.05, 0.45), (0.05, 0.45), (0.05, 0.12), (0.10, 0.0))
    for x, y in ((-0.34, 0.74), (-0.14, 0.90), (0.12, 0.92), (0.34, 0.72)):
        canvas.fill(ribbon(outline((0.0, 0.34), (x * 0.4, 0.52), (x, y)), 0.07, 0.03), bark.half)
    canvas.fill(trunk, bark.dark)
    canvas.fill(trunk + (0.03 * canvas.toward_light, 0), bark.half, inside=trunk)
    masses = [
        (-0.28, 0.58, 0.20),
        (0.28, 0.58, 0.20),
        (0.0, 0.56, 0.20),
        (-0.16, 0.76, 0.20),
        (0.17, 0.76, 0.20),
        (0.0, 0.84, 0.16),
    ]
    if canvas.snowy:
        snow_on(canvas, rng, [(x, y, 0.7 * radius) for x, y, radius in masses])
    else:
        crown(canvas, rng, masses, FOLIAGE[light.season])
    return canvas.sprite()


def paint_birch(rng: np.random.Generator, height: int, light: Light, colour: str | None = None) -> Sprite:
    """A slender white trunk with dark bands under light foliage."""
    del colour
    canvas = Canvas(height, light, reach=0.5)
    white, band = canvas.tones(rgb(0.93, 0.92, 0.88)), canvas.tones(BARK * 0.7)
    lean = rng.uniform(-0.04, 0.04)
    leaf = FOLIAGE[light.season] if light.season != "autumn" else rgb(0.93, 0.74, 0.22)
    masses = [(-0.14, 0.62, 0.13), (0.14, 0.66, 0.13), (0.0, 0.74, 0.15), (-0.08, 0.86, 0.11), (0.07, 0.90, 0.10)]
    if not canvas.snowy:
        crown(canvas, rng, masses, leaf)
    for x, y in ((-0.16, 0.72), (0.15, 0.80), (-0.10, 0.92)):
        canvas.line(outline((lean * y, y - 0.2), (x, y)), 0.02, white.half)
    trunk = ribbon(outline((0.0, 0.0), (lean * 0.5, 0.5), (lean, 0.96)), 0.075, 0.03)
    canvas.fill(trunk, white.lit)
    canvas.fill(trunk - (0.03 * canvas.toward_light, 0), white.dark, inside=trunk)
    for y in np.arange(0.08, 0.6, 0.11):
        canvas.fill(box(-0.06, y, 0.015, y + 0.028), band.dark, inside=trunk)
    if canvas.snowy:
        snow_on(canvas, rng, [(x, y, 0.6 * radius) for x, y, radius in masses])
    else:
        crown(canvas, rng, masses[3:], leaf)
    return canvas.sprite()


def paint_palm(rng: np.random.Generator, height: int, light: Light, colour: str | None = None) -> Sprite:
    """A bent trunk with a tuft of long leaves."""
    del colour
    canvas = Canvas(height, light, reach=0.8, faces=1 if rng.random() < 0.5 else -1)
    bark, leaf = canvas.tones(rgb(0.58, 0.44, 0.29)), canvas.tones(rgb(0.28, 0.54, 0.26))
    top = (rng.uniform(0.12, 0.26), 0.80)
    trunk = ribbon(smooth((0.0, 0.0), (0.03, 0.3), (0.10, 0.58), top, closed=False), 0.085, 0.05)
    canvas.fill(trunk, bark.dark)
    canvas.fill(trunk + (0.03 * canvas.toward_light, 0), bark.lit, inside=trunk)
    for angle in np.linspace(-0.5, 3.6, 8) + rng.uniform(-0.15, 0.15, 8):
        far = np.array((np.cos(angle) * 0.42, np.sin(angle) * 0.20))
        middle = far * 0.55 + (0, 0.12)
        tip = far - (0, 0.14)
        frond = np.array([(0, 0), middle + (0, 0.045), tip, middle - (0, 0.045)]) + top
        canvas.fill(smooth(*map(tuple, frond)), leaf.lit if np.sin(angle) > 0.2 else leaf.dark)
    canvas.fill(ellipse(*top, 0.05, 0.05), canvas.tones(BARK).half)
    return canvas.sprite()


def paint_cypress(rng: np.random.Generator, height: int, light: Light, colour: str | None = None) -> Sprite:
    """A dark flame."""
    del colour
    canvas = Canvas(height, light, reach=0.35)
    half = rng.uniform(0.11, 0.15)
    flame = smooth(
        (0, 1.0),
        (half * 0.6, 0.72),
        (half, 0.36),
        (half * 0.7, 0.06),
        (-half * 0.7, 0.06),
        (-half, 0.36),
        (-half * 0.6, 0.72),
    )
    canvas.fill(taper(0.0, 0.03, 0.12, 0.03), canvas.tones(BARK).dark)
    canvas.form(flame, NEEDLES * 0.9, turn=(0.30, 0.03))
    if canvas.snowy:
        canvas.fill(flame + (0.06 * canvas.toward_light, 0.12), canvas.tones(SNOW).lit, inside=flame)
    return canvas.sprite()


def paint_bush(rng: np.random.Generator, height: int, light: Light, colour: str | None = None) -> Sprite:
    """A round bush in flower."""
    canvas = Canvas(height, light, reach=1.0)
    masses = [(-0.36, 0.34, 0.32), (0.36, 0.34, 0.32), (0.0, 0.56, 0.40)]
    crown(canvas, rng, masses, FOLIAGE["summer"])
    bloom = canvas.tones(pick(rng, colour, ("red", "pink", "white", "yellow", "purple")))
    for x, y, radius in masses:
        for _ in range(5):
            angle, far = rng.uniform(0, 2 * np.pi), radius * np.sqrt(rng.uniform(0, 0.75))
            size = rng.uniform(0.055, 0.085)
            place = (x + far * np.cos(angle), y + far * np.sin(angle))
            canvas.fill(blob(rng, *place, size, size), bloom.lit if np.cos(angle) > -0.4 else bloom.half)
    return canvas.sprite()


def paint_cactus(rng: np.random.Generator, height: int, light: Light, colour: str | None = None) -> Sprite:
    """A saguaro with two arms."""
    del colour
    canvas = Canvas(height, light, reach=0.6, faces=1 if rng.random() < 0.5 else -1)
    tone = canvas.tones(CACTUS)
    low, high = rng.uniform(0.30, 0.40), rng.uniform(0.44, 0.54)
    arms = [
        ribbon(
            smooth((0, low), (-0.20, low + 0.02), (-0.25, low + 0.16), (-0.25, low + 0.36), closed=False), 0.12, 0.10
        ),
        ribbon(
            smooth((0, high), (0.18, high + 0.02), (0.23, high + 0.14), (0.23, high + 0.28), closed=False), 0.11, 0.09
        ),
    ]
    trunk = smooth((-0.085, 0.0), (-0.09, 0.6), (-0.07, 0.94), (0, 1.0), (0.07, 0.94), (0.09, 0.6), (0.085, 0.0))
    for shape in (*arms, trunk):
        canvas.fill(shape, tone.dark)
        canvas.fill(shape + (0.045 * canvas.toward_light, 0.0), tone.lit, inside=shape)
    canvas.fill(
        trunk + (0.10 * canvas.toward_light, 0.0), mix(tone.lit, NAMED["yellow"] * light.key, 0.25), inside=trunk
    )
    return canvas.sprite()


TREES = (
    Kind(
        "pine",
        ("pine tree", "fir tree", "pine"),
        ("pine trees", "fir trees", "pines"),
        "land",
        (110, 210),
        paint_pine,
        (1, 2, 3),
    ),
    Kind(
        "oak",
        ("oak tree", "old oak", "leafy tree"),
        ("oak trees", "old oaks", "leafy trees"),
        "land",
        (120, 220),
        paint_oak,
        (1, 2),
    ),
    Kind("birch", ("birch tree", "birch"), ("birch trees", "birches"), "land", (120, 210), paint_birch, (1, 2, 3)),
    Kind(
        "palm",
        ("palm tree", "palm"),
        ("palm trees", "palms"),
        "land",
        (120, 220),
        paint_palm,
        (1, 2, 3),
        seasons=("summer",),
    ),
    Kind(
        "cypress",
        ("cypress tree", "cypress"),
        ("cypress trees", "cypresses"),
        "land",
        (120, 220),
        paint_cypress,
        (1, 2, 3),
    ),
    Kind(
        "bush",
        ("flowering bush", "bush"),
        ("flowering bushes", "bushes"),
        "foreground",
        (60, 110),
        paint_bush,
        (1, 2),
        ("red", "pink", "white", "yellow", "purple"),
        seasons=("spring", "summer"),
    ),
    Kind("cactus", ("cactus", "tall cactus"), ("cacti", "tall cacti"), "land", (90, 180), paint_cactus, (1, 2, 3)),
)
