"""Store entries, environments and snapshots for the tests of the environment station."""

from __future__ import annotations

import base64
import hashlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from trued.environment.interpreter import facts_of
from trued.environment.made import Addition
from trued.environment.receipt import provenance_url, receipt
from trued.environment.scheme import virtual_roots
from trued.environment.target import Target
from trued.store.layout import bytecode_path, entry_path, manifest_path, tree_path
from trued.store.manifest import dump

if TYPE_CHECKING:
    from trued.store.manifest import BytecodeManifest, Group, Manifest

FILES = {
    "{name}/__init__.py": b"value = 1\n",
    "{name}/deep/er/data.txt": b"data\n",
    "{name}.py": b"top = True\n",
}
Snapshot = dict[str, str]


class Shelf:
    """A store made by hand: entries of small wheels, as the store's own ``admit`` would lay them out."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def wheel(
        self,
        name: str,
        version: str = "1.0",
        files: dict[str, bytes] | None = None,
        *,
        scripts: dict[str, bytes] | None = None,
        rewrites: dict[str, bytes] | None = None,
        data: dict[str, bytes] | None = None,
        headers: dict[str, bytes] | None = None,
        entry_points: tuple[tuple[str, str, str, str], ...] = (),
        bytecode: bool = False,
        requested: bool = True,
    ) -> Addition:
        """Return an addition whose entry holds *files* and a METADATA."""
        given = FILES if files is None else files
        own = {path.format(name=name): content for path, content in given.items()}
        dist_info = f"{name}-{version}.dist-info"
        own[f"{dist_info}/METADATA"] = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n".encode()
        own[f"{dist_info}/WHEEL"] = b"Wheel-Version: 1.0\n"
        sha256 = hashlib.sha256(repr((name, version, own, scripts, data)).encode()).hexdigest()
        entry = Path(entry_path(str(self.root), sha256))
        schemes = {
            "purelib": own,
            "scripts": scripts or {},
            "data": data or {},
            "headers": {f"{name}/{path}": content for path, content in (headers or {}).items()},
        }
        groups = []
        for scheme, members in schemes.items():
            prefix = "" if scheme == "purelib" else f"{name}-{version}.data/{scheme}"
            groups += _groups(entry, scheme, prefix, members)
        for path, content in (rewrites or {}).items():
            _put(entry / "tree" / "scripts" / path, content)
        manifest: Manifest = {
            "format": 1,
            "sha256": sha256,
            "filename": f"{name}-{version}-py3-none-any.whl",
            "project": name,
            "version": version,
            "archive_bytes": 1234,
            "dist_info": dist_info,
            "tags": ("py3-none-any",),
            "root_is_purelib": True,
            "summary": "",
            "requires": (),
            "requires_python": "",
            "extras": (),
            "hooks": (),
            "entry_points": entry_points,
            "groups": tuple(groups),
            "rewrites": tuple(
                ("scripts", path, len(content), hashlib.sha256(content).hexdigest())
                for path, content in (rewrites or {}).items()
            ),
            "record": b"".join(_row(path, content) for path, content in own.items()),
        }
        os.makedirs(tree_path(str(entry)), exist_ok=True)
        Path(manifest_path(str(entry))).write_bytes(dump(manifest))
        documents = {
            "provenance_url.json": provenance_url("https://example.org/a.whl", {"sha256": sha256}),
            "trued-receipt.json": receipt(
                filename=manifest["filename"],
                sha256=sha256,
                size=1234,
                index="https://example.org/simple/",
                url="https://example.org/a.whl",
                requirement="requirements.txt:1",
                evidence=[],
                level="standard",
                version="0",
                time="2026-11-21T12:00:00Z",
            ),
        }
        return Addition(
            entry=str(entry),
            manifest=manifest,
            documents=documents,
            requested=requested,
            bytecode=_bytecode(entry, own) if bytecode else None,
        )


def _groups(entry: Path, scheme: str, prefix: str, members: dict[str, bytes]) -> list[tuple]:  # type: ignore[type-arg]  # the store's tuples
    by_folder: dict[str, list[tuple[str, int, str, bool]]] = {}
    for path, content in members.items():
        folder, _, name = path.rpartition("/")
        _put(entry / "tree" / prefix / path, content)
        digest = hashlib.sha256(content).hexdigest()
        by_folder.setdefault(folder, []).append((name, len(content), digest, scheme == "scripts"))
    return [
        (scheme, f"{prefix}/{folder}".strip("/"), folder, tuple(files)) for folder, files in by_folder.items()
    ]


def _bytecode(entry: Path, own: dict[str, bytes]) -> BytecodeManifest:
    place = bytecode_path(str(entry), "cpython-311")
    groups: list[Group] = []
    rows = []
    for path, content in own.items():
        folder, _, name = path.rpartition("/")
        if name.endswith(".py"):
            compiled = b"pyc of " + content
            target = f"{folder}/__pycache__".strip("/")
            pyc = f"{name[:-3]}.cpython-311.pyc"
            _put(Path(tree_path(place)) / target / pyc, compiled)
            digest = hashlib.sha256(compiled).hexdigest()
            groups.append(("purelib", target, target, ((pyc, len(compiled), digest, False),)))
            rows.append(_row(f"{target}/{pyc}", compiled))
    manifest: BytecodeManifest = {
        "format": 1,
        "cache_tag": "cpython-311",
        "groups": tuple(groups),
        "record": b"".join(rows),
    }
    os.makedirs(tree_path(place), exist_ok=True)
    Path(manifest_path(place)).write_bytes(dump(manifest))
    return manifest


def _put(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        path.write_bytes(content)
        path.chmod(0o444)


def _row(path: str, content: bytes) -> bytes:
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
    return f"{path},sha256={digest},{len(content)}\n".encode()


def snapshot(folder: str | Path) -> Snapshot:
    """Return every path below *folder* with its kind, permissions and content."""
    found = {}
    for path in sorted(Path(folder).rglob("*")):
        status = path.lstat()
        content = ""
        if path.is_symlink():
            content = str(path.readlink())
        elif path.is_file():
            content = hashlib.sha256(path.read_bytes()).hexdigest()
        found[str(path.relative_to(folder))] = f"{status.st_mode:o} {content}"
    return found


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    """Return an empty store."""
    return Shelf(tmp_path / "store")


@pytest.fixture(scope="session")
def cache_folder(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return a cache that all tests share, so that each interpreter is asked once."""
    return str(tmp_path_factory.mktemp("cache"))


@pytest.fixture
def environment(tmp_path: Path, cache_folder: str) -> Target:
    """Return a virtual environment, made by hand as venv makes it."""
    return make_environment(tmp_path / "env", cache_folder)


def make_environment(prefix: Path, cache_folder: str) -> Target:
    """Make a virtual environment of the running interpreter at *prefix*."""
    facts = facts_of(sys.executable, cache_folder)
    roots = virtual_roots(facts, str(prefix))
    Path(roots["purelib"]).mkdir(parents=True)
    Path(roots["scripts"]).mkdir(parents=True)
    home = os.path.dirname(facts["executable"])
    (prefix / "pyvenv.cfg").write_text(f"home = {home}\ninclude-system-site-packages = false\n")
    python = prefix / "bin" / "python"
    python.symlink_to(facts["executable"])
    return Target(kind="virtual", python=str(python), prefix=str(prefix), facts=facts, roots=roots)


def site(target: Target) -> Path:
    """Return the folder of the packages."""
    return Path(target.roots["purelib"])
