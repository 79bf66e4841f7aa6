"""What the studies below the picture show of their numbers."""

from __future__ import annotations

import numpy as np

from workbench.engine.catalog.surfaces.local_minima import LocalMinima
from workbench.views.playground.study_panels import _groups


def test_balls_are_counted_by_the_height_of_their_minimum() -> None:
    surface = LocalMinima()
    heights = [float(surface.value(np.array(x), np.array(y))) for x, y in surface.minima()]
    lowest = int(np.argmin(heights))
    same = [place for place, height in enumerate(heights) if height == heights[lowest + 1]]
    assert len(same) > 1
    found = np.array([[lowest, same[0], same[1], -1], [same[0], same[0], -2, -2]])
    groups = dict(_groups(found, surface))
    assert next(iter(groups)) == "0"
    assert groups["0"] == [1, 0]
    assert sorted(map(tuple, groups.values())) == sorted([(1, 0), (2, 2), (1, 0), (0, 2)])
    assert groups["elsewhere"] == [1, 0] and groups["lost"] == [0, 2]
