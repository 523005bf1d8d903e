"""A signed repository in memory, which a test changes, signs and serves as its attack needs.

What is published is bytes by name, and stays until it is replaced: so a test can hand out older ones, others,
none, or its own. It counts what it is asked for.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import (
    Delegations,
    Metadata,
    MetaFile,
    Role,
    Root,
    Snapshot,
    SuccinctRoles,
    TargetFile,
    Targets,
    Timestamp,
)
from tuf.api.serialization.json import JSONSerializer

from trued.core.tuf_paths import hashed_path
from trued.proof.tuf.port import Answer, Wanted

__all__ = ["NOW", "Simulator"]

NOW = datetime(2030, 5, 1, 12, tzinfo=UTC)
ONLINE = ("timestamp", "snapshot", "bins")
_PREFIX = "bins"


@dataclass
class Simulator:
    """A repository with *bits* for the bins (TAP 15), *root_keys* keys of which *root_threshold* sign."""

    now: datetime = NOW
    bits: int = 1
    root_keys: int = 1
    root_threshold: int = 1
    named: bool = True
    """Whether bins say their own names."""
    keys: dict[str, list[CryptoSigner]] = field(default_factory=dict)
    content: dict[str, bytes] = field(default_factory=dict)
    metadata: dict[str, bytes] = field(default_factory=dict)
    """What is served below the address of the metadata, by name."""
    targets: dict[str, bytes] = field(default_factory=dict)
    """What is served below the base, by name with hash."""
    asked: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    answers: dict[str, Answer] = field(default_factory=dict)
    """What is answered in place of what is published."""

    def __post_init__(self) -> None:
        self.keys["root"] = [CryptoSigner.generate_ed25519() for _ in range(self.root_keys)]
        for role in ("targets", *ONLINE):
            self.keys[role] = [CryptoSigner.generate_ed25519()]
        self.root = Root(expires=self.now + timedelta(days=365), consistent_snapshot=True)
        self.root_signers = list(self.keys["root"])
        self._bind("root", self.root_threshold)
        for role in ("targets", "timestamp", "snapshot"):
            self._bind(role, 1)
        self.top = Targets(expires=self.now + timedelta(days=365))
        self._delegate()
        self.bins = {name: Targets(expires=self.now + timedelta(days=30)) for name in self._roles.get_roles()}
        self.snapshot = Snapshot(expires=self.now + timedelta(days=7))
        self.timestamp = Timestamp(expires=self.now + timedelta(days=1))
        self.publish_root()
        self._sign_all()

    # Keys and root

    def _bind(self, role: str, threshold: int) -> None:
        self.root.roles[role] = Role([], threshold)
        for signer in self.keys[role]:
            self.root.add_key(signer.public_key, role)

    def _delegate(self) -> None:
        key = self.keys["bins"][0].public_key
        self._roles = SuccinctRoles([key.keyid], 1, self.bits, _PREFIX)
        self.top.delegations = Delegations({key.keyid: key}, succinct_roles=self._roles)

    def publish_root(self, signers: Sequence[CryptoSigner] | None = None) -> bytes:
        """Sign the root as it is and serve it; *signers* in place of all root keys."""
        data = signed(self.root, self.root_signers if signers is None else signers)
        self.metadata[f"{self.root.version}.root.json"] = data
        return data

    def new_root(self) -> None:
        """Sign and serve the root as its next version."""
        self.root.version += 1
        self.publish_root()

    def rotate(self, role: str, *, count: int = 1, threshold: int = 1) -> None:
        """Give *role* new keys in a new root; a root is signed by the keys before too."""
        old = self.keys[role]
        self.keys[role] = [CryptoSigner.generate_ed25519() for _ in range(count)]
        if role == "bins":
            self._delegate()
            self.top.version += 1
            return
        self._bind(role, threshold)
        if role == "root":
            self.root_signers = [*old, *self.keys["root"]]
        self.new_root()

    @property
    def trusted_root(self) -> bytes:
        """The first root."""
        return self.metadata["1.root.json"]

    # Content

    def add(self, path: str, content: bytes) -> None:
        """Have *content* as the target *path*, served and in its bin; :meth:`publish` signs it."""
        target = TargetFile.from_data(path, content, ["sha256"])
        self.bins[self.bin_of(path)].targets[path] = target
        self.content[path] = content
        self.targets[hashed_path(path, target.hashes["sha256"])] = content

    def bin_of(self, path: str) -> str:
        """Return the name of the bin that states *path*."""
        return self._roles.get_role_for_target(path)

    def publish(self, *changed: str) -> None:
        """Sign a new state: the bins of the targets *changed* (all without any), snapshot, timestamp."""
        names = {self.bin_of(path) for path in changed} or set(self.bins)
        for name in names:
            self.bins[name].version += 1
        self.snapshot.version += 1
        self.timestamp.version += 1
        self._sign_all()

    def _sign_all(self) -> None:
        if f"{self.top.version}.targets.json" not in self.metadata:
            self.sign_role("targets", self.top)
        for name, role in self.bins.items():
            self.sign_role(name, role)
        self.snapshot.meta = {
            "targets.json": MetaFile(self.top.version),
            **{f"{name}.json": MetaFile(role.version) for name, role in self.bins.items()},
        }
        self.sign_snapshot()

    def sign_role(self, name: str, role: Targets) -> None:
        """Sign and serve a targets role under its version."""
        keys = self.keys["targets" if name == "targets" else "bins"]
        if name != "targets" and self.named:
            role.unrecognized_fields["bin"] = name
        self.metadata[f"{role.version}.{name}.json"] = signed(role, keys)

    def sign_snapshot(self) -> None:
        """Sign and serve snapshot, and the timestamp that names it."""
        data = signed(self.snapshot, self.keys["snapshot"])
        self.metadata[f"{self.snapshot.version}.snapshot.json"] = data
        self.timestamp.snapshot_meta = MetaFile.from_data(self.snapshot.version, data, ["sha256"])
        self.sign_timestamp()

    def sign_timestamp(self) -> None:
        """Sign and serve the timestamp as it is."""
        self.metadata["timestamp.json"] = signed(self.timestamp, self.keys["timestamp"])

    # Attackers

    def stolen(self) -> Simulator:
        """Return a copy in the hands of somebody who has all online keys, but neither root's nor targets'."""
        thief = copy.deepcopy(self)
        for role in ("root", "targets"):
            thief.keys[role] = [CryptoSigner.generate_ed25519() for _ in thief.keys[role]]
        thief.root_signers = thief.keys["root"]
        return thief

    # Serving

    def fetch(self, wanted: Sequence[Wanted], seconds: float) -> Mapping[str, Answer]:
        """Answer as the port of a client does."""
        self.seconds.append(seconds)
        return {one.name: self._answer(one) for one in wanted}

    def _answer(self, wanted: Wanted) -> Answer:
        self.asked.append(wanted.name)
        if wanted.name in self.answers:
            return self.answers[wanted.name]
        body = self.metadata.get(wanted.name)
        if body is None:
            return Answer(is_absent=True)
        return Answer(is_endless=True) if len(body) > wanted.max_bytes else Answer(body=body)


_Role = TypeVar("_Role", Root, Timestamp, Snapshot, Targets)


def signed(role: _Role, signers: Sequence[CryptoSigner]) -> bytes:
    """Return *role* as a metadata file with the signatures of *signers*."""
    found = Metadata(role)
    for signer in signers:
        found.sign(signer, append=True)
    return found.to_bytes(JSONSerializer(compact=True))
