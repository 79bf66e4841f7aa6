"""The head alone for some epochs, then more of the network."""

from __future__ import annotations

from typing import Annotated, ClassVar

from workbench.engine.catalog.freezing.base import DownToKnob, Freezing
from workbench.engine.catalog.knob import Knob


class HeadFirst(Freezing):
    """All blocks below the head are frozen for ``epochs`` epochs, then only the first ``line``."""

    kind: ClassVar[str] = "head_first"
    title: ClassVar[str] = "Head first, then fine-tune"
    summary: ClassVar[str] = "A randomly initialized head would spoil good weights, so it is trained alone at first."
    order: ClassVar[int] = 20

    epochs: Annotated[
        int,
        Knob(
            "Head only for",
            "For this many epochs only the new head is trained. Its first gradients come from random weights and "
            "would spoil the pretrained ones.",
            unit="epochs",
            low=0,
            high=1_000_000,
            scale="log",
            live=True,
        ),
    ] = 5
    line: DownToKnob = 0

    def frozen_at(self, epoch: int, count: int) -> int:
        return count if epoch < self.epochs else min(self.line, count)

    def brief(self) -> str:
        return f"head for {self.epochs}"
