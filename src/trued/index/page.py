"""A page of the Simple API, in either form, read into a :class:`~trued.index.project_page.ProjectPage`.

https://packaging.python.org/en/latest/specifications/simple-repository-api/ : HTML (PEP 503) and JSON
(PEP 691) with yanked (592), versions (629, 700), metadata (658, 714), provenance (740) and status (792).
"""

from __future__ import annotations

from collections.abc import Mapping

from trued.core.errors import OperationalError
from trued.core.finding import Finding, Level
from trued.core.names import ProjectName, normalize
from trued.index.entry import Source
from trued.index.project_page import ProjectPage, Release
from trued.index.url import InvalidUrl, shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from trued.index.html_page import HtmlPage

__all__ = ["ACCEPT", "ProjectPage", "Release", "parse_page"]

ACCEPT = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.01"
"""The forms a page is asked for, JSON by preference (PEP 691, "Version + Format Selection")."""

_SUPPORTED = (1, 4)
_VENDOR = "application/vnd.pypi.simple."
_STATUSES = {"archived": Level.NOTE, "deprecated": Level.WARNING, "quarantined": Level.ERROR}


def parse_page(
    body: bytes, *, content_type: str, url: str, project: ProjectName, index: str, names_project: bool = True
) -> ProjectPage:
    """Read a page in either form.

    *url* is where it was fetched from in the end, *index* the name its files carry. Raises
    :class:`OperationalError` when it is neither form, cannot be read, is another project's page, or speaks a
    major version that trued does not know (PEP 629: clients must refuse it).
    """
    media_type = content_type.partition(";")[0].strip().lower()
    form = _form(media_type, subject=project or index, url=url)
    if form == "json":
        return _from_json(body, url=url, project=project, index=index)
    return _from_html(
        _text(body, content_type), url=url, project=project, index=index, names_project=names_project
    )


def _form(media_type: str, *, subject: str, url: str) -> str:
    if media_type in {"text/html", "application/xhtml+xml"}:
        return "html"
    if media_type == "application/json":
        return "json"
    if media_type.startswith(_VENDOR):
        version, _, form = media_type[len(_VENDOR) :].partition("+")
        if version == "v1" and form in {"json", "html"}:
            return form
        raise _unusable("TRU342", subject, url=url, version=version.removeprefix("v"))
    raise _unusable("TRU340", subject, url=url, content_type=media_type or "nothing")


def _unusable(code: str, subject: str, *, url: str, **values: str) -> OperationalError:
    return OperationalError(Finding(code=code, subject=subject, values={"url": shown(url), **values}))


def _text(body: bytes, content_type: str) -> str:
    """Decode a page by its declared charset, else UTF-8; names that matter are ASCII, so nothing is lost."""
    charset = "utf-8"
    for parameter in content_type.split(";")[1:]:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset" and value.strip(" \"'"):
            charset = value.strip(" \"'")
    try:
        return body.decode(charset, errors="replace")
    except LookupError:
        return body.decode("utf-8", errors="replace")


def _from_json(body: bytes, *, url: str, project: ProjectName, index: str) -> ProjectPage:
    import json

    try:
        document: object = json.loads(body)
    except (ValueError, RecursionError):
        raise _unusable("TRU341", project, url=url, reason="the JSON does not end well") from None
    if not isinstance(document, Mapping):
        raise _unusable("TRU341", project, url=url, reason="it is no JSON object")
    meta = document.get("meta")
    meta = meta if isinstance(meta, Mapping) else {}
    notes = _version_notes(meta.get("api-version", "1.0"), project, url)
    files, name = document.get("files"), document.get("name")
    if not isinstance(files, list):
        raise _unusable("TRU341", project, url=url, reason="it has no list of files")
    if isinstance(name, str) and normalize(name) != project:
        raise _unusable("TRU344", project, url=url, name=name[:200])
    status, reason = _json_status(document.get("project-status"))
    versions = document.get("versions")
    return ProjectPage(
        project=project,
        index=index,
        sources=[Source(url=url, index=index, entries=tuple(files))],
        versions=tuple(v for v in versions if isinstance(v, str)) if isinstance(versions, list) else (),
        status=status,
        status_reason=reason,
        findings=notes + _status_notes(status, reason, project=project, index=index),
    )


def _json_status(value: object) -> tuple[str, str]:
    if not isinstance(value, Mapping):
        return "active", ""
    status, reason = value.get("status"), value.get("reason")
    return (
        status if isinstance(status, str) and status else "active",
        reason if isinstance(reason, str) else "",
    )


def _from_html(text: str, *, url: str, project: ProjectName, index: str, names_project: bool) -> ProjectPage:
    page = _read_html(text, url=url, subject=project or index)
    notes = _version_notes(page.meta.get("pypi:repository-version", "1.0"), project or index, url)
    status = page.meta.get("pypi:project-status", "active")
    reason = page.meta.get("pypi:project-status-reason", "")
    source = Source(url=page.base, index=index, entries=tuple(page.entries), names_project=names_project)
    return ProjectPage(
        project=project,
        index=index,
        sources=[source],
        status=status,
        status_reason=reason,
        findings=notes + _status_notes(status, reason, project=project, index=index),
    )


def _read_html(text: str, *, url: str, subject: str) -> HtmlPage:
    try:
        from trued.index.html_page import read_html

        return read_html(text, url=url)
    except (InvalidUrl, AssertionError) as problem:  # html.parser asserts on some broken declarations
        reason = problem.reason if isinstance(problem, InvalidUrl) else "its markup cannot be followed"
        raise _unusable("TRU341", subject, url=url, reason=reason) from None


def _version_notes(version: object, subject: str, url: str) -> tuple[Finding, ...]:
    """Refuse an unknown major version, tell of a newer minor one (PEP 629)."""
    major, dot, minor = str(version).partition(".")
    if not (major.isdecimal() and (not dot or minor.isdecimal())) or int(major) != _SUPPORTED[0]:
        raise _unusable("TRU342", subject, url=url, version=str(version)[:40])
    if int(minor or 0) <= _SUPPORTED[1]:
        return ()
    values = {"url": shown(url), "version": str(version)[:40], "known": f"{_SUPPORTED[0]}.{_SUPPORTED[1]}"}
    return (Finding(code="TRU343", level=Level.NOTE, subject=subject, values=values),)


def _status_notes(status: str, reason: str, *, project: ProjectName, index: str) -> tuple[Finding, ...]:
    """Tell of a project that is not active (PEP 792); an unknown marker is told as a note."""
    if status == "active":
        return ()
    values = {"status": status[:40], "reason": reason[:400] or "no reason given", "index": index}
    level = _STATUSES.get(status, Level.NOTE)
    return (Finding(code="TRU348", level=level, subject=project, values=values),)
