"""People, by what they do. Their coats bear the colour, unless they hold something larger."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .boats import facing
from .canvas import Canvas
from .colours import BARK, CREAM, IRON, NAMED, SKIN, TIMBER, Colour, pick, rgb
from .kind import Kind, Sprite
from .shapes import arc, box, ellipse, outline, smooth

if TYPE_CHECKING:
    from training.corpus.light import Light

STRAW = rgb(0.92, 0.76, 0.42)
FELT = rgb(0.26, 0.22, 0.24)
DENIM = rgb(0.22, 0.28, 0.42)
HAIR = (rgb(0.22, 0.15, 0.12), rgb(0.48, 0.28, 0.14), rgb(0.80, 0.60, 0.30))
# The tubes of a bicycle: hub to crank, crank to saddle, hub to saddle, crossbar, head to crank, fork.
FRAME = (
    ((-0.34, 0.22), (-0.02, 0.20)),
    ((-0.02, 0.20), (-0.14, 0.48)),
    ((-0.34, 0.22), (-0.13, 0.44)),
    ((-0.13, 0.44), (0.25, 0.46)),
    ((0.25, 0.46), (-0.02, 0.20)),
    ((0.34, 0.22), (0.24, 0.54)),
)
COATS = ("red", "blue", "yellow", "green", "purple")


def any_of(rng: np.random.Generator, choices: tuple[Colour, ...]) -> Colour:
    """One of the colours."""
    return choices[int(rng.integers(len(choices)))]


def limb(canvas: Canvas, width: float, colour: Colour, *points: tuple[float, float]) -> None:
    """An arm or a leg through its joints, a little thinner at its end."""
    canvas.line(smooth(*points, closed=False), width, colour, end=width * 0.8)


def head(canvas: Canvas, x: float, y: float, radius: float, hat: Colour, brim: float = 1.9) -> None:
    """A face that looks to the right, under a hat; `brim` is its half in radii."""
    skin, felt = canvas.tones(SKIN), canvas.tones(hat)
    canvas.fill(ellipse(x, y, radius, radius * 1.15), skin.lit)
    canvas.fill(arc(x, y, radius, radius * 1.15, np.pi * 0.65, np.pi * 1.35), skin.half)
    canvas.fill(arc(x, y + radius * 0.4, radius * 1.1, radius * 1.3, 0, np.pi), felt.lit)
    canvas.fill(arc(x, y + radius * 0.4, radius * 1.1, radius * 1.3, np.pi / 2, np.pi), felt.half)
    canvas.fill(ellipse(x + radius * 0.1, y + radius * 0.42, radius * brim, radius * 0.32), felt.dark)


def stride(canvas: Canvas, trousers: Colour, hip: float, step: float) -> None:
    """Two legs that walk, in boots."""
    tone, boot = canvas.tones(trousers), canvas.tones(BARK * 0.7)
    for side, value in ((-1, tone.dark), (1, tone.half)):
        x = side * step
        limb(canvas, 0.085, value, (side * 0.03, hip), (x * 0.6 + 0.02, hip / 2), (x, 0.03))
        canvas.fill(smooth((x - 0.045, 0.0), (x - 0.04, 0.07), (x + 0.03, 0.06), (x + 0.10, 0.0)), boot.half)


def paint_walker(rng: np.random.Generator, height: int, light: Light, colour: str | None = None) -> Sprite:
    """Somebody walking in a long coat, a scarf and a hat, mostly with a stick."""
    canvas = Canvas(height, light, reach=0.6, faces=facing(rng))
    coat = pick(rng, colour, COATS)
    tone, skin = canvas.tones(coat), canvas.tones(SKIN)
    stride(canvas, FELT, 0.36, rng.uniform(0.08, 0.13))
    cut = rng.uniform(0.17, 0.21)
    body = smooth(
        *((-0.06, 0.80), (0.07, 0.80), (0.14, 0.71), (0.12, 0.52), (cut, 0.24), (0.0, 0.22), (-cut - 0.02, 0.25)),
        *((-0.14, 0.52), (-0.16, 0.70)),
    )
    if rng.random() < 0.7:
        canvas.line(outline((0.28, 0.50), (0.33, 0.0)), 0.03, canvas.tones(TIMBER * 0.8).half)
        limb(canvas, 0.09, tone.dark, (0.06, 0.74), (0.15, 0.60), (0.27, 0.52))
        canvas.fill(ellipse(0.28, 0.51, 0.04, 0.04), skin.half)
    canvas.form(body, coat, (0.34, 0.0))
    limb(canvas, 0.095, tone.dark, (-0.03, 0.72), (-0.10, 0.58), (-0.06, 0.42))
    canvas.fill(ellipse(-0.055, 0.40, 0.04, 0.04), skin.lit)
    head(canvas, 0.01, 0.875, 0.078, any_of(rng, (FELT, STRAW, NAMED["brown"])))
    scarf = canvas.tones(CREAM if rng.random() < 0.5 else NAMED["red"] * 0.9)
    canvas.line(smooth((-0.09, 0.79), (0.0, 0.765), (0.09, 0.79), closed=False), 0.06, scarf.lit)
    return canvas.sprite()


def canopy(canvas: Canvas, x: float, y: float, half: float, rise: float, colour: Colour) -> None:
    """An open umbrella with four panels; (x, y) is the middle of its rim."""
    tone = canvas.tones(colour)
    values = (tone.dark, tone.half, tone.lit, tone.half)[:: canvas.toward_light]
    dome, peak = arc(x, y, half, rise, 0, np.pi), (x, y + rise)
    rims = np.linspace(-half, half, 5)
    canvas.fill(box(x - half, y, x, y + rise), values[0], inside=dome)
    canvas.fill(box(x, y, x + half, y + rise), values[3], inside=dome)
    for rim, value in ((rims[1], values[1]), (rims[3], values[2])):
        bent = (x + rim * 0.75, y + rise * 0.55)
        canvas.fill(outline(peak, bent, (x + rim, y), (x, y)), value)
    for west, east, value in zip(rims, rims[1:], values, strict=False):
        canvas.fill(arc(x + (west + east) / 2, y + 0.005, half / 4, rise * 0.14, np.pi, 2 * np.pi), value)
    canvas.line(outline((x, y + rise * 0.96), (x, y + rise + 0.05)), 0.03, canvas.tones(IRON).half)


def paint_umbrella(rng: np.random.Generator, height: int, light: Light, colour: str | None = None) -> Sprite:
    """A woman in a long dress, under a large umbrella that bears the colour."""
    canvas = Canvas(height, light, reach=0.7, faces=facing(rng))
    named = pick(rng, colour, COATS)
    dress = any_of(rng, (NAMED["white"], CREAM, NAMED["grey"], NAMED["pink"] * 0.95, DENIM * 1.5))
    tone, skin, hair = canvas.tones(dress), canvas.tones(SKIN), canvas.tones(any_of(rng, HAIR))
    sway = rng.uniform(-0.03, 0.03)
    skirt = smooth(
        *((-0.07, 0.42), (0.07, 0.42), (0.15, 0.22), (0.22 + sway, 0.0), (0.0, -0.015), (-0.26 + sway, 0.0)),
        (-0.17, 0.22),
    )
    canvas.form(skirt, dress, (0.30, 0.0))
    canvas.form(smooth((-0.07, 0.60), (0.06, 0.60), (0.10, 0.52), (0.07, 0.40), (-0.08, 0.40), (-0.11, 0.52)), dress)
    canvas.fill(box(-0.085, 0.40, 0.075, 0.445), canvas.tones(named).half)
    canvas.fill(ellipse(0.01, 0.67, 0.066, 0.075), skin.lit)
    canvas.fill(
        smooth((0.05, 0.75), (-0.03, 0.76), (-0.11, 0.69), (-0.10, 0.57), (-0.04, 0.60), (-0.02, 0.70)), hair.half
    )
    canvas.line(outline((0.16, 0.42), (0.12, 0.80)), 0.03, canvas.tones(TIMBER * 0.7).half)
    limb(canvas, 0.07, tone.half, (-0.03, 0.56), (0.03, 0.46), (0.14, 0.48))
    canvas.fill(ellipse(0.155, 0.485, 0.036, 0.036), skin.lit)
    canopy(canvas, 0.09, 0.75, 0.38, 0.23, named)
    return canvas.sprite()


def paint_fisher(rng: np.random.Generator, height: int, light: Light, colour: str | None = None) -> Sprite:
    """Somebody in a straw hat who sits on a box, and holds a rod out over the water."""
    canvas = Canvas(height, light, reach=1.2, top=1.3, faces=facing(rng))
    coat = pick(rng, colour, COATS)
    tone, legs, boot = canvas.tones(coat), canvas.tones(DENIM), canvas.tones(BARK * 0.7)
    lift = rng.uniform(-0.1, 0.1)
    rod = smooth((0.22, 0.42), (0.62, 0.86 + lift), (1.02, 1.10 + lift), closed=False)
    canvas.line(rod, 0.045, canvas.tones(TIMBER * 0.8).half, end=0.03)
    canvas.line(outline((1.02, 1.10 + lift), (1.06, 0.30)), 0.01, canvas.tones(CREAM).half)
    canvas.fill(ellipse(1.06, 0.28, 0.055, 0.065), canvas.tones(NAMED["red"]).lit)
    canvas.form(box(-0.40, 0.0, 0.06, 0.30), TIMBER, (0.3, 0.2))
    limb(canvas, 0.16, legs.dark, (-0.14, 0.36), (0.26, 0.40), (0.34, 0.06))
    limb(canvas, 0.17, legs.half, (-0.16, 0.34), (0.18, 0.36), (0.22, 0.06))
    for x in (0.34, 0.22):
        canvas.fill(smooth((x - 0.08, 0.0), (x - 0.08, 0.12), (x + 0.05, 0.11), (x + 0.17, 0.0)), boot.half)
    body = smooth((-0.20, 0.80), (-0.02, 0.78), (0.06, 0.60), (0.02, 0.28), (-0.34, 0.28), (-0.36, 0.56))
    canvas.form(body, coat, (0.30, 0.05))
    limb(canvas, 0.14, tone.half, (-0.12, 0.70), (-0.02, 0.46), (0.22, 0.46))
    canvas.fill(ellipse(0.25, 0.46, 0.06, 0.06), canvas.tones(SKIN).half)
    head(canvas, -0.06, 0.90, 0.115, STRAW, 2.2)
    return canvas.sprite()


def paint_cyclist(rng: np.random.Generator, height: int, light: Light, colour: str | None = None) -> Sprite:
    """Somebody on a bicycle; jersey and frame are bright."""
    canvas = Canvas(height, light, reach=0.8, faces=facing(rng))
    coat = pick(rng, colour, COATS)
    tone, dark, legs = canvas.tones(coat), canvas.tones(IRON), canvas.tones(DENIM)
    frame = canvas.tones(any_of(rng, (NAMED["red"], NAMED["white"], NAMED["blue"] * 0.8)))
    pedal = rng.uniform(0, 2 * np.pi)
    crank = np.array((-0.02, 0.20))
    foot = crank + 0.08 * np.array((np.cos(pedal), np.sin(pedal)))
    other = 2 * crank - foot
    limb(canvas, 0.085, legs.dark, (-0.14, 0.54), knee(other), tuple(other))
    for x in (-0.34, 0.34):
        canvas.line(ellipse(x, 0.22, 0.20, 0.20), 0.04, dark.half)
        canvas.fill(ellipse(x, 0.22, 0.03, 0.03), dark.half)
    for bar in FRAME:
        canvas.line(outline(*bar), 0.034, frame.half)
    canvas.fill(ellipse(-0.15, 0.50, 0.08, 0.025), dark.half)
    limb(canvas, 0.095, legs.half, (-0.14, 0.55), knee(foot), tuple(foot))
    canvas.fill(ellipse(foot[0] + 0.02, foot[1], 0.06, 0.03), dark.dark)
    canvas.form(smooth((-0.24, 0.54), (-0.19, 0.71), (-0.02, 0.84), (0.09, 0.80), (0.06, 0.64), (-0.05, 0.52)), coat)
    limb(canvas, 0.07, tone.half, (0.03, 0.75), (0.10, 0.62), (0.26, 0.57))
    canvas.fill(ellipse(0.27, 0.565, 0.034, 0.034), canvas.tones(SKIN).half)
    canvas.line(outline((0.22, 0.54), (0.31, 0.56)), 0.03, dark.half)
    head(canvas, 0.12, 0.90, 0.076, any_of(rng, (FELT, STRAW, NAMED["red"])), 1.5)
    if canvas.light.time == "night":
        canvas.fill(ellipse(0.32, 0.47, 0.035, 0.035), NAMED["yellow"])
        canvas.glow(0.34, 0.47, 0.22, 0.6)
    return canvas.sprite()


def knee(foot: np.ndarray) -> tuple[float, float]:
    """Where the knee of a cyclist's leg is, whose foot is on the pedal."""
    return 0.10 + 0.5 * float(foot[0]), 0.29 + 0.75 * float(foot[1])


PEOPLE = (
    Kind(
        "walker",
        ("person", "walker", "wanderer"),
        ("people", "walkers", "wanderers"),
        "land",
        (70, 130),
        paint_walker,
        (1, 2, 3),
        COATS,
    ),
    Kind(
        "umbrella",
        ("umbrella", "person under an umbrella", "woman with an umbrella"),
        ("umbrellas", "people under umbrellas", "women with umbrellas"),
        "land",
        (80, 140),
        paint_umbrella,
        (1, 2),
        COATS,
    ),
    Kind(
        "fisher",
        ("angler", "fisherman", "person fishing"),
        ("anglers", "fishermen", "people fishing"),
        "shore",
        (65, 110),
        paint_fisher,
        (1, 2),
        COATS,
    ),
    Kind(
        "cyclist",
        ("cyclist", "person on a bicycle"),
        ("cyclists", "people on bicycles"),
        "land",
        (80, 140),
        paint_cyclist,
        (1, 2),
        COATS,
    ),
)
