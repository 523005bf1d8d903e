"""The operator's folder: accepted roots, drafts that wait for signatures, where online keys are reached.

It belongs on the machine that publishes, outside of the site. It holds no private key of ``root``; it may
hold the encrypted file of the online key. The roots in it are what the operator's side trusts, not the
site's.
"""

from __future__ import annotations

import os

from trued.core.record import dataclass
from trued.core.whole_file import write_whole
from trued.repository.faults import failed
from trued.repository.file_content import read_if_there

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from securesystemslib.signer import Key, Signer
    from tuf.api.metadata import Metadata, Root, Targets

    from trued.repository.transcript import Transcript

__all__ = ["LIFETIMES", "OperatorFolder", "Settings"]

LIFETIMES: Mapping[str, int] = {"root": 365, "targets": 365, "bins": 30, "snapshot": 7, "timestamp": 1}
"""Days after which each role's metadata expires, where nothing else was said."""

_SETTINGS = "operator.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the operator chose: the index's name, lifetimes in days, the URI of each online key by key id.

    ``rebuild`` says that the signed state of the site is not to be believed at the next signing.
    """

    name: str
    lifetimes: Mapping[str, int]
    signers: Mapping[str, str]
    rebuild: bool = False


@dataclass(frozen=True, slots=True)
class OperatorFolder:
    """The folder at ``path``."""

    path: str

    def settings(self) -> Settings:
        """Return what was chosen. Raises :class:`OperationalError` where no ceremony has begun."""
        import json

        data = read_if_there(os.path.join(self.path, _SETTINGS))
        if data is None:
            raise failed("TRU892", self.path, reason="no ceremony has begun there (trued index init)")
        told = json.loads(data)
        return Settings(
            name=told["name"],
            lifetimes=told["lifetimes"],
            signers=told["signers"],
            rebuild=told["rebuild"],
        )

    def choose(self, settings: Settings) -> None:
        """Write what was chosen."""
        import json

        told = {
            "name": settings.name,
            "lifetimes": dict(settings.lifetimes),
            "signers": dict(settings.signers),
            "rebuild": settings.rebuild,
        }
        os.makedirs(self.path, mode=0o700, exist_ok=True)
        path = os.path.join(self.path, _SETTINGS)
        write_whole(path, json.dumps(told, indent=2, sort_keys=True).encode() + b"\n", mode=0o600)

    @property
    def transcript(self) -> Transcript:
        """The transcript of all ceremonies of this folder."""
        from trued.repository.transcript import Transcript

        return Transcript(self.path)

    # Accepted metadata

    def chain(self) -> list[tuple[bytes, Metadata[Root]]]:
        """Return the accepted roots from the first on, with their bytes; each is signed by the one before.

        Raises:
            OperationalError: when one of them is damaged, or the chain does not hold.

        """
        chain: list[tuple[bytes, Metadata[Root]]] = []
        while (data := read_if_there(self._root(len(chain) + 1))) is not None:
            name = f"{len(chain) + 1}.root.json"
            root = _root_metadata(data, name)
            for delegator in [root, *(one[1] for one in chain[-1:])]:
                _verify(delegator, "root", root, name)
            chain.append((data, root))
        return chain

    def root(self) -> Metadata[Root]:
        """Return the newest accepted root. Raises :class:`OperationalError` where there is none yet."""
        chain = self.chain()
        if not chain:
            raise failed("TRU892", self.path, reason="its first root has not all signatures yet")
        return chain[-1][1]

    def targets(self, root: Metadata[Root] | None = None) -> tuple[bytes, Metadata[Targets]]:
        """Return the accepted delegation to the bins, and its bytes; *root* is the newest, when at hand."""
        from tuf.api.metadata import Metadata, Targets

        data = read_if_there(os.path.join(self.path, "targets.json"))
        if data is None:
            raise failed("TRU892", self.path, reason="its delegation to the bins has not all signatures yet")
        targets: Metadata[Targets] = Metadata[Targets].from_bytes(data)
        _verify(root or self.root(), "targets", targets, "targets.json")
        return data, targets

    def accept(self, *, root: bytes | None, version: int, targets: bytes | None) -> None:
        """Keep what was signed by enough people; the drafts are done with."""
        if root is not None:
            write_whole(self._root(version), root)
        if targets is not None:
            write_whole(os.path.join(self.path, "targets.json"), targets)
        for name in ("root", "targets"):
            if os.path.exists(self._draft(name)):
                os.unlink(self._draft(name))

    # Drafts

    def draft(self, name: str) -> bytes | None:
        """Return the draft of ``root`` or ``targets`` with the signatures so far, ``None`` without one."""
        return read_if_there(self._draft(name))

    def keep_draft(self, name: str, data: bytes) -> None:
        """Write the draft of ``root`` or ``targets``."""
        write_whole(self._draft(name), data)

    def signers(self, keys: Mapping[str, Key], *, passphrase: Callable[[str], bytes]) -> dict[str, Signer]:
        """Open those of *keys*, by key id, that this folder knows how to reach."""
        from securesystemslib.signer import SSlibKey

        from trued.repository.key_file import PublicKey
        from trued.repository.signer import open_signer

        opened: dict[str, Signer] = {}
        for keyid, uri in self.settings().signers.items():
            key = keys.get(keyid)
            if isinstance(key, SSlibKey):
                public = PublicKey(name=keyid[:8], key=key, uri=uri)
                opened[keyid] = open_signer(public, passphrase=passphrase)
        return opened

    def _root(self, version: int) -> str:
        return os.path.join(self.path, "chain", f"{version}.root.json")

    def _draft(self, name: str) -> str:
        return os.path.join(self.path, "draft", f"{name}.json")


def _root_metadata(data: bytes, name: str) -> Metadata[Root]:
    from tuf.api.exceptions import RepositoryError
    from tuf.api.metadata import Metadata, Root

    try:
        return Metadata[Root].from_bytes(data)
    except RepositoryError as error:
        raise failed("TRU887", name, reason=str(error)) from error


def _verify(
    delegator: Metadata[Root], role: str, delegate: Metadata[Root] | Metadata[Targets], name: str
) -> None:
    from tuf.api.exceptions import RepositoryError

    try:
        delegator.signed.verify_delegate(role, delegate.signed_bytes, delegate.signatures)
    except (RepositoryError, ValueError) as error:
        raise failed("TRU887", name, reason=str(error)) from error
