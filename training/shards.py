"""The corpus on disk: painted by worker processes, kept in files of some hundred pictures, read back whole.

A shard is an `.npz` of packed pictures (JPEG at a quality that loses nothing the codec could keep), their labels,
and the rest as JSON. Shard `i` of a set is made of the set's seeds `i · n … (i + 1) · n − 1`, so it does not matter
which process makes it, nor in which call. The held-out sets have seeds of their own.
"""

import json
import multiprocessing
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from training.config import GRID, MOST_SEEDS, Config, ConfigError, CorpusConfig
from training.corpus import Corpus, Painting, Part, Subset

if TYPE_CHECKING:
    from training.run import Run

FIRST_SEEDS = {kind: idx * MOST_SEEDS for idx, kind in enumerate(("pictures", "pairs", "held-out", "held-out-pairs"))}
JPEG = [cv2.IMWRITE_JPEG_QUALITY, 96, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444]


def corpus_of(config: Config) -> Corpus:
    """The generator that the configuration asks for."""
    name = config.corpus.subset
    return Corpus(Subset.all() if name == "all" else Subset.named(name))


@dataclass(frozen=True)
class Task:
    """A shard to be made."""

    config: Config
    kind: str  # one of FIRST_SEEDS
    first: int  # seed
    size: int  # paintings, or pairs
    path: Path


def tasks_of(config: Config, folder: Path) -> list[Task]:
    """All shards of a corpus, held-out ones first: they are few, and everything is measured on them. Pictures and pairs
    grow side by side, so that the painter can begin before all are there."""
    corpus = config.corpus
    totals = {
        "held-out": corpus.held_out,
        "held-out-pairs": corpus.held_out_pairs,
        "pictures": corpus.pictures,
        "pairs": corpus.pairs,
    }
    tasks: list[tuple[float, Task]] = []
    for kind, total in totals.items():
        first = FIRST_SEEDS[kind] + (0 if kind.startswith("held-out") else corpus.first)
        for idx, start in enumerate(range(0, total, corpus.shard)):
            path = folder / f"{kind}_{idx:05}.npz"
            place = -1.0 if kind.startswith("held-out") else start / total
            tasks.append((place, Task(config, kind, first + start, min(corpus.shard, total - start), path)))
    return [task for _, task in sorted(tasks, key=lambda it: it[0])]


def run(run: "Run") -> None:
    """Makes the shards that are missing."""
    folder = run.out / "corpus"
    folder.mkdir(exist_ok=True)
    claim(folder, run.config.corpus)
    missing = [task for task in tasks_of(run.config, folder) if not task.path.exists()]
    done = 0
    with ProcessPoolExecutor(run.config.workers, multiprocessing.get_context("spawn")) as pool:
        pending = set()
        while pending or (missing and not run.is_over()):
            while missing and len(pending) < run.config.workers and not run.is_over():
                pending.add(pool.submit(make, missing.pop(0)))
            finished, pending = wait(pending, return_when=FIRST_COMPLETED)
            done += sum(it.result() for it in finished)
            run.report(
                "corpus", pictures=done, per_second=done / run.elapsed(), shards_left=len(missing) + len(pending)
            )


def claim(folder: Path, corpus: CorpusConfig) -> None:
    """Notes for which corpus the shards are made: they are known by their numbers alone.

    Raises `ConfigError` where those of another one are there.
    """
    wanted = {"subset": corpus.subset, "first": corpus.first, "shard": corpus.shard}
    note = folder / "made_for.json"
    if note.exists() and (found := json.loads(note.read_text())) != wanted:
        raise ConfigError(f"The pictures are of another corpus: {found}, not {wanted}\nMove them away: {folder}")
    note.write_text(json.dumps(wanted))


def make(task: Task) -> int:
    """Paints one shard, and returns how many pictures it holds."""
    cv2.setNumThreads(1)
    corpus = corpus_of(task.config)
    paintings: list[Painting] = []
    parts: list[Part] = []
    for seed in range(task.first, task.first + task.size):
        if task.kind.endswith("pairs"):
            before, after, part = corpus.pair(seed)
            paintings += [before, after]
            parts.append(part)
        else:
            paintings.append(corpus.paint(seed))
    write(task.path, paintings, parts)
    return len(paintings)


def write(path: Path, paintings: list[Painting], changed: list[Part]) -> None:
    """A shard; `changed` says of pairs (two paintings each) what changed between them."""
    packed = [cv2.imencode(".jpg", it.pixels[..., ::-1], JPEG)[1].ravel() for it in paintings]
    facts = {"paintings": [painting_facts(it) for it in paintings], "changed": [part_facts(it) for it in changed]}
    part = path.with_suffix(".part")
    with part.open("wb") as file:
        np.savez(
            file,
            jpegs=np.concatenate(packed),
            ends=np.cumsum([len(it) for it in packed]),
            labels=np.stack([it.labels for it in paintings]),
            facts=np.frombuffer(json.dumps(facts).encode(), np.uint8),
        )
    part.replace(path)


def painting_facts(painting: Painting) -> dict:
    """All that is known of a painting but its pixels and labels."""
    return {
        "captions": list(painting.captions),
        "attributes": sorted(painting.attributes),
        "parts": [part_facts(it) for it in painting.parts],
    }


def part_facts(part: Part) -> dict:
    """Cells as the indices of those that are in it."""
    cells = np.flatnonzero(part.cells).tolist()
    return {"cells": cells, "captions": list(part.captions), "attribute": part.attribute}


def part_of(facts: dict) -> Part:
    """The reverse of `part_facts`."""
    cells = np.zeros(GRID * GRID, bool)
    cells[facts["cells"]] = True
    return Part(cells.reshape(GRID, GRID), tuple(facts["captions"]), facts["attribute"])


@dataclass(frozen=True)
class Set:
    """Pictures in memory, still packed. In a set of pairs, 2 i is before and 2 i + 1 after the change `changed[i]`."""

    jpegs: list[np.ndarray]  # of bytes
    labels: list[np.ndarray]  # of uint8 [24, 24]
    captions: list[list[str]]
    attributes: list[list[str]]
    parts: list[list[Part]]
    changed: list[Part]

    def __len__(self) -> int:
        return len(self.captions)

    def pixels(self, idx: int) -> np.ndarray:
        """uint8 [576, 576, 3]."""
        return cv2.cvtColor(cv2.imdecode(self.jpegs[idx], cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)


def paths_of(out: Path, kind: str) -> list[Path]:
    """The shards of one of FIRST_SEEDS, as far as they have been made."""
    paths = sorted((out / "corpus").glob(f"{kind}_[0-9]*.npz"))
    if not paths:
        raise FileNotFoundError(f"There are no pictures yet: run the stage corpus first\nLooked in: {out / 'corpus'}")
    return paths


def read(paths: list[Path], with_pixels: bool = True) -> Set:
    """What some shards hold. Pixels may be left where they are."""
    found = Set([], [], [], [], [], [])
    for path in paths:
        shard = np.load(path)
        facts = json.loads(shard["facts"].tobytes())
        found.labels.extend(shard["labels"])
        if with_pixels:
            found.jpegs.extend(np.split(shard["jpegs"], shard["ends"][:-1]))
        for it in facts["paintings"]:
            found.captions.append(it["captions"])
            found.attributes.append(it["attributes"])
            found.parts.append([part_of(part) for part in it["parts"]])
        found.changed.extend(part_of(part) for part in facts["changed"])
    return found
