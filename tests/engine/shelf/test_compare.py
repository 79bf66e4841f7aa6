"""What differs between runs, in words, and whether it is more than noise."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import ttest_ind

from tests.engine.shelf.made_runs import SPEC, curve, ended, make_run, started
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.events import Edited
from workbench.engine.run_store.event_lines import line_of_event
from workbench.engine.shelf import noise
from workbench.engine.shelf.bands import band, scatter
from workbench.engine.shelf.compare import compare
from workbench.engine.shelf.differing import differing
from workbench.engine.shelf.noise import repeats, same_but_seed, versus
from workbench.engine.shelf.read_record import read_record
from workbench.engine.shelf.record import RunRecord
from workbench.engine.spec.experiment import ExperimentSpec

ROTATION = [{"kind": "rotation"}]


class Runs:
    """Makes records of runs with these settings and curves."""

    def __init__(self, parent: Path) -> None:
        self.parent, self.count = parent, 0

    def __call__(self, best: float = 0.8, edits: dict[str, Any] | None = None, **more: Any) -> RunRecord:
        self.count += 1
        spec = SPEC
        for path, value in (edits or {}).items():
            spec = spec.edited(path, value)
        events = more.get("events") or [
            started(spec, **more.get("started", {})),
            *more.get("changes", ()),
            *curve((best - 0.1, best)),
            ended(more.get("reason", "completed")),
        ]
        found = read_record(make_run(self.parent, f"run-{self.count}", spec, events))
        assert found is not None
        return found


@pytest.fixture
def runs(tmp_path: Path) -> Runs:
    return Runs(tmp_path)


def words(first: RunRecord, second: RunRecord) -> str:
    return compare([first, second]).others[0].words


# --- words -----------------------------------------------------------------------------------------------------------


def test_the_difference_in_words_with_live_changes(runs: Runs) -> None:
    plain = runs(edits={"augmentations": ROTATION})
    steered = runs(changes=[Edited(1200, "optimizer.lr", 0.1, 0.03)])
    degrees = plain.spec.augmentations[0].brief()
    assert words(plain, steered) == f"Rotation {degrees} → off; Learning rate 0.1 → 0.03 at step 1\u202f200; same data"
    assert "without Learning rate 0.1 → 0.03 at step 1\u202f200" in words(steered, plain)


def test_equal_runs_and_equal_changes(runs: Runs) -> None:
    change = Edited(5, "optimizer.lr", 0.05, 0.01)
    assert words(runs(changes=[change]), runs(changes=[change])) == "the same settings; same data"


def test_other_data_are_not_called_the_same(runs: Runs) -> None:
    assert words(runs(), runs(edits={"data.split_seed": 3})).endswith("0 → 3")
    grown = words(runs(), runs(started={"train_size": 100}))
    assert grown == "the same settings; the data have changed: 80 training examples, then 100 training examples"


def test_a_fork_says_where_it_left_its_parent(runs: Runs) -> None:
    parent = runs()
    spec = SPEC.edited("optimizer.lr", 0.005)
    begun = {**line_of_event(started(spec)), "parent": parent.folder.name, "parent_step": 40}
    fork = runs(edits={"optimizer.lr": 0.005}, events=[begun, *curve((0.9,)), ended()])
    assert words(parent, fork) == "forked at step 40; Learning rate 0.05 → 0.005; same data"
    assert not words(fork, parent).startswith("forked")


def test_a_slider_that_was_dragged_does_not_fill_the_sentence(runs: Runs) -> None:
    dragged = runs(changes=[Edited(n, "optimizer.lr", 0.1, 0.1 + n) for n in range(50)])
    assert words(runs(), dragged).count("at step") == 6 and "44 more live changes" in words(runs(), dragged)


# --- the table -------------------------------------------------------------------------------------------------------


def test_only_what_differs_is_a_row_with_a_value_for_each_run(runs: Runs) -> None:
    found = compare([runs(), runs(edits={"optimizer.lr": 0.1}), runs(edits={"optimizer.lr": 0.1, "title": "Other"})])
    assert [(row.path, row.label, row.values) for row in found.rows] == [
        ("optimizer.lr", "Learning rate", ("0.05", "0.1", "0.1"))
    ]


def test_live_changes_are_rows(runs: Runs) -> None:
    found = compare([runs(), runs(changes=[Edited(7, "optimizer.lr", 0.05, 0.1)])])
    assert [(row.label, row.values) for row in found.rows] == [("Learning rate at step 7", ("–", "0.05 → 0.1"))]


def spec_with(**edits: Any) -> ExperimentSpec:
    spec = ExperimentSpec()
    for path, value in edits.items():
        spec = spec.edited(path.replace("__", "."), value)
    return spec


def test_members_of_a_list_are_told_apart_by_kind() -> None:
    flip, erase = {"kind": "horizontal_flip", "p": 0.3}, {"kind": "rotation"}
    other = {"kind": "horizontal_flip", "p": 0.5}
    rows = differing([spec_with(augmentations=[flip, erase]), spec_with(augmentations=[erase, other])])
    assert [row.path for row in rows] == ["augmentations.horizontal_flip.p", "augmentations"]
    assert rows[0].values == ("0.3", "0.5") and rows[1].label == "Order of augmentation"
    (only,) = differing([spec_with(augmentations=[flip]), spec_with()])
    assert only.label == "Horizontal flip" and only.values[1] == "off"


def test_rows_of_one_label_say_what_they_belong_to() -> None:
    dropped = [{"kind": "dropout", "p": 0.1}], [{"kind": "dropout", "p": 0.2}]
    flips = [{"kind": "horizontal_flip", "p": 0.1}], [{"kind": "horizontal_flip", "p": 0.2}]
    specs = [spec_with(regularization=a, augmentations=b) for a, b in zip(dropped, flips, strict=True)]
    labels = [row.label for row in differing(specs)]
    assert len(set(labels)) == 2


def test_another_kind_is_one_row() -> None:
    rows = differing([spec_with(), spec_with(optimizer={"kind": "adam", "lr": 0.01}), spec_with()])
    assert len(rows) == 1 and rows[0].label == "Optimizer" and "Adam" in rows[0].values[1]


def test_it_takes_two_runs(runs: Runs) -> None:
    with pytest.raises(WorkbenchError, match="two runs"):
        compare([runs()])


# --- noise -----------------------------------------------------------------------------------------------------------


def seeds(runs: Runs, values: list[float], **edits: Any) -> list[RunRecord]:
    return [runs(value, {"loop.seed": seed, **edits}) for seed, value in enumerate(values)]


def test_the_margin_is_that_of_welchs_test(runs: Runs) -> None:
    """Oracle: the 95 % interval of scipy."""
    one, other = [0.81, 0.83, 0.80, 0.84], [0.86, 0.80, 0.85]
    found = versus(seeds(runs, one), seeds(runs, other, **{"optimizer.lr": 0.1}))
    assert found is not None and found.by_seeds and found.runs == (4, 3)
    low, high = ttest_ind(other, one, equal_var=False).confidence_interval(0.95)
    assert (found.difference - found.margin, found.difference + found.margin) == pytest.approx((low, high))
    assert not found.is_more_than_noise and "not more than noise" in found.words


def test_a_clear_difference_is_more_than_noise(runs: Runs) -> None:
    found = versus(seeds(runs, [0.70, 0.71, 0.705]), seeds(runs, [0.80, 0.81, 0.805]))
    assert found is not None and found.is_more_than_noise
    assert found.words.startswith("+10.0 ± ") and ": more than noise" in found.words


def test_of_a_single_run_the_spread_is_that_of_the_other_side(runs: Runs) -> None:
    repeated, single = [0.70, 0.72, 0.71], [0.90]
    found = versus(seeds(runs, repeated), seeds(runs, single))
    t = 4.302652729911275  # the 97.5 % quantile for 2 degrees of freedom, from a table
    assert found is not None and found.margin == pytest.approx(t * np.std(repeated, ddof=1) * math.sqrt(1 + 1 / 3))


def test_single_runs_have_the_noise_of_the_examples_and_it_is_said(runs: Runs) -> None:
    found = compare([runs(0.80), runs(0.81, {"optimizer.lr": 0.1})]).others[0].versus
    assert found is not None and found.margin == pytest.approx(2 * math.hypot(0.016, 0.016))
    assert not found.is_more_than_noise
    assert "one run each" in found.words and "359 validation examples" in found.words and "not known" in found.words


def test_repeats_among_the_other_runs_are_used(runs: Runs) -> None:
    one, other = seeds(runs, [0.80, 0.82, 0.81]), seeds(runs, [0.90, 0.91, 0.92], **{"optimizer.lr": 0.1})
    found = compare([one[0], other[0]], among=[*one, *other]).others[0].versus
    assert found is not None and found.runs == (3, 3)


def test_each_of_many_other_runs_is_looked_at_once(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    ticked = [runs(0.8, {"optimizer.lr": rate}) for rate in (0.1, 0.2, 0.3)]
    others = [runs(0.8, {"optimizer.lr": 0.4, "loop.seed": seed}) for seed in range(3, 8)]
    looked: list[RunRecord] = []

    def looking(record: RunRecord) -> str:
        looked.append(record)
        return same_but_seed(record)

    monkeypatch.setattr(noise, "same_but_seed", looking)
    compare(ticked, others)
    assert [looked.count(other) for other in others] == [1] * 5


def test_repeats_differ_in_their_seed_alone(runs: Runs) -> None:
    base = runs(0.8)
    again = runs(0.8)  # the same seed: no repeat
    seed = runs(0.7, {"loop.seed": 1, "title": "Named", "note": "x"})
    stopped = runs(0.1, {"loop.seed": 2}, reason="stopped")
    steered = runs(0.1, {"loop.seed": 3}, changes=[Edited(1, "optimizer.lr", 0.1, 0.2)])
    split = runs(0.1, {"loop.seed": 4, "data.split_seed": 1})
    grown = runs(0.1, {"loop.seed": 5}, started={"train_size": 1000})
    assert repeats(base, [base, again, seed, stopped, steered, split, grown]) == (base, seed)
    assert repeats(stopped, [base, seed]) == (stopped,)
    assert same_but_seed(base) == same_but_seed(seed) != same_but_seed(steered)


def test_repeats_of_each_other_are_compared_as_they_are(runs: Runs) -> None:
    one, other, third = seeds(runs, [0.80, 0.82, 0.81])
    found = compare([one, other], among=[one, other, third]).others[0]
    assert found.versus is not None and found.versus.runs == (1, 1) and found.words == "Seed 0 → 1; same data"


def test_without_validation_nothing_is_claimed(runs: Runs) -> None:
    events = [started(), *curve((None, None)), ended()]
    assert compare([runs(), runs(events=events)]).others[0].versus is None


# --- bands and dots -----------------------------------------------------------------------------------------------


def test_a_band_is_mean_and_standard_deviation_where_curves_are() -> None:
    x = np.arange(5.0)
    ys = [x, x + 2, x + 4]
    found = band([(x, y) for y in ys])
    np.testing.assert_allclose(found.mean, x + 2)
    np.testing.assert_allclose(found.high - found.mean, np.std(ys, axis=0, ddof=1))
    assert found.runs == 3


def test_a_curve_that_ends_early_or_has_gaps() -> None:
    x = np.array([0.0, 1.0, 2.0, 3.0])
    found = band([(x, np.array([1.0, np.nan, 3.0, 4.0])), (x[:2], np.array([1.0, 2.0]))])
    np.testing.assert_allclose(found.mean, [1, 2, 3, 4])
    np.testing.assert_allclose(found.low[2:], found.high[2:])  # one curve has no width
    assert band([]).runs == 0 and band([(x, np.full(4, np.nan))]).runs == 0


def test_a_dot_is_the_gap_at_the_best_evaluation(runs: Runs) -> None:
    record = runs(0.75)
    (dot,) = scatter([record, runs(events=[started(), *curve((None,)), ended()])])
    assert dot.record == record and dot.best == 0.75 and dot.gap == pytest.approx(0.15)


# --- unequal lengths -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reasons", "epochs", "want"),
    [
        (("completed", "stopped"), (3, 1), "+9.0 points, which says little: it was stopped after 1 of 3 epochs."),
        (
            ("stopped", "completed"),
            (1, 3),
            "+9.0 points, which says little: the first was stopped after 1 of 3 epochs.",
        ),
        (
            ("stopped", "failed"),
            (2, 1),
            "which says little: the first was stopped after 2 of 3 epochs, and it failed after 1 of 3 epochs.",
        ),
        (("stopped", "stopped"), (2, 2), "more than noise"),
        (("completed", "completed"), (3, 2), "more than noise"),  # patience has ended one: both had their chance
    ],
)
def test_runs_that_were_cut_off_are_not_judged(
    runs: Runs, reasons: tuple[str, str], epochs: tuple[int, int], want: str
) -> None:
    made = [
        runs(events=[started(), *curve((accuracy,) * epoch), ended(reason, epoch)])
        for reason, epoch, accuracy in zip(reasons, epochs, (0.9, 0.99), strict=True)
    ]
    (other,) = compare(made).others
    assert other.versus is not None and want in other.versus.words
    assert other.versus.is_more_than_noise == (want == "more than noise")
