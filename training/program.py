"""Pictures painted by the program itself: what is evaluated is what ships, and faster than PyTorch paints it."""

import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import numpy as np

from training.config import GRID


def paint(program: Path, captions: list[str], order: np.ndarray | str, seed: int) -> np.ndarray:
    """Pictures uint8 [n, 576, 576, 3] in the model's own settings; `order` is a name, or cells [576].

    Raises `subprocess.CalledProcessError` where the program fails.
    """
    n_cores = os.cpu_count() or 1
    # One on each core: that is faster than one after the other on all of them.
    environment = os.environ | {"RAYON_NUM_THREADS": "1"}
    with TemporaryDirectory() as folder, ThreadPoolExecutor(n_cores) as pool:

        def one(idx: int) -> np.ndarray:
            out = Path(folder) / f"{idx}.png"
            options = ["--seed", str(seed + idx), "--order", name_of(order), "--out", str(out)]
            subprocess.run(
                [program, "paint", captions[idx], *options], check=True, capture_output=True, env=environment
            )
            picture = cv2.imread(str(out))[..., ::-1]
            out.unlink()
            return picture

        return np.stack(list(pool.map(one, range(len(captions)))))


def name_of(order: np.ndarray | str) -> str:
    """As `--order` takes it: a name, or cells by row and column."""
    if isinstance(order, str):
        return order
    return " ".join(f"{cell // GRID},{cell % GRID}" for cell in order)
