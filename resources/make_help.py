"""Write the pages of help that are made from the declarations of settings. ``uv run python resources/make_help.py``."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from workbench.engine.help.made import made_pages
from workbench.engine.help.pages import FOLDER


def main() -> None:
    """Replace every made page."""
    for name, text in made_pages().items():
        path = FOLDER / f"{name}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
