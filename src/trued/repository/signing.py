"""Signing: changed bins, then the snapshot, then the timestamp, each written whole before the next is begun.

Every file but the timestamp has its version in its name, so a client that reads meanwhile reads the old
snapshot to its end, and an interruption anywhere leaves that snapshot as it was. The timestamp is last.
"""

from __future__ import annotations

import os
from datetime import timedelta

from trued.core.record import dataclass
from trued.core.whole_file import write_whole
from trued.repository.bins import BinScheme, Target, bin_payload
from trued.repository.canonical import canonical, envelope
from trued.repository.faults import failed, refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    from securesystemslib.signer import Key, Signer
    from tuf.api.metadata import Metadata, Role, Root, SuccinctRoles, Targets

    from trued.repository.operator_folder import OperatorFolder
    from trued.repository.signed_state import SignedState
    from trued.repository.site import Site

__all__ = ["Authority", "Signed", "authority_of", "sign_changes", "sign_timestamp"]

_MOST_DIGITS = 9
_EACH_WAITS_FOR_THE_DISK = 64
"""So many bins are each waited for until they are on the disk; the rest then together with all there is."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Authority:
    """Who signs: the accepted roots and delegation to the bins, the opened online keys, the lifetimes."""

    chain: list[tuple[bytes, Metadata[Root]]]
    targets_bytes: bytes
    targets: Targets
    signers: Mapping[str, Signer]
    lifetimes: Mapping[str, int]

    @property
    def root(self) -> Root:
        """The newest accepted root."""
        return self.chain[-1][1].signed

    @property
    def scheme(self) -> BinScheme:
        """The bins of the accepted delegation."""
        return BinScheme(_succinct(self.targets).bit_length)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """What one signing wrote: the versions now, how many bins, until when the timestamp holds."""

    snapshot: int
    timestamp: int
    bins: int
    expires: str


def authority_of(folder: OperatorFolder, *, passphrase: Callable[[str], bytes]) -> Authority:
    """Open what is needed to sign. Raises :class:`OperationalError` when a key cannot be reached."""
    chain = folder.chain()
    if not chain:
        folder.root()
    root = chain[-1][1]
    data, targets = folder.targets(root)
    return Authority(
        chain=chain,
        targets_bytes=data,
        targets=targets.signed,
        signers=folder.signers(_online_keys(root.signed, targets.signed), passphrase=passphrase),
        lifetimes=folder.settings().lifetimes,
    )


def _online_keys(root: Root, targets: Targets) -> dict[str, Key]:
    """Return the keys of the roles that are signed online, by key id."""
    keys = {**root.keys, **(targets.delegations.keys if targets.delegations else {})}
    roles = (root.roles["timestamp"], root.roles["snapshot"], _succinct(targets))
    return {keyid: keys[keyid] for role in roles for keyid in role.keyids if keyid in keys}


def sign_changes(
    site: Site,
    changes: Mapping[str, Target | None],
    *,
    authority: Authority,
    state: SignedState | None,
    now: datetime,
    renew: Iterable[str] = (),
    checkpoint: Callable[[str], None] = lambda _: None,
) -> Signed:
    """Publish a snapshot in which *changes* hold; ``None`` takes a target out.

    Without *state* every bin is written anew from *changes*, which must be all targets then. *renew* names
    bins that are signed anew for their expiry. *checkpoint* is called with the name of each step before it is
    taken.

    Raises:
        Refused: when the keys at hand are too few for a role.

    """
    writing = _Writing(site, authority, state, now)
    writing.check_keys()
    checkpoint("bins")
    versions, written = writing.bins(changes, renew=frozenset(renew))
    checkpoint("targets")
    version = authority.targets.version
    write_whole(site.metadata(f"{version}.targets.json"), authority.targets_bytes)
    versions["targets"] = version
    checkpoint("sync")
    if written > _EACH_WAITS_FOR_THE_DISK and hasattr(os, "sync"):
        os.sync()
    checkpoint("snapshot")
    return writing.snapshot(versions, written, checkpoint)


def sign_timestamp(
    site: Site,
    *,
    authority: Authority,
    state: SignedState,
    now: datetime,
    checkpoint: Callable[[str], None] = lambda _: None,
) -> Signed:
    """Sign the timestamp anew over the snapshot that is published; nothing else changes."""
    from trued.repository.file_content import read_if_there

    writing = _Writing(site, authority, state, now)
    writing.check_keys()
    number, stamp = state.snapshot_version, state.timestamp_version + 1
    snapshot = read_if_there(site.metadata(f"{number}.snapshot.json")) or b""
    expires = writing.write_timestamp(number, snapshot, stamp, checkpoint)
    return Signed(snapshot=number, timestamp=stamp, bins=0, expires=expires)


class _Writing:
    """One signing at work."""

    def __init__(self, site: Site, authority: Authority, state: SignedState | None, now: datetime) -> None:
        from tuf.api.metadata import SPECIFICATION_VERSION

        self._site = site
        self._authority = authority
        self._state = state
        self._now = now
        self._on_disk: dict[str, int] | None = None
        self._regrouped: dict[str, dict[str, Target]] | None = None
        self._spec = ".".join(SPECIFICATION_VERSION)

    def check_keys(self) -> None:
        """Refuse to begin when a role could not be signed in the end."""
        for name in ("snapshot", "timestamp", "bins"):
            role = self._role(name)
            have = sum(1 for keyid in role.keyids if keyid in self._authority.signers)
            if have < role.threshold:
                raise refused("TRU885", name, have=have, need=role.threshold)

    def bins(
        self, changes: Mapping[str, Target | None], *, renew: frozenset[str]
    ) -> tuple[dict[str, int], int]:
        """Write the bins that change; return the versions of all, and how many were written."""
        groups = self._authority.scheme.grouped(changes)
        source = self._source()
        versions: dict[str, int] = {}
        written = 0
        for name in self._authority.scheme.names:
            paths = groups.get(name, ())
            if source is not None and not paths and name not in renew:
                versions[name] = source.versions[name]
                continue
            before = source.bin(name) if source is not None else self._moved(name)
            after = _changed(before, paths, changes)
            if source is not None and after == before and name not in renew:
                versions[name] = source.versions[name]
                continue
            versions[name] = self._before(name) + 1
            self._write_bin(name, versions[name], after, number=written)
            written += 1
        return versions, written

    def snapshot(
        self, versions: Mapping[str, int], written: int, checkpoint: Callable[[str], None]
    ) -> Signed:
        """Write the snapshot, the roots that the site lacks, and at last the timestamp.

        The snapshot goes on naming bins that are no more, after their number changed: clients take a name
        that vanishes for an attack (TUF specification 5.5.5).
        """
        number = self._before("snapshot") + 1
        told = {**(self._state.versions if self._state is not None else {}), **versions}
        meta = {f"{name}.json": {"version": version} for name, version in told.items()}
        snapshot = self._signed_document("snapshot", number, {"meta": meta})
        write_whole(self._site.metadata(f"{number}.snapshot.json"), snapshot)
        checkpoint("timestamp")
        stamp = self._before("timestamp") + 1
        expires = self.write_timestamp(number, snapshot, stamp, checkpoint)
        return Signed(snapshot=number, timestamp=stamp, bins=written, expires=expires)

    def write_timestamp(
        self, number: int, snapshot: bytes, stamp: int, checkpoint: Callable[[str], None]
    ) -> str:
        """Write the timestamp over the snapshot of this *number*; return until when it holds."""
        import hashlib

        digest = hashlib.sha256(snapshot).hexdigest()
        told = {"hashes": {"sha256": digest}, "length": len(snapshot), "version": number}
        timestamp = self._signed_document("timestamp", stamp, {"meta": {"snapshot.json": told}})
        checkpoint("root")
        published = self._state.root_version if self._state is not None else 0
        for version, (data, _) in enumerate(self._authority.chain[published:], published + 1):
            write_whole(self._site.metadata(f"{version}.root.json"), data)
        write_whole(self._site.metadata("timestamp.json"), timestamp)
        return self._expires("timestamp")

    def _write_bin(self, name: str, version: int, targets: Mapping[str, Target], *, number: int) -> None:
        payload = bin_payload(
            targets, name=name, version=version, expires=self._expires("bins"), spec_version=self._spec
        )
        path = self._site.metadata(f"{version}.{name}.json")
        write_whole(path, self._enveloped("bins", payload), durable=number < _EACH_WAITS_FOR_THE_DISK)

    def _signed_document(self, role: str, version: int, told: Mapping[str, object]) -> bytes:
        signed = {
            "_type": role,
            "spec_version": self._spec,
            "version": version,
            "expires": self._expires(role),
            **told,
        }
        return self._enveloped(role, canonical(signed))

    def _enveloped(self, role: str, payload: bytes) -> bytes:
        signers = self._authority.signers
        keyids = [keyid for keyid in self._role(role).keyids if keyid in signers]
        return envelope(payload, [signers[keyid].sign(payload) for keyid in keyids])

    def _role(self, name: str) -> Role:
        return _succinct(self._authority.targets) if name == "bins" else self._authority.root.roles[name]

    def _expires(self, role: str) -> str:
        return (self._now + timedelta(days=self._authority.lifetimes[role])).strftime("%Y-%m-%dT%H:%M:%SZ")

    def _source(self) -> SignedState | None:
        """Return where bins are that may stay as they are: none when their number or their keys changed."""
        if self._state is None:
            return None
        before, now = _succinct(self._state.targets), _succinct(self._authority.targets)
        return self._state if before == now else None

    def _moved(self, name: str) -> dict[str, Target]:
        """Return what is signed for a bin that gets another key, or is new after a change of their number."""
        if self._state is None:
            return {}
        if self._state.scheme == self._authority.scheme:
            return self._state.bin(name)
        if self._regrouped is None:
            self._regrouped = _regrouped(self._state, self._authority.scheme)
        return self._regrouped.get(name, {})

    def _before(self, name: str) -> int:
        """Return the version before the next: the snapshot's word, or the highest that lies on the site."""
        state = self._state
        if state is None:
            return self._highest().get(name, 0)
        own = {"snapshot": state.snapshot_version, "timestamp": state.timestamp_version}
        known = own.get(name, state.versions.get(name))
        return self._highest().get(name, 0) if known is None else known

    def _highest(self) -> Mapping[str, int]:
        if self._on_disk is None:
            self._on_disk = _versions_on_disk(self._site)
        return self._on_disk


def _regrouped(state: SignedState, scheme: BinScheme) -> dict[str, dict[str, Target]]:
    """Return all that is signed, by the bins of another *scheme*."""
    signed = {path: target for name in state.scheme.names for path, target in state.bin(name).items()}
    return {name: {path: signed[path] for path in paths} for name, paths in scheme.grouped(signed).items()}


def _versions_on_disk(site: Site) -> dict[str, int]:
    """Return the highest version of each role that has a file; what nobody counts up to is left out."""
    highest: dict[str, int] = {}
    try:
        names = os.listdir(site.metadata(""))
    except FileNotFoundError:
        return highest
    for name in names:
        version, _, role = name.removesuffix(".json").partition(".")
        if version.isdigit() and len(version) <= _MOST_DIGITS:
            highest[role] = max(highest.get(role, 0), int(version))
    return highest


def _changed(
    before: Mapping[str, Target], paths: Iterable[str], changes: Mapping[str, Target | None]
) -> dict[str, Target]:
    after = dict(before)
    for path in paths:
        target = changes[path]
        if target is None:
            after.pop(path, None)
        else:
            after[path] = target
    return after


def _succinct(targets: Targets) -> SuccinctRoles:
    succinct = targets.delegations.succinct_roles if targets.delegations else None
    if succinct is None:
        raise failed("TRU887", "targets.json", reason="it delegates to no bins")
    return succinct
