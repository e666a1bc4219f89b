"""Codes survive the way there and back; a decoded pixel sees no farther than it is said to."""

import pytest
import torch

from training.codec import BOUND_MARGIN, Codec, Quantiser, decoder_reach, gflops
from training.config import CELL_PIXELS, GRID, PIXELS, CodecConfig, Config, ConfigError


@pytest.mark.parametrize("levels", [(8, 5, 5, 5), (8, 8, 8, 8), (4, 3)])
def test_every_code_is_nearest_to_its_own_values(levels: tuple[int, ...]) -> None:
    quantiser = Quantiser(levels).eval()
    quantiser.spread.running_var.fill_(1 - quantiser.spread.eps)
    values = quantiser.table()[:, :, None, None]
    half, offset = (quantiser.levels - 1) * (1 + BOUND_MARGIN) / 2, torch.where(quantiser.levels % 2 == 0, 0.5, 0.0)
    unbounded = torch.atanh((values * (quantiser.levels // 2) + offset) / half) - torch.atanh(offset / half)
    again, codes, _ = quantiser(unbounded)
    assert torch.equal(codes.flatten(), torch.arange(len(values)))
    assert torch.equal(again, values)


@pytest.mark.parametrize(("name", "encoder", "decoder"), [("small", 3.0, 6.0), ("large", 5.7, 14.7)])
def test_the_codec_costs_what_the_readme_says(name: str, encoder: float, decoder: float) -> None:
    config = Config.named(name).codec
    codec = Codec(config).to("meta")
    picture = torch.empty(1, 3, PIXELS, PIXELS, device="meta")
    values = torch.empty(1, len(config.levels), GRID, GRID, device="meta")
    assert gflops(codec.enc, picture) == pytest.approx(encoder, abs=0.06)
    assert gflops(torch.nn.Sequential(codec.trunk, codec.dec), values) == pytest.approx(decoder, abs=0.06)


def awake(config: CodecConfig) -> Codec:
    """A codec all of whose blocks do something, in numbers fine enough to see the least of it."""
    torch.manual_seed(0)
    codec = Codec(config).double().eval()
    with torch.no_grad():
        for weight in codec.parameters():
            weight.add_(torch.randn_like(weight) * 0.1)
    return codec


@pytest.mark.parametrize("name", ["tiny", "small", "large"])
def test_a_changed_cell_changes_no_pixel_beyond_reach(name: str) -> None:
    config = Config.named(name).codec
    codec = awake(config)
    values = torch.rand(1, 4, GRID, GRID, dtype=torch.double)
    changed = values.clone()
    changed[..., 0] += 0.1  # the leftmost column of cells
    with torch.inference_mode():
        difference = (codec.decode(values)[0] - codec.decode(changed)[0]).abs().amax((0, 1, 2))
    reached = int(difference.nonzero().max()) + 1
    expected = CELL_PIXELS * (1 + decoder_reach(config))
    assert expected - 12 <= reached <= expected


def test_what_does_not_fit_together_is_refused() -> None:
    values = Config.named("tiny").to_dict()
    values["codec"] = {**values["codec"], "unshuffle": 4}
    with pytest.raises(ConfigError, match="cells of 16 pixels"):
        Config.from_dict(values)
