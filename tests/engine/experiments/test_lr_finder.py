"""The range test: its four rules on curves whose answers are known, and that it leaves a run alone to the last bit."""

from __future__ import annotations

import copy
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.helpers import Recorder, record, small_spec
from workbench.engine.__main__ import main
from workbench.engine.core.drive import drive
from workbench.engine.core.errors import SpecError
from workbench.engine.core.events import Event, Stepped
from workbench.engine.experiments.lr_finder import (
    Sweep,
    Tried,
    minimum,
    proposals,
    range_test,
    slide,
    steepest,
    table,
    valley,
)
from workbench.engine.train import train_loop
from workbench.engine.training.set_up import set_up

RATES = 10.0 ** np.linspace(-6, 1, 141)  # 20 steps a decade
LOGS = np.log10(RATES)


def tried(spec: Any, sweep: Sweep, saved: dict[str, Any] | None = None) -> tuple[list[Tried], bool]:
    found: list[Tried] = []
    work = range_test(spec, sweep, saved)
    while True:
        try:
            found.append(next(work))
        except StopIteration as finished:
            return found, finished.value


# --- the rules ----------------------------------------------------------------------------------------------------


def sigmoid_with_wall() -> np.ndarray:
    """Flat at 2.3, falling fastest at 1e-3, flat at 0.3, and a wall from 1e-0.5 on; lowest near 0.1."""
    fall = 2.3 - 2.0 / (1.0 + np.exp(-4.0 * (LOGS + 3.0)))
    return np.asarray(fall + np.where(LOGS > -0.5, 8.0 * (LOGS + 0.5) ** 2, 0.0))


def test_steepest_is_where_the_sigmoid_is_steepest() -> None:
    assert steepest(RATES, sigmoid_with_wall()) == pytest.approx(1e-3, rel=0.13)


def test_minimum_is_a_tenth_of_the_lowest_point() -> None:
    losses = (LOGS + 1.5) ** 2 + 0.2
    assert minimum(RATES, losses) == pytest.approx(10**-2.5, rel=1e-9)


def test_valley_is_halfway_through_the_longest_fall() -> None:
    """A zigzag, then a fall from index 40 to 100, then a rise: half of sixty steps behind its beginning."""
    index = np.arange(141)
    losses = np.where(
        index < 40, 2.0 + 0.01 * (index % 2), np.where(index <= 100, 2.0 - 0.02 * (index - 40), index / 50.0)
    )
    at = int(np.argmin(np.abs(RATES - valley(RATES, losses))))
    assert at == pytest.approx(70, abs=2)


def test_slide_stops_where_the_slope_no_longer_changes() -> None:
    """Straight, with a wall at the end: the window's left end stops where both its ends lie on the straight part."""
    losses = 2.0 - 0.01 * np.arange(141.0)
    losses[120:] += 0.05 * np.arange(21.0) ** 2
    at = int(np.argmin(np.abs(RATES - slide(RATES, losses))))
    assert at == pytest.approx(120 - 15, abs=2)


def longest_fall_by_all_pairs(losses: Sequence[float]) -> tuple[int, int]:
    """fastai's double loop, as it stands in ``lr_find``'s valley."""
    lds = [1] * len(losses)
    end = 0
    for i in range(1, len(losses)):
        for j in range(i):
            if losses[i] < losses[j] and lds[i] < lds[j] + 1:
                lds[i] = lds[j] + 1
            if lds[end] < lds[i]:
                end = i
    return lds[end], end


@given(losses=st.lists(st.integers(0, 30), min_size=5, max_size=40))
def test_valley_is_fastais(losses: list[int]) -> None:
    length, end = longest_fall_by_all_pairs(losses)
    sections = length / 3
    index = max(0, end - length) + int(sections) + int(sections / 2)
    rates = np.arange(1.0, len(losses) + 1)
    assert valley(rates, np.array(losses, float)) == rates[index]


@given(losses=st.lists(st.floats(0.0, 3.0), min_size=50, max_size=90))
@settings(max_examples=60)
def test_slide_is_fastais(losses: list[float]) -> None:
    rates = np.arange(1.0, len(losses) + 1)
    slopes = np.gradient(np.array(losses))
    right, left = -1, -16
    expected = rates[left]
    while left >= -len(losses) and abs(slopes[right] - slopes[left]) > 0.005:
        expected, right, left = rates[left], right - 1, left - 1
    assert slide(rates, np.array(losses)) == expected


def sweep_of(losses: Sequence[float]) -> list[Tried]:
    return [Tried(rate, loss, loss) for rate, loss in zip(RATES.tolist(), losses, strict=True)]


def test_four_proposals_on_a_good_curve_and_none_where_it_never_fell() -> None:
    found = proposals(sweep_of(sigmoid_with_wall().tolist()))
    assert [each.name for each in found] == ["Steepest", "Valley", "Slide", "Minimum / 10"]
    assert all(1e-4 < each.rate < 1.0 for each in found)
    assert proposals(sweep_of([2.3] * 141)) == ()
    assert proposals(sweep_of(np.linspace(1, 4, 141).tolist())) == ()
    assert proposals(sweep_of(sigmoid_with_wall().tolist())[:8]) == ()


@given(losses=st.lists(st.floats(0.0, 1e6), min_size=10, max_size=141))
def test_any_curve_gives_rates_within_the_sweep(losses: list[float]) -> None:
    found = proposals([Tried(r, loss, loss) for r, loss in zip(RATES.tolist(), losses, strict=False)])
    assert all(RATES[0] / 10 <= each.rate <= RATES[-1] for each in found)


# --- the sweep ----------------------------------------------------------------------------------------------------


def test_the_first_step_is_the_runs_first_step_and_rates_rise_by_one_factor() -> None:
    spec = small_spec(optimizer={"kind": "sgd", "lr": 1e-3})
    found, diverged = tried(spec, Sweep(1e-4, 1e-2, 21))
    assert not diverged
    assert [each.rate for each in found] == pytest.approx(np.geomspace(1e-4, 1e-2, 21))
    assert found[0].loss == record(spec).steps.read(0, 1)[1][0, 0]  # the same weights and the same batch
    assert len(found) == 21  # three epochs of seven steps: it goes on from one epoch to the next


def test_the_smoothed_loss_is_the_corrected_mean() -> None:
    found, _ = tried(small_spec(), Sweep(1e-6, 1e-2, 30))
    for n in (1, 2, 30):
        weights = 0.9 ** np.arange(n)[::-1]
        expected = np.sum(weights * [each.loss for each in found[:n]]) / weights.sum()
        assert found[n - 1].smoothed == pytest.approx(expected)


def test_it_stops_when_the_loss_diverges_and_says_where() -> None:
    found, diverged = tried(small_spec(optimizer={"kind": "sgd", "lr": 0.1}), Sweep(1e-4, 1e7, 60))
    assert diverged
    assert len(found) < 60
    lowest = min(each.smoothed for each in found)
    assert all(each.smoothed <= 4 * lowest for each in found[:-1])
    assert "diverged" in table(found, diverged)


def same(a: Any, b: Any) -> bool:
    if isinstance(a, torch.Tensor):
        return a.dtype == b.dtype and a.numpy().tobytes() == b.numpy().tobytes()
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(map(same, a, b))
    return bool(a == b) or (isinstance(a, float) and math.isnan(a) and math.isnan(b))


def test_a_paused_run_is_not_touched_and_goes_on_to_the_same_bits() -> None:
    spec = small_spec()
    whole = record(spec).numbers()
    run = Recorder()
    training = set_up(spec, steps=run.steps)
    states: list[bool] = []

    def pause_and_test(event: Event) -> None:
        if isinstance(event, Stepped) and event.step == 9:
            before = training.state.state()
            given_away = training.state.state()
            kept = copy.deepcopy(given_away)
            found, _ = tried(training.spec, Sweep(1e-5, 1.0, 20), given_away)
            assert len(found) >= 5
            states.append(same(training.state.state(), before))
            states.append(same(given_away, kept))  # what it was given is only read

    drive(train_loop(training), pause_and_test, run.events.append)
    assert states == [True, True]
    assert run.numbers() == whole


def test_from_a_state_it_begins_with_that_states_next_batch() -> None:
    spec = small_spec()
    training = set_up(spec)
    run = train_loop(training)
    event = next(run)
    while not (isinstance(event, Stepped) and event.step == 9):
        event = run.send(None)
    saved = training.state.state()
    run.close()
    found, _ = tried(spec, Sweep(1e-5, 1e-3, 10), saved)
    assert found[0].loss == record(spec).steps.read(9, 10)[1][0, 0]


def test_a_full_batch_optimizer_can_be_swept() -> None:
    found, _ = tried(small_spec(optimizer={"kind": "gradient_descent"}), Sweep(1e-4, 1e-2, 10))
    assert len(found) == 10


@pytest.mark.parametrize("sweep", [(0.0, 1.0, 50), (1.0, 1.0, 50), (1e-3, math.inf, 50), (1e-3, 1.0, 9)])
def test_a_sweep_that_is_none_is_refused(sweep: tuple[float, float, int]) -> None:
    with pytest.raises(SpecError):
        Sweep(*sweep)


def test_headless_prints_the_table_and_keeps_nothing(
    capsys: pytest.CaptureFixture[str], tmp_path: Any, workbench_home: Any
) -> None:
    from workbench.engine.spec.toml import save

    save(small_spec(optimizer={"kind": "sgd", "lr": 0.1}), tmp_path / "spec.toml")
    assert main([str(tmp_path / "spec.toml"), "--range-test"]) == 0
    said = capsys.readouterr().out
    assert said.splitlines()[0].split() == ["rate", "loss", "smoothed"]
    for name in ("Steepest", "Valley", "Slide", "Minimum / 10"):
        assert name in said
    assert not (workbench_home / "runs").exists()
    assert main([str(tmp_path / "no.toml"), "--range-test"]) == 2
