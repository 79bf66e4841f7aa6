"""What transfer is worth on pictures of one's own: the figures of the plan's thresholds, on any folder and weights.

WORKBENCH_PICTURES names a folder of pictures with train, validation and test inside, WORKBENCH_WEIGHTS a file of
weights for it. Accuracies are over validation and test together, after the last epoch. Takes about an hour on a core.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from statistics import mean

import numpy as np

from workbench.engine.catalog.datasets import Dataset
from workbench.engine.catalog.datasets.base import load_part
from workbench.engine.catalog.datasets.folder import PictureFolder
from workbench.engine.experiments.transfer_comparison import arm_of
from workbench.engine.experiments.transfer_plan import epochs_for, plan
from workbench.engine.spec.data_spec import DataSpec
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.training.evaluate import measure
from workbench.engine.training.practice import practice_step
from workbench.engine.training.set_up import set_up

SHOTS, DRAWS = (5, 20, 80), 2
NETWORKS, HEADS = 5, 3


def main() -> None:
    """Print head only against random frozen networks, then scratch, head only and fine-tuned at 5, 20, 80 a class."""
    folder, weights = os.environ.get("WORKBENCH_PICTURES"), os.environ.get("WORKBENCH_WEIGHTS")
    if not folder or not weights:
        print("Transfer: set WORKBENCH_PICTURES and WORKBENCH_WEIGHTS")
        return
    source = PictureFolder(folder=folder)
    data = _measured_on_both(source)
    base = plan(weights, DataSpec(source=source, examples_per_class=SHOTS[-1]), [5] * len(data.classes))
    base = base.edited("loop.epochs", epochs_for(600, _steps(data, SHOTS[-1])))
    heads = [_accuracy(base.edited("loop.seed", seed), data) for seed in range(HEADS)]
    frozen = arm_of(base, "random_frozen")
    random = [
        _accuracy(frozen.edited("model.network_seed", net).edited("loop.seed", seed), data)
        for net in range(NETWORKS)
        for seed in range(HEADS)
    ]
    difference = 100 * (mean(heads) - mean(random))
    print(f"Transfer head only {_said(heads)}, random frozen {_said(random)}: {difference:+.1f} points, target >= 12")
    for shots in SHOTS:
        made = {name: [_accuracy(spec, data) for spec in specs] for name, specs in _arms(base, data, shots).items()}
        print(f"Transfer {shots:3} a class: " + ", ".join(f"{name} {_said(found)}" for name, found in made.items()))


def _measured_on_both(source: PictureFolder) -> Dataset:
    train, val, test = (load_part(source, part) for part in ("train", "validation", "test"))
    held = np.arange(len(train.labels) + len(val.labels) + len(test.labels)) >= len(train.labels)
    parts = (train, val, test)
    inputs = np.concatenate([part.inputs for part in parts])
    return Dataset(inputs, np.concatenate([part.labels for part in parts]), train.classes, held)


def _arms(base: ExperimentSpec, data: Dataset, shots: int) -> dict[str, list[ExperimentSpec]]:
    """Every arm in every draw; fine-tuning and scratch have the same epochs, augmentation and schedule."""
    heads, tuned = [], []
    for draw in range(DRAWS):
        few = base.data.model_copy(update={"examples_per_class": shots, "split_seed": draw})
        weights, count = base.at("model.weights"), len(data.classes)
        head = plan(weights, few, [5] * count).edited("loop.epochs", epochs_for(600, _steps(data, shots)))
        many = base.data.model_copy(update={"examples_per_class": None, "split_seed": draw})
        whole = plan(weights, many, [SHOTS[-1]] * count).edited("data.examples_per_class", shots)
        heads.append(head.edited("loop.seed", draw))
        tuned.append(whole.edited("loop.seed", draw).edited("loop.epochs", 30 if shots == SHOTS[-1] else 60))
    return {"scratch": [arm_of(spec, "scratch") for spec in tuned], "head only": heads, "fine-tuned": tuned}


def _steps(data: Dataset, shots: int) -> int:
    return -(-shots * len(data.classes) // 32)


def _accuracy(spec: ExperimentSpec, data: Dataset) -> float:
    """Train without measuring in between, then measure once."""
    training = set_up(spec.edited("loop.diagnostics", 0), dataset=data)
    for _ in range(spec.loop.epochs * training.batches.per_epoch):
        assert practice_step(training, training.rate).finite
    work = measure(training.state.network, training.data.examples, training.data.split.val)
    while True:
        try:
            next(work)
        except StopIteration as end:
            return float(end.value.accuracy)


def _said(found: Sequence[float]) -> str:
    return f"{100 * mean(found):.1f} %"


if __name__ == "__main__":
    main()
