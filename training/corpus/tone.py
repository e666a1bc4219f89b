"""Colours of the land under a scene's light, and how they pale with distance."""

import numpy as np

from .light import rgb
from .spec import FOLIAGE, Scene
from .surface import Colour, mix

SNOW = rgb("f2f6fc")
SAND = rgb("e8cc94")


def lit(scene: Scene, base: Colour, far: float = 0.0) -> Colour:
    """A side turned to the light; `far` 0 near, 1 lost in the haze."""
    return _pale(scene, base * scene.light.key, far)


def shaded(scene: Scene, base: Colour, far: float = 0.0) -> Colour:
    """A side turned away."""
    return _pale(scene, base * scene.light.fill, far)


def _pale(scene: Scene, colour: Colour, far: float) -> Colour:
    if "fog" in scene.weather:
        far = 0.25 + 0.75 * far**0.5
    return np.float32(mix(colour, scene.light.haze, far))


def grass(scene: Scene) -> Colour:
    """The ground's cover in this season; a little different in each scene."""
    rng = scene.rng("grass")
    base = rgb(FOLIAGE[scene.season])
    if scene.season == "winter":
        return base
    other = {"spring": rgb("a4b454"), "summer": rgb("8a9c44"), "autumn": rgb("c89448")}[scene.season]
    return np.float32(mix(base, other, rng.uniform(0, 0.8)))


def leaves(scene: Scene) -> Colour:
    """Crowns of broad trees."""
    rng = scene.rng("leaves")
    options = {
        "spring": ("8cb454", "a8c068", "e8b8c4"),
        "summer": ("4c7c3c", "5c8844", "3c7048"),
        "autumn": ("d07028", "c8982c", "b8442c"),
        "winter": ("b4b4bc", "c8ccd8", "a8a4a8"),
    }[scene.season]
    return rgb(str(rng.choice(options)))


def needles(scene: Scene) -> Colour:
    """Conifers; dusted in winter."""
    return {"spring": rgb("3c6c4c"), "summer": rgb("2c5c44"), "autumn": rgb("38583c"), "winter": rgb("4c6c70")}[
        scene.season
    ]


def rock(scene: Scene) -> Colour:
    """Bare stone."""
    return rgb(str(scene.rng("rock").choice(("8c8c9c", "a08c7c", "7c8894", "94889c", "b0a08c"))))


def ground_label(scene: Scene) -> str:
    """What cells of open ground are."""
    return "snow" if scene.season == "winter" else "grass"
