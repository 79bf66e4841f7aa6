"""The speed limit: the optimizers' limits on a quadratic, the eigenvalue of a run; measuring changes nothing."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.engine.helpers import Recorder, record, small_spec
from workbench.engine.catalog.optimizers import Optimizer
from workbench.engine.catalog.variant import members_of
from workbench.engine.core.events import Edit, Edited, EpochEnded, Evaluated, Event, Notice, RunEnded
from workbench.engine.diagnostics import speed_limit
from workbench.engine.diagnostics.speed_limit import SpeedLimit, measured_examples
from workbench.engine.run_store.evaluations import Evaluations
from workbench.engine.run_store.event_lines import event_of_line, line_of_event
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.training.set_up import set_up
from workbench.engine.training.sharpness_measured import measured_sharpness

MEMBERS = members_of(Optimizer)


def valley(**edits: Any) -> ExperimentSpec:
    """Softmax regression on few examples, the whole set at each step: a convex loss without anything random."""
    plain = {"model": {"kind": "mlp", "hidden": []}, "regularization": [], "augmentations": []}
    return small_spec(
        **{**plain, "optimizer": {"kind": "gradient_descent", "lr": 0.1}, "loop__speed_limit": True, **edits}
    )


def evaluations(recorder: Recorder) -> list[Evaluated]:
    return [event for event in recorder.events if isinstance(event, Evaluated)]


@pytest.mark.parametrize("kind", ["sgd", "gradient_descent", "momentum", "nesterov"])
@pytest.mark.parametrize("form", ["outside", "inside"])
def test_steps_shrink_below_the_limit_and_grow_above(kind: str, form: str) -> None:
    made = MEMBERS[kind].model_validate({"lr": 0.3} | ({"form": form} if "form" in MEMBERS[kind].model_fields else {}))
    limit = made.sharpness_limit(0.3)
    assert limit is not None
    for factor, grows in ((0.99, False), (1.01, True)):
        point = torch.nn.Parameter(torch.ones(1, dtype=torch.float64))
        network = torch.nn.Module()
        network.register_parameter("x", point)
        optimizer = made.build(network)
        for _ in range(3000):
            point.grad = factor * limit * point.detach()
            optimizer.step()
        assert (float(point.detach().abs()) > 1) == grows


def test_the_others_have_no_limit_on_the_hessian() -> None:
    having = {kind for kind, cls in MEMBERS.items() if cls().sharpness_limit(0.1) is not None}
    assert having == {"sgd", "gradient_descent", "momentum", "nesterov"}


def test_the_eigenvalue_is_that_of_the_hessian_written_out() -> None:
    run = set_up(valley(data__examples_per_class=4))
    found = measured_sharpness(run, 0.1)
    assert found is not None
    parameters = list(run.state.network.parameters())
    x, y = run.data.examples.batch(measured_examples(run.data.split.train, run.spec.data.split_seed))

    def loss(flat: torch.Tensor) -> torch.Tensor:
        weight, bias = flat[: parameters[0].numel()].view_as(parameters[0]), flat[parameters[0].numel() :]
        return torch.nn.functional.cross_entropy(x.flatten(1) @ weight.T + bias, y)

    flat = torch.cat([p.detach().flatten() for p in parameters])
    exact = float(torch.linalg.eigvalsh(torch.autograd.functional.hessian(loss, flat))[-1])
    assert found.eigenvalue == pytest.approx(exact, rel=1e-2)
    assert found.eigenvalue <= exact * 1.0001
    assert found.limit == pytest.approx(20.0)


def test_gradient_descent_above_the_limit_grows_and_below_it_falls() -> None:
    """What the two curves say of a run, tried."""
    calm = evaluations(record(valley(loop__epochs=20)))
    assert all(e.sharpness is not None and e.sharpness_limit == pytest.approx(20.0) for e in calm)
    assert calm[0].sharpness is not None
    assert calm[0].sharpness < 20.0
    losses = [e.running_loss for e in calm if e.running_loss is not None]
    assert losses == sorted(losses, reverse=True)
    fast = 10 / calm[0].sharpness
    wild = evaluations(record(valley(loop__epochs=20, optimizer__lr=fast)))
    losses = [e.running_loss for e in wild if e.running_loss is not None]
    assert losses != sorted(losses, reverse=True)


@pytest.mark.parametrize("kind", ["adam", "momentum", "lbfgs"])
def test_measuring_changes_no_bit_of_the_run(tmp_path: Path, kind: str) -> None:
    def run_of(name: str, **edits: Any) -> tuple[Any, dict[str, bytes]]:
        spec = small_spec(optimizer={"kind": kind}, loop__evaluate_every=3, **edits)
        recorder = record(spec, folder=tmp_path / name)
        (folder,) = (tmp_path / name).iterdir()
        ends = [
            replace(e, seconds=0.0, images_per_second=0.0, sharpness=None, sharpness_limit=None)
            for e in evaluations(recorder)
        ]
        tensors = {}
        for file in folder.glob("*.safetensors"):
            raw = file.read_bytes()
            tensors[file.name] = raw[8 + int.from_bytes(raw[:8], "little") :]
        return (recorder.numbers()[0], ends), tensors

    plain, measured = run_of("plain"), run_of("measured", loop__speed_limit=True)
    assert plain == measured
    assert len(plain[1]) >= 2


def test_it_is_switched_while_the_run_goes_on() -> None:
    def steer(event: Event) -> Edit | None:
        if isinstance(event, EpochEnded) and event.epochs_done in (1, 2):
            return Edit("loop.speed_limit", event.epochs_done == 1)
        return None

    run = record(small_spec(loop__speed_limit=False, loop__epochs=3), steer)
    assert [e.sharpness is not None for e in evaluations(run)] == [False, False, True, False]
    assert len(run.of(Edited)) == 2


def test_what_is_to_be_known_is_said_once(monkeypatch: pytest.MonkeyPatch) -> None:
    def said(**edits: Any) -> list[str]:
        return [n.message for n in record(small_spec(**edits)).of(Notice) if n.code == "speed_limit"]

    assert said() == []
    assert said(loop__speed_limit=True, optimizer={"kind": "momentum"}) == []
    (words,) = said(loop__speed_limit=True)
    assert words.startswith("Adam rescales the gradient")
    monkeypatch.setattr(speed_limit, "MOST_PARAMETERS", 1000)
    (words,) = said(loop__speed_limit=True)
    assert "up to 1\u202f000 trained parameters; this network has 1\u202f" in words
    assert all(e.sharpness is None for e in evaluations(record(small_spec(loop__speed_limit=True))))


def test_what_cannot_be_differentiated_twice_ends_only_the_measuring(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def refuse(*_: Any) -> Any:
        asked.append(1)
        raise RuntimeError("derivative for aten::x_backward is not implemented")

    monkeypatch.setattr(speed_limit, "largest_eigenvalue", refuse)
    run = record(small_spec(loop__epochs=2, loop__speed_limit=True))
    assert all(e.sharpness is None for e in evaluations(run))
    assert [n.message for n in run.of(Notice)] == [
        "The largest eigenvalue of the Hessian cannot be measured for this network: "
        "derivative for aten::x_backward is not implemented"
    ]
    assert run.of(RunEnded)[0].reason == "completed"
    assert len(asked) == 1


def test_a_state_has_the_direction(tmp_path: Path) -> None:
    run = set_up(valley())
    first = measured_sharpness(run, 0.1)
    saved = run.state.state()
    again = set_up(valley())
    again.state.restore(saved)
    assert measured_sharpness(again, 0.1) == measured_sharpness(run, 0.1)
    assert first is not None
    fresh = SpeedLimit(run.spec, run.state.network)
    fresh.restore({})
    assert fresh.state() == {}


def test_the_log_and_the_columns_keep_it() -> None:
    (first, *_) = evaluations(record(valley(loop__epochs=1)))
    assert event_of_line(line_of_event(first)) == first
    kept = Evaluations()
    kept.append(first)
    kept.append(replace(first, sharpness=None, sharpness_limit=None))
    assert kept[0].sharpness == first.sharpness
    assert kept[0].sharpness_limit == first.sharpness_limit
    assert kept[1].sharpness is None
    assert math.isnan(kept.column("sharpness")[1])


def test_only_the_first_examples_of_a_permutation_are_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    import numpy as np

    monkeypatch.setattr(speed_limit, "MOST_EXAMPLES", 5)
    train = np.arange(100, 150)
    assert len(set(measured_examples(train, 0).tolist()) & set(train.tolist())) == 5
    assert measured_examples(train, 0).tolist() == measured_examples(train, 0).tolist()
