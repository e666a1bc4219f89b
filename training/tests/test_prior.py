"""The prior of codes is a distribution, and looks back only."""

import pytest
import torch

from training.codec import Quantiser
from training.prior import Prior

LEVELS = (4, 5)
N_CODES = 20
QUANTISER = Quantiser(LEVELS)


def prior() -> Prior:
    torch.manual_seed(0)
    return Prior(LEVELS, width=8).eval()


@torch.no_grad()
def test_the_chances_of_all_codes_are_one() -> None:
    network, codes = prior(), torch.randint(0, N_CODES, (1, 3, 3))
    chances = 0.0
    for code in range(N_CODES):
        codes[0, 1, 1] = code
        chances += float((-network(QUANTISER.values(codes))[0, 1, 1]).exp())
    assert chances == pytest.approx(1, abs=1e-3)


@torch.no_grad()
def test_a_cell_is_foretold_from_those_before_it() -> None:
    network, codes = prior(), torch.randint(0, N_CODES, (1, 4, 4))
    before = network(QUANTISER.values(codes))
    codes[0, 2, 1] = (codes[0, 2, 1] + 1) % N_CODES
    same = (network(QUANTISER.values(codes)) == before).flatten()
    changed = 2 * 4 + 1
    assert same[:changed].all()
    assert not same[changed + 1 :].all()


def test_the_encoder_feels_it() -> None:
    values = QUANTISER.values(torch.randint(0, N_CODES, (1, 4, 4))).requires_grad_()
    prior()(values).mean().backward()
    assert values.grad is not None
    assert values.grad.abs().sum() > 0
