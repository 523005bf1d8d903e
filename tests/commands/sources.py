"""Source distributions for an index: with a backend in their own tree, or one from the index."""

from __future__ import annotations

import gzip
import hashlib
import io
import tarfile
from dataclasses import dataclass

from tests.commands.conftest import Wheel, make_wheel

__all__ = ["BACKEND", "Sdist", "make_sdist", "one_backend", "sha256", "tar_gz"]

BACKEND = '''
"""A small backend: the modules beside pyproject.toml, and what the project's file says."""
import hashlib, base64, os, sys, time, tomllib, zipfile

def _project():
    with open("pyproject.toml", "rb") as file:
        return tomllib.load(file)["project"]

def _metadata(project):
    lines = ["Metadata-Version: 2.1", f"Name: {project['name']}", f"Version: {project['version']}"]
    lines += [f"Requires-Dist: {one}" for one in project.get("dependencies", [])]
    return ("\\n".join(lines) + "\\n").encode()

def _settings(config_settings):
    return repr(sorted((config_settings or {}).items())).encode()

def get_requires_for_build_wheel(config_settings=None):
    return []

def prepare_metadata_for_build_wheel(folder, config_settings=None):
    project = _project()
    name = f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
    os.mkdir(os.path.join(folder, name))
    with open(os.path.join(folder, name, "METADATA"), "wb") as file:
        file.write(_metadata(project))
    return name

def _row(name, data):
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
    return f"{name},sha256={digest},{len(data)}\\n"

def write_wheel(folder, files, *, name, version, metadata, stamp):
    info = f"{name.replace('-', '_')}-{version}.dist-info"
    files = dict(files)
    files[f"{info}/METADATA"] = metadata
    files[f"{info}/WHEEL"] = b"Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n"
    rows = "".join(_row(path, data) for path, data in sorted(files.items()))
    files[f"{info}/RECORD"] = (rows + f"{info}/RECORD,,\\n").encode()
    filename = f"{name.replace('-', '_')}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(os.path.join(folder, filename), "w") as archive:
        for path, data in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(path, stamp), data)
    return filename

def build_wheel(folder, config_settings=None, metadata_directory=None):
    project = _project()
    print("building", project["name"], "with", _settings(config_settings).decode())
    files = {one: open(one, "rb").read() for one in sorted(os.listdir(".")) if one.endswith(".py")}
    files.pop("setup.py", None)
    files[f"{project['name'].replace('-', '_')}_settings.txt"] = _settings(config_settings)
    stamp = time.gmtime(int(os.environ["SOURCE_DATE_EPOCH"]))[:6]
    named = {"name": project["name"], "version": project["version"]}
    return write_wheel(folder, files, metadata=_metadata(project), stamp=stamp, **named)
'''


@dataclass(frozen=True, kw_only=True)
class Sdist(Wheel):
    """One source distribution and its true sha256."""

    @property
    def line(self) -> str:
        """The requirement that pins it."""
        name, version = self.filename.removesuffix(".tar.gz").rsplit("-", 1)
        return f"{name}=={version} --hash=sha256:{self.sha256}"


def make_sdist(
    name: str,
    version: str = "1.0",
    *,
    requires: tuple[str, ...] = (),
    build_requires: tuple[str, ...] = (),
    backend: str = "in-tree",
    code: str = "",
    files: dict[str, bytes] | None = None,
    pkg_info: bytes | None = None,
    stated: str = "",
) -> Sdist:
    """Return a source distribution.

    Its backend is in its own tree, with *code* appended; or *backend*, a module that *build_requires* bring.
    *stated* is the name in its own file, where that differs.
    """
    own = backend == "in-tree"
    project = [
        "[build-system]",
        f"requires = {list(build_requires)!r}",
        f"build-backend = '{'own_backend' if own else backend}'",
        *(["backend-path = ['backend']"] if own else []),
        "[project]",
        f"name = '{stated or name}'",
        f"version = '{version}'",
        "dynamic = ['dependencies']"
        if pkg_info is None and not requires
        else f"dependencies = {list(requires)!r}",
    ]
    content = {
        "pyproject.toml": "\n".join(project).encode(),
        f"{name.replace('-', '_')}.py": f"version = {version!r}\n".encode(),
        "PKG-INFO": pkg_info or f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n".encode(),
        **({"backend/own_backend.py": (BACKEND + code).encode()} if own else {}),
        **(files or {}),
    }
    return Sdist(
        filename=f"{name.replace('-', '_')}-{version}.tar.gz",
        content=tar_gz(f"{name.replace('-', '_')}-{version}", content),
    )


def tar_gz(top: str, files: dict[str, bytes]) -> bytes:
    """Return a tar archive of *files* below *top*, the same bytes each time."""
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for path, data in sorted(files.items()):
            member = tarfile.TarInfo(f"{top}/{path}")
            member.size = len(data)
            member.mtime = 1_700_000_000
            archive.addfile(member, io.BytesIO(data))
    return gzip.compress(plain.getvalue(), mtime=0)


def one_backend(version: str = "1.0", *, name: str = "toy-backend", code: str = "") -> Wheel:
    """Return a wheel with the backend ``toy_backend``, for what needs it from the index."""
    module = name.replace("-", "_")
    return make_wheel(module, version, files={f"{module}.py": (BACKEND + code).encode()})


def sha256(data: bytes) -> str:
    """Return the digest of *data* in hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()
