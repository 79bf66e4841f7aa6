"""Steps back in a run of the window: what came after them is gone everywhere, and what follows has the same bits."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.bridge.test_session import finish, numbers
from tests.bridge.test_session import session as session  # a fixture
from tests.golden.digest import digest_of
from workbench.bridge.runner import State
from workbench.bridge.session import Session
from workbench.bridge.step_back import StepsBack
from workbench.engine.run_store.steps_file import read_steps_from
from workbench.engine.training import can_step_back


@pytest.fixture
def back(session: Session) -> StepsBack:
    session.store.edit("model", {"kind": "mlp", "hidden": [16], "batch_norm": "before"})
    session.store.edit("loop.epochs", 8)
    return StepsBack(session)


def paused_at(qtbot: QtBot, session: Session, step: int) -> None:
    """Train, one batch after the other, up to ``step``."""
    if not session.is_active:
        session.step_one()
    while session.history.steps.count < step:
        qtbot.waitUntil(lambda: session.runner.state is State.PAUSED, timeout=60_000)
        count = session.history.steps.count
        session.step_one()
        qtbot.waitUntil(lambda count=count: session.history.steps.count > count, timeout=60_000)
    qtbot.waitUntil(lambda: session.runner.state is State.PAUSED, timeout=60_000)


def gone_back(qtbot: QtBot, back: StepsBack, steps: int) -> tuple[int, bool]:
    """Go back by ``steps``; where the run is then, and whether nothing older is kept."""
    back.set_steps(steps)
    with qtbot.waitSignal(back.went_back, timeout=60_000) as said:
        back.go()
    step, is_oldest = said.args
    return step, is_oldest


def log_steps(session: Session) -> list[int]:
    lines = (Path(session.folder) / "events.jsonl").read_text().splitlines()
    return [json.loads(line).get("step", 0) for line in lines]


def test_one_batch_from_idle_begins_a_run_that_holds_after_one_step(qtbot: QtBot, session: Session) -> None:
    session.step_one()
    qtbot.waitUntil(lambda: session.runner.state is State.PAUSED, timeout=60_000)
    assert session.history.steps.count == 1
    session.step_one()
    qtbot.waitUntil(lambda: session.history.steps.count == 2, timeout=60_000)
    qtbot.waitUntil(lambda: session.runner.state is State.PAUSED, timeout=60_000)
    session.runner.resume()
    assert finish(qtbot, session).reason == "completed"


def test_what_came_after_is_gone_and_going_on_has_the_same_bits(
    qtbot: QtBot, session: Session, back: StepsBack
) -> None:
    session.train()
    finish(qtbot, session)
    want, digest = numbers(session.history), digest_of(Path(session.folder))
    paused_at(qtbot, session, 14)
    assert gone_back(qtbot, back, 5) == (9, False)
    history = session.history
    assert session.runner.state is State.PAUSED and history.steps.count == 9
    assert all(each.step <= 9 for each in history.evaluations) and max(log_steps(session)) <= 9
    assert history.layers is None or history.layers.step < 9
    session.runner.resume()
    assert finish(qtbot, session).reason == "completed"
    assert numbers(session.history) == want and digest_of(Path(session.folder)) == digest
    assert read_steps_from(Path(session.folder))[1][:, :4].tobytes() == want
    measured = [each.step for each in session.history.evaluations]
    assert measured == sorted(set(measured))


def test_it_goes_back_from_a_run_that_is_not_paused(qtbot: QtBot, session: Session, back: StepsBack) -> None:
    session.store.edit("loop.epochs", 100_000)
    session.train()
    qtbot.waitUntil(lambda: session.history.steps.count > 40, timeout=60_000)
    step, _ = gone_back(qtbot, back, 3)
    qtbot.waitUntil(lambda: session.runner.state is State.PAUSED, timeout=60_000)
    assert session.history.steps.count == step


def test_a_changed_rate_is_taken_back_in_the_form_too(qtbot: QtBot, session: Session, back: StepsBack) -> None:
    paused_at(qtbot, session, 6)
    session.store.edit("optimizer.lr", 0.5)
    session.store.edit("loop.seed", 7)  # of the next run: it stays
    qtbot.waitUntil(lambda: bool(session.history.edits), timeout=60_000)
    paused_at(qtbot, session, 8)
    assert gone_back(qtbot, back, 4) == (4, False)
    running = session.store.running_spec
    assert running is not None and running.optimizer.lr == session.store.spec.optimizer.lr == 0.01
    assert not session.store.waits_for_next_run("optimizer.lr") and session.store.spec.loop.seed == 7
    assert session.history.edits == []
    session.runner.resume()
    assert finish(qtbot, session).reason == "completed" and session.history.edits == []
    assert session.history.steps.last[2] == 0.01


def test_behind_the_oldest_state_it_says_so(qtbot: QtBot, session: Session, back: StepsBack) -> None:
    paused_at(qtbot, session, 5)
    assert gone_back(qtbot, back, 2) == (3, False)
    assert gone_back(qtbot, back, 100) == (0, False)  # the start was wanted
    assert back.why_not == "No step to go back to yet."


def test_why_it_is_not_possible(
    qtbot: QtBot, session: Session, back: StepsBack, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert back.why_not == "There is no run to go back in."
    paused_at(qtbot, session, 2)
    assert back.why_not == ""
    monkeypatch.setattr(can_step_back, "MOST_PARAMETERS", 100)
    assert "up to 100 parameters" in back.why_not
    monkeypatch.undo()
    session.stop()
    finish(qtbot, session)
    assert back.why_not == "There is no run to go back in."


def test_after_a_resume_there_is_nothing_before_it(qtbot: QtBot, session: Session, back: StepsBack) -> None:
    paused_at(qtbot, session, 9)
    session.stop()
    finish(qtbot, session)
    session.runner.set_pace(1000.0)  # no second step comes
    session.go_on(Path(session.folder))
    # The steps are there before the events that say where the run began.
    qtbot.waitUntil(lambda: session.history.steps.count > 9 and not back.why_not, timeout=60_000)
    step, is_oldest = gone_back(qtbot, back, 20)
    assert (step, is_oldest) == (9, True) and back.why_not == "No step to go back to yet."


def test_a_run_that_trains_tells_when_it_can_go_back(qtbot: QtBot, session: Session, back: StepsBack) -> None:
    """Steps send no event: within an epoch nothing else tells it. So it is after a resume."""
    said: list[str] = []
    back.changed.connect(lambda: said.append(back.why_not))
    session.store.edit("loop.epochs", 100_000)
    session.train()
    qtbot.waitUntil(lambda: session.history.steps.count > 30, timeout=60_000)
    qtbot.waitUntil(lambda: bool(said) and said[-1] == "", timeout=60_000)
    session.stop()
    finish(qtbot, session)
    said.clear()
    session.runner.set_pace(0.02)
    session.go_on(Path(session.folder))
    qtbot.waitUntil(lambda: session.runner.state is State.RUNNING, timeout=60_000)
    qtbot.waitUntil(lambda: bool(said) and said[-1] == "", timeout=60_000)
    assert session.runner.state is State.RUNNING
    session.stop()
    finish(qtbot, session)


def test_a_step_that_gave_nan_is_taken_back(qtbot: QtBot, session: Session, back: StepsBack) -> None:
    """The run holds with its network; it goes back, trains on at the rate of before, and comes to its end."""
    session.store.edit("model", {"kind": "mlp", "hidden": [16], "batch_norm": "off"})
    session.store.edit("optimizer", {"kind": "sgd", "lr": 0.01})
    paused_at(qtbot, session, 6)
    session.store.edit("optimizer.lr", 1e7)
    with qtbot.waitSignal(session.noticed, timeout=60_000) as said:
        session.runner.resume()
    assert said.args[0].code == "diverged"
    qtbot.waitUntil(lambda: session.runner.state is State.PAUSED, timeout=60_000)
    assert gone_back(qtbot, back, session.history.steps.count - 5)[0] <= 5
    assert not [each for each in session.history.notices if each.code == "diverged"]
    assert session.store.spec.optimizer.lr == 0.01
    session.runner.resume()
    assert finish(qtbot, session).reason == "completed"
