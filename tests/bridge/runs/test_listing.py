"""What the table of runs shows: filtered, sorted, pinned first, grouped; 2,000 runs at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from workbench.bridge.runs.listing import BY_SEEDS, Choice, differing_settings, mean_curve, rows_of
from workbench.engine.core.events import Measured
from workbench.engine.shelf.about import About
from workbench.engine.shelf.choose import Group
from workbench.engine.shelf.record import Point, RunRecord
from workbench.engine.spec.experiment import ExperimentSpec, plain

PLAIN = plain(ExperimentSpec())


def record(number: int, best: float | None = None, lr: float = 0.1, seed: int = 0, **more: object) -> RunRecord:
    settings = {**PLAIN, "optimizer": {**PLAIN["optimizer"], "lr": lr}, "loop": {**PLAIN["loop"], "seed": seed}}
    measured = None if best is None else Measured(1 - best, best, 100, 0.01, 0.02)
    known = {
        "folder": Path(f"run{number:04}"),
        "status": "finished",
        "settings": settings,
        "started": datetime(2026, 11, 1) + timedelta(minutes=number),
        "best": None if best is None else Point(1, 10, measured, measured),
        "about": About(),
    }
    return RunRecord(**{**known, **more})  # type: ignore[arg-type]


def names(rows: list[RunRecord | Group]) -> list[str]:
    return [row.name if isinstance(row, RunRecord) else f"[{row.value}]" for row in rows]


def test_runs_are_sorted_both_ways_with_unknown_values_last_and_pinned_ones_first() -> None:
    records = [record(1, 0.7), record(2), record(3, 0.9), record(4, 0.5, about=About(pinned=True))]
    up = rows_of(records, Choice(sort="best_accuracy", descending=False))
    down = rows_of(records, Choice(sort="best_accuracy", descending=True))
    assert names(up) == ["run0004", "run0001", "run0003", "run0002"]
    assert names(down) == ["run0004", "run0003", "run0001", "run0002"]


def test_text_status_and_hidden_runs_decide_what_is_shown() -> None:
    records = [
        record(1, status="failed"),
        record(2, about=About(tags=("baseline",))),
        record(3, about=About(hidden=True)),
    ]
    assert names(rows_of(records, Choice(text="baseline"))) == ["run0002"]
    assert names(rows_of(records, Choice(status="failed"))) == ["run0001"]
    assert len(rows_of(records, Choice())) == 2 and len(rows_of(records, Choice(shows_hidden=True))) == 3


def test_a_group_stands_before_its_runs_and_folds_them_away() -> None:
    records = [record(1, 0.7, 0.1), record(2, 0.9, 0.1), record(3, 0.5, 0.01)]
    choice = Choice(group_by="optimizer.lr", sort="started", descending=False)
    rows = rows_of(records, choice)
    assert names(rows) == ["[0.01]", "run0003", "[0.1]", "run0001", "run0002"]
    group = rows[2]
    assert isinstance(group, Group) and group.mean is not None and abs(group.mean - 0.8) < 1e-12
    folded = rows_of(records, replace(choice, folded=frozenset({"0.1"})))
    assert names(folded) == ["[0.01]", "run0003", "[0.1]"]


def test_runs_that_differ_in_their_seed_alone_are_one_group() -> None:
    records = [record(1, 0.7, seed=0), record(2, 0.9, seed=1), record(3, 0.5, 0.01, seed=1)]
    rows = rows_of(records, Choice(group_by=BY_SEEDS))
    groups = [row for row in rows if isinstance(row, Group)]
    assert [len(group.records) for group in groups] == [1, 2]
    assert groups[1].spread is not None and groups[0].spread is None


def test_settings_to_group_by_are_those_that_differ_by_the_names_of_the_form() -> None:
    found = differing_settings([record(1, lr=0.1), record(2, lr=0.3), record(3, lr=0.1, seed=4)])
    assert set(found) == {("optimizer.lr", "Learning rate"), ("loop.seed", "Seed")}
    assert differing_settings([record(1)]) == ()


def test_the_mean_of_sparklines_lies_between_least_and_most() -> None:
    mean, low, high = mean_curve([record(1, sparkline=(0.0, 1.0)), record(2, sparkline=(0.5,) * 48), record(3)])
    assert len(mean) == 48 and mean[0] == 0.25 and mean[-1] == 0.75
    assert (low[0], high[0]) == (0.0, 0.5) and (low[-1], high[-1]) == (0.5, 1.0)
    assert mean_curve([record(1)]) == ([], [], [])
