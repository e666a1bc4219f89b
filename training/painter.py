"""The painter: reads words and settled cells, answers for any other cell which codes come into question.

After ARPG (<https://arxiv.org/abs/2503.10568>): causal blocks read the text and the content in any order; cross
blocks answer queries, one per asked cell, which see what was read before them and not each other. Names of weights
are those of the format.
"""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from training.config import CELLS, GRID, PainterConfig

Turns = tuple[Tensor, Tensor]  # cosines and sines [n, 1, entries, head_dim / 2]
Memory = tuple[Tensor, Tensor]  # keys and values [n, heads, entries, head_dim]


def norm(x: Tensor) -> Tensor:
    """Divides by the root mean square of the last dimension."""
    return F.rms_norm(x, (x.shape[-1],))


def turn(x: Tensor, turns: Turns) -> Tensor:
    """Rotates the two halves of each head against each other."""
    cos, sin = turns
    a, b = x.chunk(2, -1)
    return torch.cat([a * cos - b * sin, a * sin + b * cos], -1)


def linear(n_in: int, n_out: int, is_zero: bool = False) -> nn.Linear:
    """Without bias; blocks begin by changing nothing."""
    layer = nn.Linear(n_in, n_out, bias=False)
    nn.init.normal_(layer.weight, std=0.0 if is_zero else 0.7 / math.sqrt(n_in))
    return layer


def table(rows: int, dim: int, std: float = 0.03) -> nn.Parameter:
    """Learned rows."""
    return nn.Parameter(torch.randn(rows, dim) * std)


class Block(nn.Module):
    """Attention to a memory, then a gated layer. A self block makes its own keys; a cross block is given them."""

    def __init__(self, config: PainterConfig, makes_keys: bool) -> None:
        super().__init__()
        dim = config.dim
        self.n_heads = config.heads
        self.q, self.o = linear(dim, dim), linear(dim, dim, is_zero=True)
        if makes_keys:
            self.kv = linear(dim, 2 * dim)
        self.up, self.down = linear(dim, 2 * config.ffn), linear(config.ffn, dim, is_zero=True)
        self.n1, self.n2 = nn.Parameter(torch.ones(dim)), nn.Parameter(torch.ones(dim))
        self.qs = nn.Parameter(torch.full((config.heads, 1, 1), 0.6))  # sharpness of each head

    def heads(self, x: Tensor) -> Tensor:
        """[n, entries, dim] → [n, heads, entries, head_dim]."""
        return x.unflatten(-1, (self.n_heads, -1)).transpose(1, 2)

    def keys(self, x: Tensor, turns: Turns) -> Memory:
        """What these entries offer to those after them."""
        k, v = self.kv(norm(x) * self.n1).chunk(2, -1)
        return turn(norm(self.heads(k)), turns), self.heads(v)

    def forward(self, x: Tensor, turns: Turns, memory: Memory, mask: Tensor | None = None) -> Tensor:
        """[n, entries, dim]. Without a mask, the last entry sees all memory, each before it one place less."""
        q = turn(norm(self.heads(self.q(norm(x) * self.n1))) * self.qs, turns)
        y = attend(q, memory, mask)
        x = x + self.o(y.transpose(1, 2).flatten(2))
        value, gate = self.up(norm(x) * self.n2).chunk(2, -1)
        return x + self.down(F.silu(gate) * value)


def attend(q: Tensor, memory: Memory, mask: Tensor | None) -> Tensor:
    """Attention of queries [n, heads, entries, head_dim]."""
    k, v = memory
    n, scale = q.shape[2], 2 / math.sqrt(q.shape[-1])
    if mask is not None:
        return F.scaled_dot_product_attention(q, k, v, attn_mask=mask, scale=scale)
    # Filled up in front, the queries make a plain causal square, for which there are fast kernels.
    q = F.pad(q, (0, 0, k.shape[2] - n, 0))
    return F.scaled_dot_product_attention(q, k, v, is_causal=True, scale=scale)[:, :, -n:]


class Painter(nn.Module):
    """See the module."""

    def __init__(self, config: PainterConfig, n_words: int, values: Tensor) -> None:
        """`values` are those of all codes [codes, digits]."""
        super().__init__()
        dim, (n_codes, n_digits) = config.dim, values.shape
        self.config = config
        self.register_buffer("values", values.float(), persistent=False)
        self.emb, self.cw = table(n_codes, dim), table(n_digits, dim)
        self.txt, self.tpos = table(n_words, dim), table(config.text_slots, dim, 0.01)
        self.row, self.col = table(GRID, dim, 0.02), table(GRID, dim, 0.02)
        self.qrow, self.qcol = table(GRID, dim), table(GRID, dim)
        self.mask = nn.Parameter(torch.randn(dim) * 0.03)
        self.self_l = nn.ModuleList(Block(config, makes_keys=True) for _ in range(config.self_layers))
        self.cross_l = nn.ModuleList(Block(config, makes_keys=False) for _ in range(config.cross_layers))
        self.xkv = linear(dim, 2 * dim)
        self.nk, self.nf = nn.Parameter(torch.ones(dim)), nn.Parameter(torch.ones(dim))
        self.bias = nn.Parameter(torch.zeros(n_codes))
        cos, sin = rotary(dim // config.heads, config.rope_base)
        self.register_buffer("cos", cos, persistent=False)
        self.register_buffer("sin", sin, persistent=False)

    def forward(self, codes: Tensor, order: Tensor, text: Tensor) -> Tensor:
        """Logits [n, 576, codes] of each cell in `order` [n, 576], given the text and the cells before it."""
        before = order[:, :-1]
        content = self.content(codes.gather(1, before), before)
        x = torch.cat([self.text(text), content], 1)
        turns = self.turns(before, n_text=self.config.text_slots)
        for block in self.self_l:
            x = block(x, turns, block.keys(x, turns))
        return self.answer(order, self.shared_keys(x, turns))

    def answer(self, cells: Tensor, memory: Memory, mask: Tensor | None = None) -> Tensor:
        """Logits [n, asked, codes] for `cells` [n, asked]; masks as in `Block`."""
        x, turns = self.mask + self.qrow[cells // GRID] + self.qcol[cells % GRID], self.turns(cells)
        for block in self.cross_l:
            x = block(x, turns, memory, mask)
        return F.linear(norm(x) * self.nf, self.table()) + self.bias

    def text(self, ids: Tensor) -> Tensor:
        """[n, slots] → [n, slots, dim]."""
        return F.embedding(ids, self.txt) + self.tpos

    def content(self, codes: Tensor, cells: Tensor) -> Tensor:
        """Codes and their cells [n, entries] → [n, entries, dim]."""
        return F.embedding(codes, self.table()) + self.row[cells // GRID] + self.col[cells % GRID]

    def table(self) -> Tensor:
        """What each code is, in and out [codes, dim]."""
        return self.emb + self.values @ self.cw

    def shared_keys(self, x: Tensor, turns: Turns) -> Memory:
        """What the content offers to queries, the same for all cross blocks."""
        k, v = self.xkv(norm(x) * self.nk).chunk(2, -1)
        heads = self.self_l[0].heads
        return turn(norm(heads(k)), turns), heads(v)

    def turns(self, cells: Tensor, n_text: int = 0) -> Turns:
        """How heads turn for text, which does not, and then for `cells` [n, entries]."""
        cos, sin = self.cos[cells], self.sin[cells]
        cos, sin = F.pad(cos, (0, 0, n_text, 0), value=1.0), F.pad(sin, (0, 0, n_text, 0))
        return cos.unsqueeze(1), sin.unsqueeze(1)


def rotary(head_dim: int, base: float) -> Turns:
    """A quarter of a head turns by row, a quarter by column: [576, head_dim / 2]."""
    n = head_dim // 4
    speeds = base ** (-torch.arange(n) / n)
    cells = torch.arange(CELLS)
    angles = torch.cat([(cells // GRID)[:, None] * speeds, (cells % GRID)[:, None] * speeds], 1)
    return angles.cos(), angles.sin()
