"""The base class of surfaces: a height over two coordinates with its gradient in closed form."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from workbench.engine.catalog.variant import Variant

#: Coordinates, heights or slopes of any number of points: float64, any shape.
Array = npt.NDArray[np.float64]
#: Points on each side of the grid on which the lowest height is looked for where no minimum is known.
_GRID = 201


class View(NamedTuple):
    """The part of the plane that is shown."""

    left: float
    right: float
    bottom: float
    top: float

    @property
    def size(self) -> float:
        """The longer side."""
        return max(self.right - self.left, self.top - self.bottom)


class Surface(Variant):
    """Base of the family. A member declares its knobs, ``value``, ``gradient`` and what is shown of it.

    ``view`` is the part of the plane that is shown, ``start`` where the balls start unless they are moved. ``heights``
    tells how colours follow the height above the lowest point: evenly, or evenly in its logarithm where it spans many
    powers of ten.
    """

    heights: ClassVar[Literal["linear", "log"]] = "linear"
    view: ClassVar[View] = View(-2.0, 2.0, -2.0, 2.0)
    start: ClassVar[tuple[float, float]] = (1.0, 1.0)

    @abstractmethod
    def value(self, x: Array, y: Array) -> Array:
        """Heights at the points (x, y), of their shape."""

    @abstractmethod
    def gradient(self, x: Array, y: Array) -> tuple[Array, Array]:
        """The two partial derivatives at the points (x, y), each of their shape."""

    def minima(self) -> tuple[tuple[float, float], ...]:
        """The known minima, the lowest first; none for a surface without one."""
        return ()

    def lowest(self) -> float:
        """The least height: that of the lowest known minimum, else the least of a grid over the view."""
        known = self.minima()
        if known:
            return float(self.value(np.array(known[0][0]), np.array(known[0][1])))
        x, y = np.meshgrid(np.linspace(*self.view[:2], _GRID), np.linspace(*self.view[2:], _GRID))
        return float(self.value(x, y).min())

    def begin_at(self) -> tuple[float, float]:
        """Where the balls start unless they are moved."""
        return self.start

    def hessian(self, x: float, y: float) -> Array:
        """Second derivatives at one point, shape (2, 2): centred differences of the gradient."""
        step = 1e-5 * max(1.0, abs(x), abs(y))
        xs = np.array([x + step, x - step, x, x])
        ys = np.array([y, y, y + step, y - step])
        gradient = np.stack(self.gradient(xs, ys))
        rows = (gradient[:, 0::2] - gradient[:, 1::2]) / (2 * step)
        return (rows + rows.T) / 2

    def steep_direction(self, x: float, y: float) -> Array:
        """The unit vector, shape (2,), in which the surface bends most at one point: zigzags go along it."""
        values, vectors = np.linalg.eigh(self.hessian(x, y))
        found: Array = vectors[:, int(np.argmax(np.abs(values)))]
        return found
