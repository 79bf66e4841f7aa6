"""The spec: validation with all problems at once, edits, and the declarations of all settings."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest
from pydantic import BaseModel

from workbench.engine.catalog.activations import Activation
from workbench.engine.catalog.augmentations import Augmentation
from workbench.engine.catalog.datasets import DataSource
from workbench.engine.catalog.initializations import Initialization
from workbench.engine.catalog.knob import MAX_ITEMS, MAX_TEXT
from workbench.engine.catalog.models import Model
from workbench.engine.catalog.optimizers import Optimizer
from workbench.engine.catalog.optimizers.sgd import SGD, Momentum
from workbench.engine.catalog.preprocessing import Preprocessing
from workbench.engine.catalog.regularizers import Regularizer
from workbench.engine.catalog.schedules import Schedule
from workbench.engine.catalog.settings import settings_of
from workbench.engine.catalog.variant import Section, Variant, members_of
from workbench.engine.core.errors import SpecError
from workbench.engine.core.text import number_text
from workbench.engine.spec.data_spec import DataSpec
from workbench.engine.spec.experiment import ExperimentSpec, LoopSpec, live_paths, plain, spec_from_plain
from workbench.engine.spec.toml import loads

FAMILIES: list[type[Variant]] = [
    Activation,
    Augmentation,
    DataSource,
    Initialization,
    Model,
    Optimizer,
    Preprocessing,
    Regularizer,
    Schedule,
]
MEMBERS = [cls for family in FAMILIES for cls in members_of(family).values()]
SECTIONS: list[type[Section]] = [ExperimentSpec, DataSpec, LoopSpec]
DECLARED: list[type[BaseModel]] = [*SECTIONS, *MEMBERS]


def said(table: Any) -> dict[str, str]:
    """The problems of a plain table by path."""
    with pytest.raises(SpecError) as caught:
        spec_from_plain(table)
    return {p.path: p.message for p in caught.value.problems}


# --- refusals (LD24) ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lr", "words"),
    [
        (float("nan"), "must be a finite number, not nan"),
        (float("inf"), "must be a finite number, not inf"),
        (-1, "must be from 1e-9 to 10\u202f000\u202f000, not −1"),
        (0, "must be from 1e-9 to 10\u202f000\u202f000, not 0"),
        ("0.1", "must be a number, not '0.1'"),
        (True, "must be a number, not true"),
        (None, "must be a number, not None"),
        ([0.1], "must be a number"),
        (10**400, "must be a number, not about 1e400"),
    ],
    ids=str,
)
def test_a_wrong_rate_is_refused_with_its_reason(lr: Any, words: str) -> None:
    problems = said({"optimizer": {"kind": "sgd", "lr": lr}})
    assert list(problems) == ["optimizer.lr"]
    assert problems["optimizer.lr"].startswith(words)


def test_every_problem_is_listed_at_once_with_its_path() -> None:
    problems = said(
        {
            "surprise": 1,
            "title": 3,
            "data": {"validation_fraction": 1.5, "source": {"kind": "moons", "noise": -1.0, "extra": 1}},
            "augmentations": [{"kind": "horizontal_flip", "p": 2.0}, {"kind": "sideways"}, 7],
            "model": {"kind": "mlp", "hidden": [8, 0], "activation": {"kind": "leaky_relu", "slope": "x"}},
            "optimizer": {"kind": "sgd", "lr": float("nan"), "weight_decay": "0.1", "momentum": 0.9},
            "schedule": {},
            "loop": {"epochs": 10**12, "device": "tpu", "seed": True, "batch_size": 2.5},
        }
    )
    assert set(problems) == {
        "surprise",
        "title",
        "data.validation_fraction",
        "data.source.noise",
        "data.source.extra",
        "augmentations.0.p",
        "augmentations.1",
        "augmentations.2",
        "model.hidden",
        "model.activation.slope",
        "optimizer.lr",
        "optimizer.weight_decay",
        "optimizer.momentum",
        "schedule",
        "loop.epochs",
        "loop.device",
        "loop.seed",
        "loop.batch_size",
    }
    assert problems["surprise"] == "is not a known setting"
    assert problems["loop.epochs"] == "must be from 1 to 1\u202f000\u202f000, not 1\u202f000\u202f000\u202f000\u202f000"
    assert problems["augmentations.1"].startswith("must be one of: horizontal_flip")
    assert problems["schedule"].startswith("needs a kind, one of: constant")
    assert "'cuda'" in problems["loop.device"]


def test_the_problems_of_a_file_of_a_newer_version_are_listed_too() -> None:
    with pytest.raises(SpecError) as caught:
        loads('version = 2\n[loop]\nepochs = 0\n[optimizer]\nkind = "sgd"\nlr = inf\n')
    assert [p.path for p in caught.value.problems] == ["version", "optimizer.lr", "loop.epochs"]
    assert "newer version" in caught.value.problems[0].message


@pytest.mark.parametrize(
    "value", ["x" * 60_000, 10**5000, [[[[1]]]], {"kind": "x" * 9999}, {"kind": 10**5000}, {"kind": []}], ids=range(6)
)
@pytest.mark.parametrize("path", ["loop.epochs", "loop.device", "title", "optimizer", "model", "augmentations", "data"])
def test_absurd_values_get_a_short_sentence(path: str, value: Any) -> None:
    with pytest.raises(SpecError) as caught:
        ExperimentSpec().edited(path, value)
    assert all(len(str(p)) < 300 for p in caught.value.problems)


def test_texts_and_lists_have_an_end() -> None:
    assert "characters" in said({"note": "x" * (MAX_TEXT + 1)})["note"]
    assert "entries" in said({"model": {"kind": "mlp", "hidden": [1] * (MAX_ITEMS + 1)}})["model.hidden"]
    assert "entries" in said({"augmentations": [{"kind": "horizontal_flip"}] * (MAX_ITEMS + 1)})["augmentations"]


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (1, "1"),
        (0.1, "0.1"),
        (1e-9, "1e-9"),
        (10**6, "1\u202f000\u202f000"),
        (2**31 - 1, "2\u202f147\u202f483\u202f647"),
        (-1e20, "about −1e20"),
    ],
)
def test_numbers_in_messages_are_exact(number: float, text: str) -> None:
    assert number_text(number) == text


# --- edits ----------------------------------------------------------------------------------------------------------


def test_an_edit_gives_a_new_spec_and_leaves_the_old_one() -> None:
    spec = ExperimentSpec()
    edited = spec.edited("optimizer.lr", 0.5).edited("model.activation", {"kind": "tanh"}).edited("loop.patience", 3)
    assert (edited.at("optimizer.lr"), edited.at("loop.patience")) == (0.5, 3)
    assert edited.at("model.activation").kind == "tanh"
    assert spec == ExperimentSpec()
    assert edited != spec
    assert edited.edited("loop.patience", None).at("loop.patience") is None


def test_an_edit_reaches_into_lists() -> None:
    spec = ExperimentSpec().edited("augmentations", [{"kind": "horizontal_flip"}, {"kind": "rotation"}])
    edited = spec.edited("augmentations.1.degrees", 5.0)
    assert edited.at("augmentations.1.degrees") == 5.0
    assert edited.augmentations[0] is spec.augmentations[0]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("optimizer.lr", 0.0),
        ("optimizer.rate", 1.0),
        ("nothing", 1),
        ("", 1),
        ("loop", 3),
        ("loop.epochs", None),
        ("loop.epochs.x", 1),
        ("augmentations.0.p", 0.5),
        ("model.activation", {"kind": "relu", "slope": 0.1}),
        ("model.activation.kind", "tanh"),
        ("version", 1),
    ],
)
def test_a_wrong_edit_is_refused_and_names_its_path(path: str, value: Any) -> None:
    with pytest.raises(SpecError) as caught:
        ExperimentSpec().edited(path, value)
    assert all(p.path.startswith(path.split(".")[0]) for p in caught.value.problems)


def test_a_problem_below_an_edit_has_its_whole_path() -> None:
    with pytest.raises(SpecError) as caught:
        ExperimentSpec().edited("model", {"kind": "mlp", "activation": {"kind": "leaky_relu", "slope": 9.0}})
    assert [p.path for p in caught.value.problems] == ["model.activation.slope"]
    with pytest.raises(SpecError) as caught:
        ExperimentSpec().edited("model.activation", {"kind": "leaky_relu", "slope": 9.0})
    assert [p.path for p in caught.value.problems] == ["model.activation.slope"]


def test_the_default_is_ready_to_run() -> None:
    assert ExperimentSpec().problems() == ()


def test_live_paths_are_settings_with_a_live_knob() -> None:
    spec = ExperimentSpec().edited("regularization", [{"kind": "l2"}, {"kind": "dropout"}])
    paths = live_paths(spec)
    assert {"optimizer.lr", "regularization.0.strength", "regularization.1.p", "loop.epochs"} <= set(paths)
    assert not {"loop.seed", "loop.batch_size", "model.hidden", "regularization.1.conv"} & set(paths)
    assert all(spec.knob_at(path).live for path in paths)


# --- declarations ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cls", DECLARED, ids=lambda c: c.__name__)
def test_every_setting_is_declared_whole(cls: type[BaseModel]) -> None:
    for setting in settings_of(cls):
        knob = setting.knob
        where = f"{cls.__name__}.{setting.name}"
        assert knob.label, where
        assert knob.label[0].isupper(), where
        assert not knob.label.endswith("."), where
        assert knob.help.endswith("."), where
        assert "  " not in knob.help, where
        assert knob.hint.endswith("."), where
        assert not knob.lesson or knob.lesson.endswith("."), where
        if setting.optional:
            assert setting.default is None, f"{where}: a file leaves out what is off"
        if setting.type == "choice":
            names = len(setting.values) > 30 and not knob.options  # so many names speak for themselves
            assert names or tuple(knob.options) == setting.values, where
        if setting.type in ("number", "integer", "sizes"):
            assert knob.low is not None, where
            assert knob.high is not None, where
            assert knob.scale == "linear" or knob.low >= 0, where


@pytest.mark.parametrize("cls", DECLARED, ids=lambda c: c.__name__)
def test_the_default_keeps_its_own_limits(cls: type[BaseModel]) -> None:
    made = cls()
    assert cls.model_validate(dict(made)) == made


@pytest.mark.parametrize("cls", MEMBERS, ids=lambda c: c.kind)
def test_every_member_has_a_title_and_a_summary(cls: type[Variant]) -> None:
    assert cls.title
    assert cls.summary.endswith(".")
    assert cls.__doc__
    assert cls.kind.isidentifier()
    assert cls.kind == cls.kind.lower()
    assert isinstance(cls().brief(), str)


@pytest.mark.parametrize("family", FAMILIES, ids=lambda f: f.__name__)
def test_titles_within_a_family_differ(family: type[Variant]) -> None:
    titles = [cls.title for cls in members_of(family).values()]
    assert len(set(titles)) == len(titles)


@pytest.mark.parametrize("cls", DECLARED, ids=lambda c: c.__name__)
def test_values_beyond_the_limits_are_refused_with_the_range(cls: type[BaseModel]) -> None:
    for setting in settings_of(cls):
        knob = setting.knob
        if setting.type not in ("number", "integer"):
            continue
        for beyond in (knob.low and knob.low - 1, knob.high and knob.high + 1):
            if beyond:
                number = int(beyond) if setting.type == "integer" else float(beyond)
                with pytest.raises(ValueError, match="must be ") as caught:
                    cls.model_validate({**dict(cls()), setting.name: number})
                assert knob.range_text in str(caught.value)


# --- programmers' errors ---------------------------------------------------------------------------------------------


def test_two_members_of_one_kind_are_a_programmers_error() -> None:
    class Twin(SGD):
        kind: ClassVar[str] = "sgd"

    try:
        with pytest.raises(TypeError, match="both have the kind 'sgd'"):
            members_of(Optimizer)
    finally:
        Twin.kind = ""


def test_a_field_without_a_knob_is_a_programmers_error() -> None:
    class Careless(Section):
        number: int = 1

    with pytest.raises(TypeError, match=r"Careless\.number has no Knob"):
        settings_of(Careless)


def test_plain_keeps_kinds_first_and_none() -> None:
    table = plain(ExperimentSpec(optimizer=Momentum(lr=0.1)))
    assert next(iter(table["optimizer"])) == "kind"
    assert table["loop"]["threads"] is None
    assert spec_from_plain(table) == ExperimentSpec(optimizer=Momentum(lr=0.1))
