"""Orders are permutations, and put last what is to be painted last."""

import numpy as np
import pytest

from training import orders
from training.config import CELLS, GRID


@pytest.mark.parametrize("kind", orders.MIX)
def test_every_cell_comes_once(kind: str) -> None:
    rng = np.random.default_rng(1)
    for _ in range(50):
        assert sorted(orders.draw(rng, kind)) == list(range(CELLS))


def test_the_shares_are_those_of_the_mix() -> None:
    assert sum(orders.MIX.values()) == pytest.approx(1)


def test_the_outline_comes_before_what_lies_between() -> None:
    order = orders.outline(np.random.default_rng(0))
    assert {(int(cell) // GRID % 4, int(cell) % GRID % 4) for cell in order[: CELLS // 16]} == {(1, 1)}
    assert {(int(cell) // GRID % 2, int(cell) % GRID % 2) for cell in order[: CELLS // 4]} == {(1, 1)}


def test_composed_pictures_begin_with_their_anchors_and_go_on_in_rows() -> None:
    order = orders.composed(np.random.default_rng(0))
    assert {(int(cell) // GRID % 4, int(cell) % GRID % 4) for cell in order[: CELLS // 16]} == {(1, 1)}
    assert (np.diff(order[CELLS // 16 :]) > 0).all()


def test_cells_around_a_part_hold_it() -> None:
    rng = np.random.default_rng(5)
    cells = np.zeros((GRID, GRID), bool)
    cells[4:9, 2:8] = True
    seen = orders.around(cells.ravel(), 192, rng)
    assert seen.sum() == 192
    assert seen[cells.ravel()].all()


def test_what_is_inside_a_mask_comes_last() -> None:
    rng = np.random.default_rng(2)
    for _ in range(50):
        mask = orders.blob(rng)
        assert mask.any()
        assert set(orders.inside_last(mask, rng)[CELLS - mask.sum() :]) == set(np.flatnonzero(mask))


def test_a_ragged_part_holds_the_part() -> None:
    rng = np.random.default_rng(3)
    cells = np.zeros(CELLS, bool)
    cells[100:108] = True
    grown = [orders.ragged(cells, rng) for _ in range(50)]
    assert all(it[cells].all() for it in grown)
    assert any(it.sum() > cells.sum() for it in grown)
