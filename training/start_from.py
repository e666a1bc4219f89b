"""Begins a run with what another has learned, whose world or words may be others: its codec, and its painter's weights.

Words that both know keep their rows; new words begin as new. The codec is taken over whole, so that the painter's
codes keep their meaning; its stages have nothing left to do.
"""

import json
import shutil
from pathlib import Path

import torch

from training import checkpoint
from training.run import Run
from training.train_painter import new_painter, words_of
from training.words import FIRST_WORD


def begin(run: Run, other: Path) -> None:
    """Fills `run.out` from the folder of a run that has been exported, unless it holds a painter already.

    Raises `FileNotFoundError` if there is nothing to begin with, `RuntimeError` if the shapes are not the same.
    """
    if (run.out / "painter.pt").exists() or (run.out / "pieces").exists():
        return
    weights = checkpoint.load_weights(other, "painter")
    if weights is None:
        raise FileNotFoundError(f"There is no painter to begin with\nLooked in: {other}")
    known = json.loads((other / "model" / "words.json").read_text())["words"]
    torch.manual_seed(run.config.seed)
    painter = new_painter(run.config)
    weights["txt"] = rows_by_word(painter.txt.detach(), words_of(run.config).known, weights["txt"], known)
    painter.load_state_dict(weights)
    for kept in ("codec.pt", "decoder.pt"):
        if (other / kept).exists() and not (run.out / kept).exists():
            shutil.copy(other / kept, run.out / kept)
    checkpoint.save_pieces(run.out / "pieces", "painter", painter.state_dict(), step=0)
    both = set(known) & set(words_of(run.config).known)
    run.report("start_from", words=len(words_of(run.config)), known=len(both))


def rows_by_word(fresh: torch.Tensor, words: list[str], learned: torch.Tensor, known: list[str]) -> torch.Tensor:
    """`fresh` [rows, dim] for `words`, with the learned rows of those that are among `known`."""
    rows = fresh.clone()
    rows[:FIRST_WORD] = learned[:FIRST_WORD]
    place = {word: idx for idx, word in enumerate(known, FIRST_WORD)}
    for idx, word in enumerate(words, FIRST_WORD):
        if word in place:
            rows[idx] = learned[place[word]]
    return rows
