"""DropConnect, fractional max pooling, stochastic depth and label smoothing against NumPy, and what they keep."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from tests.engine.helpers import record, small_spec
from workbench.engine.catalog.regularizers import Regularizer
from workbench.engine.catalog.regularizers.label_smoothing import LabelSmoothing
from workbench.engine.catalog.regularizers.stochastic_depth import StochasticDepth as DepthSpec
from workbench.engine.catalog.variant import members_of
from workbench.engine.core.events import EpochEnded
from workbench.engine.nn.layer_insertion import LayerInsertion
from workbench.engine.nn.stochastic_layers import (
    DropConnect,
    Dropout,
    FractionalMaxPool,
    StochasticDepth,
    StochasticLayer,
)
from workbench.engine.spec.experiment import ExperimentSpec, spec_from_plain
from workbench.engine.training.network import build_network


def uniform(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed))


def linear(inputs: int, outputs: int) -> nn.Linear:
    layer = nn.Linear(inputs, outputs)
    with torch.no_grad():
        layer.weight.copy_(uniform(outputs, inputs, seed=1) - 0.3)
        layer.bias.copy_(uniform(outputs, seed=2))
    return layer


def passes(layer: StochasticLayer, x: torch.Tensor, count: int) -> torch.Tensor:
    """The outputs of ``count`` training passes, (count, …)."""
    layer.train()
    made = []
    with torch.no_grad():
        for step in range(count):
            layer.at(5, step)
            made.append(layer(x))
    return torch.stack(made)


LAYERS: dict[str, Callable[[], tuple[StochasticLayer, torch.Tensor]]] = {
    "dropout": lambda: (Dropout(0.3), uniform(3, 8)),
    "dropconnect": lambda: (DropConnect(linear(8, 5), 0.3), uniform(3, 8)),
    "depth": lambda: (StochasticDepth(0.3, 1.0), uniform(3, 4, 5, 5)),
}


@pytest.mark.parametrize("name", LAYERS)
def test_the_mean_of_many_training_passes_is_the_evaluation(name: str) -> None:
    layer, x = LAYERS[name]()
    many = passes(layer, x, 4000).double()
    error = many.std(0) / 4000**0.5
    assert bool((error > 0).all())  # every output is random
    far = (many.mean(0) - layer.eval()(x)).abs() / error
    assert far.max().item() < 5.0


# --- DropConnect ------------------------------------------------------------------------------------------------


def test_dropconnect_is_a_linear_layer_with_a_mask_on_its_weights() -> None:
    layer, x = DropConnect(linear(6, 4), 0.3).train(), uniform(5, 6)
    layer.at(1, 2)
    keep = layer.kept().double().numpy()
    weight, bias = layer.weight.detach().double().numpy(), layer.bias.detach().double().numpy()
    wanted = x.double().numpy() @ (weight * keep / 0.7).T + bias
    np.testing.assert_allclose(layer(x).detach().numpy(), wanted, rtol=1e-5, atol=1e-6)
    assert set(np.unique(keep)) == {0.0, 1.0}


def test_dropconnect_drops_with_probability_p_and_only_weights() -> None:
    layer = DropConnect(nn.Linear(300, 400), 0.7).train()
    layer.at(1, 2)
    assert 1 - layer.kept().mean().item() == pytest.approx(0.7, abs=0.007)  # 5 standard deviations
    no_inputs = layer(torch.zeros(2, 300))
    assert torch.equal(no_inputs[0], layer.bias)


def test_dropconnects_gradient_reaches_only_kept_weights() -> None:
    layer, x = DropConnect(linear(6, 4), 0.4).train(), uniform(5, 6) + 0.1
    layer.at(1, 2)
    keep = layer.kept()
    layer(x).sum().backward()
    assert layer.weight.grad is not None
    torch.testing.assert_close(layer.weight.grad, keep * x.sum(0) / 0.6)
    assert layer.bias.grad is not None and torch.equal(layer.bias.grad, torch.full((4,), 5.0))


def test_dropconnect_changes_no_initial_weight_and_no_name() -> None:
    plain = build_network(small_spec(model={"kind": "mlp", "hidden": [8, 8]}, regularization=[]), (1, 8, 8), 10)
    spec = small_spec(model={"kind": "mlp", "hidden": [8, 8]}, regularization=[{"kind": "dropconnect"}])
    network = build_network(spec, (1, 8, 8), 10)
    one, other = plain.module.state_dict(), network.module.state_dict()
    assert list(one) == list(other)
    assert all(torch.equal(one[name], other[name]) for name in one)
    assert [layer.name for layer in network.stochastic] == ["fc1", "fc2"]


# --- Fractional max pooling -------------------------------------------------------------------------------------


def starts(u: float, before: int, after: int) -> list[int]:
    """Graham's pseudo-random sequence: where the 2-wide regions begin."""
    if after == 1:
        return [before - 2]
    alpha = np.float32(before - 2) / np.float32(after - 1)
    first = int(np.float32(u) * alpha)
    return [int((np.float32(i) + np.float32(u)) * alpha) - first for i in range(after - 1)] + [before - 2]


def by_hand(x: np.ndarray, offsets: np.ndarray, sides: tuple[int, int]) -> np.ndarray:
    out = np.empty((*x.shape[:2], *sides), x.dtype)
    for n in range(len(x)):
        rows, columns = starts(offsets[n, 1], x.shape[2], sides[0]), starts(offsets[n, 0], x.shape[3], sides[1])
        for i, top in enumerate(rows):
            for j, left in enumerate(columns):
                out[n, :, i, j] = x[n, :, top : top + 2, left : left + 2].max(axis=(1, 2))
    return out


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("sides", [(8, 8), (9, 5), (2, 3), (28, 2)])
def test_fractional_pooling_takes_the_maxima_of_its_regions(training: bool, sides: tuple[int, int]) -> None:
    layer = FractionalMaxPool(1.41).train(training)
    layer.at(1, 2)
    x = uniform(4, 3, *sides)
    size = layer.side(sides[0]), layer.side(sides[1])
    wanted = by_hand(x.numpy(), layer.offsets(x).numpy(), size)
    np.testing.assert_array_equal(layer(x).numpy(), wanted)


@pytest.mark.parametrize("ratio", [1.1, 1.41, 1.7, 2.0])
def test_no_pixel_between_two_regions_is_lost(ratio: float) -> None:
    """Regions are 2 wide, so steps of at most 2 leave no hole."""
    layer = FractionalMaxPool(ratio)
    for before in range(2, 65):
        after = layer.side(before)
        assert 1 <= after <= before - 1
        for u in (0.0, 0.31, 0.77, 0.999):
            places = starts(u, before, after)
            assert places[0] == 0 and max(np.diff(places), default=0) <= 2


@pytest.mark.parametrize("ratio", [1.1, 1.41, 1.7, 2.0])
def test_regions_of_an_evaluation_lie_on_the_nearest_pixels_of_an_even_grid(ratio: float) -> None:
    layer = FractionalMaxPool(ratio).eval()
    for before in range(2, 65):
        places, last = layer.starts(before, layer.even(before)), layer.side(before) - 1
        assert places[0] == 0 or last == 0
        assert places[-1] == before - 2
        assert all(abs(place - i * (before - 2) / last) <= 0.5 + 1e-5 for i, place in enumerate(places) if last)


def test_of_two_pixels_that_are_as_near_an_evaluation_takes_the_second() -> None:
    """So that a kept network answers as it did."""
    layer = FractionalMaxPool(1.1).eval()
    for before, places in ((17, [*range(7), *range(8, 16)]), (19, [*range(8), *range(9, 18)])):
        assert layer.starts(before, layer.even(before)) == places


def test_ratio_two_is_plain_pooling() -> None:
    x = uniform(3, 2, 8, 8)
    layer = FractionalMaxPool(2.0).train()
    layer.at(1, 2)
    assert torch.equal(layer(x), nn.functional.max_pool2d(x, 2))


def test_regions_are_random_in_training_and_fixed_in_evaluation() -> None:
    layer, x = FractionalMaxPool(1.41), uniform(1, 1, 9, 9).expand(6, -1, -1, -1)
    layer.name = "conv1_pool"
    many = passes(layer, x, 2)
    assert not torch.equal(many[0], many[1])
    assert len(torch.unique(many[0], dim=0)) > 1  # and each example has its own
    layer.eval().at(5, 0)
    first = layer(x)
    layer.at(9, 77)
    assert torch.equal(first, layer(x)) and len(torch.unique(first, dim=0)) == 1


def test_fractional_poolings_gradient_goes_to_the_maxima() -> None:
    layer = FractionalMaxPool(1.41).train()
    layer.at(1, 2)
    x = uniform(2, 1, 6, 6).requires_grad_()
    y = layer(x)
    y.sum().backward()
    assert x.grad is not None
    assert torch.equal(x.grad > 0, torch.isin(x, y)) and x.grad.sum() == y.numel()


@pytest.mark.parametrize("shape", [(1, 8, 8), (3, 5, 7), (1, 2, 2), (1, 28, 28), (1, 3, 1)])
def test_models_fit_fractional_pooling_to_every_picture(shape: tuple[int, ...]) -> None:
    spec = spec_from_plain(
        {
            "model": {"kind": "small_cnn", "channels": [2, 3, 4], "hidden": [5]},
            "regularization": [{"kind": "fractional_max_pooling", "ratio": 1.41}],
        }
    )
    network = build_network(spec, shape, 7)
    for training in (True, False):
        assert network.module.train(training)(uniform(4, *shape)).shape == (4, 7)


# --- Stochastic depth -------------------------------------------------------------------------------------------


def test_survival_falls_evenly_with_depth() -> None:
    parts = LayerInsertion([DepthSpec(p=0.4)])
    layers = [parts.branch(i, 5)[0] for i in range(5)]
    assert [layer.p for layer in layers] == pytest.approx([0.08, 0.16, 0.24, 0.32, 0.4])
    for layer in layers:
        assert isinstance(layer, StochasticDepth)
        DepthSpec(p=0.2).tune(layer)
    assert [layer.p for layer in layers] == pytest.approx([0.04, 0.08, 0.12, 0.16, 0.2])


def test_whole_branches_of_single_examples_are_dropped() -> None:
    layer, x = StochasticDepth(0.3, 1.0).train(), uniform(2000, 2, 3, 3) + 0.1
    layer.at(1, 2)
    y = layer(x)
    keep = layer.kept(x).flatten().bool().numpy()
    np.testing.assert_allclose(y.numpy(), x.numpy() * keep[:, None, None, None] / np.float32(0.7), rtol=1e-6)
    assert 1 - keep.mean() == pytest.approx(0.3, abs=0.052)  # 5 standard deviations


def test_no_gradient_through_a_dropped_branch() -> None:
    layer, x = StochasticDepth(0.4, 1.0).train(), uniform(50, 2).requires_grad_()
    layer.at(1, 2)
    keep = layer.kept(x)
    layer(x).sum().backward()
    assert x.grad is not None
    torch.testing.assert_close(x.grad, (keep / 0.6).expand(-1, 2))
    assert 0 < keep.sum() < 50


# --- Label smoothing --------------------------------------------------------------------------------------------


def smoothed(logits: np.ndarray, labels: np.ndarray, share: float) -> float:
    """Szegedy et al.: the target is (1 − share) · one-hot + share / K."""
    logp = logits - np.log(np.exp(logits).sum(1, keepdims=True))
    classes = logits.shape[1]
    target = (1 - share) * np.eye(classes)[labels] + share / classes
    return float(-(target * logp).sum(1).mean())


def test_label_smoothing_trains_on_soft_targets_and_shows_the_plain_loss(monkeypatch: pytest.MonkeyPatch) -> None:
    from workbench.engine.training import train_step

    seen: list[float] = []
    real = train_step.TorchStep._loss_of

    def watched(self: Any, answers: Any, y: Any) -> Any:
        loss, shown, hits = real(self, answers, y)
        logits = answers.detach().double().numpy()
        seen.append(shown.item())
        assert loss.item() == pytest.approx(smoothed(logits, y.numpy(), 0.3), rel=1e-5)
        assert shown.item() == pytest.approx(smoothed(logits, y.numpy(), 0.0), rel=1e-5)
        return loss, shown, hits

    monkeypatch.setattr(train_step.TorchStep, "_loss_of", watched)
    model = {"kind": "mlp", "hidden": [8], "batch_norm": False}
    run = record(small_spec(model=model, regularization=[{"kind": "label_smoothing", "share": 0.3}], loop__epochs=1))
    assert len(seen) > 3
    assert run.steps.read(0)[1][:, 0].tolist() == pytest.approx(seen, rel=1e-6)


def test_smoothing_of_zero_changes_no_bit() -> None:
    plain = record(small_spec(regularization=[], loop__epochs=1))
    zero = record(small_spec(regularization=[{"kind": "label_smoothing", "share": 0.0}], loop__epochs=1))
    assert plain.steps.read(0)[1][:, 0].tolist() == zero.steps.read(0)[1][:, 0].tolist()
    assert LabelSmoothing(share=0.2).label_smoothing() == 0.2


# --- Penalties on everything ------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["l1", "l2", "elastic_net"])
def test_penalties_spare_biases_and_norms_unless_asked(kind: str) -> None:
    """One step of plain descent at rate 1: what the penalty moved is the difference to the run without it."""

    def after_one(regularization: list[dict[str, Any]]) -> dict[str, torch.Tensor]:
        from workbench.engine.train import train_loop
        from workbench.engine.training.set_up import set_up

        spec = small_spec(
            model={"kind": "mlp", "hidden": [8], "batch_norm": True},
            optimizer={"kind": "sgd", "lr": 1.0},
            regularization=regularization,
        )
        training = set_up(spec)
        with torch.no_grad():
            for parameter in training.network.module.parameters():
                parameter += 0.5
        run = train_loop(training)
        while training.state.progress.step < 1:
            next(run)
        run.close()
        return {name: p.detach().clone() for name, p in training.network.module.named_parameters()}

    bare, usual, everything = (
        after_one([]),
        after_one([{"kind": kind}]),
        after_one([{"kind": kind, "everything": True}]),
    )
    assert sum(p.dim() < 2 for p in bare.values()) == 3
    for name, weight in bare.items():
        assert torch.equal(weight, usual[name]) == (weight.dim() < 2), name
        assert not torch.equal(weight, everything[name]), name
        if weight.dim() >= 2:
            assert torch.equal(usual[name], everything[name])


def test_a_penalty_leaves_no_graph_on_the_gradients() -> None:
    """An addition that autograd records would keep the weights of every step in memory."""
    from workbench.engine.train import train_loop
    from workbench.engine.training.set_up import set_up

    training = set_up(small_spec(regularization=[{"kind": "elastic_net", "everything": True}]))
    run = train_loop(training)
    while training.state.progress.step < 1:
        next(run)
    run.close()
    gradients = [p.grad for p in training.network.module.parameters()]
    assert gradients and not any(g is None or g.requires_grad for g in gradients)


# --- In a run ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "model", "words"), [
    ("dropconnect", {"kind": "mlp", "hidden": []}, "no hidden fully connected layer"),
    ("fractional_max_pooling", {"kind": "mlp"}, "no max pooling"),
    ("stochastic_depth", {"kind": "small_cnn"}, "no residual branches"),
])  # fmt: skip
def test_one_that_does_nothing_says_so(kind: str, model: dict[str, Any], words: str) -> None:
    spec = spec_from_plain({"model": model, "regularization": [{"kind": kind}]})
    (problem,) = spec.problems()
    assert problem.severity == "warning" and words in problem.message and problem.path == "regularization.0"
    elsewhere = ExperimentSpec().edited("regularization", [{"kind": kind}])
    assert bool(elsewhere.problems()) is (kind == "stochastic_depth")


@pytest.mark.parametrize("kind", members_of(Regularizer))
def test_each_trains_a_cnn_and_repeats_to_the_last_bit(kind: str) -> None:
    spec = small_spec(
        model={"kind": "small_cnn", "channels": [4], "hidden": [8]}, regularization=[{"kind": kind}], loop__epochs=1
    )
    one, two = record(spec), record(spec)
    assert one.events[-1].reason == "completed"
    assert one.steps.read(0)[1][:, 0].tolist() == two.steps.read(0)[1][:, 0].tolist()
    assert one.of(EpochEnded)[-1].val == two.of(EpochEnded)[-1].val
