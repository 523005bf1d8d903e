"""What one run works with, made from its settings when it is first needed: target, store, network, clock."""

from __future__ import annotations

import os
import sys
from functools import cached_property

from trued import __version__
from trued.core.limits import Limits
from trued.core.record import Protocol
from trued.operations.watcher import Silent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date, datetime
    from tempfile import TemporaryDirectory
    from typing import Self

    from trued.config.format_control import FormatControl
    from trued.config.settings import Settings
    from trued.core.finding import Finding
    from trued.environment.installed import Installed
    from trued.environment.target import Target
    from trued.index.client import IndexClient
    from trued.index.credentials import CredentialSource
    from trued.index.curl import CurlTransport
    from trued.index.transport import Transport
    from trued.operations.acquire import Acquirer
    from trued.operations.asked import Asked
    from trued.operations.building import Builder
    from trued.operations.offer import Offer
    from trued.operations.proof_rules import ProofRules
    from trued.operations.prover import Prover
    from trued.operations.signed_indexes import SignedIndexes
    from trued.operations.watcher import Watcher
    from trued.policy.exceptions import ExceptionBook
    from trued.proof.known.known_files import KnownFiles
    from trued.requirements.model import FileOptions
    from trued.requirements.url import Credentials

__all__ = ["Session"]


class Session:
    """One run: its *settings*, the environment variables, the working folder, the clock.

    A context manager: leaving it closes connections, and a cache that was not to be kept is removed.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        environ: Mapping[str, str],
        cwd: str,
        clock: Callable[[], datetime],
        watcher: Watcher | None = None,
        command: str = "",
    ) -> None:
        self.settings = settings
        self.environ = environ
        self.cwd = cwd
        self.command = command
        self.watcher: Watcher = watcher or Silent()
        self.started = clock()
        self.clock = clock
        self._client: IndexClient | None = None
        self._temporary: TemporaryDirectory[str] | None = None
        self._installed: dict[str, tuple[Installed, ...]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if "builder" in self.__dict__:
            self.builder.close()
        if "transport" in self.__dict__:
            self.transport.close()
        if "known" in self.__dict__:
            self.known.database.close()
        if self._temporary is not None:
            self._temporary.cleanup()

    @property
    def now(self) -> str:
        """When the run began, RFC 3339 UTC."""
        return self.started.strftime("%Y-%m-%dT%H:%M:%SZ")

    @property
    def started_ns(self) -> int:
        """When the run began, in ns since 1970."""
        return int(self.started.timestamp() * 10**9)

    def clock_seconds(self) -> float:
        """Return the time now, in seconds since 1970."""
        return self.clock().timestamp()

    def share(self, other: Session, *, client: IndexClient) -> None:
        """Take network, credentials, known files and exceptions from *other*, the run that this one is in."""
        shared = ("cache", "credentials", "exceptions", "known", "network", "run_id", "transport")
        self.__dict__.update({name: getattr(other, name) for name in shared})
        self._client = client

    @property
    def cutoff(self) -> datetime | None:
        """The moment that files must have been uploaded before."""
        rule = self.settings.uploaded_prior_to
        return rule.before(self.started) if rule else None

    @cached_property
    def exceptions(self) -> ExceptionBook:
        """The user's exceptions, and which of them this run needed."""
        from trued.policy.exceptions import ExceptionBook

        return ExceptionBook(self.settings.exceptions, today=self._today())

    def _today(self) -> date:
        """Return the day by which exceptions end: a clock that was set back makes none last longer."""
        from datetime import date

        from trued.operations.known import known_path

        today = self.started.date()
        if not self.settings.exceptions or not os.path.exists(known_path(self)):
            return today
        return max(today, date.fromisoformat(self.known.now[:10]))

    @cached_property
    def run_id(self) -> str:
        """What names this run where it is remembered: its time, and a few digits of chance."""
        return f"{self.started.strftime('%Y%m%dT%H%M%SZ')}-{os.urandom(3).hex()}"

    @cached_property
    def known(self) -> KnownFiles:
        """The known files of the user."""
        from trued.operations.known import open_known

        return open_known(self)

    def keep_known(self) -> None:
        """Write down what this run accepted; with ``--dry-run`` nothing. Raises as ``KnownFiles.commit``."""
        if "known" in self.__dict__ and not self.settings.dry_run:
            self.known.commit()

    @cached_property
    def limits(self) -> Limits:
        """The bounds on foreign bytes and time, with what the settings say of them."""
        return Limits(retries=self.settings.retries, connect_seconds=self.settings.timeout)

    @cached_property
    def cache(self) -> str:
        """The cache folder; with ``--no-cache-dir`` one that goes when the session ends."""
        if self.settings.cache_dir is not None:
            return self.settings.cache_dir
        from tempfile import TemporaryDirectory

        self._temporary = TemporaryDirectory(prefix="trued-cache-")
        return self._temporary.name

    @cached_property
    def store(self) -> str:
        """The folder of the store."""
        return os.path.join(self.cache, "store")

    def find_target(self, *, writing: bool) -> Target:
        """Return the environment that is worked on, with nothing half done in it; raises as that module."""
        from trued.environment.target import find_target
        from trued.environment.transaction import finish_leftovers

        settings = self.settings
        target = find_target(
            python=settings.python,
            venv=settings.venv,
            target=settings.target,
            prefix=settings.prefix,
            root=settings.root,
            user=settings.user,
            environ=self.environ,
            cwd=self.cwd,
            cache_folder=self.settings.cache_dir,
            writing=writing,
            break_system_packages=settings.break_system_packages,
            require_virtualenv=settings.require_virtualenv,
        )
        finish_leftovers(target, waiting=self.watcher.waiting)
        if target.is_own:
            self.watcher.own_environment(target.prefix)
        return target

    def find_interpreter(self, *, needed_next: Sequence[str] = ()) -> Target:
        """Return the interpreter files are for, ``--python`` or trued's; import *needed_next* meanwhile."""
        from trued.environment.interpreter import NEEDED_NEXT
        from trued.environment.target import find_target

        return find_target(
            python=self.settings.python or sys.executable,
            environ=self.environ,
            cwd=self.cwd,
            cache_folder=self.settings.cache_dir,
            writing=False,
            needed_next=needed_next or NEEDED_NEXT,
        )

    def installed(self, target: Target) -> tuple[Installed, ...]:
        """Return what is installed in *target*, as it was when first asked."""
        from trued.environment.installed import installed_distributions

        key = target.roots["purelib"]
        if key not in self._installed:
            self._installed[key] = installed_distributions(target.libraries)
        return self._installed[key]

    @cached_property
    def credentials(self) -> CredentialSource:
        """Credentials from URLs, netrc and keyring."""
        from trued.index.credentials import CredentialSource, KeyringProvider

        return CredentialSource(environ=self.environ, keyring=KeyringProvider(self.settings.keyring_provider))

    def remember_credentials(self, url: str, credentials: Credentials) -> None:
        """Use *credentials* for the origin of *url*."""
        from trued.index.url import origin_of

        self.credentials.add(origin_of(url), credentials)

    @cached_property
    def transport(self) -> Transport:
        """The network, on which what signed indexes have is verified. Raises as :attr:`network`."""
        if not self.has_signed:
            return self.network
        from trued.operations.signed_transport import SignedTransport

        return SignedTransport(
            self.network, lambda: self.signed, limits=self.limits, cache=os.path.join(self.cache, "targets")
        )

    @property
    def has_signed(self) -> bool:
        """Whether the metadata of an index is signed."""
        return any(index.trust == "tuf" for index in self.settings.indexes)

    @cached_property
    def signed(self) -> SignedIndexes:
        """The signed indexes. Raises OperationalError when a root cannot be read."""
        from trued.operations.signed_indexes import open_indexes

        return open_indexes(self, lambda: self.network)

    @cached_property
    def network(self) -> CurlTransport:
        """The network as it is. Raises UsageError when a certificate or host setting cannot be used."""
        from trued.index.curl import CurlTransport
        from trued.index.settings import TransportSettings

        settings = self.settings
        return CurlTransport(
            TransportSettings(
                user_agent=f"trued/{__version__}",
                offline=settings.offline,
                limits=self.limits,
                environ=self.environ,
                proxy=settings.proxy,
                use_proxy_environment=not settings.no_proxy_env,
                ca_file=settings.only_cert or settings.cert,
                only_ca_file=settings.only_cert is not None,
                client_certificate=settings.client_cert,
                trusted_hosts=settings.trusted_hosts,
                allowed_hosts=settings.allowed_hosts,
                pins=self.pins,
            ),
            credentials=self.credentials,
        )

    @property
    def pins(self) -> Mapping[str, tuple[str, ...]]:
        """The public keys that hosts may show, by policy."""
        if not self.settings.rules:
            return {}
        from trued.config.proof_rules import pins_of

        return pins_of(self.settings.rules)

    def open_url(self, url: str) -> bytes:
        """Return the body of a requirements file from the network."""
        from trued.index.transport import Request

        bare = self.credentials.remember(url)
        return self.transport.fetch(
            Request(url=bare, max_bytes=self.limits.requirements_bytes, subject=bare)
        ).body

    def formats(self, options: FileOptions) -> FormatControl:
        """Return which formats may be taken, after what requirement files add: in ``strict`` wheels only."""
        from trued.config.format_control import ALL, split_names
        from trued.policy.level import PolicyLevel

        control = self.settings.format_control
        for value in options.formats:
            names = split_names(value.value)
            only = value.name == "--only-binary"
            control = control.with_only_binary(names) if only else control.with_no_binary(names)
        if self.settings.level is PolicyLevel.STRICT:
            return control.with_only_binary([ALL])
        return control

    def client(self, options: FileOptions) -> IndexClient:
        """Return the client of the indexes that settings and requirement files name; made once."""
        if self._client is None:
            from trued.operations.indexes import index_client

            self._client = index_client(self, options)
        return self._client

    def acquirer(
        self, asked: Asked, release: ReleaseFiles, *, keep_archives: str = "", builds: bool = True
    ) -> Acquirer:
        """Return what takes files to verdicts, by this run's policy.

        In the folder *keep_archives* the archives stay, each named by its sha256. Unless it *builds*, source
        distributions are judged as they are.
        """
        from trued.core.names import normalize
        from trued.operations.acquire import Acquirer
        from trued.operations.first_use import unproven_finding

        prover = self._prover(asked, release)

        def unproven(offer: Offer, sha256: str) -> Finding:
            lines, publishers = release.remedy(offer, sha256), prover.publishers_of(offer, sha256)
            return unproven_finding(self, asked, offer, sha256, lines=lines, publishers=publishers)

        return Acquirer(
            store=self.store,
            transport=lambda: self.transport,
            network=lambda: self.network,
            limits=self.limits,
            level=self.settings.level,
            exceptions=self.exceptions,
            unproven=unproven,
            prover=prover,
            hooks_allowed=frozenset(normalize(name) for name in self.settings.allow_startup_hooks),
            now_ns=self.started_ns,
            workers=self.settings.threads or 2,
            keep_archives=keep_archives,
            builder=(lambda: self.builder) if builds else None,
        )

    def _prover(self, asked: Asked, release: ReleaseFiles) -> Prover:
        from trued.operations.checksum_documents import document_reader
        from trued.operations.first_use import accepting
        from trued.operations.known import known_path
        from trued.operations.prover import Prover

        return Prover(
            rules=self.proof_rules,
            known=lambda: self.known,
            known_path=known_path(self),
            transport=lambda: self.transport,
            limits=self.limits,
            level=self.settings.level,
            exceptions=self.exceptions,
            started=self.started,
            now=self.now,
            only_pins=asked.mode.is_on,
            asks=accepting(self, asked),
            listed=release.listed,
            kept=self.provenance,
            locked=asked.publishers,
            documents=lambda: document_reader(self),
            signed=(lambda: self.signed) if self.has_signed else None,
        )

    @property
    def provenance(self) -> str:
        """The folder where provenance is kept that held; empty where all is to be fetched again."""
        return "" if self.settings.refresh else os.path.join(self.cache, "provenance")

    @cached_property
    def builder(self) -> Builder:
        """What builds the sources of this run."""
        from trued.operations.building import Builder

        return Builder(self)

    @cached_property
    def proof_rules(self) -> ProofRules:
        """What the policy says of proofs."""
        from trued.operations.proof_rules import ProofRules

        return ProofRules(self.settings)


class ReleaseFiles(Protocol):
    """Knows what else an index offers of a file's release."""

    def remedy(self, offer: Offer, sha256: str) -> str:
        """Return the lines that would give a file its missing digests."""

    def listed(self, offer: Offer) -> Mapping[str, str]:
        """Return the names of the release's files, each with the sha256 that is claimed, or empty."""
