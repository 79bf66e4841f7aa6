"""What happens inside one pass of one example: what training drops at random, beside the same pass at test time.

Plain data comes out; torch is imported inside the function that computes (``inside_pass.py`` does it).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

from workbench.engine.core.text import grouped
from workbench.engine.data.split import split
from workbench.engine.data.store import DataStore
from workbench.engine.report.augmentation_sheet import of_different_classes

if TYPE_CHECKING:
    from workbench.engine.spec.experiment import ExperimentSpec

#: What is shown of a layer at most: more could not be told apart.
MAX_UNITS = 256
MAX_MAPS = 4
#: Larger maps than this are shown one at a time, and of the largest only a corner.
SMALL_SIDE, MAX_SIDE = 14, 32
MAX_ROWS, MAX_COLUMNS = 16, 24
#: Examples to choose from.
MAX_EXAMPLES = 100
#: Layers that are shown at most.
MAX_LAYERS = 16
#: Models with more bytes of weights are not built only to be looked at.
MAX_BYTES = 2**27

Floats = npt.NDArray[np.float32]
Bools = npt.NDArray[np.bool_]
Kind = Literal["units", "maps", "weights", "pooling", "branches", "answer"]


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """A layer in one mode. ``kept`` is None where nothing is dropped, else of the shape of ``values``.

    ``values`` is (units,), (maps, H, W), (outputs, inputs) for weights, (H, W) for what is pooled, (branches,) for the
    probabilities that branches are kept, (classes,) for the probabilities that are answered.
    ``rows`` and ``columns`` are the first pixels of the pooling regions, each two pixels long.
    """

    values: Floats
    kept: Bools | None = None
    rows: tuple[int, ...] = ()
    columns: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """One layer in training and in test mode. ``total`` and ``dropped`` count all of it, shown or not."""

    name: str
    kind: Kind
    train: Side
    test: Side
    total: int = 0
    dropped: int = 0
    note: str = ""

    @property
    def words(self) -> str:
        """What training did, e.g. ``fc1: 31 of 64 units dropped``."""
        if self.kind == "answer":
            return "Answer: the probability of each class; the right one is bold"
        if self.kind == "pooling":
            return f"{self.name}: {len(self.train.rows)} × {len(self.train.columns)} regions{self.note}"
        things = {"units": "units", "maps": "activations", "weights": "weights", "branches": "branches"}[self.kind]
        if self.train.kept is None:
            return f"{self.name}: {grouped(self.total)} {things}, nothing dropped{self.note}"
        return f"{self.name}: {grouped(self.dropped)} of {grouped(self.total)} {things} dropped{self.note}"


@dataclass(frozen=True, slots=True, eq=False)
class Inside:
    """One example's pass. ``picture`` is uint8 (H, W, 3), empty for points. ``number`` counts examples from 0.

    ``trained`` says whether the weights are a run's or the initial ones. Nothing to see has a ``reason``.
    """

    layers: tuple[Layer, ...] = ()
    picture: npt.NDArray[np.uint8] | None = None
    classes: tuple[str, ...] = ()
    label: int = 0
    number: int = 0
    of: int = 0
    trained: bool = False
    left_out: int = 0
    reason: str = ""


NOTHING_RANDOM = (
    "Nothing is dropped in this experiment. Add dropout, DropConnect, fractional max pooling or stochastic depth above "
    "to see it here."
)
NOTHING_ACTS = "Nothing is dropped, because what is switched on has no place in this model."
TOO_LARGE = "The model is too large to be built a second time only to look inside."


def look_inside(
    spec: ExperimentSpec, number: int, roll: int, weights: str = "", data: DataStore | None = None
) -> Inside:
    """The pass of training example ``number`` (any whole number; it wraps around) with the random choices of ``roll``.

    ``weights`` is a file of weights that a run saved; where it is empty or of another model, the initial weights are
    used. Raises WorkbenchError if the data cannot be loaded or the model does not fit it.
    """
    if not any(regularizer.is_random for regularizer in spec.regularization):
        return Inside(reason=NOTHING_RANDOM)
    from workbench.engine.diagnostics.forward_pass_compute import passed

    dataset = (data or DataStore()).loaded(spec.data.source)
    parts = split(dataset, spec.data)
    chosen = of_different_classes(dataset, parts.train, MAX_EXAMPLES)
    return passed(spec, dataset, parts.train, chosen, number % len(chosen), roll, weights)
