"""``python -m workbench.engine race FILE.toml``: races the settings of a file and says how each has done."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from contextlib import nullcontext, redirect_stdout
from dataclasses import replace
from pathlib import Path
from typing import Any

from workbench.engine.core.drive import drive
from workbench.engine.core.errors import SpecError
from workbench.engine.core.events import Command, Evaluated, Event, Notice, RunEnded, RunStarted, Stop
from workbench.engine.core.progress import Loading, finished
from workbench.engine.core.race_events import AFTER_ROUND, RaceChange, RacerEvent
from workbench.engine.core.signals import Asked
from workbench.engine.core.terminal import emit, mention, say
from workbench.engine.core.text import counted, grouped, percent, short, significant
from workbench.engine.data.store import DataStore
from workbench.engine.race.file import load
from workbench.engine.race.keep import KeptRace, kept_runs, races_folder
from workbench.engine.race.spec import RaceSpec
from workbench.engine.race.standings import Standings, standing_object, table
from workbench.engine.report.manual_lr_changes import RATE
from workbench.engine.shelf.for_programs import json_text


def command(arguments: Sequence[str]) -> int:
    """Exit code 0: the race has ended or was stopped, also where racers have diverged; 1: an error has ended a racer,
    none has reached its end, or a run is not kept; 2: the file is wrong. Raises WorkbenchError."""
    options = _parser().parse_args(arguments)
    try:
        spec = load(options.file)
    except SpecError as error:
        for problem in error.problems:
            mention(f"{options.file}: {problem}", sys.stderr)
        return 2
    if options.target_loss is not None:
        spec = replace(spec, target_loss=options.target_loss)
    if options.without_changes:
        spec = spec.without_tape
    with redirect_stdout(sys.stderr) if options.json else nullcontext():
        spec = _with_fair_rates(spec) if options.fair_rates else spec
        standings, ended, kept = _raced(spec, options.out)
        mention(f"Race kept in {kept.file}" if not kept.trouble else kept.trouble)
        if not options.json:
            say(table(standings))
    if options.json:
        emit(json_text(race_object(kept, standings, ended)))
    return 0 if _is_well(standings, ended) and not kept.trouble else 1


def _raced(spec: RaceSpec, out: Path | None) -> tuple[Standings, RunEnded, KeptRace]:
    """Run the race to its end; returns the standings, the last event and the race as it is kept."""
    from workbench.engine.race.race import Race

    asked = Asked.by_signal()

    def until_asked(event: Event) -> Command | None:
        return Stop() if asked.is_asked else None

    standings, data = Standings(spec.racers, target=spec.target_loss), DataStore()
    runs = kept_runs(spec.title, out, lambda number: standings.racers[number].history.steps, data)
    kept = KeptRace(Race(spec, runs, data), out or races_folder())
    with data.run():
        ended = drive(kept.run(), until_asked, _Lines(spec, standings))
    return standings, ended, kept


def _with_fair_rates(spec: RaceSpec) -> RaceSpec:
    """``spec`` with the rate for each racer that an equal budget finds; one that it finds none for keeps its own."""
    from workbench.engine.experiments.fair_rates import FairTest, fair_rates
    from workbench.engine.experiments.fair_rates import table as rate_table

    spec.refuse_problems()
    test, settings = FairTest(), [(racer.name, racer.spec(spec.base)) for racer in spec.racers]
    found = finished(fair_rates(settings, DataStore(), test))
    mention(rate_table(found, test))
    for number, each in enumerate(found):
        if each.best is not None:
            spec = spec.with_setting(number, RATE, significant(each.best, 2))
    return spec


def _is_well(standings: Standings, ended: RunEnded) -> bool:
    """Whether all that was trained is kept, and no error but divergence has ended a racer."""
    ends = [each.ended for each in standings.racers if each.ended is not None]
    met = [end for end in ends if end.not_kept or (end.reason == "failed" and end.code != "diverged")]
    return ended.reason != "failed" and not met


def race_object(kept: KeptRace, standings: Standings, ended: RunEnded) -> dict[str, Any]:
    """A race as plain data for programs."""
    race, file = kept.went, kept.file if not kept.trouble else None
    return {
        "title": race.title,
        "file": str(file) if file is not None else None,
        "reason": ended.reason,
        "rounds": ended.step,
        "message": ended.message,
        "target_loss": standings.target,
        "racers": [standing_object(each, standings.target) for each in standings.racers],
        "changes": [_change_object(change, race) for change in race.tape],
    }


def _change_object(change: RaceChange, race: RaceSpec) -> dict[str, Any]:
    return {
        "round": change.round,
        "does": change.does,
        "racer": race.racers[change.racer].name,
        "step": change.step,
        "path": change.path or None,
        "value": change.value,
    }


class _Lines:
    """A line for each evaluation, change, notice and end of a racer; folds all into ``standings``."""

    def __init__(self, spec: RaceSpec, standings: Standings) -> None:
        self._spec, self._standings = spec, standings
        self._told = ""

    def __call__(self, event: Event) -> None:
        self._standings.fold(event)
        if isinstance(event, RacerEvent):
            words = _words(event.event)
            if words:
                mention(f"{self._spec.racers[event.racer].name}: {words}")
        elif isinstance(event, RaceChange):
            what = f"{event.does.replace('_', ' ')} {self._spec.racers[event.racer].name}"
            mention(f"round {grouped(event.round)}: {what}")
        elif isinstance(event, Loading) and event.words != self._told:
            self._told = event.words
            mention(event.words)
        elif isinstance(event, RunEnded) or (isinstance(event, Notice) and event.code != AFTER_ROUND):
            mention(event.message)


def _words(event: Event) -> str:
    """The line that is printed for a racer's event; empty for none."""
    if isinstance(event, RunStarted):
        settings = f"{grouped(event.parameters)} parameters, {event.device}, {counted(event.threads, 'thread')}"
        return f"{settings}, in {event.folder}" if event.folder else settings
    if isinstance(event, Evaluated):
        said = [f"epoch {grouped(event.epochs_done)}", f"step {grouped(event.step)}"]
        for name, measured in (("train", event.train_eval), ("val", event.val)):
            if measured is not None:
                said.append(f"{name} {grouped(measured.loss, 4)} {percent(measured.accuracy, 2)}")
        return "  ".join([*said, f"lr {short(event.lr, 4)}"])
    return event.message if isinstance(event, (Notice, RunEnded)) else ""


def _parser() -> argparse.ArgumentParser:
    about = (
        "Train several settings from the same weights on the same batches, a step of each in turn. The file has the "
        "shared settings and a table [[racers]] for each; recorded live changes are replayed after the same rounds. "
        "Each racer is a separate run with exactly the numbers it would have if trained alone."
    )
    parser = argparse.ArgumentParser("python -m workbench.engine race", description=about)
    parser.add_argument("file", type=Path, metavar="FILE", help="the race file (TOML)")
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="keep the runs and the race's file in this folder")
    fair = "first find a learning rate for each racer with the same number of short runs, and race with these"
    parser.add_argument("--fair-rates", action="store_true", help=fair)
    target = "count steps to this validation loss (default: the lowest that all racers reach)"
    parser.add_argument("--target-loss", type=_loss, metavar="LOSS", help=target)
    parser.add_argument("--without-changes", action="store_true", help="do not replay the recorded live changes")
    parser.add_argument("--json", action="store_true", help="print the result as JSON, and all else to stderr")
    return parser


def _loss(text: str) -> float:
    value = float(text)
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError("a loss is above 0")
    return value
