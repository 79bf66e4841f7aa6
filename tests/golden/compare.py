"""Compare the working tree with a base commit: ``uv run python -m tests.golden.compare COMMIT [--cases NAME …]``.

Both states run the cases of the working tree on this machine, with this interpreter, one after the other. Exit code 0:
every case gives the same bits; 1: one does not, or could not be run in one of the two.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.golden.cases import CASES, Case
from tests.golden.digest import Digest, differing
from tests.golden.pictures import make_pictures
from tests.golden.running import digest_in, run_cases

ROOT = Path(__file__).parents[2]
PARTS = ("columns", "events", "weights")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the comparison, print its table and return the exit code."""
    parser = argparse.ArgumentParser("python -m tests.golden.compare", description=__doc__.split("\n")[0])
    parser.add_argument("base", help="the commit to compare with")
    parser.add_argument("--cases", nargs="+", metavar="NAME", choices=[case.name for case in CASES], default=None)
    options = parser.parse_args(arguments)
    cases = [case for case in CASES if options.cases is None or case.name in options.cases]
    with tempfile.TemporaryDirectory(prefix="golden-") as folder:
        place = Path(folder)
        make_pictures(place / "pictures")
        with worktree(options.base, place / "state") as state:
            base = digests(state, cases, place / "base", place / "pictures")
        now = digests(ROOT, cases, place / "now", place / "pictures")
    lines, is_equal = table(cases, base, now)
    print("\n".join(lines))
    return 0 if is_equal else 1


@contextmanager
def worktree(commit: str, place: Path) -> Iterator[Path]:
    """The files of ``commit`` in the new folder ``place``, until the block ends."""
    subprocess.run(["git", "worktree", "add", "--quiet", "--detach", str(place), commit], cwd=ROOT, check=True)
    try:
        yield place
    finally:
        subprocess.run(["git", "worktree", "remove", "--force", str(place)], cwd=ROOT, check=True)


def digests(state: Path, cases: Sequence[Case], place: Path, pictures: Path) -> dict[str, Digest]:
    """The digest of every case in the folder ``state``."""
    return {name: digest_in(each) for name, each in run_cases(state, cases, place, pictures).items()}


def table(cases: Sequence[Case], base: dict[str, Digest], now: dict[str, Digest]) -> tuple[list[str], bool]:
    """A line for each case, and whether all are equal."""
    width = max(len(case.name) for case in cases)
    lines, verdict = ["  ".join([f"{'case':{width}}", *(f"{part:8}" for part in PARTS)]).rstrip()], True
    for case in cases:
        cells, notes = compared(base[case.name], now[case.name])
        for state, found in (("base", base), ("working tree", now)):
            if case.equals in found and found[case.equals] != found[case.name]:
                notes.append(f"in the {state} it differs from {case.equals}")
        lines.append("  ".join([f"{case.name:{width}}", *(f"{cell:8}" for cell in cells), "; ".join(notes)]).rstrip())
        verdict = verdict and not notes
    return [*lines, "All are equal." if verdict else "NOT EQUAL."], verdict


def compared(base: Digest, now: Digest) -> tuple[list[str], list[str]]:
    """The cells of ``PARTS`` in the table, and what to say of the differences."""
    problems = [f"{who} {each.problem}" for who, each in (("base", base), ("working tree", now)) if each.problem]
    if problems:
        return ["-"] * len(PARTS), problems
    differences = {part: differing(getattr(base, part), getattr(now, part)) for part in PARTS}
    cells = ["differ" if names else "equal" for names in differences.values()]
    return cells, [f"{part}: {', '.join(names)}" for part, names in differences.items() if names]


if __name__ == "__main__":
    sys.exit(main())
