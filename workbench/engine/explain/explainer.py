"""One network that is explained: its copies, its layers, and pictures as they enter it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from workbench.engine.core.errors import WorkbenchError
from workbench.engine.pictures.decode import Unreadable
from workbench.engine.use.network import Bytes, Member, UsedNetwork

if TYPE_CHECKING:
    from torch import Tensor, nn

    from workbench.engine.explain.layers import Layer
    from workbench.engine.explain.subject import Subject

#: Number of layers that are tried as the default, from the last one backwards.
_TRIED: Final = 8

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Explainer:
    """``member`` of ``network``. Its copies are made once; the network itself is never touched (``twin``)."""

    network: UsedNetwork
    number: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.number < len(self.network.members):
            count = len(self.network.members)
            raise WorkbenchError(f"There is no network {self.number + 1} in {self.network.name}: it has {count}.")

    @property
    def member(self) -> Member:
        """The set of weights that is explained: averages are explained network by network."""
        return self.network.members[self.number]

    @property
    def classes(self) -> tuple[str, ...]:
        """The K names of its classes."""
        return self.network.classes

    @property
    def columns(self) -> list[int]:
        """The outputs of its K classes."""
        return self.member.predictor.columns

    @cached_property
    def trained(self) -> nn.Module:
        """A copy of the network without its preprocessing."""
        from workbench.engine.explain.twin import twin

        return twin(self.member.module[-1])

    @cached_property
    def shuffled(self) -> nn.Module:
        """The same network with shuffled weights."""
        from workbench.engine.explain.twin import shuffled

        return shuffled(self.member.module[-1])

    def read(self, picture: Path | Bytes) -> Bytes:
        """A file, or pixels uint8 (H, W, 1, 3 or 4), as the network reads it: uint8 (C, side, side).

        Raises WorkbenchError.
        """
        try:
            return self.member.read(picture) if isinstance(picture, Path) else self.member.fit(picture)
        except Unreadable as error:
            name = f"{picture.name} cannot be used" if isinstance(picture, Path) else "This picture cannot be used"
            raise WorkbenchError(f"{name}: {error}.") from None

    def prepared(self, pictures: Bytes) -> Tensor:
        """What enters the network for ``pictures``, uint8 (B, 1 or 3, H, W): float32 (B, c, h, w).

        Raises WorkbenchError for pictures that it cannot take.
        """
        import torch

        with self._refusing(), torch.no_grad():
            made: Tensor = self.member.module[:-1](torch.from_numpy(np.array(pictures)).float().div_(255.0))
            return made

    def logits(self, x: Tensor) -> Tensor:
        """The logits (B, K) of its classes for prepared pictures (B, c, h, w). Raises WorkbenchError."""
        import torch

        with self._refusing(), torch.no_grad():
            made: Tensor = self.trained(x)[:, self.columns]
            return made

    def layers(self, x: Tensor) -> tuple[Layer, ...]:
        """Its layers as ``x`` (1, c, h, w) runs through them."""
        from workbench.engine.explain.layers import layers_of

        with self._refusing():
            return layers_of(self.trained, x)

    @contextmanager
    def _refusing(self) -> Iterator[None]:
        """Errors of torch for pictures of the wrong size become a sentence."""
        try:
            yield
        except (AssertionError, RuntimeError, MemoryError) as error:
            why = str(error) or "its network does not take pictures of this size"
            raise WorkbenchError(f"{self.member.name} cannot be computed with: {why}.") from None


def default_layer(subject: Subject, layers: tuple[Layer, ...]) -> Layer | None:
    """The last of ``layers`` with a grid of places through which the class depends on the picture; None without any.

    Behind the last attention only the class token counts, so the last layer of tokens has no gradient at patches.
    """
    from workbench.engine.explain.methods.grad_cam import output_and_gradient

    candidates = [layer for layer in layers if layer.has_map][::-1]
    for layer in candidates[:_TRIED]:
        if bool(layer.on_grid(output_and_gradient(subject, layer.name)[1]).any()):
            return layer
    return candidates[0] if candidates else None
