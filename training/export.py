"""Writes the network as the program reads it: configuration, words, weights, and a case to check its arithmetic by."""

import json
from pathlib import Path

import numpy as np
import safetensors.torch
import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from training import checkpoint, encode, orders
from training.codec import Codec
from training.config import CELL_PIXELS, GRID, PIXELS, CodecConfig, PainterConfig
from training.knows import knows
from training.painter import Painter
from training.run import THEN, Run
from training.shards import corpus_of
from training.train_codec import load_codec
from training.train_painter import load_painter, words_of
from training.words import Words

FAMILY = "alla-prima-1"
NAME = "Landscapes 3"
STRIDE = 16  # of the places of an order that the case holds answers for
PIXEL_STRIDE = 5  # of the rows and columns of the decoded picture that it holds: meets every place in a cell
QUANTISED_FROM = 4096  # numbers in a matrix: smaller ones stay at 16 bits
ZERO = 128  # bytes stand for -127 … 127 above it
Stored = dict[str, Tensor]


def run(run: Run) -> None:
    """Writes `OUT/model/`."""
    folder = run.out / "model"
    folder.mkdir(exist_ok=True)
    config, words = run.config, words_of(run.config)
    codec, painter = load_codec(run, "decoder", "codec").cpu(), load_painter(run).cpu()
    fold_spread(codec)
    for name, network in (("codec", codec), ("painter", painter)):
        stored = pack(network, config.weights)
        (folder / f"{name}.safetensors").write_bytes(safetensors.torch.save(stored))
        network.load_state_dict(unpack(stored), strict=False)
    (folder / "words.json").write_text(json.dumps(words.to_json(), indent=0))
    (folder / "config.json").write_text(json.dumps(describe(run, painter), indent=1))
    prompt = ", ".join(words.known[: 2 * GRID : 3])
    case_bytes = safetensors.torch.save(case(codec, painter, words, prompt), {"prompt": prompt})
    (folder / "case.safetensors").write_bytes(case_bytes)
    sizes = {path.name: path.stat().st_size for path in sorted(folder.iterdir())}
    run.report("export", bytes=sum(sizes.values()), **sizes)


def fold_spread(codec: Codec) -> None:
    """Puts the normalisation in front of the quantiser into the encoder's last convolution."""
    spread, last = codec.quantiser.spread, codec.enc[-1]
    scale = torch.rsqrt(spread.running_var + spread.eps)
    with torch.no_grad():
        last.weight.mul_(scale.view(-1, 1, 1, 1))
        last.bias.sub_(spread.running_mean).mul_(scale)
    spread.running_mean.zero_()
    spread.running_var.fill_(1 - spread.eps)


def pack(network: nn.Module, weights: str) -> Stored:
    """All weights at 16 bits, or large matrices at 8: bytes `NAME`, and a factor per row `NAME.scale`."""
    stored: Stored = {}
    for name, weight in network.state_dict().items():
        if name.startswith("quantiser."):
            continue
        if weights == "rows8" and weight.ndim > 1 and weight.numel() >= QUANTISED_FROM:
            scale = weight.flatten(1).abs().amax(1).clamp_min(1e-8) / (ZERO - 1)
            levels = (weight / scale.view(-1, *[1] * (weight.ndim - 1))).round() + ZERO
            stored[name], stored[f"{name}.scale"] = levels.to(torch.uint8).contiguous(), scale
        else:
            stored[name] = weight.half().contiguous()
    return stored


def unpack(stored: Stored) -> Stored:
    """The weights as the program sees them, at 32 bits."""
    weights: Stored = {}
    for name, it in stored.items():
        if it.dtype == torch.uint8:
            scale = stored[f"{name}.scale"].view(-1, *[1] * (it.ndim - 1))
            weights[name] = (it.float() - ZERO) * scale
        elif not name.endswith(".scale"):
            weights[name] = it.float()
    return weights


def describe(run: Run, painter: Painter) -> dict:
    """`config.json`."""
    config = run.config
    codec, shape, plan = config.codec, config.painter, config.evaluation
    return {
        "family": FAMILY,
        "name": NAME,
        "pixels": PIXELS,
        "cell_pixels": CELL_PIXELS,
        "grid": [GRID, GRID],
        "codec": {
            "quantiser": "fsq",
            "levels": codec.levels,
            "codes": codec.codes,
            "widths": codec.widths,
            "encoder_blocks": codec.encoder_blocks,
            "decoder_blocks": codec.decoder_blocks,
            "labels": codec.labels,
            "pixel_range": [-1, 1],
            "unshuffle": codec.unshuffle,
            "decoder_widths": codec.decoder_widths,
            "decoder_kernels": codec.decoder_kernels,
            "shuffle": codec.shuffle,
        },
        "painter": {
            "dim": shape.dim,
            "heads": shape.heads,
            "self_layers": shape.self_layers,
            "cross_layers": shape.cross_layers,
            "ffn": shape.ffn,
            "words": len(painter.txt),
            "text_slots": shape.text_slots,
            "rope_base": shape.rope_base,
            "attention_scale": "2/sqrt(head_dim) after RMS of q and k",
            "rms_eps": float(torch.finfo(torch.float32).eps),
        },
        "defaults": {
            "guidance": plan.guidance,
            "region_guidance": plan.region_guidance,
            "temperature": plan.temperature,
            "order": plan.order,
        },
        "knows": knows(corpus_of(config)),
        "trained_on": trained_on(run),
    }


def trained_on(run: Run) -> str:
    """For the model card: what was learned from, whatever was planned."""
    seen = checkpoint.steps_of(run.out, "painter") * run.config.painter_training.batch
    pictures, pairs = (len(encode.read(run, kind)[1]) for kind in ("pictures", "pairs"))
    first = run.config.corpus.first
    scenes = f" from scene {first} on" if first else ""
    here = f"{seen} examples from {pictures} procedural landscapes and {pairs // 2} pairs{scenes}"
    return THEN.join([*run.before(), here])


@torch.inference_mode()
def case(codec: Codec, painter: Painter, words: Words, prompt: str) -> Stored:
    """What the program must compute from the stored weights, in 32 bits: row 0 with a prompt, row 1 without."""
    painter.float(), codec.float()
    text = torch.from_numpy(np.stack([words.ids(prompt), words.ids(None)]))
    n_codes = len(painter.values)
    codes = torch.randint(0, n_codes, (GRID * GRID,), generator=torch.Generator().manual_seed(5))
    mask = np.zeros((GRID, GRID), bool)
    mask[2:6, 3:11] = True
    in_rows, masked = (torch.from_numpy(it) for it in (orders.ROWS, orders.inside_last(mask.ravel())))
    decoded, labels = codec.decode(codec.quantiser.values(codes.view(1, GRID, GRID)))
    pixels = test_picture(codec.config.unshuffle << len(codec.config.widths) - 1)
    _, found, _ = codec.encode(pixels[None].float() / 127.5 - 1)
    return {
        "text_ids": text,
        "tokens": codes,
        "order_rows": in_rows,
        "order_mask": masked,
        "logits_rows": answers(painter, codes, in_rows, text),
        "logits_mask": answers(painter, codes, masked, text),
        "decoded": decoded[0, :, ::PIXEL_STRIDE, ::PIXEL_STRIDE].contiguous(),
        "labels": labels[0].contiguous(),
        "pixels": pixels,
        "codes": found[0].contiguous(),
    }


def answers(painter: Painter, codes: Tensor, order: Tensor, text: Tensor) -> Tensor:
    """Log-odds [2, 576 / STRIDE, codes]."""
    return painter(codes.expand(2, -1), order.expand(2, -1), text)[:, ::STRIDE].contiguous()


def test_picture(cell_pixels: int) -> Tensor:
    """Waves, uint8 [3, height, width]."""
    across = torch.linspace(-1, 1, GRID * cell_pixels)
    y, x = torch.meshgrid(across, across, indexing="ij")
    waves = torch.stack([torch.sin(3 * x + 1), torch.cos(4 * y - x), torch.sin(5 * x * y)])
    return (127.5 + 100 * waves).round().byte()


def load_model(folder: Path) -> tuple[Codec, Painter, dict]:
    """The reverse of `run`, for any network of the family: codec, painter, and what `config.json` says.

    Raises `ValueError` where a weight is missing, or there is one too many.
    """
    described = json.loads((folder / "config.json").read_text())
    codec = Codec(codec_config(described["codec"]))
    shape = described["painter"]
    config = PainterConfig(**{key: shape[key] for key in PainterConfig.__dataclass_fields__})
    painter = Painter(config, shape["words"], codec.quantiser.table())
    for name, network in (("codec", codec), ("painter", painter)):
        unlike = network.load_state_dict(unpack(load_file(folder / f"{name}.safetensors")), strict=False)
        missing = [it for it in unlike.missing_keys if not it.startswith("quantiser.")]
        if missing or unlike.unexpected_keys:
            raise ValueError(f"{folder / name} lacks {missing} and has {unlike.unexpected_keys} beside")
    codec.quantiser.spread.running_var.fill_(1 - codec.quantiser.spread.eps)
    return codec.eval(), painter.eval(), described


def codec_config(described: dict) -> CodecConfig:
    """Fields that the first network does not state have its values."""
    widths = described["widths"]
    defaults = {"decoder_widths": widths[::-1], "decoder_kernels": [3] * len(widths)}
    stated = {**defaults, **{key: it for key, it in described.items() if key in CodecConfig.__dataclass_fields__}}
    return CodecConfig(**{key: tuple(it) if isinstance(it, list) else it for key, it in stated.items()})
