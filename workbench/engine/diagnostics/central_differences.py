"""Centred differences of a loss in some numbers of one parameter, and whether a kink lies within them."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence

import numpy as np
import torch
from torch import Tensor

from workbench.engine.report.differences import TOLERANCE, Difference, H

#: Rounding of a loss, in spacings of float64 at its size: sums over a batch and its layers.
SPACINGS = 32


def differences(
    loss_of: Callable[[], Tensor], parameter: Tensor, indices: Sequence[int]
) -> Generator[int, None, list[Difference]]:
    """Compare autograd's gradient of ``loss_of()`` (a float64 scalar) in ``parameter`` with centred differences.

    ``indices`` count row by row. Yields how many are done. ``parameter`` is moved and put back. A loss is computed at
    ±h, ±h/2 and ±h/4: where it is smooth, the one-sided slopes at h differ twice as much as at h/2, and these twice as
    much as at h/4. Where a kink lies within ±h that is not so, wherever it lies.
    """
    with torch.enable_grad():
        loss = loss_of()
        (gradient,) = torch.autograd.grad(loss, [parameter], allow_unused=True)
    here = loss.item()
    gradients = torch.zeros_like(parameter) if gradient is None else gradient
    rounding = SPACINGS * float(np.finfo(np.float64).eps) * max(1.0, abs(here)) / H
    found = []
    for index in indices:
        place = tuple(map(int, np.unravel_index(index, tuple(parameter.shape))))
        with torch.no_grad():
            at = _Line(loss_of, parameter, place, here)
            autograd = float(gradients[place])
            bend = max(abs(at.gap(H) - 2 * at.gap(H / 2)), abs(at.gap(H / 2) - 2 * at.gap(H / 4)))
            has_kink = bend > max(8 * rounding, TOLERANCE * abs(autograd))
            found.append(Difference(index, at.slope(H), autograd, rounding, has_kink))
        yield len(found)
    return found


class _Line:
    """The loss along one number, with every value computed once."""

    def __init__(self, loss_of: Callable[[], Tensor], parameter: Tensor, place: tuple[int, ...], here: float) -> None:
        self._loss_of, self._parameter, self._place = loss_of, parameter, place
        self._known = {0.0: here}

    def slope(self, h: float) -> float:
        """The centred difference."""
        return (self._at(h) - self._at(-h)) / (2 * h)

    def gap(self, h: float) -> float:
        """By how much the difference to the right exceeds that to the left."""
        return (self._at(h) - 2 * self._at(0.0) + self._at(-h)) / h

    def _at(self, offset: float) -> float:
        if offset not in self._known:
            before = self._parameter[self._place].clone()
            self._parameter[self._place] = before + offset
            self._known[offset] = self._loss_of().item()
            self._parameter[self._place] = before
        return self._known[offset]
