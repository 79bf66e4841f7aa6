"""The base class of weight averages: the share of the new weights that is taken in after each update."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from typing import TYPE_CHECKING

from workbench.engine.catalog.variant import Variant
from workbench.engine.core.errors import Mend, Problem

if TYPE_CHECKING:
    from workbench.engine.spec.experiment import ExperimentSpec


class Average(Variant):
    """Base of the family: ``x_test += share * (x - x_test)`` after every update, from ``x_test = x``.

    Each member is used at most once in a spec; its kind names its curve and its file.
    """

    @abstractmethod
    def share(self, updates: int, steps_per_epoch: int) -> float:
        """The share of the new weights after ``updates`` updates (from 1), over 0 to 1; 1 means x_test = x. Pure."""

    def begun(self, updates: int, steps_per_epoch: int) -> bool:
        """Whether it differs from a copy of the weights after ``updates`` updates, and is worth a curve."""
        return True

    def problems(self, spec: ExperimentSpec, path: str) -> Iterator[Problem]:
        """A problem if a member is in the list twice: both curves and both files would have the same name."""
        index = int(path.rpartition(".")[2])
        if any(type(other) is type(self) for other in spec.averaging[:index]):
            rest = [*spec.averaging[:index], *spec.averaging[index + 1 :]]
            yield Problem(
                path, "is in the list twice; remove one", mends=(Mend("Remove the second", "averaging", rest),)
            )
