"""Muon for matrices and convolutions (<https://kellerjordan.github.io/posts/muon/>), AdamW for all else."""

from collections.abc import Callable, Iterable

import torch
from torch import Tensor, nn

# Of the quintic whose iterates drive singular values to about 1; from the source above.
NEWTON_SCHULZ = (3.4445, -4.7750, 2.0315)
NEWTON_SCHULZ_STEPS = 5


class Muon:
    """Momentum, made orthogonal: a step moves all directions of a matrix alike."""

    def __init__(self, weights: Iterable[nn.Parameter], momentum: float = 0.95, decay: float = 0.01) -> None:
        self.momentum, self.decay = momentum, decay
        self.groups: dict[tuple[int, int], list[nn.Parameter]] = {}
        for weight in weights:
            self.groups.setdefault((weight.shape[0], weight[0].numel()), []).append(weight)
        self.means = {
            shape: torch.zeros(len(group), *shape, device=group[0].device) for shape, group in self.groups.items()
        }

    @torch.no_grad()
    def step(self, rate: float) -> None:
        """Moves all weights."""
        for (n_out, n_in), group in self.groups.items():
            gradient = torch.stack([weight.grad.float().reshape(n_out, n_in) for weight in group])
            mean = self.means[n_out, n_in].lerp_(gradient, 1 - self.momentum)
            update = orthogonal(gradient.lerp(mean, self.momentum))
            scale = rate * max(1.0, n_out / n_in) ** 0.5
            for weight, change in zip(group, update, strict=True):
                weight.mul_(1 - rate * self.decay).add_(change.view_as(weight), alpha=-scale)

    def state_dict(self) -> dict:
        """The momenta."""
        return {"means": list(self.means.values())}

    def load_state_dict(self, state: dict) -> None:
        """The reverse."""
        for ours, theirs in zip(self.means.values(), state["means"], strict=True):
            ours.copy_(theirs)


def has_bfloat16(device: torch.device) -> bool:
    """Whether the device computes in bfloat16 by itself: other processors are slower then, not faster."""
    processor = torch.cpu.get_capabilities()
    return device.type == "cuda" or bool(processor.get("avx512_bf16") or processor.get("amx_bf16"))


def orthogonal(x: Tensor) -> Tensor:
    """The orthogonal matrices nearest to `x` [n, rows, cols], roughly."""
    a, b, c = NEWTON_SCHULZ
    is_tall = x.shape[-2] > x.shape[-1]
    x = x.mT if is_tall else x
    x = x.bfloat16() if has_bfloat16(x.device) else x
    x = x / (x.norm(dim=(-2, -1), keepdim=True) + 1e-7)
    for _ in range(NEWTON_SCHULZ_STEPS):
        square = x @ x.mT
        x = a * x + (b * square + c * square @ square) @ x
    return (x.mT if is_tall else x).float()


class Optimiser:
    """Both of them, under one learning rate that the schedule scales."""

    def __init__(
        self,
        model: nn.Module,
        is_matrix: Callable[[str, nn.Parameter], bool],
        matrix_rate: float,
        rate: float,
        decay: float = 0.0,
        betas: tuple[float, float] = (0.9, 0.95),
    ) -> None:
        named = [(name, it) for name, it in model.named_parameters() if it.requires_grad]
        matrices = [it for name, it in named if is_matrix(name, it)]
        self.rest = [it for name, it in named if not is_matrix(name, it)]
        self.matrix_rate, self.rate = matrix_rate, rate
        self.muon = Muon(matrices)
        self.adam = torch.optim.AdamW(self.rest, lr=rate, betas=betas, weight_decay=decay, fused=True)
        self.model = model

    def step(self, loss: Tensor, scale: float) -> None:
        """Follows the gradient of `loss`, at `scale` times the peak learning rates."""
        self.model.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.rest, 1.0)
        self.muon.step(scale * self.matrix_rate)
        for group in self.adam.param_groups:
            group["lr"] = scale * self.rate
        if self.rest:
            self.adam.step()

    def state_dict(self) -> dict:
        """Momenta of both."""
        return {"muon": self.muon.state_dict(), "adam": self.adam.state_dict()}

    def load_state_dict(self, state: dict) -> None:
        """The reverse."""
        self.muon.load_state_dict(state["muon"])
        self.adam.load_state_dict(state["adam"])
