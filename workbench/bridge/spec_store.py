"""The spec that the window shows: one place that edits it, remembers old ones and says what stands against a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from PySide6.QtCore import QObject, Signal

from workbench.bridge.setting_names import error_words, label_of, name_settings
from workbench.bridge.spec_shape import departed, has_inner_shape, same_owners, shape_of
from workbench.engine.catalog.settings import Setting, setting_of
from workbench.engine.catalog.variant import Variant, members_of
from workbench.engine.core.errors import Problem, WorkbenchError
from workbench.engine.spec.experiment import ExperimentSpec, live_paths

#: Old specs share their unchanged parts, so a long history costs little; a bound keeps it from growing all day.
UNDO_LIMIT = 500


@dataclass(frozen=True, slots=True)
class _Moment:
    """What undo brings back: the spec, the preset that the dots compared it with, and whether a load lies between."""

    spec: ExperimentSpec
    reset_point: ExperimentSpec
    loaded: bool


class SpecStore(QObject):
    """The current spec. Views read it and ask for changes; nothing else changes it.

    Text that a form cannot turn into a value is kept here as an input error, because the spec is always valid and
    Train must still be refused. While a run is active ``running_spec`` is what that run has.
    """

    changed = Signal(object)  #: the new spec
    errors_changed = Signal()  #: input_errors
    marks_changed = Signal()  #: running_spec or reset_point
    reason_changed = Signal(str)  #: why Train is refused; empty if it is not
    can_undo_changed = Signal(bool)
    can_redo_changed = Signal(bool)
    live_edit = Signal(str, object)  #: path and value that the active run must take over
    settle_requested = Signal()  #: fields that hold unfinished typing take it over now

    def __init__(self, spec: ExperimentSpec | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._spec = spec if spec is not None else ExperimentSpec()
        self._reset_point = self._spec
        self._running: ExperimentSpec | None = None
        self._undo: list[_Moment] = []
        self._redo: list[_Moment] = []
        self._merge_path: str | None = None
        self._left: dict[tuple[str, str], Variant] = {}
        self._input_errors: dict[str, str] = {}
        self._problems: tuple[Problem, ...] | None = None
        self._told: tuple[bool, bool, str] = (False, False, self.reason())

    # --- Reading ------------------------------------------------------------------------------------------------

    @property
    def spec(self) -> ExperimentSpec:
        """The current spec, always valid."""
        return self._spec

    @property
    def running_spec(self) -> ExperimentSpec | None:
        """What the active run has, live edits included; None if no run is active."""
        return self._running

    @property
    def reset_point(self) -> ExperimentSpec:
        """The preset that the dots compare with."""
        return self._reset_point

    @property
    def input_errors(self) -> dict[str, str]:
        """What is wrong with typed text, by path; a copy."""
        return dict(self._input_errors)

    def input_error(self, path: str) -> str:
        """What is wrong with the text typed at ``path``; empty if nothing is."""
        return self._input_errors.get(path, "")

    @property
    def can_undo(self) -> bool:
        """Whether there is an older spec."""
        return bool(self._undo)

    @property
    def can_redo(self) -> bool:
        """Whether an undone spec can come back."""
        return bool(self._redo)

    def setting_at(self, path: str) -> Setting:
        """The declaration of the setting at ``path``; raises KeyError."""
        owner_path, _, name = path.rpartition(".")
        owner = self._spec.at(owner_path) if owner_path else self._spec
        return setting_of(type(owner), name)

    def preset_at(self, path: str) -> Any:
        """What the reset point has at ``path``, or the setting's default where the reset point has other variants."""
        if same_owners(self._spec, self._reset_point, path):
            return self._reset_point.at(path)
        return self.setting_at(path).default

    def differs(self, path: str) -> bool:
        """Whether ``path`` differs from the preset. Of a variant or list only kinds count: its fields tell the rest."""
        return _differ(self._spec.at(path), self.preset_at(path))

    def waits_for_next_run(self, path: str) -> bool:
        """Whether the active run has another value at ``path`` than the form. Of a variant or list only kinds count."""
        if self._running is None or not same_owners(self._spec, self._running, path):
            return False  # where an owner differs, the owner's own row says it
        return _differ(self._spec.at(path), self._running.at(path))

    # --- What stands against a run ------------------------------------------------------------------------------

    def problems(self) -> tuple[Problem, ...]:
        """Everything to say about the current input: wrong text first, then the spec's own problems and warnings."""
        if self._problems is None:
            self._problems = self._spec.problems()
        typed = tuple(Problem(path, words) for path, words in self._input_errors.items())
        return typed + self._problems

    def reason(self) -> str:
        """Why Train is refused, one line a problem, with the setting's name; empty if it is not."""
        errors = [p for p in self.problems() if p.severity == "error"]
        return "\n".join(f"{label_of(self._spec, p.path)}: {p.message}" for p in errors)

    def words_of(self, error: WorkbenchError) -> str:
        """What ``error`` says, with the settings' labels."""
        return error_words(self._spec, error)

    def named(self, text: str) -> str:
        """A message of the engine with the settings' labels instead of their paths."""
        return name_settings(self._spec, text)

    def set_input_error(self, path: str, words: str) -> None:
        """Note that the text in the field at ``path`` is no value; the spec keeps the old one."""
        if self._input_errors.get(path) != words:
            self._input_errors[path] = words
            self.errors_changed.emit()
            self._tell()

    def clear_input_error(self, path: str) -> None:
        """Forget the wrong text at ``path``, if any."""
        if self._input_errors.pop(path, None) is not None:
            self.errors_changed.emit()
            self._tell()

    def settle(self) -> None:
        """Ask every field to take over what is typed in it. Call it before the spec is used (Train, Save)."""
        self.settle_requested.emit()

    # --- Changing -----------------------------------------------------------------------------------------------

    def edit(self, path: str, value: Any, merge: bool = False) -> None:
        """Set the setting at ``path``. Raises SpecError and changes nothing if the value is not allowed.

        ``merge`` joins this edit to the one before it if that was to the same path (one drag of a slider: one undo).
        """
        new = self._spec.edited(path, value)
        if new == self._spec:
            self.clear_input_error(path)
            return
        if not (merge and self._merge_path == path):
            self._push(self._undo)
        self._redo.clear()
        self._merge_path = path
        self._move_to(new)

    def edit_all(self, changes: Mapping[str, Any]) -> None:
        """Set several settings as one edit: one undo. Raises SpecError and changes nothing if one is not allowed."""
        new = self._spec
        for path, value in changes.items():
            new = new.edited(path, value)
        if new == self._spec:
            return
        self._push(self._undo)
        self._redo.clear()
        self._merge_path = None
        self._move_to(new)

    def steer(self, path: str, value: Any) -> None:
        """Change a live setting of the active run, and of the form where that shows the same field. Raises SpecError.

        Where the form holds something else for the next run (another optimizer), it stays as it is.
        """
        if self._running is None:
            return
        if same_owners(self._spec, self._running, path):
            self.edit(path, value)
        if self._running.at(path) != value:
            self._running = self._running.edited(path, value)
            self.live_edit.emit(path, value)
            self.marks_changed.emit()

    def choose(self, path: str, kind: str) -> None:
        """Put the member ``kind`` at ``path``, with the values it had when it was there last. Raises SpecError."""
        self.edit(path, self._member(path, kind))

    def add(self, path: str, kind: str) -> None:
        """Append the member ``kind`` to the list at ``path``, with the values it had there last. Raises SpecError."""
        self.edit(path, (*self._spec.at(path), self._member(path, kind)))

    def reset(self, path: str) -> None:
        """Back to the preset's value at ``path``; wrong text there is forgotten."""
        self.clear_input_error(path)
        self.edit(path, self.preset_at(path))

    def load(self, spec: ExperimentSpec) -> None:
        """Show another spec and compare with it from now on. It can be undone; an active run is left alone."""
        self._push(self._undo, loaded=True)
        self._redo.clear()
        self._merge_path = None
        self._input_errors.clear()
        self._reset_point = spec
        self._move_to(spec, live=False)
        self.errors_changed.emit()
        self.marks_changed.emit()

    def set_reset_point(self, spec: ExperimentSpec) -> None:
        """Let the dots compare with ``spec``."""
        self._reset_point = spec
        self.marks_changed.emit()

    def set_running(self, spec: ExperimentSpec | None) -> None:
        """Say which spec the active run was started with, or None when it has ended."""
        self._running = spec
        self.marks_changed.emit()

    def undo(self) -> None:
        """Back to the spec before the last edit or load; does nothing if there is none."""
        self._step(self._undo, self._redo)

    def redo(self) -> None:
        """Forward again; does nothing if there is nothing to redo."""
        self._step(self._redo, self._undo)

    def _step(self, source: list[_Moment], target: list[_Moment]) -> None:
        if not source:
            return
        moment = source.pop()
        self._push(target, moment.loaded)
        self._merge_path = None
        self._reset_point = moment.reset_point
        self._move_to(moment.spec, live=not moment.loaded)
        self.marks_changed.emit()

    def _push(self, stack: list[_Moment], loaded: bool = False) -> None:
        stack.append(_Moment(self._spec, self._reset_point, loaded))
        del stack[:-UNDO_LIMIT]

    def _member(self, path: str, kind: str) -> Variant:
        setting = self.setting_at(path)
        if (path, kind) in self._left:
            return self._left[path, kind]
        for candidates in (self.preset_at(path), setting.default):
            for item in candidates if isinstance(candidates, tuple) else (candidates,):
                if isinstance(item, Variant) and item.kind == kind:
                    return item
        return members_of(cast("type[Variant]", setting.base))[kind]()

    def _move_to(self, new: ExperimentSpec, live: bool = True) -> None:
        old, self._spec, self._problems = self._spec, new, None
        self._left.update(departed(old, new))
        edits = self._take_live(old, new) if live else []
        self._drop_stale_errors(old, new)
        self.changed.emit(new)
        for path, value in edits:
            self.live_edit.emit(path, value)
        self._tell()

    def _take_live(self, old: ExperimentSpec, new: ExperimentSpec) -> list[tuple[str, Any]]:
        """The live edits between two specs, put into ``running_spec`` too: run and spec change together.

        A field is the run's field only if everything above it is alike; the rate of another optimizer is not.
        """
        edits: list[tuple[str, Any]] = []
        for path in live_paths(new) if self._running is not None else ():
            if same_owners(old, new, path) and old.at(path) != new.at(path) and same_owners(self._running, new, path):
                self._running = cast(ExperimentSpec, self._running).edited(path, new.at(path))
                edits.append((path, new.at(path)))
        return edits

    def _drop_stale_errors(self, old: ExperimentSpec, new: ExperimentSpec) -> None:
        """Wrong text is forgotten where its field is gone or has been given another value."""
        stale = [p for p in self._input_errors if not same_owners(old, new, p) or old.at(p) != new.at(p)]
        for path in stale:
            del self._input_errors[path]
        if stale:
            self.errors_changed.emit()

    def _tell(self) -> None:
        """Emit what has changed of undo, redo and the reason."""
        undo, redo, reason = self._told
        self._told = (self.can_undo, self.can_redo, self.reason())
        if self.can_undo != undo:
            self.can_undo_changed.emit(self.can_undo)
        if self.can_redo != redo:
            self.can_redo_changed.emit(self.can_redo)
        if self._told[2] != reason:
            self.reason_changed.emit(self._told[2])


def _differ(a: Any, b: Any) -> bool:
    return bool(shape_of(a) != shape_of(b) if has_inner_shape(a) or has_inner_shape(b) else a != b)
