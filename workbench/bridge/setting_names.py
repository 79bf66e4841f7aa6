"""Settings by the names that the window shows: a panel and a field instead of a dotted path."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, cast

from pydantic import BaseModel

from workbench.bridge.spec_shape import child_of
from workbench.engine.catalog.settings import Setting, is_setting, setting_of
from workbench.engine.catalog.variant import Variant, members_of
from workbench.engine.core.errors import Problem, SpecError, WorkbenchError
from workbench.engine.spec.editable import Editable

#: A dotted path, or one name before a colon.
_PATH = re.compile(r"\w+(?:\.\w+)+(?=[: ])|\w+(?=: )")
_Classes = tuple[type[BaseModel], ...]


def label_of(spec: Editable, path: str) -> str:
    """The path in words, e.g. ``Regularization, Dropout, Drop probability``.

    ``path`` may also be one that ``spec`` does not have, as in a settings file that cannot be opened: fields of other
    members of a family are found too. What is no setting keeps its name.
    """
    return ", ".join(_labels(spec, path)) or "Experiment"


def problem_words(spec: Editable, problem: Problem) -> str:
    """The problem as a line: the field that it is about, and what is wrong."""
    return f"{label_of(spec, problem.path)}: {problem.message}" if problem.path else problem.message


def error_words(spec: Editable, error: WorkbenchError) -> str:
    """What ``error`` says, a line for each problem. ``str(error)`` has dotted paths instead of labels."""
    if not isinstance(error, SpecError):
        return error.message
    return "\n".join(problem_words(spec, problem) for problem in error.problems)


def name_settings(spec: Editable, text: str) -> str:
    """``text`` with a label instead of the dotted path that each line may begin with, as messages of the engine do."""
    return "\n".join(_named(spec, line) for line in text.split("\n"))


def _named(spec: Editable, line: str) -> str:
    found = _PATH.match(line)
    if found is None or found[0].partition(".")[0] not in type(spec).model_fields:
        return line
    return label_of(spec, found[0]) + line[found.end() :]


def _labels(spec: Editable, path: str) -> Iterator[str]:
    """``classes`` are those that ``value`` may be of, its own one first; none for a list and for plain values."""
    value: Any = spec
    classes: _Classes = (type(spec),)
    members: _Classes = ()
    for part in path.split(".") if path else ():
        if members:  # of a list: the items have no labels of their own
            value = child_of(value, part)
            yield value.title if isinstance(value, Variant) else f"entry {int(part) + 1}" if part.isdigit() else part
            classes, members = _with_own(value, members), ()
            continue
        owner = next((each for each in classes if part in each.model_fields), None)
        value = child_of(value, part)
        if owner is not None and not is_setting(owner, part):  # a lesson's experiment: only what is in it has a name
            classes = (type(value),) if isinstance(value, BaseModel) else ()
            continue
        setting = setting_of(owner, part) if owner is not None else None
        if setting is None:
            yield part
            classes = ()
            continue
        yield setting.knob.label
        classes, members = _below(setting, value)


def _below(setting: Setting, value: Any) -> tuple[_Classes, _Classes]:
    """The classes that the value of ``setting`` may be of, and those that its items may be of."""
    if setting.base is None:
        return (), ()
    if setting.type == "section":
        return (setting.base,), ()
    members = _members(setting)
    return ((), members) if setting.type == "variants" else (_with_own(value, members), ())


def _members(setting: Setting) -> _Classes:
    return tuple(members_of(cast("type[Variant]", setting.base)).values())


def _with_own(value: Any, others: Iterable[type[BaseModel]]) -> _Classes:
    return (type(value), *others) if isinstance(value, BaseModel) else tuple(others)
