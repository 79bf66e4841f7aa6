"""A folder of pictures as it is read: the files of each class and part, what is left out, what is in doubt."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

import numpy as np

from workbench.engine.catalog.datasets.folders.channels_of_names import several_files_doubt
from workbench.engine.catalog.datasets.folders.choices import PARTS, Choices, Level, names_text
from workbench.engine.catalog.datasets.folders.companions import (
    companion_doubt,
    companions_in,
    segmentation_words,
    without_companions,
)
from workbench.engine.catalog.datasets.folders.file_names import BY_NAMES, name_parts_words, names_in_files, pattern_of
from workbench.engine.catalog.datasets.folders.labelled_parts import labelled_parts, loose_doubt
from workbench.engine.catalog.datasets.folders.labels_of_each import own_labels_doubts
from workbench.engine.catalog.datasets.folders.layout_facts import layout_facts
from workbench.engine.catalog.datasets.folders.levels import Group, Levels, by_names, find_classes
from workbench.engine.catalog.datasets.folders.linked_parts import linked_parts_doubt
from workbench.engine.catalog.datasets.folders.masks_left_out import without_mask_folders
from workbench.engine.catalog.datasets.folders.names import named
from workbench.engine.catalog.datasets.folders.names_of_numbers import called
from workbench.engine.catalog.datasets.folders.no_class_names import no_class_doubt
from workbench.engine.catalog.datasets.folders.one_trained import one_trained
from workbench.engine.catalog.datasets.folders.other_tasks import (
    identities,
    is_of_pictures,
    mask_folders,
    masks_words,
    other_task,
)
from workbench.engine.catalog.datasets.folders.part_lists import PartLists, divided, unlisted
from workbench.engine.catalog.datasets.folders.parts import Parts, find_parts
from workbench.engine.catalog.datasets.folders.parts_in_names import divided_by_names, names_doubt
from workbench.engine.catalog.datasets.folders.set_beside import set_beside
from workbench.engine.catalog.datasets.folders.split_files import found_split
from workbench.engine.catalog.datasets.folders.stored_elsewhere import (
    elsewhere_doubt,
    no_picture_words,
    packed_parts_doubt,
)
from workbench.engine.catalog.datasets.folders.subfolders import subfolder_doubts, subfolder_facts
from workbench.engine.catalog.datasets.folders.tables_beside import (
    OtherClasses,
    contradictions,
    other_classes,
)
from workbench.engine.catalog.datasets.folders.unread_labels import (
    ANOTHER_WAY,
    unread_data,
    unread_labels,
    unread_pictures,
)
from workbench.engine.catalog.datasets.folders.unused_tables import unused_tables
from workbench.engine.catalog.datasets.near_names import meant_name
from workbench.engine.catalog.datasets.one_class import one_class_doubts
from workbench.engine.catalog.datasets.understanding import Doubt, Fact, Reading, Understanding
from workbench.engine.core.errors import NoTestPart, WorkbenchError
from workbench.engine.core.text import paths_text
from workbench.engine.pictures.class_folders import ClassFolders, natural
from workbench.engine.pictures.folder_scans import FolderScans
from workbench.engine.pictures.folder_tree import Folder, LeftOut, read_tree
from workbench.engine.pictures.part_names import parts_of, says_nothing, says_unlabelled

#: So much of what is left out is named in the note at the start of a run.
_NAMED = 5


@dataclass(frozen=True, slots=True)
class Layout:
    """``groups`` are under the names of their classes; ``classes`` are those to train on, in the order of labels.
    ``folders`` are all that were looked into. ``other``: a table beside the folders that says other classes.
    """

    root: Path
    classes: tuple[str, ...]
    groups: tuple[Group, ...]
    left_out: tuple[LeftOut, ...]
    facts: tuple[Fact, ...]
    doubts: tuple[Doubt, ...]
    folders: tuple[Path, ...]
    is_by_file_names: bool = False
    other: OtherClasses | None = None

    def trained(self) -> ClassFolders:
        """Training and validation. Raises WorkbenchError for a class that only validation has, and for one class."""
        used = [group for group in self.groups if group.part != "test"]
        unknown = sorted({g.name for g in used if g.files and g.name not in self.classes}, key=natural)
        if unknown:
            raise unusable(self.root, _only_in_validation(unknown, used))
        if len(self.classes) == 1:
            files = [file for group in used for file in group.files]
            raise unusable(self.root, _only_one(self.classes[0], self.is_by_file_names, files))
        if not any(group.files for group in used):
            unnamed = [Path(each.name) for each in self.left_out] if self.is_by_file_names else []
            why = no_picture_words([group.folder for group in used], self.is_by_file_names)
            said = name_parts_words(unnamed)
            raise unusable(self.root, f"{why}. {said} {ANOTHER_WAY}" if said else why)
        held = np.array([g.part == "validation" for g in _ordered(used) for _ in g.files], np.bool_)
        has_validation = any(group.part == "validation" for group in used)
        return replace(self._listed(used), validation=held if has_validation else None, note=self._note())

    def tested(self) -> ClassFolders:
        """The test part. Raises WorkbenchError if there is none, or for a class that training lacks."""
        tests = [group for group in self.groups if group.part == "test"]
        if not tests:
            text = f"{self.root} holds no test folder beside a train folder."
            raise NoTestPart(text, "data.source.folder")
        for group in tests:
            if group.files and group.name not in self.classes:
                raise unusable(self.root, f"has the class {group.name!r} in test but not in train")
        if not any(group.files for group in tests):
            raise unusable(tests[0].folder.path, "holds no picture in folders named as the classes of train")
        return self._listed(tests)

    def understood(self) -> Understanding:
        """How the files are read; counts are those of all files."""
        left_out = tuple((each.name, each.reason) for each in self.left_out)
        held = self._size("validation") if any(group.part == "validation" for group in self.groups) else None
        counts = tuple((name, self._count(name)) for name in self.classes)
        return Understanding(counts, held, self._size("test"), left_out, self.facts, self.doubts)

    def _size(self, part: str) -> int:
        return sum(len(group.files) for group in self.groups if group.part == part)

    def _count(self, name: str) -> int:
        return sum(len(group.files) for group in self.groups if group.name == name and group.part != "test")

    def _listed(self, groups: Sequence[Group]) -> ClassFolders:
        index = {name: label for label, name in enumerate(self.classes)}
        ordered = [group for group in _ordered(groups) if group.files]
        files = tuple(file for group in ordered for file in group.files)
        labels = np.array([index[group.name] for group in ordered for _ in group.files], np.int64)
        return ClassFolders(self.root, self.classes, files, labels, None)

    def _note(self) -> str:
        """What the user reads at the start of a run."""
        said = [f"{each.name} ({each.reason})" for each in self.left_out if each.matters]
        named_twice = [fact.sentence for fact in self.facts if "are one class" in fact.sentence]
        note = f"Left out: {paths_text(said, _NAMED)}." if said else ""
        return " ".join(filter(None, (*named_twice, note)))


def read_layout(root: Path, choices: Choices, scans: FolderScans | None = None) -> Layout:
    """How the pictures below ``root`` are read with these ``choices``. Raises WorkbenchError where they cannot be."""
    scans = scans if scans is not None else FolderScans()
    found: Layout = scans.remembered((root, choices), lambda: _found(root, choices, scans), lambda made: made.folders)
    return found


def _found(root: Path, choices: Choices, scans: FolderScans) -> Layout:
    try:
        return _read(root, choices, scans)
    except WorkbenchError:
        if choices != Choices():
            raise
        tree = read_tree(root, scans, choices.is_left_out)
        asked = set_beside(tree, lambda place, given: read_layout(place, given, scans))
        if asked is None:
            raise
        return replace(asked, folders=tuple(each.path for each in tree.walk()))


def _read(root: Path, choices: Choices, scans: FolderScans) -> Layout:
    whole = read_tree(root, scans, choices.is_left_out)
    if choices == Choices() and (refused := identities(whole) or unread_pictures(whole)):
        raise WorkbenchError(refused, "data.source.folder")
    tree, masked = without_mask_folders(whole) if choices.leaves_masks_out else (whole, ())
    companions = companions_in(tree) if choices.leaves_masks_out else ()
    sure = [each for each in companions if each.is_sure]
    tree, masked = without_companions(tree, sure), (*masked, *(each.left_out() for each in sure))
    try:
        parts = find_parts(tree, choices)
        levels = find_classes(parts, choices.classes, choices.parts_in_names)
    except WorkbenchError as error:
        why = unread_labels(tree) or other_task(tree) or segmentation_words(tree, sure)
        why = why or f"{error.message} {unread_data(tree)}".rstrip()
        raise WorkbenchError(why, error.path) from None
    containers = [group.folder for group in levels.groups if group.part in ("", "train")]
    masks = masks_words(containers)
    if masks and choices.classes == "auto" and (asked := _named_beside_masks(root, containers, masks, choices, scans)):
        return asked
    labelled = labelled_parts(tree, parts, levels, scans)
    levels = labelled.levels
    found = _named(tree, labelled.parts, levels, choices)
    left_out = (*masked, *(each for each in found.left_out if each.name not in labelled.read))
    folders = tuple(each.path for each in whole.walk())
    doubts = (*found.doubts, *(_with_left_out(doubt, choices) for doubt in loose_doubt(labelled.parts)))
    found = replace(found, facts=(*found.facts, *labelled.facts), left_out=left_out, folders=folders, doubts=doubts)
    if choices.classes == "auto" and levels.level not in BY_NAMES and len(found.classes) > 1:
        found = _beside_tables(tree, found, levels.level, choices, scans)
    if choices.classes == "auto" and not any(doubt.is_refused for doubt in found.doubts):
        asked_of = chain(*(of(found.groups, levels.level) for of in (subfolder_doubts, own_labels_doubts)))
        found = replace(found, doubts=(*found.doubts, *(_with_left_out(doubt, choices) for doubt in asked_of)))
    packed = packed_parts_doubt(tree, parts)
    elsewhere = (elsewhere_doubt(tree, found.groups, levels.level), packed, linked_parts_doubt(tree, found.groups))
    beside = companion_doubt(companions)
    if beside is None and choices.leaves_masks_out and levels.level not in BY_NAMES:
        beside = several_files_doubt(tree)
    more = (doubt for doubt in (beside, *elsewhere) if doubt is not None)
    found = replace(found, doubts=(*found.doubts, *(_with_left_out(doubt, choices) for doubt in more)))
    if levels.level not in BY_NAMES:
        found = _with_names(whole, found, choices)
    if masks or (len(found.classes) < 2 and (masks := _no_classes_here(tree, found.classes))):
        raise WorkbenchError(masks, "data.source.folder")
    return found


def _with_names(tree: Folder, found: Layout, choices: Choices) -> Layout:
    """``found`` with what a file in ``tree`` calls its numbered classes, or with the offer of it."""
    classes, groups, fact, read = called(tree, found.classes, found.groups, choices.class_names == "from_file")
    facts = found.facts if fact is None else (*found.facts, fact)
    left_out = tuple(each for each in found.left_out if each.name != read)
    return replace(found, classes=classes, groups=groups, facts=facts, left_out=left_out)


def _beside_tables(tree: Folder, found: Layout, level: Level, choices: Choices, scans: FolderScans) -> Layout:
    """``found`` with what tables beside the folders say otherwise, or else what the names of the folders do not."""
    groups = [group for group in found.groups if group.part != "test"]
    if other := other_classes(tree, groups, scans):
        return replace(found, doubts=(other.doubt(found.classes, level),), other=other)
    if found.doubts:
        return found
    found = _names_say_nothing(tree, found, level, choices)
    if found.doubts:
        return found
    said = tuple(Fact("files", each) for each in contradictions(tree, found.groups, scans))
    return replace(found, facts=(*found.facts, *said), doubts=tuple(unused_tables(tree, groups, level, scans)))


def _no_classes_here(tree: Folder, names: Sequence[str]) -> str:
    """Why what is read of ``tree`` has not two classes but ``names``; empty if nothing in it says so."""
    unread = unread_data(tree) if all(is_of_pictures(name) or parts_of([name]) for name in names) else ""
    beside = f"{tree.path} holds no class folders. {unread}" if unread else ""
    return unread_labels(tree) or other_task(tree) or beside


def _named_beside_masks(
    root: Path, folders: Sequence[Folder], masks: str, choices: Choices, scans: FolderScans
) -> Layout | None:
    """Pictures and their masks, if the names of the pictures begin with classes: with the question whether it is so."""
    out = mask_folders(folders)
    names = names_in_files([file for each in folders if each.relative not in out for file in each.files()])
    if not names:
        return None
    left_out = names_text((*choices.left_out_names, *out))
    found = _read(root, replace(choices, left_out=left_out, classes="file_names"), scans)
    reading = by_names(names)
    reading = replace(reading, settings=(("left_out", left_out), *reading.settings))
    text = f"{masks.partition('. ')[0]}. But the names of the pictures may say their class: {paths_text(names, 4)}."
    return replace(found, doubts=(Doubt("classes", text, (reading,)),))


def _names_say_nothing(tree: Folder, found: Layout, level: str, choices: Choices) -> Layout:
    """``found`` with a doubt if a folder is named as no class is."""
    doubt = no_class_doubt(tree, found.classes, found.groups, level)
    return found if doubt is None else replace(found, doubts=(_with_left_out(doubt, choices),))


def _named(tree: Folder, parts: Parts, levels: Levels, choices: Choices) -> Layout:
    groups = levels.groups
    by_file = levels.level in BY_NAMES
    lists = _lists(tree, groups, parts, by_file, choices)
    unread: list[Doubt] = []
    if lists is None and not choices.has_parts and not choices.no_parts:
        split = found_split(tree, groups)
        lists = split if isinstance(split, PartLists) else None
        unread = [split] if isinstance(split, Doubt) else []
        if split is None and not by_file and (in_names := names_doubt(groups)):
            unread = [in_names]
    names = named(groups if lists is None else lists.groups, choices.class_names)
    trained = {group.name for group in names.groups if group.part in ("", "train")}
    passed = [each for each in tree.passed_over() if not any(_is_below(each, out) for out in parts.left_out)]
    strange = () if by_file else tuple(_untested(names.groups, trained))
    left_out = (*parts.left_out, *levels.left_out, *strange, *passed)
    alone = one_trained(parts, names.groups, trained)
    doubts = (
        *parts.doubts,
        *levels.doubts,
        *names.doubts,
        *([alone] if alone is not None else _untrained(names.groups, trained, levels.level)),
        *(() if lists is None else unlisted(groups, lists)),
        *_of_one_class(names.groups, lists is not None),
        *unread,
    )
    below = () if by_file else subfolder_facts(groups)
    facts = (*layout_facts(parts, levels, names.groups, _is_tested(names.groups, trained)), *names.facts, *below)
    if lists is not None:
        facts = (*lists.facts, *(fact for fact in facts if fact.subject != "parts"))
        left_out = (*(each for each in left_out if each.name not in lists.read), *lists.left_out)
    doubts = tuple(_with_left_out(doubt, choices) for doubt in doubts)
    classes = tuple(sorted(trained, key=natural))
    return Layout(tree.path, classes, names.groups, _once(left_out), facts, doubts, (), by_file)


def _lists(tree: Folder, groups: Sequence[Group], parts: Parts, by_file: bool, choices: Choices) -> PartLists | None:
    """How lists of pictures divide ``groups``. Unasked only where no folder can say it: a table does so for others."""
    if choices.parts_in_names:
        return divided_by_names(tree.path, groups)
    if choices.has_part_lists:
        return divided(tree, groups, choices)
    is_open = by_file and not choices.has_parts and all(part == "" for part, _ in parts.folders)
    return divided(tree, groups, choices) if is_open else None


def _with_left_out(doubt: Doubt, choices: Choices) -> Doubt:
    """``doubt`` with readings that leave out what the settings leave out as well."""
    before = choices.left_out_names
    if not before:
        return doubt
    kept = [{n: names_text((*before, v)) if n == "left_out" else v for n, v in r.settings} for r in doubt.readings]
    readings = (replace(r, settings=tuple(k.items())) for r, k in zip(doubt.readings, kept, strict=True))
    return replace(doubt, readings=tuple(readings))


def _untrained(groups: Sequence[Group], trained: set[str], level: Level) -> Iterator[Doubt]:
    """Classes that validation or test have and training has not; a test part of such alone would be none."""
    by_file = level in BY_NAMES
    for part in ("validation", "test"):
        of_part = [group for group in groups if group.files and group.part == part]
        strange = [group for group in of_part if group.name not in trained]
        if strange:
            names: list[str] = sorted({group.name for group in strange}, key=natural)
            text = f"The {part} part has classes that training has not: {paths_text([repr(name) for name in names])}."
            near = [f"{name!r} is {meant!r}" for name in names if (meant := meant_name(name, sorted(trained)))]
            text = f"{text} Perhaps {paths_text(near, 4)}: write it in one way." if near else text
            out = [pattern_of(group.files, level) if by_file else group.folder.relative for group in strange]
            leave = Reading(f"Leave out {paths_text(out, 3)}", (("left_out", names_text(out)),))
            named = [each for each in names if not (says_nothing(each) or says_unlabelled(each) or parts_of([each]))]
            if part == "test" and len(strange) == len(of_part) and len(named) > (0 if by_file else 1):
                yield Doubt("parts", f"{text} It has no other, so that nothing of it could be tested.", (leave,))
            else:
                yield Doubt("classes" if part == "validation" else "files", text, (leave,))


def _untested(groups: Sequence[Group], trained: set[str]) -> Iterator[LeftOut]:
    """The folders of the test part whose class training has not: with them it is not measured."""
    for group in groups:
        if group.part == "test" and group.files and group.name not in trained:
            yield LeftOut(group.folder.relative, f"training has no class {group.name!r} to test", True)


def _is_tested(groups: Sequence[Group], trained: set[str]) -> bool:
    """Whether a picture of the test part is of a class of training."""
    return any(group.part == "test" and group.files and group.name in trained for group in groups)


def _of_one_class(groups: Sequence[Group], by_lists: bool) -> Iterator[Doubt]:
    """Parts of one class alone; ``by_lists``: lists of pictures give the parts, and not the folders."""
    of = {part: [group for group in groups if group.files and (group.part or "train") == part] for part in PARTS}
    folders = {part: sorted({group.folder.relative for group in of[part]}, key=natural) for part in PARTS}
    leave = {
        part: Reading(f"Leave out {paths_text(names, 3)}", (("left_out", names_text(names)),))
        for part, names in folders.items()
    }
    none = Reading("Do not use the lists of the parts: the settings hold a share back", (("parts", "none"),))
    labels = {part: [group.name for group in of[part] for _ in group.files] for part in PARTS}
    yield from one_class_doubts(labels["train"], labels, dict.fromkeys(PARTS, none) if by_lists else leave)


def _is_below(each: LeftOut, outer: LeftOut) -> bool:
    return each.name.startswith(f"{outer.name}/")


def _once(left_out: Sequence[LeftOut]) -> tuple[LeftOut, ...]:
    return tuple({each.name: each for each in reversed(left_out)}.values())[::-1]


def _ordered(groups: Sequence[Group]) -> list[Group]:
    return sorted(groups, key=lambda group: (group.part == "validation", natural(group.name)))


def _only_one(name: str, by_names: bool, files: Sequence[Path]) -> str:
    if by_names:
        return f"holds pictures whose names say only one class, {name!r}; learning needs at least two classes"
    if is_of_pictures(name) or parts_of([name]):
        text = f"holds pictures in {name!r} alone, and no class folders"
        return f"{text}; make one folder for each class and move the pictures there"
    said = f"holds only one class, {name!r}; learning needs at least two class folders. {name_parts_words(files)}"
    return f"{said.rstrip()} {ANOTHER_WAY}"


def _only_in_validation(unknown: Sequence[str], used: Sequence[Group]) -> str:
    classes = f"class{'es' if len(unknown) > 1 else ''} {', '.join(map(repr, unknown))}"
    folders = [group.folder.relative for group in used if group.name in unknown and group.part == "validation"]
    hint = f'Add pictures to train on, or leave it out with data.source.left_out = "{names_text(folders)}"'
    return f"has the {classes} in validation but not in train. {hint}"


def unusable(place: Path, why: str) -> WorkbenchError:
    """The error of a folder that cannot be used as it is."""
    return WorkbenchError(f"{place} {why}.", "data.source.folder")
