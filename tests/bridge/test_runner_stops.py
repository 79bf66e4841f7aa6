"""Stop at awkward moments, and the shutdown of a runner."""

from __future__ import annotations

from typing import Any

from tests.bridge.helpers import Gate, Heard
from tests.bridge.running import assert_one_end, wait, wait_for
from tests.fakes import FakeEngine
from workbench.bridge.runner import Runner, State
from workbench.engine.core.events import EvalProgress, RunEnded


def _stop(
    qtbot: Any, runner: Runner, engine: FakeEngine, heard: Heard, gate: Gate | None = None, waits: str = ""
) -> RunEnded:
    """Stop and wait for the end; at a closed gate only once the runner has said that it ``waits`` for that."""
    step = engine.step
    runner.stop()
    assert runner.state is State.STOPPING
    if gate is not None:
        wait(qtbot, lambda: waits in heard.waits)
        gate.open()
    wait(qtbot, lambda: not runner.is_active)
    assert runner.state is State.IDLE
    assert_one_end(heard, engine)
    assert heard.ended[0].reason == "stopped"
    assert heard.ended[0].step <= step + 1
    assert engine.weights_saved == [heard.ended[0].step]
    return heard.ended[0]


def _stop_at(qtbot: Any, runner: Runner, heard: Heard, gate: Gate, waits: str, **settings: Any) -> RunEnded:
    """Start a run, stop it at the gate, see what the runner waits for, open the gate and wait for the end."""
    engine = FakeEngine(hold=gate, **settings)
    runner.start(engine.run)
    wait(qtbot, lambda: gate.reached.is_set() and runner.waiting_for == "")
    return _stop(qtbot, runner, engine, heard, gate, waits)


def test_stop_during_validation(qtbot, runner, heard):
    gate = Gate("chunk", 2)
    _stop_at(qtbot, runner, heard, gate, "finishing an evaluation chunk", steps_per_epoch=2, chunks=1000)
    assert heard.waits[0] == "finishing an evaluation chunk"
    assert heard.of(EvalProgress)[-1].done == 2


def test_stop_in_the_first_batch(qtbot, runner, heard):
    gate = Gate("step")
    assert _stop_at(qtbot, runner, heard, gate, "finishing the current step").step == 1
    assert heard.waits[0] == "finishing the current step"


def test_stop_while_weights_are_written(qtbot, runner, heard):
    gate = Gate("save")
    engine = FakeEngine(hold=gate)
    runner.start(engine.run)
    wait_for(qtbot, runner, State.RUNNING)
    _stop(qtbot, runner, engine, heard, gate, "writing weights")


def test_stop_while_paused(qtbot, runner, heard):
    engine = FakeEngine()
    runner.start(engine.run)
    wait(qtbot, lambda: engine.step > 2)
    runner.pause()
    wait_for(qtbot, runner, State.PAUSED)
    step = engine.step
    assert _stop(qtbot, runner, engine, heard).step == step


def test_stop_while_starting(qtbot, runner, heard):
    gate = Gate("start")
    assert _stop_at(qtbot, runner, heard, gate, "finishing the start of the run").step == 0
    assert heard.waits[0] == "finishing the start of the run"


def test_stop_before_the_thread_has_looked(qtbot, runner, heard):
    engine = FakeEngine()
    runner.start(engine.run)
    runner.stop()
    wait(qtbot, lambda: not runner.is_active)
    assert heard.ended[0].reason == "stopped"
    assert engine.made == engine.closed


# --- Shutdown -------------------------------------------------------------------------------------------------------


def test_shutdown_stops_the_run_tells_its_end_and_is_final(qtbot, heard, runner):
    engine = FakeEngine(save_seconds=0.1)
    runner.start(engine.run)
    wait(qtbot, lambda: engine.step > 2)
    order: list[str] = []
    runner.finished.connect(lambda _: order.append("finished"))
    runner.shutdown(lambda: order.append("done"))
    runner.shutdown(lambda: order.append("done too"))
    assert order == []  # it did not block
    wait(qtbot, lambda: len(order) == 3)
    assert order == ["finished", "done", "done too"]
    assert engine.weights_saved
    assert not runner.start(engine.run)
    runner.shutdown(lambda: order.append("again"))
    wait(qtbot, lambda: order[-1] == "again")


def test_shutdown_of_a_runner_that_never_ran(qtbot):
    runner = Runner()
    order: list[str] = []
    runner.shutdown(lambda: order.append("done"))
    assert order == []
    wait(qtbot, lambda: order == ["done"])
