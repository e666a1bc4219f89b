"""The judge: a small network that says which attributes a picture has. It never teaches the painter.

Where pictures have exactly one attribute of a group (`time:…`), it chooses one; any other attribute it affirms or
denies. What it thinks before it speaks are the features that distances between pictures are measured in.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

MEAN, SPREAD = 0.5, 0.25  # of colours within 0 and 1


class Stage(nn.Module):
    """Halves the map, then refines it."""

    def __init__(self, n_in: int, n_out: int) -> None:
        super().__init__()
        self.down = nn.Conv2d(n_in, n_out, 3, stride=2, padding=1)
        self.a, self.b = (nn.Conv2d(n_out, n_out, 3, padding=1) for _ in range(2))
        self.norms = nn.ModuleList(nn.GroupNorm(8, n_out) for _ in range(2))

    def forward(self, x: Tensor) -> Tensor:
        """[n, n_in, rows, cols] → [n, n_out, rows / 2, cols / 2]."""
        x = self.down(x)
        y = self.a(F.silu(self.norms[0](x)))
        return x + self.b(F.silu(self.norms[1](y)))


class Judge(nn.Module):
    """`group_of` numbers the group of each attribute of which a picture has exactly one; -1 for all others. `rarity` is
    what an attribute weighs where it is there: without it the judge learns to deny what is rare."""

    def __init__(self, n_attributes: int, width: int) -> None:
        super().__init__()
        widths = [width, 2 * width, 4 * width, 8 * width]
        self.first = nn.Conv2d(3, width, 4, stride=2, padding=1)
        self.stages = nn.Sequential(*(Stage(a, b) for a, b in zip(widths, widths[1:], strict=False)))
        self.norm = nn.LayerNorm(2 * widths[-1])
        self.think = nn.Linear(2 * widths[-1], widths[-1])
        self.speak = nn.Linear(widths[-1], n_attributes)
        self.register_buffer("group_of", torch.full((n_attributes,), -1))
        self.register_buffer("rarity", torch.ones(n_attributes))

    def features(self, pixels: Tensor) -> Tensor:
        """uint8 or float pixels [n, 3, side, side] within 0 and 255 → [n, 8 width]."""
        x = self.stages(self.first((pixels.float() / 255 - MEAN) / SPREAD))
        # The mean tells how much there is of something, the maximum whether there is any.
        x = torch.cat([x.mean((2, 3)), x.amax((2, 3))], 1)
        return F.silu(self.think(self.norm(x)))

    def forward(self, pixels: Tensor) -> Tensor:
        """Logits [n, attributes]."""
        return self.speak(self.features(pixels))

    def loss(self, logits: Tensor, truth: Tensor, known: Tensor) -> Tensor:
        """Against `truth` [n, attributes], 1 where a picture has it; only what is `known` of a picture counts, bool."""
        alone = self.group_of < 0
        denied = F.binary_cross_entropy_with_logits(
            logits[:, alone], truth[:, alone], pos_weight=self.rarity[alone], reduction="none"
        )
        total = (denied * known[:, alone]).sum(1).mean()
        for group in range(int(self.group_of.max()) + 1):
            members = self.group_of == group
            chosen = F.cross_entropy(logits[:, members], truth[:, members].argmax(1), reduction="none")
            total = total + (chosen * known[:, members].all(1)).mean()
        return total

    def verdict(self, logits: Tensor) -> Tensor:
        """Which attributes it finds, bool [n, attributes]."""
        found = logits > 0
        for group in range(int(self.group_of.max()) + 1):
            members = self.group_of == group
            chosen = logits[:, members].argmax(1)
            found[:, members] = F.one_hot(chosen, int(members.sum())).bool()
        return found


def rarity(truth: Tensor) -> Tensor:
    """The root of how many pictures lack an attribute for each that has it, from `truth` [pictures, attributes]."""
    share = truth.mean(0).clamp(1 / len(truth), 1.0)
    return ((1 - share) / share).sqrt().clamp(min=1.0)


def exclusive_groups(names: Sequence[str], truth: Tensor) -> Tensor:
    """Numbers the groups of which all pictures have exactly one, from `truth` [pictures, attributes]."""
    groups = [name.partition(":")[0] for name in names]
    numbers = torch.full((len(names),), -1)
    count = 0
    for group in dict.fromkeys(groups):
        members = torch.tensor([it == group for it in groups])
        if members.sum() > 1 and bool((truth[:, members].sum(1) == 1).all()):
            numbers[members] = count
            count += 1
    return numbers
