"""The loop that every network learns in: batches made ahead, stops and goes on, weights averaged, a line of log.

A batch follows from the seed and the step alone, so an interruption changes nothing.
"""

import math
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Protocol, TypeVar

import numpy as np
import torch
from torch import Tensor, nn

from training import checkpoint
from training.run import Run

Batch = TypeVar("Batch")


class Lesson(Protocol):
    """What a network learns, and how."""

    name: str
    steps: int
    average: nn.Module  # the weights that are kept in the end

    def batch(self, step: int) -> object:
        """The data of a step, made in another thread."""

    def learn(self, step: int, batch: object) -> dict[str, Tensor]:
        """Takes a step, and returns losses to be reported."""

    def examine(self) -> dict[str, float]:
        """How good it is on held-out pictures."""

    def state_dict(self) -> dict:
        """Everything that the next step depends on."""

    def load_state_dict(self, state: dict) -> None:
        """The reverse."""

    def load_weights(self, weights: dict[str, Tensor]) -> None:
        """Goes on from averaged weights alone."""


def rng_of(seed: int, *path: int) -> np.random.Generator:
    """Chance for one purpose, step or picture."""
    return np.random.default_rng([seed, *path])


def train(run: Run, lesson: Lesson, pieces: Path | None = None) -> bool:
    """Takes steps until all are taken or the time is spent. Returns whether all are taken."""
    path = run.out / f"{lesson.name}.pt"
    first = resume(path, lesson, run.out / "pieces")
    saved, step, mean, started = time.monotonic(), first, {}, run.elapsed()
    for step, batch in enumerate(ahead(lesson.batch, range(first, lesson.steps), run.config.workers), first + 1):
        losses = lesson.learn(step - 1, batch)
        for key, loss in losses.items():
            mean[key] = loss.detach().float() if key not in mean else mean[key].lerp(loss.detach().float(), 0.05)
        if step % run.config.report_every == 0 or step == lesson.steps:
            speed = (step - first) / (run.elapsed() - started)
            facts = {key: it.item() for key, it in mean.items()}
            run.report(lesson.name, step=step, of=lesson.steps, steps_per_second=speed, **facts)
        if run.is_over():
            break
        if time.monotonic() - saved > run.save_seconds:
            saved = time.monotonic()
            checkpoint.save(path, {"step": step, **lesson.state_dict()})
            if pieces:
                checkpoint.save_pieces(pieces, lesson.name, lesson.average.state_dict(), step)
    if step > first:
        checkpoint.save(path, {"step": step, **lesson.state_dict()})
        run.report(lesson.name, step=step, of=lesson.steps, **lesson.examine())
    if pieces:
        checkpoint.save_pieces(pieces, lesson.name, lesson.average.state_dict(), step)
    return step == lesson.steps


def resume(path: Path, lesson: Lesson, pieces: Path) -> int:
    """Puts the lesson where it stopped, and returns the steps taken until then."""
    if path.exists():
        state = checkpoint.load(path)
        lesson.load_state_dict(state)
        return state["step"]
    carried = checkpoint.load_pieces(pieces, lesson.name)
    if carried:
        lesson.load_weights(carried["weights"])
        return carried["step"]
    return 0


def ahead(make: Callable[[int], Batch], steps: range, workers: int) -> Iterator[Batch]:
    """`make(step)` for each step in order, some made ahead by `workers` threads."""
    pool = ThreadPoolExecutor(workers)
    waiting: deque = deque()
    try:
        for step in steps:
            waiting.append(pool.submit(make, step))
            if len(waiting) > 2 * workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


def rate(step: int, share: float, warm_up: int, decay_from: float, floor: float = 0.0) -> float:
    """The learning rate as a share of its peak: rises over `warm_up` steps, falls along a cosine at the end. `share` is
    how much of the stage is over (`Run.share`)."""
    rise = min(1.0, (step + 1) / warm_up)
    fall = max(0.0, share - decay_from) / (1.0 - decay_from)
    return rise * (floor + (1.0 - floor) * (0.5 + 0.5 * math.cos(math.pi * fall)))


@torch.no_grad()
def follow(average: nn.Module, model: nn.Module, step: int, memory: float) -> None:
    """Moves the averaged weights towards the model's; what is no weight (running statistics) is copied."""
    keep = min(memory, 1.0 - 1.0 / (step / 5 + 1))
    torch._foreach_lerp_(list(average.parameters()), list(model.parameters()), 1.0 - keep)
    for ours, theirs in zip(average.buffers(), model.buffers(), strict=True):
        ours.copy_(theirs)
