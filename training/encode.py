"""Turns the corpus into codes, once, for the painter to learn from."""

import hashlib
from pathlib import Path

import numpy as np
import torch

from training import shards
from training.codec import Codec
from training.run import Run
from training.train_codec import load_codec, to_float

BATCH = 16


def run(run: Run) -> None:
    """Encodes the shards that have not been encoded."""
    codec = load_codec(run, "codec")
    folder = folder_of(run, codec)
    folder.mkdir(exist_ok=True)
    done = 0
    for kind in shards.FIRST_SEEDS:
        for path in shards.paths_of(run.out, kind):
            target = folder / f"{path.stem}.npy"
            if target.exists():
                continue
            if run.is_over():
                return
            codes = encode(run, codec, shards.read([path]))
            np.save(target.with_suffix(".part.npy"), codes)
            target.with_suffix(".part.npy").replace(target)
            done += len(codes)
    run.report("encode", pictures=done)


def folder_of(run: Run, codec: Codec) -> Path:
    """Named after the encoder, so that the codes of two are never mixed up."""
    digest = hashlib.sha256()
    for weight in [*codec.enc.state_dict().values(), *codec.quantiser.state_dict().values()]:
        digest.update(weight.cpu().contiguous().numpy().tobytes())
    return run.out / f"codes_{digest.hexdigest()[:8]}"


@torch.inference_mode()
def encode(run: Run, codec: Codec, pictures: shards.Set) -> np.ndarray:
    """uint16 [n, 576]."""
    found = []
    for start in range(0, len(pictures), BATCH):
        pixels = np.stack([pictures.pixels(idx) for idx in range(start, min(start + BATCH, len(pictures)))])
        _, codes, _ = codec.encode(to_float(pixels, run.device))
        found.append(codes.flatten(1).cpu().numpy().astype(np.uint16))
    return np.concatenate(found)


def read(run: Run, kind: str, with_pixels: bool = False) -> tuple[np.ndarray, shards.Set]:
    """Codes [n, 576] of a set as far as it is encoded, and what else is known of these pictures, pixels if wanted."""
    folder = folder_of(run, load_codec(run, "codec"))
    paths = [path for path in shards.paths_of(run.out, kind) if (folder / f"{path.stem}.npy").exists()]
    if not paths:
        raise FileNotFoundError(f"There are no codes yet: run the stage encode first\nLooked in: {folder}")
    codes = np.concatenate([np.load(folder / f"{path.stem}.npy") for path in paths])
    return codes, shards.read(paths, with_pixels)
