"""Steps back: the run stands where it stood, and what comes then is as if the steps behind had never been."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.engine.helpers import small_spec
from tests.engine.training.resuming import assert_same, gone_on, log_of, steering, whole
from tests.engine.training.test_resume import ensemble, everything, second_order
from workbench.engine.core.drive import drive
from workbench.engine.core.events import (
    Command,
    Edit,
    Edited,
    EpochEnded,
    EvalProgress,
    Event,
    Notice,
    RunEnded,
    StepBack,
    Stepped,
    SteppedBack,
    Stop,
)
from workbench.engine.run_store.event_lines import line_of_event
from workbench.engine.run_store.history import History
from workbench.engine.run_store.kept_state import kept_state
from workbench.engine.run_store.log_cut import lines_up_to
from workbench.engine.run_store.run_folder import RunFolder
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.train import train
from workbench.engine.training import checkpointer, recent_states
from workbench.engine.training.set_up import set_up


def once(is_it: Callable[[Event], bool], *commands: Command) -> Callable[[Event], Command | None]:
    """``commands`` one after the other, the first at the event that ``is_it``."""
    left: list[Command] = []
    begun = False

    def command(event: Event) -> Command | None:
        nonlocal begun
        if not begun and is_it(event):
            begun = True
            left.extend(commands)
        return left.pop(0) if left else None

    return command


def trained(
    spec: ExperimentSpec, place: Path, command: Callable[[Event], Command | None]
) -> tuple[Path, History, list[Event]]:
    folder, history, events = RunFolder.create(spec, place), History(), []

    def fold(event: Event) -> None:
        history.fold(event)
        events.append(event)

    ended = drive(train(spec, folder, history.steps), command, fold)
    assert ended.reason != "failed", ended.message + ended.details
    return folder.path, history, events


def at_step(step: int) -> Callable[[Event], bool]:
    return lambda event: isinstance(event, Stepped) and event.step == step


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, History]:
    """The run of ``everything`` that never goes back."""
    return whole(everything(), tmp_path_factory.mktemp("whole"))


@pytest.mark.parametrize("share", [1e9, 1e-9])
@pytest.mark.parametrize(
    ("where", "back", "to"),
    [
        (at_step(10), 1, 9),
        (at_step(10), 3, 7),
        (at_step(10), 6, 4),
        (at_step(10), 99, 0),
        (lambda event: isinstance(event, EpochEnded) and event.step == 14, 2, 12),
        (lambda event: isinstance(event, EvalProgress) and event.step == 14, 5, 9),
    ],
    ids=["one", "to an evaluation", "over an evaluation", "to the start", "from an evaluation", "within one"],
)
def test_the_run_ends_as_if_it_had_never_gone_back(
    where: Callable[[Event], bool],
    back: int,
    to: int,
    share: float,
    uninterrupted: tuple[Path, History],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With a state of every step, and with those at evaluations only, between which steps are trained again."""
    monkeypatch.setattr(recent_states, "SHARE", share)
    want, history = uninterrupted
    path, got, events = trained(everything(), tmp_path, once(where, StepBack(back)))
    assert [event.step for event in events if isinstance(event, SteppedBack)] == [to]
    assert_same(path, want, got, history)


def test_edits_behind_the_step_are_gone_and_those_before_it_stay(tmp_path: Path) -> None:
    edits = {3: ("optimizer.lr", 0.03), 9: ("optimizer.lr", 0.0001)}

    def steer(event: Event) -> Command | None:
        return Edit(*edits.pop(event.step)) if isinstance(event, Stepped) and event.step in edits else back(event)

    back = once(at_step(12), StepBack(6))
    want, history = whole(everything(), tmp_path / "whole", ((3, "optimizer.lr", 0.03),))
    path, got, _ = trained(everything(), tmp_path, steer)
    assert_same(path, want, got, history)


@pytest.mark.parametrize("edit", [(7, "regularization.0.p", 0.8), (-7, "regularization.0.p", 0.8)])
def test_an_edit_between_the_state_and_the_step_is_made_again_at_its_place(
    edit: tuple[int, str, float], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before the evaluation at its step, or behind it: the batch that follows is trained with it either way."""
    monkeypatch.setattr(recent_states, "SHARE", 1e-9)
    want, history = whole(everything(), tmp_path / "whole", (edit,))
    edits, back = steering((edit,)), once(at_step(12), StepBack(3))
    path, got, _ = trained(everything(), tmp_path, lambda event: edits(event) or back(event))
    assert_same(path, want, got, history)


def test_a_best_state_from_behind_the_step_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It waits in memory for the next write when the run goes back."""
    monkeypatch.setattr(checkpointer, "SAVE_EVERY", math.inf)
    monkeypatch.setattr(checkpointer, "SAVE_WITHIN", math.inf)
    path, _, events = trained(small_spec(augmentations=[]), tmp_path, once(at_step(16), StepBack(5), Stop()))
    assert [event.is_best for event in events if isinstance(event, EpochEnded) and event.step == 14] == [True]
    assert isinstance(events[-1], RunEnded) and events[-1].step == 11
    kept = kept_state(path, "best")
    assert kept is None or kept.step <= 11


def test_several_steps_back_one_after_the_other(tmp_path: Path) -> None:
    """As when a run is paused: each comes as the answer to the one before; then another rate is tried."""
    commands = once(at_step(10), StepBack(), StepBack(2), Edit("optimizer.lr", 0.03))
    want, history = whole(everything(), tmp_path / "whole", ((-7, "optimizer.lr", 0.03),))
    path, got, events = trained(everything(), tmp_path, commands)
    assert [event.step for event in events if isinstance(event, SteppedBack)] == [9, 7]
    assert got.steps.read(0)[1][:, :4].tobytes() == history.steps.read(0)[1][:, :4].tobytes()
    assert log_of(path)[-1]["best_accuracy"] == log_of(want)[-1]["best_accuracy"]


def test_a_run_that_went_back_and_stops_goes_on_from_there(uninterrupted: tuple[Path, History], tmp_path: Path) -> None:
    want, history = uninterrupted
    path, _, events = trained(everything(), tmp_path, once(at_step(16), StepBack(6), Stop()))
    assert isinstance(events[-1], RunEnded) and events[-1].step == 10
    resumed, got = gone_on(path)
    assert (resumed.step == 10 and not (path / "checkpoints" / "previous.pt").exists()) or resumed.proof != "differs"
    assert_same(path, want, got, history)


def test_a_full_batch_step_is_finished_first(tmp_path: Path) -> None:
    def within(event: Event) -> bool:
        return isinstance(event, EvalProgress) and event.step == 2 and event.words == "Computing the step"

    want, history = whole(second_order(), tmp_path / "whole")
    path, got, events = trained(second_order(), tmp_path, once(within, StepBack(2)))
    assert [event.step for event in events if isinstance(event, SteppedBack)] == [1]
    assert_same(path, want, got, history)


@pytest.mark.parametrize("is_large", [True, False])
def test_it_is_refused_in_words(is_large: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A network that is too large, and an ensemble."""
    monkeypatch.setattr(recent_states, "MOST_PARAMETERS", 100)
    _, _, events = trained(small_spec() if is_large else ensemble(), tmp_path, once(at_step(3), StepBack()))
    (said,) = (event for event in events if isinstance(event, Notice) and event.code == "step_back_refused")
    assert "only the last steps of one small network are kept" in said.message


def test_memory_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recent_states, "SHARE", 1e9)
    monkeypatch.setattr(recent_states, "MOST_STATES", 3)
    _, _, events = trained(small_spec(), tmp_path, once(at_step(12), StepBack(99)))
    assert [event.step for event in events if isinstance(event, SteppedBack)] == [9]


def test_a_step_that_is_kept_again_takes_the_room_of_one_state(monkeypatch: pytest.MonkeyPatch) -> None:
    """As behind each evaluation: the older states stay."""
    run = set_up(small_spec(), None)
    kept = recent_states.RecentStates(run)
    kept.keep()
    monkeypatch.setattr(recent_states, "MOST_BYTES", int(2.5 * kept._bytes))
    for step in (1, 1, 1, 1):
        run.state.progress.step = step
        kept.keep()
    assert [each.step for each in kept._kept] == [0, 1]
    assert kept._bytes == sum(each.size for each in kept._kept)
    run.state.progress.step = 2
    kept.keep()
    assert [each.step for each in kept._kept] == [1, 2]


def test_a_warning_of_the_step_that_is_taken_back_goes_with_it() -> None:
    """It has the 0-based number of its step; an edit with that number came before the step, and stays."""
    events = (Notice(6, "diverged", ""), Notice(6, "data_note", ""), Edited(6, "optimizer.lr", 0.1, 0.2))
    history, log = History(), b"".join(json.dumps(line_of_event(each)).encode() + b"\n" for each in events)
    for event in (*events, SteppedBack(6)):
        history.fold(event)
    assert history.notices == [events[1]] and history.edits == [events[2]]
    assert [json.loads(line)["event"] for line in lines_up_to(log, 0, 6).splitlines()] == ["Notice", "Edited"]


def test_of_networks_that_are_trained_together_no_states_are_kept_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: list[object] = []
    monkeypatch.setattr(recent_states, "_size", lambda state: kept.append(state) or 0)
    trained(ensemble(), tmp_path, lambda event: None)
    assert not kept
    trained(small_spec(), tmp_path, lambda event: None)
    assert kept
