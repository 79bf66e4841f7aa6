"""Which folders are train, validation and test, and which folders next to them are neither."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from workbench.engine.catalog.datasets.folders.choices import Choices, names_text
from workbench.engine.catalog.datasets.folders.class_parts import (
    ClassPart,
    ClassParts,
    by_patterns,
    class_and_part,
    class_parts,
    has_several,
    unused,
)
from workbench.engine.catalog.datasets.folders.extra_parts import USE, extra_doubt, parts_setting
from workbench.engine.catalog.datasets.folders.file_names import names_in_files
from workbench.engine.catalog.datasets.folders.repeated_folders import is_repeated
from workbench.engine.catalog.datasets.understanding import Doubt, Reading
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.text import paths_text
from workbench.engine.pictures.folder_tree import Folder, LeftOut
from workbench.engine.pictures.part_names import is_fold, parts_beside, parts_of, says_nothing, words_of

#: Folders with the part for which each is.
_Named = Sequence[tuple[str, Folder]]
#: Maximum number of readings to choose from for one doubt.
MOST_READINGS = 6


@dataclass(frozen=True, slots=True)
class Parts:
    """``folders``: (part, folder) of what is read; the part is empty where the settings split.

    ``named``: (part, class, folder) where each class has folders of its own for the parts, or none. ``loose``: (part,
    folder) of validation and test, not among ``folders``, whose pictures lie in no class folders.
    """

    top: Folder
    folders: tuple[tuple[str, Folder], ...]
    named: tuple[ClassPart, ...] = ()
    loose: tuple[tuple[str, Folder], ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    doubts: tuple[Doubt, ...] = ()

    def of(self, *parts: str) -> tuple[Folder, ...]:
        """The folders of these parts."""
        return tuple(folder for part, folder in self.folders if part in parts)


def find_parts(root: Folder, choices: Choices) -> Parts:
    """Raises WorkbenchError where a setting names a folder that is not there."""
    if choices.has_parts and not choices.has_part_lists:
        return _named(root, choices)
    top, left_out = through_wrappers(root)
    only = parts_of([top.name]).get(top.name) if top is not root else None
    if choices.parts_are_no_folders:
        return Parts(top, (("", top),), left_out=left_out)
    if only in ("validation", "test"):
        return replace(_only(top, only), left_out=left_out)
    found = _automatic(top)
    return replace(found, left_out=(*left_out, *found.left_out))


def through_wrappers(folder: Folder) -> tuple[Folder, tuple[LeftOut, ...]]:
    """The first folder below that holds more than another one (an unpacked archive), and what lies beside the way."""
    left_out: list[LeftOut] = []
    while len(folder.candidates) == 1 and _is_wrapped(folder.candidates[0]):
        left_out += beside(folder, folder.candidates)
        folder = folder.candidates[0]
    return folder, tuple(left_out)


def _is_wrapped(inner: Folder) -> bool:
    return holds_classes(inner) and (len(inner.candidates) > 1 or not inner.pictures)


def beside(folder: Folder, used: Sequence[Folder]) -> list[LeftOut]:
    """What ``folder`` contains besides the ``used`` folders: pictures of no class, folders without pictures."""
    found = [LeftOut(folder.below(name), "beside the class folders, so of no class", True) for name in folder.pictures]
    unused = [each for each in folder.folders if each not in used and not each.total]
    return found + [LeftOut(each.relative, "holds no picture") for each in unused]


# --- By the settings ----------------------------------------------------------------------------------------------


def _named(root: Folder, choices: Choices) -> Parts:
    named = by_patterns(root, choices.part_folders())
    folders = [(part, folder) for part, _, folder in named] or list(_folders_named(root, choices))
    if not any(part == "train" for part, _ in folders):
        raise WorkbenchError("The settings name no folder to train on: parts needs train: FOLDER.", "data.source.parts")
    used = [folder for _, folder in folders]
    left_out = tuple(unused(root, used, "not among the parts that the settings name"))
    if named and not all(map(has_several, used)):
        return Parts(root, (("", root),), named, left_out=left_out)
    return Parts(root, tuple(folders), left_out=left_out)


def _folders_named(root: Folder, choices: Choices) -> Iterator[tuple[str, Folder]]:
    known = {folder.relative: folder for folder in root.walk()}
    for part, names in choices.part_folders().items():
        for name in names:
            if name not in known:
                text = f"{root.path} holds no folder {name!r}, which the settings name as {part}"
                raise WorkbenchError(f"{text}; it holds {_shown(root.folders)}.", "data.source.parts")
            yield part, known[name]


def _shown(folders: Iterable[Folder]) -> str:
    return paths_text([repr(folder.name) for folder in folders], 8) or "no folders"


# --- By their names -----------------------------------------------------------------------------------------------


def _automatic(top: Folder) -> Parts:
    names = parts_of([folder.name for folder in top.candidates])
    if "train" not in names.values():
        names = _beside_the_plain(top.candidates) or names
    by_part = [(names[folder.name], _undoubled(folder)) for folder in top.candidates if folder.name in names]
    others = [folder for folder in top.candidates if folder.name not in names]
    if not by_part:
        return _without(top)
    holding = _holding(by_part)
    kinds = {part for part, _ in by_part}
    if not holding:
        return _loose(top, by_part, others) if len(kinds) > 1 else _one_loose(top, by_part, others)
    if not any(part == "train" for part, _ in holding):
        return _no_train(top, by_part, holding, others)
    if len(kinds) == 1 and any(holds_classes(other) and not _shares(other, holding) for other in others):
        return Parts(top, (("", top),))  # a class may be called train: the level of the classes is asked
    left_out = [
        LeftOut(folder.relative, "its pictures lie in no class folder" if folder.total else "holds no picture", True)
        for part, folder in by_part
        if (part, folder) not in holding
    ]
    left_out += [LeftOut(each.relative, _why_no_part(each, holding), bool(each.total)) for each in others]
    extra = [each for each in others if _shares(each, holding) and not has_parts(each)]
    doubts = (extra_doubt(extra, holding),) if extra else ()
    left_out += beside(top, top.candidates)
    loose = tuple((part, f) for part, f in by_part if part != "train" and f.total and (part, f) not in holding)
    return Parts(top, tuple(holding), loose=loose, left_out=tuple(left_out), doubts=doubts)


def _beside_the_plain(folders: Sequence[Folder]) -> dict[str, str]:
    """The parts of ``rps``, ``rps-test-set`` and ``rps-validation``, if those with class folders hold the same."""
    holding = [folder for folder in folders if holds_classes(_undoubled(folder))]
    named = parts_beside([folder.name for folder in folders])
    is_whole = len(named) == len(folders) and any(named[folder.name] == "train" for folder in holding)
    return named if is_whole and len(holding) > 1 and _hold_the_same(holding) else {}


def _holding(by_part: Sequence[tuple[str, Folder]]) -> list[tuple[str, Folder]]:
    """The parts with class folders; not a test folder with one heap of pictures (``Final_Test/Images``) beside classes
    to train on."""
    holding = [(part, folder) for part, folder in by_part if holds_classes(folder)]
    classed = [(part, folder) for part, folder in holding if not _is_heap(folder)]
    return classed if any(part == "train" for part, _ in classed) else holding


def _is_heap(folder: Folder) -> bool:
    """Whether it holds one folder, without others in it, whose name says only that pictures are there."""
    return len(folder.filled) == 1 and not folder.filled[0].filled and says_nothing(folder.filled[0].name)


def _undoubled(folder: Folder) -> Folder:
    """The folder of the same name in ``folder`` if that is all there is, with pictures of no class folders in it."""
    inner = folder.filled[0] if len(folder.filled) == 1 and not folder.pictures else folder
    return inner if inner.name.casefold() == folder.name.casefold() and not inner.filled else folder


def holds_classes(folder: Folder) -> bool:
    """Whether there are folders with pictures in it, and fewer pictures beside them than in them."""
    return bool(folder.filled) and 2 * len(folder.pictures) < folder.total


def has_parts(folder: Folder) -> bool:
    """Whether ``folder`` holds a split itself, also in a folder of its own."""
    top, _ = through_wrappers(folder)
    found = parts_of([each.name for each in top.filled])
    return len(set(found.values())) > 1


def _class_names(folders: Iterable[Folder]) -> set[str]:
    return {each.name.casefold() for folder in folders for each in through_wrappers(folder)[0].filled}


def _shares(other: Folder, parts: Sequence[tuple[str, Folder]]) -> bool:
    """Whether at least half of the folders in ``other`` are named as classes of the parts."""
    names = _class_names([other])
    return len(names & _class_names(folder for _, folder in parts)) * 2 > len(names) - 1 and holds_classes(other)


def _why_no_part(other: Folder, parts: Sequence[tuple[str, Folder]]) -> str:
    if not other.total:
        return "holds no picture"
    if has_parts(other):
        return f"holds a split of its own beside {parts[0][1].name}"
    if _shares(other, parts):
        return "beside the parts and named as none of them"
    return f"beside {parts[0][1].name}, and without folders of its classes"


def _only(top: Folder, part: str) -> Parts:
    """There is nothing but a test folder, or a validation folder."""
    text = f"{top.name} is the only folder with pictures: its name says {USE[part]}, and there is none to train on."
    use = Reading(f"Train on {top.name}, and let the settings split it", (("parts", "none"),))
    return Parts(top, (("", top),), doubts=(Doubt("parts", text, (use,)),))


def _no_train(top: Folder, by_part: _Named, holding: _Named, others: Sequence[Folder]) -> Parts:
    """Validation and test, and no train folder with class folders; others beside them may be for that."""
    if any(part == "train" for part, _ in by_part):
        why = "has a train folder without class folders in it; make one folder for each class there"
        raise WorkbenchError(f"{top.path} {why}.", "data.source.folder")
    classes = [folder for folder in others if folder.total and not folder.filled]
    if len({folder.name.casefold() for folder in classes} & _class_names(folder for _, folder in holding)) > 1:
        return Parts(top, (("train", top.without([folder for _, folder in by_part])), *holding))
    more = [("train", folder) for folder in others if holds_classes(folder)]
    first, rest = (more, list(holding)) if more else (list(holding[:1]), [("test", f) for _, f in holding[1:]])
    lead, last = (paths_text([folder.name for _, folder in each]) for each in (first, rest))
    text = f"{top.path} holds {paths_text([f.name for _, f in holding])} and no folder to train on."
    text = f"{text[:-1]} by its name; {lead} may be that." if more else text
    readings = []
    are_alike = all(_shares(folder, holding) for _, folder in first)
    if rest and are_alike:
        readings.append(Reading(f"Train on {lead}, hold back {last}", (("parts", parts_setting([*first, *rest])),)))
    together = parts_setting([("train", folder) for _, folder in (*first, *rest)])
    readings.append(Reading("All of it together, split by the settings", (("parts", together),)))
    if more:
        readings.append(Reading(f"Train on {lead} alone", (("parts", parts_setting(first)),)))
    settled = tuple(("train" if each in first or not are_alike else each[0], each[1]) for each in (*first, *rest))
    return Parts(top, settled, doubts=(Doubt("parts", text, tuple(readings)),))


def _loose(top: Folder, by_part: Sequence[tuple[str, Folder]], others: Sequence[Folder]) -> Parts:
    """The parts hold pictures and no class folders."""
    names = paths_text([repr(folder.name) for _, folder in by_part])
    if not any(folder.total for _, folder in by_part):
        why = "has a train folder without class folders in it; make one folder for each class there"
        raise WorkbenchError(f"{top.path} {why}.", "data.source.folder")
    if others and all(folder.total for _, folder in by_part) and any(other.pictures for other in others):
        text = f"{names} may be parts of a split, but their pictures lie in no class folders, as in the folders beside."
        reading = Reading("They are classes like the others", (("parts", "none"),))
        return Parts(top, (("", top),), doubts=(Doubt("classes", text, (reading,)),))
    if not any(folder.total for folder in others) and (found := class_and_part(top, by_part)):
        return _of_classes(top, found)
    return Parts(top, tuple((part, folder) for part, folder in by_part if folder.total))


def _one_loose(top: Folder, by_part: Sequence[tuple[str, Folder]], others: Sequence[Folder]) -> Parts:
    """Folders of one part hold pictures and no class folders: a class may be called train, and hardly test."""
    filled = [folder for folder in others if folder.total]
    part, folder = by_part[0]
    is_train = part == "train"
    if not folder.total or not filled or (is_train and len(filled) > 1):
        return Parts(top, (("", top),))
    use = Reading(f"{folder.name!r} is a class like the others", (("parts", "none"),))
    if len(filled) > 1:
        text = (
            f"{folder.name!r} may be a part of a split, but its pictures lie in no class folders, as in those beside."
        )
        leave = Reading(f"Leave out {folder.name}", (("left_out", folder.relative),))
        return Parts(top, (("", top),), doubts=(Doubt("classes", text, (leave, use)),))
    if is_train and folder.name.casefold() == "train" and not set(words_of(filled[0].name)) <= _UNLABELLED:
        return Parts(top, (("", top),))
    if is_train:
        left_out = LeftOut(filled[0].relative, f"beside {folder.name}, and without class folders", True)
        return Parts(top, ((part, folder),), left_out=(left_out,))
    if not _says_no_class(filled[0]):
        text = f"{folder.name!r} may be a part of a split or a class beside {filled[0].name!r}: pictures lie in both."
        return Parts(top, (("", top),), doubts=(Doubt("classes", text, (use,)),))
    return Parts(top, (("train", filled[0]), (part, folder)))


def _says_no_class(folder: Folder) -> bool:
    """Whether the name of ``folder`` says no class, or those of its pictures do."""
    words = set(words_of(folder.name))
    return words <= _UNLABELLED or says_nothing(folder.name) or bool(names_in_files(list(folder.files())))


#: What folders of pictures without a class are called.
_UNLABELLED = frozenset(
    {"pred", "predict", "prediction", "predictions", "infer", "inference", "unlabeled", "unlabelled", "unseen", "query"}
    | {"gallery", "submission", "images", "image", "pictures", "photos", "data", "sample", "samples", "single"}
)


def _without(top: Folder) -> Parts:
    """No folder is named as a part: the parts may be below the classes, or the folders are folds or sets."""
    filled = top.filled
    if found := class_parts(top):
        return _of_classes(top, found)
    if len(filled) > 1 and all(map(_holds_parts, filled)):
        return _sets(top)
    splits = [folder for folder in filled if has_parts(folder)]
    if len(splits) == 1 and len(filled) > 1:
        return _one_split(top, splits[0])
    if len(filled) > 1 and all(is_fold(folder.name) and holds_classes(folder) for folder in filled):
        return _folds(top)
    named = parts_beside([folder.name for folder in filled])
    if len(named) == len(filled) and _hold_the_same(filled):
        return Parts(top, tuple((named[folder.name], folder) for folder in filled), left_out=tuple(beside(top, filled)))
    copies = [folder for folder in filled if is_repeated(folder, [each for each in filled if each is not folder])]
    if copies:
        left_out = tuple(LeftOut(folder.relative, "a copy of the folders beside it", True) for folder in copies)
        return Parts(top, (("", top.without(copies)),), left_out=left_out)
    return Parts(top, (("", top),))


def _of_classes(top: Folder, found: ClassParts) -> Parts:
    return Parts(top, (("", top),), found.named, left_out=found.left_out, doubts=found.doubts)


def _holds_parts(folder: Folder) -> bool:
    """Whether ``folder`` holds that to train on and that of another part."""
    found = set(parts_of([each.name for each in folder.filled]).values())
    return "train" in found and len(found) > 1


def _hold_the_same(folders: Sequence[Folder]) -> bool:
    """Whether each of ``folders`` holds folders of the same classes."""
    return all(map(holds_classes, folders)) and len({frozenset(_class_names([folder])) for folder in folders}) == 1


def _one_split(top: Folder, chosen: Folder) -> Parts:
    """One of the folders holds a split; what is next to it does not belong to it."""
    others = [folder for folder in top.filled if folder is not chosen]
    inner, passed = through_wrappers(chosen)
    found = _automatic(inner)
    left_out = tuple(LeftOut(each.relative, f"beside {chosen.name}, which holds the split", True) for each in others)
    sets = [chosen, *(each for each in others if holds_classes(each) and len(each.filled) > 1)]
    text = f"{chosen.name} holds a split, and class folders lie in {paths_text([each.name for each in sets[1:]])} too."
    doubts = (Doubt("parts", text, tuple(only_reading(each, top.filled) for each in sets[:MOST_READINGS])),)
    return replace(
        found,
        left_out=(*passed, *left_out, *found.left_out),
        doubts=(*found.doubts, *(doubts if len(sets) > 1 else ())),
    )


def _sets(top: Folder) -> Parts:
    """Several sets side by side, each with its own split."""
    names = [folder.name for folder in top.filled]
    text = f"{top.path} holds {len(names)} sets side by side, each with a split of its own: {paths_text(names)}."
    readings = tuple(only_reading(folder, top.filled) for folder in top.filled[:MOST_READINGS])
    first = top.filled[0]
    found = parts_of([each.name for each in first.filled])
    folders = tuple((found[each.name], each) for each in first.filled if each.name in found)
    left_out = tuple(LeftOut(each.relative, "another set", True) for each in top.filled[1:])
    return Parts(first, folders, left_out=left_out, doubts=(Doubt("parts", text, readings),))


def only_reading(folder: Folder, beside: Sequence[Folder], more: tuple[tuple[str, Any], ...] = ()) -> Reading:
    """Only ``folder`` is read, and those beside it are left out."""
    others = [each for each in beside if each is not folder]
    inside = {each.name for each in folder.walk()}
    chosen = ("left_out", names_text([each.relative for each in others]))
    if any(each.name in inside for each in others):  # leaving a name out would leave it out in the folder too
        chosen = ("parts", parts_setting([("train", folder)]))
    return Reading(f"Use the pictures in {folder.name} alone", (chosen, *more))


def _folds(top: Folder) -> Parts:
    """Numbered folds, each with the class folders in it."""
    folds = top.filled
    text = (
        f"{top.path} holds {len(folds)} folds, {folds[0].name} to {folds[-1].name}: which of them validate is not said."
    )
    last = [*(("train", fold) for fold in folds[:-1]), ("validation", folds[-1])]
    together = (("parts", parts_setting([("train", fold) for fold in folds])),)
    readings = (
        Reading(f"Train on the others, validate on {folds[-1].name}", (("parts", parts_setting(last)),)),
        Reading("All folds together, split by the settings", together),
    )
    return Parts(top, tuple(last), doubts=(Doubt("parts", text, readings),))
