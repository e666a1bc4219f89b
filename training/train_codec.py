"""Trains the codec to look right; then, with encoder and codes frozen, its decoder alone: codes stay valid."""

import copy

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from training import checkpoint, loop, losses, metrics, real, shards
from training.codec import Codec
from training.config import CELL_PIXELS, GRID, CodecTraining
from training.corpus import OBJECT
from training.features import Features
from training.optimiser import Optimiser
from training.prior import Prior
from training.run import Run

LABELS_WEIGHT = 0.02
BLANKED = 0.2  # share of crops with cells left open
LOOKED_AT = 48  # held-out pictures that progress is measured on
MEMORY = 0.998  # of the averaged weights
CODEC_BETAS = (0.7, 0.98)  # of AdamW: an adversary's wishes change quickly
ADVERSARY_RATE = 3e-4
ADVERSARY_RAMP = 150  # steps until the adversary has its full say
PRIOR_RATE = 2e-3
SEEN_STAGES = 2  # of the features that the eye's part is measured with, besides the stem
UNLABELLED = -1  # where nobody knows what a cell shows


def to_float(pixels: np.ndarray, device: torch.device) -> Tensor:
    """uint8 [n, height, width, 3] → [n, 3, height, width] within -1 and 1."""
    x = torch.from_numpy(pixels).to(device).permute(0, 3, 1, 2).float().div_(127.5).sub_(1)
    return x.contiguous(memory_format=torch.channels_last)


def to_bytes(pixels: Tensor) -> np.ndarray:
    """The reverse."""
    return ((pixels.float().clamp(-1, 1) + 1) * 127.5).round().byte().permute(0, 2, 3, 1).cpu().numpy()


class Crops:
    """Squares of cells, cut at cells' borders and mirrored by chance, each with the cells that are settled."""

    def __init__(
        self, pictures: shards.Set, real_pictures: list[np.ndarray], training: CodecTraining, seed: int
    ) -> None:
        self.pictures, self.real_pictures = pictures, real_pictures
        self.training, self.seed = training, seed
        # Each turn gives one real crop or several of a painted picture.
        share, several = training.real_share, training.crops_per_picture
        self.chance_of_real = share * several / (1 - share + share * several)

    def batch(self, step: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Pixels uint8 [n, height, width, 3], labels [n, cells, cells] (UNLABELLED where nobody knows), settled
        [n, 1, cells, cells]."""
        rng = loop.rng_of(self.seed, step)
        crops: list[tuple[np.ndarray, ...]] = []
        while len(crops) < self.training.batch:
            if self.real_pictures and rng.random() < self.chance_of_real:
                crops.append(self.real_crop(rng))
                continue
            idx = int(rng.integers(len(self.pictures)))
            pixels, labels = self.pictures.pixels(idx), self.pictures.labels[idx]
            left = self.training.batch - len(crops)
            crops += [self.crop(pixels, labels, rng) for _ in range(min(left, self.training.crops_per_picture))]
        pixels, labels, settled = (np.stack(it) for it in zip(*crops, strict=True))
        return pixels, labels, settled[:, None].astype(np.float32)

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
        return pixels, labels.astype(np.int64), settled_cells(side, rng)

    def real_crop(self, rng: np.random.Generator) -> tuple[np.ndarray, ...]:
        """A piece of a photograph or of a painting."""
        side = self.training.crop_cells
        pixels = real.crop(self.real_pictures, side * CELL_PIXELS, rng)
        if rng.random() < 0.5:
            pixels = pixels[:, ::-1]
        return pixels, np.full((side, side), UNLABELLED), settled_cells(side, rng)


def settled_cells(side: int, rng: np.random.Generator) -> np.ndarray:
    """Mostly all of them, bool [side, side]."""
    return half_painted(side, rng) if rng.random() < BLANKED else np.ones((side, side), bool)


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


def never(_name: str, _weight: nn.Parameter) -> bool:
    """What Muon moves where AdamW moves all."""
    return False


def is_matrix(_name: str, weight: nn.Parameter) -> bool:
    """What Muon moves: convolutions that mix many channels."""
    return weight.ndim == 4 and weight.shape[0] >= 32 and weight.shape[1] >= 16


class CodecLesson:
    """Encoder and decoder together, and beside them an adversary and a prior of the codes."""

    name = "codec"
    learns_codes = True

    def __init__(self, run: Run) -> None:
        self.run = run
        self.training = self.plan()
        torch.manual_seed(run.config.seed)
        self.codec = self.start().to(run.device, memory_format=torch.channels_last)
        self.average = copy.deepcopy(self.codec).eval()
        training = self.training
        kind = is_matrix if training.matrix_rate else never
        self.optimiser = Optimiser(self.codec, kind, training.matrix_rate, training.rate, 1e-4, betas=CODEC_BETAS)
        self.adversary = losses.Adversary().to(run.device, memory_format=torch.channels_last)
        self.adversary_adam = adam(self.adversary, ADVERSARY_RATE)
        self.features = Features(SEEN_STAGES).to(run.device)
        learns_prior = self.learns_codes and training.predictability > 0
        self.prior = Prior(run.config.codec.levels).to(run.device) if learns_prior else None
        self.prior_adam = adam(self.prior, PRIOR_RATE) if self.prior else None
        self.steps = training.crops // training.batch
        seed = run.config.seed + sum(map(ord, self.name))
        found = shards.read(shards.paths_of(run.out, "pictures"))
        real_ones = real_pictures(run) if training.real_share else []
        self.batch = Crops(found, real_ones, training, seed).batch
        self.held_out = held_out_pixels(run)
        # On a CPU all the time goes into convolutions, which are as fast without.
        self.network = run.compiled(self.reconstruct) if run.device.type == "cuda" else self.reconstruct

    def plan(self) -> CodecTraining:
        """How it learns."""
        return self.run.config.codec_training

    def start(self) -> Codec:
        """What it starts from."""
        return Codec(self.run.config.codec)

    def reconstruct(self, pixels: Tensor, settled: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Pixels and label logits as decoded, values of the codes, and how much channels tell of each other."""
        with self.run.half_precision():
            values, _, correlation = self.codec.encode(pixels)
            decoded, labels = self.codec.decode(values * settled)
        return decoded.float(), labels.float(), values, correlation

    def learn(self, step: int, batch: tuple[np.ndarray, np.ndarray, np.ndarray]) -> dict[str, Tensor]:
        """See `Lesson`."""
        device, plan = self.run.device, self.training
        pixels, labels = to_float(batch[0], device), torch.from_numpy(batch[1]).to(device)
        settled = torch.from_numpy(batch[2]).to(device)
        mask = per_pixel(settled)
        weights = per_pixel(settled * (1 + (plan.object_weight - 1) * near_objects(labels)))
        decoded, logits, values, correlation = self.network(pixels, settled)
        parts = {
            "l1": losses.absolute(decoded - pixels, weights),
            "labels": labels_loss(logits, labels),
            **self.looks(decoded * mask, pixels * mask, settled.flatten(1).all(1)),
        }
        ramp = min(1.0, step / ADVERSARY_RAMP)
        loss = plan.absolute * parts["l1"] + LABELS_WEIGHT * parts["labels"]
        loss = loss + plan.perceptual * parts["perceptual"] + plan.spectrum * parts["spectrum"]
        loss = loss + plan.mesh * parts["mesh"] + plan.specks * parts["specks"]
        loss = loss + ramp * (plan.adversary * parts["adversary"] + plan.features * parts["features"])
        if self.learns_codes:
            loss = loss + correlation
        if self.prior:
            parts["nats"] = self.prior(values).mean()
            # The prior learns at full weight (AdamW does not mind), the encoder at the plan's.
            loss = loss + plan.predictability * parts["nats"]
            self.prior.zero_grad(set_to_none=True)
        self.optimiser.step(
            loss, loop.rate(step, self.run.share(step, self.steps), plan.warm_up, decay_from=0.5, floor=0.02)
        )
        if self.prior_adam:
            self.prior_adam.step()
        self.teach_adversary(decoded.detach() * mask, pixels * mask)
        loop.follow(self.average, self.codec, step, MEMORY)
        return parts

    def looks(self, decoded: Tensor, pixels: Tensor, is_whole: Tensor) -> dict[str, Tensor]:
        """How decoded crops look beside real ones; detail is compared in those without open cells (`is_whole` [n])."""
        self.adversary.requires_grad_(False)
        with self.run.half_precision():
            verdict, ours = self.adversary(decoded)
            with torch.no_grad():
                _, theirs = self.adversary(pixels)
            perceptual = self.features.distance(decoded, pixels)
        nothing = decoded.new_zeros(())
        detail = losses.spectrum(decoded[is_whole], pixels[is_whole]) if is_whole.any() else (nothing, nothing)
        return {
            "perceptual": perceptual,
            "spectrum": detail[0],
            "mesh": detail[1],
            "specks": losses.specks(decoded, pixels),
            "adversary": -verdict.mean(),
            "features": losses.feature_distance(ours, theirs),
        }

    def teach_adversary(self, decoded: Tensor, pixels: Tensor) -> None:
        """The adversary's own step."""
        self.adversary.requires_grad_(True)
        with self.run.half_precision():
            loss = losses.hinge(self.adversary(pixels)[0], self.adversary(decoded)[0])
        self.adversary_adam.zero_grad(set_to_none=True)
        loss.backward()
        self.adversary_adam.step()

    @torch.no_grad()
    def examine(self) -> dict[str, float]:
        """Closeness to held-out pictures, and how much detail is left of theirs."""
        close, same, codes, detail = [], [], [], []
        for pixels in self.held_out.split(8):
            with self.run.half_precision():
                values, found, _ = self.average.encode(pixels)
                decoded, _ = self.average.decode(values)
            a, b = (decoded.float().clamp(-1, 1) + 1) / 2, (pixels + 1) / 2
            close.append(metrics.psnr(a, b))
            same.append(metrics.ssim(a, b))
            codes.append(found)
            detail.append(torch.stack([metrics.octaves(a), metrics.octaves(b)]))
        use = metrics.code_use(torch.cat(codes), self.run.config.codec.codes)
        ours, theirs = torch.stack(detail).sum(0)
        kept = {f"octave_{idx}": it for idx, it in enumerate((ours / theirs).tolist(), 1)}
        return {"psnr": torch.cat(close).mean().item(), "ssim": torch.cat(same).mean().item(), **kept, **use}

    def networks(self) -> dict[str, nn.Module | Optimiser | torch.optim.Optimizer]:
        """All that has a state."""
        found = {"model": self.codec, "average": self.average, "optimiser": self.optimiser}
        found |= {"adversary": self.adversary, "adversary_adam": self.adversary_adam}
        if self.prior:
            found |= {"prior": self.prior, "prior_adam": self.prior_adam}
        return found

    def state_dict(self) -> dict:
        """See `Lesson`."""
        return {key: it.state_dict() for key, it in self.networks().items()}

    def load_state_dict(self, state: dict) -> None:
        """See `Lesson`."""
        for key, it in self.networks().items():
            it.load_state_dict(state[key])

    def load_weights(self, weights: dict[str, Tensor]) -> None:
        """See `Lesson`."""
        self.codec.load_state_dict(weights)
        self.average.load_state_dict(weights)


class DecoderLesson(CodecLesson):
    """The decoder alone, for sharpness: codes stay valid."""

    name = "decoder"
    learns_codes = False

    def plan(self) -> CodecTraining:
        """See above."""
        return self.run.config.decoder_training

    def start(self) -> Codec:
        """The trained codec, its codes frozen."""
        codec = load_codec(self.run, "codec")
        codec.enc.requires_grad_(False)
        codec.quantiser.eval()
        return codec


def labels_loss(logits: Tensor, labels: Tensor) -> Tensor:
    """Cross entropy where somebody knows what a cell shows; 0 where nobody does."""
    total = F.cross_entropy(logits, labels, ignore_index=UNLABELLED, reduction="sum")
    return total / (labels != UNLABELLED).sum().clamp_min(1)


def adam(network: nn.Module, rate: float) -> torch.optim.Optimizer:
    """For what learns beside the codec."""
    return torch.optim.AdamW(network.parameters(), lr=rate, betas=(0.5, 0.95), weight_decay=0.0)


def real_pictures(run: Run) -> list[np.ndarray]:
    """Those to learn from, where they can be had."""
    if not real.fetch():
        run.report("real pictures", note="cannot be fetched here, and are left out")
    return real.read(real.TRAINED_ON)


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
