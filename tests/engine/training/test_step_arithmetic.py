"""The numbers of a training step against plain torch and NumPy, and steps that must change nothing."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from tests.engine.helpers import small_spec
from tests.engine.training.live_run import LiveRun, State, digits, live
from workbench.engine.catalog.augmentations.mixing import Mixup
from workbench.engine.catalog.regularizers.penalties import L2
from workbench.engine.core.events import EpochEnded, Event, Notice, RunEnded, RunStarted, Stepped
from workbench.engine.nn.stochastic_layers import Dropout
from workbench.engine.spec.experiment import ExperimentSpec

__all__ = ["live"]


def raw(**edits: Any) -> ExperimentSpec:
    """Nothing random and nothing standardized: a step can be written down in a few lines."""
    plain = {
        "model": {"kind": "mlp", "hidden": [12]},
        "preprocessing": {"kind": "none"},
        "regularization": [],
        "augmentations": [],
        "optimizer": {"kind": "gradient_descent", "lr": 0.2},
        "data__examples_per_class": 20,
        "loop__epochs": 2,
    }
    return small_spec(**(plain | edits))


def stepped(step: int) -> Any:
    return lambda event: isinstance(event, Stepped) and event.step == step


# --- one step over the whole training set ---------------------------------------------------------------------------


def in_one_piece(state: State, x: torch.Tensor, y: torch.Tensor, smoothing: float, weights: torch.Tensor) -> Any:
    """Shown loss, share of correct answers, gradients by name: the whole set at once in float64."""
    w = {name: state["network"][name].double().requires_grad_() for name in state["network"]}
    hidden = (x @ w["fc1.weight"].T + w["fc1.bias"]).relu()
    logits = hidden @ w["classifier.weight"].T + w["classifier.bias"]
    logs = logits - logits.logsumexp(1, keepdim=True)
    target = torch.eye(10, dtype=torch.float64)[y] * (1 - smoothing) + smoothing / 10
    (-(logs * target).sum(1) * weights[y]).mean().backward()
    shown = -logs[torch.arange(len(y)), y].mean().item()
    hits = (logits.argmax(1) == y).double().mean().item()
    return shown, hits, {name: each.grad for name, each in w.items()}


@pytest.mark.parametrize("chunk", [37, 64, 199, 200])
@pytest.mark.parametrize(("smoothing", "weighed"), [(0.0, False), (0.2, False), (0.1, True)])
def test_a_full_batch_step_in_chunks_is_the_step_in_one_piece(
    live: LiveRun, chunk: int, smoothing: float, weighed: bool
) -> None:
    """The chunks are not all of one size, so each must count by its size: in the gradient and in what is shown."""
    regularization = [{"kind": "label_smoothing", "share": smoothing}] if smoothing else []
    spec = raw(loop__batch_size=chunk, regularization=regularization, data__class_weights=weighed)
    live.go(spec, lambda event: isinstance(event, (RunStarted, Stepped)))
    x, y, _ = digits(spec)
    assert len(y) == 200 and live.steps.count == 2
    counts = torch.bincount(y, minlength=10)
    weights = len(y) / (10 * counts.double()) if weighed else torch.ones(10, dtype=torch.float64)
    for step, (before, after) in enumerate(zip(live.copies, live.copies[1:], strict=False)):
        shown, hits, gradients = in_one_piece(before, x, y, smoothing, weights)
        assert live.column("loss")[step] == pytest.approx(shown, rel=1e-5)
        assert live.column("accuracy")[step] == pytest.approx(hits)
        norm = math.sqrt(sum(float(g.square().sum()) for g in gradients.values()))
        assert live.column("norm")[step] == pytest.approx(norm, rel=1e-4)
        for name, gradient in gradients.items():
            moved = after["network"][name].double() - before["network"][name].double()
            torch.testing.assert_close(moved, -0.2 * gradient, rtol=1e-3, atol=1e-6)


@pytest.mark.parametrize("chunk", [32, 48, 199])
def test_the_running_numbers_of_an_epoch_count_each_batch_by_its_size(live: LiveRun, chunk: int) -> None:
    live.go(raw(loop__batch_size=chunk, optimizer={"kind": "sgd", "lr": 0.1}))
    ends = list(range(chunk, 200, chunk))
    sizes = np.diff([0, *[end for end in ends if end != 199], 200])
    first = live.of(EpochEnded)[1]
    assert sum(sizes) == 200 and len(sizes) * 2 == live.steps.count
    for name, running in (("loss", first.running_loss), ("accuracy", first.running_accuracy)):
        assert running == pytest.approx(np.average(live.column(name)[: len(sizes)], weights=sizes), rel=1e-6)


# --- steps that are not finite ---------------------------------------------------------------------------------------


def same(one: Any, other: Any) -> bool:
    """Whether nested plain data and tensors are equal bit for bit; NaN equals NaN."""
    if isinstance(one, torch.Tensor):
        return torch.equal(one.nan_to_num(nan=1e30), other.nan_to_num(nan=1e30))
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, (list, tuple)):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other)


OPTIMIZERS = [
    {"kind": "adam", "lr": 0.01},
    {"kind": "momentum", "lr": 0.1},
    {"kind": "gradient_descent", "lr": 0.1, "weight_decay": 0.01},
]


def assert_nothing_moved(live: LiveRun) -> None:
    before, after = live.copies
    for part in ("network", "optimizer", "best_weights", "companions"):
        assert same(before[part], after[part]), part
    (notice,) = [each for each in live.of(Notice) if each.code == "diverged"]
    assert live.events[-1].reason == "failed" and live.steps.count == notice.step + 1
    assert not [each for each in live.of(Stepped) if each.step > notice.step]


def at_last_step_or_divergence(step: int) -> Any:
    return lambda event: stepped(step)(event) or (isinstance(event, Notice) and event.code == "diverged")


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=lambda each: each["kind"])
@pytest.mark.parametrize(("weight", "bias"), [(math.nan, 0.0), (math.inf, math.inf), (0.0, -math.inf)])
def test_a_loss_that_is_no_number_changes_nothing(
    live: LiveRun, optimizer: dict[str, Any], weight: float, bias: float
) -> None:
    """A class whose logit is −∞ makes the loss infinite, and yet every gradient is a finite p − y."""

    def spoil(event: Event) -> None:
        if stepped(2)(event):
            with torch.no_grad():
                live.network.get_parameter("classifier.weight")[3, 2] = weight
                live.network.get_parameter("classifier.bias")[3] = bias

    spec = raw(optimizer=optimizer, loop__epochs=5, averaging=[{"kind": "ema"}], loop__batch_size=64)
    live.go(spec, at_last_step_or_divergence(2), spoil)
    assert_nothing_moved(live)
    assert not math.isfinite(live.column("loss")[-1])
    assert math.isfinite(live.column("norm")[-1]) == (bias == -math.inf)


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=lambda each: each["kind"])
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_gradient_that_is_no_number_changes_nothing_even_where_the_loss_is_one(
    live: LiveRun, optimizer: dict[str, Any], value: float
) -> None:
    def spoil(event: Event) -> None:
        if stepped(2)(event):
            bias = live.network.get_parameter("fc1.bias")
            bias.register_hook(lambda gradient: torch.full_like(gradient, value))
            live.network.register_forward_hook(lambda *_: None)  # somebody looks into it: a step by autograd

    spec = raw(optimizer=optimizer, loop__epochs=5, averaging=[{"kind": "ema"}], loop__batch_size=64)
    live.go(spec, at_last_step_or_divergence(2), spoil)
    assert_nothing_moved(live)
    assert math.isfinite(live.column("loss")[-1]) and not math.isfinite(live.column("norm")[-1])


def test_the_gradient_is_looked_at_with_its_penalties(live: LiveRun, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the optimizer would use is the sum of both."""
    add, called = L2.add_gradient, []

    def spoiled(self: L2, weights: list[torch.Tensor], gradients: list[torch.Tensor]) -> None:
        add(self, weights, gradients)
        called.append(len(called))
        if len(called) == 4:
            gradients[0][0, 0] = math.inf

    monkeypatch.setattr(L2, "add_gradient", spoiled)
    spec = raw(optimizer={"kind": "adam", "lr": 0.01}, regularization=[{"kind": "l2", "strength": 0.1}])
    live.go(spec, at_last_step_or_divergence(3))
    assert_nothing_moved(live)
    assert live.steps.count == 4


# --- what is random in a step ----------------------------------------------------------------------------------------


def training_inputs(live: LiveRun) -> list[torch.Tensor]:
    """What comes into the network at each forward pass in training mode, from the next event on."""
    seen: list[torch.Tensor] = []

    def look(module: nn.Module, inputs: tuple[torch.Tensor]) -> None:
        if module.training:
            seen.append(inputs[0].detach().clone())

    live.network.register_forward_pre_hook(look)
    return seen


def rows(x: torch.Tensor) -> list[bytes]:
    return sorted(row.numpy().tobytes() for row in x.flatten(1))


@pytest.mark.parametrize("kind", ["horizontal_flip", "translation", "noise"])
@pytest.mark.parametrize("batch_size", [200, 50])
def test_an_example_is_augmented_differently_in_every_epoch_and_alike_in_a_second_run(
    monkeypatch: pytest.MonkeyPatch, kind: str, batch_size: int
) -> None:
    """Sorted, because the order of the examples is another one in every epoch."""

    def epochs(seed: int) -> list[list[bytes]]:
        live, seen = LiveRun(monkeypatch), []
        spec = raw(loop__batch_size=batch_size, loop__epochs=3, loop__seed=seed, augmentations=[{"kind": kind}])
        live.go(spec, on=lambda event: seen.append(training_inputs(live)) if isinstance(event, RunStarted) else None)
        passes, each = seen[0], 200 // batch_size
        assert len(passes) == 3 * each
        return [rows(torch.cat(passes[start : start + each])) for start in range(0, 3 * each, each)]

    first = epochs(0)
    assert first[0] != first[1] != first[2] != first[0]
    assert epochs(0) == first and epochs(1) != first


def test_without_augmentation_an_example_is_the_same_in_every_epoch(live: LiveRun) -> None:
    """What the test above compares is the example, not its order."""
    seen: list[list[torch.Tensor]] = []
    spec = raw(loop__batch_size=200)
    live.go(spec, on=lambda event: seen.append(training_inputs(live)) if isinstance(event, RunStarted) else None)
    first, second = seen[0]
    assert rows(first) == rows(second) and not torch.equal(first, second)


@pytest.mark.parametrize("optimizer", ["sgd", "gradient_descent"])
def test_every_step_and_every_chunk_has_a_mask_of_its_own(monkeypatch: pytest.MonkeyPatch, optimizer: str) -> None:
    """Four batches of 50 an epoch, or one step of four chunks of 50; two epochs, two layers: 16 masks."""
    kept = Dropout.kept

    def masks(seed: int) -> list[bytes]:
        seen: list[bytes] = []

        def look(self: Dropout, x: torch.Tensor) -> torch.Tensor:
            mask = kept(self, x)
            seen.append(mask.numpy().tobytes())
            return mask

        with monkeypatch.context() as patch:
            patch.setattr(Dropout, "kept", look)
            dropout = {"kind": "dropout", "p": 0.5, "conv": False}
            LiveRun(patch).go(
                raw(
                    loop__batch_size=50,
                    loop__seed=seed,
                    regularization=[dropout],
                    optimizer={"kind": optimizer, "lr": 0.1},
                    model={"kind": "mlp", "hidden": [12, 12]},
                )
            )
        return seen

    first = masks(0)
    assert len(first) == len(set(first)) == 16
    assert masks(0) == first and not set(masks(1)) & set(first)


# --- mixed labels ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["mixup", "cutmix"])
@pytest.mark.parametrize("optimizer", ["sgd", "gradient_descent"])
def test_loss_and_accuracy_of_mixed_labels(
    live: LiveRun, monkeypatch: pytest.MonkeyPatch, kind: str, optimizer: str
) -> None:
    """An answer is right if it is the class of the larger share; the loss is the cross-entropy with the shares."""
    from workbench.engine.catalog.augmentations.mixing import CutMix

    shares: list[np.ndarray] = []
    answers: list[np.ndarray] = []
    mixing = Mixup if kind == "mixup" else CutMix
    mix = mixing.mix

    def look(self: Any, x: Any, y: Any, u: Any) -> Any:
        mixed = mix(self, x, y, u)
        shares.append(mixed[1].double().numpy().copy())
        return mixed

    def keep(module: nn.Module, inputs: Any, output: torch.Tensor) -> None:
        if module.training:
            answers.append(output.detach().double().numpy().copy())

    monkeypatch.setattr(mixing, "mix", look)
    spec = raw(
        loop__batch_size=64,
        augmentations=[{"kind": kind, "alpha": 0.8, "p": 0.9}],
        optimizer={"kind": optimizer, "lr": 0.5},
        loop__epochs=3,
    )
    live.go(spec, on=lambda e: live.network.register_forward_hook(keep) if isinstance(e, RunStarted) else None)
    per_step = 4 if optimizer == "gradient_descent" else 1
    assert len(shares) == len(answers) == 12 and live.steps.count == 12 // per_step
    mixed_rows = np.concatenate(shares)
    assert ((mixed_rows > 0).sum(1) == 2).mean() > 0.5, "most labels are of two classes"
    for step in range(live.steps.count):
        some = slice(step * per_step, (step + 1) * per_step)
        y, logits = np.concatenate(shares[some]), np.concatenate(answers[some])
        logs = logits - np.log(np.exp(logits).sum(1, keepdims=True))
        assert live.column("loss")[step] == pytest.approx(-(y * logs).sum(1).mean(), rel=1e-5)
        assert live.column("accuracy")[step] == pytest.approx((logits.argmax(1) == y.argmax(1)).mean())
    last = live.of(EpochEnded)[-1]
    y, logits = np.concatenate(shares[-4:]), np.concatenate(answers[-4:])
    assert last.running_accuracy == pytest.approx((logits.argmax(1) == y.argmax(1)).mean())
    assert isinstance(live.events[-1], RunEnded) and live.events[-1].reason == "completed"
