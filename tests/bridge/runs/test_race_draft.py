"""The race that is being set up, without a race: its history, names, maximum and shared settings."""

from __future__ import annotations

import pytest

from tests.engine.helpers import small_spec
from workbench.bridge.runs import race_draft
from workbench.bridge.runs.race_draft import RaceDraft
from workbench.engine.core.errors import SpecError
from workbench.engine.core.race_events import RaceChange
from workbench.engine.race.spec import Racer, RaceSpec

BASE = small_spec(loop__epochs=1)


def draft(*names: str, **settings: object) -> RaceDraft:
    """A race of racers with these names, which nothing precedes."""
    made = RaceDraft(lambda: BASE)
    made.spec = RaceSpec(BASE, tuple(Racer.of(name, settings) for name in names))
    return made


def names(made: RaceDraft) -> list[str]:
    return [racer.name for racer in made.racers]


def test_a_change_after_an_undo_leaves_nothing_to_redo() -> None:
    made = draft("a")
    made.add([Racer.of("b", {})])
    made.undo()
    assert made.can_redo
    made.add([Racer.of("c", {})])
    assert not made.can_redo and names(made) == ["a", "c"]
    made.redo()
    assert names(made) == ["a", "c"]


def test_the_newest_changes_can_be_undone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(race_draft, "_MOST", 2)
    made = draft("a")
    for name in "bcd":
        made.add([Racer.of(name, {})])
    for wanted in (["a", "b", "c"], ["a", "b"], ["a", "b"]):
        made.undo()
        assert names(made) == wanted
    assert not made.can_undo


def test_what_changes_nothing_is_no_step() -> None:
    made, said = draft("a"), list[int]()
    made.changed.connect(lambda: said.append(1))
    made.put(made.spec)
    assert not made.can_undo and said == []


def test_a_racer_keeps_its_name_unless_another_has_it() -> None:
    made = draft("a", "b")
    made.change(0, Racer.of("a", {"loop.seed": 3}))
    assert names(made) == ["a", "b"] and made.racers[0].settings == {"loop.seed": 3}
    made.change(0, Racer.of("b", {}))
    assert names(made) == ["b 2", "b"]
    made.change(1, Racer.of("", {}))
    assert names(made) == ["b 2", "b"]
    made.change(7, Racer.of("c", {}))
    assert names(made) == ["b 2", "b"]


def test_removing_a_racer_clears_the_tape_whose_numbers_it_would_change() -> None:
    made = draft("a", "b", "c")
    assert made.spec is not None
    made.spec = RaceSpec(made.spec.base, made.spec.racers, tape=(RaceChange(2, "drop", 2),))
    made.remove([0])
    assert names(made) == ["b", "c"] and made.spec.tape == ()
    made.undo()
    assert made.spec.tape == (RaceChange(2, "drop", 2),)


def test_settings_of_the_form_that_do_not_fit_a_racer_are_not_taken() -> None:
    made = draft("a", **{"optimizer.momentum": 0.5})
    assert made.spec is not None
    before = made.spec = RaceSpec(BASE.edited("optimizer", {"kind": "momentum"}), made.spec.racers)
    with pytest.raises(SpecError):
        made.take_form()
    assert made.spec is before and not made.can_undo


def test_racers_are_added_up_to_the_maximum() -> None:
    made = draft("a")
    made.add([Racer.of("a", {})] * 20)
    assert len(made.racers) == 12 and made.room == 0
    assert names(made)[:3] == ["a", "a 2", "a 3"]


def test_rates_are_given_by_number_as_one_change() -> None:
    made = draft("a", "b", "c")
    made.set_rates("optimizer.lr", {0: 0.5, 2: 0.25})
    assert [racer.settings for racer in made.racers] == [{"optimizer.lr": 0.5}, {}, {"optimizer.lr": 0.25}]
    made.undo()
    assert not made.can_undo and all(not racer.settings for racer in made.racers)
