"""Pictures painted and edited by the program itself: what is evaluated is what ships, and it is faster than PyTorch."""

import json
import os
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import numpy as np

from training.config import GRID
from training.corpus import Part


def paint(
    program: Path, captions: list[str], order: np.ndarray | str | None, seed: int, model: Path | None = None
) -> np.ndarray:
    """Pictures uint8 [n, 576, 576, 3] in the model's own settings; `order` is a name, or cells
    [576], or nothing for the model's own. `model` is a
    folder with a network; without one the program's own paints.

    Raises `subprocess.CalledProcessError` where the program fails.
    """

    def job(idx: int, _folder: Path) -> list[str]:
        chosen = ["--model", str(model)] if model else []
        chosen += [] if order is None else ["--order", name_of(order)]
        return [captions[idx], "--scale", "1", "--seed", str(seed + idx), *chosen]

    return run(program, len(captions), job)


def edit(program: Path, pictures: np.ndarray, parts: list[Part], seed: int) -> np.ndarray:
    """`pictures` (uint8 [n, 576, 576, 3]) opened, with one part each painted anew under its own words.

    Raises `subprocess.CalledProcessError` where the program fails.
    """

    def job(idx: int, folder: Path) -> list[str]:
        picture, script = folder / f"{idx}.before.png", folder / f"{idx}.json"
        cv2.imwrite(str(picture), pictures[idx][..., ::-1])
        part = parts[idx]
        repaint = {"cells": np.argwhere(part.cells).tolist(), "prompt": part.captions[0], "follow": "only"}
        script.write_text(json.dumps([{"at": 0, "repaint": repaint}]))
        return ["--open", str(picture), "--edit", str(script), "--seed", str(seed + idx)]

    return run(program, len(pictures), job)


def run(program: Path, n: int, job: Callable[[int, Path], list[str]]) -> np.ndarray:
    """What the program paints when told what `job(idx, folder)` returns; what it leaves there is thrown away."""
    n_cores = os.cpu_count() or 1
    # One on each core: that is faster than one after the other on all of them.
    environment = os.environ | {"RAYON_NUM_THREADS": "1"}
    with TemporaryDirectory() as name, ThreadPoolExecutor(n_cores) as pool:
        folder = Path(name)

        def one(idx: int) -> np.ndarray:
            out = folder / f"{idx}.png"
            command = [program, "paint", *job(idx, folder), "--out", out]
            subprocess.run(command, check=True, capture_output=True, env=environment)
            picture = cv2.imread(str(out))[..., ::-1]
            out.unlink()
            return picture

        return np.stack(list(pool.map(one, range(n))))


def name_of(order: np.ndarray | str) -> str:
    """As `--order` takes it: a name, or cells by row and column."""
    if isinstance(order, str):
        return order
    return " ".join(f"{cell // GRID},{cell % GRID}" for cell in order)
