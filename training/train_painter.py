"""Trains the painter on codes: the likelihood of each cell, given the text and the cells before it in some order."""

import copy
from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from training import checkpoint, encode, loop, shards
from training.codec import Quantiser
from training.config import Config
from training.examples import Example, Examples, held_out
from training.optimiser import Optimiser
from training.painter import Painter
from training.run import Run
from training.words import Words

LOOKED_AT = 128  # held-out pictures that progress is measured on
MEMORY = 0.998  # of the averaged weights
MEASURE_BATCH = 16


def words_of(config: Config) -> Words:
    """The words that the corpus may use."""
    corpus = shards.corpus_of(config)
    return Words.of(corpus.vocabulary(), corpus.attributes(), config.painter.text_slots)


def new_painter(config: Config) -> Painter:
    """Untrained."""
    return Painter(config.painter, len(words_of(config)), Quantiser(config.codec.levels).table())


def load_painter(run: Run) -> Painter:
    """The averaged weights, mixed with those that the run began with as the plan says (interpolation in weight space:
    Wortsman et al., "Robust fine-tuning of zero-shot models", 2022)."""
    painter = new_painter(run.config)
    weights = checkpoint.load_weights(run.out, "painter")
    if weights is None:
        raise FileNotFoundError(f"There is no painter yet: run the stage painter first\nLooked in: {run.out}")
    begun_with = checkpoint.load_pieces(run.out / "pieces", "painter")
    if begun_with and begun_with["step"] == 0:
        weights = mixed(begun_with["weights"], weights, run.config.painter_training.share_kept)
    painter.load_state_dict(weights)
    return painter.to(run.device).eval()


def mixed(before: dict[str, Tensor], after: dict[str, Tensor], share: float) -> dict[str, Tensor]:
    """Weights this `share` of the way from `before` to `after`."""
    return {key: before[key].lerp(it, share) if it.is_floating_point() else it for key, it in after.items()}


def is_matrix(name: str, weight: nn.Parameter) -> bool:
    """What Muon moves: the matrices of the blocks."""
    return weight.ndim == 2 and name.startswith(("self_l.", "cross_l.", "xkv."))


class PainterLesson:
    """See the module."""

    name = "painter"

    def __init__(self, run: Run) -> None:
        self.run, config = run, run.config
        self.plan = config.painter_training
        self.steps = self.plan.pictures // self.plan.batch
        torch.manual_seed(config.seed)
        self.painter = new_painter(config).to(run.device)
        self.average = copy.deepcopy(self.painter).eval()
        self.optimiser = Optimiser(self.painter, is_matrix, self.plan.matrix_rate, self.plan.rate)
        self.examples = examples_of(run, "pictures", "pairs")
        self.n_before = len(run.before())
        self.network = run.compiled(self.loss)

    def batch(self, step: int) -> Example:
        """See `Lesson`. A run that goes on from another learns from other batches, though of the same corpus."""
        return self.examples.batch(loop.rng_of(self.run.config.seed + 1, self.n_before, step), self.plan)

    def loss(self, shown: Tensor, codes: Tensor, order: Tensor, text: Tensor, counts: Tensor) -> Tensor:
        """In nats per cell, each by how much it counts."""
        with self.run.half_precision():
            logits = self.painter(shown, order, text)
        return mean_loss(logits, codes, order, counts)

    def learn(self, step: int, batch: Example) -> dict[str, Tensor]:
        """See `Lesson`."""
        loss = self.network(*on_device(batch, self.run.device))
        scale = loop.rate(step, self.run.share(step, self.steps), self.plan.warm_up, self.plan.decay_from)
        self.optimiser.step(loss, scale)
        loop.follow(self.average, self.painter, step, MEMORY)
        return {"nats": loss}

    def examine(self) -> dict[str, float]:
        """See `Lesson`."""
        return likelihoods(self.run, self.average)

    def state_dict(self) -> dict:
        """See `Lesson`."""
        states = {"model": self.painter, "average": self.average, "optimiser": self.optimiser}
        return {key: it.state_dict() for key, it in states.items()}

    def load_state_dict(self, state: dict) -> None:
        """See `Lesson`."""
        self.painter.load_state_dict(state["model"])
        self.average.load_state_dict(state["average"])
        self.optimiser.load_state_dict(state["optimiser"])

    def load_weights(self, weights: dict[str, Tensor]) -> None:
        """See `Lesson`."""
        self.painter.load_state_dict(weights)
        self.average.load_state_dict(weights)


def mean_loss(logits: Tensor, codes: Tensor, order: Tensor, counts: Tensor) -> Tensor:
    """Over the cells, each by how much it counts; `logits` come in the order, all else by cell."""
    loss = F.cross_entropy(logits.float().flatten(0, 1), codes.gather(1, order).flatten(), reduction="none")
    weight = counts.gather(1, order).flatten()
    return (loss * weight).sum() / weight.sum().clamp_min(1)


def examples_of(run: Run, pictures: str, pairs: str) -> Examples:
    """From two of the corpus's sets."""
    sets = encode.read(run, pictures), encode.read(run, pairs)
    return Examples(*sets, words_of(run.config), run.config.codec.codes)


@torch.inference_mode()
def likelihoods(run: Run, painter: Painter) -> dict[str, float]:
    """Nats per cell of held-out pictures in each order, without words, and of edits."""
    measured = held_out(examples_of(run, "held-out", "held-out-pairs"), LOOKED_AT, run.config.seed)
    found = {}
    for name, example in measured.items():
        total = cells = 0.0
        for shown, codes, order, text, counts in batches(example, run.device):
            with run.half_precision():
                logits = painter(shown, order, text)
            total += mean_loss(logits, codes, order, counts).item() * counts.sum().item()
            cells += counts.sum().item()
        found[name] = total / max(cells, 1)
    return found


def batches(example: Example, device: torch.device) -> Iterator[list[Tensor]]:
    """A stacked example in small portions."""
    return zip(*(it.split(MEASURE_BATCH) for it in on_device(example, device)), strict=True)


def on_device(example: Example, device: torch.device) -> list[Tensor]:
    """In the order in which `PainterLesson.loss` takes them."""
    arrays = example.shown, example.codes, example.order, example.text, example.counts
    return [torch.from_numpy(it).to(device, non_blocking=True) for it in arrays]
