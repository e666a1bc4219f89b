"""How foretellable codes are: a small autoregressive model of a cell's digits, given those to its left and above it.

It learns along with the codec, and the codec with it: the gradient of its likelihood reaches the encoder through the
rounding, so that codes hold what can be foretold and leave the rest to the decoder
(<https://arxiv.org/abs/2410.21264>, <https://arxiv.org/abs/2412.16326>).
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

MIXTURE = 3  # logistic distributions that together say what a digit may be
SHARPEST = -4.0  # least logarithm of their spread, in levels
LEAST_SHARE = 1e-5  # probability that is left to any level


class Causal(nn.Conv2d):
    """Sees the rows above and what is left of a place, and the place itself if told so."""

    def __init__(self, n_in: int, n_out: int, kernel: int, sees_itself: bool) -> None:
        super().__init__(n_in, n_out, kernel, padding=kernel // 2)
        mask = torch.zeros(kernel, kernel)
        mask.view(-1)[: kernel * kernel // 2 + sees_itself] = 1
        self.register_buffer("seen", mask, persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """[n, n_in, rows, cols] → [n, n_out, rows, cols]."""
        return F.conv2d(x, self.weight * self.seen, self.bias, padding=self.padding)


class Prior(nn.Module):
    """Digits of a cell one after the other, each a mixture of logistics (after <https://arxiv.org/abs/1701.05517>)."""

    def __init__(self, levels: tuple[int, ...], width: int = 64) -> None:
        super().__init__()
        n_digits = len(levels)
        self.register_buffer("halves", torch.tensor(levels).view(-1, 1, 1, 1) // 2, persistent=False)
        self.register_buffer("tops", torch.tensor(levels).view(-1, 1, 1, 1) - 1 - self.halves, persistent=False)
        self.first = Causal(n_digits, width, 7, sees_itself=False)
        self.more = nn.ModuleList(Causal(width, width, 3, sees_itself=True) for _ in range(2))
        self.last = nn.Conv2d(width, n_digits * MIXTURE * 3, 1)
        self.digits = nn.Conv2d(n_digits, n_digits * MIXTURE, 1)  # how a cell's digits move those after them
        self.register_buffer("earlier", torch.ones(n_digits, n_digits).tril(-1), persistent=False)

    def forward(self, values: Tensor) -> Tensor:
        """Nats per cell [n, rows, cols] of `values` [n, digits, rows, cols] within -1 and 1, rounded or not."""
        n_digits = values.shape[1]
        x = F.silu(self.first(values))
        for conv in self.more:
            x = x + F.silu(conv(x))
        share, middle, sharpness = self.last(x).unflatten(1, (3, n_digits, MIXTURE)).unbind(1)
        moved = F.conv2d(
            values, self.digits.weight * self.earlier.repeat_interleave(MIXTURE, 0)[..., None, None], self.digits.bias
        )
        middle = middle + moved.unflatten(1, (n_digits, MIXTURE))
        level, middle = values.unsqueeze(2) * self.halves, middle * self.halves
        spread = sharpness.clamp_min(SHARPEST).exp()
        # The outermost levels hold all that lies beyond them.
        upper = torch.where(level > self.tops - 0.5, torch.inf, (level + 0.5 - middle) / spread)
        lower = torch.where(level < 0.5 - self.halves, -torch.inf, (level - 0.5 - middle) / spread)
        chance = (share.softmax(2) * (upper.sigmoid() - lower.sigmoid())).sum(2)
        return -chance.clamp_min(LEAST_SHARE).log().sum(1)
