"""Exports of Label Studio with several annotations of each task."""

from __future__ import annotations

import json

from tests.engine.data.layouts.json_tables import ALL, file_of, task
from tests.engine.data.layouts.layout import Layout
from tests.engine.data.layouts.tables_of_parts import NAMES


def _tasks(different: int) -> str:
    """Twenty tasks of two annotators, who give ``different`` of them different classes."""
    others = [{"cat": "dog", "dog": "cat"}[name] if index < different else name for index, name in enumerate(NAMES)]
    tasks = [*map(task, range(20))]
    for each, other in zip(tasks, others, strict=False):
        (annotation,) = each["annotations"]
        (choice,) = annotation["result"]
        each["annotations"] += [{"result": [choice | {"value": {"choices": [other]}}]}, {"was_cancelled": True}]
    return json.dumps(tasks)


LAYOUTS = [
    Layout("two annotators who agree", file_of("project-1.json", _tasks(0)), ALL),
    Layout(
        "two annotators of whom one errs",
        file_of("project-1.json", _tasks(1)),
        {"cat": 9, "dog": 10},
        left_out=("images/0.png",),
        refused="Keep the first row of each: 20 pictures stay",
        doubt="names 1 picture more than once with different classes: 0.png (cat and dog)",
        readings=({"cat": 9, "dog": 10}, ALL),
    ),
    Layout(
        "two annotators who never agree",
        file_of("project-1.json", _tasks(20)),
        refused="names 20 pictures more than once with different classes",
    ),
]
