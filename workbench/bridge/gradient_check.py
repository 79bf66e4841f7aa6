"""The gradient check of the run's next step in the background."""

from __future__ import annotations

from functools import partial
from typing import Any

from PySide6.QtCore import QObject

from workbench.bridge.network_job import NetworkJob
from workbench.bridge.session import Session
from workbench.bridge.threads.background import Tasks, Work
from workbench.bridge.threads.progress import as_task
from workbench.engine.data.store import DataStore
from workbench.engine.diagnostics.weight_index import WeightIndex
from workbench.engine.experiments.gradient_check import gradient_check
from workbench.engine.spec.experiment import ExperimentSpec


class CheckGradient(NetworkJob):
    """``value`` is a GradientCheck. Only a run has a step whose gradient can be checked."""

    def __init__(self, session: Session, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(session, tasks, "Checking the gradient", parent)

    @property
    def why_not(self) -> str:
        if not self._session.is_active:
            return "The check is made on the next step of a run. Train, and pause where you want to check."
        return super().why_not

    def check(self, parameter: str, index: int) -> None:
        """Check the number ``parameter[index]`` and some others of the parameter, in the run's next step."""
        self.start(partial(_work, self._session.loaded, WeightIndex(parameter, index)))


def _work(data: DataStore, place: WeightIndex, spec: ExperimentSpec, saved: dict[str, Any] | None) -> Work:
    return as_task(lambda: gradient_check(spec, data, place, saved))
