"""Unpacking: every member inflated once, hashed on the way, and compared with RECORD."""

from __future__ import annotations

import hashlib

from trued.core.record import Protocol
from trued.wheel.faults import Faults
from trued.wheel.hooks import LARGEST_LINES_FILE, hooks_among
from trued.wheel.inflate import CHUNK, DamagedMember, chunks, content
from trued.wheel.model import VerifiedWheel

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import TypeAlias

    from trued.wheel.model import Member, OpenWheel

    Half: TypeAlias = tuple[dict[str, str], dict[str, bytes]]
    """The digests and the kept contents of some members, by path."""

    Share: TypeAlias = Callable[[Callable[[], Half | None]], Callable[[], Half | None]]
    """Begins a work elsewhere, what it gives to the sink included, and returns what waits for its result.

    That has to be called, and raises what the work raised.
    """

__all__ = ["DAMAGE_CODES", "MemberWriter", "Sink", "unpack"]

_MEMBER_COST = 10_000
_WORTH_SHARING = 8_000_000
"""Costs are in bytes of content; what every file costs besides is as much as that of so many bytes."""

DAMAGE_CODES = {"data": "TRU235", "size": "TRU235", "crc": "TRU236"}
"""The code of each reason that a :class:`~trued.wheel.inflate.DamagedMember` gives."""


class MemberWriter(Protocol):
    """Takes one large member, piece by piece."""

    def write(self, piece: bytes, /) -> object:
        """Keep *piece*, all of it."""

    def close(self) -> object:
        """Finish: the member is complete and verified, or the wheel is being refused."""


class Sink(Protocol):
    """Where members go. Called from several threads at once when ``unpack`` is given more than one.

    What it was given is good only once ``unpack`` has returned: a sink keeps it apart until then.
    """

    def put(self, member: Member, content: bytes, /) -> object:
        """Keep the whole *content* of a small member; it is verified already."""

    def begin(self, member: Member, /) -> MemberWriter:
        """Return the writer for a large member; it is verified only when ``unpack`` has returned."""


def unpack(wheel: OpenWheel, sink: Sink, *, threads: int = 1, share: Share | None = None) -> VerifiedWheel:
    """Inflate each member once into *sink*, comparing size, checksum and digest.

    Nothing more is given to the sink after the first fault, but the rest is still verified, so that all
    faults are told. What the sink raises is raised on. Inflating and hashing release the interpreter lock.
    A large wheel is worked on from two sides where *share* is given.

    Raises:
        Refused: with every fault found; the sink's content is then worthless.

    """
    run = _Unpacking(wheel, sink)
    if threads > 1 and len(wheel.members) > 1:
        run.work_in_threads(threads)
    elif share is not None and _cost(wheel.members) > _WORTH_SHARING:
        run.work_shared(share)
    else:
        run.work(iter(wheel.members))
    run.faults.raise_if_any()
    sha256s = run.sha256s
    members = tuple(
        member if member.sha256 else member._replace(sha256=sha256s[member.path]) for member in wheel.members
    )
    hooks = hooks_among(wheel.hook_candidates, project=wheel.project, sha256s=sha256s, contents=run.kept)
    return VerifiedWheel._create(wheel=wheel, members=members, hooks=hooks)


def _cost(members: Sequence[Member]) -> int:
    return sum([member.size for member in members]) + _MEMBER_COST * len(members)


class _Unpacking:
    """The state of one call of :func:`unpack`: what was found so far."""

    def __init__(self, wheel: OpenWheel, sink: Sink, faults: Faults | None = None) -> None:
        self.faults = Faults(wheel.filename) if faults is None else faults
        self.faults_only = False
        self.sha256s: dict[str, str] = {}
        self.kept: dict[str, bytes] = {}
        self._wheel = wheel
        self._data = wheel.data
        self._sink = sink
        self._wanted = frozenset(
            member.path for member in wheel.hook_candidates if member.path.lower().endswith(".pth")
        )

    def work(self, members: Iterator[Member]) -> None:
        """Unpack *members* until none is left; several threads may share one iterator."""
        for member in members:
            try:
                if member.size <= CHUNK:
                    self._small(member)
                else:
                    self._large(member)
            except DamagedMember as damage:
                self.faults.add(DAMAGE_CODES[damage.reason], path=member.path)

    def work_shared(self, share: Share) -> None:
        """Have the second half of the members, by cost, unpacked elsewhere at the same time."""
        members = self._wheel.members
        half, middle = _cost(members) / 2, 0
        while half > 0:
            half -= _cost(members[middle : middle + 1])
            middle += 1
        others = members[middle:]
        result = share(lambda: self._half(others))
        try:
            self.work(iter(members[:middle]))
        finally:
            found = result()
        if found is None:
            # Nothing is kept of a wheel with faults: they are looked for once more, to be told.
            again = _Unpacking(self._wheel, self._sink, self.faults)
            again.faults_only = True
            again.work(iter(others))
        else:
            self.sha256s.update(found[0])
            self.kept.update(found[1])

    def _half(self, members: Sequence[Member]) -> Half | None:
        """Unpack *members* in another process; ``None`` says that there are faults."""
        self.work(iter(members))
        return None if self.faults else (self.sha256s, self.kept)

    def work_in_threads(self, count: int) -> None:
        """Share the members among *count* threads, the largest first so that all end together."""
        import threading

        shared = iter(sorted(self._wheel.members, key=lambda member: -member.packed.packed_size))
        failures: list[BaseException] = []

        def work() -> None:
            try:
                self.work(shared)
            except BaseException as error:  # noqa: BLE001 - raised on in the calling thread
                failures.append(error)
                for _ in shared:
                    pass

        workers = [threading.Thread(target=work, daemon=True) for _ in range(count - 1)]
        for worker in workers:
            worker.start()
        work()
        for worker in workers:
            worker.join()
        if failures:
            raise failures[0]

    def _small(self, member: Member) -> None:
        found = content(self._data, member.packed)
        sha256 = hashlib.sha256(found).hexdigest()
        self.sha256s[member.path] = sha256
        if member.path in self._wanted and len(found) <= LARGEST_LINES_FILE:
            self.kept[member.path] = found
        if member.digest is not None:
            algorithm, expected = member.digest
            if (sha256 if algorithm == "sha256" else hashlib.new(algorithm, found).hexdigest()) != expected:
                self.faults.add("TRU268", path=member.path, algorithm=algorithm)
        if not (self.faults or self.faults_only):
            self._sink.put(member, found)

    def _large(self, member: Member) -> None:
        hashers = {"sha256": hashlib.sha256()}
        if member.digest is not None and member.digest[0] not in hashers:
            hashers[member.digest[0]] = hashlib.new(member.digest[0])
        writer = None if self.faults or self.faults_only else self._sink.begin(member)
        try:
            for piece in chunks(self._data, member.packed):
                for hasher in hashers.values():
                    hasher.update(piece)
                if writer is not None:
                    writer.write(piece)
        finally:
            if writer is not None:
                writer.close()
        self.sha256s[member.path] = hashers["sha256"].hexdigest()
        if member.digest is not None and hashers[member.digest[0]].hexdigest() != member.digest[1]:
            self.faults.add("TRU268", path=member.path, algorithm=member.digest[0])
