"""The base class of augmentations: a batched transform whose random numbers are given, one row per example."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from workbench.engine.catalog.variant import Variant
from workbench.engine.core.errors import Problem

if TYPE_CHECKING:
    import torch

    from workbench.engine.spec.experiment import ExperimentSpec


class Augmentation(Variant):
    """Base of the family. Each example gets ``draws`` numbers; ``label_note`` says when a label may become wrong."""

    draws: ClassVar[int] = 1
    label_note: ClassVar[str] = ""

    @abstractmethod
    def apply(self, x: torch.Tensor, u: torch.Tensor) -> torch.Tensor:
        """Transform pictures ``x`` (B, C, H, W) float32 in [0, 1] with uniforms ``u`` (B, draws) in [0, 1).

        Each example uses its own row. May reuse ``x``; the result has its shape and stays in [0, 1].
        """

    def note_for(self, channels: int) -> str:
        """When a change may make a label wrong, for pictures with ``channels`` channels."""
        return self.label_note

    def problems(self, spec: ExperimentSpec, path: str) -> Iterator[Problem]:
        if not spec.data.source.is_image:
            yield Problem(path, "changes pictures, and this data set has points; it is not used", "warning")


class Mixing(Augmentation):
    """Base of augmentations that mix the examples of a batch, and their labels with them."""

    @abstractmethod
    def mix(self, x: torch.Tensor, y: torch.Tensor, u: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """As ``apply``, and the labels ``y`` (B, K), shares of the classes, mixed in the same proportion.

        An example's partner depends on the rows of ``u`` and not on the order in the batch. A lone one is its own.
        """

    def apply(self, x: torch.Tensor, u: torch.Tensor) -> torch.Tensor:
        return self.mix(x, x.new_empty((len(x), 0)), u)[0]
