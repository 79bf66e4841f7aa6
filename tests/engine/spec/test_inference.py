"""Averages at test time: N passes and views against NumPy, repeatable, and no bit of training changed."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest
import torch

from tests.engine.helpers import record, small_spec
from workbench.engine.core.events import EpochEnded, Measured
from workbench.engine.data.examples import CHUNK, augmented, chunks
from workbench.engine.nn.stochastic_layers import Dropout, stochastic_layers
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.training.evaluate import Testing, averaged, how_to_test, measure
from workbench.engine.training.multi_crop import views_of
from workbench.engine.training.run_context import RunContext
from workbench.engine.training.set_up import set_up

CNN = {"kind": "small_cnn", "channels": [4], "hidden": [16]}
RANDOM = [{"kind": "dropout", "p": 0.3}, {"kind": "fractional_max_pooling"}]


def measured(training: RunContext, testing: Testing, part: Any = None) -> Measured:
    indices = training.data.split.val if part is None else part
    results: list[Any] = []

    def work() -> Any:
        results.append((yield from measure(training.state.network, training.data.examples, indices, testing)))

    list(work())
    assert isinstance(results[0], Measured)
    return results[0]


@pytest.fixture
def training() -> RunContext:
    return set_up(small_spec(model=CNN, regularization=RANDOM))


def softmax(logits: np.ndarray) -> np.ndarray:
    powers = np.exp(logits - logits.max(1, keepdims=True))
    result: np.ndarray = powers / powers.sum(1, keepdims=True)
    return result


def scores(probabilities: np.ndarray, labels: np.ndarray) -> tuple[float, float]:
    """Loss and accuracy of averaged probabilities."""
    right = probabilities[np.arange(len(labels)), labels]
    return float(-np.log(right).mean()), float((probabilities.argmax(1) == labels).mean())


def logits_of(training: RunContext, x: torch.Tensor) -> np.ndarray:
    with torch.no_grad():
        return training.state.network(x).double().numpy()


def test_n_passes_are_the_mean_of_n_softmaxes(training: RunContext) -> None:
    assert len(training.data.split.val) < CHUNK
    x, y = training.data.examples.batch(training.data.split.val)
    network = training.state.network
    total = np.zeros((len(y), 10))
    for one in range(5):
        network.eval()  # batch norm keeps its running statistics
        for layer in stochastic_layers(network):
            layer.train()
            layer.at_pass(7, one)
        total += softmax(logits_of(training, x))
    network.train()
    loss, accuracy = scores(total / 5, y.numpy())
    got = measured(training, Testing(7, 5))
    assert got.loss == pytest.approx(loss, rel=1e-5) and got.accuracy == accuracy
    assert all(module.training for module in network.modules())
    assert got.loss != pytest.approx(measured(training, Testing(7, 1)).loss, rel=1e-4)


@pytest.mark.parametrize("views", ["flip", "ten_crop"])
def test_views_are_averaged_too(training: RunContext, views: Any) -> None:
    x, y = training.data.examples.batch(training.data.split.val)
    training.state.network.eval()
    each = [softmax(logits_of(training, view)) for view in views_of(x, views)]
    loss, accuracy = scores(np.mean(each, 0), y.numpy())
    got = measured(training, Testing(7, 1, views))
    assert got.loss == pytest.approx(loss, rel=1e-5) and got.accuracy == accuracy


def test_passes_may_be_augmented(training: RunContext) -> None:
    val, (augmentation,) = training.data.split.val, training.spec.augmentations
    labels = training.data.examples.labels[torch.from_numpy(val)].numpy()
    network = training.state.network.eval()
    for layer in stochastic_layers(network):
        layer.forward = lambda x: x[..., :6, :6] if x.dim() == 4 else x  # type: ignore[method-assign]
    pictures = training.data.examples.inputs[torch.from_numpy(val)].float() / 255
    total = np.zeros((len(val), 10))
    for one in range(3):
        seen = augmented(pictures.clone(), val, (augmentation,), 7, -1 - one)
        total += softmax(logits_of(training, training.data.examples.standardizer.apply_(seen)))
    loss, _ = scores(total / 3, labels)
    assert measured(training, Testing(7, 3, "none", (augmentation,))).loss == pytest.approx(loss, rel=1e-5)


def test_measuring_twice_gives_the_same_bits_and_every_chunk_draws_anew(training: RunContext) -> None:
    testing = Testing(7, 2)
    assert measured(training, testing) == measured(training, testing)
    assert measured(training, testing) != measured(training, Testing(8, 2))
    twice = np.concatenate([np.repeat(training.data.split.val[:1], CHUNK)] * 2)
    layer = next(layer for layer in stochastic_layers(training.state.network) if isinstance(layer, Dropout))
    masks: list[torch.Tensor] = []
    layer.register_forward_hook(lambda _m, x, _y: masks.append(layer.kept(x[0])))
    measured(training, testing, twice)
    assert len(masks) == 4 and len(list(chunks(twice))) == 2
    assert not torch.equal(masks[0], masks[1])  # the second pass
    assert not torch.equal(masks[0], masks[2])  # the second chunk


def test_the_logarithm_of_a_mean_is_safe_where_probabilities_vanish() -> None:
    sure = torch.tensor([[200.0, -200.0]])
    torch.testing.assert_close(averaged(torch.stack([sure, sure])), torch.tensor([[0.0, -400.0]]))
    torch.testing.assert_close(averaged(torch.stack([sure, -sure])).exp(), torch.tensor([[0.5, 0.5]]))


def test_a_long_measurement_can_be_stopped_between_two_passes(training: RunContext) -> None:
    work = measure(training.state.network, training.data.examples, training.data.split.val, Testing(7, 50))
    assert [next(work), next(work)] == [0, 0]
    assert all(module.training for module in training.state.network.modules())
    assert len(list(work)) == 50 - 2  # one after each pass but the last, and one after the chunk


def test_the_default_is_the_plain_evaluation_to_the_last_bit() -> None:
    assert how_to_test(ExperimentSpec()).is_plain
    spec = small_spec(model=CNN, regularization=RANDOM, loop__epochs=1)
    training = set_up(spec)
    x, y = training.data.examples.batch(training.data.split.val)
    training.state.network.eval()
    with torch.no_grad():
        losses = torch.nn.functional.cross_entropy(training.state.network(x), y, reduction="none").double()
    assert measured(training, how_to_test(spec)).loss == losses.sum().item() / len(y)


def test_training_is_untouched_and_both_splits_are_measured_alike() -> None:
    spec = small_spec(model=CNN, regularization=RANDOM, loop__epochs=2)
    plain, averaged = record(spec), record(spec.edited("testing.passes", 4).edited("testing.views", "flip"))
    assert plain.steps.read(0)[1][:, :4].tobytes() == averaged.steps.read(0)[1][:, :4].tobytes()
    for one, other in zip(plain.of(EpochEnded), averaged.of(EpochEnded), strict=True):
        assert one.running_loss == other.running_loss
        assert one.val != other.val and one.train_eval != other.train_eval


def test_a_copy_of_the_network_takes_over_the_runs_probability() -> None:
    training = set_up(small_spec(regularization=[{"kind": "dropout", "p": 0.3}]))
    average = copy.deepcopy(training.state.network)
    training.network.tune(training.spec.edited("regularization.0.p", 0.6))
    list(measure(average, training.data.examples, training.data.split.val, Testing(7, 2), training.network.stochastic))
    assert [layer.p for layer in stochastic_layers(average)] == [0.6]


def test_settings_that_change_nothing_say_so() -> None:
    spec = ExperimentSpec().edited("testing.passes", 10)
    assert [(p.path, p.severity) for p in spec.problems()] == [("testing.passes", "warning")]
    assert not spec.edited("regularization", [{"kind": "dropout"}]).problems()
    assert spec.edited("regularization", [{"kind": "l2"}]).problems()
    augmented_spec = spec.edited("augmentations", [{"kind": "rotation"}])
    assert augmented_spec.problems() and not augmented_spec.edited("testing.augment", True).problems()
    points = ExperimentSpec().edited("model", {"kind": "mlp"}).edited("data.source", {"kind": "spirals"})
    assert "testing.views" in [p.path for p in points.edited("testing.views", "flip").problems()]
