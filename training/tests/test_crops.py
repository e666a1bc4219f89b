"""Objects are few and full of detail: crops are cut around them, and their errors weigh more."""

import dataclasses

import numpy as np
import torch

from training import shards
from training.config import CELL_PIXELS, GRID, CodecTraining
from training.train_codec import OBJECT, UNLABELLED, Crops, near_objects

TRAINING = CodecTraining(crops=64, batch=32, crop_cells=4, crops_per_picture=1)


class OneObject(shards.Set):
    """A picture with one cell that holds an object."""

    def pixels(self, idx: int) -> np.ndarray:
        del idx
        return np.zeros((GRID * CELL_PIXELS, GRID * CELL_PIXELS, 3), np.uint8)


def labels_of(on_objects: float) -> np.ndarray:
    labels = np.zeros((GRID, GRID), np.uint8)
    labels[20, 3] = OBJECT
    picture = OneObject([], [labels], [["a cabin"]], [["has:cabin"]], [[]], [])
    training = dataclasses.replace(TRAINING, on_objects=on_objects)
    return Crops(picture, [], training, seed=0).batch(0)[1]


def test_crops_are_cut_around_objects() -> None:
    assert (labels_of(1.0) == OBJECT).any((1, 2)).all()
    assert (labels_of(0.0) == OBJECT).any((1, 2)).mean() < 0.3


def test_as_many_crops_are_real_as_the_plan_says() -> None:
    picture = OneObject([], [np.zeros((GRID, GRID), np.uint8)], [["a cabin"]], [[]], [[]], [])
    photograph = np.zeros((GRID * CELL_PIXELS, GRID * CELL_PIXELS, 3), np.uint8)
    for several in (1, 4):
        training = dataclasses.replace(TRAINING, batch=400, crops_per_picture=several, real_share=0.25)
        labels = Crops(picture, [photograph], training, seed=0).batch(0)[1]
        assert abs((labels == UNLABELLED).all((1, 2)).mean() - 0.25) < 0.08


def test_a_cell_beside_an_object_counts_as_one() -> None:
    labels = torch.zeros(1, 6, 6, dtype=torch.long)
    labels[0, 2, 3] = OBJECT
    found = near_objects(labels)
    assert found.shape == (1, 1, 6, 6)
    assert found.sum() == 9
    assert found[0, 0, 1:4, 2:5].all()
