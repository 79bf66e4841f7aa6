"""The cards of the queue: settings that wait to be trained, frozen when they were added."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal, get_args

from workbench.engine.catalog.variant import Variant
from workbench.engine.core.errors import Problem, SpecError
from workbench.engine.run_store.finished_runs import title_of
from workbench.engine.shelf.differing import knob_at, label_at
from workbench.engine.spec.diff import in_words
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.spec.toml import dumps, loads

#: The source of a card whose run was begun without the queue.
DIRECT: Final = "direct"
#: At most this many values make cards at once.
MOST_VALUES: Final = 200

CardState = Literal["waiting", "running", "done", "stopped", "failed", "skipped"]
STATES: Final[tuple[CardState, ...]] = get_args(CardState)


@dataclass(frozen=True, slots=True)
class Card:
    """One card. ``settings`` is a settings file as text; ``run`` the folder of its run, empty before it begins.

    A waiting card with a run goes on with it. A run that was stopped is no failure. ``words`` say how it ended.
    ``attempts`` counts how often it was begun. ``source`` names the file that it was made from, if any, or is
    ``DIRECT``.
    """

    number: int
    title: str
    settings: str
    state: CardState = "waiting"
    run: str = ""
    words: str = ""
    attempts: int = 0
    source: str = ""

    @property
    def spec(self) -> ExperimentSpec:
        """Its settings. Raises SpecError if a newer version of the program has written them."""
        return loads(self.settings)

    @property
    def has_begun(self) -> bool:
        """Whether there is a run of it: its settings are no longer open to changes."""
        return bool(self.run)


@dataclass(frozen=True, slots=True)
class NewCard:
    """What is needed of a card that is to be added."""

    title: str
    settings: str
    source: str = ""


def new_card(spec: ExperimentSpec, title: str = "", source: str = "") -> NewCard:
    """A card of ``spec`` as it is now. Raises SpecError if it cannot be trained."""
    errors = [problem for problem in spec.problems() if problem.severity == "error"]
    if errors:
        raise SpecError(errors)
    return NewCard(title or title_of(spec), dumps(spec), source)


def cards_of_values(spec: ExperimentSpec, path: str, text: str) -> tuple[NewCard, ...]:
    """A card for each of the values in ``text`` (``0.1, 0.03, 0.01``) of the setting at ``path``.

    Values are written as in a settings file; words need no quotes, and a member of a family (``adam``) is named by its
    kind. Raises SpecError with every value that is wrong.
    """
    made, wrong = [], []
    for value in values_in(path, text):
        try:
            edited = spec.edited(path, _member(spec, path, value))
            made.append(new_card(edited, value_words(edited, path)))
        except SpecError as error:
            wrong += list(error.problems)
    if wrong:
        raise SpecError(wrong)
    return tuple(made)


def value_words(spec: ExperimentSpec, path: str) -> str:
    """What names a card by its value of the setting at ``path``: ``Learning rate 0.03``."""
    return f"{label_at(spec, path)} {in_words(spec.at(path), knob_at(spec, path))}"


def with_typed(spec: ExperimentSpec, path: str, text: str) -> ExperimentSpec:
    """``spec`` with the value of the setting at ``path`` as it is typed. Raises SpecError."""
    return spec.edited(path, _member(spec, path, _value(text.strip())))


def _member(spec: ExperimentSpec, path: str, value: Any) -> Any:
    """A word for a member of a family, as a table; anything else as it is."""
    return {"kind": value} if isinstance(value, str) and isinstance(spec.at(path), Variant) else value


def values_in(path: str, text: str) -> tuple[Any, ...]:
    """The values in a list as it is typed, each once, in their order. Raises SpecError for none or too many."""
    typed = text.strip().removeprefix("[").removesuffix("]") if text.count("[") == 1 else text
    try:
        values = tomllib.loads(f"values = [{typed}\n]")["values"]
    except (ValueError, RecursionError):
        values = [_value(part.strip()) for part in typed.split(",") if part.strip()]
    distinct = [value for at, value in enumerate(values) if value not in values[:at]]
    if not 0 < len(distinct) <= MOST_VALUES:
        raise SpecError([Problem(path, f"needs between one value and {MOST_VALUES}, separated by commas: 0.1, 0.03")])
    return tuple(distinct)


def _value(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except (ValueError, RecursionError):
        return text


def plain_card(card: Card) -> dict[str, Any]:
    """A card as plain data."""
    return asdict(card)


def card_of(said: Mapping[str, Any]) -> Card:
    """The card that ``plain_card`` gave. Raises KeyError, TypeError or ValueError for anything else."""
    if said["state"] not in STATES:
        raise ValueError(said["state"])
    texts = {name: str(said[name]) for name in ("title", "settings", "run", "words", "source")}
    return Card(int(said["number"]), state=said["state"], attempts=int(said["attempts"]), **texts)
