"""What a site's metadata says now, every signature of it verified against the operator's own roots.

The site lies on a server that may have been taken over: nothing of it goes into new metadata unverified.
Expiry is not looked at here, an operator has to mend an expired index.
"""

from __future__ import annotations

import os

from trued.core.record import dataclass
from trued.repository.bins import BinScheme, Target, targets_in
from trued.repository.canonical import canonical
from trued.repository.faults import failed
from trued.repository.file_content import read_if_there

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from tuf.api.metadata import Metadata, Root, Targets

    from trued.repository.site import Site

__all__ = ["SignedState", "read_state", "verified"]

Delegator = "Root | Targets"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SignedState:
    """The published snapshot of ``site``: versions, and the delegation through which bins are verified.

    ``versions`` are those of the snapshot, by role. ``root_version`` is that of the newest root the site has.
    """

    site: Site
    root_version: int
    timestamp_version: int
    snapshot_version: int
    timestamp_expires: str
    snapshot_expires: str
    versions: Mapping[str, int]
    targets: Targets

    @property
    def scheme(self) -> BinScheme:
        """The bins."""
        succinct = self.targets.delegations.succinct_roles if self.targets.delegations else None
        if succinct is None:
            raise failed("TRU887", "targets.json", reason="it delegates to no bins")
        return BinScheme(succinct.bit_length)

    def bin(self, name: str) -> dict[str, Target]:
        """Return the targets of a bin. Raises :class:`OperationalError` when its metadata does not hold."""
        file = f"{self.versions[name]}.{name}.json"
        signed = verified(self.site, file, role=name, delegator=self.targets)
        if signed.get("version") != self.versions[name] or signed.get("bin") != name:
            raise failed("TRU887", file, reason="its version or its bin is another than its name says")
        try:
            return targets_in(signed)
        except (ValueError, KeyError, TypeError) as error:
            raise failed("TRU887", file, reason=str(error)) from error

    def target(self, path: str) -> Target | None:
        """Return what is signed of the target at *path*, ``None`` when there is none."""
        return self.bin(self.scheme.name_for(path)).get(path)


def read_state(site: Site, chain: list[tuple[bytes, Metadata[Root]]]) -> SignedState | None:
    """Return what *site* has published, ``None`` when it was never signed.

    *chain* are the operator's roots. Raises :class:`OperationalError` when anything does not hold.
    """
    if not site.is_signed:
        return None
    version = published_root(site, chain)
    root = chain[version - 1][1].signed
    timestamp = verified(site, "timestamp.json", role="timestamp", delegator=root)
    meta = timestamp["meta"]["snapshot.json"]
    file = f"{meta['version']}.snapshot.json"
    snapshot = verified(site, file, role="snapshot", delegator=root)
    if snapshot["version"] != meta["version"]:
        raise failed("TRU887", file, reason="its version is another than its name says")
    versions = {name.removesuffix(".json"): one["version"] for name, one in snapshot["meta"].items()}
    return SignedState(
        site=site,
        root_version=version,
        timestamp_version=timestamp["version"],
        snapshot_version=snapshot["version"],
        timestamp_expires=timestamp["expires"],
        snapshot_expires=snapshot["expires"],
        versions=versions,
        targets=_targets(site, versions["targets"], root),
    )


def published_root(site: Site, chain: list[tuple[bytes, Metadata[Root]]]) -> int:
    """Return the version of the newest root on the site, each compared with the operator's own."""
    newest = 0
    for version, (data, _) in enumerate(chain, 1):
        found = read_if_there(site.metadata(f"{version}.root.json"))
        if found is None:
            break
        if found != data:
            reason = "it is another root than the one that was accepted in the ceremony"
            raise failed("TRU887", f"{version}.root.json", reason=reason)
        newest = version
    if not newest:
        raise failed("TRU887", "1.root.json", reason="the site has metadata but no root")
    if newest == len(chain) and os.path.exists(site.metadata(f"{newest + 1}.root.json")):
        reason = "the site has a newer root than the operator's folder knows"
        raise failed("TRU887", f"{newest + 1}.root.json", reason=reason)
    return newest


def verified(site: Site, file: str, *, role: str, delegator: Root | Targets) -> dict[str, Any]:
    """Return what a metadata file says after its signatures were verified.

    Raises:
        OperationalError: when it is missing, no metadata, or not signed by enough keys of *role*.

    """
    import json

    from securesystemslib.signer import Signature
    from tuf.api.exceptions import RepositoryError

    data = read_if_there(site.metadata(file))
    if data is None:
        raise failed("TRU887", file, reason="it is missing")
    try:
        told = json.loads(data)
        signatures = {one["keyid"]: Signature.from_dict(dict(one)) for one in told["signatures"]}
        signed: dict[str, Any] = told["signed"]
        delegator.verify_delegate(role, canonical(signed), signatures)
    except (ValueError, KeyError, TypeError, RepositoryError) as error:
        raise failed("TRU887", file, reason=str(error)[:200]) from error
    return signed


def _targets(site: Site, version: int, root: Root) -> Targets:
    from tuf.api.metadata import Targets

    file = f"{version}.targets.json"
    signed = verified(site, file, role="targets", delegator=root)
    if signed["version"] != version:
        raise failed("TRU887", file, reason="its version is another than its name says")
    return Targets.from_dict(signed)
