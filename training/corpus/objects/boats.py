"""What floats. The foot of a boat is its waterline."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .canvas import Canvas
from .colours import CREAM, NAMED, SKIN, SNOW, TIMBER, mix, pick, rgb
from .kind import Kind, Sprite
from .shapes import arc, box, ellipse, outline, smooth, taper

if TYPE_CHECKING:
    from training.corpus.light import Light


def facing(rng: np.random.Generator) -> int:
    """Right (1) or left (−1)."""
    return 1 if rng.random() < 0.5 else -1


def hull(canvas: Canvas, shape: np.ndarray, colour: np.ndarray, rail: np.ndarray) -> None:
    """A hull in two values under a light rail."""
    tone, edge = canvas.tones(colour), canvas.tones(rail)
    canvas.fill(shape, tone.half)
    low, high = shape[:, 1].min(), shape[:, 1].max()
    canvas.fill(box(-3, low, 3, low + 0.4 * (high - low)), tone.dark, inside=shape)
    thick = max(0.22 * (high - low), canvas.finest)
    canvas.fill(shape - (0, high - low - thick), edge.lit, inside=shape + (0, 0))
    canvas.fill(shape - (0, thick), tone.half, inside=shape)
    canvas.fill(box(-3, low, 3, low + 0.4 * (high - low)), tone.dark, inside=shape)


def paint_sailboat(rng: np.random.Generator, height: int, light: Light, colour: str | None = None) -> Sprite:
    """A mainsail and a jib, which the colour names."""
    canvas = Canvas(height, light, reach=0.8, faces=facing(rng))
    sail = canvas.tones(pick(rng, colour, ("white", "red", "orange", "blue")))
    jib = canvas.tones(mix(pick(rng, colour, ("white",)), CREAM, 0.5))
    timber = canvas.tones(TIMBER * 0.7)
    canvas.line(outline((0.0, 0.05), (0.0, 1.0)), 0.025, timber.half)
    belly = rng.uniform(0.02, 0.07)
    main = smooth(
        (-0.02, 0.97), (-0.16 - belly, 0.55), (-0.38, 0.17), (-0.20, 0.15), (-0.02, 0.17), (-0.02, 0.5), steps=6
    )
    canvas.fill(main, sail.lit)
    canvas.fill(box(-0.6, 0, 0.6, 0.36), sail.half, inside=main)
    canvas.fill(outline((0.03, 0.86), (0.36, 0.17), (0.03, 0.19)), jib.half)
    canvas.fill(outline((0.03, 0.86), (0.13, 0.18), (0.03, 0.19)), jib.dark)
    shape = outline((-0.44, 0.13), (0.48, 0.15), (0.36, -0.01), (0.28, -0.05), (-0.32, -0.05), (-0.40, 0.0))
    hull(canvas, shape, [TIMBER, NAMED["blue"] * 0.6, NAMED["white"], NAMED["red"] * 0.7][int(rng.integers(4))], CREAM)
    return canvas.sprite()


def paint_rowing_boat(rng: np.random.Generator, height: int, light: Light, colour: str | None = None) -> Sprite:
    """Somebody in a hat, rowing."""
    canvas = Canvas(height, light, reach=1.4, faces=facing(rng))
    coat = canvas.tones(NAMED[("blue", "red", "white", "yellow")[int(rng.integers(4))]])
    canvas.fill(smooth((-0.22, 0.2), (-0.26, 0.5), (-0.14, 0.66), (0.02, 0.60), (0.08, 0.2)), coat.dark)
    canvas.fill(smooth((-0.05, 0.2), (-0.14, 0.5), (-0.08, 0.64), (0.02, 0.60), (0.08, 0.2)), coat.lit)
    canvas.fill(ellipse(-0.08, 0.74, 0.09, 0.10), canvas.tones(SKIN).half)
    hat = canvas.tones(rgb(0.90, 0.75, 0.42))
    canvas.fill(ellipse(-0.08, 0.80, 0.19, 0.045), hat.half)
    canvas.fill(arc(-0.08, 0.80, 0.11, 0.17, 0, np.pi), hat.lit)
    oar = canvas.tones(TIMBER * 0.8)
    canvas.line(outline((-0.02, 0.46), (0.62, -0.02)), 0.04, oar.half, end=0.06)
    canvas.fill(ellipse(0.64, -0.03, 0.14, 0.05, -0.6), oar.lit)
    shape = smooth(
        (-0.88, 0.36),
        (-0.60, 0.27),
        (0.0, 0.23),
        (0.60, 0.28),
        (0.95, 0.40),
        (0.78, 0.08),
        (0.45, -0.06),
        (-0.5, -0.06),
        (-0.76, 0.06),
    )
    hull(canvas, shape, pick(rng, colour, ("brown", "red", "green", "blue")), CREAM)
    return canvas.sprite()


def paint_fishing_boat(rng: np.random.Generator, height: int, light: Light, colour: str | None = None) -> Sprite:
    """A wheelhouse aft, a mast with a derrick, a high bow."""
    canvas = Canvas(height, light, reach=1.1, faces=facing(rng))
    timber, house = canvas.tones(TIMBER * 0.6), canvas.tones(NAMED["white"])
    canvas.line(outline((0.10, 0.2), (0.10, 1.0)), 0.035, timber.half)
    canvas.line(outline((0.10, 0.40), (0.50, 0.86)), 0.025, timber.half)
    canvas.line(outline((0.10, 0.96), (0.72, 0.42)), 0.015, timber.dark)
    canvas.line(outline((0.10, 0.96), (-0.64, 0.30)), 0.015, timber.dark)
    canvas.fill(outline((0.10, 0.98), (0.10, 0.86), (-0.10, 0.92)), canvas.tones(NAMED["red"]).lit)
    canvas.fill(box(-0.44, 0.2, -0.06, 0.56), house.lit)
    canvas.fill(box(-0.44, 0.2, -0.28, 0.56), house.dark)
    canvas.fill(box(-0.48, 0.55, -0.02, 0.62), canvas.tones(SNOW if canvas.snowy else NAMED["red"] * 0.8).half)
    for x in (-0.36, -0.16):
        canvas.window(box(x - 0.05, 0.40, x + 0.05, 0.51))
    shape = smooth(
        (-0.66, 0.28),
        (-0.3, 0.22),
        (0.2, 0.24),
        (0.55, 0.34),
        (0.78, 0.48),
        (0.62, 0.12),
        (0.50, -0.06),
        (0, -0.07),
        (-0.52, -0.06),
        (-0.63, 0.08),
    )
    hull(canvas, shape, pick(rng, colour, ("blue", "red", "green", "white")), NAMED["white"])
    return canvas.sprite()


def paint_ship(rng: np.random.Generator, height: int, light: Light, colour: str | None = None) -> Sprite:
    """A tall ship: three masts under square sails."""
    canvas = Canvas(height, light, reach=0.9, faces=facing(rng))
    timber, sail = canvas.tones(TIMBER * 0.5), canvas.tones(pick(rng, colour, ("white", "red", "black")))
    canvas.line(outline((0.36, 0.20), (0.66, 0.36)), 0.03, timber.half)
    canvas.fill(outline((0.64, 0.35), (0.34, 0.74), (0.38, 0.26)), sail.half)
    for mast, top in ((-0.30, 0.84), (0.02, 1.0), (0.30, 0.88)):
        canvas.line(outline((mast, 0.1), (mast, top)), 0.025, timber.half)
        for low, high, half in ((0.22, 0.48, 0.155), (0.50, 0.70, 0.125), (0.72, 0.88, 0.09)):
            y0, y1 = 0.22 + (low - 0.22) * (top - 0.22) / 0.76, 0.22 + (high - 0.22) * (top - 0.22) / 0.76
            sheet = smooth(
                (mast - half, y0),
                (mast, y0 + 0.03),
                (mast + half, y0),
                (mast + half * 0.95, (y0 + y1) / 2),
                (mast + half * 0.8, y1),
                (mast - half * 0.8, y1),
                (mast - half * 0.85, (y0 + y1) / 2),
                steps=5,
            )
            canvas.fill(sheet, sail.lit)
            canvas.fill(box(mast - 0.3, y0 - 0.05, mast - half * 0.25, y1 + 0.05), sail.half, inside=sheet)
    canvas.fill(outline((0.02, 1.0), (0.02, 0.94), (-0.12, 0.97)), canvas.tones(NAMED["red"]).lit)
    shape = smooth(
        (-0.50, 0.27),
        (-0.40, 0.24),
        (-0.32, 0.17),
        (0.20, 0.15),
        (0.34, 0.20),
        (0.46, 0.24),
        (0.38, 0.06),
        (0.28, -0.05),
        (-0.36, -0.05),
        (-0.46, 0.06),
        steps=5,
    )
    hull(canvas, shape, TIMBER * 0.75, NAMED["yellow"] * 0.9)
    return canvas.sprite()


def paint_steamer(rng: np.random.Generator, height: int, light: Light, colour: str | None = None) -> Sprite:
    """A ferry with a funnel and its smoke."""
    canvas = Canvas(height, light, reach=1.6, faces=facing(rng))
    white, funnel = canvas.tones(NAMED["white"]), canvas.tones(NAMED["red"])
    smoke = canvas.tones(rgb(0.62, 0.62, 0.66))
    for i in range(4):
        canvas.fill(ellipse(-0.12 - 0.20 * i, 0.88 + 0.02 * i, 0.10 + 0.025 * i, 0.075 + 0.018 * i), smoke.half)
        canvas.fill(ellipse(-0.10 - 0.20 * i, 0.91 + 0.02 * i, 0.07 + 0.025 * i, 0.045 + 0.018 * i), smoke.lit)
    canvas.fill(taper(0.5, 0.10, 0.84, 0.09), funnel.lit)
    canvas.fill(box(-0.1, 0.5, -0.03, 0.84), funnel.dark)
    canvas.fill(box(-0.10, 0.76, 0.10, 0.85), canvas.tones(NAMED["black"]).half)
    canvas.fill(box(-0.62, 0.2, 0.58, 0.40), white.half)
    canvas.fill(box(-0.44, 0.38, 0.44, 0.56), white.lit)
    for x in np.linspace(-0.34, 0.34, 4):
        canvas.window(box(x - 0.05, 0.43, x + 0.05, 0.51))
    shape = outline((-0.96, 0.26), (1.0, 0.32), (0.84, 0.06), (0.76, -0.06), (-0.80, -0.06), (-0.90, 0.04))
    hull(canvas, shape, pick(rng, colour, ("black", "blue", "red", "green")), NAMED["white"])
    return canvas.sprite()


BOATS = (
    Kind(
        "sailboat",
        ("sailboat", "sailing boat", "yacht"),
        ("sailboats", "sailing boats", "yachts"),
        "water",
        (50, 150),
        paint_sailboat,
        (1, 2, 3, 6),
        ("white", "red", "orange", "blue"),
    ),
    Kind(
        "rowing boat",
        ("rowing boat", "rowboat"),
        ("rowing boats", "rowboats"),
        "water",
        (34, 80),
        paint_rowing_boat,
        (1, 2),
        ("brown", "red", "green", "blue"),
    ),
    Kind(
        "fishing boat",
        ("fishing boat", "trawler"),
        ("fishing boats", "trawlers"),
        "water",
        (50, 110),
        paint_fishing_boat,
        (1, 2, 3),
        ("blue", "red", "green", "white"),
    ),
    Kind(
        "ship",
        ("tall ship", "sailing ship", "ship"),
        ("tall ships", "sailing ships", "ships"),
        "water",
        (80, 180),
        paint_ship,
        (1, 2),
        ("white", "red", "black"),
    ),
    Kind(
        "steamer",
        ("steamer", "ferry", "steamship"),
        ("steamers", "ferries", "steamships"),
        "water",
        (50, 100),
        paint_steamer,
        (1, 2),
        ("black", "blue", "red", "green"),
    ),
)
