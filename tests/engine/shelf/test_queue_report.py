"""What a queue that has ended says of the highest accuracy: without other seeds it is not called the best."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

import pytest

from tests.engine.shelf.made_runs import SPEC, make_run
from workbench.engine.shelf.cards import Card
from workbench.engine.shelf.queue_report import report_of

ADVICE = re.compile(r"Repeat (it|them) with 3 seeds before you call (it|one) the best\.$")


@pytest.mark.parametrize(("seeds", "others", "is_advised"), [(1, 0, False), (1, 1, True), (2, 1, True), (3, 1, False)])
def test_the_highest_is_called_so_only_beside_enough_seeds(
    seeds: int, others: int, is_advised: bool, tmp_path: Path
) -> None:
    """A single card is compared with nothing."""
    specs = [SPEC.edited("loop.seed", seed) for seed in range(seeds)] + [SPEC.edited("optimizer.lr", 0.5)] * others
    runs = [
        make_run(tmp_path, f"2026-11-0{at + 1}_12-00-00_run", spec, accuracies=(0.9 if at < seeds else 0.2,))
        for at, spec in enumerate(specs)
    ]
    cards = [Card(at, f"card {at}", "", "done", str(run)) for at, run in enumerate(runs)]
    said = report_of(cards, datetime(2026, 11, 1), datetime(2026, 11, 2)).about_highest
    assert said.startswith("Highest validation accuracy: 90.0\xa0% (card ") and bool(ADVICE.search(said)) == is_advised


@pytest.mark.parametrize(
    ("accuracies", "want"),
    [
        ((0.9, 0.8), "90.0\xa0% (card 0). Repeat it with 3 seeds before you call it the best."),
        (
            (0.9, 0.8, 0.9),
            "90.0\xa0% (card 0 and card 2 are tied). Repeat them with 3 seeds before you call one the best.",
        ),
        ((0.90001, 0.90002), "90.0\xa0% (card 0 and card 1 are tied). Repeat them"),
        ((0.9,) * 5, "90.0\xa0% (card 0, card 1, card 2 and 2 more are tied). Repeat them"),
    ],
)
def test_cards_that_are_tied_are_all_named(accuracies: tuple[float, ...], want: str, tmp_path: Path) -> None:
    """Tied is what is written alike: the digits that are not shown decide nothing."""
    cards = []
    for at, accuracy in enumerate(accuracies):
        spec = SPEC.edited("optimizer.lr", 0.01 * (at + 1))
        run = make_run(tmp_path, f"2026-11-0{at + 1}_12-00-00_run", spec, accuracies=(accuracy,))
        cards.append(Card(at, f"card {at}", "", "done", str(run)))
    said = report_of(cards, datetime(2026, 11, 1), datetime(2026, 11, 2)).about_highest
    assert said.startswith(f"Highest validation accuracy: {want}")
