"""What the program understands of data before anything is trained, in the words of the window and of ``check``."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from workbench.engine.catalog.datasets import Dataset, DataSource
from workbench.engine.catalog.datasets.folder import PictureFolder
from workbench.engine.catalog.datasets.picture_files import PictureFiles
from workbench.engine.catalog.datasets.picture_load import refuse_unread, refused_files
from workbench.engine.catalog.datasets.understanding import SOURCE, Doubt, Fact, Reading, Understanding
from workbench.engine.core.errors import NoTestPart, Problem, WorkbenchError
from workbench.engine.core.progress import Job
from workbench.engine.core.responsive_io import in_daemon_thread, in_telling_thread
from workbench.engine.core.text import counted, plain, shape_text
from workbench.engine.data.augmented_copies import copies_doubt
from workbench.engine.data.chosen import chosen_facts
from workbench.engine.data.detect import recognise
from workbench.engine.data.detect_splits import split_doubt
from workbench.engine.data.group_doubts import unused_groups
from workbench.engine.data.groups_in_parts import group_words
from workbench.engine.data.own_data import NotData, OwnData
from workbench.engine.data.split import Split, split
from workbench.engine.data.store import DataStore
from workbench.engine.data.warnings import class_warnings, copy_warnings, row_warnings
from workbench.engine.pictures.class_folders import ClassFolders
from workbench.engine.pictures.corrections import name_of
from workbench.engine.pictures.decode import head_trouble
from workbench.engine.spec.assignment import with_assigned
from workbench.engine.spec.data_spec import DataSpec
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.spec.toml import load

#: Settings of which a reading changes nothing but the parts.
_PART_SETTINGS = {"parts", "part_column", "validation_table", "test_table"}


@dataclass(frozen=True, slots=True)
class Understood:
    """``refused``: why no run can start, or None. ``classes``: name and number of training and validation examples.

    ``parts``: number of examples of ``train``, ``validation`` and ``test`` in the split that the run would use; empty
    if it is not known. ``left_out``: file or folder, relative to the data's root, and the reason. ``facts`` and
    ``doubts`` are those of the source. ``spec`` is what was looked at, None if there is none. ``warnings``: what a run
    may use and would be misled by (see ``data.warnings``). ``notes``: sentences with which a run begins.
    """

    refused: str | None = None
    classes: Mapping[str, int] = field(default_factory=dict)
    parts: Mapping[str, int] = field(default_factory=dict)
    left_out: Mapping[str, str] = field(default_factory=dict)
    facts: tuple[Fact, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    spec: ExperimentSpec | None = None
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def class_words(self) -> str:
        """How many classes there are, and that ``classes`` does not count the test part where there is one."""
        where = " in training and validation" if self.parts.get("test") else ""
        return f"{counted(len(self.classes), 'class', 'classes')}{where}"

    @property
    def plain(self) -> dict[str, Any]:
        """The object that ``check --json`` prints; ``readings`` has for each of ``doubts`` the ways to choose from."""
        return {
            "refused": None if self.refused is None else plain(self.refused),
            "classes": dict(self.classes),
            "parts": dict(self.parts),
            "left_out": {name: plain(reason) for name, reason in self.left_out.items()},
            "doubts": [plain(doubt.sentence) for doubt in self.doubts],
            "readings": [list(map(_plain_reading, doubt.readings)) for doubt in self.doubts],
            "warnings": list(map(plain, self.warnings)),
            "facts": [plain(fact.sentence) for fact in self.facts],
            "notes": list(map(plain, self.notes)),
        }

    def json(self) -> str:
        """One line, in ASCII: any terminal can show it and any program read it."""
        return json.dumps(self.plain)


def _plain_reading(reading: Reading) -> dict[str, Any]:
    return {"label": plain(reading.label), "settings": reading.edits}


def understand(spec: ExperimentSpec, data: DataStore | None = None) -> Job[Understood]:
    """What a run of ``spec`` would learn from, whatever is wrong with settings that are not about data.

    Raises nothing that is the data's or the settings' fault.
    """
    data = data or DataStore()
    wrong = [problem for problem in _errors(spec) if problem.path.startswith("data")]
    if wrong:
        return Understood("\n".join(map(str, wrong)), spec=spec)
    try:
        known = yield from _of_source(spec.data.source, data)
    except (WorkbenchError, MemoryError) as error:
        return Understood(_words(error), facts=chosen_facts(spec.data.source), spec=spec)
    refused = known.refused or refusal(known.doubts)
    facts = (*known.facts, *chosen_facts(spec.data.source))
    found = Understood(refused or None, dict(known.classes), {}, dict(known.left_out), facts, known.doubts, spec)
    try:
        return (yield from _counted(found, known.test, data))
    except (WorkbenchError, MemoryError) as error:
        return replace(found, refused=refused or _words(error))


def understand_path(
    path: Path, edits: Sequence[tuple[str, Any]] = (), data: DataStore | None = None
) -> Job[Understood]:
    """The same for a settings file, a run folder, or data as they are opened in the window, with settings changed.

    What is wrong with any setting refuses it.
    """
    data = data or DataStore()
    try:
        own = _own(path.resolve() if ".." in path.parts else path.absolute(), edits, data)
        if own.spec_file is not None:
            spec = load(own.spec_file)
        else:
            spec = ExperimentSpec().edited(SOURCE, own.source(ExperimentSpec().data.source))
        for name, value in edits:
            spec = with_assigned(spec, name, value)
    except WorkbenchError as error:
        return Understood(error.message)
    found = yield from understand(spec, data)
    if own.note:
        found = replace(found, facts=(Fact("files", own.note), *found.facts))
    wrong = "\n".join(map(str, _errors(spec)))
    return replace(found, refused=wrong) if wrong else found


def _own(path: Path, edits: Sequence[tuple[str, Any]], data: DataStore) -> OwnData:
    """What ``path`` is. A folder that is none by itself is its table or one of pictures, by what ``edits`` set."""
    try:
        return recognise([path], scans=data.scans)
    except NotData as error:
        named = {name.removeprefix(f"{SOURCE}.") for name, _ in edits if name.startswith(f"{SOURCE}.")}
        table = error.instead if error.instead is not None and error.instead.is_file() else None
        if table is not None and named and named.isdisjoint(PictureFolder.model_fields):
            return recognise([table], scans=data.scans)
        if path.is_dir() and named:
            return OwnData(path.name, "folder", (("folder", str(path)),))
        raise


def _errors(spec: ExperimentSpec) -> list[Problem]:
    return [problem for problem in spec.problems() if problem.severity == "error"]


def refusal(doubts: Sequence[Doubt]) -> str:
    """The sentence that refuses a run until a reading of each doubt about classes or parts is chosen; else empty."""
    return " ".join(
        f"{doubt.sentence} Choose with {'one of: ' if len(doubt.readings) > 1 else ''}"
        f"{'; '.join(map(_written, doubt.readings))}."
        for doubt in doubts
        if doubt.is_refused
    )


def _written(reading: Reading) -> str:
    """A reading as it is chosen in a settings file, or with ``--set`` on the command line."""
    return f"{' and '.join(setting_lines(reading))} ({reading.label})"


def setting_lines(reading: Reading) -> Iterator[str]:
    """Each setting of ``reading`` as a line of TOML; ``--set`` takes the same text."""
    return (f"{path} = {_toml(value)}" for path, value in reading.edits.items())


def _toml(value: Any) -> str:
    import tomlkit

    if isinstance(value, dict):
        return f"{{{', '.join(f'{name} = {_toml(each)}' for name, each in value.items())}}}"
    return str(tomlkit.item(value).as_string())


def before_run(source: DataSource, data: DataStore) -> Job[Understanding]:
    """How a run reads ``source``: its doubts are said at the start, its test part is counted.

    Raises WorkbenchError for a doubt that is refused.
    """
    known = yield from _known(source, data)
    refused = refusal(known.doubts)
    if refused:
        raise WorkbenchError(refused, SOURCE)
    return known


def doubts_of(source: DataSource, data: DataStore) -> Job[tuple[Doubt, ...]]:
    """What the files of ``source`` do not decide; nothing where they can be read in one way only.

    Raises WorkbenchError where they cannot be used.
    """
    return (yield from _known(source, data)).doubts


def _known(source: DataSource, data: DataStore) -> Job[Understanding]:
    """How the files of ``source`` are read, as far as that is known without loading all examples."""
    arrays_only = isinstance(source, PictureFiles) and not source.has_files
    if arrays_only or type(source).understood is DataSource.understood:
        return Understanding(test=source.kept_for_test())
    return (yield from _of_source(source, data))


def _of_source(source: DataSource, data: DataStore) -> Job[Understanding]:
    """What ``source`` says of its files, and the question on a split beside a folder that these settings pass over."""
    known = yield from source.understood(data.scans)
    if not isinstance(source, PictureFolder) or any(doubt.is_refused for doubt in known.doubts):
        return known
    look = partial(split_doubt, source, data.scans)
    beside = yield from in_daemon_thread(look, source.place(), "Looking for a split beside the folders")
    return known if beside is None else replace(known, doubts=(beside, *known.doubts))


def _words(error: WorkbenchError | MemoryError) -> str:
    return error.message if isinstance(error, WorkbenchError) else "The data does not fit into the memory that is free."


def _counted(found: Understood, test: int, data: DataStore) -> Job[Understood]:
    """``found`` with the sizes of the split that a run would use. Raises WorkbenchError."""
    spec = found.spec
    assert spec is not None
    source = spec.data.source
    if isinstance(source, PictureFiles) and source.has_files:
        files, found = yield from _readable(found, source, data)
        dataset = _undecoded(files)
    else:
        dataset = yield from data.loading(source)
        found = replace(found, notes=dataset.notes)
    parts = split(dataset, spec.data)
    counts = np.bincount(dataset.labels, minlength=len(dataset.classes))
    counts -= np.bincount(dataset.labels[parts.test], minlength=len(dataset.classes))
    warnings = tuple((yield from _warnings(dataset, parts, spec.data, data)))
    found = replace(found, warnings=warnings)
    copies = copies_doubt(dataset, parts, _one_part(found.facts))
    groups = (
        None if found.refused else (yield from _group_doubt(dataset, spec))
    )  # until the classes are known, not asked
    more = (each for each in (copies, groups) if each is not None)
    found = replace(found, doubts=(*found.doubts, *more))
    sizes = {"train": len(parts.train), "validation": len(parts.val), "test": len(parts.test) or test}
    return replace(found, classes=dict(zip(dataset.classes, counts.tolist(), strict=True)), parts=sizes)


def _group_doubt(dataset: Dataset, spec: ExperimentSpec) -> Job[Doubt | None]:
    source = spec.data.source
    place = source.place() if isinstance(source, PictureFiles) and source.has_files else ""
    return (yield from in_daemon_thread(lambda: unused_groups(dataset, spec.data), place, "Looking for groups"))


def _one_part(facts: Sequence[Fact]) -> Reading | None:
    """The reading by which what the data hold back trains as well, None where they have no such."""
    offered = (reading for fact in facts if fact.subject == "parts" for reading in fact.readings)
    return next((each for each in offered if {name for name, _ in each.settings} <= _PART_SETTINGS), None)


def run_warnings(spec: ExperimentSpec, data: DataStore) -> Job[tuple[str, ...]]:
    """What ``Understood.warnings`` would say of data on the disk; what comes with the program is not looked at.

    Nothing is said of data that cannot be used: the run says why.
    """
    source = spec.data.source
    try:
        if isinstance(source, PictureFiles) and source.has_files:
            dataset = _undecoded((yield from data.steps(source).listing()).files)
        elif source.files():
            dataset = yield from data.loading(source)  # the run does not read them again
        else:
            return ()
        return tuple((yield from _warnings(dataset, split(dataset, spec.data), spec.data, data)))
    except (WorkbenchError, MemoryError):
        return ()


def _warnings(dataset: Dataset, parts: Split, settings: DataSpec, data: DataStore) -> Job[Sequence[str]]:
    said, source = list(class_warnings(dataset, parts)), settings.source
    if not isinstance(source, PictureFiles) or not source.has_files:
        return [*said, *(yield from _row_warnings(dataset, parts, settings, data))]
    try:
        tests = (yield from data.steps(source).listing(test=True)).files
    except WorkbenchError:
        tests = None
    said += group_words(dataset, settings, parts, None if tests is None else _undecoded(tests))
    files = () if tests is None else tests.files
    look: Callable[[], list[str]] = partial(list, copy_warnings(dataset, parts, files))
    return [*said, *(yield from in_daemon_thread(look, source.place(), "Looking for pictures that are in two parts"))]


def _row_warnings(dataset: Dataset, parts: Split, settings: DataSpec, data: DataStore) -> Job[Sequence[str]]:
    source = settings.source
    if source.files() == ():  # computed
        return ()
    said: list[str] = []
    test = None
    try:
        test = yield from data.loading_test(source)
    except NoTestPart:
        pass
    except WorkbenchError as error:
        said.append(f"The test part cannot be measured: {error.message}")
    if test is not None and test.shape != dataset.shape:
        shapes = f"its examples are {shape_text(test.shape)}, and those to train on {shape_text(dataset.shape)}"
        said.append(f"The test part cannot be measured: {shapes}.")
    said += group_words(dataset, settings, parts, test)
    words = "Looking for examples that are in two parts"
    look = in_telling_thread(lambda told: list(row_warnings(dataset, parts, test, told)), "", words)
    return [*said, *(yield from look)]


def _readable(found: Understood, source: PictureFiles, data: DataStore) -> Job[tuple[ClassFolders, Understood]]:
    """The files that begin as pictures do, and ``found`` with the others left out or refused."""
    listing = yield from data.steps(source).listing()
    files, found = listing.files, replace(found, notes=listing.notes)
    place = files.root
    bad = yield from in_daemon_thread(lambda: _troubles(files.files), place, "Looking at the files")
    excluded = (yield from in_daemon_thread(source.corrections, place, "Looking at the files")).read().excluded
    left_out = {**found.left_out, **dict.fromkeys(sorted(excluded), "left out by you")}
    if bad and source.skip_unreadable:
        left_out |= {name_of(file, files.root): reason for file, reason in bad.items()}
        files = files.only(np.array([file not in bad for file in files.files], np.bool_))
        refuse_unread(files)
    elif bad:
        found = replace(found, refused=found.refused or refused_files(bad, files).message)
    return files, replace(found, left_out=left_out)


def _troubles(files: Sequence[Path]) -> dict[Path, str]:
    """Those of ``files`` that do not begin as pictures, and why."""
    return {file: trouble for file in files if (trouble := head_trouble(file))}


def _undecoded(files: ClassFolders) -> Dataset:
    """All of the examples but their pictures."""
    nothing = np.empty((len(files.files), 0), np.uint8)
    names = tuple(map(str, files.files))
    return Dataset(
        nothing,
        files.labels,
        files.classes,
        files.validation,
        names,
        groups=files.groups,
        whole=files.whole,
        group_names=files.group_names,
    )
