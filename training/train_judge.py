"""Trains the judge, on real and on decoded pictures: what the codec loses must not look like the painter's fault.

Some of the real ones are crops around objects, which are few and small in whole pictures.
"""

import copy

import cv2
import numpy as np
import torch
from torch import Tensor

from training import checkpoint, encode, loop, shards
from training.codec import Codec
from training.config import CELL_PIXELS, GRID
from training.corpus import ATTRIBUTES
from training.examples import is_object, names_object
from training.judge import Judge, exclusive_groups, rarity
from training.optimiser import Optimiser
from training.run import Run
from training.train_codec import load_codec, to_bytes

MEMORY = 0.995  # of the averaged weights
WARM_UP = 100  # steps
BATCH = 16
CROPS = 0.4  # share of the real pictures that are crops around objects, if they have any
NAMES = np.array(ATTRIBUTES)
IS_OBJECT = np.array([names_object(it) for it in ATTRIBUTES])


def small(pixels: np.ndarray, side: int) -> np.ndarray:
    """uint8 [height, width, 3] → [3, side, side]."""
    return cv2.resize(pixels, (side, side), interpolation=cv2.INTER_AREA).transpose(2, 0, 1)


def around(pixels: np.ndarray, cells: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A square crop of uint8 [576, 576, 3] with all of `cells` (bool [24, 24]) in it, and more or less around them."""
    rows, cols = np.flatnonzero(cells.any(1)), np.flatnonzero(cells.any(0))
    extent = max(rows[-1] - rows[0], cols[-1] - cols[0]) + 1
    side = min(GRID, round(extent * rng.uniform(1.1, 2.2)) + 1)
    corner = []
    for line in (rows, cols):
        lowest, highest = max(0, line[-1] + 1 - side), min(line[0], GRID - side)
        corner.append(int(rng.integers(lowest, highest + 1)) * CELL_PIXELS)
    top, left = corner
    return pixels[top : top + side * CELL_PIXELS, left : left + side * CELL_PIXELS]


def truth_of(attributes: list[list[str]]) -> Tensor:
    """float32 [pictures, attributes]."""
    column = {name: idx for idx, name in enumerate(ATTRIBUTES)}
    truth = torch.zeros(len(attributes), len(ATTRIBUTES))
    for row, names in zip(truth, attributes, strict=True):
        row[[column[name] for name in names if name in column]] = 1
    return truth


@torch.inference_mode()
def decoded(run: Run, codec: Codec, codes: np.ndarray | Tensor, batch: int = BATCH) -> np.ndarray:
    """Pictures uint8 [n, 576, 576, 3] of codes [n, 576]."""
    grid = torch.as_tensor(np.asarray(codes, np.int64)).unflatten(1, (GRID, GRID)).to(run.device)
    pictures = []
    for part in grid.split(batch):
        with run.half_precision():
            pixels, _ = codec.decode(codec.quantiser.values(part).contiguous(memory_format=torch.channels_last))
        pictures.append(to_bytes(pixels))
    return np.concatenate(pictures)


class JudgeLesson:
    """See the module."""

    name = "judge"

    def __init__(self, run: Run) -> None:
        self.run, self.plan = run, run.config.judge_training
        self.steps = self.plan.pictures // self.plan.batch
        self.codes, self.pictures = encode.read(run, "pictures", with_pixels=True)
        self.truth = truth_of(self.pictures.attributes)
        self.objects_of = [[it for it in parts if is_object(it)] for parts in self.pictures.parts]
        self.codec = load_codec(run, "decoder", "codec")
        torch.manual_seed(run.config.seed)
        self.judge = Judge(len(ATTRIBUTES), self.plan.width).to(run.device)
        self.judge.group_of.copy_(exclusive_groups(ATTRIBUTES, self.truth))
        self.judge.rarity.copy_(rarity(self.truth))
        self.average = copy.deepcopy(self.judge).eval()
        self.optimiser = Optimiser(self.judge, lambda _name, _weight: False, 0.0, self.plan.rate, decay=1e-2)
        self.network = run.compiled(self.judge) if run.device.type == "cuda" else self.judge

    def batch(self, step: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Real pictures [n, 3, side, side], of which the last are crops around objects; the indices of pictures to be
        decoded; truth [batch, attributes] and what of it is known, of decoded ones, whole ones, crops."""
        rng = loop.rng_of(self.run.config.seed + 2, step)
        chosen = rng.integers(0, len(self.pictures), self.plan.batch)
        n_decoded = self.plan.batch // self.plan.one_decoded_in
        n_crops = round(CROPS * (self.plan.batch - n_decoded))
        truth, known = self.truth[chosen].numpy().copy(), np.ones((len(chosen), len(ATTRIBUTES)), bool)
        real = []
        for place in range(n_decoded, len(chosen)):
            pixels = self.pictures.pixels(chosen[place])
            if place >= len(chosen) - n_crops and (parts := self.objects_of[chosen[place]]):
                part = parts[int(rng.integers(len(parts)))]
                pixels = around(pixels, part.cells, rng)
                # Other objects may be in the crop or not.
                known[place] = IS_OBJECT & ((truth[place] == 0) | (part.attribute == NAMES))
            real.append(small(pixels, self.plan.pixels))
        return np.stack(real), chosen[:n_decoded], truth, known

    def learn(self, step: int, batch: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]) -> dict[str, Tensor]:
        """See `Lesson`."""
        real, coded, truth, known = batch
        again = [small(it, self.plan.pixels) for it in decoded(self.run, self.codec, self.codes[coded])]
        pixels = np.stack([*again, *real])
        device = self.run.device
        with self.run.half_precision():
            logits = self.network(torch.from_numpy(pixels).to(device)).float()
        loss = self.judge.loss(logits, torch.from_numpy(truth).to(device), torch.from_numpy(known).to(device))
        self.optimiser.step(loss, loop.rate(step, self.run.share(step, self.steps), WARM_UP, decay_from=0.4))
        loop.follow(self.average, self.judge, step, MEMORY)
        return {"loss": loss}

    def examine(self) -> dict[str, float]:
        """Share of right answers about held-out pictures, of all attributes and of those that are there."""
        held_out = shards.read(shards.paths_of(self.run.out, "held-out"))
        pixels = np.stack([small(held_out.pixels(idx), self.plan.pixels) for idx in range(len(held_out))])
        found = ask(self.run, self.average, pixels)[1]
        truth = truth_of(held_out.attributes).bool()
        return {"right": (found == truth).float().mean().item(), "found": found[truth].float().mean().item()}

    def state_dict(self) -> dict:
        """See `Lesson`."""
        states = {"model": self.judge, "average": self.average, "optimiser": self.optimiser}
        return {key: it.state_dict() for key, it in states.items()}

    def load_state_dict(self, state: dict) -> None:
        """See `Lesson`."""
        self.judge.load_state_dict(state["model"])
        self.average.load_state_dict(state["average"])
        self.optimiser.load_state_dict(state["optimiser"])

    def load_weights(self, weights: dict[str, Tensor]) -> None:
        """See `Lesson`."""
        self.judge.load_state_dict(weights)
        self.average.load_state_dict(weights)


@torch.inference_mode()
def ask(run: Run, judge: Judge, pixels: np.ndarray) -> tuple[np.ndarray, Tensor]:
    """Features [n, dim] and attributes found, bool [n, attributes], of pictures [n, 3, side, side]."""
    features, found = [], []
    for part in torch.from_numpy(pixels).split(4 * BATCH):
        thought = judge.features(part.to(run.device))
        features.append(thought.cpu())
        found.append(judge.verdict(judge.speak(thought)).cpu())
    return torch.cat(features).numpy(), torch.cat(found)


def load_judge(run: Run) -> Judge:
    """The averaged weights."""
    weights = checkpoint.load_weights(run.out, "judge")
    if weights is None:
        raise FileNotFoundError(f"There is no judge yet: run the stage judge first\nLooked in: {run.out}")
    judge = Judge(len(ATTRIBUTES), run.config.judge_training.width)
    judge.load_state_dict(weights)
    return judge.to(run.device).eval()
