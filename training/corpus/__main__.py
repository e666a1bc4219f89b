"""Contact sheets of the corpus: `python -m training.corpus sheet --out sheet.png`, or `pairs`, or `vocabulary`."""

import argparse
import textwrap
from pathlib import Path

import cv2
import numpy as np

from . import Corpus, Subset
from .surface import CELL

TILE = 320  # pixels of a picture on the sheet
TEXT = 54  # pixels below it for its caption


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(prog="python -m training.corpus", description=__doc__)
    parser.add_argument("what", choices=("sheet", "pairs", "vocabulary"))
    parser.add_argument("--out", type=Path, default=Path("sheet.png"))
    parser.add_argument("--seeds", type=int, default=24, help="how many")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--columns", type=int, default=6)
    parser.add_argument("--subset", help="name of a file in subsets/, or path of one", default="all")
    args = parser.parse_args()
    subset = Subset.from_file(args.subset) if args.subset.endswith(".json") else Subset.named(args.subset)
    corpus = Corpus(subset)
    if args.what == "vocabulary":
        print(*corpus.vocabulary())
        return
    tiles = []
    for seed in range(args.first, args.first + args.seeds):
        tiles += pair_tiles(corpus, seed) if args.what == "pairs" else [sheet_tile(corpus, seed)]
    args.out.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(args.out), grid(tiles, args.columns))


def sheet_tile(corpus: Corpus, seed: int) -> np.ndarray:
    """A picture and its first caption."""
    painting = corpus.paint(seed)
    return tile(painting.pixels, f"{seed}: {painting.captions[0]}")


def pair_tiles(corpus: Corpus, seed: int) -> list[np.ndarray]:
    """Before, and after with the part outlined."""
    before, after, part = corpus.pair(seed)
    outlined = after.pixels.copy()
    inside = np.kron(part.cells, np.ones((CELL, CELL))).astype(np.uint8)
    contours, _ = cv2.findContours(inside, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    cv2.drawContours(outlined, contours, -1, (255, 255, 255), 2)
    return [
        tile(before.pixels, f"{seed}: {before.captions[0]}"),
        tile(outlined, f"{part.captions[0]} [{part.attribute}]"),
    ]


def tile(pixels: np.ndarray, caption: str) -> np.ndarray:
    """A picture with a caption, BGR."""
    sheet = np.full((TILE + TEXT, TILE + 6, 3), 28, np.uint8)
    sheet[3 : TILE + 3, 3 : TILE + 3] = cv2.resize(pixels[..., ::-1], (TILE, TILE), interpolation=cv2.INTER_AREA)
    for row, words in enumerate(textwrap.wrap(caption, 50)[:3]):
        at = (5, TILE + 17 + 15 * row)
        cv2.putText(sheet, words, at, cv2.FONT_HERSHEY_SIMPLEX, 0.36, (225, 225, 225), 1, cv2.LINE_AA)
    return sheet


def grid(tiles: list[np.ndarray], columns: int) -> np.ndarray:
    """Tiles in rows."""
    blank = np.full_like(tiles[0], 28)
    tiles = tiles + [blank] * (-len(tiles) % columns)
    rows = [np.hstack(tiles[start : start + columns]) for start in range(0, len(tiles), columns)]
    return np.vstack(rows)


if __name__ == "__main__":
    main()
