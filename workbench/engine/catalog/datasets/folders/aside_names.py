"""Names of folders into which people and programs put what is not meant to be learned from."""

from __future__ import annotations

from typing import Final

from workbench.engine.pictures.part_names import plain_word, says_new, words_of


def _plain(text: str) -> frozenset[str]:
    return frozenset(map(plain_word, text.split()))


_SMALL: Final = frozenset({"thumbnail", "thumbnails", "thumb", "thumbs", "preview", "previews"})
#: Words that hardly name a class.
_NO_CLASS: Final = _SMALL | frozenset(
    {"backup", "backups", "bak", "unused", "deleted", "delete", "del", "removed", "discarded", "excluded", "exclude"}
    | {"ignore", "ignored", "temp", "tmp", "todo", "unsorted", "kopie", "entwurf", "papierkorb", "corbeille"}
    | {"pycache", "checkpoints", "macosx", "lightroom", "docs", "results", "result", "models", "figures", "logs"}
    | {"outputs", "output", "runs", "wandb", "mlruns", "notebooks", "pred", "preds", "prediction", "predictions"}
    | {"inbox", "visualization", "visualizations", "visualisation", "visualisations"}
    | _plain(
        "unsortiert unsortierte aussortiert aussortierte ungeordnet gelöscht gelöschte geloescht verworfen "
        "supprimé supprimés supprimées écarté écartés écartées descartado descartados descartadas borrado borrados "
        "eliminados borrador brouillon scartati eliminati 未分类 未分類 未整理 待分类 待整理 待删除 已删除 回收站"
    )
)
#: Words that name a class as well: rejected beside accepted, trash beside paper, old beside young.
_JUDGED: Final = frozenset(
    {"rejected", "reject", "rejects", "bad", "old", "older", "trash", "remove", "discard", "skip", "skipped"}
    | {"duplicate", "duplicates", "dup", "dups", "junk", "garbage", "wrong", "blurry", "archive", "misc", "unsure"}
    | {"unclear", "copy", "copies"}
)
#: What is still to be done with the pictures of a folder, by the word before it: ``to sort``, ``à trier``.
_TO_DO: Final = {
    "to": _plain("sort label check review annotate classify delete do"),
    "zu": _plain("sortieren löschen loeschen prüfen pruefen klären beschriften"),
    "noch": _plain("sortieren prüfen pruefen zu löschen loeschen"),
    "nicht": _plain("sortiert sortierte zugeordnet"),
    "a": _plain("trier classer supprimer vérifier annoter"),
    "non": _plain("trié triés triées classé classés classées"),
    "por": _plain("clasificar revisar ordenar borrar etiquetar"),
    "para": _plain("clasificar revisar ordenar borrar eliminar"),
    "sin": _plain("clasificar ordenar etiquetar"),
    "da": _plain("ordinare classificare controllare eliminare"),
}


def is_aside(name: str) -> bool:
    """Whether a folder of this name in a class folder is for what is not used: ``rejected``, ``_del``, ``thumbs``."""
    return bool((_NO_CLASS | _JUDGED) & set(words_of(name))) or says_new(name)


def is_no_class(name: str) -> bool:
    """Whether a folder of this name beside class folders is hardly a class: ``thumbs``, ``_old``, ``New folder (2)``.

    A word that may be a class counts only behind the mark with which people sort a folder away.
    """
    words = set(words_of(name))
    is_marked = name.startswith(("_", "~")) and bool(_JUDGED & words)
    is_to_do = any(before in words and {before} < words <= done | {before} for before, done in _TO_DO.items())
    return (bool(words) and words <= _NO_CLASS) or is_marked or is_to_do or says_new(name)


def is_of_small(name: str) -> bool:
    """Whether a folder of this name holds the pictures beside it once more, smaller."""
    return name.lower() in _SMALL
