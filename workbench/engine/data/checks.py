"""Looks a data set over before it is trained on: every problem as a sentence with what can be done about it.

To add a check, write a function from a Subject to its findings and put it into CHECKS. Nothing is changed by a check:
what an action does is up to the caller (``skip`` writes the files to the corrections, ``edit`` changes a setting,
``stop`` sends the user to the files).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from workbench.engine.catalog.datasets.picture_files import PictureFiles
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.progress import Job
from workbench.engine.core.text import grouped
from workbench.engine.data.check_classes import class_sizes
from workbench.engine.data.check_duplicates import same_pictures
from workbench.engine.data.check_files import color_modes, ignored_files, memory, odd_sizes, picture_sizes
from workbench.engine.data.check_groups import group_sizes
from workbench.engine.data.check_subject import Subject, subject_of
from workbench.engine.data.check_values import flat_pictures
from workbench.engine.data.check_without_pictures import without_pictures
from workbench.engine.data.findings import Action, Finding, Report
from workbench.engine.data.store import DataStore
from workbench.engine.data.understand import doubts_of

if TYPE_CHECKING:
    from workbench.engine.spec.experiment import ExperimentSpec

#: A check; one that takes long yields its progress.
Check = Callable[[Subject], Job[Iterable[Finding]]]


def _quick(check: Callable[[Subject], Iterable[Finding]]) -> Check:
    def work(subject: Subject) -> Job[Iterable[Finding]]:
        yield from ()
        return check(subject)

    return work


#: All checks of a set that can be loaded, in the order in which equally severe findings are shown.
CHECKS: Final[tuple[Check, ...]] = (
    same_pictures,
    _quick(class_sizes),
    _quick(group_sizes),
    _quick(odd_sizes),
    _quick(flat_pictures),
    _quick(memory),
)
#: The setting to which an error of the split points, and the value with which there is none.
_MENDS: Final = (
    ("data.group_by", "Split every example by itself", "none"),
    ("data.folds", "Switch folds off", None),
)
_ORDER: Final = {"error": 0, "warning": 1, "info": 2}


def preflight(spec: ExperimentSpec, data: DataStore | None = None) -> Job[Report]:
    """Look over the data of ``spec``. Raises nothing that is the data's fault: that is a finding."""
    data = data or DataStore()
    findings: list[Finding] = []
    try:
        return (yield from _looked_over(spec, data, findings))
    except WorkbenchError as error:
        mends = (Action("edit", label, path=path, value=value) for path, label, value in _MENDS if path == error.path)
        finding = Finding("unusable", "error", error.message, actions=(*mends, Action("stop", "Choose other data")))
        return Report((finding, *findings, *(yield from ignored_files(spec, data))))
    except MemoryError:
        return Report((Finding("memory", "error", "The data does not fit into the memory that is free."), *findings))


def _looked_over(spec: ExperimentSpec, data: DataStore, findings: list[Finding]) -> Job[Report]:
    """The report; what is found is put into ``findings`` at once, so that it is not lost if the data is unusable."""
    doubts = yield from doubts_of(spec.data.source, data)
    asked = [doubt.sentence for doubt in doubts if doubt.is_refused]
    if asked:
        text = f"{' '.join(asked)} How it is read is chosen in the Data panel; then it can be checked."
        return Report((*findings, Finding("asked", "error", text, actions=(Action("stop", "Choose"),))))
    subject = yield from subject_of(spec, data, findings)
    if subject is None:
        return Report((*findings, *(yield from ignored_files(spec, data))))
    for check in CHECKS:
        findings += yield from check(subject)
    findings[:] = [_harmless(finding, subject) for finding in findings]
    findings += yield from ignored_files(spec, data)
    findings += yield from without_pictures(spec, data)
    findings.sort(key=lambda finding: _ORDER[finding.severity])
    sizes, modes = picture_sizes(subject.entries, subject.dataset), color_modes(subject.entries, subject.dataset)
    return Report(tuple(findings), subject.counts, sizes, modes, subject.needed, subject.free)


def _harmless(finding: Finding, subject: Subject) -> Finding:
    """``finding`` without actions after which the data could not be used: no files, or a class without a picture."""
    actions = tuple(each for each in finding.actions if each.kind != "skip" or each.path or _leaves_all(each, subject))
    return replace(finding, actions=actions)


def _leaves_all(action: Action, subject: Subject) -> bool:
    """Whether every class keeps a picture to train on without the files of ``action``."""
    dataset = subject.dataset
    if not dataset.files:
        return False
    files = set(action.files)
    train = subject.split.train.tolist()
    left = {int(dataset.labels[index]) for index in train if dataset.files[index] not in files}
    return left == {int(dataset.labels[index]) for index in train}


def skip(spec: ExperimentSpec, files: Sequence[str]) -> str:
    """Do what a ``skip`` says: leave ``files`` out from now on. Returns the sentence where that was written.

    Raises WorkbenchError if the source has no files of its own or the place may not be written.
    """
    source = spec.data.source
    if not isinstance(source, PictureFiles) or not source.has_files:
        raise WorkbenchError(f"{source.title} has no files that could be left out.", "data.source")
    corrections = source.corrections()
    corrections.exclude(Path(file) for file in files)
    return f"{grouped(len(files))} left out, written to {corrections.where}."


__all__ = ["Action", "Finding", "Report", "preflight", "skip"]
