"""The database as JSON lines: a copy to keep, and the way back after damage. Stable, sorted, complete.

The results of former verifications are left out: whoever gives a file to import must not say which signatures
were good.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict

from trued.core.digest import Digest, InvalidDigest
from trued.core.errors import UsageError
from trued.core.finding import Finding, Level, Place
from trued.core.names import ProjectName, normalize
from trued.core.record import dataclass
from trued.proof.known import rows
from trued.proof.known.model import KnownDocument, KnownFile, ListedFile, Run, is_time
from trued.proof.publisher import Publisher

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from trued.proof.known.database import Database

__all__ = ["Exchange", "export_lines", "import_exchange", "read_exchange", "set_aside"]

_FORMAT = 1
_HEADER = {"trued": "known-files", "format": _FORMAT}
_LONGEST = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """The records of one exported file, with the line of each known file."""

    files: tuple[tuple[int, KnownFile], ...]
    listed: tuple[ListedFile, ...]
    documents: tuple[KnownDocument, ...]


def export_lines(connection: sqlite3.Connection | None) -> Iterator[str]:
    """Yield the database as lines of JSON, without line ends."""
    yield _line(_HEADER)
    if connection is None:
        return
    for file in rows.files(connection):
        yield _line({"file": asdict(file)})
    for one in rows.listed(connection):
        yield _line({"listed": asdict(one)})
    for document in rows.documents(connection):
        yield _line({"document": asdict(document)})


def _line(record: Mapping[str, object]) -> str:
    return json.dumps(record, sort_keys=True)


def read_exchange(data: bytes, *, file: str) -> Exchange:
    """Read an export; *file* is its name as the user gave it.

    Raises: UsageError TRU778 with every line that is none.
    """
    known: list[tuple[int, KnownFile]] = []
    listed: list[ListedFile] = []
    documents: list[KnownDocument] = []
    findings = []
    lines = data.split(b"\n")
    if lines and not lines[-1]:
        lines.pop()
    for number, line in enumerate(lines, start=1):
        try:
            record = _record(line, is_first=number == 1)
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            reason = str(error) if type(error) is ValueError else "it is no record of an export"
            findings.append(_unreadable(file, number, reason))
            continue
        if isinstance(record, KnownFile):
            known.append((number, record))
        elif isinstance(record, ListedFile):
            listed.append(record)
        elif isinstance(record, KnownDocument):
            documents.append(record)
    if not lines:
        findings.append(_unreadable(file, 1, "it is empty"))
    if findings:
        raise UsageError(*findings)
    return Exchange(files=tuple(known), listed=tuple(listed), documents=tuple(documents))


def _record(line: bytes, *, is_first: bool) -> KnownFile | ListedFile | KnownDocument | None:
    if len(line) > _LONGEST:
        raise ValueError("the line is too long")
    record = json.loads(line.decode())
    if is_first:
        if record != _HEADER:
            raise ValueError(f"it does not begin with {_line(_HEADER)}")
        return None
    if not isinstance(record, dict):
        raise TypeError
    ((kind, content),) = record.items()
    return _READERS[kind](content)


def _file(content: Mapping[str, object]) -> KnownFile:
    run = _mapping(content["run"])
    digests = {name: _hex(name, value) for name, value in _mapping(content["digests"]).items()}
    publishers = content["publishers"]
    if not isinstance(publishers, list):
        raise TypeError
    return KnownFile(
        project=_project(content),
        version=_text(content["version"]),
        filename=_filename(content),
        sha256=_hex("sha256", _text(content["sha256"])),
        digests=digests,
        publishers=tuple(Publisher.from_identity(_mapping(one)).to_identity() for one in publishers),
        index=_text(content["index"], may_be_empty=True),
        first_seen=_time(content),
        accepted=_text(content["accepted"]),
        run=Run(id=run["id"], time=run["time"], command=run["command"], folder=run["folder"]),
    )


def _listed(content: Mapping[str, object]) -> ListedFile:
    sha256 = _text(content["sha256"], may_be_empty=True)
    return ListedFile(
        project=_project(content),
        version=_text(content["version"]),
        filename=_filename(content),
        sha256=_hex("sha256", sha256) if sha256 else "",
        first_seen=_time(content),
    )


def _document(content: Mapping[str, object]) -> KnownDocument:
    return KnownDocument(
        name=_text(content["name"]),
        edition=_text(content["edition"]),
        sha256=_hex("sha256", _text(content["sha256"])),
        first_seen=_time(content),
    )


_READERS: Mapping[str, Callable[[Mapping[str, object]], KnownFile | ListedFile | KnownDocument]] = {
    "file": _file,
    "listed": _listed,
    "document": _document,
}


def _project(content: Mapping[str, object]) -> ProjectName:
    name = _text(content["project"])
    if normalize(name) != name:
        raise ValueError(f"{name!r:.80} is no normalised project name")
    return ProjectName(name)


def _time(content: Mapping[str, object]) -> str:
    time = _text(content["first_seen"])
    if not is_time(time):
        raise ValueError(f"{time!r:.80} is no time like 2026-01-31T12:00:00Z")
    return time


def _filename(content: Mapping[str, object]) -> str:
    name = _text(content["filename"])
    if not name.isprintable() or "/" in name or "\\" in name:
        raise ValueError(f"{name!r:.80} is no file name")
    return name


def _text(value: object, *, may_be_empty: bool = False) -> str:
    if not isinstance(value, str) or not (value or may_be_empty):
        raise TypeError
    return value


def _mapping(value: object) -> dict[str, str]:
    if not isinstance(value, dict):
        raise TypeError
    return {_text(key): _text(text, may_be_empty=True) for key, text in value.items()}


def _hex(algorithm: str, value: str) -> str:
    try:
        return Digest.checked(algorithm, value).value
    except InvalidDigest as error:
        raise ValueError(f"{value!r:.80} is no {algorithm}") from error


def _unreadable(file: str, line: int, reason: str) -> Finding:
    return Finding(code="TRU778", subject=file, place=Place(file, line), values={"reason": reason})


def import_exchange(database: Database, exchange: Exchange, *, file: str) -> int:
    """Add what *exchange* holds and is not known yet; return how many files are new.

    A known file keeps its record, above all the time it was first seen.

    Raises: UsageError TRU779 with every file that is known with another digest; nothing is changed then.
    """
    with database.writing() as connection:
        before = {(one.project, one.filename): one for one in rows.files(connection)}
        _require_agreement(exchange, before, file)
        fresh = [one for _, one in exchange.files if (one.project, one.filename) not in before]
        for one in fresh:
            rows.add_run(connection, one.run)
            rows.add_file(connection, one)
        for listing in exchange.listed:
            rows.add_listed(connection, listing)
        for document in exchange.documents:
            rows.add_document(connection, document)
    return len(fresh)


def _require_agreement(
    exchange: Exchange, before: Mapping[tuple[ProjectName, str], KnownFile], file: str
) -> None:
    differing = [
        (line, one, known)
        for line, one in exchange.files
        if (known := before.get((one.project, one.filename))) is not None and known.sha256 != one.sha256
    ]
    if differing:
        raise UsageError(*(_contradiction(file, *difference) for difference in differing))


def _contradiction(file: str, line: int, one: KnownFile, known: KnownFile) -> Finding:
    return Finding(
        code="TRU779",
        level=Level.ERROR,
        subject=one.filename,
        place=Place(file, line),
        values={"imported": one.sha256, "known": known.sha256, "seen": known.first_seen},
    )


def set_aside(path: str, *, time: str) -> str:
    """Move a damaged database, with its journal, out of the way; return where it lies. Nothing is deleted."""
    stamp = "".join(sign for sign in time if sign.isalnum())
    aside = _free_name(f"{path}.damaged-{stamp}")
    for ending in ("-journal", "-wal", "-shm"):
        if os.path.exists(path + ending):
            os.replace(path + ending, aside + ending)
    os.replace(path, aside)
    return aside


def _free_name(path: str) -> str:
    names: Iterable[str] = (path, *(f"{path}-{number}" for number in range(1, 1000)))
    return next(name for name in names if not os.path.lexists(name))
