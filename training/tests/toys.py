"""Small things to test with."""

from pathlib import Path

import cv2
import numpy as np
import torch

from training import shards
from training.codec import Quantiser
from training.config import CELL_PIXELS, GRID, PIXELS, Config, PainterConfig
from training.corpus import ATTRIBUTES, LABELS, Painting, Part
from training.painter import Painter
from training.run import Run

SHAPE = PainterConfig(dim=32, heads=2, self_layers=2, cross_layers=2, ffn=48, text_slots=5)
N_WORDS = 9


def config(**changes: object) -> Config:
    """The tiny one, made tinier, without pictures that must be fetched."""
    values = Config.named("tiny").to_dict()
    for key in ("codec_training", "decoder_training"):
        values[key] |= {"real_share": 0.0}
    for key, change in changes.items():
        values[key] = {**values[key], **change} if isinstance(change, dict) else change
    return Config.from_dict(values)


def painter(seed: int = 0) -> Painter:
    """One in which every weight matters: trained ones are not zero either."""
    torch.manual_seed(seed)
    network = Painter(SHAPE, N_WORDS, Quantiser((4, 4)).table())
    with torch.no_grad():
        for weight in network.parameters():
            weight.add_(torch.randn_like(weight) * 0.1)
    return network.eval()


def story(n: int, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Codes [n, 576], orders [n, 576] and texts [n, slots] for `painter`."""
    chance = torch.Generator().manual_seed(seed)
    codes = torch.randint(0, 16, (n, GRID * GRID), generator=chance)
    order = torch.stack([torch.randperm(GRID * GRID, generator=chance) for _ in range(n)])
    return codes, order, torch.randint(0, N_WORDS, (n, SHAPE.text_slots), generator=chance)


def run_with_corpus(out: Path, changed: Config) -> Run:
    """A run whose corpus is discs on plain ground: quicker made than landscapes."""
    folder = out / "corpus"
    folder.mkdir(parents=True)
    for kind in shards.FIRST_SEEDS:
        paintings = [disc(seed) for seed in range(4)]
        changes = [it.parts[0] for it in paintings[1::2]] if kind.endswith("pairs") else []
        shards.write(folder / f"{kind}_00000.npz", paintings, changes)
    return Run(changed, out)


def disc(seed: int) -> Painting:
    """One of them."""
    rng = np.random.default_rng(seed)
    row, col = (int(it) for it in rng.integers(2, GRID - 2, 2))
    pixels = np.full((PIXELS, PIXELS, 3), rng.integers(0, 256, 3), np.uint8)
    cv2.circle(pixels, (col * CELL_PIXELS, row * CELL_PIXELS), 50, (250, 240, 200), -1)
    cells = np.zeros((GRID, GRID), bool)
    cells[row - 2 : row + 2, col - 2 : col + 2] = True
    labels = np.where(cells, LABELS.index("disc"), LABELS.index("sky")).astype(np.uint8)
    part = Part(cells, ("the sun",), ATTRIBUTES[0])
    return Painting(pixels, labels, ("the sun", "a sun", "sun"), frozenset(ATTRIBUTES[:1]), (part,))
