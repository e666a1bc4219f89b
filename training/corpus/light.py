"""How a scene is lit: its time of day, the colours of its sky, and the light that falls on things.

A `Palette` holds the colours that a colourist would choose for one sky; a `Light` is what follows from it for whatever
stands under that sky. Knows nothing of shapes.
"""

from dataclasses import dataclass, fields

import numpy as np

TIMES = ("dawn", "day", "sunset", "night")
SEASONS = ("spring", "summer", "autumn", "winter")


@dataclass(frozen=True)
class Light:
    """How a scene is lit. Colours are linear-ish float RGB in 0..1 as np.ndarray (3,)."""

    time: str  # one of TIMES
    season: str  # one of SEASONS
    towards: tuple[float, float]  # unit vector in the picture towards sun or moon: x right, y down, so y < 0 is up
    key: np.ndarray  # colour multiplied on lit sides
    fill: np.ndarray  # colour multiplied on shaded sides
    haze: np.ndarray  # colour that distance fades into


@dataclass(frozen=True)
class Palette:
    """The colours of one sky and of its light; each float32 RGB in 0..1, shape (3,)."""

    zenith: np.ndarray
    middle: np.ndarray  # of the sky, half-way down
    horizon: np.ndarray
    glow: np.ndarray  # around sun or moon, and of their path on water
    cloud_lit: np.ndarray
    cloud_shade: np.ndarray
    key: np.ndarray
    fill: np.ndarray


def rgb(code: str) -> np.ndarray:
    """A colour from its six hexadecimal digits, as float32 (3,) in 0..1."""
    return np.array([int(code[i : i + 2], 16) / 255 for i in (0, 2, 4)], np.float32)


def _palette(codes: str) -> Palette:
    return Palette(*(rgb(code) for code in codes.split()))


# In the order of the fields: zenith middle horizon glow cloud_lit cloud_shade key fill.
PALETTES: dict[str, tuple[Palette, ...]] = {
    "dawn": (
        _palette("6a86b8 d9b4c4 fbd8b4 ffe9c4 ffdfd0 a592b4 ffdcc4 7c7ca4"),  # rose and periwinkle
        _palette("7fa8bc dcd3c4 fde4b0 fff0c8 fff0da a3a6b6 fff0d0 7a8ca4"),  # pale gold over grey-blue
        _palette("6e6aa6 e0a2b8 fcc8b4 ffe0c8 ffd0cc 917cae ffd0c8 746c9c"),  # lilac and coral
        _palette("5f96a4 b4d0c4 f8e2c0 fff0d0 f8ead8 8ca4ac fbe6c8 6c8c98"),  # celadon and cream
    ),
    "day": (
        _palette("2a6cc0 6aaee4 d4eaf2 fffae0 fffdf6 a4b8d4 fff8e8 7c90b8"),  # clear cobalt
        _palette("1f78ac 60b4d4 e4efdc fff8d0 fffcf0 9cbcc8 fff9de 6e94ac"),  # warm cerulean
        _palette("3f80d0 8cc0f0 e8eef4 ffffec ffffff b0c0dc fffcf2 8698c0"),  # airy ultramarine
        _palette("4a90b0 9cc8cc f2ecd2 fff6d4 fffaec b4bcbc fff4d6 8494a0"),  # hazy summer
    ),
    "sunset": (
        _palette("3a3478 c8586c ffa850 ffd878 ffa070 6c406c ffb078 5c4874"),  # violet to orange
        _palette("27507c d08868 ffca70 ffe498 ffc084 706480 ffc888 58607c"),  # slate blue to amber
        _palette("5a2c70 e86468 ffb874 ffdc90 ff9878 7c3c68 ffa884 644070"),  # plum to peach
        _palette("2c6a86 9cae9c fcd47c fff0a4 ffd89c 708088 ffdc94 587480"),  # teal to gold
        _palette("46265c b43c54 f8784c ffc070 f88460 582848 f89870 4c3458"),  # crimson
    ),
    "night": (
        _palette("081432 142e58 34587c c4dcff 7488ac 1c2a48 7890bc 1e2c50"),  # ultramarine
        _palette("100c34 2a2460 584c86 dcd4ff 7c78ac 221e48 8884bc 262250"),  # violet
        _palette("04182a 0c3c50 2a6c78 ccf4ff 649098 123440 74a4b0 143844"),  # deep teal
        _palette("0c1c28 243c50 586c7c fff0cc 8490a0 26323e 949eac 26323e"),  # grey, warm moon
    ),
}

# What a covered sky turns towards, per time: the sun no longer gives its colour to anything.
COVERED = {"dawn": rgb("a8a2b0"), "day": rgb("a4b0ba"), "sunset": rgb("8c7480"), "night": rgb("34445c")}


def choose_palette(rng: np.random.Generator, time: str, cover: float) -> Palette:
    """A palette for the time: two of its palettes mixed, varied a little, and greyed by `cover` (1: covered)."""
    options = PALETTES[time]
    one, other = options[rng.integers(len(options))], options[rng.integers(len(options))]
    share = rng.uniform(0, 0.4)
    tint = rng.normal(0, 0.012, 3)
    colours = []
    for field in fields(Palette):
        colour = getattr(one, field.name) * (1 - share) + getattr(other, field.name) * share + tint
        grey = COVERED[time] * (0.75 + 0.5 * colour.mean())
        colours.append(np.clip(colour + (grey - colour) * 0.65 * cover, 0, 1).astype(np.float32))
    return Palette(*colours)


def light_of(palette: Palette, time: str, season: str, sun: tuple[float, float]) -> Light:
    """The light under a palette, with sun or moon at `sun` (x, y as fractions of the picture; may lie outside)."""
    x, y = (sun[0] - 0.5) * 1.3, min(sun[1] - 0.55, -0.12)
    length = float(np.hypot(x, y))
    haze = palette.horizon * 0.62 + palette.middle * 0.38
    return Light(time, season, (x / length, y / length), palette.key, palette.fill, haze)
