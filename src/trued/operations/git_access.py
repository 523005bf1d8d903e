"""The run's settings of the network as git takes them: hosts, certificates, proxy, credentials.

git is a second road to the network beside libcurl, so every rule about hosts is asked here too: which may be
asked at all, which without TLS, with which keys.
"""

from __future__ import annotations

import base64
import os

from trued.build.git_command import GitLimits, GitSettings
from trued.core.errors import OperationalError, Refused
from trued.core.record import dataclass, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TypeVar

    from trued.build.git import GitRequest
    from trued.index.hosts import HostRules
    from trued.index.url import Origin
    from trued.operations.session import Session
    from trued.requirements.url import Credentials

    _Result = TypeVar("_Result")

__all__ = ["GitAccess", "commit_is_proof", "git_access", "with_access"]

_REFUSED = ("could not read Username", "could not read Password", "Authentication failed")
"""What git says where a server asks who it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GitAccess:
    """How git may ask one repository; ``secrets`` are to be cut out of whatever it says."""

    settings: GitSettings
    secrets: tuple[str, ...] = ()


def git_access(session: Session, request: GitRequest, credentials: Credentials | None) -> GitAccess:
    """Return how git may ask for *request*; *credentials* are those that stood in its URL.

    Raises: Refused, with the code of the rule (TRU320, TRU321) where a host may not be asked;
    OperationalError TRU484 where the run is offline.
    """
    address = request.address
    if address.scheme == "file":
        return GitAccess(settings=_settings(session, ("file",), ()))
    if session.settings.offline:
        raise OperationalError(request.finding("TRU484", said="the run is offline"))
    rules = _rules(session)
    if address.scheme == "ssh":
        _check_ssh(request, rules)
        return GitAccess(settings=_settings(session, ("ssh",), ()))
    origin = _checked(request, rules)
    if credentials is not None:
        session.remember_credentials(address.url, credentials)
    known = session.credentials.known(origin)
    config = (
        *_authorization(address.url, known),
        *_tls(session, rules, origin),
        *_proxy(session),
        # A redirect could lead to a host that is not allowed, and would take the credentials along.
        ("http.followRedirects", "false" if known or rules.allowed else "initial"),
    )
    protocols = ("http", "https") if origin.scheme == "http" else ("https",)
    return GitAccess(settings=_settings(session, protocols, config), secrets=_secrets(known))


def with_access(
    session: Session,
    request: GitRequest,
    credentials: Credentials | None,
    work: Callable[[GitRequest, GitSettings], _Result],
) -> _Result:
    """Do *work* with what git may use; once more where a keyring has what a server asked for.

    Raises as :func:`git_access`, and what *work* raises.
    """
    access = git_access(session, request, credentials)
    try:
        return work(replace(request, secrets=access.secrets), access.settings)
    except OperationalError as failed:
        if not _is_refused(failed) or not _asks_keyring(session, request):
            raise
    access = git_access(session, request, None)
    return work(replace(request, secrets=access.secrets), access.settings)


def _is_refused(failed: OperationalError) -> bool:
    said = " ".join(finding.values.get("said", "") for finding in failed.findings)
    return any(sign in said for sign in _REFUSED)


def _asks_keyring(session: Session, request: GitRequest) -> bool:
    from trued.index.url import origin_of

    if request.address.scheme not in ("https", "http"):
        return False
    return session.credentials.after_refusal(origin_of(request.address.url)) is not None


def commit_is_proof(session: Session, url: str) -> bool:
    """Tell whether the user takes a full commit of the repository at *url* as proof (``commit-is-proof``).

    An item of it is a host, or a host and the beginning of paths on it, whole parts of them.
    """
    from trued.index.hosts import HostPattern
    from trued.index.url import InvalidUrl, origin_of

    scheme, _, rest = url.partition("://")
    if scheme not in ("https", "http", "ssh"):
        return False
    try:
        origin = origin_of(f"{'http' if scheme == 'http' else 'https'}://{rest}")
        items = [text.partition("/") for text in session.settings.commit_is_proof]
        patterns = [(HostPattern.parse(host), path.strip("/")) for host, _, path in items]
    except InvalidUrl:
        return False
    own = rest.partition("/")[2].strip("/")
    if ".." in own.split("/") or "%" in own:  # which the server may take for another path
        own = ""
    return any(
        pattern.matches(origin) and (not path or f"{own}/".startswith(f"{path}/"))
        for pattern, path in patterns
    )


def _settings(
    session: Session, protocols: tuple[str, ...], config: tuple[tuple[str, str], ...]
) -> GitSettings:
    return GitSettings(
        environ=session.environ,
        protocols=protocols,
        config=config,
        use_proxy_environment=not session.settings.no_proxy_env,
        limits=GitLimits(),
    )


def _rules(session: Session) -> HostRules:
    from trued.index.curl import host_rules
    from trued.index.settings import TransportSettings

    settings = session.settings
    return host_rules(
        TransportSettings(trusted_hosts=settings.trusted_hosts, allowed_hosts=settings.allowed_hosts)
    )


def _checked(request: GitRequest, rules: HostRules) -> Origin:
    from trued.index.failure import TransferFailed

    try:
        return rules.checked(request.address.url)
    except TransferFailed as failed:
        raise Refused(failed.finding(subject=request.text, url=request.address.url)) from failed


def _check_ssh(request: GitRequest, rules: HostRules) -> None:
    from trued.index.failure import TransferFailed

    host = request.address.host.rpartition(":")[0] or request.address.host
    if rules.allowed and not any(pattern.host == host.lower().strip("[]") for pattern in rules.allowed):
        failed = TransferFailed("TRU321", host=host)
        raise Refused(failed.finding(subject=request.text, url=request.address.url))


def _authorization(url: str, credentials: Credentials | None) -> Iterator[tuple[str, str]]:
    if credentials is not None:
        joined = f"{credentials.username}:{credentials.password}".encode()
        value = base64.b64encode(joined).decode("ascii")
        scheme, _, rest = url.partition("://")
        yield f"http.{scheme}://{rest.partition('/')[0]}/.extraHeader", f"Authorization: Basic {value}"


def _secrets(credentials: Credentials | None) -> tuple[str, ...]:
    if credentials is None:
        return ()
    joined = f"{credentials.username}:{credentials.password}".encode()
    return (credentials.password, base64.b64encode(joined).decode("ascii"))


def _tls(session: Session, rules: HostRules, origin: Origin) -> Iterator[tuple[str, str]]:
    settings = session.settings
    if rules.trusts(origin):
        yield "http.sslVerify", "false"
    ca_file = settings.only_cert or settings.cert
    if ca_file:
        yield "http.sslCAInfo", os.path.join(session.cwd, ca_file)
    if settings.client_cert:
        yield "http.sslCert", os.path.join(session.cwd, settings.client_cert)
        yield "http.sslKey", os.path.join(session.cwd, settings.client_cert)
    pins = session.pins
    keys = pins.get(f"{origin.host}:{origin.port}") or pins.get(origin.host) or ()
    if keys:
        yield "http.pinnedPubkey", ";".join(keys)
    yield "http.sslVersion", "tlsv1.2"


def _proxy(session: Session) -> Iterator[tuple[str, str]]:
    if session.settings.proxy is not None:
        yield "http.proxy", session.settings.proxy
