"""What people have put there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .canvas import Canvas
from .colours import IRON, LAMPLIGHT, NAMED, SNOW, STONE, TIMBER, pick, rgb
from .kind import Kind, Sprite
from .shapes import arc, blob, box, ellipse, outline, smooth, taper

if TYPE_CHECKING:
    from training.corpus.light import Light

STRAW = rgb(0.88, 0.70, 0.32)
CARROT = rgb(0.95, 0.50, 0.15)


def paint_haystack(rng: np.random.Generator, height: int, light: Light, colour: str | None = None) -> Sprite:
    """A round stack with a pointed top."""
    del colour
    canvas = Canvas(height, light, reach=0.9)
    wide = rng.uniform(0.48, 0.58)
    stack = smooth(
        (-wide, 0.0), (-wide, 0.32), (-wide * 0.72, 0.62), (0.0, 1.0), (wide * 0.72, 0.62), (wide, 0.32), (wide, 0.0)
    )
    canvas.form(stack, STRAW, turn=(0.30, 0.04))
    for y in (0.30, 0.56):
        canvas.line(outline((-wide * 0.8, y), (0, y - 0.06), (wide * 0.8, y)), 0.035, canvas.tones(STRAW * 0.82).half)
    if canvas.snowy:
        canvas.fill(stack + (0, 0.52), canvas.tones(SNOW).lit, inside=stack)
    return canvas.sprite()


def paint_fence(rng: np.random.Generator, height: int, light: Light, colour: str | None = None) -> Sprite:
    """Posts and two rails."""
    canvas = Canvas(height, light, reach=2.2)
    wood = canvas.tones(pick(rng, colour, ("white", "brown")))
    posts = np.linspace(-1.8, 1.8, 6) + rng.uniform(-0.06, 0.06, 6)
    for y in (0.34, 0.70):
        canvas.fill(box(-1.95, y, 1.95, y + 0.12), wood.half)
    for x in posts:
        canvas.fill(taper(0.0, 0.085, 1.0, 0.075, x), wood.lit)
        canvas.fill(box(x - 0.1 * canvas.toward_light, 0, x - 0.02 * canvas.toward_light, 1.0), wood.dark)
        if canvas.snowy:
            canvas.fill(blob(rng, x, 1.0, 0.12, 0.08), canvas.tones(SNOW).lit)
    return canvas.sprite()


def paint_tent(rng: np.random.Generator, height: int, light: Light, colour: str | None = None) -> Sprite:
    """A ridge tent with its flap open, lit from within after dark."""
    canvas = Canvas(height, light, reach=1.1)
    cloth = canvas.tones(pick(rng, colour, ("orange", "red", "blue", "yellow")))
    canvas.fill(outline((-0.30, 0.0), (0.10, 1.0), (0.92, 0.86), (1.0, 0.0)), cloth.half)
    canvas.fill(outline((-0.74, 0.0), (0.10, 1.0), (0.30, 0.0)), cloth.lit)
    inside = outline((-0.42, 0.0), (0.02, 0.78), (0.10, 0.0))
    canvas.fill(inside, LAMPLIGHT if canvas.lamps_on else cloth.dark * 0.5)
    if canvas.lamps_on:
        canvas.glow(-0.1, 0.25, 0.8, 0.4)
    if canvas.snowy:
        canvas.fill(outline((0.06, 0.92), (0.10, 1.03), (0.93, 0.90), (0.94, 0.78)), canvas.tones(SNOW).lit)
    return canvas.sprite()


def paint_snowman(rng: np.random.Generator, height: int, light: Light, colour: str | None = None) -> Sprite:
    """Three balls, a hat, a carrot, a scarf."""
    canvas = Canvas(height, light, reach=0.6, faces=1 if rng.random() < 0.5 else -1)
    for y, radius in ((0.22, 0.25), (0.53, 0.19), (0.76, 0.14)):
        canvas.form(ellipse(0, y, radius, radius * 0.96), SNOW * 0.98, turn=(0.16, 0.08))
    scarf = canvas.tones(pick(rng, colour, ("red", "blue", "green")))
    canvas.fill(box(-0.14, 0.62, 0.14, 0.69), scarf.lit)
    canvas.fill(box(0.05, 0.46, 0.12, 0.66), scarf.half)
    hat = canvas.tones(NAMED["black"])
    canvas.fill(box(-0.17, 0.86, 0.17, 0.90), hat.half)
    canvas.fill(box(-0.10, 0.88, 0.10, 1.04), hat.half)
    canvas.fill(outline((0.02, 0.79), (0.20, 0.75), (0.02, 0.74)), canvas.tones(CARROT).lit)
    for x in (-0.05, 0.06):
        canvas.fill(ellipse(x, 0.81, 0.02, 0.02), hat.dark)
    for x in (-1, 1):
        canvas.line(outline((0.17 * x, 0.56), (0.42 * x, 0.70)), 0.025, canvas.tones(TIMBER * 0.6).half)
    return canvas.sprite()


def paint_street_lamp(rng: np.random.Generator, height: int, light: Light, colour: str | None = None) -> Sprite:
    """A post with a lantern."""
    del rng, colour
    canvas = Canvas(height, light, reach=0.5)
    iron = canvas.tones(IRON)
    canvas.fill(taper(0.0, 0.06, 0.10, 0.035), iron.half)
    canvas.fill(box(-0.02, 0.05, 0.02, 0.82), iron.half)
    canvas.fill(taper(0.80, 0.06, 0.95, 0.085), LAMPLIGHT if canvas.lamps_on else canvas.tones(NAMED["white"]).half)
    canvas.fill(outline((-0.11, 0.94), (0.11, 0.94), (0.0, 1.0)), iron.dark)
    canvas.fill(box(-0.06, 0.78, 0.06, 0.81), iron.dark)
    if canvas.lamps_on:
        canvas.glow(0.0, 0.87, 0.42, 0.6)
    return canvas.sprite()


def paint_jetty(rng: np.random.Generator, height: int, light: Light, colour: str | None = None) -> Sprite:
    """Planks on piles, running out over the water."""
    del colour
    canvas = Canvas(height, light, reach=2.0, faces=1 if rng.random() < 0.5 else -1)
    wood = canvas.tones(TIMBER)
    for x in (-1.5, -0.9, -0.3, 0.3, 0.9):
        canvas.fill(box(x - 0.06, 0.0, x + 0.06, 0.7), wood.dark)
    deck = outline((-1.75, 0.60), (1.10, 0.78), (1.55, 0.62), (-1.75, 0.38))
    canvas.fill(deck, wood.lit)
    canvas.fill(outline((-1.75, 0.38), (1.55, 0.62), (1.55, 0.50), (-1.75, 0.24)), wood.half)
    for x in (-1.5, 0.9):
        canvas.fill(box(x - 0.07, 0.5, x + 0.07, 1.0), wood.half)
    if canvas.snowy:
        canvas.fill(deck + (0, 0.06), canvas.tones(SNOW).lit, inside=deck)
    return canvas.sprite()


def paint_bridge(rng: np.random.Generator, height: int, light: Light, colour: str | None = None) -> Sprite:
    """A stone bridge on an arch, whose opening shows what is behind."""
    del rng, colour
    canvas = Canvas(height, light, reach=1.6)
    stone = canvas.tones(STONE)
    over = smooth((-1.45, 0.62), (-0.7, 0.86), (0.0, 0.95), (0.7, 0.86), (1.45, 0.62), closed=False)
    under = arc(0.0, -0.05, 0.80, 0.68, 0.0, np.pi)
    body = np.concatenate([over, outline((1.45, -0.05)), under, outline((-1.45, -0.05))])
    canvas.fill(body, stone.half)
    rim = np.concatenate([arc(0.0, -0.05, 0.92, 0.80, 0.0, np.pi), arc(0.0, -0.05, 0.80, 0.68, 0.0, np.pi)[::-1]])
    canvas.fill(rim, stone.dark)
    canvas.line(over, 0.10, canvas.tones(SNOW).lit if canvas.snowy else stone.lit)
    return canvas.sprite()


def paint_campfire(rng: np.random.Generator, height: int, light: Light, colour: str | None = None) -> Sprite:
    """Flames over crossed logs."""
    del colour
    canvas = Canvas(height, light, reach=1.0)
    log = canvas.tones(TIMBER * 0.6)
    lean = rng.uniform(-0.08, 0.08)
    flame = smooth(
        (-0.26, 0.14), (-0.24, 0.46), (-0.06 + lean, 0.70), (lean, 1.0), (0.13 + lean, 0.66), (0.26, 0.42), (0.24, 0.14)
    )
    for scale, hue in ((1.0, NAMED["orange"]), (0.72, NAMED["yellow"]), (0.42, rgb(1.0, 0.97, 0.80))):
        canvas.fill((flame - (0, 0.12)) * scale + (0, 0.12), hue)
    canvas.line(outline((-0.46, 0.02), (0.40, 0.20)), 0.12, log.half)
    canvas.line(outline((0.46, 0.02), (-0.40, 0.20)), 0.12, log.dark)
    canvas.glow(0.0, 0.4, 1.0, 0.35)
    return canvas.sprite()


def paint_rock(rng: np.random.Generator, height: int, light: Light, colour: str | None = None) -> Sprite:
    """A few boulders, mossy or snowed upon."""
    del colour
    canvas = Canvas(height, light, reach=1.2)
    tones = canvas.tones(STONE * 0.9)
    for x, wide, tall in ((-0.50, 0.40, 0.62), (0.48, 0.44, 0.52), (0.02, 0.52, 1.0)):
        bent = rng.uniform(-0.1, 0.1)
        stone = outline(
            (x - wide, 0),
            (x - wide * 0.86, tall * 0.55),
            (x - wide * 0.3 + bent, tall),
            (x + wide * 0.4 + bent, tall * 0.9),
            (x + wide * 0.92, tall * 0.45),
            (x + wide, 0),
        )
        canvas.fill(stone, tones.dark)
        canvas.fill(stone + (wide * 0.55 * canvas.toward_light, tall * 0.06), tones.lit, inside=stone)
        top = canvas.tones(SNOW if canvas.snowy else rgb(0.44, 0.52, 0.30))
        canvas.fill(stone + (0, tall * 0.78), top.lit, inside=stone)
    return canvas.sprite()


THINGS = (
    Kind(
        "haystack",
        ("haystack", "stack of hay"),
        ("haystacks", "stacks of hay"),
        "land",
        (60, 120),
        paint_haystack,
        (1, 2, 3),
    ),
    Kind(
        "fence",
        ("fence", "wooden fence"),
        ("fences", "wooden fences"),
        "foreground",
        (44, 70),
        paint_fence,
        (1,),
        ("white", "brown"),
    ),
    Kind(
        "tent",
        ("tent", "camping tent"),
        ("tents", "camping tents"),
        "land",
        (56, 110),
        paint_tent,
        (1, 2),
        ("orange", "red", "blue", "yellow"),
    ),
    Kind(
        "snowman",
        ("snowman",),
        ("snowmen",),
        "land",
        (80, 160),
        paint_snowman,
        (1, 2),
        seasons=("winter",),
    ),
    Kind(
        "street lamp",
        ("street lamp", "lamp post"),
        ("street lamps", "lamp posts"),
        "land",
        (110, 190),
        paint_street_lamp,
        (1, 2),
    ),
    Kind("jetty", ("jetty", "wooden pier"), ("jetties", "wooden piers"), "water", (40, 70), paint_jetty),
    Kind(
        "bridge",
        ("stone bridge", "arched bridge"),
        ("stone bridges", "arched bridges"),
        "water",
        (60, 110),
        paint_bridge,
    ),
    Kind("campfire", ("campfire", "fire"), ("campfires", "fires"), "land", (44, 80), paint_campfire),
    Kind("rock", ("boulder", "big rock"), ("boulders", "big rocks"), "foreground", (60, 110), paint_rock, (1, 2)),
)
