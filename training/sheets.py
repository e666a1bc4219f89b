"""Contact sheets: pictures side by side, for looking."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

SIDE = 256  # of a picture on a sheet
GAP = 4
COLUMNS = 6
LINE = 18  # height of a line of text


def write(path: Path, rows: Sequence[np.ndarray], texts: Sequence[str] = ()) -> None:
    """Pictures uint8 [n, height, width, 3] of the same things, one kind above the other; a text under each."""
    n = len(rows[0])
    strips = []
    for start in range(0, n, COLUMNS):
        for pictures in rows:
            strips.append(strip(pictures[start : start + COLUMNS]))
        if texts:
            strips.append(captions(texts[start : start + COLUMNS]))
    sheet = np.concatenate(strips)
    cv2.imwrite(str(path), cv2.cvtColor(sheet, cv2.COLOR_RGB2BGR))


def strip(pictures: np.ndarray) -> np.ndarray:
    """Up to COLUMNS pictures side by side."""
    canvas = np.full((SIDE + GAP, COLUMNS * (SIDE + GAP), 3), 255, np.uint8)
    for idx, it in enumerate(pictures):
        left = idx * (SIDE + GAP)
        canvas[:SIDE, left : left + SIDE] = cv2.resize(it, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    return canvas


def captions(texts: Sequence[str]) -> np.ndarray:
    """A line of text under each picture."""
    canvas = np.full((LINE + GAP, COLUMNS * (SIDE + GAP), 3), 255, np.uint8)
    for idx, it in enumerate(texts):
        place = idx * (SIDE + GAP), LINE - GAP
        cv2.putText(canvas, it[:40], place, cv2.FONT_HERSHEY_SIMPLEX, 0.36, (0, 0, 0), 1, cv2.LINE_AA)
    return canvas
