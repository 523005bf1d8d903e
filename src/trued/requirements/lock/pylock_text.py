"""Writing ``pylock.toml`` (PEP 751): the same lock gives the same bytes, and each file has a line of its own.

The layout is this module's, so that inline tables are used in one way throughout (PEP 751, "File Format");
texts and the ``[tool]`` tables are written by ``tomli_w``. ``packaging.pylock`` checks the result.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from trued.requirements.lock.model import DirectKind, LockedFile
from trued.requirements.url import split_credentials

TYPE_CHECKING = False
if TYPE_CHECKING:
    from trued.requirements.lock.model import DirectSource, Lock, LockedDependency, LockedPackage

__all__ = ["dependency_key", "pylock_table", "write_pylock"]

_ONE_LINE_EACH = ("wheels", "dependencies", "environments")
_PLAIN = frozenset(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 !#$%&'()*+,-./:;<=>?@[]^_`{|}~"
)
_QUOTING = _PLAIN - {"'"} | {'"'}
"""Characters of a text that is easier to read in single quotes: markers, above all."""


def write_pylock(lock: Lock) -> bytes:
    """Return *lock* as the bytes of a ``pylock.toml``.

    Raises ``packaging.pylock.PylockValidationError`` for a lock that PEP 751 cannot hold, such as a file
    with neither URL nor path.
    """
    from packaging.pylock import Pylock

    table = pylock_table(lock)
    Pylock.from_dict(table)
    packages = table.pop("packages")
    tool = table.pop("tool", None)
    parts = ["".join(_assignments(table))]
    if isinstance(packages, list):
        parts += map(_package_text, packages)
    if not packages:
        parts[0] += "packages = []\n"
    if tool:
        parts.append(_tables({"tool": tool}))
    return "\n".join(parts).encode()


def pylock_table(lock: Lock) -> dict[str, object]:
    """Return *lock* as the TOML document that PEP 751 describes, keys in the specification's order."""
    lock = lock.canonical()
    table: dict[str, object] = {
        "lock-version": "1.0",
        "environments": list(lock.environments),
        "requires-python": lock.requires_python,
        "extras": list(lock.extras),
        "dependency-groups": list(lock.dependency_groups),
        "default-groups": list(lock.default_groups),
        "created-by": lock.created_by,
    }
    filled = _filled(table)
    filled["packages"] = [_package(package) for package in lock.packages]
    if lock.tool:
        filled["tool"] = dict(lock.tool)
    return filled


def _package(package: LockedPackage) -> dict[str, object]:
    direct = _direct(package)
    wheels = [_file(file) for file in package.files if file.is_wheel and not direct]
    sdist = [_file(file) for file in package.files if not file.is_wheel and not direct]
    return _filled(
        {
            "name": package.project,
            "version": package.version,
            "marker": package.marker,
            "requires-python": package.requires_python,
            "dependencies": [_dependency(edge) for edge in package.dependencies],
            **direct,
            "index": package.index and split_credentials(package.index)[0],
            "sdist": sdist[0] if sdist else None,
            "wheels": wheels,
            "attestation-identities": [_identity(one) for one in package.attestation_identities],
            "tool": _own_table(package),
        }
    )


def _file(file: LockedFile) -> dict[str, object]:
    return _filled(
        {
            "name": file.filename if file.filename != _last_part(file) else None,
            "upload-time": file.upload_time and datetime.fromisoformat(file.upload_time),
            "url": file.url and split_credentials(file.url)[0],
            "path": file.path,
            "size": file.size,
            "hashes": {digest.algorithm: digest.value for digest in file.digests},
        }
    )


def _last_part(file: LockedFile) -> str:
    from trued.requirements.lock.file_entry import file_name

    return file_name(name=None, url=file.url, path=file.path)


def _dependency(edge: LockedDependency) -> dict[str, object]:
    return _filled({"name": edge.project, "version": edge.version})


def _identity(identity: Mapping[str, str]) -> dict[str, object]:
    return {"kind": identity.get("kind"), **dict(sorted(identity.items()))}


def _direct(package: LockedPackage) -> dict[str, object]:
    source = package.direct
    if source is None:
        return {}
    if source.kind is DirectKind.ARCHIVE:
        (file,) = package.files
        archive = {key: value for key, value in _file(file).items() if key != "name"}
        return {"archive": _filled({**archive, "subdirectory": source.subdirectory})}
    return {source.kind.value: _filled(_source(source))}


def _source(source: DirectSource) -> dict[str, object]:
    if source.kind is DirectKind.DIRECTORY:
        return {
            "path": source.path,
            "editable": True if source.editable else None,
            "subdirectory": source.subdirectory,
        }
    return {
        "type": source.vcs,
        "url": source.url,
        "path": source.path,
        "requested-revision": source.requested_revision,
        "commit-id": source.commit_id,
        "subdirectory": source.subdirectory,
    }


def dependency_key(edge: LockedDependency) -> str:
    """Return the key under which ``[packages.tool.trued.dependency-markers]`` keeps an edge's marker."""
    return f"{edge.project}=={edge.version}" if edge.version else str(edge.project)


def _own_table(package: LockedPackage) -> dict[str, object] | None:
    """Return what PEP 751 has no room for, and other installers no need of.

    ``tree`` and ``why`` read extras and markers, ``strict`` which files were not attested.
    """
    markers = {dependency_key(edge): edge.marker for edge in package.dependencies if edge.marker}
    own = _filled(
        {
            "extras": list(package.extras),
            "unattested": list(package.unattested),
            "tree-sha256": package.direct.tree_sha256 if package.direct else None,
            "build": {"packages": list(map(_built_with, package.build))} if package.build else None,
            "dependency-markers": markers,
        }
    )
    return {"trued": own} if own else None


def _built_with(package: LockedPackage) -> dict[str, object]:
    """Return a build dependency as PEP 751 writes packages, without a table of trued's own."""
    return {key: value for key, value in _package(package).items() if key != "tool"}


def _filled(table: Mapping[str, object]) -> dict[str, object]:
    return {key: value for key, value in table.items() if value not in (None, [], {})}


def _package_text(package: Mapping[str, object]) -> str:
    lines = ["[[packages]]\n", *_assignments(package)]
    identities = package.get("attestation-identities")
    for identity in identities if isinstance(identities, list) else ():
        lines += ["\n[[packages.attestation-identities]]\n", *_assignments(identity)]
    if "tool" in package:
        lines += _tool_lines(package["tool"])
    return "".join(lines)


def _tool_lines(tool: object) -> Iterable[str]:
    """Yield the ``[packages.tool]`` tables; build dependencies are written like packages, a file a line."""
    own = tool.get("trued") if isinstance(tool, dict) else None
    rest = {key: value for key, value in own.items() if key != "build"} if isinstance(own, dict) else {}
    if rest:
        yield "\n" + _tables({"packages": {"tool": {"trued": rest}}})
    build = own.get("build") if isinstance(own, dict) else None
    for package in build["packages"] if isinstance(build, dict) else ():
        yield "\n[[packages.tool.trued.build.packages]]\n"
        yield from _assignments(package)


def _assignments(table: Mapping[str, object]) -> Iterable[str]:
    for key, value in table.items():
        if key in ("attestation-identities", "tool"):
            continue
        if key in _ONE_LINE_EACH and isinstance(value, list):
            items = "".join(f"    {_value(item)},\n" for item in value)
            yield f"{key} = [\n{items}]\n"
        else:
            yield f"{_key(key)} = {_value(value)}\n"


def _value(value: object) -> str:
    match value:
        case dict():
            inner = ", ".join(f"{_key(key)} = {_value(item)}" for key, item in value.items())
            return f"{{{inner}}}"
        case list():
            return f"[{', '.join(map(_value, value))}]"
        case datetime():
            return value.isoformat().replace("+00:00", "Z")
        case str() if set(value) <= _PLAIN:
            return f'"{value}"'
        case str() if set(value) <= _QUOTING:
            return f"'{value}'"
        case _:
            return _written(value)


def _written(value: object) -> str:
    import tomli_w

    return tomli_w.dumps({"x": value}).removeprefix("x = ").rstrip("\n")


def _key(key: str) -> str:
    return key if key.replace("-", "").isalnum() and key.isascii() else _value(key)


def _tables(table: Mapping[str, object]) -> str:
    import tomli_w

    return tomli_w.dumps(_sorted(table))


def _sorted(table: Mapping[str, object]) -> dict[str, object]:
    return {
        key: _sorted(value) if isinstance(value, Mapping) else value for key, value in sorted(table.items())
    }
