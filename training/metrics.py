"""Figures of merit that need no network: closeness of pictures, use of codes, distance of distributions."""

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

SSIM_WINDOW = 8


def psnr(a: Tensor, b: Tensor) -> Tensor:
    """Of each picture [n, 3, height, width] within 0 and 1, in dB."""
    return -10 * (a - b).square().mean((1, 2, 3)).clamp_min(1e-10).log10()


def ssim(a: Tensor, b: Tensor) -> Tensor:
    """Structural similarity (Wang et al. 2004) over square windows, 1 where they are equal.

    Pictures [n, channels, rows, cols] from 0 to 1 → [n].
    """

    def mean(x: Tensor) -> Tensor:
        return F.avg_pool2d(x, SSIM_WINDOW, 1)

    mean_a, mean_b = mean(a), mean(b)
    var_a, var_b = mean(a * a) - mean_a**2, mean(b * b) - mean_b**2
    cov = mean(a * b) - mean_a * mean_b
    light = (2 * mean_a * mean_b + 1e-4) / (mean_a**2 + mean_b**2 + 1e-4)
    return (light * (2 * cov + 9e-4) / (var_a + var_b + 9e-4)).mean((1, 2, 3))


def octaves(pixels: Tensor, n: int = 3) -> Tensor:
    """Energy of the detail at each fineness, finest first [n]: mean square of what averaging 2 × 2 pixels loses, then
    of the same at half the size, and so on. Pictures [n, channels, rows, cols]."""
    found = []
    for _ in range(n):
        coarse = F.avg_pool2d(pixels, 2)
        found.append((pixels - F.interpolate(coarse, scale_factor=2.0, mode="nearest")).square().mean())
        pixels = coarse
    return torch.stack(found)


def code_use(codes: Tensor, n_codes: int) -> dict[str, float]:
    """How many codes appear, and how many alike ones would tell as much (perplexity)."""
    share = torch.bincount(codes.flatten().cpu(), minlength=n_codes).double() / codes.numel()
    entropy = -(share * share.clamp_min(1e-12).log()).sum()
    return {"codes_used": int((share > 0).sum()), "perplexity": float(entropy.exp())}


def frechet(a: np.ndarray, b: np.ndarray) -> float:
    """Distance of two clouds of features [n, dim], each taken for a normal distribution."""
    mean_a, mean_b = a.mean(0), b.mean(0)
    cov_a, cov_b = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    # The trace of (cov_a cov_b)^½ is the sum of the roots of its eigenvalues, which are real and not negative.
    root = np.sqrt(np.clip(np.linalg.eigvals(cov_a @ cov_b).real, 0, None)).sum()
    return float(np.square(mean_a - mean_b).sum() + np.trace(cov_a) + np.trace(cov_b) - 2 * root)


SHARES = (1 / 3, 1 / 2, 2 / 3, 1)  # of the pictures, for `extrapolated_frechet`
DRAWS = 12  # of each share


def extrapolated_frechet(a: np.ndarray, b: np.ndarray) -> float:
    """About the distance that clouds without end would have, of which `a` and `b` hold some: both [n, dim], row by row.

    The fewer pictures, the farther apart even equal clouds look, nearly in proportion to 1 / n: the line through the
    distances of some of them ends where 1 / n is 0 (Chong and Forsyth 2020, https://arxiv.org/abs/1911.07023). Some
    bias stays where n is not far above the number of directions in which the features spread.
    """
    if len(a) != len(b):
        raise ValueError(f"{len(a)} and {len(b)} rows are no pairs")
    rng = np.random.default_rng(0)
    n = len(a)
    counts = [round(n * share) for share in SHARES]
    means = []
    for count in counts:
        some = [rng.permutation(n)[:count] for _ in range(DRAWS if count < n else 1)]
        means.append(np.mean([frechet(a[it], b[it]) for it in some]))
    return float(np.polynomial.Polynomial.fit(1 / np.array(counts), means, 1)(0))
