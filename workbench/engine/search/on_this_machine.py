"""The data of a study on this machine, found by their fingerprint: at the study's place, at one that is given, or where
a run of this machine had them."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from workbench.engine.catalog.datasets import DataSource
from workbench.engine.core.app_folders import runs_folder
from workbench.engine.core.errors import SpecError, WorkbenchError
from workbench.engine.core.progress import Job
from workbench.engine.data.fingerprint import changes, data_fingerprint, mark_of
from workbench.engine.data.store import DataStore
from workbench.engine.run_store.resumable import places, started_as
from workbench.engine.search import claims
from workbench.engine.search.study import Study
from workbench.engine.spec.experiment import ExperimentSpec, spec_from_plain

#: Name of the attribute of a study with the fingerprint of its data; files on users' disks depend on it.
_DATA: Final = "data"
#: Maximum number of runs of this machine, the newest first, that are asked where they had the data.
_RUNS: Final = 200
_Places = tuple[tuple[str, Any], ...]


def finding(study: Study, data: DataStore, given: Sequence[Path] = (), runs: Path | None = None) -> Job[None]:
    """Let the trials of ``study`` read its data where this machine has them; ``given`` are files or folders to look at
    first, ``runs`` is the folder of runs (None: the usual one). The first process to do so keeps their fingerprint in
    the study.

    Raises WorkbenchError where this machine lacks them, or the database fails.
    """
    base, said = study.plan.base, claims.read(study).get(_DATA)
    known: Mapping[str, Any] | None = json.loads(said) if said is not None else None
    own: _Places = tuple((path, base.at(path)) for path in places(base))
    lacks: list[str] = []
    for found in itertools.chain(_of_given(base, data, given), [own], _of_runs(base, known, runs)):
        spec = base
        for path, value in found:
            spec = spec.edited(path, value)
        try:
            now = yield from _fingerprint(spec.data.source, data)
        except WorkbenchError as error:
            lacks.append(error.message)
            continue
        if known is None:
            known = claims.first_said(study, _DATA, now)
        differ = changes(known, now)
        if not differ:
            study.places = () if found == own else found
            return
        lacks.append(f"{found[0][1] if found else spec.data.source.title}: {', '.join(differ)}.")
    where = " Open them on the Train page, or say where they are with --data PATH." if own else ""
    why = lacks[0][0].lower() + lacks[0][1:] if lacks[0].startswith("The ") else lacks[0]
    raise WorkbenchError(f"This machine lacks the data of the study {study.name}: {why}{where} No trial was taken.")


def _fingerprint(source: DataSource, data: DataStore) -> Job[dict[str, Any]]:
    dataset = yield from data.beginning(source)
    try:
        return data_fingerprint(dataset)
    finally:
        if dataset.arriving is not None:
            dataset.arriving.close()


def _of_given(base: ExperimentSpec, data: DataStore, given: Sequence[Path]) -> Iterator[_Places]:
    """Where ``given`` files and folders, read as data of the study's kind, lie. Raises WorkbenchError for others."""
    for path in given:
        source = data.recognised([path.expanduser().resolve()]).source(base.data.source)
        if source.kind != base.data.source.kind:
            raise WorkbenchError(f"{path} is {source.title}, and the study has {base.data.source.title}.")
        spec = base.edited("data.source", source)
        yield tuple((name, spec.at(name)) for name in places(spec))


def _of_runs(base: ExperimentSpec, known: Mapping[str, Any] | None, runs: Path | None) -> Iterator[_Places]:
    """Where runs of this machine had data with the fingerprint ``known``."""
    mark, seen = mark_of(known or {}), set()
    if not mark or not places(base):
        return
    try:
        folders = sorted((each for each in (runs or runs_folder()).iterdir() if each.is_dir()), reverse=True)
    except OSError:
        return
    for folder in folders[:_RUNS]:
        try:
            started = started_as(folder)
            spec = spec_from_plain(started.spec) if started is not None and started.data_mark == mark else None
        except (SpecError, WorkbenchError):
            continue
        if spec is not None and spec.data.source.kind == base.data.source.kind:
            found = tuple((name, spec.at(name)) for name in places(spec))
            if found not in seen:
                seen.add(found)
                yield found
