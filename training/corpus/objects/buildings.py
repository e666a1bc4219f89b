"""Houses and towers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .canvas import Canvas
from .colours import CREAM, IRON, LAMPLIGHT, NAMED, SNOW, STONE, TIMBER, Colour, mix, pick, rgb
from .kind import Kind, Sprite
from .shapes import arc, box, ellipse, flipped, outline, smooth, taper

if TYPE_CHECKING:
    from training.corpus.light import Light

THATCH = rgb(0.68, 0.52, 0.30)
SLATE = rgb(0.36, 0.40, 0.48)
TILE = rgb(0.72, 0.34, 0.22)
LEAF = rgb(0.30, 0.46, 0.22)


def house(
    canvas: Canvas,
    x: float,
    gable: float,
    length: float,
    eave: float,
    ridge: float,
    wall: Colour,
    roof: Colour,
    side: int,
) -> None:
    """A house seen from its corner, which stands at x: the gable wall goes to `-side` of it, the long one to `side`.

    `gable`, `length`, `eave` and `ridge` are its widths and heights in units.
    """
    wall, roof = canvas.tones(wall), canvas.tones(SNOW if canvas.snowy else roof)
    long_wall, slope, front = (wall.lit, roof.lit, wall.dark) if side > 0 else (wall.dark, roof.half, wall.lit)
    over = 0.07 * gable + 0.02
    middle, far, rise = -gable / 2, length, ridge - eave
    drop = eave - over * rise / (gable / 2)

    def place(*points: tuple[float, float]) -> np.ndarray:
        return outline(*((x + side * px, py) for px, py in points))

    canvas.fill(place((0, 0), (far, 0), (far, eave), (0, eave)), long_wall)
    canvas.fill(place((-gable, 0), (0, 0), (0, eave), (middle, ridge), (-gable, eave)), front)
    canvas.fill(place((middle, ridge), (far - gable * 0.3, ridge), (far + over, drop), (over, drop)), slope)
    thick = max(0.05, canvas.finest)
    barge = [
        (middle, ridge + thick * 0.4),
        (-gable - over, drop),
        (-gable - over, drop - thick),
        (middle, ridge - thick),
    ]
    canvas.fill(place(*barge, (over, drop - thick), (over, drop)), roof.half if side > 0 else roof.lit)


def paint_cabin(rng: np.random.Generator, height: int, light: Light, colour: str | None = None) -> Sprite:
    """A log house with a chimney."""
    canvas = Canvas(height, light, reach=1.5)
    side = 1 if rng.random() < 0.5 else -1
    wall = mix(pick(rng, colour, ("brown", "red", "white")), TIMBER, 0.25)
    roof = [TILE, SLATE, THATCH][int(rng.integers(3))]
    gable, length = rng.uniform(0.62, 0.75), rng.uniform(0.75, 1.0)
    x = side * (gable - length) / 2
    brick = canvas.tones(mix(TILE, STONE, 0.5))
    at = x + side * length * rng.uniform(0.35, 0.6)
    canvas.fill(box(at - 0.07, 0.5, at + 0.07, 1.0), brick.dark)
    canvas.fill(box(at, 0.5, at + 0.07, 1.0), brick.lit)
    house(canvas, x, gable, length, 0.42, 0.86, wall, roof, side)
    door = x - side * gable * 0.5
    canvas.fill(box(door - 0.09, 0, door + 0.09, 0.32), canvas.tones(TIMBER * 0.55).half)
    for share in (0.28, 0.68):
        at = x + side * length * share
        canvas.window(box(at - 0.09, 0.14, at + 0.09, 0.32))
    return canvas.sprite()


def paint_farmhouse(rng: np.random.Generator, height: int, light: Light, colour: str | None = None) -> Sprite:
    """A barn with white trim and a big door, and a lean-to beside it."""
    canvas = Canvas(height, light, reach=1.7)
    side = 1 if rng.random() < 0.5 else -1
    wall = pick(rng, colour, ("red", "white", "green"))
    trim = canvas.tones(NAMED["white"] if colour != "white" else TILE)
    gable, length = 0.85, rng.uniform(0.95, 1.2)
    x = side * (gable - length) / 2
    house(canvas, x, gable, length, 0.56, 1.0, wall, SLATE, side)
    middle = x - side * gable / 2
    canvas.fill(box(middle - 0.20, 0, middle + 0.20, 0.40), trim.lit if side < 0 else trim.half)
    canvas.fill(box(middle - 0.15, 0, middle + 0.15, 0.35), canvas.tones(wall * 0.6).dark)
    canvas.window(box(middle - 0.09, 0.60, middle + 0.09, 0.76))
    for share in (0.25, 0.55, 0.85):
        at = x + side * length * share
        canvas.window(box(at - 0.07, 0.2, at + 0.07, 0.38))
    return canvas.sprite()


def paint_church(rng: np.random.Generator, height: int, light: Light, colour: str | None = None) -> Sprite:
    """A nave with a steeple over its front."""
    canvas = Canvas(height, light, reach=0.8)
    side = 1 if rng.random() < 0.5 else -1
    wall = mix(NAMED["white"], [CREAM, STONE][int(rng.integers(2))], rng.uniform(0.1, 0.8))
    roof = [SLATE, TILE][int(rng.integers(2))]
    x = -side * 0.08
    house(canvas, x, 0.30, 0.46, 0.20, 0.40, wall, roof, side)
    stone, spire = canvas.tones(wall), canvas.tones(roof)
    tower = x - side * 0.16
    canvas.fill(box(tower - 0.10, 0, tower + 0.10, 0.58), stone.lit)
    canvas.fill(box(tower - 0.10, 0, tower - 0.02, 0.58), stone.dark)
    canvas.fill(taper(0.57, 0.125, 0.94, 0.0, tower), spire.lit)
    canvas.fill(outline((tower - 0.125, 0.57), (tower - 0.03, 0.57), (tower, 0.94)), spire.dark)
    if canvas.snowy:
        canvas.fill(outline((tower + 0.02, 0.60), (tower + 0.115, 0.60), (tower, 0.92)), canvas.tones(SNOW).lit)
    gold = canvas.tones(NAMED["yellow"]).lit
    canvas.line(outline((tower, 0.92), (tower, 1.03)), 0.02, gold)
    canvas.line(outline((tower - 0.035, 0.985), (tower + 0.035, 0.985)), 0.02, gold)
    canvas.fill(arc(tower, 0.12, 0.05, 0.06, 0, np.pi), canvas.tones(TIMBER * 0.5).dark)
    canvas.fill(box(tower - 0.05, 0, tower + 0.05, 0.125), canvas.tones(TIMBER * 0.5).dark)
    canvas.window(
        smooth((tower - 0.035, 0.38), (tower + 0.035, 0.38), (tower + 0.035, 0.46), (tower, 0.5), (tower - 0.035, 0.46))
    )
    for share in (0.25, 0.55, 0.85):
        at = x + side * 0.46 * share
        canvas.window(box(at - 0.03, 0.06, at + 0.03, 0.16))
    return canvas.sprite()


def paint_lighthouse(rng: np.random.Generator, height: int, light: Light, colour: str | None = None) -> Sprite:
    """A banded tower on a foot of rock; after sunset its lamp is lit."""
    canvas = Canvas(height, light, reach=1.0, bottom=0.2)
    paint = pick(rng, colour, ("red", "blue", "black"))
    wide, slim, bands = rng.uniform(0.115, 0.14), rng.uniform(0.07, 0.085), int(rng.integers(4, 7))
    rock = canvas.tones(STONE * 0.75)
    canvas.fill(
        smooth((-0.30, -0.06), (-0.22, 0.04), (-0.05, 0.08), (0.15, 0.07), (0.27, 0.0), (0.30, -0.06)), rock.dark
    )
    canvas.fill(smooth((0.02, 0.03), (0.15, 0.07), (0.27, 0.0), (0.28, -0.05), (0.10, -0.02)), rock.lit)
    for i in range(bands):
        low, high = 0.04 + 0.68 * i / bands, 0.04 + 0.68 * (i + 1) / bands
        at_low, at_high = (wide + (slim - wide) * k / bands for k in (i, i + 1))
        band = canvas.tones(NAMED["white"] if i % 2 else paint)
        canvas.fill(taper(low, at_low, high, at_high), band.lit)
        canvas.fill(outline((-at_low, low), (-at_low * 0.1, low), (-at_high * 0.1, high), (-at_high, high)), band.half)
        canvas.fill(outline((-at_low, low), (-at_low * 0.5, low), (-at_high * 0.5, high), (-at_high, high)), band.dark)
    iron, roof = canvas.tones(IRON), canvas.tones(mix(paint, IRON, 0.2))
    canvas.fill(box(-slim * 1.5, 0.71, slim * 1.5, 0.75), iron.lit)
    canvas.fill(
        box(-slim * 0.8, 0.75, slim * 0.8, 0.88),
        LAMPLIGHT if canvas.lamps_on else canvas.tones(rgb(0.75, 0.85, 0.88)).lit,
    )
    for x in (-slim * 0.8, slim * 0.8):
        canvas.line(outline((x, 0.75), (x, 0.88)), 0.015, iron.half)
    canvas.fill(arc(0, 0.87, slim * 1.15, 0.10, 0, np.pi), roof.dark)
    canvas.fill(arc(0, 0.87, slim * 1.15, 0.10, 0, np.pi * 0.45), roof.lit)
    canvas.line(outline((0, 0.95), (0, 1.0)), 0.02, iron.half)
    if canvas.lamps_on:
        canvas.glow(0, 0.815, 0.42, 0.75)
    return canvas.sprite()


def paint_windmill(rng: np.random.Generator, height: int, light: Light, colour: str | None = None) -> Sprite:
    """A tapered mill with four sails of canvas."""
    canvas = Canvas(height, light, reach=0.8)
    wall = canvas.tones(pick(rng, colour, ("white", "brown", "red")))
    cap = canvas.tones(SNOW if canvas.snowy else [SLATE, TILE, THATCH][int(rng.integers(3))])
    canvas.fill(taper(0, 0.20, 0.56, 0.12), wall.lit)
    canvas.fill(outline((-0.20, 0), (-0.02, 0), (-0.02, 0.56), (-0.12, 0.56)), wall.half)
    canvas.fill(outline((-0.20, 0), (-0.10, 0), (-0.06, 0.56), (-0.12, 0.56)), wall.dark)
    canvas.fill(arc(0, 0.55, 0.15, 0.16, 0, np.pi), cap.dark)
    canvas.fill(arc(0.02, 0.55, 0.13, 0.15, 0, np.pi * 0.6), cap.lit)
    canvas.fill(box(-0.055, 0, 0.055, 0.15), canvas.tones(TIMBER * 0.5).dark)
    canvas.window(box(-0.04, 0.30, 0.04, 0.38))
    timber, cloth = canvas.tones(TIMBER * 0.6), canvas.tones(CREAM)
    start = rng.uniform(0.2, np.pi / 2 - 0.2)
    for quarter in range(4):
        angle = start + quarter * np.pi / 2
        along, across = np.array((np.cos(angle), np.sin(angle))), np.array((-np.sin(angle), np.cos(angle)))
        hub = np.array((0.0, 0.60))
        corners = [
            hub + along * 0.09,
            hub + along * 0.42,
            hub + along * 0.42 + across * 0.10,
            hub + along * 0.09 + across * 0.08,
        ]
        canvas.fill(np.array(corners), cloth.lit if quarter % 2 else cloth.half)
        canvas.line(np.array([hub, hub + along * 0.44]), 0.028, timber.half)
    canvas.fill(ellipse(0, 0.60, 0.03, 0.03), timber.dark)
    return canvas.sprite()


def battlements(x0: float, x1: float, y: float, teeth: int, tall: float) -> np.ndarray:
    """The upper edge of a wall, from left to right, as the points of an outline."""
    edges = np.linspace(x0, x1, 2 * teeth)
    return np.array([(x, y + tall * (1 - i % 2)) for i in range(2 * teeth - 1) for x in edges[i : i + 2]])


def tower(canvas: Canvas, x: float, half: float, top: float, stone: Colour, roof: Colour | None) -> None:
    """A round tower: under a pointed roof if it has one, else with battlements."""
    wall = canvas.tones(stone)
    shape = np.concatenate(
        [outline((x + half, 0), (x - half, 0)), battlements(x - half, x + half, top - 0.05, 3, 0.05)]
    )
    canvas.fill(shape, wall.lit)
    canvas.fill(box(x - half, 0, x + half * 0.1, top), wall.half, inside=shape)
    canvas.fill(box(x - half, 0, x - half * 0.4, top), wall.dark, inside=shape)
    if roof is not None:
        tone, peak = canvas.tones(roof), top + half * 2.6
        canvas.fill(taper(top - 0.03, half * 1.3, peak, 0.0, x), tone.lit)
        canvas.fill(outline((x - half * 1.3, top - 0.03), (x - half * 0.2, top - 0.03), (x, peak)), tone.dark)


def paint_castle(rng: np.random.Generator, height: int, light: Light, colour: str | None = None) -> Sprite:
    """A keep between towers, behind a wall with a gate."""
    canvas = Canvas(height, light, reach=1.0, top=1.3)
    stone = mix(STONE, [CREAM, NAMED["grey"], rgb(0.75, 0.60, 0.50)][int(rng.integers(3))], 0.45)
    roof = SNOW if canvas.snowy else [SLATE, TILE, rgb(0.24, 0.40, 0.50)][int(rng.integers(3))]
    wall = canvas.tones(stone)
    tower(canvas, rng.uniform(-0.08, 0.08), 0.13, 0.72, stone, roof)
    tower(canvas, -0.26, 0.09, rng.uniform(0.52, 0.62), stone, roof)
    tower(canvas, 0.27, 0.09, rng.uniform(0.46, 0.60), stone, None)
    curtain = np.concatenate([outline((0.50, 0), (-0.50, 0)), battlements(-0.50, 0.50, 0.29, 8, 0.05)])
    canvas.fill(curtain, wall.half)
    canvas.fill(box(-0.5, 0.24, 0.5, 0.26), wall.dark)
    for x in (-0.50, 0.50):
        tower(canvas, x, 0.10, rng.uniform(0.42, 0.5), stone, roof if rng.random() < 0.6 else None)
    canvas.fill(smooth((-0.10, 0), (-0.10, 0.14), (0, 0.21), (0.10, 0.14), (0.10, 0)), canvas.tones(TIMBER * 0.4).dark)
    for x, y in ((0.0, 0.52), (-0.26, 0.42), (0.27, 0.40)):
        canvas.window(box(x - 0.025, y, x + 0.025, y + 0.08))
    return canvas.sprite()


def paint_ruin(rng: np.random.Generator, height: int, light: Light, colour: str | None = None) -> Sprite:
    """A broken tower with ivy, and what is left of the wall beside it."""
    canvas = Canvas(height, light, reach=0.9)
    stone = mix(STONE, NAMED["grey"], rng.uniform(0, 0.6))
    wall, dark = canvas.tones(stone), canvas.tones(IRON)
    side = 1 if rng.random() < 0.5 else -1
    low = outline(
        (0.1, 0), (0.62, 0), (0.60, 0.12), (0.50, 0.14), (0.46, 0.26), (0.36, 0.24), (0.32, 0.38), (0.1, 0.42)
    )
    canvas.fill(low if side > 0 else flipped(low), wall.half)
    crown = [
        (0.22, 0.66),
        (0.14, 0.70),
        (0.12, 0.62),
        (0.03, 0.60),
        (-0.02, 0.78),
        (-0.08, 0.94),
        (-0.16, 1.0),
        (-0.22, 0.92),
    ]
    body = outline((-0.25, 0), (0.25, 0), *crown)
    body = body if side > 0 else flipped(body)
    canvas.fill(body, wall.lit)
    canvas.fill(box(-0.26, 0, 0.02, 1.0), wall.half, inside=body)
    canvas.fill(box(-0.26, 0, -0.10, 1.0), wall.dark, inside=body)
    for x, y in ((0.06, 0.30), (-0.10 * side, 0.52)):
        canvas.fill(
            smooth((x - 0.05, y), (x - 0.05, y + 0.10), (x, y + 0.15), (x + 0.05, y + 0.10), (x + 0.05, y)), dark.dark
        )
    growth = canvas.tones(SNOW if canvas.snowy else LEAF)
    ivy = smooth((-0.27, 0), (-0.28, 0.34), (-0.20, 0.46), (-0.16, 0.28), (-0.06, 0.20), (-0.02, 0), closed=True)
    canvas.fill(ivy, growth.dark)
    canvas.fill(smooth((0.06, 0), (0.16, 0.13), (0.30, 0.14), (0.40, 0)), growth.lit)
    return canvas.sprite()


BUILDINGS = (
    Kind(
        "cabin",
        ("cabin", "cottage", "small house"),
        ("cabins", "cottages", "small houses"),
        "land",
        (60, 130),
        paint_cabin,
        (1, 2, 3),
        ("brown", "red", "white"),
    ),
    Kind(
        "farmhouse",
        ("farmhouse", "barn"),
        ("farmhouses", "barns"),
        "land",
        (70, 140),
        paint_farmhouse,
        (1, 2),
        ("red", "white", "green"),
    ),
    Kind("church", ("church", "chapel"), ("churches", "chapels"), "land", (100, 200), paint_church),
    Kind(
        "lighthouse",
        ("lighthouse", "light tower"),
        ("lighthouses", "light towers"),
        "shore",
        (120, 240),
        paint_lighthouse,
        (1,),
        ("red", "blue", "black"),
    ),
    Kind(
        "windmill",
        ("windmill", "old mill"),
        ("windmills", "old mills"),
        "land",
        (110, 210),
        paint_windmill,
        (1, 2, 3),
        ("white", "brown", "red"),
    ),
    Kind("castle", ("castle", "fortress"), ("castles", "fortresses"), "land", (110, 220), paint_castle),
    Kind("ruin", ("ruin", "ruined tower"), ("ruins", "ruined towers"), "land", (90, 180), paint_ruin),
)
