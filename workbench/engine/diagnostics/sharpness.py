"""Sharpness: the largest eigenvalue of a loss's Hessian, by power iteration on Hessian-vector products."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from workbench.engine.core.randomness import generator

#: From a direction (P,) to the Hessian times it.
_Product = Callable[[Tensor], Tensor]


def largest_eigenvalue(
    loss_of: Callable[[], Tensor], parameters: Sequence[Tensor], steps: int, start: Tensor | None = None
) -> tuple[float, Tensor]:
    """The largest eigenvalue of the Hessian of ``loss_of()`` in ``parameters`` (P numbers in all), and its direction.

    ``loss_of`` computes the loss, a scalar, from the parameters, which require gradients. It is called once, so that
    masks and batch stay the same; each of the ``steps`` (at least 1) costs about two passes backward. The value is the
    Rayleigh quotient of the last direction, from below. ``start`` (P,) is where the iteration begins, best the
    direction found last time; without it, or where it is zero, a fixed random one. The direction (P,) has length 1 and
    is on the parameters' device. Where the eigenvalue largest in size is negative, the iteration is done again on the
    Hessian shifted by it, so that the value is the largest one, not the largest in size. Gradients kept in ``.grad``
    stay as they are.
    """
    product = _hessian_product(loss_of, list(parameters))
    begin = _begin(parameters, start)
    value, direction = _iterated(product, begin, steps)
    if value >= 0:
        return value, direction
    shift = value
    value, direction = _iterated(lambda vector: product(vector) - shift * vector, begin, steps)
    return value + shift, direction


def _iterated(product: _Product, direction: Tensor, steps: int) -> tuple[float, Tensor]:
    """Power iteration; the Rayleigh quotient and direction of the last step."""
    value = 0.0
    for _ in range(max(1, steps)):
        image = product(direction)
        value, length = float(direction @ image), float(image.norm())
        if not length > 0:  # a flat direction, or numbers that are not finite
            break
        direction = image / length
    return value, direction


def _hessian_product(loss_of: Callable[[], Tensor], parameters: list[Tensor]) -> _Product:
    with torch.enable_grad():
        gradients = torch.autograd.grad(loss_of(), parameters, create_graph=True, allow_unused=True)
        gradient = _flat(gradients, parameters)

    def product(direction: Tensor) -> Tensor:
        if not gradient.requires_grad:  # the loss is linear
            return torch.zeros_like(direction)
        image = torch.autograd.grad(gradient @ direction, parameters, retain_graph=True, allow_unused=True)
        return _flat(image, parameters).detach()

    return product


def _flat(parts: Sequence[Tensor | None], parameters: Sequence[Tensor]) -> Tensor:
    """The parts of one vector (P,), zeros for parameters that the loss does not depend on."""
    pairs = zip(parts, parameters, strict=True)
    found: Tensor = torch.cat([(torch.zeros_like(p) if part is None else part).reshape(-1) for part, p in pairs])
    return found


def _begin(parameters: Sequence[Tensor], start: Tensor | None) -> Tensor:
    if start is not None and float(start.norm()) > 0:
        found: Tensor = start / start.norm()
        return found
    first = parameters[0]
    size = sum(p.numel() for p in parameters)
    drawn = torch.randn(size, generator=generator("cpu", "sharpness"), dtype=torch.float64)
    unit: Tensor = (drawn / drawn.norm()).to(first.device, first.dtype)
    return unit
