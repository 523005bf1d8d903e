"""The environment that a run changes. One that was made for it does not outlive its failure."""

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

    __slots__ = ("_session", "_stood", "_target")

    def __init__(self, session: Session) -> None:
        self._session = session

    def __enter__(self) -> Target:
        settings = self._session.settings
        self._stood = bool(settings.venv) and os.path.isdir(
            os.path.join(self._session.cwd, settings.venv or "")
        )
        self._target = self._session.find_target(writing=not settings.dry_run)
        return self._target

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is not None and self._target.is_new:
            from trued.environment.virtual import take_back

            take_back(self._target.prefix, self._target.libraries, stood=self._stood)
