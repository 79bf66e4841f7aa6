"""How far the session's run is, in the words and numbers of the run bar."""

from __future__ import annotations

from dataclasses import dataclass

from workbench.bridge.pace import speed_words
from workbench.bridge.runner import State
from workbench.bridge.session import Session
from workbench.engine.core.events import EvalProgress, RunStarted
from workbench.engine.core.progress import Loading
from workbench.engine.core.text import abbreviated, counted, duration, grouped
from workbench.engine.report.time_left import seconds_left

#: Images a second are measured over this much training time, so that the number does not jump.
RATE_SECONDS = 1.0
#: Evaluations within a run of more examples than this say how far they are; that of the start always does.
_LONG_EVALUATION = 5000
_ARITHMETIC = {("precision", "bf16"): "bfloat16", ("memory_format", "channels_last"): "channels last"}
#: What is done before a run starts and is not counted in files.
_COMPUTING = ("Measuring…", "Training…")
_ENDS = {"completed": "Finished", "stopped": "Stopped", "failed": "Failed"}


@dataclass(frozen=True, slots=True)
class Progress:
    """One moment of a run. ``total`` 0 is not known; ``words`` are written on the bar (``%p`` is Qt's percentage), or
    ``brief`` where they have no room. ``machine`` says of the device how the run computes, and why."""

    epoch: str
    words: str
    done: int = 0
    total: int = 0
    speed: str = ""
    elapsed: str = ""
    left: str = ""
    device: str = ""
    brief: str = ""
    machine: str = "Device"


def progress_of(session: Session, evaluating: EvalProgress | None) -> Progress:
    """The progress of the session's run; ``evaluating`` is its evaluation under way, if any."""
    history = session.history
    if session.job_words:
        return _of_job(session)
    if history.started is not None:
        return _of_run(session, history.started, evaluating)
    if session.is_active and history.loading is not None:
        return _of_reading(session, history.loading, evaluating)
    if not session.is_active:
        ended = history.ended  # before its first step
        return Progress("No run yet", _ENDS[ended.reason] if ended is not None else "", 0, 1, elapsed=_clock(session))
    return Progress("Starting…", _words(session, evaluating, 0, 0), elapsed=_clock(session))


def _of_job(session: Session) -> Progress:
    """Another job than a run; without a count the bar only moves."""
    how_far, state = session.job_progress, _brief(session.runner.state)
    if how_far is None:
        return Progress(session.job_words, state)
    words = " · ".join(filter(None, (how_far.words, state)))
    return Progress(session.job_words, words, how_far.done, how_far.total, brief=state or how_far.words)


def _of_reading(session: Session, loading: Loading, evaluating: EvalProgress | None) -> Progress:
    """The data is read before the run starts; without a count the bar only moves."""
    words = _words(session, evaluating, loading.done, loading.total)
    doing = f"{loading.words.partition(' ')[0]}…"
    if session.runner.state is State.STARTING:
        counted_in = "" if doing in _COMPUTING else " files"
        words = f"{grouped(loading.done)} of {grouped(loading.total)}{counted_in}" if loading.total else ""
    return Progress(doing, words, loading.done, loading.total, elapsed=_clock(session))


def _clock(session: Session, seconds: float = 0.0) -> str:
    """The time since Train was pressed, or else the training ``seconds``; empty where there is none."""
    counted = session.clock.seconds or seconds
    return duration(counted) if counted or session.history.started is not None else ""


def _of_run(session: Session, started: RunStarted, evaluating: EvalProgress | None) -> Progress:
    running = session.store.running_spec is not None
    epochs, steps = _epochs_of(session, started), session.history.steps.count
    total = max(1, epochs * started.steps_per_epoch)
    done = min(steps, total)
    seconds, speed = _speed_now(session, started)
    spec = session.store.running_spec
    slowest = session.runner.interval if running else 0.0
    every = spec.loop.evaluate_every if spec is not None else None
    left = seconds_left(session.history, epochs, every, evaluating, slowest) if spec is not None else None
    epoch = min(epochs, steps // started.steps_per_epoch + 1 if running else _begun(session, started))
    return Progress(
        f"Epoch {grouped(epoch)} of {grouped(epochs)}",
        _words(session, evaluating, done, total),
        done,
        total,
        _speed_words(speed, slowest),
        _clock(session, seconds),
        f"ETA {duration(left)}" if left is not None else "",
        f"{started.device.upper()} · {counted(started.threads, 'thread')}",
        _brief(session.runner.state),
        "\n".join(part for part in ("Device", arithmetic_of(started), started.measured, started.steps_words) if part),
    )


def arithmetic_of(started: RunStarted) -> str:
    """What is not as usual of how a run computes, e.g. ``bfloat16 · channels last``; empty if nothing is."""
    loop = started.spec.get("loop", {})
    return " · ".join(words for (name, value), words in _ARITHMETIC.items() if loop.get(name) == value)


def _epochs_of(session: Session, started: RunStarted) -> int:
    """The epochs that the run will have, or had; of one that was cut off those that it should have had."""
    ended, running = session.history.ended, session.store.running_spec
    spec = running or session.trained
    planned = spec.loop.epochs if spec else 1
    if ended is None or running is not None:
        return planned
    return _begun(session, started) if ended.reason == "completed" else max(planned, _begun(session, started))


def _begun(session: Session, started: RunStarted) -> int:
    """The epochs of which an ended run made a step, at least one."""
    ended = session.history.ended
    if ended is None:
        return -(-session.history.steps.count // started.steps_per_epoch) or 1
    return max(1, ended.epochs_done, -(-ended.step // started.steps_per_epoch))


def _speed_now(session: Session, started: RunStarted) -> tuple[float, float]:
    """Training seconds so far, and examples a second over the last moments."""
    steps = session.history.steps
    rows = steps.read(max(0, steps.count - 512))[1]
    if not len(rows):  # none yet, or a fork that begins behind its first step
        return 0.0, 0.0
    seconds = rows[:, 4]
    recent = rows[seconds >= seconds[-1] - RATE_SECONDS]
    span = recent[-1, 4] - recent[0, 4]
    examples = started.train_size / started.steps_per_epoch
    return float(seconds[-1]), float((len(recent) - 1) * examples / span) if span > 0 else 0.0


def _speed_words(speed: float, slowest: float) -> str:
    """Examples a second; steps a second of a run that is slowed down."""
    if slowest:
        return speed_words(round(1 / slowest))
    return f"{abbreviated(speed)} img/s" if speed else ""


def _brief(state: State) -> str:
    return state.value.capitalize() if state in (State.STOPPING, State.PAUSING, State.PAUSED) else ""


def _words(session: Session, evaluating: EvalProgress | None, done: int, total: int) -> str:
    state, waiting = session.runner.state, session.runner.waiting_for
    reading = session.history.loading
    if state in (State.STOPPING, State.PAUSING):
        return f"{state.value.capitalize()}: {waiting}" if waiting else f"{state.value.capitalize()}…"
    if state is State.PAUSED:
        return f"Paused at step {grouped(done)} of {grouped(total)}"
    if state is State.RUNNING and reading is not None:  # trained on the first pictures, while others are still read
        return f"Reading {100 * reading.done // reading.total} %" if reading.total else "Waiting for a file"
    if (
        state is State.RUNNING
        and evaluating is not None
        and (evaluating.total > _LONG_EVALUATION or not evaluating.step)
    ):
        return f"{evaluating.words} {100 * evaluating.done // max(1, evaluating.total)} %"
    ended = session.history.ended if not session.is_active else None
    return _ENDS[ended.reason] if ended is not None else "%p %"
