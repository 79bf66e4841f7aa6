"""What a data source offers: all examples as one array in memory, with labels and class names."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from workbench.engine.catalog import Variant


@dataclass(frozen=True, slots=True, eq=False)
class Dataset:
    """Examples in memory. ``inputs``: pictures uint8 (N, C, H, W) with C 1 or 3, or points float32 (N, D).

    ``labels``: int64 (N,), each the index of its name in ``classes``. ``validation`` marks examples (bool, (N,)) that
    the source itself holds back; None leaves the split to the spec. ``files`` are paths where each example has one.
    ``notes`` are sentences that the user should read (files left out).
    """

    inputs: npt.NDArray[Any]
    labels: npt.NDArray[np.int64]
    classes: tuple[str, ...]
    validation: npt.NDArray[np.bool_] | None = None
    files: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def is_image(self) -> bool:
        """Whether the inputs are pictures."""
        return self.inputs.ndim == 4

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of one example, without the batch."""
        return tuple(self.inputs.shape[1:])


class DataSource(Variant):
    """Base of the family. ``load`` does all the work and may take time; ``problems`` must be cheap."""

    is_image: ClassVar[bool] = True

    @abstractmethod
    def load(self) -> Dataset:
        """Read everything. Raises WorkbenchError with a sentence that names the file."""
