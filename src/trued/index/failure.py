"""Why a transfer failed: a code and its values, and whether trying again may help."""

from __future__ import annotations

from trued.core.finding import Finding
from trued.index.url import shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from trued.index.url import Origin

__all__ = ["TransferFailed"]


class TransferFailed(Exception):
    """One failed attempt; it becomes a finding once nothing more is tried.

    ``transient`` failures are tried again, after ``retry_after`` seconds when the server names them.
    """

    def __init__(
        self, code: str, *, transient: bool = False, retry_after: float | None = None, **values: str
    ) -> None:
        super().__init__(code)
        self.code = code
        self.transient = transient
        self.retry_after = retry_after
        self.values = values
        self.origin: Origin | None = None

    def finding(self, *, subject: str, url: str) -> Finding:
        """Return the finding about *subject*, asked for at *url* (without credentials)."""
        address = shown(url)
        return Finding(code=self.code, subject=subject or address, values={"url": address, **self.values})
