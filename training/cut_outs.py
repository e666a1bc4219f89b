"""`python -m training.cut_outs --program PROGRAM`: how well objects are cut out whose alpha is known.

Forty composites (training/composites.py): first with a rough rectangle, then with two more strokes where the first
result is worst. Prints the mean error of alpha over the whole picture, by kind and way.
"""

import argparse
import subprocess
import tempfile
from collections import defaultdict
from pathlib import Path

import cv2
import numpy as np

from training.composites import composites


def rough(alpha: np.ndarray, grow: float = 0.08) -> tuple[int, int, int, int]:
    """Left, top, right, bottom around what is there, larger by a share of its size on each side."""
    ys, xs = np.where(alpha > 8)
    left, right, top, bottom = xs.min(), xs.max() + 1, ys.min(), ys.max() + 1
    x, y = round((right - left) * grow), round((bottom - top) * grow)
    h, w = alpha.shape
    return max(0, left - x), max(0, top - y), min(w, right + x), min(h, bottom + y)


def stroke(wrong: np.ndarray, room: np.ndarray) -> tuple | None:
    """Both ends of a line, at most 80 pixels long, through the worst of `wrong`, that does not leave `room`."""
    line = np.zeros(wrong.shape, np.uint8)
    room = cv2.erode(np.pad(room.astype(np.uint8), 1), np.ones((7, 7), np.uint8))[1:-1, 1:-1]
    n, parts, stats, _ = cv2.connectedComponentsWithStats(wrong.astype(np.uint8))
    if n > 1:
        wrong = parts == 1 + stats[1:, cv2.CC_STAT_AREA].argmax()
    if not (wrong & (room > 0)).any():
        wrong = room > 0
    if not wrong.any():
        return None
    depth = cv2.distanceTransform((wrong & (room > 0)).astype(np.uint8), cv2.DIST_L2, 3)
    y, x = np.unravel_index(depth.argmax(), depth.shape)
    best = (-1, (x, y), (x, y))
    for angle in np.arange(0, np.pi, np.pi / 12):
        ends = []
        for sign in (1, -1):
            reach = 0
            while reach < 40:
                px, py = round(x + sign * (reach + 1) * np.cos(angle)), round(y + sign * (reach + 1) * np.sin(angle))
                if not (0 <= px < room.shape[1] and 0 <= py < room.shape[0] and room[py, px]):
                    break
                reach += 1
            ends.append((round(x + sign * reach * np.cos(angle)), round(y + sign * reach * np.sin(angle)), reach))
        # Along what is wrong rather than just far.
        probe = np.zeros_like(line)
        cv2.line(probe, ends[0][:2], ends[1][:2], 1, 5)
        score = int((probe.astype(bool) & wrong).sum())
        if score > best[0]:
            best = (score, ends[0][:2], ends[1][:2])
    return best[1:]


def cut(program: Path, folder: Path, rect: tuple[int, ...], strokes: dict[str, tuple | None]) -> np.ndarray:
    """Alpha that the program finds, from 0 to 1; nothing where it finds nothing."""
    command = [program, "cutout", folder / "in.png", "--out", folder / "out.png"]
    command += ["--rect", ",".join(map(str, rect))]
    for name, ends in strokes.items():
        if ends is not None:
            command += [f"--{name}", ";".join(f"{x},{y}" for x, y in ends)]
    done = subprocess.run([str(it) for it in command], capture_output=True, text=True)
    if "Nothing of the picture is foreground" in done.stderr:
        return np.zeros(cv2.imread(str(folder / "in.png")).shape[:2])
    done.check_returncode()
    return cv2.imread(str(folder / "out.png"), cv2.IMREAD_UNCHANGED)[..., 3] / 255


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser(prog="training.cut_outs", description=__doc__)
    parser.add_argument("--program", type=Path, required=True)
    program = parser.parse_args().program.resolve()
    table = defaultdict(list)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for case, picture, alpha in composites():
            cv2.imwrite(str(folder / "in.png"), picture[..., ::-1])
            true, rect = alpha / 255, rough(alpha)
            first = cut(program, folder, rect, {})
            inside = np.zeros(true.shape, bool)
            inside[rect[1] : rect[3], rect[0] : rect[2]] = True
            keep = stroke(true - first > 0.5, true > 0.97)
            drop = stroke(first - true > 0.5, (true < 0.03) & inside)
            second = cut(program, folder, rect, {"keep": keep, "drop": drop})
            row = [np.abs(it - true).mean() for it in (first, second)]
            print(f"{case:20} {row[0]:.4f} {row[1]:.4f}", flush=True)
            for key in (*case.split("-")[1:], "all"):
                table[key].append(row)
    print("mean error of alpha with a rectangle, with two strokes; the worst of each")
    for key, rows in table.items():
        mean, worst = np.mean(rows, 0), np.max(rows, 0)
        print(f"{key:10} {len(rows):2} {mean[0]:.4f} {mean[1]:.4f}   {worst[0]:.4f} {worst[1]:.4f}")


if __name__ == "__main__":
    main()
