"""Placeholder files: pointers of version control, shortcuts, links, incomplete downloads."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable
from typing import Final

from workbench.engine.pictures.picture_kinds import kind_of_head

#: How the head of a file is called that is none of what its name says (see ``picture_kinds``), and the way out.
_HEADS: Final = {
    "a Git LFS pointer": "and not the file itself: run “git lfs pull” in its folder, then open it again",
    "a web page (HTML)": "and not the data, as a download is that needs a sign-in or a click: download it again",
}
#: What to do where pictures are such.
_WAYS: Final = {
    "a Git LFS pointer": "Run “git lfs pull” in the folder, then open it again.",
    "a web page (HTML)": "Download them again: what came was a page to sign in, or that nothing was found.",
}
_LINK: Final = "is a link to a web page: download the data there, and open the folder or the file that you get"
_DRIVE: Final = "is a link to a document in Google Drive and holds no data itself: download it"
_UNENDED: Final = "is a download that has not ended: let it end, then open the file that is there"
#: By the ending of the name: what it is, and the way out.
_NAMED: Final = {
    ".dvc": "is a DVC pointer to data that is kept elsewhere: run “dvc pull”, then open the folder or file beside it",
    ".lnk": "is a shortcut of Windows, which is not followed: open the folder or file that it leads to",
    **dict.fromkeys((".url", ".webloc", ".desktop"), _LINK),
    ".gsheet": f"{_DRIVE} as CSV, and open that",
    **dict.fromkeys((".gdoc", ".gslides", ".gdraw", ".gform", ".gshortcut"), f"{_DRIVE}, and open what you get"),
    **dict.fromkeys((".crdownload", ".part", ".partial", ".opdownload", ".aria2"), _UNENDED),
    ".icloud": "is the placeholder of a file in iCloud: let iCloud download it, then open the folder again",
}
#: Endings of names that other programs use as well: the head decides.
_DESKTOP: Final = (b"[Desktop Entry]", b"[InternetShortcut]")
_MAC_ALIAS: Final = b"book\0\0\0\0mark"


def stand_in_words(name: str, head: bytes) -> str:
    """What kind of placeholder the file ``name`` with the first bytes ``head`` is, as the rest of a sentence with the
    way out; empty if it is none.
    """
    kind = kind_of_head(head)
    if kind in _HEADS:
        return f"is {kind} {_HEADS[kind]}"
    if head.startswith(_MAC_ALIAS):
        return "is an alias of macOS, which is not followed: open the folder or file that it leads to"
    suffix = _suffix(name)
    if suffix == ".desktop" and not head.lstrip().startswith(_DESKTOP):
        return ""
    return _NAMED.get(suffix, "")


def stand_ins(names: Iterable[str]) -> str:
    """A sentence about the first of ``names`` whose suffix is that of a placeholder; empty if there is none."""
    return next((f"{name} {said}." for name in names if (said := _NAMED.get(_suffix(name), ""))), "")


def _suffix(name: str) -> str:
    return os.path.splitext(name)[1].lower()


def way_out(reasons: Collection[str]) -> str:
    """What to do if all ``reasons`` why pictures cannot be read name the same kind of placeholder; else empty."""
    kinds = {next((kind for kind in _WAYS if reason.endswith(kind)), "") for reason in reasons}
    return _WAYS.get(kinds.pop(), "") if len(kinds) == 1 else ""
