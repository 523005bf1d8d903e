"""The files that an installation writes itself: scripts, receipts, RECORD. Made before any is written."""

from __future__ import annotations

import os

from trued.environment.receipt import INSTALLER
from trued.environment.record import hashed_row, listed_row, relative_folder, row, sha256
from trued.environment.scripts import rewritten, script_text
from trued.store.layout import tree_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from trued.environment.facts import Roots
    from trued.environment.target import Target
    from trued.store.manifest import BytecodeManifest, File, Manifest

    Made = tuple[str, str, str, bytes, bool]

__all__ = ["Addition", "made_files", "own_groups"]


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
    def library(self) -> str:
        """The scheme that the distribution's own folder goes into."""
        return "purelib" if self.manifest["root_is_purelib"] else "platlib"


def made_files(addition: Addition, target: Target, roots: Roots) -> list[Made]:
    """Return what installing *addition* writes: (scheme, folder, name, content, executable), RECORD first.

    Raises: ValueError when an entry point is no Python name; store.damage.StoreDamaged when a script of the
    wheel changed in the store.
    """
    manifest = addition.manifest
    made = [*_scripts(addition, target), *_rewrites(addition, target)]
    dist_info = manifest["dist_info"]
    documents = {"INSTALLER": INSTALLER, **addition.documents}
    if addition.requested:
        documents["REQUESTED"] = b""
    made.extend((addition.library, dist_info, name, content, False) for name, content in documents.items())
    rows = [*_linked_rows(addition, roots), *_made_rows(addition, made, roots)]
    rows.append(listed_row(f"{dist_info}/RECORD"))
    return [(addition.library, dist_info, "RECORD", b"".join(rows), False), *made]


def own_groups(addition: Addition, made: list[Made]) -> Iterator[tuple[str, str, list[str]]]:
    """Yield (scheme, folder, names) of every file that installing *addition* makes, however it is made."""
    compiled = addition.bytecode["groups"] if addition.bytecode else ()
    for scheme, _, folder, files in (*addition.manifest["groups"], *compiled):
        yield scheme, folder, [file[0] for file in files]
    for made_scheme, folder, name, _, _ in made:
        yield made_scheme, folder, [name]


def _scripts(addition: Addition, target: Target) -> Iterator[Made]:
    for kind, name, module, attribute in addition.manifest["entry_points"]:
        if os.name == "nt":
            from trued.environment.launcher import launcher_script

            content = launcher_script(target, module, attribute, windowed=kind == "gui")
            yield "scripts", "", name + ".exe", content, True
        else:
            yield "scripts", "", name, script_text(target.python, module, attribute), True


def _rewrites(addition: Addition, target: Target) -> Iterator[Made]:
    """Yield the wheel's own scripts that begin with ``#!python``; they are read from the store and proven."""
    for folder, name, _, expected in addition.manifest["rewrites"]:
        with open(os.path.join(tree_path(addition.entry), folder, name), "rb") as file:
            content = file.read()
        if sha256(content).hexdigest() != expected:
            from trued.store.damage import StoreDamaged

            raise StoreDamaged({addition.entry: (f"{folder}/{name}",)})
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


def _made_rows(addition: Addition, made: list[Made], roots: Roots) -> Iterator[bytes]:
    library = roots[addition.library]
    for scheme, folder, name, content, _ in made:
        prefix = relative_folder(roots, scheme, library)
        yield hashed_row(f"{prefix}{folder}/{name}" if folder else prefix + name, content)
