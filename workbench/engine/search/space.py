"""The settings that a study tries: random points, a grid, and an experiment with them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from math import prod
from typing import Any, Final

import numpy as np

from workbench.engine.core.errors import Problem, SpecError
from workbench.engine.core.randomness import mixed
from workbench.engine.core.search_space import random_point, values_of_each
from workbench.engine.core.text import grouped
from workbench.engine.search.field import Field
from workbench.engine.spec.experiment import ExperimentSpec

#: Maximum number of combinations of a grid.
MOST_COMBINATIONS: Final = 100_000
#: Path and plain value of each setting of a trial.
Settings = Mapping[str, Any]
#: Path and position of what fields with others below them have chosen.
_Choices = tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Space:
    """``fields`` of the experiment ``base``, each with its own range or choices.

    A field that lies in a member of a family which another field chooses is a setting only of trials with that member.
    """

    base: ExperimentSpec
    fields: tuple[Field, ...]
    _applying: dict[_Choices, tuple[Field, ...]] = field(default_factory=dict, compare=False, repr=False)

    def spec(self, settings: Settings) -> ExperimentSpec:
        """The experiment with ``settings``. Raises SpecError where one is not of it."""
        made = self.base
        for path in sorted(settings, key=_depth):
            made = made.edited(path, settings[path])
        return made

    def chosen(self, choose: Callable[[Field], Any]) -> dict[str, Any]:
        """The settings for which ``choose`` gives the value of each field, asked of those that there are; fields that
        others depend on are asked first."""
        found: dict[str, Any] = {}
        for each in self._parents:
            if not self._depends(each) or each in self._in_force(found):
                found[each.path] = choose(each)
        for each in self._in_force(found):
            if each.path not in found:
                found[each.path] = choose(each)
        return {each.path: found[each.path] for each in self.fields if each.path in found}

    def random(self, seed: int, number: int) -> dict[str, Any]:
        """The settings of the random trial ``number`` (from 0): a function of both."""
        shares = random_point(seed, number, len(self.fields))
        by_path = {each.path: float(share) for each, share in zip(self.fields, shares, strict=True)}
        return self.chosen(lambda each: each.value(by_path[each.path]))

    def grid(self, budget: int) -> tuple[dict[str, Any], ...]:
        """The combinations of a grid, the last field changing fastest. A field without a count has as many values as
        ``budget`` trials allow all such. Raises SpecError for more than ``MOST_COMBINATIONS``."""
        values = self._grid_values(budget)
        if prod(map(len, values.values())) > MOST_COMBINATIONS:
            words = f"the grid has more than {grouped(MOST_COMBINATIONS)} combinations; give fewer values of each field"
            raise SpecError([Problem("", words)])
        return tuple(self._combinations(values))

    def shuffled_grid(self, budget: int, seed: int) -> tuple[dict[str, Any], ...]:
        """``grid`` in a random order, a function of ``seed``, so that the first trials are spread over it."""
        found = self.grid(budget)
        order = np.random.Generator(np.random.PCG64(mixed("search grid", seed))).permutation(len(found))
        return tuple(found[at] for at in order)

    def _combinations(self, values: Mapping[str, tuple[Any, ...]]) -> Iterator[dict[str, Any]]:
        seen = set()
        for combination in itertools.product(*(range(len(values[each.path])) for each in self.fields)):
            at = dict(zip((each.path for each in self.fields), combination, strict=True))
            settings = self.chosen(lambda each, at=at: values[each.path][at[each.path]])  # type: ignore[misc]
            key = tuple(sorted((path, at[path]) for path in settings))
            if key not in seen:
                seen.add(key)
                yield settings

    def _grid_values(self, budget: int) -> dict[str, tuple[Any, ...]]:
        open_fields = [each for each in self.fields if not each.choices and each.count is None]
        fixed = {
            each.path: each.grid(each.count or 0) for each in self.fields if each.choices or each.count is not None
        }
        left = max(1, budget // prod(map(len, fixed.values())))
        count = values_of_each(left, len(open_fields)) if open_fields else 0
        return fixed | {each.path: each.grid(count) for each in open_fields}

    @cached_property
    def _parents(self) -> tuple[Field, ...]:
        """Fields that others lie below, those above first."""
        found = [each for each in self.fields if any(_is_below(other, each) for other in self.fields)]
        return tuple(sorted(found, key=lambda each: _depth(each.path)))

    def _depends(self, one: Field) -> bool:
        return any(_is_below(one, other) for other in self._parents)

    def _in_force(self, of_parents: Settings) -> tuple[Field, ...]:
        """The fields that are settings of the experiment with these values of the parents."""
        if not self._parents:
            return self.fields
        chosen = [each for each in self._parents if each.path in of_parents]
        key = tuple((each.path, each.choices.index(of_parents[each.path])) for each in chosen)
        if key not in self._applying:
            spec = self.spec({each.path: of_parents[each.path] for each in chosen})
            self._applying[key] = tuple(each for each in self.fields if _has(spec, each.path))
        return self._applying[key]


def _has(spec: ExperimentSpec, path: str) -> bool:
    try:
        spec.at(path)
    except KeyError:
        return False
    return True


def _is_below(one: Field, other: Field) -> bool:
    return one.path.startswith(f"{other.path}.")


def _depth(path: str) -> int:
    return path.count(".")
