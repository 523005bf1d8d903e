"""Which indexes a project of another tool names, and what of it goes into the policy.

pip merges its indexes, and the highest version wins, whoever offers it (CVE-2018-20225). Here each project
that does not come from the first index is bound to its own, by name.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from trued.config.origin import Origin, Source
from trued.config.settings import IndexSetting
from trued.core.finding import Finding, Level, Place
from trued.core.record import dataclass, replace
from trued.operations.policy_template import toml_text
from trued.requirements.url import split_credentials

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from trued.operations.session import Session
    from trued.requirements.lock.model import Lock

__all__ = [
    "NamedIndexes",
    "bound_indexes",
    "index_lines",
    "named_in_pip_conf",
    "with_lock_indexes",
    "with_named",
]

PIP_CONF = ("pip.conf", "pip.ini")


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedIndexes:
    """What a ``pip.conf`` in the project's folder says: the index (perhaps empty), further ones, findings."""

    first: str = ""
    further: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()


def named_in_pip_conf(folder: str) -> NamedIndexes:
    """Read the ``pip.conf`` of *folder*, which pip itself reads only where ``PIP_CONFIG_FILE`` names it."""
    import configparser

    name = next((name for name in PIP_CONF if os.path.isfile(os.path.join(folder, name))), "")
    if not name:
        return NamedIndexes()
    parser = configparser.RawConfigParser()
    try:
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            parser.read_file(file, source=name)
    except (configparser.Error, UnicodeDecodeError, OSError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error).partition("\n")[0]
        values = {"what": f"it cannot be read: {reason}"}
        return NamedIndexes(findings=(_note(name, Level.WARNING, values),))
    first, further, findings = "", [], []
    for section in ("global", "install"):
        for key, text in parser.items(section) if parser.has_section(section) else ():
            urls = [_bare(url) for url in text.split()]
            if key in ("index-url", "index_url") and urls:
                first = urls[0]
            elif key in ("extra-index-url", "extra_index_url"):
                further = urls
            else:
                what = f"its {section}.{key} is not taken over: it is the user's to say"
                findings.append(_note(name, Level.NOTE, {"what": what}))
    return NamedIndexes(first=first, further=tuple(further), findings=tuple(findings))


def _note(name: str, level: Level, values: Mapping[str, str]) -> Finding:
    return Finding(code="TRU927", level=level, subject=name, place=Place(name), values=values)


def _bare(url: str) -> str:
    return split_credentials(url)[0]


def first_index(session: Session) -> str:
    """Return the address of the index that is asked first."""
    from trued.index.default import default_index_url

    return _address(session.settings.index_url or default_index_url())


def with_lock_indexes(session: Session, lock: Lock) -> tuple[IndexSetting, ...]:
    """Return an index for each address that *lock* names and the settings do not, bound to its projects.

    What the lock has from the public index is asked of the index that the user has set instead.
    """
    from trued.index.default import default_index_url
    from trued.operations.indexes import index_urls
    from trued.requirements.model import FileOptions

    known = {_address(url) for url in (default_index_url(), *index_urls(session, FileOptions()))}
    return _bound(lock, known, {index.name for index in session.settings.indexes})


def bound_indexes(session: Session, lock: Lock) -> tuple[IndexSetting, ...]:
    """Return what the policy has to bind: every index of *lock* but the first and those bound already."""
    known = {first_index(session)}
    known |= {_address(index.url) for index in session.settings.indexes if _is_users(index)}
    return _bound(lock, known, {index.name for index in session.settings.indexes if _is_users(index)})


def _is_users(index: IndexSetting) -> bool:
    """Tell whether the index stands in a file; those of the run itself are still to be written."""
    return bool(index.origin.file)


def _bound(lock: Lock, known: set[str], names: set[str]) -> tuple[IndexSetting, ...]:
    projects: dict[str, set[str]] = {}
    for package in lock.packages:
        if package.index and _address(package.index) not in known:
            projects.setdefault(_address(package.index), set()).add(package.project)
    made = []
    for url, bound in sorted(projects.items()):
        name = _name(url, names)
        names = names | {name}
        origin = Origin(source=Source.FLAG, name="migrate")
        made.append(IndexSetting(name=name, url=url, projects=frozenset(bound), origin=origin))
    return tuple(made)


def _address(url: str) -> str:
    return f"{_bare(url).rstrip('/')}/"


def _name(url: str, taken: set[str]) -> str:
    host = re.sub(r"[^a-z0-9]+", "-", url.partition("//")[2].partition("/")[0].lower()).strip("-") or "index"
    number = 2
    name = host
    while name in taken:
        name, number = f"{host}-{number}", number + 1
    return name


def index_lines(session: Session, lock: Lock, *, named: NamedIndexes) -> Iterator[str]:
    """Yield the policy's lines about indexes; credentials are never among them."""
    if named.first and _address(named.first) == first_index(session):
        yield f"\n# The index, as {PIP_CONF[0]} had it.\n"
        yield f"index-url = {toml_text(named.first)}\n"
    for index in bound_indexes(session, lock):
        yield "\n# These projects come from this index and from no other, whoever else offers the name.\n"
        yield f"[[index]]\nname = {toml_text(index.name)}\nurl = {toml_text(index.url)}\n"
        listed = "".join(f'    "{project}",\n' for project in sorted(index.projects))
        yield f"projects = [\n{listed}]\n"


def with_named(session: Session, named: NamedIndexes) -> tuple[Finding, ...]:
    """Let *session* ask the indexes of the project's ``pip.conf``, where the user has not set others.

    Returns what is told of it: whoever wrote that file says where names are looked up.
    """
    settings = session.settings
    told = []
    if named.first and settings.index_url is None:
        settings = replace(settings, index_url=named.first)
        told.append(_note(PIP_CONF[0], Level.NOTE, {"what": f"its index is asked, {named.first}"}))
    elif named.first:
        what = f"its index, {named.first}, is not asked: your own settings name one"
        told.append(_note(PIP_CONF[0], Level.NOTE, {"what": what}))
    fresh = tuple(url for url in named.further if url not in settings.extra_index_urls)
    told += (_note(PIP_CONF[0], Level.NOTE, {"what": f"its further index is asked, {url}"}) for url in fresh)
    session.settings = replace(settings, extra_index_urls=(*settings.extra_index_urls, *fresh))
    return tuple(told)
