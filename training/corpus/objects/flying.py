"""What is in the air. The foot of a flying thing is its centre, which is also the origin it is drawn about."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .boats import facing
from .canvas import Canvas
from .colours import CREAM, NAMED, TIMBER, Colour, mix, pick, rgb
from .kind import Kind, Sprite
from .shapes import Outline, box, ellipse, outline, smooth

if TYPE_CHECKING:
    from training.corpus.light import Light

WICKER = rgb(0.62, 0.42, 0.22)
SLATE = rgb(0.30, 0.34, 0.42)
COLOURS = ("red", "yellow", "blue", "orange", "purple", "green")
AIRSHIPS = ("red", "white", "blue", "yellow", "green")
BY_LIGHT = ("dawn", "day", "sunset")
GORES = 9

# Half the width of a balloon's envelope, from its mouth to its crown.
ENVELOPE_Y = np.array((-0.24, -0.16, -0.06, 0.06, 0.20, 0.32, 0.42, 0.48, 0.50))
ENVELOPE_HALF = np.array((0.09, 0.16, 0.26, 0.34, 0.365, 0.33, 0.23, 0.11, 0.0))


def gore(west: float, east: float) -> Outline:
    """The strip of a balloon's envelope between two of its seams (radians from the middle)."""
    y = np.linspace(-0.24, 0.5, 40)
    half = np.interp(y, ENVELOPE_Y, ENVELOPE_HALF)
    half = np.convolve(np.pad(half, 2, mode="edge"), np.ones(5) / 5, "valid")
    half[-1] = 0
    sides = np.stack([half * np.sin(west), y], -1), np.stack([half * np.sin(east), y], -1)
    return np.concatenate([sides[0], sides[1][::-1]])


def latitude(low: float, high: float) -> Outline:
    """A belt round a balloon, seen from below: it bulges upwards."""
    x = np.linspace(-0.5, 0.5, 20)
    edge = np.stack([x, -0.35 * x**2], -1)
    return np.concatenate([edge + (0, low), edge[::-1] + (0, high)])


def envelope(rng: np.random.Generator, canvas: Canvas, colour: Colour) -> None:
    """Striped along its gores, or plain with a belt; in three values round the form."""
    accent = [CREAM, NAMED["white"], colour * 0.62, mix(colour, CREAM, 0.45)][int(rng.integers(4))]
    belted = rng.random() < 0.4
    seams = np.linspace(-np.pi / 2, np.pi / 2, GORES + 1)
    belt, below = latitude(rng.uniform(0.08, 0.14), rng.uniform(0.26, 0.32)), latitude(-0.5, 0.03)
    for i, (west, east) in enumerate(zip(seams, seams[1:], strict=False)):
        strip = gore(west, east + 0.03)
        facing_light = np.sin((west + east) / 2) * canvas.toward_light
        value = 0 if facing_light > -0.1 else 1 if facing_light > -0.68 else 2
        tone = canvas.tones(accent if i % 2 and not belted else colour)
        canvas.fill(strip, tone[value])
        canvas.fill(below, tone[min(value + 1, 2)], inside=strip)
        if belted:
            canvas.fill(belt, canvas.tones(accent)[value], inside=strip)


def paint_balloon(rng: np.random.Generator, height: int, light: Light, colour: str | None = None) -> Sprite:
    """A hot-air balloon with its basket; after sunset the burner lights it from within."""
    canvas = Canvas(height, light, reach=0.6, top=0.6, bottom=0.75)
    rope, wicker = canvas.tones(TIMBER * 0.6), canvas.tones(WICKER)
    for x in (-0.05, 0.05):
        canvas.line(outline((x * 1.7, -0.23), (x, -0.40)), 0.016, rope.dark)
    envelope(rng, canvas, pick(rng, colour, COLOURS))
    canvas.fill(box(-0.09, -0.26, 0.09, -0.22), rope.half)
    basket = outline((-0.085, -0.37), (0.085, -0.37), (0.07, -0.50), (-0.07, -0.50))
    canvas.form(basket, WICKER, (0.35, 0.0))
    canvas.fill(box(-0.095, -0.395, 0.095, -0.365), wicker.lit)
    if canvas.lamps_on:
        canvas.fill(ellipse(0, -0.285, 0.025, 0.04), NAMED["yellow"])
        canvas.glow(0, -0.14, 0.58, 0.85)
    return canvas.sprite()


def paint_kite(rng: np.random.Generator, height: int, light: Light, colour: str | None = None) -> Sprite:
    """A diamond in two colours on a long tail with bows."""
    canvas = Canvas(height, light, reach=0.7, top=0.6, bottom=0.6, faces=facing(rng))
    main = pick(rng, colour, COLOURS)
    tone, other = canvas.tones(main), canvas.tones([CREAM, main * 0.65, mix(main, CREAM, 0.5)][int(rng.integers(3))])
    wave = rng.uniform(0.05, 0.10)
    tail = smooth(
        *((0.0, -0.06), (-0.10, -0.16), (-0.10 + wave, -0.26), (-0.20, -0.36), (-0.18 + wave, -0.47)), closed=False
    )
    canvas.line(tail, 0.028, canvas.tones(CREAM).half)
    for at in (10, 19, 28):
        x, y = tail[at]
        for side, value in ((-1, 0), (1, 1)):
            canvas.fill(outline((x, y), (x + side * 0.085, y + 0.055), (x + side * 0.085, y - 0.045)), tone[value])
    top, left, right, foot, middle = (0.10, 0.50), (-0.24, 0.22), (0.31, 0.28), (0.0, -0.08), (0.055, 0.25)
    canvas.fill(outline(top, right, middle), other.lit)
    canvas.fill(outline(left, top, middle), tone.lit)
    canvas.fill(outline(right, foot, middle), tone.half)
    canvas.fill(outline(foot, left, middle), other.half)
    return canvas.sprite()


def gull(canvas: Canvas, x: float, y: float, size: float, beat: float, feather: Colour, tip: Colour) -> None:
    """A bird seen from in front of its wing: two bent wings about a body; `beat` lifts or lowers their tips."""
    tone, dark = canvas.tones(feather), canvas.tones(tip)

    def place(*points: tuple[float, float]) -> Outline:
        return smooth(*((x + size * px, y + size * (py + abs(px) * beat)) for px, py in points))

    near = ((0.04, -0.05), (0.16, 0.16), (0.30, 0.19), (0.52, 0.06), (0.32, 0.08), (0.18, 0.0))
    for side, value in ((-1, tone.half), (1, tone.lit)):
        wing = place(*((side * px, py) for px, py in near))
        canvas.fill(wing, value)
        reach = x + side * size * 0.36
        canvas.fill(box(min(reach, reach + side), y - 1, max(reach, reach + side), y + 1), dark.half, inside=wing)
    canvas.fill(place((-0.15, -0.04), (-0.04, 0.04), (0.10, 0.05), (0.19, -0.02), (0.06, -0.08)), tone.lit)
    canvas.fill(place((-0.15, -0.05), (0.0, -0.02), (0.19, -0.03), (0.06, -0.09)), tone.dark)


def paint_birds(rng: np.random.Generator, height: int, light: Light, colour: str | None = None) -> Sprite:
    """A loose flock: white gulls with dark wing tips, or dark birds."""
    canvas = Canvas(height, light, reach=1.3, top=0.7, bottom=0.7, faces=facing(rng))
    feather = pick(rng, colour, ("white", "black"))
    feather, tip = (NAMED["white"], SLATE) if feather is NAMED["white"] else (SLATE * 0.7, SLATE * 0.5)
    spots = ((0.0, 0.05), (-0.60, 0.28), (0.62, 0.30), (0.50, -0.26), (-0.52, -0.24), (-0.02, 0.44), (0.02, -0.44))
    for x, y in spots[: int(rng.integers(3, len(spots) + 1))]:
        x, y = x + rng.uniform(-0.07, 0.07), y + rng.uniform(-0.04, 0.04)
        gull(canvas, x, y, rng.uniform(0.52, 0.68), rng.uniform(-0.35, 0.45), feather, tip)
    return canvas.sprite()


def paint_airship(rng: np.random.Generator, height: int, light: Light, colour: str | None = None) -> Sprite:
    """A cigar with fins and a gondola."""
    canvas = Canvas(height, light, reach=1.1, top=0.6, bottom=0.6, faces=facing(rng))
    main = pick(rng, colour, AIRSHIPS)
    trim = NAMED["red"] if main is NAMED["white"] else CREAM
    tone, fin, car = canvas.tones(trim), canvas.tones(trim if trim is NAMED["red"] else main * 0.8), TIMBER * 0.8
    canvas.fill(outline((-0.52, 0.20), (-0.76, 0.50), (-0.96, 0.50), (-0.88, 0.10)), fin.lit)
    canvas.fill(outline((-0.52, 0.02), (-0.76, -0.26), (-0.96, -0.26), (-0.88, 0.12)), fin.dark)
    hull = smooth(
        *((-0.94, 0.12), (-0.66, 0.31), (-0.24, 0.43), (0.24, 0.45), (0.66, 0.37), (0.90, 0.21), (0.96, 0.10)),
        *((0.90, -0.01), (0.66, -0.16), (0.24, -0.24), (-0.24, -0.22), (-0.66, -0.08)),
    )
    canvas.form(hull, main, (0.02, 0.30))
    canvas.fill(smooth((-1.0, 0.11), (0, 0.22), (1.0, 0.11), (0, 0.06)), tone.half, inside=hull)
    nose = ellipse(1.02, 0.10, 0.32, 0.36)
    canvas.fill(nose, tone.half, inside=hull)
    canvas.fill(nose + (0.03, 0.14), tone.lit, inside=hull)
    canvas.fill(outline((-0.54, 0.10), (-0.98, 0.02), (-0.98, 0.22), (-0.78, 0.20)), fin.half)
    gondola = smooth((-0.36, -0.20), (0.42, -0.20), (0.40, -0.38), (0.28, -0.48), (-0.22, -0.48), (-0.34, -0.36))
    canvas.form(gondola, car, (0.02, 0.25))
    for x in (-0.2, 0.03, 0.26):
        canvas.window(box(x - 0.07, -0.38, x + 0.07, -0.27))
    return canvas.sprite()


FLYING = (
    Kind(
        "balloon",
        ("hot-air balloon", "hot air balloon", "balloon"),
        ("hot-air balloons", "hot air balloons", "balloons"),
        "sky",
        (90, 190),
        paint_balloon,
        (1, 2, 3),
        COLOURS,
    ),
    Kind(
        "kite",
        ("kite", "paper kite"),
        ("kites", "paper kites"),
        "sky",
        (80, 140),
        paint_kite,
        (1, 2, 3),
        COLOURS,
        times=BY_LIGHT,
    ),
    Kind(
        "birds",
        ("flock of birds", "flight of birds"),
        ("flocks of birds", "flights of birds"),
        "sky",
        (80, 140),
        paint_birds,
        colours=("white", "black"),
        times=BY_LIGHT,
    ),
    Kind(
        "airship",
        ("airship", "zeppelin"),
        ("airships", "zeppelins"),
        "sky",
        (70, 120),
        paint_airship,
        (1, 2),
        AIRSHIPS,
    ),
)
