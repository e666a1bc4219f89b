"""What decoded pictures are held to."""

import torch

from training import losses
from training.config import CELL_PIXELS

SIDE = 8 * CELL_PIXELS


def noise(seed: int) -> torch.Tensor:
    return torch.rand(4, 3, SIDE, SIDE, generator=torch.Generator().manual_seed(seed)) * 2 - 1


def test_too_little_detail_shows_in_the_spectrum_and_is_no_mesh() -> None:
    x = noise(0)
    spectrum, mesh = losses.spectrum(torch.nn.functional.avg_pool2d(x, 3, 1, 1), x)
    assert spectrum > 1
    assert mesh < 0.2
    assert losses.spectrum(x, x)[0] == 0


def test_a_mesh_stands_out() -> None:
    x = noise(1)
    for period in (3, 6, 12):
        meshed = x.clone()
        meshed[..., ::period] += 0.5
        assert losses.spectrum(meshed, x)[1] > 0.002
        assert losses.spectrum(0.8 * x, x)[1] < 0.001, "less of everything is no mesh"


def test_a_dot_in_each_cell_is_seen() -> None:
    x = 0.1 * noise(4)
    dotted = x.clone()
    dotted[..., 19::CELL_PIXELS, 4::CELL_PIXELS] += 1
    assert losses.specks(dotted, x) > 5 * losses.specks(0.1 * noise(5), x)


def test_open_cells_do_not_count() -> None:
    error, weights = noise(3), torch.ones(4, 1, SIDE, SIDE)
    weights[..., CELL_PIXELS:] = 0
    error[..., CELL_PIXELS:] = 9
    assert losses.absolute(error, weights) < 1
