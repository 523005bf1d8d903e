"""The JSON interface of an index, which lists the known vulnerabilities of a release. No I/O here.

It lives beside the Simple API of the index in use: ``…/simple/`` becomes ``…/pypi/NAME/VERSION/json``. It
knows neither severities nor ranges, and matches versions as text. An index answers 404 for what it does not
have, and for what it has put into quarantine: such a release was not audited.
"""

from __future__ import annotations

from trued.advisories.malware import is_malware
from trued.advisories.matching import Affected, How, Indeterminate, Match, Reason
from trued.advisories.record import AffectedProject, Record, Reference
from trued.advisories.service import ServiceRequest, parsed_object
from trued.advisories.timestamp import InvalidTimestamp, sortable_time
from trued.advisories.version_key import version_key
from trued.core.errors import OperationalError
from trued.core.finding import Finding
from trued.core.names import normalize
from trued.core.record import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from trued.advisories.subject import AuditSubject

__all__ = ["IndexAnswer", "index_request", "read_index_answer"]

_CODE = "TRU821"
_UNRESERVED = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~!")


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexAnswer:
    """What the index says of one release. ``is_known`` is false for a 404: nothing was audited then."""

    subject: AuditSubject
    is_known: bool
    matches: tuple[Match, ...] = ()


def index_request(index_url: str, subject: AuditSubject) -> ServiceRequest | None:
    """Return the request for one release, ``None`` when the index's address is not of the form ``…/simple``.

    A local label is left out of the address: the index has the public version.
    """
    base = index_url.rstrip("/")
    if not base.endswith("/simple") or "?" in base or "#" in base:
        return None
    public = subject.version.partition("+")[0]
    place = f"{_quoted(subject.project)}/{_quoted(public)}/json"
    url = f"{base.removesuffix('/simple')}/pypi/{place}"
    return ServiceRequest(url=url, expected=frozenset({200, 404}))


def read_index_answer(subject: AuditSubject, *, url: str, status: int, body: bytes) -> IndexAnswer:
    """Read the answer for one release; *url* is for errors and holds no credentials.

    Raises :class:`OperationalError` (TRU821) for a status other than 200 and 404, and for an answer that is
    cut off, about another release, or without its list of vulnerabilities.
    """
    if status == 404:
        return IndexAnswer(subject=subject, is_known=False)
    if status != 200:
        raise _unusable(url, f"its status is {status}")
    document = parsed_object(body, code=_CODE, subject=url)
    _check_release(document.get("info"), subject, url)
    listed = document.get("vulnerabilities")
    if not isinstance(listed, list):
        raise _unusable(url, "it has no list of vulnerabilities")
    matches = [_match(subject, each, url) for each in listed]
    return IndexAnswer(
        subject=subject, is_known=True, matches=tuple(match for match in matches if match is not None)
    )


def _check_release(info: object, subject: AuditSubject, url: str) -> None:
    name = info.get("name") if isinstance(info, dict) else None
    version = info.get("version") if isinstance(info, dict) else None
    if not isinstance(name, str) or not isinstance(version, str) or normalize(name) != subject.project:
        raise _unusable(url, "it is about another project")
    public = subject.version.partition("+")[0]
    if version != public and (version_key(version) is None or version_key(version) != version_key(public)):
        raise _unusable(url, "it is about another release")


def _match(subject: AuditSubject, listed: object, url: str) -> Match | None:
    if not isinstance(listed, dict):
        raise _unusable(url, "a vulnerability is no object")
    record = _record(subject, listed, url)
    if record.withdrawn:
        return None
    own = version_key(subject.version) or ""
    keys = {version_key(fix): fix for fix in _texts(listed, "fixed_in", url)}
    above = sorted((key, fix) for key, fix in keys.items() if key is not None and key > own)
    is_local = "+" in subject.version
    return Match(
        subject=subject,
        record=record,
        verdict=Indeterminate(Reason.LOCAL) if is_local else Affected(How.SERVICE),
        fixed_in=tuple(fix for _, fix in above),
    )


def _record(subject: AuditSubject, listed: Mapping[str, object], url: str) -> Record:
    identifier = listed.get("id")
    if not isinstance(identifier, str) or not identifier:
        raise _unusable(url, "a vulnerability has no id")
    aliases = _texts(listed, "aliases", url)
    summary, details, link = (_text(listed, name) for name in ("summary", "details", "link"))
    return Record(
        id=identifier,
        modified="",
        withdrawn=_withdrawn(listed.get("withdrawn"), url),
        aliases=aliases,
        summary=summary,
        details=details,
        affected=(AffectedProject(project=subject.project, versions=(subject.version,)),),
        references=(Reference("WEB", link),) if link else (),
        is_malware=is_malware((identifier, *aliases), {}, summary, details),
    )


def _withdrawn(value: object, url: str) -> str:
    if value is None:
        return ""
    try:
        return sortable_time(value if isinstance(value, str) else "")
    except InvalidTimestamp as error:
        raise _unusable(url, "it does not say clearly whether a vulnerability was withdrawn") from error


def _texts(value: Mapping[str, object], name: str, url: str) -> tuple[str, ...]:
    found = value.get(name, [])
    if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
        raise _unusable(url, f"{name} of a vulnerability is no list of names")
    return tuple(found)


def _text(value: Mapping[str, object], name: str) -> str:
    found = value.get(name)
    return found if isinstance(found, str) else ""


def _quoted(text: str) -> str:
    return "".join(c if c in _UNRESERVED else "".join(f"%{byte:02X}" for byte in c.encode()) for c in text)


def _unusable(url: str, detail: str) -> OperationalError:
    return OperationalError(Finding(code=_CODE, subject=url, values={"detail": detail}))
