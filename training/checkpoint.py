"""Keeps what a stage has reached: whole on the machine where it goes on, or in small pieces for the way to another.

A whole checkpoint holds everything, so that an interruption changes nothing. Pieces hold the averaged weights at
16 bits and the step: optimisers start afresh from there.
"""

import io
from pathlib import Path

import torch

PIECE_BYTES = 15 << 20
MAX_PIECES = 8


def save(path: Path, state: dict) -> None:
    """Writes `state`; a call that is cut short leaves the checkpoint before it untouched."""
    part = path.with_suffix(".part")
    torch.save(state, part)
    part.replace(path)


def load(path: Path) -> dict:
    """What `save` wrote, on the CPU."""
    return torch.load(path, map_location="cpu", weights_only=True)


def save_pieces(folder: Path, name: str, weights: dict[str, torch.Tensor], step: int, to_carry: bool = True) -> None:
    """Writes `NAME.0.piece`, `NAME.1.piece`, …, each at most `PIECE_BYTES` long; to be carried, at 16 bits."""
    if to_carry:
        weights = {key: it.half() if it.is_floating_point() else it for key, it in weights.items()}
    buffer = io.BytesIO()
    torch.save({"weights": weights, "step": step}, buffer)
    whole = buffer.getvalue()
    pieces = [whole[start : start + PIECE_BYTES] for start in range(0, len(whole), PIECE_BYTES)]
    if len(pieces) > MAX_PIECES:
        raise ValueError(f"{name} takes {len(pieces)} pieces, {MAX_PIECES} are carried")
    folder.mkdir(parents=True, exist_ok=True)
    for idx, piece in enumerate(pieces):
        (folder / f"{name}.{idx}.piece").write_bytes(piece)


def load_pieces(folder: Path, name: str) -> dict | None:
    """`{"weights": …, "step": …}` as `save_pieces` wrote it, or nothing if it did not."""
    paths = [folder / f"{name}.{idx}.piece" for idx in range(MAX_PIECES)]
    whole = b"".join(path.read_bytes() for path in paths if path.exists())
    if not whole:
        return None
    state = torch.load(io.BytesIO(whole), map_location="cpu", weights_only=True)
    floats = {key: it.float() if it.is_floating_point() else it for key, it in state["weights"].items()}
    return {"weights": floats, "step": state["step"]}


def steps_of(out: Path, name: str) -> int:
    """How many steps a stage has taken that left something in `out`."""
    whole = out / f"{name}.pt"
    state = load(whole) if whole.exists() else load_pieces(out / "pieces", name)
    return state["step"] if state else 0


def load_weights(out: Path, name: str) -> dict[str, torch.Tensor] | None:
    """The averaged weights that a stage left in `out`, whole or in pieces."""
    whole = out / f"{name}.pt"
    if whole.exists():
        return load(whole)["average"]
    carried = load_pieces(out / "pieces", name)
    return carried["weights"] if carried else None
