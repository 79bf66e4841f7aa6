"""Numbers in sentences."""

from __future__ import annotations

from pathlib import Path

import workbench
from workbench.engine.core.text import grouped


def test_digits_are_grouped_by_a_space_at_which_no_line_breaks() -> None:
    assert grouped(3850) == "3\u202f850" and grouped(1_234_567) == "1\u202f234\u202f567" and grouped(12) == "12"
    assert grouped(1234.56, 1) == "1\u202f234.6" and grouped(-1000) == "-1\u202f000"


def test_there_is_one_such_separator() -> None:
    """The older thin space lets a line break inside a number."""
    sources = list(Path(str(workbench.__file__)).parent.rglob("*.py"))
    assert len(sources) > 100
    assert not [p.name for p in sources if 'replace(",", "\\u2009")' in p.read_text(encoding="utf-8")]
