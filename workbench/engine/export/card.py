"""``--to card``: a model card in Markdown (after Mitchell et al. 2019), from what the run has recorded."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from statistics import fmean
from typing import Any, Final

from workbench.engine.catalog.datasets import DataSource
from workbench.engine.catalog.datasets.picture_files import PictureFiles
from workbench.engine.core.atomic_write import write_whole
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.progress import Job, Loading
from workbench.engine.core.text import counted, grouped, percent, plain
from workbench.engine.evaluation.trained_on import TrainedOn
from workbench.engine.export.about import data, shareable, versions
from workbench.engine.export.score import Score, scores_of
from workbench.engine.export.subject import Provenance, Subject
from workbench.engine.run_store.resumable import places
from workbench.engine.shelf.export import escaped
from workbench.engine.shelf.noise import repeats, spread
from workbench.engine.shelf.record import RunRecord
from workbench.engine.shelf.shelf import Shelf
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.spec.listing import listing

NAME: Final = "model_card.md"
#: Maximum number of classes that are listed by name.
_NAMED: Final = 100
_LICENCES: Final = ("LICENSE*", "LICENCE*", "COPYING*", "license*", "licence*")


def writing_card(subject: Subject, folder: Path) -> Job[str]:
    """Write the card into ``folder``; returns a sentence. Raises CannotWrite."""
    same: tuple[RunRecord, ...] = ()
    if subject.origin.record is not None:
        record = subject.origin.record
        same = repeats(record, (yield from Shelf(record.folder.parent).refresh()))
    yield Loading(0, 0, "Writing the model card")
    write_whole(folder / NAME, plain(card(subject, same)).encode())
    return f"{NAME} says what is known; intended use and consent are for you to fill in."


def card(subject: Subject, same: tuple[RunRecord, ...] = ()) -> str:
    """The card; ``same`` are runs with these settings and other seeds, this one among them."""
    sections = (
        ("Model details", _details(subject)),
        ("Intended use", _use()),
        ("Training data", _data(subject.origin)),
        ("Split", _split(subject.origin)),
        ("Training settings", _settings(subject.origin)),
        ("Results", _results(subject.origin, same)),
        ("Limits", _limits(subject)),
        ("Licence of the data", _licence(subject.origin)),
        ("Versions", (f"- {name}: {each}" for name, each in versions(subject.origin).items())),
    )
    body = "".join(f"\n## {title}\n\n" + "".join(f"{line}\n" for line in lines) for title, lines in sections)
    return f"# {escaped(subject.name)}\n{body}"


def _details(subject: Subject) -> Iterator[str]:
    yield f"- Network: {escaped(subject.title)}, {grouped(subject.parameters)} parameters and statistics"
    shape = subject.shape
    inputs = f"points with {counted(shape[0], 'coordinate')}"
    if len(shape) == 3:
        inputs = f"{'gray' if shape[0] == 1 else 'colour'} pictures of {shape[2]} × {shape[1]} pixels"
    yield f"- Input: {inputs}, {escaped(subject.file.origin.words[1])}"
    named = ", ".join(map(escaped, subject.classes[:_NAMED])) + (" …" if len(subject.classes) > _NAMED else "")
    names = named if subject.is_named else "their names are not known"
    yield f"- Output: one class of {grouped(len(subject.classes))} for each input ({names})"
    record = subject.origin.record
    if record is not None:
        yield f"- Trained: {record.started:%Y-%m-%d}, {counted(record.epoch, 'epoch')}, seed {record.seed}"
        if record.is_live:
            yield "- The run was still training when this was written: these are its best weights so far."


def _use() -> Iterator[str]:
    yield "To be completed before publication: intended use, intended users, out-of-scope uses."


def _data(origin: Provenance) -> Iterator[str]:
    trained = origin.trained
    if trained is None:
        yield "Not known: the file does not say on which data it was trained."
        return
    source = trained.spec.data.source
    yield f"- {' '.join(map(escaped, filter(None, (source.title, source.brief()))))}"
    yield f"- Classes: {grouped(len(trained.classes))}"
    for name, each in _known(data(origin), "training_examples", "validation_examples", "test_examples"):
        yield f"- {name.replace('_', ' ').capitalize()}: {grouped(each)}"
    fingerprint = (data(origin) or {}).get("fingerprint")
    if fingerprint:
        counts = zip(fingerprint["classes"], fingerprint["counts"], strict=True)
        each = ", ".join(f"{escaped(str(name))}: {grouped(count)}" for name, count in list(counts)[:_NAMED])
        yield f"- Examples of each class, all parts together: {each}"
    yield from _corrections(source)


def _known(found: dict[str, Any] | None, *names: str) -> Iterator[tuple[str, Any]]:
    yield from ((name, found[name]) for name in names if found is not None and found[name])


def _split(origin: Provenance) -> Iterator[str]:
    if origin.trained is None:
        yield "Not known."
        return
    spec = origin.trained.spec.data
    if spec.folds is not None:
        yield f"- Fold {spec.fold or 1} of {spec.folds} validates, by the split seed {spec.split_seed}"
    else:
        yield f"- {_validating(origin.trained)}, split seed {spec.split_seed}"
    if spec.test_fraction:
        yield f"- {percent(spec.test_fraction)} are held out for the test and decide nothing"
    yield f"- Groups that no part divides: {spec.group_by}"


def _validating(trained: TrainedOn) -> str:
    """The share of validation examples: the actual one where sizes are known, and the one in the settings."""
    asked = percent(trained.spec.data.validation_fraction)
    if trained.sizes is None or not sum(trained.sizes):
        return f"{asked} of each class validate, or the part of the data that is kept for it"
    size, both = trained.sizes[1], sum(trained.sizes)
    share = f"{grouped(size)} of {grouped(both)} training and validation examples validate ({percent(size / both)})"
    return f"{share}; the settings ask for {asked} of each class of data that have no validation part"


def _corrections(source: DataSource) -> Iterator[str]:
    """The corrections beside the data at present; a run records only the counts of its classes."""
    if not isinstance(source, PictureFiles):
        return
    try:
        found = source.corrections().read()
    except (OSError, WorkbenchError):
        return
    given = Counter(found.relabelled.values())
    each = ", ".join(f"{escaped(name)}: {grouped(count)}" for name, count in sorted(given.items())[:_NAMED])
    for count, what in ((sum(given.values()), f"given another class ({each})"), (len(found.excluded), "left out")):
        if count:
            yield f"- Corrections beside the data when this was written: {counted(count, 'picture')} {what}"


def _settings(origin: Provenance) -> Iterator[str]:
    if origin.trained is None:
        yield "Not known."
        return
    for line in listing(shareable(origin.trained.spec)):
        value = f": {escaped(line.value)}" if line.value else ""
        yield f"{'  ' * line.depth}- {escaped(line.label)}{value}"
    changes = origin.record.change_count if origin.record is not None else 0
    if changes:
        yield f"- While it trained, {counted(changes, 'setting was', 'settings were')} changed; the run's log has them."


def _results(origin: Provenance, same: tuple[RunRecord, ...]) -> Iterator[str]:
    found = scores_of(origin)
    yield from (f"- {line}" for score in found for line in _score_lines(score))
    if not found:
        yield "No measurement is recorded with these weights."
    values = [each.best_accuracy for each in same if each.best_accuracy is not None]
    if len(values) > 1:
        seeds = counted(len(values), "seed")
        yield f"- The same settings with {seeds}: {percent(fmean(values))} ± {percent(spread(values))} on validation"
        yield "  (mean and standard deviation of the best accuracies)"
    elif found:
        yield "- One run with one seed: how much another seed would change is not known."


def _score_lines(score: Score) -> Iterator[str]:
    chosen = ". The weights were chosen by it, so it is a little too good" if score.is_choice else ""
    yield f"Accuracy: {score.words}{chosen}"
    if score.loss is not None:
        yield f"Cross-entropy on the same examples: {grouped(score.loss, 4)}"


def _limits(subject: Subject) -> Iterator[str]:
    yield "- Every input is assigned to one of the classes, also an input that belongs to none of them."
    yield "- The figures hold for inputs like those it was measured on; other sources, cameras or times may differ."
    few = _smallest_class(subject.origin)
    if few is not None and few[1] < 50:
        yield f"- The smallest class, {escaped(few[0])}, has {counted(few[1], 'example')}: its figures are uncertain."
    parts = [score.part for score in scores_of(subject.origin)]
    if parts and "test" not in parts:
        yield "- No test part was measured: the accuracy comes from examples that took part in choosing the weights."
    if subject.assumed:
        yield f"- The file does not say all that a user has to know; assumed: {escaped(subject.assumed)}."


def _smallest_class(origin: Provenance) -> tuple[str, int] | None:
    found = (data(origin) or {}).get("fingerprint")
    if not found or not found["counts"]:
        return None
    count, name = min(zip(found["counts"], found["classes"], strict=True))
    return str(name), int(count)


def _licence(origin: Provenance) -> Iterable[str]:
    return [_licence_words(origin.trained)]


def _licence_words(trained: TrainedOn | None) -> str:
    if trained is None:
        return "Not known."
    source = trained.spec.data.source
    if source.licence:
        return source.licence
    found = licence_files(trained.spec)
    if found:
        return f"The data's folder has {', '.join(escaped(file.name) for file in found)}."
    return "Not known: there is no licence file beside the data. Clarify their origin before you publish the model."


def licence_files(spec: ExperimentSpec) -> tuple[Path, ...]:
    """The files named as a licence beside the data of ``spec``."""
    found: dict[str, Path] = {}
    with contextlib.suppress(OSError, WorkbenchError):
        for place in places(spec):
            path = Path(spec.at(place)).expanduser()
            folder = path if path.is_dir() else path.parent
            found |= {each.name: each for pattern in _LICENCES for each in folder.glob(pattern) if each.is_file()}
    return tuple(found[name] for name in sorted(found))
