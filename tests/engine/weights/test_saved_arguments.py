"""The arguments of a training script beside the weights: read as plain tables, and nothing in them is run."""

from __future__ import annotations

import argparse
import os
from collections import defaultdict
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.engine.weights.files import as_legacy, as_zip, network, write
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.pickle_check import Alien, Malformed, survey
from workbench.engine.weights.load_weights import read_weights

STATE = network().state_dict()


class Runs:
    """An object whose pickle makes the folder ``place`` when it is read."""

    def __init__(self, place: Path) -> None:
        self._place = str(place)

    def __reduce__(self) -> Any:
        return os.mkdir, (self._place,)


@pytest.mark.parametrize("form", [as_zip, as_legacy])
def test_the_arguments_of_a_training_script_are_read_as_tables(tmp_path: Path, form: Any) -> None:
    """No class of argparse, types or pathlib is made of a file, so paths of Windows are read elsewhere too."""
    arguments = argparse.Namespace(img_size=40, paths=[Path("/a/b")], more=SimpleNamespace(classes=["ant", "bee"]))
    path = write(tmp_path, form({"model": STATE, "args": arguments, "log": defaultdict(list, loss=[1.0])}))
    stated = read_weights(path).stated
    assert stated.size == (40, 40) and stated.classes[0].names == ("ant", "bee")
    windows = (path.read_bytes().replace(b"pathlib\nPosixPath", b"pathlib\nWindowsPath")) if form is as_legacy else b""
    assert not windows or read_weights(write(tmp_path, windows)).stated == stated


@pytest.mark.parametrize("form", [as_zip, as_legacy])
def test_code_in_the_arguments_is_not_run(tmp_path: Path, form: Any) -> None:
    for number, given in enumerate((argparse.Namespace, SimpleNamespace)):
        target = tmp_path / f"made{number}"
        path = write(tmp_path, form({"model": dict(STATE), "args": given(x=Runs(target))}))
        with pytest.raises(WorkbenchError, match=r"run code .*mkdir"):
            read_weights(path)
        assert not target.exists()


@pytest.mark.parametrize(
    "pickled",
    [
        b"\x80\x02cargparse\nNamespace\n)\x81X\x01\x00\x00\x00ab.",  # a state that is no table
        b"\x80\x02cargparse\nNamespace\n)\x81}K\x01K\x02sb.",  # names that are no text
        b"\x80\x02cargparse\nNamespace\nK\x01\x85\x81.",
        b"\x80\x02ccollections\nOrderedDict\n)\x81.",
        b"\x80\x02cpathlib\nPosixPath\n}\x85R.",
        b"\x80\x02ccollections\ndefaultdict\ncbuiltins\neval\n\x85R.",
        b"\x80\x02cbuiltins\nlist\n)R.",
        b"\x80\x02}cargparse\nNamespace\n)\x81K\x01s.",
    ],
)
def test_containers_made_otherwise_are_refused(pickled: bytes) -> None:
    with pytest.raises((Alien, Malformed)):
        survey(pickled)
