"""One call of a stage: its folder, its log, its device, and how long it may take."""

import json
import shutil
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import torch

from training.config import Config
from training.optimiser import has_bfloat16

BEGUN_WITH = "begun_with.txt"  # in the run's folder: what the network was trained on that the run began with
THEN = "; then "


class Run:
    """Where a stage works. Stages ask `is_over` between steps, save, and go on in the next call."""

    def __init__(self, config: Config, out: Path, minutes: float = float("inf"), program: Path | None = None) -> None:
        self.config = config
        self.out = out
        self.program = program
        self.started = time.monotonic()
        self.ends = minutes * 60  # seconds from the start of this call
        self.paced: tuple[float, float] | None = None  # when the stage began that goes by the clock, and when it ends
        self.save_seconds = 300.0  # between checkpoints
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        out.mkdir(parents=True, exist_ok=True)

    def before(self) -> list[str]:
        """What the network was trained on, run by run, before this one."""
        told = self.out / BEGUN_WITH
        return told.read_text().split(THEN) if told.exists() else []

    def elapsed(self) -> float:
        """Seconds since this call began."""
        return time.monotonic() - self.started

    def is_over(self) -> bool:
        """Whether the time of this call, or of its stage, is spent."""
        return self.elapsed() >= self.ends

    def pace(self, ends: float) -> None:
        """From now on a stage is over `ends` seconds after the start; learning rates follow the clock until then."""
        self.paced, self.ends = (self.elapsed(), ends), ends

    def share(self, step: int, steps: int) -> float:
        """How much of a stage is over: of its steps, or of its time if it is paced."""
        if self.paced is None:
            return step / steps
        begin, end = self.paced
        return min(1.0, (self.elapsed() - begin) / max(end - begin, 1e-3))

    def report(self, stage: str, **facts: object) -> None:
        """Adds a line to the log, which together is the learning curve, and shows it."""
        rounded = {key: float(f"{it:.5g}") if isinstance(it, float) else it for key, it in facts.items()}
        line = json.dumps({"stage": stage, "seconds": round(self.elapsed(), 1), **rounded})
        with (self.out / "log.jsonl").open("a") as log:
            log.write(line + "\n")
        print(line, flush=True)

    def half_precision(self) -> AbstractContextManager:
        """Arithmetic in bfloat16 where the device is made for it."""
        return torch.autocast(self.device.type, torch.bfloat16) if has_bfloat16(self.device) else nullcontext()

    def compiled(self, function: Callable) -> Callable:
        """The function, translated for the device, if the configuration wants it and there is a translator."""
        can = self.device.type == "cuda" or shutil.which("c++")
        return torch.compile(function, dynamic=False) if self.config.compile and can else function
