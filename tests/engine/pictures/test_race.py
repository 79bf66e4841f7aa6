"""A race on new pictures: each is decoded once for all racers, and every racer has the numbers of its run alone."""

from __future__ import annotations

from pathlib import Path

from tests.engine.pictures.cached_pictures import Decoder
from tests.engine.pictures.helpers import COUNT, run, spec_of
from tests.engine.race.races import Raced, numbers
from workbench.engine.race.spec import Racer, RaceSpec


def test_pictures_are_decoded_once_for_all_racers(root: Path, decoder: Decoder) -> None:
    spec = spec_of(root, loop__epochs=1)
    racers = (Racer.of("One", {}), Racer.of("Two", {"optimizer.lr": 0.002}), Racer.of("Three", {"loop.batch_size": 5}))
    raced = Raced(RaceSpec(spec, racers))
    assert [each.state for each in raced.standings.racers] == ["finished"] * 3
    assert len(decoder.taken()) == COUNT
    alone = run(spec)
    assert numbers(raced.of("One"))[0] == alone.steps.read(0)[1][:, :4].tobytes()
