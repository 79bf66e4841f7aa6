"""Checks of the classes: number of examples, imbalance, names that are alike."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from workbench.engine.catalog.datasets.picture_files import PictureFiles
from workbench.engine.core.text import grouped, paths_text, percent

if TYPE_CHECKING:
    from workbench.engine.data.check_subject import Subject
    from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.data.findings import Action, Finding

#: A class with this many times the examples of another is reported.
IMBALANCE: Final = 3.0


#: Fewer training examples of a class than these are worth a word.
FEW: Final = 5


def class_sizes(subject: Subject) -> Iterator[Finding]:
    """Classes that are empty, rare, not validated, alike in name or uneven."""
    trained = {name: train for name, train, _, _ in subject.counts}
    yield from _untrained(trained)
    few = [name for name, count in trained.items() if 0 < count < FEW]
    if few:
        text = f"Fewer than {FEW} training examples are of: {paths_text(few, 5)}."
        yield Finding("few", "warning", text, tuple(few), actions=_for_few(subject, few))
    validates = any(val for _, _, val, _ in subject.counts)
    if validates:
        yield from _unseen(subject)
    yield from _alike(tuple(trained))
    if not validates:
        yield _no_validation(subject.spec)
    yield from _imbalance(subject.spec, {name: count for name, count in trained.items() if count})


def _untrained(trained: dict[str, int]) -> Iterator[Finding]:
    empty = [name for name, count in trained.items() if not count]
    if empty:
        text = f"No training example is of the class{'es' if len(empty) > 1 else ''} {paths_text(empty, 5)}."
        yield Finding("empty_class", "warning", f"{text} It cannot be learned.", tuple(empty))
    if len(trained) < 2:
        yield Finding("one_class", "warning", "There is one class only, so there is nothing to tell apart.")


def _unseen(subject: Subject) -> Iterator[Finding]:
    unseen = [name for name, train, val, _ in subject.counts if train and not val]
    if unseen:
        what = "picture" if subject.dataset.is_image else "example"
        it = "it is" if len(unseen) == 1 else "they are"
        text = f"No validation {what} is of: {paths_text(unseen, 5)}. How well {it} learned cannot be seen."
        yield Finding("unvalidated", "warning", text, tuple(unseen))


def _no_validation(spec: ExperimentSpec) -> Finding:
    text, share = "Nothing is held back for validation, so overfitting cannot be seen.", spec.data.validation_fraction
    if share >= 0.2:  # a share was asked for, and rounded to no example
        text = f"{text} Every class has too few examples for its share of {percent(share, 0)}."
        return Finding("no_validation", "warning", text)
    action = Action("edit", "Hold 20 % back", path="data.validation_fraction", value=0.2)
    return Finding("no_validation", "warning", text, actions=(action,))


def _for_few(subject: Subject, few: Sequence[str]) -> tuple[Action, ...]:
    """Weight them more, or do without them where at least two classes are left."""
    spec, counts, dataset = subject.spec, subject.counts, subject.dataset
    actions = []
    if not spec.data.class_weights:
        actions.append(Action("edit", "Weight the classes in the loss", path="data.class_weights", value=True))
    left = sum(1 for _, train, _, _ in counts if train) - len(few)
    if isinstance(spec.data.source, PictureFiles) and dataset.files and left >= 2:
        of_them = zip(dataset.files, dataset.labels.tolist(), strict=True)
        files = tuple(file for file, label in of_them if dataset.classes[label] in few)
        label = f"Leave the class{'' if len(few) == 1 else 'es'} out"
        actions.append(Action("skip", label, files, "data.source.skip_empty", True))
    return tuple(actions)


def _alike(classes: Sequence[str]) -> Iterator[Finding]:
    """Classes that a person would call the same: upper and lower case, spaces at the ends, two ways to write é."""
    kinds: dict[str, list[str]] = {}
    for name in classes:
        kinds.setdefault(" ".join(unicodedata.normalize("NFKC", name).casefold().split()), []).append(name)
    alike = tuple(name for names in kinds.values() if len(names) > 1 for name in names)
    if alike:
        text = f"Some classes have nearly the same name: {paths_text([repr(name) for name in alike], 6)}."
        text = f"{text} They are learned as different ones; if they are one class, put their pictures together."
        yield Finding("alike", "warning", text, alike)


def _imbalance(spec: ExperimentSpec, trained: dict[str, int]) -> Iterator[Finding]:
    if len(trained) < 2:
        return
    most, least = max(trained, key=trained.__getitem__), min(trained, key=trained.__getitem__)
    ratio = trained[most] / trained[least]
    if ratio < IMBALANCE:
        return
    share = min(0.999, trained[most] / sum(trained.values()))  # not all are of one class, so it is never 100 %
    sentence = (
        f"The classes are uneven: {grouped(trained[most])} training examples of {most}, "
        f"{grouped(trained[least])} of {least} ({grouped(ratio, 1)} times fewer). "
        f"Always saying {most} would already be right for {percent(share)}."
    )
    if spec.data.class_weights:
        yield Finding("imbalance", "info", f"{sentence} The classes are weighted in the loss.")
        return
    action = Action("edit", "Weight the classes in the loss", path="data.class_weights", value=True)
    yield Finding("imbalance", "warning", sentence, actions=(action,))
