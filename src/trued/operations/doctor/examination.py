"""All checks of ``trued doctor``, one family after the other; what breaks one is told as its fault."""

from __future__ import annotations

from trued.core.errors import TruedError
from trued.core.finding import Finding
from trued.core.record import dataclass, replace
from trued.operations.doctor.check import Status, skipped, told

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from trued.operations.doctor.check import Check
    from trued.operations.session import Session

__all__ = ["Examination", "examine"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """Every check that was made, in a fixed order."""

    checks: tuple[Check, ...]

    def count(self, status: Status) -> int:
        """Return how many checks came to *status*."""
        return sum(one.status is status for one in self.checks)

    @property
    def exit_status(self) -> int:
        """1 when there is a fault, else 0."""
        return int(self.count(Status.FAULT) > 0)


def examine(session: Session, arguments: Sequence[str], findings: Iterable[Finding]) -> Examination:
    """Look at everything; *findings* are those of the settings. Nothing is changed, nothing is raised."""
    from trued.operations.doctor.certificates import certificate_checks
    from trued.operations.doctor.configuration import configuration_checks
    from trued.operations.doctor.databases import advisory_checks, known_checks, root_checks
    from trued.operations.doctor.environment import environment_checks, target_of
    from trued.operations.doctor.expiry import expiry_checks
    from trued.operations.doctor.storage import storage_checks
    from trued.operations.doctor.tools import tool_checks

    # Once, and soon: whoever asks what is wrong does not want to wait for the fifth attempt.
    session.settings = replace(session.settings, retries=0, timeout=min(session.settings.timeout, 5.0))
    target = target_of(session, arguments)
    families: Sequence[tuple[str, Callable[[], Iterator[Check]]]] = (
        ("settings", lambda: configuration_checks(session, findings)),
        ("environment", lambda: environment_checks(target)),
        ("index", lambda: _network(session)),
        ("certificates", lambda: certificate_checks(session)),
        ("store", lambda: storage_checks(session, target)),
        ("known-files", lambda: known_checks(session)),
        ("advisories", lambda: advisory_checks(session)),
        ("trusted-root", lambda: root_checks(session)),
        ("expiry", lambda: expiry_checks(session)),
        ("tools", lambda: tool_checks(session)),
    )
    return Examination(checks=tuple(one for name, family in families for one in _made(name, family)))


def _made(name: str, family: Callable[[], Iterator[Check]]) -> Iterator[Check]:
    """Yield the checks of *family*; where it cannot go on, that is the last of them."""
    try:
        yield from family()
    except TruedError as error:
        yield from told(name, error.findings)
    except OSError as error:
        values = {"reason": error.strerror or str(error)}
        yield from told(name, [Finding(code="TRU974", subject=str(error.filename or name), values=values)])


def _network(session: Session) -> Iterator[Check]:
    from trued.operations.doctor.network import ask_indexes, clock_checks, network_checks

    if session.settings.offline:
        yield skipped("index", "--offline asks nobody")
        yield skipped("clock", "--offline asks nobody")
        return
    answers = ask_indexes(session)
    yield from network_checks(session, answers)
    yield from clock_checks(session, answers)
