"""Birds and beasts. Each is drawn as it looks to the right."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .boats import facing
from .canvas import Canvas
from .colours import CREAM, IRON, NAMED, Colour, mix, pick, rgb
from .kind import Kind, Sprite
from .shapes import Outline, blob, box, ellipse, outline, smooth

if TYPE_CHECKING:
    from training.corpus.light import Light

FAWN = rgb(0.70, 0.43, 0.24)
SAND = rgb(0.84, 0.62, 0.36)
MUZZLE = rgb(0.93, 0.70, 0.64)
HORN = rgb(0.92, 0.86, 0.72)

Line = tuple[tuple[float, float], ...]


def leg(canvas: Canvas, line: Line, widths: tuple[float, float], colour: Colour, hoof: Colour) -> None:
    """A leg, from inside of the body down to its hoof."""
    canvas.line(smooth(*line, closed=False), widths[0], colour, end=widths[1])
    (x, y), half = line[-1], max(widths[1], canvas.finest) * 0.6
    canvas.fill(box(x - half, y, x + half * 1.2, y + half * 1.2), hoof)


def legs(canvas: Canvas, lines: tuple[Line, ...], widths: tuple[float, float], coat: Colour, hoof: Colour) -> None:
    """Two far legs in shade, then two near ones in half light."""
    tone, dark = canvas.tones(coat), canvas.tones(hoof).dark
    for i, line in enumerate(lines):
        leg(canvas, line, widths, tone.dark * 0.8 if i < 2 else tone.half, dark)


def paint_swan(rng: np.random.Generator, height: int, light: Light, colour: str | None = None) -> Sprite:
    """Afloat: folded wings, and a neck like an S."""
    canvas = Canvas(height, light, reach=1.1, faces=facing(rng))
    black = pick(rng, colour, ("white",)) is NAMED["black"]
    feather = NAMED["black"] * 1.5 if black else NAMED["white"]
    tone, bill = canvas.tones(feather), canvas.tones(NAMED["red" if black else "orange"])
    sway = rng.uniform(-0.04, 0.04)
    neck = smooth(
        *((0.30, 0.10), (0.46, 0.28), (0.42, 0.46), (0.28, 0.62), (0.22 + sway, 0.78), (0.30, 0.91), (0.44, 0.91)),
        closed=False,
    )
    canvas.line(neck, 0.26, tone.half, end=0.15)
    canvas.line(neck + (0.03 * canvas.toward_light, 0.02), 0.12, tone.lit, end=0.09)
    canvas.fill(outline((0.50, 0.97), (0.52, 0.82), (0.76, 0.78)), bill.lit)
    canvas.fill(ellipse(0.44, 0.90, 0.125, 0.10, -0.25), tone.lit)
    canvas.fill(outline((0.47, 0.93), (0.57, 0.91), (0.55, 0.82)), bill.dark if black else canvas.tones(IRON).dark)
    body = smooth(
        *((-0.80, 0.40), (-0.40, 0.40), (0.10, 0.46), (0.40, 0.34), (0.55, 0.18), (0.48, 0.0), (0.20, -0.06)),
        *((-0.36, -0.06), (-0.62, 0.10)),
    )
    canvas.form(body, feather, (0.04, 0.30))
    wing = smooth((0.24, 0.30), (0.12, 0.50), (-0.22, 0.58), (-0.84, 0.52), (-0.52, 0.28), (-0.08, 0.14))
    canvas.fill(wing - (0, 0.05), tone.dark)
    canvas.fill(wing, tone.half)
    canvas.fill(
        smooth((0.24, 0.34), (0.12, 0.50), (-0.22, 0.58), (-0.84, 0.52), (-0.40, 0.40), (-0.02, 0.28)), tone.lit
    )
    return canvas.sprite()


def paint_cow(rng: np.random.Generator, height: int, light: Light, colour: str | None = None) -> Sprite:
    """A dairy cow with horns; brown and black ones have white patches."""
    canvas = Canvas(height, light, reach=1.1, faces=facing(rng))
    coat = pick(rng, colour, ("brown", "black", "white"))
    plain, patch = coat is NAMED["white"], canvas.tones(NAMED["white"])
    stand = rng.uniform(-0.05, 0.05)
    far = (((-0.44, 0.5), (-0.48, 0.25), (-0.44, 0.0)), ((0.20, 0.5), (0.18 + stand, 0.25), (0.20 + stand, 0.0)))
    near = (((-0.58, 0.56), (-0.65, 0.27), (-0.61, 0.0)), ((0.36, 0.5), (0.36 - stand, 0.25), (0.38 - stand, 0.0)))
    legs(canvas, far, (0.17, 0.10), coat, IRON)
    canvas.fill(ellipse(-0.36, 0.36, 0.13, 0.09), canvas.tones(MUZZLE).half)
    body = smooth(
        *((-0.66, 0.86), (-0.40, 0.85), (-0.05, 0.82), (0.26, 0.87), (0.46, 0.92), (0.62, 0.84), (0.54, 0.60)),
        *((0.42, 0.44), (0.16, 0.38), (-0.2, 0.35), (-0.50, 0.42), (-0.68, 0.54), (-0.72, 0.76)),
    )
    canvas.form(body, coat, (0.03, 0.22))
    for line in near:
        leg(canvas, line, (0.21, 0.11), canvas.tones(coat).half, canvas.tones(IRON).dark)
    if not plain:
        for x, y, rx, ry in ((-0.30, 0.62, 0.20, 0.19), (0.14, 0.56, 0.12, 0.22), (-0.70, 0.56, 0.13, 0.12)):
            canvas.fill(blob(rng, x, y, rx, ry, 0.18), patch.lit, inside=body, to=patch.half)
    tail = canvas.tones(coat * 0.8)
    canvas.line(smooth((-0.64, 0.84), (-0.77, 0.76), (-0.78, 0.44), closed=False), 0.05, tail.dark)
    canvas.fill(ellipse(-0.78, 0.38, 0.055, 0.11), canvas.tones(HORN).half if plain else tail.dark)
    cow_head(canvas, coat)
    return canvas.sprite()


def cow_head(canvas: Canvas, coat: Colour) -> None:
    """A long head with a pink muzzle, an ear and two horns."""
    tone, horn = canvas.tones(coat), canvas.tones(HORN)
    for x in (0.58, 0.72):
        canvas.line(smooth((x, 0.90), (x + 0.05, 0.97), (x + 0.03, 1.06), closed=False), 0.06, horn.lit, end=0.03)
    head = smooth((0.52, 0.92), (0.64, 0.97), (0.76, 0.90), (0.92, 0.64), (0.86, 0.55), (0.74, 0.58), (0.60, 0.74))
    canvas.form(head, coat, (0.05, 0.25))
    canvas.fill(ellipse(0.86, 0.60, 0.09, 0.085, -0.6), canvas.tones(MUZZLE).lit)
    canvas.fill(ellipse(0.52, 0.84, 0.11, 0.05, 0.35), tone.dark)
    canvas.fill(ellipse(0.735, 0.81, 0.025, 0.03), canvas.tones(IRON).dark)


def fleece(rng: np.random.Generator) -> Outline:
    """A sheep's wool: an oval whose edge is all curls."""
    angle = np.linspace(0, 2 * np.pi, 144, endpoint=False) + rng.uniform(0, 1)
    curl = 0.92 + 0.12 * np.abs(np.sin(6.5 * angle + 0.4 * np.sin(angle)))
    across, up = (np.sign(way) * np.abs(way) ** 0.7 for way in (np.cos(angle), np.sin(angle)))
    return np.stack([0.58 * curl * across - 0.04, 0.32 * curl * up + 0.54], -1)


def paint_sheep(rng: np.random.Generator, height: int, light: Light, colour: str | None = None) -> Sprite:
    """A heap of wool on four dark legs, with a dark face."""
    canvas = Canvas(height, light, reach=1.0, faces=facing(rng))
    wool, face = mix(NAMED["white"], CREAM, 0.5), mix(IRON, NAMED["brown"], 0.3)
    tone = canvas.tones(wool)
    far = (((-0.28, 0.3), (-0.28, 0.15), (-0.27, 0.0)), ((0.20, 0.3), (0.20, 0.15), (0.20, 0.0)))
    near = (((-0.40, 0.3), (-0.41, 0.15), (-0.40, 0.0)), ((0.34, 0.3), (0.34, 0.15), (0.35, 0.0)))
    legs(canvas, (*far, *near), (0.11, 0.09), face, IRON)
    canvas.form(fleece(rng), wool, (0.06, 0.26))
    sheep_head(canvas, tone.lit, face, 0.08 if rng.random() < 0.6 else -0.14)
    return canvas.sprite()


def sheep_head(canvas: Canvas, wool: Colour, face: Colour, lift: float) -> None:
    """A narrow dark face under a cap of wool, `lift` higher than the shoulder; or lower, at the grass."""
    tone = canvas.tones(face)
    x, y = 0.60, 0.70 + lift
    canvas.fill(ellipse(x - 0.16, y + 0.02, 0.13, 0.05, 0.35), tone.dark)
    canvas.fill(ellipse(x + 0.04, y - 0.04, 0.12, 0.20, 0.5), tone.half)
    canvas.fill(ellipse(x + 0.14, y + 0.04, 0.10, 0.045, 0.3), tone.half)
    canvas.fill(ellipse(x - 0.02, y + 0.12, 0.14, 0.10, 0.2), wool)


def paint_horse(rng: np.random.Generator, height: int, light: Light, colour: str | None = None) -> Sprite:
    """A horse with its head up, one foreleg lifted or all four on the ground."""
    canvas = Canvas(height, light, reach=0.9, faces=facing(rng))
    coat = pick(rng, colour, ("brown", "black", "white", "grey"))
    coat = coat * 1.2 if coat is NAMED["brown"] else coat
    hair = canvas.tones(mix(coat, CREAM, 0.4) if coat is NAMED["white"] else coat * 0.5)
    hind = ((-0.36, 0.5), (-0.42, 0.34), (-0.46, 0.25), (-0.42, 0.0))
    fore = ((0.22, 0.5), (0.23, 0.25), (0.22, 0.0))
    lifted = ((0.26, 0.5), (0.40, 0.33), (0.36, 0.14))
    far = (((-0.24, 0.5), (-0.28, 0.28), (-0.22, 0.0)), lifted if rng.random() < 0.6 else ((0.1, 0.5), (0.12, 0.0)))
    canvas.line(
        smooth((-0.42, 0.66), (-0.56, 0.62), (-0.60, 0.42), (-0.56, 0.20), closed=False), 0.07, hair.half, end=0.13
    )
    legs(canvas, far, (0.13, 0.06), coat, IRON)
    body = smooth(
        *((-0.46, 0.64), (-0.36, 0.73), (-0.20, 0.72), (0.0, 0.68), (0.14, 0.73), (0.24, 0.87), (0.34, 0.97)),
        *((0.46, 0.94), (0.44, 0.82), (0.38, 0.70), (0.35, 0.54), (0.22, 0.41), (-0.02, 0.38), (-0.26, 0.41)),
        (-0.45, 0.48),
    )
    canvas.form(body, coat, (0.04, 0.14))
    for line, widths in ((hind, (0.22, 0.065)), (fore, (0.15, 0.065))):
        leg(canvas, line, widths, canvas.tones(coat).half, canvas.tones(IRON).dark)
    mane = ((0.42, 1.0), (0.28, 0.98), (0.14, 0.84), (0.04, 0.70), (0.16, 0.68), (0.24, 0.80), (0.34, 0.92))
    canvas.fill(smooth(*mane), hair.half)
    canvas.fill(outline((0.36, 0.94), (0.39, 1.05), (0.46, 0.95)), canvas.tones(coat).half)
    head = smooth((0.34, 0.94), (0.46, 0.97), (0.56, 0.86), (0.68, 0.72), (0.65, 0.65), (0.56, 0.67), (0.44, 0.78))
    canvas.form(head, coat, (0.03, 0.25))
    canvas.fill(ellipse(0.48, 0.87, 0.02, 0.022), canvas.tones(IRON).dark)
    return canvas.sprite()


def antler(canvas: Canvas, x: float, y: float, colour: Colour) -> None:
    """A beam that sweeps back and up, with three tines in front."""
    beam = smooth((x, y), (x - 0.10, y + 0.10), (x - 0.12, y + 0.22), (x - 0.04, y + 0.33), closed=False)
    canvas.line(beam, 0.045, colour, end=0.03)
    for dx, dy, tip in ((-0.04, 0.04, (0.11, 0.12)), (-0.11, 0.14, (0.05, 0.22)), (-0.12, 0.22, (-0.16, 0.34))):
        canvas.line(outline((x + dx, y + dy), (x + tip[0], y + tip[1])), 0.038, colour, end=0.028)


def paint_deer(rng: np.random.Generator, height: int, light: Light, colour: str | None = None) -> Sprite:
    """A stag with its head high."""
    canvas = Canvas(height, light, reach=0.8, faces=facing(rng))
    coat = mix(FAWN, NAMED["grey"] if canvas.snowy else NAMED["brown"], rng.uniform(0.1, 0.45))
    bone = canvas.tones(mix(HORN, NAMED["brown"], 0.3))
    far = (((-0.22, 0.36), (-0.26, 0.20), (-0.22, 0.0)), ((0.12, 0.36), (0.12, 0.18), (0.12, 0.0)))
    near = (((-0.31, 0.40), (-0.37, 0.22), (-0.34, 0.0)), ((0.20, 0.36), (0.22, 0.18), (0.22, 0.0)))
    legs(canvas, far, (0.10, 0.05), coat, IRON)
    antler(canvas, 0.25, 0.71, bone.dark)
    body = smooth(
        *((-0.36, 0.50), (-0.26, 0.55), (-0.05, 0.52), (0.10, 0.55), (0.20, 0.65), (0.27, 0.74), (0.36, 0.72)),
        *((0.34, 0.60), (0.29, 0.46), (0.22, 0.35), (0.05, 0.31), (-0.15, 0.33), (-0.34, 0.36)),
    )
    canvas.form(body, coat, (0.04, 0.16))
    canvas.fill(smooth((0.28, 0.66), (0.36, 0.66), (0.33, 0.50), (0.27, 0.38), (0.24, 0.44)), canvas.tones(coat).dark)
    canvas.fill(ellipse(-0.37, 0.46, 0.05, 0.08, 0.2), canvas.tones(CREAM).lit)
    for line, widths in zip(near, ((0.16, 0.05), (0.11, 0.05)), strict=True):
        leg(canvas, line, widths, canvas.tones(coat).half, canvas.tones(IRON).dark)
    canvas.fill(ellipse(0.21, 0.72, 0.085, 0.035, -0.3), canvas.tones(coat).dark)
    canvas.form(smooth((0.26, 0.74), (0.35, 0.77), (0.44, 0.70), (0.53, 0.64), (0.50, 0.59), (0.34, 0.64)), coat)
    canvas.fill(ellipse(0.515, 0.625, 0.03, 0.03), canvas.tones(IRON).dark)
    antler(canvas, 0.37, 0.74, bone.lit)
    return canvas.sprite()


def paint_camel(rng: np.random.Generator, height: int, light: Light, colour: str | None = None) -> Sprite:
    """One hump or two, and mostly a bright rug over its back."""
    canvas = Canvas(height, light, reach=0.9, faces=facing(rng))
    coat, two = mix(SAND, NAMED["brown"], rng.uniform(0.0, 0.35)), rng.random() < 0.4
    far = (((-0.24, 0.45), (-0.27, 0.25), (-0.24, 0.0)), ((0.16, 0.45), (0.15, 0.25), (0.15, 0.0)))
    near = (((-0.36, 0.48), (-0.42, 0.27), (-0.39, 0.0)), ((0.25, 0.48), (0.26, 0.25), (0.27, 0.0)))
    legs(canvas, far, (0.12, 0.065), coat, coat * 0.6)
    back = (
        ((-0.30, 0.74), (-0.20, 0.86), (-0.10, 0.76), (-0.02, 0.72), (0.06, 0.78), (0.13, 0.87), (0.21, 0.72))
        if two
        else ((-0.28, 0.74), (-0.14, 0.86), (-0.04, 0.90), (0.06, 0.85), (0.20, 0.72))
    )
    body = smooth(
        (-0.44, 0.54), (-0.42, 0.66), *back, (0.34, 0.66), (0.36, 0.52), (0.24, 0.42), (-0.05, 0.41), (-0.36, 0.44)
    )
    neck = smooth((0.26, 0.58), (0.42, 0.50), (0.53, 0.58), (0.55, 0.76), (0.57, 0.93), closed=False)
    canvas.line(neck, 0.26, canvas.tones(coat).half, end=0.11)
    canvas.form(body, coat, (0.06, 0.16))
    canvas.line(smooth((-0.42, 0.62), (-0.49, 0.54), (-0.48, 0.36), closed=False), 0.045, canvas.tones(coat).dark)
    if rng.random() < 0.7:
        rug = canvas.tones(NAMED[("red", "blue", "purple")[int(rng.integers(3))]])
        shape = outline((-0.17, 0.93), (0.11, 0.93), (0.14, 0.56), (-0.20, 0.56))
        canvas.fill(shape, rug.lit, inside=body)
        canvas.fill(box(-0.3, 0.56, 0.3, 0.62), canvas.tones(NAMED["yellow"]).half, inside=shape)
    for line in near:
        leg(canvas, line, (0.15, 0.07), canvas.tones(coat).half, canvas.tones(coat * 0.6).dark)
    canvas.fill(ellipse(0.52, 0.99, 0.035, 0.05, 0.5), canvas.tones(coat).dark)
    canvas.form(smooth((0.50, 0.96), (0.58, 1.01), (0.68, 0.96), (0.78, 0.90), (0.76, 0.84), (0.62, 0.85)), coat)
    canvas.fill(ellipse(0.63, 0.94, 0.02, 0.022), canvas.tones(IRON).dark)
    return canvas.sprite()


COATS = ("brown", "black", "white")

ANIMALS = (
    Kind("swan", ("swan",), ("swans",), "water", (50, 110), paint_swan, (1, 2, 3), ("white", "black")),
    Kind("cow", ("cow", "dairy cow"), ("cows", "cattle"), "land", (60, 110), paint_cow, (1, 2, 3), COATS),
    Kind("sheep", ("sheep",), ("sheep", "grazing sheep"), "land", (50, 95), paint_sheep, (1, 2, 3, 4, 6)),
    Kind("horse", ("horse", "pony"), ("horses", "ponies"), "land", (70, 140), paint_horse, (1, 2, 3), (*COATS, "grey")),
    Kind("deer", ("stag", "deer", "red deer"), ("deer", "stags", "red deer"), "land", (80, 150), paint_deer, (1, 2)),
    Kind("camel", ("camel",), ("camels",), "land", (80, 150), paint_camel, (1, 2, 3)),
)
