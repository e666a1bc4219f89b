"""Turns what is in a scene into captions: for the whole picture, for its parts, and the list of its attributes."""

import re

import numpy as np

from . import words
from .objects import Kind
from .place import Group
from .spec import FLOWERS, Scene
from .subset import Subset


def choose(rng: np.random.Generator, options: tuple[str, ...]) -> str:
    """One of some phrases."""
    return options[int(rng.integers(len(options)))]


class Describer:
    """Describes one scene; each description is drawn anew."""

    def __init__(self, scene: Scene, groups: tuple[Group, ...], rng: np.random.Generator) -> None:
        self.scene = scene
        self.groups = groups
        self.rng = rng

    def captions(self, count: int = 3) -> tuple[str, ...]:
        """Different captions for the whole picture."""
        found: dict[str, None] = {}
        while len(found) < count:
            found[self._list() if self.rng.random() < 0.15 else self._sentence()] = None
        return tuple(found)

    def sky(self) -> tuple[str, ...]:
        """Region prompts for the sky."""
        skies, time = words.SKIES[self.scene.clouds], self._time()
        weather = [self._choose(words.WEATHERS[it]) for it in sorted(self.scene.weather - {"fog", "rain", "snowfall"})]
        plain = self._choose(skies)
        return tuple(
            dict.fromkeys((plain, " and ".join([self._choose(skies), *weather]), f"{self._choose(skies)} {time}"))
        )

    def group(self, group: Group) -> tuple[str, ...]:
        """Region prompts for a group of objects."""
        return tuple(
            dict.fromkeys((self._noun(group), f"{self._noun(group)} {self._choose(words.PLACES[group.place])}"))
        )

    def light(self) -> str | None:
        """The sun or moon, if it is seen."""
        if not self.scene.disc:
            return None
        if self.scene.time == "night":
            return self._choose(words.LIGHTS["moon"][self.scene.moon])
        return self._choose(words.LIGHTS["sun"][self.scene.time])

    def _choose(self, options: tuple[str, ...]) -> str:
        return choose(self.rng, options)

    def _sentence(self) -> str:
        """A caption in one of several orders of words."""
        about = [self._time() if self.rng.random() < 0.9 else "", self._season()]
        about = [it for it in about if it]
        self.rng.shuffle(about)
        terrain, sky = self._terrain(), self._choose(words.SKIES[self.scene.clouds])
        things = [self._placed(group) for group in self.groups] + self._extras()
        with_sky = self.rng.random() < 0.88
        order = self.rng.random()
        if order < 0.12 and about:
            text = f"{about[0]}, " + ", ".join([" ".join([terrain, *about[1:]]), *things, *([sky] if with_sky else [])])
            return f"{text}, {self._choose(self._manners())}" if self.rng.random() < 0.5 else text
        if order < 0.4:
            text = " ".join([terrain, *about]) + "".join(f", {it}" for it in things) + (f", {sky}" if with_sky else "")
        elif order < 0.6 and things:
            joint = self._choose(("and", "by", "near", "before"))
            text = f"{things[0]} {joint} {terrain}" + "".join(f" {it}" for it in about)
            text += (f" under {sky}" if with_sky else "") + "".join(f", {it}" for it in things[1:])
        elif order < 0.8:
            text = (f"{sky} over {terrain}" if with_sky else terrain) + "".join(f" and {it}" for it in things)
            text += "".join(f", {it}" for it in about)
        else:
            joint = self._choose(("under", "below", "beneath"))
            text = " ".join([terrain, *about]) + (f" {joint} {sky}" if with_sky else "")
            text += (" with " + " and ".join(things)) if things else ""
        return self._in_manner(text)

    def _list(self) -> str:
        """A bare list of what there is."""
        scene = self.scene
        items = [scene.terrain, scene.time, scene.season, self._choose(words.SKIES[scene.clouds])]
        items += [self._noun(group) for group in self.groups] + self._extras()
        if self.rng.random() < 0.7:
            items.append(scene.manner)
        items = [it for it in items if self.rng.random() < 0.9] or items[:1]
        self.rng.shuffle(items)
        return ", ".join(items)

    def _in_manner(self, text: str) -> str:
        if self.rng.random() < 0.6:
            phrase = self._choose(words.MANNERS[self.scene.manner])
            return f"{phrase} {text}" if phrase.endswith(" of") else f"{text}, {phrase}"
        return f"{self._choose(words.OPENINGS)} {text}".strip()

    def _manners(self) -> tuple[str, ...]:
        """Phrases for the manner that may follow a sentence."""
        return tuple(it for it in words.MANNERS[self.scene.manner] if not it.endswith(" of"))

    def _time(self) -> str:
        if self.scene.time == "day" and self.scene.clouds in ("overcast", "storm"):
            return self._choose(words.DULL_DAY)
        if self.scene.time == "night" and not self.scene.disc:
            return self._choose(words.MOONLESS)
        return self._choose(words.TIMES[self.scene.time])

    def _season(self) -> str:
        telling = {"summer": 0.35, "spring": 0.6}.get(self.scene.season, 0.85)
        return self._choose(words.SEASONS[self.scene.season]) if self.rng.random() < telling else ""

    def _terrain(self) -> str:
        """The land, and mostly what stands behind it."""
        scene = self.scene
        terrain = self._choose(words.TERRAINS[scene.terrain])
        peaks = "snowcaps" in scene.features
        if scene.terrain == "mountains" and peaks and self.rng.random() < 0.6:
            return self._choose(words.SNOWCAPS)
        if scene.back == scene.terrain or scene.back not in words.BACKS or self.rng.random() < 0.2:
            return terrain
        if scene.terrain in ("forest", "canyon"):
            return terrain
        back = self._choose(words.SNOWCAPS if peaks and self.rng.random() < 0.7 else words.BACKS[scene.back])
        return self._choose(
            (f"{terrain} with {back}", f"{back} behind {terrain}", f"{terrain} before {back}", f"{terrain} and {back}")
        )

    def _extras(self) -> list[str]:
        scene = self.scene
        extras = [self._choose(words.WEATHERS[it]) for it in sorted(scene.weather)]
        light = self.light()
        if light and self.rng.random() < 0.75:
            extras.append(light)
        for feature in ("path", "flowers"):
            if feature in scene.features and self.rng.random() < 0.85:
                extras.append(self.feature(feature))
        self.rng.shuffle(extras)
        return extras

    def feature(self, name: str) -> str:
        """A path, or flowers of the scene's colour."""
        return self._choose(words.FEATURES[name]).format(colour=self.scene.flower)

    def _noun(self, group: Group) -> str:
        colour = f"{group.colour} " if group.colour and self.rng.random() < 0.7 else ""
        if group.count == 1:
            return words.article(colour + self._choose(group.kind.singular))
        amount = group.count if group.count < 4 else words.number_word(group.count)
        return f"{self._choose(words.NUMBERS[amount])} {colour}{self._choose(group.kind.plural)}"

    def _placed(self, group: Group) -> str:
        draw = self.rng.random()
        if draw < 0.5:
            return f"{self._noun(group)} {self._choose(words.PLACES[group.place])}"
        if group.kind.habitat == "sky" and draw < 0.75:
            return f"{self._noun(group)} {self._choose(words.ABOVE)}"
        if draw < 0.75 and group.far > 0.7:
            return f"{self._noun(group)} {self._choose(words.FAR)}"
        if draw < 0.75 and group.far < 0.25:
            return f"{self._noun(group)} {self._choose(words.NEAR)}"
        return self._noun(group)


def attributes_of(scene: Scene, groups: tuple[Group, ...]) -> frozenset[str]:
    """What the judge is to see in the picture."""
    found = {
        f"time:{scene.time}",
        f"season:{scene.season}",
        f"clouds:{scene.clouds}",
        f"terrain:{scene.terrain}",
        f"manner:{scene.manner}",
    }
    found |= {f"weather:{it}" for it in scene.weather}
    found |= {f"has:{it}" for it in ("path", "flowers") if it in scene.features}
    found |= {f"has:{group.kind.name}" for group in groups}
    if scene.disc:
        found.add("has:moon" if scene.time == "night" else "has:sun")
    if scene.back in words.BACKS:
        found.add(f"back:{scene.back}")
    if "snowcaps" in scene.features:
        found.add("back:snowcaps")
    if groups:
        found |= {f"count:{words.number_word(groups[0].count)}", f"place:{groups[0].place}"}
    return frozenset(found)


def vocabulary(subset: Subset, kinds: dict[str, Kind]) -> list[str]:
    """Every word that captions may use, sorted."""
    phrases: list[str] = [
        *words.OPENINGS,
        *words.GLUE,
        *words.SNOWCAPS,
        *words.FAR,
        *words.NEAR,
        *words.ABOVE,
        *FLOWERS,
    ]
    named = (
        (words.TIMES, subset.times), (words.SEASONS, subset.seasons), (words.SKIES, subset.clouds),
        (words.WEATHERS, subset.weathers), (words.TERRAINS, subset.terrains), (words.MANNERS, subset.manners),
    )  # fmt: skip
    for table, allowed in named:
        for name in allowed:
            phrases += [name, *table[name]]
    for table in (words.BACKS, words.PLACES, words.NUMBERS, words.WATERS, words.GROUNDS, words.FEATURES):
        phrases += [phrase for options in table.values() for phrase in options]
    for options in (*words.LIGHTS["sun"].values(), *words.LIGHTS["moon"].values()):
        phrases += options
    for kind in kinds.values():
        phrases += [*kind.singular, *kind.plural, *kind.colours]
    return sorted(words_of(" ".join(phrases).replace("{colour}", "")))


def words_of(text: str) -> set[str]:
    """The words in a text, in lower case."""
    return set(re.findall(r"[a-z]+", text.lower()))
