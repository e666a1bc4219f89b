"""Trains the codec, then, with encoder and codes frozen, its decoder alone against an adversary: codes stay valid."""

import copy

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from training import checkpoint, loop, losses, metrics, shards
from training.codec import Codec
from training.config import CELL_PIXELS, GRID, CodecTraining
from training.corpus import OBJECT
from training.optimiser import Optimiser
from training.run import Run

PYRAMID_WEIGHT = 2.0
LABELS_WEIGHT = 0.02
BLANKED = 0.2  # share of crops with cells left open
LOOKED_AT = 48  # held-out pictures that progress is measured on
MEMORY = 0.998  # of the averaged weights
ADVERSARY_RATE = 4e-4
ADVERSARY_RAMP = 200  # steps until the adversary has its full say


def to_float(pixels: np.ndarray, device: torch.device) -> Tensor:
    """uint8 [n, height, width, 3] → [n, 3, height, width] within -1 and 1."""
    x = torch.from_numpy(pixels).to(device).permute(0, 3, 1, 2).float().div_(127.5).sub_(1)
    return x.contiguous(memory_format=torch.channels_last)


def to_bytes(pixels: Tensor) -> np.ndarray:
    """The reverse."""
    return ((pixels.float().clamp(-1, 1) + 1) * 127.5).round().byte().permute(0, 2, 3, 1).cpu().numpy()


class Crops:
    """Squares of cells, cut at cells' borders and mirrored by chance, each with the cells that are settled."""

    def __init__(self, pictures: shards.Set, training: CodecTraining, seed: int) -> None:
        self.pictures, self.training, self.seed = pictures, training, seed

    def batch(self, step: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Pixels uint8 [n, height, width, 3], labels [n, cells, cells], settled [n, 1, cells, cells]."""
        rng = loop.rng_of(self.seed, step)
        crops: list[tuple[np.ndarray, ...]] = []
        while len(crops) < self.training.batch:
            idx = int(rng.integers(len(self.pictures)))
            pixels, labels = self.pictures.pixels(idx), self.pictures.labels[idx]
            left = self.training.batch - len(crops)
            crops += [self.crop(pixels, labels, rng) for _ in range(min(left, self.training.crops_per_picture))]
        pixels, labels, settled = (np.stack(it) for it in zip(*crops, strict=True))
        return pixels, labels.astype(np.int64), settled[:, None].astype(np.float32)

    def crop(self, pixels: np.ndarray, labels: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, ...]:
        """One of them."""
        side = self.training.crop_cells
        top, left = rng.integers(0, GRID - side + 1, 2)
        objects = np.argwhere(labels == OBJECT)
        if len(objects) and rng.random() < self.training.on_objects:
            corner = objects[rng.integers(len(objects))] - rng.integers(0, side, 2)
            top, left = corner.clip(0, GRID - side)
        labels = labels[top : top + side, left : left + side]
        pixels = pixels[top * CELL_PIXELS :, left * CELL_PIXELS :][: side * CELL_PIXELS, : side * CELL_PIXELS]
        if rng.random() < 0.5:
            pixels, labels = pixels[:, ::-1], labels[:, ::-1]
        return pixels, labels, half_painted(side, rng) if rng.random() < BLANKED else np.ones((side, side), bool)


def half_painted(side: int, rng: np.random.Generator) -> np.ndarray:
    """Rows painted up to some cell, or only those after it; or cells here and there."""
    if rng.random() < 0.3:
        return rng.random((side, side)) < rng.uniform(0.2, 0.9)
    cells = np.arange(side * side).reshape(side, side) < rng.integers(1, side * side)
    return ~cells if rng.random() < 0.3 else cells


def per_pixel(cells: Tensor) -> Tensor:
    """[n, 1, cells, cells] → [n, 1, height, width]."""
    return F.interpolate(cells, scale_factor=float(CELL_PIXELS), mode="nearest")


def near_objects(labels: Tensor) -> Tensor:
    """1 where a cell or one beside it holds an object, float32 [n, 1, cells, cells], of labels [n, cells, cells]."""
    return F.max_pool2d((labels == OBJECT).float().unsqueeze(1), 3, stride=1, padding=1)


def is_matrix(_name: str, weight: nn.Parameter) -> bool:
    """What Muon moves: convolutions that mix many channels."""
    return weight.ndim == 4 and weight.shape[0] >= 32 and weight.shape[1] >= 16


class CodecLesson:
    """Encoder and decoder together."""

    name = "codec"

    def __init__(self, run: Run) -> None:
        self.run = run
        self.training = self.plan()
        torch.manual_seed(run.config.seed)
        self.codec = self.start().to(run.device, memory_format=torch.channels_last)
        self.average = copy.deepcopy(self.codec).eval()
        self.optimiser = Optimiser(self.codec, is_matrix, self.training.matrix_rate, self.training.rate, decay=1e-4)
        self.steps = self.training.crops // self.training.batch
        seed = run.config.seed + sum(map(ord, self.name))
        self.batch = Crops(shards.read(shards.paths_of(run.out, "pictures")), self.training, seed).batch
        self.held_out = held_out_pixels(run)
        # On a CPU all the time goes into convolutions, which are as fast without.
        self.network = run.compiled(self.reconstruct) if run.device.type == "cuda" else self.reconstruct

    def plan(self) -> CodecTraining:
        """How it learns."""
        return self.run.config.codec_training

    def start(self) -> Codec:
        """What it starts from."""
        return Codec(self.run.config.codec)

    def reconstruct(self, pixels: Tensor, settled: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Pixels and label odds as decoded, and how much channels tell of each other."""
        with self.run.half_precision():
            values, _, correlation = self.codec.encode(pixels)
            decoded, labels = self.codec.decode(values * settled)
        return decoded.float(), labels.float(), correlation

    def learn(self, step: int, batch: tuple[np.ndarray, np.ndarray, np.ndarray]) -> dict[str, Tensor]:
        """A step."""
        device = self.run.device
        pixels, labels = to_float(batch[0], device), torch.from_numpy(batch[1]).to(device)
        settled = torch.from_numpy(batch[2]).to(device)
        mask = per_pixel(settled)
        weights = per_pixel(settled * (1 + (self.training.object_weight - 1) * near_objects(labels)))
        decoded, odds, correlation = self.network(pixels, settled)
        parts = losses.distance(decoded - pixels, weights)
        parts["labels"] = F.cross_entropy(odds, labels)
        loss = parts["l1"] + parts["l2"] + PYRAMID_WEIGHT * parts["pyramid"] + LABELS_WEIGHT * parts["labels"]
        loss = loss + correlation + self.more_loss(step, decoded * mask, pixels * mask, parts)
        self.optimiser.step(loss, loop.rate(step, self.steps, self.training.warm_up, decay_from=0.5, floor=0.02))
        self.after(decoded.detach() * mask, pixels * mask)
        loop.follow(self.average, self.codec, step, MEMORY)
        return parts

    def more_loss(self, step: int, decoded: Tensor, pixels: Tensor, parts: dict[str, Tensor]) -> Tensor | float:
        """What else counts."""
        del step, decoded, pixels, parts
        return 0.0

    def after(self, decoded: Tensor, pixels: Tensor) -> None:
        """What else learns."""

    @torch.no_grad()
    def examine(self) -> dict[str, float]:
        """Closeness to held-out pictures."""
        close, same, codes = [], [], []
        for pixels in self.held_out.split(8):
            with self.run.half_precision():
                values, found, _ = self.average.encode(pixels)
                decoded, _ = self.average.decode(values)
            a, b = (decoded.float().clamp(-1, 1) + 1) / 2, (pixels + 1) / 2
            close.append(metrics.psnr(a, b))
            same.append(metrics.ssim(a, b))
            codes.append(found)
        use = metrics.code_use(torch.cat(codes), self.run.config.codec.codes)
        return {"psnr": torch.cat(close).mean().item(), "ssim": torch.cat(same).mean().item(), **use}

    def state_dict(self) -> dict:
        """See `Lesson`."""
        states = {"model": self.codec, "average": self.average, "optimiser": self.optimiser}
        return {key: it.state_dict() for key, it in states.items()}

    def load_state_dict(self, state: dict) -> None:
        """See `Lesson`."""
        self.codec.load_state_dict(state["model"])
        self.average.load_state_dict(state["average"])
        self.optimiser.load_state_dict(state["optimiser"])

    def load_weights(self, weights: dict[str, Tensor]) -> None:
        """See `Lesson`."""
        self.codec.load_state_dict(weights)
        self.average.load_state_dict(weights)


class DecoderLesson(CodecLesson):
    """The decoder alone, for sharpness: an adversary says what looks decoded."""

    name = "decoder"

    def __init__(self, run: Run) -> None:
        super().__init__(run)
        self.adversary = losses.Adversary().to(run.device, memory_format=torch.channels_last)
        self.adversary_adam = torch.optim.AdamW(self.adversary.parameters(), lr=ADVERSARY_RATE, betas=(0.5, 0.9))

    def plan(self) -> CodecTraining:
        """See above."""
        return self.run.config.decoder_training

    def start(self) -> Codec:
        """The trained codec, its codes frozen."""
        codec = load_codec(self.run, "codec")
        codec.enc.requires_grad_(False)
        codec.quantiser.eval()
        return codec

    def more_loss(self, step: int, decoded: Tensor, pixels: Tensor, parts: dict[str, Tensor]) -> Tensor:
        """Looks decoded, or otherwise than the real one."""
        self.adversary.requires_grad_(False)
        with self.run.half_precision():
            verdict, features = self.adversary(decoded)
            _, real_features = self.adversary(pixels)
        parts["adversary"] = -verdict.mean()
        parts["features"] = losses.feature_distance(features, real_features)
        ramp = min(1.0, step / ADVERSARY_RAMP)
        weights = self.training
        return ramp * (weights.adversary * parts["adversary"] + weights.features * parts["features"])

    def after(self, decoded: Tensor, pixels: Tensor) -> None:
        """The adversary's own step."""
        self.adversary.requires_grad_(True)
        with self.run.half_precision():
            loss = losses.hinge(self.adversary(pixels)[0], self.adversary(decoded)[0])
        self.adversary_adam.zero_grad(set_to_none=True)
        loss.backward()
        self.adversary_adam.step()

    def state_dict(self) -> dict:
        """See `Lesson`."""
        more = {"adversary": self.adversary.state_dict(), "adversary_adam": self.adversary_adam.state_dict()}
        return {**super().state_dict(), **more}

    def load_state_dict(self, state: dict) -> None:
        """See `Lesson`."""
        super().load_state_dict(state)
        self.adversary.load_state_dict(state["adversary"])
        self.adversary_adam.load_state_dict(state["adversary_adam"])


def held_out_pixels(run: Run) -> Tensor:
    """The first held-out pictures."""
    held_out = shards.read(shards.paths_of(run.out, "held-out")[:1])
    pixels = np.stack([held_out.pixels(idx) for idx in range(min(LOOKED_AT, len(held_out)))])
    return to_float(pixels, run.device)


def load_codec(run: Run, *names: str) -> Codec:
    """The averaged weights of the first of the stages `names` that there is."""
    codec = Codec(run.config.codec)
    for name in names:
        weights = checkpoint.load_weights(run.out, name)
        if weights:
            codec.load_state_dict(weights)
            return codec.to(run.device, memory_format=torch.channels_last).eval()
    raise FileNotFoundError(f"There is no codec yet: run the stage codec first\nLooked in: {run.out}")
