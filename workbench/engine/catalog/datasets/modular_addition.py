"""Addition modulo a number: a noise-free data set that shows memorization and generalization apart (grokking)."""

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
    summary: ClassVar[str] = "Pairs of numbers, classified by their sum modulo a number; for networks with embeddings."
    order: ClassVar[int] = 50
    is_image: ClassVar[bool] = False
    can_hold_back: ClassVar[bool] = False

    modulus: Annotated[
        int,
        Knob(
            "Modulus",
            "The inputs are two numbers from 0 to the modulus minus 1; the class is their sum modulo this number. All "
            "pairs are generated, and training and validation are split from them.",
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
