"""Paints codes with the painter, many pictures at once, with memory of what was read."""

import torch
from torch import Tensor

from training.config import CELLS
from training.painter import Memory, Painter, Turns


class Reading:
    """What the painter has read of some pictures: keys and values of each self block, and those for the queries."""

    def __init__(self, painter: Painter, n: int) -> None:
        config = painter.config
        self.painter, self.len = painter, 0
        shape = (n, config.heads, config.text_slots + CELLS, config.dim // config.heads)
        device = painter.emb.device
        n_memories = config.self_layers + 1
        self.memories: list[Memory] = [
            (torch.zeros(shape, device=device), torch.zeros(shape, device=device)) for _ in range(n_memories)
        ]

    def read_text(self, ids: Tensor) -> None:
        """[n, slots], before anything else."""
        nothing = ids.new_zeros(len(ids), 0)
        self.read(self.painter.text(ids), self.painter.turns(nothing, n_text=ids.shape[1]))

    def read_cells(self, codes: Tensor, cells: Tensor) -> None:
        """Both [n, entries], in the order of reading."""
        if cells.shape[1]:
            self.read(self.painter.content(codes, cells), self.painter.turns(cells))

    def read(self, x: Tensor, turns: Turns) -> None:
        """Each entry [n, entries, dim] sees itself and all before it."""
        start, end = self.len, self.len + x.shape[1]
        mask = torch.ones(x.shape[1], end, dtype=torch.bool, device=x.device).tril(start)
        for block, memory in zip(self.painter.self_l, self.memories, strict=False):
            x = block(x, turns, self.keep(memory, block.keys(x, turns), end), mask)
        self.keep(self.memories[-1], self.painter.shared_keys(x, turns), end)
        self.len = end

    def keep(self, memory: Memory, fresh: Memory, end: int) -> Memory:
        """Writes what is new, and returns all that is there."""
        for ours, it in zip(memory, fresh, strict=True):
            ours[:, :, self.len : end] = it
        return memory[0][:, :, :end], memory[1][:, :, :end]

    def ask(self, cells: Tensor) -> Tensor:
        """Logits [n, asked, codes] for `cells` [n, asked], which do not see each other."""
        keys, values = (it[:, :, : self.len] for it in self.memories[-1])
        mask = torch.ones(1, 1, dtype=torch.bool, device=cells.device).expand(cells.shape[1], self.len)
        return self.painter.answer(cells, (keys, values), mask).float()


@torch.inference_mode()
def paint(
    painter: Painter,
    text: Tensor,
    null: Tensor,
    orders: Tensor,
    *,
    seed: int,
    guidance: float,
    group: int = 1,
    known: Tensor | None = None,
    n_known: int = 0,
    temperature: float = 1.0,
) -> Tensor:
    """Codes [n, 576] for texts [n, slots].

    Of each order [n, 576], the first `n_known` cells are taken from `known` [n, 576]; the others are drawn, `group`
    at a time. `guidance` leans away from what the painter would paint under the null prompt [slots].
    """
    n, device = len(text), text.device
    reading = Reading(painter, 2 * n)
    chance = torch.Generator(device).manual_seed(seed)
    codes = torch.zeros(n, CELLS, dtype=torch.long, device=device) if known is None else known.clone()
    reading.read_text(torch.cat([text, null.expand(n, -1)]))
    first = orders[:, :n_known]
    reading.read_cells(twice(codes.gather(1, first)), twice(first))
    for start in range(n_known, CELLS, group):
        cells = orders[:, start : start + group]
        with_text, without = reading.ask(twice(cells)).chunk(2)
        logits = (without + guidance * (with_text - without)) / temperature
        drawn = torch.multinomial(logits.softmax(-1).flatten(0, 1), 1, generator=chance).view_as(cells)
        codes.scatter_(1, cells, drawn)
        reading.read_cells(twice(drawn), twice(cells))
    return codes


def twice(x: Tensor) -> Tensor:
    """Once for the prompts, once for the null prompt."""
    return torch.cat([x, x])
