"""Addition modulo a number: a set without noise that can be known by heart, or understood."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, ClassVar

import numpy as np

from workbench.engine.catalog.datasets.base import Dataset, DataSource
from workbench.engine.catalog.knob import Knob


class ModularAddition(DataSource):
    """All pairs (a, b) of numbers from 0 below the modulus, each with the class (a + b) mod modulus."""

    kind: ClassVar[str] = "modular_addition"
    title: ClassVar[str] = "Modular addition"
    summary: ClassVar[str] = "Pairs of numbers and what is left of their sum; for a network that learns embeddings."
    order: ClassVar[int] = 50
    is_image: ClassVar[bool] = False
    can_hold_back: ClassVar[bool] = False

    modulus: Annotated[
        int,
        Knob(
            "Modulus",
            "There are this many numbers, from 0 on, and as many classes: the sum of two of them, less the modulus if "
            "it reaches that. All pairs are made; training and validation are split from them.",
            low=2,
            high=200,
        ),
    ] = 31

    @property
    def vocabulary(self) -> int:
        return self.modulus

    def files(self) -> tuple[Path, ...]:
        return ()

    def load(self) -> Dataset:
        """Inputs float32 (modulus², 2), the numbers themselves; labels int64 (modulus²,)."""
        numbers = np.arange(self.modulus)
        pairs = np.stack(np.meshgrid(numbers, numbers, indexing="ij"), -1).reshape(-1, 2)
        labels = (pairs.sum(1) % self.modulus).astype(np.int64)
        return Dataset(pairs.astype(np.float32), labels, tuple(map(str, numbers.tolist())))

    def brief(self) -> str:
        return f"modulo {self.modulus}"
