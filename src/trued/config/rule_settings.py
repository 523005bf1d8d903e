"""Rules in tables of a policy file: who may have built, signed or listed what, and the keys of hosts.

They are settings still: texts that were checked for their form, each with its place. What provers take is
made of them in :mod:`trued.config.proof_rules`.
"""

from __future__ import annotations

from dataclasses import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from trued.config.origin import Origin

__all__ = [
    "BuildSetting",
    "ChecksumsSetting",
    "OpenPgpSetting",
    "ProofSetting",
    "PublisherSetting",
    "RootSetting",
    "RuleSetting",
    "TransportPinSetting",
    "overlap",
    "rule_key",
    "rule_text",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class PublisherSetting:
    """``[[publisher]]``: files of ``project`` come from this publisher's pipeline.

    ``project`` is a normalised name, the beginning of names with ``*`` at its end, or ``*``. What the kind of
    publisher does not know is empty; an empty ``workflow`` or ``environment`` stands for any.
    """

    project: str
    kind: str
    repository: str = ""
    workflow: str = ""
    environment: str = ""
    email: str = ""
    project_id: str = ""
    pipeline_definition_id: str = ""
    origin: Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenPgpSetting:
    """``[[openpgp]]``: files of ``project`` are signed by one of these keys.

    ``keys`` are paths of certificates, or of folders of them; ``fingerprints`` (lower-case hexadecimal) name
    those that count, all when there are none. ``accept_expired`` tells whether a key that expired counts for
    what it signed before.
    """

    project: str
    keys: tuple[str, ...]
    fingerprints: tuple[str, ...] = ()
    accept_expired: bool = True
    origin: Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class ChecksumsSetting:
    """``[[checksums]]``: files of ``project`` stand in a signed list of digests.

    ``document`` and ``signature`` are paths or URLs; the signature is empty where the document carries it, or
    where it stands beside it under the usual name. Exactly one of ``keys`` (paths, OpenPGP), ``minisign`` (a
    public key, or a path) and ``identity`` (Sigstore, with its ``issuer``) is stated.
    """

    project: str
    document: str
    signature: str = ""
    keys: tuple[str, ...] = ()
    fingerprints: tuple[str, ...] = ()
    accept_expired: bool = True
    minisign: str = ""
    identity: str = ""
    issuer: str = ""
    origin: Origin

    @property
    def kind(self) -> str:
        """``openpgp``, ``minisign`` or ``sigstore``."""
        return "openpgp" if self.keys else "minisign" if self.minisign else "sigstore"


@dataclass(frozen=True, slots=True, kw_only=True)
class TransportPinSetting:
    """``[[transport-pin]]``: the public keys that ``host`` (or ``host:port``) may show."""

    host: str
    spki: tuple[str, ...]
    origin: Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class RootSetting:
    """``trusted-root``: the user's own Sigstore trusted root, a file with its sha256 (lower-case hex)."""

    file: str
    sha256: str
    origin: Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildSetting:
    """``[[build]]``: ``project`` may be built from source.

    Its sandbox reaches the network at ``hosts``, none without; with ``no_sandbox`` there is no sandbox.
    """

    project: str
    reason: str = ""
    hosts: tuple[str, ...] = ()
    no_sandbox: bool = False
    origin: Origin


ProofSetting = PublisherSetting | OpenPgpSetting | ChecksumsSetting
"""Tables that say what proves a project's files."""

RuleSetting = ProofSetting | TransportPinSetting | RootSetting | BuildSetting


def overlap(one: str, other: str) -> bool:
    """Tell whether a name can fit both patterns: names, or beginnings of names that end in ``*``."""
    if one.endswith("*") and other.endswith("*"):
        return one[:-1].startswith(other[:-1]) or other[:-1].startswith(one[:-1])
    if one.endswith("*"):
        return other.startswith(one[:-1])
    return one.startswith(other[:-1]) if other.endswith("*") else one == other


def rule_key(rule: RuleSetting) -> str:
    """Return the name of *rule* in a listing."""
    if isinstance(rule, RootSetting):
        return rule.origin.name
    return f"{rule.origin.name}.{rule.host if isinstance(rule, TransportPinSetting) else rule.project}"


def rule_text(rule: RuleSetting) -> str:
    """Return what *rule* says, on one line."""
    match rule:
        case RootSetting():
            return f"{rule.file} sha256:{rule.sha256}"
        case TransportPinSetting():
            return " ".join(rule.spki)
        case BuildSetting():
            where = "without a sandbox" if rule.no_sandbox else " ".join(("in a sandbox", *rule.hosts))
            return f"{where} ({rule.reason})" if rule.reason else where
        case OpenPgpSetting():
            return " ".join((*rule.keys, *rule.fingerprints))
        case ChecksumsSetting():
            signer = rule.keys or (rule.minisign or f"{rule.identity} ({rule.issuer})",)
            return " ".join((rule.document, "signed by", *signer, *rule.fingerprints))
    parts = ("repository", "workflow", "environment", "email", "project_id", "pipeline_definition_id")
    stated = [(name, getattr(rule, name)) for name in parts]
    return " ".join((rule.kind, *(f"{name}={value}" for name, value in stated if value)))
