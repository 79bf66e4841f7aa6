"""The arrays behind the pictures, against loops written out; the importance of a field that matters."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import optuna
import pytest

from tests.engine.search.studies import small_plan, url_of
from workbench.engine.search.figures import LEAST, figures, importances, tick_words
from workbench.engine.search.optuna_parts import distribution_of
from workbench.engine.search.plan import Plan
from workbench.engine.search.study import Study
from workbench.engine.search.trial import Trial


def made(plan: Plan, values: list[float | None]) -> tuple[Trial, ...]:
    points = [plan.space.random(plan.seed, number) for number in range(len(values))]
    states = ["failed" if value is None else "complete" for value in values]
    return tuple(
        Trial(n, state, value, point, point, reached=value)
        for n, (value, state, point) in enumerate(zip(values, states, points, strict=True))
    )


def test_places_values_and_the_best_so_far_are_those_of_the_trials():
    plan = small_plan(("optimizer.lr=0.001:0.1", "optimizer=adam,momentum", "optimizer.momentum=0.5:0.9"))
    trials = made(plan, [0.5, None, 0.4, 0.7, 0.7])
    found = figures(plan, trials)
    np.testing.assert_array_equal(found.best_so_far, [0.5, 0.5, 0.5, 0.7, 0.7])
    assert found.best == 3
    for row, trial in enumerate(trials):
        rate = np.log(trial.values["optimizer.lr"] / 0.001) / np.log(100)
        assert found.places[row, 0] == pytest.approx(rate)
        assert found.places[row, 1] == (0.0 if trial.values["optimizer"]["kind"] == "adam" else 1.0)
        assert np.isnan(found.places[row, 2]) == ("optimizer.momentum" not in trial.values)
    assert np.isnan(figures(plan, made(plan, [None, 0.3])).best_so_far[0])
    assert figures(plan, ()).best is None


def test_a_contour_has_the_mean_of_each_cell():
    plan = small_plan(trials=60)
    trials = made(plan, [None if n % 7 == 0 else n / 60 for n in range(60)])
    found = figures(plan, trials)
    cells = found.contour(0, 1, 4)
    for row in range(4):
        for column in range(4):
            inside = [
                trial.value
                for trial, (x, y) in zip(trials, found.places, strict=True)
                if trial.value is not None and min(int(4 * x), 3) == column and min(int(4 * y), 3) == row
            ]
            assert cells[row, column] == pytest.approx(np.mean(inside)) if inside else np.isnan(cells[row, column])


def test_the_texts_along_a_field_are_its_ends_and_its_middle_or_its_choices():
    rate, kinds = small_plan(("optimizer.lr=0.001:0.1", "optimizer=adam,sgd")).fields
    assert tick_words(rate) == ((0.0, "0.001"), (pytest.approx(0.5), "0.01"), (1.0, "0.1"))
    assert tick_words(kinds) == ((0.0, "adam"), (1.0, "sgd"))


def test_the_field_that_matters_has_the_importance_with_its_uncertainty(tmp_path: Path):
    plan = small_plan(trials=40)
    study = Study.create(plan, "Test", url_of(tmp_path))
    distributions = {field.path: distribution_of(field) for field in plan.fields}

    def trial(number: int) -> optuna.trial.FrozenTrial:
        point = plan.point(number)
        value = 0.9 - 0.1 * abs(np.log10(point["optimizer.lr"]) + 2)
        return optuna.trial.create_trial(params=point, distributions=distributions, value=value)

    study.optuna.add_trials([trial(number) for number in range(LEAST - 1)])
    assert importances(study) == ()
    study.optuna.add_trials([trial(number) for number in range(LEAST - 1, 40)])
    found = importances(study)
    assert [each.path for each in found] == ["optimizer.lr", "loop.batch_size"]
    assert found[0].share > 0.8 and 0 < found[0].spread < 0.2
    assert sum(each.share for each in found) == pytest.approx(1)
    assert importances(study) == found
    study.close()
