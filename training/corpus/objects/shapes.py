"""Outlines: every shape is a closed outline, float [n, 2], in object units.

One unit is the height of the object; x goes right from its foot and y goes *up*.
"""

from __future__ import annotations

import numpy as np

Outline = np.ndarray


def outline(*points: tuple[float, float]) -> Outline:
    """Straight lines between the points."""
    return np.array(points, np.float64)


def box(x0: float, y0: float, x1: float, y1: float) -> Outline:
    """An upright rectangle."""
    return outline((x0, y0), (x1, y0), (x1, y1), (x0, y1))


def taper(y0: float, half0: float, y1: float, half1: float, x: float = 0.0) -> Outline:
    """A trapezium about the upright through x: `half0` wide to either side at y0, `half1` at y1."""
    return outline((x - half0, y0), (x + half0, y0), (x + half1, y1), (x - half1, y1))


def ellipse(x: float, y: float, rx: float, ry: float, turn: float = 0.0) -> Outline:
    """An ellipse about (x, y), turned anticlockwise by `turn` radians."""
    return arc(x, y, rx, ry, 0.0, 2 * np.pi, turn)


def arc(x: float, y: float, rx: float, ry: float, start: float, end: float, turn: float = 0.0) -> Outline:
    """The slice of an ellipse between two angles (radians, anticlockwise from the right), cut straight."""
    angle = np.linspace(start, end, 36)
    points = np.stack([rx * np.cos(angle), ry * np.sin(angle)], -1)
    cos, sin = np.cos(turn), np.sin(turn)
    return points @ np.array([[cos, sin], [-sin, cos]]) + (x, y)


def smooth(*points: tuple[float, float], closed: bool = True, steps: int = 8) -> Outline:
    """A uniform Catmull-Rom curve through the points."""
    p = np.array(points, np.float64)
    p = np.concatenate([p[-1:], p, p[:2]]) if closed else np.concatenate([p[:1], p, p[-1:]])
    a, b, c, d = (p[i : len(p) - 3 + i, None] for i in range(4))
    t = np.linspace(0, 1, steps, endpoint=False)[None, :, None]
    curve = b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)))
    curve = curve.reshape(-1, 2)
    return curve if closed else np.concatenate([curve, p[-1:]])


def ribbon(points: Outline, start: float, end: float) -> Outline:
    """A stroke along an open line, `start` wide at its first point and `end` wide at its last."""
    along = np.gradient(points, axis=0)
    along /= np.linalg.norm(along, axis=1, keepdims=True) + 1e-9
    across = np.stack([-along[:, 1], along[:, 0]], -1)
    half = np.linspace(start / 2, end / 2, len(points))[:, None]
    return np.concatenate([points + across * half, (points - across * half)[::-1]])


def blob(rng: np.random.Generator, x: float, y: float, rx: float, ry: float, rough: float = 0.12) -> Outline:
    """A round mass with an uneven edge: foliage, hay, snow, stone."""
    n = int(rng.integers(9, 13))
    angle = (np.arange(n) + rng.uniform(-0.25, 0.25, n)) * 2 * np.pi / n
    radius = 1 + rng.uniform(-rough, rough, n)
    return smooth(*zip(x + rx * radius * np.cos(angle), y + ry * radius * np.sin(angle), strict=True), steps=4)


def flipped(shape: Outline, x: float = 0.0) -> Outline:
    """The shape seen in a mirror that stands at x."""
    return np.stack([2 * x - shape[:, 0], shape[:, 1]], -1)


def moved(shape: Outline, x: float, y: float, scale: float = 1.0) -> Outline:
    """The shape made `scale` times as large about the origin, and then shifted."""
    return shape * scale + (x, y)
