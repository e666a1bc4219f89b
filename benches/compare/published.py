"""Published networks with random weights of their true shapes, in PyTorch, eager, with a KV cache, and in the program.

Both settle cells one by one under guidance, a batch of two, on the same number of threads. They run in turn, several
times in one go, because the machine may be busy: the best of each counts, and above all the ratios.
`./dev compare published` prints a table and writes `target/compare_published.json`.
"""

import argparse
import json
import os
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

ROOT = Path(__file__).parents[2]
WARM_UP = 2  # cells
MEGABYTES = 512


@dataclass(frozen=True)
class Shape:
    """Of a decoder."""

    dim: int
    layers: int
    heads: int
    ffn: int
    words: int
    codes: int = 16384
    has_aligner: bool = False


SHAPES = {
    "llamagen-b": Shape(768, 12, 12, 2048, 1),
    "janus-1b": Shape(2048, 24, 16, 5632, 16, has_aligner=True),
}


class Block(nn.Module):
    """Attention with a KV cache, then a gated layer."""

    def __init__(self, shape: Shape, places: int) -> None:
        super().__init__()
        dim, ffn = shape.dim, shape.ffn
        self.heads = shape.heads
        self.norms = nn.ModuleList(nn.RMSNorm(dim, 1e-5) for _ in range(2))
        self.qkv = nn.Linear(dim, 3 * dim, bias=False)
        self.out = nn.Linear(dim, dim, bias=False)
        self.gate, self.up = (nn.Linear(dim, ffn, bias=False) for _ in range(2))
        self.down = nn.Linear(ffn, dim, bias=False)
        self.register_buffer("cache", torch.zeros(2, 2, shape.heads, places, dim // shape.heads))

    def forward(self, x: Tensor, place: int, turn: Tensor) -> Tensor:
        """`x` is [texts, 1, dim]."""
        q, k, v = self.qkv(self.norms[0](x)).unflatten(2, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        self.cache[0, :, :, place : place + 1] = turned(k, turn)
        self.cache[1, :, :, place : place + 1] = v
        k, v = self.cache[:, :, :, : place + 1]
        y = F.scaled_dot_product_attention(turned(q, turn), k, v)
        x = x + self.out(y.transpose(1, 2).flatten(2))
        y = self.norms[1](x)
        return x + self.down(F.silu(self.gate(y)) * self.up(y))


def turned(x: Tensor, turn: Tensor) -> Tensor:
    """Rotary: adjacent pairs of `x` by the angles in `turn` [pairs, 2]."""
    a, b = x.unflatten(-1, (-1, 2)).unbind(-1)
    cos, sin = turn.unbind(-1)
    return torch.stack([a * cos - b * sin, a * sin + b * cos], -1).flatten(-2)


class Decoder(nn.Module):
    """LlamaGen or Janus, without the words."""

    def __init__(self, shape: Shape, places: int) -> None:
        super().__init__()
        dim = shape.dim
        self.shape = shape
        self.aligner = nn.Linear(dim, dim) if shape.has_aligner else None
        self.embedding = nn.Embedding(shape.codes, dim)
        self.blocks = nn.ModuleList(Block(shape, places) for _ in range(shape.layers))
        self.norm = nn.RMSNorm(dim, 1e-5)
        self.hidden = nn.Linear(dim, dim) if shape.has_aligner else None
        self.head = nn.Linear(dim, shape.codes, bias=False)
        self.register_buffer("turns", torch.rand(places, dim // shape.heads // 2, 2))

    def forward(self, code: Tensor, place: int) -> Tensor:
        """[texts, 1] → [texts, 1, codes]"""
        x = self.embedding(code)
        if self.aligner is not None:
            x = self.aligner(F.gelu(x))
        for block in self.blocks:
            x = block(x, place, self.turns[place])
        x = self.norm(x)
        if self.hidden is not None:
            x = F.gelu(self.hidden(x))
        return self.head(x)


@torch.inference_mode()
def paint(decoder: Decoder, cells: int) -> float:
    """Seconds for so many cells."""
    code = torch.zeros(2, 1, dtype=torch.long)
    begun = 0.0
    for idx in range(WARM_UP + cells):
        if idx == WARM_UP:
            begun = time.perf_counter()
        with_words, without = decoder(code, decoder.shape.words + idx).float().chunk(2)
        odds = (without + 4.0 * (with_words - without)).softmax(-1)
        code = torch.multinomial(odds.flatten(0, 1), 1).expand(2, 1)
    return time.perf_counter() - begun


class Residual(nn.Module):
    """Two convolutions, each behind a norm and swish."""

    def __init__(self, n_in: int, n_out: int) -> None:
        super().__init__()
        self.norms = nn.ModuleList(nn.GroupNorm(32, n, 1e-6) for n in (n_in, n_out))
        self.convs = nn.ModuleList(nn.Conv2d(n, n_out, 3, padding=1) for n in (n_in, n_out))
        self.shortcut = nn.Identity() if n_in == n_out else nn.Conv2d(n_in, n_out, 1)

    def forward(self, x: Tensor) -> Tensor:
        """[1, in, height, width] → [1, out, height, width]"""
        y = x
        for norm, conv in zip(self.norms, self.convs, strict=True):
            y = conv(F.silu(norm(y)))
        return self.shortcut(x) + y


class Attention(nn.Module):
    """Every place looks at all others."""

    def __init__(self, n: int) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(32, n, 1e-6)
        self.qkv, self.out = nn.Conv2d(n, 3 * n, 1), nn.Conv2d(n, n, 1)

    def forward(self, x: Tensor) -> Tensor:
        """[1, n, height, width]"""
        q, k, v = self.qkv(self.norm(x)).flatten(2).transpose(1, 2).chunk(3, -1)
        y = F.scaled_dot_product_attention(q, k, v).transpose(1, 2)
        return x + self.out(y.unflatten(2, x.shape[2:]))


def vq16() -> tuple[nn.Sequential, nn.Sequential]:
    """Encoder and decoder."""
    widths = (128, 128, 256, 256, 512)
    n = widths[0]
    encoder: list[nn.Module] = [nn.Conv2d(3, n, 3, padding=1)]
    for level, width in enumerate(widths):
        for _ in range(2):
            encoder.append(Residual(n, width))
            n = width
            if level == 4:
                encoder.append(Attention(n))
        if level != 4:
            encoder += [nn.ZeroPad2d((0, 1, 0, 1)), nn.Conv2d(n, n, 3, 2)]
    middle = lambda: [Residual(512, 512), Attention(512), Residual(512, 512)]  # noqa: E731
    encoder += [*middle(), nn.GroupNorm(32, n, 1e-6), nn.SiLU(), nn.Conv2d(n, 256, 3, padding=1), nn.Conv2d(256, 8, 1)]
    decoder = [nn.Conv2d(8, 256, 1), nn.Conv2d(256, n, 3, padding=1), *middle()]
    for level, width in reversed(list(enumerate(widths))):
        for _ in range(3):
            decoder.append(Residual(n, width))
            n = width
            if level == 4:
                decoder.append(Attention(n))
        if level != 0:
            decoder += [nn.Upsample(scale_factor=2), nn.Conv2d(n, n, 3, padding=1)]
    decoder += [nn.GroupNorm(32, n, 1e-6), nn.SiLU(), nn.Conv2d(n, 3, 3, padding=1)]
    return nn.Sequential(*encoder), nn.Sequential(*decoder)


@torch.inference_mode()
def once(network: nn.Module, x: Tensor) -> float:
    """Seconds."""
    begun = time.perf_counter()
    network(x)
    return time.perf_counter() - begun


class Ours:
    """The program's networks, in a process that stays."""

    def __init__(self, program: Path, threads: int) -> None:
        pipe, environment = subprocess.PIPE, os.environ | {"RAYON_NUM_THREADS": str(threads)}
        self.process = subprocess.Popen([program], stdin=pipe, stdout=pipe, text=True, bufsize=1, env=environment)

    def __call__(self, *words: object) -> float:
        """Seconds."""
        print(*words, file=self.process.stdin, flush=True)
        return float(self.process.stdout.readline())


def contenders(ours: Ours, cells: dict[str, int], kinds: list[str]) -> dict[str, dict[str, Callable[[], float]]]:
    """For each thing to do, who does it; float32 comes first."""
    dtypes = {"PyTorch, float32": torch.float32, "PyTorch, bfloat16": torch.bfloat16}
    found: dict[str, dict[str, Callable[[], float]]] = {}
    for name, shape in SHAPES.items():
        if name not in kinds:
            continue
        n = cells[name]
        runs = found[f"{name}, {n} cells"] = {}
        for title, dtype in dtypes.items():
            with torch.device("meta"):
                decoder = Decoder(shape, shape.words + WARM_UP + n).eval().to(dtype)
            decoder = decoder.to_empty(device="cpu")
            for value in [*decoder.parameters(), *decoder.buffers()]:
                value.data.uniform_(-0.02, 0.02)
            runs[title] = lambda decoder=decoder, n=n: paint(decoder, n)
        for precision in ("q8", "q6k", "q4k"):
            runs[f"ours, {precision}"] = lambda name=name, precision=precision, n=n: ours(name, precision, n)
    if "vq16" in kinds:
        halves = {"encode": (0, (1, 3, 256, 256)), "decode": (1, (1, 8, 16, 16))}
        for way, (half, size) in halves.items():
            runs = found[f"VQ-16, {way} 256 × 256"] = {}
            for title, dtype in dtypes.items():
                network, x = vq16()[half].eval().to(dtype), torch.randn(size, dtype=dtype)
                runs[title] = lambda network=network, x=x: once(network, x)
            runs["ours, float32"] = lambda way=way: ours("vq16", way, 256)
    return found


def main() -> None:
    """The table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads(), help="on both sides")
    parser.add_argument("--janus-cells", type=int, default=24)
    parser.add_argument("--llamagen-cells", type=int, default=248)
    parser.add_argument("--only", nargs="*", default=[*SHAPES, "vq16"])
    asked = parser.parse_args()
    torch.set_num_threads(asked.threads)
    ours = Ours(asked.program, asked.threads)
    cells = {"janus-1b": asked.janus_cells, "llamagen-b": asked.llamagen_cells}
    facts: dict[str, object] = {"threads": asked.threads, "rounds": asked.rounds}
    for task, runs in contenders(ours, cells, asked.only).items():
        seconds: dict[str, list[float]] = {name: [] for name in runs}
        memory = []
        for run in runs.values():
            run()  # loads what is needed
        for _ in range(asked.rounds):
            memory.append(ours("memory", "read", MEGABYTES))
            for name, run in runs.items():
                seconds[name].append(run())
        bandwidth = MEGABYTES * 2**20 / min(memory) / 1e9
        best = {name: min(found) for name, found in seconds.items()}
        print(f"{task}; memory is read at {bandwidth:.1f} GB/s")
        for name, found in best.items():
            ratios = [best[other] / found for other in runs if other.startswith("PyTorch")]
            told = "  ".join(f"{ratio:6.2f} ×" for ratio in ratios)
            print(f"  {name:20} {found:8.3f} s   against PyTorch float32, bfloat16: {told}")
        facts[task] = {"seconds": best, "gigabytes_per_second": bandwidth}
    (ROOT / "target" / "compare_published.json").write_text(json.dumps(facts, indent=1))


if __name__ == "__main__":
    main()
