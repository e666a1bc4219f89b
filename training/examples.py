"""What the painter is shown: codes, the order they come in, a text, and the cells that count."""

from dataclasses import dataclass

import numpy as np

from training import loop, orders, shards
from training.config import CELLS, PainterTraining
from training.corpus import OBJECT, Part
from training.corpus.objects import KINDS
from training.words import Words, phrase

NULL_SHARE = 0.10
ATTRIBUTES_SHARE = 0.12
WHOLE_CAPTION_SHARE = 0.2  # of changed parts, whose text is then the caption of all that was made of the picture
OWN_WORDS_SHARE = 0.5  # of what is around objects, whose text is then the object's, not the whole picture's
CORRUPTED_SHARE = 0.33  # of pictures, whose context is wrong here and there: tolerate the artist and own errors
CORRUPTION = 0.05  # share of their codes


@dataclass(frozen=True)
class Example:
    """One picture to learn from; by cell, but for `order` (its cells, or some of them, first one first) and `text`."""

    codes: np.ndarray  # int64 [576]
    shown: np.ndarray  # int64 [576], what is read of them, errors included
    order: np.ndarray  # int64 [576], or fewer
    text: np.ndarray  # int64 [slots]
    counts: np.ndarray  # float32 [576], how much the answer counts


class Examples:
    """Whole pictures, parts of them under their own words, and changed parts of edit pairs."""

    def __init__(
        self,
        pictures: tuple[np.ndarray, shards.Set],
        pairs: tuple[np.ndarray, shards.Set],
        words: Words,
        n_codes: int,
    ) -> None:
        self.codes, self.pictures = pictures
        self.pair_codes, self.pairs = pairs
        self.words, self.n_codes = words, n_codes
        # Pictures and their parts that are objects: what is seen around them is learned apart, at a third of the cost.
        self.with_objects = [
            (idx, part) for idx, parts in enumerate(self.pictures.parts) for part in parts if is_object(part)
        ]

    def batch(self, rng: np.random.Generator, plan: PainterTraining) -> Example:
        """Several of them, stacked along a new first axis: whole pictures, or more of what is around objects."""
        if self.with_objects and rng.random() < plan.short_share:
            n = plan.batch * CELLS // plan.short_cells
            examples = [self.near_object(rng, plan) for _ in range(n)]
        else:
            examples = [self.draw(rng, plan) for _ in range(plan.batch)]
        return Example(*(np.stack([getattr(it, key) for it in examples]) for key in Example.__dataclass_fields__))

    def draw(self, rng: np.random.Generator, plan: PainterTraining) -> Example:
        """Any of them."""
        kind = rng.random()
        if kind < plan.edits:
            return self.changed(int(rng.integers(len(self.pairs.changed))), rng)
        idx = int(rng.integers(len(self.pictures)))
        if kind < plan.edits + plan.regions and self.pictures.parts[idx]:
            return self.part(idx, rng)
        return self.whole(idx, rng, plan.object_weight)

    def whole(self, idx: int, rng: np.random.Generator, object_weight: float) -> Example:
        """A picture under a caption, a bare list of attributes, or nothing."""
        kind = rng.random()
        text = str(rng.choice(self.pictures.captions[idx]))
        if kind < ATTRIBUTES_SHARE:
            text = attribute_list(self.pictures.attributes[idx], rng)
        return self.example(self.codes[idx], orders.draw(rng), text, self.object_weights(idx, object_weight), rng)

    def near_object(self, rng: np.random.Generator, plan: PainterTraining) -> Example:
        """An object and what surrounds it, under its own words or the picture's."""
        idx, part = self.with_objects[int(rng.integers(len(self.with_objects)))]
        seen = orders.around(part.cells.ravel(), plan.short_cells, rng)
        order = orders.draw(rng)
        text = str(rng.choice(part.captions if rng.random() < OWN_WORDS_SHARE else self.pictures.captions[idx]))
        weights = self.object_weights(idx, plan.object_weight)
        return self.example(self.codes[idx], order[seen[order]], text, weights, rng)

    def object_weights(self, idx: int, weight: float) -> np.ndarray:
        """How much each cell counts where those of objects count `weight`: [576]."""
        return np.where(self.pictures.labels[idx].ravel() == OBJECT, weight, 1.0)

    def part(self, idx: int, rng: np.random.Generator) -> Example:
        """A part of a picture, painted last under its own words."""
        parts = self.pictures.parts[idx]
        return self.inside(self.codes[idx], parts[int(rng.integers(len(parts)))], rng)

    def changed(self, idx: int, rng: np.random.Generator) -> Example:
        """What was changed, amid what was not."""
        after = 2 * idx + 1
        caption = None
        if rng.random() < WHOLE_CAPTION_SHARE:
            caption = str(rng.choice(self.pairs.captions[after]))
        return self.inside(self.pair_codes[after], self.pairs.changed[idx], rng, caption)

    def inside(self, codes: np.ndarray, part: Part, rng: np.random.Generator, caption: str | None = None) -> Example:
        """Only what is painted last counts."""
        cells = orders.ragged(part.cells.ravel(), rng)
        text = caption or str(rng.choice(part.captions))
        return self.example(codes, orders.inside_last(cells, rng), text, cells, rng)

    def example(
        self, codes: np.ndarray, order: np.ndarray, text: str, counts: np.ndarray, rng: np.random.Generator
    ) -> Example:
        """Whatever its kind, the text may be missing, and some of what is read be wrong."""
        codes = codes.astype(np.int64)
        ids = self.words.ids(None if rng.random() < NULL_SHARE else text)
        shown = codes
        if rng.random() < CORRUPTED_SHARE:
            wrong = rng.random(CELLS) < CORRUPTION
            shown = np.where(wrong, rng.integers(0, self.n_codes, CELLS), codes)
        return Example(codes, shown, order, ids, counts.astype(np.float32))


def is_object(part: Part) -> bool:
    """Whether it is a thing, not an area of land or sky."""
    return names_object(part.attribute) and bool(part.cells.any())


def names_object(attribute: str) -> bool:
    """Whether it says that there is a thing of some kind."""
    group, _, value = attribute.partition(":")
    return group == "has" and value in KINDS


def attribute_list(attributes: list[str], rng: np.random.Generator) -> str:
    """Some attributes, in any order."""
    phrases = [it for it in map(phrase, attributes) if it]
    rng.shuffle(phrases)
    return " ".join(phrases[: int(rng.integers(1, len(phrases) + 1))])


def held_out(examples: Examples, n: int, seed: int) -> dict[str, Example]:
    """Examples to measure likelihood on, without errors and chance: per order, without words, and edits."""
    measured = {}
    rng = loop.rng_of(seed)
    count = min(n, len(examples.pictures))

    def stacked(orders_: list[np.ndarray], texts: list[str | None], codes: np.ndarray, counts: np.ndarray) -> Example:
        codes = codes.astype(np.int64)
        text = np.stack([examples.words.ids(it) for it in texts])
        return Example(codes, codes, np.stack(orders_), text, counts.astype(np.float32))

    captions: list[str | None] = [it[0] for it in examples.pictures.captions[:count]]
    all_count = np.ones((count, CELLS))
    holds_object = np.stack([it.ravel() == OBJECT for it in examples.pictures.labels[:count]])
    in_rows = [orders.ROWS] * count
    for kind, counts in (("objects", holds_object), ("others", ~holds_object)):
        measured[kind] = stacked(in_rows, captions, examples.codes[:count], counts)
    for kind in orders.MIX:
        drawn = [orders.draw(rng, kind) for _ in range(count)]
        measured[kind] = stacked(drawn, captions, examples.codes[:count], all_count)
    measured["no_words"] = stacked([orders.ROWS] * count, [None] * count, examples.codes[:count], all_count)
    changed = examples.pairs.changed[:n]
    cells = np.stack([it.cells.ravel() for it in changed])
    after = examples.pair_codes[1 : 2 * len(changed) : 2]
    in_order = [orders.inside_last(it) for it in cells]
    measured["edits"] = stacked(in_order, [it.captions[0] for it in changed], after, cells)
    measured["edits_no_words"] = stacked(in_order, [None] * len(changed), after, cells)
    return measured
