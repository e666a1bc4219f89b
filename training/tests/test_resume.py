"""An interruption changes nothing; what was carried in pieces arrives."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from training import checkpoint, encode, loop
from training.run import Run
from training.tests import toys
from training.train_codec import CodecLesson, DecoderLesson
from training.train_painter import PainterLesson

SHORT = toys.config(
    codec_training={"crops": 8, "batch": 2, "crop_cells": 4},
    decoder_training={"crops": 8, "batch": 2, "crop_cells": 4},
    painter_training={"pictures": 8, "batch": 2},
    workers=1,
)


class Interrupted(Run):
    """Is over after two steps."""

    asked = 0

    def is_over(self) -> bool:
        self.asked += 1
        return self.asked > 1


def weights_after(lesson: type, run: Run) -> torch.Tensor:
    assert loop.train(run, lesson(run))
    weights = checkpoint.load(run.out / f"{lesson.name}.pt")["average"]
    return torch.cat([it.flatten().float() for it in weights.values()])


@pytest.fixture
def one_thread() -> Iterator[None]:
    """Several add gradients of the word table in any order, which bfloat16 does not forgive."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.mark.usefixtures("one_thread")
@pytest.mark.parametrize("lesson", [CodecLesson, DecoderLesson, PainterLesson])
def test_a_resumed_lesson_ends_like_an_uninterrupted_one(lesson: type, tmp_path: Path) -> None:
    run = toys.run_with_corpus(tmp_path, SHORT)
    straight = weights_after(CodecLesson, run)
    if lesson is not CodecLesson:
        encode.run(run)
        straight = weights_after(lesson, run)

    (run.out / f"{lesson.name}.pt").unlink()
    assert not loop.train(Interrupted(SHORT, run.out), lesson(run))
    assert torch.equal(weights_after(lesson, run), straight)


def test_pieces_hold_the_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoint, "PIECE_BYTES", 20_000)
    weights = toys.painter().state_dict()
    small = {name: it for name, it in weights.items() if it.numel() < 2000}
    checkpoint.save_pieces(tmp_path, "painter", small, 7)
    assert len(list(tmp_path.glob("painter.*.piece"))) > 1
    carried = checkpoint.load_pieces(tmp_path, "painter")
    assert carried["step"] == 7
    assert all(torch.allclose(it, small[name], atol=1e-3) for name, it in carried["weights"].items())
    assert checkpoint.load_pieces(tmp_path, "codec") is None
