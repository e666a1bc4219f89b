"""What the painter is shown."""

import numpy as np

from training import shards
from training.config import CELLS, GRID, PainterTraining
from training.corpus import LABELS, OBJECT
from training.examples import Examples
from training.words import Words

NOTHING = shards.Set([], [], [], [], [], [])


def test_cells_that_hold_an_object_weigh_as_much_as_the_plan_says() -> None:
    labels = np.full((GRID, GRID), LABELS.index("sky"), np.uint8)
    labels[3, 4] = OBJECT
    pictures = shards.Set([], [labels], [["a sailboat"]], [["has:sailboat"]], [[]], [])
    codes = np.zeros((1, CELLS), np.uint16)
    examples = Examples((codes, pictures), (codes[:0], NOTHING), Words(["sailboat"], n_slots=4), n_codes=16)
    plan = PainterTraining(pictures=1, batch=3, regions=0, edits=0, object_weight=2)
    counts = examples.batch(np.random.default_rng(0), plan).counts.reshape(3, GRID, GRID)
    assert (counts[:, 3, 4] == 2).all()
    assert (counts.sum((1, 2)) == CELLS + 1).all()
