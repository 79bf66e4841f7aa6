"""The pages in ``resources/help`` as Markdown, in the order of the contents page, and a search in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from workbench.engine.core.errors import WorkbenchError

FOLDER = Path(__file__).parents[3] / "resources" / "help"
#: The page whose links are the order of all others.
CONTENTS = "contents"
_LINK = re.compile(r"\[([^\]]+)\]\(([\w/-]+)\.md\)")
_HEADING = re.compile(r"^(#+) (.+)$", re.MULTILINE)


@dataclass(frozen=True)
class HelpPage:
    """``name`` is the file below ``FOLDER`` without its suffix, ``text`` is Markdown that begins with the title."""

    name: str
    text: str

    @property
    def title(self) -> str:
        """The first heading."""
        return self.headings[0] if self.headings else self.name

    @cached_property
    def headings(self) -> tuple[str, ...]:
        """The texts of all headings, in order."""
        return tuple(match.group(2) for match in _HEADING.finditer(self.text))

    @property
    def links(self) -> tuple[str, ...]:
        """Names of the pages that this one links to, in order."""
        return tuple(match.group(2) for match in _LINK.finditer(self.text))


@dataclass(frozen=True, slots=True)
class Found:
    """A place that has the words searched for: ``headings`` lead to it on its page, ``line`` is its text."""

    page: HelpPage
    headings: tuple[str, ...]
    line: str


def load_pages(folder: Path = FOLDER) -> tuple[HelpPage, ...]:
    """All pages, the contents first. Raises WorkbenchError if one that is linked cannot be read."""
    contents = _read(folder, CONTENTS)
    return (contents, *(_read(folder, name) for name in dict.fromkeys(contents.links)))


def _read(folder: Path, name: str) -> HelpPage:
    try:
        return HelpPage(name, (folder / f"{name}.md").read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise WorkbenchError(f"The help page {name} cannot be read: {error}.") from None


def search(pages: tuple[HelpPage, ...], words: str) -> Iterator[Found]:
    """Places that have all ``words``, in any case: headings first, then paragraphs; nothing for no words."""
    wanted = words.lower().split()
    if wanted:
        places = [place for page in pages for place in _places(page)]
        yield from (p for p in places if _has(p.headings[-1] if p.headings else p.page.title, wanted))
        yield from (p for p in places if _has(p.line, wanted) and not _has(p.headings[-1], wanted))


def _has(text: str, wanted: list[str]) -> bool:
    lower = text.lower()
    return all(word in lower for word in wanted)


def _places(page: HelpPage) -> Iterator[Found]:
    """One for each paragraph, and one for each heading without any."""
    path: list[tuple[int, str]] = []
    for block in page.text.split("\n\n"):
        for line in block.split("\n"):
            heading = _HEADING.match(line)
            if heading is not None:
                level = len(heading.group(1))
                path = [*(each for each in path if each[0] < level), (level, heading.group(2))]
        text = " ".join(line for line in block.split("\n") if not line.startswith("#"))
        yield Found(page, tuple(each[1] for each in path), text)
