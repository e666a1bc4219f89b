"""`python -m training.predictability --config NAME --start-from FOLDER`: how far the predictability loss can go.

For each weight of the loss a codec goes on from the exported one in `FOLDER`, and a small painter learns its codes from
the beginning, both for the same number of steps on the same pictures. Prints a row of a table for each: the painter's
nats per held-out cell, and how near and how detailed reconstructions are. `predictability.jpg` shows them side by side,
real ones first. Needs the corpus of the configuration; what has been trained already is not trained again.
"""

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np

from training import checkpoint, encode, looks, loop, shards, sheets
from training.config import Config
from training.export import load_model
from training.run import Run
from training.train_codec import CodecLesson, load_codec
from training.train_painter import PainterLesson, likelihoods, load_painter

WEIGHTS = (0.0, 0.01, 0.03)
CROPS = 12_000
PICTURES = 12_000  # that the painter is shown
N_SHARDS = {"pictures": 16, "pairs": 4, "held-out": 2, "held-out-pairs": 1}  # of the corpus
N_MEASURED = 32
N_SHOWN = 6
SHOWN = slice(160, 160 + sheets.SIDE)  # of each axis: pixels are judged at full size


def trial_of(config: Config, weight: float) -> Config:
    """The configuration with a small painter, and little time for both."""
    return replace(
        config,
        name=f"predictability_{weight:g}",
        codec_training=replace(config.codec_training, crops=CROPS, predictability=weight),
        painter=replace(config.painter, dim=128, self_layers=3, cross_layers=3, ffn=384),
        painter_training=replace(config.painter_training, pictures=PICTURES),
    )


def begin(run: Run, corpus: Path, model: Path) -> None:
    """Lends the run some shards of the corpus, and the exported codec to go on from."""
    (run.out / "corpus").mkdir(exist_ok=True)
    for kind, n in N_SHARDS.items():
        for idx in range(n):
            name = f"{kind}_{idx:05}.npz"
            link = run.out / "corpus" / name
            if not link.exists():
                link.symlink_to((corpus / name).resolve(strict=True))
    if not (run.out / "pieces").exists():
        codec, _, _ = load_model(model)
        checkpoint.save_pieces(run.out / "pieces", "codec", codec.state_dict(), step=0, to_carry=False)


def measured(run: Run) -> tuple[dict[str, float], np.ndarray]:
    """The figures of a trial, and parts of some reconstructions, uint8 [n, 256, 256, 3]."""
    held_out = shards.read(shards.paths_of(run.out, "held-out"))
    pictures = np.stack([held_out.pixels(idx) for idx in range(N_MEASURED)])
    codec = load_codec(run, "codec")
    nats = {f"nats_{order}": it for order, it in likelihoods(run, load_painter(run)).items()}
    return nats | looks.reconstruction(codec, pictures), looks.again(codec, pictures[:N_SHOWN])[:, SHOWN, SHOWN]


def main() -> None:
    """Trains and measures one weight after the other."""
    parser = argparse.ArgumentParser(prog="training.predictability", description=__doc__)
    parser.add_argument("--config", required=True, help="whose corpus and sizes are meant")
    parser.add_argument(
        "--start-from", type=Path, default=Path("assets/model"), help="a folder with an exported network"
    )
    parser.add_argument("--out", type=Path, default=Path("target/training/predictability"))
    asked = parser.parse_args()
    config = Config.named(asked.config)
    corpus = Path("target/training") / config.name / "corpus"
    held_out = shards.read([corpus / "held-out_00000.npz"])
    rows = [np.stack([held_out.pixels(idx)[SHOWN, SHOWN] for idx in range(N_SHOWN)])]
    for weight in WEIGHTS:
        trial = trial_of(config, weight)
        run = Run(trial, asked.out / trial.name)
        begin(run, corpus, asked.start_from)
        loop.train(run, CodecLesson(run))
        encode.run(run)
        loop.train(run, PainterLesson(run))
        figures, again = measured(run)
        run.report("predictability", weight=weight, **figures)
        rows.append(again)
    sheets.write(asked.out / "predictability.jpg", rows)


if __name__ == "__main__":
    main()
