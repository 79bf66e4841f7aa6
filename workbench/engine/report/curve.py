"""What the rules that explain a run look at: its training part and its layers, and both parts at each evaluation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log
from typing import Any, Final

from workbench.engine.core.events import Measured
from workbench.engine.report.generalization_gap import margin
from workbench.engine.report.layer_stats import LayerNumbers
from workbench.engine.report.points import Point, Points
from workbench.engine.report.suggestions import setting_of_run
from workbench.engine.run_store.evaluations import Measurements
from workbench.engine.run_store.history import History

#: Evaluations after training began before anything is said.
ENOUGH: Final = 3
#: Epochs without an improvement after which a curve counts as flat.
WINDOW: Final = 5


@dataclass(frozen=True, slots=True)
class Fit:
    """The measured training part at every evaluation (first the start; of a fork its first), and the layers.

    ``chance`` is the loss of equal probabilities, ln of the number of classes. ``layers`` (name, numbers) are those of
    the latest measured step in order of use, the classifier last; none if they are not measured.
    """

    history: History
    train: Measurements
    chance: float
    layers: Sequence[tuple[str, LayerNumbers]]

    @property
    def is_fork(self) -> bool:
        """Whether it began with what another run had learned: nothing is known of its initial weights then."""
        return self.history.started is not None and bool(self.history.started.parent)

    @property
    def start(self) -> Measured:
        return self.train[0]

    @property
    def now(self) -> Measured:
        return self.train[-1]

    @property
    def learned_nothing(self) -> bool:
        """Whether the loss is not below that of equal probabilities by more than two standard errors."""
        return self.now.loss > self.chance - 2 * self.now.loss_se

    def setting(self, path: str) -> Any:
        """The run's setting at ``path``, live edits included; None if there is none."""
        return setting_of_run(self.history, path)


@dataclass(frozen=True, slots=True)
class Curve:
    """``points`` are the evaluations that have both parts, at least ``ENOUGH`` after the first, which is the start or,
    of a fork, its first evaluation."""

    fit: Fit
    points: Points

    @property
    def history(self) -> History:
        return self.fit.history

    @property
    def now(self) -> Point:
        return self.points[-1]

    @property
    def per_epoch(self) -> int:
        """Steps in an epoch."""
        return self.history.started.steps_per_epoch if self.history.started is not None else 1

    @property
    def past(self) -> Point:
        """The evaluation ``WINDOW`` epochs ago, or the first."""
        return self.points.last_by(self.now.epoch.step - WINDOW * self.per_epoch) or self.points[0]

    @property
    def lasted(self) -> int:
        """Whole epochs since the start; of a fork since its first evaluation."""
        return self.epochs_since(self.points[0])

    @property
    def first_step(self) -> int:
        """The step at which the curves begin: 0, or that of a fork's first evaluation."""
        return self.points[0].epoch.step

    def epochs_since(self, point: Point) -> int:
        """Whole epochs after ``point``."""
        return (self.now.epoch.step - point.epoch.step) // self.per_epoch

    def train_fell(self, since: Point) -> bool:
        """Whether the training loss fell since then, by more than two standard errors."""
        return since.train.loss - self.now.train.loss > margin(since.train, self.now.train)

    @property
    def train_stands(self) -> bool:
        """Whether training has not fallen for ``WINDOW`` epochs."""
        return self.lasted >= WINDOW and not self.train_fell(self.past)


def chance_of(history: History) -> float:
    """The loss of equal probabilities."""
    return log(max(2, len(history.started.classes) if history.started is not None else 2))
