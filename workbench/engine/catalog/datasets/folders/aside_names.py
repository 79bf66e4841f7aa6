"""Names of folders into which people and programs put what is not meant to be learned from."""

from __future__ import annotations

from typing import Final

from workbench.engine.pictures.part_names import words_of

_SMALL: Final = frozenset({"thumbnail", "thumbnails", "thumb", "thumbs", "preview", "previews"})
#: Words that hardly name a class.
_NO_CLASS: Final = _SMALL | frozenset(
    {"backup", "backups", "bak", "unused", "deleted", "delete", "del", "removed", "discarded", "excluded", "exclude"}
    | {"ignore", "ignored", "temp", "tmp", "todo", "unsorted", "kopie", "entwurf", "papierkorb", "corbeille"}
    | {"pycache", "checkpoints", "macosx", "lightroom", "docs", "results", "result", "models", "figures", "logs"}
    | {"outputs", "output", "runs", "wandb", "mlruns", "notebooks", "pred", "preds", "prediction", "predictions"}
)
#: Words that name a class as well: rejected beside accepted, trash beside paper, old beside young.
_JUDGED: Final = frozenset(
    {"rejected", "reject", "rejects", "bad", "old", "older", "trash", "remove", "discard", "skip", "skipped"}
    | {"duplicate", "duplicates", "dup", "dups", "junk", "garbage", "wrong", "blurry", "archive", "misc", "unsure"}
    | {"unclear", "copy", "copies"}
)
#: What is still to be done with the pictures of a folder: ``to sort``, ``to_label``.
_TO_DO: Final = frozenset({"sort", "label", "check", "review", "annotate", "classify", "delete", "do"})
#: Names that desktops give new folders.
_NEW: Final = frozenset({"new folder", "untitled folder", "neuer ordner", "nouveau dossier", "nueva carpeta"})


def is_aside(name: str) -> bool:
    """Whether a folder of this name in a class folder is for what is not used: ``rejected``, ``_del``, ``thumbs``."""
    return bool((_NO_CLASS | _JUDGED) & set(words_of(name))) or _is_new(name)


def is_no_class(name: str) -> bool:
    """Whether a folder of this name beside class folders is hardly a class: ``thumbs``, ``_old``, ``New folder (2)``.

    A word that may be a class counts only behind the mark with which people sort a folder away.
    """
    words = set(words_of(name))
    is_marked = name.startswith(("_", "~")) and bool(_JUDGED & words)
    is_to_do = "to" in words and len(words) > 1 and words <= _TO_DO | {"to"}
    return (bool(words) and words <= _NO_CLASS) or is_marked or is_to_do or _is_new(name)


def is_of_small(name: str) -> bool:
    """Whether a folder of this name holds the pictures beside it once more, smaller."""
    return name.lower() in _SMALL


def _is_new(name: str) -> bool:
    return " ".join(words_of(name)) in _NEW
