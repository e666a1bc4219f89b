"""Pictures painted by the program itself: what is evaluated is what ships, and faster than PyTorch paints it."""

import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import numpy as np

from training.config import GRID


def paint(program: Path, captions: list[str], order: np.ndarray | str, seed: int) -> np.ndarray:
    """Pictures uint8 [n, 576, 576, 3] in the model's own settings; `order` is a name, or cells [576].

    Raises `subprocess.CalledProcessError` where the program fails.
    """
    pictures = []
    with TemporaryDirectory() as folder:
        out = Path(folder) / "painted.png"
        for idx, caption in enumerate(captions):
            options = ["--seed", str(seed + idx), "--order", name_of(order), "--out", str(out)]
            subprocess.run([program, "paint", caption, *options], check=True, capture_output=True)
            pictures.append(cv2.imread(str(out))[..., ::-1])
    return np.stack(pictures)


def name_of(order: np.ndarray | str) -> str:
    """As `--order` takes it: a name, or cells by row and column."""
    if isinstance(order, str):
        return order
    return " ".join(f"{cell // GRID},{cell % GRID}" for cell in order)
