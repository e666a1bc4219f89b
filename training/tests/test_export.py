"""What is exported is read back as the same network, and the network that ships keeps what its case says."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import safetensors.torch
import torch
from safetensors.torch import load_file

from training import checkpoint, encode, export, loop, start_from
from training.config import GRID
from training.run import Run
from training.tests import toys
from training.train_codec import CodecLesson
from training.train_painter import PainterLesson, load_painter

SHIPPED = Path(__file__).parents[2] / "assets" / "model"


@pytest.mark.parametrize("weights", ["f16", "rows8"])
def test_an_exported_network_keeps_its_case(weights: str, tmp_path: Path) -> None:
    config = toys.config(
        codec_training={"crops": 4, "batch": 2},
        painter_training={"pictures": 4, "batch": 2},
        weights=weights,
        workers=1,
    )
    run = toys.run_with_corpus(tmp_path, config)
    loop.train(run, CodecLesson(run))
    encode.run(run)
    loop.train(run, PainterLesson(run))
    export.run(run)
    check_case(tmp_path / "model")
    described = json.loads((tmp_path / "model" / "config.json").read_text())
    pictures, pairs = (len(encode.read(run, kind)[1]) for kind in ("pictures", "pairs"))
    assert described["trained_on"] == f"4 examples from {pictures} procedural landscapes and {pairs // 2} pairs"


def test_a_run_begins_with_what_an_exported_network_has_learned(tmp_path: Path) -> None:
    plan = {"codec_training": {"crops": 4, "batch": 2}, "painter_training": {"pictures": 4, "batch": 2}, "workers": 1}
    first = toys.run_with_corpus(tmp_path / "first", toys.config(weights="rows8", **plan))
    loop.train(first, CodecLesson(first))
    encode.run(first)
    loop.train(first, PainterLesson(first))
    export.run(first)

    plan["codec_training"] = {"crops": 0, "batch": 2}
    second = toys.run_with_corpus(tmp_path / "second", toys.config(weights="rows8", **plan))
    start_from.begin(second, tmp_path / "first" / "model")
    encode.run(second)
    lessons = [PainterLesson(it) for it in (first, second)]
    assert not np.array_equal(lessons[0].batch(0).order, lessons[1].batch(0).order)
    loop.train(second, lessons[1])
    export.run(second)
    files = [load_file(tmp_path / name / "model" / "codec.safetensors") for name in ("first", "second")]
    assert all(torch.allclose(files[1][name].float(), weight.float(), atol=1e-6) for name, weight in files[0].items())
    described = [export.load_model(tmp_path / name / "model")[2] for name in ("first", "second")]
    assert described[1]["trained_on"] == "; then ".join(2 * [described[0]["trained_on"]])
    before, half, after = (kept_of(second, share) for share in (0.0, 0.5, 1.0))
    begun_with, learned = checkpoint.load_pieces(second.out / "pieces", "painter"), second.out / "painter.pt"
    for name, weight in checkpoint.load(learned)["average"].items():
        assert torch.equal(after[name], weight)
        assert torch.equal(before[name], begun_with["weights"][name])
        assert torch.allclose(half[name], (before[name] + weight) / 2, atol=1e-6)


def kept_of(run: Run, share: float) -> dict[str, torch.Tensor]:
    """The painter's weights where only a share of what it learned is kept."""
    plan = replace(run.config.painter_training, share_kept=share)
    run.config = replace(run.config, painter_training=plan)
    return load_painter(run).state_dict()


def test_a_network_that_is_not_whole_is_refused(tmp_path: Path) -> None:
    shutil.copytree(SHIPPED, tmp_path / "model")
    weights = load_file(SHIPPED / "painter.safetensors")
    weights.pop("bias" if "bias" in weights else next(iter(weights)))
    safetensors.torch.save_file(weights, tmp_path / "model" / "painter.safetensors")
    with pytest.raises(ValueError, match="lacks"):
        export.load_model(tmp_path / "model")


def test_the_shipped_network_keeps_its_case() -> None:
    assert json.loads((SHIPPED / "config.json").read_text())["grid"] == [GRID, GRID]
    check_case(SHIPPED)


def check_case(folder: Path) -> None:
    """Whether the files hold the network that the case was computed with."""
    codec, painter, described = export.load_model(folder)
    case = load_file(folder / "case.safetensors")
    rows, cols = described["grid"]
    pixels = case["pixels"]
    pixels = pixels.float() / 127.5 - 1 if pixels.dtype == torch.uint8 else pixels.float()
    with torch.inference_mode():
        decoded, labels = codec.decode(codec.quantiser.values(case["tokens"].view(1, rows, cols)))
        _, codes, _ = codec.encode(pixels[None])
        for order in ("rows", "mask"):
            answers = export.answers(painter, case["tokens"], case[f"order_{order}"], case["text_ids"])
            assert torch.allclose(answers, case[f"logits_{order}"], atol=2e-3)
    stride = -(-described["pixels"] // case["decoded"].shape[-1])
    assert torch.allclose(decoded[0, :, ::stride, ::stride], case["decoded"], atol=2e-3)
    assert torch.allclose(labels[0], case["labels"], atol=2e-3)
    assert (codes[0] == case["codes"]).float().mean() > 0.99
    words = json.loads((folder / "words.json").read_text())["words"]
    assert len(words) + 3 == described["painter"]["words"]
    assert np.isfinite(answers.numpy()).all()
