"""Fields: ranges as they are typed and declared, refusals with their reason, values at a share of the range."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from workbench.engine.catalog.settings import settings_of
from workbench.engine.catalog.variant import members_of
from workbench.engine.core.errors import SpecError
from workbench.engine.search.field import Field, fields_of, suggested
from workbench.engine.spec.experiment import ExperimentSpec

BASE = ExperimentSpec()


def one(text: str, base: ExperimentSpec = BASE) -> Field:
    (found,) = fields_of(base, [text])
    return found


def declared(cls: type[BaseModel], seen: set[type[BaseModel]]) -> list[tuple[str, Any]]:
    """Class and setting of every range that the catalog declares."""
    if cls in seen:
        return []
    seen.add(cls)
    found: list[tuple[str, Any]] = []
    for setting in settings_of(cls):
        if setting.type in ("variant", "variants"):
            for member in members_of(setting.base).values():
                found += declared(member, seen)
        elif setting.type == "section":
            found += declared(setting.base, seen)
        elif setting.knob.search is not None:
            found.append((cls.__name__, setting))
    return found


def test_declared_ranges_lie_within_the_limits_and_can_be_searched():
    found = declared(ExperimentSpec, set())
    assert len(found) > 40
    for owner, setting in found:
        low, high = setting.knob.search
        knob = setting.knob
        assert setting.type in ("number", "integer"), owner
        assert low < high and setting.knob.check(low) == low and setting.knob.check(high) == high, (owner, setting.name)
        assert knob.scale == "linear" or low > 0, (owner, setting.name)


def test_a_path_alone_takes_the_range_that_the_setting_declares():
    rate = one("optimizer.lr")
    assert (rate.low, rate.high) == BASE.knob_at("optimizer.lr").search
    assert rate.is_log and not one("optimizer.momentum").is_log
    assert one("optimizer.form").choices == ("outside", "inside")
    assert one("data.class_weights").choices == (True, False)
    assert suggested(BASE, "optimizer.lr") == rate and suggested(BASE, "model") is None


def test_typed_ranges_and_lists():
    assert one("loop.batch_size=16:128:3") == Field("loop.batch_size", 16, 128, 3, is_log=True, is_whole=True)
    assert one("loop.batch_size=32,64").choices == (32, 64)
    assert one("optimizer=adam,sgd").choices[0]["kind"] == "adam"
    mlp = BASE.edited("model", {"kind": "mlp"})
    assert one("model.hidden=[32],[64, 64]", mlp).choices == ([32], [64, 64])
    assert one("regularization=[],[{kind='l2'}]").choices[0] == []


def test_a_member_that_is_chosen_already_keeps_its_settings():
    base = BASE.edited("optimizer.momentum", 0.7)
    momentum, adam = one("optimizer=momentum,adam", base).choices
    assert momentum["momentum"] == 0.7 and adam["lr"] == 0.001


def test_a_field_may_lead_through_a_member_that_another_chooses():
    first, second = fields_of(BASE, ["optimizer.beta1=0.8:0.95", "optimizer=adam,momentum"])
    assert first.path == "optimizer.beta1" and second.path == "optimizer"
    with pytest.raises(SpecError, match=r"optimizer\.beta1: is not a known setting of Momentum"):
        one("optimizer.beta1=0.8:0.95")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("optimizer.lr=1:0.1", "inverted range: 1 is above 0.1"),
        ("optimizer.lr=0.1:0.1", "empty range"),
        ("optimizer.lr=0:1", "must stay within its limits"),
        ("optimizer.weight_decay=0:0.1", "begins above 0"),
        ("optimizer.lr=nan:1", "finite"),
        ("optimizer.lr=a:1", "cannot be read|has no range that can be read"),
        ("optimizer.lr=0.1:1:0", "at least one value"),
        ("optimizer.lr=0.1:1:2:3", "has no range that can be read"),
        ("loop.batch_size=1.5:8", "whole numbers"),
        ("loop.batch_size=8:1000000", "from 1 to 65"),
        ("optimizer=adam", "at least two different values"),
        ("optimizer=adam,adam", "at least two different values"),
        ("optimizer=adam,nobody", "must be one of"),
        ("optimizer", "write optimizer=VALUE,VALUE"),
        ("data.class_weights=maybe,true", "must be true or false"),
        ("model.fire", "is not a known setting"),
        ("loop.seed=0:9", "is not searched: the seed with the best result is luck"),
        ("data.source=digits,moons", "other examples cannot be compared"),
        ("data.validation_fraction=0.1:0.3", "other validation examples"),
        ("loop.threads=1:4", "does not change what is learned"),
    ],
)
def test_wrong_fields_are_refused_with_their_reason(text, reason):
    with pytest.raises(SpecError, match=reason) as refused:
        one(text)
    assert refused.value.problems[0].path.startswith(text.partition("=")[0])


def test_every_wrong_field_is_named_at_once_and_none_may_be_there_twice():
    with pytest.raises(SpecError) as refused:
        fields_of(BASE, ["optimizer.lr=1:0.1", "loop.seed", "loop.batch_size", "loop.batch_size=8:16"])
    assert [each.path for each in refused.value.problems] == ["optimizer.lr", "loop.seed", "loop.batch_size"]


RANGES = st.tuples(st.floats(1e-6, 1e3), st.floats(1.01, 1e4)).map(lambda ends: (ends[0], ends[0] * ends[1]))


@given(RANGES, st.floats(0, 1, exclude_max=True), st.booleans())
def test_a_value_lies_within_its_range_at_the_place_of_its_share(ends, share, is_log):
    field = Field("optimizer.lr", *ends, is_log=is_log)
    value = field.value(share)
    assert field.has(value)
    low, high = ends
    expected = low * (high / low) ** share if is_log else low + (high - low) * share
    assert value == pytest.approx(expected, rel=2e-5)
    assert field.place(value) == pytest.approx(share, abs=2e-2)


@pytest.mark.parametrize(("low", "more", "is_log"), [(1, 1, False), (1, 9, True), (7, 13, False), (20, 30, True)])
def test_whole_numbers_are_all_drawn(low, more, is_log):
    field = Field("loop.epochs", low, low + more, is_log=is_log, is_whole=True)
    drawn = {field.value(share) for share in np.linspace(0, 1, 401)[:-1]}
    assert drawn == set(range(low, low + more + 1))


def test_a_grid_has_both_ends_and_each_value_once():
    assert Field("a", 0.001, 1.0, is_log=True).grid(4) == (0.001, 0.01, 0.1, 1.0)
    assert Field("a", 0.0, 1.0).grid(3) == (0.0, 0.5, 1.0)
    assert Field("a", 1, 3, is_whole=True).grid(9) == (1, 2, 3)
    assert Field("a", 0.0, 1.0).grid(1) == (0.5,)
    assert Field("a", choices=("x", "y")).grid(7) == ("x", "y")


def test_the_edges_of_a_range():
    field = Field("a", 1e-4, 1.0, is_log=True)
    assert [field.edge(value) for value in (1e-4, 1.5e-4, 1e-2, 0.7, 1.0)] == ["lower", "lower", "", "upper", "upper"]
    assert Field("a", choices=(1, 2)).edge(1) == ""


def test_members_are_shown_by_their_kind_unless_two_have_the_same():
    field = one("optimizer=adam,sgd")
    assert field.shown(field.choices[0]) == "adam"
    same = one("optimizer={kind='adam', lr=0.1},{kind='adam', lr=0.01}")
    assert same.shown(same.choices[0])["lr"] == 0.1
