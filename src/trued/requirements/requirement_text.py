"""One requirement, from text: PEP 508, or pip's own forms (a URL, a path, ``-e``).

The order in which a text is tried is pip's (``req/constructors.py``). A plain ``name[extra]==1.0`` is read
without ``packaging``, whose import alone costs more than reading a whole pinned file.
"""

from __future__ import annotations

import os
import re

from trued.core.distribution import is_wheel_name
from trued.core.filenames import parse_wheel_name
from trued.core.names import ProjectName, is_valid_name, normalize
from trued.core.record import dataclass, replace
from trued.requirements.allowed import Allowed
from trued.requirements.digests import fragment_parts
from trued.requirements.model import Kind, Requirement
from trued.requirements.plain_dependency import read_plain
from trued.requirements.plain_specifier import clauses
from trued.requirements.url import (
    VCS_SCHEMES,
    filename_of,
    scheme_of,
    split_credentials,
    split_fragment,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from trued.core.digest import Digest
    from trued.core.finding import Place
    from trued.requirements.problems import Problems

__all__ = ["AskedLine", "read_editable", "read_requirement"]

_PLAIN = re.compile(
    r"(?P<name>[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)"
    r"(?:\[(?P<extras>[A-Za-z0-9._,-]+)\])?"
    r"==(?P<version>[0-9]+(?:\.[0-9]+)*(?:(?:a|b|rc|alpha|beta)[0-9]+)?(?:\.post[0-9]+)?(?:\.dev[0-9]+)?)"
)
_TRAILING_EXTRAS = re.compile(r"(.+)\[([^\[\]]+)\]")
_ARCHIVES = (
    *(".whl", ".zip", ".tar.gz", ".tgz", ".tar", ".tar.bz2", ".tbz"),
    *(".tar.xz", ".txz", ".tlz", ".tar.lz", ".tar.lzma"),
)
_LISTS = (".txt", ".in", ".toml", ".lock", ".cfg")
"""What files that list requirements, locks and project files end in, and names of projects hardly ever do."""
_PROJECT_FILES = ("pyproject.toml", "setup.py")
_GLUED_OPTION = re.compile(r"[^ ]--(?:hash|config-settings)\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedLine:
    """A requirement's line with its options read: what :func:`read_requirement` works on.

    ``hide`` makes a text fit to be shown (no credentials, no values of variables).
    """

    text: str
    place: Place
    hide: Callable[[str], str]
    listed: frozenset[Digest] = frozenset()
    config_settings: tuple[tuple[str, str], ...] = ()
    constraint: bool = False


class _Unreadable(Exception):
    """The line is no requirement; carries the finding's code and values."""

    def __init__(self, code: str, **values: str) -> None:
        super().__init__(code)
        self.code = code
        self.values = values


def read_requirement(line: AskedLine, problems: Problems) -> Requirement | None:
    """Parse a requirement that is not editable; what is wrong goes to *problems*, and ``None`` comes back."""
    return _guarded(_requirement, line, problems)


def read_editable(line: AskedLine, problems: Problems) -> Requirement | None:
    """Parse the value of ``-e``; what is wrong goes to *problems*, and ``None`` comes back."""
    return _guarded(_editable, line, problems)


def _guarded(
    read: Callable[[AskedLine, Problems], Requirement], line: AskedLine, problems: Problems
) -> Requirement | None:
    shown = line.hide(line.text)
    try:
        requirement = read(line, problems)
        _check_constraint(requirement)
    except _Unreadable as error:
        values = {key: line.hide(value) for key, value in error.values.items()}
        problems.error(error.code, line.place, shown, **values)
        return None
    return requirement


def _requirement(line: AskedLine, problems: Problems) -> Requirement:
    text = line.text
    if _GLUED_OPTION.search(text):
        raise _Unreadable("TRU114")
    plain = _PLAIN.fullmatch(text)
    if plain is not None:
        return replace(
            _blank(line, Kind.NAMED),
            project=normalize(plain["name"]),
            extras=_extras(plain["extras"]),
            specifier=f"=={plain['version']}",
        )
    body, semicolon, marker = text.partition("; " if scheme_of(text) else ";")
    body, marker = body.strip(), marker.strip()
    found = _unmarked(body, line, problems)
    return replace(found, marker=_checked_marker(marker) if semicolon and marker else None)


def _unmarked(body: str, line: AskedLine, problems: Problems) -> Requirement:
    if scheme_of(body):
        return _at_url(body, line, problems)
    bare, extras = _split_extras(body)
    path = os.path.abspath(bare)
    if _looks_like_a_path(body) and os.path.isdir(path):
        return replace(_at_directory(path, line), extras=extras)
    if bare.lower().endswith(_ARCHIVES):
        if os.path.isfile(path):
            return replace(_at_file(path, line), extras=extras)
        before_at, at, _ = body.partition("@")
        if not at or _looks_like_a_path(before_at):
            raise _Unreadable("TRU142", path=bare)
    if bare.lower().endswith(_LISTS):
        raise _Unreadable("TRU169" if os.path.isfile(path) else "TRU142", path=bare)
    return _pep508(body, line, problems)


def _pep508(body: str, line: AskedLine, problems: Problems) -> Requirement:
    plain = read_plain(body)
    known = clauses(plain.specifier) if plain is not None else None
    if plain is not None and known is not None and plain.marker is None:
        found = _blank(line, Kind.NAMED)
        extras = frozenset(plain.extras)
        return replace(found, project=plain.project, extras=extras, specifier=",".join(known))
    from packaging.requirements import InvalidRequirement
    from packaging.requirements import Requirement as Pep508

    try:
        parsed = Pep508(body)
    except InvalidRequirement as error:
        raise _not_pep508(body, str(error).partition("\n")[0]) from error
    extras = frozenset(map(normalize, parsed.extras))
    project = normalize(parsed.name)
    if parsed.url is None:
        blank = _blank(line, Kind.NAMED)
        return replace(blank, project=project, extras=extras, specifier=str(parsed.specifier))
    if scheme_of(parsed.url) is None:
        raise _Unreadable("TRU141", url=parsed.url)
    found = _at_url(parsed.url, line, problems)
    if found.project is not None and found.project != project:
        raise _Unreadable("TRU145", asked=project, found=found.project)
    return replace(found, project=project, extras=extras)


def _not_pep508(body: str, reason: str) -> _Unreadable:
    if _looks_like_a_path(body) and "@" not in body:
        if "#" in body:
            reason = "a path takes no fragment; write --hash, or a file:// URL"
            return _Unreadable("TRU140", reason=reason)
        return _Unreadable("TRU169" if os.path.isfile(body) else "TRU142", path=body)
    if "=" in body and not any(operator in body for operator in ("==", "<=", ">=", "~=", "!=")):
        reason = "= is no operator; == pins a version"
    return _Unreadable("TRU140", reason=reason)


def _at_url(text: str, line: AskedLine, problems: Problems) -> Requirement:
    base, fragment = split_fragment(text)
    bound, parts = fragment_parts(
        fragment, place=line.place, subject=line.hide(line.text), hide=line.hide, problems=problems
    )
    name, extras = _egg(parts.get("egg", "")), frozenset[str]()
    scheme = scheme_of(base)
    if scheme == "file":
        found = _at_path(_path_of(base), line)
    elif scheme in VCS_SCHEMES:
        found = _remote(base, line, Kind.VCS)
    else:
        bare, trailing = _split_extras(base) if base.endswith("]") else (base, extras)
        if bare.lower().endswith(_ARCHIVES):
            base, extras = bare, trailing
        found = _remote(base, line, Kind.URL)
    if name and found.project not in (None, name):
        raise _Unreadable("TRU145", asked=name, found=str(found.project))
    return replace(
        found,
        project=found.project or name,
        extras=extras,
        subdirectory=parts.get("subdirectory"),
        allowed=Allowed(bound=bound).merged(found.allowed),
    )


def _remote(base: str, line: AskedLine, kind: Kind) -> Requirement:
    if "\\" in base or base.split() != [base]:
        # Some readers of URLs take a backslash for a slash and leave out tabs: two would see two addresses.
        raise _Unreadable("TRU141", url=base)
    url, credentials = split_credentials(base)
    found = replace(_blank(line, kind), url=url, credentials=credentials)
    return found if kind is Kind.VCS else _with_wheel_name(found, filename_of(url))


def _at_path(path: str, line: AskedLine) -> Requirement:
    if os.path.isdir(path):
        return _at_directory(path, line)
    if not os.path.isfile(path):
        raise _Unreadable("TRU142", path=path)
    return _at_file(path, line)


def _at_directory(path: str, line: AskedLine) -> Requirement:
    if not any(os.path.isfile(os.path.join(path, name)) for name in _PROJECT_FILES):
        raise _Unreadable("TRU143", path=path)
    return replace(_blank(line, Kind.DIRECTORY), path=path)


def _at_file(path: str, line: AskedLine) -> Requirement:
    return _with_wheel_name(replace(_blank(line, Kind.FILE), path=path), os.path.basename(path))


def _with_wheel_name(found: Requirement, filename: str) -> Requirement:
    """Take project and version from a wheel's name; an sdist's name does not tell them apart for certain."""
    if not is_wheel_name(filename):
        return found
    wheel = parse_wheel_name(filename)
    if wheel is None or not is_valid_name(wheel.project) or not _is_version(wheel.version):
        raise _Unreadable("TRU144", filename=filename)
    return replace(found, project=wheel.project, specifier=f"=={wheel.version}")


def _editable(line: AskedLine, problems: Problems) -> Requirement:
    text = line.text
    body, extras = _split_extras(text)
    if os.path.isdir(body):
        found = replace(_at_directory(os.path.abspath(body), line), extras=extras)
    elif scheme_of(text):
        found = _at_url(text, line, problems)
    elif text.lower().startswith(("git:", "hg:", "svn:", "bzr:")):
        found = _at_url(f"{text.partition(':')[0].lower()}+{text}", line, problems)
    else:
        found = _requirement(line, problems)
    if found.kind not in (Kind.DIRECTORY, Kind.VCS):
        raise _Unreadable("TRU149", reason="it is neither a folder nor a version control URL")
    if found.kind is Kind.VCS and found.project is None:
        raise _Unreadable("TRU149", reason="it does not tell the project's name; write name @ URL")
    return replace(found, kind=Kind.EDITABLE)


def _check_constraint(requirement: Requirement) -> None:
    if not requirement.constraint:
        return
    if requirement.kind is Kind.EDITABLE:
        raise _Unreadable("TRU147")
    if requirement.project is None:
        raise _Unreadable("TRU146")
    if requirement.extras:
        raise _Unreadable("TRU148")


def _blank(line: AskedLine, kind: Kind) -> Requirement:
    return Requirement(
        place=line.place,
        text=line.hide(line.text),
        kind=kind,
        project=None,
        allowed=Allowed(alternatives=(line.listed,) if line.listed else ()),
        config_settings=line.config_settings,
        constraint=line.constraint,
    )


def _checked_marker(text: str) -> str:
    from packaging.markers import InvalidMarker, UndefinedComparison

    from trued.requirements.pep508 import read_marker

    try:
        marker = read_marker(text)
        if "~=" in text or "===" in text:  # the operators of versions, which are none of other texts
            marker.evaluate()
    except (InvalidMarker, UndefinedComparison) as error:
        raise _Unreadable("TRU140", reason=str(error).partition("\n")[0]) from error
    return text


def _is_version(text: str) -> bool:
    if _PLAIN.fullmatch(f"x=={text}"):
        return True
    from packaging.version import InvalidVersion, Version

    try:
        Version(text)
    except InvalidVersion:
        return False
    return True


def _looks_like_a_path(text: str) -> bool:
    return os.sep in text or bool(os.altsep and os.altsep in text) or text.startswith(".")


def _split_extras(text: str) -> tuple[str, frozenset[str]]:
    match = _TRAILING_EXTRAS.fullmatch(text)
    return (text, frozenset()) if match is None else (match[1].rstrip(), _extras(match[2]))


def _extras(text: str | None) -> frozenset[str]:
    names = [name.strip() for name in text.split(",")] if text else []
    wrong = next((name for name in names if not is_valid_name(name)), None)
    if wrong is not None:
        raise _Unreadable("TRU140", reason=f"{wrong!r} is no extra's name")
    return frozenset(map(normalize, names))


def _egg(text: str) -> ProjectName | None:
    if text and not is_valid_name(text):
        raise _Unreadable("TRU140", reason=f"{text!r} after #egg= is no project's name")
    return normalize(text) if text else None


def _path_of(url: str) -> str:
    """Return the absolute path that a ``file:`` URL names (RFC 8089; only this machine's files)."""
    from urllib.parse import urlsplit
    from urllib.request import url2pathname

    parts = urlsplit(url)
    if parts.netloc not in ("", "localhost") and os.name != "nt":
        raise _Unreadable("TRU140", reason=f"{parts.netloc} is another machine")
    share = f"//{parts.netloc}" if parts.netloc not in ("", "localhost") else ""
    return os.path.abspath(url2pathname(share + parts.path))
