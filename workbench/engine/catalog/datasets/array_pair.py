"""Pictures and their labels in two arrays, and which of their rows are taken."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.engine.catalog.datasets.array_archive import ArrayArchive
from workbench.engine.catalog.datasets.array_values import ArrayHead


@dataclass(frozen=True, slots=True, eq=False)
class Pair:
    """Of both arrays ``rows`` (int64, ascending) are taken, all for None."""

    pictures: ArrayHead
    labels: ArrayHead
    rows: npt.NDArray[np.int64] | None = None

    def values(self, archive: ArrayArchive) -> npt.NDArray[Any]:
        """The labels as they stand there, (count,), bytes as texts; for labels that are one value an example."""
        found = self.taken(archive.read(self.labels).reshape(-1))
        return np.char.decode(found, "utf-8", "replace") if found.dtype.kind == "S" else found

    @property
    def count(self) -> int:
        """The number of examples."""
        return self.pictures.shape[0] if self.rows is None else len(self.rows)

    def taken(self, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Of ``values`` (one for each row of the arrays) those of the rows that are taken."""
        return values if self.rows is None else values[self.rows]

    def only(self, wanted: npt.NDArray[np.bool_]) -> Pair:
        """The pair with those of its examples that are ``wanted``, bool (count,)."""
        rows = np.arange(self.pictures.shape[0]) if self.rows is None else self.rows
        return Pair(self.pictures, self.labels, rows[wanted])


#: Pairs by their part: train, validation, test, or empty.
Heads = Mapping[str, Pair]
