"""The rules of the policy files as the provers and the transport take them."""

from __future__ import annotations

import os

from trued.config.policy_file import read_policy_file
from trued.core.errors import UsageError
from trued.core.finding import Finding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from trued.config.origin import Source
    from trued.config.rule_settings import ChecksumsSetting, OpenPgpSetting, RuleSetting
    from trued.proof.checksum_document import ChecksumRule
    from trued.proof.minisign import MinisignRule
    from trued.proof.openpgp import OpenPgpRule
    from trued.proof.publisher import PublisherRule
    from trued.proof.sigstore_bundle import SigstoreRule
    from trued.proof.trusted_root import TrustedRoot

__all__ = ["checksum_rules", "openpgp_rules", "pins_of", "publisher_rules", "trusted_root"]

_KEY_ENDINGS = (".asc", ".gpg", ".pgp", ".key", ".cert")


def publisher_rules(rules: Iterable[RuleSetting]) -> tuple[PublisherRule, ...]:
    """Return who may have built a project's files, the strongest source first."""
    from trued.config.rule_settings import PublisherSetting

    settings = [one for one in rules if isinstance(one, PublisherSetting)]
    if not settings:
        return ()
    from trued.proof.publisher import PublisherRule

    return tuple(
        PublisherRule(
            project=one.project,
            kind=one.kind,
            repository=one.repository or None,
            workflow=one.workflow or None,
            environment=one.environment or None,
            email=one.email or None,
            project_id=one.project_id or None,
            pipeline_definition_id=one.pipeline_definition_id or None,
            place=one.origin.place,
        )
        for one in settings
    )


def openpgp_rules(rules: Iterable[RuleSetting]) -> tuple[OpenPgpRule, ...]:
    """Return who may have signed a project's files, with their certificates read.

    Raises: UsageError with each key that cannot be read (TRU620).
    """
    from trued.config.rule_settings import OpenPgpSetting

    settings = [one for one in rules if isinstance(one, OpenPgpSetting)]
    reader = _KeyReader()
    made = tuple(reader.openpgp(one) for one in settings)
    reader.finish()
    return made


def checksum_rules(rules: Iterable[RuleSetting]) -> tuple[ChecksumRule, ...]:
    """Return the signed documents that list a project's files, with the keys of who signs them read.

    Raises: UsageError as :func:`openpgp_rules`.
    """
    from trued.config.rule_settings import ChecksumsSetting

    settings = [one for one in rules if isinstance(one, ChecksumsSetting)]
    if not settings:
        return ()
    from trued.proof.checksum_document import ChecksumRule

    reader = _KeyReader()
    made = tuple(
        ChecksumRule(
            project=one.project,
            document=one.document,
            signature=one.signature,
            signer=reader.signer(one),
            place=one.origin.place,
        )
        for one in settings
    )
    reader.finish()
    return made


class _KeyReader:
    """Reads the keys that rules name, and collects what cannot be read."""

    def __init__(self) -> None:
        self._problems: list[Finding] = []

    def openpgp(self, rule: OpenPgpSetting | ChecksumsSetting) -> OpenPgpRule:
        from trued.proof.openpgp import OpenPgpRule

        return OpenPgpRule(
            project=rule.project,
            certificates=tuple(data for path in rule.keys for data in self._keys(path, rule)),
            fingerprints=rule.fingerprints,
            accept_expired=rule.accept_expired,
            place=rule.origin.place,
        )

    def signer(self, rule: ChecksumsSetting) -> OpenPgpRule | MinisignRule | SigstoreRule:
        if rule.kind == "openpgp":
            return self.openpgp(rule)
        if rule.kind == "minisign":
            from trued.proof.minisign import MinisignRule

            inline = rule.minisign.startswith("RW")
            keys = (rule.minisign.encode(),) if inline else tuple(self._keys(rule.minisign, rule))
            return MinisignRule(keys=keys, place=rule.origin.place)
        from trued.proof.sigstore_bundle import SigstoreRule

        return SigstoreRule(identity=rule.identity, issuer=rule.issuer, place=rule.origin.place)

    def finish(self) -> None:
        if self._problems:
            raise UsageError(*self._problems)

    def _keys(self, path: str, rule: OpenPgpSetting | ChecksumsSetting) -> list[bytes]:
        """Return the file at *path*, or the keys in that folder, by name."""
        try:
            if not os.path.isdir(path):
                return [read_policy_file(path)[0]]
            names = sorted(name for name in os.listdir(path) if name.lower().endswith(_KEY_ENDINGS))
            found = [read_policy_file(os.path.join(path, name))[0] for name in names]
        except OSError as error:
            self._tell(path, rule, error.strerror or str(error))
            return []
        if not found:
            self._tell(path, rule, f"the folder holds no key ({', '.join(_KEY_ENDINGS)})")
        return found

    def _tell(self, path: str, rule: OpenPgpSetting | ChecksumsSetting, reason: str) -> None:
        values = {"reason": reason}
        self._problems.append(Finding(code="TRU620", subject=path, place=rule.origin.place, values=values))


def trusted_root(rules: Iterable[RuleSetting]) -> TrustedRoot:
    """Return the user's trusted root, else the system's, else the one that comes with trued."""
    from pathlib import Path

    from trued.config.rule_settings import RootSetting
    from trued.proof.trusted_root import TrustedRoot, shipped_root

    for one in rules:
        if isinstance(one, RootSetting):
            return TrustedRoot(Path(one.file), sha256=one.sha256, place=one.origin.place)
    return shipped_root()


def pins_of(rules: Iterable[RuleSetting]) -> dict[str, tuple[str, ...]]:
    """Return the pins of each host; of several sources the strongest that speaks of a host decides.

    A project's pins are among the user's, where there are any, so the strongest is also the narrowest.
    """
    settings = tuple(rules)
    if not settings:
        return {}
    from trued.config.rule_settings import TransportPinSetting
    from trued.index.hosts import HostPattern

    deciding: dict[str, Source] = {}
    found: dict[str, tuple[str, ...]] = {}
    for one in settings:
        if not isinstance(one, TransportPinSetting):
            continue
        pattern = HostPattern.parse(one.host)
        name = pattern.host.rstrip(".")
        host = name if pattern.port is None else f"{name}:{pattern.port}"
        if deciding.setdefault(host, one.origin.source) is one.origin.source:
            found[host] = tuple(dict.fromkeys((*found.get(host, ()), *one.spki)))
    return found
