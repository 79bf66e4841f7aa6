"""The time that a run still needs, from the first evaluation on: steps and evaluations that are left, at their pace."""

from __future__ import annotations

from typing import Final

from workbench.engine.core.events import EvalProgress, Evaluated, RunStarted
from workbench.engine.run_store.history import History

#: A step on an example takes about as long as this many forward passes: its own, and two for the backward pass.
_PASSES: Final = 3


def seconds_left(
    history: History,
    epochs: int,
    evaluate_every: int | None = None,
    evaluating: EvalProgress | None = None,
    slowest: float = 0.0,
) -> float | None:
    """Seconds (without pauses) until ``epochs`` are trained; None before anything was computed.

    ``evaluating`` is the evaluation under way. Before the first step its pace is guessed from that of the evaluation.
    ``slowest``: a step takes at least this long, because the run is slowed down.
    """
    started = history.started
    if started is None:
        return None
    each = _seconds_per_evaluated(history, evaluating)
    step = _seconds_per_step(history)
    if step is None:
        step = None if each is None else _PASSES * each * started.train_size / started.steps_per_epoch
    if step is None:
        return None
    step = max(step, slowest)
    left = max(0, epochs * started.steps_per_epoch - history.steps.count)
    under_way = 0.0
    if evaluating is not None and evaluating.done:
        under_way = evaluating.seconds / evaluating.done * (evaluating.total - evaluating.done)
    full = (each or 0.0) * (started.train_eval_size + started.val_size)
    return left * step + _evaluations(started, left, evaluate_every) * full + under_way


def _evaluations(started: RunStarted, steps: int, every: int | None) -> int:
    """The evaluations of the last ``steps`` steps of a run."""
    return -(-steps // started.steps_per_epoch) + (steps // every if every else 0)


def _seconds_per_evaluated(history: History, evaluating: EvalProgress | None) -> float | None:
    """Of the last evaluation, or of the one under way if it is the first."""
    if history.evaluations:
        last = history.evaluations[-1]
        before = _seconds_at(history, last.step)
        return None if before is None else max(0.0, last.seconds - before) / max(1, _measured(last))
    return evaluating.seconds / evaluating.done if evaluating is not None and evaluating.done else None


def _seconds_per_step(history: History) -> float | None:
    """Of the steps since the last evaluation; of those before it if it was just made."""
    begin, end = 0.0, history.steps.count
    first = 0
    for evaluation in history.evaluations[-2:]:
        if evaluation.step < end:
            begin, first = evaluation.seconds, evaluation.step
    seconds = _seconds_at(history, end)
    return None if end <= first or seconds is None else max(0.0, seconds - begin) / (end - first)


def _seconds_at(history: History, step: int) -> float | None:
    """When ``step`` steps were done; None if that is no longer held."""
    if not step:
        return 0.0
    first, rows = history.steps.read(step - 1, step)
    return float(rows[0, -1]) if first == step - 1 and len(rows) else None


def _measured(evaluation: Evaluated) -> int:
    """The examples of an evaluation."""
    parts = (evaluation.train_eval, evaluation.val)
    return sum(part.n for part in parts if part is not None)
