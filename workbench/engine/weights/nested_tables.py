"""The tables in a file beside its weights: settings, arguments, metadata; the outer ones first."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

#: Tables in which names mean something else than in settings of a training.
_ELSEWHERE: Final = re.compile(r"optim|sched|statedict|callback|loops|metric|history|ema$")
_MOST_TABLES: Final = 200
_DEEPEST: Final = 3


@dataclass(frozen=True, slots=True)
class Table:
    """A table: simplified name (small letters and digits) to the name in the file and its value. ``path`` are the
    names in the file that lead to it, empty for the outermost."""

    named: dict[str, tuple[str, Any]]
    path: tuple[str, ...] = ()

    def value(self, name: str) -> Any:
        """The value of a simplified name; None where it has none."""
        return self.named.get(name, ("", None))[1]

    def place(self, name: str) -> str:
        """Where the value of a simplified name is: ``args.data.mean``."""
        return ".".join((*self.path, self.named.get(name, ("", None))[0]))


def tables_in(value: Any) -> Iterator[Table]:
    """``value`` and the tables in it, the outer ones first, but for those of optimizers and the like."""
    level: list[tuple[Any, tuple[str, ...]]] = [(value, ())]
    seen = 0
    for _ in range(_DEEPEST + 1):
        following: list[tuple[Any, tuple[str, ...]]] = []
        for table, path in level:
            if isinstance(table, Mapping) and seen < _MOST_TABLES:
                seen += 1
                named = {key: each for key, each in table.items() if isinstance(key, str) and "." not in key}
                made = {simple(key): (key, _parsed(each)) for key, each in named.items()}  # a dot: a weight's name
                yield Table(made, path)
                inner = (each for name, each in made.items() if not _ELSEWHERE.search(name))
                following += [(each, (*path, key)) for key, each in inner]
        level = following


def simple(name: str) -> str:
    """``name`` in small letters and digits alone."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _parsed(value: Any) -> Any:
    """Text metadata as what it stands for."""
    if not isinstance(value, str) or value[:1] not in "[{0123456789" or len(value) > 2**20:
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return value
