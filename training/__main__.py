"""`python -m training --config NAME [--stage STAGE] [--minutes M]`: runs stages of a training run, or resumes them.

Without a stage all are run in order; what is done already is not done again. `python -m training sprint --minutes M`
runs the whole chain by the clock.
"""

import argparse
import importlib
import sys
from pathlib import Path

from training.config import Config

# Modules are loaded when their turn comes: the processes that paint the corpus need no network.
STAGES = {
    "corpus": ("training.shards", "run"),
    "codec": ("training.train_codec", "CodecLesson"),
    "encode": ("training.encode", "run"),
    "painter": ("training.train_painter", "PainterLesson"),
    "decoder": ("training.train_codec", "DecoderLesson"),
    "judge": ("training.train_judge", "JudgeLesson"),
    "evaluate": ("training.evaluate", "run"),
    "export": ("training.export", "run"),
}


def arguments() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(prog="training", description=__doc__)
    parser.add_argument("--config", default="small", help="a file in training/configs, without .json")
    parser.add_argument("--stage", choices=STAGES, action="append", help="only this one; can be given again")
    parser.add_argument("--minutes", type=float, default=float("inf"), help="stop and save after so many")
    parser.add_argument("--paced", action="store_true", help="learning rates fall so that --minutes are the whole")
    parser.add_argument("--out", type=Path, help="where everything is kept (default: target/training/CONFIG)")
    parser.add_argument("--start-from", type=Path, help="begin with the model exported to this folder")
    parser.add_argument("--pieces", type=Path, help="also leave checkpoints here that are small enough to be carried")
    parser.add_argument("--program", type=Path, help="evaluate pictures that this program paints with its own model")
    asked = parser.parse_args()
    if asked.paced and (asked.minutes == float("inf") or len(asked.stage or ()) != 1):
        parser.error("--paced needs --minutes, and one --stage")
    return asked


def main() -> None:
    """Runs the stages that were asked for."""
    if sys.argv[1:2] == ["sprint"]:
        importlib.import_module("training.sprint").main(sys.argv[2:])
        return
    asked = arguments()
    config = Config.named(asked.config)
    from training import loop  # Not above: see STAGES.
    from training.run import Run

    run = Run(config, asked.out or Path("target/training") / config.name, asked.minutes, asked.program)
    if asked.paced:
        run.pace(asked.minutes * 60)
    if asked.start_from:
        importlib.import_module("training.start_from").begin(run, asked.start_from)
    for stage in asked.stage or STAGES:
        if run.is_over():
            break
        module, name = STAGES[stage]
        part = getattr(importlib.import_module(module), name)
        if name != "run":
            loop.train(run, part(run), asked.pieces)
        else:
            part(run)


if __name__ == "__main__":
    main()
