"""Distances of distributions."""

import numpy as np

from training import metrics
from training.corpus import ATTRIBUTES
from training.evaluate import most_alike

DIM = 40


def test_equal_clouds_are_hardly_apart_however_few_are_seen() -> None:
    """Where the plain distance says that they are."""
    rng = np.random.default_rng(3)
    a, b = rng.normal(size=(2, 200, DIM))
    plain, extrapolated = metrics.frechet(a, b), metrics.extrapolated_frechet(a, b)
    assert plain > 3
    assert abs(extrapolated) < plain / 4


def test_a_cloud_that_was_moved_is_as_far_as_it_was_moved() -> None:
    """In squares."""
    rng = np.random.default_rng(4)
    a, b = rng.normal(size=(2, 400, DIM))
    assert abs(metrics.extrapolated_frechet(a, b + 0.5) - 0.25 * DIM) < 1


def test_each_scene_gets_the_most_alike_that_is_left() -> None:
    a, b, c, d, e = ATTRIBUTES[:5]
    offered = [[c], [a, b, d], [a, b], [e]]
    assert most_alike([[a, b], [c], [a, b]], offered).tolist() == [2, 0, 1]
    assert most_alike([[a, b], [c], [a, b]], offered[:2]).tolist() == [1, 0]
