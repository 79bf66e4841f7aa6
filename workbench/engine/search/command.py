"""``python -m workbench.engine search``: trials of one experiment with other settings, kept as a study."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from contextlib import nullcontext, redirect_stdout
from datetime import datetime
from pathlib import Path
from typing import Any

from workbench.engine.core.errors import SpecError, WorkbenchError
from workbench.engine.core.events import EpochEnded, Event, Notice, RunEnded
from workbench.engine.core.progress import finished
from workbench.engine.core.signals import Asked
from workbench.engine.core.step_store import StepStore
from workbench.engine.core.terminal import emit, mention, say
from workbench.engine.core.text import aligned, counted, duration, grouped, percent, short
from workbench.engine.data.store import DataStore
from workbench.engine.data.understand import before_run, run_warnings
from workbench.engine.search.field import field_words, fields_of
from workbench.engine.search.plan import PRUNING, PRUNINGS, SAMPLERS, WHEN, Plan, advice
from workbench.engine.search.storage import shown
from workbench.engine.search.study import Study, StudyExists
from workbench.engine.search.trial import Outcome, Trial, best_of, this_worker, trial_object, worker_words
from workbench.engine.search.warnings import edges, seconds_a_trial, time_left
from workbench.engine.search.watch import GRACE, INTERVAL, SHORTEST_GRACE
from workbench.engine.shelf.for_programs import json_text
from workbench.engine.spec.assignment import assigned, with_assigned
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.spec.toml import load

#: Maximum number of trials in the printed table: the best ones.
_MOST_LINES = 10


def command(arguments: Sequence[str]) -> int:
    """Exit code 0: the trials have ended, or the search was stopped and goes on with the same command; 1: no trial is
    complete; 2: the settings are wrong, the study cannot go on, or this machine lacks its data. Raises
    WorkbenchError."""
    options = _parser().parse_args(arguments)
    asked = Asked.by_signal()
    try:
        with redirect_stdout(sys.stderr) if options.json else nullcontext():
            study = _study(options)
            trials, lines = _searched(study, options, asked)
    except SpecError as error:
        for problem in error.problems:
            mention(f"{options.spec or 'settings'}: {problem}", sys.stderr)
        return 2
    if options.json:
        for line in lines:
            mention(line, sys.stderr)
        emit(json_text([trial_object(trial) for trial in trials]))
    elif options.worker:
        say(_own_words(study, trials))
    else:
        say("\n".join([*_table(study.plan, trials), *lines]))
    study.close()
    return 0 if asked.is_asked or best_of(trials) else 1


def _searched(study: Study, options: argparse.Namespace, asked: Asked) -> tuple[tuple[Trial, ...], list[str]]:
    """Run the search until its end or until stopped; returns the trials and the sentences on them."""
    from workbench.engine.search.on_this_machine import finding
    from workbench.engine.search.worker import Worker

    data, runs = DataStore(), options.runs
    finished(finding(study, data, options.data, runs))
    base = study.spec({})
    finished(before_run(base.data.source, data))
    for warning in finished(run_warnings(base, data)):
        mention(f"Warning: {warning}")
    lines = _Lines(study)
    lines.begin()
    worker = Worker(study, runs, data, asked, lines.began, lines.ended, lines.sink, say=mention)
    worker.work()
    worker.repeat()
    trials = study.trials()
    return trials, _conclusion(study, trials)


def _own_words(study: Study, trials: Sequence[Trial]) -> str:
    """What this worker has done."""
    ended = [each for each in trials if each.state in ("complete", "pruned", "failed")]
    own = sum(each.worker == worker_words(this_worker()) for each in ended)
    of = f"{grouped(own)} of {counted(len(ended), 'trial')}"
    return f"This worker has trained {of} of the study {study.name} in {shown(study.url)}."


def _conclusion(study: Study, trials: Sequence[Trial]) -> list[str]:
    from workbench.engine.search import repeats

    found = repeats.verdict(study, tuple(trials))
    if found is None and best_of(tuple(trials)):
        name = f"--study {study.name}"
        said = [f"Which settings are better than others by more than noise is not measured yet; {name} goes on."]
    else:
        said = list(found.lines) if found is not None else ["No trial is complete."]
    return [*said, *edges(study.plan, trials), f"Study {study.name} in {shown(study.url)}"]


class _Lines:
    """Status text while a study runs."""

    def __init__(self, study: Study) -> None:
        self._study, self._has_advised = study, False

    def begin(self) -> None:
        """Before the first trial."""
        plan = self._study.plan
        budget = [counted(plan.planned, "trial")] if plan.planned is not None else []
        budget += [f"{short(plan.minutes)} minutes"] if plan.minutes is not None else []
        mention(f"Study {self._study.name}: {WHEN[plan.sampler][0]}, {' or '.join(budget)}")
        for field in plan.fields:
            mention(f"  {field_words(field)}")
        if plan.pruning != "off":
            mention(f"Pruning {PRUNING[plan.pruning][0]}: {PRUNING[plan.pruning][1]}")
        self._advise(seconds_a_trial(self._study.trials()))

    def began(self, run: Any) -> None:
        """A trial begins, or goes on."""
        mention(f"Trial {run.number}: {settings_words(self._study.plan, run.settings)}")

    def ended(self, run: Any, outcome: Outcome) -> None:
        """A trial has ended."""
        reached = "" if outcome.reached is None else f" {percent(outcome.reached, 2)}"
        said = f"Trial {run.number}: {outcome.state}{reached}, {duration(outcome.seconds)}. {outcome.words}".rstrip()
        trials = self._study.trials()
        mention(f"{said} {time_left(self._study.plan, trials)}".rstrip())
        seconds = outcome.seconds if outcome.state == "complete" else None
        if seconds and not self._has_advised:
            self._advise(seconds)

    def sink(self, steps: StepStore) -> Any:
        """What takes the events of a run."""
        return _notices

    def _advise(self, seconds: float | None) -> None:
        said = advice(len(self._study.plan.fields), seconds)
        if said:
            self._has_advised = seconds is not None
            mention(said)


def _notices(event: Event) -> None:
    if isinstance(event, Notice) or (isinstance(event, RunEnded) and event.not_kept):
        mention(f"  {event.message}")
    elif isinstance(event, EpochEnded) and event.val is not None and event.is_best:
        mention(f"  epoch {grouped(event.epochs_done)}: {percent(event.val.accuracy, 2)}")


def settings_words(plan: Plan, settings: Any) -> str:
    """The settings of a trial in one line: ``optimizer.lr 0.01, optimizer adam``."""
    parts = []
    for field in plan.fields:
        if field.path in settings:
            value = field.shown(settings[field.path])
            parts.append(f"{field.path} {short(value) if isinstance(value, float) else value}")
    return ", ".join(parts)


def _table(plan: Plan, trials: Sequence[Trial]) -> Iterator[str]:
    """The best trials, and how many there are of each state."""
    head = ("Trial", "Accuracy", "Time", *(field.path for field in plan.fields))
    rows = [head]
    for trial in best_of(tuple(trials), _MOST_LINES):
        cells = [trial.settings.get(field.path, "–") for field in plan.fields]
        words = [short(cell) if isinstance(cell, float) else str(cell) for cell in cells]
        rows.append((str(trial.number), percent(trial.value or 0.0, 2), duration(trial.seconds), *words))
    if len(rows) > 1:
        yield from aligned(rows)
    states = [trial.state for trial in trials]
    found = ", ".join(f"{grouped(states.count(state))} {state}" for state in dict.fromkeys(states))
    yield f"{counted(len(trials), 'trial')}: {found or 'none has begun'}."


def _study(options: argparse.Namespace) -> Study:
    if options.grace is not None and not options.grace >= SHORTEST_GRACE:
        words = f"others give a sign of life every {short(INTERVAL)} seconds"
        raise WorkbenchError(f"--grace must be at least {short(SHORTEST_GRACE)} seconds: {words}.")
    study = _opened(options)
    if options.grace is not None:
        study.storage.grace = options.grace
    return study


def _opened(options: argparse.Namespace) -> Study:
    """The study that is meant: a new one with ``--field``, else the one that is there. Raises SpecError and
    WorkbenchError."""
    url = options.storage or ""
    if not options.field:
        if options.worker and not options.study:
            raise WorkbenchError("A worker needs --study NAME, the study that it works on.")
        if not options.study:
            raise WorkbenchError("A search needs --field PATH=LOW:HIGH, or --study NAME to go on with one.")
        study = Study.open(options.study, url)
        _refuse_changes(options, study)
        if options.trials is not None or options.minutes is not None:
            study.set_budget(options.trials, options.minutes)
        return study
    base = load(options.spec) if options.spec else ExperimentSpec()
    for each in options.set:
        base = with_assigned(base, *assigned(each))
    plan = Plan(
        base,
        fields_of(base, options.field),
        options.sampler or "random",
        options.seed,
        options.pruning or "off",
        options.trials,
        options.minutes,
    )
    name = options.study or f"search {datetime.now():%Y-%m-%d %H-%M-%S}"
    return _found_or_made(plan, name, url)


def _found_or_made(plan: Plan, name: str, url: str) -> Study:
    """The same command goes on with its study; another one of that name is refused."""
    plan.refuse_problems()
    try:
        return Study.create(plan, name, url)
    except StudyExists:
        study = Study.open(name, url)
    if study.plan.with_budget(plan.trials, plan.minutes) != plan:
        study.close()
        words = "goes on only with the same settings, fields, sampler, pruning and seed; give another --study"
        raise WorkbenchError(f"There is a study {name} already, which {words}.")
    study.set_budget(plan.trials, plan.minutes)
    return study


def _refuse_changes(options: argparse.Namespace, study: Study) -> None:
    """A study that goes on keeps what it was begun with. Raises WorkbenchError for anything else."""
    given = {"a settings file": options.spec, "--set": options.set}
    given["--sampler"] = options.sampler not in (None, study.plan.sampler)
    given["--pruning"] = options.pruning not in (None, study.plan.pruning)
    wrong = [name for name, value in given.items() if value]
    if wrong:
        raise WorkbenchError(f"The study {study.name} goes on with what it was begun with, without {wrong[0]}.")


def _parser() -> argparse.ArgumentParser:
    about = (
        "Train an experiment again and again with other settings and say which do best, with the noise of seeds: the "
        "three best and the settings without the search are trained with three more seeds at the end. Each trial is a "
        "run in a folder. The same command goes on where it was stopped or killed."
    )
    parser = argparse.ArgumentParser("python -m workbench.engine search", description=about)
    parser.add_argument("spec", nargs="?", type=Path, help="the settings file (TOML); without it the default settings")
    field = (
        "a setting that is searched: its own range, LOW:HIGH, or VALUE,VALUE; COUNT values of it on a grid, both ends "
        "among them. Settings that count by factors are drawn so"
    )
    parser.add_argument("--field", action="append", default=[], metavar="PATH[=LOW:HIGH[:COUNT]]", help=field)
    parser.add_argument(
        "--set", action="append", default=[], metavar="PATH=VALUE", help="change one setting of all trials"
    )
    when = " ".join(f"{name}: {WHEN[name][1]}" for name in SAMPLERS)
    parser.add_argument("--sampler", choices=SAMPLERS, help=f"how settings are chosen (default random). {when}")
    parser.add_argument("--trials", type=int, metavar="N", help="how many trials the study has")
    parser.add_argument("--minutes", type=float, metavar="M", help="begin no new trial after M minutes")
    pruned = " ".join(f"{name}: {PRUNING[name][1]}" for name in PRUNINGS)
    parser.add_argument("--pruning", choices=PRUNINGS, help=f"end hopeless trials early (default off). {pruned}")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="another seed draws other settings")
    storage = (
        "the database: sqlite:///FILE for one machine (default: this user's own), postgresql://USER@HOST/DATABASE for "
        "several; its password comes from PGPASSWORD or ~/.pgpass, never from here"
    )
    parser.add_argument("--storage", metavar="URL", help=storage)
    parser.add_argument("--study", metavar="NAME", help="what the study is called; one that is there is gone on with")
    worker = "work on the study beside any number of other workers, until it is over; says only what this one has done"
    parser.add_argument("--worker", action="store_true", help=worker)
    grace = f"seconds without a sign of life after which another worker's trial is taken over (default {short(GRACE)})"
    parser.add_argument("--grace", type=float, metavar="SECONDS", help=grace)
    data = "a file or folder where this machine has the study's data, which are known by their fingerprint"
    parser.add_argument("--data", action="append", type=Path, default=[], metavar="PATH", help=data)
    parser.add_argument("--runs", type=Path, metavar="FOLDER", help="keep the runs in this folder")
    parser.add_argument("--json", action="store_true", help="print the trials as JSON, and all else to stderr")
    return parser
