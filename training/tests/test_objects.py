"""Every object can be painted in every colour and light; every manner leaves its mark and keeps the picture."""

import numpy as np
import pytest

from training.corpus.light import SEASONS, TIMES, choose_palette, light_of
from training.corpus.manners import MANNERS, finish
from training.corpus.objects import KINDS


@pytest.mark.parametrize("name", sorted(KINDS))
def test_a_kind_is_painted_in_every_colour_and_light(name: str) -> None:
    kind = KINDS[name]
    for number, time in enumerate(TIMES):
        rng = np.random.default_rng(number)
        light = light_of(choose_palette(rng, time, 0.0), time, SEASONS[number], (0.2 + 0.6 * (number % 2), 0.2))
        for colour in kind.colours or (None,):
            sprite = kind.paint(rng, 80, light, colour)
            assert sprite.rgb.shape == (*sprite.alpha.shape, 3)
            assert 0 <= sprite.rgb.min() <= sprite.rgb.max() <= 1
            assert 0.99 < sprite.alpha.max() <= 1
            assert 30 < sprite.alpha.shape[0] < 130
            again = kind.paint(np.random.default_rng(7), 80, light, colour)
            assert np.array_equal(again.rgb, kind.paint(np.random.default_rng(7), 80, light, colour).rgb)


def test_a_kind_s_words_are_its_own() -> None:
    said = [noun for kind in KINDS.values() for noun in {*kind.singular, *kind.plural}]
    assert len(said) == len(set(said))


def test_each_manner_finishes_a_picture_in_its_own_way() -> None:
    rows, columns = np.mgrid[:576, :576].astype(np.float32) / 576
    picture = np.stack([rows, columns, 1 - rows], -1)
    picture[200:300, 150:350] = (0.8, 0.2, 0.1)
    finished = {manner: finish(manner, picture, np.random.default_rng(3)) for manner in MANNERS}
    for manner, pixels in finished.items():
        assert pixels.shape == (576, 576, 3)
        assert pixels.dtype == np.uint8
        inside, outside = pixels[220:280, 200:300].mean((0, 1)), pixels[220:280, 20:120].mean((0, 1))
        assert np.abs(inside - outside).max() > 30, f"{manner} loses what is painted"
        assert np.array_equal(pixels, finish(manner, picture, np.random.default_rng(3)))
        for other in set(MANNERS) - {manner}:
            assert np.abs(pixels.astype(int) - finished[other]).mean() > 3
