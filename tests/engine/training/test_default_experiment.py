"""The default experiment learns: at least 98 % validation at its best epoch, on nine of ten splits."""

from __future__ import annotations

import pytest

from tests.engine.helpers import record
from workbench.engine.spec.experiment import ExperimentSpec


def best(split_seed: int) -> float:
    spec = ExperimentSpec().edited("data.split_seed", split_seed).edited("loop.threads", 1)
    ended = record(spec).events[-1]
    assert spec.loop.epochs <= 15 and ended.best_accuracy is not None
    return float(ended.best_accuracy)


def test_another_split() -> None:
    """That of the default is a preset's, which ``tests/test_presets.py`` trains."""
    assert best(1) >= 0.98


@pytest.mark.full
def test_nine_of_ten_splits() -> None:
    scores = [best(seed) for seed in range(10)]
    print("best validation accuracies:", ", ".join(f"{score:.4f}" for score in scores))
    assert sum(score >= 0.98 for score in scores) >= 9, scores
