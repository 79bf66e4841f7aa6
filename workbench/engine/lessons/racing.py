"""Races as lessons need them: to their end, and their updates at the best rate."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from workbench.engine.catalog.surfaces import Array
from workbench.engine.catalog.surfaces.bowl import Bowl
from workbench.engine.playground.spec import PlaygroundSpec, racer_names

if TYPE_CHECKING:
    from workbench.engine.playground.trail import Trail


def raced(spec: PlaygroundSpec, starts: Array | None = None) -> tuple[Trail, ...]:
    """The paths of all racers to the end of the race. Raises SpecError for a spec with problems."""
    from workbench.engine.playground.race import Race

    race = Race(spec, starts)
    race.advance(spec.updates)
    return race.trails()


def updates_to_come_near(spec: PlaygroundSpec, starts: Array, share: float) -> float:
    """Mean updates of the one racer of ``spec`` from ``starts`` (N, 2) until its distance to the origin is ``share`` of
    that at the start; infinite if one ball does not come so near within the race.
    """
    (trail,) = raced(spec, starts)
    away = np.linalg.norm(trail.points, axis=-1)
    near = away < share * away[0]
    return float(np.where(near.any(axis=0), near.argmax(axis=0), np.inf).mean())


def bowl(condition: float, tilt: float) -> Bowl:
    """A bowl of any condition number: the limit of the setting is for hands."""
    return Bowl.model_construct(condition=condition, tilt=tilt)


def names(spec: PlaygroundSpec) -> tuple[str, ...]:
    """What the racers are called in a picture: their titles, with their settings where two have the same.

    Racers that are the same in all have numbers: ``Adam 1``, ``Adam 2``.
    """
    titles = [racer.title for racer in spec.racers]
    briefs = [f"{racer.title} ({racer.brief()})" for racer in spec.racers]
    named = [b if titles.count(t) > 1 else t for t, b in zip(titles, briefs, strict=True)]
    return tuple(named if len(set(named)) == len(named) else racer_names(titles))
