"""``python -m workbench.engine queue FOLDER``: trains every settings file of a folder, one after the other."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext, redirect_stdout
from datetime import datetime
from pathlib import Path
from typing import Any

from workbench.engine.core.errors import SpecError, WorkbenchError
from workbench.engine.core.signals import Asked
from workbench.engine.core.terminal import emit, mention, say
from workbench.engine.core.text import percent
from workbench.engine.shelf.cards import Card, new_card
from workbench.engine.shelf.for_programs import json_text, run_object
from workbench.engine.shelf.queue import NAME, Queue
from workbench.engine.shelf.queue_report import run_of
from workbench.engine.shelf.work_through import Halt, TrainCard, next_time, report, work_through
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.spec.toml import load

#: Makes what trains a card: its run goes into this folder (None: the usual one).
MakeTrainer = Callable[[Path | None], TrainCard]


def command(arguments: Sequence[str], make_trainer: MakeTrainer) -> int:
    """Exit code 0: every card is done, or they were stopped and go on the next time; 1: some have failed.

    Raises WorkbenchError if the folder is none, or if the queue cannot be kept in it.
    """
    options = _parser().parse_args(arguments)
    if not options.folder.is_dir():
        raise WorkbenchError(f"There is no folder {options.folder}.")
    queue = Queue(options.folder / NAME)
    queue.hold()
    try:
        refused = _take_in(queue, sorted(options.folder.glob("*.toml")))
        halt = Halt(_moment(options.stop_at) if options.stop_at else None, Asked.by_signal())
        with redirect_stdout(sys.stderr) if options.json else nullcontext():
            work_through(queue, make_trainer(options.runs), halt, mention)
        _tell(queue, options.json)
        return 1 if refused or any(card.state == "failed" for card in queue.cards) else 0
    finally:
        queue.release()


def _take_in(queue: Queue, files: Sequence[Path]) -> int:
    """Make cards of the settings files that have none yet; those that changed before they began get the new settings.

    Returns how many files are no valid settings.
    """
    if queue.problem:
        mention(queue.problem, sys.stderr)
    refused = 0
    for file in files:
        try:
            _take(queue, load(file), file.name)
        except SpecError as error:
            refused += 1
            for problem in error.problems:
                mention(f"{file}: {problem}", sys.stderr)
        except WorkbenchError as error:
            refused += 1
            mention(error.message, sys.stderr)
    return refused


def _take(queue: Queue, spec: ExperimentSpec, source: str) -> None:
    new = new_card(spec, source=source)
    same = [card for card in queue.cards if card.source == source]
    if any(card.settings == new.settings for card in same):
        return
    waiting = next((card for card in same if card.state == "waiting" and not card.has_begun), None)
    if waiting is not None:
        queue.edit(waiting.number, spec)
    else:
        queue.add([new])


def _moment(text: str) -> datetime:
    """The next time that a clock shows ``text`` (HH:MM). Raises WorkbenchError."""
    try:
        return next_time(datetime.strptime(text, "%H:%M").time(), datetime.now())
    except ValueError:
        raise WorkbenchError(f"{text} is not a time: write hours and minutes, as in 07:30.") from None


def _tell(queue: Queue, as_json: bool) -> None:
    if as_json:
        emit(json_text([_card_object(card) for card in queue.cards]))
    else:
        say("\n".join([*_lines(queue), report(queue)]))


def _lines(queue: Queue) -> Iterator[str]:
    for card in queue.cards:
        record = run_of(card)
        best = None if record is None else record.best_accuracy
        reached = "" if best is None else f", best {percent(best, 2)}"
        yield f"{card.number}  {card.state}{reached}  {card.title}  {card.words}".rstrip()


def _card_object(card: Card) -> dict[str, Any]:
    record = run_of(card)
    said = {"number": card.number, "title": card.title, "file": card.source, "state": card.state, "words": card.words}
    return {**said, "run": None if record is None else run_object(record)}


def _parser() -> argparse.ArgumentParser:
    about = (
        "Train every settings file of a folder, one after the other, in the order of their names. The queue is kept in "
        f"{NAME} beside them: the same command goes on where it was stopped or killed."
    )
    parser = argparse.ArgumentParser("python -m workbench.engine queue", description=about)
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="the folder with the settings files (*.toml)")
    parser.add_argument("--runs", type=Path, metavar="FOLDER", help="keep the runs in this folder")
    stop = "at this time stop the run that is being trained, keep it and end; the next call goes on"
    parser.add_argument("--stop-at", metavar="HH:MM", help=stop)
    parser.add_argument("--json", action="store_true", help="print the cards as JSON, and all else to stderr")
    return parser
