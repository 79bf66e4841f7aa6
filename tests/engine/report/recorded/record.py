"""Records the curves on which the rules of ``causes`` must speak or be silent: real runs, one JSON file each.

    python -m tests.engine.report.recorded.record [NAME …]

A file holds what the rules look at (measured parts at every evaluation, numbers of the layers) and the settings.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from workbench.engine.core.drive import drive
from workbench.engine.core.step_store import StepStore
from workbench.engine.report.layer_stats import numbers
from workbench.engine.report.verdict import Judge
from workbench.engine.run_store.history import History
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.train import train

HERE = Path(__file__).parent
MLP: dict[str, Any] = {"model": {"kind": "mlp", "hidden": [32]}}
POINTS: dict[str, Any] = {"data.source": {"kind": "spirals"}, **MLP, "loop.epochs": 60}

#: Name of a run → its changes to the default settings (digits, small CNN with batch norm, momentum 0.05, 15 epochs).
RUNS: dict[str, dict[str, Any]] = {
    "usual": {},
    "rate_1e-5": {"optimizer.lr": 1e-5},
    "rate_1e-4": {"optimizer.lr": 1e-4},
    "rate_1e-3": {"optimizer.lr": 1e-3},
    "rate_1": {"optimizer.lr": 1.0},
    "rate_3": {"optimizer.lr": 3.0},
    "rate_1_without_batch_norm": {"optimizer.lr": 1.0, "model.batch_norm": "off"},
    "weights_1e-8": {"model.init_weights": {"kind": "gaussian", "std": 1e-8}, "model.batch_norm": "off"},
    "weights_1e-2_deep": {
        "model": {"kind": "mlp", "hidden": [32] * 5, "batch_norm": "off"},
        "model.init_weights": {"kind": "gaussian", "std": 0.01},
    },
    "weights_3": {"model.init_weights": {"kind": "gaussian", "std": 3.0}, "model.batch_norm": "off"},
    "weights_3_tanh": {
        "model": {"kind": "mlp", "hidden": [64] * 3, "batch_norm": "off"},
        "model.init_weights": {"kind": "gaussian", "std": 3.0},
        "model.activation": {"kind": "tanh"},
    },
    "weights_zero": {"model.init_weights": {"kind": "zero"}},
    "decay_0.3": {"optimizer.weight_decay": 0.3},
    "l2_0.3": {"regularization": [{"kind": "l2", "strength": 0.3}]},
    "dropout_0.9": {"regularization": [{"kind": "dropout", "p": 0.9}]},
    "width_1": {"model": {"kind": "mlp", "hidden": [1], "batch_norm": "off"}, "optimizer.lr": 0.02, "loop.epochs": 60},
    "width_2": {"model": {"kind": "mlp", "hidden": [2], "batch_norm": "off"}, "optimizer.lr": 0.02, "loop.epochs": 60},
    "points_width_2": {**POINTS, "model": {"kind": "mlp", "hidden": [2]}},
    "points_linear": {**POINTS, "model": {"kind": "mlp", "hidden": []}},
    "points_usual": POINTS,
    "few_examples": {"data.examples_per_class": 5},
    "overfit": {
        "data.source": {"kind": "moons", "noise": 0.4},
        "model": {"kind": "mlp", "hidden": [64, 64]},
        "data.examples_per_class": 20,
        "optimizer.lr": 0.1,
        "loop.epochs": 60,
    },
    "few_validation": {"data.validation_fraction": 0.03, "optimizer.lr": 0.5, "loop.epochs": 20},
}


def recorded(changes: dict[str, Any]) -> tuple[dict[str, Any], History]:
    """A run of the default settings with ``changes``: what a file holds, and its history."""
    torch.set_num_threads(1)
    spec = ExperimentSpec()
    for path, value in changes.items():
        spec = spec.edited(path, value)
    steps = StepStore()
    history = History(steps)
    drive(train(spec, None, steps), lambda event: None, history.fold)
    assert history.started is not None and history.layers is not None
    plain = {
        "spec": history.started.spec,
        "classes": list(history.started.classes),
        "epochs": [_rounded(asdict(epoch)) for epoch in history.evaluations],
        "layers": [_rounded({"name": each.name, **asdict(numbers(each))}) for each in history.layers.layers],
    }
    return plain, history


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return float(f"{value:.6g}")
    if isinstance(value, dict):
        return {key: _rounded(each) for key, each in value.items() if key not in ("counts", "returned", "averages")}
    return value


if __name__ == "__main__":
    for name in sys.argv[1:] or RUNS:
        plain, history = recorded(RUNS[name])
        (HERE / f"{name}.json").write_text(json.dumps(plain))
        verdict = Judge(history).verdict()
        print(name, "|", verdict.kind, "|", verdict.suggestion.words if verdict.suggestion else None)
