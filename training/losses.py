"""How far a decoded picture is from the real one, to the eye: colours, what a trained network sees, an adversary for
small patches, and how much detail there is at each fineness. Squared errors are left out: they are what blurs.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from training.config import CELL_PIXELS

LEAST_POWER = 0.02  # of a frequency in a crop: what rounding to 8 bits leaves there
SMOOTHED = 3  # frequencies in each direction over which power is averaged


def absolute(error: Tensor, weights: Tensor) -> Tensor:
    """Mean of errors [n, 3, height, width], each pixel with a weight of its own [n, 1, height, width]."""
    return (error.abs() * weights).sum() / (weights.sum() * 3 + 1)


def spectrum(decoded: Tensor, real: Tensor) -> tuple[Tensor, Tensor]:
    """How much the power at each frequency differs over a batch of pictures [n, 3, height, width], as mean |log ratio|;
    and how much farther it stands out at the frequencies of cells and of places in them: a mesh."""
    ours, theirs = power(decoded), power(real)
    ratio = (smooth(ours) + LEAST_POWER).log() - (smooth(theirs) + LEAST_POWER).log()
    step = decoded.shape[-1] // CELL_PIXELS
    return ratio.abs().mean(), F.relu(standing_out(ours, step) - standing_out(theirs, step)).mean()


def specks(decoded: Tensor, real: Tensor) -> Tensor:
    """How much more of the finest detail lies at some places in a cell than in real pictures [n, 3, height, width],
    where it lies anywhere: a decoder whose places have weights of their own may leave a dot in each cell."""
    return F.relu(detail_by_place(decoded) - detail_by_place(real)).mean()


def detail_by_place(pixels: Tensor) -> Tensor:
    """Energy of what averaging 3 × 3 pixels loses, by place in a cell, as a share of the mean [24, 24]."""
    detail = pixels - F.avg_pool2d(F.pad(pixels, (1, 1, 1, 1), mode="reflect"), 3, 1)
    by_place = detail.square().unflatten(2, (-1, CELL_PIXELS)).unflatten(4, (-1, CELL_PIXELS)).mean((0, 1, 2, 4))
    return by_place / by_place.mean().clamp_min(1e-8)


def standing_out(power: Tensor, step: int) -> Tensor:
    """Logarithms of the power at every `step`th frequency against the mean around it."""
    here = F.avg_pool2d(power[None, None], SMOOTHED, step, SMOOTHED // 2)[0, 0]
    around = F.avg_pool2d(power[None, None], step + 1, step, step // 2)[0, 0]
    found = (here + LEAST_POWER).log() - (around + LEAST_POWER).log()
    # Across a cell or more every picture has light and shade.
    return torch.cat([found[0, 2:], found[1:, 1:].flatten(), found[2:-1, 0]])


def power(pixels: Tensor) -> Tensor:
    """Per frequency [height, width / 2 + 1], averaged over pictures and colours."""
    height, width = pixels.shape[-2:]
    window = torch.outer(*(torch.hann_window(it, device=pixels.device) for it in (height, width)))
    return torch.fft.rfft2(pixels.float() * window).abs().square().mean((0, 1))


def smooth(power: Tensor) -> Tensor:
    """Averaged over neighbouring frequencies."""
    return F.avg_pool2d(power[None, None], SMOOTHED, 1)[0, 0]


class Adversary(nn.Module):
    """Tells real patches from decoded ones (after <https://arxiv.org/abs/1611.07004>, spectrally normalised)."""

    def __init__(self, width: int = 24) -> None:
        super().__init__()
        shapes = [(3, width, 4, 2), (width, 2 * width, 4, 2), (2 * width, 3 * width, 3, 1)]
        convs = [nn.Conv2d(n_in, n_out, kernel, stride, 1) for n_in, n_out, kernel, stride in shapes]
        self.convs = nn.ModuleList(nn.utils.parametrizations.spectral_norm(it) for it in convs)
        self.verdict = nn.Conv2d(3 * width, 1, 3, padding=1)

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
