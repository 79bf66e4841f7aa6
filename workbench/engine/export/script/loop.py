"""The training loop of a script, around the functions that a run calls; it is copied into the script."""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from workbench.engine.catalog.augmentations import Augmentation
from workbench.engine.catalog.models import Model
from workbench.engine.catalog.optimizers import Optimizer
from workbench.engine.catalog.regularizers import Regularizer
from workbench.engine.catalog.schedules import Memory, Schedule
from workbench.engine.core.events import Measured
from workbench.engine.core.randomness import permutation
from workbench.engine.data.examples import as_shares, augmented, augmented_and_mixed, mixes
from workbench.engine.data.split import batch_borders
from workbench.engine.nn.arithmetic import Arithmetic
from workbench.engine.nn.layer_insertion import LayerInsertion
from workbench.engine.nn.losses import class_weights, minimized
from workbench.engine.nn.stochastic_layers import StochasticLayer, stochastic_layers
from workbench.engine.training.accumulation import part_borders, part_size
from workbench.engine.training.evaluate import score


@dataclass(frozen=True)
class Change:
    """The settings from the 0-based ``step`` on, where they were changed while the run trained."""

    step: int
    optimizer: Optimizer
    schedule: Schedule
    augmentations: tuple[Augmentation, ...]
    regularization: tuple[Regularizer, ...]
    epochs: int


@dataclass(frozen=True)
class Recipe:
    """The settings of a run. ``shape`` is that of one input, ``steps`` how many steps the run had."""

    model: Model
    shape: tuple[int, ...]
    classes: int
    optimizer: Optimizer
    schedule: Schedule
    augmentations: tuple[Augmentation, ...]
    regularization: tuple[Regularizer, ...]
    arithmetic: Arithmetic
    seed: int
    epochs: int
    batch_size: int
    accumulate: int
    weighs_classes: bool
    device: str
    threads: int
    steps: int
    changes: tuple[Change, ...] = ()


@dataclass
class Data:
    """Inputs, uint8 (N, C, H, W) or float32 (N, D), and labels (N,); the rows that train, of them those that are
    measured, and those that validate. An input is standardized as (x − mean) · inverse_std for x from 0 to 1. A class
    may count more than others in the loss, (K,)."""

    inputs: Tensor
    labels: Tensor
    train: npt.NDArray[np.int64]
    train_eval: npt.NDArray[np.int64]
    val: npt.NDArray[np.int64]
    mean: Tensor
    inverse_std: Tensor
    class_weights: Tensor | None

    def raw(self, rows: npt.NDArray[np.int64]) -> Tensor:
        """The inputs of ``rows`` from 0 to 1, float32."""
        x = self.inputs[torch.from_numpy(rows).to(self.inputs.device)]
        return x.float().div_(255.0) if x.dtype == torch.uint8 else x

    def standardized(self, x: Tensor) -> Tensor:
        """As the network takes them."""
        return x.sub_(self.mean).mul_(self.inverse_std)


@dataclass
class Network:
    """The network and its layers with random masks; ``owners`` are the regularizers (by number) of those ``placed``."""

    module: nn.Module
    random: Sequence[StochasticLayer]
    placed: Sequence[StochasticLayer]
    owners: Sequence[int]


def read_data(recipe: Recipe, folder: Path, weights: dict[str, Tensor]) -> Data:
    """The examples in ``folder`` on the recipe's device."""
    with np.load(folder / "data.npz") as file:
        inputs, labels = (torch.from_numpy(file[name]).to(recipe.device) for name in ("inputs", "labels"))
        train, train_eval, val = (file[name] for name in ("train", "train_eval", "val"))
    mean, inverse_std = (weights[name].to(recipe.device) for name in ("mean", "inverse_std"))
    counted = class_weights(labels[torch.from_numpy(train)], recipe.classes) if recipe.weighs_classes else None
    return Data(inputs, labels, train, train_eval, val, mean, inverse_std, counted)


def read_weights(file: Path) -> dict[str, Tensor]:
    """The tensors of a file that was written here or by the export; the file cannot run anything."""
    found: dict[str, Tensor] = torch.load(file, weights_only=True)
    return found


def made_network(recipe: Recipe, weights: dict[str, Tensor]) -> Network:
    """The network with these weights."""
    parts = LayerInsertion(recipe.regularization)
    module = recipe.model.build(recipe.shape, recipe.classes, parts)
    own = {name.removeprefix("network."): value for name, value in weights.items() if name.startswith("network.")}
    module.load_state_dict(own, assign=True)
    return Network(module.to(recipe.device), stochastic_layers(module), parts.placed, parts.owners)


def training(recipe: Recipe, data: Data, network: Network, steps: int) -> Iterator[float]:
    """Train, and give the loss of each step (mean cross-entropy in nats) after it is done.

    It ends early at a loss or a gradient that is no number.
    """
    module, train = network.module.train(), data.train
    optimizer = recipe.optimizer.build(module)
    borders = batch_borders(len(train), len(train) if recipe.optimizer.full_batch else recipe.batch_size)
    memory: Memory = {}
    order = train
    for step in range(steps):
        for change in recipe.changes:
            if change.step == step:
                recipe = changed(recipe, change, optimizer, network)
        epoch, number = divmod(step, len(borders) - 1)
        if number == 0:
            order = train[permutation(len(train), recipe.seed, epoch)]
        factor = recipe.schedule.factor(step, len(borders) - 1, recipe.epochs, memory)
        optimizer.zero_grad()
        loss = find_gradients(recipe, data, network, order[borders[number] : borders[number + 1]], step, epoch)
        add_penalties(recipe.regularization, module)
        if not (math.isfinite(loss) and has_finite_gradients(module)):
            return
        for group in optimizer.param_groups:
            group["lr"] = recipe.optimizer.lr * factor * group.get("scale", 1.0)
        optimizer.step()
        yield loss
        if recipe.schedule.remembers and number == len(borders) - 2:
            memory = recipe.schedule.after_measurement(
                memory, measured(recipe, data, module, data.train_eval), measured(recipe, data, module, data.val)
            )


def changed(recipe: Recipe, change: Change, optimizer: torch.optim.Optimizer, network: Network) -> Recipe:
    """The recipe with other settings, which optimizer and layers have from now on."""
    made = {each.name: getattr(change, each.name) for each in fields(change) if each.name != "step"}
    change.optimizer.tune(optimizer)
    for layer, owner in zip(network.placed, network.owners, strict=True):
        change.regularization[owner].tune(layer)
    return replace(recipe, **made)


def find_gradients(
    recipe: Recipe, data: Data, network: Network, rows: npt.NDArray[np.int64], step: int, epoch: int
) -> float:
    """Gather the gradient of the examples ``rows``, part by part; returns their loss."""
    total = 0.0
    for number, (x, y) in enumerate(parts_of(recipe, data, rows, epoch)):
        for layer in network.random:
            layer.at(recipe.seed, step, number)
        loss, shown = losses(recipe, network.module, x, y, data.class_weights)
        share = len(x) / len(rows)
        (loss * share).backward()
        total += shown.item() * share
    return total


def parts_of(recipe: Recipe, data: Data, rows: npt.NDArray[np.int64], epoch: int) -> Iterator[tuple[Tensor, Tensor]]:
    """A batch as a whole, or in the parts in which it is computed."""
    if recipe.optimizer.full_batch:  # the whole training set, read part by part
        cuts = batch_borders(len(rows), part_size(recipe.batch_size, recipe.accumulate))
        yield from (batch(recipe, data, rows[start:stop], epoch) for start, stop in pairwise(cuts))
        return
    x, y = batch(recipe, data, rows, epoch)
    for start, stop in pairwise(part_borders(len(rows), recipe.accumulate)):
        yield x[start:stop], y[start:stop]


def batch(recipe: Recipe, data: Data, rows: npt.NDArray[np.int64], epoch: int) -> tuple[Tensor, Tensor]:
    """The inputs of ``rows``, augmented and standardized, and their labels: (B,), or shares of classes (B, K)."""
    x, y = data.raw(rows), data.labels[torch.from_numpy(rows).to(data.labels.device)]
    if recipe.augmentations and x.dim() == 4:
        if mixes(recipe.augmentations):
            shares = as_shares(y, recipe.classes)
            x, y = augmented_and_mixed(x, shares, rows, recipe.augmentations, recipe.seed, epoch)
        else:
            x = augmented(x, rows, recipe.augmentations, recipe.seed, epoch)
    return data.standardized(x), y


def losses(recipe: Recipe, module: nn.Module, x: Tensor, y: Tensor, weights: Tensor | None) -> tuple[Tensor, Tensor]:
    """What is minimized, and the plain cross-entropy, which is printed."""
    logits = recipe.arithmetic.answer(module, x)
    smoothing = sum(each.label_smoothing() for each in recipe.regularization)
    loss = minimized(logits, y, smoothing, weights)
    plain = functional.cross_entropy(logits.detach(), y) if smoothing or weights is not None else loss
    return loss, plain


def add_penalties(regularization: Sequence[Regularizer], module: nn.Module) -> None:
    """Add the gradients of penalties: of weight matrices and kernels, or of all parameters."""
    trainable: list[Tensor] = [each for each in module.parameters() if each.grad is not None]
    weights = [each for each in trainable if each.dim() >= 2]
    with torch.no_grad():
        for each in regularization:
            penalized = trainable if each.on_everything() else weights
            each.add_gradient(penalized, [one.grad for one in penalized if one.grad is not None])


def has_finite_gradients(module: nn.Module) -> bool:
    """Whether every gradient is a number."""
    return all(bool(each.grad.isfinite().all()) for each in module.parameters() if each.grad is not None)


def measured(recipe: Recipe, data: Data, module: nn.Module, rows: npt.NDArray[np.int64]) -> Measured | None:
    """Loss and accuracy of the examples ``rows`` in evaluation; None without any."""
    if not len(rows):
        return None
    module.eval()
    with torch.inference_mode():
        parts = np.split(rows, range(128, len(rows), 128))
        logits = torch.cat([module(data.standardized(data.raw(part))) for part in parts])
    module.train()
    return score(logits.log_softmax(1), data.labels[torch.from_numpy(rows).to(data.labels.device)])


def main(recipe: Recipe, script: str) -> None:
    """Train from the initial weights beside ``script``, print the loss of each step, and write ``trained.pt``."""
    folder = Path(script).parent
    parser = argparse.ArgumentParser(description="Train the network; a line a step, ending in the loss.")
    parser.add_argument("--steps", type=int, default=recipe.steps, help="how many steps (default: those of the run)")
    steps = parser.parse_args().steps
    torch.set_num_threads(recipe.threads)
    weights = read_weights(folder / "initial.pt")
    network = made_network(recipe, weights)
    for step, loss in enumerate(training(recipe, read_data(recipe, folder, weights), network, steps), 1):
        print(f"step {step} loss {loss!r}", flush=True)
    own = {f"network.{name}": value.cpu() for name, value in network.module.state_dict().items()}
    torch.save({**weights, **own}, folder / "trained.pt")
