"""The base class of quantities, and the stage on which they are measured."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from workbench.engine.catalog.variant import Variant
from workbench.engine.core.text import grouped, short
from workbench.engine.lessons.picture import Frame
from workbench.engine.lessons.run_cache import RunCache
from workbench.engine.playground.spec import PlaygroundSpec
from workbench.engine.spec.experiment import ExperimentSpec

#: Yields what there is to see so far and returns the number.
Measuring = Generator[Frame, None, float]


@dataclass(frozen=True)
class NamedSpec:
    """One of the runs that a lesson compares; ``name`` is empty if there is only one. ``edits`` are what it has
    otherwise than the lesson's experiment."""

    name: str
    spec: ExperimentSpec
    edits: Mapping[str, Any] = field(default_factory=dict, compare=False)


@dataclass(frozen=True)
class Stage:
    """On what a quantity is measured; all follows from the lesson and ``seed``.

    ``playground`` and ``experiment`` may be missing. ``runs`` are those of the lesson, or the experiment alone.
    ``trained`` has the runs that other quantities of the same lesson have trained already.
    """

    playground: PlaygroundSpec | None
    experiment: ExperimentSpec | None
    seed: int
    runs: tuple[NamedSpec, ...] = ()
    trained: RunCache = field(default_factory=RunCache, compare=False, repr=False)

    @property
    def race(self) -> PlaygroundSpec:
        """The playground, for a quantity that needs it."""
        assert self.playground is not None, "a lesson without it is refused when it is read"
        return self.playground

    @property
    def run(self) -> ExperimentSpec:
        """The experiment, for a quantity that needs it."""
        assert self.experiment is not None, "a lesson without it is refused when it is read"
        return self.experiment


class Quantity(Variant):
    """Base of the family. A member declares its settings and ``measure``.

    ``title`` names the number, ``summary`` says how it is measured, ``unit`` what it counts (empty for a ratio). It is
    written with ``decimals`` decimals, or without them in three significant digits. ``needs`` is the part of the lesson
    on which it is measured (``curves``: none, it computes by itself), ``racers`` how many optimizers it compares.
    One that ``follows_hands`` takes so little time that it is measured anew while a control is dragged.
    """

    unit: ClassVar[str] = ""
    decimals: ClassVar[int | None] = None
    needs: ClassVar[Literal["playground", "experiment", "curves"]] = "playground"
    racers: ClassVar[int] = 1
    follows_hands: ClassVar[bool] = False

    @property
    def needed_runs(self) -> int:
        """How many runs of the experiment it needs at least, of those that the lesson names."""
        return 1

    @abstractmethod
    def measure(self, stage: Stage) -> Measuring:
        """Measure on ``stage``; the same stage gives the same number to the last bit. NaN where there is none."""

    def text(self, value: float) -> str:
        """``value`` as it is written wherever it is shown."""
        return short(value, 3) if self.decimals is None else grouped(value, self.decimals)
