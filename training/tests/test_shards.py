"""What is written to a shard is read back."""

from pathlib import Path

import numpy as np
import pytest

from training import shards
from training.config import ConfigError
from training.tests import toys


def test_a_shard_holds_what_was_painted(tmp_path: Path) -> None:
    paintings = [toys.disc(seed) for seed in range(4)]
    folder = tmp_path / "corpus"
    folder.mkdir()
    shards.write(folder / "pairs_00000.npz", paintings, [paintings[1].parts[0], paintings[3].parts[0]])
    found = shards.read(shards.paths_of(tmp_path, "pairs"))
    assert len(found) == 4
    assert len(found.changed) == 2
    for idx, painting in enumerate(paintings):
        assert np.abs(found.pixels(idx).astype(int) - painting.pixels).mean() < 1.5
        assert (found.labels[idx] == painting.labels).all()
        assert found.captions[idx] == list(painting.captions)
        assert (found.parts[idx][0].cells == painting.parts[0].cells).all()


def test_sets_share_no_seed() -> None:
    config = toys.config(corpus={"pictures": 30, "pairs": 20, "shard": 8})
    tasks = shards.tasks_of(config, Path())
    made = {kind: sum(it.size for it in tasks if it.kind == kind) for kind in shards.FIRST_SEEDS}
    assert made == {"pictures": 30, "pairs": 20, "held-out": 16, "held-out-pairs": 8}
    seeds = [it.first + n for it in tasks for n in range(it.size)]
    assert len(set(seeds)) == len(seeds)


def test_a_later_run_learns_from_new_scenes_and_is_measured_on_the_same() -> None:
    tasks, later = (shards.tasks_of(toys.config(corpus={"first": first}), Path()) for first in (0, 1000))
    for a, b in zip(tasks, later, strict=True):
        assert b.first - a.first == (0 if a.kind.startswith("held-out") else 1000)


def test_shards_of_another_corpus_are_not_taken_for_these(tmp_path: Path) -> None:
    ours, later = (toys.config(corpus={"first": first}).corpus for first in (0, 1000))
    shards.claim(tmp_path, ours)
    shards.claim(tmp_path, ours)
    with pytest.raises(ConfigError, match="another corpus"):
        shards.claim(tmp_path, later)


@pytest.mark.parametrize(
    ("part", "changed", "flaw"),
    [
        ("painter_training", {"regions": 0.7, "edits": 0.4}, "at most 1"),
        ("painter_training", {"warm_up": 0}, "warm-up"),
        ("painter_training", {"object_weight": 0}, "weight"),
        ("painter_training", {"share_kept": 1.5}, "from 0 to 1"),
        ("codec_training", {"batch": 0}, "at least 1"),
        ("judge_training", {"pictures": 1}, "batch"),
        ("corpus", {"held_out": 0}, "held-out"),
    ],
)
def test_a_configuration_that_makes_no_sense_is_refused(part: str, changed: dict, flaw: str) -> None:
    with pytest.raises(ConfigError, match=flaw):
        toys.config(**{part: changed})
