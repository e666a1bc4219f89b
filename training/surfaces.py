"""`python -m training.surfaces --program PROGRAM PICTURE…`: whether a finished picture has as much detail as an oil.

Finishes each picture in oil and gouache at 2304 pixels a side, and prints the energy of four octaves, finest first,
beside that of photographs of paintings in oil (Berthe Morisot; training/real.py fetches them). The photographs have
some 900 pixels a side: everything is compared at that size.
"""

import argparse
import subprocess
import tempfile
from pathlib import Path

import cv2
import numpy as np
import torch

from training import metrics, real

SIDE = 2304
COMPARED_SIDE = 864
N_OCTAVES = 4
PAINTINGS = ("young-woman-in-mauve.jpg", "the-garden-at-bougival-1884.jpg", "in-the-bois-de-boulogne.jpg")


def octaves(picture: np.ndarray) -> np.ndarray:
    """Of its middle, from uint8 [height, width, 3]; in steps of 255, squared."""
    scale = COMPARED_SIDE / min(picture.shape[:2])
    picture = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    top, left = ((side - COMPARED_SIDE) // 2 for side in picture.shape[:2])
    square = picture[top : top + COMPARED_SIDE, left : left + COMPARED_SIDE]
    pixels = torch.from_numpy(np.ascontiguousarray(square)).float().permute(2, 0, 1)[None] / 255
    return metrics.octaves(pixels, N_OCTAVES).numpy() * 255**2


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser(prog="training.surfaces", description=__doc__)
    parser.add_argument("--program", type=Path, required=True)
    parser.add_argument("pictures", type=Path, nargs="+")
    asked = parser.parse_args()
    folder = Path("target/training/real")
    real.fetch(folder)
    rows = [(name, octaves(cv2.imread(str(folder / name)))) for name in PAINTINGS]
    with tempfile.TemporaryDirectory() as name:
        out = Path(name) / "out.png"
        for picture in asked.pictures:
            scale = SIDE / min(cv2.imread(str(picture)).shape[:2])
            for finish in ("none", "oil", "gouache"):
                command = [asked.program, "export", picture, "--finish", finish, "--scale", scale, "--out", out]
                subprocess.run([str(it) for it in command], check=True, capture_output=True)
                rows.append((f"{picture.stem}, {finish}", octaves(cv2.imread(str(out)))))
    for label, row in rows:
        print(f"{label:34}", *(f"{it:8.2f}" for it in row))


if __name__ == "__main__":
    main()
