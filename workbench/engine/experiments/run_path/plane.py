"""The plane of a path: its two main directions, and the places of its states in them.

Source: H. Li, Z. Xu, G. Taylor, C. Studer, T. Goldstein, "Visualizing the Loss Landscape of Neural Nets", 2018,
section 7: the principal components of the matrix [θ_0 − θ_n; …; θ_{n−1} − θ_n] of all states minus the last one.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from workbench.engine.core.text import percent

Floats = npt.NDArray[np.float32]
Array = npt.NDArray[np.float64]
#: Columns that are widened to float64 at once: the states themselves stay float32.
_AT_ONCE: Final = 1 << 18


@dataclass(frozen=True, eq=False)
class Plane:
    """``directions`` (2, P) float32 have length 1 and are at right angles; ``centre`` (P,) is the last state.

    ``places`` (K, 2) are the states projected on the plane through the last one, which is at (0, 0). ``shares``: how
    much of the variance of the states around their mean is along each direction, from 0 to 1.
    """

    directions: Floats
    centre: Floats
    places: Array
    shares: tuple[float, float]

    def at(self, x: float, y: float) -> Floats:
        """The parameters (P,) at a place of the plane."""
        found: Floats = self.centre + np.float32(x) * self.directions[0] + np.float32(y) * self.directions[1]
        return found


def main_plane(rows: Sequence[Floats]) -> Plane:
    """The plane of the principal components of ``rows`` (K states of P parameters each, K ≥ 3).

    The components come from the K × K matrix of inner products, in float64: the same as those of the singular value
    decomposition of the K × P matrix, without it. The path begins at the left of its end, and not below it.
    """
    values, vectors = np.linalg.eigh(_gram(rows))
    values = np.maximum(values, 0.0)
    total = values.sum()
    first, second = values[-1], values[-2]
    weights = np.stack([_scaled(vectors[:, -1], first), _scaled(vectors[:, -2], second)])
    directions = _at_right_angles(np.stack([_combined(rows, each - each.mean()) for each in weights]))
    places = _projected(rows, directions)
    for axis, wanted in ((0, -1.0), (1, 1.0)):
        if places[0, axis] * wanted < 0:
            directions[axis], places[:, axis] = -directions[axis], -places[:, axis]
    shares = (float(first / total), float(second / total)) if total > 0 else (0.0, 0.0)
    return Plane(directions, rows[-1], places, shares)


def random_plane(rows: Sequence[Floats], seed: int) -> Plane:
    """A plane of two random directions through the last state, for comparison."""
    generator = np.random.default_rng(seed)
    directions = _at_right_angles(generator.standard_normal((2, len(rows[0]))).astype(np.float32))
    places = _projected(rows, directions)
    total = float(np.trace(_gram(rows)))
    along = ((places - places.mean(0)) ** 2).sum(0)
    shares = (float(along[0] / total), float(along[1] / total)) if total > 0 else (0.0, 0.0)
    return Plane(directions, rows[-1], places, shares)


def _parts(size: int) -> Generator[slice, None, None]:
    yield from (slice(begin, begin + _AT_ONCE) for begin in range(0, size, _AT_ONCE))


def _gram(rows: Sequence[Floats]) -> Array:
    """Inner products (K, K) of the rows minus their mean."""
    found = np.zeros((len(rows), len(rows)))
    for part in _parts(len(rows[0])):
        moved = np.stack([row[part] for row in rows]).astype(np.float64)
        moved -= moved.mean(axis=0)
        found += moved @ moved.T
    return found


def _scaled(vector: Array, value: float) -> Array:
    found: Array = vector / np.sqrt(value) if value > 0 else np.zeros_like(vector)
    return found


def _combined(rows: Sequence[Floats], weights: Array) -> Floats:
    """The sum of the rows times ``weights`` (K,), in float64, as float32 (P,)."""
    found = np.empty(len(rows[0]), dtype=np.float32)
    for part in _parts(len(found)):
        found[part] = weights @ np.stack([row[part] for row in rows]).astype(np.float64)
    return found


def _at_right_angles(directions: Floats) -> Floats:
    """Both with length 1 and the second at a right angle to the first; a second one of length 0 becomes any other."""
    first, second = (each.astype(np.float64) for each in directions)
    first = _unit(first)
    second = second - (second @ first) * first
    if not second.any():
        other = np.random.default_rng(0).standard_normal(len(first))
        second = other - (other @ first) * first
    return np.stack([first, _unit(second)]).astype(np.float32)


def _unit(vector: Array) -> Array:
    size = np.linalg.norm(vector)
    found: Array = vector / size if size > 0 else vector
    return found


def _projected(rows: Sequence[Floats], directions: Floats) -> Array:
    """Places (K, 2) of the rows minus the last one."""
    found = np.zeros((len(rows), 2))
    for part in _parts(len(rows[0])):
        moved = np.stack([row[part] for row in rows]).astype(np.float64) - rows[-1][part]
        found += moved @ directions[:, part].astype(np.float64).T
    return found


def shares_words(plane: Plane) -> str:
    """How much of the variance of the path is along both directions."""
    first, second = plane.shares
    parts = f"{percent(first)} along the first direction, {percent(second)} along the second"
    return f"The plane holds {percent(first + second)} of the variance of the path: {parts}"
