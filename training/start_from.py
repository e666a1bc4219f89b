"""Begins a run with what an exported network has learned, whose world or words may be others.

Words that both know keep their rows; new words begin as new. How much more codec, painter and decoder learn is the
configuration's affair: with no crops at all the codec stays as it is, and codes keep their meaning.
"""

import json
import shutil
from pathlib import Path

import torch

from training import checkpoint
from training.export import load_model
from training.run import BEGUN_WITH, Run
from training.train_painter import new_painter, words_of
from training.words import FIRST_WORD


def begin(run: Run, model: Path) -> None:
    """Fills `run.out` from the folder of an exported model, unless it holds a painter already.

    Raises `FileNotFoundError` if there is nothing to begin with, `RuntimeError` if the shapes are not the same.
    """
    pieces = run.out / "pieces"
    if (run.out / "painter.pt").exists() or pieces.exists():
        return
    codec, learned, described = load_model(model)
    weights = learned.state_dict()
    known = json.loads((model / "words.json").read_text())["words"]
    torch.manual_seed(run.config.seed)
    painter = new_painter(run.config)
    weights["txt"] = rows_by_word(painter.txt.detach(), words_of(run.config).known, weights["txt"], known)
    painter.load_state_dict(weights)
    # All or nothing: half of it would be taken for a beginning.
    unfinished = pieces.with_suffix(".part")
    shutil.rmtree(unfinished, ignore_errors=True)
    checkpoint.save_pieces(unfinished, "codec", codec.state_dict(), step=0, to_carry=False)
    checkpoint.save_pieces(unfinished, "painter", painter.state_dict(), step=0, to_carry=False)
    unfinished.rename(pieces)
    (run.out / BEGUN_WITH).write_text(described["trained_on"])
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
