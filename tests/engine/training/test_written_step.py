"""The step in fewer calls against torch's own: the same losses, weights, statistics and memory to the last bit."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from tests.engine.helpers import small_spec
from tests.golden.cases import SPECS
from workbench.engine.catalog.activations import Activation
from workbench.engine.catalog.optimizers import Optimizer
from workbench.engine.catalog.variant import members_of
from workbench.engine.core.events import Command, Edit, Event, RunStarted, StepBack, Stepped
from workbench.engine.core.observed import LayerStats
from workbench.engine.core.step_store import COLUMNS
from workbench.engine.diagnostics import layer_probe
from workbench.engine.nn.torch_workarounds import ACTIVATION_BACKWARD
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.spec.toml import load
from workbench.engine.train import train_loop
from workbench.engine.training import written_step
from workbench.engine.training.flat_optimizer import FlatOptimizer, is_aligned
from workbench.engine.training.run_context import RunContext
from workbench.engine.training.set_up import set_up
from workbench.engine.training.written_step import WrittenStep, why_not_written

#: Every 5th step is looked into.
BASE = small_spec(loop__diagnostics=5, loop__epochs=3)
Driver = Callable[[Event], Command | None]
MEMBERS = members_of(Optimizer)  # type: ignore[type-abstract]
MINI_BATCH = [kind for kind, member in MEMBERS.items() if not member.full_batch]

CASES: dict[str, dict[str, Any]] = {
    "no whole vectors": {"model.hidden": [13, 7], "optimizer.weight_decay": 0.01},
    "linear": {"model.hidden": []},
    "deep": {"model.hidden": [24, 16, 8]},
    "batch norm before": {"model.batch_norm": "before", "averaging": [{"kind": "ema"}]},
    "batch norm after": {"model.batch_norm": "after"},
    "input norm": {"model.input_norm": True},
    "dropout": {"regularization": [{"kind": "dropout", "p": 0.4}]},
    "dropout of nothing": {"regularization": [{"kind": "dropout", "p": 0.0}]},
    "label smoothing": {"regularization": [{"kind": "label_smoothing"}]},
    "penalties": {"regularization": [{"kind": "l1", "strength": 1e-3}, {"kind": "l2", "strength": 1e-3}]},
    "class weights": {"data.class_weights": True, "data.examples_per_class": None},  # all of them are not balanced
    "plain": {"model.batch_norm": "off", "regularization": [], "augmentations": []},
    "mixed labels": {"augmentations": [{"kind": "mixup"}]},
    "cropped": {"augmentations": [{"kind": "random_crop"}]},
    "all": {
        "model.batch_norm": "before",
        "regularization": [
            {"kind": "dropout", "p": 0.4},
            {"kind": "label_smoothing"},
            {"kind": "l2", "strength": 1e-3},
        ],
        "optimizer.weight_decay": 0.01,
    },
}


def edited(edits: dict[str, Any]) -> ExperimentSpec:
    spec = BASE
    for path, value in edits.items():
        spec = spec.edited(path, value)
    return spec


def nothing(event: Event) -> None:
    return None


def driven(run: RunContext, driver: Driver) -> Iterator[Event]:
    loop, answer = train_loop(run), None
    while True:
        try:
            event = loop.send(answer)
        except StopIteration:
            return
        answer = driver(event)
        yield event


@pytest.fixture
def both(monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """Trains both ways and compares; returns how many steps were written out, or with ``path`` went that way.

    No step may have gone the way ``never``.
    """

    def compare(
        spec: ExperimentSpec,
        make_driver: Callable[[], Driver] = lambda: nothing,
        edits: int = 0,
        path: str = "is_written",
        never: str = "",
    ) -> int:
        results, written = [], []
        for is_written in (True, False):
            if not is_written:
                monkeypatch.setattr(written_step, "why_not_written", lambda *_: "not now")
                monkeypatch.setattr(written_step, "has_fused_kernel", lambda *_: False)
                monkeypatch.setattr(written_step, "is_aligned", lambda *_: False)
            run, counted, seen = set_up(spec), 0, []
            for event in driven(run, make_driver()):
                if isinstance(event, LayerStats):
                    seen.append((event.step, list(event.layers)))
                if isinstance(event, Stepped):
                    counted += getattr(run.step, path)
                    assert not never or not getattr(run.step, never)
            written.append(counted)
            rows = np.delete(run.steps.read(0)[1], COLUMNS.index("seconds"), axis=1)
            results.append((rows, run.state.state(), seen))
        monkeypatch.undo()
        (rows, state, seen), (torchs_rows, torchs_state, torchs_seen) = results
        assert seen == torchs_seen
        assert np.array_equal(rows, torchs_rows, equal_nan=True) and len(rows) > 10
        assert_same(state, torchs_state)
        assert written[1] == 0 and len(run.live.made) == edits
        return written[0]

    return compare


def assert_same(one: Any, other: Any, path: str = "state") -> None:
    if isinstance(one, torch.Tensor):
        assert torch.equal(one, other), path
    elif isinstance(one, dict):
        assert one.keys() == other.keys(), path
        for key in one.keys() - {"seconds", "epoch_seconds"}:
            assert_same(one[key], other[key], f"{path}.{key}")
    elif isinstance(one, (list, tuple)):
        assert len(one) == len(other), path
        for number, (left, right) in enumerate(zip(one, other, strict=True)):
            assert_same(left, right, f"{path}.{number}")
    else:
        assert one == other or (one != one and other != other), path


@pytest.mark.parametrize("decay", [0.0, 0.02])
@pytest.mark.parametrize("kind", MINI_BATCH)
def test_every_optimizer_moves_the_same_bits(both: Callable[..., int], kind: str, decay: float) -> None:
    assert both(edited({"optimizer": {"kind": kind, "weight_decay": decay}})) > 8


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("kind", ["adam", "momentum", "rmsprop"])
def test_every_layer_and_loss_gives_the_same_bits(both: Callable[..., int], case: str, kind: str) -> None:
    assert both(edited({"optimizer": {"kind": kind}, **CASES[case]})) > 8


@pytest.mark.parametrize("case", ["all", "deep"])
def test_both_forms_of_the_step_alternate(both: Callable[..., int], case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An observer of every 5th step needs the graph of autograd."""
    monkeypatch.setattr(written_step, "needs_graph", lambda module: bool(module._forward_hooks))
    steps = both(edited({"optimizer": {"kind": "adam"}, **CASES[case]}))
    assert 8 < steps < both(edited({"optimizer": {"kind": "adam"}, **CASES[case]}))


def test_large_activations_are_looked_at_through_autograd(
    both: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are not held, so the gradient that comes back to them must be heard in the backward pass."""
    monkeypatch.setattr(layer_probe, "HELD", 200)
    assert both(edited(CASES["deep"])) > 8


GENERAL: dict[str, dict[str, Any]] = {
    "convolutions": {"model": {"kind": "small_cnn"}},
    "convolutions, batch norm": {"model": {"kind": "small_cnn", "batch_norm": "before"}, "optimizer.weight_decay": 0.1},
    "residual": {"model": {"kind": "cifar_resnet"}, "loop.epochs": 2},
    "dropconnect": {"regularization": [{"kind": "dropconnect"}, {"kind": "l1", "strength": 1e-3}]},
    "parts": {"loop.accumulate": 3},
    "parts of a perceptron, penalized": {"loop.accumulate": 2, "regularization": [{"kind": "l2", "strength": 1e-3}]},
}


@pytest.mark.parametrize("case", GENERAL)
@pytest.mark.parametrize("kind", ["adam", "nesterov", "rmsprop"])
def test_one_update_for_all_parameters_gives_the_same_bits(both: Callable[..., int], case: str, kind: str) -> None:
    spec = edited({"optimizer": {"kind": kind}, **GENERAL[case]})
    # No kernel takes a list for RMSProp, and these tensors fill no whole vectors.
    assert (both(spec, path="moves_at_once", never="is_written") > 10) == (kind != "rmsprop")


def test_one_update_under_live_edits_and_steps_back_gives_the_same_bits(both: Callable[..., int]) -> None:
    spec = edited({"model": {"kind": "small_cnn"}, "optimizer": {"kind": "adam"}})
    edits: dict[int, Command] = {3: Edit("optimizer.weight_decay", 0.05), 6: Edit("optimizer.beta1", 0.7)}
    assert both(spec, at_steps({**edits, 9: StepBack(2)}), edits=2, path="moves_at_once") > 10


@pytest.mark.parametrize("kind", list(members_of(Activation)))  # type: ignore[type-abstract]
def test_every_activation_gives_the_same_bits(both: Callable[..., int], kind: str) -> None:
    spec = edited({"model.activation": {"kind": kind}})
    has_form = type(spec.model.activation.build()) in ACTIVATION_BACKWARD  # type: ignore[attr-defined]
    assert (both(spec) > 8) == has_form


def at_steps(commands: dict[int, Command]) -> Callable[[], Driver]:
    """Drivers that give each command once, after its step."""

    def make() -> Driver:
        waiting = dict(commands)
        return lambda event: waiting.pop(event.step, None) if isinstance(event, Stepped) else None

    return make


EDITS = {
    3: Edit("optimizer.weight_decay", 0.05),
    6: Edit("optimizer.lr", 0.02),
    8: Edit("regularization.0.p", 0.7),
    9: Edit("optimizer.beta1", 0.7),
    12: Edit("optimizer.weight_decay", 0.0),
    13: Edit("loop.diagnostics", 1),
    16: Edit("loop.diagnostics", 0),
}


def test_live_edits_give_the_same_bits(both: Callable[..., int]) -> None:
    spec = edited({"regularization": [{"kind": "dropout", "p": 0.3}], "optimizer": {"kind": "adam"}})
    assert both(spec, at_steps(dict(EDITS)), edits=len(EDITS)) > 8


def test_steps_back_give_the_same_bits(both: Callable[..., int]) -> None:
    """A state that is put back takes the place of what is written out."""
    assert both(BASE, at_steps({9: StepBack(4), 12: StepBack(20), 14: StepBack(1)})) > 8


@pytest.mark.parametrize("at", [1, 4, 7])
def test_a_run_goes_on_from_a_copy_of_its_state(at: int) -> None:
    spec = edited({"regularization": [{"kind": "dropout", "p": 0.3}]})
    first = set_up(spec)
    states: list[dict[str, Any]] = []
    for event in driven(first, nothing):
        if isinstance(event, Stepped) and event.step == at:
            states.append(first.state.state())
    again = set_up(spec)
    again.state.restore(states[0])
    list(train_loop(again))
    assert_same(again.state.state()["network"], first.state.state()["network"])
    assert_same(again.state.state()["optimizer"], first.state.state()["optimizer"])


@pytest.mark.parametrize(
    ("edits", "words"),
    [
        ({"regularization": [{"kind": "dropconnect"}]}, "a layer has no written form"),
        ({"model": {"kind": "small_cnn"}}, "a layer has no written form"),
        ({"model": {"kind": "cifar_resnet"}}, "the model is not a plain MLP"),
        ({"optimizer": {"kind": "muon"}}, ""),
        ({"loop.accumulate": 2}, "the batch is computed in parts"),
        ({}, ""),
    ],
)
def test_why_steps_are_torchs_is_said(edits: dict[str, Any], words: str) -> None:
    spec = edited(edits)
    assert why_not_written(spec, set_up(spec).network.module) == words


@pytest.mark.parametrize(
    ("edits", "passes", "update"),
    [
        ({}, "written out for this network, without autograd", "in one call for all weights"),
        ({"model": {"kind": "small_cnn"}}, "by autograd (a layer has no written form)", "in one call for all weights"),
        ({"optimizer": {"kind": "muon"}}, "written out for this network, without autograd", "by PyTorch's Muon itself"),
        (
            {"model.hidden": [100], "loop.accumulate": 2, "optimizer": {"kind": "radam"}},
            "by autograd (the batch is computed in parts)",
            "by PyTorch's RAdam itself",
        ),
    ],
)
def test_how_steps_are_computed_is_said_and_recorded(edits: dict[str, Any], passes: str, update: str) -> None:
    run = set_up(edited({"loop.epochs": 1, **edits}))
    (begun,) = [event for event in train_loop(run) if isinstance(event, RunStarted)]
    assert begun.steps_words == f"Each step: gradients {passes}; update {update}."
    assert isinstance(run.step, WrittenStep)
    assert run.step.is_written == passes.startswith("written") and run.step.moves_at_once == ("one call" in update)


def test_a_step_that_somebody_looks_into_is_torchs() -> None:
    run, seen = set_up(BASE.edited("loop.diagnostics", 0)), list[torch.Tensor]()
    run.network.module.register_forward_hook(lambda module, inputs, output: seen.append(output))
    written = [run.step.is_written for e in driven(run, nothing) if isinstance(e, Stepped)]  # type: ignore[attr-defined]
    assert not any(written) and sum(each.requires_grad for each in seen) == len(written) > 10


def test_other_modules_are_torchs() -> None:
    assert why_not_written(BASE, nn.Linear(2, 2)) == "the model is not a plain MLP"
    frozen = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2))
    frozen[0].requires_grad_(False)
    assert why_not_written(BASE, frozen) == "a part of the model is frozen"
    wide = nn.Sequential(nn.Linear(1100, 1000))
    assert why_not_written(BASE, wide) == "the model is large enough to fill the processor by itself"


def test_a_network_that_is_used_again_keeps_torchs_own_step() -> None:
    """Its blocks have rates of their own, and freeze as it trains."""
    run = set_up(load(SPECS / "transfer_line.toml").edited("loop.epochs", 1))
    list(train_loop(run))
    assert isinstance(run.step, WrittenStep) and not run.step.moves_at_once
    assert run.step.words == "Each step is PyTorch's, because parts of the network may be frozen."


class Unused(nn.Sequential):
    """Has a parameter that no example reaches."""

    def __init__(self) -> None:
        super().__init__(nn.Flatten(), nn.Linear(64, 10))
        self.unused = nn.Parameter(torch.ones(3))


def test_a_parameter_without_a_gradient_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """As torch does it, although its weight decays."""
    monkeypatch.setattr(type(BASE.model), "build", lambda *_: Unused())
    monkeypatch.setattr(type(BASE.model), "fill", lambda *_: None)
    run = set_up(edited({"optimizer.weight_decay": 0.1, "regularization": [], "loop.accumulate": 2}))
    list(train_loop(run))
    assert isinstance(run.step, WrittenStep) and not run.step.moves_at_once
    assert torch.equal(run.state.network.unused, torch.ones(3))  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ["rmsprop", "radam", "adagrad"])
def test_weights_with_their_channels_last_stay_so(kind: str) -> None:
    """What the optimizer remembers of them is taken over from the first step, which is torch's own."""
    spec = edited({"optimizer": {"kind": kind, "weight_decay": 0.1}}).optimizer
    nets = [nn.Sequential(nn.Conv2d(3, 64, 3), nn.BatchNorm2d(64)).to(memory_format=torch.channels_last)]
    nets.append(copy.deepcopy(nets[0]))
    owns = [spec.build(net) for net in nets]
    assert is_aligned(owns[1])

    def pass_through(gradients: list[torch.Tensor] | None = None) -> None:
        for net, own in zip(nets, owns, strict=True):
            own.zero_grad()
            net(torch.linspace(-1, 1, 150).reshape(2, 3, 5, 5)).pow(3).sum().backward()
        for parameter, place in zip(nets[1].parameters(), gradients or [], strict=False):
            assert parameter.grad is not None
            parameter.grad = place.copy_(parameter.grad)

    pass_through()
    owns[0].step()
    owns[1].step()
    flat = FlatOptimizer(spec, owns[1])
    gradients = [parameter.grad for parameter in nets[1].parameters() if parameter.grad is not None]
    for _ in range(3):
        pass_through(gradients)
        owns[0].step()
        flat.step(spec.lr)
    weight = nets[1].get_parameter("0.weight")
    assert weight.is_contiguous(memory_format=torch.channels_last) and not weight.is_contiguous()
    assert_same(nets[1].state_dict(), nets[0].state_dict())
    assert_same(owns[1].state_dict()["state"], owns[0].state_dict()["state"])


def test_tensors_that_fill_no_whole_vectors_are_not_put_together() -> None:
    def aligned(*sizes: int) -> bool:
        groups = [{"params": [nn.Parameter(torch.ones(size)) for size in sizes], "decays": True}]
        return is_aligned(torch.optim.RMSprop(groups))

    assert aligned(64, 128, 10) and aligned(3)
    assert not aligned(10, 64) and not aligned(64, 100, 64)
    assert not aligned(2**15, 64)  # threads may cut it anywhere
