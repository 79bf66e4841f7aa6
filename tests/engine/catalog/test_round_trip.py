"""Every member of every family with random valid values, drawn from its knobs' limits: through TOML and back."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel

from workbench.engine.catalog.knob import MAX_TEXT
from workbench.engine.catalog.settings import Setting, settings_of
from workbench.engine.catalog.variant import Variant, members_of
from workbench.engine.core.errors import Problem, SpecError
from workbench.engine.spec.experiment import ExperimentSpec, plain, spec_from_plain
from workbench.engine.spec.toml import dumps, loads

hypothesis = pytest.importorskip("hypothesis")
st = hypothesis.strategies

#: Where a family stands in the spec, and whether as a list.
PLACES: dict[str, tuple[str, bool]] = {
    "augmentations": ("augmentations", True),
    "averages": ("averaging", True),
    "datasets": ("data.source", False),
    "ensembles": ("ensemble", False),
    "models": ("model", False),
    "optimizers": ("optimizer", False),
    "preprocessing": ("preprocessing", False),
    "regularizers": ("regularization", True),
    "schedules": ("schedule", False),
    "activations": ("model.activation", False),
    "initializations": ("model.init_weights", False),
    "freezing": ("model.freezing", False),
}
#: Where a place is in another model than the default.
MODELS = {"freezing": {"kind": "transfer"}}


def bases() -> dict[str, type[Variant]]:
    found: dict[str, type[Variant]] = {}

    def look(cls: type[BaseModel]) -> None:
        for setting in settings_of(cls):
            if setting.base is not None and issubclass(setting.base, Variant):
                family = setting.base.__module__.split(".")[-2]
                if found.setdefault(family, setting.base) is setting.base:
                    for member in members_of(setting.base).values():
                        look(member)
            elif setting.base is not None:
                look(setting.base)

    look(ExperimentSpec)
    return found


BASES = bases()
MEMBERS = [(family, cls) for family, base in BASES.items() for cls in members_of(base).values()]


def tables(cls: type[BaseModel]) -> Any:
    """Plain tables of ``cls`` with every setting drawn from its limits; a variant's kind comes first."""
    head = {"kind": st.just(cls.kind)} if issubclass(cls, Variant) else {}
    return st.fixed_dictionaries({**head, **{s.name: values(s) for s in settings_of(cls)}})


def values(setting: Setting) -> Any:
    knob = setting.knob
    kind: dict[str, Any] = {
        "number": lambda: st.floats(knob.low, knob.high, allow_nan=False),
        "integer": lambda: whole(setting),
        "switch": st.booleans,
        "choice": lambda: st.sampled_from(setting.values),
        "text": lambda: st.text(st.characters(exclude_categories=["Cs"]), max_size=60),
        "sizes": lambda: st.lists(whole(setting), max_size=4),
        "points": lambda: pairs(setting),
        "variant": lambda: one_of_family(setting.base),
        "variants": lambda: st.lists(one_of_family(setting.base), max_size=3),
        "section": lambda: tables(setting.base),  # type: ignore[arg-type]
    }
    drawn = kind[setting.type]()
    return st.none() | drawn if setting.optional else drawn


def whole(setting: Setting) -> Any:
    assert setting.knob.low is not None
    assert setting.knob.high is not None
    return st.integers(int(setting.knob.low), int(setting.knob.high))


def pairs(setting: Setting) -> Any:
    """Places of the kind that the default has (steps where it has none), rising, each with a factor."""
    steps = not setting.default or isinstance(setting.default[0][0], int)
    places = st.integers(0, 10**6) if steps else st.floats(0.0, 1.0)
    rising = st.lists(places, max_size=4, unique=True).map(sorted)
    return rising.flatmap(
        lambda xs: st.tuples(*(st.tuples(st.just(x), st.floats(1e-9, 1e9)).map(list) for x in xs)).map(list)
    )


def one_of_family(base: Any) -> Any:
    return st.one_of([tables(cls) for cls in members_of(base).values()])


def test_every_family_has_its_place() -> None:
    assert set(BASES) == set(PLACES)


@pytest.mark.parametrize(("family", "cls"), MEMBERS, ids=lambda v: getattr(v, "kind", ""))
@hypothesis.given(data=st.data())
@hypothesis.settings(max_examples=7)
def test_a_member_survives_its_file(family: str, cls: type[Variant], data: Any) -> None:
    check_member(family, cls, data)


@pytest.mark.full
@pytest.mark.parametrize(("family", "cls"), MEMBERS, ids=lambda v: getattr(v, "kind", ""))
@hypothesis.given(data=st.data())
@hypothesis.settings(max_examples=100)
def test_a_member_survives_its_file_a_hundred_times(family: str, cls: type[Variant], data: Any) -> None:
    check_member(family, cls, data)


def check_member(family: str, cls: type[Variant], data: Any) -> None:
    path, many = PLACES[family]
    table = data.draw(tables(cls))
    start = ExperimentSpec()
    start = start.edited("model", MODELS[family]) if family in MODELS else start
    spec = start.edited(path, [table] if many else table)
    assert loads(dumps(spec)) == spec
    assert spec_from_plain(plain(spec)) == spec
    assert all(isinstance(p.message, str) for p in spec.problems())
    member = spec.at(f"{path}.0" if many else path)
    assert type(member) is cls
    assert plain(member) == table
    assert isinstance(member.brief(), str)


@hypothesis.given(table=tables(ExperimentSpec))
@hypothesis.settings(max_examples=40)
def test_a_whole_spec_survives_its_file(table: dict[str, Any]) -> None:
    check_whole(table)


@pytest.mark.full
@hypothesis.given(table=tables(ExperimentSpec))
@hypothesis.settings(max_examples=300)
def test_a_whole_spec_survives_its_file_three_hundred_times(table: dict[str, Any]) -> None:
    check_whole(table)


def check_whole(table: dict[str, Any]) -> None:
    spec = spec_from_plain(table)
    text = dumps(spec)
    assert loads(text) == spec
    assert dumps(loads(text)) == text


@hypothesis.given(note=st.text(st.characters(exclude_categories=["Cs"]), max_size=MAX_TEXT))
@hypothesis.settings(max_examples=200)
def test_any_note_survives_its_file(note: str) -> None:
    spec = ExperimentSpec().edited("note", note)
    assert loads(dumps(spec)) == spec


@pytest.mark.parametrize(
    "text", ["\r", "a\r\nb", "\x7f", "\x00", "'''", '"""', "\\", "\\u1", "\u2028", "\x85", "a\n", "\n"]
)
def test_awkward_notes_survive(text: str) -> None:
    spec = ExperimentSpec().edited("note", text)
    assert loads(dumps(spec)) == spec


@hypothesis.given(
    path=st.sampled_from(["loop.epochs", "optimizer.lr", "title", "model", "augmentations", "data.source"]),
    value=st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["kind", "lr", "p"]), inner, max_size=3)
        ),
    ),
)
@hypothesis.settings(max_examples=200)
def test_no_value_does_anything_but_pass_or_be_refused(path: str, value: Any) -> None:
    problems: tuple[Problem, ...] = ()
    spec = ExperimentSpec()
    try:
        spec = spec.edited(path, value)
    except SpecError as error:
        problems = error.problems
    assert all(p.path.startswith(path) and p.message for p in problems)
    assert loads(dumps(spec)) == spec
