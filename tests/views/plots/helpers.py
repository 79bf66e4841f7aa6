"""What the tests of the plots show and read."""

from __future__ import annotations

import numpy as np

from workbench.engine.run_store.history import History
from workbench.views.plots.train_plots import TrainPlots


def shown(plots: TrainPlots, history: History) -> TrainPlots:
    plots.show_history(history)
    plots.stack.redraw()
    return plots


def pixels(plots: TrainPlots, subplot: str) -> np.ndarray:
    """The per-step picture of a subplot as (height, width) numbers; 0 where nothing is drawn."""
    return plots.subplot(subplot).view.item.curves._pixels


def labels(plots: TrainPlots, subplot: str) -> dict[str, str]:
    return {label.name: label.value for label in plots.subplot(subplot).view.ends.labels}
