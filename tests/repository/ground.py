"""What the tests of an index stand on: wheels in a folder, holders with keys, a site, a client."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tuf.ngclient import Updater

from tests.commands.conftest import make_wheel
from trued.core.limits import Limits
from trued.core.names import ProjectName
from trued.core.tuf_paths import page_path
from trued.repository.bins import Target
from trued.repository.ceremony import Rotation, begin, rotate
from trued.repository.check import Checked, check_site
from trued.repository.edit import add_files
from trued.repository.key_file import PublicKey, make_key
from trued.repository.operator_folder import OperatorFolder
from trued.repository.publish import Published, guard_for, publish
from trued.repository.refresh import refresh
from trued.repository.serve import server_of
from trued.repository.signed_state import SignedState, read_state
from trued.repository.signer import open_signer
from trued.repository.signing import Authority, Signed, authority_of
from trued.repository.signing_request import Collected, collect, export, read_request, sign_request
from trued.repository.site import Site

NOW = datetime.now(UTC).replace(microsecond=0)
"""The clock of the tests is that of the machine, since clients look at it by themselves."""
WORD = b"correct horse"
LIMITS = Limits()
DEMO = ProjectName("demo")


def passphrase(_: str) -> bytes:
    return WORD


def wheel_in(folder: Path, name: str = "demo", version: str = "1.0", **made: object) -> str:
    """Write a good wheel and return its path."""
    wheel = make_wheel(name, version, **made)  # type: ignore[arg-type]  # handed on as it was given
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / wheel.filename
    path.write_bytes(wheel.content)
    return str(path)


class Interrupted(Exception):
    """Stands for a power cut at a checkpoint."""


def interrupt_at(wanted: str) -> Callable[[str], None]:
    def checkpoint(name: str) -> None:
        if name == wanted:
            raise Interrupted(name)

    return checkpoint


@dataclass
class Ground:
    """One index of one test."""

    tmp: Path
    holders: dict[str, PublicKey] = field(default_factory=dict)
    now: datetime = NOW

    @property
    def site(self) -> Site:
        return Site(str(self.tmp / "site"))

    @property
    def guarded(self) -> Site:
        state = None if self.folder.settings().rebuild else read_state(self.site, self.folder.chain())
        site = Site(self.site.root, own=self.folder.path)
        return site if state is None else Site(site.root, guard_for(site, state), site.own)

    @property
    def folder(self) -> OperatorFolder:
        return OperatorFolder(str(self.tmp / "keys"))

    @property
    def authority(self) -> Authority:
        return authority_of(self.folder, passphrase=passphrase)

    @property
    def state(self) -> SignedState:
        state = read_state(self.site, self.folder.chain())
        assert state is not None
        return state

    def key(self, name: str) -> PublicKey:
        """Return the key of this holder, made when there is none."""
        if name not in self.holders:
            self.holders[name] = make_key(str(self.tmp / "holders" / name), name, passphrase=WORD, cost=2)
        return self.holders[name]

    def add(self, name: str = "demo", version: str = "1.0", **made: object) -> str:
        """Put a wheel into the pages, and return its path."""
        path = wheel_in(self.tmp / "dist", name, version, **made)
        add_files(self.guarded if self.is_begun else self.site, [path], limits=LIMITS, uploaded=NOW)
        return path

    @property
    def is_begun(self) -> bool:
        return (self.tmp / "keys" / "chain" / "1.root.json").exists()

    def begin(self, *names: str, threshold: int = 2, bits: int = 2) -> None:
        names = names or ("alice", "bob", "carol")
        begin(
            self.folder,
            name="example",
            root_keys=[self.key(name) for name in names],
            threshold=threshold,
            online=self.key("online"),
            bits=bits,
            now=self.now,
        )

    def response(self, name: str) -> tuple[str, bytes]:
        """Return the signatures of this holder over what waits."""
        request = read_request(export(self.folder), name="request")
        return name, sign_request(request, open_signer(self.key(name), passphrase=passphrase))

    def collect(self, *names: str) -> Collected:
        return collect(self.folder, [self.response(name) for name in names], now=self.now)

    def rotate(
        self, role: str, *, add: Iterable[str] = (), remove: Iterable[str] = (), **more: object
    ) -> None:
        rotation = Rotation(
            role=role,
            add=[self.key(name) for name in add],
            remove=[self.key(name).keyid for name in remove],
            **more,  # type: ignore[arg-type]  # handed on as it was given
        )
        rotate(self.folder, rotation, now=self.now)

    def publish(self, *, everything: bool = False, stop: str = "") -> Published:
        return publish(
            Site(self.site.root, own=self.folder.path),
            self.folder,
            authority=self.authority,
            now=self.now,
            everything=everything,
            checkpoint=interrupt_at(stop),
        )

    def refresh(self) -> Signed:
        return refresh(self.site, self.folder, authority=self.authority, now=self.now)

    def later(self, **time: float) -> None:
        self.now += timedelta(**time)

    def check(self, *, full: bool = True) -> Checked:
        scratch = self.tmp / f"scratch-{len(list(self.tmp.glob('scratch-*')))}"
        scratch.mkdir()
        return check_site(self.site, chain=self.folder.chain(), now=self.now, scratch=str(scratch), full=full)

    def codes(self) -> list[str]:
        return sorted(finding.code for finding in self.check().findings)

    def targets(self) -> Mapping[str, Target]:
        state = self.state
        return {path: target for name in state.scheme.names for path, target in state.bin(name).items()}

    @contextmanager
    def client(self, *, root: bytes | None = None) -> Iterator[Client]:
        """Serve the site on 127.0.0.1 and give a client that starts with the first root."""
        server = server_of(self.site)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            trusted = root if root is not None else self.folder.chain()[0][0]
            yield Client(self.tmp / "client", f"http://127.0.0.1:{server.server_address[1]}/", trusted)
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


@dataclass
class Client:
    """python-tuf's own client, which keeps its state from one update to the next."""

    folder: Path
    url: str
    root: bytes

    def updated(self) -> Updater:
        """Return an updater that has refreshed."""
        (self.folder / "targets").mkdir(parents=True, exist_ok=True)
        updater = Updater(
            metadata_dir=str(self.folder / "metadata"),
            metadata_base_url=f"{self.url}metadata/",
            target_dir=str(self.folder / "targets"),
            target_base_url=self.url,
            bootstrap=self.root,
        )
        updater.refresh()
        return updater

    def read(self, path: str) -> bytes | None:
        """Return the verified content of a target, ``None`` when the index has none of this path."""
        updater = self.updated()
        info = updater.get_targetinfo(path)
        if info is None:
            return None
        return Path(updater.download_target(info)).read_bytes()

    def page(self, project: str = "demo") -> bytes | None:
        return self.read(page_path(ProjectName(project), "json"))
