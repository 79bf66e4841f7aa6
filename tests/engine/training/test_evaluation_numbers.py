"""What an evaluation measures against NumPy, what it leaves out, and which evaluation is the best."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch

from tests.engine.helpers import record, small_spec
from tests.engine.training.live_run import LiveRun, digits, live
from tests.engine.training.test_step_arithmetic import raw
from workbench.engine.core.events import EpochEnded, Event, Measured, Stepped
from workbench.engine.core.progress import Returned
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.training import evaluate
from workbench.engine.training.evaluate import how_to_test, score
from workbench.engine.training.set_up import set_up

__all__ = ["live"]


# --- pictures in pieces, and laid as in training ---------------------------------------------------------------------


def measured(
    spec: ExperimentSpec, at_once: int, monkeypatch: pytest.MonkeyPatch
) -> tuple[Measured, list[tuple[int, int]]]:
    """The untrained network of ``spec`` on its training part, and (size, stride of channels) of what went through."""
    run, seen = set_up(spec), list[tuple[int, int]]()
    monkeypatch.setattr(evaluate, "AT_ONCE", at_once)
    second = [each for each in run.state.network.modules() if isinstance(each, torch.nn.Conv2d)][1]
    second.register_forward_hook(lambda _module, inputs, _output: seen.append((len(inputs[0]), inputs[0].stride(1))))
    work = Returned(evaluate.measure(run.state.network, run.data.examples, run.data.split.train, how_to_test(spec)))
    list(work)
    assert work.result is not None
    return work.result, seen


def test_pieces_of_pictures_give_the_bits_of_whole_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    spec = small_spec(model={"kind": "small_cnn", "channels": [4, 6], "hidden": [8]})
    whole, at_once = measured(spec, 10_000, monkeypatch)
    pieces, in_turn = measured(spec, 48, monkeypatch)
    assert pieces == whole and len(at_once) == 1 and [size for size, _ in in_turn][:-1] == [48] * (len(in_turn) - 1)


def test_a_run_with_channels_last_is_measured_so_too(monkeypatch: pytest.MonkeyPatch) -> None:
    spec = small_spec(model={"kind": "small_cnn", "channels": [4, 6], "hidden": [8]})
    usual, before = measured(spec, 128, monkeypatch)
    laid, after = measured(spec.edited("loop.memory_format", "channels_last"), 128, monkeypatch)
    assert laid.loss == pytest.approx(usual.loss, rel=1e-5) and laid.accuracy == usual.accuracy
    assert before[0][1] > 1 and {stride for _, stride in after} == {1}


# --- means and standard errors ---------------------------------------------------------------------------------------


def by_numpy(logs: np.ndarray, labels: np.ndarray) -> tuple[float, float, int, float, float]:
    """Means over the examples and the standard errors of both: population standard deviation over √n."""
    losses = -logs[np.arange(len(labels)), labels]
    hits = (logs.argmax(1) == labels).astype(float)
    root = math.sqrt(len(labels))
    return losses.mean(), hits.mean(), len(labels), losses.std() / root, hits.std() / root


def assert_agrees(measured: Measured | None, wanted: tuple[float, float, int, float, float], rel: float) -> None:
    assert measured is not None and measured.n == wanted[2]
    got = measured.loss, measured.accuracy, measured.loss_se, measured.accuracy_se
    assert got == pytest.approx((wanted[0], wanted[1], wanted[3], wanted[4]), rel=rel, abs=1e-7)


@pytest.mark.parametrize("n", [1, 2, 3, 50, 700])
@pytest.mark.parametrize("spread", [0.01, 1.0, 30.0])
def test_standard_errors_of_random_answers(n: int, spread: float) -> None:
    dice = np.random.default_rng(n)
    logits = dice.normal(0, spread, (n, 7))
    logs = logits - np.log(np.exp(logits).sum(1, keepdims=True))
    labels = dice.integers(0, 7, n)
    got = score(torch.from_numpy(logs), torch.from_numpy(labels))
    assert_agrees(got, by_numpy(logs, labels), 1e-6)


@pytest.mark.parametrize(
    ("losses", "right"),
    [
        ([0.7] * 9, 9),  # all alike and all right
        ([0.7] * 9, 0),  # all alike and all wrong
        ([20.0] * 8 + [20.0001], 4),  # a large mean, hardly any spread: mean of squares − squared mean is nearly 0
        ([0.0, 0.0, 30.0], 2),
        ([0.3], 1),
        ([1.0, 3.0], 1),
    ],
)
def test_standard_errors_of_degenerate_answers(losses: list[float], right: int) -> None:
    """Logarithms need not be normalized to be scored: class 0 is the label, and class 1 wins where it is wrong."""
    logs = np.array([[-loss, -loss - 1 if number < right else -loss + 1] for number, loss in enumerate(losses)])
    labels = np.zeros(len(losses), np.int64)
    measured = score(torch.from_numpy(logs), torch.from_numpy(labels))
    wanted = by_numpy(logs, labels)
    assert_agrees(measured, wanted, 1e-3)
    assert measured.accuracy == right / len(losses)
    assert (measured.accuracy_se == 0.0) == (right in (0, len(losses)))


@pytest.mark.parametrize("loss", [0.1, 0.3, 0.7, 2.302585092994046, 1e-7])
def test_losses_that_are_all_alike_have_no_standard_error(loss: float) -> None:
    """Rounding can make the mean of squares smaller than the squared mean: the variance is 0 then."""
    for n in range(1, 60):
        labels = torch.zeros(n, dtype=torch.int64)
        measured = score(torch.full((n, 2), -loss, dtype=torch.float64), labels)
        assert 0.0 <= measured.loss_se < 1e-7 and measured.accuracy_se == 0.0


def test_both_splits_of_a_run_are_measured_with_their_standard_errors(live: LiveRun) -> None:
    """More examples than one chunk holds (512), so sums go across chunks."""
    spec = raw(data__examples_per_class=None, loop__epochs=1, optimizer={"kind": "sgd", "lr": 0.1})
    live.go(spec)
    last = live.of(EpochEnded)[-1]
    network = live.network.eval().double()
    for part, measured in (("val", last.val), ("train_eval", last.train_eval)):
        x, y, _ = digits(spec, part)
        with torch.no_grad():
            logs = network(x).log_softmax(1).numpy()
        assert_agrees(measured, by_numpy(logs, y.numpy()), 1e-5)
    everything = record(raw(data__examples_per_class=None, data__validation_fraction=0.5, loop__epochs=1))
    assert everything.of(EpochEnded)[0].val.n > 512


@pytest.mark.parametrize("fraction", [0.5, 0.2])
def test_an_evaluation_over_several_chunks_is_that_of_all_examples_at_once(live: LiveRun, fraction: float) -> None:
    spec = raw(data__examples_per_class=None, data__validation_fraction=fraction, loop__epochs=1)
    live.go(spec)
    x, y, _ = digits(spec, "val")
    with torch.no_grad():
        logs = live.network.eval().double()(x).log_softmax(1).numpy()
    assert_agrees(live.of(EpochEnded)[-1].val, by_numpy(logs, y.numpy()), 1e-5)


# --- test time -------------------------------------------------------------------------------------------------------


def first_evaluation(**edits: Any) -> tuple[Measured, Measured]:
    """Both splits before the first step, where only the way of measuring can differ."""
    spec = small_spec(loop__epochs=1, **edits)
    first = record(spec).of(EpochEnded)[0]
    return first.train_eval, first.val


FLIP = {"kind": "horizontal_flip", "p": 0.5}


@pytest.mark.parametrize("mixing", ["mixup", "cutmix"])
@pytest.mark.parametrize("testing", [{}, {"testing__passes": 3}, {"testing__passes": 3, "testing__augment": True}])
def test_nothing_is_mixed_at_test_time(mixing: str, testing: dict[str, Any]) -> None:
    without = first_evaluation(augmentations=[FLIP], **testing)
    assert first_evaluation(augmentations=[FLIP, {"kind": mixing, "p": 1.0}], **testing) == without


def test_the_passes_of_a_test_are_augmented_only_where_that_is_asked_for() -> None:
    plain = first_evaluation(augmentations=[FLIP], testing__passes=3)
    assert first_evaluation(augmentations=[], testing__passes=3) == plain
    assert first_evaluation(augmentations=[], testing__passes=3, testing__augment=True) == plain
    assert first_evaluation(augmentations=[FLIP], testing__passes=3, testing__augment=True) != plain
    assert first_evaluation(augmentations=[FLIP], testing__augment=True) == first_evaluation(augmentations=[FLIP])


# --- the best evaluation ---------------------------------------------------------------------------------------------


def ranked(live: LiveRun, kinds: list[tuple[str, float]], seed: int = 0) -> list[EpochEnded]:
    """A run whose evaluations are of given networks: ("sure", s) answers class 8 with logit s, ("net", s) as the
    initial network with its logits multiplied by s. The rate is so small that training changes nothing of that.
    The start, which is never the best, comes before them."""
    kinds = [("net", 1.0), *kinds]
    initial: dict[str, torch.Tensor] = {}

    def put(kind: str, scale: float) -> None:
        live.network.load_state_dict(initial)
        weight, bias = live.network.get_parameter("classifier.weight"), live.network.get_parameter("classifier.bias")
        with torch.no_grad():
            weight.mul_(0.0 if kind == "sure" else scale)
            bias.zero_()
            if kind == "sure":
                bias[8] = scale

    def on(event: Event) -> None:
        if not initial:
            initial.update({name: each.clone() for name, each in live.network.state_dict().items()})
            put(*kinds[0])
        elif isinstance(event, Stepped):
            put(*kinds[event.step])

    still = {"kind": "gradient_descent", "lr": 1e-9}
    spec = raw(loop__epochs=len(kinds) - 1, optimizer=still, loop__batch_size=200, loop__seed=seed)
    live.go(spec, lambda event: isinstance(event, EpochEnded), on)
    return live.of(EpochEnded)[1:]


def test_equal_accuracies_are_ranked_by_their_loss_in_both_orders(live: LiveRun) -> None:
    """Scaling the logits changes the loss and no answer."""
    epochs = ranked(live, [("net", s) for s in (1.0, 1.0, 0.5, 0.7, 0.5, 0.4, 2.0)])
    losses, accuracies = [e.val.loss for e in epochs], {e.val.accuracy for e in epochs}
    assert len(accuracies) == 1 and losses[0] == losses[1] and losses[2] == losses[4]
    assert losses[6] > losses[0] > losses[3] > losses[2] > losses[5]
    assert [e.is_best for e in epochs] == [True, False, True, False, False, True, False]
    assert [e.epochs_without_improvement for e in epochs] == [0, 1, 0, 1, 2, 0, 1]
    assert (live.events[-1].best_epoch, live.events[-1].best_accuracy) == (6, epochs[5].val.accuracy)


@pytest.mark.parametrize(("seed", "better"), [(4, True), (0, False)])
def test_accuracy_counts_before_the_loss(live: LiveRun, seed: int, better: bool) -> None:
    """All answers alike are right for one in ten; an initial network is better or worse, its loss far higher."""
    kinds = [("sure", 0.0), ("net", 6.0), ("sure", 0.0), ("net", 5.0), ("sure", 0.0)]
    epochs = ranked(live, kinds, seed)
    losses, scores = [e.val.loss for e in epochs], [e.val.accuracy for e in epochs]
    assert losses[1] > losses[3] > losses[0] + 1 and losses[0] == pytest.approx(math.log(10), rel=1e-5)
    assert (scores[1] > scores[0]) == better and scores[1] == scores[3] != scores[0] == scores[2]
    assert [e.is_best for e in epochs] == [True, better, False, better, False]


def test_a_loss_that_is_no_number_is_never_the_best(live: LiveRun) -> None:
    epochs = ranked(live, [("sure", math.nan), ("net", 1.0)])
    assert not epochs[0].is_best and math.isnan(epochs[0].val.loss)


def test_the_best_weights_are_those_of_the_best_evaluation(live: LiveRun) -> None:
    epochs = ranked(live, [("net", s) for s in (1.0, 0.5, 0.7, 0.4, 2.0)])
    kept = [copy["best_weights"]["classifier.weight"] for copy in live.copies[1:]]
    now = [copy["network"]["classifier.weight"] for copy in live.copies[1:]]
    assert [e.is_best for e in epochs] == [True, True, False, True, False]
    assert all(torch.equal(kept[at], now[best]) for at, best in enumerate((0, 1, 1, 3, 3)))
