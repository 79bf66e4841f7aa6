"""Files of weights with bytes flipped, put in and taken out (LD04): refused or read, never a crash or a hang."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.engine.weights.files import FORMATS, network, write
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.weights.description import describe

#: Far more than any takes: longer is a hang.
PATIENCE = 30


def mutant(data: bytes, rng: np.random.Generator) -> bytes:
    """One to three changes, half of them near an end, where the contents are described; half keep the length."""
    made = bytearray(data)
    kinds = 3 if rng.random() < 0.5 else 5
    for _ in range(int(rng.integers(1, 4))):
        region = len(made) if rng.random() < 0.5 else min(len(made), 4000)
        place = int(rng.integers(0, region))
        place = place if rng.random() < 0.6 else len(made) - 1 - place
        match int(rng.integers(0, kinds)):
            case 0:
                made[place] ^= 1 << int(rng.integers(0, 8))
            case 1:
                made[place] = int(rng.integers(0, 256))
            case 2:
                made[place : place + 4] = b"\xff" * min(4, len(made) - place)
            case 3:
                made[place:place] = rng.integers(0, 256, int(rng.integers(1, 20)), dtype=np.uint8).tobytes()
            case _:
                del made[place : place + int(rng.integers(1, 20))]
    return bytes(made)


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("count", [40, pytest.param(2_000, marks=[pytest.mark.full, pytest.mark.timeout(1200)])])
def test_no_mutant_crashes_or_hangs(tmp_path: Path, kind: str, count: int) -> None:
    small = {name: t for name, t in network(1, 2).state_dict().items() if not name.startswith(("layer2", "layer3.1"))}
    data = FORMATS[kind](small)
    said: dict[str, int] = {}
    with ThreadPoolExecutor(1) as pool:
        for number in range(count):
            rng = np.random.default_rng([number, sorted(FORMATS).index(kind)])
            path = write(tmp_path, mutant(data, rng))
            words = pool.submit(outcome, path).result(PATIENCE)
            said[words] = said.get(words, 0) + 1
    print(kind, said)
    assert sum(said.values()) == count and len(said) > 1
    assert not [words for words in said if words.startswith("no sentence")]


def outcome(path: Path) -> str:
    """``read``, or the beginning of the refusal. Any other exception is a failure."""
    try:
        found = describe(path)
    except WorkbenchError as error:
        _, named, words = error.message.partition(str(path))
        return words[:40] if named and words.endswith(".") else f"no sentence: {error.message}"
    assert found.bytes == path.stat().st_size
    return "read"


def test_what_is_read_of_a_mutant_is_tensors(tmp_path: Path) -> None:
    """Without the guard of a hash a changed weight is read; it is a number all the same."""
    from workbench.engine.weights.load_weights import read_weights

    data = bytearray(FORMATS["legacy"]({"w": torch.ones(100)}))
    data[-5] ^= 1
    assert read_weights(write(tmp_path, bytes(data))).tensors["w"].shape == (100,)
