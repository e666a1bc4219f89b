"""The codec: pixels ↔ codes. Convolutions and norms of single places only, so that all of it is local.

A cell's code is a point of a grid in a few channels (finite scalar quantisation,
<https://arxiv.org/abs/2309.15505>). Residual blocks whose second convolution is 1 × 1 see half as far: with them a
window of a picture is decoded exactly at little more than its own cost.
"""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from training.config import CodecConfig

NORM_EPS = 1e-5
BOUND_MARGIN = 1e-3  # how far the outermost levels stay from the bounds that tanh only reaches at infinity
DECORRELATION = 0.05


class Norm(nn.Module):
    """Divides each place by the root mean square of its channels."""

    def forward(self, x: Tensor) -> Tensor:
        """[n, channels, rows, cols], like all maps here."""
        return x * torch.rsqrt(x.float().pow(2).mean(1, keepdim=True) + NORM_EPS).to(x.dtype)


class Residual(nn.Module):
    """`x + b(silu(a(silu(x))))`."""

    def __init__(self, width: int, kernel: int = 3) -> None:
        super().__init__()
        self.a = nn.Conv2d(width, width, 3, padding=1)
        self.b = nn.Conv2d(width, width, kernel, padding=kernel // 2)
        nn.init.zeros_(self.b.weight)
        nn.init.zeros_(self.b.bias)

    def forward(self, x: Tensor) -> Tensor:
        """Same shape."""
        return x + self.b(F.silu(self.a(F.silu(x))))


class Up(nn.Module):
    """A map twice as fine."""

    def __init__(self, n_in: int, n_out: int) -> None:
        super().__init__()
        self.c = nn.Conv2d(n_in, 4 * n_out, 1)

    def forward(self, x: Tensor) -> Tensor:
        """[n, n_in, rows, cols] → [n, n_out, 2 rows, 2 cols]."""
        return F.pixel_shuffle(self.c(x), 2)


class Down(nn.Module):
    """A map half as fine."""

    def __init__(self, n_in: int, n_out: int) -> None:
        super().__init__()
        self.c = nn.Conv2d(n_in, n_out, 2, stride=2)

    def forward(self, x: Tensor) -> Tensor:
        """[n, n_in, rows, cols] → [n, n_out, rows / 2, cols / 2]."""
        return self.c(x)


class Quantiser(nn.Module):
    """Channels ↔ levels ↔ codes; the first digit changes fastest."""

    def __init__(self, levels: tuple[int, ...]) -> None:
        super().__init__()
        # Spreads every channel over its levels; export folds it into the encoder's last convolution.
        self.spread = nn.BatchNorm2d(len(levels), affine=False, momentum=0.05)
        bases = [math.prod(levels[:idx]) for idx in range(len(levels))]
        self.register_buffer("levels", torch.tensor(levels).view(-1, 1, 1), persistent=False)
        self.register_buffer("bases", torch.tensor(bases).view(-1, 1, 1), persistent=False)

    def forward(self, z: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Unbounded channels → values within -1 and 1, codes [n, rows, cols], how much channels tell of each other."""
        with torch.autocast(z.device.type, enabled=False):
            z = self.spread(z.float())
            half = (self.levels - 1) * (1 + BOUND_MARGIN) / 2
            offset = torch.where(self.levels % 2 == 0, 0.5, 0.0)
            bounded = torch.tanh(z + torch.atanh(offset / half)) * half - offset
            rounded = bounded + (bounded.round() - bounded).detach()  # the gradient passes as if nothing was rounded
            middle = self.levels // 2
            codes = ((rounded.detach().round().long() + middle) * self.bases).sum(1)
            return rounded / middle, codes, correlation(z)

    def values(self, codes: Tensor) -> Tensor:
        """[n, rows, cols] → [n, digits, rows, cols]."""
        middle = self.levels // 2
        digits = codes.unsqueeze(1) // self.bases % self.levels
        return (digits - middle).float() / middle

    def table(self) -> Tensor:
        """The values of all codes [codes, digits]."""
        codes = torch.arange(math.prod(self.levels.flatten().tolist()), device=self.levels.device)
        return self.values(codes.view(-1, 1, 1)).flatten(1)


def correlation(z: Tensor) -> Tensor:
    """A loss for how much the channels of `z` [n, channels, rows, cols] repeat each other: then few codes are used."""
    channels = z.transpose(0, 1).flatten(1)
    covariance = channels @ channels.T / channels.shape[1]
    return DECORRELATION * (covariance - covariance.diag().diag()).pow(2).sum() / len(channels)


class Codec(nn.Module):
    """Layer lists are numbered as in the format: see README."""

    def __init__(self, config: CodecConfig) -> None:
        super().__init__()
        self.config = config
        self.quantiser = Quantiser(config.levels)
        self.enc = nn.Sequential(*encoder_layers(config))
        coarsest = config.decoder_widths[0]
        blocks = residuals(coarsest, config.decoder_blocks[0], config.decoder_kernels[0])
        self.trunk = nn.Sequential(nn.Conv2d(len(config.levels), coarsest, 3, padding=1), *blocks, Norm())
        self.sem = nn.Conv2d(coarsest, config.labels, 1)
        self.dec = nn.Sequential(*decoder_layers(config))
        with torch.no_grad():
            self.dec[-2].weight.mul_(0.3)  # begins near grey

    def encode(self, pixels: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Pixels [n, 3, height, width] within -1 and 1 → as `Quantiser.forward`."""
        return self.quantiser(self.enc(pixels))

    def decode(self, values: Tensor) -> tuple[Tensor, Tensor]:
        """Values of codes, zeros where a cell is open → pixels [n, 3, height, width], label logits [n, labels, …]."""
        x = self.trunk(values)
        return self.dec(x), self.sem(x)


def residuals(width: int, n: int, kernel: int = 3) -> list[nn.Module]:
    """`n` blocks."""
    return [Residual(width, kernel) for _ in range(n)]


def encoder_layers(config: CodecConfig) -> list[nn.Module]:
    """Pixels → unbounded channels."""
    widths, blocks = config.widths, config.encoder_blocks
    layers = [nn.PixelUnshuffle(config.unshuffle), nn.Conv2d(3 * config.unshuffle**2, widths[0], 3, padding=1)]
    layers += residuals(widths[0], blocks[0])
    for idx in range(1, len(widths)):
        layers += [Down(widths[idx - 1], widths[idx]), *residuals(widths[idx], blocks[idx])]
    return [*layers, Norm(), nn.Conv2d(widths[-1], len(config.levels), 1)]


def decoder_layers(config: CodecConfig) -> list[nn.Module]:
    """The trunk's map → pixels."""
    widths, layers = config.decoder_widths, []
    for idx in range(1, len(widths)):
        blocks = residuals(widths[idx], config.decoder_blocks[idx], config.decoder_kernels[idx])
        layers += [Up(widths[idx - 1], widths[idx]), *blocks]
    last = nn.Conv2d(widths[-1], 3 * config.shuffle**2, 3, padding=1)
    return [*layers, nn.SiLU(), last, nn.PixelShuffle(config.shuffle)]


def decoder_reach(config: CodecConfig) -> float:
    """How far, in cells, a decoded pixel can see beyond its own cell."""
    per_block = [kernel // 2 + 1 for kernel in config.decoder_kernels]  # in places of the level's own map
    places = [n * reach for n, reach in zip(config.decoder_blocks, per_block, strict=True)]
    places[0] += 1  # the trunk's first convolution
    places[-1] += 1  # the decoder's last one
    return sum(n / 2**level for level, n in enumerate(places))


def gflops(layers: nn.Module, x: Tensor) -> float:
    """2 × multiplications and additions of all convolutions, for one picture, in 10⁹."""
    total = 0

    def count(conv: nn.Conv2d, _: tuple, y: Tensor) -> None:
        nonlocal total
        total += 2 * y[0].numel() * conv.weight[0].numel()

    hooks = [it.register_forward_hook(count) for it in layers.modules() if isinstance(it, nn.Conv2d)]
    with torch.no_grad():
        layers(x)
    for hook in hooks:
        hook.remove()
    return total / 1e9
