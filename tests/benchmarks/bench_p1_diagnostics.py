"""P1: what looking into the layers costs of the engine's steps a second, without a window.

``python -m tests.benchmarks.bench_p1_diagnostics`` prints medians over ROUNDS, in processor time of the training thread
(1 thread), so that other work on the machine counts little.
"""

from __future__ import annotations

import time
from statistics import median
from typing import Any

import numpy as np
import torch

from workbench.engine.core.drive import Run
from workbench.engine.core.events import EpochEnded, EvalProgress, Stepped
from workbench.engine.core.observed import LayerStats, Watched
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.train import train

ROUNDS = 7
#: Steps at the beginning of a run that are not counted.
WARM = 100
MLP = {"kind": "mlp", "hidden": [128]}
CNN = {"kind": "small_cnn"}


def spec_of(model: dict[str, Any], every: int, epochs: int) -> ExperimentSpec:
    """Digits, Adam, batches of 64."""
    spec = ExperimentSpec()
    changes = {
        "model": model,
        "optimizer": {"kind": "adam"},
        "loop.epochs": epochs,
        "loop.threads": 1,
        "loop.device": "cpu",
        "loop.diagnostics": every,
    }
    for path, value in changes.items():
        spec = spec.edited(path, value)
    return spec


def engine(run: Run) -> float:
    """Steps a second of training from the second epoch on, evaluations outside."""
    steps, taken, mark = 0, 0.0, 0.0
    for event in run:
        now = time.thread_time()
        if isinstance(event, EpochEnded):
            mark, warm = now, event.epochs_done > 0
        elif isinstance(event, Stepped):
            steps, taken = steps + warm, taken + warm * (now - mark)
            mark = now
        elif isinstance(event, EvalProgress):
            mark = now
    return steps / taken


def kept_speed(spec: ExperimentSpec) -> float:
    """The share of its speed that a run keeps: what a measured step and the one behind it take beyond the others.

    Within one run, so that a machine that changes its pace in between does not count; medians of processor time.
    """
    every, taken, steps, mark = spec.loop.diagnostics, [], [], 0.0
    for event in train(spec):
        if isinstance(event, Stepped):
            taken.append(time.thread_time() - mark)
            steps.append(event.step - 1)
        if not isinstance(event, LayerStats | Watched):
            mark = time.thread_time()
    seconds, place = np.array(taken)[WARM:], np.array(steps)[WARM:] % every
    usual = float(np.median(seconds[place > 1]))
    extra = sum(float(np.median(seconds[place == p])) - usual for p in (0, 1))
    return every * usual / (every * usual + extra)


def main() -> None:
    """Print the table."""
    torch.set_num_threads(1)
    for name, model, epochs in (("tiny MLP", MLP, 80), ("small CNN", CNN, 12)):
        shares = sorted(kept_speed(spec_of(model, 20, epochs)) for _ in range(ROUNDS))
        print(
            f"  {name}, layers every 20th step: {median(shares):.3f} of the speed "
            f"({shares[0]:.3f} to {shares[-1]:.3f}; target 0.97)"
        )


if __name__ == "__main__":
    main()
