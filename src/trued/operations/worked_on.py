"""The environment that a run changes: made for it where ``--venv`` names a missing one, and then not left empty."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from trued.environment.target import Target
    from trued.operations.session import Session

__all__ = ["WorkedOn"]


class WorkedOn:
    """The environment of a run; a context manager that leaves nothing of one that was made for a failed run.

    Entering it raises as :meth:`trued.operations.session.Session.find_target`.
    """

    __slots__ = ("_is_new", "_session", "_stood", "_target")

    def __init__(self, session: Session) -> None:
        self._session = session

    def __enter__(self) -> Target:
        settings = self._session.settings
        is_elsewhere = settings.target or settings.prefix or settings.root or settings.user
        folder = os.path.join(self._session.cwd, settings.venv or "")
        self._stood = os.path.isdir(folder)
        there = os.path.lexists(os.path.join(folder, "pyvenv.cfg"))
        self._is_new = bool(settings.venv) and not (settings.dry_run or is_elsewhere or there)
        self._target = self._session.find_target(writing=not settings.dry_run)
        return self._target

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None or not self._is_new:
            return
        from trued.environment.virtual import take_back

        take_back(self._target.prefix, self._target.libraries, stood=self._stood)
