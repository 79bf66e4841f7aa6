"""The gradient noise of the run's network, or of the form's at its start, in the background."""

from __future__ import annotations

from functools import partial
from typing import Any

from PySide6.QtCore import QObject

from workbench.bridge.network_job import NetworkJob
from workbench.bridge.session import Session
from workbench.bridge.threads.background import Tasks, Work
from workbench.bridge.threads.progress import give_up, watched
from workbench.engine.core.progress import IsCancelled, Loading, Progress, finished
from workbench.engine.data.store import DataStore
from workbench.engine.experiments.gradient_noise import GradientNoise, NoiseAtSize, gradient_noise
from workbench.engine.spec.experiment import ExperimentSpec


class MeasureNoise(NetworkJob):
    """``value`` is a GradientNoise. ``sizes`` grows while it is measured; ``of_run``: whether it is that of a run."""

    def __init__(self, session: Session, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(session, tasks, "Measuring the gradient noise", parent)
        self.sizes: list[NoiseAtSize] = []
        self.of_run = False

    def measure(self) -> None:
        """Measure the network of the run under way; without one that with which the form's settings begin."""
        sizes: list[NoiseAtSize] = []
        of_run = self._session.is_active
        if self.start(partial(_work, self._session.loaded, sizes)):
            self.sizes, self.of_run = sizes, of_run
            self.changed.emit()


def _work(data: DataStore, sizes: list[NoiseAtSize], spec: ExperimentSpec, saved: dict[str, Any] | None) -> Work:
    """The measuring as a task. It appends to ``sizes``, which the window reads at the same time."""

    def work(progress: Progress, is_cancelled: IsCancelled) -> GradientNoise:
        say = watched(progress, is_cancelled)

        def watch(news: Loading | NoiseAtSize) -> None:
            if isinstance(news, Loading):
                say(news)
                return
            give_up(is_cancelled, news)
            sizes.append(news)

        return finished(gradient_noise(spec, data, saved), watch)

    return work
