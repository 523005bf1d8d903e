"""The files that an installation writes itself: scripts, receipts, RECORD. Made before any is written."""

from __future__ import annotations

import os

from trued.environment.footprint import WHOLE
from trued.environment.receipt import INSTALLER
from trued.environment.record import hashed_row, listed_row, relative_folder, row, sha256
from trued.environment.scripts import rewritten, script_text
from trued.store.layout import tree_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import Protocol

    from trued.environment.facts import Roots
    from trued.environment.footprint import Group
    from trued.environment.target import Target
    from trued.store.manifest import BytecodeManifest, File, Manifest, Rewrite, Scheme

    Made = tuple[str, str, str, bytes, bool]
    Scripts = tuple[tuple[tuple[str, str, str, str], ...], tuple[Rewrite, ...]]

    class Coming(Protocol):
        """One distribution that is to be installed, as the transaction sees it."""

        @property
        def project(self) -> str:
            """The normalised name."""

        @property
        def sha256(self) -> str:
            """The archive's digest, in hexadecimal."""

        def made(self, target: Target) -> list[Made]:
            """Return what installing it into *target* writes: (scheme, folder, name, content, executable).

            Raises: ValueError when an entry point is no Python name; store.damage.StoreDamaged when a script
            of the wheel changed in the store.
            """

        def groups(self, made: Iterable[Made]) -> Iterator[Group]:
            """Yield (scheme, folder, names) of every file that installing it makes, *made* ones included."""


__all__ = ["Addition", "Prepared", "made_files", "outline_of", "prepared_record"]


class Addition:
    """One distribution to install: the store's entry, and what is known of how it came here.

    *documents* are the receipts, by file name below the dist-info folder (``trued-receipt.json``, and
    ``provenance_url.json`` or ``direct_url.json``). *requested* tells a distribution that the user named from
    one that came as a dependency. *bytecode* is what the store has compiled of it and will be linked too.
    """

    __slots__ = ("bytecode", "documents", "entry", "manifest", "requested")

    def __init__(
        self,
        *,
        entry: str,
        manifest: Manifest,
        documents: Mapping[str, bytes],
        requested: bool,
        bytecode: BytecodeManifest | None = None,
    ) -> None:
        if "provenance_url.json" in documents and "direct_url.json" in documents:
            raise ValueError("PEP 710 forbids provenance_url.json beside direct_url.json")
        self.entry = entry
        self.manifest = manifest
        self.documents = documents
        self.requested = requested
        self.bytecode = bytecode

    @property
    def library(self) -> Scheme:
        """The scheme that the distribution's own folder goes into."""
        return "purelib" if self.manifest["root_is_purelib"] else "platlib"

    @property
    def project(self) -> str:
        """The normalised name."""
        return self.manifest["project"]

    @property
    def sha256(self) -> str:
        """The archive's digest."""
        return self.manifest["sha256"]

    @property
    def scripts(self) -> Scripts:
        """What becomes a script of its own in each environment: entry points, and the wheel's own scripts."""
        return self.manifest["entry_points"], self.manifest["rewrites"]

    @property
    def written(self) -> dict[str, bytes]:
        """What stands in the dist-info folder beside RECORD, by name; the same in each environment."""
        documents = {"INSTALLER": INSTALLER, **self.documents}
        if self.requested:
            documents["REQUESTED"] = b""
        return documents

    def made(self, target: Target) -> list[Made]:
        """Return what installing it writes, RECORD first."""
        return made_files(self, target, target.roots)

    def groups(self, made: Iterable[Made]) -> Iterator[Group]:
        """Yield every file with its folder."""
        compiled = self.bytecode["groups"] if self.bytecode else ()
        for scheme, _, folder, files in (*self.manifest["groups"], *compiled):
            yield scheme, folder, [file[0] for file in files]
        yield from _groups_of_made(made)


class Prepared:
    """One distribution of which everything is known from an earlier run, and most is prepared for linking.

    *outline* says where it goes: its new top folders as a whole, other files by name. *record* is RECORD
    without the scripts of an environment, *library* and *dist_info* say where it belongs; ``None`` where the
    whole of it is prepared too. *scripts* are what is made for each environment from the store's *entry*.
    """

    __slots__ = ("_dist_info", "_entry", "_library", "_outline", "_project", "_record", "_scripts", "_sha256")

    def __init__(
        self,
        *,
        project: str,
        sha256: str,
        entry: str,
        library: str,
        dist_info: str,
        outline: Sequence[Group],
        scripts: Scripts,
        record: bytes | None,
    ) -> None:
        self._project = project
        self._sha256 = sha256
        self._entry = entry
        self._library = library
        self._dist_info = dist_info
        self._outline = outline
        self._scripts = scripts
        self._record = record

    @property
    def project(self) -> str:
        """The normalised name."""
        return self._project

    @property
    def sha256(self) -> str:
        """The archive's digest."""
        return self._sha256

    def made(self, target: Target) -> list[Made]:
        """Return what is not prepared: the scripts, and a RECORD that lists them."""
        if self._record is None:
            return []
        made = [*_made_scripts(self._entry, self._scripts, target)]
        rows = b"".join([self._record, *_made_rows(self._library, made, target.roots)])
        return [(self._library, self._dist_info, "RECORD", rows, False), *made]

    def groups(self, made: Iterable[Made]) -> Iterator[Group]:
        """Yield the outline, and the made files."""
        yield from self._outline
        yield from _groups_of_made(made)


def made_files(addition: Addition, target: Target, roots: Roots) -> list[Made]:
    """Return what installing *addition* writes: (scheme, folder, name, content, executable), RECORD first.

    Raises as :meth:`Coming.made`.
    """
    library, dist_info = addition.library, addition.manifest["dist_info"]
    scripts = [*_made_scripts(addition.entry, addition.scripts, target)]
    record = b"".join([prepared_record(addition, roots), *_made_rows(library, scripts, roots)])
    return [(library, dist_info, "RECORD", record, False), *scripts, *_documents(addition)]


def prepared_record(addition: Addition, roots: Roots) -> bytes:
    """Return RECORD of *addition* but for the rows of scripts that are made for each environment."""
    rows = [*_linked_rows(addition, roots), *_made_rows(addition.library, _documents(addition), roots)]
    rows.append(listed_row(f"{addition.manifest['dist_info']}/RECORD"))
    return b"".join(rows)


def outline_of(addition: Addition) -> tuple[Group, ...]:
    """Return where *addition* goes: top folders of the packages as a whole, everything else by name.

    ``__pycache__`` beside the packages belongs to many, so its files are named too.
    """
    groups: dict[Group, None] = {}
    for scheme, folder, names in addition.groups(()):
        top = folder.partition("/")[0]
        if scheme in ("purelib", "platlib") and top not in ("", "__pycache__"):
            groups[scheme, top, WHOLE] = None
        else:
            groups[scheme, folder, tuple(names)] = None
    groups[addition.library, addition.manifest["dist_info"], WHOLE] = None
    return tuple(groups)


def _documents(addition: Addition) -> list[Made]:
    folder = addition.manifest["dist_info"]
    return [(addition.library, folder, name, content, False) for name, content in addition.written.items()]


def _groups_of_made(made: Iterable[Made]) -> Iterator[Group]:
    for scheme, folder, name, _, _ in made:
        yield scheme, folder, (name,)


def _made_scripts(entry: str, scripts: Scripts, target: Target) -> Iterator[Made]:
    entry_points, rewrites = scripts
    yield from _scripts(entry_points, target)
    yield from _rewrites(entry, rewrites, target)


def _scripts(entry_points: Iterable[tuple[str, str, str, str]], target: Target) -> Iterator[Made]:
    for kind, name, module, attribute in entry_points:
        if os.name == "nt":
            from trued.environment.launcher import launcher_script

            content = launcher_script(target, module, attribute, windowed=kind == "gui")
            yield "scripts", "", name + ".exe", content, True
        else:
            yield "scripts", "", name, script_text(target.python, module, attribute), True


def _rewrites(entry: str, rewrites: Iterable[Rewrite], target: Target) -> Iterator[Made]:
    """Yield the wheel's own scripts that begin with ``#!python``; they are read from the store and proven."""
    for folder, name, _, expected in rewrites:
        with open(os.path.join(tree_path(entry), folder, name), "rb") as file:
            content = file.read()
        if sha256(content).hexdigest() != expected:
            from trued.store.damage import StoreDamaged

            raise StoreDamaged({entry: (f"{folder}/{name}",)})
        yield "scripts", "", name, rewritten(content, target.python), True


def _linked_rows(addition: Addition, roots: Roots) -> Iterator[bytes]:
    """Yield the rows of linked files, the store's own where they fit: of both library schemes as one."""
    library = roots[addition.library]
    libraries = ("purelib", "platlib") if roots["purelib"] == roots["platlib"] else ()
    for holder in (addition.manifest, addition.bytecode):
        if holder is None:
            continue
        if libraries:
            yield holder["record"]
        for scheme, _, folder, files in holder["groups"]:
            if scheme not in libraries:
                yield from _rows(relative_folder(roots, scheme, library), folder, files)


def _rows(prefix: str, folder: str, files: tuple[File, ...]) -> Iterator[bytes]:
    if folder:
        prefix = f"{prefix}{folder}/"
    for name, size, sha256_hex, *_ in files:
        yield row(prefix + name, sha256_hex, size)


def _made_rows(library: str, made: Iterable[Made], roots: Roots) -> Iterator[bytes]:
    for scheme, folder, name, content, _ in made:
        prefix = relative_folder(roots, scheme, roots[library])
        yield hashed_row(f"{prefix}{folder}/{name}" if folder else prefix + name, content)
