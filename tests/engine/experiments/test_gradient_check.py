"""The gradient check: closed forms, kinks, masks that stay, and where it cannot be made."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from tests.engine.helpers import Recorder, record, small_spec
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.events import Command, Copy, Event, Stepped
from workbench.engine.core.observed import Watched
from workbench.engine.core.progress import finished
from workbench.engine.data.store import DataStore
from workbench.engine.diagnostics import weight_probe
from workbench.engine.diagnostics.central_differences import differences
from workbench.engine.diagnostics.weight_index import WeightIndex
from workbench.engine.experiments import gradient_check as subject
from workbench.engine.experiments.gradient_check import gradient_check
from workbench.engine.nn.stochastic_layers import DropConnect, Dropout, StochasticDepth
from workbench.engine.report.differences import Difference, H, kink_words, worst
from workbench.engine.spec.experiment import ExperimentSpec

FIRST = WeightIndex("fc1.weight", 5)


def checked(spec: ExperimentSpec, place: WeightIndex = FIRST, saved: Any = None) -> subject.GradientCheck:
    return finished(gradient_check(spec, DataStore(), place, saved))


def one(loss: Any, x: Tensor, index: int = 0) -> Difference:
    (found,) = finished(differences(loss, x, [index]))
    return found


# --- differences -------------------------------------------------------------------------------------------------


def test_a_linear_layer_has_the_gradient_of_its_closed_form() -> None:
    torch.manual_seed(3)
    x, y = torch.randn(8, 4, dtype=torch.float64), torch.randn(8, 3, dtype=torch.float64)
    weight = torch.randn(3, 4, dtype=torch.float64, requires_grad=True)
    before = weight.detach().clone()
    found = finished(differences(lambda: ((x @ weight.T - y) ** 2).mean(), weight, range(12)))
    exact = (2 / 24 * (x @ before.T - y).T @ x).flatten().tolist()
    for each, wanted in zip(found, exact, strict=True):
        assert each.numeric == pytest.approx(wanted, rel=1e-8)
        assert each.autograd == pytest.approx(wanted, rel=1e-12)
        assert each.agrees
        assert not each.has_kink
    assert torch.equal(weight, before)


@pytest.mark.parametrize("share", [0.0, 0.1, 0.2, 1 / 3, 0.4, 0.6, 0.9])
@pytest.mark.parametrize("side", [1, -1])
def test_a_kink_is_found_wherever_it_lies_within_the_difference(share: float, side: int) -> None:
    x = torch.tensor([2.0 + side * share * H], dtype=torch.float64, requires_grad=True)
    assert one(lambda: torch.relu(x - 2.0).sum() + 0.3 * (x**2).sum(), x).has_kink


@pytest.mark.parametrize("share", [1.5, 3.0])
def test_a_kink_beyond_the_difference_does_not_count(share: float) -> None:
    x = torch.tensor([2.0 + share * H], dtype=torch.float64, requires_grad=True)
    found = one(lambda: torch.relu(x - 2.0).sum(), x)
    assert not found.has_kink
    assert found.agrees


def test_curvature_is_no_kink_even_where_the_gradient_is_zero() -> None:
    x = torch.tensor([1.0], dtype=torch.float64, requires_grad=True)
    found = one(lambda: (500 * (x - 1.0) ** 2 + 1.0).sum(), x)
    assert not found.has_kink
    assert found.agrees
    assert worst([found]) == 0.0


def test_a_wrong_backward_pass_is_seen() -> None:
    class Wrong(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Tensor) -> Tensor:
            return x**2

        @staticmethod
        def backward(ctx: Any, *gradients: Tensor) -> Tensor:
            return gradients[0] * 3.0

    x = torch.tensor([2.0], dtype=torch.float64, requires_grad=True)
    found = one(lambda: Wrong.apply(x).sum(), x)
    assert not found.agrees
    assert not found.has_kink
    assert found.error == pytest.approx(0.25)  # 4 and 3


# --- a network ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "edits",
    [
        {},
        {"loop__accumulate": 3},
        {"optimizer": {"kind": "gradient_descent"}, "loop__batch_size": 64},
        {"augmentations": [{"kind": "mixup"}], "regularization": [{"kind": "label_smoothing"}]},
        {"data__class_weights": True},
        {
            "model": {"kind": "small_cnn"},
            "regularization": [{"kind": "fractional_max_pooling"}, {"kind": "dropconnect"}],
        },
    ],
    ids=["mlp", "parts", "full_batch", "mixed", "weights", "cnn"],
)
def test_every_kind_of_step_agrees(edits: dict[str, Any]) -> None:
    spec = small_spec(**edits)
    name = "fc1.weight" if spec.model.kind == "mlp" else "conv1.weight"
    found = checked(spec, WeightIndex(name, 5))
    assert found.holds
    assert len(found.others) == subject.OTHERS
    assert len({each.index for each in found.all}) == 1 + subject.OTHERS
    errors = worst(found.all)
    assert errors is not None
    assert errors < 1e-5
    assert found.in_training == pytest.approx(found.watched.autograd, rel=1e-3, abs=1e-7)


def test_the_gradient_is_that_of_the_next_step_with_its_batch_and_masks(monkeypatch: pytest.MonkeyPatch) -> None:
    """The copy is taken after step 5; the run then does the step that was checked, and shows its gradient."""
    monkeypatch.setattr(weight_probe, "SHOWN_EVERY", 0.0)
    spec = small_spec(loop__watch=str(FIRST), regularization=[{"kind": "dropout", "p": 0.5}])
    copies: list[dict[str, Any]] = []

    def steer(event: Event) -> Command | None:
        return Copy(copies.append) if isinstance(event, Stepped) and event.step == 5 else None

    run = record(spec, steer)
    (shown,) = (each for each in run.of(Watched) if each.step == 5)
    found = checked(spec, FIRST, copies[0])
    assert found.step == 5
    assert found.holds
    assert found.in_training == pytest.approx(shown.gradient, rel=1e-5)
    assert found.watched.autograd == pytest.approx(shown.gradient, rel=1e-4)
    assert found.watched.numeric == pytest.approx(shown.gradient, rel=1e-4)


def test_taking_copies_does_not_change_the_run() -> None:
    spec = small_spec()
    copies: list[dict[str, Any]] = []

    def steer(event: Event) -> Command | None:
        return Copy(copies.append) if isinstance(event, Stepped) and event.step == 5 else None

    def numbers(recorder: Recorder) -> Any:
        return recorder.numbers()

    plain, looked_at = record(spec), record(spec, steer)
    checked(spec, FIRST, copies[0])
    assert numbers(plain) == numbers(looked_at) == numbers(record(spec))


def test_penalties_and_decay_are_said() -> None:
    found = checked(small_spec(optimizer__weight_decay=0.1))
    assert found.notes == (
        "Compared is the gradient of the loss alone; L2 and weight decay come on top of it in the update.",
    )
    assert checked(small_spec(regularization=[])).notes == ()


def test_masks_are_the_same_in_double_precision() -> None:
    x = torch.ones(64, 32)
    linear = nn.Linear(32, 16)
    for layer in (Dropout(0.4), DropConnect(linear, 0.4), StochasticDepth(0.4, 0.5)):
        layer.at(3, 7)
        single = layer.kept() if isinstance(layer, DropConnect) else layer.kept(x)
        layer.double()
        layer.at(3, 7)
        double = layer.kept() if isinstance(layer, DropConnect) else layer.kept(x.double())
        assert double.dtype == torch.float64
        assert torch.equal(single.double(), double)


# --- where it cannot be made -------------------------------------------------------------------------------------


def test_a_network_that_is_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subject, "MOST_PARAMETERS", 1000)
    with pytest.raises(WorkbenchError, match=r"The network has 1.2\d\d parameters; the check is made up to 1.000"):
        checked(small_spec())


def test_a_number_that_is_not_there_is_refused() -> None:
    with pytest.raises(WorkbenchError, match=r"no number fc9.weight\[0\]"):
        checked(small_spec(), WeightIndex("fc9.weight", 0))


def test_random_layers_of_another_library_are_refused() -> None:
    for module, draws in ((nn.Dropout(0.1), True), (nn.Dropout(0.0), False), (nn.ReLU(), False)):
        assert subject._draws(module) == draws
    drop_path = nn.Identity()
    drop_path.drop_prob = 0.2  # as timm's
    assert subject._draws(drop_path)


# --- words -------------------------------------------------------------------------------------------------------


def test_verdict_and_words() -> None:
    good = Difference(3, 0.5, 0.5, 1e-10, False)
    bad = replace(good, numeric=0.6)
    kink = replace(bad, has_kink=True)
    made = subject.GradientCheck(4, "fc1.weight", 32, good, (good, good), 0.5)
    assert made.verdict == "Autograd agrees with centred differences in 3 numbers of fc1.weight."
    assert kink_words(made) == ""
    beside = replace(made, others=(good, kink))
    assert beside.holds
    assert "(1 number beside a kink left out)" in beside.verdict
    assert kink_words(beside).startswith("A kink of ReLU (or of a maximum) lies within ±1e-5 of 1 other:")
    wrong = replace(made, watched=bad)
    assert not wrong.holds
    assert wrong.verdict == "Autograd differs from centred differences in 1 of 3 numbers of fc1.weight."
    assert worst(wrong.all) == pytest.approx(0.1 / 0.6)
    assert worst([kink]) is None
    assert not math.isnan(good.error)
