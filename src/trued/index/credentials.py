"""Credentials for http: from URLs, from netrc, from a keyring; each for its own host and no other.

The order is pip's: the URL itself, the index URL of the same origin, netrc, and after a refusal the keyring.
Nothing here ever shows a user name or password: objects hide them, findings name the host only.
"""

from __future__ import annotations

import os
from enum import Enum

from trued.core.finding import Finding, Level
from trued.index.keyring_lookup import keyring_credentials
from trued.index.url import InvalidUrl, Origin, origin_of
from trued.requirements.url import Credentials, split_credentials

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["CredentialSource", "KeyringProvider"]


class KeyringProvider(Enum):
    """How a keyring is asked: pip's ``--keyring-provider``."""

    AUTO = "auto"
    DISABLED = "disabled"
    IMPORT = "import"
    SUBPROCESS = "subprocess"


class CredentialSource:
    """Knows the credentials of each origin.

    *environ* is read for ``NETRC`` and the home folder. The netrc file and the keyring are opened when a
    host is asked that no URL gave credentials for, and not before.
    """

    def __init__(
        self, *, environ: Mapping[str, str], keyring: KeyringProvider = KeyringProvider.DISABLED
    ) -> None:
        self._environ = environ
        self._keyring = keyring
        self._by_origin: dict[Origin, Credentials] = {}
        self._services: dict[Origin, list[str]] = {}
        self._asked: set[Origin] = set()
        self._netrc: dict[str, Credentials] | None = None
        self._findings: list[Finding] = []

    def __repr__(self) -> str:
        return f"CredentialSource({len(self._by_origin)} origins)"

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was noticed: a netrc file that others can read or that cannot be parsed, a failing keyring."""
        return tuple(self._findings)

    def remember(self, url: str) -> str:
        """Return *url* without credentials; those it held serve its whole origin from now on."""
        bare, credentials = split_credentials(url)
        try:
            origin = origin_of(bare)
        except InvalidUrl:
            return bare
        self._services.setdefault(origin, []).append(bare)
        if credentials is not None:
            self.add(origin, credentials)
        return bare

    def leave_keyring(self) -> None:
        """Ask no keyring: it may ask the user, who is to be asked by one process only."""
        self._keyring = KeyringProvider.DISABLED

    def add(self, origin: Origin, credentials: Credentials) -> None:
        """Use *credentials* for *origin*."""
        self._by_origin[origin] = credentials

    def known(self, origin: Origin, *, redirected: bool = False) -> Credentials | None:
        """Return what to send to *origin* unasked.

        After a redirect only credentials that name this very host are sent: netrc's ``default`` entry would
        hand a password to any host that a server points to.
        """
        own = self._by_origin.get(origin)
        if own is not None:
            return own
        entries = self._read_netrc()
        return entries.get(origin.host) or (None if redirected else entries.get(""))

    def after_refusal(self, origin: Origin) -> Credentials | None:
        """Return what a keyring holds for *origin* once the server has said 401; asked once an origin."""
        if self._keyring is KeyringProvider.DISABLED or origin in self._asked:
            return None
        self._asked.add(origin)
        known = self._by_origin.get(origin)
        found, problem = keyring_credentials(
            [*self._services.get(origin, ()), origin.netloc],
            username=known.username if known else None,
            by_command=self._keyring is KeyringProvider.SUBPROCESS,
        )
        if problem:
            self._note("TRU333", origin.netloc, reason=problem)
        if found is not None and found != known:
            self.add(origin, found)
            return found
        return None

    def _note(self, code: str, subject: str, **values: str) -> None:
        self._findings.append(Finding(code=code, level=Level.WARNING, subject=subject, values=values))

    def _read_netrc(self) -> dict[str, Credentials]:
        if self._netrc is None:
            path = self._netrc_path()
            self._netrc = self._parsed_netrc(path) if path else {}
        return self._netrc

    def _netrc_path(self) -> str:
        named = self._environ.get("NETRC", "")
        if named:
            return named if os.path.isfile(named) else ""
        home = self._environ.get("HOME") or self._environ.get("USERPROFILE", "")
        candidates = (os.path.join(home, name) for name in (".netrc", "_netrc")) if home else ()
        return next((path for path in candidates if os.path.isfile(path)), "")

    def _parsed_netrc(self, path: str) -> dict[str, Credentials]:
        """Return the entries by host, ``default`` under the empty name."""
        import netrc

        try:
            if os.name == "posix" and os.stat(path).st_mode & 0o077:
                self._note("TRU326", path, reason="other users of this machine may read it (chmod 600)")
            hosts = netrc.netrc(path).hosts
        except (OSError, UnicodeDecodeError) as error:
            self._note("TRU326", path, reason=f"it cannot be read: {error.__class__.__name__}")
            return {}
        except netrc.NetrcParseError as error:
            self._note("TRU326", path, reason=f"line {error.lineno} cannot be parsed, so no entry is used")
            return {}
        return {
            "" if host == "default" else host.lower(): Credentials(login or "", password or "")
            for host, (login, _, password) in hosts.items()
        }
