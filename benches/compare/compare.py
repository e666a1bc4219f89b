"""What a user would run instead: the same network in PyTorch, eager, one cell after the other with a KV cache.

Both paint under the same prompt with guidance, on the same number of threads; decoding is left out on both sides.
They run in turn, several times in one go, because the machine may be busy: what counts are the ratios.
`./dev compare` prints a table and writes `target/compare.json`.
"""

import argparse
import json
import statistics
import subprocess
import time
from pathlib import Path

import torch

from training import orders
from training.export import load_model
from training.painter import Painter
from training.sampling import Reading, twice
from training.words import Words

ROOT = Path(__file__).parents[2]
MODEL = ROOT / "assets" / "model"
PROMPT = "a calm lake before mountains at sunset, a few clouds"
WARM_UP = 16  # cells


@torch.inference_mode()
def pytorch(painter: Painter, words: Words, guidance: float, cells: int, dtype: torch.dtype | None) -> float:
    """Cells per second."""
    ids = torch.stack([torch.from_numpy(words.ids(it)) for it in (PROMPT, None)])
    order = torch.from_numpy(orders.ROWS)[None]
    reading = Reading(painter, 2)
    began = 0.0
    with torch.autocast("cpu", dtype, enabled=dtype is not None):
        reading.read_text(ids)
        for idx in range(WARM_UP + cells):
            if idx == WARM_UP:
                began = time.perf_counter()
            cell = order[:, idx : idx + 1]
            with_text, without = reading.ask(twice(cell)).chunk(2)
            odds = without + guidance * (with_text - without)
            code = torch.multinomial(odds.softmax(-1).flatten(0, 1), 1).view_as(cell)
            reading.read_cells(twice(code), twice(cell))
    return cells / (time.perf_counter() - began)


def ours(program: Path, order: str, speculate: str, seed: int) -> float:
    """Cells per second."""
    options = ["--seed", str(seed), "--order", order, "--speculate", speculate, "--json"]
    out = ROOT / "target" / "compare.png"
    command = [program, "paint", PROMPT, *options, "--out", out]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    report = json.loads(done.stdout)
    return report["cells"] / (report["seconds"] - report["decode_seconds"])


def main() -> None:
    """The table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--cells", type=int, default=96, help="how many PyTorch settles in each round")
    asked = parser.parse_args()
    _, painter, described = load_model(MODEL)
    listed = json.loads((MODEL / "words.json").read_text())
    words = Words(listed["words"], described["painter"]["text_slots"])
    guidance = described["defaults"]["guidance"]

    contenders = {
        "PyTorch, float32": lambda _: pytorch(painter, words, guidance, asked.cells, None),
        "PyTorch, bfloat16": lambda _: pytorch(painter, words, guidance, asked.cells, torch.bfloat16),
        "rows, one by one": lambda seed: ours(asked.program, "rows", "off", seed),
        "rows, guessing": lambda seed: ours(asked.program, "rows", "auto", seed),
        "outline first, guessing": lambda seed: ours(asked.program, "outline", "auto", seed),
        "random order, guessing": lambda seed: ours(asked.program, "random", "auto", seed),
    }
    speeds = {name: [] for name in contenders}
    for seed in range(asked.rounds):
        for name, run in contenders.items():
            speeds[name].append(run(seed))
    first = speeds["PyTorch, float32"]
    rows = {}
    for name, found in speeds.items():
        ratio = statistics.median(a / b for a, b in zip(found, first, strict=True))
        rows[name] = {"cells_per_second": statistics.median(found), "times_pytorch": ratio}
        print(f"{name:26} {rows[name]['cells_per_second']:8.0f} cells/s {ratio:7.2f} ×")
    facts = {"threads": torch.get_num_threads(), "rounds": asked.rounds, "rows": rows}
    (ROOT / "target" / "compare.json").write_text(json.dumps(facts, indent=1))


if __name__ == "__main__":
    main()
