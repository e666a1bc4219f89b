"""`python -m training.blind --config NAME --program PATH --out FOLDER`: sixty pictures to be named without captions.

Each shows one group of objects, painted by the program from a held-out caption. `answers.json` says which; whoever
looks reads it afterwards.
"""

import argparse
import json
from pathlib import Path

import cv2
import numpy as np

from training import program, shards
from training.config import Config
from training.corpus import ATTRIBUTES
from training.knows import says
from training.train_judge import IS_OBJECT, truth_of

N_PICTURES = 60
N_COLS = 10
SIDE = 156  # pixels of a picture on the sheet
SEED = 7000


def main() -> None:
    """Paints them, in an order of its own."""
    parser = argparse.ArgumentParser(prog="training.blind", description=__doc__)
    parser.add_argument("--config", required=True)
    parser.add_argument("--program", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    asked = parser.parse_args()
    held_out = shards.read(shards.paths_of(Path("target/training") / Config.named(asked.config).name, "held-out"))
    truth = truth_of(held_out.attributes).numpy().astype(bool)
    kinds = [idx for idx, is_object in enumerate(IS_OBJECT) if is_object]

    def kind_of(idx: int) -> str | None:
        """What is in a picture, if it is one kind of object and the caption says so."""
        there = [ATTRIBUTES[kind] for kind in kinds if truth[idx][kind]]
        return there[0] if len(there) == 1 and says(held_out.captions[idx][0], there[0]) else None

    chosen = [idx for idx in range(len(held_out)) if kind_of(idx)][:N_PICTURES]
    pictures = program.paint(asked.program, [held_out.captions[idx][0] for idx in chosen], None, SEED)
    asked.out.mkdir(parents=True, exist_ok=True)
    answers, tiles = {}, []
    for number, place in enumerate(np.random.default_rng(3).permutation(len(chosen)), 1):
        picture = np.ascontiguousarray(pictures[place][..., ::-1])
        cv2.imwrite(str(asked.out / f"{number:02}.png"), picture)
        answers[number] = {"kind": kind_of(chosen[place]), "caption": held_out.captions[chosen[place]][0]}
        tile = cv2.resize(picture, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
        for thickness, colour in ((3, (255, 255, 255)), (1, (0, 0, 0))):
            cv2.putText(tile, str(number), (3, 14), cv2.FONT_HERSHEY_SIMPLEX, 0.42, colour, thickness)
        tiles.append(tile)
    rows = [np.hstack(tiles[start : start + N_COLS]) for start in range(0, len(tiles), N_COLS)]
    cv2.imwrite(str(asked.out / "sheet.jpg"), np.vstack(rows), [cv2.IMWRITE_JPEG_QUALITY, 88])
    (asked.out / "answers.json").write_text(json.dumps(answers, indent=1))


if __name__ == "__main__":
    main()
