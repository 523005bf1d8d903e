"""``origin.json``: all that a built wheel depends on, so that it is taken again for that and nothing else.

pip binds a cached wheel to the digest of its source alone (``origin.json`` of its cache, PEP 610), and
hashes the wheel never again. Here the build dependencies, the backend, the settings, the interpreter and the
sandbox are bound too, and the wheel's own digest.
"""

from __future__ import annotations

import hashlib

from trued.core.record import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["BuildDependency", "BuildRequest", "InvalidOrigin", "Origin", "read_origin"]

_FORMAT = 1


class InvalidOrigin(ValueError):
    """The text is no ``origin.json`` of this format."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildDependency:
    """One wheel that was installed for the build."""

    project: str
    version: str
    filename: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildRequest:
    """What is known of a build before its dependencies are chosen.

    ``source`` is the identity of the content (``sha256`` of an sdist). ``interpreter`` has ``tag`` and
    ``version``; ``sandbox`` has ``name``, ``version`` and ``hosts`` (with spaces between). ``variables`` are
    those of the environment that say how to build (``CFLAGS``, ``SOURCE_DATE_EPOCH``). ``level`` is the
    policy's: what ``permissive`` let into a build counts there alone.
    """

    source: Mapping[str, str]
    editable: bool
    config_settings: tuple[tuple[str, str], ...]
    interpreter: Mapping[str, str]
    sandbox: Mapping[str, str]
    isolated: bool
    level: str
    variables: Mapping[str, str]

    @property
    def key(self) -> str:
        """The name under which the wheel is kept: a sha256 of everything here."""
        return hashlib.sha256(_text(_request(self)).encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """A request, and what came of it.

    ``size`` is the wheel's in bytes. ``source_file`` is the archive of its source, with ``source_bytes``;
    empty and 0 where it was none.
    ``time`` is RFC 3339 UTC.
    """

    request: BuildRequest
    project: str
    version: str
    filename: str
    sha256: str
    size: int
    backend: str
    requires: tuple[str, ...]
    dependencies: tuple[BuildDependency, ...] = field(default=())
    source_file: str = ""
    source_bytes: int = 0
    trued: str
    time: str

    def content(self) -> dict[str, object]:
        """Return what ``origin.json`` holds."""
        return {
            "format": _FORMAT,
            **_request(self.request),
            "project": self.project,
            "version": self.version,
            "wheel": {"filename": self.filename, "sha256": self.sha256, "size": self.size},
            "source_file": self.source_file,
            "source_bytes": self.source_bytes,
            "backend": self.backend,
            "requires": list(self.requires),
            "dependencies": [
                {
                    "project": one.project,
                    "version": one.version,
                    "filename": one.filename,
                    "sha256": one.sha256,
                }
                for one in self.dependencies
            ],
            "trued": self.trued,
            "time": self.time,
        }

    def text(self) -> bytes:
        """Return ``origin.json``."""
        return _text(self.content()).encode()


def read_origin(data: bytes) -> Origin:
    """Read ``origin.json``. Raises :class:`InvalidOrigin`."""
    import json

    try:
        read = json.loads(data)
        if read["format"] != _FORMAT:
            raise InvalidOrigin(f"format {read['format']}")
        wheel = read["wheel"]
        return Origin(
            request=BuildRequest(
                source=_texts(read["source"]),
                editable=read["editable"] is True,
                config_settings=tuple((str(key), str(value)) for key, value in read["config_settings"]),
                interpreter=_texts(read["interpreter"]),
                sandbox=_texts(read["sandbox"]),
                isolated=read["isolated"] is True,
                level=str(read["level"]),
                variables=_texts(read["variables"]),
            ),
            project=str(read["project"]),
            version=str(read["version"]),
            filename=str(wheel["filename"]),
            sha256=str(wheel["sha256"]),
            size=int(wheel["size"]),
            backend=str(read["backend"]),
            requires=tuple(map(str, read["requires"])),
            dependencies=tuple(BuildDependency(**_texts(one)) for one in read["dependencies"]),
            source_file=str(read["source_file"]),
            source_bytes=int(read["source_bytes"]),
            trued=str(read["trued"]),
            time=str(read["time"]),
        )
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise InvalidOrigin(type(error).__name__) from error


def _request(request: BuildRequest) -> dict[str, object]:
    return {
        "source": dict(request.source),
        "editable": request.editable,
        "config_settings": [list(pair) for pair in request.config_settings],
        "interpreter": dict(request.interpreter),
        "sandbox": dict(request.sandbox),
        "isolated": request.isolated,
        "level": request.level,
        "variables": dict(request.variables),
    }


def _texts(table: Mapping[str, object]) -> dict[str, str]:
    return {str(key): str(value) for key, value in table.items()}


def _text(content: Mapping[str, object]) -> str:
    import json

    return json.dumps(content, sort_keys=True, indent=1)
