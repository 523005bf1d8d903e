"""Projects as folders of a user, with a backend in their own tree that also makes editable wheels."""

from __future__ import annotations

from pathlib import Path

from tests.build.repositories import Repository
from tests.commands.sources import BACKEND

__all__ = ["EDITABLE", "make_project", "make_repository", "write_project"]

EDITABLE = """
def get_requires_for_build_editable(config_settings=None):
    return []

def build_editable(folder, config_settings=None, metadata_directory=None):
    project = _project()
    files = {f"_{project['name']}.pth": (os.getcwd() + "\\n").encode()}
    stamp = time.gmtime(int(os.environ["SOURCE_DATE_EPOCH"]))[:6]
    named = {"name": project["name"], "version": project["version"]}
    return write_wheel(folder, files, metadata=_metadata(project), stamp=stamp, **named)
"""


def write_project(
    folder: Path,
    name: str = "own",
    version: str = "1.0",
    *,
    requires: tuple[str, ...] = (),
    code: str = "",
    stated: bool = True,
) -> Path:
    """Write a project into *folder*; unless *stated*, only its backend knows its name."""
    (folder / "backend").mkdir(parents=True, exist_ok=True)
    table = [
        "[build-system]",
        "requires = []",
        "build-backend = 'own_backend'",
        "backend-path = ['backend']",
        "[project]" if stated else "[tool.own]",
        f"name = '{name}'",
        f"version = '{version}'",
        f"dependencies = {list(requires)!r}",
    ]
    (folder / "pyproject.toml").write_text("\n".join(table))
    (folder / f"{name}.py").write_text(f"version = {version!r}\n")
    backend = BACKEND + EDITABLE + code
    if not stated:
        backend = backend.replace('tomllib.load(file)["project"]', 'tomllib.load(file)["tool"]["own"]')
    (folder / "backend" / "own_backend.py").write_text(backend)
    return folder


def make_project(
    work: Path, name: str = "own", version: str = "1.0", *, requires: tuple[str, ...] = ()
) -> Path:
    """Write a project into a folder of its name below *work*."""
    return write_project(work / name, name, version, requires=requires)


def make_repository(
    path: Path, name: str = "own", version: str = "1.0", *, requires: tuple[str, ...] = ()
) -> tuple[Repository, str]:
    """Make a repository with a project, and return it with the full name of its commit."""
    repository = Repository(path)
    write_project(path, name, version, requires=requires)
    return repository, repository.commit()
