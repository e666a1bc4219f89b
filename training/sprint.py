"""`python -m training sprint --minutes M`: the whole chain inside a time limit, on a fast machine that is lent briefly.

The generator paints on all cores but one from the first second to nearly the last; codec, painter, decoder and judge
learn one after the other from what there is by then, by the clock. What has been learned is kept every minute in
`--pieces`, at most `MAX_FILES` files that are small enough to be carried; a second call with the same `--pieces` (or
with `--go-on` and those that came back) goes on from there: codes stay valid, so the time is the painter's.
"""

import argparse
import multiprocessing
import os
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from multiprocessing.process import BaseProcess as Process
from pathlib import Path

import numpy as np
import torch

from training import checkpoint, encode, features, loop, orders, real, sampling, shards, sheets
from training.config import Config
from training.run import Run
from training.train_codec import CodecLesson, DecoderLesson, load_codec
from training.train_judge import JudgeLesson, decoded
from training.train_painter import PainterLesson, examples_of, load_painter, words_of

SIZES = {"tiny": "tiny", "small": "sprint_small", "large": "large"}
RESERVE_SECONDS = 20.0  # before the limit it ends by itself
MAX_FILES = 8  # that are left in the folder of pieces
SAVE_SECONDS = 60.0
ROUND_SECONDS = 75.0  # the painter learns from what is there, then from what has been painted meanwhile, too
SHOWN = 12  # prompts on the sheet

# Which share of the time is over when a stage ends.
FRESH = {"corpus": 0.80, "codec": 0.34, "painter": 0.84, "decoder": 0.90, "judge": 0.95}
GOING_ON = {"corpus": 0.80, "codec": 0.0, "painter": 0.86, "decoder": 0.92, "judge": 0.96}
ENDLESS = 1 << 20  # pictures, scenes, crops: never reached
SHEET_GROUP = 8  # cells that are drawn together for the sheet


def arguments(given: list[str]) -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(prog="training sprint", description=__doc__)
    parser.add_argument("--minutes", type=float, help="the limit; it ends 20 seconds earlier")
    parser.add_argument(
        "--prepare", action="store_true", help="only fetch what a machine without network must be given"
    )
    parser.add_argument("--size", choices=SIZES, default="large")
    parser.add_argument("--out", type=Path, help="where work is kept (default: target/training/sprint_SIZE)")
    parser.add_argument("--pieces", type=Path, help="where what is to be carried is left (default: OUT/carried)")
    parser.add_argument("--go-on", type=Path, help="begin with the pieces in this folder")
    parser.add_argument("--first", type=int, default=0, help="seed of the first scene: another one for a second call")
    return parser.parse_args(given)


def main(given: list[str]) -> None:
    """See the module."""
    asked = arguments(given)
    if asked.prepare:
        return prepare()
    if not asked.minutes:
        raise SystemExit("How many --minutes?")
    named = Config.named(SIZES[asked.size])
    out = asked.out or Path("target/training") / f"sprint_{asked.size}"
    Sprint(by_the_clock(named, asked.first), out, asked.minutes * 60 - RESERVE_SECONDS, asked.pieces).sprint(
        asked.go_on
    )


def prepare() -> None:
    """Leaves the real pictures and the weights of the features where they are looked for on any machine."""
    if not real.fetch():
        raise SystemExit("The real pictures cannot be fetched here")
    if features.weights_path() != features.CARRIED:
        shutil.copy(features.weights_path(), features.CARRIED)
    print(f"To be carried: {real.FOLDER} {features.CARRIED}")


def by_the_clock(config: Config, first: int) -> Config:
    """Without end of crops, pictures and scenes: time is what ends a stage."""
    return replace(
        config,
        corpus=replace(config.corpus, pictures=ENDLESS, pairs=ENDLESS // 8, first=first or config.corpus.first),
        codec_training=replace(config.codec_training, crops=ENDLESS),
        decoder_training=replace(config.decoder_training, crops=ENDLESS),
        painter_training=replace(config.painter_training, pictures=ENDLESS),
        judge_training=replace(config.judge_training, pictures=ENDLESS),
    )


class Sprint:
    """One call."""

    def __init__(self, config: Config, out: Path, seconds: float, pieces: Path | None) -> None:
        self.run = Run(config, out)
        self.run.save_seconds = min(SAVE_SECONDS, seconds / 4)
        self.seconds, self.pieces = seconds, pieces or out / "carried"
        self.pieces.mkdir(parents=True, exist_ok=True)

    def sprint(self, go_on: Path | None) -> None:
        """All stages. Raises `ValueError` where more than MAX_FILES files would be left."""
        carried = go_on or self.pieces
        is_later = any(carried.glob("painter.*.piece"))
        ends = GOING_ON if is_later else FRESH
        with self.generator(ends["corpus"]) as generator:
            if is_later:
                self.take_up(carried)
            self.await_pictures(generator)
            if not is_later:
                self.learn(CodecLesson, ends["codec"])
            self.paint(ends["painter"])
            self.learn(DecoderLesson, ends["decoder"])
            for piece in self.pieces.glob("codec.*.piece"):
                piece.unlink()  # the decoder's pieces hold the same encoder
            self.learn(JudgeLesson, ends["judge"])
        self.leave_sheet()
        left = sorted(it.name for it in self.pieces.iterdir())
        self.run.report("sprint", left=left)
        if len(left) > MAX_FILES:
            raise ValueError(f"{len(left)} files are left, {MAX_FILES} can be carried: {left}")

    @contextmanager
    def generator(self, end: float) -> Iterator[Process]:
        """Meanwhile processes of their own paint the corpus, until a share of the time is over.

        Raises `ConfigError` where pictures of another corpus are there.
        """
        folder = self.run.out / "corpus"
        folder.mkdir(exist_ok=True)
        shards.claim(folder, self.run.config.corpus)
        arguments = self.run.config, self.run.out, self.seconds * end
        worker = multiprocessing.get_context("spawn").Process(target=paint_corpus, args=arguments)
        worker.start()
        try:
            yield worker
        finally:
            with suppress(ProcessLookupError):
                os.killpg(worker.pid, signal.SIGKILL)
            worker.kill()  # should it not yet have a group of its own
            worker.join()

    def await_pictures(self, generator: Process) -> None:
        """Until there is a shard of each set.

        Raises `TimeoutError`, or `RuntimeError` where the generator has failed.
        """
        folder = self.run.out / "corpus"
        while not all(any(folder.glob(f"{kind}_[0-9]*.npz")) for kind in shards.FIRST_SEEDS):
            if generator.exitcode:
                raise RuntimeError("the generator has failed")
            if self.run.elapsed() > self.seconds:
                raise TimeoutError("the time is over before there are any pictures")
            time.sleep(0.2)

    def learn(self, lesson: type, end: float) -> None:
        """From what is there, until a share of the time is over."""
        self.run.pace(self.seconds * end)
        loop.train(self.run, lesson(self.run), self.pieces)

    def paint(self, end: float) -> None:
        """The painter, in rounds: each time the pictures are encoded that have been painted meanwhile."""
        run, end = self.run, self.seconds * end
        run.pace(end)
        encode.run(run)
        lesson = PainterLesson(run)
        while run.elapsed() < end:
            run.ends = min(end, run.elapsed() + max(ROUND_SECONDS, self.seconds / 6))
            loop.train(run, lesson, self.pieces)
            run.ends = end
            encode.run(run)
            lesson.examples = examples_of(run, "pictures", "pairs")

    def take_up(self, carried: Path) -> None:
        """What an earlier call has learned, as a beginning."""
        folder = self.run.out / "pieces"
        for name, source in (("codec", "decoder"), ("decoder", "decoder"), ("painter", "painter"), ("judge", "judge")):
            found = checkpoint.load_pieces(carried, source) or checkpoint.load_pieces(carried, name)
            if found:
                checkpoint.save_pieces(folder, name, found["weights"], step=0, to_carry=False)
                (self.run.out / f"{name}.pt").unlink(missing_ok=True)

    def leave_sheet(self) -> None:
        """Reconstructions, and pictures painted under the captions of held-out ones; and the log beside them."""
        run, config = self.run, self.run.config
        held_out = shards.read(shards.paths_of(run.out, "held-out")[:1])
        codec, painter, words = load_codec(run, "decoder", "codec"), load_painter(run), words_of(config)
        texts = [it[0] for it in held_out.captions[:SHOWN]]
        real_ones = np.stack([held_out.pixels(idx) for idx in range(len(texts))])
        codes = encode.encode(run, codec, held_out)[: len(texts)]
        plan = config.evaluation
        with run.half_precision():
            painted = sampling.paint(
                painter,
                torch.from_numpy(np.stack([words.ids(it) for it in texts])).to(run.device),
                torch.from_numpy(words.ids(None)).to(run.device),
                torch.from_numpy(np.tile(orders.ROWS, (len(texts), 1))).to(run.device),
                seed=0,
                guidance=plan.guidance,
                temperature=plan.temperature,
                group=SHEET_GROUP,
            )
        pictures = [real_ones, decoded(run, codec, codes), decoded(run, codec, painted.cpu())]
        sheets.write(self.pieces / "sheet.jpg", pictures, texts)
        shutil.copy(run.out / "log.jsonl", self.pieces / "log.jsonl")


def paint_corpus(config: Config, out: Path, seconds: float) -> None:
    """The generator's process, and those that it starts: on all cores but one, and to be ended together."""
    os.setsid()
    run = Run(replace(config, workers=max(1, (os.cpu_count() or 2) - 1)), out, seconds / 60)
    shards.run(run)
