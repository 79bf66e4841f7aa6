"""What is known of the examples on which weights were trained."""

from __future__ import annotations

from typing import Any

import pytest

from tests.engine.helpers import small_spec
from workbench.engine.evaluation.trained_on import TrainedOn


def fold(number: int, **edits: Any) -> TrainedOn:
    spec = small_spec(**{"data__folds": 5, "data__fold": number} | edits)
    return TrainedOn(f"fold {number}", spec, ("a", "b"), (1, 8, 8))


@pytest.mark.parametrize(
    ("other", "is_one_cut"),
    [
        (fold(2), True),
        (fold(1), False),
        (fold(2, data__examples_per_class=50), True),
        (fold(2, data__class_weights=True), True),
        (fold(2, data__measure_test=False), True),
        (fold(2, data__split_seed=7), False),
        (fold(2, data__folds=4), False),
    ],
    ids=["another", "the same", "fewer examples", "weighted", "not tested", "another seed", "fewer folds"],
)
def test_folds_of_one_cut_are_known_whatever_is_trained_of_them(other: TrainedOn, is_one_cut: bool) -> None:
    """How many examples of a class train does not change which of them a fold holds back."""
    assert fold(1).is_other_fold_of(other) == other.is_other_fold_of(fold(1)) == is_one_cut
