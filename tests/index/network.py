"""A transport under test: no real waiting, findings as sentences, one line to fetch or download."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Self

from trued.core.errors import OperationalError, TruedError
from trued.core.limits import Limits
from trued.index.credentials import CredentialSource, KeyringProvider
from trued.index.curl import CurlTransport
from trued.index.settings import TransportSettings
from trued.index.transport import Download, Downloaded, DownloadFailed, Request, Response
from trued.report.page import load_page

__all__ = ["Network", "codes", "messages"]


class Network:
    """Opens transports in a private folder, remembers how long they would have slept, and closes them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.slept: list[float] = []
        self.credentials = CredentialSource(environ={"HOME": str(folder / "home")})
        self.limits = Limits(connections=2, retries=2, connect_seconds=5.0)
        self._open: list[CurlTransport] = []
        self._numbers = count()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        for transport in self._open:
            transport.close()

    def with_home(
        self, environ: Mapping[str, str], keyring: KeyringProvider = KeyringProvider.DISABLED
    ) -> None:
        """Look for credentials as *environ* says."""
        self.credentials = CredentialSource(environ=environ, keyring=keyring)

    def transport(self, settings: TransportSettings | None = None) -> CurlTransport:
        """Open a transport; the settings' limits are this network's."""
        opened = CurlTransport(
            replace(settings or TransportSettings(), limits=self.limits),
            credentials=self.credentials,
            sleep=self.slept.append,
            chance=lambda: 0.5,
            now=lambda: 1_700_000_000.0,
        )
        self._open.append(opened)
        return opened

    def fetch(
        self, url: str, settings: TransportSettings | None = None, *, max_bytes: int = 1000
    ) -> Response:
        """Fetch *url*. Raises :class:`OperationalError`."""
        return self.transport(settings).fetch(self.request(url, max_bytes=max_bytes))

    @staticmethod
    def request(url: str, *, max_bytes: int = 1000) -> Request:
        """Return a request for *url*."""
        return Request(url=url, max_bytes=max_bytes, subject="demo")

    def refusal(self, url: str, settings: TransportSettings | None = None) -> list[str]:
        """Return the codes that fetching *url* ends with."""
        try:
            self.fetch(url, settings)
        except OperationalError as error:
            return codes(error)
        return []

    def download(
        self,
        url: str,
        settings: TransportSettings | None = None,
        *,
        max_bytes: int = 10_000_000,
        expected: int | None = None,
        algorithms: frozenset[str] = frozenset(),
    ) -> Downloaded | DownloadFailed:
        """Download *url* into a new file of the private folder."""
        download = Download(
            url=url,
            path=str(self.folder / f"download-{next(self._numbers)}"),
            max_bytes=max_bytes,
            expected=expected,
            algorithms=algorithms,
            subject="demo-1.0-py3-none-any.whl",
        )
        return next(iter(self.transport(settings).download_all([download])))


def codes(error: TruedError) -> list[str]:
    """Return the error's codes; each must have a page whose sentences can be made."""
    assert all(messages(error))
    return [finding.code for finding in error.findings]


def messages(error: TruedError) -> list[str]:
    """Return the sentences of the error's findings, made from their pages."""
    told = []
    for finding in error.findings:
        page = load_page(finding.code)
        assert page is not None
        values = {"subject": finding.subject, "place": finding.place, **finding.values}
        told.append(f"{page.message} {page.mend}".format(**values))
    return told
