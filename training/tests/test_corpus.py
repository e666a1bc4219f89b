"""What the network programs rely on: the corpus is repeatable, and what it says about its pictures is so."""

import numpy as np
import pytest

from training.corpus import ATTRIBUTES, LABELS, Corpus, Painting, Subset
from training.corpus.captions import words_of
from training.corpus.surface import CELL

SEEDS = range(12)
EXCLUSIVE = ("time:", "season:", "clouds:", "terrain:", "manner:")


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return Corpus(Subset.all())


@pytest.fixture(scope="module")
def paintings(corpus: Corpus) -> list[Painting]:
    return [corpus.paint(seed) for seed in SEEDS]


def test_a_seed_always_gives_the_same_painting(corpus: Corpus, paintings: list[Painting]) -> None:
    for seed in (0, 5):
        again = corpus.paint(seed)
        assert np.array_equal(again.pixels, paintings[seed].pixels)
        assert again.captions == paintings[seed].captions
        assert again.attributes == paintings[seed].attributes


def test_paintings_have_the_promised_shapes(paintings: list[Painting]) -> None:
    for painting in paintings:
        assert painting.pixels.shape == (576, 576, 3)
        assert painting.pixels.dtype == np.uint8
        assert painting.labels.shape == (24, 24)
        assert painting.labels.max() < len(LABELS)
        assert len(set(painting.captions)) == 3
        for part in painting.parts:
            assert part.cells.shape == (24, 24)
            assert part.cells.dtype == bool
            assert part.cells.any()
            assert part.captions
            assert part.attribute in painting.attributes


def test_attributes_are_known_and_exclusive_ones_come_once(paintings: list[Painting]) -> None:
    for painting in paintings:
        assert painting.attributes <= set(ATTRIBUTES)
        for group in EXCLUSIVE:
            assert sum(name.startswith(group) for name in painting.attributes) == 1


@pytest.mark.parametrize("name", ["all", "small"])
def test_captions_keep_to_the_vocabulary(name: str) -> None:
    corpus = Corpus(Subset.named(name))
    known = set(corpus.vocabulary())
    for seed in range(100, 108):
        painting = corpus.paint(seed)
        texts = [*painting.captions, *(caption for part in painting.parts for caption in part.captions)]
        assert words_of(" ".join(texts)) <= known


def test_the_vocabulary_is_rich(corpus: Corpus) -> None:
    assert len(corpus.vocabulary()) >= 300


def test_the_captions_name_no_object_that_is_not_there(corpus: Corpus, paintings: list[Painting]) -> None:
    for painting in paintings:
        said = " ".join(painting.captions)
        for kind in corpus.kinds.values():
            if f"has:{kind.name}" not in painting.attributes:
                others = [it for it in corpus.kinds.values() if f"has:{it.name}" in painting.attributes]
                shared = {noun for other in others for noun in (*other.singular, *other.plural)}
                for noun in set(kind.plural) - shared:
                    assert f" {noun} " not in f" {said} " or noun in ("trees", "rocks", "snowflakes"), (noun, said)


@pytest.mark.parametrize("seed", range(12))
def test_a_pair_differs_in_its_part_only(corpus: Corpus, seed: int) -> None:
    before, after, part = corpus.pair(seed)
    inside = np.kron(part.cells, np.ones((CELL, CELL))).astype(bool)
    assert np.array_equal(before.pixels[~inside], after.pixels[~inside])
    assert not np.array_equal(before.pixels[inside], after.pixels[inside])
    assert part.attribute in after.attributes
    assert part.attribute not in before.attributes


def test_a_subset_keeps_to_itself() -> None:
    corpus = Corpus(Subset(manners=("oil",), clouds=("clear", "few"), terrains=("lake", "desert"), kinds=("balloon",)))
    allowed = {"manner:oil", "clouds:clear", "clouds:few", "terrain:lake", "terrain:desert", "has:balloon"}
    limited = ("manner:", "clouds:", "terrain:", "has:b")
    for seed in range(8):
        attributes = corpus.paint(seed).attributes
        assert {it for it in attributes if it.startswith(limited)} <= allowed


def test_an_unknown_name_in_a_subset_is_refused() -> None:
    with pytest.raises(ValueError, match="volcano"):
        Subset(terrains=("lake", "volcano"))


def test_attributes_of_a_subset_are_those_of_its_pictures() -> None:
    corpus = Corpus(Subset.named("small"))
    allowed = set(corpus.attributes())
    assert "has:cow" not in allowed
    for seed in range(200, 212):
        assert corpus.paint(seed).attributes <= allowed
