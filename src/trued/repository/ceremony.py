"""The ceremony: drafts of ``root`` and ``targets``, made at the start and at every change of keys.

PEP 458: root and targets offline, t of n; snapshot, timestamp and bins online, one key may serve all three.
The bins hang from ``targets`` by one succinct delegation (TAP 15).
"""

from __future__ import annotations

from datetime import timedelta

from trued.core.record import dataclass, replace
from trued.core.tuf_paths import BIN_PREFIX
from trued.repository.faults import misused
from trued.repository.operator_folder import LIFETIMES, Settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from tuf.api.metadata import Delegations, Metadata, Role, Root, Targets

    from trued.repository.key_file import PublicKey
    from trued.repository.operator_folder import OperatorFolder

__all__ = ["OFFLINE", "ONLINE", "ROLES", "Rotation", "begin", "bits_for", "rotate"]

ROLES = ("root", "targets", "bins", "snapshot", "timestamp")
OFFLINE = ("root", "targets")
ONLINE = ("snapshot", "timestamp", "bins")
GROUPS: Mapping[str, tuple[str, ...]] = {"online": ONLINE, "offline": OFFLINE}

_TARGETS_IN_A_BIN = 16
_BYTES_OF_TARGET = 220
_BYTES_OF_BIN_IN_SNAPSHOT = 31
_LOOKUPS = 50
_MOST_BITS = 18


def bits_for(targets: int) -> int:
    """Return how many bits of the path's hash choose the bin, for an index of so many targets.

    A new client reads the snapshot (31 bytes a bin) and a bin (220 bytes a target) for each of some fifty
    lookups: the sum is least at the square root of 50 * 220 / 31 * targets. A small index gets fewer, so that
    a bin holds sixteen targets. TAP 15 has no fewer than two bins.
    """
    from math import log2

    if targets <= 2 * _TARGETS_IN_A_BIN:
        return 1
    cheapest = log2(_LOOKUPS * _BYTES_OF_TARGET / _BYTES_OF_BIN_IN_SNAPSHOT * targets) / 2
    return max(1, min(round(cheapest), int(log2(targets / _TARGETS_IN_A_BIN)), _MOST_BITS))


def begin(
    folder: OperatorFolder,
    *,
    name: str,
    root_keys: Sequence[PublicKey],
    threshold: int,
    online: PublicKey,
    bits: int,
    now: datetime,
    lifetimes: Mapping[str, int] | None = None,
) -> None:
    """Draft the first root and the delegation to the bins, for *root_keys* to sign, *threshold* of them.

    Raises:
        UsageError: when the threshold cannot be met, a key is there twice, or a ceremony took place already.

    """
    from tuf.api.metadata import Delegations, Root, SuccinctRoles, Targets

    days = _lifetimes(lifetimes or {}, LIFETIMES)
    _check_threshold("root", len({key.keyid for key in root_keys}), threshold)
    if len({key.keyid for key in root_keys}) != len(root_keys):
        raise misused("TRU899", "root", reason="a key is given twice")
    if online.keyid in {key.keyid for key in root_keys}:
        raise misused(
            "TRU899", "online", reason="the online key may not be a root key: it lies on the server"
        )
    if folder.chain() or folder.draft("root"):
        raise misused("TRU892", folder.path, reason="a ceremony has begun there already")
    root = Root(version=1, expires=now + timedelta(days=days["root"]))
    for role in OFFLINE:
        for key in root_keys:
            root.add_key(key.key, role)
        root.roles[role].threshold = threshold
    for role in ("snapshot", "timestamp"):
        root.add_key(online.key, role)
    _name_holders(root, root_keys)
    delegations = Delegations(
        keys={online.keyid: online.key},
        succinct_roles=SuccinctRoles([online.keyid], 1, bits, BIN_PREFIX),
    )
    targets = Targets(version=1, expires=now + timedelta(days=days["targets"]), delegations=delegations)
    folder.choose(Settings(name=name, lifetimes=days, signers={online.keyid: online.uri}))
    _draft(folder, root, targets)
    folder.transcript.add(
        "begin",
        now=now,
        name=name,
        threshold=threshold,
        holders={key.keyid: key.name for key in root_keys},
        online=online.keyid,
        bins=2**bits,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """One change of keys: of ``role``, or of all roles of ``online`` or ``offline``.

    ``remove`` names key ids or beginnings of them. ``bits`` changes the number of bins. Without any change
    the metadata is drafted anew with a later expiry.
    """

    role: str
    add: Sequence[PublicKey] = ()
    remove: Sequence[str] = ()
    threshold: int | None = None
    bits: int | None = None
    lifetimes: Mapping[str, int] | None = None


def rotate(folder: OperatorFolder, rotation: Rotation, *, now: datetime) -> tuple[str, ...]:
    """Draft what the change needs, and return what that is: ``root``, ``targets`` or both.

    A draft that waits for signatures is changed further, and loses the signatures it has.

    Raises:
        UsageError: when the change leaves a role without enough keys.

    """
    settings = folder.settings()
    days = _lifetimes(rotation.lifetimes or {}, settings.lifetimes)
    root, targets = _root_to_change(folder), _targets_to_change(folder)
    roles = GROUPS.get(rotation.role, (rotation.role,))
    if not set(roles) <= set(ROLES):
        raise misused("TRU899", rotation.role, reason=f"a role is one of {', '.join((*ROLES, *GROUPS))}")
    for role in roles:
        _change(_holder(role, root, targets), role, rotation)
    _keep_apart(root, targets)
    _name_holders(root, rotation.add if set(roles) & set(OFFLINE) else ())
    delegations = _delegations(targets)
    if rotation.bits is not None and delegations.succinct_roles is not None:
        succinct = delegations.succinct_roles
        delegations.succinct_roles = type(succinct)(
            succinct.keyids, succinct.threshold, rotation.bits, succinct.name_prefix
        )
    wanted = _wanted(roles, rotation, folder)
    root.expires = now + timedelta(days=days["root"])
    targets.expires = now + timedelta(days=days["targets"])
    online = rotation.add if set(roles) & set(ONLINE) else ()
    signers = dict(settings.signers) | {key.keyid: key.uri for key in online}
    folder.choose(replace(settings, lifetimes=days, signers=signers))
    _draft(folder, root if "root" in wanted else None, targets if "targets" in wanted else None)
    folder.transcript.add(
        "rotate",
        now=now,
        role=rotation.role,
        added=[key.keyid for key in rotation.add],
        removed=list(rotation.remove),
        drafted=list(wanted),
    )
    return wanted


def _wanted(roles: Sequence[str], rotation: Rotation, folder: OperatorFolder) -> tuple[str, ...]:
    """Return which documents have to be signed: the delegation too, when its keys or signers change."""
    root = bool(set(roles) & {"root", "targets", "snapshot", "timestamp"}) or folder.draft("root") is not None
    targets = bool(set(roles) & {"targets", "bins"}) or rotation.bits is not None
    targets = targets or folder.draft("targets") is not None
    return tuple(name for name, one in (("root", root), ("targets", targets)) if one)


def _holder(role: str, root: Root, targets: Targets) -> Root | Targets:
    return targets if role == "bins" else root


def _change(holder: Root | Targets, role: str, rotation: Rotation) -> None:
    from tuf.api.metadata import Root

    at = None if not isinstance(holder, Root) else role
    current = _role(holder, role)
    for beginning in rotation.remove:
        matching = [keyid for keyid in current.keyids if keyid.startswith(beginning)]
        if len(matching) != 1:
            raise misused("TRU899", beginning, reason=f"{role} has {len(matching)} keys that begin so")
        _revoke(holder, matching[0], at)
    for key in rotation.add:
        if isinstance(holder, Root):
            holder.add_key(key.key, role)
        else:
            holder.add_key(key.key)
    if rotation.threshold is not None and role != "bins":
        current.threshold = rotation.threshold
    _check_threshold(role, len(current.keyids), current.threshold)


def _revoke(holder: Root | Targets, keyid: str, role: str | None) -> None:
    from tuf.api.metadata import Root

    if isinstance(holder, Root):
        holder.revoke_key(keyid, str(role))
    else:
        holder.revoke_key(keyid)


def _role(holder: Root | Targets, role: str) -> Role:
    from tuf.api.metadata import Root

    if isinstance(holder, Root):
        return holder.roles[role]
    succinct = _delegations(holder).succinct_roles
    if succinct is None:
        raise misused("TRU899", role, reason="the bins are not delegated as trued index does")
    return succinct


def _delegations(targets: Targets) -> Delegations:
    if targets.delegations is None:
        raise misused("TRU899", "targets", reason="it delegates to no bins")
    return targets.delegations


def _root_to_change(folder: OperatorFolder) -> Root:
    from tuf.api.metadata import Metadata, Root

    waiting = folder.draft("root")
    if waiting is not None:
        return Metadata[Root].from_bytes(waiting).signed
    root = folder.root().signed
    root.version += 1
    return root


def _targets_to_change(folder: OperatorFolder) -> Targets:
    from tuf.api.metadata import Metadata, Targets

    waiting = folder.draft("targets")
    if waiting is not None:
        return Metadata[Targets].from_bytes(waiting).signed
    targets = folder.targets()[1].signed
    targets.version += 1
    return targets


def _draft(folder: OperatorFolder, root: Root | None, targets: Targets | None) -> None:
    """Write the drafts without signatures; the root first, since without it nothing has begun."""
    from tuf.api.metadata import Metadata
    from tuf.api.serialization.json import JSONSerializer

    compact = JSONSerializer(compact=True)
    if targets is not None:
        document: Metadata[Targets] = Metadata(targets)
        folder.keep_draft("targets", document.to_bytes(compact))
    if root is not None:
        drafted: Metadata[Root] = Metadata(root)
        folder.keep_draft("root", drafted.to_bytes(compact))


def _name_holders(root: Root, keys: Sequence[PublicKey]) -> None:
    """Write who holds each key beside it; the specification lets keys carry fields of one's own."""
    for key in keys:
        if key.keyid in root.keys:
            root.keys[key.keyid].unrecognized_fields["x-trued-holder"] = key.name


def _check_threshold(role: str, keys: int, threshold: int) -> None:
    if not 1 <= threshold <= keys:
        raise misused("TRU899", role, reason=f"{threshold} of {keys} keys can never sign")


def _keep_apart(root: Root, targets: Targets) -> None:
    """Refuse a key that would sign online and for root: whoever takes the server would have both."""
    online = {*root.roles["snapshot"].keyids, *root.roles["timestamp"].keyids}
    online |= set(_role(targets, "bins").keyids)
    for keyid in sorted(online & {*root.roles["root"].keyids, *root.roles["targets"].keyids}):
        raise misused("TRU899", keyid[:16], reason="a key on the server may not be a root key")


def _lifetimes(given: Mapping[str, int], known: Mapping[str, int]) -> dict[str, int]:
    for role, days in given.items():
        if role not in ROLES or days < 1:
            raise misused("TRU899", f"{role}={days}", reason="it is to be a role and a number of days")
    return {**known, **given}
