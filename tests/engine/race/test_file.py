"""Race files: written and read again, and refused with every fault at once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.engine.core.errors import SpecError, WorkbenchError
from workbench.engine.core.race_events import RaceChange
from workbench.engine.race.file import dumps, load, loads, save
from workbench.engine.race.ready import ready_races
from workbench.engine.race.spec import Racer, RaceSpec
from workbench.engine.spec.experiment import ExperimentSpec

#: Settings of racers that are valid in any combination.
SETTINGS = st.fixed_dictionaries(
    {},
    optional={
        "optimizer": st.sampled_from([{"kind": "adam", "lr": 0.01}, {"kind": "momentum", "momentum": 0.5}]),
        "optimizer.lr": st.floats(1e-6, 10.0),
        "loop.patience": st.none() | st.integers(1, 100),
        "loop.epochs": st.integers(1, 1000),
        "loop.speed_limit": st.booleans(),
        "note": st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=20),
        "augmentations": st.lists(st.sampled_from([{"kind": "horizontal_flip", "p": 0.25}]), max_size=1),
        "regularization": st.just([{"kind": "dropout", "p": 0.5}, {"kind": "l2", "strength": 0.001}]),
        "model": st.just({"kind": "mlp", "hidden": [8, 8], "activation": {"kind": "tanh"}}),
    },
)
WORDS = st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=12)


@st.composite
def races(draw: st.DrawFn) -> RaceSpec:
    names = draw(st.lists(WORDS.map(lambda word: f"r{word}".strip()), min_size=1, max_size=4))
    names = list(dict.fromkeys(" ".join(name.split()) for name in names))
    racers = tuple(Racer.of(name, draw(SETTINGS)) for name in names)
    number = st.integers(0, len(racers) - 1)
    changes = st.builds(
        RaceChange,
        st.integers(0, 10**6),
        st.sampled_from(("drop", "hold", "go_on", "stop")),
        number,
        st.integers(0, 10**6),
        measured=st.booleans(),
    )
    edits = st.builds(
        RaceChange, st.integers(0, 99), st.just("edit"), number, path=st.just("optimizer.lr"), value=st.floats(0.1, 1)
    )
    tape = tuple(draw(st.lists(changes | edits, max_size=4)))
    target = draw(st.none() | st.floats(1e-6, 10))
    return RaceSpec(ExperimentSpec(), racers, draw(WORDS), draw(WORDS), target, tape)


@given(races())
@settings(max_examples=40, deadline=None)
def test_a_race_comes_back_as_it_was_written(race: RaceSpec) -> None:
    assert loads(dumps(race)) == race


def two(**changes: Any) -> RaceSpec:
    racers = (Racer.of("One", {}), Racer.of("Two", {"optimizer.lr": 0.5}))
    return replace(RaceSpec(ExperimentSpec(), racers), **changes)


def test_a_racer_that_joins_later_is_not_there_at_the_start() -> None:
    race = loads(dumps(two(tape=(RaceChange(5, "add", 1),))))
    assert race.at_start == (0,)
    assert race.without_tape.at_start == (0, 1)


def test_paths_are_relative_to_the_file(tmp_path: Path) -> None:
    (tmp_path / "pictures").mkdir()
    racer = Racer.of("Own", {"data.source": {"kind": "folder", "folder": "pictures"}})
    (tmp_path / "race.toml").write_text(dumps(RaceSpec(ExperimentSpec(), (racer,))))
    race = load(tmp_path / "race.toml")
    assert race.spec_of(0).at("data.source.folder") == str(tmp_path / "pictures")


def test_a_file_is_written_whole_and_read_again(tmp_path: Path) -> None:
    save(two(), tmp_path / "race.toml")
    assert load(tmp_path / "race.toml") == two()
    with pytest.raises(WorkbenchError, match="at most 64 KB"):
        save(two(note="x" * 70_000), tmp_path / "race.toml")
    assert load(tmp_path / "race.toml") == two()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("version = 9", "newer version"),
        ("speed = 1", "speed: is not known in a race file"),
        ("racers = 3", "must be tables"),
        ("target_loss = -1", "above 0"),
        ("target_loss = true", "must be a number above 0"),
        ("[[racers]]\nname = 'a'\n[[tape]]\nround = true\ndoes = 'drop'\nracer = 'a'", "round: must be a whole number"),
        ("", "at least one racer"),
        ("[[racers]]\nname = 3", "racers.0.name: must be text"),
        ("[[racers]]\nname = 'a'\ncolour = 'red'", "racers.0.colour: is not known"),
        ("[[racers]]\nname = 'a'\n[[racers]]\nname = 'a'", "Two racers have the name a"),
        ("[[racers]]\nname = 'a'\n[racers.settings]\n'optimizer.nothing' = 1", "not a known setting.*racer a"),
        ("[[racers]]\nname = 'a'\n[racers.settings]\n'optimizer.lr' = 1e9", "racer a"),
        ("[[racers]]\nname = 'a'\n[[tape]]\nround = 1\ndoes = 'drop'\nracer = 'b'", "none of the racers"),
        ("[[racers]]\nname = 'a'\n[[tape]]\nround = -1\ndoes = 'leap'\nracer = 'a'", "round.*\n.*does"),
        ("[settings.loop]\nepochs = 0\n[[racers]]\nname = 'a'", "loop.epochs"),
    ],
)
def test_invalid_race_files_are_refused_with_the_reason(text: str, words: str) -> None:
    with pytest.raises(SpecError, match=words):
        loads(text)


def test_a_name_is_one_line_in_a_racer_and_in_the_tape_alike() -> None:
    race = loads(
        "[[racers]]\nname = 'b'\n[[racers]]\nname = 'a  c '\n[[tape]]\nround = 1\ndoes = 'drop'\nracer = 'a  c '"
    )
    assert ([racer.name for racer in race.racers], race.tape[0].racer) == (["b", "a c"], 1)


@pytest.mark.parametrize("change", [RaceChange(1, "drop", 2), RaceChange(1, "drop", -1), RaceChange(-1, "drop", 1)])
def test_a_change_of_a_racer_that_is_not_there_is_a_fault(change: RaceChange) -> None:
    assert not two(tape=(RaceChange(1, "drop", 1),)).faults()
    assert [problem.message for problem in two(tape=(change,)).faults()] == [
        f"A change after round {change.round} is of no racer of this race."
    ]


def test_ready_races_are_those_that_can_be_read_named_by_their_files_without_a_title(tmp_path: Path) -> None:
    save(two(note="Look\nat  it."), tmp_path / "b.toml")
    save(two(title="First"), tmp_path / "a.toml")
    (tmp_path / "c.toml").write_text("racers = 3")
    assert [(race.title, race.note) for race in ready_races(tmp_path)] == [("First", ""), ("b", "Look at it.")]


def test_more_racers_than_the_maximum_are_refused() -> None:
    race = two(racers=tuple(Racer.of(str(number), {}) for number in range(13)))
    assert [str(problem) for problem in race.problems()] == ["A race has at most 12 racers, not 13."]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"loop.fastest": True}, "must be off in a race"),
        ({"data.source": {"kind": "folder", "folder": ""}}, "data.source.folder"),
    ],
)
def test_a_race_whose_runs_cannot_begin_can_be_read_but_not_begun(settings: dict[str, Any], words: str) -> None:
    race = loads(dumps(two(racers=(Racer.of("One", settings),))))
    with pytest.raises(SpecError, match=words):
        race.refuse_problems()
