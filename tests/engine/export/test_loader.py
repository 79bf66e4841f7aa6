"""The loader of the help page, run where this program cannot be imported, answers as the program does."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np

from tests.engine.export.made import CLASSES, odd_pictures, weights
from workbench.engine.core.progress import finished
from workbench.engine.core.seal import is_intact
from workbench.engine.export.formats import exporting
from workbench.engine.help.pages import FOLDER
from workbench.engine.use.network import used_network

PICTURES = {"kind": "folder", "folder": "/data/of the user/birds"}
SQUEEZENET = {"kind": "torchvision", "name": "squeezenet1_1"}
MAXOUT = {"kind": "maxout", "pieces": 2}
#: Name, shape of the pictures, settings: every layer of the two networks, the rules of reading, the statistics.
NETWORKS: tuple[tuple[str, tuple[int, ...], dict[str, Any]], ...] = (
    (
        "per_pixel",
        (1, 8, 8),
        {
            "model": {"kind": "mlp", "hidden": [9, 7], "activation": MAXOUT, "batch_norm": "after", "input_norm": True},
            "regularization": [{"kind": "dropconnect", "p": 0.5}, {"kind": "dropout", "p": 0.5}],
            "data__source": PICTURES | {"size": 8, "fit": "crop"},
        },
    ),
    (
        "pad",
        (3, 21, 21),
        {
            "model": {"kind": "small_cnn", "channels": [4, 6], "hidden": [5], "activation": MAXOUT, "input_norm": True},
            "data__source": PICTURES | {"size": 21, "fit": "pad"},
        },
    ),
    (
        "squeeze",
        (3, 16, 16),
        {
            "model": {"kind": "small_cnn", "channels": [4], "activation": {"kind": "elu", "alpha": 0.5}},
            "data__source": PICTURES | {"size": 16, "fit": "squeeze"},
        },
    ),
    ("not_square", (1, 12, 9), {"model": {"kind": "mlp", "activation": {"kind": "leaky_relu", "slope": 0.3}}}),
    ("torchvision", (1, 32, 32), {"model": SQUEEZENET, "data__source": PICTURES | {"size": 32, "fit": "crop"}}),
)
#: Runs the loader for each file, and prints what it computes of each picture.
HARNESS = """
import importlib.util, json, sys
assert importlib.util.find_spec("workbench") is None
loader, models, pictures = json.loads(sys.argv[1])
made = {}
for model in models:
    sys.argv = ["load.py", model]
    scope = {}
    exec(loader, scope)
    read = lambda path: scope["read"](scope["Image"].open(path), **scope["about"]["input"])[None]
    with scope["torch"].no_grad():
        made[model] = [scope["network"](read(path)).softmax(1)[0].tolist() for path in pictures]
print(json.dumps(made))
"""


def loader() -> str:
    text = (FOLDER / "export.md").read_text("utf-8")
    return re.findall(r"```python\n(.*?)```", text, re.DOTALL)[0]


def test_the_loader_is_short() -> None:
    """Imports, and the loop that uses it, apart."""
    head, use = loader().split("for path in sys.argv[2:]:\n")
    lines = [line for line in head.splitlines() if line and not line.startswith(("import ", "from "))]
    assert len(lines) <= 15 and len(use.splitlines()) == 2 and max(map(len, lines)) <= 120


def test_the_loader_answers_as_the_program(tmp_path: Path) -> None:
    pictures = odd_pictures(tmp_path / "pictures")
    models, wanted = {}, {}
    for name, shape, settings in NETWORKS:
        own = weights(tmp_path / f"{name}.safetensors", shape, **settings)
        folder = finished(exporting(own, "safetensors", tmp_path / name)).folder
        models[name] = str(folder / "model.safetensors")
        network = used_network([own])
        read = [network.read(path)[0] for path in pictures]
        wanted[name] = np.exp(network.logs([np.stack(read)]))
    given = json.dumps([loader(), list(models.values()), list(map(str, pictures))])
    done = subprocess.run([sys.executable, "-I", "-c", HARNESS, given], capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    for name, path in models.items():
        shares = np.array(found[path])
        assert np.abs(shares - wanted[name]).max() <= 1e-5, name
        assert (shares.argmax(1) == wanted[name].argmax(1)).all(), name
        assert wanted[name].std(0).max() > 1e-3, "the pictures make no difference"


def test_an_exported_file_is_read_as_an_own_one_and_has_no_folder_of_this_machine(tmp_path: Path) -> None:
    name, shape, settings = NETWORKS[1]
    own = weights(tmp_path / f"{name}.safetensors", shape, **settings)
    file = finished(exporting(own, "safetensors", tmp_path / "out")).folder / "model.safetensors"
    picture = odd_pictures(tmp_path / "pictures")[-1]
    one, other = used_network([own]), used_network([file])
    assert np.abs(one.logs([one.read(picture)[0][None]]) - other.logs([other.read(picture)[0][None]])).max() < 1e-6
    assert other.classes == CLASSES and is_intact(file)
    assert b"of the user" not in file.read_bytes() and b"birds" in file.read_bytes()


def test_a_network_that_is_no_chain_of_layers_says_that_the_loader_cannot_build_it(tmp_path: Path) -> None:
    own = weights(tmp_path / "resnet.safetensors", (3, 8, 8), model={"kind": "cifar_resnet"})
    made = finished(exporting(own, "safetensors", tmp_path / "out"))
    assert "cannot build it" in made.words and "The format pt2" in made.words
