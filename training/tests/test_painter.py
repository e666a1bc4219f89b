"""The painter looks only back, and painting step by step is the same as looking at a whole picture at once."""

import torch

from training import sampling
from training.tests import toys


def test_a_later_cell_changes_no_earlier_odds() -> None:
    painter, (codes, order, text) = toys.painter(), toys.story(2)
    changed = codes.clone()
    changed[0, order[0, 100]] = (changed[0, order[0, 100]] + 1) % 16
    with torch.inference_mode():
        before, after = painter(codes, order, text), painter(changed, order, text)
    assert torch.equal(before[0, :101], after[0, :101])
    assert (before[0, 101:] != after[0, 101:]).any(-1).all()
    assert torch.equal(before[1], after[1])


def test_reading_in_portions_gives_the_odds_of_one_pass() -> None:
    painter, (codes, order, text) = toys.painter(), toys.story(3)
    with torch.inference_mode():
        at_once = painter(codes, order, text)
        reading = sampling.Reading(painter, 3)
        reading.read_text(text)
        start = 0
        for n in [1, 1, 3, 16, 100, 455]:
            logits = reading.ask(order[:, start : start + 1])
            assert torch.allclose(logits[:, 0], at_once[:, start], atol=1e-4)
            cells = order[:, start : start + n]
            reading.read_cells(codes.gather(1, cells), cells)
            start += n


def test_known_cells_stay_and_chance_follows_the_seed() -> None:
    painter, (codes, order, text) = toys.painter(), toys.story(2)
    settings = {"guidance": 2.0, "group": 8, "known": codes, "n_known": 100}
    first, again, other = (sampling.paint(painter, text, text[0], order, seed=seed, **settings) for seed in (1, 1, 2))
    known = order[:, :100]
    assert torch.equal(first.gather(1, known), codes.gather(1, known))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
