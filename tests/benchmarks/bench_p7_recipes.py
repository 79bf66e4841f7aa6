"""P7: processor time to a validation accuracy: the recipes of the presets, against what a tutorial would write.

Digits to 98 %, and Fashion-MNIST to 90 % where ``FASHION_MNIST=FOLDER`` says where its IDX files are. Both sides train
a network of the same shape on the same split with one thread, in turn for each seed, and evaluate it in full after each
epoch; the data is in memory before the time begins. Fashion-MNIST is raced a second time against the network without
batch norm, which most tutorials leave out. The recipe's time has everything from the settings to the evaluation, the
measurement of the start included. ``SEEDS`` is the number of seeds, ``WAYS`` the names of ways.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from statistics import median
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

from tests.benchmarks.hand_loops import perceptron
from workbench.engine.core.events import EpochEnded
from workbench.engine.data.split import split
from workbench.engine.data.store import DataStore
from workbench.engine.nn.arithmetic import why_no_bf16
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.spec.presets import presets
from workbench.engine.train import train

SEEDS = range(int(os.environ.get("SEEDS", "5")))
BATCH, RATE = 64, 1e-3


@dataclass(frozen=True, slots=True)
class Race:
    """A preset's way to ``target`` (validation accuracy), and the tutorial's network, given up after ``epochs``."""

    preset: str
    target: float
    most: float
    network: Callable[[], nn.Module]
    epochs: int
    edits: Mapping[str, Any]
    ways: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Finish:
    """Seconds and epochs to the target; ``best`` is the best validation accuracy, ``reached`` whether it is enough."""

    seconds: float
    epochs: int
    best: float
    reached: bool


def small_cnn(batch_norm: bool) -> nn.Module:
    """The convolutional network of the preset as a tutorial writes it: with its batch norm, or without."""
    layers: list[nn.Module] = []
    for before, after in pairwise((1, 16, 32, 64)):
        norm = [nn.BatchNorm2d(after)] if batch_norm else []
        layers += [nn.Conv2d(before, after, 3, padding=1), *norm, nn.ReLU(), nn.MaxPool2d(2)]
    norm_1d = [nn.BatchNorm1d(64)] if batch_norm else []
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(64 * 9, 64), *norm_1d, nn.ReLU(), nn.Linear(64, 10))


def main() -> None:
    """Print both races."""
    torch.set_num_threads(1)
    plain: dict[str, Mapping[str, Any]] = {"as it is": {}}
    _race(Race("8-digits-recipe", 0.98, 0.1, perceptron, 200, {}, plain))
    folder = os.environ.get("FASHION_MNIST", "")
    if not folder:
        print("P7 Fashion-MNIST: FASHION_MNIST=FOLDER says where it is")
        return
    source = {"data.source": {"kind": "idx", "folder": folder}}
    ways = plain if why_no_bf16("cpu") else {**plain, "bfloat16": {"loop.precision": "bf16"}}
    ways = {**ways, "find the fastest": {"loop.fastest": True}}
    wanted = os.environ.get("WAYS", "").split(",")
    ways = {name: way for name, way in ways.items() if wanted == [""] or name in wanted}
    for name, batch_norm in (("the same network", True), ("its network without batch norm", False)):
        print(f"P7 Fashion-MNIST, textbook: {name}", flush=True)
        _race(Race("9-fashion-recipe", 0.9, 0.2, partial(small_cnn, batch_norm), 12, source, ways))


def _race(race: Race) -> None:
    spec = _edited(next(each.spec for each in presets() if each.path.stem == race.preset), race.edits)
    spec = _edited(spec, {"loop.threads": 1, "loop.device": "cpu"})
    data, references = DataStore(), list[Finish]()
    own: dict[str, list[Finish]] = {name: [] for name in race.ways}
    train_part, val_part = _parts(spec, data)
    _warm_up(spec, race, data, train_part, val_part)
    for seed in SEEDS:
        references.append(textbook(race.network, train_part, val_part, race.target, race.epochs, seed))
        for name, way in race.ways.items():
            own[name].append(recipe(_edited(spec, {**way, "loop.seed": seed}), data, race.target))
            print(f"P7 seed {seed}: textbook {references[-1]}; {name} {own[name][-1]}", flush=True)
    print(f"P7 {race.preset}, seeds {[*SEEDS]}, load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    _print_row(f"P7 {race.preset}: textbook", references)
    for name, finishes in own.items():
        _print_row(f"P7 {race.preset}: recipe, {name}", finishes)
        _print_ratio(f"P7 {race.preset}: ratio, {name}", finishes, references, race.most)


def _edited(spec: ExperimentSpec, edits: Mapping[str, Any]) -> ExperimentSpec:
    for path, value in edits.items():
        spec = spec.edited(path, value)
    return spec


def _parts(spec: ExperimentSpec, data: DataStore) -> tuple[TensorDataset, TensorDataset]:
    """The spec's training and validation examples, from 0 to 1; flat where its network is an MLP."""
    dataset = data.loaded(spec.data.source)
    inputs = dataset.inputs.astype(np.float32)
    inputs = inputs if spec.model.has_convolutions else inputs.reshape(len(inputs), -1)
    x, y, parts = torch.from_numpy(inputs / inputs.max()), torch.from_numpy(dataset.labels), split(dataset, spec.data)
    return TensorDataset(x[parts.train], y[parts.train]), TensorDataset(x[parts.val], y[parts.val])


def _warm_up(spec: ExperimentSpec, race: Race, data: DataStore, train_part: TensorDataset, val: TensorDataset) -> None:
    """What is loaded at the first use is no part of a run; a little of the data shows it."""
    few = TensorDataset(*(tensor[:BATCH] for tensor in train_part.tensors))
    textbook(race.network, few, few, race.target, 1, 0)
    small = _edited(spec, {"loop.epochs": 1, "data.examples_per_class": 20})
    for way in race.ways.values():
        recipe(_edited(small, way), data, race.target)


def textbook(
    network: Callable[[], nn.Module], train_part: TensorDataset, val: TensorDataset, target: float, most: int, seed: int
) -> Finish:
    """Adam at its default rate until the validation accuracy is ``target``, at most ``most`` epochs."""
    torch.manual_seed(seed)
    began, best = time.process_time(), 0.0
    net, loss_of = network(), nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(net.parameters(), lr=RATE)
    batches, val_batches = DataLoader(train_part, batch_size=BATCH, shuffle=True), DataLoader(val, batch_size=BATCH)
    epoch = 0
    while epoch < most and best < target:
        net.train()
        for inputs, labels in batches:
            optimizer.zero_grad()
            loss_of(net(inputs), labels).backward()
            optimizer.step()
        best, epoch = max(best, _accuracy(net, val_batches)), epoch + 1
    return Finish(time.process_time() - began, epoch, best, best >= target)


@torch.no_grad()
def _accuracy(net: nn.Module, batches: DataLoader[tuple[Tensor, ...]]) -> float:
    net.eval()
    hits = [(net(inputs).argmax(1) == labels).float() for inputs, labels in batches]
    return torch.cat(hits).mean().item()


def recipe(spec: ExperimentSpec, data: DataStore, target: float) -> Finish:
    """The run of ``spec`` up to the first evaluation with ``target``, or to its end."""
    began, best, run = time.process_time(), 0.0, train(spec, data=data)
    epochs = 0
    for event in run:
        if isinstance(event, EpochEnded) and event.val is not None:
            best, epochs = max(best, event.val.accuracy), event.epochs_done
            if best >= target:
                break
    seconds = time.process_time() - began
    run.close()
    return Finish(seconds, epochs, best, best >= target)


def _print_row(title: str, finishes: Sequence[Finish]) -> None:
    reached, times = sum(each.reached for each in finishes), [each.seconds for each in finishes]
    print(
        f"{title}: {median(times):.3f} s ({min(times):.3f}–{max(times):.3f}), {reached} of {len(finishes)} seeds "
        f"reached it, after {median(each.epochs for each in finishes):g} epochs; "
        f"best {', '.join(f'{100 * each.best:.2f}' for each in finishes)} %"
    )


def _print_ratio(title: str, own: Sequence[Finish], references: Sequence[Finish], most: float) -> None:
    """The median over the seeds; one that has not reached the target takes forever."""
    ratios = [a.seconds / b.seconds if a.reached else float("inf") for a, b in zip(own, references, strict=True)]
    print(f"{title}: {median(ratios):.3f} ({min(ratios):.3f}–{max(ratios):.3f})   target <= {most}")


if __name__ == "__main__":
    main()
