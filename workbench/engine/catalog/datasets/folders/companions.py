"""Pictures that belong to another one beside them and are no examples: its mask, its depth, a thumbnail of it.

They are recognised by a word before or after what the two names have in common: ``12_mask.png`` beside ``12_sat.jpg``,
``mask_1.png`` beside ``img_1.png``, ``a_1_depthcrop.png`` beside ``a_1_crop.png``.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from workbench.engine.catalog.datasets.folders.choices import names_text
from workbench.engine.catalog.datasets.folders.two_valued import masks_of_more_words, masks_of_same_name
from workbench.engine.catalog.datasets.understanding import Doubt, Reading
from workbench.engine.core.text import grouped, paths_text
from workbench.engine.pictures.folder_tree import Folder, LeftOut
from workbench.engine.pictures.part_names import words_of

_MASKS: Final = frozenset(
    {"mask", "masks", "seg", "segmentation", "segmentations", "gt", "groundtruth", "ground_truth"}
    | {"label", "labels", "trimap", "trimaps", "superpixel", "superpixels", "segmask"}
)
_THUMBS: Final = frozenset({"thumb", "thumbs", "thumbnail", "thumbnails"})
#: What is sure to be no example, and what a user may still want to learn from.
_SURE: Final = _MASKS | _THUMBS
_ASKED: Final = frozenset(
    {"depth", "depths", "disparity", "small", "preview", "previews", "overlay", "overlays", "heatmap"}
    | {"heatmaps", "annotated", "annotation", "annotations", "bbox", "boxes", "contour", "contours"}
    | {"edges", "saliency", "gradcam", "visualization", "visualisation", "prediction", "predictions"}
    | {"normals", "thermal", "flow"}
)
#: What the pictures themselves are called, beside others of the same number.
_MAIN: Final = frozenset(
    {"rgb", "sat", "img", "image", "images", "photo", "photos", "pic", "picture", "color", "colour"}
    | {"orig", "original", "raw", "input", "full", "crop", "cropped", "scan", "slice", "frame"}
)
#: Minimum number of companions with the same word, and their minimum share of one folder's pictures, for a question.
_FEWEST: Final = 3
_SHARE: Final = 0.2
_NAMED: Final = 3
_WORDS: Final = tuple(sorted(_SURE | _ASKED, key=len, reverse=True))
_ANY: Final = "|".join(_WORDS)
#: Masks and depths of a part that was cut out are called ``maskcrop``.
_BEHIND: Final = re.compile(
    rf"(?i)(?P<key>.+?)(?P<mark>(?:[-_. ]+|(?<=\d))(?P<word>{_ANY})(?:crop)?)(?P<tail>[-_. \d]*)"
)
_BEFORE: Final = re.compile(rf"(?i)(?P<mark>(?P<word>{_ANY})[-_. ]*)(?P<key>.*\d.*)")
_OTHER_BEHIND: Final = re.compile(r"(.+?)[-_. ]+([^\W\d_]+)")
_OTHER_BEFORE: Final = re.compile(r"([^\W\d_]+)[-_. ]*(.*\d.*)")
_SAID: Final = dict.fromkeys(_THUMBS, "a small copy")


@dataclass(frozen=True, slots=True)
class Companion:
    """The picture ``name`` in ``folder``, which is the ``word`` of ``partner`` beside it.

    ``key`` is what their names have in common; ``pattern`` says names of its kind, as ``left_out`` takes them;
    ``more`` what else speaks for it.
    """

    folder: Folder
    name: str
    partner: str
    key: str
    word: str
    pattern: str
    more: str = ""

    @property
    def relative(self) -> str:
        """Its path below the data's folder."""
        return self.folder.below(self.name)

    @property
    def is_sure(self) -> bool:
        """Whether its word says a mask or a thumbnail, and nothing that would be learned from."""
        return self.word in _SURE

    @property
    def is_mask(self) -> bool:
        """Whether it marks places in its partner."""
        return self.word in _MASKS

    def left_out(self) -> LeftOut:
        """It as what is left out without being asked about."""
        what = "the mask" if self.is_mask else _SAID.get(self.word, self.word)
        return LeftOut(self.relative, f"named as {what} of the picture beside it{self.more}", True)


def companions_in(tree: Folder) -> tuple[Companion, ...]:
    """Those in all folders of ``tree``; of words that do not say it surely, only where they are many."""
    found = [each for folder in tree.walk() for each in _of_folder(folder)]
    several = Counter(each.word for each in found)
    shares = Counter((each.folder.relative, each.word) for each in found)
    sizes = {each.folder.relative: len(each.folder.pictures) for each in found}
    many = {word for (place, word), count in shares.items() if count >= _SHARE * sizes[place]}
    return tuple(each for each in found if each.is_sure or (each.word in many and several[each.word] >= _FEWEST))


def without_companions(tree: Folder, companions: Collection[Companion]) -> Folder:
    """``tree`` without the pictures that are ``companions``."""
    return _without(tree, {each.relative for each in companions}) if companions else tree


def _without(folder: Folder, out: Collection[str]) -> Folder:
    kept = (each for each in folder.entries if isinstance(each, Folder) or folder.below(each) not in out)
    return replace(folder, entries=tuple(_without(e, out) if isinstance(e, Folder) else e for e in kept))


def segmentation_words(tree: Folder, companions: Sequence[Companion]) -> str:
    """The sentence that refuses pictures without classes, of which most have a mask; empty for others."""
    masks = [each for each in companions if each.is_mask]
    if 2 * len(masks) < tree.total or not masks:
        return ""
    text = f"{tree.path} is a segmentation set: {masks[0].relative} is the mask of {masks[0].partner}."
    return f"{text} This program learns one class for each whole picture: drop a folder with one folder for each class."


def companion_doubt(companions: Sequence[Companion]) -> Doubt | None:
    """Whether pictures named as the depth, the overlay, … of others are examples; None without such."""
    asked = [each for each in companions if not each.is_sure]
    if not asked:
        return None
    first = {each.word: each for each in reversed(asked)}
    shown = paths_text([f"{each.name} beside {each.partner}" for each in reversed(first.values())], _NAMED)
    kinds = paths_text(sorted(first), 4)
    are = "picture is" if len(asked) == 1 else "pictures are"
    text = (
        f"{grouped(len(asked))} {are} named as belonging to another one in the same folder ({kinds}: {shown}), and "
        "would be examples like that one."
    )
    out = sorted({each.pattern for each in asked})
    leave = Reading(f"Leave out {paths_text(out, _NAMED)}", (("left_out", names_text(out)),))
    sure = sorted({each.pattern for each in companions if each.is_sure})
    together = (("data.group_by", "name"), ("data.group_pattern", _group_pattern(asked)))
    keep = (("left_out", names_text((*sure, "none"))), *together)
    return Doubt("classes", text, (leave, Reading("Use them all, and keep those of one name in one part", keep)))


def _group_pattern(companions: Sequence[Companion]) -> str:
    """What finds the name that companions have in common with their partners."""
    said = {_beside_key(name, each.key) for each in companions for name in (each.name, each.partner)} - {""}
    words = "|".join(sorted(map(re.escape, said), key=lambda word: (-len(word), word)))
    if all(each.pattern.startswith("*") for each in companions):
        return rf"(?i)^(.+?)(?:[-_. ]*(?:{words})[-_. \d]*)?\.[^.]+$"
    return rf"(?i)^(?:(?:{words})[-_. ]*)?(.+?)(?:[-_. ]+(?:{words})[-_. \d]*)?\.[^.]+$"


def _beside_key(name: str, key: str) -> str:
    """The letters of ``name`` that are not in ``key``: ``depth`` of ``12_depth.png``."""
    return os.path.splitext(name)[0].replace(key, "", 1).strip("-_. 0123456789").lower()


# --- In one folder -----------------------------------------------------------------------------------------------


def _of_folder(folder: Folder) -> Iterator[Companion]:
    for name, partner in masks_of_same_name(folder):
        pattern = f"*{os.path.splitext(name)[1]}"
        yield Companion(folder, name, partner, os.path.splitext(name)[0], "mask", pattern, ", and of two values")
    for name, partner, mark in masks_of_more_words(folder):
        if mark[1:].lower() not in _SURE | _ASKED:
            pattern = f"*{mark}{os.path.splitext(name)[1]}"
            key = os.path.splitext(partner)[0]
            yield Companion(folder, name, partner, key, "mask", pattern, ", and of two values")
    if not (named := [name for name in folder.pictures if _may_be_companion(name)]):
        return
    files = {os.path.splitext(name)[0]: name for name in folder.pictures}
    behind, before = _Partners(files, _main_behind), _Partners(files, _main_before(folder))
    own = set(words_of(folder.relative))
    for name in named:
        stem, suffix = os.path.splitext(name)
        match = _BEHIND.fullmatch(stem)
        partner = behind.of(match["key"]) if match else ""
        if match is None or not partner:
            match = _BEFORE.fullmatch(stem)
            partner = before.of(match["key"]) if match and match["word"].lower() not in own else ""
        if match is not None and partner:
            yield Companion(folder, name, partner, match["key"], match["word"].lower(), _pattern(match, suffix))


def _may_be_companion(name: str) -> bool:
    """Whether ``name`` begins or ends with a word of companions: most names do not, and folders may hold many."""
    stem = os.path.splitext(name)[0].lower()
    first = _OTHER_BEFORE.match(stem)
    is_before = first is not None and first[1] in _WORDS
    return is_before or stem.rstrip("-_. 0123456789").removesuffix("crop").endswith(_WORDS)


def _pattern(match: re.Match[str], suffix: str) -> str:
    if match.start("mark") == 0:
        return f"{match['mark']}*{suffix}"
    tail = re.sub(r"\d+", "*", match["tail"])
    return f"*{match['mark']}{tail}{suffix}"


class _Partners:
    """The pictures of a folder that others can belong to, by what their names have in common.

    ``files``: names by their stems. ``main`` gives what a stem has in common with its companions, empty for none.
    """

    def __init__(self, files: dict[str, str], main: Callable[[str], str]) -> None:
        self._files = files
        self._by_key = {key: name for stem, name in files.items() if (key := main(stem))}

    def of(self, key: str) -> str:
        """The name of the picture to which one with ``key`` and a word belongs; empty without one."""
        return self._files.get(key) or self._by_key.get(key, "")


def _main_behind(stem: str) -> str:
    """``12`` of ``12_sat``; empty where a companion's word is behind the number."""
    match = _OTHER_BEHIND.fullmatch(stem)
    is_main = match is not None and _BEHIND.fullmatch(stem) is None and any(map(str.isdigit, match[1]))
    return match[1] if match is not None and is_main else ""


def _main_before(folder: Folder) -> Callable[[str], str]:
    """The number behind a word for a picture or for the class of ``folder``: ``1`` of ``img_1``."""
    known = _MAIN | set(words_of(folder.name))

    def main(stem: str) -> str:
        match = _OTHER_BEFORE.fullmatch(stem)
        return match[2] if match is not None and match[1].lower() in known else ""

    return main
