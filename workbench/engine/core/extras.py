"""Optional extras of this program: whether one is installed, and what installs it."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec


def is_installed(packages: Sequence[str]) -> bool:
    """Whether all ``packages`` (names to import) can be imported; none of them is."""
    return all(map(_has, packages))


def needs_extra(what: str, extra: str, packages: str) -> str:
    """A sentence for where it is missing: ``what`` needs ``extra``, which brings ``packages``; and the commands."""
    lock = f"pip install --require-hashes -r requirements.lock -r requirements-{extra}.lock"
    return f"{what} needs the optional extra “{extra}” ({packages}): uv sync --extra {extra}, or {lock}."


def _has(package: str) -> bool:
    try:
        return find_spec(package) is not None
    except ModuleNotFoundError:  # the package around it
        return False
