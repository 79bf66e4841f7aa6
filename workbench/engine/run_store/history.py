"""Folds the events of one run into what plots and verdicts need. Pure Python and NumPy."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from workbench.engine.core.events import (
    Edited,
    EnsembleMeasured,
    Evaluated,
    Event,
    FoldsMeasured,
    MeasuredOnTest,
    Notice,
    Resumed,
    RunEnded,
    RunStarted,
    SteppedBack,
)
from workbench.engine.core.observed import Boundary, LayerStats, Watched
from workbench.engine.core.progress import Loading
from workbench.engine.core.step_store import StepStore
from workbench.engine.run_store.evaluations import Evaluations
from workbench.engine.run_store.event_lines import is_behind

Floats = npt.NDArray[np.float64]
E = TypeVar("E", Edited, Notice, EnsembleMeasured, FoldsMeasured)


class History:
    """One run so far: its evaluations, edits and notices from events, its per-step scalars in ``steps``.

    ``revision`` grows with every event folded, so that a view knows when to redraw its epoch curves.
    """

    def __init__(self, steps: StepStore | None = None) -> None:
        self.steps = steps or StepStore()
        #: The latest progress of reading the data; None when everything has been read.
        self.loading: Loading | None = None
        self.started: RunStarted | None = None
        self.ended: RunEnded | None = None
        #: Those of the start and at the ends of epochs (EpochEnded), and those within epochs.
        self.evaluations = Evaluations()
        self.edits: list[Edited] = []
        self.notices: list[Notice] = []
        self.boundary: Boundary | None = None
        self.layers: LayerStats | None = None
        self.ensemble: list[EnsembleMeasured] = []
        #: What each fold's model reached at each evaluation of cross-validation.
        self.folds: list[FoldsMeasured] = []
        #: The test part, measured at the end; None before, and where there is none.
        self.tested: MeasuredOnTest | None = None
        self.revision = 0

    def fold(self, event: Event) -> None:
        """Fold one event into the history."""
        if isinstance(event, Watched):  # no curve shows it, so none has to be redrawn
            return
        self.revision += 1
        if isinstance(event, (Resumed, SteppedBack)):
            self._begin_again(event)
        elif isinstance(event, Loading):
            self.loading = event if self.started is None or not event.total or event.done < event.total else None
        elif isinstance(event, RunStarted):
            self.started, self.loading = event, None
        elif isinstance(event, Evaluated):
            self.loading = None
            self.evaluations.append(event)
        elif isinstance(event, EnsembleMeasured):
            self.ensemble.append(event)
        elif isinstance(event, FoldsMeasured):
            self.folds.append(event)
        elif isinstance(event, MeasuredOnTest):
            self.tested, self.loading = event, None
        elif isinstance(event, Edited):
            self.edits.append(event)
        elif isinstance(event, Notice):
            self.notices.append(event)
        elif isinstance(event, Boundary):
            self.boundary = event
        elif isinstance(event, LayerStats):
            self.layers = event
        elif isinstance(event, RunEnded):
            self.ended, self.loading = event, None

    def _begin_again(self, event: Resumed | SteppedBack) -> None:
        """The run goes on: with its events so far, or without those of the steps that have never been.

        A Resumed of a log is without its ``past``: what the log says before it is that.
        """
        if isinstance(event, Resumed) and not event.past:
            self.loading = self.ended = None
            return
        if isinstance(event, Resumed):
            if event.past:  # read from a log it has none: what it follows was folded line by line
                self._fold_anew(event.past)
            self.loading = self.ended = None
            return
        step = event.step
        self.evaluations, self.edits = self.evaluations.up_to(step), _up_to(self.edits, step)
        self.notices, self.ensemble = _up_to(self.notices, step), _up_to(self.ensemble, step)
        self.folds = _up_to(self.folds, step)
        if self.boundary is not None and self.boundary.step > step:
            self.boundary = None
        if self.layers is not None and self.layers.step >= step:
            self.layers = None

    def _fold_anew(self, past: Iterable[Event]) -> None:
        self.evaluations = Evaluations()
        self.edits, self.notices, self.ensemble, self.folds = [], [], [], []
        for each in past:
            if not isinstance(each, Resumed):  # an earlier one
                self.fold(each)

    @property
    def averaged_members(self) -> int:
        """The number of members, or of folds, whose mean the curves are; 0 for a single model."""
        spec = self.started.spec if self.started is not None else {}
        if self.is_cross_validation:
            return len(self.folds[-1].folds) if self.folds else int(spec["data"]["folds"])
        ensemble = spec.get("ensemble", {})
        if ensemble.get("kind") != "independent":
            return 0
        # One that has failed is left out, so the last measurement may be that of fewer.
        return len(self.ensemble[-1].members) if self.ensemble else int(ensemble.get("members", 0))

    @property
    def is_cross_validation(self) -> bool:
        """Whether the run trains a model for each fold."""
        data = self.started.spec.get("data", {}) if self.started is not None else {}
        return data.get("folds") is not None and data.get("fold") is None

    @property
    def averaged_noun(self) -> str:
        """What one of those is called whose mean the curves are."""
        return "fold" if self.is_cross_validation else "member"

    @property
    def best(self) -> Evaluated | None:
        """The evaluation with the highest validation accuracy, ties by lower loss; None without validation.

        That before the first step never is, whatever an older program has written.
        """
        found = np.flatnonzero(self.evaluations.column("is_best") & (self.evaluations.column("step") > 0))
        return self.evaluations[int(found[-1])] if len(found) else None

    def curve(self, split: str, what: str) -> Floats:
        """``what`` ("loss", "accuracy") of ``split`` ("train_eval", "val", "running") at each evaluation, or NaN."""
        if split == "running":
            return self.evaluations.column(f"running_{what}")
        return self.evaluations.measured(split, what)

    def gap(self, what: str) -> Floats:
        """The generalization gap at each evaluation: val − train_eval for loss, train_eval − val for accuracy."""
        difference = self.curve("val", what) - self.curve("train_eval", what)
        return difference if what == "loss" else -difference

    def regularization_effect(self, what: str) -> Floats:
        """Running train against train_eval: what dropout, augmentation and the epoch's progress cost in training."""
        difference = self.curve("running", what) - self.curve("train_eval", what)
        return difference if what == "loss" else -difference


def _up_to(events: list[E], step: int) -> list[E]:
    return [each for each in events if not is_behind(each, step)]
