"""A check of TOML text before it is parsed: names of very many parts would keep the parser busy for minutes."""

from __future__ import annotations

import re

#: No setting's path has more parts; a dotted key of 100 KB would cost the parser a minute.
MAX_DOTS = 16
#: Texts and comments, in which dots mean nothing. One that is not closed goes on to its end, where the parser stops.
_NO_NAME = re.compile(
    r'''
      """ (?: [^\\] | \\. )*? (?: """ | \Z )
    | \'{3} .*? (?: \'{3} | \Z )
    | "  (?: [^"\\\n] | \\. )* "?
    | \'  [^\'\n]* \'?
    | \#  [^\n]*
    ''',
    re.DOTALL | re.VERBOSE,
)
_LONG_NAME = re.compile(rf"(?:\.[^.=,\[\]{{}}\n]*){{{MAX_DOTS}}}")


def has_long_name(text: str) -> bool:
    """Whether a TOML text has a dotted name so long that parsing it would take minutes."""
    return _LONG_NAME.search(_NO_NAME.sub("_", text)) is not None
