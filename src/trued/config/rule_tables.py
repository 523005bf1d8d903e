"""``[[publisher]]``, ``[[openpgp]]``, ``[[checksums]]``, ``[[transport-pin]]`` and ``trusted-root``, read."""

from __future__ import annotations

import os

from trued.config.rule_settings import (
    BuildSetting,
    ChecksumsSetting,
    OpenPgpSetting,
    PublisherSetting,
    RootSetting,
    TransportPinSetting,
)
from trued.config.table_schema import Field, Row, Schema, a_text, read_rows, some_texts
from trued.config.value import expanded
from trued.core.finding import Finding, Level
from trued.core.names import is_valid_name, normalize

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from trued.config.entry import Reading
    from trued.config.origin import Origin
    from trued.config.rule_settings import RuleSetting
    from trued.config.toml_lines import Lines

__all__ = ["TABLES", "is_pattern", "pattern", "read_rule_table"]

_CODE = "TRU617"
_PUBLISHERS: Mapping[str, tuple[str, ...]] = {
    "github": ("repository", "workflow", "environment"),
    "gitlab": ("repository", "workflow", "environment"),
    "google": ("email",),
    "circleci": ("project_id", "pipeline_definition_id", "repository"),
}
"""The kinds of publishers (PEP 740 and the Trusted Publishers of indexes), and what is known of each."""
_HEXADECIMAL = frozenset("0123456789abcdefABCDEF")


def is_pattern(value: object) -> bool:
    """Tell whether *value* is a project's name, the beginning of names with ``*`` at its end, or ``*``."""
    if not isinstance(value, str):
        return False
    return value == "*" or is_valid_name(value[:-1].rstrip("-_.") if value.endswith("*") else value)


def pattern(text: str) -> str:
    """Return *text* as normalised names are matched with it; a ``-`` before the ``*`` stays."""
    return f"{normalize(text[:-1])}*" if text.endswith("*") else normalize(text)


def _project(value: object) -> str:
    return "" if is_pattern(value) else "is a project's name, or the beginning of names with * at its end"


def _one_project(value: object) -> str:
    """Ask for one name: a build is opened for a project that somebody looked at, never for all."""
    problem = "is a project's name: builds are opened one project at a time"
    return "" if isinstance(value, str) and is_valid_name(value) else problem


def _hosts(value: object) -> str:
    items = value if isinstance(value, list) else [value]
    problems = [_host(item) for item in items]
    return next(filter(None, problems), "") if items else "is a list of hosts"


def _truth(value: object) -> str:
    return "" if isinstance(value, bool) else "is true or false"


def _of_build(table: object) -> str:
    """Refuse hosts for a build that no sandbox keeps from the network."""
    if isinstance(table, dict) and table.get("no-sandbox") and table.get("hosts"):
        return "hosts go with a sandbox: without one the network is open anyway"
    return ""


def _kind(value: object) -> str:
    return "" if value in _PUBLISHERS else f"is one of {', '.join(_PUBLISHERS)}"


def _of_kind(table: object) -> str:
    """Say which keys do not go with the kind of a publisher, and which are missing."""
    if not isinstance(table, dict):
        return ""
    known = _PUBLISHERS[table["kind"]]
    foreign = sorted(set(table) - {"project", "kind", *known})
    if foreign:
        return f"{foreign[0]} does not go with kind {table['kind']}; known are {', '.join(known)}"
    return "" if table.get(known[0]) else f"{known[0]} is needed for kind {table['kind']}"


def _repository(value: object) -> str:
    problem = a_text(value)
    parts = str(value).split("/")
    if problem or len(parts) < 2 or not all(parts) or "://" in str(value):
        return "is owner/name, as in the address of the repository"
    return ""


def _fingerprints(value: object) -> str:
    problem = some_texts(value)
    items = [value] if isinstance(value, str) else value if isinstance(value, list) else []
    plain = [str(item).replace(" ", "") for item in items]
    if problem or not all(len(item) in (40, 64) and set(item) <= _HEXADECIMAL for item in plain):
        return "is a list of whole fingerprints, 40 or 64 hexadecimal digits each (a short id names no key)"
    return ""


def _expired(value: object) -> str:
    return "" if value in ("accept", "refuse") else "is accept or refuse"


def _pins(value: object) -> str:
    return "" if isinstance(value, list) and value and all(map(_is_pin, value)) else _NO_PINS


_NO_PINS = "is a list of pins, sha256// and the base64 of the SHA-256 of a public key"


def _is_pin(value: object) -> bool:
    """Tell whether *value* is a pin as curl and RFC 7469 write it.

    libcurl takes a text of another form for the path of a file, and then refuses every key.
    """
    import base64

    if not isinstance(value, str) or not value.startswith("sha256//"):
        return False
    try:
        return len(base64.b64decode(value[8:], validate=True)) == 32
    except ValueError:
        return False


def _host(value: object) -> str:
    from trued.index.hosts import HostPattern
    from trued.index.url import InvalidUrl

    try:
        HostPattern.parse(value if isinstance(value, str) else "")
    except InvalidUrl as invalid:
        return f"is a host, or host:port: {invalid.reason}"
    return ""


def _signer(table: object) -> str:
    """Ask for exactly one way to check the signature of a checksum document."""
    if not isinstance(table, dict):
        return ""
    stated = [key for key in ("keys", "minisign", "identity") if key in table]
    if len(stated) != 1:
        return "exactly one of keys, minisign and identity says who signs the document"
    if ("issuer" in table) is not ("identity" in table):
        return "identity and issuer go together"
    if ("fingerprints" in table or "expired" in table) and "keys" not in table:
        return "fingerprints and expired go with keys"
    return ""


def _sha256(value: object) -> str:
    if isinstance(value, str) and len(value) == 64 and set(value) <= _HEXADECIMAL:
        return ""
    return "is the SHA-256 of the file, 64 hexadecimal digits"


TABLES = {
    "publisher": Schema(
        name="publisher",
        code=_CODE,
        fields={
            "project": Field(check=_project, required=True),
            "kind": Field(check=_kind, required=True),
            "repository": Field(check=_repository),
            "workflow": Field(check=a_text),
            "environment": Field(check=a_text),
            "email": Field(check=a_text),
            "project_id": Field(check=a_text),
            "pipeline_definition_id": Field(check=a_text),
        },
        whole=_of_kind,
    ),
    "openpgp": Schema(
        name="openpgp",
        code=_CODE,
        fields={
            "project": Field(check=_project, required=True),
            "keys": Field(check=some_texts, required=True),
            "fingerprints": Field(check=_fingerprints),
            "expired": Field(check=_expired),
        },
    ),
    "checksums": Schema(
        name="checksums",
        code=_CODE,
        fields={
            "project": Field(check=_project, required=True),
            "document": Field(check=a_text, required=True),
            "signature": Field(check=a_text),
            "keys": Field(check=some_texts),
            "fingerprints": Field(check=_fingerprints),
            "expired": Field(check=_expired),
            "minisign": Field(check=a_text),
            "identity": Field(check=a_text),
            "issuer": Field(check=a_text),
        },
        whole=_signer,
    ),
    "transport-pin": Schema(
        name="transport-pin",
        code=_CODE,
        fields={
            "host": Field(check=_host, required=True),
            "spki": Field(check=_pins, required=True),
        },
    ),
    "build": Schema(
        name="build",
        code=_CODE,
        fields={
            "project": Field(check=_one_project, required=True),
            "reason": Field(check=a_text),
            "hosts": Field(check=_hosts),
            "no-sandbox": Field(check=_truth),
        },
        whole=_of_build,
    ),
    "trusted-root": Schema(
        name="trusted-root",
        code=_CODE,
        fields={
            "file": Field(check=a_text, required=True),
            "sha256": Field(check=_sha256, required=True),
        },
    ),
}


def read_rule_table(
    value: object, origin: Origin, lines: Lines, reading: Reading, environ: Mapping[str, str]
) -> None:
    """Add the rules that *value*, the key of *origin* in one file, states; what is wrong is TRU617."""
    schema = TABLES[origin.name]
    tables = [value] if origin.name == "trusted-root" else value
    maker = _Maker(os.path.dirname(origin.file), environ)
    for row in read_rows(tables, schema, origin, lines, reading.findings):
        rule = maker.rule(row)
        reading.rules.append(rule)
        if isinstance(rule, TransportPinSetting) and len(set(rule.spki)) < 2:
            reading.findings.append(
                Finding(code="TRU790", level=Level.WARNING, subject=rule.host, place=row.origin.place)
            )


class _Maker:
    """Makes rules of rows; relative paths are taken from *folder*, that of the file."""

    def __init__(self, folder: str, environ: Mapping[str, str]) -> None:
        self._folder = folder
        self._environ = environ

    def rule(self, row: Row) -> RuleSetting:
        match row.origin.name:
            case "publisher":
                return self._publisher(row)
            case "openpgp":
                return self._openpgp(row)
            case "checksums":
                return self._checksums(row)
            case "build":
                return BuildSetting(
                    project=normalize(row.text("project")),
                    reason=row.text("reason"),
                    hosts=tuple(one.strip().lower() for one in row.texts("hosts")),
                    no_sandbox=row.values.get("no-sandbox") is True,
                    origin=row.origin,
                )
            case "transport-pin":
                host = row.text("host").strip().lower()
                return TransportPinSetting(host=host, spki=row.texts("spki"), origin=row.origin)
            case _:
                file, sha256 = self._path(row.text("file")), row.text("sha256").lower()
                return RootSetting(file=file, sha256=sha256, origin=row.origin)

    def _publisher(self, row: Row) -> PublisherSetting:
        return PublisherSetting(
            project=pattern(row.text("project")),
            kind=row.text("kind"),
            repository=row.text("repository"),
            workflow=row.text("workflow"),
            environment=row.text("environment"),
            email=row.text("email"),
            project_id=row.text("project_id"),
            pipeline_definition_id=row.text("pipeline_definition_id"),
            origin=row.origin,
        )

    def _openpgp(self, row: Row) -> OpenPgpSetting:
        return OpenPgpSetting(
            project=pattern(row.text("project")),
            keys=tuple(map(self._path, row.texts("keys"))),
            fingerprints=_plain(row.texts("fingerprints")),
            accept_expired=row.text("expired") != "refuse",
            origin=row.origin,
        )

    def _checksums(self, row: Row) -> ChecksumsSetting:
        return ChecksumsSetting(
            project=pattern(row.text("project")),
            document=self._location(row.text("document")),
            signature=self._location(row.text("signature")),
            keys=tuple(map(self._path, row.texts("keys"))),
            fingerprints=_plain(row.texts("fingerprints")),
            accept_expired=row.text("expired") != "refuse",
            minisign=self._key_or_path(row.text("minisign")),
            identity=row.text("identity"),
            issuer=row.text("issuer"),
            origin=row.origin,
        )

    def _path(self, text: str) -> str:
        return os.path.join(self._folder, expanded(text, self._environ))

    def _location(self, text: str) -> str:
        return text if not text or "://" in text else self._path(text)

    def _key_or_path(self, text: str) -> str:
        """Return a minisign key as it is, which is 56 characters that begin with RW, and a path from here."""
        return text if not text or (text.startswith("RW") and len(text) == 56) else self._path(text)


def _plain(fingerprints: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(one.replace(" ", "").lower() for one in fingerprints)
