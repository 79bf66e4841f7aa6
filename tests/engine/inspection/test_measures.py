"""Confusion, precision, recall, F1 and calibration against scikit-learn, SciPy and transcriptions of their formulas."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

from workbench.engine.inspection.by_class import by_class, wilson
from workbench.engine.inspection.calibration import calibration, fitted_temperature, scaled
from workbench.engine.inspection.confusion import Confusion, confusion

RNG = np.random.default_rng(0)


def same_as_scikit_learn(labels: np.ndarray, predicted: np.ndarray, classes: int) -> None:
    names = np.arange(classes)
    found = confusion(labels, predicted, classes)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert (found.counts == confusion_matrix(labels, predicted, labels=names)).all()
        wanted = precision_recall_fscore_support(labels, predicted, labels=names, zero_division=0)
        normalized = confusion_matrix(labels, predicted, labels=names, normalize="true")
    made = by_class(found)
    for mine, theirs in zip((made.precision, made.recall, made.f1, made.examples), wanted, strict=True):
        assert np.abs(mine - theirs).max() <= 1e-12
    assert np.abs(found.rates() - normalized).max() <= 1e-12


@pytest.mark.parametrize("classes", [2, 3, 10])
def test_measures_are_those_of_scikit_learn(classes: int) -> None:
    labels = RNG.integers(0, classes, 500)
    predicted = np.where(RNG.random(500) < 0.7, labels, RNG.integers(0, classes, 500))
    same_as_scikit_learn(labels, predicted, classes)


@pytest.mark.parametrize(
    ("labels", "predicted", "classes"),
    [
        ([0, 0, 0], [0, 0, 0], 1),
        ([0, 0, 0], [0, 1, 1], 2),
        ([0, 1, 2, 0], [1, 1, 1, 1], 4),
        ([3], [0], 4),
        ([0, 1], [1, 0], 2),
    ],
    ids=["one class", "a class without examples", "constant answers", "one example", "all wrong"],
)
def test_of_degenerate_answers_too(labels: list[int], predicted: list[int], classes: int) -> None:
    same_as_scikit_learn(np.array(labels), np.array(predicted), classes)


def test_of_a_thousand_classes_too() -> None:
    labels = RNG.integers(0, 900, 3000)  # the last hundred have no examples
    predicted = np.where(RNG.random(3000) < 0.5, labels, RNG.integers(0, 1000, 3000))
    same_as_scikit_learn(labels, predicted, 1000)
    order = confusion(labels, predicted, 1000).order_by_confusion()
    assert sorted(order.tolist()) == list(range(1000))


@given(st.integers(1, 6), st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=30))
@settings(max_examples=60)
def test_the_cells_of_any_answers_add_up(classes: int, pairs: list[tuple[int, int]]) -> None:
    labels, predicted = (np.array(each) % classes for each in zip(*pairs, strict=True))
    found = confusion(labels, predicted, classes)
    assert found.counts.sum() == len(pairs) and (found.true == np.bincount(labels, minlength=classes)).all()
    made = by_class(found)
    for share, low, high in (
        (made.precision[made.has_precision], *made.precision_interval[made.has_precision].T),
        (made.recall[made.has_recall], *made.recall_interval[made.has_recall].T),
    ):
        assert (low <= share + 1e-12).all() and (share <= high + 1e-12).all()


def test_wilson_intervals_are_those_of_scipy() -> None:
    for hits, n in ((0, 1), (1, 1), (3, 10), (99, 100), (500, 1000)):
        low, high = binomtest(hits, n).proportion_ci(method="wilson")
        assert wilson(np.array([hits]), np.array([n]))[0] == pytest.approx([low, high], abs=1e-4)  # z is 1.96 here
    assert wilson(np.array([0]), np.array([0])).tolist() == [[0.0, 1.0]]


def test_the_interval_of_f1_is_that_of_resampled_examples() -> None:
    labels = RNG.integers(0, 3, 400)
    predicted = np.where(RNG.random(400) < 0.7, labels, RNG.integers(0, 3, 400))
    found = confusion(labels, predicted, 3)

    def f1(true: np.ndarray, guessed: np.ndarray) -> np.ndarray:  # scikit-learn's takes two milliseconds
        hits = np.bincount(true[true == guessed], minlength=3)
        return np.asarray(2 * hits / (np.bincount(true, minlength=3) + np.bincount(guessed, minlength=3)))

    drawn = []
    for _ in range(1000):
        chosen = RNG.integers(0, 400, 400)
        drawn.append(f1(labels[chosen], predicted[chosen]))
    theirs = precision_recall_fscore_support(labels, predicted, labels=np.arange(3))[2]
    assert np.abs(f1(labels, predicted) - theirs).max() < 1e-12
    wanted = np.percentile(drawn, (2.5, 97.5), axis=0).T
    made = by_class(found, seed=1).f1_interval
    assert np.abs(made - wanted).max() < 0.02
    assert (made == by_class(found, seed=1).f1_interval).all() and (made != by_class(found, seed=2).f1_interval).any()


def test_classes_that_are_confused_become_neighbours() -> None:
    counts = np.diag([50] * 6)
    for one, other in ((0, 4), (1, 3), (2, 5)):
        counts[one, other] = counts[other, one] = 20
    order = Confusion(counts).order_by_confusion().tolist()
    for one, other in ((0, 4), (1, 3), (2, 5)):
        assert abs(order.index(one) - order.index(other)) == 1
    assert Confusion(np.diag([3, 4, 5])).order_by_confusion().tolist() == [0, 1, 2]
    again = Confusion(counts).reordered(np.array(order))
    assert again.counts[0, 1] == 20 and again.counts.trace() == counts.trace()


@pytest.mark.parametrize("is_below", [True, False])
def test_classes_that_are_confused_in_one_direction_alone_become_neighbours_too(is_below: bool) -> None:
    counts = np.diag([50] * 6)
    for one, other in ((0, 4), (1, 3), (2, 5)):
        counts[(other, one) if is_below else (one, other)] = 20
    order = Confusion(counts).order_by_confusion().tolist()
    for one, other in ((0, 4), (1, 3), (2, 5)):
        assert abs(order.index(one) - order.index(other)) == 1


def test_the_most_confused_pairs() -> None:
    counts = np.array([[5, 2, 0], [7, 5, 1], [0, 0, 0]])
    assert Confusion(counts).most_confused() == [(1, 0, 7), (0, 1, 2), (1, 2, 1)]
    assert Confusion(counts).most_confused(1) == [(1, 0, 7)]


def test_the_calibration_error_is_that_of_its_formula() -> None:
    confidence = np.append(RNG.random(300), [0.2, 1.0, 1 / 15, 2 / 15])
    hits = RNG.random(len(confidence)) < confidence**2
    made = calibration(confidence, hits)
    error = 0.0
    for number in range(15):
        inside = (confidence > number / 15) & (confidence <= (number + 1) / 15)
        assert made.counts[number] == inside.sum() and (made.bins[inside] == number).all()
        if inside.any():
            assert made.accuracy[number] == pytest.approx(hits[inside].mean())
            error += inside.sum() / len(confidence) * abs(hits[inside].mean() - confidence[inside].mean())
    assert made.error == pytest.approx(error, abs=1e-12)
    assert made.overconfident == pytest.approx(confidence.mean() - hits.mean())


def test_the_temperature_undoes_a_wrong_one() -> None:
    """Labels are drawn from the probabilities, whose logarithms are then sharpened threefold."""
    logs = np.log(RNG.dirichlet(np.ones(4), 4000))
    labels = np.array([RNG.choice(4, p=share) for share in np.exp(logs)])
    found = fitted_temperature(3 * logs, labels)
    assert found == pytest.approx(3, rel=0.1)
    assert np.abs(np.exp(scaled(3 * logs, 3.0)) - np.exp(logs)).max() < 1e-9
    sharp, mended = (
        calibration(np.exp(each.max(1)), each.argmax(1) == labels)
        for each in (scaled(3 * logs, 1.0), scaled(3 * logs, found))
    )
    assert mended.error < sharp.error / 3 and sharp.overconfident > 0.1
