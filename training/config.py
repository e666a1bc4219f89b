"""What a training run is to be: sizes, amounts, places. Read from `configs/NAME.json`; says nothing of how."""

import json
import math
from dataclasses import asdict, dataclass, field
from pathlib import Path

PIXELS = 576  # width and height of a picture
GRID = 24  # cells in each direction
CELLS = GRID * GRID
CELL_PIXELS = PIXELS // GRID
MOST_SEEDS = 1_000_000_000  # per set of the corpus


class ConfigError(ValueError):
    """A configuration that makes no sense."""


@dataclass(frozen=True)
class CorpusConfig:
    """How many pictures are painted. `subset` is one of `corpus/subsets`, or "all"."""

    pictures: int
    pairs: int
    held_out: int
    held_out_pairs: int
    subset: str = "all"
    shard: int = 128  # pictures per file
    first: int = 0  # seed of the first scene to learn from: a run that begins with another's network sees new ones

    def flaw(self) -> str | None:
        """What is wrong, if anything."""
        if min(self.pictures, self.pairs, self.held_out, self.held_out_pairs, self.shard) < 1:
            return "the corpus must have pictures, pairs and held-out ones of both"
        if self.first < 0 or max(self.pictures, self.pairs) + self.first > MOST_SEEDS:
            return f"scenes to learn from have seeds from 0 to {MOST_SEEDS}"
        return None


@dataclass(frozen=True)
class CodecConfig:
    """The codec's shape, as `config.json` states it: the defaults are those of the first network."""

    levels: tuple[int, ...] = (8, 5, 5, 5)  # how many values each digit of a code can take
    unshuffle: int = 4  # pixels per place where the encoder starts
    widths: tuple[int, ...] = (64, 128, 192)  # of the encoder, finest first
    encoder_blocks: tuple[int, ...] = (1, 1, 2)  # finest first
    decoder_widths: tuple[int, ...] = (192, 128, 64)  # coarsest first
    decoder_blocks: tuple[int, ...] = (3, 2, 2)  # coarsest first
    decoder_kernels: tuple[int, ...] = (3, 3, 3)  # of each residual block's second convolution, coarsest first
    shuffle: int = 4  # pixels per place where the decoder ends
    labels: int = 12

    @property
    def codes(self) -> int:
        """How many codes there are."""
        return math.prod(self.levels)

    def flaw(self) -> str | None:
        """What is wrong, if anything."""
        halvings = [len(self.encoder_blocks) - 1, len(self.decoder_blocks) - 1]
        cells = [self.unshuffle << halvings[0], self.shuffle << halvings[1]]
        if cells[0] != cells[1]:
            return f"the encoder makes cells of {cells[0]} pixels, the decoder of {cells[1]}"
        if len(self.widths) != len(self.encoder_blocks):
            return "the encoder needs as many widths as numbers of blocks"
        if not len(self.decoder_widths) == len(self.decoder_blocks) == len(self.decoder_kernels):
            return "the decoder needs as many widths and kernels as numbers of blocks"
        if any(kernel not in (1, 3) for kernel in self.decoder_kernels):
            return "kernels are 1 or 3 wide"
        if min(self.levels) < 2 or not 2 <= self.codes <= 1 << 16:
            return "levels of the codes"
        return None


@dataclass(frozen=True)
class PainterConfig:
    """The painter's shape, as `config.json` states it."""

    dim: int
    heads: int
    self_layers: int
    cross_layers: int
    ffn: int
    text_slots: int = 32
    rope_base: float = 100.0

    def flaw(self) -> str | None:
        """What is wrong, if anything."""
        if self.dim % (4 * self.heads):
            return "each head turns two halves, each half by row and by column: dim must be divisible by 4 heads"
        return None


@dataclass(frozen=True)
class CodecTraining:
    """How the codec learns. Crops are squares of `crop_cells` cells."""

    crops: int  # in all; the learning rate follows the share seen
    batch: int
    crop_cells: int = 8
    crops_per_picture: int = 2  # crops cut from each picture that is unpacked
    on_objects: float = 0.5  # share of crops that are cut around an object, if there is any
    object_weight: float = 4.0  # of errors in and beside cells that hold an object, which are few and full of detail
    real_share: float = 0.15  # of the crops that are cut from photographs and paintings, where there are any
    matrix_rate: float = 0.01  # Muon's; 0: AdamW moves matrices too
    rate: float = 1e-3  # AdamW's
    warm_up: int = 100  # steps
    absolute: float = 1.0  # weight of absolute errors
    perceptual: float = 0.5  # weight of what a trained network sees
    spectrum: float = 0.1  # weight of how much detail there is
    mesh: float = 0.5  # weight of frequencies of cells and places that stand out
    specks: float = 0.5  # weight of detail that lies at the same places in all cells
    adversary: float = 0.08  # weight of the patch adversary
    features: float = 1.0  # weight of feature matching
    predictability: float = 0.0  # weight of the nats per cell that a small prior needs; not in the decoder's own stage

    def flaw(self) -> str | None:
        """What is wrong, if anything."""
        if self.crops < 0 or min(self.batch, self.crop_cells, self.crops_per_picture, self.warm_up) < 1:
            return "the codec's batches, crops and warm-up are at least 1"
        return None


@dataclass(frozen=True)
class PainterTraining:
    """How the painter learns."""

    pictures: int  # in all; the learning rate follows the share seen
    batch: int
    matrix_rate: float = 0.02
    rate: float = 2e-3
    warm_up: int = 60  # steps
    decay_from: float = 0.5  # share of the pictures after which the rate falls to nothing
    regions: float = 0.2  # share of pictures whose text is that of a part
    edits: float = 0.15  # share of pictures from edit pairs
    object_weight: float = 1.0  # of a whole picture's cells that hold an object, which are few and full of detail
    short_share: float = 0.0  # of the batches, which show objects and what is around them alone
    short_cells: int = 192  # that these show of a picture
    share_kept: float = 1.0  # of the way from the weights that a run began with, if any, to those that it learned

    def flaw(self) -> str | None:
        """What is wrong, if anything."""
        if self.pictures < self.batch or min(self.batch, self.warm_up) < 1:
            return "the painter needs pictures for a batch at least, and a warm-up of a step"
        if min(self.regions, self.edits) < 0 or self.regions + self.edits > 1:
            return "the painter's regions and edits are shares, at most 1 together"
        if not 0 <= self.decay_from < 1 or self.object_weight <= 0:
            return "the painter's rate decays from a share below 1, and an object's weight is above 0"
        if not 0 <= self.short_share <= 1 or not 1 <= self.short_cells <= CELLS:
            return f"the share of short batches is from 0 to 1, and they show 1 to {CELLS} cells"
        if not 0 <= self.share_kept <= 1:
            return "the share that is kept of what the painter learned is from 0 to 1"
        return None


@dataclass(frozen=True)
class JudgeTraining:
    """The judge's shape, and how it learns."""

    pictures: int
    batch: int
    pixels: int = 160
    width: int = 32
    one_decoded_in: int = 4  # pictures
    rate: float = 2e-3

    def flaw(self) -> str | None:
        """What is wrong, if anything."""
        if self.pictures < self.batch or self.batch < 1 or self.one_decoded_in < 2:
            return "the judge needs pictures for a batch at least, of which some are not decoded"
        return None


@dataclass(frozen=True)
class EvaluationConfig:
    """How much is looked at."""

    captions: int = 500
    order_captions: int = 160  # of these, painted in other orders too
    edits: int = 64
    batch: int = 32
    group: int = 1  # cells that are drawn together
    guidance: float = 2.5
    region_guidance: float = 4.0
    temperature: float = 0.9
    order: str = "rows"  # in which the program paints unless asked otherwise


@dataclass(frozen=True)
class Config:
    """A training run. Everything follows from this, the seed, and the programs."""

    name: str
    corpus: CorpusConfig
    codec: CodecConfig
    painter: PainterConfig
    codec_training: CodecTraining
    decoder_training: CodecTraining
    painter_training: PainterTraining
    judge_training: JudgeTraining
    evaluation: EvaluationConfig = field(default_factory=EvaluationConfig)
    seed: int = 0
    workers: int = 2  # processes that paint the corpus, threads that unpack it
    compile: bool = True
    report_every: int = 50  # steps
    weights: str = "f16"  # or "rows8": matrices at 8 bits, a scale per row

    def __post_init__(self) -> None:
        plans = self.codec_training, self.decoder_training, self.painter_training, self.judge_training
        flaw = next(filter(None, (it.flaw() for it in (self.corpus, self.codec, self.painter, *plans))), None)
        if not flaw and self.codec.unshuffle << len(self.codec.widths) - 1 != CELL_PIXELS:
            flaw = f"cells are not of {CELL_PIXELS} pixels"
        if not flaw and self.weights not in ("f16", "rows8"):
            flaw = f"weights are f16 or rows8, not {self.weights}"
        if flaw:
            raise ConfigError(f"The configuration {self.name} makes no sense: {flaw}")

    @classmethod
    def named(cls, name: str) -> "Config":
        """The configuration in `configs/NAME.json`."""
        path = Path(__file__).parent / "configs" / f"{name}.json"
        if not path.exists():
            raise ConfigError(f"There is no configuration {name}\nLooked for: {path}")
        return cls.from_dict({"name": name, **json.loads(path.read_text())})

    @classmethod
    def from_dict(cls, values: dict) -> "Config":
        """From plain values, as in JSON."""
        parts = {key: kind(**_tuples(values[key])) for key, kind in PARTS.items() if key in values}
        return cls(**{**values, **parts})

    def to_dict(self) -> dict:
        """The reverse of `from_dict`."""
        return asdict(self)


PARTS = {
    "corpus": CorpusConfig,
    "codec": CodecConfig,
    "painter": PainterConfig,
    "codec_training": CodecTraining,
    "decoder_training": CodecTraining,
    "painter_training": PainterTraining,
    "judge_training": JudgeTraining,
    "evaluation": EvaluationConfig,
}


def _tuples(values: dict) -> dict:
    return {key: tuple(it) if isinstance(it, list) else it for key, it in values.items()}
