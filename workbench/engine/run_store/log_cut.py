"""Where the log of a run is cut when it goes on from a kept state, and which live edits are made again."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.events import (
    Certified,
    Edited,
    Evaluated,
    Event,
    MeasuredOnTest,
    Notice,
    Resumed,
    RunEnded,
    RunStarted,
)
from workbench.engine.run_store.event_lines import event_of_line, is_behind
from workbench.engine.run_store.kept_state import KeptState

NAME: Final = "events.jsonl"
#: What belongs to the end of a run.
_LAST_WORDS = (RunEnded, MeasuredOnTest, Certified)

#: A line and its event; None where it cannot be read.
Line = tuple[bytes, Event | None]


@dataclass(frozen=True, slots=True, eq=False)
class LogCut:
    """``head`` are the lines that stay, ``events`` theirs. ``edits`` were made behind it. ``trouble`` says in a
    sentence what the log lacks; empty if nothing."""

    head: bytes = b""
    events: tuple[Event, ...] = ()
    edits: tuple[Edited, ...] = ()
    trouble: str = ""


def log_cut(run: Path, kept: KeptState | None, position: int | None = None) -> LogCut:
    """The log of the run in ``run`` up to the state ``kept``; without one nothing of it stays but its edits.

    ``position`` is the size of the log at that moment, if it is not the one that ``kept`` says. Raises WorkbenchError.
    """
    lines = list(read_lines(run))
    said = position if position is not None or kept is None else kept.about.get("log")
    trouble = ""
    if kept is None:
        count = _first_words(lines)
    else:
        found = _count_up_to(lines, said) if isinstance(said, int) else None
        if found is None:
            count = sum(1 for _ in _by_step(lines, kept))
            lines = [*_by_step(lines, kept), *(line for line in lines if not _is_before(line[1], kept))]
            trouble = "" if said is None else "The log of the run was changed since; lines of it may be missing."
        else:
            count = _without_failure(lines, found, kept.step)
    head, tail = lines[:count], lines[count:]
    events = tuple(event for _, event in head if event is not None)
    if len(events) < count and not trouble:
        trouble = "Lines of the log cannot be read."
    return LogCut(b"".join(line for line, _ in head), events, _edits_of(events, tail), trouble)


def lines_up_to(log: bytes, position: int, step: int) -> bytes:
    """The first ``position`` bytes of ``log``, and the lines behind them that are of the steps up to ``step``."""
    tail = log[position:].splitlines(keepends=True)
    return log[:position] + b"".join(line for line in tail if not is_behind(_event(line), step))


def read_lines(run: Path, kind: type[Event] | None = None) -> Iterator[Line]:
    """Every whole line of the log with its event. A log that is gone is empty. Raises WorkbenchError.

    Of a ``kind`` most other lines are left out without being parsed, so that the window can ask for it.
    """
    wanted = b"" if kind is None else json.dumps(kind.__name__).encode()
    try:
        data = (run / NAME).read_bytes()
    except FileNotFoundError:
        return
    except OSError as error:
        raise WorkbenchError(f"Cannot read {run / NAME}: {error.strerror or error}.") from None
    for line in data.split(b"\n")[:-1]:
        if wanted in line:
            yield line + b"\n", _event(line)


def _event(line: bytes) -> Event | None:
    try:
        return event_of_line(json.loads(line))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _count_up_to(lines: Sequence[Line], position: int) -> int | None:
    """The number of lines whose sizes add up to ``position``; None if there are not."""
    size = 0
    for number, (line, _) in enumerate(lines):
        if size >= position:
            return number if size == position else None
        size += len(line)
    return len(lines) if size == position else None


def _without_failure(lines: Sequence[Line], count: int, step: int) -> int:
    """Without the last words, and the error at whose step the run has ended: it comes again, or it does not."""
    while count:
        event = lines[count - 1][1]
        is_error = isinstance(event, Notice) and event.severity == "error" and event.step >= step
        if not is_error and not isinstance(event, _LAST_WORDS):
            return count
        count -= 1
    return count


def _first_words(lines: Sequence[Line]) -> int:
    """The number of lines before the first evaluation: the start, and what is said of the data and the settings."""
    is_word = (isinstance(event, (RunStarted, Notice)) and not getattr(event, "step", 0) for _, event in lines)
    return next((number for number, is_one in enumerate(is_word) if not is_one), len(lines))


def _by_step(lines: Sequence[Line], kept: KeptState) -> Iterator[Line]:
    """The lines before ``kept``, where it does not say how many there were."""
    return (line for line in lines if _is_before(line[1], kept))


def _is_before(event: Event | None, kept: KeptState) -> bool:
    if event is None or isinstance(event, _LAST_WORDS):
        return False
    if isinstance(event, RunStarted):
        return True
    step = getattr(event, "step", 0)
    if step != kept.step:
        return bool(step < kept.step)
    if isinstance(event, Evaluated):
        return event.epochs_done <= _epochs(kept.state)
    return not isinstance(event, Edited) or _has(kept.state, event)


def _epochs(state: Mapping[str, Any]) -> int:
    progress = state.get("progress")
    return int(state.get("measured", -1) if progress is None else progress["epoch"])


def _has(state: Mapping[str, Any], edit: Edited) -> bool:
    """Whether the settings in ``state`` have the edited value."""
    from workbench.engine.spec.experiment import plain
    from workbench.engine.spec.toml import loads

    try:
        return bool(plain(loads(state["spec"]).at(edit.path)) == edit.new)
    except (WorkbenchError, KeyError, AttributeError, TypeError):
        return True


def _edits_of(head: Sequence[Event], tail: Sequence[Line]) -> tuple[Edited, ...]:
    """The edits in ``tail``, and those that a resumed run was to make again and has not."""
    behind = [event for _, event in tail if event is not None]
    owed: list[Edited] = []
    for event in (*head, *behind):
        if isinstance(event, Resumed):
            owed = list(event.edits)
        elif isinstance(event, Edited):
            owed = _without(owed, event)
    return tuple(sorted([*(e for e in behind if isinstance(e, Edited)), *owed], key=lambda edit: edit.step))


def _without(owed: list[Edited], made: Edited) -> list[Edited]:
    place = next((k for k, e in enumerate(owed) if (e.step, e.path, e.new) == (made.step, made.path, made.new)), None)
    return owed if place is None else owed[:place] + owed[place + 1 :]
