"""The library's updater at work on one index: refreshed once, then asked for targets.

To be imported once :func:`trued.proof.tuf.library.load_tuf` has run.
"""

from __future__ import annotations

from tuf.api.exceptions import DownloadError, RepositoryError
from tuf.api.metadata import Metadata, Root
from tuf.ngclient import Updater, UpdaterConfig

from trued.core.errors import OperationalError
from trued.core.finding import Finding
from trued.proof.tuf.failure import Loading, failure_of
from trued.proof.tuf.fetching import NotYet
from trued.proof.tuf.folder import Mark, Marks
from trued.proof.tuf.loading import load
from trued.proof.tuf.target import Role, RootFacts, State, Target, fingerprint
from trued.proof.tuf.unproven import IndexUnproven

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from tuf.api.metadata import Delegations, TargetFile
    from tuf.ngclient._internal.trusted_metadata_set import TrustedMetadataSet

    from trued.core.limits import Limits
    from trued.proof.tuf.fetching import Fetcher
    from trued.proof.tuf.folder import MetadataFolder

__all__ = ["Updating", "root_facts"]

_TOP = ("root", "timestamp", "snapshot", "targets")
_MARKED = ("timestamp", "snapshot")


class Updating:
    """The library's updater at work.

    What it trusts is in its ``_trusted_set``: nothing else of it tells roles and versions, or takes a time.
    """

    def __init__(
        self,
        name: str,
        *,
        fetcher: Fetcher,
        address: str,
        folder: MetadataFolder,
        root: bytes | None,
        now: datetime,
        limits: Limits,
    ) -> None:
        self._name = name
        self._fetcher = fetcher
        self._folder = folder
        self._now = now
        self._limits = limits
        self._updater = self._begun(address, root)
        self._trusted.reference_time = now
        self._trusted._load_data = load
        self._anchor = fingerprint(root) if root is not None else "the folder's own"
        self._first = self._trusted.root.version

    def _begun(self, address: str, root: bytes | None) -> Updater:
        limits = self._limits
        try:
            return Updater(
                self._folder.path,
                address,
                fetcher=self._fetcher,
                config=UpdaterConfig(
                    max_root_rotations=limits.tuf_root_rotations,
                    max_delegations=limits.tuf_delegations,
                    root_max_length=limits.tuf_root_bytes,
                    timestamp_max_length=limits.tuf_timestamp_bytes,
                    snapshot_max_length=limits.tuf_snapshot_bytes,
                    targets_max_length=limits.tuf_targets_bytes,
                ),
                bootstrap=root,
            )
        except RepositoryError as error:
            raise OperationalError(_bad_root(self._name)) from error
        except OSError as error:
            if root is None and isinstance(error, FileNotFoundError):
                raise OperationalError(_bad_root(self._name)) from error
            raise self._folder.unusable(error) from error

    @property
    def _trusted(self) -> TrustedMetadataSet:
        return self._updater._trusted_set

    def refresh(self) -> None:
        """Bring the top-level roles up to date. Raises as ``TufClient.refresh``."""
        with self._told():
            self._updater.refresh()
        rotations = self._trusted.root.version - self._first
        if rotations >= self._limits.tuf_root_rotations:
            values = {"count": str(rotations)}
            raise OperationalError(Finding(code="TRU862", subject=self._name, values=values))

    def look_up(self, paths: Sequence[str]) -> dict[str, Target | None]:
        """Look for all *paths*: missing roles are noted and fetched together, and then it is tried again."""
        found: dict[str, Target | None] = {}
        waiting = list(paths)
        self._fetcher.gathers = True
        try:
            with self._told():
                while waiting:
                    later = []
                    for path in waiting:
                        try:
                            found[path] = self._target(path, self._updater.get_targetinfo(path))
                        except NotYet:
                            later.append(path)
                    self._fetcher.bring_noted()
                    waiting = later
        finally:
            self._fetcher.gathers = False
        return found

    def _told(self) -> _Telling:
        return _Telling(self)

    def _target(self, path: str, found: TargetFile | None) -> Target | None:
        if found is None:
            self._check_absence(path)
            return None
        chain = [*_TOP[1:3], *self._chain(path)]
        expiries = [self._trusted.root.expires, *(self._trusted[role].expires for role in chain)]
        return Target(
            path=path,
            length=found.length,
            hashes=dict(found.hashes),
            root_version=self._trusted.root.version,
            roles=tuple(f"{role} {self._trusted[role].version}" for role in chain[2:]),
            expires=min(expiries),
            is_hashed=bool(self._trusted.root.consistent_snapshot),
        )

    def _chain(self, path: str) -> list[str]:
        """Return the roles from ``targets`` to the one that states *path*, in the library's own order."""
        waiting: list[list[str]] = [["targets"]]
        visited = set()
        while waiting:
            chain = waiting.pop()
            role = self._trusted.get(chain[-1])
            if role is None or chain[-1] in visited:
                continue
            visited.add(chain[-1])
            if path in role.targets:
                return chain
            delegations = role.delegations
            children = delegations.get_roles_for_target(path) if delegations is not None else ()
            waiting += [[*chain, child] for child, _ in reversed(list(children))]
        return ["targets"]

    def _check_absence(self, path: str) -> None:
        """Refuse a role in another's place: it lacks what the right one has.

        Roles of one key and version cannot be told apart by these, unless the snapshot states their hashes.
        An honest role says its own name (``docs/reference/signed-index.md``), or holds a target of its own.
        """
        waiting, visited = ["targets"], set()
        while waiting:
            parent = waiting.pop()
            role = self._trusted.get(parent)
            if role is None or role.delegations is None or parent in visited:
                continue
            visited.add(parent)
            for child, _ in role.delegations.get_roles_for_target(path):
                waiting.append(child)
                if child in self._trusted and not self._is_itself(child, role.delegations):
                    values = {"role": child, "detail": "nothing in it shows that it is this role"}
                    raise IndexUnproven(Finding(code="TRU853", subject=self._name, values=values))

    def _is_itself(self, name: str, delegations: Delegations) -> bool:
        role = self._trusted.get(name)
        if role is None or self._trusted.snapshot.meta[f"{name}.json"].hashes:
            return True
        said = role.unrecognized_fields.get("bin")
        if said is not None:
            return bool(said == name)
        own = next(iter(role.targets), None)
        return own is not None and name in [one for one, _ in delegations.get_roles_for_target(own)]

    def state(self) -> State:
        """Return what holds now."""
        trusted = self._trusted
        root = self._folder.kept(f"{trusted.root.version}.root.json")
        return State(
            versions={role: trusted[role].version for role in _TOP},
            expiries={role: trusted[role].expires for role in _TOP},
            root=root or b"",
        )

    def compare(self, marks: Marks) -> None:
        """Refuse what is older than what has counted before, even where the library's own files were lost."""
        root = self._trusted.root
        if marks.anchor == self._anchor and root.version < marks.root:
            self._refuse_older("root", root.version, marks.root)
        for role in _MARKED:
            mark = marks.roles.get(role)
            if mark is not None and mark.keys == _keys(root, role):
                version = self._trusted[role].version
                if version < mark.version:
                    self._refuse_older(role, version, mark.version)

    def _refuse_older(self, role: str, version: int, known: int) -> None:
        detail = f"version {version} is older than {known}, which is known"
        values = {"role": role, "detail": detail}
        raise IndexUnproven(Finding(code="TRU851", subject=self._name, values=values))

    def marks(self) -> Marks:
        """Return what is to be remembered of this refresh."""
        root = self._trusted.root
        return Marks(
            seconds=self._now.timestamp(),
            anchor=self._anchor,
            root=root.version,
            roles={
                role: Mark(keys=_keys(root, role), version=self._trusted[role].version) for role in _MARKED
            },
        )

    def failed(self, error: Exception) -> Exception:
        """Return what *error* means."""
        if isinstance(error, OSError):
            return self._folder.unusable(error)
        return failure_of(error, Loading(self._name, self._fetcher.last, self._trusted, self._now))


class _Telling:
    """Turns what the library raises within into findings."""

    def __init__(self, run: Updating) -> None:
        self._run = run

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, (DownloadError, RepositoryError, OSError)):
            raise self._run.failed(error) from error


def _keys(root: Root, role: str) -> tuple[str, ...]:
    return tuple(sorted(root.roles[role].keyids))


def root_facts(data: bytes, *, subject: str) -> RootFacts:
    """Return what a root file says of itself; its own keys must have signed it.

    Raises: OperationalError TRU865 when it is no such file.
    """
    try:
        found: Metadata[Root] = Metadata[Root].from_bytes(data)
        root = found.signed
        root.verify_delegate("root", found.signed_bytes, found.signatures)
    except (RepositoryError, ValueError, AttributeError) as error:  # of another role's metadata
        raise OperationalError(_bad_root(subject)) from error
    return RootFacts(
        version=root.version,
        fingerprint=fingerprint(data),
        expires=root.expires,
        roles=tuple(
            Role(name=name, threshold=role.threshold, keys=tuple(role.keyids))
            for name, role in root.roles.items()
        ),
    )


def _bad_root(subject: str) -> Finding:
    reason = "it is no root of TUF metadata that its own keys have signed"
    return Finding(code="TRU865", subject=subject, values={"reason": reason})
