"""Evaluations as columns give back the events that were put in, and take little memory."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.engine.core.events import EpochEnded, Evaluated, Measured
from workbench.engine.run_store.evaluations import Evaluations, Measurements

numbers = st.floats(allow_nan=False)
counts = st.integers(0, 2**31 - 1)
measured = st.builds(Measured, numbers, numbers, counts, numbers, numbers)
running = st.one_of(st.just((None, None)), st.tuples(numbers, numbers))
averages = st.dictionaries(st.sampled_from(["ema", "mean", "ensemble"]), measured, max_size=3)


@st.composite
def events(draw: st.DrawFn) -> Evaluated:
    kind = draw(st.sampled_from([Evaluated, EpochEnded]))
    loss, accuracy = draw(running)
    parts = draw(st.one_of(st.none(), measured)), draw(st.one_of(st.none(), measured))
    step = draw(st.integers(0, 2**40))
    head = draw(counts), step, draw(numbers), draw(numbers), loss, accuracy
    return kind(*head, *parts, draw(st.booleans()), draw(counts), draw(numbers), draw(averages))


def held(made: list[Evaluated]) -> Evaluations:
    evaluations = Evaluations()
    for each in made:
        evaluations.append(each)
    return evaluations


@given(st.lists(events(), max_size=6))
def test_what_was_put_in_comes_out(made: list[Evaluated]) -> None:
    evaluations = held(made)
    assert list(evaluations) == made and len(evaluations) == len(made)
    assert [type(each) for each in evaluations] == [type(each) for each in made]
    assert evaluations[-2:] == made[-2:] and evaluations[1:] == made[1:]
    assert evaluations.column("step").tolist() == [each.step for each in made]
    for kind in ("ema", "mean", "ensemble"):
        assert evaluations.has_average(kind) == any(kind in each.averages for each in made)
    for kind in ("ema", "mean", "ensemble", "none such"):
        wanted = [each.averages[kind].loss if kind in each.averages else math.nan for each in made]
        np.testing.assert_array_equal(evaluations.measured(kind, "loss"), np.array(wanted, np.float64))


def one(epoch: int) -> EpochEnded:
    part = Measured(1 / (epoch + 1), 0.5, 360, 0.01, 0.02)
    return EpochEnded(epoch, 23 * epoch, 0.1 * epoch, 0.05, 0.7, 0.8, part, replace(part, n=90), epoch == 3, 0, 1e4)


def test_many_are_small_and_what_was_given_out_stays() -> None:
    evaluations = held([one(epoch) for epoch in range(64)])
    before = evaluations.column("step")
    for epoch in range(64, 5000):
        evaluations.append(one(epoch))
    assert before.tolist() == [23 * epoch for epoch in range(64)]
    assert evaluations[4999] == one(4999) and evaluations[-5000] == one(0)
    assert evaluations._table.rows.nbytes <= 150 * 5000
    with pytest.raises(IndexError):
        evaluations[5000]


def test_a_part_of_some_evaluations_is_a_sequence_with_its_losses() -> None:
    evaluations = held([one(epoch) for epoch in range(9)])
    found = evaluations.of_split("val", np.array([0, 2, 8]))
    assert list(found) == [one(epoch).val for epoch in (0, 2, 8)] and list(found[1:]) == list(found)[1:]
    assert found.losses.tolist() == [1, 1 / 3, 1 / 9] and found.loss_ses.tolist() == [0.01] * 3
    assert list(Measurements.of(list(found))) == list(found)
    assert all(later < earlier for earlier, later in pairwise(found.losses.tolist()))
