"""What should stand where: the files of all installed distributions by folder, with digest and owner.

Of a distribution whose wheel is proven the wheel says it; RECORD is then one more file that may have been
changed. Of any other RECORD says it, which everybody can write who can write the files.
"""

from __future__ import annotations

import os

from trued.core.finding import Finding, Level
from trued.core.regular_file import open_regular
from trued.environment.installed import Form
from trued.environment.receipt import RECEIPT
from trued.environment.verify_record import NOTHING_STATED, Boundary, read_rows

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from trued.environment.facts import Roots
    from trued.environment.installed import Installed
    from trued.environment.verify_record import Recorded, Row
    from trued.store.manifest import Manifest

    Wanted = tuple[int, str, bytes, int, int]
    """Size in bytes (-1: any), algorithm, digest (empty: any), mode (0 any, 1 plain, 2 executable), owner.

    The owner is the number of the distribution.
    """

__all__ = ["DOCUMENTS", "Folder", "Plan"]

DOCUMENTS = frozenset(
    ("INSTALLER", "REQUESTED", "RECORD", "direct_url.json", "provenance_url.json", "uv_cache.json", RECEIPT)
)
"""What installers write into a dist-info folder beside the wheel's own files."""

_ANY = (-1, "", b"", 0)


class Folder:
    """One folder: its listed ``files`` and ``folders``; ``is_own`` where nothing else may stand."""

    __slots__ = ("files", "folders", "is_own")

    def __init__(self, *, is_own: bool) -> None:
        self.files: dict[str, Wanted] = {}
        self.folders: set[str] = set()
        self.is_own = is_own


class Plan:
    """The folders of an environment as they should be.

    ``shared`` are (folder, name, first owner, second owner) of files that two distributions list with
    different content; ``claimed`` are paths that a RECORD lists and the proven wheel does not hold.
    """

    def __init__(
        self,
        distributions: Sequence[Installed],
        roots: Roots,
        *,
        most_record_bytes: int,
        owns_scripts: bool = True,
    ) -> None:
        self.folders: dict[str, Folder] = {}
        self.findings: list[Finding] = []
        self.shared: list[tuple[str, str, int, int]] = []
        self.claimed: dict[tuple[str, str], int] = {}
        self.distributions = distributions
        self.roots = roots
        self.libraries = tuple(dict.fromkeys((roots["purelib"], roots["platlib"])))
        self._boundary = Boundary(roots)
        self._most = most_record_bytes
        self._owns_scripts = owns_scripts

    def add(self, number: int, manifest: Manifest | None) -> None:
        """Take in a distribution by its proven wheel, or by its RECORD."""
        one = self.distributions[number]
        if one.form is not Form.DIST_INFO:
            self._older(number, one)
            return
        recorded = read_rows(one, boundary=self._boundary, most_bytes=self._most)
        self.findings += recorded.findings
        if manifest is None:
            self._recorded(number, recorded)
            if not recorded.is_readable:
                self._folder(one.folder).is_own = False
        else:
            self._proven(number, one, manifest, recorded)

    def finish(self) -> None:
        """Have the folders of packages looked at even when nothing is installed in them.

        Notes projects that are installed twice in one of them, as an interrupted installer leaves them.
        """
        for library in self.libraries:
            self._folder(library)
        first: dict[tuple[str, str], Installed] = {}
        for one in self.distributions:
            other = first.setdefault((one.location, one.project), one)
            if other is not one:
                subject, values = one.name, {"path": one.folder, "other": other.folder}
                self.findings.append(Finding(code="TRU519", subject=subject, values=values))

    def wanted(self, folder: str, name: str) -> Wanted | None:
        """Return what should stand at a path."""
        held = self.folders.get(folder)
        return held.files.get(name) if held else None

    def _recorded(self, number: int, recorded: Recorded) -> None:
        for path, rows in recorded.rows.items():
            is_cache = os.path.basename(path) == "__pycache__"
            for name, (size, algorithm, digest) in rows.items():
                if not (is_cache and name.endswith(".pyc")):
                    self._put(path, name, (size, algorithm, digest, 0, number))

    def _proven(self, number: int, one: Installed, manifest: Manifest, recorded: Recorded) -> None:
        roots = self.roots
        is_ours = manifest["sha256"] in (one.sha256, one.built_sha256)
        for scheme, _, below, files in manifest["groups"]:
            path = f"{roots[scheme]}/{below}" if below else roots[scheme]
            rows = recorded.rows.get(path, {})
            for name, size, sha256, executable in files:
                digest = bytes.fromhex(sha256)
                mode = (2 if executable else 1) if is_ours else 0
                self._put(path, name, (size, "sha256", digest, mode, number))
                self._compare(one, recorded, path, name, rows.get(name), digest)
        for name in _scripts(manifest):
            self._put(roots["scripts"], name, (*_ANY[:3], 2 if is_ours else 0, number))
        rows = recorded.rows.get(one.folder, {})
        for name in DOCUMENTS & {*rows, "RECORD"}:
            self._put(one.folder, name, (*rows.get(name, NOTHING_STATED), 0, number))
        self._claims(number, recorded)

    def _compare(
        self, one: Installed, recorded: Recorded, path: str, name: str, row: Row | None, digest: bytes
    ) -> None:
        """Tell when RECORD says something else of a file than the proven wheel does; once is enough."""
        if not recorded.is_readable or (row is not None and row[1:] == ("sha256", digest)):
            return
        if row is None and not path.startswith(one.location):
            return
        if any(finding.values.get("folder") == one.folder for finding in self.findings[-1:]):
            return
        values = {
            "path": os.path.join(one.folder, "RECORD"),
            "reason": f"it says of {name} what the wheel does not" if row else f"it does not list {name}",
            "folder": one.folder,
        }
        self.findings.append(Finding(code="TRU525", subject=f"{one.name} {one.version}", values=values))

    def _claims(self, number: int, recorded: Recorded) -> None:
        for path, rows in recorded.rows.items():
            if os.path.basename(path) == "__pycache__":
                continue
            held = self.folders.get(path)
            for name in rows.keys() - (held.files.keys() if held else ()):
                self.claimed[path, name] = number

    def _older(self, number: int, one: Installed) -> None:
        """Take in what has no RECORD by its form: its own folder, and the list that old pip left."""
        folder, name = os.path.split(one.folder)
        if one.form is not Form.EGG_INFO:
            self._put(folder, name, (*_ANY, number))
            return
        self._folder(one.folder).is_own = False
        values = {
            "path": one.folder,
            "reason": "it is older than RECORD, and no digest of its files is known",
        }
        subject = f"{one.name} {one.version}".strip()
        self.findings.append(Finding(code="TRU546", level=Level.WARNING, subject=subject, values=values))
        try:
            with open_regular(os.path.join(one.folder, "installed-files.txt")) as file:
                lines = file.read(self._most).decode("utf-8", "surrogateescape").splitlines()
        except OSError:
            lines = []
        for line in filter(None, lines):
            path = os.path.normpath(os.path.join(one.folder, line))
            parent, name = os.path.split(path)
            if self._boundary.holds(parent) and os.path.basename(parent) != "__pycache__":
                self._put(parent, name, (*_ANY, number))

    def _put(self, path: str, name: str, wanted: Wanted) -> None:
        files = self._folder(path).files
        held = files.setdefault(name, wanted)
        if held is wanted:
            return
        if wanted[2] and not held[2]:
            files[name] = wanted
        if held[4] != wanted[4] and held[:3] != wanted[:3] and held[2] and wanted[2]:
            self.shared.append((path, name, held[4], wanted[4]))

    def _folder(self, path: str) -> Folder:
        """Return the folder at *path*, and make those above it known up to the root."""
        folder = self.folders.get(path)
        if folder is None:
            folder = self.folders[path] = Folder(is_own=self._is_own(path))
            if path not in self.roots.values():
                parent, name = os.path.split(path)
                if self._boundary.holds(parent):
                    self._folder(parent).folders.add(name)
        return folder

    def _is_own(self, path: str) -> bool:
        if path == self.roots["scripts"]:
            return self._owns_scripts
        return any(path == library or path.startswith(library + os.sep) for library in self.libraries)


def _scripts(manifest: Manifest) -> list[str]:
    ending = ".exe" if os.name == "nt" else ""
    made = [f"{name}{ending}" for _, name, _, _ in manifest["entry_points"]]
    return [*made, *(name for _, name, _, _ in manifest["rewrites"])]
