"""What the desk of searches asks of a database, in other threads: each opens the study and closes its connections."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from workbench.engine.core.app_folders import runs_folder
from workbench.engine.core.drive import Run
from workbench.engine.data.store import DataStore
from workbench.engine.search import repeats
from workbench.engine.search.figures import Figures, figures, importances
from workbench.engine.search.plan import Plan
from workbench.engine.search.study import Study, names
from workbench.engine.search.trial import Running, Trial
from workbench.engine.search.warnings import finer


@dataclass(frozen=True)
class Snapshot:
    """A study as it was read: its trials, their arrays, what the repeats say (None before they have ended), and the
    study around the best trial (None without one).

    ``url`` is the database that several machines share; empty: this user's own. ``running`` says who trains what.
    ``edition`` is another one when trials have begun or ended.
    """

    name: str
    plan: Plan
    trials: tuple[Trial, ...]
    figures: Figures
    verdict: repeats.Verdict | None
    finer: Plan | None
    url: str = ""
    running: tuple[Running, ...] = ()
    edition: tuple[object, ...] = ()


@dataclass(frozen=True)
class Refreshed:
    """What is new: the ``snapshot``, and the ``names`` of all studies in the database."""

    snapshot: Snapshot
    names: tuple[str, ...]


class SearchMaker:
    """Makes the search in the training thread; the study is opened there, and its connections closed."""

    def __init__(
        self, name: str, url: str, loaded: DataStore, on_trial: Callable[[Trial], object], places: Sequence[Path]
    ) -> None:
        self._name, self._url, self._loaded, self._on_trial, self._places = name, url, loaded, on_trial, places

    def __call__(self) -> Run:
        from workbench.engine.search.job import SearchJob

        with closing(Study.open(self._name, self._url)) as study, self._loaded.run():
            job = SearchJob(study, runs_folder(), self._loaded, self._on_trial, cores_left=1, places=self._places)
            yield from job.run()


def snapshot(name: str, url: str) -> Snapshot:
    """The whole study. Raises WorkbenchError."""
    with closing(Study.open(name, url)) as study:
        return _read(study, name, url)


def refreshed(shown: Snapshot) -> Refreshed:
    """``shown`` as it is now; trials are read only where one has begun or ended. Raises WorkbenchError."""
    with closing(Study.open(shown.name, shown.url)) as study:
        known = study.names()
        if study.edition() == shown.edition:
            return Refreshed(replace(shown, running=study.running()), known)
        return Refreshed(_read(study, shown.name, shown.url), known)


def with_news(shown: Snapshot, news: Mapping[int, Trial]) -> Snapshot:
    """``shown`` with what has become of some trials, by number."""
    by_number = {**{trial.number: trial for trial in shown.trials}, **news}
    trials = tuple(by_number[number] for number in sorted(by_number))
    found = figures(shown.plan, trials)
    return replace(shown, trials=trials, figures=found, verdict=None, finer=finer(shown.plan, trials))


def made(plan: Plan, name: str, url: str) -> str:
    """Make a study; its name. Raises WorkbenchError."""
    Study.create(plan, name, url).close()
    return name


def added(name: str, url: str, settings: Mapping[str, Any]) -> str:
    """Add a trial by hand; the name of its study. Raises WorkbenchError."""
    with closing(Study.open(name, url)) as study:
        study.add(settings)
    return name


def budgeted(name: str, url: str, trials: int | None, minutes: float | None) -> str:
    """Give a study another budget; its name. Raises WorkbenchError."""
    with closing(Study.open(name, url)) as study:
        study.set_budget(trials, minutes)
    return name


def importance_of(name: str, url: str) -> object:
    """The importance of the fields. Raises WorkbenchError."""
    with closing(Study.open(name, url)) as study:
        return importances(study)


def studies(url: str) -> tuple[str, ...]:
    """The studies in a database. Raises WorkbenchError."""
    return names(url)


def _read(study: Study, name: str, url: str) -> Snapshot:
    edition, trials = study.edition(), study.trials()
    found = repeats.verdict(study, trials)
    arrays, closer = figures(study.plan, trials), finer(study.plan, trials)
    return Snapshot(name, study.plan, trials, arrays, found, closer, url, study.running(), edition)
