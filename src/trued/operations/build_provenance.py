"""Provenance of built wheels: in-toto statements with SLSA provenance v1, a line each, signed or not.

https://slsa.dev/spec/v1.0/provenance and https://github.com/in-toto/attestation (Statement v1). A signed
line is a DSSE envelope around the statement. Unsigned it is a record, and no proof of anything.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from securesystemslib.signer import CryptoSigner

    from trued.build.origin import Origin

__all__ = ["PAYLOAD_TYPE", "UnusableKey", "provenance_lines", "statement_of"]

PAYLOAD_TYPE = "application/vnd.in-toto+json"
_STATEMENT = "https://in-toto.io/Statement/v1"
_PREDICATE = "https://slsa.dev/provenance/v1"
_BUILD_TYPE = "urn:trued:build:pep517:v1"
_KEY_BYTES = 64 * 1024
_DIGESTS = (("sha256", "sha256"), ("gitCommit", "commit"), ("treeSha256", "tree"), ("treeSha256", "content"))
"""What a source is known by, as the statement and as :mod:`trued.operations.sources` name it."""


class UnusableKey(ValueError):
    """The key cannot be read, or signs nothing that is known; the text says why."""


def provenance_lines(origins: Iterable[Origin], *, run: str, key: str = "") -> bytes:
    """Return a statement a line for the wheels of *origins*, in DSSE envelopes signed by the file *key*.

    Raises: UnusableKey; OSError when the key cannot be read.
    """
    import json

    signer = _signer(key) if key else None
    lines = []
    for origin in origins:
        payload = json.dumps(statement_of(origin, run=run), sort_keys=True).encode()
        lines.append(_signed(payload, signer) if signer is not None else payload)
    return b"".join(line + b"\n" for line in lines)


def statement_of(origin: Origin, *, run: str) -> dict[str, object]:
    """Return the in-toto statement about the wheel of *origin*; *run* names the run that tells it."""
    request = origin.request
    return {
        "_type": _STATEMENT,
        "subject": [{"name": origin.filename, "digest": {"sha256": origin.sha256}}],
        "predicateType": _PREDICATE,
        "predicate": {
            "buildDefinition": {
                "buildType": _BUILD_TYPE,
                "externalParameters": {
                    "project": origin.project,
                    "version": origin.version,
                    "source": _shown_source(request.source),
                    "editable": request.editable,
                    "configSettings": [list(pair) for pair in request.config_settings],
                },
                "internalParameters": {
                    "backend": origin.backend,
                    "interpreter": dict(request.interpreter),
                    "sandbox": dict(request.sandbox),
                    "isolated": request.isolated,
                    "variables": dict(request.variables),
                },
                "resolvedDependencies": [*_source(origin), *_dependencies(origin)],
            },
            "runDetails": {
                "builder": {"id": "urn:trued:builder:local", "version": {"trued": origin.trued}},
                "metadata": {"invocationId": run, "startedOn": origin.time},
            },
        },
    }


def _shown_source(source: Mapping[str, str]) -> dict[str, str]:
    """Return what a source is known by, without where it lay on this machine: its digest says what it was."""
    return {key: value for key, value in source.items() if key != "path" and not value.startswith("file:")}


def _source(origin: Origin) -> list[dict[str, object]]:
    stated = _shown_source(origin.request.source)
    digest = {name: stated[key] for name, key in _DIGESTS if stated.get(key)}
    name = f"{origin.project} {origin.version}"
    return [{"name": name, **({"uri": stated["url"]} if "url" in stated else {}), "digest": digest}]


def _dependencies(origin: Origin) -> list[dict[str, object]]:
    return [
        {
            "name": one.filename,
            "uri": f"pkg:pypi/{one.project}@{one.version}",
            "digest": {"sha256": one.sha256},
        }
        for one in origin.dependencies
    ]


def _signed(payload: bytes, signer: CryptoSigner) -> bytes:
    import json

    from securesystemslib.dsse import Envelope

    envelope = Envelope(payload, PAYLOAD_TYPE, {})
    envelope.sign(signer)
    return json.dumps(envelope.to_dict(), sort_keys=True).encode()


def _signer(path: str) -> CryptoSigner:
    """Return what signs with the PEM key at *path*, which is not encrypted. Raises: UnusableKey; OSError."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_private_key
    from securesystemslib.exceptions import UnsupportedLibraryError
    from securesystemslib.signer import CryptoSigner

    with open(path, "rb") as file:
        data = file.read(_KEY_BYTES)
    try:
        key = load_pem_private_key(data, password=None)
        return CryptoSigner(key)
    except TypeError as error:
        raise UnusableKey("the key is encrypted") from error
    except (ValueError, UnsupportedAlgorithm, UnsupportedLibraryError) as error:
        raise UnusableKey("it is no private key of a kind that signs") from error
