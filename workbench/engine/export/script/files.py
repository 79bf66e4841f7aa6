"""The texts of a script: ``train.py``, ``predict.py`` and a notebook with both."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pprint import pformat
from typing import Any, Final

import workbench
from workbench.engine.export.script import loop, predicting
from workbench.engine.export.script.loop import Recipe
from workbench.engine.export.script.module_names import Outside, Place
from workbench.engine.export.script.taken_out import TakenOut
from workbench.engine.export.script.written_values import classes_in, written

_FUTURE: Final = "from __future__ import annotations\n"
_HEAD: Final = '''"""Training of {name}: {title}.

Written by Training Workbench {version} from the functions that its runs call; annotations are as they were and name
things that are not here. Beside it are initial.pt (the first weights), best.pt (those of the run) and data.npz.
On the same computer, with as many threads and these versions, the losses are those of the run:
{needs}.

    python train.py [--steps N]        a line a step, ending in the loss; writes trained.pt
    python predict.py {inputs}        name, class, probability
"""
'''
_STEPS: Final = 50


class Texts:
    """Made of the run's settings ``recipe``. ``classes`` are the names of the outputs, ``how`` is how an input is
    read (see ``about``), ``versions`` those of packages. Raises CannotScript."""

    def __init__(
        self,
        name: str,
        title: str,
        recipe: Recipe,
        classes: Sequence[str],
        how: Mapping[str, Any],
        versions: Mapping[str, str],
    ) -> None:
        needs = ", ".join(f"{each} {versions[each]}" for each in ("torch", "torchvision", "pillow", "numpy"))
        inputs = "POINT …  " if "coordinates" in how else "PICTURE …"
        said = {"name": _one_line(name), "title": title, "version": workbench.__version__}
        self._head = _HEAD.format(**said, needs=needs, inputs=inputs)
        own = [*classes_in(recipe), Place(loop.__name__, "main")]
        self._train = TakenOut(own)
        self._recipe = f"RECIPE = {written(recipe, self._train)}\n"
        here = Place(predicting.__name__, "main")
        there = {place: Outside(f"from train import {final}", final) for place, final in self._train.places.items()}
        self._predict = TakenOut([here], there=there)
        values = f"CLASSES = {pformat(tuple(classes), 4, 110)}\nHOW = {pformat(dict(how), 4, 110, sort_dicts=False)}\n"
        self._read = values

    @property
    def train(self) -> str:
        """``train.py``."""
        end = 'if __name__ == "__main__":\n    main(RECIPE, __file__)\n'
        parts = (self._head, _FUTURE, _imports(self._train), self._train.text, self._recipe)
        return f"{_joined(*parts)}\n\n{end}"

    @property
    def predict(self) -> str:
        """``predict.py``."""
        head = '"""What the trained network takes inputs for; see train.py."""\n'
        end = 'if __name__ == "__main__":\n    main(RECIPE, CLASSES, HOW, __file__)\n'
        imports = _imports(self._predict, "from train import RECIPE")
        return f"{_joined(head, _FUTURE, imports, self._predict.text, self._read)}\n\n{end}"

    @property
    def notebook(self) -> str:
        """The training as a notebook, for the folder in which the files are."""
        begin = "torch.set_num_threads(RECIPE.threads)\nweights = read_weights(Path('initial.pt'))\n"
        begin += "network = made_network(RECIPE, weights)\ndata = read_data(RECIPE, Path(), weights)\n"
        train = f"losses = []\nfor step, loss in enumerate(training(RECIPE, data, network, {_STEPS}), 1):\n"
        train += "    losses.append(loss)\n    print(f'step {step} loss {loss!r}')\n"
        measure = "with torch.inference_mode():\n    print(measured(RECIPE, data, network.module, data.val))\n"
        code = (_FUTURE + _imports(self._train), self._train.text, self._recipe, begin, train, measure)
        title = self._head.strip().strip('"').split("\n", 1)
        cells = [_cell("markdown", f"# {title[0]}\n{title[1]}"), *(_cell("code", each) for each in code)]
        kernel = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
        made = {"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}
        for number, cell in enumerate(cells):
            cell["id"] = f"cell-{number}"
        return json.dumps(made, indent=1, ensure_ascii=False) + "\n"


def _imports(taken: TakenOut, *more: str) -> str:
    """A line for each module."""
    lines = [statement for statement in taken.imports if statement.startswith("import ")]
    names: dict[str, list[str]] = {}
    for statement in (*(each for each in taken.imports if each not in lines), *more):
        module, _, name = statement.removeprefix("from ").partition(" import ")
        names.setdefault(module, []).append(name)
    lines += [f"from {module} import {', '.join(sorted(found))}" for module, found in names.items()]
    return "".join(f"{line}\n" for line in lines)


def _joined(head: str, future: str, imports: str, body: str, values: str) -> str:
    return f"{head}\n{future}\n{imports}\n\n{body}\n\n{values}"


def _cell(kind: str, text: str) -> dict[str, Any]:
    more: dict[str, Any] = {"execution_count": None, "outputs": []} if kind == "code" else {}
    return {"cell_type": kind, "metadata": {}, "source": text.strip("\n").splitlines(keepends=True), **more}


def _one_line(text: str) -> str:
    """A name in a text in three quotes."""
    return " ".join(text.replace("\\", "/").replace('"', "'").split())
