"""What spellings of one name have in common: ``red_fox`` and ``Red Fox``, ``01`` and ``1.0``."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

_WHOLE: Final = re.compile(r"0*(\d+?)(?:\.0*)?\Z")
#: The hyphens and dashes of Unicode, and the minus sign.
_DASHES: Final = re.compile("[\u2010-\u2015\u2212]")
#: Blanks, hyphens and underscores that stand between two words: ``A-`` is another grade than ``A``, and -1 than 1.
_BETWEEN: Final = re.compile(r"(?<=[^\W_])[\s_-]+(?=[^\W_])")


def plain_name(name: str) -> str:
    """``name`` in lower case with one space between its words, without what is not seen, spaces around it, or a stop at
    its end; a whole number as its digits: ``1`` for ``01`` and ``1.0``."""
    seen = "".join(each for each in unicodedata.normalize("NFKC", name) if unicodedata.category(each) != "Cf")
    plain = _DASHES.sub("-", seen).casefold().strip()
    if number := _WHOLE.match(plain):
        return number[1]
    plain = re.sub(r"\s+", " ", _BETWEEN.sub(" ", plain)).strip(" _")
    return plain.rstrip(".") or plain or name


def is_whole(name: str) -> bool:
    """Whether ``name`` is a whole number from 0 on: ``01``, ``1.0``."""
    return _WHOLE.match(name) is not None


def spelled(names: Sequence[str]) -> dict[str, list[str]]:
    """The different ``names`` by what they have in common, each list in the order of ``names``."""
    alike: dict[str, list[str]] = {}
    for name in dict.fromkeys(names):
        alike.setdefault(plain_name(name), []).append(name)
    return alike


def with_one_spelling(names: Sequence[str]) -> tuple[tuple[str, ...], dict[str, list[str]]]:
    """``names``, each in the spelling of most that are alike, and the spellings of those that have several."""
    counts, alike = Counter(names), spelled(names)
    best = {name: best_of(key, each, counts) for key, each in alike.items() for name in each}
    return tuple(best[name] for name in names), {key: each for key, each in alike.items() if len(each) > 1}


def best_of(key: str, names: Sequence[str], counts: Mapping[str, int]) -> str:
    """The name that stands for ``names``: that of most rows by ``counts``, of these the plainest; of several spellings
    of a number its digits, which are ``key``."""
    is_number = len(names) > 1 and is_whole(key)
    return key if is_number else max(names, key=lambda each: (counts[each], each.isascii(), -len(each), each))


def how_they_differ(differ: Mapping[str, Sequence[str]]) -> str:
    """In what the spellings differ."""
    only_case = all(len({name.casefold() for name in names}) == 1 for names in differ.values())
    return "upper and lower case" if only_case else "how they are written"
