"""How far a decoded picture is from the real one: errors at several scales, and an adversary for small patches."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

PYRAMID_WEIGHTS = (1.0, 0.8, 0.6)  # finest first


def distance(error: Tensor, weights: Tensor) -> dict[str, Tensor]:
    """Of errors [n, 3, height, width], each pixel with a weight of its own [n, 1, height, width]."""
    n_values = weights.sum() * 3 + 1
    return {
        "l1": (error.abs() * weights).sum() / n_values,
        "l2": (error.square() * weights).sum() / n_values,
        "pyramid": pyramid(error, weights),
    }


def pyramid(error: Tensor, weights: Tensor) -> Tensor:
    """L1 of the Laplacian pyramid of the error, which is the error of the pyramids."""
    total = error.new_zeros(())
    for weight in PYRAMID_WEIGHTS:
        coarse = F.avg_pool2d(error, 2)
        detail = error - F.interpolate(coarse, scale_factor=2.0, mode="nearest")
        total = total + weight * (detail.abs() * weights).sum() / (weights.sum() * 3 + 1)
        error, weights = coarse, F.max_pool2d(weights, 2)
    return total


class Adversary(nn.Module):
    """Tells real patches of about 40 pixels from decoded ones (after <https://arxiv.org/abs/1611.07004>)."""

    def __init__(self, width: int = 32) -> None:
        super().__init__()
        widths = [3, width, 2 * width, 4 * width]
        convs = [nn.Conv2d(a, b, 4, 2, 1) for a, b in zip(widths, widths[1:], strict=False)]
        convs.append(nn.Conv2d(widths[-1], widths[-1], 3, 1, 1))
        self.convs = nn.ModuleList(nn.utils.parametrizations.spectral_norm(it) for it in convs)
        self.verdict = nn.Conv2d(widths[-1], 1, 1)

    def forward(self, x: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Pixels → how real each patch looks, and the features that said so."""
        features = []
        for conv in self.convs:
            x = F.leaky_relu(conv(x), 0.2)
            features.append(x)
        return self.verdict(x).float(), features


def hinge(real: Tensor, decoded: Tensor) -> Tensor:
    """What the adversary minimises."""
    return F.relu(1 - real).mean() + F.relu(1 + decoded).mean()


def feature_distance(a: list[Tensor], b: list[Tensor]) -> Tensor:
    """How differently the adversary sees two pictures."""
    pairs = zip(a, b, strict=True)
    return torch.stack([(x.float() - y.float()).abs().mean() for x, y in pairs]).mean()
