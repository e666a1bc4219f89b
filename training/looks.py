"""How painted pictures look beside real ones, by a network that learned nothing here, and how much detail they have:
`python -m training.looks --config NAME --program PROGRAM [--model FOLDER] [--captions N]`.

The program paints the captions of held-out pictures in the model's own settings. Needs the corpus of the configuration
and no judge. With `--model` it paints with a network as training exports it, whatever network it was built around.
"""

import argparse
import json
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import torch

from training import metrics, program, real, shards
from training.codec import Codec
from training.config import PIXELS, Config
from training.export import load_model
from training.features import Features
from training.train_codec import to_bytes, to_float

BATCH = 8
SIZES = {"half": PIXELS // 2, "full": PIXELS}  # at which pictures are shown to the network: composition, and texture
PERCEIVED_STAGES = 5  # for distances of single pictures: what is there, and not yet what it is called
PERIODS = (3, 6, 12, 24)  # pixels of meshes that a decoder may leave
CPU = torch.device("cpu")


def embedded(features: Features, pictures: np.ndarray, side: int) -> np.ndarray:
    """What the network sees of pictures uint8 [n, 576, 576, 3], `side` pixels wide: means of its last maps [n, dim]."""
    found = []
    for batch in batches(pictures):
        small = np.stack([cv2.resize(it, (side, side), interpolation=cv2.INTER_AREA) for it in batch])
        with torch.inference_mode():
            found.append(features(to_float(small, CPU))[-1].mean((2, 3)).numpy())
    return np.concatenate(found)


def batches(pictures: np.ndarray) -> Iterator[np.ndarray]:
    """A few at a time."""
    for start in range(0, len(pictures), BATCH):
        yield pictures[start : start + BATCH]


def distances(a: np.ndarray, b: np.ndarray) -> dict[str, float]:
    """Fréchet distances of two sets of pictures uint8 [n, 576, 576, 3], by the size at which they are seen."""
    features = Features()
    found = {}
    for name, side in SIZES.items():
        clouds = [embedded(features, it, side) for it in (a, b)]
        found[name] = metrics.frechet(*clouds)
        found[f"{name}_extrapolated"] = metrics.extrapolated_frechet(*clouds)
    return found


def detail(pictures: np.ndarray, reference: np.ndarray) -> dict[str, float]:
    """Energy of three octaves as shares of that of real pictures, finest first, and how far each mesh stands out."""
    ours, theirs = (energy(it) for it in (pictures, reference))
    kept = {f"octave_{idx}": float(it) for idx, it in enumerate(ours[0] / theirs[0], 1)}
    return kept | {f"period_{it}": peak(ours[1] / theirs[1], it) for it in PERIODS}


def energy(pictures: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of the octaves [3], and of each frequency along rows and columns [289]."""
    octaves, lines = np.zeros(3), np.zeros(PIXELS // 2 + 1)
    for batch in batches(pictures):
        x = torch.from_numpy(batch).permute(0, 3, 1, 2).float() / 255
        octaves += metrics.octaves(x).numpy() * len(batch)
        for axis in (2, 3):
            lines += torch.fft.rfft(x - x.mean(axis, keepdim=True), dim=axis).abs().square().mean(
                [it for it in (0, 1, 2, 3) if it != axis]
            ).numpy() * len(batch)
    return octaves, lines


def peak(ratio: np.ndarray, period: int) -> float:
    """How much more power there is at a period than near it, 1 where nothing stands out."""
    at = PIXELS // period
    around = np.r_[at - 7 : at - 2, at + 3 : at + 8]
    return float(ratio[at - 1 : at + 2].mean() / ratio[around[around < len(ratio)]].mean())


@torch.inference_mode()
def again(codec: Codec, pictures: np.ndarray) -> np.ndarray:
    """Their reconstructions."""
    return np.concatenate([to_bytes(codec.decode(codec.encode(to_float(it, CPU))[0])[0]) for it in batches(pictures)])


@torch.inference_mode()
def reconstruction(codec: Codec, pictures: np.ndarray) -> dict[str, float]:
    """PSNR in dB, feature distance, and detail of reconstructed pictures."""
    features, shown = Features(PERCEIVED_STAGES), again(codec, pictures)
    a, b = (torch.from_numpy(it).permute(0, 3, 1, 2).float() / 255 for it in (shown, pictures))
    apart = [float(features.distance(2 * x - 1, 2 * y - 1)) for x, y in zip(a.split(1), b.split(1), strict=True)]
    closeness = {"psnr": float(metrics.psnr(a, b).mean()), "feature_distance": float(np.mean(apart))}
    return closeness | detail(shown, pictures)


def real_ones() -> np.ndarray:
    """The nine real pictures that are held out, uint8 [9, 576, 576, 3]; none where they cannot be fetched."""
    found = [real.square(it, PIXELS) for it in real.read(real.HELD_OUT)] if real.fetch() else []
    return np.stack(found) if found else np.zeros((0, PIXELS, PIXELS, 3), np.uint8)


def main() -> None:
    """Prints figures as JSON."""
    parser = argparse.ArgumentParser(prog="training.looks", description=__doc__)
    parser.add_argument("--config", required=True, help="whose held-out pictures are meant")
    parser.add_argument("--program", type=Path, help="that paints; without it only reconstructions are measured")
    parser.add_argument("--model", type=Path, default=Path("assets/model"), help="a folder with an exported network")
    parser.add_argument("--captions", type=int, default=500)
    asked = parser.parse_args()
    held_out = shards.read(shards.paths_of(Path("target/training") / Config.named(asked.config).name, "held-out"))
    n = min(asked.captions, len(held_out))
    pictures = np.stack([held_out.pixels(idx) for idx in range(n)])
    codec, _, _ = load_model(asked.model)
    figures = {"reconstruction": reconstruction(codec, pictures[:64])}
    photographs = real_ones()
    if len(photographs):
        figures["real_pictures"] = reconstruction(codec, photographs)
    # The least that a painter on these codes can come to.
    figures["decoded"] = distances(again(codec, pictures), pictures)
    if asked.program:
        captions = [it[0] for it in held_out.captions[:n]]
        painted = program.paint(asked.program, captions, None, 0, asked.model)
        figures["painted"] = distances(painted, pictures) | detail(painted, pictures)
    print(json.dumps({"pictures": n, **figures}, indent=1))


if __name__ == "__main__":
    main()
