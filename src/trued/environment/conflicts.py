"""What stands in the way of an installation, judged before anything is written.

Two owners of one path, files that somebody else or nobody owns, folders that are links out of the
environment, the interpreter's own files. Equal content is no conflict: namespace packages of old share their
``__init__.py``. Everything found is told at once.
"""

from __future__ import annotations

import csv
import hashlib
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trued.core.errors import Refused
from trued.core.finding import Finding, Level
from trued.core.regular_file import open_regular
from trued.environment.installed import installed_distributions, owners_of_paths
from trued.environment.made import Addition

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trued.core.names import ProjectName
    from trued.environment.facts import Roots
    from trued.environment.footprint import Footprint
    from trued.environment.made import Made
    from trued.environment.target import Target
    from trued.store.manifest import Group

__all__ = ["NEVER_ALLOWED", "Settlement", "settle"]

NEVER_ALLOWED = frozenset({"TRU513", "TRU514", "TRU517", "TRU518"})
"""Conflicts that no setting turns into a warning: they leave the environment, or break it."""

_Stray = tuple[int, str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """How the conflicts that are allowed are carried out.

    ``additions`` and ``made`` are without the files that another of them brings; ``removals`` are absolute
    paths that go because something replaces them; ``findings`` are to be told.
    """

    additions: tuple[Addition, ...]
    made: tuple[tuple[Made, ...], ...]
    removals: tuple[str, ...]
    findings: tuple[Finding, ...]


def settle(
    additions: Sequence[Addition],
    made: Sequence[Sequence[Made]],
    *,
    target: Target,
    footprint: Footprint,
    strays: Sequence[_Stray],
    gone: frozenset[str],
    allowed: frozenset[str],
) -> Settlement:
    """Return how to go on in spite of what *footprint* and *strays* found in the way.

    *gone* are paths that will have been moved away. Codes in *allowed* become warnings: then the later of two
    owners wins, and what stood there before is replaced.

    Raises: Refused with TRU510 to TRU518, all of them together.
    """
    judge = _Judge(additions, made, target, gone)
    judge.strays(strays)
    judge.leaving(footprint)
    judge.shared(footprint)
    judge.occupied(footprint)
    findings = [_weighed(finding, allowed) for finding in judge.findings]
    if any(finding.level is Level.ERROR for finding in findings):
        raise Refused(*findings)
    return Settlement(
        additions=tuple(_without(one, judge.dropped[number]) for number, one in enumerate(additions)),
        made=tuple(judge.kept(number, files) for number, files in enumerate(made)),
        removals=tuple(judge.replaced),
        findings=tuple(findings),
    )


class _Judge:
    """Collects findings, and what follows from them if they are allowed."""

    def __init__(
        self,
        additions: Sequence[Addition],
        made: Sequence[Sequence[Made]],
        target: Target,
        gone: frozenset[str],
    ) -> None:
        self.findings: list[Finding] = []
        self.replaced: list[str] = []
        self.dropped: list[set[tuple[str, str]]] = [set() for _ in additions]
        self._unlisted: list[set[str]] = [set() for _ in additions]
        self._additions = additions
        self._roots: Roots = target.roots
        self._digests = [_digests(one, files) for one, files in zip(additions, made, strict=True)]
        self._libraries = target.libraries
        self._gone = gone
        self._owners: dict[str, tuple[ProjectName, ...]] | None = None

    def strays(self, strays: Sequence[_Stray]) -> None:
        """Note files that do not belong where their wheel puts them."""
        for number, code, scheme, path in strays:
            self._note(code, number, path=self._absolute(scheme, path))

    def leaving(self, footprint: Footprint) -> None:
        """Note folders that are links out of the environment, or no folders."""
        for number, folder in dict.fromkeys(footprint.leaving):
            self._note("TRU513", number, path=folder, leads_to=os.path.realpath(folder))

    def shared(self, footprint: Footprint) -> None:
        """Note files that two of the additions own with different content; the later one's stays."""
        for first, second, scheme, path in footprint.shared:
            equal = self._are_equal(first, second, scheme, path)
            self.dropped[second if equal else first].add((scheme, path))
            if not equal:
                self._unlisted[first].add(self._absolute(scheme, path))
            if (first == second or not equal) and not _is_bytecode(path):
                self._note(
                    "TRU518" if first == second else "TRU510",
                    second,
                    other=self._name(first),
                    path=self._absolute(scheme, path),
                )

    def _are_equal(self, first: int, second: int, scheme: str, path: str) -> bool:
        """Compare two owners' content; bytecode by what it is compiled of, since it names its origin."""
        if _is_bytecode(path):
            head, _, name = path.rpartition("__pycache__/")
            path = f"{head}{name.partition('.')[0]}.py"
        return self._digests[first].get((scheme, path)) == self._digests[second].get((scheme, path))

    def kept(self, number: int, made: Sequence[Made]) -> tuple[Made, ...]:
        """Return *made* without what is dropped, and RECORD without the rows of what another replaces."""
        files = [file for file in made if _path_of(file) not in self.dropped[number]]
        if self._unlisted[number]:
            scheme, folder, name, content, executable = files[0]
            library = self._roots[scheme]
            rows = [
                row
                for row in content.splitlines(keepends=True)
                if _listed_path(row, library) not in self._unlisted[number]
            ]
            files[0] = (scheme, folder, name, b"".join(rows), executable)
        return tuple(files)

    def occupied(self, footprint: Footprint) -> None:
        """Note files in the way; those of equal content, and stale bytecode, are replaced unsaid."""
        for number, scheme, path in footprint.occupied:
            absolute = self._absolute(scheme, path)
            if absolute in self.replaced:
                continue
            if os.path.isdir(absolute) and not os.path.islink(absolute):
                self._note("TRU513", number, path=absolute, leads_to=absolute)
                continue
            self.replaced.append(absolute)
            owners = [owner for owner in self._owners_of(absolute) if absolute not in self._gone]
            expected = self._digests[number].get((scheme, path), "")
            if _sha256_of(absolute) == expected or (not owners and _is_bytecode(path)):
                continue
            if owners:
                self._note("TRU511", number, path=absolute, owner=", ".join(owners))
            else:
                self._note("TRU512", number, path=absolute)

    def _owners_of(self, path: str) -> tuple[ProjectName, ...]:
        if self._owners is None:
            self._owners = owners_of_paths(installed_distributions(self._libraries))
        return self._owners.get(path, ())

    def _absolute(self, scheme: str, path: str) -> str:
        return os.path.join(self._roots[scheme], path)

    def _name(self, number: int) -> str:
        manifest = self._additions[number].manifest
        return f"{manifest['project']} {manifest['version']}"

    def _note(self, code: str, number: int, **values: str) -> None:
        self.findings.append(Finding(code=code, subject=self._name(number), values=values))


def _weighed(finding: Finding, allowed: frozenset[str]) -> Finding:
    if finding.code in allowed and finding.code not in NEVER_ALLOWED:
        return Finding(code=finding.code, level=Level.WARNING, subject=finding.subject, values=finding.values)
    return finding


def _digests(addition: Addition, made: Sequence[Made]) -> dict[tuple[str, str], str]:
    """Return the sha256 of every file that *addition* makes, by (scheme, path below its root)."""
    compiled = addition.bytecode["groups"] if addition.bytecode else ()
    found: dict[tuple[str, str], str] = {
        (scheme, f"{folder}/{name}" if folder else name): sha256
        for scheme, _, folder, files in (*addition.manifest["groups"], *compiled)
        for name, _, sha256, _ in files
    }
    for file in made:
        found[_path_of(file)] = hashlib.sha256(file[3]).hexdigest()
    return found


def _path_of(file: Made) -> tuple[str, str]:
    scheme, folder, name, _, _ = file
    return scheme, f"{folder}/{name}" if folder else name


def _sha256_of(path: str) -> str:
    try:
        with open_regular(path) as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:  # a link to nowhere, a pipe, or not to be read: then not the same
        return ""


def _listed_path(row: bytes, library: str) -> str:
    path = next(csv.reader([row.decode("utf-8", "surrogateescape")]))[0]
    return os.path.normpath(os.path.join(library, path))


def _is_bytecode(path: str) -> bool:
    return path.endswith(".pyc") and "__pycache__/" in path


def _without(addition: Addition, dropped: set[tuple[str, str]]) -> Addition:
    """Return *addition* without the files *dropped*."""
    if not dropped:
        return addition
    manifest = addition.manifest
    bytecode = addition.bytecode and {
        **addition.bytecode,
        "groups": _thinned(addition.bytecode["groups"], dropped),
    }
    return Addition(
        entry=addition.entry,
        manifest={**manifest, "groups": _thinned(manifest["groups"], dropped)},
        documents=addition.documents,
        requested=addition.requested,
        bytecode=bytecode if bytecode and bytecode["groups"] else None,
    )


def _thinned(groups: Sequence[Group], dropped: set[tuple[str, str]]) -> tuple[Group, ...]:
    thinned: list[Group] = []
    for scheme, source, folder, files in groups:
        prefix = f"{folder}/" if folder else ""
        kept = tuple(file for file in files if (scheme, prefix + file[0]) not in dropped)
        if kept:
            thinned.append((scheme, source, folder, kept))
    return tuple(thinned)
