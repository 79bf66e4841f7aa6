"""Racers from what a person types, and what a racer's settings become in a race."""

from __future__ import annotations

import pytest

from workbench.engine.core.errors import SpecError
from workbench.engine.race.spec import Racer, RaceSpec, named_apart
from workbench.engine.race.values import pruned, racer_of_typed, racers_of_values, words_of
from workbench.engine.spec.experiment import ExperimentSpec

BASE = ExperimentSpec().edited("optimizer", {"kind": "sgd", "lr": 0.5})


def test_every_wrong_value_is_said() -> None:
    with pytest.raises(SpecError) as refused:
        racers_of_values(BASE, "optimizer.lr", "0.1, -1, -2")
    assert len(refused.value.problems) == 2
    made = racers_of_values(BASE, "optimizer.lr", "0.1, 0.3")
    assert [racer.settings for racer in made] == [{"optimizer.lr": 0.1}, {"optimizer.lr": 0.3}]


def test_typed_settings_are_read_one_upon_the_other() -> None:
    """Momentum is a setting of the optimizer that was typed before it, and not of the base's."""
    racer = racer_of_typed(BASE, "", [("optimizer", "momentum"), ("optimizer.momentum", "0.5")])
    spec = racer.spec(BASE)
    assert (spec.optimizer.kind, spec.at("optimizer.momentum")) == ("momentum", 0.5)
    with pytest.raises(SpecError):
        racer_of_typed(BASE, "", [("optimizer.momentum", "0.5"), ("optimizer", "momentum")])
    assert racer_of_typed(BASE, " ", []).name == "As they are"


def test_words_name_at_most_three_differences() -> None:
    changes = [("optimizer.lr", 0.25), ("loop.batch_size", 16), ("loop.epochs", 3), ("loop.seed", 4)]
    spec, said = BASE, []
    for path, value in changes:
        spec = spec.edited(path, value)
        said.append(words_of(BASE, spec))
    assert [words.count(",") for words in said] == [0, 1, 2, 2]
    assert ["more" in words for words in said] == [False, False, False, True] and said[3].endswith(" and 1 more")


def test_a_setting_that_another_needs_stays() -> None:
    """Without its optimizer, which is like the base's in all else, the momentum would be of nothing."""
    racer = Racer.of("a", {"optimizer": {"kind": "momentum"}, "optimizer.momentum": 0.5, "loop.seed": BASE.loop.seed})
    assert list(pruned(BASE, racer).settings) == ["optimizer", "optimizer.momentum"]


def test_a_replaced_setting_is_applied_after_the_others() -> None:
    """An optimizer in front of its rate: the rate is set again behind it, whatever its place was before."""
    first = Racer.of("a", {"optimizer.lr": 0.1, "optimizer": {"kind": "adam", "lr": 0.2}})
    race = RaceSpec(BASE, (Racer.of("b", {}), first)).with_setting(1, "optimizer.lr", 0.3)
    assert race.spec_of(1).optimizer.lr == 0.3
    assert race.spec_of(0) == BASE and [racer.name for racer in race.racers] == ["b", "a"]


def test_a_racer_has_its_settings_as_a_file_has_them() -> None:
    racer = Racer.of(" a\n b ", {"loop": {"patience": None, "threads": (1, 2)}, "loop.patience": None})
    assert racer.name == "a b" and len(Racer.of("x" * 99, {}).name) == 60
    assert racer.settings == {"loop": {"threads": [1, 2]}, "loop.patience": None}


def test_names_are_numbered_from_two() -> None:
    assert named_apart([], "a") == "a"
    assert named_apart(["a"], "a") == "a 2"
    assert named_apart(["a", "a 2", "a 4"], "a") == "a 3"
